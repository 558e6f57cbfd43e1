/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What two programs say to each other, through pipes of ours, and a transcript of it with times.
 *
 * Neither ever gets SIGPIPE: what a side writes when the other one reads no more is taken and dropped. That
 * a side has ended is seen here, by both of its pipes, before the other one can learn of it: so whoever ends because
 * the other has ended comes second.
 */
#ifndef PROCTOR_GRADE_RELAY_H
#define PROCTOR_GRADE_RELAY_H

#include <poll.h>

#include "base/util.h"

enum relay_side { RELAY_PROGRAM, RELAY_INTERACTOR, RELAY_SIDES };

/* What is known of a side in the end. */
struct relay_told {
	uint64_t bytes;	    /* that it wrote */
	uint64_t unread;    /* of what it was sent */
	bool closed_output; /* while it went on */
	bool closed_input;
};

struct relay;

/*
 * OUT[S] is where side S writes to, IN[S] what it reads from, our ends of them; taken. The transcript goes to
 * TRANSCRIPT_FD, which remains the caller's. Never NULL.
 */
struct relay *relay_new(const int out[RELAY_SIDES], const int in[RELAY_SIDES], int transcript_fd);
void relay_free(struct relay *relay);
#define _cleanup_relay_ _cleanup_(cleanup_relay_p)
static inline void cleanup_relay_p(struct relay **relay)
{
	relay_free(*relay);
}

enum { RELAY_POLLS = 2 * RELAY_SIDES };

/* What to wait for; then, after poll(2), what can be read and written is. */
void relay_wait_for(const struct relay *relay, struct pollfd polls[RELAY_POLLS]);
void relay_step(struct relay *relay, const struct pollfd polls[RELAY_POLLS]);

/* SIDE has closed both of its pipes, which is what its end looks like from here. */
bool relay_is_gone(const struct relay *relay, enum relay_side side);
/* It has closed one of them: is this its end? */
bool relay_is_closing(const struct relay *relay, enum relay_side side);

/*
 * The other side learns that SIDE has closed its output, if it has and all of it has been passed on. To be called
 * behind relay_step(), when it is known whether SIDE has ENDED. Of one that has not, only after a moment, in which
 * its end may be seen; then what it has closed is told. In how many nanoseconds to call again, 0: no need to.
 */
uint64_t relay_pass_end(struct relay *relay, enum relay_side side, bool ended);

/* SIDE's process is no more: takes what is left of its output, and nothing that others may write there. */
void relay_finish_side(struct relay *relay, enum relay_side side);

/* A line of the transcript about what happened. */
void relay_note(struct relay *relay, const char *text);

/* Writes what is left of the transcript. 0, or -errno of the first write that failed. */
int relay_finish(struct relay *relay, struct relay_told ret[RELAY_SIDES]);

#endif
