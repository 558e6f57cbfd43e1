/* SPDX-License-Identifier: Apache-2.0 */
#include "report/learn_writes.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"

/* Each is tried with all others. */
enum { MAX_DIRECTORIES = 64, MAX_TRIES = 256 };

enum {
	WRITE_CONTENTS = 1,
	WRITE_NAMES = 2,
	WRITE_ITSELF = 4, /* the directory that is named, not the one that holds the name */
	WRITE_PARTIAL = 8, /* another name was changed, too, which the log does not have */
};

/* In a key, in place of the colon. */
#define SECOND '+'

void learn_directory_fini(struct learn_directory *directory)
{
	free(directory->name);
	free(directory->path);
	free(directory->place);
	free(directory->reason);
}

/* ------------------------------------------------------------------ what the logs say */

/* SECOND: the other name of a call that is counted already. */
static void add_write(struct learn *learn, uint32_t group, const struct refusal *r, const char *path, unsigned flags, bool second)
{
	struct tally_entry entry = { .count = 1, .runs = 1, .first_run = learn->runs, .last_run = learn->runs, .flags = flags };

	entry.key = xasprintf("%08x%c%s", group, second ? SECOND : ':', path);
	entry.at = 9;
	entry.place = refusal_place(r);
	entry.note = xstrdup(r->syscall ? r->syscall : "?");
	tally_add(&learn->writes, &entry);
}

/* Two names are changed at once. */
static bool has_two(const struct refusal *r)
{
	return r->syscall && (after_prefix(r->syscall, "rename") || after_prefix(r->syscall, "link"));
}

/* TEXT without its quotes, when nothing in it is escaped or cut; the caller frees it. */
static char *plain_name(const char *text)
{
	size_t n = text ? strlen(text) : 0;

	if (n < 3 || text[0] != '"' || text[n - 1] != '"' || strchr(text, '\\'))
		return NULL;
	return xstrndup(text + 1, n - 2);
}

static bool is_plain_path(const char *path)
{
	return path[0] == '/' && !strstr(path, "//") && !strstr(path, "/.");
}

/* The other one of two names of a call of which the record has R's path; NULL: not known. The caller frees it. */
static char *other_name(json_t *record, const struct refusal *r)
{
	json_t *args = json_at(record, "syscall.args");
	bool at = json_array_size(args) > 2;
	const char *from = json_string_value(json_array_get(args, 0)), *to = json_string_value(json_array_get(args, 2));
	_cleanup_free_ char *one = plain_name(json_string_value(json_array_get(args, at ? 1 : 0)));
	_cleanup_free_ char *two = plain_name(json_string_value(json_array_get(args, at ? 3 : 1)));
	const char *named[2] = { one, two };
	size_t i, n = strlen(r->path);

	if (!one || !two)
		return NULL;
	for (i = 0; i < 2; i++) {
		const char *this = named[i], *other = named[!i];
		size_t len = strlen(this);

		if (*this == '/' ? !streq(this, r->path) : !(len < n && streq(r->path + n - len, this) && r->path[n - len - 1] == '/'))
			continue;
		if (is_plain_path(other))
			return xstrdup(other);
		/* Both begin where the one that is known does. */
		if (*this != '/' && *other != '/' && *other != '.' && !strstr(other, "/.") && (!at || (from && to && streq(from, to))))
			return xasprintf("%.*s%s", (int)(n - len), r->path, other);
	}
	return NULL;
}

static bool is_in_scratch(const struct run_info *info, const char *path)
{
	return info->scratch && path_rest(path, info->scratch);
}

static void add_scratch(struct learn *learn, const struct refusal *r, const struct run_info *info)
{
	struct learn_scratch *scratch = &learn->scratch;

	scratch->count++;
	scratch->runs += scratch->last_run != learn->runs;
	scratch->last_run = learn->runs;
	scratch->bytes = MAX(scratch->bytes, info->scratch_bytes);
	scratch->files = MAX(scratch->files, info->scratch_files);
	if (!scratch->place)
		scratch->place = refusal_place(r);
}

/* A name of shared memory (shm_open(3), sem_open(3)). */
static bool is_shared(const char *path)
{
	const char *name = after_prefix(path, "/dev/shm/");

	return name && *name && !strchr(name, '/');
}

static void add_shared(struct learn *learn, uint32_t group, const char *path, bool made, uint64_t calls)
{
	struct tally_entry entry = { .count = calls, .runs = 1, .flags = made ? WRITE_NAMES : 0u };

	entry.key = xasprintf("%08x:%s", group, path);
	entry.at = 9;
	tally_add(&learn->shared, &entry);
}

bool learn_shared_is_own(const struct tally_entry *entry)
{
	return entry->flags & WRITE_NAMES;
}

bool learn_take_write(struct learn *learn, uint32_t group, json_t *record, const struct refusal *r, unsigned want,
		      const struct run_info *info)
{
	_cleanup_free_ char *other = NULL;
	unsigned flags = (want & WANT_WRITE ? WRITE_CONTENTS : 0u) | (want & WANT_CHANGE ? WRITE_NAMES : 0u);

	if (!r->path || r->path[0] != '/')
		return false;
	if (flags && has_two(r)) {
		other = other_name(record, r);
		flags |= other ? 0 : WRITE_PARTIAL;
	}
	flags |= flags && r->args && strstr(r->args, "O_TMPFILE") ? WRITE_ITSELF : 0u;
	if (is_shared(r->path) && (flags || !r->err) && !(flags & WRITE_PARTIAL) && (!other || is_shared(other))) {
		add_shared(learn, group, r->path, r->args && strstr(r->args, "O_CREAT"), 1);
		if (other)
			add_shared(learn, group, other, true, 0);
		return true;
	}
	/* How much room there is. */
	if (streq(r->path, "/dev/shm") && r->syscall && streq(r->syscall, "statfs")) {
		add_shared(learn, group, r->path, true, 1);
		return true;
	}
	if (is_in_scratch(info, r->path) && want && !(want & WANT_EXEC) && !(flags & WRITE_PARTIAL))
		add_scratch(learn, r, info);
	else if (flags)
		add_write(learn, group, r, r->path, flags, false);
	else
		return false;
	if (other && !is_in_scratch(info, other))
		add_write(learn, group, r, other, flags, true);
	return true;
}

unsigned learn_write_want(const struct tally_entry *entry)
{
	return (entry->flags & WRITE_CONTENTS ? WANT_WRITE : 0u) | (entry->flags & WRITE_NAMES ? WANT_CHANGE : 0u);
}

bool learn_write_is_partial(const struct tally_entry *entry)
{
	return entry->flags & WRITE_PARTIAL;
}

bool learn_write_is_second(const struct tally_entry *entry)
{
	return entry->key[8] == SECOND;
}

/* ------------------------------------------------------------------ lines */

bool learn_is_protected(const char *path, const char *home)
{
	static const char *const systems[] = { "/etc", "/proc", "/sys", "/dev", "/boot", "/run", "/var/run" };
	size_t i, depth = 0;

	for (i = 0; i < ARRAY_SIZE(systems); i++)
		if (path_rest(path, systems[i]))
			return true;
	for (i = 0; path[i]; i++)
		depth += path[i] == '/';
	if (depth <= 1 || strstr(path, "/.") || path_rest(home, path))
		return true;
	return depth == 2 && path_rest(path, "/home");
}

static char *name_of(const struct learn *learn, const char *path, const char *submission)
{
	const char *rest = learn->use_submission ? path_inside(path, submission) : NULL;

	return rest ? xasprintf("S%s", rest) : xstrdup(path);
}

void learn_wish_write(struct learn *learn, const struct tally_entry *entry, const char *submission)
{
	const char *path = tally_path(entry), *slash = strrchr(path, '/');
	size_t n = entry->flags & WRITE_ITSELF ? strlen(path) : slash > path ? (size_t)(slash - path) : 1;
	struct tally_entry wish = *entry;

	wish.note = xstrndup(path, n);
	wish.key = name_of(learn, wish.note, submission);
	wish.at = 0;
	wish.place = entry->place ? xstrdup(entry->place) : NULL;
	tally_add(&learn->written, &wish);
}

/* As a policy has it, quoted; false: it cannot have it. */
static bool put_directory(const struct learn_directory *directory, struct buf *out)
{
	_cleanup_buf_ struct buf text = { 0 };
	bool inside = directory->name[0] == 'S';
	const char *rest = directory->name + inside;

	if (*rest && !text_yaml_path(&text, rest))
		return false;
	buf_puts(out, inside ? "\"%{submission}" : "\"");
	if (text.len > 2)
		buf_put(out, text.data + 1, text.len - 2);
	buf_putc(out, '"');
	return true;
}

/* Why DIRECTORY may not be granted, whatever else is; or NULL. */
static char *why_not(const struct learn *learn, const struct learn_directory *directory)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct learn_seen seen;
	char *why = NULL;
	size_t i;

	if (directory->runs < learn->min_runs)
		return xasprintf("only %" PRIu64 " of %" PRIu64 " runs wrote there", directory->runs, learn->runs);
	if (!put_directory(directory, &text))
		return xstrdup("a policy cannot name it exactly");
	learn->look(directory->path, &seen);
	if (!seen.directory)
		why = xstrdup("no such directory is there now");
	else if (learn_is_protected(directory->path, learn->home) || learn_is_protected(seen.real, learn->home) ||
		 streq(seen.real, "/var/tmp"))
		why = xstrdup("too much lies beneath it to be changed (temporary files: run it with --scratch and learn from that)");
	for (i = 0; !why && directory->name[0] == 'S' && !directory->name[1] && i < learn->submissions.n; i++)
		if (learn_is_protected(learn->submissions.text[i], learn->home))
			why = xstrdup("too much lies beneath one of the submissions");
	free(seen.real);
	return why;
}

/* The granted directory at or above NAME, or NULL. */
static const struct learn_directory *find_directory(const struct learn *learn, const char *name)
{
	size_t i;

	for (i = 0; i < learn->n_directories; i++)
		if (!learn->directories[i].reason && path_rest(name, learn->directories[i].name))
			return &learn->directories[i];
	return NULL;
}

const struct learn_directory *learn_written(const struct learn *learn, const char *path, const char *submission)
{
	_cleanup_free_ char *name = name_of(learn, path, submission);

	return find_directory(learn, name);
}

static char *try_directory(const struct learn *learn, const char *head, const struct learn_directory *directory)
{
	_cleanup_buf_ struct buf text = { 0 };
	size_t i;

	buf_printf(&text, "%swrite:\n", head);
	for (i = 0; i < learn->n_directories; i++)
		if (!learn->directories[i].reason) {
			buf_lit(&text, "  - ");
			put_directory(&learn->directories[i], &text);
			buf_putc(&text, '\n');
		}
	buf_lit(&text, "  - ");
	put_directory(directory, &text);
	buf_putc(&text, '\n');
	return learn->try_policy(learn->try_arg, text.data);
}

static void add_directory(struct learn *learn, const char *head, const struct tally_entry *wish, size_t *tries)
{
	struct learn_directory directory = { .count = wish->count, .runs = wish->runs };
	struct learn_directory *above = (struct learn_directory *)find_directory(learn, wish->key);

	/* Sorted by name: what holds a directory comes before it. */
	if (above) {
		above->count += wish->count;
		above->runs = MAX(above->runs, wish->runs);
		return;
	}
	directory.name = xstrdup(wish->key);
	directory.path = xstrdup(wish->note);
	directory.place = wish->place ? xstrdup(wish->place) : NULL;
	directory.reason = why_not(learn, &directory);
	if (!directory.reason && (learn->n_directories >= MAX_DIRECTORIES || (*tries)++ >= MAX_TRIES))
		directory.reason = xstrdup("there are too many");
	if (!directory.reason)
		directory.reason = try_directory(learn, head, &directory);
	grow_array(&learn->directories, &learn->cap_directories, learn->n_directories + 1, sizeof(*learn->directories));
	learn->directories[learn->n_directories++] = directory;
}

void learn_make_writes(struct learn *learn, const char *head)
{
	size_t i, tries = 0;

	tally_merge(&learn->written);
	learn->too_many_writes = learn->written.n > LEARN_MAX_WRITES;
	for (i = 0; i < learn->written.n && !learn->too_many_writes; i++)
		add_directory(learn, head, &learn->written.entries[i], &tries);
}

bool learn_grants_scratch(const struct learn *learn)
{
	return learn->scratch.count && learn->scratch.runs >= learn->min_runs;
}

void learn_put_writes(const struct learn *learn, struct buf *out)
{
	const struct learn_scratch *scratch = &learn->scratch;
	bool begun = false;
	size_t i;

	if (learn_grants_scratch(learn)) {
		buf_lit(out, "write:\n  # ");
		tally_put_calls(out, scratch->count, scratch->runs, scratch->place);
		buf_lit(out, "; a directory of the run's own\n  - \"%{scratch}\"\n");
		begun = true;
	}
	for (i = 0; i < learn->n_directories; i++) {
		const struct learn_directory *directory = &learn->directories[i];

		if (directory->reason)
			continue;
		buf_puts(out, begun ? "  # " : "write:\n  # ");
		begun = true;
		tally_put_calls(out, directory->count, directory->runs, directory->place);
		buf_lit(out, "; all that is beneath it may be read and changed\n  - ");
		put_directory(directory, out);
		buf_putc(out, '\n');
	}
	if (learn_grants_scratch(learn) && scratch->bytes && scratch->files)
		buf_printf(out, "scratch: {size: %" PRIu64 "B, files: %" PRIu64 "}\n", scratch->bytes, scratch->files);
}

void learn_begin_withheld(size_t *n, struct buf *out)
{
	if (!(*n)++)
		buf_lit(out, "\n# Not granted, though the run was let do it:\n");
	buf_lit(out, "#   ");
}

void learn_end_withheld(const char *why, uint64_t count, uint64_t runs, const char *place, struct buf *out)
{
	buf_printf(out, ": %s; ", why);
	tally_put_calls(out, count, runs, place);
	buf_putc(out, '\n');
}

void learn_put_withheld_writes(const struct learn *learn, size_t *n, struct buf *out)
{
	size_t i;

	if (learn->scratch.count && !learn_grants_scratch(learn)) {
		learn_begin_withheld(n, out);
		buf_printf(out, "the scratch: only %" PRIu64 " of %" PRIu64 " runs used it; ", learn->scratch.runs, learn->runs);
		tally_put_calls(out, learn->scratch.count, learn->scratch.runs, learn->scratch.place);
		buf_putc(out, '\n');
	}
	for (i = 0; i < learn->n_directories; i++) {
		const struct learn_directory *directory = &learn->directories[i];

		if (!directory->reason)
			continue;
		learn_begin_withheld(n, out);
		buf_lit(out, "writing in ");
		text_path(out, directory->path);
		learn_end_withheld(directory->reason, directory->count, directory->runs, directory->place, out);
	}
}
