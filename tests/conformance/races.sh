#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#
# Several writers and readers at once.
# shellcheck source=tests/conformance/lib.sh
. "$(dirname "$0")/lib.sh"

before=$(tree "$parent")
results=$(mktemp -d)
trap 'remove_all; rm -rf "$results"' EXIT

# several COMMAND...: run it four times at once; prints how each ended, sorted, on one line.
several()
{
	for i in 1 2 3 4; do
		"$@" >"$results/$i" &
	done
	wait
	cat "$results"/[1-4] | sort | tr '\n' ' ' | sed 's/ $//'
}

# A loser meets the winner's device, or finds it only half made.
winners=0
losers=''
rounds=20
i=0
while [ $i -lt $rounds ]; do
	outcomes=$(several create mtty-1 $uuid1)
	case $outcomes in
	*ok*ok*) losers="$losers $outcomes" ;;
	*ok*) winners=$((winners + 1)) ;;
	esac
	losers="$losers $(echo "$outcomes" | tr ' ' '\n' | grep -vx -e ok -e EEXIST -e EAGAIN | tr '\n' ' ')"
	remove $uuid1 >/dev/null
	i=$((i + 1))
done
same 'of four creators of one UUID, one wins each time' $rounds $winners
same 'and the others are told that it exists' '' "$(echo "$losers" | tr -d ' ')"

# A writer that finds another one removing the device already has nothing left to do, and is
# told ok. To one who comes after that, the shell's > means to make a new file: EACCES.
gone=0
losers=''
i=0
while [ $i -lt $rounds ]; do
	create mtty-1 $uuid1 >/dev/null
	outcomes=$(several remove $uuid1)
	case $outcomes in
	*ok*) [ "$(there "$parent/$uuid1")" = yes ] || gone=$((gone + 1)) ;;
	esac
	losers="$losers $(echo "$outcomes" | tr ' ' '\n' |
		grep -vx -e ok -e ENODEV -e ENOENT -e EACCES -e EAGAIN | tr '\n' ' ')"
	i=$((i + 1))
done
same 'four removers of one device remove it each time' $rounds $gone
same 'and those who come late are told that it is gone' '' "$(echo "$losers" | tr -d ' ')"

# Readers may miss what comes and goes, but never what stays.
: >"$results/missed"
: >"$results/walking"
while [ -e "$results/walking" ]; do
	find "$parent/" >"$results/walk" 2>/dev/null
	grep -q 'mtty-2/name$' "$results/walk" || echo mtty-2/name >>"$results/missed"
done &
walker=$!
i=0
while [ $i -lt $rounds ]; do
	create mtty-1 $uuid1 >/dev/null
	create mtty-2 $uuid2 >/dev/null
	remove $uuid1 >/dev/null
	remove $uuid2 >/dev/null
	i=$((i + 1))
done
rm "$results/walking"
wait $walker
same 'who walks the tree meanwhile misses nothing that stays' '' "$(cat "$results/missed")"
same 'in the end the parent is as it was' "$before" "$(tree "$parent")"
same 'and all ports are free' '24 12' "$(available mtty-1) $(available mtty-2)"

rm -rf "$results"
finish
