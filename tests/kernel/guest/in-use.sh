# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# shellcheck shell=sh
#
# A device and its modules are to go while a program has the device open (rows M12, M13, M19).
# shellcheck source=tests/kernel/guest/lib.sh
. "$(dirname "$0")/lib.sh"

# next: what the program says next, in $line.
next()
{
	# shellcheck disable=SC3045  # the guest's shell is busybox's
	read -r -t $limit line <&3 || line="nothing for $limit s"
}

# hold MODE: start a program that holds the device; what it says then, in $line.
hold()
{
	rm -f /tmp/says /tmp/input
	mkfifo /tmp/says /tmp/input
	exec 3<>/tmp/says 4<>/tmp/input
	vfio_abi "$1" /sys /dev/vfio $uuid1 >/tmp/says </tmp/input 3>&- 4>&- &
	holder=$!
	next
}

# let_go: end the input of a program that waits for that.
let_go()
{
	exec 4>&-
}

# start_removal: remove the device in the background; end_removal waits for that; $removal tells
# how it ended.
# It must not keep the other end of the program's input.
start_removal()
{
	(
		exec 3>&- 4>&-
		put 1 $bus/devices/$uuid1/remove >/tmp/removal
	) &
	remover=$!
}

end_removal()
{
	wait $remover
	removal=$(cat /tmp/removal)
}

echo $uuid1 >$types/mtty-1/create
hold hold
same 'a program holds the device' holding "$line"
same 'mtty stays loaded' 'Module mtty is in use' "$(outcome rmmod mtty)"
same 'and so does vfio_mdev' 'Module vfio_mdev is in use' "$(outcome rmmod vfio_mdev)"
start_removal
next
same 'the removal asks the program to let go' asked "$line"
next
same 'which it does' released "$line"
end_removal
same 'so the removal comes to its end' ok "$removal"
same 'and the device is gone' '' "$(devices)"
wait $holder

echo $uuid1 >$types/mtty-1/create
hold hold-deaf
same 'a program that hears no request holds the device' holding "$line"
start_removal
timeout $limit grep -q -m 1 'No device request channel registered' /dev/kmsg
same 'the removal says that it cannot ask' 0 $?
same 'while it waits the UUID is taken' 'File exists' "$(put $uuid1 $types/mtty-1/create)"
let_go
next
same 'the program lets go of its own accord' released "$line"
end_removal
same 'and the removal comes to its end' ok "$removal"
same 'with the device gone' '' "$(devices)"
wait $holder

echo $uuid1 >$types/mtty-1/create
hold hold-deaf
kill -9 $holder
wait $holder 2>/dev/null
let_go
hold hold
same 'a program that is killed leaves the device to the next one' holding "$line"
start_removal
end_removal
same 'from which it can be removed' ok "$removal"
wait $holder
