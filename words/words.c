/* SPDX-License-Identifier: Apache-2.0 */
#include "words/words.h"

#include <ctype.h>
#include <limits.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/text.h"
#include "policy/net.h"
#include "policy/rules.h"
#include "words/advice.h"
#include "words/leads_out.h"
#include "words/meant.h"
#include "words/random_name.h"
#include "words/topics.h"

/* ------------------------------------------------------------------ what a call is about */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The end of the quoted string that begins at P. */
static const char *skip_string(const char *p)
{
	for (p++; *p && *p != '"'; p++)
		if (*p == '\\' && p[1])
			p++;
	return *p ? p + 1 : p;
}

/* Is FLAG one of the words of ARGS, outside its strings? A path cannot pass itself off as a flag.
 */
static bool has_flag(const char *args, const char *flag)
{
	const char *p = args ? args : "";
	size_t n = strlen(flag);

	while (*p) {
		const char *word = p;

		if (*p == '"') {
			p = skip_string(p);
			continue;
		}
		while (is_word(*p))
			p++;
		if ((size_t)(p - word) == n && strncmp(word, flag, n) == 0)
			return true;
		if (p == word)
			p++;
	}
	return false;
}

static bool opens_for_writing(const struct refusal *r)
{
	static const char *const flags[] = { "O_WRONLY", "O_RDWR",   "O_CREAT",
					     "O_TRUNC",	 "O_APPEND", "O_TMPFILE" };

	if (r->syscall && streq(r->syscall, "creat"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (has_flag(r->args, flags[i]))
			return true;
	return false;
}

unsigned refusal_want(const struct refusal *r)
{
	switch (r->topic) {
	case TOPIC_OPEN:
		if (has_flag(r->args, "O_PATH"))
			return WANT_HOLD;
		return opens_for_writing(r) ? WANT_WRITE : WANT_READ;
	case TOPIC_LOOK:
	case TOPIC_LIST:
		return WANT_LOOKUP;
	case TOPIC_CHDIR:
		return WANT_HOLD;
	case TOPIC_CHANGE:
		return WANT_CHANGE;
	case TOPIC_EXEC:
		return WANT_EXEC;
	default:
		return 0;
	}
}

/*
 * Was a directory as such asked for: its names or itself, not something beneath it? Only the call
 * tells: what lies at a path that nothing grants is not looked at. A path that ends in a slash can be
 * no file's; a quote inside one would have a backslash before it.
 */
static bool wants_directory(const struct refusal *r)
{
	return r->topic == TOPIC_CHDIR || r->topic == TOPIC_LIST || has_flag(r->args, "O_DIRECTORY") ||
	       (r->args && strstr(r->args, "/\""));
}

/* ------------------------------------------------------------------ causes */

enum cause refusal_cause(const struct refusal *r)
{
	switch (r->rule) {
	case RULE_READ:
		return CAUSE_READ_ONLY;
	case RULE_WRITE:
		return CAUSE_BOUND;
	case RULE_HIDE:
		return CAUSE_HIDDEN;
	case RULE_NEVER:
	case RULE_REFUSE:
		return CAUSE_NEVER;
	case RULE_SYSCALL:
		return CAUSE_SYSCALL;
	case RULE_LIMIT:
		return CAUSE_LIMIT;
	case RULE_ARCH:
		return CAUSE_ARCH;
	case RULE_ARGUMENTS:
		return CAUSE_ARGUMENTS;
	case RULE_COUNT:
		return CAUSE_COUNT;
	case RULE_PROGRAM_POLICY:
		return CAUSE_PROGRAM_POLICY;
	case RULE_ON_DENY:
	case RULE_NET:
	case RULE_EXEC:
		break;
	}
	return refusal_want(r) || r->address ? CAUSE_NO_GRANT : CAUSE_SYSCALL;
}

/* bind(2), or listen(2) where that binds; all else reaches out. */
static bool binds(const struct refusal *r)
{
	return r->syscall && (streq(r->syscall, "bind") || streq(r->syscall, "listen"));
}

const char *words_asking(const struct refusal *r)
{
	if (r->address)
		return binds(r) ? "binding to" : "connecting to";
	switch (refusal_want(r)) {
	case WANT_READ:
		return wants_directory(r) ? "listing" : "reading";
	case WANT_WRITE:
		return "writing";
	case WANT_CHANGE:
		return "changing";
	case WANT_EXEC:
		return "executing";
	case WANT_HOLD:
		return r->topic == TOPIC_CHDIR ? "entering" : "opening";
	default:
		return "looking at";
	}
}

enum subject refusal_subject(const struct refusal *r)
{
	return refusal_want(r) & (WANT_WRITE | WANT_CHANGE) ? SUBJECT_WRITE : topic_subject(r->topic);
}

bool refusal_is_overlooked(const struct refusal *r)
{
	return r->action == ACTION_HIDE && refusal_want(r) == WANT_LOOKUP &&
	       (r->rule == RULE_ON_DENY || r->rule == RULE_NEVER);
}

bool refusal_is_guarded(const struct refusal *r)
{
	return r->rule == RULE_NEVER && r->rule_ref && streq(r->rule_ref, "builtin:never");
}

const char *cause_name(enum cause cause)
{
	static const char *const names[] = {
		[CAUSE_NO_GRANT] = "no_grant", [CAUSE_READ_ONLY] = "read_only",
		[CAUSE_NEVER] = "never",       [CAUSE_HIDDEN] = "hidden",
		[CAUSE_SYSCALL] = "syscall",   [CAUSE_LIMIT] = "limit",
		[CAUSE_ARCH] = "arch",	       [CAUSE_BOUND] = "bound",
		[CAUSE_ARGUMENTS] = "arguments", [CAUSE_COUNT] = "count",
		[CAUSE_PROGRAM_POLICY] = "program_policy",
	};

	return names[cause];
}

/* As on a kernel that does not have the call, or on a machine without that kind of socket. */
static bool is_not_offered(const struct refusal *r)
{
	return r->action == ACTION_HIDE && r->err && (streq(r->err, "ENOSYS") || streq(r->err, "EAFNOSUPPORT") ||
							     (streq(r->err, "EOPNOTSUPP") && r->syscall && streq(r->syscall, "socket")));
}

const char *words_action(const struct refusal *r)
{
	if (r->rule == RULE_LIMIT && !r->syscall)
		return r->audit ? "would be ended" : "ended";
	switch (r->action) {
	case ACTION_HIDE:
		if (is_not_offered(r))
			return r->audit ? "would not be offered" : "not offered";
		return r->audit ? "would be hidden" : "hidden";
	case ACTION_KILL:
		return r->audit ? "would be killed" : "killed";
	default:
		return r->audit ? "would be denied" : "denied";
	}
}

/* ------------------------------------------------------------------ alike */

static void digest(struct sha256_ctx *ctx, const char *text)
{
	/* The NUL goes in as well: "ab","c" is not "a","bc". */
	if (text)
		sha256_update(ctx, strlen(text) + 1, (const uint8_t *)text);
	else
		sha256_update(ctx, 1, (const uint8_t *)"\377");
}

void refusal_key(const struct refusal *r, uint8_t ret_key[REFUSAL_KEY_SIZE])
{
	_cleanup_buf_ struct buf meant = { 0 };
	struct sha256_ctx ctx;
	char numbers[80];

	sha256_init(&ctx);
	digest(&ctx, r->syscall);
	/* Where there is no path the arguments are what was asked; where there is one they may hold
	 * pointers that differ each time. */
	digest(&ctx, r->path ? r->path : r->address ? r->address : r->args);
	digest(&ctx, r->file);
	digest(&ctx, r->rule_ref);
	snprintf(numbers, sizeof numbers, "%llu %d %d %u %d", (unsigned long long)r->line,
		 (int)r->action, (int)r->rule, refusal_want(r), r->question);
	digest(&ctx, numbers);
	/* Two programs, or two hosts, are not one, though nothing in the calls tells them apart. */
	meant_key(r->meant, &meant);
	if (meant.len)
		digest(&ctx, meant.data);
	sha256_digest(&ctx, REFUSAL_KEY_SIZE, ret_key);
}

/* ------------------------------------------------------------------ the call and its place */

/* ARGS without what tells a reader nothing: a first AT_FDCWD, and O_CLOEXEC among other flags. */
static void put_args(struct buf *out, const char *args)
{
	const char *p = after_prefix(args, "AT_FDCWD, ");

	if (!p)
		p = args;
	while (*p) {
		const char *run = p, *rest;

		if (*p == '"')
			p = skip_string(p);
		else if ((rest = after_prefix(p, "|O_CLOEXEC")) && !is_word(*rest)) {
			p = rest;
			continue;
		} else
			p++;
		buf_put(out, run, (size_t)(p - run));
	}
}

static void put_escaped_args(struct buf *out, const char *text)
{
	_cleanup_buf_ struct buf args = { 0 };

	put_args(&args, text);
	buf_putc(out, '(');
	text_escape(out, args.data ? args.data : "", args.len, TEXT_ARGS);
	buf_putc(out, ')');
}

void words_call(struct buf *out, const struct refusal *r)
{
	text_args(out, r->syscall ? r->syscall : "?");
	put_escaped_args(out, r->args ? r->args : "");
	if (r->action == ACTION_KILL && !r->audit)
		buf_lit(out, " = ?");
	else if (r->err && !r->audit) {
		buf_lit(out, " = ");
		text_args(out, r->err);
	}
}

const char *words_beneath(const char *directory, const char *path)
{
	const char *rest = path_inside(path, directory);

	if (!rest || rest == path)
		return NULL;
	while (*rest == '/')
		rest++;
	return *rest ? rest : NULL;
}

/* The part of PATH beneath the submission, or NULL. */
static const char *beneath(const struct refusal *r, const char *path)
{
	const char *rest = words_beneath(r->submission, path);

	return rest ? rest : words_beneath(r->submission_named, path);
}

bool words_place(struct buf *out, const struct refusal *r, bool for_student)
{
	const char *file = beneath(r, r->file);

	if (!r->file || !*r->file)
		return false;
	if (for_student && (leads_out(file ? file : r->file) || (!file && strstr(r->file, ".."))))
		return false;
	text_path(out, file ? file : r->file);
	if (r->line) {
		buf_putc(out, ':');
		buf_u64(out, r->line);
	}
	return true;
}

/* ------------------------------------------------------------------ to students */

static const char *const limit_sentences[] = {
	[LIMIT_CPU] = "The program used more processor time than it may",
	[LIMIT_WALL] = "The program ran longer than it may",
	[LIMIT_MEMORY] = "The program used more memory than it may",
	[LIMIT_OUTPUT] = "The program wrote more output than it may",
	[LIMIT_TASKS] = "The program started more threads than it may",
	[LIMIT_FILES] = "The program opened more files at one time than it may",
};

/* Does TEXT, an entry of `never` that is no path, name the call of R, or a group that it is in? */
static bool names_call(const char *text, const struct refusal *r)
{
	return *text == '@' ? group_has(text + 1, r->topic) : r->syscall && streq(text, r->syscall);
}

/* Does `never` or `refuse` name the call itself, not what it was asked for? Calls that no program may make are
 * described as they are without such a rule. */
static bool call_is_forbidden(const struct refusal *r)
{
	if (!r->syscall || !r->conditional)
		return false;
	for (size_t i = 0; r->rule == RULE_NEVER && i < r->n_never; i++)
		if (names_call(r->never[i], r))
			return true;
	return r->rule == RULE_REFUSE;
}

/* TRYING ("Opening"), and then the name where a student may be told it, or WHAT. */
static void student_path(struct buf *out, const struct refusal *r, const char *trying, const char *what)
{
	const char *path = beneath(r, r->path ? r->path : r->opened);
	_cleanup_buf_ struct buf pattern = { 0 };

	buf_puts(out, trying);
	if (path && !leads_out(path)) {
		buf_lit(out, " \"");
		text_path(out, random_name(path, false, &pattern) ? pattern.data : path);
		buf_putc(out, '"');
	} else
		buf_puts(out, what);
}

static bool student_meant(struct buf *out, const struct refusal *r)
{
	return (r->topic == TOPIC_START || topic_subject(r->topic) == SUBJECT_NETWORK) && meant_trying(r->meant, out);
}

static void student_trying(struct buf *out, const struct refusal *r)
{
	if (!r->address && student_meant(out, r))
		return;
	if (r->address) {
		buf_puts(out, binds(r) ? "Giving a socket the address " : "Connecting to ");
		text_path(out, r->address);
	} else if (r->topic == TOPIC_OPEN && refusal_want(r) == WANT_WRITE)
		student_path(out, r, "Writing to", " files");
	else if (r->topic == TOPIC_OPEN && wants_directory(r))
		student_path(out, r, "Listing", " that directory");
	else if (r->topic == TOPIC_OPEN)
		student_path(out, r, "Opening", " that file");
	else if (r->topic == TOPIC_CHDIR)
		student_path(out, r, "Changing to", " that directory");
	else if (r->topic == TOPIC_LOOK)
		student_path(out, r, "Looking at", " that file");
	else if (r->topic == TOPIC_CHANGE && r->opened)
		student_path(out, r, "Changing", " that file");
	else
		buf_puts(out, topic_trying(r->topic));
}

static void student_sentence(struct buf *out, const struct refusal *r)
{
	if (r->rule == RULE_LIMIT && r->limit_supervisor_ns)
		buf_lit(out, "The program and the work that its system calls made used more processor time than "
			     "they may");
	else if (r->rule == RULE_LIMIT)
		buf_puts(out, limit_sentences[r->limit]);
	else if (r->rule == RULE_ARCH)
		buf_lit(out, "Running code for another kind of processor is not allowed");
	else if (r->rule == RULE_HIDE)
		buf_lit(out, "That file is not there");
	else if (refusal_is_overlooked(r)) {
		student_path(out, r, "For this program", " that file");
		buf_lit(out, " is not there");
	} else if (topic_trying(r->topic) && !call_is_forbidden(r)) {
		student_trying(out, r);
		buf_puts(out, r->action == ACTION_HIDE ? " is not possible here" : " is not allowed");
	} else {
		buf_lit(out, "The system call ");
		text_args(out, r->syscall ? r->syscall : "?");
		buf_lit(out, " is not allowed");
	}
}

void words_student(struct buf *out, const struct refusal *r)
{
	_cleanup_buf_ struct buf place = { 0 };

	student_sentence(out, r);
	if (words_place(&place, r, true)) {
		buf_lit(out, " (");
		buf_put(out, place.data, place.len);
		buf_putc(out, ')');
	}
	buf_putc(out, '.');
}

/* ------------------------------------------------------------------ to staff */

void words_limit(struct buf *out, enum limit limit, uint64_t value)
{
	switch (limit) {
	case LIMIT_CPU:
	case LIMIT_WALL:
		text_duration(out, value);
		break;
	case LIMIT_MEMORY:
	case LIMIT_OUTPUT:
		text_size(out, value);
		break;
	default:
		text_count(out, value);
	}
}

static void staff_limit(struct buf *out, const struct refusal *r)
{
	buf_printf(out, "limit %s ", limit_name(r->limit));
	words_limit(out, r->limit, r->limit_value);
	if (r->limit_used > r->limit_value) {
		buf_lit(out, " crossed at ");
		words_limit(out, r->limit, r->limit_used);
	} else
		buf_lit(out, " reached");
	if (r->limit_supervisor_ns) {
		buf_lit(out, ", of which the program made proctor work for ");
		text_duration(out, r->limit_supervisor_ns);
	}
	buf_putc(out, ';');
}

static bool is_word_of(const char *word, size_t n, const char *const *words)
{
	size_t i;

	for (i = 0; words[i]; i++)
		if (strlen(words[i]) == n && memcmp(words[i], word, n) == 0)
			return true;
	return false;
}

/* Is it a call that makes a process as `process: fork` grants it? supervisor/handlers/process.c */
static bool is_fork(const struct refusal *r)
{
	static const char *const flags[] = { "CLONE_CHILD_CLEARTID", "CLONE_CHILD_SETTID", "CLONE_PARENT_SETTID",
					     "SIGCHLD", NULL };
	const char *at = r->args;
	bool told = false;

	if (r->rule != RULE_SYSCALL || r->topic != TOPIC_START || !r->syscall)
		return false;
	if (!streq(r->syscall, "clone"))
		return streq(r->syscall, "fork") || streq(r->syscall, "vfork");
	if (after_prefix(at, "CLONE_VM|CLONE_VFORK|SIGCHLD,"))
		return true;
	for (;;) {
		size_t n = strcspn(at, "|,");

		if (!is_word_of(at, n, flags))
			return false;
		told |= n == strlen("SIGCHLD") && memcmp(at, "SIGCHLD", n) == 0;
		if (at[n] != '|')
			return told && at[n] == ',';
		at += n + 1;
	}
}

/* Is it a socket of a kind, or none is known, that `net` can grant an address to? Which address is not known before it
 * is used. */
static bool is_addressable(const struct refusal *r)
{
	if (!r->syscall || !streq(r->syscall, "socket"))
		return false;
	if (!r->args)
		return true;
	return (has_flag(r->args, "AF_INET") || has_flag(r->args, "AF_INET6") || has_flag(r->args, "AF_UNIX")) &&
	       (has_flag(r->args, "SOCK_STREAM") || has_flag(r->args, "SOCK_DGRAM"));
}

/* A change of a name that was not made because the name is there already, or is not: what the kernel finds first. */
static bool is_of_presence(const struct refusal *r)
{
	return r->action == ACTION_HIDE && r->rule == RULE_SYSCALL && r->topic == TOPIC_CHANGE && r->path && r->err &&
	       (streq(r->err, "ENOENT") || streq(r->err, "EEXIST"));
}

void words_syscall(struct buf *out, const struct refusal *r)
{
	if (is_of_presence(r)) {
		buf_puts(out, streq(r->err, "EEXIST") ? "that name is there already, which comes before whether it may be made" :
							"no such name is there, which comes before whether it may be changed");
		return;
	}
	text_args(out, r->syscall ? r->syscall : "?");
	if (is_not_offered(r)) {
		buf_lit(out, " is not offered: programs do without it");
		return;
	}
	if (is_fork(r)) {
		buf_lit(out, " is for sandboxed programs only where the policy grants it");
		return;
	}
	if (is_addressable(r)) {
		buf_lit(out, " is for sandboxed programs only where the policy grants an address of its kind");
		return;
	}
	buf_lit(out, " is not for sandboxed programs");
	if (r->conditional)
		buf_lit(out, " with these arguments");
}

static const char *without_grant(const struct refusal *r)
{
	if (r->address)
		return binds(r) ? "nothing grants binding to it; on_deny" : "nothing grants connecting to it; on_deny";
	switch (refusal_want(r)) {
	case WANT_WRITE:
	case WANT_CHANGE:
		return "nothing grants writing to it; on_deny";
	case WANT_EXEC:
		return "nothing grants executing it; on_deny";
	case WANT_LOOKUP:
		return refusal_is_overlooked(r) ? "nothing grants looking at it, so it looks absent; on_deny" :
						  "nothing grants looking at it; on_deny";
	case WANT_HOLD:
		return r->topic == TOPIC_CHDIR ? "nothing grants entering it; on_deny" :
						 "nothing grants opening it; on_deny";
	default:
		return "nothing grants reading it; on_deny";
	}
}

const char *words_ungrantable(const struct refusal *r)
{
	return refusal_is_guarded(r) && r->path && *r->path == '/' ? policy_ungrantable(r->path, GRANT_EXACT)
								    : NULL;
}

const char *words_program(const struct refusal *r)
{
	if (r->rule == RULE_PROGRAM_POLICY)
		return "it gets a policy of its own, and this program is under another one already";
	return r->rule == RULE_COUNT ? "it has been executed as often as it may" :
				       "it may be executed with other arguments only";
}

const char *words_bound(const struct refusal *r)
{
	if (r->err && streq(r->err, "EXDEV"))
		return "no name goes from one rule's files to another's";
	if (r->err && streq(r->err, "EBUSY"))
		return "another rule speaks of this name, or of what is beneath it";
	if (r->err && streq(r->err, "ENOSPC"))
		return "what this rule lets it store is used up";
	if (r->err && streq(r->err, "EOPNOTSUPP"))
		return "a file without a name is not made where files are counted";
	return "devices, FIFOs and sockets stay where they are";
}

static void staff_never(struct buf *out, const struct refusal *r)
{
	const char *why = words_ungrantable(r);

	if (r->rule == RULE_REFUSE)
		buf_lit(out, "refused by refuse");
	else if (why)
		buf_printf(out, "%s;", why);
	else
		buf_puts(out, refusal_is_guarded(r) ? "granted only by its exact name;" : "refused by never");
}

void words_staff(struct buf *out, const struct refusal *r)
{
	switch (refusal_cause(r)) {
	case CAUSE_NO_GRANT:
		buf_puts(out, without_grant(r));
		break;
	case CAUSE_READ_ONLY:
		buf_lit(out, "granted for reading only; read");
		break;
	case CAUSE_BOUND:
		buf_puts(out, words_bound(r));
		buf_putc(out, ';');
		break;
	case CAUSE_ARGUMENTS:
	case CAUSE_COUNT:
	case CAUSE_PROGRAM_POLICY:
		buf_puts(out, words_program(r));
		buf_putc(out, ';');
		break;
	case CAUSE_NEVER:
		staff_never(out, r);
		break;
	case CAUSE_HIDDEN:
		buf_lit(out, "hidden by hide");
		break;
	case CAUSE_SYSCALL:
		words_syscall(out, r);
		buf_putc(out, ';');
		break;
	case CAUSE_LIMIT:
		staff_limit(out, r);
		break;
	case CAUSE_ARCH:
		buf_lit(out, "foreign architecture ");
		text_args(out, r->arch ? r->arch : "?");
		buf_putc(out, ';');
		break;
	}
	if (r->rule_ref) {
		buf_putc(out, ' ');
		text_path(out, r->rule_ref);
	} else if (out->data[out->len - 1] == ';')
		out->data[--out->len] = '\0';
}

void words_event(struct buf *out, const struct refusal *r)
{
	_cleanup_buf_ struct buf place = { 0 }, rule = { 0 };

	text_args(out, r->syscall ? r->syscall : "?");
	if (r->path) {
		buf_lit(out, " of ");
		text_path(out, r->path);
	} else if (r->address) {
		buf_puts(out, binds(r) ? " at " : " to ");
		text_path(out, r->address);
	} else if (r->args && *r->args) {
		put_escaped_args(out, r->args);
	}
	if (r->opened) {
		buf_lit(out, " on ");
		text_path(out, r->opened);
	}
	buf_putc(out, ' ');
	if (!meant_purpose(r->meant, out))
		out->data[--out->len] = '\0';
	if (words_place(&place, r, false)) {
		buf_lit(out, " at ");
		buf_put(out, place.data, place.len);
		if (r->function && *r->function != '<') {
			buf_lit(out, " in ");
			text_args(out, r->function);
			buf_lit(out, "()");
		}
	}
	words_staff(&rule, r);
	buf_printf(out, ": %s", rule.data);
}

/* ------------------------------------------------------------------ what never forbids */

/* For one refusal and all entries: a forged log may hold any number of the slowest. */
enum { MAX_STEPS = 1 << 21 };

/*
 * Does one component of a path as written in a policy match one of a canonical path? STEPS: what may
 * still be spent, after which the answer is yes; a star is quadratic (component_matches()).
 */
static bool written_matches(const char *written, size_t n, const char *name, size_t len,
			    size_t *steps)
{
	char coded[NAME_MAX + 1];
	size_t used = 0, cost = memchr(written, '*', n) ? n * len : n;

	if (n >= sizeof coded || len > NAME_MAX)
		return true;
	if (cost > *steps) {
		*steps = 0;
		return true;
	}
	*steps -= cost;
	for (size_t i = 0; i < n; i++) {
		if (written[i] == '%' && i + 1 < n)
			coded[used++] = written[++i];
		else
			coded[used++] = written[i] == '*'   ? WILD_ANY
					: written[i] == '?' ? WILD_ONE
							    : written[i];
	}
	coded[used] = '\0';
	return component_matches(coded, name, len);
}

/* Does PATTERN name PATH or a directory above it? Errs towards yes: it only withholds proposals. */
static bool names_tree(const char *pattern, const char *path, size_t *steps)
{
	while (*pattern == '/')
		pattern++;
	while (*path == '/')
		path++;
	while (*pattern) {
		size_t np = strcspn(pattern, "/"), nt = strcspn(path, "/");

		if (np == 2 && strncmp(pattern, "**", 2) == 0)
			return true;
		if (!written_matches(pattern, np, path, nt, steps))
			return false;
		for (pattern += np; *pattern == '/'; pattern++)
			;
		for (path += nt; *path == '/'; path++)
			;
	}
	return true;
}

/* The entry of `never` that forbids R, or NULL. */
static const char *forbidden_by(const struct refusal *r)
{
	size_t steps = MAX_STEPS;

	for (size_t i = 0; i < r->n_never; i++) {
		const char *text = r->never[i];

		if (*text == '/' ? r->path && names_tree(text, r->path, &steps) : names_call(text, r))
			return text;
	}
	return NULL;
}

/* ------------------------------------------------------------------ advice to the program */

static const char *limit_advice(enum limit limit)
{
	switch (limit) {
	case LIMIT_CPU:
		return "do less work: a faster algorithm, or no endless loop";
	case LIMIT_WALL:
		return "do not wait: no sleep, no lock or input that never comes";
	case LIMIT_MEMORY:
		return "keep less in memory: read line by line, drop what is no longer needed";
	case LIMIT_OUTPUT:
		return "print less: no debug output, no endless loop that prints";
	case LIMIT_TASKS:
		return "start fewer threads at one time, and join those that are done";
	case LIMIT_FILES:
		return "close files when they are done (with open(…) as f)";
	}
	return NULL;
}

static const char *file_advice(const struct refusal *r, bool for_student)
{
	if (refusal_want(r) & (WANT_WRITE | WANT_CHANGE))
		return "print the result to standard output, or keep it in memory "
		       "(io.StringIO, io.BytesIO)";
	/* For staff a line of policy is enough, where there is one. */
	if (!for_student && r->rule != RULE_NEVER && r->rule != RULE_REFUSE && r->rule != RULE_SYSCALL && !forbidden_by(r))
		return NULL;
	if (r->topic == TOPIC_CHDIR)
		return topic_advice(TOPIC_CHDIR);
	if (r->topic == TOPIC_OPEN && !wants_directory(r))
		return "read from standard input, or a file that came with the program";
	return "use only the files that came with the program";
}

static const char *advice_for(const struct refusal *r, bool for_student)
{
	if (r->rule == RULE_LIMIT)
		return limit_advice(r->limit);
	if (r->rule == RULE_ARCH)
		return "make no 32-bit or x32 system call: only x86-64 code can run";
	if (call_is_forbidden(r))
		return "leave this call out: the policy forbids it";
	if (is_not_offered(r) && r->topic != TOPIC_NETWORK)
		return "nothing has to be changed: libraries go on without this call";
	if (r->address || (r->network && topic_subject(r->topic) == SUBJECT_NETWORK))
		return "use only the addresses that the policy grants";
	if (advice_by_library(r->through, r->source, refusal_subject(r)))
		return advice_by_library(r->through, r->source, refusal_subject(r));
	if (r->scratch && refusal_want(r) & (WANT_WRITE | WANT_CHANGE) && refusal_cause(r) <= CAUSE_READ_ONLY)
		return "write it beneath tempfile.gettempdir(): that directory is the run's own";
	if (r->topic != TOPIC_CHDIR && topic_advice(r->topic))
		return topic_advice(r->topic);
	if (refusal_want(r))
		return file_advice(r, for_student);
	return "leave this call out";
}

/* ------------------------------------------------------------------ the policy line */

/* Twice the limit: how much the program would have needed is not known. Counts grow by what was
 * asked. */
static void fix_limit(const struct refusal *r, struct fix *fix)
{
	uint64_t value = MAX(r->limit_value, r->limit_used), more;
	bool counts = r->limit == LIMIT_TASKS || r->limit == LIMIT_FILES, option;

	if (counts)
		more = r->limit_value + 1 > r->limit_used ? r->limit_value + 1 : r->limit_used;
	else if (__builtin_mul_overflow(r->limit_value, 2u, &more) || more < value)
		more = value;
	if (r->limit <= LIMIT_WALL && more < 1000000)
		more = 1000000;
	/* An option overrides the policy: then the option must change. */
	option = r->options_only || (r->rule_ref && after_prefix(r->rule_ref, "--"));
	buf_printf(&fix->policy, option ? "--%s " : "limits: {%s: ", limit_name(r->limit));
	if (counts)
		buf_u64(&fix->policy, more);
	else
		words_limit(&fix->policy, r->limit, more);
	buf_puts(&fix->policy, option ? "" : "}");
	buf_puts(&fix->note,
		 counts ? "just enough for this call"
			: "doubled; how much it needs is not known, it was ended there");
}

static bool same_path(const char *rule_text, const char *path)
{
	size_t n = rule_text ? strlen(rule_text) : 0;

	while (n > 1 && rule_text[n - 1] == '/')
		n--;
	return n && strlen(path) == n && memcmp(rule_text, path, n) == 0;
}

/*
 * PATH as one word of a shell. False, with nothing appended, when run would take it for a pattern, or when it
 * could not be shown as it is: what has to be escaped for a terminal cannot be typed.
 */
static bool put_word(struct buf *out, const char *path)
{
	_cleanup_buf_ struct buf shown = { 0 };

	text_path(&shown, path);
	if (strpbrk(path, "*?%") || !streq(shown.data ? shown.data : "", path))
		return false;
	if (path[strspn(path, "/._-+,:@0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")] == '\0') {
		buf_puts(out, path);
		return true;
	}
	buf_putc(out, '\'');
	for (; *path; path++)
		if (*path == '\'')
			buf_lit(out, "'\\''");
		else
			buf_putc(out, *path);
	buf_putc(out, '\'');
	return true;
}

/*
 * Does an import look at a directory of sys.path? It then looks for files in it whose names are not known yet, so
 * that granting the listing alone would not do. An archive, or what looks like a file, is granted as such.
 */
static bool is_import_directory(const struct refusal *r)
{
	const char *name = strrchr(r->path, '/');

	return r->importing && name && name != r->path && !strchr(name, '.') && (r->topic != TOPIC_OPEN || wants_directory(r));
}

/* The line of policy for PATH, followed by TAIL; false when a policy cannot name it. */
static bool put_read(struct fix *fix, const char *path, const char *tail, size_t n_tail)
{
	_cleanup_free_ char *text = xasprintf("%s%s", path, n_tail == 1 ? "/" : "");

	buf_lit(&fix->policy, "read: ");
	if (!text_yaml_path(&fix->policy, text)) {
		buf_clear(&fix->policy);
		buf_lit(&fix->note, "no policy line: a policy cannot name this path exactly");
		return false;
	}
	if (n_tail > 1) {
		/* After the path, before its closing quote: a pattern, not a name. */
		fix->policy.len--;
		buf_put(&fix->policy, tail, n_tail);
		buf_putc(&fix->policy, '"');
	}
	return true;
}

static void note_read(const struct refusal *r, struct fix *fix, bool tree, bool names)
{
	if (tree)
		buf_lit(&fix->note, "all that is beneath it: which modules the import needs is not known");
	else if (names && fix->option.len)
		buf_printf(&fix->note, "all that is beneath it; in a policy the names alone: %s", fix->policy.data);
	else if (names)
		buf_lit(&fix->note, "exact: the names in it, nothing beneath");
	else
		buf_lit(&fix->note, "exact if it is a file");
	if (refusal_want(r) == WANT_LOOKUP && !tree && r->topic != TOPIC_CHDIR)
		buf_lit(&fix->note, "; writing stays refused");
}

static void fix_read(const struct refusal *r, struct fix *fix)
{
	const char *why = policy_ungrantable(r->path, GRANT_EXACT);
	bool names = wants_directory(r), tree = is_import_directory(r);

	if (*r->path != '/' || streq(r->path, "/")) {
		buf_lit(&fix->note,
			"no policy line: granting it would grant the whole file system");
	} else if (why) {
		buf_printf(&fix->note, "no policy line: %s", why);
	} else if (r->rule == RULE_HIDE && same_path(r->rule_text, r->path)) {
		buf_lit(&fix->note,
			"take the hide rule out; a read rule for the same path would not win");
	} else if (put_read(fix, r->path, "/**", tree ? 3 : names ? 1 : 0)) {
		if (r->options_only) {
			buf_lit(&fix->option, "-r ");
			if (!put_word(&fix->option, r->path))
				buf_clear(&fix->option);
		}
		note_read(r, fix, tree, names);
	}
}

/* What no write rule grants: owners, attributes, devices and FIFOs. */
static bool is_never_granted(const struct refusal *r)
{
	static const char *const parts[] = { "chown", "xattr", "mknod" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (r->syscall && strstr(r->syscall, parts[i]))
			return true;
	return false;
}

static bool is_temporary(const char *directory)
{
	return streq(directory, "/tmp") || streq(directory, "/var/tmp") || streq(directory, "/usr/tmp");
}

/* Does DIRECTORY belong to the whole system? A rule can name it, but one refused call is no reason to propose that. */
static bool is_of_system(const char *directory)
{
	static const char *const trees[] = { "/etc", "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/boot" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(trees); i++) {
		const char *rest = after_prefix(directory, trees[i]);

		if (rest && (!*rest || *rest == '/'))
			return true;
	}
	return false;
}

/* Why a write rule for DIRECTORY would not be taken, or would not help; NULL: it would. */
static const char *unwritable(const struct refusal *r, const char *directory)
{
	const char *why = policy_ungrantable(directory, GRANT_TREE), *beneath_nearest, *wild;
	_cleanup_free_ char *nearest = xstrdup(r->nearest_path ? r->nearest_path : "");

	if (why)
		return why;
	if (streq(directory, "/"))
		return "a write rule names one directory, not every file there is";
	if (after_prefix(directory, "/sys/") || after_prefix(directory, "/proc/"))
		return "the kernel's own files cannot be written to";
	nearest[strcspn(nearest, "*?")] = '\0';
	if (strlen(nearest) > 1 && nearest[strlen(nearest) - 1] == '/')
		nearest[strlen(nearest) - 1] = '\0';
	beneath_nearest = after_prefix(directory, nearest);
	if (r->nearest_ref && streq(r->nearest_ref, "builtin:python") && *nearest && beneath_nearest &&
	    (*beneath_nearest == '/' || !*beneath_nearest))
		return "the interpreter's own files are there";
	if (is_of_system(directory))
		return "the system's own directories are not proposed for writing";
	if (same_path(r->rule_text, r->path))
		return "the rule for this very path comes before one for its directory";
	wild = r->rule_text ? strpbrk(r->rule_text, "*?") : NULL;
	if (wild && !streq(wild, "**"))
		return "the rule with wildcards comes before one for the directory";
	return NULL;
}

/* The same as an option of the command line, where that is asked for and can name TEXT. */
static void propose_option(const struct refusal *r, const char *option, const char *text, struct fix *fix)
{
	if (!r->options_only)
		return;
	buf_printf(&fix->option, "%s ", option);
	if (!put_word(&fix->option, text))
		buf_clear(&fix->option);
}

/* Proposes the directory that the name is in: it exists, or the call would fail whatever is granted. */
static void fix_write(const struct refusal *r, struct fix *fix)
{
	const char *slash = strrchr(r->path, '/'), *why;
	_cleanup_free_ char *directory = has_flag(r->args, "O_TMPFILE") || !slash ?
						 xstrdup(r->path) :
						 xstrndup(r->path, MAX((size_t)(slash - r->path), (size_t)1));

	why = *r->path == '/' ? unwritable(r, directory) : "which path it was is not known";
	if (why) {
		buf_printf(&fix->note, "no policy line: %s", why);
	} else if (is_temporary(directory)) {
		buf_lit(&fix->policy, "write: \"%{scratch}\"");
		if (r->options_only)
			buf_lit(&fix->option, "--scratch");
		buf_lit(&fix->note, "a private directory, where TMPDIR and HOME lead, gone at the end; names in the shared one stay refused");
	} else {
		buf_lit(&fix->policy, "write: ");
		if (!text_yaml_path(&fix->policy, directory)) {
			buf_clear(&fix->policy);
			buf_lit(&fix->note, "no policy line: a policy cannot name this path exactly");
			return;
		}
		propose_option(r, "-w", directory, fix);
		buf_lit(&fix->note, "all that is beneath it, to be read and changed");
	}
}

/* A rule for ADDRESS, which net_parse() takes. */
static void propose_address(const struct refusal *r, enum net_use use, const char *address, struct fix *fix)
{
	_cleanup_free_ char *option = xasprintf("--%s", net_use_name(use));

	buf_printf(&fix->policy, "net: {%s: [", net_use_name(use));
	text_yaml_string(&fix->policy, address, strlen(address));
	buf_lit(&fix->policy, "]}");
	propose_option(r, option, address, fix);
}

static void fix_address(const struct refusal *r, struct fix *fix)
{
	enum net_use use = binds(r) ? NET_BIND : NET_CONNECT;
	struct net_rule rule;
	const char *wrong;
	bool by_path;

	if (!net_parse(r->address, use, &rule, &wrong)) {
		buf_lit(&fix->note, "no policy line: a policy cannot name this address");
		return;
	}
	by_path = use == NET_BIND && rule.address.transport == NET_UNIX && !rule.address.abstract;
	net_rule_fini(&rule);
	propose_address(r, use, r->address, fix);
	buf_puts(&fix->note, by_path ? "exact: this name; in a directory that a write rule names" :
			     use == NET_BIND ? "exact: this address; to listen and accept there, too" :
					       "exact: this address, and no other");
}

/* Is it a call that copies to a file that a write rule grants? Only asked about: one that was made had none such. */
static bool would_copy(const struct refusal *r)
{
	return r->syscall && !r->args && (streq(r->syscall, "sendfile") || streq(r->syscall, "copy_file_range"));
}

/* A word of ARGS, strace's text of a list, as a pattern that matches it. False: that text does not tell all of it. */
static bool put_argument(struct buf *out, const char **args)
{
	_cleanup_buf_ struct buf pattern = { 0 };
	const char *p;

	for (p = *args + 1; *p && *p != '"'; p++) {
		if (*p == '\\' || (unsigned char)*p < ' ' || (unsigned char)*p > '~')
			return false;
		if (strchr("%*?", *p))
			buf_putc(&pattern, '%');
		buf_putc(&pattern, *p);
	}
	if (*p != '"')
		return false;
	text_yaml_string(out, pattern.data ? pattern.data : "", pattern.len);
	*args = p + 1;
	return true;
}

/* The arguments that were asked for, the name left out, as a policy has them. */
static bool put_arguments(struct buf *out, const char *args)
{
	const char *p = args ? strstr(args, ", [\"") : NULL;
	unsigned n = 0;

	if (!p)
		return false;
	p = skip_string(p + 3);
	for (; after_prefix(p, ", \""); n++) {
		p += 2;
		buf_puts(out, n ? ", " : "");
		if (!put_argument(out, &p))
			return false;
	}
	return *p == ']';
}

/* The first string of ARGS, an absolute path without escapes; or NULL. The caller frees it. */
static char *asked_path(const char *args)
{
	const char *begin = args ? strchr(args, '"') : NULL;
	size_t n = begin ? strcspn(++begin, "\"\\") : 0;

	return n && *begin == '/' && begin[n] == '"' ? xstrndup(begin, n) : NULL;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Is the name that the program was to get, the first of its arguments, that of PATH? */
static bool is_called_so(const char *args, const char *path)
{
	const char *first = args ? strstr(args, ", [\"") : NULL, *name;
	size_t n;

	if (!first)
		return false;
	first += strlen(", [\"");
	n = strcspn(first, "\"");
	name = memrchr(first, '/', n);
	n -= name ? (size_t)(name + 1 - first) : 0;
	name = name ? name + 1 : first;
	return strlen(base_name(path)) == n && memcmp(base_name(path), name, n) == 0;
}

/* Was the program looked for along PATH, which os and subprocess do by trying each place? Its name then is a word alone. */
static bool is_searched(const struct refusal *r)
{
	const char *first = r->args ? strstr(r->args, ", [\"") : NULL, *from = r->through ? base_name(r->through) : "";

	if (!first || (!streq(from, "subprocess.py") && !streq(from, "os.py") && !streq(from, "<frozen os>")))
		return false;
	first += strlen(", [\"");
	return !memchr(first, '/', strcspn(first, "\""));
}

/* A rule for PROGRAM, PATH in a policy's words, with ARGUMENTS alone, or with any (NULL). EXACT: how sure these are. */
static void propose_program(const struct refusal *r, const char *program, const char *path, const struct buf *arguments,
			    const char *exact, struct fix *fix)
{
	if (arguments)
		buf_printf(&fix->policy, "exec: {path: %s, argv: [%s]}", path, arguments->data ? arguments->data : "");
	else
		buf_printf(&fix->policy, "exec: %s", path);
	propose_option(r, "--exec", program, fix);
	if (arguments && fix->option.len)
		buf_printf(&fix->note, "with any arguments; in a policy with these alone: %s", fix->policy.data);
	else if (arguments)
		buf_printf(&fix->note, "%sthis program with these arguments", exact);
	else
		buf_lit(&fix->note, "this program with any arguments");
}

/* Proposes the name that was asked for: a policy follows links, and a program's name is part of what it does. */
static void fix_exec(const struct refusal *r, struct fix *fix)
{
	_cleanup_buf_ struct buf arguments = { 0 }, path = { 0 };
	_cleanup_free_ char *asked = asked_path(r->args);
	const char *program = asked ? asked : r->path;
	bool whole = put_arguments(&arguments, r->args);

	whole = whole && program && is_called_so(r->args, program);
	if (!program || *program != '/' || !text_yaml_path(&path, program)) {
		buf_lit(&fix->note, "no policy line: a policy cannot name this program exactly");
		return;
	}
	propose_program(r, program, path.data, whole ? &arguments : NULL, "exact: ", fix);
	buf_lit(&fix->note, "; under these rules and limits, as all that it starts");
	if (is_searched(r))
		buf_lit(&fix->note, "; it was looked for along PATH: name the file that is there");
}

/* Looked for a browser, or started one? */
static bool is_of_webbrowser(const struct refusal *r)
{
	return r->through && streq(base_name(r->through), "webbrowser.py");
}

/* A word of a command as a pattern that matches it alone. */
static bool put_exact(struct buf *out, const char *word)
{
	_cleanup_buf_ struct buf pattern = { 0 };

	for (; *word; word++) {
		if (*word == '\\' || *word == '"' || (unsigned char)*word < ' ' || (unsigned char)*word > '~')
			return false;
		if (strchr("%*?", *word))
			buf_putc(&pattern, '%');
		buf_putc(&pattern, *word);
	}
	text_yaml_string(out, pattern.data ? pattern.data : "", pattern.len);
	return true;
}

/* All arguments of the command that was meant, its name left out, as a policy has them. */
static bool put_meant_arguments(struct buf *out, const struct meant *meant)
{
	if (meant->command_cut || (meant->program && !streq(base_name(meant->program), base_name(meant->command[0]))))
		return false;
	for (size_t i = 1; i < meant->n_command; i++) {
		buf_puts(out, i > 1 ? ", " : "");
		if (!put_exact(out, meant->command[i]))
			return false;
	}
	return true;
}

/* The program that was to be executed is known, with its path. A rule for it grants the process, too. */
static bool fix_meant_program(const struct refusal *r, struct fix *fix)
{
	_cleanup_buf_ struct buf arguments = { 0 }, path = { 0 };
	const char *program = meant_file(r->meant);
	bool whole = put_meant_arguments(&arguments, r->meant);

	if (*program != '/' || !text_yaml_path(&path, program))
		return false;
	propose_program(r, program, path.data, whole ? &arguments : NULL, "", fix);
	buf_lit(&fix->note, ", by the program's own word, and the process for it; under these rules and limits, as all that it starts");
	return true;
}

static void note_meant_program(const struct meant *meant, struct fix *fix)
{
	_cleanup_buf_ struct buf name = { 0 };

	text_path(&name, meant_file(meant));
	buf_printf(&fix->note, "; by its own word it is to execute %s: exec: [\"/its/path\"] grants that, with the process for it", name.data);
}

static void fix_process(const struct refusal *r, struct fix *fix)
{
	bool known = r->meant && r->meant->n_command;

	if (known && fix_meant_program(r, fix))
		return;
	buf_lit(&fix->policy, "process: fork");
	if (r->options_only)
		buf_lit(&fix->option, "--process fork");
	buf_lit(&fix->note, "copies of the program, all of them under these rules and limits");
	if (known)
		note_meant_program(r->meant, fix);
	else if (is_of_webbrowser(r) || (r->through && streq(base_name(r->through), "subprocess.py")))
		buf_lit(&fix->note, "; which program is to be executed is not known yet: exec: [\"/its/path\"] grants one, with the process for it");
	else
		buf_lit(&fix->note, "; other programs stay refused");
}

/* The socket is to reach an address that the program has named in numbers. */
static bool fix_meant_address(const struct refusal *r, struct fix *fix)
{
	const struct meant *meant = r->meant;
	_cleanup_free_ char *address = NULL;
	struct net_rule rule;
	const char *wrong;
	bool ipv6;

	if (!meant || !meant->host || !meant->port || !has_flag(r->args, "SOCK_STREAM") || strpbrk(meant->host, "/*"))
		return false;
	ipv6 = has_flag(r->args, "AF_INET6");
	address = xasprintf("%s%s%s:%s", ipv6 ? "[" : "", meant->host, ipv6 ? "]" : "", meant->port);
	if (strchr(meant->port, '*') || !net_parse(address, NET_CONNECT, &rule, &wrong))
		return false;
	net_rule_fini(&rule);
	propose_address(r, NET_CONNECT, address, fix);
	buf_lit(&fix->note, "this address, by the program's own word, and no other");
	return true;
}

static void fix_socket(const struct refusal *r, struct fix *fix)
{
	const char *kind = has_flag(r->args, "AF_UNIX") ? "unix:/PATH" : has_flag(r->args, "SOCK_DGRAM") ? "udp:HOST:PORT" : "HOST:PORT";

	if (fix_meant_address(r, fix))
		return;
	if (r->meant && r->meant->host) {
		buf_lit(&fix->note, "no policy line yet: a policy names addresses. ");
		if (has_flag(r->args, "SOCK_DGRAM"))
			buf_lit(&fix->note, "net: {connect: [\"udp:HOST:53\", \"HOST:PORT\"]} grants the name server and then the address of ");
		else
			buf_lit(&fix->note, "net: {connect: [\"HOST:PORT\"]} grants the address of ");
		text_path(&fix->note, r->meant->host);
		return;
	}
	buf_printf(&fix->note, "no policy line yet: the address is not known before connect or bind; net: {connect: [\"%s\"]} grants one",
		   kind);
}

/* A socket that multiprocessing makes for the run's own processes: they may have those, beneath the scratch. */
static bool is_own_socket(const struct refusal *r)
{
	size_t n;

	return r->syscall && streq(r->syscall, "socket") && has_flag(r->args, "AF_UNIX") && !r->scratch && r->through &&
	       after_prefix(advice_library(r->through, &n), "multiprocessing/");
}

static void fix_own_socket(const struct refusal *r, struct fix *fix)
{
	buf_lit(&fix->policy, "write: \"%{scratch}\"");
	if (r->options_only)
		buf_lit(&fix->option, "--scratch");
	buf_lit(&fix->note, "beneath it the run's own processes have unix sockets to each other, where `process: fork` lets it make them");
}

/* Does it set a set-id bit, which no rule grants? The mode is the last argument of fchmod(2). */
static bool sets_id(const struct refusal *r)
{
	const char *mode = r->args ? strrchr(r->args, ' ') : NULL;

	return streq(r->syscall, "fchmod") && mode && (strtoul(mode + 1, NULL, 8) & (S_ISUID | S_ISGID));
}

/* Mode and times of a file that is open, if only for reading: a write rule for its directory grants them, as by name. */
static bool is_of_open_file(const struct refusal *r)
{
	return r->opened && r->syscall && r->topic == TOPIC_CHANGE && r->conditional &&
	       (streq(r->syscall, "fchmod") || streq(r->syscall, "utimensat")) && !sets_id(r);
}

static void fix_policy(const struct refusal *r, struct fix *fix)
{
	const char *never = forbidden_by(r);
	unsigned want = refusal_want(r);

	if (r->rule == RULE_LIMIT) {
		fix_limit(r, fix);
	} else if ((r->rule == RULE_NEVER && !refusal_is_guarded(r)) || never) {
		buf_lit(&fix->note, "no policy line: `never` forbids it");
		if (r->rule == RULE_NEVER && r->rule_ref && !refusal_is_guarded(r)) {
			buf_lit(&fix->note, " at ");
			text_path(&fix->note, r->rule_ref);
		} else if (never) {
			buf_lit(&fix->note, ": ");
			text_path(&fix->note, never);
		}
	} else if (r->rule == RULE_REFUSE) {
		buf_lit(&fix->note, "no policy line: `refuse` names the call, or a group that it is in");
		if (r->rule_ref) {
			buf_lit(&fix->note, ", at ");
			text_path(&fix->note, r->rule_ref);
		}
	} else if (r->address && r->rule == RULE_ON_DENY) {
		fix_address(r, fix);
	} else if (r->rule == RULE_SYSCALL && is_own_socket(r)) {
		fix_own_socket(r, fix);
	} else if (r->rule == RULE_SYSCALL && is_addressable(r)) {
		fix_socket(r, fix);
	} else if (r->rule == RULE_SYSCALL && is_of_open_file(r)) {
		buf_lit(&fix->note, "no policy line of its own: write: [DIR] lets it change files beneath DIR that no other rule names");
	} else if (r->rule == RULE_SYSCALL && would_copy(r)) {
		buf_lit(&fix->note, "no policy line of its own: write: [DIR] lets it copy to files beneath DIR");
	} else if (is_fork(r)) {
		fix_process(r, fix);
	} else if (r->rule == RULE_COUNT) {
		buf_lit(&fix->note, "count in that rule says how often");
	} else if (r->rule == RULE_PROGRAM_POLICY) {
		buf_lit(&fix->note, "no policy line: a policy only gets narrower; without `policy` in that rule, or with the same one, it may be executed");
	} else if (r->rule == RULE_ARCH || r->rule == RULE_SYSCALL || r->rule == RULE_WRITE || !want) {
		buf_lit(&fix->note, "no policy line can allow it");
	} else if ((want & (WANT_WRITE | WANT_CHANGE)) && is_never_granted(r)) {
		buf_lit(&fix->note, "no policy line can allow it");
	} else if (want == WANT_EXEC) {
		fix_exec(r, fix);
	} else if (!r->path) {
		buf_lit(&fix->note, "no policy line: which path it was is not known");
	} else if (want == WANT_LOOKUP && is_of_webbrowser(r)) {
		buf_lit(&fix->note, "no policy line for the look alone: a browser that is found has to be started, with a screen and a network");
	} else if (want & (WANT_WRITE | WANT_CHANGE)) {
		fix_write(r, fix);
	} else {
		fix_read(r, fix);
	}
}

/* The line belongs in the policy that the program is under; no option reaches that. */
static void fix_ruleset(const struct refusal *r, struct fix *fix)
{
	buf_clear(&fix->option);
	buf_lit(&fix->note, "; in the policy ");
	text_path(&fix->note, r->ruleset);
	buf_lit(&fix->note, ", which this program is under, and in the run's unless that grants it already");
}

void words_fix(const struct refusal *r, bool for_student, struct fix *ret_fix)
{
	struct fix fix = { 0 };
	const char *advice = advice_for(r, for_student);

	if (advice)
		buf_puts(&fix.advice, advice);
	if (!for_student)
		fix_policy(r, &fix);
	if (r->ruleset && fix.policy.len)
		fix_ruleset(r, &fix);
	*ret_fix = fix;
}

void fix_fini(struct fix *fix)
{
	buf_fini(&fix->advice);
	buf_fini(&fix->policy);
	buf_fini(&fix->option);
	buf_fini(&fix->note);
}
