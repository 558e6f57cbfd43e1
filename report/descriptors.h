/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the descriptors of a log's processes are open on, call by call. Only a log that has every call tells
 * (log.calls: all): otherwise a descriptor may have been closed, and its number given again, unseen. Where records are
 * missing, nothing is known from there on.
 *
 * A child has what its parent had when it was forked; of what the parent's other threads opened or closed meanwhile,
 * nothing is known. An exec closes what is marked so. Threads share. A child that shares its parent's table without
 * being a thread of it (only audit mode lets it) makes both unknown.
 *
 * Objects are numbers that the caller chooses, such as those of its rows; DESCRIPTOR_UNKNOWN is none. Bounded:
 * descriptors beyond DESCRIPTORS_MAX, and processes beyond PROCESSES_MAX at one time, are unknown. Everything in a log
 * is hostile.
 */
#ifndef PROCTOR_REPORT_DESCRIPTORS_H
#define PROCTOR_REPORT_DESCRIPTORS_H

#include "report/event.h"

enum { DESCRIPTORS_MAX = 1 << 18, PROCESSES_MAX = 1024, DESCRIPTOR_UNKNOWN = -1 };

/* What a descriptor is open on. */
struct descriptor {
	int32_t object;
	bool own;	/* by a call of the process itself: not what it was born with */
	bool cloexec;
	uint64_t since; /* when the call that opened it had ended; nanoseconds since 1970 */
};

struct descriptor_table {
	uint64_t pid;
	uint64_t thread;	  /* the only one seen, unless THREADS */
	bool threads;		  /* has, or had, more than one */
	bool inherited, confirmed; /* has what its parent had; its parent's call has been seen */
	bool unknown;		  /* nothing is known any more */
	bool gone;		  /* it has ended, and has no descriptors */
	struct descriptor *of;	  /* by number */
	size_t n, cap;
};

struct descriptors {
	struct descriptor_table *tables;
	size_t n, cap;
	size_t last;  /* the table that was looked for last */
	size_t room;  /* descriptors that all tables together may still have */
	size_t dead;  /* of the tables are gone */
	bool begun;   /* the run's first process has been seen */
	const struct log_health *health; /* of the log that is being read; outlives this */
	/* The object that descriptor FD, 0 to 2, of the run's first process is open on; or NULL. */
	int32_t (*first)(void *arg, uint32_t fd);
	/* One more (BY 1) or one less (-1) descriptor is open on OBJECT; or NULL. */
	void (*hold)(void *arg, int32_t object, int by);
	void *arg;
};

void descriptors_init(struct descriptors *descriptors, const struct log_health *health);
void descriptors_fini(struct descriptors *descriptors);

/* Does the call NAME open a path? */
bool call_opens(const char *name);
/* Does it read from its first argument, or write to it? */
bool call_reads(const char *name);
bool call_writes(const char *name);
/* Does it copy from one descriptor to another? *RET_FROM and *RET_TO are their arguments. */
bool call_copies(const char *name, size_t *ret_from, size_t *ret_to);
/* Can it change what descriptors are open on? */
bool call_changes_descriptors(const char *name);
/* Is NAME one of NAMES, which are between spaces? */
bool call_is_one_of(const char *name, const char *names);

/* The object that the descriptor in argument AT of EVENT is open on. */
int32_t descriptors_object(struct descriptors *descriptors, const struct event *event, size_t at);

/* The object of the descriptor that EVENT, a call which names no path, is about: of one that copies, what it reads. */
int32_t descriptors_subject(struct descriptors *descriptors, const struct event *event);

/*
 * Follows EVENT, a call, which is about OBJECT, or a signal: it may open, copy or close a descriptor, or make or end a
 * process. Records are in the order in which calls ended: a close that began before another thread opened its descriptor
 * anew closed the former one.
 */
void descriptors_follow(struct descriptors *descriptors, const struct event *event, int32_t object);

#endif
