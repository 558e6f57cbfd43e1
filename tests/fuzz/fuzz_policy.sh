#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Replays the corpus and a fixed stretch of mutations of it. FUZZ_SECONDS=N goes on for N seconds.
set -eu
# shellcheck source=tests/fuzz/common.sh
. "${top_srcdir:-.}/tests/fuzz/common.sh"

fuzz() {
	"${top_builddir:-.}/tests/fuzz/fuzz_policy" "$@" "${top_srcdir:-.}/tests/fuzz/corpus/policy"
}

fuzz -n 20000
search fuzz
