#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The completion of the command line, asked as readline asks it: what is offered at the end of a
# line, and that every option a command's --help tells is offered.
set -u
top=$(cd "${top_srcdir:-$(dirname "$0")/..}" && pwd)
PROCTOR=${PROCTOR:-$top/proctor}
dir=$(mktemp -d) && cd "$dir" || exit 1
trap 'rm -rf "$dir"' EXIT
touch solve.py data.txt
mkdir bin
ln -s "$(cd "$(dirname "$PROCTOR")" && pwd)/$(basename "$PROCTOR")" bin/proctor
PATH=$dir/bin:$PATH
# shellcheck source=completion/proctor.bash
. "$top/completion/proctor.bash" || exit 1
passed=0 failed=0

# Completes the words given, the last of which is being typed, and leaves the answer in $offered.
complete_line()
{
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_proctor 2>/dev/null
	offered=" ${COMPREPLY[*]} "
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

for command in run explain summary policy doctor; do
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
offers judged -- proctor run --exit = j
offers audit -- proctor run -q --mode a
offers pure -- proctor run -p pu
offers data.txt -- proctor run -p d
offers root -- proctor run --user roo
offers student -- proctor explain --audience s
offers broker -- proctor summary --sort b
offers data.txt -- proctor explain da
offers check -- proctor policy ''
offers data.txt -- proctor policy check d
offers_not data.txt -- proctor doctor d
echo "completion: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
