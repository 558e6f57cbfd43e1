/* SPDX-License-Identifier: Apache-2.0 */
#include "report/diff.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "report/diff_modules.h"
#include "words/random_name.h"

enum {
	HAS_PATH = 1,
	IS_VIOLATION = 2,
	IS_INTERPRETERS = 4, /* a file that every program of the interpreter may read, read or looked at */
	IS_OPENED = 8,
};

/* Of so many modules the names are told in text. */
#define MAX_MODULES 48

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

static bool is_interpreters(json_t *record, const char *action)
{
	const char *ref = json_text(record, "rule.ref");

	return action && streq(action, "allow") && ref && after_prefix(ref, "builtin:");
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
	if (is_interpreters(json, action))
		entry.flags |= IS_INTERPRETERS;
	if (!*outcome_of(call.r.err) && call.r.syscall && after_prefix(call.r.syscall, "open"))
		entry.flags |= IS_OPENED;
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
		if (record.kind == RECORD_PROFILE && record.json)
			diff_profile_take(&ret_side->profile, record.json, &ret_side->run);
	}
	tally_merge(&ret_side->calls);
	ret_side->health = *log_health(reader);
	return r;
}

void diff_side_fini(struct diff_side *side)
{
	tally_fini(&side->calls);
	diff_profile_fini(&side->profile);
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
	struct tally_table gone, added; /* modules of the interpreter that one run alone imported, by name */
	struct diff_share shares[DIFF_SHARES];
	size_t n_shares;
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

/* The modules of the interpreter's of which CALLS opens a file. */
static void collect_modules(const struct tally_table *calls, struct tally_table *modules)
{
	for (size_t i = 0; i < calls->n; i++) {
		const struct tally_entry *file = &calls->entries[i];
		struct tally_entry entry = { .count = 1, .runs = 1 };
		struct buf name = { 0 };

		if (!(file->flags & IS_INTERPRETERS) || !(file->flags & IS_OPENED) || !module_of_file(tally_path(file), &name))
			continue;
		entry.at = name.len;
		entry.key = buf_steal(&name);
		tally_add(modules, &entry);
	}
	tally_merge(modules);
}

/* Leaves in A and in B what only that one has. */
static void drop_common(struct tally_table *a, struct tally_table *b)
{
	for (size_t i = 0; i < a->n; i++) {
		struct tally_entry *other = tally_find(b, a->entries[i].key);

		if (other)
			a->entries[i].count = other->count = 0;
	}
	tally_drop_none(a);
	tally_drop_none(b);
}

/* Has MODULES the package NAME, or a module of it? */
static bool has_of_package(const struct tally_table *modules, const char *name, size_t n)
{
	for (size_t i = 0; i < modules->n; i++) {
		const char *rest = modules->entries[i].key;

		if (strncmp(rest, name, n) == 0 && (!rest[n] || rest[n] == '.'))
			return true;
	}
	return false;
}

/* Is X what an import looks at on the way to the modules in D: a file of one, or a directory where they are? */
static bool is_of_import(const struct differences *d, const struct difference *x)
{
	const struct tally_entry *entry = x->b ? x->b : x->a;
	_cleanup_buf_ struct buf name = { 0 };
	const char *path = tally_path(entry);
	bool file;

	if (entry->flags & IS_VIOLATION || !after_prefix(entry->key, "allow "))
		return false;
	if (streq(path, "%{submission}"))
		return true;
	if (!(entry->flags & IS_INTERPRETERS))
		return false;
	file = module_of_file(path, &name);
	if (!file && !module_of_directory(path, &name))
		return false;
	return name.len == 0 || has_of_package(&d->gone, name.data, name.len) || has_of_package(&d->added, name.data, name.len);
}

/* One import of a module is many calls: they become its name. */
static void fold_modules(const struct diff_side *a, const struct diff_side *b, struct differences *d)
{
	size_t i, n = 0;

	collect_modules(&a->calls, &d->gone);
	collect_modules(&b->calls, &d->added);
	drop_common(&d->gone, &d->added);
	if (!d->gone.n && !d->added.n)
		return;
	for (i = 0; i < d->n; i++)
		if (!is_of_import(d, &d->of[i]))
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
	fold_modules(a, b, d);
	d->n_shares = diff_shares(&a->profile, &b->profile, d->shares);
}

static void differences_fini(struct differences *d)
{
	free(d->of);
	tally_fini(&d->gone);
	tally_fini(&d->added);
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

/* Modules within a package of the list are left out: the package says it. */
static void tell_modules(const char *sign, const struct tally_table *modules, struct buf *out)
{
	const char *package = NULL;
	size_t told = 0, more = 0;

	for (size_t i = 0; i < modules->n; i++) {
		const char *name = modules->entries[i].key, *rest = package ? after_prefix(name, package) : NULL;

		if (rest && *rest == '.')
			continue;
		package = name;
		if (told == MAX_MODULES) {
			more++;
			continue;
		}
		buf_printf(out, told++ ? ", " : "%s modules ", sign);
		text_args(out, name);
	}
	if (more)
		buf_printf(out, " and %zu more", more);
	if (told)
		buf_putc(out, '\n');
}

static json_t *modules_json(const struct tally_table *modules)
{
	json_t *list = json_array();

	for (size_t i = 0; i < modules->n; i++)
		json_array_append_new(list, text_json(modules->entries[i].key));
	return list;
}

static json_t *shares_json(const struct differences *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->n_shares; i++)
		json_array_append_new(list, json_pack("{s:o, s:i, s:i}", "code", text_json(d->shares[i].place), "first",
						      (int)d->shares[i].first, "second", (int)d->shares[i].second));
	return list;
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

static void tell_json(struct diff_side *const sides[2], const struct differences *d, char *const ends[2], struct buf *out)
{
	json_t *changes = json_array(), *all;
	char *text;
	size_t i;

	for (i = 0; i < d->n; i++)
		json_array_append_new(changes, one_json(&d->of[i]));
	all = json_pack("{s:s, s:[o,o], s:{s:o, s:o}, s:{s:s, s:s}, s:o, s:o, s:{s:o, s:o}}", "schema", "proctor.diff/1", "logs",
			log_health_json(&sides[0]->health), log_health_json(&sides[1]->health), "end", "first",
			text_json(ends[0]), "second", text_json(ends[1]), "tasks", "first", diff_tasks_of(&sides[0]->run),
			"second", diff_tasks_of(&sides[1]->run), "profile", shares_json(d), "changes", changes, "modules",
			"gone", modules_json(&d->gone), "added", modules_json(&d->added));
	text = json_dumps(all, JSON_COMPACT);
	if (text)
		buf_puts(out, text);
	buf_putc(out, '\n');
	free(text);
	json_decref(all);
}

static void tell_text(const struct differences *d, char *const ends[2], const char *const tasks[2], struct buf *out)
{
	size_t i;

	if (!streq(ends[0], ends[1]))
		buf_printf(out, "end: %s -> %s\n", ends[0], ends[1]);
	if (!streq(tasks[0], tasks[1]))
		buf_printf(out, "threads or processes: %s -> %s\n", tasks[0], tasks[1]);
	for (i = 0; i < d->n_shares; i++)
		buf_printf(out, "profile: %s  %u%% -> %u%%\n", d->shares[i].place, d->shares[i].first, d->shares[i].second);
	for (i = 0; i < d->n; i++)
		tell_one(&d->of[i], out);
	tell_modules("-", &d->gone, out);
	tell_modules("+", &d->added, out);
}

uint64_t diff_tell(struct diff_side *a, struct diff_side *b, bool json, struct buf *out)
{
	struct diff_side *const sides[2] = { a, b };
	char *const ends[2] = { diff_end_of(&a->run), diff_end_of(&b->run) };
	const char *tasks[2] = { diff_tasks_of(&a->run), diff_tasks_of(&b->run) };
	struct differences d = { 0 };
	uint64_t n;

	/* Of one that does not say nothing is known. */
	if (!*tasks[0] || !*tasks[1])
		tasks[0] = tasks[1] = "";
	compare(a, b, &d);
	if (d.n)
		qsort(d.of, d.n, sizeof(*d.of), by_sign);
	n = d.n + d.n_shares + d.gone.n + d.added.n + !streq(ends[0], ends[1]) + !streq(tasks[0], tasks[1]);
	if (json)
		tell_json(sides, &d, ends, out);
	else
		tell_text(&d, ends, tasks, out);
	differences_fini(&d);
	free(ends[0]);
	free(ends[1]);
	return n;
}
