#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Judges jobs in parts, by GNU parallel, and puts the results together: doc/FLEET.md.
#
#     fleet.sh [-n PARTS] [-S MACHINES] [-b OPTIONS-OF-BATCH] JOBS.jsonl OUT
#
# OUT/part.N has the results of a part, OUT/all those of all. The same command again goes on where it was
# interrupted. Without -S this machine does all of it, one part after another, each with as many runs at a time
# as it has cores. MACHINES is what parallel's --sshlogin takes: they need proctor, and this directory and OUT by
# the same names (a shared file system). PROCTOR names the program, "proctor" in PATH if it is not set.
set -eu

usage()
{
	sed -n 's/^# *//; 5p' "$0" >&2
	exit 64
}

parts=8 machines=: options=
while getopts n:S:b: option; do
	case $option in
	n) parts=$OPTARG ;;
	S) machines=$OPTARG ;;
	b) options=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 2 ] || usage
jobs=$(realpath -e "$1") out=$(realpath -m "$2")
for program in "${PROCTOR:=proctor}" parallel; do
	command -v "$program" >/dev/null || { echo "fleet.sh: $program: not found" >&2; exit 127; }
done

"$(dirname "$(realpath "$0")")/../split.sh" "$parts" "$jobs" "$out"

# 1 is a batch in which some runs could not be judged: that is a result, and no reason to stop.
one()
{
	local status=0
	# shellcheck disable=SC2086 # options are words
	"$PROCTOR" batch -q --resume $options -o "$out/part.$1" "$out/jobs/$1" || status=$?
	[ "$status" -le 1 ]
}
export -f one
export PROCTOR out options
find "$out/jobs" -type f -printf '%f\n' | sort |
	parallel --will-cite -S "$machines" --workdir "$PWD" -j 1 --halt soon,fail=1 \
		--env one --env PROCTOR --env out --env options one
"$PROCTOR" batch -q --merge --resume "$out/all" "$out"/part.*
