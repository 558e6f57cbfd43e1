/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/emit/emit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grade/directory.h"
#include "grade/emit/fields.h"

enum { MAX_JUDGEMENTS = 64 << 20 };

static const struct emitter *const emitters[] = { &emit_junit, &emit_tap, &emit_gradescope, &emit_github,
						  &emit_go_judge, &emit_isolate, &emit_runguard };

/* The emitter and, in *RET_FILE, the file of FORMAT=FILE; or NULL. */
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

	const struct emitter *emitter = parse(text, &file);

	return emitter && !(emitter->each && streq(file, "-"));
}

const char *emit_file(const char *text)
{
	const char *file = NULL;

	parse(text, &file);
	return file;
}

/* ------------------------------------------------------------------ results */

/* Appends a name, which has to be escaped; other texts are escaped already. */
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
	const char *reason = json_string_value(json_object_get(line, "reason")), *said = emit_text_at(line, "checker", "message");
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
			buf_printf(staff, "line %lld: expected '%s', got '%s'", at, emit_text_at(line, "difference", "expected"),
				   emit_text_at(line, "difference", "got"));
		} else {
			put_text(staff, said);
		}
		buf_lit(student, ".");
		break;
	default:
		put_text(staff, emit_text_at(line, "messages", "staff"));
		put_text(student, emit_text_at(line, "messages", "student"));
	}
}

/* Is this result to be written? A syntax check is no case, unless it found something. */
static bool is_told(const json_t *line, enum final *ret_verdict)
{
	const char *name = json_string_value(json_object_get(line, "verdict")), *c = emit_text_at(line, "labels", "case");
	const char *id = json_string_value(json_object_get(line, "id"));

	return name && id && final_from_name(name, ret_verdict) == 0 &&
	       !(*ret_verdict == FINAL_OK && c && streq(c, "syntax") && emit_text_at(line, "labels", "submission"));
}

static void tell(const struct emitter *emitter, const json_t *line, enum final verdict, size_t number, bool scored,
		 struct buf *out)
{
	_cleanup_buf_ struct buf group = { 0 }, name = { 0 }, staff = { 0 }, student = { 0 };
	const char *submission = emit_text_at(line, "labels", "submission"), *c = emit_text_at(line, "labels", "case");
	bool judged = submission && c;

	put_name(&group, judged ? submission : "proctor");
	put_name(&name, judged ? c : json_string_value(json_object_get(line, "id")));
	if (!final_is_good(verdict))
		put_causes(line, verdict, &staff, &student);
	emitter->result(out, &(struct emit_result){ number, verdict, group.data, name.data, staff.data ? staff.data : "",
						    student.data ? student.data : "", line, scored });
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

/* Where results go: to one stream, or to a file each in a directory; with neither they are only counted. */
struct outlet {
	const struct emitter *emitter;
	struct emit_totals totals;
	FILE *out;
	int dir_fd;
};

static int put_one(struct outlet *outlet, const json_t *line, enum final verdict, size_t number)
{
	const char *id = json_string_value(json_object_get(line, "id"));
	_cleanup_free_ char *name = xasprintf("%s.meta", id);
	_cleanup_buf_ struct buf text = { 0 };

	tell(outlet->emitter, line, verdict, number, outlet->totals.scored, &text);
	if (outlet->out)
		return put_out(outlet->out, &text);
	return id_is_good(id) ? directory_replace(outlet->dir_fd, name, text.data, text.len) : -EINVAL;
}

/* Goes through IN once, with one result in memory at a time. */
static int go_through(FILE *in, struct outlet *outlet)
{
	bool counts = !outlet->out && outlet->dir_fd < 0;
	_cleanup_free_ char *line = NULL;
	size_t cap = 0, number = 0;
	enum final verdict;
	ssize_t n;
	int r = 0;

	rewind(in);
	while (r == 0 && (n = getline(&line, &cap, in)) > 0) {
		json_t *document = json_loadb(line, (size_t)n, 0, NULL);

		if (is_told(document, &verdict) && counts)
			count(document, verdict, &outlet->totals);
		else if (is_told(document, &verdict))
			r = put_one(outlet, document, verdict, ++number);
		json_decref(document);
	}
	return r == 0 && ferror(in) ? -EIO : r;
}

/* Writes the part before or after all results, if the format has one. */
static int put_frame(struct outlet *outlet, void (*part)(struct buf *, const struct emit_totals *))
{
	_cleanup_buf_ struct buf text = { 0 };

	if (part)
		part(&text, &outlet->totals);
	return put_out(outlet->out, &text);
}

/* The score of the only submission in DIR_FD, if judge has left one. */
static void read_score(int dir_fd, struct emit_totals *totals)
{
	_cleanup_free_ char *text = NULL;
	const json_t *all, *score;
	json_t *judgements;
	size_t n;

	if (read_file(dir_fd, "judgements.json", MAX_JUDGEMENTS, &text, &n) < 0)
		return;
	judgements = json_loadb(text, n, 0, NULL);
	all = json_object_get(judgements, "submissions");
	score = json_array_size(all) == 1 ? json_object_get(json_array_get(all, 0), "score") : NULL;
	totals->scored = json_is_number(score);
	totals->score = json_number_value(score);
	json_decref(judgements);
}

static int write_all(FILE *in, const struct emitter *emitter, const struct emit_totals *known, FILE *out)
{
	struct outlet outlet = { .emitter = emitter, .totals = *known, .dir_fd = -1 };
	int r = go_through(in, &outlet);

	outlet.out = out;
	if (r == 0)
		r = put_frame(&outlet, emitter->begin);
	if (r == 0)
		r = go_through(in, &outlet);
	if (r == 0)
		r = put_frame(&outlet, emitter->end);
	if (r == 0 && (fflush(out) || ferror(out)))
		r = -EIO;
	return r;
}

static int write_each(FILE *in, const struct emitter *emitter, const char *path)
{
	struct outlet outlet = { .emitter = emitter };
	_cleanup_close_ int fd = -1;

	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	outlet.dir_fd = fd;
	return go_through(in, &outlet);
}

static int write_file(FILE *in, const struct emitter *emitter, const struct emit_totals *known, const char *path)
{
	_cleanup_free_ char *temporary = xasprintf("%s.new", path);
	FILE *out;
	int fd, r;

	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out)
		return -errno;
	r = write_all(in, emitter, known, out);
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
	struct emit_totals known = { 0 };
	int fd = openat(dir_fd, "results.jsonl", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	in = fd < 0 ? NULL : fdopen(fd, "r");
	if (!in)
		return -errno;
	if (!emitter)
		return -EINVAL;
	if (emitter->each)
		return write_each(in, emitter, path);
	read_score(dir_fd, &known);
	return streq(path, "-") ? write_all(in, emitter, &known, stdout) : write_file(in, emitter, &known, path);
}

int emit_write_verdict(const char *text, const char *verdict, size_t n)
{
	_cleanup_fclose_ FILE *in = NULL;
	const char *path, *status, *name;
	const struct emitter *emitter = parse(text, &path);
	const struct emit_totals none = { 0 };
	json_t *line = json_loadb(verdict, n, 0, NULL);
	char *one = NULL;
	enum final f;
	int r = -EIO;

	status = json_string_value(json_object_get(line, "status"));
	name = emit_text_at(line, "run", "submission");
	if (line && status) {
		if (final_from_name(status, &f) < 0)
			f = FINAL_JE;
		json_object_set_new(line, "verdict", json_string(final_name(f)));
		json_object_set_new(line, "id", json_string(name ? name : emit_text_at(line, "run", "id")));
		json_object_set(line, "reason", json_object_get(line, "error"));
		one = json_dumps(line, JSON_COMPACT);
	}
	in = one ? fmemopen(one, strlen(one), "r") : NULL;
	if (in && emitter)
		r = write_file(in, emitter, &none, path);
	if (in)
		fclose(steal_ptr(&in));
	free(one);
	json_decref(line);
	return r;
}
