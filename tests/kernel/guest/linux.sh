# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# shellcheck shell=sh
#
# The sample drivers of Linux 5.10 as they were, on our modules (row M25).
# shellcheck source=tests/kernel/guest/lib.sh
. "$(dirname "$0")/lib.sh"

linux=/tests/linux
modprobe -a umdev vfio_mdev
same "Linux's own mtty loads" ok "$(outcome insmod $linux/mtty.ko)"
# That driver makes more devices than it has ports, so how they run out is not asked.
conformance=/tests/conformance
sh $conformance/run /sys $conformance/[!el]*.sh $conformance/errors.sh
same 'it can be unloaded' ok "$(outcome rmmod mtty)"

# try_display NAME TYPE: let the program use a display.
try_display()
{
	same "Linux's own $1 loads" ok "$(outcome insmod "$linux/$1.ko")"
	echo $uuid1 >"/sys/devices/virtual/$1/$1/mdev_supported_types/$2/create"
	vfio_abi "$1" /sys /dev/vfio $uuid1
	same 'the program ends well' 0 $?
	same 'the device can be removed' ok "$(put 1 $bus/devices/$uuid1/remove)"
	same 'it can be unloaded' ok "$(outcome rmmod "$1")"
}

try_display mdpy mdpy-vga
try_display mbochs mbochs-small
same 'ours unload, too' ok "$(outcome rmmod vfio_mdev umdev)"
