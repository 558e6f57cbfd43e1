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

#include "words/telling.h"

#define FINISH_NS 200000000
/* Room for the lines at the end, which a slow reader must not cost. */
#define FINISH_RESERVE 8192

struct live {
	int fd;
	bool owned;	/* fd was opened here */
	bool socket;	/* send(2) can be told not to wait */
	bool may_block; /* neither a socket nor reopened: poll before each write */
	bool dead;	/* the reader is gone */
	bool finishing;
	struct telling *telling;
	struct buf pending;
	uint64_t dropped;
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
static void put_line(void *context, const struct buf *line)
{
	struct live *live = context;
	size_t max = LIVE_MAX_PENDING + (live->finishing ? FINISH_RESERVE : 0);

	if (live->dead || live->pending.len + line->len > max) {
		live->dropped++;
		return;
	}
	buf_put(&live->pending, line->data, line->len);
	flush_pending(live);
}

/* ------------------------------------------------------------------ a run's */

struct live *live_new(int fd, bool colour, const char *log_path)
{
	struct live *live = xcalloc(1, sizeof *live);

	choose_output(live, fd);
	live->telling = telling_new(colour, log_path, put_line, live);
	return live;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	telling_free(live->telling);
	if (live->owned)
		close(live->fd);
	buf_fini(&live->pending);
	free(live);
}

void live_refusal(struct live *live, const struct refusal *r, uint64_t seq)
{
	telling_refusal(live->telling, r, seq);
	flush_pending(live);
}

void live_finish(struct live *live)
{
	uint64_t deadline = clock_ns(CLOCK_MONOTONIC) + FINISH_NS;

	flush_pending(live);
	live->finishing = true;
	telling_finish(live->telling, &live->dropped);
	while (live->pending.len && !live->dead && clock_ns(CLOCK_MONOTONIC) < deadline) {
		struct pollfd p = { .fd = live->fd, .events = POLLOUT };

		poll(&p, 1, 20);
		flush_pending(live);
	}
}
