#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Replays the seeds of the corpus, and then a fixed stretch of seeds. FUZZ_SECONDS=N searches for N
# seconds more.
set -eu
# shellcheck source=tests/fuzz/common.sh
. "${top_srcdir:-.}/tests/fuzz/common.sh"
fuzz=${top_builddir:-.}/tests/fuzz/fuzz_resolve

replay_seeds "$fuzz" "${top_srcdir:-.}/tests/fuzz/corpus/resolve/seeds"
"$fuzz" -s 1 -n 300
search "$fuzz"
