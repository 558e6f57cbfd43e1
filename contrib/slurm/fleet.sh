#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Judges jobs on a cluster with Slurm, and waits for the results: doc/FLEET.md.
#
#     fleet.sh [-n PARTS] [-b OPTIONS-OF-BATCH] JOBS.jsonl OUT [OPTIONS-OF-SBATCH]
#
# OUT/part.N has the results of a part, OUT/all those of all, OUT/slurm.N what a task said. The nodes need proctor,
# and this directory and OUT by the same names (a shared file system). The same command again goes on where it was
# interrupted. PROCTOR names the program, "proctor" in PATH if it is not set.
set -eu

usage()
{
	sed -n 's/^# *//; 5p' "$0" >&2
	exit 64
}

parts=8 options=
while getopts n:b: option; do
	case $option in
	n) parts=$OPTARG ;;
	b) options=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || usage
here=$(dirname "$(realpath "$0")")
jobs=$(realpath -e "$1") out=$(realpath -m "$2")
shift 2
for program in "${PROCTOR:=proctor}" sbatch; do
	command -v "$program" >/dev/null || { echo "fleet.sh: $program: not found" >&2; exit 127; }
done

"$here/../split.sh" "$parts" "$jobs" "$out"
parts=$(find "$out/jobs" -type f | wc -l)

export PROCTOR FLEET_OUT=$out BATCH_OPTIONS=$options
status=0
sbatch --wait --array="0-$((parts - 1))" --output="$out/slurm.%a" "$@" "$here/fleet.sbatch" || status=$?
"$PROCTOR" batch -q --merge --resume "$out/all" "$out"/part.* || status=$?
[ "$status" -le 1 ] || echo "fleet.sh: some parts have not come to their end; the same command goes on" >&2
exit "$status"
