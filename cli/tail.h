/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What proctor tail says, and how it waits. Of what was there before it began the last lines alone are printed; from
 * then on each at once. On a terminal a last line, which is drawn over, tells how far it is.
 */
#ifndef PROCTOR_CLI_TAIL_H
#define PROCTOR_CLI_TAIL_H

#include "base/buf.h"

enum { TAIL_LINES = 10, TAIL_MAX_LINES = 10000 };

struct tail_screen {
	bool terminal, colour;
	bool caught_up; /* what was there is printed */
	bool drawn;	/* a status line stands on the terminal */
	size_t max;	/* lines of what was there */
	char **kept;	/* a ring of them; owned */
	uint64_t put;	/* lines before it had caught up */
};

void tail_screen_init(struct tail_screen *screen, size_t lines);
void tail_screen_fini(struct tail_screen *screen);
/* A line with its newline, fit for a terminal. SCREEN is a struct tail_screen: telling_new() wants it so. */
void tail_screen_put(void *screen, const struct buf *line);
/* All that was there has been put: prints the last of it. Nothing the second time. */
void tail_screen_catch_up(struct tail_screen *screen);
/* On a terminal STATUS, without newline, instead of the last one. */
void tail_screen_status(struct tail_screen *screen, const struct buf *status);
/* Takes the status line away. 0, or EXIT_LOG when something could not be written. */
int tail_screen_finish(struct tail_screen *screen);

/* Waits until a file changes, or a second has gone. Without inotify(7) it is looked more often. */
struct tail_watch {
	int fd; /* -1: there is none */
	bool blind; /* something cannot be watched */
};

void tail_watch_init(struct tail_watch *watch);
void tail_watch_fini(struct tail_watch *watch);
/* The file or directory at PATH; and what appears in the one that it lies in, with BESIDE. */
void tail_watch_add(struct tail_watch *watch, const char *path, bool beside);
void tail_watch_wait(struct tail_watch *watch);

/* The batch in directory DIR. The exit status. */
int tail_batch(const char *dir, struct tail_screen *screen);

#endif
