# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# bash completion for umdev; commands and options are asked of the program itself
# shellcheck shell=bash disable=SC2207

# _umdev_words TEXT: complete the current word from the words of TEXT
_umdev_words()
{
	COMPREPLY=($(compgen -W "$1" -- "${COMP_WORDS[COMP_CWORD]}"))
}

_umdev()
{
	local umdev=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]}
	local previous=${COMP_WORDS[COMP_CWORD - 1]}
	local -a root=() arguments=()
	local command="" word i

	COMPREPLY=()
	if [[ $previous == --root ]]; then
		compopt -o filenames
		COMPREPLY=($(compgen -d -- "$current"))
		return
	fi
	if [[ $previous == --qmp ]]; then
		compopt -o filenames
		COMPREPLY=($(compgen -f -- "$current"))
		return
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--root)
			root=(--root "${COMP_WORDS[++i]}") ;;
		-*)
			;;
		*)
			if [[ -n $command ]]; then
				arguments+=("$word")
			else
				command=$word
			fi ;;
		esac
	done
	if [[ $current == -* ]]; then
		_umdev_words "$("$umdev" ${command:+"$command"} --help 2>/dev/null |
			sed -n 's/^  \(--[a-z-]*\).*/\1/p')"
		return
	fi
	if [[ $previous == --parent ]]; then
		_umdev_words "$("$umdev" "${root[@]}" --json types 2>/dev/null |
			sed -n 's/.*"parent": *"\([^"]*\)".*/\1/p')"
		return
	fi
	case $command in
	'')
		_umdev_words "$("$umdev" --help 2>/dev/null |
			sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')" ;;
	create)
		_umdev_words "$("$umdev" "${root[@]}" types --quiet 2>/dev/null)" ;;
	remove | show | qemu-args)
		_umdev_words "$("$umdev" "${root[@]}" list --quiet 2>/dev/null)" ;;
	rmmod)
		_umdev_words "$("$umdev" "${root[@]}" lsmod --quiet 2>/dev/null)" ;;
	wait)
		if ((${#arguments[@]} == 0)); then
			_umdev_words "ready device gone"
		elif [[ ${arguments[0]} != ready ]]; then
			_umdev_words "$("$umdev" "${root[@]}" list --quiet 2>/dev/null)"
		fi ;;
	esac
}

complete -F _umdev umdev
