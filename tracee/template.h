/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A template: the real CPython, started on a script that does not exist and held just before it looks at it, at the
 * first instruction of Py_RunMain. site is imported, the GIL is held, and nothing of a script has been seen; so a fork
 * of the template that is told the true names goes on as `python3 SCRIPT` would, by the interpreter's own code.
 *
 * A template runs only the interpreter's own files and the modules that its maker named, never anything else: it has no
 * filter and no Landlock domain. A fork is stopped before it has done anything; adopting it (tracee/adopt.h) gives it
 * both, and everything else that a run has.
 *
 * Trusted: the interpreter, the preloaded modules and the environment. The caller sees to that.
 */
#ifndef PROCTOR_TRACEE_TEMPLATE_H
#define PROCTOR_TRACEE_TEMPLATE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "tracee/call_list.h"

/* The HOME of a template for programs that will each get one of their own. */
#define TEMPLATE_NO_HOME "/proctor-has-no-home"

enum {
	TEMPLATE_NAME_MAX = 4000, /* bytes of a script's full name at most, and of its name as an argument */
	TEMPLATE_STRINGS = 16,
};

/* struct prctl_mm_map: PR_SET_MM_MAP of prctl(2). */
struct template_mm_map {
	uint64_t start_code, end_code, start_data, end_data, start_brk, brk, start_stack, arg_start, arg_end, env_start,
		env_end, auxv;
	uint32_t auxv_size;
	int32_t exe_fd;
};

/* Where a fork stops at its end, and before: at finalisation, at the first collection in it, and when it does something
 * that only a whole finalisation shows (tracee/finish.h). */
enum template_stop {
	TEMPLATE_FINALIZE, TEMPLATE_COLLECT, TEMPLATE_AT_EXIT, TEMPLATE_AUDIT_HOOK, TEMPLATE_AUDIT_HOOK_OF_C,
	TEMPLATE_STOPS,
};

struct template_end {
	uint32_t n; /* TEMPLATE_STOPS, or 0: no breakpoints, and nothing is frozen */
	uint64_t at[TEMPLATE_STOPS], text[TEMPLATE_STOPS]; /* and the 8 bytes that were there */
	/* PyObject_CallFunctionObjArgs, and objects for it to call: one returns True if the program does not see our
	 * calls and nobody could tell a short end from a whole one, one thaws. And the object True. */
	uint64_t call, quiet, thaw, yes;
	/* An array in the template's memory: addresses of a class that has a finalizer, and of all those that have none. */
	uint64_t classes;
	uint32_t n_classes;
};

/* What adopting a fork needs to know; no pointers, so that it can be sent. */
struct template_facts {
	struct user_regs_struct held;
	uint64_t before_fork, after_fork_child, unmarshal, call, names; /* functions, and a function object */
	uint64_t robust_list, robust_list_size;
	/* Wide strings to write over (struct adoption): its full name; what was given. */
	uint32_t n_full, n_given;
	uint64_t full[TEMPLATE_STRINGS], given[TEMPLATE_STRINGS];
	struct template_mm_map mm;
	struct template_end end;
};

/* All borrowed. */
struct template_options {
	const char *path;	  /* absolute; executed as it is */
	char *const *argv;	  /* with the options, without a script; the last may be -c, -m or - */
	char *const *envp;
	const char *core;	  /* canonical: the file with the interpreter's code */
	const char *const *preload; /* names of modules; NULL-terminated */
	uint64_t ignored;	  /* signals to ignore, bit N - 1 each */
	struct rlimit stack;
	const volatile sig_atomic_t *give_up; /* looked at when a signal comes */
};

struct template {
	pid_t pid;
	int pidfd;
	struct template_facts facts;
	uint64_t tid_address; /* where libc keeps its thread's id */
	uint64_t started_ns;  /* CLOCK_MONOTONIC */
	char **modules;	      /* top-level modules that the preloads imported; NULL-terminated, owned */
	char **files;	      /* those of its modules and libraries, what the preloads have opened, and the directories of
			       * sys.path with what `.pth` files are in them; sorted; likewise */
};

/*
 * Starts a template and holds it. 0; -ENOTSUP: this interpreter cannot be held, with a sentence without newline in WHY;
 * -errno, also with one. Free with template_free(), which kills it. The caller must have no other running tracees.
 */
int template_new(const struct template_options *options, struct template **ret_template, struct buf *why);
void template_free(struct template *template);

struct template_fork {
	pid_t pid;
	int pidfd;  /* of the fork */
	int socket; /* its descriptors 3 and 4 are a pair, and this is a duplicate of 4; or it is connected to 3 */
};

/*
 * Forks the template. The fork is a child of the caller, stopped by SIGSTOP and traced by nobody; the process TRACER
 * may trace it, and it is killed when the caller ends. It has descriptors 0 to 4 and nothing of a run. 0 or -errno; on
 * failure the fork, if any, has been killed, and the template should be renewed. The caller owns the descriptors, and
 * reaps the fork.
 */
int template_fork(struct template *template, pid_t tracer, struct template_fork *ret_fork);

#endif
