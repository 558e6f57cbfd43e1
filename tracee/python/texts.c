/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/texts.h"

#include <stdlib.h>

struct texts_chunk {
	struct texts_chunk *older;
	char data[TEXTS_CHUNK];
};

static void drop_older(struct texts *t, struct texts_chunk *keep)
{
	struct texts_chunk *chunk = t->chunk, *older;

	for (; chunk && chunk != keep; chunk = older) {
		older = chunk->older;
		free(chunk);
	}
	t->chunk = keep;
	t->used = t->total = 0;
}

void texts_fini(struct texts *t)
{
	drop_older(t, NULL);
}

void texts_reset(struct texts *t)
{
	struct texts_chunk *oldest = t->chunk;

	while (oldest && oldest->older)
		oldest = oldest->older;
	drop_older(t, oldest);
}

const char *texts_add(struct texts *t, const char *s, size_t n)
{
	char *to;

	if (n >= TEXTS_CHUNK || t->total + n >= TEXTS_MAX)
		return NULL;
	if (!t->chunk || TEXTS_CHUNK - t->used <= n) {
		struct texts_chunk *chunk = xmalloc(sizeof *chunk);

		chunk->older = t->chunk;
		t->chunk = chunk;
		t->used = 0;
	}
	to = t->chunk->data + t->used;
	memcpy(to, s, n);
	to[n] = '\0';
	t->used += n + 1;
	t->total += n + 1;
	return to;
}
