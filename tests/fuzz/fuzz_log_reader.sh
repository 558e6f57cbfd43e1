#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The corpus of logs, and some thousands of mutations of it that are the same everywhere.
set -u
said=$(mktemp) || exit 1
trap 'rm -f "$said"' EXIT
# Thousands of "not a proctor log" on standard error; a report of a failure is at its end.
"${top_builddir:-.}/tests/fuzz/fuzz_log_reader" -n "${FUZZ_COUNT:-2000}" -s "${FUZZ_SEED:-1}" \
	"${top_srcdir:-.}/tests/fuzz/corpus/log" "${top_srcdir:-.}"/tests/report/*.jsonl 2>"$said" && exit 0
tail -n 80 "$said"
exit 1
