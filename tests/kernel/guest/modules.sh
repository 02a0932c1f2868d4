# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# shellcheck shell=sh
#
# Loading: what brings what along (row M19), and the kernel's own mdev module, which has a bus of
# the same name and so cannot be there at the same time.
# shellcheck source=tests/kernel/guest/lib.sh
. "$(dirname "$0")/lib.sh"

modprobe mdev
same "the kernel's own mdev module keeps ours out" 'Device or resource busy' "$(outcome modprobe umdev)"
same 'and the log says what to do' yes \
	"$(said "there is a bus named mdev already: unload the kernel's own mdev module first")"
same 'with nothing of ours left' mdev "$(loaded)"
modprobe -r mdev

same 'umdev loads' ok "$(outcome modprobe umdev)"
same 'and brings vfio_mdev along' 'umdev vfio_mdev' "$(loaded)"
same 'it is not loaded twice' 'File exists' "$(outcome insmod /lib/modules/*/updates/umdev.ko)"
same 'it is in use by vfio_mdev' 'vfio_mdev' "$(outcome rmmod umdev)"
same 'vfio_mdev can be unloaded' ok "$(outcome rmmod vfio_mdev)"
same 'and then umdev' ok "$(outcome rmmod umdev)"
same 'its bus goes with it' no "$([ -e $bus ] && echo yes || echo no)"

same 'mtty loads' ok "$(outcome modprobe mtty)"
same 'and brings the rest along' 'mtty umdev vfio_mdev' "$(loaded)"
same 'a parameter has its default' 24 "$(cat /sys/module/mtty/parameters/max_ports)"
same 'a device is there to make devices of' yes "$([ -d $types ] && echo yes || echo no)"
same 'mtty unloads' ok "$(outcome rmmod mtty)"
same 'a parameter of the wrong kind is refused' 'Invalid argument' "$(outcome modprobe mtty max_ports=many)"
same 'one that is right is taken' ok "$(outcome modprobe mtty max_ports=3)"
same 'and holds' '3 1' "$(cat $types/mtty-1/available_instances) $(cat $types/mtty-2/available_instances)"
same 'mtty unloads again' ok "$(outcome rmmod mtty)"
