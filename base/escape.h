/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes text fit to be shown to a person, even if a hostile program, a policy's author or a file's name chose it:
 * nothing written here can move the cursor, end a line or pass itself off as something else.
 */
#ifndef PROCTOR_BASE_ESCAPE_H
#define PROCTOR_BASE_ESCAPE_H

#include "base/buf.h"

enum text_escape {
	TEXT_PATH, /* raw bytes: a backslash is doubled, so that what is shown is unambiguous */
	TEXT_ARGS, /* already in strace's text: its own backslashes stay as they are */
};

/*
 * Appends the N bytes at TEXT on one line: C0 control characters and DEL as \n, \t, \r
 * or \xNN, bytes that are not UTF-8 as \xNN, C1 controls and characters that reorder, break or
 * hide text (bidi controls, line separators, zero-width ones, tags) as \u{NNNN}.
 */
void text_escape(struct buf *out, const char *text, size_t n, enum text_escape how);
static inline void text_path(struct buf *out, const char *path)
{
	text_escape(out, path, strlen(path), TEXT_PATH);
}
static inline void text_args(struct buf *out, const char *args)
{
	text_escape(out, args, strlen(args), TEXT_ARGS);
}


/* Appends the N bytes at TEXT as a double-quoted YAML scalar: escaped as in JSON, and characters that deceive a
 * reader are escaped too. Bytes that are not UTF-8 become U+FFFD. */
void text_yaml_string(struct buf *out, const char *text, size_t n);

/* Is C a C1 control character, or one that changes how the text around it is shown, or shows nothing at all? */
bool text_deceives(uint32_t c);
/* The character at TEXT, N > 0 bytes left; *RET_LEN is 0 when it is not UTF-8. */
uint32_t text_decode(const char *text, size_t n, size_t *ret_len);

#endif
