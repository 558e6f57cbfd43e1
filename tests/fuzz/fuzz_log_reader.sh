#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Replays the corpus of logs and a fixed stretch of mutations of it. FUZZ_SECONDS=N goes on for N
# seconds.
set -euo pipefail
# shellcheck source=tests/fuzz/common.sh
. "${top_srcdir:-.}/tests/fuzz/common.sh"

# Thousands of "not a proctor log" on standard error; a report of a failure is at its end.
fuzz() {
	local said
	said=$("${top_builddir:-.}/tests/fuzz/fuzz_log_reader" "$@" "${top_srcdir:-.}/tests/fuzz/corpus/log" \
		"${top_srcdir:-.}"/tests/report/*.jsonl 2>&1 >&3 | tail -n 80) && return
	echo "$said"
	return 1
} 3>&1

fuzz -n 2000
search fuzz
