#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Replays the corpus of hostile names and a fixed stretch of mutations of it. FUZZ_SECONDS=N goes on for N seconds.
set -euo pipefail
# shellcheck source=tests/fuzz/common.sh
. "${top_srcdir:-.}/tests/fuzz/common.sh"

fuzz=("${top_builddir:-.}/tests/fuzz/fuzz_student" "${top_srcdir:-.}/tests/fuzz/corpus/student")
"${fuzz[0]}" -n 2000 "${fuzz[1]}"
search "${fuzz[@]}"
