# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# shellcheck shell=sh
#
# A mediated virtio device, driven by the kernel's own virtio-rng from inside (row M18).
# shellcheck source=tests/kernel/guest/lib.sh
. "$(dirname "$0")/lib.sh"

rng=/sys/class/misc/hw_random

# in_a_row: "yes" if the numbers are, each one more than the one before.
in_a_row()
{
	awk '{
		for (i = 1; i <= NF; i++)
			if (count++ && $i != (last + 1) % 256)
				wrong = 1
			else
				last = $i
	}
	END { print count == 16 && !wrong ? "yes" : "no: " $0 }'
}

same 'mvrng loads, to give numbers in a row' ok "$(outcome modprobe mvrng counting=1)"
same 'a bus driver for virtio is found by its class' ok "$(outcome modprobe mdev:c02)"
same 'namely virtio_mdev' yes "$([ -d /sys/bus/mdev/drivers/virtio_mdev ] && echo yes || echo no)"
same 'a device is made' ok "$(put $uuid1 /sys/devices/platform/mvrng/mdev_supported_types/mvrng-rng/create)"
same 'and bound' virtio_mdev "$(basename "$(readlink $bus/devices/$uuid1/driver)")"
same 'its uevent tells its class' 'MODALIAS=mdev:c02' "$(grep MODALIAS $bus/devices/$uuid1/uevent)"
same "the kernel's driver loads" ok "$(outcome modprobe virtio-rng)"
same 'and has a source of entropy' virtio_rng.0 "$(cut -d ' ' -f 1 $rng/rng_available)"
same 'which it is given' yes "$(timeout $limit dd if=/dev/hwrng bs=16 count=1 2>/dev/null |
	od -An -v -tu1 | tr '\n' ' ' | in_a_row)"
same 'the device can be removed' ok "$(put 1 $bus/devices/$uuid1/remove)"
same 'and the source goes with it' none "$(cat $rng/rng_current)"
same 'mvrng can be unloaded' ok "$(outcome rmmod mvrng)"
same 'and virtio_mdev' ok "$(outcome rmmod virtio_mdev)"
same 'and the driver' ok "$(outcome modprobe -r virtio-rng)"
