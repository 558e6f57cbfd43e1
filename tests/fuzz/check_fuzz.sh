#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make check-fuzz`: each fuzzer replays its corpus and goes on for FUZZ_SECONDS (30), from a seed that
# is printed. FUZZ_ONLY=calls runs one of them. Status 1 if any has found something.
set -u
seconds=${FUZZ_SECONDS:-30}
here=$(dirname "$0")
failed=
export FUZZ_SECONDS=$seconds

# Knows seeds but no time: again and again with new seeds until the time is over.
stack() {
	local end=$((SECONDS + seconds)) seed
	while [ $SECONDS -lt $end ]; do
		seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
		echo "seed $seed"
		"$PYTHON3" "$here/fuzz_stack.py" 1500 "$seed" || return 1
	done
}

fuzz() {
	case ${FUZZ_ONLY:-$1} in
	"$1") ;;
	*) return ;;
	esac
	echo "== $1"
	"${@:2}" || failed="$failed $1"
}

for name in policy resolve verdict log_reader; do
	fuzz $name bash "$here/fuzz_$name.sh"
done
fuzz stack stack
fuzz calls "$PYTHON3" "$here/fuzz_calls.py"
if [ -n "$failed" ]; then
	echo "check-fuzz: failed:$failed"
	exit 1
fi
echo "check-fuzz: nothing found in $seconds seconds each"
