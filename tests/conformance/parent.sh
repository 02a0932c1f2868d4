#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#
# A parent device, its types, its class and the mdev bus, before any device is made.
# shellcheck source=tests/conformance/lib.sh
. "$(dirname "$0")/lib.sh"

same 'the parent shows its groups and its types' '.
./mdev_supported_types
./mdev_supported_types/mtty-1
./mdev_supported_types/mtty-1/available_instances
./mdev_supported_types/mtty-1/create
./mdev_supported_types/mtty-1/device_api
./mdev_supported_types/mtty-1/devices
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

same 'the mdev_bus class links to the parent' \
	'../../devices/virtual/mtty/mtty' "$(readlink "$root/class/mdev_bus/mtty")"
same 'the mdev_bus class holds nothing else' 'mtty' "$(entries "$root/class/mdev_bus")"
same "the parent's own class links to it" \
	'../../devices/virtual/mtty/mtty' "$(readlink "$root/class/mtty/mtty")"
same 'the parent links to its class' '../../../../class/mtty' "$(readlink "$parent/subsystem")"

same 'mtty-1 has one port' 'Single port serial' "$(get "$types/mtty-1/name")"
same 'mtty-2 has two ports' 'Dual port serial' "$(get "$types/mtty-2/name")"
same 'mtty-1 is offered 24 times' 24 "$(available mtty-1)"
same 'mtty-2 is offered 12 times' 12 "$(available mtty-2)"
for type in mtty-1 mtty-2; do
	same "$type speaks vfio-pci" vfio-pci "$(get "$types/$type/device_api")"
	same "$type has no devices" '' "$(entries "$types/$type/devices")"
	for file in available_instances device_api name; do
		same "$type/$file is for all to read" 444 "$(mode "$types/$type/$file")"
		same "$type/$file cannot be written" EACCES "$(put x "$types/$type/$file")"
	done
	same "$type/create is for root to write" 200 "$(mode "$types/$type/create")"
	same "$type/create cannot be read, even by root" EACCES "$(get "$types/$type/create")"
done

same "the parent's group attribute is for all to read" 444 "$(mode "$parent/mtty_dev/sample_mtty_dev")"
same "the parent's uevent file can be read and written" 644 "$(mode "$parent/uevent")"
same 'a uevent can be asked for again' ok "$(put change "$parent/uevent")"
same 'an unknown uevent cannot be asked for' EINVAL "$(put nonsense "$parent/uevent")"

same 'a directory is for all to read' 755 "$(mode "$types")"
same 'a link has the mode of links' 777 "$(mode "$root/class/mdev_bus/mtty")"
same 'an attribute claims the size of a page' 4096 "$(stat -c %s "$types/mtty-1/name")"
same 'an attribute takes no blocks' 0 "$(stat -c %b "$types/mtty-1/name")"
same 'a directory cannot be written to' EISDIR "$(put x "$types")"
same 'an attribute is not a directory' ENOTDIR "$(get "$types/mtty-1/name/x")"
same 'what is not there cannot be read' ENOENT "$(get "$types/mtty-3/name")"
same 'no file can be made in the tree' EACCES "$(put x "$types/mtty-1/nonsense")"
same 'no directory can be made in the tree' EPERM "$(outcome mkdir "$types/mtty-3")"
same 'no attribute can be unlinked' EPERM "$(outcome rm -f "$types/mtty-1/name")"

same 'the mdev bus has no devices' '' "$(devices)"
same 'the mdev bus has one driver' vfio_mdev "$(entries "$bus/drivers")"
same 'the mdev bus shows what every bus shows' \
	'devices drivers drivers_autoprobe drivers_probe uevent' "$(entries "$bus")"
same 'drivers_autoprobe can be read and written' 644 "$(mode "$bus/drivers_autoprobe")"
same 'drivers_autoprobe is on' 1 "$(get "$bus/drivers_autoprobe")"
same 'drivers_probe can only be written' 200 "$(mode "$bus/drivers_probe")"
same 'the driver shows what every driver of a module shows' \
	'bind module uevent unbind' "$(entries "$bus/drivers/vfio_mdev")"
same "the driver's bind file can only be written" 200 "$(mode "$bus/drivers/vfio_mdev/bind")"
same "the driver's unbind file can only be written" 200 "$(mode "$bus/drivers/vfio_mdev/unbind")"
same "the driver links to its module, which is live" live "$(get "$bus/drivers/vfio_mdev/module/initstate")"

finish
