/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "grade/grade.h"

enum { BLOCK = 64 << 10, MAX_LINE = 256, MAX_TRANSCRIPT = 1 << 20 };

/* How long a side that has closed a pipe may take to show that it was ending. */
#define LINGER_NS ((uint64_t)100 * 1000000)

/* The way from one side to the other. */
struct way {
	int from, to; /* -1: closed */
	char data[BLOCK];
	size_t at, n; /* what was read and is not yet written */
	uint64_t bytes, unread;
	uint64_t ended_at; /* CLOCK_MONOTONIC: FROM is at its end; 0: not yet */
	uint64_t refused_at; /* likewise: nobody reads TO any more */
	struct buf line;   /* the current line of the transcript so far */
};

struct relay {
	struct way of[RELAY_SIDES]; /* by the side that writes */
	bool closed_output[RELAY_SIDES], closed_input[RELAY_SIDES];
	int transcript_fd, transcript_error;
	struct buf transcript; /* not yet written */
	uint64_t began, n_written;
	bool full;
};

struct relay *relay_new(const int out[RELAY_SIDES], const int in[RELAY_SIDES], int transcript_fd)
{
	struct relay *relay = xcalloc(1, sizeof *relay);
	int side;

	relay->transcript_fd = transcript_fd;
	relay->began = clock_ns(CLOCK_MONOTONIC);
	for (side = 0; side < RELAY_SIDES; side++) {
		relay->of[side].from = out[side];
		relay->of[side].to = in[!side];
		fcntl(out[side], F_SETFL, O_NONBLOCK);
		fcntl(in[side], F_SETFL, O_NONBLOCK);
	}
	return relay;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void relay_free(struct relay *relay)
{
	int side;

	if (!relay)
		return;
	for (side = 0; side < RELAY_SIDES; side++) {
		close_end(&relay->of[side].from);
		close_end(&relay->of[side].to);
		buf_fini(&relay->of[side].line);
	}
	buf_fini(&relay->transcript);
	free(relay);
}

/* ------------------------------------------------------------------ transcript */

static void flush_transcript(struct relay *relay)
{
	ssize_t n;

	if (!relay->transcript.len || relay->transcript_error)
		return;
	n = write_full(relay->transcript_fd, relay->transcript.data, relay->transcript.len);
	if (n < 0)
		relay->transcript_error = (int)n;
	relay->n_written += relay->transcript.len;
	buf_clear(&relay->transcript);
}

static void put_line(struct relay *relay, const char *mark, const char *text, size_t n)
{
	uint64_t us = (clock_ns(CLOCK_MONOTONIC) - relay->began) / 1000;
	struct buf *out = &relay->transcript;

	buf_printf(out, "%llu.%06llu %s ", (unsigned long long)(us / 1000000), (unsigned long long)(us % 1000000), mark);
	put_excerpt(out, text, n);
	buf_putc(out, '\n');
}

void relay_note(struct relay *relay, const char *text)
{
	put_line(relay, "#", text, strlen(text));
}

/* Writes to the transcript what SIDE has said since its last line. */
static void end_line(struct relay *relay, enum relay_side side, bool whole)
{
	static const char *const marks[RELAY_SIDES][2] = { { ">~", ">" }, { "<~", "<" } };
	struct buf *line = &relay->of[side].line;

	if (!whole && !line->len)
		return;
	if (!relay->full)
		put_line(relay, marks[side][whole], line->len ? line->data : "", line->len);
	buf_clear(line);
	if (relay->full || relay->n_written + relay->transcript.len < MAX_TRANSCRIPT)
		return;
	relay->full = true;
	relay_note(relay, "what follows is not kept");
}

static void take_down(struct relay *relay, enum relay_side side, const char *text, size_t n)
{
	struct buf *line = &relay->of[side].line;
	const char *end = text + n, *newline;

	end_line(relay, !side, false);
	for (; text < end; text = newline + 1) {
		size_t length;

		newline = memchr(text, '\n', (size_t)(end - text));
		length = (size_t)((newline ? newline : end) - text);
		buf_put(line, text, MIN(length, MAX_LINE - MIN(line->len, (size_t)MAX_LINE)));
		if (!newline)
			return;
		end_line(relay, side, true);
	}
}

/* ------------------------------------------------------------------ bytes */

/* From now on nobody reads what SIDE writes. */
static void refuse(struct relay *relay, enum relay_side side)
{
	struct way *way = &relay->of[side];
	int left = 0;

	if (way->to >= 0 && ioctl(way->to, FIONREAD, &left) == 0)
		way->unread += (uint64_t)left;
	way->unread += way->n - way->at;
	way->at = way->n = 0;
	way->refused_at = clock_ns(CLOCK_MONOTONIC);
	close_end(&way->to);
}

static bool is_refused(int fd)
{
	struct pollfd one = { .fd = fd };

	return poll(&one, 1, 0) > 0 && (one.revents & POLLERR);
}

static void write_some(struct relay *relay, enum relay_side side)
{
	struct way *way = &relay->of[side];
	ssize_t n;

	while (way->at < way->n) {
		n = write(way->to, way->data + way->at, way->n - way->at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			refuse(relay, side);
			return;
		}
		way->at += (size_t)n;
	}
	way->at = way->n = 0;
}

/* Reads once. False: there was nothing. */
static bool read_some(struct relay *relay, enum relay_side side)
{
	struct way *way = &relay->of[side], *back = &relay->of[!side];
	ssize_t n;

	do {
		n = read(way->from, way->data, sizeof way->data);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		end_line(relay, side, false);
		close_end(&way->from);
		way->ended_at = clock_ns(CLOCK_MONOTONIC);
		/* A process that ends closes both pipes: is its input closed by now? */
		if (back->to >= 0 && is_refused(back->to))
			refuse(relay, !side);
		return false;
	}
	take_down(relay, side, way->data, (size_t)n);
	way->bytes += (size_t)n;
	if (way->to < 0) {
		way->unread += (size_t)n;
		return true;
	}
	way->n = (size_t)n;
	way->at = 0;
	write_some(relay, side);
	return true;
}

void relay_wait_for(const struct relay *relay, struct pollfd polls[RELAY_POLLS])
{
	int side;

	for (side = 0; side < RELAY_SIDES; side++) {
		const struct way *way = &relay->of[side];

		polls[2 * side] = (struct pollfd){ .fd = way->n ? -1 : way->from, .events = POLLIN };
		/* Even with no events set, poll(2) tells that the other end is closed. */
		polls[2 * side + 1] = (struct pollfd){ .fd = way->to, .events = way->n ? POLLOUT : 0 };
	}
}

void relay_step(struct relay *relay, const struct pollfd polls[RELAY_POLLS])
{
	enum relay_side side;

	for (side = 0; side < RELAY_SIDES; side++) {
		struct way *way = &relay->of[side];
		short in = polls[2 * side].revents, out = polls[2 * side + 1].revents;

		if (way->to >= 0 && (out & POLLERR))
			refuse(relay, side);
		else if (way->to >= 0 && (out & POLLOUT))
			write_some(relay, side);
		if (way->from >= 0 && in && !way->n)
			read_some(relay, side);
	}
	flush_transcript(relay);
}

bool relay_is_gone(const struct relay *relay, enum relay_side side)
{
	return relay->of[side].ended_at && relay->of[!side].refused_at;
}

/* A pipe was closed at AT. True: its side goes on nevertheless; the transcript gets TEXT, and *TOLD is set. */
static bool lives_on(struct relay *relay, uint64_t at, bool *told, const char *text, uint64_t *ret_wait)
{
	uint64_t waited = clock_ns(CLOCK_MONOTONIC) - at;

	if (waited < LINGER_NS) {
		*ret_wait = LINGER_NS - waited;
		return false;
	}
	if (!*told)
		relay_note(relay, text);
	*told = true;
	return true;
}

bool relay_is_closing(const struct relay *relay, enum relay_side side)
{
	return relay->of[side].ended_at || relay->of[!side].refused_at;
}

uint64_t relay_pass_end(struct relay *relay, enum relay_side side, bool ended)
{
	static const char *const inputs[] = { "the program has closed its input", "the interactor has closed its input" };
	static const char *const outputs[] = { "the program has closed its output", "the interactor has closed its output" };
	struct way *way = &relay->of[side];
	uint64_t refused_at = relay->of[!side].refused_at, wait = 0;

	if (refused_at && !ended && !relay->closed_input[side])
		lives_on(relay, refused_at, &relay->closed_input[side], inputs[side], &wait);
	if (way->ended_at && way->to >= 0 && !way->n &&
	    (ended || lives_on(relay, way->ended_at, &relay->closed_output[side], outputs[side], &wait)))
		close_end(&way->to);
	return wait;
}

void relay_finish_side(struct relay *relay, enum relay_side side)
{
	struct way *way = &relay->of[side];

	/* Takes what is in the pipe now. If other processes go on filling it, that is not waited for. */
	for (uint64_t limit = way->bytes + (1 << 20); way->from >= 0 && !way->n && way->bytes < limit;)
		if (!read_some(relay, side))
			break;
	if (way->n)
		return;
	end_line(relay, side, false);
	close_end(&way->from);
	if (!way->ended_at)
		way->ended_at = clock_ns(CLOCK_MONOTONIC);
}

int relay_finish(struct relay *relay, struct relay_told ret[RELAY_SIDES])
{
	enum relay_side side;

	for (side = 0; side < RELAY_SIDES; side++) {
		end_line(relay, side, false);
		if (relay->of[side].n)
			refuse(relay, side);
	}
	flush_transcript(relay);
	for (side = 0; side < RELAY_SIDES; side++)
		ret[side] = (struct relay_told){
			.bytes = relay->of[side].bytes,
			.unread = relay->of[!side].unread,
			.closed_output = relay->closed_output[side],
			.closed_input = relay->closed_input[side],
		};
	return relay->transcript_error;
}
