/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/profile.h"

#include <stdlib.h>
#include <time.h>

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

void profile_init(struct profile *profile, unsigned hz, bool wall, const char *const *library)
{
	*profile = (struct profile){ .hz = hz, .wall = wall, .library = library };
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
	buf_fini(&profile->peak);
}

/* ------------------------------------------------------------------ sampling */

long profile_tick(const struct profile *profile, long tick_us)
{
	return profile->hz ? MIN(tick_us, (long)(1000000 / profile->hz)) : tick_us;
}

static void put_frame(const struct python_frame *frame, struct buf *key)
{
	buf_u64(key, (uint64_t)MAX(frame->line, 0));
	buf_putc(key, '\0');
	buf_put(key, frame->file, strlen(frame->file) + 1);
	buf_put(key, frame->function, strlen(frame->function) + 1);
}

static void put_frames(const struct stack *stack, struct buf *key)
{
	size_t i;

	for (i = 0; i < MIN(stack->n_python, (size_t)PROFILE_FRAMES); i++)
		put_frame(&stack->python[i], key);
}

/* Counts one more of KEY. NULL: there are too many. */
static struct profile_entry *count(struct profile *profile, struct profile_entry **entries, const struct buf *key)
{
	struct profile_entry *entry;

	HASH_FIND(hh, *entries, key->data, key->len, entry);
	if (!entry && profile->bytes + key->len > PROFILE_BYTES)
		return NULL;
	if (!entry) {
		entry = xcalloc(1, sizeof *entry);
		entry->key = xmalloc(key->len);
		memcpy(entry->key, key->data, key->len);
		entry->len = key->len;
		profile->bytes += key->len + sizeof *entry;
		HASH_ADD_KEYPTR(hh, *entries, entry->key, entry->len, entry);
	}
	entry->samples++;
	return entry;
}

/*
 * Was the frame at AT made by Python's start? The lines of .pth files, which site runs before the program, have no file,
 * and so look like code of the program's own.
 */
static bool is_of_start(const struct stack *stack, size_t at)
{
	for (size_t i = at + 1; i < stack->n_python; i++) {
		const struct python_frame *outer = &stack->python[i];
		const char *name = strrchr(outer->file, '/');

		if (streq(outer->function, "addpackage") &&
		    (streq(outer->file, "<frozen site>") || (name && streq(name, "/site.py"))))
			return true;
	}
	return false;
}

/* RET: what was counted, the stack and the place of the program's own; each may be NULL. */
static void take(struct profile *profile, const struct stack *stack, struct profile_entry *ret[2])
{
	const struct python_frame *frame = record_user_frame(stack, profile->library);
	_cleanup_buf_ struct buf key = { 0 };

	ret[0] = ret[1] = NULL;
	profile->samples++;
	if (!stack || stack->n_python == 0) {
		profile->unread++;
		return;
	}
	put_frames(stack, &key);
	ret[0] = count(profile, &profile->stacks, &key);
	profile->left_out += !ret[0];
	if (!frame || record_is_library(frame->file, profile->library) || is_of_start(stack, (size_t)(frame - stack->python)))
		return;
	buf_clear(&key);
	put_frame(frame, &key);
	ret[1] = count(profile, &profile->places, &key);
}

void profile_take(struct profile *profile, const struct stack *stack)
{
	struct profile_entry *counted[2];

	take(profile, stack, counted);
}

void profile_remember(struct profile *profile, uint64_t memory_bytes, uint64_t at_ns, const struct stack *stack)
{
	if (memory_bytes <= profile->peak_bytes || !stack || !stack->n_python)
		return;
	profile->peak_bytes = memory_bytes;
	profile->peak_at_ns = at_ns;
	buf_clear(&profile->peak);
	put_frames(stack, &profile->peak);
}

/* ------------------------------------------------------------------ a round */

/* "PID (NAME) R ...": a name may hold brackets (proc_pid_stat(5)). '?': it cannot be seen. */
static char state_of(pid_t tid)
{
	char text[128];
	const char *end;

	read_proc(tid, "stat", text, sizeof text);
	end = strrchr(text, ')');
	return end && end[1] && end[2] ? end[2] : '?';
}

/* How often thread TID has run: proc_pid_schedstat(5), the third number. 0: it cannot be seen. */
static uint64_t times_run(pid_t tid)
{
	char text[96], *at = text;

	read_proc(tid, "schedstat", text, sizeof text);
	strtoull(at, &at, 10);
	strtoull(at, &at, 10);
	return strtoull(at, NULL, 10);
}

static void count_again(struct profile *profile, const struct task *task)
{
	profile->samples++;
	if (!task->slept_in[0])
		profile->left_out++;
	else
		task->slept_in[0]->samples++;
	if (task->slept_in[1])
		task->slept_in[1]->samples++;
}

/* TASK waits. If it does no more when its stack has been read, nothing is known of it. */
static void take_waiting(struct profile *profile, struct stacks *stacks, struct task *task)
{
	uint64_t runs = times_run(task->tid);
	const struct stack *stack;

	if (!runs || !task->ident)
		return;
	if (task->slept_after == runs) {
		count_again(profile, task);
		return;
	}
	stack = stacks_waiting(stacks, task->tgid, task->tid, task->ident);
	if (times_run(task->tid) != runs)
		return;
	take(profile, stack, task->slept_in);
	/* Without frames there is nothing to count again: it may have some by then. */
	task->slept_after = stack && stack->n_python ? runs : 0;
}

void profile_round(struct profile *profile, const struct tasks *tasks, struct stacks *stacks)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC), each = profile->hz ? 1000000000u / profile->hz : 0;
	struct task *task;

	if (!each || now < profile->next_ns)
		return;
	/* Missed rounds are not made up for: they would all see one moment. */
	profile->next_ns = MAX(profile->next_ns + each, now + each / 2);
	for (task = tasks->first; task; task = task->hh.next) {
		char state;

		if (task->gone || !task->tgid || !stacks_has(stacks, task->tgid))
			continue;
		state = state_of(task->tid);
		if (state == 'R' && task->state == TASK_RUNNING)
			task->sampled = trace_interrupt(task->tid) == 0;
		else if (profile->wall && (state == 'S' || state == 'D' || state == 't'))
			take_waiting(profile, stacks, task);
	}
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

/* The frames of a KEY of N bytes, the innermost that take at most MAX. */
static void put_python(const char *key, size_t n, size_t max, struct buf *out)
{
	const char *at = key, *file, *function;
	size_t start, before;
	uint64_t line;

	json_open_list(out, "python");
	start = out->len;
	while (at < key + n) {
		before = out->len;
		at = next_frame(at, &line, &file, &function);
		json_open(out, NULL);
		json_put_text(out, "file", file);
		json_put_u64(out, "line", line);
		json_put_text(out, "function", function);
		json_close(out);
		if (out->len - start > max) {
			out->len = before;
			break;
		}
	}
	json_close_list(out);
}

static void put_stack(const struct profile_entry *entry, struct buf *out)
{
	json_open(out, NULL);
	json_put_u64(out, "samples", entry->samples);
	put_python(entry->key, entry->len, SIZE_MAX, out);
	json_close(out);
}

static void put_peak(const struct profile *profile, struct buf *out)
{
	if (!profile->peak.len)
		return;
	json_open(out, "peak");
	json_put_u64(out, "memory_bytes", profile->peak_bytes);
	json_put_u64(out, "at_ns", profile->peak_at_ns);
	put_python(profile->peak.data, profile->peak.len, PROFILE_PEAK, out);
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
	json_put_word(out, "of", profile->wall ? "wall" : "cpu");
	json_put_u64(out, "samples", profile->samples);
	json_put_u64(out, "unread", profile->unread);
	put_peak(profile, out);
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

	*ret_hottest = (struct profile_hottest){ .of = profile->samples, .wall = profile->wall };
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
