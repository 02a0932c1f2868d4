# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# shellcheck shell=sh
#
# Unloading with devices that nobody uses: they go first (row M19).
# shellcheck source=tests/kernel/guest/lib.sh
. "$(dirname "$0")/lib.sh"

echo $uuid1 >$types/mtty-1/create
echo $uuid2 >$types/mtty-2/create
same 'two devices are there' "$uuid1 $uuid2" "$(devices)"
same 'mtty can be unloaded all the same' ok "$(outcome rmmod mtty)"
same 'and takes them along' '' "$(devices)"
same 'the rest unloads too' ok "$(outcome rmmod vfio_mdev umdev)"
same 'nothing of it is left' '' "$(loaded)"
same 'no bus, class or group' '' \
	"$(ls -d $bus /sys/class/mdev_bus /sys/class/mtty /sys/kernel/iommu_groups/* 2>/dev/null)"
same "so that the kernel's own mdev module loads" ok "$(outcome modprobe mdev)"
rmmod mdev
