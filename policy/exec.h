/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules on programs: which other files a program may execute, with which arguments, and how often. Text to rule when a
 * policy is made, and rule to decision, which is pure.
 *
 * A rule names a file: links are followed when the policy is made, and it is the file found then (device and inode)
 * that may be executed. That is an ELF program of this architecture, or a "#!" file whose interpreter another rule
 * names, with whatever arguments: the "#!" file, and what it is given, is what its own rule says. Naming it grants what its start needs too: itself, its loader and libraries, to be read.
 *
 * Arguments are matched from the first behind the name on, one pattern for each. * stands for any text and ? for one
 * character, %* %? %% for themselves; a pattern that begins with a wildcard leaves arguments out that begin with "-",
 * for those are options. ** alone, in the last place, stands for all that follow, options too.
 */
#ifndef PROCTOR_POLICY_EXEC_H
#define PROCTOR_POLICY_EXEC_H

#include <sys/types.h>

#include "policy/policy.h"

enum { EXEC_MAX_RULES = 64, EXEC_MAX_PATTERNS = 64 };

struct exec_rule {
	struct rule rule; /* RULE_EXEC; "process" where the policy lets the program make processes */
	char *path;	  /* canonical */
	char *text;	  /* as written, the interpreter in place of its variable */
	dev_t dev;
	ino_t ino;
	char *loader;	   /* canonical; NULL: none */
	char *search;	   /* where its libraries are beside the system's directories (DT_RUNPATH), or NULL */
	char *interpreter; /* of a "#!" file: canonical; NULL: it is a program itself */
	char **patterns;   /* coded, with WILD_ANY and WILD_ONE */
	size_t n_patterns;
	bool any_arguments; /* no patterns were written */
	bool any_more;	    /* after those that the patterns are for, others may follow */
	uint64_t count;	    /* UINT64_MAX: any number */
};

/* Frees what RULE owns (rules.c). */
void exec_rule_fini(struct exec_rule *rule);

/* The rule as a policy has it: {path: "/usr/bin/git", argv: ["status"], count: 1}. */
void exec_put_rule(const struct exec_rule *rule, struct buf *out);

/* A program that is to be executed, with its arguments, the name first: N texts behind each other, each with its NUL. */
struct exec_ask {
	const char *path; /* canonical */
	const char *args;
	size_t n_args;
};

/*
 * May ASK be executed? USED says how often each rule's program has been, by the rule's position; NULL: never. Allowed,
 * RET_RULE is the rule. Refused, it is one that names the program, for other arguments or no more times, which the
 * decision's rule says; NULL: none does.
 */
struct decision policy_decide_exec(const struct policy *policy, const struct exec_ask *ask, const uint64_t *used,
				   const struct exec_rule **ret_rule);

/* A rule that names the file DEV, INO, or the one at canonical PATH, or NULL. */
const struct exec_rule *policy_exec_of(const struct policy *policy, dev_t dev, ino_t ino);
const struct exec_rule *policy_exec_at(const struct policy *policy, const char *path);

/* Is there a rule for a program that is called as PATH is, wherever it lies? */
bool policy_names_program(const struct policy *policy, const char *path);

/* May the program make processes? To execute something it needs one to do that in. */
bool policy_makes_processes(const struct policy *policy);
/* Where it says so, if it does. */
const char *policy_process_ref(const struct policy *policy);

#endif
