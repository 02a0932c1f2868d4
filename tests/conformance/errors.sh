#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#
# What is refused, with which error, and that nothing has changed then.
# shellcheck source=tests/conformance/lib.sh
. "$(dirname "$0")/lib.sh"

same 'a device is made' ok "$(create mtty-1 $uuid1)"
before=$(tree "$parent")

same 'a UUID in use is refused' EEXIST "$(put $uuid1 "$types/mtty-1/create")"
same 'a UUID in use is refused by another type too' EEXIST "$(put $uuid1 "$types/mtty-2/create")"
same 'a UUID in use is refused in capital digits too' EEXIST \
	"$(put 83B8F4F2-509F-382F-3C1E-E6BFE0FA1001 "$types/mtty-1/create")"
same 'half a UUID is refused' EINVAL "$(put 83b8f4f2 "$types/mtty-1/create")"
same 'a UUID with a wrong digit is refused' EINVAL \
	"$(put 83b8f4f2-509f-382f-3c1e-e6bfe0fa100Z "$types/mtty-1/create")"
same 'a UUID without its dashes is refused' EINVAL \
	"$(put 83b8f4f2509f382f3c1ee6bfe0fa1001aaaa "$types/mtty-1/create")"
same 'a UUID with more behind it is refused' EINVAL \
	"$(put "$uuid2 x" "$types/mtty-1/create")"
same 'a UUID with a space before it is refused' EINVAL "$(put " $uuid2" "$types/mtty-1/create")"
same 'a UUID in braces is refused' EINVAL "$(put "{$uuid2}" "$types/mtty-1/create")"
same 'two UUIDs at once are refused' EINVAL "$(put "$uuid2
$uuid2" "$types/mtty-1/create")"
same 'an empty line is refused' EINVAL "$(putline '' "$types/mtty-1/create")"
same 'a page full of digits is refused' EINVAL \
	"$(put "$(printf '%04000d' 0)" "$types/mtty-1/create")"
same 'none of these has changed anything' "$before" "$(tree "$parent")"
same 'nor taken a port' 23 "$(available mtty-1)"

same "writing 0 to remove is taken" ok "$(put 0 "$parent/$uuid1/remove")"
same 'but removes nothing' "$uuid1" "$(devices)"
same 'writing no number to remove is refused' EINVAL "$(put abc "$parent/$uuid1/remove")"
same 'writing a negative number to remove is refused' EINVAL "$(put -1 "$parent/$uuid1/remove")"
same 'and removes nothing' "$before" "$(tree "$parent")"

finish
