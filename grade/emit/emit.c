/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/emit/emit.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const struct emitter *const emitters[] = { &emit_junit, &emit_tap, &emit_gradescope, &emit_github,
						  &emit_go_judge };

/* The format and the file of FORMAT=FILE, or NULL. */
static const struct emitter *parse(const char *text, const char **ret_file)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(emitters); i++) {
		const char *rest = after_prefix(text, emitters[i]->name);

		if (!rest || *rest != '=' || !rest[1])
			continue;
		*ret_file = rest + 1;
		return emitters[i];
	}
	return NULL;
}

bool emit_is_good(const char *text)
{
	const char *file;

	return parse(text, &file) != NULL;
}

/* ------------------------------------------------------------------ results */

static const char *text_at(const json_t *line, const char *outer, const char *inner)
{
	return json_string_value(json_object_get(json_object_get(line, outer), inner));
}

/* A name is as somebody chose it, and all else escaped already. */
static void put_name(struct buf *out, const char *name)
{
	put_excerpt(out, name, strlen(name));
}

static void put_text(struct buf *out, const char *text)
{
	put_told(out, text ? text : "", text ? strlen(text) : 0);
}

/* Why a result is not good, in both wordings. */
static void put_causes(const json_t *line, enum final verdict, struct buf *staff, struct buf *student)
{
	const char *reason = json_string_value(json_object_get(line, "reason")), *said = text_at(line, "checker", "message");
	const json_t *difference = json_object_get(line, "difference");
	long long at = (long long)json_integer_value(json_object_get(difference, "line"));

	switch (verdict) {
	case FINAL_JE:
		put_text(staff, reason);
		buf_lit(student, "This could not be judged, which is not your program's fault.");
		break;
	case FINAL_CE:
		put_text(staff, reason);
		put_text(student, reason);
		break;
	case FINAL_WA:
		buf_lit(student, "The output is wrong");
		if (difference) {
			buf_printf(student, " (line %lld)", at);
			buf_printf(staff, "line %lld: expected '%s', got '%s'", at, text_at(line, "difference", "expected"),
				   text_at(line, "difference", "got"));
		} else {
			put_text(staff, said);
		}
		buf_lit(student, ".");
		break;
	default:
		put_text(staff, text_at(line, "messages", "staff"));
		put_text(student, text_at(line, "messages", "student"));
	}
}

/* The look at the syntax is no case, unless it found something. */
static bool is_told(const json_t *line, enum final *ret_verdict)
{
	const char *name = json_string_value(json_object_get(line, "verdict")), *c = text_at(line, "labels", "case");
	const char *id = json_string_value(json_object_get(line, "id"));

	return name && id && final_from_name(name, ret_verdict) == 0 &&
	       !(*ret_verdict == FINAL_OK && c && streq(c, "syntax") && text_at(line, "labels", "submission"));
}

static void tell(const struct emitter *emitter, const json_t *line, enum final verdict, size_t number, struct buf *out)
{
	_cleanup_buf_ struct buf group = { 0 }, name = { 0 }, staff = { 0 }, student = { 0 };
	const char *submission = text_at(line, "labels", "submission"), *c = text_at(line, "labels", "case");
	bool judged = submission && c;

	put_name(&group, judged ? submission : "proctor");
	put_name(&name, judged ? c : json_string_value(json_object_get(line, "id")));
	if (!final_is_good(verdict))
		put_causes(line, verdict, &staff, &student);
	emitter->result(out, &(struct emit_result){ number, verdict, group.data, name.data, staff.data ? staff.data : "",
						    student.data ? student.data : "", line });
}

static void count(const json_t *line, enum final verdict, struct emit_totals *totals)
{
	totals->n++;
	totals->n_errors += verdict == FINAL_JE;
	totals->n_failed += verdict != FINAL_JE && !final_is_good(verdict);
	totals->wall_ns += (uint64_t)json_integer_value(json_object_get(line, "wall_ns"));
}

/* ------------------------------------------------------------------ files */

static int put_out(FILE *out, struct buf *text)
{
	size_t n = text->len ? fwrite(text->data, 1, text->len, out) : 0;
	bool whole = n == text->len;

	buf_clear(text);
	return whole ? 0 : -errno;
}

/* Goes through IN once: counts with OUT NULL, otherwise writes. Memory for one result at a time. */
static int go_through(FILE *in, const struct emitter *emitter, struct emit_totals *totals, FILE *out)
{
	_cleanup_buf_ struct buf text = { 0 };
	_cleanup_free_ char *line = NULL;
	size_t cap = 0, number = 0;
	enum final verdict;
	ssize_t n;
	int r = 0;

	rewind(in);
	if (out)
		emitter->begin(&text, totals);
	while (r == 0 && (n = getline(&line, &cap, in)) > 0) {
		json_t *document = json_loadb(line, (size_t)n, 0, NULL);

		if (is_told(document, &verdict)) {
			if (out)
				tell(emitter, document, verdict, ++number, &text);
			else
				count(document, verdict, totals);
		}
		json_decref(document);
		if (out)
			r = put_out(out, &text);
	}
	if (r == 0 && ferror(in))
		r = -EIO;
	if (r == 0 && out) {
		emitter->end(&text, totals);
		r = put_out(out, &text);
	}
	return r;
}

static int write_all(FILE *in, const struct emitter *emitter, FILE *out)
{
	struct emit_totals totals = { 0 };
	int r = go_through(in, emitter, &totals, NULL);

	if (r == 0)
		r = go_through(in, emitter, &totals, out);
	if (r == 0 && (fflush(out) || ferror(out)))
		r = -EIO;
	return r;
}

static int write_file(FILE *in, const struct emitter *emitter, const char *path)
{
	_cleanup_free_ char *temporary = xasprintf("%s.new", path);
	FILE *out;
	int fd, r;

	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out)
		return -errno;
	r = write_all(in, emitter, out);
	if (fclose(out) && r == 0)
		r = -errno;
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(temporary);
	return r;
}

int emit_write(const char *text, int dir_fd)
{
	_cleanup_fclose_ FILE *in = NULL;
	const char *path;
	const struct emitter *emitter = parse(text, &path);
	int fd = openat(dir_fd, "results.jsonl", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	in = fd < 0 ? NULL : fdopen(fd, "r");
	if (!in)
		return -errno;
	if (!emitter)
		return -EINVAL;
	return streq(path, "-") ? write_all(in, emitter, stdout) : write_file(in, emitter, path);
}
