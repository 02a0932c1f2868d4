# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# shellcheck shell=sh
#
# A program uses a device through /dev/vfio (rows M14, M20, M24).
# shellcheck source=tests/kernel/guest/lib.sh
. "$(dirname "$0")/lib.sh"

echo $uuid1 >$types/mtty-2/create
vfio_abi mtty /sys /dev/vfio $uuid1
same 'the program ends well' 0 $?
same 'the device can be removed after it' ok "$(put 1 $bus/devices/$uuid1/remove)"
same 'and its group goes with it' '' "$(ls /sys/kernel/iommu_groups)"

# try_driver NAME PARENT TYPE: load a driver, let the program use a device of it, and unload it.
try_driver()
{
	same "$1 loads" ok "$(outcome modprobe "$1")"
	echo $uuid1 >"/sys/devices/$2/mdev_supported_types/$3/create"
	vfio_abi "$1" /sys /dev/vfio $uuid1
	same 'the program ends well' 0 $?
	# Few kernels are configured for this way.
	if [ -e /dev/vfio/devices ]; then
		vfio_abi --iommufd "$1" /sys /dev/vfio $uuid1
		same 'it ends well with iommufd, too' 0 $?
	fi
	same "$1 can be unloaded" ok "$(outcome rmmod "$1")"
}

# For the virtual machines of the pinner's user. The debugging kernel has none.
if [ -e "/lib/modules/$(uname -r)/kvm.ko" ]; then
	same 'KVM loads' ok "$(outcome modprobe kvm-amd)"
fi
try_driver medu platform/medu medu-vendor
try_driver pinner virtual/pinner/pinner pinner-1
