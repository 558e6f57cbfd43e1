/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What proctor tail prints, and how it waits. Of lines that were there before it began only the last are printed;
 * new ones are printed at once. On a terminal a status line at the bottom, which is overwritten, shows the progress.
 */
#ifndef PROCTOR_CLI_TAIL_H
#define PROCTOR_CLI_TAIL_H

#include "base/buf.h"

enum { TAIL_LINES = 10, TAIL_MAX_LINES = 10000 };

struct tail_screen {
	bool terminal, colour;
	bool caught_up; /* what was there at the start is printed */
	bool drawn;	/* a status line is on the terminal */
	size_t max;	/* how many lines of what was there to print */
	char **kept;	/* a ring of those lines; owned */
	uint64_t put;	/* lines put before it had caught up */
};

void tail_screen_init(struct tail_screen *screen, size_t lines);
void tail_screen_fini(struct tail_screen *screen);
/* A line with its newline, fit for a terminal. SCREEN is a struct tail_screen, void because of telling_new(). */
void tail_screen_put(void *screen, const struct buf *line);
/* All that was there at the start has been put: prints the last lines of it. Later calls do nothing. */
void tail_screen_catch_up(struct tail_screen *screen);
/* On a terminal, shows STATUS, without newline, instead of the last status. */
void tail_screen_status(struct tail_screen *screen, const struct buf *status);
/* Removes the status line. 0, or EXIT_LOG when something could not be written. */
int tail_screen_finish(struct tail_screen *screen);

/* Waits until a file changes, or a second has passed. Without inotify(7) it waits for shorter times. */
struct tail_watch {
	int fd; /* -1: there is none */
	bool blind; /* something cannot be watched */
};

void tail_watch_init(struct tail_watch *watch);
void tail_watch_fini(struct tail_watch *watch);
/* Watches the file or directory at PATH; with BESIDE also for what appears in the directory around it. */
void tail_watch_add(struct tail_watch *watch, const char *path, bool beside);
void tail_watch_wait(struct tail_watch *watch);

/* Follows the batch in directory DIR. Returns the exit status. */
int tail_batch(const char *dir, struct tail_screen *screen);

#endif
