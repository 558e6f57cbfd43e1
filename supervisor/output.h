/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output that is counted: bytes to stdout and stderr that were written, that are promised to writes under way, and
 * that are left.
 *
 * A write that is judged to go elsewhere is not bounded, so no thread may make its descriptor stdout between the
 * judgement and the kernel's own look at the number. Calls that can (dup2(2) and its kin: an alias) and writes
 * elsewhere exclude each other: whichever comes second waits until the first has returned, and a waiting alias holds
 * back new writes.
 *
 * A write that fits may be lent its bytes: it goes unwatched, for one stop instead of two. What it has written is told by
 * the kernel's own count for the process (/proc/PID/io) when the bytes are taken back: before any other call and at any
 * other stop of that thread, the only one of the run. Until then they count in full, so no byte passes the limit, and
 * before a write is refused for them they are taken back, so none ends a run early.
 */
#ifndef PROCTOR_SUPERVISOR_OUTPUT_H
#define PROCTOR_SUPERVISOR_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The part of a call under way; the call keeps it, with the bytes promised to it. */
enum output_part {
	OUTPUT_NONE,
	OUTPUT_STDOUT,	      /* a write that is counted */
	OUTPUT_ELSEWHERE,     /* a write that is not */
	OUTPUT_ALIAS,	      /* may make another descriptor stdout */
	OUTPUT_ALIAS_WAITING, /* waits to do so */
	OUTPUT_LENT,	      /* a write that is counted later */
};

struct output {
	bool counted;	   /* output is limited, or what is stored (ledger.h), which a write elsewhere could cross */
	uint64_t limit;	   /* bytes */
	uint64_t written;  /* bytes that calls have returned */
	uint64_t promised; /* what writes under way may still add */
	uint64_t lent;	   /* part of what is promised: to unwatched writes of LENDER */
	pid_t lender;	   /* a process; and what the kernel had counted for it before them */
	uint64_t before_lent;
	unsigned under_way[OUTPUT_LENT + 1];
};

enum output_answer { OUTPUT_GO, OUTPUT_WAIT, OUTPUT_FULL };

/* LIMIT: UINT64_MAX for none. */
void output_init(struct output *output, uint64_t limit);

/*
 * A write of LEN bytes to stdout or stderr. OUTPUT_GO: RET_PROMISED bytes of it may be written.
 * OUTPUT_WAIT: it does not fit beside what is promised to others; ask again when one of them has returned.
 * OUTPUT_FULL: nothing is left, the limit is crossed.
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

/* Lends LEN bytes to a write of process PID. False: there are not so many left, or nobody would tell what became of
 * them. */
bool output_lend(struct output *output, pid_t pid, uint64_t len);
/* Takes back what is lent, if anything is: PID's thread is stopped, and in no write. If the process is gone without a
 * stop, its last writes are taken to have been whole. */
void output_take_back(struct output *output);
/* Bytes written so far, also while an unwatched write is under way. */
uint64_t output_so_far(const struct output *output);
/* Could a write of LEN bytes be answered otherwise if what is lent were taken back first? */
bool output_is_tight(const struct output *output, uint64_t len);

#endif
