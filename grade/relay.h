/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passes on what two programs say to each other, through pipes of ours, and keeps a transcript with times.
 *
 * Neither ever gets SIGPIPE: what a side writes after the other has stopped reading is taken and dropped. The relay
 * sees by both of its pipes that a side has ended, before the other side can learn of it: so a side that ends because
 * the other has ended always counts as second.
 */
#ifndef PROCTOR_GRADE_RELAY_H
#define PROCTOR_GRADE_RELAY_H

#include <poll.h>

#include "base/util.h"

enum relay_side { RELAY_PROGRAM, RELAY_INTERACTOR, RELAY_SIDES };

/* What is known about a side in the end. */
struct relay_told {
	uint64_t bytes;	    /* written by it */
	uint64_t unread;    /* sent to it, but not read */
	bool closed_output; /* while it was still running */
	bool closed_input;
};

struct relay;

/*
 * OUT[S] and IN[S] are our ends of the pipes that side S writes to and reads from; they are taken over. The
 * transcript goes to TRANSCRIPT_FD, which remains the caller's. Never NULL.
 */
struct relay *relay_new(const int out[RELAY_SIDES], const int in[RELAY_SIDES], int transcript_fd);
void relay_free(struct relay *relay);
#define _cleanup_relay_ _cleanup_(cleanup_relay_p)
static inline void cleanup_relay_p(struct relay **relay)
{
	relay_free(*relay);
}

enum { RELAY_POLLS = 2 * RELAY_SIDES };

/* First sets what to wait for; then, after poll(2), reads and writes what is ready. */
void relay_wait_for(const struct relay *relay, struct pollfd polls[RELAY_POLLS]);
void relay_step(struct relay *relay, const struct pollfd polls[RELAY_POLLS]);

/* Has SIDE closed both of its pipes, which is how its end looks from here? */
bool relay_is_gone(const struct relay *relay, enum relay_side side);
/* Has SIDE closed one of them, so that it may be ending? */
bool relay_is_closing(const struct relay *relay, enum relay_side side);

/*
 * If SIDE has closed its output, and all of it has been passed on, lets the other side see that. To be called after
 * relay_step(), when it is known whether SIDE has ENDED. If it has not, this waits a moment, in which its end may
 * still be seen; after that its closed pipes are recorded. In how many nanoseconds to call again, 0: no need to.
 */
uint64_t relay_pass_end(struct relay *relay, enum relay_side side, bool ended);

/* SIDE's process is gone: takes the rest of its output, but does not wait for other processes that may write there. */
void relay_finish_side(struct relay *relay, enum relay_side side);

/* Adds a line to the transcript about what happened. */
void relay_note(struct relay *relay, const char *text);

/* Writes the rest of the transcript. 0, or -errno of the first write that failed. */
int relay_finish(struct relay *relay, struct relay_told ret[RELAY_SIDES]);

#endif
