/* SPDX-License-Identifier: Apache-2.0 */
#include "record/stack.h"

#include "base/json.h"
#include "base/util.h"

enum {
	NOTE_MAX = 256,
	CALLERS_MAX = 8,     /* outer frames that are tried for a line */
	CALLER_ROOM = 64,    /* {"frame":N,"line":N} around it */
	NOTES_ROOM = 1024,   /* the names of the members, brackets and two notes */
	NATIVE_SHARE = 3,    /* of what a stack may take, a third is kept for native frames */
	OMITTED_ROOM = 48,   /* {"omitted":N} and commas */
	/* A line as escapes, or with its exact bytes, and the members' names and digest. */
	SOURCE_ROOM = 6 * SOURCE_MAX_LINE + (SOURCE_MAX_LINE + 2) / 3 * 4 + 160,
};

_Static_assert(RECORD_STACK_MIN > JSON_MEMBER_MAX(RECORD_FILE_MAX) + JSON_MEMBER_MAX(RECORD_FUNCTION_MAX) +
					  SOURCE_ROOM + CALLER_ROOM + 64 + NOTES_ROOM + 2 * OMITTED_ROOM,
	       "code and an empty stack fit into the least there can be");

/* Puts FILE without ".", ".." and empty components into CLEAN (SIZE bytes); false when it does not fit. Goes by the
 * text alone: the program chose the name, so no file is looked at. */
static bool clean_name(const char *file, char *clean, size_t size)
{
	size_t len = 0, n;

	for (; *(file += strspn(file, "/")); file += n) {
		n = strcspn(file, "/");
		if (n == 1 && file[0] == '.')
			continue;
		if (n == 2 && file[0] == '.' && file[1] == '.') {
			while (len && clean[--len] != '/')
				;
			continue;
		}
		if (len + n + 2 > size)
			return false;
		clean[len++] = '/';
		memcpy(clean + len, file, n);
		len += n;
	}
	clean[len] = '\0';
	return true;
}

bool record_is_library(const char *file, const char *const *prefixes)
{
	char clean[4 * STACK_MAX_TEXT + 1];
	size_t i;

	if (file[0] == '<' && strncmp(file, "<frozen", 7) == 0)
		return true;
	if (file[0] != '/' || !clean_name(file, clean, sizeof clean))
		return false;
	file = clean;
	for (i = 0; prefixes && prefixes[i]; i++) {
		const char *rest = after_prefix(file, prefixes[i]);

		if (rest && *rest == '/')
			return true;
	}
	return false;
}

const struct python_frame *record_user_frame(const struct stack *stack, const char *const *library)
{
	size_t i;

	if (!stack || stack->n_python == 0)
		return NULL;
	for (i = 0; i < stack->n_python; i++)
		if (!record_is_library(stack->python[i].file, library))
			return &stack->python[i];
	return &stack->python[0];
}

static bool line_of(const struct stack_source *source, const struct stack *stack, size_t i, struct source_line *ret_line)
{
	return source && source->line(source->context, stack, i, ret_line);
}

/* The line as it is. */
static void put_line(const struct source_line *line, struct buf *out)
{
	json_put_text_n(out, "source", line->text, line->len);
	if (line->cut)
		json_put_bool(out, "source_cut", true);
	json_put_word(out, "source_sha256", line->sha256);
}

/*
 * Frame number I is in a text that exec() ran and that is not available: appends the nearest line outwards that is.
 * Only the next few frames are tried, because each may mean reading a file.
 */
static void put_caller(const struct stack *stack, size_t i, const struct stack_source *source, struct buf *out)
{
	size_t end = MIN(stack->n_python, i + 1 + CALLERS_MAX);
	struct source_line line;

	if (stack->python[i].file[0] != '<')
		return;
	while (++i < end) {
		if (!line_of(source, stack, i, &line))
			continue;
		json_open(out, "caller");
		json_put_u64(out, "frame", i);
		json_put_i64(out, "line", stack->python[i].line);
		put_line(&line, out);
		json_close(out);
		return;
	}
}

/* The members of FRAME under the names given. True when nothing was cut; so with the frames below. */
static bool put_place(const struct python_frame *frame, const char *file, const char *line, const char *function,
		      struct buf *out)
{
	bool whole = json_put_text_cut(out, file, frame->file, RECORD_FILE_MAX);

	json_put_i64(out, line, frame->line);
	return json_put_text_cut(out, function, frame->function, RECORD_FUNCTION_MAX) && whole;
}

bool record_put_code(const struct stack *stack, const char *const *library, const struct stack_source *source,
		     struct buf *out)
{
	const struct python_frame *frame = record_user_frame(stack, library);
	struct source_line line;
	bool whole;

	if (!frame)
		return true;
	buf_putc(out, '{');
	whole = put_place(frame, "file.path", "line.number", "function.name", out);
	if (line_of(source, stack, (size_t)(frame - stack->python), &line))
		put_line(&line, out);
	else
		put_caller(stack, (size_t)(frame - stack->python), source, out);
	json_close(out);
	return whole;
}

static bool put_python_frame(const struct stack *stack, size_t i, struct buf *out)
{
	bool whole;

	json_open(out, NULL);
	whole = put_place(&stack->python[i], "file", "line", "function", out);
	json_close(out);
	return whole;
}

static bool put_native_frame(const struct stack *stack, size_t i, struct buf *out)
{
	const struct native_frame *frame = &stack->native[i];
	bool whole;

	json_open(out, NULL);
	json_key(out, "ip");
	buf_putc(out, '"');
	buf_hex(out, frame->ip);
	buf_putc(out, '"');
	whole = json_put_text_cut(out, "module", frame->module ? frame->module : "", RECORD_FILE_MAX);
	if (frame->symbol)
		whole = json_put_text_cut(out, "symbol", frame->symbol, RECORD_SYMBOL_MAX) && whole;
	/* A forged symbol table can make it larger than JSON readers of 64-bit integers take. */
	if (frame->offset <= INT64_MAX)
		json_put_u64(out, "offset", frame->offset);
	if (frame->eval_loop)
		json_put_bool(out, "eval_loop", true);
	json_close(out);
	return whole;
}

bool record_put_frame(const struct stack *stack, bool native, size_t i, struct buf *out)
{
	return native ? put_native_frame(stack, i, out) : put_python_frame(stack, i, out);
}

size_t record_omitted(const struct stack *stack, bool native)
{
	size_t n = native ? stack->n_native : stack->n_python, total = native ? stack->native_total : stack->python_total;

	return total > n ? total - n : 0;
}

void record_put_omitted(size_t n, struct buf *out)
{
	buf_printf(out, "{\"omitted\":%zu}", n);
}

/* A list of frames: N of TOTAL; the others were left out before frame number GAP. */
struct frame_list {
	const struct stack *stack;
	size_t n, total, gap;
	bool (*put)(const struct stack *stack, size_t i, struct buf *out);
	size_t room; /* bytes for the frames */
};

/* Appends the innermost frames, before number END, that fit into ROOM. Returns how many. */
static size_t put_inner(const struct frame_list *list, size_t end, size_t room, struct buf *out, bool *whole)
{
	size_t start = out->len, i;

	for (i = 0; i < end; i++) {
		size_t before = out->len;
		bool all;

		all = list->put(list->stack, i, out);
		if (out->len - start > room) {
			out->len = before;
			break;
		}
		*whole = *whole && all;
	}
	return i;
}

/* How many of the outermost frames, none of them before FIRST, fit into ROOM. */
static size_t count_outer(const struct frame_list *list, size_t first, size_t room)
{
	_cleanup_buf_ struct buf text = { 0 };
	size_t n = 0, used = 0;

	while (list->n - n > first) {
		buf_clear(&text);
		list->put(list->stack, list->n - n - 1, &text);
		used += text.len + 1;
		if (used > room)
			break;
		n++;
	}
	return n;
}

/*
 * Appends as many frames of LIST as fit, from both ends. *RET_OMITTED: how many of the total were left out.
 * Returns whether all that the list has were written.
 */
static bool put_frames(const struct frame_list *list, struct buf *out, size_t *ret_omitted)
{
	bool gap = list->total > list->n, whole = true;
	size_t start = out->len, inner, outer, i;

	inner = put_inner(list, gap ? MIN(list->gap, list->n) : list->n, gap ? list->room / 2 : list->room, out,
			  &whole);
	if (!gap && inner < list->n) {
		/* Not all fit: keep half of the room for the other end. */
		out->len = start;
		inner = put_inner(list, list->n, list->room / 2, out, &whole);
	}
	outer = count_outer(list, gap ? MAX(MIN(list->gap, list->n), inner) : inner, list->room - (out->len - start));
	*ret_omitted = MAX(list->total, list->n) - inner - outer;
	if (*ret_omitted) {
		json_key(out, NULL);
		record_put_omitted(*ret_omitted, out);
	}
	for (i = list->n - outer; i < list->n; i++)
		whole = list->put(list->stack, i, out) && whole;
	return whole && inner + outer == list->n;
}

/* NOTE; if it is only about the gap, or NULL, how many frames are OMITTED, if any. */
static void put_note(const char *key, const char *note, bool of_gap, size_t omitted, struct buf *out)
{
	char text[80];

	if (omitted && (!note || of_gap)) {
		snprintf(text, sizeof text, "%zu frames in the middle are left out", omitted);
		note = text;
	}
	if (note)
		json_put_text_cut(out, key, note, NOTE_MAX);
}

void record_put_list_note(const struct stack *stack, bool native, struct buf *out)
{
	if (native)
		put_note("native_note", stack->native_note, stack->native_note_of_gap, record_omitted(stack, true), out);
	else
		put_note("python_note", stack->python_note, stack->python_note_of_gap, record_omitted(stack, false), out);
}

unsigned record_put_stack(const struct stack *stack, const char *const *library, const struct stack_source *source, size_t max,
			  struct buf *out)
{
	size_t start = out->len, room, begin, omitted;
	struct frame_list python, native;
	unsigned cut = 0;

	if (!stack)
		return 0;
	if (stack->n_python)
		json_key(out, "code");
	if (!record_put_code(stack, library, source, out))
		cut |= CUT_CODE;
	room = MIN(max, (size_t)RECORD_STACK_MAX) - (out->len - start) - NOTES_ROOM - 2 * OMITTED_ROOM;
	native = (struct frame_list){ stack, stack->n_native, stack->native_total, stack->native_gap,
				      put_native_frame, stack->n_native ? room / NATIVE_SHARE : 0 };
	python = (struct frame_list){ stack, stack->n_python, stack->python_total, stack->python_gap,
				      put_python_frame, room - native.room };
	json_open(out, "stack");
	json_open_list(out, "python");
	begin = out->len;
	if (!put_frames(&python, out, &omitted))
		cut |= CUT_PYTHON;
	native.room = room - MIN(room, out->len - begin);
	json_close_list(out);
	put_note("python_note", stack->python_note, stack->python_note_of_gap, omitted, out);
	if (stack->n_native || stack->native_note) {
		json_open_list(out, "native");
		if (!put_frames(&native, out, &omitted))
			cut |= CUT_NATIVE;
		json_close_list(out);
		put_note("native_note", stack->native_note, stack->native_note_of_gap, omitted, out);
	}
	json_close(out);
	return cut;
}

void record_put_cut(unsigned cut, struct buf *out)
{
	static const char *const names[] = { "syscall.args", "file.resolution", "rule", "code", "stack.python",
					     "stack.native" };
	size_t i;

	if (!cut)
		return;
	json_open_list(out, "truncated");
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (cut & 1u << i)
			json_put_word(out, NULL, names[i]);
	json_close_list(out);
}

void record_put_stack_members(const struct stack *stack, const char *const *library, const struct stack_source *source,
			      struct buf *out)
{
	record_put_cut(record_put_stack(stack, library, source, RECORD_STACK_MAX, out), out);
}
