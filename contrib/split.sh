#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Splits jobs for parallel/fleet.sh and slurm/fleet.sh: OUT/jobs gets PARTS files, 0000 and on. Once: another number of
# parts later would be other parts, so what is there already stays.
#
#     split.sh PARTS JOBS.jsonl OUT
set -eu
[ $# -eq 3 ] || { sed -n 's/^# *//; 6p' "$0" >&2; exit 64; }
mkdir -p "$3"
[ ! -e "$3/jobs" ] || exit 0
rm -rf "$3/jobs.new"
mkdir "$3/jobs.new"
split -n "r/$1" -a 4 -d "$2" "$3/jobs.new/"
mv "$3/jobs.new" "$3/jobs"
