#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#
# Binding a device to its bus driver and unbinding it, by hand.
# shellcheck source=tests/conformance/lib.sh
. "$(dirname "$0")/lib.sh"

driver=$bus/drivers/vfio_mdev
device=$parent/$uuid1

same 'a device is made' ok "$(create mtty-1 $uuid1)"
same 'and bound' vfio_mdev "$(basename "$(readlink "$device/driver")")"

same 'the device can be unbound' ok "$(put $uuid1 "$driver/unbind")"
same 'it then has no driver' no "$(there "$device/driver")"
same 'nor a group' no "$(there "$device/iommu_group")"
same 'nor does the driver have a device' 'bind module uevent unbind' "$(entries "$driver")"
same 'its uevent file tells of no driver' '' "$(get "$device/uevent")"
same 'unbinding it again is refused' ENODEV "$(put $uuid1 "$driver/unbind")"

same 'the device can be bound' ok "$(put $uuid1 "$driver/bind")"
same 'it has its driver again' vfio_mdev "$(basename "$(readlink "$device/driver")")"
same 'and a group' yes "$(there "$device/iommu_group")"

same 'binding a device that is not there is refused' ENODEV "$(put $uuid2 "$driver/bind")"
same 'unbinding one that is not there is refused' ENODEV "$(put $uuid2 "$driver/unbind")"
same 'probing one that is not there is refused' ENODEV "$(put $uuid2 "$bus/drivers_probe")"

same 'probing by itself can be turned off' ok "$(put 0 "$bus/drivers_autoprobe")"
same 'a device is then made' ok "$(create mtty-1 $uuid2)"
same 'without a driver' no "$(there "$parent/$uuid2/driver")"
same 'until it is probed' ok "$(put $uuid2 "$bus/drivers_probe")"
same 'which binds it' vfio_mdev "$(basename "$(readlink "$parent/$uuid2/driver")")"
same 'probing by itself can be turned on again' ok "$(put 1 "$bus/drivers_autoprobe")"

same 'a device can be unbound' ok "$(put $uuid2 "$driver/unbind")"
same 'and removed without a driver' ok "$(remove $uuid2)"
same 'which leaves the other' "$uuid1" "$(devices)"

finish
