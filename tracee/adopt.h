/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns a fork of a template (tracee/template.h) into a program: does what spawn.h does before an exec, and what the
 * exec itself would have done. In this order: attach; send its descriptors through a socket of its own; working
 * directory, names, the interpreter's fork hooks; the sealed scratch; Landlock; close all else; the filter; limits.
 * Only then does the fork go on, and the interpreter runs the script in its usual way.
 */
#ifndef PROCTOR_TRACEE_ADOPT_H
#define PROCTOR_TRACEE_ADOPT_H

#include "tracee/spawn.h"
#include "tracee/template.h"

/* A fork, and the program that it is to become. All borrowed. */
struct adoption {
	const struct template_facts *facts;
	pid_t pid;
	int pidfd;
	int socket;		/* as in struct template_fork */
	char *const *words;	/* what sys.argv is to be; NULL-terminated */
	char *const *tail;	/* the words after those that the template has; likewise */
	const char *full_name;	/* the script's name, made absolute as CPython does; the text of -c with a newline; or NULL */
	const char *given;	/* the script's name as given, the text of -c, the module of -m; or NULL */
	const char *cmdline;	/* what /proc/PID/cmdline is to be */
	size_t cmdline_len;
	char *const *envp; /* its environment; NULL: the template's */
	int cwd_fd;
	bool leave; /* finalisation may be left out where nobody could tell (tracee/finish.h) */
	bool whole; /* it is thawed before it begins and has no breakpoints, because its own forks end unwatched */
};

/*
 * Adopts the fork for SPAWN, of which path, argv, envp and ignored are already as in the template. The last of SPAWN's
 * descriptors is the scratch's: it is mapped, sealed if SEAL, and then closed unless KEEP (programs that the fork
 * executes need it). 0: the fork is stopped at its first instruction, in a filter of its own, and the caller lets it
 * go on. On -errno it has been killed: -E2BIG if there are too many names or descriptors. The caller keeps its own
 * descriptors.
 */
int adopt_program(const struct adoption *adoption, const struct spawn *spawn, bool seal, bool keep);

#endif
