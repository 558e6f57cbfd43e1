/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/question.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/util.h"
#include "supervisor/signals.h"

int question_open(void)
{
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (tty < 0 || isatty(tty))
		return tty;
	close(tty);
	return -1;
}

/* Has a signal to proctor ended the wait? Ticks of its own timer do not count. */
static bool is_ended(void)
{
	bool by_kernel;

	return signals_asked(&by_kernel) != 0;
}

static bool put(int tty, const char *text, size_t n)
{
	while (n) {
		ssize_t done = write(tty, text, n);

		if (done < 0 && errno == EINTR && !is_ended())
			continue;
		if (done < 0)
			return false;
		text += done;
		n -= (size_t)done;
	}
	return true;
}

static void put_words(int tty, const char *text)
{
	put(tty, text, strlen(text));
}

/* Settings for typing a line, whatever the program did to the terminal. */
static struct termios plain(struct termios settings)
{
	settings.c_iflag = (settings.c_iflag & ~(tcflag_t)(IGNCR | INLCR | ISTRIP)) | ICRNL | IXON;
	settings.c_oflag |= OPOST | ONLCR;
	settings.c_lflag = (settings.c_lflag & ~(tcflag_t)(NOFLSH | TOSTOP | ECHONL)) | ICANON | ECHO | ECHOE | ECHOK | ISIG;
	settings.c_cc[VINTR] = 3;
	settings.c_cc[VQUIT] = 28;
	settings.c_cc[VERASE] = 127;
	settings.c_cc[VKILL] = 21;
	settings.c_cc[VEOF] = 4;
	settings.c_cc[VEOL] = 0;
	settings.c_cc[VSUSP] = 26;
	settings.c_cc[VMIN] = 1;
	settings.c_cc[VTIME] = 0;
	return settings;
}

/* Is input waiting for the program, even if only part of a line? */
static bool has_input(int tty, const struct termios *now)
{
	struct termios all = *now;
	int n = 0;

	if (ioctl(tty, FIONREAD, &n) < 0 || n > 0)
		return true;
	if (!(now->c_lflag & ICANON))
		return false;
	all.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	if (tcsetattr(tty, TCSANOW, &all) < 0)
		return true;
	n = 0;
	ioctl(tty, FIONREAD, &n);
	if (n > 0)
		tcsetattr(tty, TCSANOW, now);
	return n > 0;
}

/* The first letter of one line; '\n' for an empty line, 0 at the end of input, -1 when it could not be read. */
static int read_letter(int tty)
{
	int letter = 0;

	for (;;) {
		struct pollfd p = { .fd = tty, .events = POLLIN };
		char line[256];
		ssize_t n;

		if (is_ended())
			return -1;
		if (poll(&p, 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		n = read(tty, line, sizeof line);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -1 : 0;
		/* If a line does not fit, its rest is not another answer. */
		if (!letter)
			letter = line[strspn(line, " \t")];
		if (line[n - 1] == '\n')
			return letter;
		letter = '.';
	}
}

static enum reply converse(int tty, const struct question *question)
{
	const char *choice = question->only_later ? "  [d]eny, [a]lways (from the next run on), [w]hy? " :
						    "  [d]eny, [o]nce (in this run), [a]lways, [w]hy? ";

	for (;;) {
		int letter;

		put_words(tty, choice);
		letter = read_letter(tty);
		switch (letter) {
		case -1:
			put_words(tty, "\r\n");
			return REPLY_NONE;
		case 0:
		case '\n':
		case 'd':
		case 'n':
			return REPLY_DENY;
		case 'o':
			if (!question->only_later)
				return REPLY_ONCE;
			break;
		case 'a':
			return REPLY_ALWAYS;
		case 'w':
		case '?':
			put(tty, question->why->data, question->why->len);
			break;
		default:
			break;
		}
	}
}

/* Undoes what the program may have done to the display: colours, regions, other alphabets, a halt. */
static void make_legible(int tty)
{
	const char *name = getenv("TERM");

	tcflow(tty, TCOON);
	if (name && *name && !streq(name, "dumb"))
		put_words(tty, "\033[!p\033(B\017\033[0m");
	put_words(tty, "\r\n");
}

static enum reply ask(int tty, const struct question *question, const char **ret_why_not)
{
	struct termios before, settings;
	enum reply reply;

	*ret_why_not = NULL;
	if (tcgetpgrp(tty) != getpgrp()) {
		*ret_why_not = "the run is in the background";
		return REPLY_NONE;
	}
	if (tcgetattr(tty, &before) < 0) {
		*ret_why_not = "the terminal is gone";
		return REPLY_NONE;
	}
	if (has_input(tty, &before)) {
		*ret_why_not = "what was typed waits for the program to read it";
		return REPLY_NONE;
	}
	settings = plain(before);
	if (tcsetattr(tty, TCSANOW, &settings) < 0) {
		*ret_why_not = "the terminal is gone";
		return REPLY_NONE;
	}
	make_legible(tty);
	put(tty, question->text->data, question->text->len);
	reply = converse(tty, question);
	tcsetattr(tty, TCSANOW, &before);
	return reply;
}

/* In the background, a read or a change of settings would stop proctor, and with it the program that it holds. */
static void block(sigset_t *ret_before)
{
	sigset_t background;

	sigemptyset(&background);
	sigaddset(&background, SIGTTIN);
	sigaddset(&background, SIGTTOU);
	pthread_sigmask(SIG_BLOCK, &background, ret_before);
}

enum reply question_ask(int tty, const struct question *question, const char **ret_why_not)
{
	sigset_t before;
	enum reply reply;

	block(&before);
	reply = ask(tty, question, ret_why_not);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return reply;
}

void question_tell(int tty, const struct buf *text)
{
	struct termios now;
	sigset_t before;
	size_t i;

	block(&before);
	if (tcgetattr(tty, &now) == 0 && (now.c_oflag & OPOST)) {
		put(tty, text->data, text->len);
	} else {
		for (i = 0; i < text->len; i++)
			put(tty, text->data[i] == '\n' ? "\r\n" : text->data + i, text->data[i] == '\n' ? 2 : 1);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}
