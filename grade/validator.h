/* SPDX-License-Identifier: Apache-2.0 */
/* Output validators that come with a package: finds or builds the program. */
#ifndef PROCTOR_GRADE_VALIDATOR_H
#define PROCTOR_GRADE_VALIDATOR_H

#include "grade/checker.h"

/*
 * SOURCE is a directory with an executable `run`, or `build` that makes it, or one Python file, or C++ or C files;
 * or with one directory or file of that kind. Compiled programs go into a new directory "validator" of DIR_FD,
 * whose name is DIR. Sets program and interpreter of RET. 0, or -errno and a message.
 */
int validator_prepare(const char *source, int dir_fd, const char *dir, struct checker *ret, struct buf *message);

#endif
