# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Bash completion of proctor(1). tests/completion.sh holds it to `--help`.

# No option is named here: --help tells them, and what a value is: words with | between them, FILE,
# PATH or SCRIPT, NAME.

# The options of `proctor COMMAND`.
_proctor_options()
{
	"${COMP_WORDS[0]}" "$@" --help 2>/dev/null | grep -oE -- '(^|[][ |,])(-[a-z]|--[a-z][a-z-]*)' |
		grep -oE -- '-{1,2}[a-z][a-z-]*' | sort -u
}

# What --help calls the value of option $2 of command $1; nothing when it has none.
_proctor_takes()
{
	"${COMP_WORDS[0]}" "$1" --help 2>/dev/null |
		sed -nE "s/^(.*[][ |,])?$2((\||, )--?[a-z-]+)* ([A-Z][^] ]*|[a-z][a-z-]*\|[^] ]*).*/\\4/p" | head -n 1
}

# COMPREPLY from a list of words, or from the files that match.
_proctor_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

# The built-in policies, by the names without a colon, at which readline would break the word.
_proctor_add()
{
	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$1" -- "$2")
}

# Files; with a pattern $2 those that match and directories, or all of them where none does.
_proctor_files()
{
	local name
	local -a found
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$1")
	[ $# -gt 1 ] || return 0
	for name in "${COMPREPLY[@]}"; do
		# shellcheck disable=SC2053 # a pattern
		if [ -d "$name" ] || [[ $name == $2 ]]; then found+=("$name"); fi
	done
	[ ${#found[@]} -eq 0 ] || COMPREPLY=("${found[@]}")
}

# The value of option $1 as far as it is typed ($2). Fails when the option has none.
_proctor_value()
{
	local takes=
	case $1 in -*) takes=$(_proctor_takes "${COMP_WORDS[1]}" "$1") ;; esac
	case $1=$takes in
	*=) return 1 ;;
	*=[a-z]*) _proctor_words "${takes//|/ }" "$2" ;;
	*'=FILE|NAME') # a policy
		_proctor_files "$2" '*.@(yaml|yml|json)'
		_proctor_add 'pure python' "$2"
		;;
	*=*FILE* | *=*PATH* | *=*SCRIPT* | *=*PROGRAM*) _proctor_files "$2" ;;
	*=DIR)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$2")
		;;
	--user=*) mapfile -t COMPREPLY < <(compgen -u -- "$2") ;;
	*'=NAME[=VALUE') mapfile -t COMPREPLY < <(compgen -e -- "$2") ;;
	*) COMPREPLY=() ;;
	esac
}

# Is there a program on the line already? Then what follows is the program's own. Of learn only behind --.
_proctor_has_program()
{
	local i
	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--) return 0 ;;
		-*=*) ;;
		-*) [ -z "$(_proctor_takes "${COMP_WORDS[1]}" "${COMP_WORDS[i]}")" ] || ((i++)) ;; # and its value
		=) ;;
		*) [ "${COMP_WORDS[1]}" = learn ] || return 0 ;;
		esac
	done
	return 1
}

_proctor()
{
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
	COMPREPLY=()
	# --option=value is three words to readline.
	if [ "$current" = = ]; then
		current=''
	elif [ "$previous" = = ]; then
		previous=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if [ "$COMP_CWORD" -eq 1 ]; then
		_proctor_words 'run explain summary export report tail verify policy judge batch learn why diff pool doctor --help --version' "$current"
		return
	fi
	case $command in
	run)
		if _proctor_has_program; then
			_proctor_files "$current"
		elif ! _proctor_value "$previous" "$current"; then
			case $current in
			-*) _proctor_words "$(_proctor_options run)" "$current" ;;
			*)
				_proctor_files "$current" '*.py'
				[ ${#COMPREPLY[@]} -gt 0 ] || mapfile -t COMPREPLY < <(compgen -c -- "$current")
				;;
			esac
		fi
		;;
	policy)
		if [ "$COMP_CWORD" -eq 2 ]; then
			_proctor_words 'list check show test diff' "$current"
		elif ! _proctor_value "$previous" "$current"; then
			case $current in
			-*) _proctor_words "$(_proctor_options policy)" "$current" ;;
			*)
				_proctor_files "$current" '*.@(yaml|yml|json|jsonl|py)'
				_proctor_add 'pure python' "$current"
				;;
			esac
		fi
		;;
	judge | batch)
		if ! _proctor_value "$previous" "$current"; then
			case $current in
			-*) _proctor_words "$(_proctor_options "$command")" "$current" ;;
			*) _proctor_files "$current" "$([ "$command" = judge ] && echo '*.py' || echo '*.jsonl')" ;;
			esac
		fi
		;;
	learn)
		if _proctor_has_program; then
			_proctor_files "$current"
		elif ! _proctor_value "$previous" "$current"; then
			case $current in
			-*) _proctor_words "$(_proctor_options learn)" "$current" ;;
			*) _proctor_files "$current" ;;
			esac
		fi
		;;
	why)
		if ! _proctor_value "$previous" "$current"; then
			case $current in
			-*) _proctor_words "$(_proctor_options why)" "$current" ;;
			*)
				_proctor_files "$current"
				_proctor_add 'pure python read list stat lstat write exec connect bind call' "$current"
				;;
			esac
		fi
		;;
	explain | summary | export | report | tail | verify | doctor | pool | diff)
		if ! _proctor_value "$previous" "$current"; then
			case $current in
			-*) _proctor_words "$(_proctor_options "$command")" "$current" ;;
			*) [ "$command" = doctor ] || [ "$command" = pool ] || _proctor_files "$current" '*.jsonl' ;;
			esac
		fi
		;;
	esac
}

complete -F _proctor proctor
