#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#
# There are 24 ports and no more, whoever takes them.
# shellcheck source=tests/conformance/lib.sh
. "$(dirname "$0")/lib.sh"

# uuid NUMBER
uuid()
{
	printf '83b8f4f2-509f-382f-3c1e-0000000000%02d' "$1"
}

# fill TYPE FIRST LAST: make these devices; prints how many of them could be made.
fill()
{
	made=0
	i=$2
	while [ "$i" -le "$3" ]; do
		[ "$(create "$1" "$(uuid "$i")")" != ok ] || made=$((made + 1))
		i=$((i + 1))
	done
	echo $made
}

same '23 single-port devices can be made' 23 "$(fill mtty-1 1 23)"
same 'then one single-port device more is offered' 1 "$(available mtty-1)"
same 'and no dual-port device' 0 "$(available mtty-2)"
same 'a dual-port device does not fit' ENOSPC "$(create mtty-2 "$(uuid 50)")"
same 'and nothing of it shows' no "$(there "$parent/$(uuid 50)")"
same 'a single-port device still fits' ok "$(create mtty-1 "$(uuid 24)")"
same 'then none is offered' 0 "$(available mtty-1)"
same 'a 25th device does not fit' ENOSPC "$(create mtty-1 "$(uuid 25)")"
same 'asked once more, it still does not' ENOSPC "$(create mtty-1 "$(uuid 25)")"
same 'the count does not fall below zero' '0 0' "$(available mtty-1) $(available mtty-2)"
same 'the bus has 24 devices' 24 "$(devices | wc -w | tr -d ' ')"
same 'the type has 24 devices' 24 "$(entries "$types/mtty-1/devices" | wc -w | tr -d ' ')"

same 'one of them can be removed' ok "$(remove "$(uuid 7)")"
same 'another takes its place' ok "$(create mtty-1 "$(uuid 25)")"
remove_all
same 'after all are removed, all ports are free' '24 12' "$(available mtty-1) $(available mtty-2)"

same '12 dual-port devices can be made' 12 "$(fill mtty-2 1 12)"
same 'then nothing is offered' '0 0' "$(available mtty-1) $(available mtty-2)"
same 'a single-port device does not fit' ENOSPC "$(create mtty-1 "$(uuid 13)")"
remove_all
same 'after these are removed, all ports are free again' '24 12' \
	"$(available mtty-1) $(available mtty-2)"

finish
