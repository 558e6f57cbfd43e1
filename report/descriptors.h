/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the descriptors of a log's processes are open on, call by call. Only a log that has every call tells
 * (log.calls: all): otherwise a descriptor may have been closed, and its number given again, unseen. What a process
 * inherits from another one is not known.
 *
 * Objects are numbers that the caller chooses, such as those of its rows; DESCRIPTOR_UNKNOWN is none. Bounded: beyond
 * DESCRIPTORS_MAX descriptors, new ones are unknown. Everything in a log is hostile.
 */
#ifndef PROCTOR_REPORT_DESCRIPTORS_H
#define PROCTOR_REPORT_DESCRIPTORS_H

#include "report/event.h"
#include "report/table.h"

enum { DESCRIPTORS_MAX = 65536, DESCRIPTOR_UNKNOWN = -1 };

/* What a descriptor is open on. */
struct descriptor {
	int32_t object;
	uint64_t since; /* when the call that opened it had ended */
};

struct descriptors {
	struct table table;
	struct descriptor *rows;
	size_t cap;
	/* The object that descriptor FD is open on when a process begins: 0 to 2. Called once for each process; or NULL. */
	int32_t (*first)(void *arg, uint32_t fd);
	void *arg;
};

void descriptors_init(struct descriptors *descriptors);
void descriptors_fini(struct descriptors *descriptors);

/* Does the call NAME read from its first argument, write to it, is it about it in another way? */
bool call_reads(const char *name);
bool call_writes(const char *name);
bool call_names_descriptor(const char *name);
/* Is NAME one of NAMES, which are between spaces? */
bool call_is_one_of(const char *name, const char *names);

/* The object that the descriptor in argument AT of EVENT is open on. */
int32_t descriptors_object(struct descriptors *descriptors, const struct event *event, size_t at);

/*
 * Follows EVENT, which is about OBJECT and began AT nanoseconds after some moment: it may open, copy or close a
 * descriptor. Records are in the order in which calls ended: a close that began before its descriptor was opened anew
 * closed the former one.
 */
void descriptors_follow(struct descriptors *descriptors, const struct event *event, int32_t object, uint64_t at);

#endif
