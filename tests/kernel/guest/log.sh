# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# shellcheck shell=sh
#
# What the kernel thinks of it all.
# shellcheck source=tests/kernel/guest/lib.sh
. "$(dirname "$0")/lib.sh"

trouble=$(dmesg | grep -E -e 'WARNING|BUG|Oops|Call Trace|general protection|sysfs: cannot|refcount_t' \
	-e 'possible .*(lock|recurs)|suspicious RCU|hung|blocked for more|KASAN|UBSAN|kobject:')
same "the kernel's log is free of trouble" '' "$trouble"
[ -z "$trouble" ] || dmesg | tail -n 200 | sed 's/^/# /'

# Memory that nothing points to, in kernels that look for it. It tells of none younger than 5 s,
# and of none that was pointed to meanwhile.
leaks=/sys/kernel/debug/kmemleak
age=6
if [ -e $leaks ]; then
	echo scan >$leaks
	sleep $age
	echo scan >$leaks
	same 'no memory has leaked' '' "$(cat $leaks)"
fi
