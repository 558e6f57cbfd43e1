/* SPDX-License-Identifier: Apache-2.0 */
/* What the arguments of `proctor run` name, before anything is looked for: a script, standard input or a program. */
#ifndef PROCTOR_CLI_COMMAND_H
#define PROCTOR_CLI_COMMAND_H

#include <stdbool.h>

#include "base/buf.h"
#include "cli/run_options.h"

/* Is the first word a script (or "-", standard input, or an option to Python behind --python) for an
 * interpreter that is still to be chosen? Otherwise it is the program itself. */
bool command_is_script(const struct run_command *command);

/* The first word as the interpreter must get it, so that a file -x.py is no option. The caller frees it. */
char *command_script(const struct run_command *command);

/* Refuses what is no script, such as a program behind --python. 0, or an exit status after having said why. */
int command_check(const struct run_command *command);

/* Appends what was probably meant to MESSAGE, which says why PROGRAM cannot be run; nothing if that is unclear. */
void command_suggest(const char *program, struct buf *message);

#endif
