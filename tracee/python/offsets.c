/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/offsets.h"

#include <errno.h>

/* clang-format off: one row a field group */
/* str and bytes are laid out alike in all versions of the table, except for 3.12's shorter str. */
#define OBJECTS(ascii, compact)                                                                    \
	.ob_type = 8, .bytes_size = 16, .bytes_data = 32, .string_length = 16, .string_state = 32, \
	.string_ascii = (ascii), .string_compact = (compact), .string_kind_shift = 2,              \
	.string_compact_mask = 0x20, .string_ascii_mask = 0x40

static const struct python_offsets known[] = {
	{
		/* 3.9.18 */
		.minor = 9,
		.style = FRAMES_OBJECT,
		.interpreters_head = 32,
		.interp_next = 0,
		.interp_threads_head = 8,
		.thread_prev = 0,
		.thread_next = 8,
		.thread_interp = 16,
		.thread_id = 176,
		.thread_frame = 24,
		.frame_bytes = 112,
		.frame_prev = 24,
		.frame_code = 32,
		.frame_instr = 104,
		.frame_globals = 48, .frame_locals = 360, .code_locals = 72,
		.code_bytes = 176,
		.code_filename = 104,
		.code_name = 112,
		.code_linetable = 120,
		.code_first_line = 40,
		.thread_error_type = 88, .thread_error = 96, .thread_error_traceback = 104,
		.type_bytes = 400, .tuple_items = 24,
		OBJECTS(48, 72),
	},
	{
		/* 3.10.13 */
		.minor = 10,	    .style = FRAMES_OBJECT,   .interpreters_head = 32,
		.interp_next = 0,   .interp_threads_head = 8, .thread_prev = 0,
		.thread_next = 8,   .thread_interp = 16,      .thread_id = 176,
		.thread_frame = 24, .thread_cframe = 48,      .cframe_prev = 8,
		.frame_bytes = 104, .frame_prev = 24,	      .frame_code = 32,
		.frame_globals = 48, .frame_locals = 352, .code_locals = 72,
		.frame_instr = 96,  .code_bytes = 176,	      .code_filename = 104,
		.code_name = 112,   .code_linetable = 120,    .code_first_line = 40,
		.thread_error_type = 88, .thread_error = 96, .thread_error_traceback = 104,
		.type_bytes = 408, .tuple_items = 24,
		OBJECTS(48, 72),
	},
	{
		/* 3.11.2 and 3.11.7 */
		.minor = 11,	       .style = FRAMES_CFRAME,	  .interpreters_head = 40,
		.interp_next = 0,      .interp_threads_head = 16, .thread_prev = 0,
		.thread_next = 8,      .thread_interp = 16,	  .thread_id = 152,
		.thread_frame = 56,    .cframe_frame = 8,	  .cframe_prev = 16,
		.frame_bytes = 72,     .frame_prev = 48,	  .frame_code = 32,
		.frame_globals = 8,    .frame_locals = 72,	  .code_locals = 96,
		.frame_instr = 56,     .frame_owner = 69,	  .frame_is_entry = 68,
		.code_bytes = 192,     .code_filename = 112,	  .code_name = 128,
		.code_linetable = 136, .code_first_line = 72,	  .code_instructions = 184,
		.thread_error_type = 96, .thread_error = 104, .thread_error_traceback = 112,
		.type_bytes = 408, .tuple_items = 24,
		OBJECTS(48, 72),
	},
	{
		/* 3.12.1 and 3.12.10 */
		.minor = 12,	       .style = FRAMES_CFRAME,	  .interpreters_head = 40,
		.interp_next = 0,      .interp_threads_head = 72, .thread_prev = 0,
		.thread_next = 8,      .thread_interp = 16,	  .thread_id = 136,
		.thread_frame = 56,    .cframe_frame = 0,	  .cframe_prev = 8,
		.frame_bytes = 72,     .frame_prev = 8,		  .frame_code = 0,
		.frame_globals = 24,   .frame_locals = 72,	  .code_locals = 96,
		.frame_instr = 56,     .frame_owner = 70,	  .code_bytes = 200,
		.code_filename = 112,  .code_name = 128,	  .code_linetable = 136,
		.code_first_line = 68, .code_instructions = 192,  .thread_error = 96,
		.type_bytes = 416, .tuple_items = 24,
		OBJECTS(40, 56),
		.shim_owner = 3,
	},
};

/* Word numbers of the members of _Py_DebugOffsets; 0: not there. */
struct debug_index {
	int minor;
	uint8_t runtime_size, interpreters_head;
	uint8_t interp_size, interp_next, interp_threads_head;
	uint8_t thread_size, thread_prev, thread_next, thread_interp, thread_frame, thread_id;
	uint8_t frame_size, frame_prev, frame_code, frame_instr, frame_locals, frame_owner, frame_tlbc;
	uint8_t code_size, code_filename, code_qualname, code_linetable, code_first_line,
		code_locals, code_instructions, code_tlbc;
	uint8_t ob_type, bytes_size, bytes_data, string_state, string_length, string_ascii;
	uint8_t type_size, tuple_items;
};

static const struct debug_index debug_index[] = {
	{13, 3, 5,  6,	8,  9,	19, 20, 21, 22, 23, 24, 28, 29, 30, 31, 32,
	 33, 0, 34, 35, 37, 38, 39, 41, 43, 0,	45, 65, 66, 68, 69, 70, 46, 51},
	{14, 3,	 5,  6,	 8,  9,	 22, 23, 24, 25, 26, 27, 31, 32, 33, 34, 35,
	 36, 38, 39, 40, 42, 43, 44, 46, 48, 49, 51, 75, 76, 78, 79, 80, 52, 57},
	{15, 3,	 5,  6,	 8,  9,	 22, 23, 24, 25, 26, 30, 39, 40, 41, 42, 43,
	 44, 46, 47, 48, 50, 51, 52, 54, 56, 57, 59, 87, 88, 90, 91, 92, 60, 69},
};
/* clang-format on */

const struct python_offsets *offsets_known(int minor)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].minor == minor)
			return &known[i];
	return NULL;
}

bool offsets_are_published(const uint64_t *word)
{
	return memcmp(word, "xdebugpy", 8) == 0;
}

void offsets_version(const uint64_t *word, int *ret_major, int *ret_minor)
{
	*ret_major = (int)(word[1] >> 24 & 0xff);
	*ret_minor = (int)(word[1] >> 16 & 0xff);
}

struct source {
	const uint64_t *word;
	bool bad;
};

/* The offset, in word INDEX, of a member of WIDTH bytes in a structure whose size is in word SIZE. */
static uint32_t field(struct source *s, uint8_t index, uint8_t size, uint64_t max, uint64_t width)
{
	uint64_t limit = s->word[size], offset = s->word[index];

	if (limit > max || offset > limit || limit - offset < width) {
		s->bad = true;
		return 0;
	}
	return (uint32_t)offset;
}

/* An offset in a structure whose size is not published. */
static uint32_t header(struct source *s, uint8_t index, uint64_t max)
{
	if (s->word[index] > max) {
		s->bad = true;
		return 0;
	}
	return (uint32_t)s->word[index];
}

static void take_states(struct source *s, const struct debug_index *d, struct python_offsets *o)
{
	const uint64_t large = UINT64_C(1) << 22, thread = 8192;

	o->interpreters_head = field(s, d->interpreters_head, d->runtime_size, large, 8);
	o->interp_next = field(s, d->interp_next, d->interp_size, large, 8);
	o->interp_threads_head = field(s, d->interp_threads_head, d->interp_size, large, 8);
	o->thread_prev = field(s, d->thread_prev, d->thread_size, thread, 8);
	o->thread_next = field(s, d->thread_next, d->thread_size, thread, 8);
	o->thread_interp = field(s, d->thread_interp, d->thread_size, thread, 8);
	o->thread_frame = field(s, d->thread_frame, d->thread_size, thread, 8);
	o->thread_id = field(s, d->thread_id, d->thread_size, thread, 8);
}

static void take_frame(struct source *s, const struct debug_index *d, struct python_offsets *o)
{
	const uint64_t max = OFFSETS_FRAME_MAX;

	o->frame_prev = field(s, d->frame_prev, d->frame_size, max, 8);
	o->frame_code = field(s, d->frame_code, d->frame_size, max, 8);
	o->frame_instr = field(s, d->frame_instr, d->frame_size, max, 8);
	o->frame_locals = field(s, d->frame_locals, d->frame_size, max, 8);
	o->frame_globals = 24; /* not published; Include/internal/pycore_frame.h of 3.13 to 3.15 */
	o->frame_owner = field(s, d->frame_owner, d->frame_size, max, 1);
	if (o->free_threaded && d->frame_tlbc)
		o->frame_tlbc = field(s, d->frame_tlbc, d->frame_size, max, 4);
	o->frame_bytes = (uint32_t)s->word[d->frame_size];
}

static void take_code(struct source *s, const struct debug_index *d, struct python_offsets *o)
{
	const uint64_t max = OFFSETS_CODE_MAX;

	o->code_filename = field(s, d->code_filename, d->code_size, max, 8);
	o->code_name = field(s, d->code_qualname, d->code_size, max, 8);
	o->code_linetable = field(s, d->code_linetable, d->code_size, max, 8);
	o->code_first_line = field(s, d->code_first_line, d->code_size, max, 4);
	o->code_locals = field(s, d->code_locals, d->code_size, max, 8);
	o->code_instructions = header(s, d->code_instructions, max);
	if (o->free_threaded && d->code_tlbc)
		o->code_tlbc = field(s, d->code_tlbc, d->code_size, max, 8);
	o->code_bytes = (uint32_t)s->word[d->code_size];
}

static void take_objects(struct source *s, const struct debug_index *d, struct python_offsets *o)
{
	/* The masks are not published. Free-threaded builds widened `interned` in 3.14. */
	bool wide = o->free_threaded && o->minor >= 14;

	o->ob_type = header(s, d->ob_type, 64);
	o->bytes_size = header(s, d->bytes_size, 64);
	o->type_bytes = header(s, d->type_size, 1024);
	o->tuple_items = header(s, d->tuple_items, 64);
	o->bytes_data = header(s, d->bytes_data, 64);
	o->string_state = header(s, d->string_state, 64);
	o->string_length = header(s, d->string_length, 64);
	o->string_ascii = header(s, d->string_ascii, OFFSETS_STRING_MAX - 16);
	o->string_compact = o->string_ascii + 16;
	o->string_kind_shift = wide ? 8 : 2;
	o->string_compact_mask = wide ? 0x800 : 0x20;
	o->string_ascii_mask = wide ? 0x1000 : 0x40;
	if (o->ob_type < 8 || o->string_ascii < o->string_state + 4 || o->string_ascii < o->string_length + 8 ||
	    o->string_ascii < o->ob_type + 8)
		s->bad = true;
}

int offsets_from_debug(const uint64_t *word, struct python_offsets *ret)
{
	struct source source = {word, false};
	const struct debug_index *d = NULL;
	struct python_offsets o = {.style = FRAMES_CURRENT, .shim_owner = 3};
	int major;

	offsets_version(word, &major, &o.minor);
	for (size_t i = 0; i < ARRAY_SIZE(debug_index); i++)
		if (major == 3 && debug_index[i].minor == o.minor)
			d = &debug_index[i];
	if (!d)
		return -ENOTSUP;
	o.free_threaded = word[2] != 0;
	o.code_tag_mask = o.minor >= 14 ? 3 : 0;
	take_states(&source, d, &o);
	take_frame(&source, d, &o);
	take_code(&source, d, &o);
	take_objects(&source, d, &o);
	if (source.bad)
		return -EBADMSG;
	*ret = o;
	return 0;
}
