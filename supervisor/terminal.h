/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal that a program talks to a person by. Where the policy lets it, the program may change how its
 * terminal reads and shows what is typed (termios(3)), as a prompt for a password, readline and curses do; never
 * type into it, take it over, or change its size. What it was is kept here and put back at the end, however the
 * program ends.
 *
 * By default it may when its standard input is a terminal and the run is in that terminal's foreground: then a
 * person sits there who started it.
 */
#ifndef PROCTOR_SUPERVISOR_TERMINAL_H
#define PROCTOR_SUPERVISOR_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

#include "policy/policy.h"

struct terminal {
	bool served;
	int fd[3]; /* duplicates of stdin, stdout, stderr where they are one and its settings are known; or -1 */
	struct termios saved[3];
};

/* CLOSED: bits of what the program gets closed. Before the program is there. */
void terminal_begin(struct terminal *terminal, enum policy_terminal said, unsigned closed);
/* Once it is not there any more. */
void terminal_end(struct terminal *terminal);

#endif
