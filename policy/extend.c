/* SPDX-License-Identifier: Apache-2.0 */
/* A policy's texts, read depth first: what a text extends is laid before it. */
#include "policy/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/util.h"
#include "policy/rules.h"
#include "policy/shipped.h"

/* The files that are being read, each extended by the one before it. */
struct link {
	const struct link *before;
	const char *file;
	dev_t dev;
	ino_t ino;
};

/* A file that has been read and laid. */
struct seen {
	dev_t dev;
	ino_t ino;
};

struct reader {
	struct policy_source *source;
	struct messages *messages;
	struct seen seen[POLICY_MAX_DOCUMENTS];
	size_t n_seen, bytes, chain;
	bool inner; /* it is read for a program's sake */
};

/* ------------------------------------------------------------------ files */

/*
 * The text of FILE. -EBUSY: it changed while it was read; half of one version and half of another would be a policy
 * that nobody wrote.
 */
static int read_policy(const char *file, char **ret_text, size_t *ret_len, struct stat *ret_st)
{
	_cleanup_free_ char *text = NULL;
	struct stat after;
	size_t len;
	int r;

	if (stat(file, ret_st) < 0)
		return -errno;
	r = read_file(AT_FDCWD, file, POLICY_MAX_BYTES, &text, &len);
	if (r < 0)
		return r;
	if (stat(file, &after) < 0)
		return -EBUSY;
	if (after.st_dev != ret_st->st_dev || after.st_ino != ret_st->st_ino || (size_t)after.st_size != len ||
	    after.st_mtim.tv_sec != ret_st->st_mtim.tv_sec || after.st_mtim.tv_nsec != ret_st->st_mtim.tv_nsec)
		return -EBUSY;
	*ret_text = steal_ptr(&text);
	*ret_len = len;
	return 0;
}

static const char *say_error(int r)
{
	switch (r) {
	case -EINVAL:
		return "not a regular file";
	case -EBUSY:
		return "it changes while it is read";
	case -EFBIG:
		return "longer than 1048576 bytes";
	default:
		return strerror(-r);
	}
}

/* ------------------------------------------------------------------ one upon the other */

/* "a.yaml -> b.yaml -> ", from FIRST to AT. */
static void put_chain(const struct link *at, const struct link *first, struct buf *out)
{
	if (at != first)
		put_chain(at->before, first, out);
	text_args(out, at->file);
	buf_lit(out, " -> ");
}

static void complain_circle(struct reader *reader, const struct policy_mention *mention, const struct link *at,
			    const struct link *first)
{
	_cleanup_buf_ struct buf chain = { 0 };

	put_chain(at, first, &chain);
	message_error(reader->messages, mention->ref, "policies extend each other in a circle: %s%s", chain.data, first->file);
}

static void lay(struct reader *reader, const struct link *link, char *text, size_t len);

static bool was_read(const struct reader *reader, const struct link *link)
{
	size_t i;

	for (i = 0; i < reader->n_seen; i++)
		if (reader->seen[i].dev == link->dev && reader->seen[i].ino == link->ino)
			return true;
	return false;
}

static void extend_file(struct reader *reader, const struct link *before, const struct policy_mention *mention,
			const char *file)
{
	_cleanup_free_ char *text = NULL;
	struct link link = { .before = before, .file = file };
	const struct link *above;
	struct stat st;
	size_t len = 0;
	int r;

	if (strlen(file) >= PATH_MAX) {
		message_error(reader->messages, mention->ref, "%s", strerror(ENAMETOOLONG));
		return;
	}
	r = read_policy(file, &text, &len, &st);
	if (r < 0) {
		message_error(reader->messages, mention->ref, "%s: %s", file, say_error(r));
		return;
	}
	link.dev = st.st_dev;
	link.ino = st.st_ino;
	for (above = before; above; above = above->before)
		if (above->dev == link.dev && above->ino == link.ino && above->ino) {
			complain_circle(reader, mention, before, above);
			return;
		}
	if (was_read(reader, &link))
		return;
	if (reader->chain == POLICY_MAX_CHAIN)
		message_error(reader->messages, mention->ref, "policies extend each other more than %d deep", POLICY_MAX_CHAIN);
	else if (reader->n_seen == POLICY_MAX_DOCUMENTS)
		message_error(reader->messages, mention->ref, "more than %d policies", POLICY_MAX_DOCUMENTS);
	else if (reader->bytes + len > POLICY_MAX_BYTES)
		message_error(reader->messages, mention->ref, "with %s, the policies are longer than %u bytes together", file,
			      POLICY_MAX_BYTES);
	else
		lay(reader, &link, steal_ptr(&text), len);
}

/* A policy that comes with proctor is no file: it is known by its position in the table, on no device. */
static struct link shipped_link(const struct shipped_policy *shipped, const struct link *before)
{
	return (struct link){ .before = before, .file = shipped->file, .ino = (ino_t)(shipped - shipped_texts) + 1 };
}

static void extend_shipped(struct reader *reader, const struct link *before, const struct shipped_policy *shipped)
{
	const struct link link = shipped_link(shipped, before);

	/* Policies that come with proctor extend builtin:pure or builtin:python, and none that could lead back here. */
	if (!was_read(reader, &link))
		lay(reader, &link, xstrdup(shipped->text), strlen(shipped->text));
}

static void complain_name(struct reader *reader, const struct policy_mention *mention, const char *key)
{
	message_error(reader->messages, mention->ref,
		      "%s must be builtin:python or builtin:pure, another name that proctor policy list has, or a file, with a slash or a "
		      "dot in its name", key);
}

static void extend(struct reader *reader, const struct link *before, const struct policy_mention *mention)
{
	const char *text = mention->text;
	const struct shipped_policy *shipped = shipped_find(text);
	_cleanup_free_ char *name = policy_name_beside(before->file, text);

	if (streq(text, "builtin:python"))
		reader->source->extends |= EXTENDS_PYTHON;
	else if (streq(text, "builtin:pure"))
		reader->source->extends |= EXTENDS_PYTHON | EXTENDS_PURE;
	else if (shipped)
		extend_shipped(reader, before, shipped);
	else if (!name)
		complain_name(reader, mention, "extends");
	else
		extend_file(reader, before, mention, name);
}

static int read_source(const char *name_or_file, bool inner, struct policy_source **ret_source, struct buf *out);

/* Reads the policy that a program gets by MENTION in the document FILE. */
static void read_narrower(struct reader *reader, const char *file, const struct policy_mention *mention)
{
	struct policy_source *source = reader->source, *narrower = NULL;
	_cleanup_free_ char *name = policy_name_beside(file, mention->text);
	_cleanup_buf_ struct buf said = { 0 };
	int r;

	if (name && policy_source_find_narrower(source, name) < source->n_narrower)
		return;
	if (reader->inner) {
		message_error(reader->messages, mention->ref, "a policy that a program gets gives none to other programs");
	} else if (!name) {
		complain_name(reader, mention, "policy");
	} else if (source->n_narrower == POLICY_MAX_NARROWER) {
		message_error(reader->messages, mention->ref, "more than %d policies for programs", POLICY_MAX_NARROWER);
	} else {
		r = read_source(name, true, &narrower, &said);
		if (r == 0)
			source->narrower[source->n_narrower++] = narrower;
		else
			message_error(reader->messages, mention->ref, "the policy of this program cannot be read");
		if (said.len)
			buf_put(&reader->messages->errors, said.data, said.len);
	}
}

/* What a later text says holds. */
static void take(char **setting, char **said)
{
	if (!*said)
		return;
	free(*setting);
	*setting = steal_ptr(said);
}

/* Adds TEXT, which is taken, after what it extends. */
static void lay(struct reader *reader, const struct link *link, char *text, size_t len)
{
	_cleanup_(policy_head_fini) struct policy_head head = { 0 };
	const struct policy_document document = { (char *)(uintptr_t)link->file, text, len };
	size_t i;

	reader->bytes += len;
	reader->chain++;
	policy_parse_head(&document, &head, reader->messages);
	for (i = 0; i < head.n && !reader->messages->n_errors; i++)
		extend(reader, link, &head.extends[i]);
	for (i = 0; i < head.n_narrower && !reader->messages->n_errors; i++)
		read_narrower(reader, link->file, &head.narrower[i]);
	reader->chain--;
	take(&reader->source->python, &head.python);
	take(&reader->source->cwd, &head.cwd);
	if (reader->n_seen < POLICY_MAX_DOCUMENTS)
		reader->seen[reader->n_seen++] = (struct seen){ link->dev, link->ino };
	policy_source_add(reader->source, link->file, text, len);
}

/* Takes TEXT and SOURCE. */
static int read_all(struct policy_source *source, const struct link *link, bool inner, char *text, size_t len,
		    struct policy_source **ret_source, struct buf *out)
{
	_cleanup_(messages_fini) struct messages messages = { 0 };
	struct reader reader = { .source = source, .messages = &messages, .inner = inner };

	lay(&reader, link, text, len);
	if (messages.errors.len)
		buf_put(out, messages.errors.data, messages.errors.len);
	if (messages.n_errors) {
		policy_source_free(source);
		return -EINVAL;
	}
	*ret_source = source;
	return 0;
}

int policy_source_text(const char *text, size_t len, const char *file, struct policy_source **ret_source,
		       struct buf *out)
{
	const struct link link = { .file = file };
	char *copy;

	if (len > POLICY_MAX_BYTES) {
		text_args(out, file);
		buf_printf(out, ": longer than %u bytes\n", POLICY_MAX_BYTES);
		return -EINVAL;
	}
	copy = xmalloc(len + 1);
	memcpy(copy, text, len);
	copy[len] = '\0';
	return read_all(policy_source_new(file, file), &link, false, copy, len, ret_source, out);
}

/* NAME is no file: perhaps the file NAME.yaml is meant. */
static void suggest_policy(const char *name, struct buf *out)
{
	char *paths[] = { xasprintf("%s.yaml", name), xasprintf("%s.yml", name) };
	size_t i;

	buf_lit(out, "no such file, and no policy that comes with proctor (proctor policy list)");
	for (i = 0; i < ARRAY_SIZE(paths); i++)
		if (access(paths[i], R_OK) == 0)
			break;
	if (i < ARRAY_SIZE(paths)) {
		buf_lit(out, "; did you mean ");
		text_args(out, paths[i]);
		buf_putc(out, '?');
	}
	for (i = 0; i < ARRAY_SIZE(paths); i++)
		free(paths[i]);
}

static bool is_builtin(const char *name, const char *builtin)
{
	const char *rest = after_prefix(name, "builtin:");

	return streq(rest ? rest : name, builtin);
}

static int read_source(const char *name_or_file, bool inner, struct policy_source **ret_source, struct buf *out)
{
	static const struct {
		const char *name, *file;
		unsigned extends;
	} builtins[] = {
		{ "pure", "builtin:pure", EXTENDS_PYTHON | EXTENDS_PURE },
		{ "python", "builtin:python", EXTENDS_PYTHON },
	};
	struct link link = { .file = name_or_file };
	const struct shipped_policy *shipped;
	char *text;
	struct stat st;
	size_t len, i;
	int r;

	for (i = 0; i < ARRAY_SIZE(builtins); i++)
		if (is_builtin(name_or_file, builtins[i].name)) {
			*ret_source = policy_source_new(builtins[i].name, builtins[i].file);
			(*ret_source)->extends = builtins[i].extends;
			return 0;
		}
	shipped = shipped_find(name_or_file);
	if (shipped) {
		link = shipped_link(shipped, NULL);
		return read_all(policy_source_new(name_or_file, shipped->file), &link, inner, xstrdup(shipped->text),
				strlen(shipped->text), ret_source, out);
	}
	r = read_policy(name_or_file, &text, &len, &st);
	if (r == 0) {
		link.dev = st.st_dev;
		link.ino = st.st_ino;
		return read_all(policy_source_new(name_or_file, name_or_file), &link, inner, text, len, ret_source, out);
	}
	buf_lit(out, "proctor: "); /* there is no place in a file to name first */
	text_args(out, name_or_file);
	buf_lit(out, ": ");
	if (r == -ENOENT && !strchr(name_or_file, '/'))
		suggest_policy(name_or_file, out);
	else
		buf_puts(out, say_error(r));
	buf_putc(out, '\n');
	return r == -EINVAL ? -EBADF : r;
}

int policy_source_read(const char *name_or_file, struct policy_source **ret_source, struct buf *out)
{
	return read_source(name_or_file, false, ret_source, out);
}
