# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# shellcheck shell=sh
#
# One creator and four removers of one device, for 20 s (row M09).
# shellcheck source=tests/kernel/guest/lib.sh
. "$(dirname "$0")/lib.sh"

# now: seconds since the machine started, in $now, without another process.
now()
{
	read -r now _ </proc/uptime
	now=${now%.*}
}

now
end=$((now + 20))

# repeat FILE TEXT RESULT: write TEXT to FILE until the end; how often that worked, into RESULT.
repeat()
{
	count=0
	while now && [ "$now" -lt $end ]; do
		{ echo "$2" >"$1"; } 2>/dev/null && count=$((count + 1))
	done
	echo $count >"$3"
}

before=$(find $parent/ | sort)
repeat $types/mtty-1/create $uuid1 /tmp/created &
for i in 1 2 3 4; do
	repeat $parent/$uuid1/remove 1 /tmp/removed.$i &
done
wait
[ ! -e $parent/$uuid1 ] || put 1 $parent/$uuid1/remove >/dev/null

created=$(cat /tmp/created)
removed=$(($(cat /tmp/removed.1) + $(cat /tmp/removed.2) + $(cat /tmp/removed.3) + $(cat /tmp/removed.4)))
echo "# $created devices were made, $removed times one was removed"
same 'the device was made more than once' yes "$([ "$created" -gt 1 ] && echo yes || echo "$created")"
same 'and removed as often, but for the last' yes \
	"$([ "$removed" -ge $((created - 1)) ] && echo yes || echo "$removed of $created")"
same 'the tree is as before' "$before" "$(find $parent/ | sort)"
same 'all ports are free' '24 12' "$(cat $types/mtty-1/available_instances) $(cat $types/mtty-2/available_instances)"
same 'no group is left' '' "$(ls /sys/kernel/iommu_groups)"
