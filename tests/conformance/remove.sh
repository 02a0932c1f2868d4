#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#
# Removing devices, and that nothing is left of them.
# shellcheck source=tests/conformance/lib.sh
. "$(dirname "$0")/lib.sh"

before=$(tree "$parent")
same 'a device is made' ok "$(create mtty-1 $uuid1)"
same 'a second device is made' ok "$(create mtty-2 $uuid2)"
group=$(basename "$(readlink "$bus/devices/$uuid2/iommu_group")")

same 'the second is removed through the bus' ok "$(put 1 "$bus/devices/$uuid2/remove")"
same 'the first is still there' "$uuid1" "$(devices)"
same 'the group of the second is gone' no "$(there "$root/kernel/iommu_groups/$group")"
same 'and so is its node' no "$(there "$root/class/vfio/$group")"
same 'its ports are free again' '23 11' "$(available mtty-1) $(available mtty-2)"

# Keep attributes open while their device goes.
exec 3<"$parent/$uuid1/vendor/sample_mdev_dev" 4>"$parent/$uuid1/remove"
same 'the first is removed through its parent' ok "$(putline 1 "$parent/$uuid1/remove")"
same 'reading an attribute that went answers ENODEV' ENODEV "$(errno_name "$(cat <&3 2>&1)")"
same 'writing an attribute that went answers ENODEV' ENODEV \
	"$(errno_name "$({ echo 1 | cat >&4; } 2>&1)")"
exec 3<&- 4>&-

same 'the parent is as it was' "$before" "$(tree "$parent")"
same 'the bus has no devices' '' "$(devices)"
same 'the driver has no devices' 'bind module uevent unbind' "$(entries "$bus/drivers/vfio_mdev")"
same 'all ports are free' '24 12' "$(available mtty-1) $(available mtty-2)"
same 'a device that is gone cannot be removed' ENOENT "$(put 1 "$bus/devices/$uuid1/remove")"
same 'its name leads nowhere' no "$(there "$bus/devices/$uuid1")"

same 'a UUID can be used again' ok "$(create mtty-2 $uuid1)"
same 'with another type than before' mtty-2 "$(basename "$(readlink "$bus/devices/$uuid1/mdev_type")")"
same 'and removed again' ok "$(remove $uuid1)"
same 'with nothing left of it' "$before" "$(tree "$parent")"

finish
