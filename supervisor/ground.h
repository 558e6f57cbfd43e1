/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ground that a run stands on: what is settled before the program's first instruction and does not change any
 * more. start.c and, once the program is forked, broker.c lay it; everybody else has it const.
 */
#ifndef PROCTOR_SUPERVISOR_GROUND_H
#define PROCTOR_SUPERVISOR_GROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/cores.h"
#include "policy/policy.h"
#include "tracee/syscalls.h"

struct ground {
	const struct policy *policy; /* borrowed, as all texts here */
	const char *executable;	     /* canonical: what its /proc/self/exe is */
	bool audits;		     /* what would be refused goes to the kernel and is noted (audit.c) */
	bool stops_more;	     /* calls stop that the filter could let pass: all, or what a shadow forbids */
	bool detached;		     /* a grant is on a mount that no path leads to: the scratch in memory */
	dev_t detached_dev;	     /* the device of that mount */
	pid_t pid;		     /* the program's first process */
	int pidfd;		     /* of it */
	int reserved_fd;	     /* its descriptors from this number on are the supervisor's */
	size_t n_reserved;
	int maps_fd, maps_number;    /* the copy of its memory map: our descriptor, and its reserved one; -1: none */
	bool maps_stdio;	     /* one of stdin, stdout, stderr is a file that could be mapped and written to */
	int landlock_abi;	     /* of the wall that stands; 0: none */
	uint64_t longest_file;	     /* RLIMIT_FSIZE of proctor and of the program, as proctor's caller set it */
	struct reg_values values;    /* what its filter was compiled for */
	struct stat stdio[3];	     /* of its first stdin, stdout, stderr; st_ino 0 when closed */
	struct cores cores;	     /* that the program may use: those of before any pinning */
};

#endif
