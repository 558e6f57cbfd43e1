#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The completions of the command line: what is offered at the end of a line, and that every option a
# command's --help tells is offered. bash's is asked as readline asks it, fish's by fish, zsh's with
# its own compadd put aside, so that no terminal is needed.
set -u
top=$(cd "${top_srcdir:-$(dirname "$0")/..}" && pwd)
PROCTOR=${PROCTOR:-$top/proctor}
dir=$(mktemp -d) && cd "$dir" || exit 1
trap 'rm -rf "$dir"' EXIT
touch solve.py data.txt notes.txt run.jsonl pure.yaml
mkdir bin sub
ln -s "$(cd "$(dirname "$PROCTOR")" && pwd)/$(basename "$PROCTOR")" bin/proctor
PATH=$dir/bin:$PATH
# shellcheck source=completion/proctor.bash
. "$top/completion/proctor.bash" || exit 1
passed=0 failed=0

# Completes the words given, the last of which is being typed, and leaves the answer in $offered.
bash_line()
{
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_proctor 2>/dev/null
	offered=" ${COMPREPLY[*]} "
}

fish_line()
{
	# shellcheck disable=SC2016 # fish's
	offered=" $(fish --no-config -c 'source $argv[1]; complete -C "$argv[2]"' "$top/completion/proctor.fish" "$*" 2>err |
		cut -f 1 | tr '\n' ' ')"
	cat err >&2
	offered=${offered//\/ / }
}

# What compadd and _files are given: names after --, files that match the pattern or else all.
cat >ask.zsh <<'END'
_call_program() { shift; "$@" }
compadd() { [[ $1 != -a ]] || set -- ${(P)2}; print -l -- "$@" }
compset() { words[CURRENT]=${words[CURRENT]#*=} }
_users() { print -l root }
_parameters() { print -l PATH }
_files() {
	local -a found
	setopt local_options null_glob
	[[ $# -lt 2 ]] || eval "found=($2)"
	[[ -n ${(M)found:#$words[CURRENT]*} ]] || found=(*)
	print -l -- $found *(-/)
}
source $1
shift
words=("$@")
CURRENT=$#
_proctor 2>&1
END
zsh_line()
{
	local last=${*: -1} prefix
	prefix=${last#--*=}
	offered=" $(zsh -f ask.zsh "$top/completion/_proctor" "$@" | grep -e "^${prefix//./\\.}" |
		sed "s/^/${last%"$prefix"}/" | tr '\n' ' ')"
}

complete_line()
{
	"${shell}_line" "$@"
}

# offers WORD -- LINE...     offers_not WORD -- LINE...
offers()
{
	local word=$1
	shift 2
	complete_line "$@"
	if [[ $offered == *" $word "* ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL '$*' does not offer '$word' but:$offered"
	fi
}

offers_not()
{
	local word=$1
	shift 2
	complete_line "$@"
	if [[ $offered == *" $word "* ]]; then
		failed=$((failed + 1))
		echo "FAIL '$*' offers '$word'"
	else
		passed=$((passed + 1))
	fi
}

check_shell()
{
	shell=$1
	for command in run explain summary export report verify policy judge batch learn why diff pool doctor; do
		offers "$command" -- proctor ''
		for option in $("$PROCTOR" "$command" --help | grep -oE -- '--[a-z][a-z-]*' | sort -u); do
			if [ "$command" = policy ]; then
				offers "$option" -- proctor policy test "${option%?}"
			else
				offers "$option" -- proctor "$command" "${option%?}"
			fi
		done
	done
	offers run -- proctor r
	offers_not doctor -- proctor r
	offers solve.py -- proctor run so
	offers data.txt -- proctor run -v --cpu 2s solve.py da
	offers_not --verdict -- proctor run solve.py --verd
	offers solve.py -- proctor run -- so
	offers brokered -- proctor run --calls b
	offers_not denied -- proctor run --calls b
	offers judged -- proctor run --exit ''
	# What readline makes three words of.
	if [ "$shell" = bash ]; then
		offers judged -- proctor run --exit = j
		offers pure -- proctor run -p pu
	else
		offers --exit=judged -- proctor run --exit=j
		offers builtin:pure -- proctor run -p builtin:pu
	fi
	offers audit -- proctor run -q --mode a
	offers data.txt -- proctor run -p d
	offers pure.yaml -- proctor run -p pu
	offers_not notes.txt -- proctor run ''
	offers solve.py -- proctor run ''
	offers sub -- proctor run ''
	offers root -- proctor run --user roo
	offers student -- proctor explain --audience s
	offers broker -- proctor summary --sort b
	offers broker -- proctor summary -s b
	offers data.txt -- proctor run -r da
	offers data.txt -- proctor policy show --read da
	offers_not data.txt -- proctor run --id da
	offers_not solve.py -- proctor run --log-max so
	offers data.txt -- proctor run --no-pin da
	offers data.txt -- proctor explain da
	offers run.jsonl -- proctor explain ''
	offers_not notes.txt -- proctor explain ''
	offers run.jsonl -- proctor summary ru
	offers directory -- proctor summary --by d
	offers speedscope -- proctor export --to sp
	offers refused -- proctor export --weight r
	offers run.jsonl -- proctor export ru
	offers run.jsonl -- proctor report ru
	offers solve.py -- proctor report --source so
	offers run.jsonl -- proctor verify ru
	offers run.jsonl -- proctor batch ru
	offers solve.py -- proctor judge sub so
	offers all -- proctor judge --until a
	offers exact -- proctor batch --checker e
	offers run.jsonl -- proctor learn ru
	offers --partial -- proctor learn --min-runs 2 run.jsonl --par
	offers data.txt -- proctor learn --python /bin/python3 -- solve.py da
	offers_not --partial -- proctor learn -- solve.py --par
	offers exec -- proctor why pure ex
	offers run.jsonl -- proctor diff run.jsonl ru
	offers check -- proctor policy ''
	offers data.txt -- proctor policy check d
	offers_not data.txt -- proctor doctor d
}

check_shell bash
for other in zsh fish; do
	if command -v $other >/dev/null; then
		check_shell $other
	else
		echo "note: $other is not installed: its completion was not looked at"
	fi
done
echo "completion: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
