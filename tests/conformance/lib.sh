# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# shellcheck shell=sh disable=SC2034
#
# What the scripts here share. A script sources this with its own arguments, checks
# things with `same`, and ends with `finish`. POSIX sh and busybox are enough; nothing
# here asks what stands behind the tree.
set -u
LC_ALL=C
export LC_ALL

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
	echo "usage: $0 SYSFS_ROOT (a directory such as /sys)" >&2
	exit 2
fi
root=$1
parent=$root/devices/virtual/mtty/mtty
types=$parent/mdev_supported_types
bus=$root/bus/mdev
uuid1=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
uuid2=83b8f4f2-509f-382f-3c1e-e6bfe0fa1002

checks=0
failures=0

# same SENTENCE EXPECTED ACTUAL: one check, told as a line of TAP.
same()
{
	checks=$((checks + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $checks - $1"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $checks - $1"
	echo "expected: $2" | sed 's/^/#   /'
	echo "actual:   $3" | sed 's/^/#   /'
}

# finish: tell how many checks there were; the script's exit status says if all passed.
finish()
{
	remove_all
	trap - EXIT
	echo "1..$checks"
	[ "$failures" -eq 0 ]
	exit
}

# errno_name TEXT: the name of the error that a tool's message ends with.
errno_name()
{
	case $1 in
	'') echo ok ;;
	*'Permission denied') echo EACCES ;;
	*'Operation not permitted') echo EPERM ;;
	*'File exists') echo EEXIST ;;
	*'Invalid argument') echo EINVAL ;;
	*'No space left on device') echo ENOSPC ;;
	*'No such device') echo ENODEV ;;
	*'No such file or directory' | *'irectory nonexistent' | *'nonexistent directory') echo ENOENT ;;
	*'Not a directory') echo ENOTDIR ;;
	*'Is a directory') echo EISDIR ;;
	*'Device or resource busy' | *'Resource busy') echo EBUSY ;;
	*'Resource temporarily unavailable' | *'Try again') echo EAGAIN ;;
	*'Read-only file system') echo EROFS ;;
	*) echo "$1" ;;
	esac
}

# put TEXT FILE: write TEXT, without a newline, in one write(); prints how that ended. It
# takes cat for this because a shell's own printf does not say which error it met.
put()
{
	errno_name "$({ printf '%s' "$1" | cat >"$2"; } 2>&1)"
}

# putline TEXT FILE: the same with a newline, as echo does it.
putline()
{
	errno_name "$({ printf '%s\n' "$1" | cat >"$2"; } 2>&1)"
}

# get FILE: what reading it yields: its text, or the name of an error.
get()
{
	if text=$(cat "$1" 2>&1); then
		echo "$text"
	else
		errno_name "$text"
	fi
}

# outcome COMMAND...: "ok", or the name of the error it told of.
outcome()
{
	errno_name "$("$@" 2>&1)"
}

mode()
{
	stat -c %a "$1" 2>&1
}

# there PATH: "yes" or "no", of the name itself and not of what a link leads to.
there()
{
	if [ -e "$1" ] || [ -h "$1" ]; then
		echo yes
	else
		echo no
	fi
}

# entries DIR: the names in it, on one line. Left out is what kernels add that are built
# with other options or are newer: runtime power management, and VFIO's own device nodes.
entries()
{
	# shellcheck disable=SC2010,SC2012  # names here have no surprises, and busybox's find no -printf
	ls "$1" 2>&1 | grep -vx -e power -e vfio-dev | tr '\n' ' ' | sed 's/ $//'
}

# tree DIR: all below it, a name a line, without following links, less what `entries` skips.
tree()
{
	(cd "$1" && find . | grep -v -e '/power$' -e '/power/' -e '/vfio-dev$' -e '/vfio-dev/' | sort)
}

# create TYPE UUID: make a device; prints how that ended.
create()
{
	putline "$2" "$types/$1/create"
}

# remove UUID: unmake a device; prints how that ended.
remove()
{
	putline 1 "$bus/devices/$1/remove"
}

available()
{
	get "$types/$1/available_instances"
}

# devices: the mediated devices there are, on one line.
devices()
{
	entries "$bus/devices"
}

remove_all()
{
	for path in "$bus"/devices/*; do
		[ ! -h "$path" ] || putline 1 "$path/remove" >/dev/null
	done
}

if [ ! -d "$types" ]; then
	echo "Bail out! there is no $types: is the mtty module loaded?"
	exit 2
fi
if [ -n "$(devices)" ]; then
	echo "Bail out! there are mediated devices already: $(devices)"
	exit 2
fi
trap remove_all EXIT
trap 'exit 1' INT TERM HUP
