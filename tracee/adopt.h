/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a program of what was forked from a template (tracee/template.h): what spawn.h does before an exec, and
 * what the exec itself would have done. In this order: attach; its descriptors, through a socket of its own; working
 * directory, names, the interpreter's fork hooks; the sealed scratch; Landlock; close all else; the filter; limits.
 * Only then does it go on, into the interpreter's own way of running a script.
 */
#ifndef PROCTOR_TRACEE_ADOPT_H
#define PROCTOR_TRACEE_ADOPT_H

#include "tracee/spawn.h"
#include "tracee/template.h"

/* A fork, and what it is to be. All borrowed. */
struct adoption {
	const struct template_facts *facts;
	pid_t pid;
	int pidfd;
	int socket;		/* as in struct template_fork */
	char *const *words;	/* the script as it was named, and its arguments; NULL-terminated */
	const char *full_name;	/* of the script, as CPython makes it absolute */
	const char *cmdline;	/* what /proc/PID/cmdline is to be */
	size_t cmdline_len;
	char *const *envp; /* its environment, where it is not the template's; or NULL */
	int cwd_fd;
	bool leave; /* its end may be short, where nobody could tell (tracee/finish.h) */
	bool whole; /* it is thawed before it begins, and has no breakpoints: its own forks end without being looked at */
};

/*
 * Adopts it for SPAWN, of which path, argv, envp and ignored are the template's already; the last of SPAWN's
 * descriptors is the scratch's, which is mapped and closed (kept when KEEP, for programs that it executes), sealed when SEAL. 0: it stands at its first instruction,
 * stopped, in a filter of its own, and the caller lets it go on. Or -errno, and it has been killed: -E2BIG when names
 * or descriptors are too many. The caller keeps the descriptors.
 */
int adopt_program(const struct adoption *adoption, const struct spawn *spawn, bool seal, bool keep);

#endif
