/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grade/job.h"

enum { MAX_LINE = 16 << 20, BLOCK = 64 << 10, EXIT_NO_INPUT = 66 };

/* The lines of a descriptor; a pipe is read only when it has data. */
struct lines {
	int fd;
	struct buf text;
	size_t at, searched; /* where the next line begins; up to where no newline was found */
	size_t number;
	bool ended;
};

struct batch {
	const char *name; /* for messages */
	int fd;
	size_t total;
	struct lines lines;
	struct checker checker;
	char *const *defaults;
	uint64_t wall_ns;
	const struct engine *engine;
};

/* A job, while a file is looked through. */
struct seen {
	char *id;
	size_t line;
};

/* ------------------------------------------------------------------ lines */

static bool is_ready(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) > 0;
}

/* 1 with a line, 0 at the end, -EAGAIN when none has come yet, or -errno. */
static int next_line(struct lines *lines, const char **ret, size_t *ret_n)
{
	struct buf *text = &lines->text;

	for (;;) {
		char *end = text->len > lines->searched ?
				    memchr(text->data + lines->searched, '\n', text->len - lines->searched) :
				    NULL;
		ssize_t n;

		if (end || (lines->ended && text->len > lines->at)) {
			*ret = text->data + lines->at;
			*ret_n = (size_t)((end ? end : text->data + text->len) - *ret);
			lines->at += *ret_n + (end ? 1 : 0);
			lines->searched = lines->at;
			lines->number++;
			return 1;
		}
		if (lines->ended)
			return 0;
		if (!is_ready(lines->fd))
			return -EAGAIN;
		if (lines->at > 0)
			memmove(text->data, text->data + lines->at, text->len - lines->at);
		text->len -= lines->at;
		lines->searched = text->len;
		lines->at = 0;
		if (text->len > MAX_LINE)
			return -EFBIG;
		buf_reserve(text, BLOCK);
		do {
			n = read(lines->fd, text->data + text->len, BLOCK);
		} while (n < 0 && errno == EINTR);
		if (n < 0)
			return -errno;
		text->len += (size_t)n;
		lines->ended = n == 0;
	}
}

static bool is_blank(const char *line, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
			return false;
	return true;
}

/* ------------------------------------------------------------------ jobs */

/* Adds the default limits of a job that names no policy. They come first, so that the job's own override them. */
static void add_defaults(const struct batch *batch, struct run_spec *spec)
{
	char **own = spec->options;
	size_t i;

	for (i = 0; own && own[i]; i++)
		if (after_prefix(own[i], "--policy="))
			return;
	if (!spec->wall_ns)
		spec->wall_ns = batch->wall_ns;
	spec->options = NULL;
	strv_extend(&spec->options, batch->defaults);
	for (i = 0; own && own[i]; i++)
		strv_add(&spec->options, own[i]);
	free(own);
}

static enum next next_job(void *arg, struct run_spec **ret, int *ret_status)
{
	_cleanup_buf_ struct buf message = { 0 };
	struct batch *batch = arg;
	const char *line = NULL;
	size_t n = 0;
	int r;

	do {
		r = next_line(&batch->lines, &line, &n);
	} while (r == 1 && is_blank(line, n));
	if (r == 0)
		return NEXT_NONE;
	if (r == -EAGAIN)
		return NEXT_LATER;
	if (r == 1)
		r = job_parse(line, n, &batch->checker, ret, &message);
	else
		buf_puts(&message, strerror(-r));
	if (r < 0) {
		complain("%s:%zu: %s", batch->name, batch->lines.number, message.data);
		*ret_status = EXIT_BAD_POLICY;
		return NEXT_FAILED;
	}
	add_defaults(batch, *ret);
	if (batch->engine)
		engine_key(batch->engine, line, n, (*ret)->key);
	return NEXT_RUN;
}

static void ignore_result(void *arg, const struct run_spec *spec, enum final verdict)
{
	(void)arg;
	(void)spec;
	(void)verdict;
}

static int compare_ids(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	return order ? order : x->line < y->line ? -1 : 1;
}

/* Sorts SEEN, reports ids that occur twice, and releases the ids. */
static int check_ids(const struct batch *batch, struct seen *seen, size_t n)
{
	int status = 0;
	size_t i;

	if (!seen)
		return 0;
	if (n > 1)
		qsort(seen, n, sizeof *seen, compare_ids);
	for (i = 1; i < n; i++) {
		if (status || !streq(seen[i].id, seen[i - 1].id))
			continue;
		complain("%s:%zu: the name \"%s\" is that of line %zu", batch->name, seen[i].line, seen[i].id,
			 seen[i - 1].line);
		status = EXIT_BAD_POLICY;
	}
	for (i = 0; i < n; i++)
		free(seen[i].id);
	return status;
}

/* Goes through all lines once, to find mistakes and to count them. */
static int look_through(struct batch *batch)
{
	_cleanup_free_ struct seen *seen = NULL;
	struct run_spec *spec;
	size_t cap = 0;
	enum next next;
	int status = 0, r;

	while ((next = next_job(batch, &spec, &status)) == NEXT_RUN) {
		grow_array(&seen, &cap, batch->total + 1, sizeof *seen);
		seen[batch->total].line = batch->lines.number;
		seen[batch->total++].id = steal_ptr(&spec->id);
		run_spec_free(spec);
	}
	r = check_ids(batch, seen, batch->total);
	if (next == NEXT_FAILED || r)
		return next == NEXT_FAILED ? status : r;
	if (lseek(batch->fd, 0, SEEK_SET) < 0) {
		complain("%s: %s", batch->name, strerror(errno));
		return EXIT_INTERNAL;
	}
	buf_clear(&batch->lines.text);
	batch->lines = (struct lines){ .fd = batch->fd, .text = batch->lines.text };
	return 0;
}

int batch_open(const char *path, const struct checker *checker, char *const *defaults, uint64_t wall_ns,
	       struct batch **ret)
{
	_cleanup_batch_ struct batch *batch = xcalloc(1, sizeof *batch);
	bool standard = streq(path, "-");
	struct stat st;
	int r;

	batch->name = standard ? "standard input" : path;
	batch->wall_ns = wall_ns;
	batch->defaults = defaults;
	checker_copy(&batch->checker, checker);
	batch->fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	batch->lines.fd = batch->fd;
	if (batch->fd < 0 || fstat(batch->fd, &st) < 0 || S_ISDIR(st.st_mode)) {
		complain("%s: %s", batch->name, strerror(batch->fd >= 0 && S_ISDIR(st.st_mode) ? EISDIR : errno));
		return EXIT_NO_INPUT;
	}
	if (S_ISREG(st.st_mode) && !standard) {
		r = look_through(batch);
		if (r)
			return r;
	}
	*ret = steal_ptr(&batch);
	return 0;
}

void batch_free(struct batch *batch)
{
	if (!batch)
		return;
	if (batch->fd >= 0)
		close(batch->fd);
	buf_fini(&batch->lines.text);
	checker_fini(&batch->checker);
	free(batch);
}

struct source batch_source(struct batch *batch, const struct engine *engine)
{
	batch->engine = engine;
	return (struct source){ .arg = batch, .next = next_job, .done = ignore_result, .fd = batch->fd,
				.total = batch->total, .apart = true };
}
