/* SPDX-License-Identifier: Apache-2.0 */
#include "record/recorder.h"

#include <errno.h>
#include <limits.h>
#include <nettle/sha2.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/util.h"

enum {
	FLUSH_AT = 60 * 1024,
	CHAIN_EVERY = 32 * 1024, /* bytes of the log: a chain record is less than a hundredth of them */
};

struct recorder {
	struct recorder_options options;
	struct buf run_member; /* "run":{"id":"…"} */
	struct buf buffer;
	uint64_t sequence, count, bytes, lost;
	uint64_t lost_reported;
	int error;
	bool full, closing;
	bool writing; /* recorder_flush() is under way, perhaps further up the call stack */
	struct sha256_ctx sha;
	uint64_t hashed, chained; /* bytes in `sha` now, and at the last chain record */
	/* The second of the last time stamp, already formatted. */
	time_t second;
	char second_text[24];
	void (*waiting)(void *context);
	void *waiting_context;
};

struct recorder *recorder_new(const struct recorder_options *options)
{
	struct recorder *r = xcalloc(1, sizeof *r);

	r->options = *options;
	r->second = -1;
	json_open(&r->run_member, "run");
	json_put_text(&r->run_member, "id", options->run_id);
	json_close(&r->run_member);
	if (options->hash)
		sha256_init(&r->sha);
	return r;
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return;
	if (recorder->options.fd >= 0)
		close(recorder->options.fd);
	buf_fini(&recorder->run_member);
	buf_fini(&recorder->buffer);
	free(recorder);
}

void recorder_on_wait(struct recorder *recorder, void (*waiting)(void *context), void *context)
{
	recorder->waiting = waiting;
	recorder->waiting_context = context;
}

static bool can_write_in_time(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	int r;

	do
		r = poll(&ready, 1, RECORDER_PATIENCE_MS);
	while (r < 0 && errno == EINTR);
	return r != 0;
}

/* As write_full(), but calls `waiting` when a signal interrupts a write. */
static int write_out(struct recorder *r)
{
	size_t done = 0;

	while (done < r->buffer.len) {
		size_t n = r->buffer.len - done;
		ssize_t put;

		/* A pipe that polls as writable takes PIPE_BUF bytes without blocking. */
		if (r->closing && !can_write_in_time(r->options.fd))
			return -ETIMEDOUT;
		put = write(r->options.fd, r->buffer.data + done, r->closing ? MIN(n, PIPE_BUF) : n);

		if (put >= 0)
			done += (size_t)put;
		else if (errno != EINTR)
			return -errno;
		else if (r->waiting)
			r->waiting(r->waiting_context);
	}
	return 0;
}

int recorder_flush(struct recorder *r)
{
	/* `waiting` may record more meanwhile: that is appended to the buffer, and written with the rest of it. */
	if (r->error || r->options.fd < 0 || r->writing)
		return r->error;
	if (r->buffer.len) {
		r->writing = true;
		r->error = write_out(r);
		r->writing = false;
		if (r->error)
			return r->error;
		if (r->options.hash)
			sha256_update(&r->sha, r->buffer.len, (const uint8_t *)r->buffer.data);
		r->hashed += r->buffer.len;
		buf_clear(&r->buffer);
	}
	return 0;
}

int recorder_error(const struct recorder *recorder)
{
	return recorder->error;
}

bool recorder_full(const struct recorder *recorder)
{
	return recorder->full;
}

uint64_t recorder_lost(const struct recorder *recorder)
{
	return recorder->lost;
}

uint64_t recorder_count(const struct recorder *recorder)
{
	return recorder->count;
}

uint64_t recorder_bytes(const struct recorder *recorder)
{
	return recorder->bytes;
}

void recorder_digest(const struct recorder *r, const struct buf *more, char ret_sha256[65])
{
	struct sha256_ctx sha = r->sha;

	sha256_update(&sha, r->buffer.len, (const uint8_t *)r->buffer.data);
	sha256_update(&sha, more->len, (const uint8_t *)more->data);
	digest_so_far(&sha, ret_sha256);
}

int recorder_close(struct recorder *r, char ret_sha256[65])
{
	int error;

	r->closing = true;
	error = recorder_flush(r);

	if (r->options.fd >= 0 && close(r->options.fd) < 0 && !error)
		error = r->error = -errno;
	r->options.fd = -1;
	ret_sha256[0] = '\0';
	if (r->options.hash)
		digest_so_far(&r->sha, ret_sha256);
	return error;
}

/* ------------------------------------------------------------------ records */

static void put_time(struct recorder *r, uint64_t realtime_ns, struct buf *out)
{
	time_t second = (time_t)(realtime_ns / 1000000000u);
	uint32_t fraction = (uint32_t)(realtime_ns % 1000000000u);
	char digits[12];
	int i;

	if (second != r->second) {
		struct tm tm;

		gmtime_r(&second, &tm);
		strftime(r->second_text, sizeof r->second_text, "%Y-%m-%dT%H:%M:%S", &tm);
		r->second = second;
	}
	buf_puts(out, r->second_text);
	digits[0] = '.';
	for (i = 9; i >= 1; i--, fraction /= 10)
		digits[i] = (char)('0' + fraction % 10);
	digits[10] = 'Z';
	buf_put(out, digits, 11);
}

void record_format_time(uint64_t realtime_ns, struct buf *out)
{
	struct recorder r = { .second = -1 };

	put_time(&r, realtime_ns, out);
}

bool recorder_is_ecs(const struct recorder *recorder)
{
	return recorder->options.form == RECORD_ECS;
}

/* CLOCK: of the time that was formatted last. */
static void put_head(struct recorder *clock, enum record_form form, const char *kind, uint64_t realtime_ns, struct buf *out)
{
	json_put_u64(out, "v", form == RECORD_ECS ? 2 : 1);
	json_put_word(out, "kind", kind);
	json_key(out, "@timestamp");
	buf_putc(out, '"');
	put_time(clock, realtime_ns, out);
	buf_putc(out, '"');
	if (form != RECORD_ECS)
		return;
	json_open(out, "ecs");
	json_put_word(out, "version", "8.11.0");
	json_close(out);
}

void record_put_head(const struct recorder *recorder, const char *kind, uint64_t realtime_ns, struct buf *out)
{
	struct recorder clock = { .second = -1 };

	put_head(&clock, recorder->options.form, kind, realtime_ns, out);
}

/* What each record begins with; the object is left open. */
static void begin_record(struct recorder *r, const char *kind, uint64_t realtime_ns, struct buf *out)
{
	json_open(out, NULL);
	put_head(r, r->options.form, kind, realtime_ns, out);
}

void record_put_category(const char *kind, const char *category, const char *type, bool denied, struct buf *out)
{
	json_put_word(out, "kind", kind);
	json_open_list(out, "category");
	json_put_word(out, NULL, category);
	if (denied)
		json_put_word(out, NULL, "intrusion_detection");
	json_close_list(out);
	json_open_list(out, "type");
	json_put_word(out, NULL, type);
	if (denied)
		json_put_word(out, NULL, "denied");
	json_close_list(out);
}

void record_open_own(const struct recorder *recorder, struct buf *out)
{
	if (recorder_is_ecs(recorder))
		json_open(out, "proctor");
}

void record_close_own(const struct recorder *recorder, struct buf *out)
{
	if (recorder_is_ecs(recorder))
		json_close(out);
}

static void close_record(struct buf *out)
{
	json_close(out);
	buf_putc(out, '\n');
}

static void put_lost(struct recorder *r)
{
	struct buf *out = &r->buffer;

	if (r->lost == r->lost_reported)
		return;
	begin_record(r, "lost", clock_ns(CLOCK_REALTIME), out);
	json_open(out, "event");
	json_put_u64(out, "sequence", ++r->sequence);
	json_close(out);
	record_open_own(r, out);
	json_put_members(out, &r->run_member);
	json_put_u64(out, "count", r->lost - r->lost_reported);
	json_put_word(out, "reason", "log.max");
	record_close_own(r, out);
	close_record(out);
	r->lost_reported = r->lost;
	r->count++;
}

/* The buffer must be empty: all that was recorded is written, and in the digest. */
static void put_chain(struct recorder *r)
{
	struct buf *out = &r->buffer;
	char digest[65];

	digest_so_far(&r->sha, digest);
	begin_record(r, "chain", clock_ns(CLOCK_REALTIME), out);
	record_open_own(r, out);
	json_put_members(out, &r->run_member);
	json_open(out, "chain");
	json_put_u64(out, "bytes", r->hashed);
	json_put_u64(out, "records", r->count);
	json_put_word(out, "sha256", digest);
	json_close(out);
	record_close_own(r, out);
	close_record(out);
	r->chained = r->hashed;
	r->bytes += out->len;
	r->count++;
}

/* Called before a record: appends a chain record if one is due. A full log gets only the last one. */
static void chain_if_due(struct recorder *r)
{
	if (r->options.hash && r->hashed - r->chained >= CHAIN_EVERY && r->buffer.len == 0 && !r->full && !r->error)
		put_chain(r);
}

void recorder_seal(struct recorder *r)
{
	if (!r->options.hash || r->options.fd < 0)
		return;
	put_lost(r);
	if (recorder_flush(r) == 0 && r->buffer.len == 0)
		put_chain(r);
}

bool recorder_writes(const struct recorder *recorder)
{
	return recorder->options.fd >= 0;
}

uint64_t recorder_count_only(struct recorder *recorder)
{
	recorder->count++;
	return ++recorder->sequence;
}

void record_put_run(const struct recorder *recorder, struct buf *out)
{
	json_put_members(out, &recorder->run_member);
}

struct record record_open(struct recorder *r, const char *kind, uint64_t realtime_ns)
{
	struct record record = { .out = &r->buffer, .sequence = r->sequence + 1 };

	chain_if_due(r);
	record.start = r->buffer.len;
	begin_record(r, kind, realtime_ns, record.out);
	return record;
}

size_t record_room(const struct record *record, size_t least)
{
	return RECORD_MAX - least - (record->out->len - record->start);
}

/* A line was appended at START: counts it, or removes it if it does not fit any more. */
static bool commit_line(struct recorder *r, size_t start)
{
	size_t len = r->buffer.len - start;

	if (r->full || (r->options.max_bytes != UINT64_MAX && r->bytes + len > r->options.max_bytes)) {
		/* Without `drop` the run is about to end for this, and what still comes is kept. */
		r->full = true;
		if (r->options.drop) {
			r->lost++;
			r->buffer.len = start;
			return false;
		}
	}
	r->bytes += len;
	r->count++;
	return true;
}

uint64_t record_commit(struct recorder *r, const struct record *record, bool urgent)
{
	close_record(record->out);
	if (!commit_line(r, record->start))
		return 0;
	r->sequence = record->sequence;
	if (urgent || r->buffer.len >= FLUSH_AT)
		recorder_flush(r);
	return record->sequence;
}

bool record_unnumbered(struct recorder *r, const char *kind, uint64_t realtime_ns, const struct buf *members)
{
	size_t start;

	chain_if_due(r);
	start = r->buffer.len;
	begin_record(r, kind, realtime_ns, &r->buffer);
	record_open_own(r, &r->buffer);
	record_put_run(r, &r->buffer);
	json_put_members(&r->buffer, members);
	record_close_own(r, &r->buffer);
	close_record(&r->buffer);
	if (commit_line(r, start))
		return true;
	/* Only the record that needs this one counts as lost. */
	r->lost--;
	return false;
}

void record_line(struct recorder *r, const struct buf *line)
{
	if (r->options.fd < 0)
		return;
	put_lost(r);
	buf_put(&r->buffer, line->data, line->len);
	buf_putc(&r->buffer, '\n');
	r->bytes += line->len + 1;
	r->count++;
	if (r->buffer.len >= FLUSH_AT)
		recorder_flush(r);
}
