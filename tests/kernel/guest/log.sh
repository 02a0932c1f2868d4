# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# shellcheck shell=sh
#
# What the kernel thinks of it all.
# shellcheck source=tests/kernel/guest/lib.sh
. "$(dirname "$0")/lib.sh"

trouble=$(dmesg | grep -E -e 'WARNING|BUG|Oops|Call Trace|general protection|sysfs: cannot|refcount_t' \
	-e 'possible .*(lock|recurs)|suspicious RCU|hung|blocked for more|unreferenced object|kobject:')
same "the kernel's log is free of trouble" '' "$trouble"
[ -z "$trouble" ] || dmesg | tail -n 200 | sed 's/^/# /'
