/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules on programs: which other files a program may execute, with which arguments, and how often. From text to rule
 * when a policy is made, and from rule to decision, which is pure.
 *
 * A rule names a file: links are followed when the policy is made, and only the file found then (device and inode) may
 * be executed. It is an ELF program of this architecture, or a "#!" file whose interpreter another rule names. That
 * rule's arguments do not matter then: which "#!" file is run, and with what, its own rule says. A rule also grants
 * reading what the program's start needs: its file, its loader and libraries.
 *
 * Arguments are matched one by one from the first after the name, a pattern for each. * stands for any text and ? for
 * one character, %* %? %% for themselves; a pattern that begins with a wildcard matches no argument that begins with
 * "-", for that is an option. ** alone, in the last place, stands for all that follow, options too.
 *
 * A program may get a policy of its own, narrower than the run's (policy.h). It holds from the exec on, for all that the
 * program makes and executes. Whoever is under it executes only what both policies let it, and gets no other one.
 */
#ifndef PROCTOR_POLICY_EXEC_H
#define PROCTOR_POLICY_EXEC_H

#include <sys/types.h>

#include "policy/policy.h"
#include "policy/source.h"

enum {
	EXEC_MAX_RULES = 64, /* of one policy */
	EXEC_MAX_NUMBERS = EXEC_MAX_RULES * (POLICY_MAX_NARROWER + 1),
	EXEC_MAX_PATTERNS = 64,
};

struct exec_rule {
	struct rule rule; /* RULE_EXEC; "process" where the policy lets the program make processes */
	char *path;	  /* canonical */
	char *text;	  /* as written, the interpreter in place of its variable */
	dev_t dev;
	ino_t ino;
	char *loader;	   /* canonical; NULL: none */
	char *search;	   /* where its libraries are besides the system's directories (DT_RUNPATH), or NULL */
	char *interpreter; /* of a "#!" file: canonical; NULL: it is a program itself */
	char **patterns;   /* coded, with WILD_ANY and WILD_ONE */
	size_t n_patterns;
	bool any_arguments; /* no patterns were written */
	bool any_more;	    /* others may follow those that have a pattern */
	uint64_t count;	    /* UINT64_MAX: any number */
	size_t narrower; /* the program's own policy: 1 + its position in those of the policy; 0: none */
	size_t number; /* among the rules of the run's policy and of those within it: for counting */
};

/* Frees what RULE owns (rules.c). */
void exec_rule_fini(struct exec_rule *rule);

/* RULE as its POLICY has it: {path: "/usr/bin/git", argv: ["status"], count: 1, policy: "git.yaml"}. */
void exec_put_rule(const struct policy *policy, const struct exec_rule *rule, struct buf *out);

/* A program to be executed, with its arguments, the name first: N texts one after the other, each with its NUL. */
struct exec_ask {
	const char *path; /* canonical */
	const char *args;
	size_t n_args;
};

/*
 * May ASK be executed? USED says how often each rule's program has been, by the rule's number; NULL: never. If
 * allowed, RET_RULE is the rule. If refused, it is a rule that names the program, but with other arguments, a count
 * that is used up or another policy, as the decision's rule says; NULL: no rule names it. Where POLICY is within another
 * one, both have to allow it; the rule is POLICY's.
 */
struct decision policy_decide_exec(const struct policy *policy, const struct exec_ask *ask, const uint64_t *used,
				   const struct exec_rule **ret_rule);

/* A rule that names the file DEV, INO, or the one at canonical PATH, or NULL. */
const struct exec_rule *policy_exec_of(const struct policy *policy, dev_t dev, ino_t ino);
const struct exec_rule *policy_exec_at(const struct policy *policy, const char *path);

/* Is there a rule for a program with the file name of PATH, in whatever directory? */
bool policy_names_program(const struct policy *policy, const char *path);

/* The policy that a program gets that is executed under POLICY by RULE, of the outermost policy. */
const struct policy *policy_of_program(const struct policy *policy, const struct exec_rule *rule);

/* May the program make processes? Also if it may only execute something: it needs a process to do that in. */
bool policy_makes_processes(const struct policy *policy);
/* Where the policy says so; NULL if it does not. */
const char *policy_process_ref(const struct policy *policy);

#endif
