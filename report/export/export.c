/* SPDX-License-Identifier: Apache-2.0 */
#include "report/export/export.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/text.h"

void export_begin(struct exporter *e, const struct export_format *format, const struct export_options *options,
		  FILE *out)
{
	*e = (struct exporter){ .options = options, .out = out };
	run_info_init(&e->run);
	if (format->begin)
		format->begin(e);
}

static void forget_log(struct exporter *e)
{
	run_info_fini(&e->run);
	json_decref(e->start);
	e->start = NULL;
	if (e->opened)
		opened_fini(e->opened);
	free(e->opened);
	e->opened = NULL;
	e->start_ns = e->last_ns = 0;
}

/* Only a log with every call tells what descriptors are open on. */
static void begin_following(struct exporter *e, struct log_reader *reader)
{
	const char *calls = json_text(e->start, "settings.calls");

	if (!calls || !streq(calls, "all"))
		return;
	e->opened = xcalloc(1, sizeof *e->opened);
	opened_init(e->opened, log_health(reader));
	log_keep(reader, call_changes_descriptors);
}

static void take(struct exporter *e, const struct export_format *format, struct log_reader *reader,
		 const struct log_record *record)
{
	struct event event;

	run_info_take(&e->run, record);
	if (!record->json)
		return;
	event_read(&event, record);
	if (event.timed) {
		if (!e->start_ns)
			e->start_ns = event.time_ns;
		e->last_ns = event.time_ns;
	}
	/* Only the first counts: proctor writes one. */
	if (record->kind == RECORD_START && !e->start) {
		e->start = json_incref(record->json);
		begin_following(e, reader);
	}
	if (e->opened)
		opened_resolve(e->opened, &event);
	if (format->record)
		format->record(e, &event);
	if (e->opened)
		opened_follow(e->opened, &event);
}

int export_log(struct exporter *e, const struct export_format *format, struct log_reader *reader,
	       const char *log_name)
{
	struct log_record record;
	int r;

	forget_log(e);
	e->log++;
	e->log_name = log_name;
	if (format->no_allowed)
		log_skip_allowed(reader);
	while ((r = log_next(reader, &record)) > 0) {
		take(e, format, reader, &record);
		/* The reader has gone, or the disk is full. */
		if (ferror(e->out))
			return -EIO;
	}
	if (r == 0 && !log_is_foreign(log_health(reader)) && format->end_log)
		r = format->end_log(e, log_health(reader));
	return r;
}

void export_end(struct exporter *e, const struct export_format *format, bool good)
{
	if (good && format->finish)
		format->finish(e);
	if (format->release)
		format->release(e);
	forget_log(e);
}

/* ------------------------------------------------------------------ for the formats */

static int write_out(const char *text, size_t n, void *out)
{
	return fwrite(text, 1, n, out) == n ? 0 : -1;
}

void export_json(struct exporter *e, json_t *value)
{
	/* A double holds 15 decimal digits. */
	json_dump_callback(value, write_out, e->out, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));
	json_decref(value);
}

void export_element(struct exporter *e, json_t *value)
{
	if (e->separate)
		fputs(",\n", e->out);
	e->separate = true;
	export_json(e, value);
}

size_t export_size(json_t *value)
{
	return json_dumpb(value, NULL, 0, JSON_COMPACT);
}

void export_set_text(json_t *object, const char *name, const char *text)
{
	json_t *value = text ? json_string(text) : NULL;

	if (value)
		json_object_set_new(object, name, value);
}

void export_set(json_t *object, const char *name, json_t *value)
{
	if (value)
		json_object_set(object, name, value);
}

/* A path beneath the submission is named relative to it. */
static const char *shorten(const struct exporter *e, const char *path)
{
	const char *rest = words_beneath(e->run.submission, path);

	return rest ? rest : path;
}

bool export_place(const struct exporter *e, const struct event *event, struct buf *out)
{
	if (!event->file)
		return false;
	buf_puts(out, shorten(e, event->file));
	if (event->line)
		buf_printf(out, ":%llu", (unsigned long long)event->line);
	return true;
}

void export_uri(const struct exporter *e, const char *path, bool relative, struct buf *out)
{
	const char *from = relative ? shorten(e, path) : path;

	if (*from == '/')
		buf_lit(out, "file://");
	for (; *from; from++) {
		unsigned char c = (unsigned char)*from;

		if (isalnum(c) || strchr("-._~/", c))
			buf_putc(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

char *export_path(const struct event *event)
{
	return json_raw_of(event->path, event->path_b64);
}

const char *export_path_by(const struct event *event)
{
	return !event->path ? NULL : event->path_followed ? "descriptor" : "call";
}

void export_set_followed(json_t *object, const struct event *event)
{
	if (event->path_followed)
		export_set_text(object, "path_by", export_path_by(event));
	export_set(object, "to_path", event->to_path);
	export_set(object, "to_path_b64", event->to_path_b64);
}

static const struct {
	const char *names;
	enum export_verb verb;
} verbs[] = {
	{ " stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat statfs fstat fstatfs"
	  " chdir fchdir getxattr lgetxattr listxattr llistxattr inotify_add_watch ",
	  VERB_LOOK },
	{ " mkdir mkdirat mknod mknodat symlink symlinkat link linkat creat ", VERB_CREATE },
	{ " unlink unlinkat rmdir ", VERB_DELETE },
	{ " rename renameat renameat2 ", VERB_RENAME },
	{ " chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat utime utimes utimensat futimesat setxattr"
	  " lsetxattr fsetxattr removexattr lremovexattr fremovexattr ",
	  VERB_ATTRIBUTES },
	{ " read pread64 readv preadv preadv2 getdents getdents64 sendfile copy_file_range splice ", VERB_READ },
	{ " write pwrite64 writev pwritev pwritev2 truncate ftruncate fallocate ", VERB_WRITE },
};

enum export_verb export_verb(const struct event *event)
{
	char name[48];
	int n = snprintf(name, sizeof name, " %s ", event->name ? event->name : "?");

	if (n < 0 || (size_t)n >= sizeof name)
		return VERB_OTHER;
	if (streq(name, " open ") || streq(name, " openat ") || streq(name, " openat2 "))
		return event_has_flag(event, "O_CREAT") ? VERB_CREATE : VERB_OPEN;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strstr(verbs[i].names, name))
			return verbs[i].verb;
	return VERB_OTHER;
}
