/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tail.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

enum { WAIT_MS = 1000, BLIND_MS = 250, PAUSE_MS = 20 };

void tail_screen_init(struct tail_screen *screen, size_t lines)
{
	const char *no_colour = getenv("NO_COLOR");

	*screen = (struct tail_screen){ .terminal = isatty(STDOUT_FILENO) == 1, .max = lines };
	screen->colour = screen->terminal && !(no_colour && *no_colour);
	screen->kept = xcalloc(lines + 1, sizeof *screen->kept);
}

void tail_screen_fini(struct tail_screen *screen)
{
	for (size_t i = 0; i < screen->max; i++)
		free(screen->kept[i]);
	free(screen->kept);
}

static void erase(struct tail_screen *screen)
{
	if (screen->drawn)
		fputs("\r\033[K", stdout);
	screen->drawn = false;
}

void tail_screen_put(void *context, const struct buf *line)
{
	struct tail_screen *screen = context;
	char **place;

	if (screen->caught_up) {
		erase(screen);
		fwrite(line->data, 1, line->len, stdout);
		return;
	}
	if (screen->max) {
		place = &screen->kept[screen->put % screen->max];
		free(*place);
		*place = xstrdup(line->data);
	}
	screen->put++;
}

void tail_screen_catch_up(struct tail_screen *screen)
{
	uint64_t first = screen->put > screen->max ? screen->put - screen->max : 0;
	_cleanup_buf_ struct buf count = { 0 };

	if (screen->caught_up)
		return;
	screen->caught_up = true;
	if (first) {
		text_count(&count, first);
		printf("proctor: %s earlier %s not shown\n", count.data, first == 1 ? "line is" : "lines are");
	}
	for (uint64_t i = first; i < screen->put; i++)
		fputs(screen->kept[i % screen->max], stdout);
}

void tail_screen_status(struct tail_screen *screen, const struct buf *status)
{
	if (screen->terminal) {
		printf("\r\033[K%.*s", (int)text_fit(status->data, status->len, 78), status->data);
		screen->drawn = true;
	}
	fflush(stdout);
}

int tail_screen_finish(struct tail_screen *screen)
{
	erase(screen);
	return fflush(stdout) || ferror(stdout) ? EXIT_LOG : 0;
}

/* ------------------------------------------------------------------ waiting */

void tail_watch_init(struct tail_watch *watch)
{
	*watch = (struct tail_watch){ .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK) };
	watch->blind = watch->fd < 0;
}

void tail_watch_fini(struct tail_watch *watch)
{
	if (watch->fd >= 0)
		close(watch->fd);
}

void tail_watch_add(struct tail_watch *watch, const char *path, bool beside)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *parent = slash ? xasprintf("%.*s", (int)(slash - path), path) : xstrdup(".");

	if (watch->fd < 0)
		return;
	if (inotify_add_watch(watch->fd, path, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_ATTRIB) < 0 ||
	    (beside && inotify_add_watch(watch->fd, *parent ? parent : "/", IN_CREATE | IN_MOVED_TO | IN_DELETE) < 0))
		watch->blind = true;
}

void tail_watch_wait(struct tail_watch *watch)
{
	/* A pause, so that a log with many writes is not followed write by write. */
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
	struct pollfd p = { .fd = watch->fd, .events = POLLIN };
	char events[4096];

	poll(&p, 1, watch->blind ? BLIND_MS : WAIT_MS);
	nanosleep(&pause, NULL);
	while (watch->fd >= 0 && read(watch->fd, events, sizeof events) > 0)
		;
}
