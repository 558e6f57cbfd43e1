#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Replays the corpus and a fixed stretch of mutations of it. FUZZ_SECONDS=N goes on for N seconds,
# from a seed that is printed.
set -eu
fuzz=${top_builddir:-.}/tests/fuzz/fuzz_policy
corpus=${top_srcdir:-.}/tests/fuzz/corpus/policy

"$fuzz" -n 20000 "$corpus"
if [ -n "${FUZZ_SECONDS:-}" ]; then
	seed=${FUZZ_SEED:-$(od -An -N6 -tu8 /dev/urandom | tr -d ' ')}
	echo "seed $seed"
	"$fuzz" -t "$FUZZ_SECONDS" -s "$seed" "$corpus"
fi
