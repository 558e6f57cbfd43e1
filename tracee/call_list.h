/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of calls, of the kernel or of functions, that another process makes on our behalf: its own code and ours
 * are both trusted while it does. A loop of a hundred bytes on a page of its own works the list off, so that a list
 * costs two stops however long it is. Page and data lie in one area at a fixed address, right above the scratch
 * (tracee/scratch.h), which the process has mapped before and unmaps afterwards.
 *
 * Used on a template and on what was forked from it (tracee/template.h); never on a process that has run a line
 * of a program's.
 */
#ifndef PROCTOR_TRACEE_CALL_LIST_H
#define PROCTOR_TRACEE_CALL_LIST_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#include "tracee/abi/call_loop.h"

enum {
	CALL_AREA = 0x200000,
	CALL_AREA_SIZE = 0x40000,
	CALL_CODE_SIZE = 0x1000,
	CALL_LIST_MAX = 384,
};

struct call_list {
	pid_t tid;
	struct user_regs_struct held; /* of the thread before: its stack is used from a distance below */
	size_t n;
	int error; /* what was to be added did not fit: -E2BIG */
	struct call_entry entry[CALL_LIST_MAX];
	unsigned char *data; /* owned: what goes behind the entries */
	size_t used;
	pid_t forked; /* the process that a call of the list made, stopped; 0: none */
	bool forked_stopped; /* its first stop has been taken */
	bool forks;	     /* a process is to come of it, which stays stopped; else what it makes goes on */
	const volatile sig_atomic_t *give_up; /* looked at when a signal comes; or NULL */
};

/* For thread TID, which is stopped, with registers HELD to go on with. Free with call_list_fini(). */
void call_list_init(struct call_list *list, pid_t tid, const struct user_regs_struct *held);
void call_list_fini(struct call_list *list);
/* Empty again. */
void call_list_clear(struct call_list *list);

/* The bytes that belong at the beginning of the area: CALL_CODE_SIZE of them, execute only. */
void call_list_code(unsigned char code[CALL_CODE_SIZE]);

/* Adds a system call, or a call of the function at ADDRESS. The entry's number. */
size_t call_list_syscall(struct call_list *list, long nr, const uint64_t args[6]);
size_t call_list_function(struct call_list *list, uint64_t address, const uint64_t args[6]);
/* The result of entry FROM becomes argument NUMBER of entry TO, which is later. */
void call_list_pass(struct call_list *list, size_t from, size_t to, unsigned number);

/* Copies N bytes into the area's data: their address there, a multiple of 16. */
uint64_t call_list_put(struct call_list *list, const void *bytes, size_t n);
/* Where entry NUMBER and the data at ADDRESS are read from afterwards. */
int call_list_read(const struct call_list *list, uint64_t address, void *bytes, size_t n);

/*
 * Has all of it made, and takes the results. 0; -ESRCH: killed; -EIO: it did something else; -EINTR: given up, and
 * the process still is at it. Nobody else of the caller's tracees may be running.
 */
int call_list_run(struct call_list *list);
/* Lets the list's thread go on as it is, until it meets a breakpoint. Same results. */
int call_list_resume(struct call_list *list);

#endif
