/* SPDX-License-Identifier: Apache-2.0 */
#include "record/interner.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/util.h"

/* Out of memory must end the process as everywhere else (base/util.h), not by uthash's exit(-1). */
#define uthash_malloc(size) xmalloc(size)
#include <uthash.h>

/* uthash's own hash function has switches that fall through without saying so. */
#undef HASH_FUNCTION
#define HASH_FUNCTION(key, length, hash) ((hash) = bytes_hash((key), (length)))

enum { SHARED_MIN = 4 }; /* frames from which a reference is worth it */

/* A text, or the numbers of a stack, and the number given to it. */
struct interned {
	char *key;
	size_t len;
	uint64_t number;
	UT_hash_handle hh;
};

struct interner {
	struct interned *texts, *stacks;
	uint64_t last_text, last_stack;
	size_t bytes;
	/* Of the current stack, reused: its objects as texts, one after the other, and where each ends; the first is
	 * the code's, empty if there is none. */
	struct buf text;
	size_t *ends, n_ends, cap_ends, n_python;
	struct number {
		uint64_t number;
		bool is_new;
	} *numbers, *last; /* of its objects, and of the previous stack's */
	size_t cap_numbers, cap_last, last_python, last_native;
	struct buf key, members;
};

struct interner *interner_new(void)
{
	return xcalloc(1, sizeof(struct interner));
}

static void free_all(struct interned *first)
{
	struct interned *one, *next;

	HASH_ITER (hh, first, one, next) {
		HASH_DEL(first, one);
		free(one->key);
		free(one);
	}
}

void interner_free(struct interner *in)
{
	if (!in)
		return;
	free_all(in->texts);
	free_all(in->stacks);
	buf_fini(&in->text);
	free(in->ends);
	free(in->numbers);
	free(in->last);
	buf_fini(&in->key);
	buf_fini(&in->members);
	free(in);
}

static struct interned *find(struct interned *first, const char *key, size_t len)
{
	struct interned *found;

	HASH_FIND(hh, first, key, len, found);
	return found;
}

/* The caller has made sure that there is room for a key of LEN bytes. */
static void add(struct interner *in, struct interned **first, const char *key, size_t len, uint64_t number)
{
	struct interned *one = xcalloc(1, sizeof *one);

	one->key = xmalloc(len);
	memcpy(one->key, key, len);
	one->len = len;
	one->number = number;
	in->bytes += len + sizeof *one;
	HASH_ADD_KEYPTR(hh, *first, one->key, one->len, one);
}

/* ------------------------------------------------------------------ the current stack */

static void end_object(struct interner *in)
{
	grow_array(&in->ends, &in->cap_ends, in->n_ends + 1, sizeof *in->ends);
	in->ends[in->n_ends++] = in->text.len;
	/* After a newline base/json.h puts no comma. */
	buf_putc(&in->text, '\n');
}

/* The frames of one kind. False: one of them was cut, or they would not fit into a record. */
static bool take_frames(struct interner *in, const struct stack *stack, bool native)
{
	size_t n = native ? stack->n_native : stack->n_python, omitted = record_omitted(stack, native),
	       gap = MIN(native ? stack->native_gap : stack->python_gap, n);

	for (size_t i = 0; i < n; i++) {
		if (omitted && i == gap) {
			record_put_omitted(omitted, &in->text);
			end_object(in);
		}
		if (!record_put_frame(stack, native, i, &in->text))
			return false;
		end_object(in);
		if (in->text.len > RECORD_STACK_MAX)
			return false;
	}
	if (omitted && gap == n) {
		record_put_omitted(omitted, &in->text);
		end_object(in);
	}
	return true;
}

static bool take_stack(struct interner *in, const struct stack *stack, const char *const *library,
		       const struct stack_source *source)
{
	buf_clear(&in->text);
	in->n_ends = 0;
	if (!record_put_code(stack, library, source, &in->text))
		return false;
	end_object(in);
	if (!take_frames(in, stack, false))
		return false;
	in->n_python = in->n_ends - 1;
	return take_frames(in, stack, true);
}

static const char *object(const struct interner *in, size_t i, size_t *ret_len)
{
	size_t start = i ? in->ends[i - 1] + 1 : 0;

	*ret_len = in->ends[i] - start;
	return in->text.data + start;
}

/* ------------------------------------------------------------------ numbers */

/* Makes the current stack's key. True: all its objects have numbers; else *RET_ROOM bytes are needed to add it. */
static bool make_key(struct interner *in, const struct stack *stack, size_t *ret_room)
{
	size_t room = 0, len;

	buf_clear(&in->key);
	record_put_list_note(stack, false, &in->key);
	record_put_list_note(stack, true, &in->key);
	for (size_t i = 0; i < in->n_ends; i++) {
		const char *text = object(in, i, &len);
		const struct interned *known = len ? find(in->texts, text, len) : NULL;

		buf_putc(&in->key, i == in->n_python + 1 ? 'n' : ' ');
		buf_u64(&in->key, known ? known->number : 0);
		room += known || !len ? 0 : len + sizeof *known;
	}
	*ret_room = room + in->key.len + 20 * in->n_ends + sizeof(struct interned);
	return room == 0;
}

/* Gives a number to each object that has none, and notes which are new. */
static void number_all(struct interner *in)
{
	size_t len;

	grow_array(&in->numbers, &in->cap_numbers, in->n_ends, sizeof *in->numbers);
	for (size_t i = 0; i < in->n_ends; i++) {
		const char *text = object(in, i, &len);
		const struct interned *known = len ? find(in->texts, text, len) : NULL;

		in->numbers[i] = (struct number){ known ? known->number : 0, false };
		if (known || !len)
			continue;
		add(in, &in->texts, text, len, ++in->last_text);
		in->numbers[i] = (struct number){ in->last_text, true };
	}
}

static void put_object(struct interner *in, size_t i)
{
	size_t len;
	const char *text = object(in, i, &len);

	if (!in->numbers[i].is_new) {
		buf_u64(&in->members, in->numbers[i].number);
		return;
	}
	buf_lit(&in->members, "{\"n\":");
	buf_u64(&in->members, in->numbers[i].number);
	buf_putc(&in->members, ',');
	buf_put(&in->members, text + 1, len - 1);
}

/* How many outermost frames the N objects before END share with the previous stack's, the LAST_N before LAST_END. */
static size_t shared(const struct interner *in, size_t n, size_t end, size_t last_n, size_t last_end)
{
	size_t i = 0;

	while (i < MIN(n, last_n) && in->numbers[end - 1 - i].number == in->last[last_end - 1 - i].number)
		i++;
	return i < SHARED_MIN ? 0 : i;
}

/* The objects from FROM to before TO; the OUTER outermost are written as a reference to the previous stack. */
static void put_objects(struct interner *in, const char *name, size_t from, size_t to, size_t outer)
{
	struct buf *out = &in->members;

	json_open_list(out, name);
	for (size_t i = from; i < to - outer; i++) {
		if (i > from)
			buf_putc(out, ',');
		put_object(in, i);
	}
	if (outer) {
		json_open(out, NULL);
		json_put_u64(out, "outer", outer);
		json_put_u64(out, "of", in->last_stack - 1);
		json_close(out);
	}
	json_close_list(out);
}

static void put_stack(struct interner *in, const struct stack *stack)
{
	size_t len, python = 1 + in->n_python, native = in->n_ends - python;
	struct buf *out = &in->members;

	buf_clear(out);
	json_open(out, "stack");
	json_put_u64(out, "id", ++in->last_stack);
	object(in, 0, &len);
	if (len) {
		json_key(out, "code");
		put_object(in, 0);
	}
	put_objects(in, "python", 1, python, shared(in, in->n_python, python, in->last_python, 1 + in->last_python));
	record_put_list_note(stack, false, out);
	if (native || stack->native_note) {
		put_objects(in, "native", python, in->n_ends,
			    shared(in, native, in->n_ends, in->last_native, 1 + in->last_python + in->last_native));
		record_put_list_note(stack, true, out);
	}
	json_close(out);
}

/* The current stack becomes the previous one. */
static void keep_numbers(struct interner *in)
{
	grow_array(&in->last, &in->cap_last, in->n_ends, sizeof *in->last);
	memcpy(in->last, in->numbers, in->n_ends * sizeof *in->last);
	in->last_python = in->n_python;
	in->last_native = in->n_ends - 1 - in->n_python;
}

uint64_t interner_put(struct interner *in, struct recorder *recorder, uint64_t realtime_ns, const struct stack *stack,
		      const char *const *library, const struct stack_source *source)
{
	const struct interned *known;
	size_t room;
	bool whole;

	if (!take_stack(in, stack, library, source))
		return 0;
	whole = make_key(in, stack, &room);
	known = whole ? find(in->stacks, in->key.data, in->key.len) : NULL;
	if (known)
		return known->number;
	if (in->bytes + room > INTERNER_BYTES)
		return 0;
	number_all(in);
	put_stack(in, stack);
	keep_numbers(in);
	/* Again, now that all objects have numbers. */
	make_key(in, stack, &room);
	add(in, &in->stacks, in->key.data, in->key.len, in->last_stack);
	/* If the log is full, the call will not be recorded either. */
	return record_unnumbered(recorder, "stack", realtime_ns, &in->members) ? in->last_stack : 0;
}
