/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which refusal an exception came from.
 *
 * A refused call raises an OSError in the frame that made it: with its errno, mostly with the file's name as the
 * program gave it, and with a traceback that ends in that very frame and line. So each refusal is remembered by these,
 * as digests of the program's texts; when an exception has ended the program, it and those that it descends from are
 * looked up. A refusal that the program survived, and an error that the file system itself gave, match nothing.
 *
 * Some are felt elsewhere than where they are made: a child that is to execute a program tells its maker the errno alone,
 * and the maker raises it with the program's name (Lib/subprocess.py); what ends the task of a worker process is raised
 * again where its result is waited for (Lib/multiprocessing/pool.py, Lib/concurrent/futures/process.py).
 */
#ifndef PROCTOR_SUPERVISOR_RAISED_H
#define PROCTOR_SUPERVISOR_RAISED_H

#include "base/exception.h"
#include "tracee/stack.h"
#include "words/words.h"

enum { RAISED_KEPT = 1024 }; /* the last ones that differ */

struct raised;

/* Begins as all zeros. */
struct raised_table {
	struct raised *entry; /* a ring of RAISED_KEPT, made with the first */
	size_t n, next;
	uint64_t felt, violations; /* all that were noted, and how many of them count */
};

void raised_fini(struct raised_table *table);

/* A refusal that the program felt: record SEQUENCE, a VIOLATION or not, the file's name as the program has GIVEN it (or
 * NULL), and where it was made (STACK, or NULL: not known). */
void raised_note(struct raised_table *table, const struct refusal *refusal, const char *given, uint64_t sequence,
		 bool violation, const struct stack *stack);
/* The same for a refusal that another process felt; PROGRAM: it could not execute it. */
void raised_note_elsewhere(struct raised_table *table, const struct refusal *refusal, const char *given, uint64_t sequence,
			   bool violation, bool program);

struct raised_match {
	uint64_t sequence;	       /* the refusal's record; 0: none */
	const struct refusal *refusal; /* valid as long as the table is not changed */
	uint64_t felt, violations; /* those noted at other places: the program went on from them */
	bool certain; /* the call, its errno and its file are those of the exception; else only the place is */
};

/* The refusal that raised EXCEPTION, or else the nearest exception that it descends from. */
struct raised_match raised_find(const struct raised_table *table, const struct exception_facts *exception);

#endif
