/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words in which a refusal is told: to the person who wrote the program, to the person who
 * wrote the policy, and what either could change. Pure: text in, text out. The supervisor uses
 * them while it happens (verdict, --live), report/ when it reads the log later; so both say the
 * same.
 *
 * Everything written is one line and fit for a terminal (base/text.h), whatever the texts in
 * the refusal hold. Nothing is appended beyond what each function says; no trailing newline.
 */
#ifndef PROCTOR_WORDS_WORDS_H
#define PROCTOR_WORDS_WORDS_H

#include "base/meant.h"
#include "base/subject.h"
#include "policy/policy.h"

/*
 * A refusal, or a limit that was crossed (rule RULE_LIMIT and syscall NULL when no call was the
 * occasion). All texts are borrowed; NULL means unknown or none.
 */
struct refusal {
	const char *syscall; /* "openat" */
	enum topic topic;    /* what the call is about; TOPIC_NONE when that is not known */
	bool conditional;    /* not every such call is refused: with other arguments it may pass */
	const char *args;    /* strace's text, without parentheses: AT_FDCWD, "a/b", O_RDONLY */
	const char *path;    /* canonical path that was decided on, raw bytes */
	const char *opened;  /* where it names no path: the file that its descriptor was open on, raw bytes */
	const char *address; /* what it was about, as a rule of `net` has it; NULL: none, or not known */
	enum action action;  /* ACTION_HIDE, ACTION_DENY or ACTION_KILL */
	bool audit;	     /* it would have been refused, but was let through */
	const char *err;     /* "EACCES" */
	const char *arch;    /* "x86_64", "i386", "x32" */

	enum rule_kind rule;	  /* the kind of rule that refused it */
	const char *rule_ref;	  /* "pure.yaml:5:1" */
	const char *ruleset;	  /* the policy that the program is under, if that is not the run's; or NULL */
	const char *rule_text;	  /* the path in that rule as written, where it has one */
	const char *nearest_path; /* the nearest read grant as written, and where */
	const char *nearest_ref;

	const struct meant *meant; /* what it was for, by the program's own word; NULL: the call says it, or not known */
	const char *file; /* innermost frame of user code; LINE is 0 when unknown */
	uint64_t line;
	const char *function;
	const char *submission; /* directory of the program; what is beneath it may be named to
				   students */
	const char *submission_named; /* the same as the command line had it; NULL when that is equal */

	const char *through; /* file of the library code that this line called, or its module */
	const char *source;  /* the line itself */

	bool importing;	   /* the interpreter asked, to find a module */
	bool question;	   /* a library's own question, not the program's: it does not count */
	bool options_only; /* there is no policy file that a line could be added to */
	bool scratch;	   /* the run has a directory of its own, where TMPDIR leads */
	bool network;	   /* some addresses are granted */

	/* `never` of the policy: syscalls and paths as written. Nothing beneath is proposed. */
	const char *const *never;
	size_t n_never;

	/* RULE_LIMIT only: which one, as set and as used (ns, bytes or a count); USED 0: unknown.
	 */
	enum limit limit;
	uint64_t limit_value, limit_used;
	uint64_t limit_supervisor_ns; /* of what was used of LIMIT_CPU: proctor's own work for it */
};

/* Why it was refused, told apart as a person would ask. */
enum cause {
	CAUSE_NO_GRANT,	 /* no rule grants it */
	CAUSE_READ_ONLY, /* a rule grants reading it, but not this */
	CAUSE_NEVER,	 /* a rule refuses it */
	CAUSE_HIDDEN,	 /* a rule makes it look absent */
	CAUSE_SYSCALL,	 /* the syscall is not for sandboxed programs */
	CAUSE_LIMIT,
	CAUSE_ARCH, /* foreign architecture */
	CAUSE_ARGUMENTS, /* a rule grants executing it, with other arguments */
	CAUSE_COUNT,	 /* a rule grants executing it, but no more times */
	CAUSE_PROGRAM_POLICY, /* a rule grants executing it, with another policy than this program is under */
	CAUSE_BOUND, /* what a write rule does not allow even beneath it: words_bound() */
};
enum cause refusal_cause(const struct refusal *r);
const char *cause_name(enum cause cause); /* "no_grant" …: for JSON. Static. */

/* What was asked of the path, from topic and args (enum want); 0 when it is not about a path. */
unsigned refusal_want(const struct refusal *r);
/* That of its topic; an open is about reading until its flags are looked at. */
enum subject refusal_subject(const struct refusal *r);

/*
 * Equal for refusals that are one to a person: of the same call, path, place and rule. A digest,
 * because the program makes the texts as long as it likes and must not be able to make two alike.
 */
enum { REFUSAL_KEY_SIZE = 32 };
void refusal_key(const struct refusal *r, uint8_t ret_key[REFUSAL_KEY_SIZE]);

/* What was asked, as a word: "reading", "listing", "writing" … Static. */
const char *words_asking(const struct refusal *r);

/* A look at what nothing grants, which was answered as if nothing were there. */
bool refusal_is_overlooked(const struct refusal *r);

/* Refused by proctor's own guard over /proc, /dev and /sys/kernel, which gives way to a rule that
 * names this one file. */
bool refusal_is_guarded(const struct refusal *r);
/* For such a refusal: why no rule can name that file either. NULL when one can, and for any other
 * refusal. Static. */
const char *words_ungrantable(const struct refusal *r);

/* For CAUSE_ARGUMENTS, CAUSE_COUNT and CAUSE_PROGRAM_POLICY: what a rule says of the program. Static. */
const char *words_program(const struct refusal *r);
/* For CAUSE_BOUND: why. Static. */
const char *words_bound(const struct refusal *r);

/* "socket is not for sandboxed programs", where other arguments would do "… with these arguments",
 * and of a hidden one "splice is not offered: programs do without it"; of a
 * change of a name that it is there already, or is not. */
void words_syscall(struct buf *out, const struct refusal *r);

/* VALUE of LIMIT: "2s", "256MiB", "1,024". */
void words_limit(struct buf *out, enum limit limit, uint64_t value);

/* "denied", "hidden", "not offered", "killed", "ended" (a limit); "would be denied" in audit mode. Static. */
const char *words_action(const struct refusal *r);

/* openat("data/x", O_RDONLY) = EACCES — AT_FDCWD and O_CLOEXEC, which tell a reader nothing, left
 * out. */
void words_call(struct buf *out, const struct refusal *r);

/*
 * The part of PATH beneath DIRECTORY, or NULL: for DIRECTORY itself, when PATH lies elsewhere, and
 * beneath "/", which would shorten nothing. "/box/../etc/x" is not beneath "/box": a program may give
 * its code any name. Points into PATH.
 */
const char *words_beneath(const char *directory, const char *path);

/*
 * solve.py:12 — relative to the submission where it lies beneath, otherwise in full. False, with
 * nothing appended, when unknown or, FOR_STUDENT, outside the submission.
 */
bool words_place(struct buf *out, const struct refusal *r, bool for_student);

/*
 * "Opening that file is not allowed (solve.py:12)." A sentence with no path outside the
 * submission and nothing about the policy.
 */
void words_student(struct buf *out, const struct refusal *r);

/* "nothing grants reading it; on_deny pure.yaml:5:1" */
void words_staff(struct buf *out, const struct refusal *r);

/* The whole of it in one line, for staff who see nothing else: "openat of /etc/passwd at solve.py:12 in
 * load(): nothing grants reading it; on_deny pure.yaml:5:1" */
void words_event(struct buf *out, const struct refusal *r);

/* What could be changed. Each may stay empty. */
struct fix {
	struct buf advice; /* to the program, and first where that is the right answer */
	struct buf policy; /* the smallest line of policy that allows exactly this:
			    * read: "/etc/passwd" — or empty when none may or can */
	struct buf option; /* the same as an option of run, where there is no policy file: -r /etc/passwd */
	struct buf note;   /* how far that line or option reaches, or why there is none */
};

/*
 * Fills RET_FIX; the caller releases it with fix_fini(). FOR_STUDENT: advice only, without paths
 * outside the submission.
 */
void words_fix(const struct refusal *r, bool for_student, struct fix *ret_fix);
void fix_fini(struct fix *fix);

#endif
