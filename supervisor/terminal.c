/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/terminal.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* Is this process in the foreground of the terminal on FD? */
static bool is_in_foreground(int fd)
{
	return isatty(fd) && tcgetpgrp(fd) == getpgrp();
}

void terminal_begin(struct terminal *terminal, enum policy_terminal said, unsigned closed)
{
	bool stdin_open = !(closed & 1u << STDIN_FILENO);
	int i;

	*terminal = (struct terminal){
		.fd = { -1, -1, -1 },
		.served = said == TERMINAL_YES || (said == TERMINAL_AUTO && stdin_open && is_in_foreground(STDIN_FILENO)),
	};
	/* Duplicates: the supervisor need not keep its own stdin, stdout and stderr for the whole run. */
	for (i = 0; i < 3 && terminal->served; i++)
		if (!(closed & 1u << i) && tcgetattr(i, &terminal->saved[i]) == 0)
			terminal->fd[i] = fcntl(i, F_DUPFD_CLOEXEC, 3);
}

static bool is_as_it_was(const struct termios *now, const struct termios *then)
{
	return now->c_iflag == then->c_iflag && now->c_oflag == then->c_oflag && now->c_cflag == then->c_cflag &&
	       now->c_lflag == then->c_lflag && memcmp(now->c_cc, then->c_cc, sizeof now->c_cc) == 0;
}

/* What was typed under settings that are gone, or came as the terminal's answer to the program's output, is not for the
 * next reader: it is thrown away with them. */
static void put_back(struct terminal *terminal)
{
	struct termios now;
	int i;

	for (i = 0; i < 3; i++) {
		if (terminal->fd[i] < 0)
			continue;
		if (tcgetattr(terminal->fd[i], &now) == 0 && !is_as_it_was(&now, &terminal->saved[i])) {
			/* TCSANOW: the others wait for output that nobody may take. */
			tcsetattr(terminal->fd[i], TCSANOW, &terminal->saved[i]);
			tcflush(terminal->fd[i], TCIFLUSH);
		}
		close(terminal->fd[i]);
	}
}

void terminal_end(struct terminal *terminal)
{
	sigset_t background, before;

	if (!terminal->served)
		return;
	/* The run may be in the background by now, where setting the terminal would stop it. */
	sigemptyset(&background);
	sigaddset(&background, SIGTTOU);
	pthread_sigmask(SIG_BLOCK, &background, &before);
	put_back(terminal);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	terminal->served = false;
}
