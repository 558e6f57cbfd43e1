/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy: text to rules to decision.
 *
 * A policy is read from YAML (or built in), laid over the grants that builtin:python derives from
 * the interpreter that will run, and frozen. After that every question to it is a pure function of
 * the policy and the arguments: no pid, no descriptor, no clock, no file is looked at.
 *
 * Rules on paths are matched against canonical text: absolute, no ".", no "..", no empty
 * component, no trailing slash, no symlink left. The most specific rule wins: an exact path before
 * a pattern before a tree, longer trees before shorter ones; between equals refuse before hide
 * before read. What no rule names is refused by on_deny.
 */
#ifndef PROCTOR_POLICY_POLICY_H
#define PROCTOR_POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/subject.h"

struct interpreter; /* policy/interpreter.h */
struct net_rule;    /* policy/net.h */
struct policy_kept; /* policy/kept.h */
struct policy_source; /* policy/source.h */
struct exec_rule;   /* policy/exec.h */

/* What a call wants from a path; several may be asked at once. */
enum want {
	WANT_LOOKUP = 1, /* that it exists, its metadata, its link text */
	WANT_READ = 2,	 /* its contents; for a directory, the names in it */
	WANT_WRITE = 4,	 /* to write its contents; to create it with open(2) where it is absent */
	WANT_EXEC = 8,	 /* to execute it (not: to map it as code) */
	WANT_CHANGE = 16, /* to make, remove, rename or link the name, or change the metadata: only a write
			   * rule's `extra` grants it, or root could remove /dev/null through its grant */
	WANT_HOLD = 32, /* to be in it, or to have a descriptor of it that reads nothing: chdir(2), O_PATH.
			 * Granted where a look is; elsewhere, unlike a look, it is an attempt */
};

/* What a write rule grants beyond reading. */
#define WRITE_EXTRA (WANT_WRITE | WANT_CHANGE)

enum action {
	ACTION_ALLOW,
	ACTION_HIDE, /* looks absent: the rule's errno (ENOENT, or EROFS for caches); no violation. Also a look
		      * (WANT_LOOKUP alone) at what no rule names, or proctor's own `never` guards */
	ACTION_DENY, /* refused with an errno; a violation */
	ACTION_KILL, /* refused and the run ends */
};

enum rule_kind {
	RULE_READ,    /* grants WANT_LOOKUP | WANT_READ (and `extra`) */
	RULE_HIDE,    /* looks absent */
	RULE_NEVER,   /* refused whatever any other rule says, and never proposed */
	RULE_ON_DENY, /* no rule matched: the default */
	RULE_SYSCALL, /* the syscall is not for sandboxed programs (or only with other arguments) */
	RULE_LIMIT,   /* a limit was crossed */
	RULE_ARCH,    /* foreign architecture or x32 */
	RULE_NET,     /* grants an address (policy/net.h); its id says for which use */
	RULE_REFUSE,  /* the policy refuses the call, by its name or a group */
	RULE_WRITE,   /* a write rule as written, or as asked of policy_add(): in a policy it is RULE_READ with
		       * WRITE_EXTRA, because writing implies reading */
	RULE_EXEC,    /* grants executing a program (policy/exec.h) */
	RULE_ARGUMENTS, /* that program, with other arguments: refused */
	RULE_COUNT,   /* that program, once more than granted: refused */
	RULE_PROGRAM_POLICY, /* that program gets another policy than the one that its caller is under: refused */
};

/* Where a rule was written: "pure.yaml:9:5", "builtin:python", "-r" … and what it is called in the log. */
struct rule {
	enum rule_kind kind;
	const char *id;	 /* "read", "write", "hide", "never", "refuse", "on_deny", "syscall", "limit", "arch", "connect", "bind",
			  * "exec", "exec.argv", "exec.count", "exec.policy" */
	const char *ref; /* owned by the policy */
};

enum grant_shape {
	GRANT_EXACT,   /* this path alone: a file, or with a trailing slash in the policy a directory
			* itself (its metadata and the names in it) but nothing beneath */
	GRANT_TREE,    /* this directory and everything beneath */
	GRANT_PATTERN, /* components with * and ?; a last component ** takes everything beneath,
			* and a pattern that hides or forbids does so without it */
};

/* What may be stored where a rule grants writing, if proctor counts it (supervisor/ledger.h). */
struct quota {
	bool counted;
	uint64_t bytes; /* of contents, rounded up to pages for each file; UINT64_MAX: no bound */
	uint64_t files; /* files, directories and links; UINT64_MAX: no bound */
};

/* A rule on paths. */
struct grant {
	struct rule rule; /* RULE_READ, RULE_HIDE or RULE_NEVER */
	enum grant_shape shape;
	char *path;	/* canonical; for a pattern the pattern as a policy would write it, with the
			 * canonical root */
	char *text;	/* as written, with the submission in place of its variable (%, * and ? of
			 * its name escaped by %, so that it means the same in a policy) */
	char *root;	/* canonical directory (or, for an exact non-directory, its parent) that a
			 * descriptor is opened on: PATH itself or its longest literal directory. It
			 * need not exist: then nothing can be reached through this rule. */
	unsigned extra; /* want bits beyond read: WANT_WRITE for /dev/null, WRITE_EXTRA */
	int err;	/* RULE_HIDE: errno for lookups and reads; ENOENT if 0 */
	int write_err;	/* errno, without a violation, for WANT_WRITE and WANT_CHANGE; 0: ordinary
			 * refusal */
	struct quota quota; /* of a write rule: what a run may add beneath it */
	bool builtin;	/* proctor's own rule: yields to an equal one of the user's */
	unsigned layer; /* of the policies that are laid over each other, the one that has this rule: between equal
			 * rules the later layer's decides */
	size_t index;	/* position in policy->grants */
};

/* A symlink that had to be crossed to reach a grant as written (/lib -> usr/lib, a venv's
 * python3 -> /usr/bin/python3). The resolver may read it although no grant holds it. */
struct policy_link {
	char *path;   /* canonical path of the link itself */
	char *target; /* its text */
	const char *ref; /* the rule that first needed it */
};

enum limit { LIMIT_CPU, LIMIT_WALL, LIMIT_MEMORY, LIMIT_OUTPUT, LIMIT_TASKS, LIMIT_FILES };
#define N_LIMITS (LIMIT_FILES + 1)

/* Limits: UINT64_MAX means none. */
struct limits {
	uint64_t cpu_ns, wall_ns;
	uint64_t memory_bytes; /* resident, with page tables */
	uint64_t output_bytes; /* written to stdout and stderr together */
	uint64_t tasks;	       /* threads at one time, the first included */
	uint64_t files;	       /* open descriptors at one time */
	const char *ref[N_LIMITS]; /* where each was set, in the order above; for the rule of a crossing */
};

/* May the program change the settings of its terminal? AUTO: if it was started from one. */
enum policy_terminal { TERMINAL_AUTO, TERMINAL_NO, TERMINAL_YES };

/* What processes may the program make? FORK: copies of itself (fork(2)), for each of which its rules hold. */
enum policy_process { PROCESS_NO, PROCESS_FORK };

enum log_calls { LOG_DENIED, LOG_BROKERED, LOG_ALL };
#define LOG_MAX_DEFAULT (UINT64_C(256) << 20)
enum log_full { LOG_FULL_KILL, LOG_FULL_DROP }; /* DROP: a `lost` record counts what is left out */

/* Where %{scratch} is. */
enum scratch_place {
	SCRATCH_WHERE_POSSIBLE, /* in memory, or where that is not possible in a directory */
	SCRATCH_IN_MEMORY,	/* the kernel counts what it holds */
	SCRATCH_IN_DIRECTORY,	/* on the host's disk; proctor counts what it holds */
};

struct scratch_size {
	enum scratch_place place;
	uint64_t bytes; /* of contents, rounded up to pages for each file */
	uint64_t files; /* files, directories and links */
	const char *ref; /* where it was set; NULL: nowhere, these are the defaults */
};

#define SCRATCH_BYTES_DEFAULT (UINT64_C(64) << 20)
#define SCRATCH_FILES_DEFAULT 10000
/* "64MiB" to bytes. 0, or -errno with RET_WRONG: what is wrong, to follow the name in a message; static. */
int scratch_bytes_parse(const char *text, uint64_t *ret_bytes, const char **ret_wrong);
int scratch_files_parse(const char *text, uint64_t *ret_files, const char **ret_wrong);

/* A call that the policy refuses, whatever its arguments. */
struct call_rule {
	char *name; /* "ptrace", or a group, "@network" (base/subject.h) */
	const char *ref;
	bool never; /* it is under `never`; otherwise under `refuse` */
};

/* A variable that the program gets. */
struct policy_variable {
	const char *name, *value; /* as written, %{scratch} in it; VALUE NULL: that of proctor's caller, if it has one */
	const char *ref;
	unsigned layer; /* as in struct grant */
};

struct policy {
	char *name;	     /* "pure" */
	char *text;	     /* the YAML as read; "" for builtin:pure alone */
	char *file;	     /* as given; "builtin:pure" */
	struct rule on_deny; /* RULE_ON_DENY */
	enum action deny_action; /* ACTION_DENY or ACTION_KILL */
	int deny_errno;
	struct grant **grants;
	size_t n_grants, cap_grants;
	struct grant **replaced; /* rules that do not hold, because a later layer has one in their place */
	size_t n_replaced;
	struct policy_source *source; /* the texts that it was made from */
	unsigned layer;		      /* the one whose rules are being added */
	struct policy_link *links;
	size_t n_links, cap_links;
	struct call_rule *calls; /* in a frozen policy sorted, each name once */
	size_t n_calls, cap_calls;
	const char **never_calls; /* of a frozen policy: the names of those under `never` */
	size_t n_never_calls;
	struct net_rule *net; /* policy/net.h */
	size_t n_net, cap_net;
	struct exec_rule *execs; /* policy/exec.h */
	size_t n_execs, cap_execs;
	struct limits limits;
	enum policy_terminal terminal;
	enum policy_process process;
	const char *process_ref; /* where that was set; NULL: nowhere */
	struct policy_variable *env; /* each name once; all texts are owned by the policy */
	size_t n_env, cap_env;
	const char *cwd, *cwd_ref;	 /* as written: absolute, %{submission}…, %{scratch}; NULL: the caller's */
	const char *python, *python_ref; /* absolute; NULL: what is found */
	unsigned umask;			 /* if umask_ref is set */
	const char *umask_ref;
	enum log_calls log_calls;
	uint64_t log_max; /* bytes, LOG_MAX_DEFAULT unless set; UINT64_MAX: no cap */
	enum log_full log_on_full;
	struct path_table *table; /* policy/path_table.h: the rules at each path */
	char **owned;		  /* the texts that rule.ref points to */
	size_t n_owned, cap_owned;
	const char *scratch_ref;  /* where %{scratch} was granted for writing, or NULL */
	struct scratch_size scratch;
	/* The policy of some programs is within the run's: what it answers is the stricter of both answers. One is within
	 * another, no deeper; the outer one owns those within it. */
	const struct policy *within; /* or NULL */
	struct policy **narrower;
	size_t n_narrower;
	size_t n_placed;	  /* grants that are sorted into the table */
	bool hides_names;	  /* a directory that may be listed may hold a name that is hidden */
	bool writes;		  /* there is a rule that grants writing */
	bool counts;		  /* and one of these has a quota */
	bool frozen;
};

/* What a policy is loaded for. */
struct policy_context {
	const struct interpreter *interpreter; /* NULL: no builtin:python grants */
	const char *submission; /* canonical directory of the script, or NULL: %{submission} is then an
				 * error in a file and left out of builtin:pure */
	const char *const *read; /* -r paths, as given; relative to the working directory. One that
				  * exists is taken literally, otherwise wildcards and %% mean what
				  * they mean in a file; a trailing slash means nothing */
	size_t n_read;
	const char *const *write; /* -w directories, as given, read as -r is; DIR:QUOTA where no file has that name */
	size_t n_write;
	const char *const *connect, *const *bind; /* --connect, --bind */
	size_t n_connect, n_bind;
	const char *const *exec; /* --exec, as given */
	size_t n_exec;
	uint64_t scratch_bytes; /* --scratch=SIZE, which overrides the policy; 0: not given */
	enum policy_process process; /* --process, which overrides the policy */
	const char *process_ref;     /* NULL: it was not given */
	const char *scratch_wanted; /* --scratch: %{scratch} is granted, with this ref; or NULL */
	/* Makes %{scratch} when a rule grants it and returns its canonical path, borrowed; NULL, after a message,
	 * when that failed. RET_COUNTS: the kernel keeps it to its size. Without this function no scratch is made,
	 * and the rule is left out. */
	const char *(*make_scratch)(void *arg, const struct scratch_size *size, bool *ret_counts);
	void *scratch_arg;
	/* The script as the interpreter will open it, granted too, and the canonical path that this name
	 * was found to lead to. If it leads elsewhere when the policy is loaded, that is an error. NULL: none. */
	const char *script, *script_real;
	const char *const *hide; /* absolute paths that look absent, each with its parents, except where
				  * another rule decides: a working directory that is not granted, in
				  * which "python3 -c" looks for modules */
	size_t n_hide;
	const char *const *never; /* canonical paths that no rule grants, as if `never` named them: the run's own records */
	size_t n_never;
	const struct policy *within; /* it is made for programs of this policy, which is frozen; NULL: for a run */
	struct policy_kept *kept; /* policy/kept.h: of a process that loads many policies; or NULL */
	bool lint; /* only the text is to be checked: without a submission, rules with %{submission}
		    * are accepted and left out */
};

/*
 * Loads NAME_OR_FILE: "builtin:pure" (or "pure"), "builtin:python", or a YAML file, with all that it
 * extends. Messages ("FILE:LINE:COLUMN: text\n", errors and then warnings) are appended to MESSAGES. 0;
 * -EINVAL when the policy is wrong; -errno when it cannot be read. The caller frees with policy_free().
 */
int policy_load(const char *name_or_file, const struct policy_context *context,
		struct policy **ret_policy, struct buf *messages);
/* The same from SOURCE, which policy_source_read() has read and this takes, also on failure. */
int policy_load_source(struct policy_source *source, const struct policy_context *context,
		       struct policy **ret_policy, struct buf *messages);
/* The same from memory; FILE names it in messages, and files that it extends are looked for in FILE's directory.
 * For tests, fuzzing and `policy test`. */
int policy_load_text(const char *text, size_t len, const char *file,
		     const struct policy_context *context, struct policy **ret_policy,
		     struct buf *messages);
void policy_free(struct policy *policy);

/* ------------------------------------------------------------------ questions */

/* The run's policy: POLICY, or what it is within. */
static inline const struct policy *policy_outermost(const struct policy *policy)
{
	return policy->within ? policy->within : policy;
}

/* The policy called NAME that programs of POLICY get, or NULL. */
const struct policy *policy_named_within(const struct policy *policy, const char *name);

/* The rule that decides PATH (LEN bytes, canonical), or NULL when none names it. */
const struct grant *policy_match(const struct policy *policy, const char *path, size_t len);

/* PATH is a proper ancestor directory of some read grant's path or of a link, or a directory that
 * a read pattern may lead through: it may be walked through and its metadata looked up, but not
 * listed. The ancestors of hide and never rules are not: those are matched as text. */
bool policy_is_ancestor(const struct policy *policy, const char *path, size_t len);

/* Does a rule name PATH or something that may be beneath it, or lead through it? Then moving PATH would move it away
 * from the rule. A path that is only one of many in a granted tree is not bound. */
bool policy_is_bound(const struct policy *policy, const char *path, size_t len);

/* Is GRANT (or NULL) that of %{scratch}? */
static inline bool grant_is_scratch(const struct policy *policy, const struct grant *grant)
{
	return grant && policy->scratch_ref && grant->rule.ref == policy->scratch_ref && strcmp(grant->text, "%{scratch}") == 0;
}

/* Does GRANT (or NULL) let names be made, removed and moved? */
static inline bool grant_writes(const struct grant *grant)
{
	return grant && (grant->extra & WANT_CHANGE);
}

/* The recorded link at exactly PATH, or NULL. */
const struct policy_link *policy_link_at(const struct policy *policy, const char *path, size_t len);

/*
 * What the resolver arrives at for PATH (absolute) where no other link than recorded ones is on its way: their texts are
 * put in their places, and the file system is not asked. NULL: no recorded link is on its way, or more than 40. The
 * caller frees it.
 */
char *policy_cross_links(const struct policy *policy, const char *path);

struct decision {
	enum action action;
	int err;		  /* positive errno for HIDE and DENY; 0 otherwise */
	struct rule rule;	  /* that decided */
	const struct grant *grant; /* the matching rule on paths; NULL when none */
	bool violation;		  /* counts against the program */
};

/*
 * May a program do WANT (enum want bits) to canonical PATH? Ancestors and links answer
 * WANT_LOOKUP and WANT_HOLD with ALLOW, also beneath a hidden tree, unless the user hid or forbade that
 * very path. WANT_WRITE or WANT_CHANGE into a read grant answers with write_err where it is set,
 * and with EROFS for Python's caches (a component __pycache__, or a name that ends in .pyc or
 * .pyo): no violation, the interpreter goes on without. Writing to a hidden path is an ordinary
 * refusal.
 *
 * Where POLICY is within another one, that one's refusal is the answer if POLICY has none, and its `never` and `hide` in
 * any case.
 */
struct decision policy_decide_path(const struct policy *policy, unsigned want, const char *path,
				   size_t len);

/* A call that is not for sandboxed programs; ERR is its table row's errno (0: on_deny's). */
struct decision policy_decide_refused(const struct policy *policy, int err);

/*
 * Does a rule name system call SYSCALL, or a group that TOPIC is in (TOPIC_NONE: it is in none)? Then it is refused and
 * a violation, whatever its arguments. `never` comes before `refuse`, and the name before a group. A group leaves out
 * what cannot be forbidden.
 */
bool policy_decide_syscall(const struct policy *policy, const char *syscall, enum topic topic,
			   struct decision *ret_decision);

/* Does CPython as it is usually built not start without SYSCALL? */
bool policy_is_needed(const char *syscall);

/* The read grant with the longest common beginning (whole components) with PATH; NULL when that
 * is "/" alone. For explanations. */
const struct grant *policy_nearest(const struct policy *policy, const char *path, size_t len);

/* The effective policy as YAML with a comment "# ref" after each rule. */
void policy_show(const struct policy *policy, struct buf *out);

const char *action_name(enum action action);	     /* "allow" "hide" "deny" "kill" */
const char *limit_name(enum limit limit);	     /* "cpu" "wall" … as in the policy */
void limits_init(struct limits *limits);	     /* no limit set */
/* The value of LIMIT in LIMITS: to set it, and to read it. */
uint64_t *limits_at(struct limits *limits, enum limit limit);
uint64_t limits_get(const struct limits *limits, enum limit limit);

#endif
