/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/profile.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "record/stack.h"

/* uthash's own switches fall through without saying so. */
#undef HASH_FUNCTION
#define HASH_FUNCTION(key, length, hash) ((hash) = bytes_hash((key), (length)))

enum { HOT_SAMPLES = 10, HOT_SHARE = 5 }; /* fewer samples, or less than a fifth of all, say nothing */

/* KEY: of each frame, innermost first, its line in decimal digits, file and function, each with its NUL. */
struct profile_entry {
	char *key;
	size_t len;
	uint64_t samples;
	UT_hash_handle hh;
};

void profile_init(struct profile *profile, unsigned hz, const char *const *library)
{
	*profile = (struct profile){ .hz = hz, .library = library };
}

static void free_entries(struct profile_entry *entries)
{
	struct profile_entry *entry, *next;

	HASH_ITER (hh, entries, entry, next) {
		HASH_DEL(entries, entry);
		free(entry->key);
		free(entry);
	}
}

void profile_fini(struct profile *profile)
{
	free_entries(profile->stacks);
	free_entries(profile->places);
	profile->stacks = profile->places = NULL;
}

/* ------------------------------------------------------------------ sampling */

long profile_tick(const struct profile *profile, long tick_us)
{
	return profile->hz ? MIN(tick_us, (long)(1000000 / profile->hz)) : tick_us;
}

/* "PID (NAME) R ...": a name may hold brackets (proc_pid_stat(5)). */
static bool computes(pid_t tid)
{
	_cleanup_close_ int fd = open_proc(tid, "stat", O_RDONLY | O_CLOEXEC);
	char text[128];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
	const char *end = n > 0 ? memrchr(text, ')', (size_t)n) : NULL;

	return end && end + 2 < text + n && end[2] == 'R';
}

void profile_round(struct profile *profile, const struct tasks *tasks, pid_t pid)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC), each = profile->hz ? 1000000000u / profile->hz : 0;
	struct task *task;

	if (!each || now < profile->next_ns)
		return;
	/* Missed rounds are not made up for: they would all see one moment. */
	profile->next_ns = MAX(profile->next_ns + each, now + each / 2);
	for (task = tasks->first; task; task = task->hh.next)
		if (task->tgid == pid && task->state == TASK_RUNNING && computes(task->tid))
			task->sampled = trace_interrupt(task->tid) == 0;
}

static void put_frame(const struct python_frame *frame, struct buf *key)
{
	buf_u64(key, (uint64_t)MAX(frame->line, 0));
	buf_putc(key, '\0');
	buf_put(key, frame->file, strlen(frame->file) + 1);
	buf_put(key, frame->function, strlen(frame->function) + 1);
}

/* False: there are too many. */
static bool count(struct profile *profile, struct profile_entry **entries, const struct buf *key)
{
	struct profile_entry *entry;

	HASH_FIND(hh, *entries, key->data, key->len, entry);
	if (!entry && profile->bytes + key->len > PROFILE_BYTES)
		return false;
	if (!entry) {
		entry = xcalloc(1, sizeof *entry);
		entry->key = xmalloc(key->len);
		memcpy(entry->key, key->data, key->len);
		entry->len = key->len;
		profile->bytes += key->len + sizeof *entry;
		HASH_ADD_KEYPTR(hh, *entries, entry->key, entry->len, entry);
	}
	entry->samples++;
	return true;
}

void profile_take(struct profile *profile, const struct stack *stack)
{
	const struct python_frame *frame = record_user_frame(stack, profile->library);
	_cleanup_buf_ struct buf key = { 0 };
	size_t i;

	profile->samples++;
	if (!stack || stack->n_python == 0) {
		profile->unread++;
		return;
	}
	for (i = 0; i < MIN(stack->n_python, (size_t)PROFILE_FRAMES); i++)
		put_frame(&stack->python[i], &key);
	profile->left_out += !count(profile, &profile->stacks, &key);
	if (!frame)
		return;
	buf_clear(&key);
	put_frame(frame, &key);
	count(profile, &profile->places, &key);
}

/* ------------------------------------------------------------------ telling */

/* The next frame of an entry from AT on. */
static const char *next_frame(const char *at, uint64_t *ret_line, const char **ret_file, const char **ret_function)
{
	*ret_line = strtoull(at, NULL, 10);
	*ret_file = at + strlen(at) + 1;
	*ret_function = *ret_file + strlen(*ret_file) + 1;
	return *ret_function + strlen(*ret_function) + 1;
}

static int most_first(const void *a, const void *b)
{
	const struct profile_entry *x = *(struct profile_entry *const *)a, *y = *(struct profile_entry *const *)b;

	return x->samples < y->samples ? 1 : x->samples > y->samples ? -1 : 0;
}

static void put_stack(const struct profile_entry *entry, struct buf *out)
{
	const char *at = entry->key, *file, *function;
	uint64_t line;

	json_open(out, NULL);
	json_put_u64(out, "samples", entry->samples);
	json_open_list(out, "python");
	while (at < entry->key + entry->len) {
		at = next_frame(at, &line, &file, &function);
		json_open(out, NULL);
		json_put_text(out, "file", file);
		json_put_u64(out, "line", line);
		json_put_text(out, "function", function);
		json_close(out);
	}
	json_close_list(out);
	json_close(out);
}

void profile_format(const struct profile *profile, struct buf *out)
{
	size_t n = HASH_COUNT(profile->stacks), i = 0, start = out->len, before;
	_cleanup_free_ struct profile_entry **sorted = xcalloc(n + 1, sizeof(*sorted));
	uint64_t left_out = profile->left_out;
	struct profile_entry *entry;

	if (!profile->hz)
		return;
	for (entry = profile->stacks; entry; entry = entry->hh.next)
		sorted[i++] = entry;
	qsort(sorted, n, sizeof(*sorted), most_first);
	json_open(out, "profile");
	json_put_u64(out, "hz", profile->hz);
	json_put_word(out, "of", "cpu");
	json_put_u64(out, "samples", profile->samples);
	json_put_u64(out, "unread", profile->unread);
	json_open_list(out, "stacks");
	for (i = 0; i < n; i++) {
		before = out->len;
		put_stack(sorted[i], out);
		if (out->len - start <= PROFILE_RECORD)
			continue;
		/* A shorter one behind it may still fit. */
		out->len = before;
		left_out += sorted[i]->samples;
	}
	json_close_list(out);
	json_put_u64(out, "left_out", left_out);
	json_close(out);
}

void profile_hottest(const struct profile *profile, struct profile_hottest *ret_hottest)
{
	const struct profile_entry *entry, *most = NULL;
	const char *file, *function;

	*ret_hottest = (struct profile_hottest){ .of = profile->samples };
	for (entry = profile->places; entry; entry = entry->hh.next)
		if (!most || entry->samples > most->samples)
			most = entry;
	if (!most || most->samples < HOT_SAMPLES || most->samples * HOT_SHARE < profile->samples)
		return;
	next_frame(most->key, &ret_hottest->line, &file, &function);
	ret_hottest->file = xstrdup(file);
	ret_hottest->function = xstrdup(function);
	ret_hottest->samples = most->samples;
}

void profile_hottest_fini(struct profile_hottest *hottest)
{
	free(hottest->file);
	free(hottest->function);
	*hottest = (struct profile_hottest){ 0 };
}
