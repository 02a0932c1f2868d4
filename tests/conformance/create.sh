#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#
# Making a device, and all that then shows of it.
# shellcheck source=tests/conformance/lib.sh
. "$(dirname "$0")/lib.sh"

device=$parent/$uuid1

same 'a UUID written to create, with its newline, makes a device' ok "$(create mtty-1 $uuid1)"

same 'the parent now shows the device' '.
./83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
./83b8f4f2-509f-382f-3c1e-e6bfe0fa1001/driver
./83b8f4f2-509f-382f-3c1e-e6bfe0fa1001/iommu_group
./83b8f4f2-509f-382f-3c1e-e6bfe0fa1001/mdev_type
./83b8f4f2-509f-382f-3c1e-e6bfe0fa1001/remove
./83b8f4f2-509f-382f-3c1e-e6bfe0fa1001/subsystem
./83b8f4f2-509f-382f-3c1e-e6bfe0fa1001/uevent
./83b8f4f2-509f-382f-3c1e-e6bfe0fa1001/vendor
./83b8f4f2-509f-382f-3c1e-e6bfe0fa1001/vendor/sample_mdev_dev
./mdev_supported_types
./mdev_supported_types/mtty-1
./mdev_supported_types/mtty-1/available_instances
./mdev_supported_types/mtty-1/create
./mdev_supported_types/mtty-1/device_api
./mdev_supported_types/mtty-1/devices
./mdev_supported_types/mtty-1/devices/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
./mdev_supported_types/mtty-1/name
./mdev_supported_types/mtty-2
./mdev_supported_types/mtty-2/available_instances
./mdev_supported_types/mtty-2/create
./mdev_supported_types/mtty-2/device_api
./mdev_supported_types/mtty-2/devices
./mdev_supported_types/mtty-2/name
./mtty_dev
./mtty_dev/sample_mtty_dev
./subsystem
./uevent' "$(tree "$parent")"

same 'the bus links to the device' \
	"../../../devices/virtual/mtty/mtty/$uuid1" "$(readlink "$bus/devices/$uuid1")"
same 'the device links to its type' '../mdev_supported_types/mtty-1' "$(readlink "$device/mdev_type")"
same 'the type links to the device' "../../../$uuid1" "$(readlink "$types/mtty-1/devices/$uuid1")"
same 'the other type does not' '' "$(entries "$types/mtty-2/devices")"
same 'the device links to its driver' \
	'../../../../../bus/mdev/drivers/vfio_mdev' "$(readlink "$device/driver")"
same 'the driver links to the device' \
	"../../../../devices/virtual/mtty/mtty/$uuid1" "$(readlink "$bus/drivers/vfio_mdev/$uuid1")"
same 'the device links to its bus' '../../../../../bus/mdev' "$(readlink "$device/subsystem")"

group=$(readlink "$device/iommu_group")
number=${group##*/}
same 'the device links to an IOMMU group' \
	"../../../../../kernel/iommu_groups/$number" "$group"
same 'the group has a number' '' "$(printf '%s' "$number" | tr -d 0-9)"
same 'the group links to the device' "../../../../devices/virtual/mtty/mtty/$uuid1" \
	"$(readlink "$root/kernel/iommu_groups/$number/devices/$uuid1")"
same 'the group holds nothing else' "$uuid1" "$(entries "$root/kernel/iommu_groups/$number/devices")"
same 'the vfio class has a node of the same number' \
	"../../devices/virtual/vfio/$number" "$(readlink "$root/class/vfio/$number")"
same 'the node tells its device numbers' '' \
	"$(get "$root/class/vfio/$number/dev" | sed 's/^[0-9][0-9]*:[0-9][0-9]*$//')"

same 'the remove file is for root to write' 200 "$(mode "$device/remove")"
same 'the remove file cannot be read, even by root' EACCES "$(get "$device/remove")"
same 'the uevent file tells the driver' 'DRIVER=vfio_mdev' "$(get "$device/uevent")"
same "the vendor's attribute is for all to read" 444 "$(mode "$device/vendor/sample_mdev_dev")"
same "the vendor's attribute can be read" ok "$(outcome sh -c "cat '$device/vendor/sample_mdev_dev' >/dev/null")"

same 'one single-port device takes one of 24 ports' 23 "$(available mtty-1)"
same 'and leaves 11 pairs' 11 "$(available mtty-2)"

same 'capital digits and no newline will do' ok \
	"$(put 83B8F4F2-509F-382F-3C1E-E6BFE0FA1002 "$types/mtty-2/create")"
same 'the name is in small letters all the same' "$uuid1 $uuid2" "$(devices)"
same 'the type of the second device is the one written to' mtty-2 \
	"$(basename "$(readlink "$bus/devices/$uuid2/mdev_type")")"
same 'a dual-port device takes two ports more' 21 "$(available mtty-1)"
same 'and leaves 10 pairs' 10 "$(available mtty-2)"
second=$(readlink "$bus/devices/$uuid2/iommu_group")
same 'each device has a group of its own' different \
	"$([ "$second" != "$group" ] && echo different || echo "both in $group")"

finish
