/* SPDX-License-Identifier: Apache-2.0 */
#include "words/cause_text.h"

#include "base/text.h"
#include "words/leads_out.h"
#include "words/words.h"

void tell_text(struct teller *t, const char *text)
{
	buf_puts(t->out, text);
}

/* How many of the N bytes at TEXT, in whole characters, fit in MAX. */
static size_t whole(const char *text, size_t n, size_t max)
{
	if (n <= max)
		return n;
	while (max && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

void text_cut(struct buf *out, const char *text, size_t n, size_t max)
{
	size_t fit = n <= max ? n : whole(text, n, max - strlen("…"));

	buf_put(out, text, fit);
	if (fit < n)
		buf_lit(out, "…");
}

/* The N bytes at TEXT, escaped; if they are more than MAX, cut there and followed by an ellipsis. */
static void put_cut(struct buf *out, const char *text, size_t n, size_t max, enum text_escape how)
{
	size_t fit = whole(text, n, max);

	text_escape(out, text, fit, how);
	if (fit < n)
		buf_lit(out, "…");
}

/* ------------------------------------------------------------------ paths */

/* Where what follows DIRECTORY begins in PATH, or NULL. */
static const char *after_directory(const char *path, const char *directory)
{
	const char *rest = directory && !streq(directory, "/") ? after_prefix(path, directory) : NULL;

	return rest && *rest == '/' && rest[strspn(rest, "/")] ? rest + strspn(rest, "/") : NULL;
}

static const char *in_submission(const struct teller *t, const char *path)
{
	const char *rest = after_directory(path, t->around->submission);

	return rest ? rest : after_directory(path, t->around->submission_named);
}

bool may_tell_path(const struct teller *t, const char *path)
{
	const char *rest = in_submission(t, path);

	if (!t->student)
		return true;
	return !leads_out(rest ? rest : path);
}

void tell_path(struct teller *t, const char *path, const char *otherwise)
{
	const char *rest = in_submission(t, path);

	if (!may_tell_path(t, path)) {
		tell_text(t, otherwise);
		return;
	}
	if (rest)
		path = rest;
	say(t, "\"");
	put_cut(t->out, path, strlen(path), TELL_NAME, TEXT_PATH);
	say(t, "\"");
}

void tell_name(struct teller *t, const char *name)
{
	say(t, "\"");
	tell_message(t, name, TELL_NAME);
	say(t, "\"");
}

/* ------------------------------------------------------------------ messages */

/* TEXT; if it names a path outside the submission, up to there and followed by an ellipsis. */
static void put_permitted(const struct teller *t, const char *text, struct buf *out)
{
	for (const char *p = text; *p; p++) {
		const char *rest = NULL;

		if (begins_path(text, p)) {
			rest = in_submission(t, p);
			if (!rest || climbs(rest, strcspn(rest, "'\"\n"))) {
				/* No bracket or quote that nothing closes. */
				if (out->len && strchr("(['\"", out->data[out->len - 1]))
					out->data[--out->len] = '\0';
				buf_lit(out, "…");
				return;
			}
			p = rest;
		}
		buf_putc(out, *p);
	}
}

void tell_message(struct teller *t, const char *text, size_t max)
{
	_cleanup_buf_ struct buf permitted = { 0 };

	if (t->student) {
		put_permitted(t, text, &permitted);
		text = permitted.len ? permitted.data : "";
	}
	put_cut(t->out, text, strlen(text), max, TEXT_ARGS);
}

/* ------------------------------------------------------------------ places */

/* BEFORE and "solve.py:12 in load()"; nothing when the place is not known or may not be told. */
static bool put_place(struct teller *t, const char *before, const char *file, uint64_t line, const char *function)
{
	const struct refusal place = { .file = file,
				       .line = line,
				       .submission = t->around->submission,
				       .submission_named = t->around->submission_named };
	_cleanup_buf_ struct buf text = { 0 };

	if (!file || !may_tell_path(t, file) || !words_place(&text, &place, t->student))
		return false;
	tell_text(t, before);
	put_cut(t->out, text.data, text.len, 2 * TELL_NAME, TEXT_ARGS);
	if (function && *function && *function != '<') {
		say(t, " in ");
		tell_message(t, function, TELL_NAME);
		say(t, "()");
	}
	return true;
}

void tell_place_of(struct teller *t, const char *file, uint64_t line, const char *function)
{
	if (put_place(t, " (", file, line, function))
		say(t, ")");
}

/* For code that is in no file, made by exec() or by a library as turtle does: the nearest frame in a file that called
 * it. */
static const struct exception_frame *calling_file(const struct exception_facts *x)
{
	size_t i = x->n_frames;

	if (!x->file || *x->file != '<')
		return NULL;
	while (i-- > 0)
		if (x->frames[i].file && streq(x->frames[i].file, x->file) && x->frames[i].line == x->line)
			break;
	while (i < x->n_frames && i-- > 0)
		if (x->frames[i].file && *x->frames[i].file != '<')
			return &x->frames[i];
	return NULL;
}

void tell_place(struct teller *t)
{
	const struct exception_frame *by = calling_file(t->x);

	if (!put_place(t, " (", t->x->file, t->x->line, t->x->function))
		return;
	if (by)
		put_place(t, ", called from ", by->file, by->line, NULL);
	say(t, ")");
}

/* ------------------------------------------------------------------ exceptions */

void tell_type(struct teller *t, const struct exception_facts *x)
{
	if (!x->type || !*x->type) {
		say(t, "an exception");
		return;
	}
	if (x->module && *x->module && !streq(x->module, "builtins") && !streq(x->module, "__main__")) {
		tell_message(t, x->module, TELL_NAME);
		say(t, ".");
	}
	tell_message(t, x->type, TELL_NAME);
}

void tell_exception(struct teller *t, const struct exception_facts *x)
{
	tell_type(t, x);
	if (!x->message || !*x->message)
		return;
	say(t, ": ");
	tell_message(t, x->message, TELL_MESSAGE);
}
