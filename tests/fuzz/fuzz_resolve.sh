#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Replays the corpus, each line of which is a seed of fuzz_resolve, and then a fixed stretch of seeds.
# FUZZ_SECONDS=N searches for N seconds more, from a seed that is printed.
set -eu
fuzz=${top_builddir:-.}/tests/fuzz/fuzz_resolve
corpus=${top_srcdir:-.}/tests/fuzz/corpus/resolve/seeds

while read -r seed _; do
	case $seed in
	'' | '#'*) continue ;;
	esac
	"$fuzz" --seed "$seed" --trees 1
done <"$corpus"
"$fuzz" --seed 1 --trees 300
if [ -n "${FUZZ_SECONDS:-}" ]; then
	seed=$(od -An -N6 -tu8 /dev/urandom | tr -d ' ')
	echo "seed $seed"
	"$fuzz" --seed "$seed" --seconds "$FUZZ_SECONDS"
fi
