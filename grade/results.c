/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MAX_LINE = 4 << 20 };
#define SYNC_NS 1000000000u

struct results {
	int fd, lock_fd;
	off_t length;
	struct result_entry *entries;
	size_t n, cap;
	uint32_t *slots; /* position in ENTRIES + 1; open addressing, at most half full */
	size_t n_slots;
	size_t tally[N_FINALS];
	uint64_t synced_ns;
	bool dirty;
};

/* ------------------------------------------------------------------ the index of ids */

static uint64_t hash_id(const char *id)
{
	uint64_t h = hash_text(HASH_BEGIN, id);

	return h ^ (h >> 29);
}

static uint32_t *find_slot(const struct results *results, const char *id)
{
	size_t at = hash_id(id) & (results->n_slots - 1);

	while (results->slots[at] && !streq(results->entries[results->slots[at] - 1].id, id))
		at = (at + 1) & (results->n_slots - 1);
	return &results->slots[at];
}

static void grow_slots(struct results *results)
{
	size_t i;

	results->n_slots = results->n_slots ? results->n_slots * 2 : 1024;
	free(results->slots);
	results->slots = xcalloc(results->n_slots, sizeof *results->slots);
	for (i = 0; i < results->n; i++)
		*find_slot(results, results->entries[i].id) = (uint32_t)i + 1;
}

static void remember(struct results *results, const char *id, const char *key, enum final verdict, bool seen)
{
	struct result_entry *entry;

	if ((results->n + 1) * 2 > results->n_slots)
		grow_slots(results);
	grow_array(&results->entries, &results->cap, results->n + 1, sizeof *results->entries);
	entry = &results->entries[results->n++];
	*entry = (struct result_entry){ .id = xstrdup(id), .verdict = verdict, .seen = seen };
	memcpy(entry->key, key, strnlen(key, JOB_KEY_LENGTH));
	*find_slot(results, id) = (uint32_t)results->n;
	results->tally[verdict]++;
}

struct result_entry *results_find(struct results *results, const char *id)
{
	uint32_t at = results->n_slots ? *find_slot(results, id) : 0;

	return at ? &results->entries[at - 1] : NULL;
}

size_t results_count(const struct results *results)
{
	return results->n;
}

size_t results_tally(const struct results *results, enum final verdict)
{
	return results->tally[verdict];
}

json_t *results_tallies(const struct results *results)
{
	json_t *counts = json_object();
	size_t i;

	for (i = 0; i < N_FINALS; i++)
		json_object_set_new(counts, final_name((enum final)i), json_integer((json_int_t)results->tally[i]));
	return counts;
}

int results_lock_fd(const struct results *results)
{
	return results->lock_fd;
}

/* ------------------------------------------------------------------ opening */

static int take_lock(int fd, bool wait)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + (wait ? 5000000000u : 0);

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (clock_ns(CLOCK_MONOTONIC) >= end)
			return -EWOULDBLOCK;
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* Reads one line of the file. False when it is not one of ours. */
static bool read_line(struct results *results, const char *line, size_t n)
{
	json_t *document = json_loadb(line, n, 0, NULL);
	const char *id = json_string_value(json_object_get(document, "id"));
	const char *key = json_string_value(json_object_get(document, "job"));
	const char *verdict = json_string_value(json_object_get(document, "verdict"));
	enum final f;
	bool good = id && id_is_good(id) && key && strlen(key) == JOB_KEY_LENGTH && verdict &&
		    final_from_name(verdict, &f) == 0 && !results_find(results, id);

	if (good)
		remember(results, id, key, f, false);
	json_decref(document);
	return good;
}

static int read_results(struct results *results, const char *dir)
{
	_cleanup_fclose_ FILE *file = NULL;
	_cleanup_free_ char *line = NULL;
	size_t cap = 0, number = 0;
	int fd = reopen_read_only(results->fd);
	ssize_t n = 0;

	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file) {
		complain("%s/results.jsonl: %s", dir, strerror(fd < 0 ? -fd : errno));
		return EXIT_LOG;
	}
	while ((n = getline(&line, &cap, file)) > 0 && line[n - 1] == '\n') {
		number++;
		if (n > MAX_LINE || !read_line(results, line, (size_t)n - 1)) {
			complain("%s/results.jsonl:%zu: not a result, or one that is there twice", dir, number);
			return EXIT_BAD_POLICY;
		}
		results->length += n;
	}
	if (ferror(file)) {
		complain("%s/results.jsonl: %s", dir, strerror(errno));
		return EXIT_LOG;
	}
	/* A batch was killed in the middle of a write, or the machine was: that run counts as not done. */
	if (ftruncate(results->fd, results->length) < 0) {
		complain("%s/results.jsonl: %s", dir, strerror(errno));
		return EXIT_LOG;
	}
	return 0;
}

static int open_files(struct results *results, int dir_fd, const char *dir, bool resume)
{
	struct stat st;
	int r;

	results->lock_fd = openat(dir_fd, ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (results->lock_fd < 0) {
		complain("%s/.lock: %s", dir, strerror(errno));
		return EXIT_LOG;
	}
	r = take_lock(results->lock_fd, resume);
	if (r == -EWOULDBLOCK) {
		complain("%s: another proctor is at work in this directory", dir);
		return EXIT_USAGE;
	}
	if (r < 0) {
		complain("%s/.lock: %s", dir, strerror(-r));
		return EXIT_LOG;
	}
	results->fd = openat(dir_fd, "results.jsonl", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
			     0600);
	if (results->fd < 0 || fstat(results->fd, &st) < 0) {
		complain("%s/results.jsonl: %s", dir, strerror(errno));
		return EXIT_LOG;
	}
	if (!S_ISREG(st.st_mode)) {
		complain("%s/results.jsonl: not a regular file", dir);
		return EXIT_LOG;
	}
	if (st.st_size > 0 && !resume) {
		complain("%s: there are results already (--resume goes on with them)", dir);
		return EXIT_USAGE;
	}
	return 0;
}

int results_open(int dir_fd, const char *dir, bool resume, struct results **ret)
{
	_cleanup_results_ struct results *results = xcalloc(1, sizeof *results);
	int r;

	results->fd = results->lock_fd = -1;
	r = open_files(results, dir_fd, dir, resume);
	if (r == 0)
		r = read_results(results, dir);
	if (r == 0)
		*ret = steal_ptr(&results);
	return r;
}

void results_free(struct results *results)
{
	size_t i;

	if (!results)
		return;
	for (i = 0; i < results->n; i++)
		free(results->entries[i].id);
	free(results->entries);
	free(results->slots);
	if (results->fd >= 0)
		close(results->fd);
	if (results->lock_fd >= 0)
		close(results->lock_fd);
	free(results);
}

/* ------------------------------------------------------------------ appending */

int results_sync(struct results *results)
{
	if (!results->dirty)
		return 0;
	results->dirty = false;
	results->synced_ns = clock_ns(CLOCK_MONOTONIC);
	return fdatasync(results->fd) < 0 && errno != EINVAL ? -errno : 0;
}

int results_append(struct results *results, const char *line, const char *id, const char *key, enum final verdict)
{
	_cleanup_buf_ struct buf text = { 0 };
	ssize_t n;

	buf_puts(&text, line);
	buf_putc(&text, '\n');
	n = write_full(results->fd, text.data, text.len);
	if (n != (ssize_t)text.len) {
		/* A partial line is no result. */
		if (ftruncate(results->fd, results->length) < 0)
			return -errno;
		return n < 0 ? (int)n : -ENOSPC;
	}
	results->length += n;
	results->dirty = true;
	remember(results, id, key, verdict, true);
	return clock_ns(CLOCK_MONOTONIC) - results->synced_ns >= SYNC_NS ? results_sync(results) : 0;
}
