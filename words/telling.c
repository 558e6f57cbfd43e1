/* SPDX-License-Identifier: Apache-2.0 */
#include "words/telling.h"

#include <stdlib.h>

/* Out of memory must end as everywhere else (base/util.h), not in uthash's exit(-1). */
#define uthash_malloc(size) xmalloc(size)
/* The keys are digests: any four bytes of one are a good hash, and no program can choose them. */
#define HASH_FUNCTION(key, length, hash) memcpy(&(hash), (key), sizeof(hash))
#include <uthash.h>

#include "base/text.h"

/* How many repeats are told at the end; the rest is summed up. */
#define MAX_TOLD 20

/* A refusal that was told. */
struct told {
	uint8_t key[REFUSAL_KEY_SIZE];
	uint64_t seq, repeats;
	char label[120];
	UT_hash_handle hh;
};

struct telling {
	bool colour;
	char *log_path;
	void (*put)(void *context, const struct buf *line);
	void *context;
	struct told *told;
	uint64_t refusals, not_shown;
};

struct telling *telling_new(bool colour, const char *log_path, void (*put)(void *context, const struct buf *line),
			    void *context)
{
	struct telling *telling = xcalloc(1, sizeof *telling);

	telling->colour = colour;
	telling->log_path = log_path ? xstrdup(log_path) : NULL;
	telling->put = put;
	telling->context = context;
	return telling;
}

void telling_free(struct telling *telling)
{
	struct told *t, *next;

	if (!telling)
		return;
	HASH_ITER (hh, telling->told, t, next) {
		HASH_DEL(telling->told, t);
		free(t);
	}
	free(telling->log_path);
	free(telling);
}

static void put_line(const struct telling *telling, const struct buf *line)
{
	telling->put(telling->context, line);
}

/* ------------------------------------------------------------------ lines */

static void emphasis(const struct telling *telling, struct buf *line, const char *sgr)
{
	if (telling->colour)
		buf_printf(line, "\033[%sm", sgr);
}

/* At most MAX bytes of TEXT, cut between characters and marked. Texts here are escaped already. */
static void put_clipped(struct buf *line, const struct buf *text, size_t max)
{
	size_t n = text->len;

	if (n > max) {
		for (n = max; n && ((unsigned char)text->data[n] & 0xc0) == 0x80; n--)
			;
		buf_put(line, text->data, n);
		buf_lit(line, "…");
	} else if (n)
		buf_put(line, text->data, n);
}

static void put_path(struct buf *line, const struct refusal *r)
{
	_cleanup_buf_ struct buf path = { 0 }, quoted = { 0 };

	if (!r->path)
		return;
	text_path(&path, r->path);
	buf_printf(&quoted, "\"%s\"", path.data ? path.data : "");
	if (r->args && strstr(r->args, quoted.data))
		return;
	buf_lit(line, " → ");
	put_clipped(line, &path, 400);
}

static void put_place(struct buf *line, const struct refusal *r)
{
	_cleanup_buf_ struct buf place = { 0 };

	if (!words_place(&place, r, false))
		return;
	if (r->function) {
		buf_lit(&place, " in ");
		text_args(&place, r->function);
	}
	buf_lit(line, " at ");
	put_clipped(line, &place, 300);
}

/* What, which path, which line, which rule. */
static void describe(struct buf *line, const struct refusal *r)
{
	_cleanup_buf_ struct buf call = { 0 }, why = { 0 };

	if (r->syscall) {
		words_call(&call, r);
		put_clipped(line, &call, 400);
	}
	put_path(line, r);
	put_place(line, r);
	words_staff(&why, r);
	buf_lit(line, ": ");
	put_clipped(line, &why, 300);
}

static void tell(struct telling *telling, const struct refusal *r, uint64_t seq)
{
	_cleanup_buf_ struct buf line = { 0 }, see = { 0 };

	buf_lit(&line, "proctor: ");
	emphasis(telling, &line, "1;31");
	buf_printf(&line, "#%llu %s", (unsigned long long)seq, words_action(r));
	emphasis(telling, &line, "0");
	if (r->syscall)
		buf_putc(&line, ' ');
	describe(&line, r);
	if (telling->log_path) {
		emphasis(telling, &line, "2");
		buf_lit(&line, " (proctor explain ");
		text_path(&see, telling->log_path);
		put_clipped(&line, &see, 300);
		buf_printf(&line, " %llu)", (unsigned long long)seq);
		emphasis(telling, &line, "0");
	}
	buf_putc(&line, '\n');
	put_line(telling, &line);
}

/* ------------------------------------------------------------------ one of a kind */

static struct told *remember(struct telling *telling, const uint8_t *key, const struct refusal *r,
			     uint64_t seq)
{
	struct told *t = xcalloc(1, sizeof *t);
	_cleanup_buf_ struct buf label = { 0 }, clipped = { 0 };

	memcpy(t->key, key, sizeof t->key);
	t->seq = seq;
	words_call(&label, r);
	put_clipped(&clipped, &label, sizeof t->label - 4);
	memcpy(t->label, clipped.data, MIN(clipped.len, sizeof t->label - 1));
	HASH_ADD(hh, telling->told, key, sizeof t->key, t);
	return t;
}

void telling_refusal(struct telling *telling, const struct refusal *r, uint64_t seq)
{
	uint8_t key[REFUSAL_KEY_SIZE];
	struct told *t;

	telling->refusals++;
	refusal_key(r, key);
	HASH_FIND(hh, telling->told, key, sizeof key, t);
	if (t) {
		t->repeats++;
		return;
	}
	if (HASH_COUNT(telling->told) >= TELLING_MAX) {
		_cleanup_buf_ struct buf line = { 0 };

		if (telling->not_shown++ == 0) {
			buf_lit(&line, "proctor: further refusals not shown\n");
			put_line(telling, &line);
		}
		return;
	}
	remember(telling, key, r, seq);
	tell(telling, r, seq);
}

/* ------------------------------------------------------------------ the end */

static int most_repeats_first(const struct told *a, const struct told *b)
{
	if (a->repeats != b->repeats)
		return a->repeats < b->repeats ? 1 : -1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static void tell_repeats(struct telling *telling)
{
	_cleanup_buf_ struct buf line = { 0 };
	size_t told = 0, more = 0;
	struct told *t;

	HASH_SORT(telling->told, most_repeats_first);
	for (t = telling->told; t && t->repeats; t = t->hh.next) {
		if (told++ >= MAX_TOLD) {
			more++;
			continue;
		}
		buf_clear(&line);
		buf_printf(&line, "proctor: #%llu happened ", (unsigned long long)t->seq);
		text_count(&line, t->repeats + 1);
		buf_printf(&line, " times: %s\n", t->label);
		put_line(telling, &line);
	}
	if (more) {
		buf_clear(&line);
		buf_printf(&line, "proctor: %zu other refusals happened more than once\n", more);
		put_line(telling, &line);
	}
}

static void tell_total(const struct telling *telling, uint64_t dropped)
{
	_cleanup_buf_ struct buf line = { 0 };

	buf_lit(&line, "proctor: ");
	text_count(&line, telling->refusals);
	buf_puts(&line, telling->refusals == 1 ? " refusal, " : " refusals, ");
	text_count(&line, HASH_COUNT(telling->told));
	buf_lit(&line, " distinct");
	if (telling->not_shown) {
		buf_lit(&line, ", ");
		text_count(&line, telling->not_shown);
		buf_lit(&line, " not shown");
	}
	if (dropped) {
		buf_lit(&line, ", ");
		text_count(&line, dropped);
		buf_lit(&line, " lines dropped: the reader was too slow");
	}
	buf_putc(&line, '\n');
	put_line(telling, &line);
}

void telling_finish(struct telling *telling, const uint64_t *dropped)
{
	if (!telling->refusals)
		return;
	tell_repeats(telling);
	tell_total(telling, dropped ? *dropped : 0);
}
