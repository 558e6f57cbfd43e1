/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal by which a program talks to a person. Where the policy lets it, the program may change how its terminal
 * reads and shows what is typed (termios(3)), as a prompt for a password, readline and curses do; it may never type
 * into the terminal, take it over, or change its size. The settings before the run are kept here and put back at the
 * end, however the program ends.
 *
 * By default it may when its standard input is a terminal and the run is in that terminal's foreground: then the
 * person who started the run sits there.
 */
#ifndef PROCTOR_SUPERVISOR_TERMINAL_H
#define PROCTOR_SUPERVISOR_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

#include "policy/policy.h"

struct terminal {
	bool served;
	int fd[3]; /* duplicates of stdin, stdout, stderr where these are a terminal with known settings; or -1 */
	struct termios saved[3];
};

/* Before there is a program. CLOSED: bits of the descriptors that it gets closed. */
void terminal_begin(struct terminal *terminal, enum policy_terminal said, unsigned closed);
/* Once there is no program any more. */
void terminal_end(struct terminal *terminal);

#endif
