# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# shellcheck shell=sh
#
# What the scripts here share; sourced with "$top" set to the source tree.
set -eu
LC_ALL=C
export LC_ALL

say()
{
	printf '==> %s\n' "$*"
}

note()
{
	printf '    %s\n' "$*"
}

die()
{
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
	exit 1
}

have()
{
	command -v "$1" >/dev/null 2>&1
}

# as_root COMMAND...: run it as root, with sudo if need be; 1 if there is no way to.
as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		return 1
	fi
}
