/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/live.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Out of memory must end as everywhere else (base/util.h), not in uthash's exit(-1). */
#define uthash_malloc(size) xmalloc(size)
/* The keys are digests: any four bytes of one are a good hash, and no program can choose them. */
#define HASH_FUNCTION(key, length, hash) memcpy(&(hash), (key), sizeof(hash))
#include <uthash.h>

#include "base/text.h"

/* How many repeats are told at the end; the rest is summed up. */
#define MAX_TOLD 20
#define FINISH_NS 200000000
/* What a slow reader must not cost: the lines at the end. */
#define FINISH_RESERVE 8192

/* A refusal that was told. */
struct told {
	uint8_t key[REFUSAL_KEY_SIZE];
	uint64_t seq, repeats;
	char label[120];
	UT_hash_handle hh;
};

struct live {
	int fd;
	bool owned;	/* fd was opened here */
	bool socket;	/* send(2) can be told not to wait */
	bool may_block; /* neither a socket nor reopened: poll before each write */
	bool dead;	/* the reader is gone */
	bool colour;
	bool finishing;
	char *log_path;
	struct told *told;
	struct buf pending;
	uint64_t refusals, not_shown, dropped;
};

/*
 * O_NONBLOCK belongs to the open file description, which the program may share as its stderr. So
 * a pipe or terminal is opened again for a description of our own.
 */
static void choose_output(struct live *live, int fd)
{
	char path[32];
	struct stat st;
	int own;

	live->fd = fd;
	if (fstat(fd, &st) < 0 || S_ISREG(st.st_mode))
		return;
	if (S_ISSOCK(st.st_mode)) {
		live->socket = true;
		return;
	}
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own >= 0) {
		live->fd = own;
		live->owned = true;
	} else
		live->may_block = true;
}

struct live *live_new(int fd, bool colour, const char *log_path)
{
	struct live *live = xcalloc(1, sizeof *live);

	choose_output(live, fd);
	live->colour = colour;
	live->log_path = log_path ? xstrdup(log_path) : NULL;
	return live;
}

void live_free(struct live *live)
{
	struct told *t, *next;

	if (!live)
		return;
	HASH_ITER (hh, live->told, t, next) {
		HASH_DEL(live->told, t);
		free(t);
	}
	if (live->owned)
		close(live->fd);
	buf_fini(&live->pending);
	free(live->log_path);
	free(live);
}

/* ------------------------------------------------------------------ output */

/* write(2) whose SIGPIPE reaches nobody: blocked, taken back, unblocked. Bytes, or -errno. */
static ssize_t quiet_write(int fd, const void *data, size_t n)
{
	const struct timespec at_once = { 0 };
	sigset_t pipe_set, before, waiting;
	bool was_pending;
	ssize_t done;
	int err;

	sigemptyset(&pipe_set);
	sigaddset(&pipe_set, SIGPIPE);
	sigpending(&waiting);
	was_pending = sigismember(&waiting, SIGPIPE) == 1;
	if (pthread_sigmask(SIG_BLOCK, &pipe_set, &before))
		return -EAGAIN;
	done = write(fd, data, n);
	err = errno;
	if (done < 0 && err == EPIPE && !was_pending)
		while (sigtimedwait(&pipe_set, NULL, &at_once) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return done < 0 ? -err : done;
}

static ssize_t write_some(struct live *live, const void *data, size_t n)
{
	struct pollfd p = { .fd = live->fd, .events = POLLOUT };

	if (live->socket) {
		ssize_t done = send(live->fd, data, n, MSG_DONTWAIT | MSG_NOSIGNAL);

		return done < 0 ? -errno : done;
	}
	if (live->may_block && poll(&p, 1, 0) != 1)
		return -EAGAIN;
	return quiet_write(live->fd, data, live->may_block ? MIN(n, (size_t)512) : n);
}

static void flush_pending(struct live *live)
{
	while (live->pending.len && !live->dead) {
		/* In pieces no longer than a pipe takes whole, so that lines of others fall
		 * between. */
		ssize_t done =
			write_some(live, live->pending.data, MIN(live->pending.len, (size_t)4096));

		if (done == -EINTR)
			continue;
		if (done == -EAGAIN)
			return;
		if (done <= 0) {
			live->dead = true;
			return;
		}
		live->pending.len -= (size_t)done;
		memmove(live->pending.data, live->pending.data + done, live->pending.len);
	}
}

/* LINE in full or not at all. */
static void put_line(struct live *live, const struct buf *line)
{
	size_t max = LIVE_MAX_PENDING + (live->finishing ? FINISH_RESERVE : 0);

	if (live->dead || live->pending.len + line->len > max) {
		live->dropped++;
		return;
	}
	buf_put(&live->pending, line->data, line->len);
	flush_pending(live);
}

/* ------------------------------------------------------------------ lines */

static void emphasis(const struct live *live, struct buf *line, const char *sgr)
{
	if (live->colour)
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

static void tell(struct live *live, const struct refusal *r, uint64_t seq)
{
	_cleanup_buf_ struct buf line = { 0 }, see = { 0 };

	buf_lit(&line, "proctor: ");
	emphasis(live, &line, "1;31");
	buf_printf(&line, "#%llu %s", (unsigned long long)seq, words_action(r));
	emphasis(live, &line, "0");
	if (r->syscall)
		buf_putc(&line, ' ');
	describe(&line, r);
	if (live->log_path) {
		emphasis(live, &line, "2");
		buf_lit(&line, " (proctor explain ");
		text_path(&see, live->log_path);
		put_clipped(&line, &see, 300);
		buf_printf(&line, " %llu)", (unsigned long long)seq);
		emphasis(live, &line, "0");
	}
	buf_putc(&line, '\n');
	put_line(live, &line);
}

/* ------------------------------------------------------------------ one of a kind */

static struct told *remember(struct live *live, const uint8_t *key, const struct refusal *r,
			     uint64_t seq)
{
	struct told *t = xcalloc(1, sizeof *t);
	_cleanup_buf_ struct buf label = { 0 }, clipped = { 0 };

	memcpy(t->key, key, sizeof t->key);
	t->seq = seq;
	words_call(&label, r);
	put_clipped(&clipped, &label, sizeof t->label - 4);
	memcpy(t->label, clipped.data, MIN(clipped.len, sizeof t->label - 1));
	HASH_ADD(hh, live->told, key, sizeof t->key, t);
	return t;
}

void live_refusal(struct live *live, const struct refusal *r, uint64_t seq)
{
	uint8_t key[REFUSAL_KEY_SIZE];
	struct told *t;

	live->refusals++;
	refusal_key(r, key);
	HASH_FIND(hh, live->told, key, sizeof key, t);
	if (t) {
		t->repeats++;
		flush_pending(live);
		return;
	}
	if (HASH_COUNT(live->told) >= LIVE_MAX_DISTINCT) {
		_cleanup_buf_ struct buf line = { 0 };

		if (live->not_shown++ == 0) {
			buf_lit(&line, "proctor: further refusals not shown\n");
			put_line(live, &line);
		}
		return;
	}
	remember(live, key, r, seq);
	tell(live, r, seq);
}

/* ------------------------------------------------------------------ the end */

static int most_repeats_first(const struct told *a, const struct told *b)
{
	if (a->repeats != b->repeats)
		return a->repeats < b->repeats ? 1 : -1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static void tell_repeats(struct live *live)
{
	_cleanup_buf_ struct buf line = { 0 };
	size_t told = 0, more = 0;
	struct told *t;

	HASH_SORT(live->told, most_repeats_first);
	for (t = live->told; t && t->repeats; t = t->hh.next) {
		if (told++ >= MAX_TOLD) {
			more++;
			continue;
		}
		buf_clear(&line);
		buf_printf(&line, "proctor: #%llu happened ", (unsigned long long)t->seq);
		text_count(&line, t->repeats + 1);
		buf_printf(&line, " times: %s\n", t->label);
		put_line(live, &line);
	}
	if (more) {
		buf_clear(&line);
		buf_printf(&line, "proctor: %zu other refusals happened more than once\n", more);
		put_line(live, &line);
	}
}

static void tell_total(struct live *live)
{
	_cleanup_buf_ struct buf line = { 0 };

	buf_lit(&line, "proctor: ");
	text_count(&line, live->refusals);
	buf_puts(&line, live->refusals == 1 ? " refusal, " : " refusals, ");
	text_count(&line, HASH_COUNT(live->told));
	buf_lit(&line, " distinct");
	if (live->not_shown) {
		buf_lit(&line, ", ");
		text_count(&line, live->not_shown);
		buf_lit(&line, " not shown");
	}
	if (live->dropped) {
		buf_lit(&line, ", ");
		text_count(&line, live->dropped);
		buf_lit(&line, " lines dropped: the reader was too slow");
	}
	buf_putc(&line, '\n');
	put_line(live, &line);
}

void live_finish(struct live *live)
{
	uint64_t deadline = clock_ns(CLOCK_MONOTONIC) + FINISH_NS;

	flush_pending(live);
	live->finishing = true;
	if (live->refusals) {
		tell_repeats(live);
		tell_total(live);
	}
	while (live->pending.len && !live->dead && clock_ns(CLOCK_MONOTONIC) < deadline) {
		struct pollfd p = { .fd = live->fd, .events = POLLOUT };

		poll(&p, 1, 20);
		flush_pending(live);
	}
}
