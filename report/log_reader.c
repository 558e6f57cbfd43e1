/* SPDX-License-Identifier: Apache-2.0 */
#include "report/log_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/text.h"
#include "report/interned.h"

#define CHUNK (256u << 10)
/* A progress bar is for people who wait: shorter logs are done before it could be read. */
#define PROGRESS_MIN (16u << 20)
#define PROGRESS_NS 100000000

struct log_reader {
	int fd; /* -1: memory */
	bool owned;
	const char *memory;
	size_t memory_left;
	bool at_end, skip_allowed, progress, drew;
	bool (*wanted)(const char *call); /* allowed calls that are not passed over; or NULL */
	bool follow, any, in_long; /* IN_LONG: the input continues a line that is passed over */
	uint64_t only;		     /* 0: every record */
	uint64_t size, next_drawing; /* SIZE 0: length unknown */
	struct buf input;	     /* bytes read; a line begins at `begin` */
	size_t begin, scanned;
	json_t *json;
	uint64_t last_sequence;
	bool hash;
	struct sha256_ctx sha, before; /* of all bytes taken; of the bytes before the last line */
	uint64_t taken, taken_before;
	struct interned interned; /* stacks that are in records of their own */
	struct log_health health;
};

int log_open(const char *path, struct log_reader **ret_reader)
{
	bool standard_input = streq(path, "-");
	_cleanup_close_ int fd = -1;
	struct log_reader *reader;
	struct stat st;

	if (!standard_input) {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			return -errno;
	}
	if (fstat(standard_input ? 0 : fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	reader = xcalloc(1, sizeof *reader);
	interned_init(&reader->interned);
	reader->owned = !standard_input;
	reader->fd = standard_input ? 0 : steal_fd(&fd);
	reader->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	*ret_reader = reader;
	return 0;
}

struct log_reader *log_open_memory(const void *data, size_t n)
{
	struct log_reader *reader = xcalloc(1, sizeof *reader);

	interned_init(&reader->interned);
	reader->fd = -1;
	reader->memory = data;
	reader->memory_left = n;
	return reader;
}

static void erase_progress(struct log_reader *reader)
{
	if (reader->drew)
		fputs("\r\033[K", stderr);
	reader->drew = false;
}

void log_close(struct log_reader *reader)
{
	if (!reader)
		return;
	erase_progress(reader);
	if (reader->owned)
		close(reader->fd);
	json_decref(reader->json);
	interned_fini(&reader->interned);
	buf_fini(&reader->input);
	free(reader);
}

void log_skip_allowed(struct log_reader *reader)
{
	reader->skip_allowed = true;
}

void log_keep(struct log_reader *reader, bool (*wanted)(const char *call))
{
	reader->wanted = wanted;
}

void log_follow(struct log_reader *reader)
{
	reader->follow = true;
}

void log_any(struct log_reader *reader)
{
	reader->any = true;
}

enum log_look log_look(const struct log_reader *reader, const char *path)
{
	struct stat st, now;

	if (fstat(reader->fd, &now) < 0 || stat(path, &st) < 0)
		return LOG_GONE;
	if (st.st_dev != now.st_dev || st.st_ino != now.st_ino)
		return LOG_REPLACED;
	return now.st_size >= 0 && (uint64_t)now.st_size < reader->health.bytes ? LOG_CUT : LOG_SAME;
}

void log_only(struct log_reader *reader, uint64_t sequence)
{
	reader->only = sequence;
}

void log_show_progress(struct log_reader *reader)
{
	reader->progress = isatty(STDERR_FILENO) == 1 && reader->size >= PROGRESS_MIN;
}

const struct log_health *log_health(const struct log_reader *reader)
{
	return &reader->health;
}

static void draw_progress(struct log_reader *reader)
{
	static const char bar[] = "########################################";
	uint64_t now = clock_ns(CLOCK_MONOTONIC), done = MIN(reader->health.bytes, reader->size);
	int filled = (int)(done * 40 / reader->size);

	if (now < reader->next_drawing)
		return;
	reader->next_drawing = now + PROGRESS_NS;
	reader->drew = true;
	fprintf(stderr, "\rreading [%-40.*s] %3d%% of %" PRIu64 " MiB", filled, bar,
		(int)(done * 100 / reader->size), reader->size >> 20);
	fflush(stderr);
}

/* ------------------------------------------------------------------ digest */

void log_hash(struct log_reader *reader)
{
	reader->hash = true;
	sha256_init(&reader->sha);
	reader->before = reader->sha;
}

void log_digest_before(const struct log_reader *reader, char ret_sha256[65])
{
	digest_so_far(&reader->before, ret_sha256);
}

void log_digest_within(const struct log_reader *reader, const struct log_record *record, size_t n, char ret_sha256[65])
{
	struct sha256_ctx sha = reader->before;

	sha256_update(&sha, n, (const uint8_t *)record->line);
	digest_so_far(&sha, ret_sha256);
}

void log_digest(const struct log_reader *reader, char ret_sha256[65])
{
	digest_so_far(&reader->sha, ret_sha256);
}

uint64_t log_bytes_before(const struct log_reader *reader)
{
	return reader->taken_before;
}

/* The N bytes at P leave the input. */
static void hash_bytes(struct log_reader *reader, const char *p, size_t n)
{
	if (reader->hash)
		sha256_update(&reader->sha, n, (const uint8_t *)p);
	reader->taken += n;
}

static void begin_line(struct log_reader *reader)
{
	if (reader->hash)
		reader->before = reader->sha;
	reader->taken_before = reader->taken;
}

/* ------------------------------------------------------------------ lines */

/* Reads up to N more bytes to P. Count, 0 at the end, or -errno. */
static ssize_t read_bytes(struct log_reader *reader, char *p, size_t n)
{
	ssize_t got;

	if (reader->fd < 0) {
		n = MIN(n, reader->memory_left);
		if (n)
			memcpy(p, reader->memory, n);
		reader->memory += n;
		reader->memory_left -= n;
		return (ssize_t)n;
	}
	do
		got = read(reader->fd, p, n);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/* Moves the rest of the input to the start of the buffer and frees the memory that a long line had needed. */
static void compact(struct log_reader *reader)
{
	struct buf *input = &reader->input;

	if (reader->begin) {
		memmove(input->data, input->data + reader->begin, input->len - reader->begin);
		input->len -= reader->begin;
		reader->scanned -= reader->begin;
		reader->begin = 0;
	}
	if (input->cap > 8 * CHUNK && input->len < CHUNK) {
		input->cap = 2 * CHUNK;
		input->data = xreallocarray(input->data, input->cap, 1);
	}
}

static int fill(struct log_reader *reader)
{
	ssize_t got;

	compact(reader);
	buf_reserve(&reader->input, CHUNK);
	got = read_bytes(reader, reader->input.data + reader->input.len, CHUNK);
	if (got < 0)
		return (int)got;
	if (got == 0)
		reader->at_end = true;
	reader->input.len += (size_t)got;
	reader->input.data[reader->input.len] = '\0';
	reader->health.bytes += (uint64_t)got;
	if (reader->progress)
		draw_progress(reader);
	return 0;
}

static void note_garbage(struct log_reader *reader)
{
	if (reader->health.garbage++ == 0)
		reader->health.first_garbage = reader->health.lines;
}

/* Drops input up to and including the next newline; the line was longer than any record. */
static int skip_long_line(struct log_reader *reader)
{
	char *newline;
	int r;

	for (;;) {
		newline = memchr(reader->input.data, '\n', reader->input.len);
		hash_bytes(reader, reader->input.data,
			   newline ? (size_t)(newline + 1 - reader->input.data) : reader->input.len);
		if (newline) {
			reader->begin = reader->scanned =
				(size_t)(newline + 1 - reader->input.data);
			reader->in_long = false;
			return 0;
		}
		if (reader->at_end) {
			reader->health.cut_off = !reader->follow;
			reader->begin = reader->scanned = reader->input.len;
			return 0;
		}
		reader->begin = reader->scanned = reader->input.len;
		r = fill(reader);
		if (r < 0)
			return r;
	}
}

/*
 * The next line. 1 with a line (RET_ENDED: a newline was there; the NUL behind it is in place), 0
 * at the end, -errno.
 */
static int next_line(struct log_reader *reader, char **ret_line, size_t *ret_len, bool *ret_ended)
{
	for (;;) {
		char *from = reader->input.data ? reader->input.data + reader->scanned : NULL;
		char *newline =
			from ? memchr(from, '\n', reader->input.len - reader->scanned) : NULL;
		size_t end = newline ? (size_t)(newline - reader->input.data) : reader->input.len;
		int r;

		if (!reader->in_long && end - reader->begin > LOG_MAX_LINE) {
			reader->health.lines++;
			reader->health.too_long++;
			note_garbage(reader);
			reader->in_long = true;
		}
		if (reader->in_long && (newline || end > reader->begin)) {
			compact(reader);
			r = skip_long_line(reader);
			if (r < 0)
				return r;
			continue;
		}
		if (newline || (reader->at_end && !reader->follow && end > reader->begin)) {
			*ret_line = reader->input.data + reader->begin;
			*ret_len = end - reader->begin;
			*ret_ended = newline;
			begin_line(reader);
			hash_bytes(reader, *ret_line, *ret_len + (newline ? 1 : 0));
			reader->begin = reader->scanned = newline ? end + 1 : end;
			reader->input.data[end] = '\0';
			reader->health.lines++;
			return 1;
		}
		if (reader->at_end)
			return 0;
		reader->scanned = reader->input.len;
		r = fill(reader);
		if (r < 0)
			return r;
	}
}

/* ------------------------------------------------------------------ records */

static enum record_kind kind_of(const char *name)
{
	static const char *const names[] = {
		[RECORD_START] = "start", [RECORD_CALL] = "call",	[RECORD_SIGNAL] = "signal",
		[RECORD_LOST] = "lost",	  [RECORD_SUMMARY] = "summary", [RECORD_END] = "end",
		[RECORD_CHAIN] = "chain", [RECORD_PROFILE] = "profile", [RECORD_STACK] = "stack",
	};

	for (size_t i = 0; name && i < ARRAY_SIZE(names); i++)
		if (streq(names[i], name))
			return (enum record_kind)i;
	return RECORD_UNKNOWN;
}

/* Counts nesting and separators outside strings: the parser cannot produce more values than that. */
static bool too_many_values(const char *line, size_t n)
{
	size_t values = 0;
	bool quoted = false;

	if (n < LOG_MAX_VALUES)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = line[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == ',' || c == '[' || c == '{'))
			values++;
	}
	return values > LOG_MAX_VALUES;
}

/* Is the call of LINE one that is wanted although it was allowed? */
static bool is_wanted(const struct log_reader *reader, const char *line, size_t n)
{
	static const char action[] = "\"action\":\"";
	const char *at = memmem(line, MIN(n, (size_t)400), action, sizeof action - 1);
	char name[32];
	size_t len = 0;

	if (!at)
		return true;
	for (at += sizeof action - 1; at + len < line + n && at[len] != '"'; len++) {
		if (len + 1 == sizeof name)
			return false;
		name[len] = at[len];
	}
	name[len] = '\0';
	return reader->wanted(name);
}

/*
 * Nearly all records of a long log are allowed calls, which this reader does not need. Inside a JSON
 * string every quote has a backslash before it, so these texts cannot occur in one: they are the
 * members themselves.
 */
static bool may_skip(const struct log_reader *reader, const char *line, size_t n,
		     uint64_t *ret_sequence)
{
	static const char allowed[] = "\"decision\":{\"action\":\"allow\"",
			  shadow[] = "\"shadow\":{\"action\":", call[] = "\"kind\":\"call\"",
			  sequence[] = "\"sequence\":", first[] = "{\"v\":1,", second[] = "{\"v\":2,";
	const char *at;

	if ((!reader->skip_allowed && !reader->only) || n < sizeof first ||
	    (memcmp(line, first, sizeof first - 1) != 0 && memcmp(line, second, sizeof second - 1) != 0) || line[n - 1] != '}' ||
	    !memmem(line, MIN(n, (size_t)64), call, sizeof call - 1))
		return false;
	at = memmem(line, MIN(n, (size_t)256), sequence, sizeof sequence - 1);
	if (!at)
		return false;
	*ret_sequence = strtoull(at + sizeof sequence - 1, NULL, 10);
	return reader->only ? *ret_sequence != reader->only
			    : memmem(line, n, allowed, sizeof allowed - 1) && !memmem(line, n, shadow, sizeof shadow - 1) &&
				      !(reader->wanted && is_wanted(reader, line, n));
}

/* Call, signal and lost records share one numbering, in the order in which they are written. */
static void check_order(struct log_reader *reader, uint64_t sequence)
{
	struct log_health *h = &reader->health;

	if (!sequence)
		return;
	if (sequence <= reader->last_sequence) {
		if (h->disordered++ == 0)
			h->first_disordered = sequence;
		return;
	}
	if (sequence - reader->last_sequence > 1) {
		if (!h->missing)
			h->first_missing = reader->last_sequence + 1;
		h->missing += sequence - reader->last_sequence - 1;
	}
	reader->last_sequence = sequence;
}

static void take_note(struct log_reader *reader, const struct log_record *record)
{
	struct log_health *h = &reader->health;

	h->records++;
	h->after_end += h->has_end;
	h->version = MAX(h->version, (int64_t)json_number(record->json, "v", 0));
	check_order(reader, record->sequence);
	switch (record->kind) {
	case RECORD_START:
		h->has_start = true;
		/* Stack numbers are only valid within one run. */
		interned_fini(&reader->interned);
		interned_init(&reader->interned);
		break;
	case RECORD_LOST:
		/* Bounded: the sum is only ever compared and shown. */
		add_saturated(&h->lost, json_number(record->json, "count", 0));
		break;
	case RECORD_END:
		h->has_end = true;
		h->counted = json_number(record->json, "records", 0);
		break;
	case RECORD_UNKNOWN:
		h->unknown++;
		break;
	case RECORD_STACK:
		/* If the stack makes no sense, the records that name it report it as missing. */
		interned_take(&reader->interned, json_object_get(record->json, "stack"), record->len);
		break;
	case RECORD_CALL:
		if (record->json && !interned_put(&reader->interned, record->json) && h->stackless++ == 0)
			h->first_stackless = record->sequence;
		break;
	default:
		break;
	}
}

/* In version 2 proctor's own members are beneath "proctor": back to where version 1 has them. An object that is in both
 * places is one. */
static void lift_own(json_t *json)
{
	json_t *own = json_object_get(json, "proctor"), *value, *there;
	const char *key;
	void *next;

	if (json_number(json, "v", 0) != 2 || !json_is_object(own))
		return;
	json_object_foreach_safe (own, next, key, value) {
		/* Of proctor itself, as in version 1. */
		if (streq(key, "version") || streq(key, "proctor"))
			continue;
		there = json_object_get(json, key);
		if (json_is_object(there) && json_is_object(value))
			json_object_update(there, value);
		else
			json_object_set(json, key, value);
		json_object_del(own, key);
	}
	if (!json_object_size(own))
		json_object_del(json, "proctor");
	/* What version 1 calls "ref". */
	json_object_del(json_object_get(json, "rule"), "reference");
}

static bool parse_record(struct log_reader *reader, struct log_record *record)
{
	json_error_t error;

	if (!record->len || *record->line != '{')
		return false;
	if (may_skip(reader, record->line, record->len, &record->sequence)) {
		record->kind = RECORD_CALL;
		record->json = NULL;
		return true;
	}
	if (too_many_values(record->line, record->len)) {
		reader->health.too_long++;
		return false;
	}
	reader->json = json_loadb(record->line, record->len, JSON_ALLOW_NUL, &error);
	if (!json_is_object(reader->json) || (!reader->any && !json_text(reader->json, "kind")))
		return false;
	lift_own(reader->json);
	record->json = reader->json;
	record->kind = kind_of(json_text(reader->json, "kind"));
	record->sequence = json_number(reader->json, "event.sequence", 0);
	return true;
}

static void note_cut(struct log_reader *reader, const char *line, size_t n)
{
	static const char *const starts[] = { "{\"v\":1,\"kind\":\"start\",", "{\"v\":2,\"kind\":\"start\"," };

	reader->health.cut_off = true;
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		reader->health.cut_start |= reader->health.lines == 1 &&
					    memcmp(line, starts[i], MIN(n, strlen(starts[i]))) == 0;
}

/* A line that is not whole yet will be read again from its beginning, for it may have changed by then. */
static int give_back(struct log_reader *reader)
{
	size_t n = reader->input.len - reader->begin;

	if (reader->in_long || !n)
		return 0;
	if (lseek(reader->fd, -(off_t)n, SEEK_CUR) < 0)
		return -errno;
	reader->health.bytes -= n;
	reader->input.len = reader->scanned = reader->begin;
	return 0;
}

int log_next(struct log_reader *reader, struct log_record *ret_record)
{
	struct log_record record = { 0 };
	bool ended;
	char *line;
	int r;

	if (reader->follow)
		reader->at_end = false;
	for (;;) {
		json_decref(reader->json);
		reader->json = NULL;
		r = next_line(reader, &line, &record.len, &ended);
		if (r <= 0) {
			erase_progress(reader);
			return r == 0 && reader->follow ? give_back(reader) : r;
		}
		record.line = line;
		if (parse_record(reader, &record)) {
			take_note(reader, &record);
			*ret_record = record;
			return 1;
		}
		if (ended)
			note_garbage(reader);
		else
			note_cut(reader, line, record.len);
	}
}

/* ------------------------------------------------------------------ what is wrong with it */

bool log_is_foreign(const struct log_health *h)
{
	return h->records == h->unknown && h->version == 0 && h->bytes && !h->cut_start;
}

bool log_has_gaps(const struct log_health *h)
{
	return h->garbage || h->disordered || h->missing || h->lost;
}

bool log_is_whole(const struct log_health *h)
{
	return h->has_start && h->has_end && !h->cut_off && !log_has_gaps(h) && !h->stackless && !h->after_end &&
	       h->version <= LOG_VERSION &&
	       (!h->counted || h->counted == h->records);
}

static void tell_count(struct buf *out, uint64_t n, const char *one, const char *many,
		       uint64_t first, const char *where)
{
	if (!n)
		return;
	buf_lit(out, "the log has ");
	text_count(out, n);
	buf_printf(out, " %s", n == 1 ? one : many);
	if (first)
		buf_printf(out, ", first %s%" PRIu64, where, first);
	buf_putc(out, '\n');
}

void log_health_tell(const struct log_health *h, struct buf *out)
{
	if (h->version > LOG_VERSION)
		buf_printf(out,
			   "the log has version %" PRId64
			   ", newer than this proctor (%d): some of it may not be "
			   "understood\n",
			   h->version, LOG_VERSION);
	if (!h->bytes)
		buf_lit(out, "the log is empty\n");
	if (h->cut_off)
		buf_lit(out, "the log is cut off in the middle of its last line\n");
	if (!h->has_end)
		buf_lit(out, "the log has no end record: the run was not finished, or its end is "
			     "missing\n");
	if (!h->has_start)
		buf_lit(out, "the log has no start record: its policy and program are not known\n");
	tell_count(out, h->garbage, "line that is no record", "lines that are no records",
		   h->first_garbage, "at line ");
	tell_count(out, h->unknown, "record of an unknown kind", "records of unknown kinds", 0, "");
	tell_count(out, h->stackless, "record whose stack is not in it", "records whose stacks are not in it",
		   h->first_stackless, "#");
	tell_count(out, h->disordered, "record out of order", "records out of order",
		   h->first_disordered, "#");
	tell_count(out, h->missing, "sequence number missing", "sequence numbers missing",
		   h->first_missing, "#");
	tell_count(out, h->after_end, "record behind its end record",
		   "records behind its end record", 0, "");
	if (h->counted && h->counted != h->records && !h->after_end) {
		buf_lit(out, "the log has ");
		text_count(out, h->records);
		buf_puts(out, h->records == 1 ? " record, but its end record counts "
					      : " records, but its end record counts ");
		text_count(out, h->counted);
		buf_putc(out, '\n');
	}
	if (h->lost) {
		text_count(out, h->lost);
		buf_puts(out, h->lost == 1 ? " record was left out when the log was full\n"
					   : " records were left out when the log was full\n");
	}
}

json_t *log_health_json(const struct log_health *h)
{
	return json_pack("{s:I, s:I, s:b, s:b, s:b, s:b, s:I, s:I, s:I, s:I, s:I}", "version",
			 (json_int_t)h->version, "records", (json_int_t)h->records, "complete",
			 log_is_whole(h), "start", h->has_start, "end", h->has_end, "cut_off", h->cut_off,
			 "garbage", (json_int_t)h->garbage, "unknown", (json_int_t)h->unknown,
			 "disordered", (json_int_t)h->disordered, "missing", (json_int_t)h->missing,
			 "lost", (json_int_t)MIN(h->lost, (uint64_t)INT64_MAX));
}

/* ------------------------------------------------------------------ members */

json_t *json_at(json_t *object, const char *path)
{
	while (object && *path) {
		size_t n = strcspn(path, ".");
		char name[32];

		if (n >= sizeof name)
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		object = json_object_get(object, name);
		path += n + (path[n] == '.');
	}
	return object;
}

const char *json_text(json_t *object, const char *path)
{
	return json_string_value(json_at(object, path));
}

uint64_t json_number(json_t *object, const char *path, uint64_t otherwise)
{
	json_t *value = json_at(object, path);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return otherwise;
	return (uint64_t)json_integer_value(value);
}

bool json_bool(json_t *object, const char *path, bool otherwise)
{
	json_t *value = json_at(object, path);

	return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

static char *decode_base64(const char *text)
{
	size_t n = strlen(text), len = BASE64_DECODE_LENGTH(n);
	_cleanup_free_ char *bytes = xmalloc(len + 1);
	struct base64_decode_ctx ctx;

	base64_decode_init(&ctx);
	if (!base64_decode_update(&ctx, &len, (uint8_t *)bytes, n, text) ||
	    !base64_decode_final(&ctx))
		return NULL;
	bytes[len] = '\0';
	return steal_ptr(&bytes);
}

char *json_raw_of(json_t *text, json_t *exact)
{
	char *raw = json_is_string(exact) ? decode_base64(json_string_value(exact)) : NULL;

	if (!raw && json_is_string(text))
		raw = xstrdup(json_string_value(text));
	return raw;
}

char *json_raw(json_t *object, const char *name)
{
	_cleanup_free_ char *twin = xasprintf("%s_b64", name);

	return json_raw_of(json_object_get(object, name), json_object_get(object, twin));
}

void json_set_number(json_t *object, const char *name, uint64_t n)
{
	json_object_set_new(object, name, json_integer((json_int_t)MIN(n, (uint64_t)INT64_MAX)));
}
