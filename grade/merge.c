/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/merge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "grade/directory.h"
#include "grade/results.h"

enum { EXIT_NO_PART = 66, MAX_SUMMARY = 1 << 20 };

struct part {
	const char *name; /* as given */
	char *path;	  /* absolute */
	int lock_fd;	  /* held, so that no batch writes there meanwhile */
	FILE *file;
	bool complete;
};

/* One line of a part; they form a list, in the order in which they are read. */
struct found {
	char *id;
	char key[JOB_KEY_LENGTH + 1];
	enum final verdict;
	size_t part;
	bool chosen;
};

struct merge {
	struct part *parts;
	size_t n_parts;
	struct found *found;
	size_t n, cap;
	struct results *results;
};

/* ------------------------------------------------------------------ parts */

static bool is_complete(int dir_fd)
{
	_cleanup_free_ char *text = NULL;
	json_t *summary;
	bool complete;
	size_t n;

	if (read_file(dir_fd, "summary.json", MAX_SUMMARY, &text, &n) < 0)
		return false;
	summary = json_loadb(text, n, 0, NULL);
	complete = json_is_true(json_object_get(summary, "complete"));
	json_decref(summary);
	return complete;
}

static int open_part(struct part *part)
{
	_cleanup_close_ int dir_fd = open(part->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int fd = -1;

	part->path = realpath(part->name, NULL);
	if (dir_fd >= 0 && part->path) {
		part->lock_fd = openat(dir_fd, ".lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		fd = part->lock_fd < 0 ? -1 : openat(dir_fd, "results.jsonl", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	}
	part->file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!part->file) {
		complain("batch: --merge: %s: %s", part->name,
			 errno == ENOENT ? "there are no results of a batch" : strerror(errno));
		return EXIT_NO_PART;
	}
	steal_fd(&fd); /* now owned by the stream */
	if (flock(part->lock_fd, LOCK_SH | LOCK_NB) < 0) {
		complain("batch: --merge: %s: another proctor is at work in this directory", part->name);
		return EXIT_USAGE;
	}
	part->complete = is_complete(dir_fd);
	return 0;
}

/* The next whole line of PART; NULL at its end: a partial line is no result. The caller releases it. */
static json_t *next_line(struct part *part, char **line, size_t *cap, bool *ret_ended)
{
	ssize_t n = getline(line, cap, part->file);

	*ret_ended = n <= 0 || (*line)[n - 1] != '\n';
	return *ret_ended ? NULL : json_loadb(*line, (size_t)n, 0, NULL);
}

static bool take_line(struct merge *merge, size_t part, const json_t *document)
{
	const char *id = json_string_value(json_object_get(document, "id"));
	const char *key = json_string_value(json_object_get(document, "job"));
	const char *verdict = json_string_value(json_object_get(document, "verdict"));
	struct found *found;
	enum final f;

	if (!id || !id_is_good(id) || !key || strlen(key) != JOB_KEY_LENGTH || !verdict ||
	    final_from_name(verdict, &f) < 0 || !json_is_object(json_object_get(document, "run")))
		return false;
	grow_array(&merge->found, &merge->cap, merge->n + 1, sizeof *merge->found);
	found = &merge->found[merge->n++];
	*found = (struct found){ .id = xstrdup(id), .verdict = f, .part = part };
	memcpy(found->key, key, JOB_KEY_LENGTH);
	return true;
}

static int read_part(struct merge *merge, size_t at)
{
	struct part *part = &merge->parts[at];
	_cleanup_free_ char *line = NULL;
	size_t cap = 0, number;
	bool ended = false, good;
	json_t *document;

	for (number = 1; ; number++) {
		document = next_line(part, &line, &cap, &ended);
		if (ended)
			break;
		good = take_line(merge, at, document);
		json_decref(document);
		if (!good) {
			complain("batch: --merge: %s/results.jsonl:%zu: not a result", part->name, number);
			return EXIT_BAD_POLICY;
		}
	}
	if (ferror(part->file)) {
		complain("batch: --merge: %s/results.jsonl: cannot be read", part->name);
		return EXIT_LOG;
	}
	return 0;
}

/* ------------------------------------------------------------------ which of them count */

/* By name; for one name, judged results before JE, then in the order of the parts. */
static int compare_found(const void *a, const void *b)
{
	const struct found *x = *(const struct found *const *)a, *y = *(const struct found *const *)b;
	int order = strcmp(x->id, y->id);

	if (order == 0)
		order = (x->verdict == FINAL_JE) - (y->verdict == FINAL_JE);
	return order ? order : (x < y ? -1 : 1);
}

static int tell_conflict(const struct merge *merge, const struct found *a, const char *other)
{
	complain("batch: --merge: %s: the jobs of this name in %s and %s are not the same (their lines, or the options)", a->id,
		 merge->parts[a->part].name, other);
	return EXIT_BAD_POLICY;
}

static int choose(struct merge *merge, const char *out)
{
	_cleanup_free_ struct found **sorted = xcalloc(merge->n + 1, sizeof *sorted);
	size_t i;

	for (i = 0; i < merge->n; i++)
		sorted[i] = &merge->found[i];
	qsort(sorted, merge->n, sizeof *sorted, compare_found);
	for (i = 0; i < merge->n; i++) {
		struct found *found = sorted[i];
		const struct result_entry *there = results_find(merge->results, found->id);
		bool again = i > 0 && streq(sorted[i - 1]->id, found->id);

		if (again && !streq(sorted[i - 1]->key, found->key))
			return tell_conflict(merge, found, merge->parts[sorted[i - 1]->part].name);
		if (there && !streq(there->key, found->key))
			return tell_conflict(merge, found, out);
		found->chosen = !again && !there;
	}
	return 0;
}

/* ------------------------------------------------------------------ writing */

static int put_line(struct merge *merge, const struct found *found, json_t *document)
{
	json_t *run = json_object_get(document, "run");
	const char *directory = json_string_value(json_object_get(run, "directory"));
	_cleanup_free_ char *text = NULL, *whole = NULL;

	/* It is absolute already if it was merged before. */
	if (directory && *directory != '/') {
		whole = xasprintf("%s/%s", merge->parts[found->part].path, directory);
		json_object_set_new(run, "directory", json_string(whole));
	}
	text = json_dumps(document, JSON_COMPACT);
	return text ? results_append(merge->results, text, found->id, found->key, found->verdict) : -ENOMEM;
}

static int copy_lines(struct merge *merge, const char *out)
{
	_cleanup_free_ char *line = NULL;
	size_t cap = 0, i;
	bool ended;
	int r = 0;

	for (i = 0; i < merge->n_parts; i++)
		rewind(merge->parts[i].file);
	for (i = 0; r == 0 && i < merge->n; i++) {
		json_t *document = next_line(&merge->parts[merge->found[i].part], &line, &cap, &ended);

		if (!document)
			r = -EIO;
		else if (merge->found[i].chosen)
			r = put_line(merge, &merge->found[i], document);
		json_decref(document);
	}
	if (r == 0)
		r = results_sync(merge->results);
	if (r == 0)
		return 0;
	complain("batch: --merge: %s/results.jsonl: %s", out, strerror(-r));
	return EXIT_LOG;
}

static int write_summary(const struct merge *merge, int out_fd, const char *out, size_t before, bool complete)
{
	_cleanup_buf_ struct buf now = { 0 }, whole = { 0 };
	json_t *parts = json_array();
	size_t i;
	int r;

	put_time(&now, clock_ns(CLOCK_REALTIME));
	for (i = 0; i < merge->n_parts; i++) {
		json_t *name = json_string(merge->parts[i].path);

		json_array_append_new(parts, name ? name : json_null());
	}
	put_json(&whole, json_pack("{s:s,s:s,s:b,s:I,s:I,s:o,s:s,s:o}", "schema", "proctor.batch/1", "command", "merge",
				   "complete", complete, "runs", (json_int_t)results_count(merge->results), "resumed",
				   (json_int_t)before, "verdicts", results_tallies(merge->results), "ended", now.data,
				   "parts", parts));
	buf_putc(&whole, '\n');
	r = directory_replace(out_fd, "summary.json", whole.data, whole.len);
	if (r == 0)
		return 0;
	complain("batch: --merge: %s/summary.json: %s", out, strerror(-r));
	return EXIT_LOG;
}

/* ------------------------------------------------------------------ the whole */

static int open_out(struct merge *merge, const char *out, bool resume, int *ret_fd)
{
	int fd = directory_make(AT_FDCWD, out);
	_cleanup_free_ char *path = fd < 0 ? NULL : realpath(out, NULL);
	size_t i;

	if (fd < 0) {
		complain("batch: --merge: %s: %s", out, strerror(-fd));
		return EXIT_LOG;
	}
	*ret_fd = fd;
	for (i = 0; path && i < merge->n_parts; i++) {
		if (!streq(path, merge->parts[i].path))
			continue;
		complain("batch: --merge: %s is itself one of the parts", out);
		return EXIT_USAGE;
	}
	return results_open(fd, out, resume, &merge->results);
}

static int merge_parts(struct merge *merge, const char *out, bool resume)
{
	_cleanup_close_ int out_fd = -1;
	bool complete = true;
	size_t i, before;
	int r = 0;

	for (i = 0; r == 0 && i < merge->n_parts; i++) {
		r = open_part(&merge->parts[i]);
		if (r == 0)
			r = read_part(merge, i);
		complete &= merge->parts[i].complete;
	}
	if (r == 0)
		r = open_out(merge, out, resume, &out_fd);
	if (r == 0)
		r = choose(merge, out);
	if (r)
		return r;
	before = results_count(merge->results);
	r = copy_lines(merge, out);
	if (r == 0)
		r = write_summary(merge, out_fd, out, before, complete);
	for (i = 0; r == 0 && i < merge->n_parts; i++)
		if (!merge->parts[i].complete)
			complain("batch: --merge: %s is not complete: its batch was ended before all was done",
				 merge->parts[i].name);
	return r ? r : !complete || results_tally(merge->results, FINAL_JE) ? 1 : 0;
}

int merge_results(const char *out, char *const *parts, bool resume)
{
	struct merge merge = { .n_parts = strv_length(parts) };
	size_t i;
	int r;

	merge.parts = xcalloc(merge.n_parts + 1, sizeof *merge.parts);
	for (i = 0; i < merge.n_parts; i++)
		merge.parts[i] = (struct part){ .name = parts[i], .lock_fd = -1 };
	r = merge_parts(&merge, out, resume);
	for (i = 0; i < merge.n_parts; i++) {
		if (merge.parts[i].file)
			fclose(merge.parts[i].file);
		if (merge.parts[i].lock_fd >= 0)
			close(merge.parts[i].lock_fd);
		free(merge.parts[i].path);
	}
	for (i = 0; i < merge.n; i++)
		free(merge.found[i].id);
	free(merge.found);
	free(merge.parts);
	results_free(merge.results);
	return r;
}
