/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The "code" and "stack" members of a record, in bounded space. Every text of a stack is the
 * program's to choose, and a control character takes six bytes in JSON: so each text, each list of
 * frames and the whole have a bound in bytes as written. What does not fit is left out of the middle
 * of a stack and of the end of a text, and the record says which of its members that happened to.
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
	RECORD_STACK_MIN = 6 * 1024,  /* what they take at least when they have to be cut */
};

/* Members of a record that do not hold all of what they are to hold. */
enum record_cut {
	CUT_ARGS = 1,
	CUT_RESOLUTION = 2,
	CUT_RULE = 4,
	CUT_CODE = 8,
	CUT_PYTHON = 16,
	CUT_NATIVE = 32,
};

enum { SOURCE_MAX_LINE = 200 }; /* bytes of a line of source; what is longer is cut between characters */

struct source_line {
	const char *text;   /* raw, without line end and byte order mark; not NUL-terminated */
	size_t len;
	bool cut;	    /* the line goes on */
	const char *sha256; /* of the file, hexadecimal */
};

/* Where the lines of source come from: whether the line that frame number I of STACK is at may be shown, and it. Its
 * texts live until the next call. */
struct stack_source {
	bool (*line)(void *context, const struct stack *stack, size_t i, struct source_line *ret_line);
	void *context;
};

/* Is FILE, as a code object has it, frozen or beneath one of LIBRARY (NULL-terminated, or NULL)? */
bool record_is_library(const char *file, const char *const *library);

/* The innermost frame that is user code: not frozen and not beneath LIBRARY; the innermost at all
 * when there is none; NULL without Python frames. */
const struct python_frame *record_user_frame(const struct stack *stack, const char *const *library);

/*
 * Parts of the members "code" and "stack", each appended as it is: the object of the code (nothing where there is none),
 * frame number I, what stands for the frames that were left out, and the member that says why some are missing (nothing
 * where none are). False where something is cut.
 */
bool record_put_code(const struct stack *stack, const char *const *library, const struct stack_source *source,
		     struct buf *out);
bool record_put_frame(const struct stack *stack, bool native, size_t i, struct buf *out);
size_t record_omitted(const struct stack *stack, bool native);
void record_put_omitted(size_t n, struct buf *out);
void record_put_list_note(const struct stack *stack, bool native, struct buf *out);

/*
 * The members "code" and "stack" of STACK (NULL: nothing), in at most MAX bytes, of
 * which there are RECORD_STACK_MIN at least. LIBRARY as for record_user_frame(); SOURCE, which may
 * be NULL, gives the line of the program's text. Returns what was cut, as CUT_* bits.
 */
unsigned record_put_stack(const struct stack *stack, const char *const *library, const struct stack_source *source, size_t max,
			  struct buf *out);

/* Both, with "truncated" where something was cut, in RECORD_STACK_MAX bytes. */
void record_put_stack_members(const struct stack *stack, const char *const *library, const struct stack_source *source,
			      struct buf *out);

/* "truncated": the names of the members in CUT; nothing when it is 0. */
void record_put_cut(unsigned cut, struct buf *out);

#endif
