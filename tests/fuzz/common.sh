# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For the fuzzers' scripts, which read this file.

# replay_seeds FUZZER CORPUS: each line of CORPUS is a seed.
replay_seeds() {
	local seed
	while read -r seed _; do
		case $seed in
		'' | '#'*) continue ;;
		esac
		"$1" -s "$seed" -n 1
	done <"$2"
}

# search FUZZER...: with FUZZ_SECONDS=N goes on for N seconds, from FUZZ_SEED or a seed that is printed.
search() {
	local seed
	[ -n "${FUZZ_SECONDS:-}" ] || return 0
	seed=${FUZZ_SEED:-$(od -An -N6 -tu8 /dev/urandom | tr -d ' ')}
	echo "seed $seed"
	"$@" -s "$seed" -t "$FUZZ_SECONDS"
}
