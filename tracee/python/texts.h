/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for the texts of one stack: handed out in pieces, taken back all at once. */
#ifndef PROCTOR_TRACEE_PYTHON_TEXTS_H
#define PROCTOR_TRACEE_PYTHON_TEXTS_H

#include "base/util.h"

enum {
	TEXTS_CHUNK = 16 * 1024,
	TEXTS_MAX = 512 * 1024, /* of one stack */
};

struct texts_chunk;

struct texts {
	struct texts_chunk *chunk;
	size_t used, total;
};

void texts_fini(struct texts *t);

/* All texts given out are invalid from here on. Keeps one chunk. */
void texts_reset(struct texts *t);

/* A NUL-terminated copy of the N bytes at S; NULL when N is TEXTS_CHUNK or more, or the stack has no room for it. */
const char *texts_add(struct texts *t, const char *s, size_t n);

#endif
