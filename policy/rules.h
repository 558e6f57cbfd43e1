/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a policy, private to this room: from the text of a path to canonical rules, until
 * policy_freeze() sorts them into the table that questions are answered from.
 */
#ifndef PROCTOR_POLICY_RULES_H
#define PROCTOR_POLICY_RULES_H

#include "policy/net.h"
#include "policy/path_table.h"
#include "policy/source.h"

#define POLICY_MAX_RULES 16384
#define POLICY_MAX_ERRORS 20

/* An empty policy named NAME that refuses with EACCES and has no limits. */
struct policy *policy_new(const char *name, const char *file);
/* A copy of TEXT that lives as long as POLICY: for rule.ref. */
const char *policy_own(struct policy *policy, const char *text);

/* Errors and warnings apart, so that errors are shown first. */
struct messages {
	struct buf errors, warnings;
	size_t n_errors;
};
void messages_fini(struct messages *messages);
/* "WHERE: TEXT\n". */
void message_error(struct messages *messages, const char *where, const char *format, ...)
	_printf_(3, 4);
void message_warning(struct messages *messages, const char *where, const char *format, ...)
	_printf_(3, 4);

/* A path as the filesystem has it: canonical as far as it exists. */
struct canonical {
	char *path;
	enum path_type type; /* PATH_MISSING: the rest is as written */
	bool proc_link;	     /* a magic link directly in /proc, which is not followed */
};
/*
 * Follows PATH (absolute) as realpath(3) does and records every symlink crossed in POLICY, for
 * the rule at REF. Files are looked at, never opened. 0; -ELOOP; -ENAMETOOLONG; -EINVAL when ".."
 * follows a component that does not exist.
 */
int canonicalise(struct policy *policy, const char *path, const char *ref, struct canonical *ret);

/* Appends a rule; PATH and TEXT are copied (TEXT NULL: made from PATH and SHAPE). The caller may
 * set extra, err and write_err. */
struct grant *policy_add(struct policy *policy, enum rule_kind kind, enum grant_shape shape,
			 const char *path, const char *text, const char *ref);

/* Sets the QUOTA of GRANT, a write rule of POLICY. */
void policy_set_quota(struct policy *policy, struct grant *grant, const struct quota *quota);

/* A path as written, and what it needs besides to become a rule. */
struct path_rule {
	enum rule_kind kind;
	const char *text;	/* NUL-terminated */
	const char *where;	/* for messages and the rule's ref */
	const char *submission; /* or NULL */
	bool lint;		/* struct policy_context */
	const char *exact;	/* the text must lead to this canonical path, whatever characters it has */
	struct quota quota; /* RULE_WRITE */
	bool command_line; /* as -r: may be relative, is literal if it exists, a trailing slash means
			      nothing */
};
/* Adds the rule or says in MESSAGES what is wrong with it. */
void policy_add_path(struct policy *policy, const struct path_rule *rule,
		     struct messages *messages);

/* Grants the address TEXT for USE, or says in MESSAGES what is wrong with it. WHERE must live as long as POLICY. */
void policy_add_address(struct policy *policy, enum net_use use, const char *text, const char *where,
			struct messages *messages);

/* Refuses system call NAME (letters, digits, _) or the group NAME (with an @), by `never` or `refuse`. MESSAGES get an
 * error if that is impossible, a warning if it has consequences. WHERE must live as long as POLICY. */
void policy_refuse_call(struct policy *policy, const char *name, bool never, const char *where,
			struct messages *messages);
/* Would a program that is refused SYSCALL neither end nor go on? */
bool policy_is_indispensable(const char *syscall);
/* What becomes of a program that is refused SYSCALL, to be freed, or NULL; RET_IMPOSSIBLE: it cannot be refused. */
char *policy_call_remark(const char *syscall, bool *ret_impossible);
/* Sorts policy->calls, for policy_freeze(). */
void policy_sort_calls(struct policy *policy);

/* Gives the program variable NAME with VALUE (NULL: the caller's), whatever a lower layer said of it. REF is kept.
 * NULL, or what is wrong with it, static. */
const char *policy_set_variable(struct policy *policy, const char *name, const char *value, const char *ref);
/* What is wrong with TEXT as a working directory, static; or NULL. */
const char *policy_directory_wrong(const char *text);

/* Hides PATH (absolute) and each of its parents, each alone and only where no rule of POLICY, which has to be
 * sorted, decides: proctor's own refusals beneath /proc and the like give way, everything else wins. */
void policy_hide_path(struct policy *policy, const char *path, const char *ref);

/* Why there cannot be a read rule of SHAPE at canonical PATH (text), or NULL when there can. */
const char *policy_ungrantable(const char *path, enum grant_shape shape);

/* Sorts into the table what was added since the last time. */
void policy_sort(struct policy *policy);
/* The same, for the last time. */
void policy_freeze(struct policy *policy);

/* A policy that a document names, as written, and where. */
struct policy_mention {
	char *text, *ref;
};
struct policy_head {
	struct policy_mention *extends, *narrower; /* NARROWER: those that its programs get */
	size_t n, cap, n_narrower, cap_narrower;
	char *python, *cwd; /* or NULL */
};
void policy_head_fini(struct policy_head *head);
/* Reads the head of DOCUMENT and checks that it is such YAML as policies may be; says in MESSAGES what is wrong. */
void policy_parse_head(const struct policy_document *document, struct policy_head *head, struct messages *messages);
/* Lays DOCUMENT, whose head was read without a message, over what POLICY has. LAST: it is the policy itself. */
void policy_parse_yaml(struct policy *policy, const struct policy_document *document, bool last,
		       const struct policy_context *context, struct messages *messages);

/* Takes out of POLICY, before it is sorted, the rules that a later layer replaces. */
void policy_settle_layers(struct policy *policy);

/* A scratch with the defaults. */
void scratch_size_init(struct scratch_size *scratch);

/* The value of policy->hides_names for a frozen POLICY. Looks whether what proctor itself hides is there. */
bool policy_find_hidden_names(const struct policy *policy);

/* A path as it would be written in a policy: % * ? doubled or escaped, without quotes. */
void put_policy_path(struct buf *out, const char *path);

#endif
