/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/raised.h"

#include <errno.h>
#include <stdlib.h>

#include "base/names.h"
#include "words/cause.h"

struct raised {
	uint64_t sequence;
	uint64_t felt, violations; /* how many were the same */
	uint64_t place;	      /* digest of the innermost frame; 0: not known */
	uint64_t given, path; /* of the file's name, as the program gave it and as it was resolved; 0: none */
	uint64_t meant;	      /* of the program that it was to start: posix_spawn(3) tells that name. 0: not known */
	uint64_t program;     /* of the last part of that, if it was to be executed elsewhere; else 0 */
	bool elsewhere;	      /* another process felt it */
	int err;
	bool network;
	struct refusal refusal; /* what it borrows from the call and its stack is owned */
};

enum { RECENT = 8 }; /* how far back the same refusal is looked for: a loop takes no more room */

static char *copy_of(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static void keep_refusal(struct raised *entry, const struct refusal *r)
{
	entry->refusal = *r;
	entry->refusal.syscall = copy_of(r->syscall);
	entry->refusal.args = copy_of(r->args);
	entry->refusal.path = copy_of(r->path);
	entry->refusal.opened = copy_of(r->opened);
	entry->refusal.address = copy_of(r->address);
	entry->refusal.file = copy_of(r->file);
	entry->refusal.function = copy_of(r->function);
	entry->refusal.through = copy_of(r->through);
	entry->refusal.meant = meant_copy(r->meant);
}

static void drop_refusal(struct raised *entry)
{
	free((char *)entry->refusal.syscall);
	free((char *)entry->refusal.args);
	free((char *)entry->refusal.path);
	free((char *)entry->refusal.opened);
	free((char *)entry->refusal.address);
	free((char *)entry->refusal.file);
	free((char *)entry->refusal.function);
	free((char *)entry->refusal.through);
	meant_free((struct meant *)entry->refusal.meant);
}

void raised_fini(struct raised_table *table)
{
	for (size_t i = 0; i < table->n; i++)
		drop_refusal(&table->entry[i]);
	free(table->entry);
	*table = (struct raised_table){ 0 };
}

/* HASH, TEXT and an end. A program that makes two digests collide has its own error blamed on its own refusal. */
static uint64_t digest(uint64_t hash, const char *text)
{
	return hash_byte(hash_text(hash, text), 0xff);
}

static uint64_t digest_of(const char *text)
{
	return text && text[0] ? digest(HASH_BEGIN, text) : 0;
}

static uint64_t place_of(const char *file, const char *function, uint64_t line)
{
	char number[24];

	if (!file || !function || !line)
		return 0;
	snprintf(number, sizeof number, "%llu", (unsigned long long)line);
	return digest(digest(digest_of(file), function), number);
}

/* The frames of the import machinery are not in a traceback: Lib/importlib/_bootstrap.py, and import.c. */
static const struct python_frame *innermost(const struct stack *stack)
{
	for (size_t i = 0; stack && i < stack->n_python; i++)
		if (!after_prefix(stack->python[i].file, "<frozen importlib"))
			return &stack->python[i];
	return NULL;
}

/* Number I of the entries, the newest first. */
static struct raised *newest(const struct raised_table *table, size_t i)
{
	return &table->entry[(table->next + RAISED_KEPT - 1 - i) % RAISED_KEPT];
}

static bool is_same(const struct raised *a, const struct raised *b)
{
	return a->place == b->place && a->given == b->given && a->path == b->path && a->err == b->err &&
	       a->network == b->network && a->elsewhere == b->elsewhere;
}

/* Did the first process go on from it, if it was not the end? A worker's own task may have. */
static bool counts(const struct raised *entry)
{
	return !entry->elsewhere || entry->program;
}

/* Keeps NOW with what R borrows. */
static void note(struct raised_table *table, struct raised now, const struct refusal *r)
{
	/* In audit mode nothing was refused. A record that is not written cannot be named. */
	if (r->audit || !now.sequence)
		return;
	if (counts(&now)) {
		table->felt++;
		table->violations += now.violations;
	}
	for (size_t i = 0; i < MIN(table->n, (size_t)RECENT); i++) {
		struct raised *entry = newest(table, i);

		if (is_same(entry, &now)) {
			entry->sequence = now.sequence;
			entry->felt++;
			entry->violations += now.violations;
			return;
		}
	}
	if (!table->entry)
		table->entry = xcalloc(RAISED_KEPT, sizeof *table->entry);
	if (table->n == RAISED_KEPT)
		drop_refusal(&table->entry[table->next]);
	keep_refusal(&now, r);
	table->entry[table->next] = now;
	table->next = (table->next + 1) % RAISED_KEPT;
	table->n = MIN(table->n + 1, (size_t)RAISED_KEPT);
}

static struct raised made_of(const struct refusal *r, const char *given, uint64_t sequence, bool violation)
{
	return (struct raised){
		.sequence = sequence,
		.felt = 1,
		.violations = violation,
		.given = digest_of(given),
		.path = digest_of(r->path),
		.meant = r->meant ? digest_of(meant_file(r->meant)) : 0,
		.err = errno_from_name(r->err),
		.network = topic_subject(r->topic) == SUBJECT_NETWORK,
	};
}

void raised_note(struct raised_table *table, const struct refusal *r, const char *given, uint64_t sequence,
		 bool violation, const struct stack *stack)
{
	const struct python_frame *frame = innermost(stack);
	struct raised now = made_of(r, given, sequence, violation);

	if (frame && frame->line > 0)
		now.place = place_of(frame->file, frame->function, (uint64_t)frame->line);
	note(table, now, r);
}

static uint64_t digest_of_last(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return digest_of(slash ? slash + 1 : path);
}

void raised_note_elsewhere(struct raised_table *table, const struct refusal *r, const char *given, uint64_t sequence,
			   bool violation, bool program)
{
	struct raised now = made_of(r, given, sequence, violation);

	now.elsewhere = true;
	now.program = program ? digest_of_last(given) : 0;
	note(table, now, r);
}

/* What is looked for, of one exception. */
struct wanted {
	const struct exception_facts *x;
	uint64_t place, file;
	uint64_t program; /* if it came from a child that was to execute it */
	bool remote;	  /* it came from a worker process */
	bool os_error, name_error, own_words, no_display;
	bool own_missing; /* raised by code that had looked first, not by a call */
};

/* Errors of libraries that tell of a refused call in words of their own. */
static const struct {
	const char *exception, *part; /* of the message */
	const char *file;	      /* the name of the file that raised it ends so; NULL: any, or C code */
} own_words[] = {
	{ "sqlite3.OperationalError", "unable to open database file", NULL },
	{ "sqlite3.OperationalError", "readonly database", NULL },
	{ "sqlite3.OperationalError", "disk I/O error", NULL },
	{ "FileNotFoundError", "No usable temporary directory", "/tempfile.py" },
};

static bool has_own_words(const struct exception_facts *x, const struct exception_frame *frame)
{
	for (size_t i = 0; i < ARRAY_SIZE(own_words); i++) {
		const char *file = own_words[i].file;

		if (exception_is(x, own_words[i].exception) && x->message && strstr(x->message, own_words[i].part) &&
		    (!file || (frame && frame->file && ends_with(frame->file, file))))
			return true;
	}
	return false;
}

/* Is the program's own line the same for ENTRY and for X? */
static bool is_line(const struct raised *entry, const struct exception_facts *x)
{
	const struct refusal *r = &entry->refusal;

	return r->line && r->line == x->line && r->file && x->file && streq(r->file, x->file);
}

/* A library's own error class tells the name that it was given, and opens files of longer ones: dbm.error of "state" for
 * "state.db". */
static bool is_of_longer_name(const struct raised *entry, const struct exception_facts *x)
{
	const char *path = entry->refusal.path, *slash = path ? strrchr(path, '/') : NULL;
	const char *given = x->filename, *last = given ? strrchr(given, '/') : NULL;

	last = last ? last + 1 : given;
	return slash && last && *last && x->module && !streq(x->module, "builtins") && strstr(slash + 1, last);
}

/* How well a refusal fits, the best last: from FIT_CALL on it is certain. An error without a file's name comes rather
 * from a call that names none. */
enum fit { FIT_NONE, FIT_PLACE, FIT_CALL, FIT_BEST };

/* Did another process tell it: a program by its name, or by the very path (posix_spawn(3)); a worker its file? */
static bool was_told(const struct raised *entry, const struct wanted *w, bool same_file)
{
	return entry->program ? entry->program == w->program || same_file : w->remote && same_file;
}

static enum fit fit(const struct raised *entry, const struct wanted *w)
{
	const struct refusal *r = &entry->refusal;
	bool here = entry->place && entry->place == w->place;
	bool same_file = w->file && (w->file == entry->given || w->file == entry->path || w->file == entry->meant);

	/* Tk says so where it was given no display: it tried none. */
	if (w->no_display)
		return FIT_NONE;
	if (entry->elsewhere)
		return w->os_error && w->x->error == entry->err && was_told(entry, w, same_file) ? FIT_BEST : FIT_NONE;
	if (w->own_words)
		return is_line(entry, w->x) ? FIT_BEST : FIT_NONE;
	if (w->os_error && w->x->error == entry->err) {
		if (w->file && !same_file)
			return here && is_of_longer_name(entry, w->x) ? FIT_CALL : FIT_NONE;
		if (w->file)
			return here || !entry->place ? FIT_BEST : FIT_NONE;
		return !here ? FIT_NONE : entry->given ? FIT_CALL : FIT_BEST;
	}
	/* A name could not be looked up because the socket for it was refused (socket.gaierror). */
	if (w->name_error && entry->network)
		return here ? FIT_BEST : FIT_NONE;
	if (w->own_missing && entry->err == ENOENT && r->path && strstr(w->x->message, r->path))
		return FIT_PLACE;
	/* Another errno is another error. */
	return here && !w->os_error ? FIT_PLACE : FIT_NONE;
}

/* Where the module subprocess raises what its child has told it. */
static bool is_of_child(const struct exception_frame *frame)
{
	/* With the name of its class, from 3.11 on. */
	return frame && frame->function && frame->file && ends_with(frame->function, "_execute_child") && ends_with(frame->file, "/subprocess.py");
}

static struct raised_match find_one(const struct raised_table *table, const struct exception_facts *x, bool remote)
{
	const struct exception_frame *frame = x->n_frames ? &x->frames[x->n_frames - 1] : NULL;
	const struct wanted w = {
		.x = x,
		.place = frame ? place_of(frame->file, frame->function, frame->line) : 0,
		.file = digest_of(x->filename),
		.remote = remote,
		.program = is_of_child(frame) ? digest_of_last(x->filename) : 0,
		.os_error = exception_is(x, "OSError") && x->error > 0,
		.own_words = has_own_words(x, frame),
		.no_display = exception_is(x, "_tkinter.TclError") && x->message && strstr(x->message, "no display name"),
		.own_missing = exception_is(x, "FileNotFoundError") && x->error <= 0 && x->message,
		.name_error = exception_is(x, "socket.gaierror") || exception_is(x, "socket.herror"),
	};
	struct raised_match found = { 0 };
	enum fit best = FIT_NONE;

	/* Of several tries that a library makes, the first is what was meant. */
	for (size_t i = 0; i < table->n && (best != FIT_BEST || w.own_words); i++) {
		const struct raised *entry = newest(table, i);
		enum fit how = fit(entry, &w);

		if (how == FIT_NONE || how < best || (how == best && !w.own_words))
			continue;
		best = how;
		found = (struct raised_match){ entry->sequence, &entry->refusal, 0, 0, how >= FIT_CALL };
	}
	return found;
}

/* One act may be refused several times on one line. */
static void count_others(const struct raised_table *table, struct raised_match *match)
{
	const struct raised *its = NULL;
	size_t i;

	match->felt = table->felt;
	match->violations = table->violations;
	for (i = 0; i < table->n && !its; i++)
		if (newest(table, i)->sequence == match->sequence)
			its = newest(table, i);
	for (i = 0; its && i < table->n; i++) {
		const struct raised *entry = newest(table, i);

		if (entry != its && (!its->place || entry->place != its->place) &&
		    (!its->program || entry->program != its->program))
			continue;
		if (!counts(entry))
			continue;
		match->felt -= entry->felt;
		match->violations -= entry->violations;
	}
}

/* Is X, or what it descends from, another process's, with that one's traceback as a text? */
static bool is_remote(const struct exception_facts *x)
{
	for (size_t i = 0; i < x->n_chain; i++)
		if (cause_is_remote(&x->chain[i]))
			return true;
	return false;
}

struct raised_match raised_find(const struct raised_table *table, const struct exception_facts *x)
{
	const bool remote = is_remote(x);
	struct raised_match found = find_one(table, x, remote);
	size_t i;

	for (i = 0; i < x->n_chain + x->n_group && !found.certain; i++) {
		struct raised_match further =
			find_one(table, i < x->n_chain ? &x->chain[i] : &x->group[i - x->n_chain], remote);

		/* It was raised for that refusal, but what ended the program need not have come of it. */
		if (i < x->n_chain && x->chain[i].link == EXCEPTION_LINK_PRINTED)
			further.certain = false;
		if (further.certain || !found.sequence)
			found = further;
	}
	count_others(table, &found);
	return found;
}
