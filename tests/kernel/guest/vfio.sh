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

same 'a driver that reaches its user is there' ok "$(outcome modprobe pinner)"
echo $uuid1 >/sys/devices/virtual/pinner/pinner/mdev_supported_types/pinner-1/create
vfio_abi pinner /sys /dev/vfio $uuid1
same 'the program ends well' 0 $?
same 'the driver can be unloaded' ok "$(outcome rmmod pinner)"
