# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# shellcheck shell=sh disable=SC2034
#
# What the scripts of the guest share.
set -u
parent=/sys/devices/virtual/mtty/mtty
types=$parent/mdev_supported_types
bus=/sys/bus/mdev
uuid1=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
uuid2=83b8f4f2-509f-382f-3c1e-e6bfe0fa1002

# Seconds to wait for what should come at once.
limit=60

# busybox prefers its own, which know no soft dependencies.
for name in modprobe insmod rmmod; do
	eval "$name() { /sbin/$name \"\$@\"; }"
done

# same SENTENCE EXPECTED ACTUAL: one check, told as a line of TAP.
same()
{
	if [ "$2" = "$3" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		echo "#   expected: $2"
		echo "#   actual:   $3"
	fi
}

# loaded: those of our modules and of the kernel's mdev that are, sorted, on one line.
loaded()
{
	cut -d ' ' -f 1 /proc/modules | grep -x -e umdev -e vfio_mdev -e mtty -e mdev | sort |
		tr '\n' ' ' | sed 's/ $//'
}

# outcome COMMAND...: "ok", or the last thing it complained of.
outcome()
{
	if text=$("$@" 2>&1); then
		echo ok
	else
		echo "${text##*: }"
	fi
}

# put TEXT FILE: write it in one go; prints how that ended.
put()
{
	if text=$({ echo "$1" | cat >"$2"; } 2>&1); then
		echo ok
	else
		echo "${text##*: }"
	fi
}

# said TEXT: "yes" if the kernel's log has it.
said()
{
	if dmesg | grep -qF "$1"; then
		echo yes
	else
		echo no
	fi
}

# devices: the mediated devices there are, on one line.
devices()
{
	# shellcheck disable=SC2012  # their names are UUIDs
	ls "$bus/devices" | tr '\n' ' ' | sed 's/ $//'
}
