/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The "code" and "stack" members of a record, in bounded space. Every text of a stack is the
 * program's to choose, and a control character takes six bytes in JSON: so each text, each list of
 * frames and the whole have a bound in bytes as written. What does not fit is left out, from the middle
 * of a stack or the end of a text, and the record names the members that this happened to.
 */
#ifndef PROCTOR_RECORD_STACK_H
#define PROCTOR_RECORD_STACK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "tracee/stack.h"

enum {
	RECORD_FILE_MAX = 1024,	   /* a file's name in a frame, in bytes as written */
	RECORD_FUNCTION_MAX = 256, /* a Python function's name */
	RECORD_SYMBOL_MAX = 512,
	RECORD_STACK_MAX = 48 * 1024, /* "code" and "stack" together */
	RECORD_STACK_MIN = 6 * 1024,  /* the least room that they get, even if they have to be cut */
};

/* Members of a record that were cut. */
enum record_cut {
	CUT_ARGS = 1,
	CUT_RESOLUTION = 2,
	CUT_RULE = 4,
	CUT_CODE = 8,
	CUT_PYTHON = 16,
	CUT_NATIVE = 32,
};

enum { SOURCE_MAX_LINE = 200 }; /* bytes of a line of source; a longer one is cut between characters */

struct source_line {
	const char *text;   /* raw, without line end and byte order mark; not NUL-terminated */
	size_t len;
	bool cut;	    /* the line goes on */
	const char *sha256; /* of the file, hexadecimal */
};

/* Where lines of source come from. `line` says whether the line that frame number I of STACK is at may be shown, and
 * returns it. Its texts live until the next call. */
struct stack_source {
	bool (*line)(void *context, const struct stack *stack, size_t i, struct source_line *ret_line);
	void *context;
};

/* Is FILE, as a code object has it, frozen or beneath one of LIBRARY (NULL-terminated, or NULL)? */
bool record_is_library(const char *file, const char *const *library);

/* The innermost frame that is user code: not frozen and not beneath LIBRARY; if there is none, the
 * innermost of all; NULL without Python frames. */
const struct python_frame *record_user_frame(const struct stack *stack, const char *const *library);

/*
 * Parts of the members "code" and "stack", for use one by one: the code object (nothing if there is none), frame number
 * I, how many frames were left out and the item that stands for them, and the member that says why some are missing
 * (nothing if none are). False if something was cut.
 */
bool record_put_code(const struct stack *stack, const char *const *library, const struct stack_source *source,
		     struct buf *out);
bool record_put_frame(const struct stack *stack, bool native, size_t i, struct buf *out);
size_t record_omitted(const struct stack *stack, bool native);
void record_put_omitted(size_t n, struct buf *out);
void record_put_list_note(const struct stack *stack, bool native, struct buf *out);

/*
 * The members "code" and "stack" of STACK (NULL: nothing), in at most MAX bytes; MAX is at least
 * RECORD_STACK_MIN. LIBRARY as for record_user_frame(); SOURCE, which may be NULL, gives lines of the
 * program's text. Returns what was cut, as CUT_* bits.
 */
unsigned record_put_stack(const struct stack *stack, const char *const *library, const struct stack_source *source, size_t max,
			  struct buf *out);

/* The same in RECORD_STACK_MAX bytes, and "truncated" if something was cut. */
void record_put_stack_members(const struct stack *stack, const char *const *library, const struct stack_source *source,
			      struct buf *out);

/* "truncated": the names of the members in CUT; nothing when it is 0. */
void record_put_cut(unsigned cut, struct buf *out);

#endif
