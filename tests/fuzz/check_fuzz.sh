#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make check-fuzz`: each fuzzer replays its corpus and goes on for FUZZ_SECONDS (30), from a seed that
# is printed. FUZZ_ONLY=calls runs one of them. Status 1 if any has found something.
set -u
seconds=${FUZZ_SECONDS:-30}
here=$(dirname "$0")
failed=
export FUZZ_SECONDS=$seconds

any_seed() {
	od -An -N4 -tu4 /dev/urandom | tr -d ' '
}

# Those that know seeds but no time: again and again with new seeds until the time is over.
again() {
	local end=$((SECONDS + seconds)) seed
	while [ $SECONDS -lt $end ]; do
		seed=$(any_seed)
		echo "seed $seed"
		"$@" "$seed" || return 1
	done
}

log_reader() {
	FUZZ_COUNT=3000 FUZZ_SEED=$1 bash "$here/fuzz_log_reader.sh"
}

stack() {
	"$PYTHON3" "$here/fuzz_stack.py" 1500 "$1"
}

fuzz() {
	case ${FUZZ_ONLY:-$1} in
	"$1") ;;
	*) return ;;
	esac
	echo "== $1"
	shift
	"$@" || failed="$failed ${*: -1}"
}

fuzz policy bash "$here/fuzz_policy.sh"
fuzz resolve bash "$here/fuzz_resolve.sh"
fuzz verdict bash "$here/fuzz_verdict.sh"
fuzz log_reader again log_reader
fuzz stack again stack
fuzz calls "$PYTHON3" "$here/fuzz_calls.py"
if [ -n "$failed" ]; then
	echo "check-fuzz: failed:$failed"
	exit 1
fi
echo "check-fuzz: nothing found in $seconds seconds each"
