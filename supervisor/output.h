/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output that is counted: bytes to stdout and stderr that were written, that are promised to writes under way, and
 * that are left.
 *
 * A write that is judged to go elsewhere is not bounded, so no thread may make its descriptor stdout between the
 * judgement and the kernel's own look at the number. Calls that can (dup2(2) and its kin: an alias) and writes
 * elsewhere exclude each other: whichever comes second waits until the first has returned, and a waiting alias holds
 * back new writes.
 */
#ifndef PROCTOR_SUPERVISOR_OUTPUT_H
#define PROCTOR_SUPERVISOR_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

/* The part of a call under way; the call keeps it, with the bytes promised to it. */
enum output_part {
	OUTPUT_NONE,
	OUTPUT_STDOUT,	      /* a write that is counted */
	OUTPUT_ELSEWHERE,     /* a write that is not */
	OUTPUT_ALIAS,	      /* may make another descriptor stdout */
	OUTPUT_ALIAS_WAITING, /* waits to do so */
};

struct output {
	bool counted;	   /* output is limited, or what is stored (ledger.h), which a write elsewhere could cross */
	uint64_t limit;	   /* bytes */
	uint64_t written;  /* bytes that calls have returned */
	uint64_t promised; /* what writes under way may still add */
	unsigned under_way[OUTPUT_ALIAS_WAITING + 1];
};

enum output_answer { OUTPUT_GO, OUTPUT_WAIT, OUTPUT_FULL };

/* LIMIT: UINT64_MAX for none. */
void output_init(struct output *output, uint64_t limit);

/*
 * A write of LEN bytes to stdout or stderr. OUTPUT_GO: RET_PROMISED bytes of it may be written.
 * OUTPUT_WAIT: what is left is promised to others; ask again when one of them has returned. OUTPUT_FULL:
 * nothing is left, the limit is crossed.
 */
enum output_answer output_ask(const struct output *output, uint64_t len, uint64_t *ret_promised);

/* May a write elsewhere, or an alias, go now? An alias that may not is to wait as OUTPUT_ALIAS_WAITING. */
bool output_may_write_elsewhere(const struct output *output);
bool output_may_alias(const struct output *output);

/* A call of PART begins, with PROMISED bytes promised to it; and it is over, or is to be asked again. */
void output_begin(struct output *output, enum output_part part, uint64_t promised);
void output_settle(struct output *output, enum output_part part, uint64_t promised);

/* A counted write has returned N bytes. LESS: it was given less than it asked for. True: the limit is crossed; by how
 * much is not known, for the write ended exactly at the limit. */
bool output_wrote(struct output *output, uint64_t n, uint64_t promised, bool less);

#endif
