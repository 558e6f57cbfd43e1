/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of a policy: its own and those of the policies that it extends, each read once, so that what is
 * checked is what is used, whatever happens to the files meanwhile.
 *
 * They are laid over each other from the first to the last, which is the policy itself. A text that several
 * others extend is there once, beneath them all.
 */
#ifndef PROCTOR_POLICY_SOURCE_H
#define PROCTOR_POLICY_SOURCE_H

#include <stddef.h>

#include "base/buf.h"

#define POLICY_MAX_BYTES (1u << 20) /* of all of them together */
#define POLICY_MAX_DOCUMENTS 64
#define POLICY_MAX_CHAIN 16 /* how deep they extend each other */
#define POLICY_MAX_NARROWER 8 /* policies for programs that it lets be executed */

/* The built-in parts that are laid beneath all texts. */
enum extends { EXTENDS_PYTHON = 1, EXTENDS_PURE = 2 };

struct policy_document {
	char *file; /* as it is named in messages */
	char *text; /* followed by a NUL */
	size_t len;
};

struct policy_source {
	char *name, *file; /* of the policy itself: "pure" and "builtin:pure" for a built-in one */
	struct policy_document *documents; /* the last is the policy itself; none: it is built in */
	size_t n, cap;
	unsigned extends; /* bits of enum extends */
	/* Needed before a policy can be made: as in struct policy, but unchecked; or NULL. */
	char *python, *cwd;
	/* Those that its rules on programs name (`policy` of `exec`), each once, by the name that it was read by. They
	 * name none themselves. */
	struct policy_source *narrower[POLICY_MAX_NARROWER];
	size_t n_narrower;
};

/*
 * Reads NAME_OR_FILE and what it extends. 0; -EINVAL when something is wrong with one of them; -errno when
 * NAME_OR_FILE cannot be read. What is wrong is appended to MESSAGES. Free with policy_source_free().
 */
int policy_source_read(const char *name_or_file, struct policy_source **ret_source, struct buf *messages);
/* The same from TEXT; FILE is its name. */
int policy_source_text(const char *text, size_t len, const char *file, struct policy_source **ret_source,
		       struct buf *messages);

/* A source without a document. */
struct policy_source *policy_source_new(const char *name, const char *file);
/* Lays a document over the others; TEXT is taken. */
void policy_source_add(struct policy_source *source, const char *file, char *text, size_t len);
/* A copy of SOURCE with TEXT laid over it, a document that FILE names and that extends nothing more. */
struct policy_source *policy_source_over(const struct policy_source *source, const char *text, const char *file);
void policy_source_free(struct policy_source *source);

/* TEXT, by which document FILE names another policy, as that is read: a file beside FILE, or a policy's name. NULL: it
 * is neither a file, which has a slash or a dot, nor a policy that there is. */
char *policy_name_beside(const char *file, const char *text);
/* The position of NAME among those that SOURCE's programs get, or n_narrower. */
size_t policy_source_find_narrower(const struct policy_source *source, const char *name);

#endif
