/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What counts as a program's memory: the pages that it made. Pages of files that it has mapped without changing them
 * are the kernel's cache, there for every reader of the file and taken back at any time: they do not count, however
 * many of them the program looks at (mmap(2) of a granted file, numpy's mmap_mode="r").
 *
 * The kernel counts pages of shared memory together with those of files in a tmpfs. Only where there are many of
 * either are the two told apart, mapping by mapping (/proc/PID/smaps), which is expensive.
 */
#ifndef PROCTOR_SUPERVISOR_MEMORY_H
#define PROCTOR_SUPERVISOR_MEMORY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* In bytes. Source: proc_pid_status(5). */
struct memory {
	uint64_t own;	 /* anonymous pages, swapped out ones too, huge pages, page tables */
	uint64_t shared; /* shared memory, and files in a tmpfs */
	uint64_t files;	 /* other files */
};

/* What thread TID's process holds. False: it cannot be seen, or has no memory any more. */
bool memory_look(pid_t tid, struct memory *ret_memory);
/* The part of its `shared` that belongs to no file, in bytes. False: it cannot be seen. Costs in proportion to the
 * mappings of the process. */
bool memory_look_at_shared(pid_t tid, uint64_t *ret_bytes);

/* The `own` of thread TID's process, without the part of each page that falls to other processes, in bytes. False: it
 * cannot be seen. Costs in proportion to the pages of the process. */
bool memory_look_at_part(pid_t tid, uint64_t *ret_bytes);

/* Read the text of a status file, and an smaps file: for the functions above, and for tests. False: there is none. */
bool memory_parse_status(const char *text, struct memory *ret_memory);
bool memory_parse_smaps(FILE *smaps, uint64_t *ret_bytes);
/* Likewise an smaps_rollup file; page tables are not in it. */
bool memory_parse_rollup(const char *text, uint64_t *ret_bytes);

#endif
