/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The paths of calls that name a descriptor, for exports: that of the open which the descriptor comes from
 * (report/descriptors.h). Memory for what is open, not for what was: a path is forgotten with the last descriptor on it.
 * Bounded: paths beyond OPENED_MAX_BYTES together are not known.
 */
#ifndef PROCTOR_REPORT_EXPORT_OPENED_H
#define PROCTOR_REPORT_EXPORT_OPENED_H

#include "report/descriptors.h"

enum { OPENED_MAX_BYTES = 32 << 20 };

struct opened_path {
	json_t *path, *path_b64; /* owned */
	size_t descriptors, bytes;
	size_t next_free; /* its number, from 1; 0: none */
};

struct opened {
	struct descriptors descriptors;
	struct opened_path *paths;
	size_t n, cap, bytes, free; /* FREE: number, from 1, of a path that is not used; 0: none */
};

/* For one log, of which HEALTH is known; it outlives this. OPENED stays where it is until opened_fini(). */
void opened_init(struct opened *opened, const struct log_health *health);
void opened_fini(struct opened *opened);

/*
 * Sets the paths of EVENT that its descriptors lead to, if it is a call which names no path; they are borrowed until
 * opened_follow(EVENT), which has to come after every event is done with.
 */
void opened_resolve(struct opened *opened, struct event *event);
void opened_follow(struct opened *opened, const struct event *event);

#endif
