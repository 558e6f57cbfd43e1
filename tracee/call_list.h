/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of calls, to the kernel or to functions, that another process makes on our behalf; its own code and ours
 * are both trusted while it does. A loop of a hundred bytes on a page of its own works through the list, so that a
 * list costs two stops however long it is. Page and data lie in one area at a fixed address, right above the scratch
 * (tracee/scratch.h); the process has to map the area before and unmap it afterwards.
 *
 * Used on a template and on its forks (tracee/template.h); never on a process that has run a line of a program.
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
	struct user_regs_struct held; /* the thread's, before the list; its stack is used from well below there */
	size_t n;
	int error; /* -E2BIG: something did not fit */
	struct call_entry entry[CALL_LIST_MAX];
	unsigned char *data; /* owned; goes behind the entries */
	size_t used;
	pid_t forked; /* the process that a call of the list made; it is stopped; 0: none */
	bool forked_stopped; /* its first stop has been taken */
	bool forks;	     /* the list is to make a process, which stays stopped; else one that it makes goes on */
	const volatile sig_atomic_t *give_up; /* looked at when a signal comes; or NULL */
	/* Called with WATCHER at the entry and at the exit of each system call of thread TID, the list's or another one. Each
	 * costs a stop. NULL: not watched. */
	void (*watch)(void *watcher, pid_t tid);
	void *watcher;
};

/* For thread TID, which is stopped, with registers HELD to go on with. Free with call_list_fini(). */
void call_list_init(struct call_list *list, pid_t tid, const struct user_regs_struct *held);
void call_list_fini(struct call_list *list);
/* Empties the list. */
void call_list_clear(struct call_list *list);

/* The code for the beginning of the area: CALL_CODE_SIZE bytes, to be mapped executable and not writable. */
void call_list_code(unsigned char code[CALL_CODE_SIZE]);

/* Adds a system call, or a call of the function at ADDRESS. Returns the entry's number. */
size_t call_list_syscall(struct call_list *list, long nr, const uint64_t args[6]);
size_t call_list_function(struct call_list *list, uint64_t address, const uint64_t args[6]);
/* The result of entry FROM becomes argument NUMBER of entry TO, which is later. */
void call_list_pass(struct call_list *list, size_t from, size_t to, unsigned number);

/* Copies N bytes into the area's data. Returns their address there, a multiple of 16. */
uint64_t call_list_put(struct call_list *list, const void *bytes, size_t n);
/* Reads N bytes at ADDRESS in the process, once the list has run. 0 or -errno. */
int call_list_read(const struct call_list *list, uint64_t address, void *bytes, size_t n);

/*
 * Makes all the calls, and reads their results into the entries. 0; -ESRCH: killed; -EIO: the process did something
 * else; -EINTR: given up, and the process is still at it. None of the caller's other tracees may be running.
 */
int call_list_run(struct call_list *list);
/* Lets the list's thread go on with its present registers until it meets a breakpoint. Returns the same. */
int call_list_resume(struct call_list *list);

#endif
