/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzzers share: numbers at random, and the options that say from which seed and for how
 * long.
 */
#ifndef PROCTOR_TESTS_FUZZ_RUN_H
#define PROCTOR_TESTS_FUZZ_RUN_H

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"

/* xorshift64: the same numbers for the same seed on every machine. STATE is not 0. */
static inline uint64_t xorshift(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

struct fuzz_run {
	uint64_t seed, count;
	uint64_t end; /* by CLOCK_MONOTONIC; COUNT does not matter then. Or 0 */
};

/*
 * Reads [-s SEED] [-n COUNT | -t SECONDS] into RUN, which holds the defaults, and leaves optind at
 * what follows. Ends the process with EXIT_USAGE at anything else.
 */
static inline void fuzz_options(int argc, char **argv, struct fuzz_run *run)
{
	int option;

	while ((option = getopt(argc, argv, "n:s:t:")) != -1) {
		uint64_t value = option == '?' ? 0 : strtoull(optarg, NULL, 10);

		if (option == 'n')
			run->count = value;
		else if (option == 's')
			run->seed = value;
		else if (option == 't')
			run->end = clock_ns(CLOCK_MONOTONIC) + value * 1000000000u;
		else
			exit(EXIT_USAGE);
	}
}

/* Whether there is more to do after DONE cases. */
static inline bool fuzz_goes_on(const struct fuzz_run *run, uint64_t done)
{
	return run->end ? clock_ns(CLOCK_MONOTONIC) < run->end : done < run->count;
}

#endif
