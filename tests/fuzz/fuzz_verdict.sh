#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Replays the corpus, whose lines are seeds of fuzz_verdict, and then a fixed stretch of seeds.
# FUZZ_SECONDS=N searches for N seconds more, from a seed that is printed.
set -eu
fuzz=${top_builddir:-.}/tests/fuzz/fuzz_verdict
corpus=${top_srcdir:-.}/tests/fuzz/corpus/verdict/seeds

while read -r seed _; do
	case $seed in
	'' | '#'*) continue ;;
	esac
	"$fuzz" -s "$seed" -n 1
done <"$corpus"
"$fuzz" -s 1 -n 2000
if [ -n "${FUZZ_SECONDS:-}" ]; then
	seed=${FUZZ_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
	echo "seed $seed"
	"$fuzz" -s "$seed" -t "$FUZZ_SECONDS"
fi
