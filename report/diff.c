/* SPDX-License-Identifier: Apache-2.0 */
#include "report/diff.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "words/random_name.h"

enum { HAS_PATH = 1, IS_VIOLATION = 2 };

/* The shortest random part of a name: mkstemp(3) makes six characters. */
#define MIN_RANDOM 6

/* ------------------------------------------------------------------ names */

static bool is_drawn(unsigned char c)
{
	return isalnum(c) || c == '_' || c == '-';
}

/* The N bytes at A and B, which differ at both ends: could they be random? */
static bool drawn_by_lot(const char *a, const char *b, size_t n)
{
	size_t i, letters_a = 0, letters_b = 0, others = 0;

	for (i = 0; i < n; i++) {
		if (!is_drawn((unsigned char)a[i]) || !is_drawn((unsigned char)b[i]))
			return false;
		letters_a += isalpha((unsigned char)a[i]) != 0;
		letters_b += isalpha((unsigned char)b[i]) != 0;
		others += isdigit((unsigned char)a[i]) || isdigit((unsigned char)b[i]) || a[i] == '_' || b[i] == '_' ||
			  (i && (isupper((unsigned char)a[i]) || isupper((unsigned char)b[i])));
	}
	return letters_a && letters_b && others;
}

/* Names that tempfile, uuid and the like made up the same way: their random part may be of letters alone. */
static bool made_up_alike(const char *a, const char *b, size_t n)
{
	_cleanup_free_ char *name_a = xstrndup(a, n), *name_b = xstrndup(b, n);
	_cleanup_buf_ struct buf pattern_a = { 0 }, pattern_b = { 0 };

	return random_name(name_a, false, &pattern_a) && random_name(name_b, false, &pattern_b) &&
	       pattern_a.len == pattern_b.len && memcmp(pattern_a.data, pattern_b.data, pattern_a.len) == 0;
}

/* One component. Dates and numbers have no letters, words have nothing else. */
static bool components_alike(const char *a, size_t n, const char *b, size_t m)
{
	size_t begin = 0, end = n;

	if (n != m)
		return false;
	if (memcmp(a, b, n) == 0)
		return true;
	while (a[begin] == b[begin])
		begin++;
	while (a[end - 1] == b[end - 1])
		end--;
	/* Random parts may agree by chance at their ends: take up to two such characters more on each side. */
	for (size_t i = 0; i < 2 && begin && is_drawn((unsigned char)a[begin - 1]); i++)
		begin--;
	for (size_t i = 0; i < 2 && end < n && is_drawn((unsigned char)a[end]); i++)
		end++;
	return (end - begin >= MIN_RANDOM && drawn_by_lot(a + begin, b + begin, end - begin)) || made_up_alike(a, b, n);
}

bool diff_names_alike(const char *a, const char *b)
{
	for (;;) {
		size_t n = strcspn(a, "/"), m = strcspn(b, "/");

		if (!components_alike(a, n, b, m))
			return false;
		if (!a[n] || !b[m])
			return a[n] == b[m];
		a += n + 1;
		b += m + 1;
	}
}

/* Appends PATH with placeholders for the submission and the process id. */
static void put_name(struct buf *out, const char *path, const struct run_info *run)
{
	const char *rest = path_inside(path, run->submission), *p;
	char pid[24];
	size_t n = (size_t)snprintf(pid, sizeof pid, "%" PRIu64, run->pid);

	if (rest && rest != path) {
		buf_lit(out, "%{submission}");
		path = rest;
	}
	for (p = path; *p;) {
		size_t digits = strspn(p, "0123456789");

		if (digits == n && run->pid > 9 && memcmp(p, pid, n) == 0)
			buf_lit(out, "%{pid}");
		else
			buf_put(out, p, digits ? digits : 1);
		p += digits ? digits : 1;
	}
}

/* ------------------------------------------------------------------ reading */

/* Whether a call had to be repeated, or would have had to wait, is a matter of timing. */
static const char *outcome_of(const char *err)
{
	static const char *const times[] = { "EINTR", "EAGAIN", "ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND",
					     "ERESTART_RESTARTBLOCK", "ETIMEDOUT" };
	size_t i;

	for (i = 0; err && i < ARRAY_SIZE(times); i++)
		if (streq(err, times[i]))
			return "";
	return err ? err : "";
}

static void take_call(struct diff_side *side, json_t *json)
{
	struct tally_entry entry = { .count = 1, .runs = 1 };
	struct refusal_record call;
	struct buf key = { 0 };
	const char *action = json_text(json, "decision.action");

	refusal_record_from_any(&call, json, &side->run);
	text_args(&key, action ? action : "?");
	buf_putc(&key, ' ');
	text_args(&key, call.r.syscall ? call.r.syscall : "?");
	buf_putc(&key, ' ');
	text_args(&key, outcome_of(call.r.err));
	buf_putc(&key, ' ');
	entry.at = key.len;
	if (call.path && call.path[0] == '/') {
		put_name(&key, call.path, &side->run);
		entry.flags |= HAS_PATH;
	}
	if (json_bool(json, "decision.violation", false))
		entry.flags |= IS_VIOLATION;
	entry.key = buf_steal(&key);
	entry.place = refusal_place(&call.r);
	tally_add(&side->calls, &entry);
	refusal_record_fini(&call);
}

int diff_read(struct log_reader *reader, struct diff_side *ret_side)
{
	struct log_record record;
	int r;

	*ret_side = (struct diff_side){ 0 };
	run_info_init(&ret_side->run);
	while ((r = log_next(reader, &record)) > 0) {
		run_info_take(&ret_side->run, &record);
		if (record.kind == RECORD_CALL && record.json)
			take_call(ret_side, record.json);
	}
	tally_merge(&ret_side->calls);
	ret_side->health = *log_health(reader);
	return r;
}

void diff_side_fini(struct diff_side *side)
{
	tally_fini(&side->calls);
	run_info_fini(&side->run);
}

/* ------------------------------------------------------------------ comparing */

struct difference {
	const char *sign; /* "+" only the second, "-" only the first, "~" another number or place */
	const struct tally_entry *a, *b;
};

struct differences {
	struct difference *of;
	size_t n, cap;
};

static void add(struct differences *d, const char *sign, const struct tally_entry *a, const struct tally_entry *b)
{
	grow_array(&d->of, &d->cap, d->n + 1, sizeof(*d->of));
	d->of[d->n++] = (struct difference){ sign, a, b };
}

/* How often a call without a path is made, and from where first, is chance, unless it was refused. */
static void compare_entries(struct differences *d, const struct tally_entry *a, const struct tally_entry *b)
{
	bool counts = a->flags & (HAS_PATH | IS_VIOLATION);

	if ((counts && a->count != b->count) || (a->flags & IS_VIOLATION && !streq_or_null(a->place, b->place)))
		add(d, "~", a, b);
}

/* Pairs names that only one side has and that differ only in a random part. At most this many comparisons. */
enum { MAX_PAIRS = 4000000 };

static void pair_names(struct differences *d)
{
	size_t i, j, steps = 0, n = 0;

	for (i = 0; i < d->n; i++) {
		struct difference *x = &d->of[i];

		if (!x->a || x->b || !(x->a->flags & HAS_PATH))
			continue;
		for (j = 0; j < d->n && steps < MAX_PAIRS; j++, steps++) {
			struct difference *y = &d->of[j];

			if (!y->b || y->a || y->b->count != x->a->count || y->b->at != x->a->at ||
			    memcmp(y->b->key, x->a->key, x->a->at) != 0 ||
			    !diff_names_alike(tally_path(x->a), tally_path(y->b)))
				continue;
			x->a = y->b = NULL;
			break;
		}
	}
	for (i = 0; i < d->n; i++)
		if (d->of[i].a || d->of[i].b)
			d->of[n++] = d->of[i];
	d->n = n;
}

static void compare(const struct diff_side *a, const struct diff_side *b, struct differences *d)
{
	size_t i = 0, j = 0;

	while (i < a->calls.n || j < b->calls.n) {
		const struct tally_entry *x = i < a->calls.n ? &a->calls.entries[i] : NULL;
		const struct tally_entry *y = j < b->calls.n ? &b->calls.entries[j] : NULL;
		int r = !x ? 1 : !y ? -1 : strcmp(x->key, y->key);

		if (r == 0)
			compare_entries(d, x, y);
		else if (x && r < 0 && (x->flags & (HAS_PATH | IS_VIOLATION)))
			add(d, "-", x, NULL);
		else if (y && r > 0 && (y->flags & (HAS_PATH | IS_VIOLATION)))
			add(d, "+", NULL, y);
		i += r <= 0;
		j += r >= 0;
	}
	pair_names(d);
}

/* ------------------------------------------------------------------ telling */

static void put_entry(const struct tally_entry *entry, struct buf *out)
{
	_cleanup_free_ char *what = xstrndup(entry->key, entry->at);
	char *save = NULL, *action = strtok_r(what, " ", &save), *call = strtok_r(NULL, " ", &save),
	     *err = strtok_r(NULL, " ", &save);

	buf_printf(out, "%s %s", action ? action : "?", call ? call : "?");
	if (*tally_path(entry)) {
		buf_putc(out, ' ');
		text_path(out, tally_path(entry));
	}
	if (err)
		buf_printf(out, " = %s", err);
}

static void tell_one(const struct difference *d, struct buf *out)
{
	const struct tally_entry *entry = d->b ? d->b : d->a;

	buf_printf(out, "%s ", d->sign);
	put_entry(entry, out);
	if (d->a && d->b && d->a->count != d->b->count)
		buf_printf(out, "  x%" PRIu64 " -> x%" PRIu64, d->a->count, d->b->count);
	else
		buf_printf(out, "  x%" PRIu64, entry->count);
	if (d->a && d->b && !streq_or_null(d->a->place, d->b->place))
		buf_printf(out, "  %s -> %s", d->a->place ? d->a->place : "?", d->b->place ? d->b->place : "?");
	else if (entry->place)
		buf_printf(out, "  %s", entry->place);
	buf_putc(out, '\n');
}

static json_t *text_json(const char *text)
{
	json_t *json = text ? json_string(text) : NULL;

	return json ? json : json_null();
}

static json_t *one_json(const struct difference *d)
{
	const struct tally_entry *entry = d->b ? d->b : d->a;
	struct buf what = { 0 };
	json_t *json;

	put_entry(entry, &what);
	json = json_pack("{s:s, s:o, s:o, s:b, s:I, s:I, s:o, s:o}", "change",
			 *d->sign == '+' ? "added" : *d->sign == '-' ? "gone" : "changed", "call",
			 text_json(what.data), "path", text_json(*tally_path(entry) ? tally_path(entry) : NULL), "violation",
			 (entry->flags & IS_VIOLATION) != 0, "first", (json_int_t)(d->a ? d->a->count : 0), "second",
			 (json_int_t)(d->b ? d->b->count : 0), "first_code", text_json(d->a ? d->a->place : NULL),
			 "second_code", text_json(d->b ? d->b->place : NULL));
	buf_fini(&what);
	return json;
}

/* How a run ended, with the limit that ended it. */
static char *end_of(const struct run_info *run)
{
	const char *limit = json_text(run->end, "limit.name");
	struct buf text = { 0 };

	run_info_tell_end(run, &text);
	if (limit) {
		buf_lit(&text, ", limit ");
		text_args(&text, limit);
	}
	return buf_steal(&text);
}

static int by_sign(const void *a, const void *b)
{
	const struct difference *x = a, *y = b;
	const struct tally_entry *e = x->b ? x->b : x->a, *f = y->b ? y->b : y->a;
	int r = (int)((f->flags & IS_VIOLATION) != 0) - (int)((e->flags & IS_VIOLATION) != 0);

	r = r ? r : strcmp(tally_path(e), tally_path(f));
	r = r ? r : strcmp(e->key, f->key);
	return r ? r : strcmp(y->sign, x->sign);
}

static void tell_json(const struct diff_side *a, const struct diff_side *b, const struct differences *d,
		      const char *first, const char *second, struct buf *out)
{
	json_t *changes = json_array(), *all;
	char *text;
	size_t i;

	for (i = 0; i < d->n; i++)
		json_array_append_new(changes, one_json(&d->of[i]));
	all = json_pack("{s:s, s:[o,o], s:{s:o, s:o}, s:o}", "schema", "proctor.diff/1", "logs",
			log_health_json(&a->health), log_health_json(&b->health), "end", "first", text_json(first),
			"second", text_json(second), "changes", changes);
	text = json_dumps(all, JSON_COMPACT);
	if (text)
		buf_puts(out, text);
	buf_putc(out, '\n');
	free(text);
	json_decref(all);
}

uint64_t diff_tell(struct diff_side *a, struct diff_side *b, bool json, struct buf *out)
{
	_cleanup_free_ char *first = end_of(&a->run), *second = end_of(&b->run);
	struct differences d = { 0 };
	uint64_t n;
	size_t i;

	compare(a, b, &d);
	if (d.n)
		qsort(d.of, d.n, sizeof(*d.of), by_sign);
	n = d.n + !streq(first, second);
	if (json) {
		tell_json(a, b, &d, first, second, out);
	} else {
		if (!streq(first, second))
			buf_printf(out, "end: %s -> %s\n", first, second);
		for (i = 0; i < d.n; i++)
			tell_one(&d.of[i], out);
	}
	free(d.of);
	return n;
}
