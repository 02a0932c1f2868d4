#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#
# Steps 2 to 8 of the sample's tour in Linux's documentation of mediated devices.
# shellcheck source=tests/kernel/guest/lib.sh
. "$(dirname "$0")/lib.sh"

dmesg -c >/tmp/boot.log
modprobe mtty
same 'a device is created' ok "$(put $uuid1 $types/mtty-2/create)"

# In the inner guest, scripts/guest/demo does steps 4 to 7.
echo '# the guest of the guest'
/qemu/lib/ld-linux-x86-64.so.2 --library-path /qemu/lib /qemu/qemu-system-x86_64 -L /qemu/share \
	-nodefaults -no-user-config -display none -vga none -accel tcg -cpu max -m 256 \
	-serial stdio -no-reboot -kernel /qemu/vmlinuz -initrd /qemu/initramfs \
	-append 'console=ttyS0 quiet panic=-1 umdev.run=demo' \
	-device vfio-pci,sysfsdev=/sys/bus/mdev/devices/$uuid1 </dev/null 2>&1 |
	tee /tmp/inner | sed 's/^/# /'

# seen PATTERN: "yes" if the inner guest showed it.
seen()
{
	if grep -qE "$1" /tmp/inner; then
		echo yes
	else
		echo no
	fi
}

same 'the guest sees the card' yes "$(seen 'Serial controller: .*4348:3253')"
same 'its kernel finds two ports' '2' "$(grep -cE '^\[.*0000:00:.*: ttyS[0-9]+ at I/O .* is a 16550A' /tmp/inner)"
same 'what is sent comes back' yes "$(seen '^hello, mediated world')"
same 'and the guest is content' yes "$(seen '^\[guest done 0\]')"
same 'the device is destroyed' ok "$(put 1 $bus/devices/$uuid1/remove)"
sh "$(dirname "$0")/log.sh"
