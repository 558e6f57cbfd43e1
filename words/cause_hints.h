/* SPDX-License-Identifier: Apache-2.0 */
/* What is known about modules, names and messages that programs fail with: sentences for the program's author.
 * Tables and look-ups, nothing else; all texts are static. */
#ifndef PROCTOR_WORDS_CAUSE_HINTS_H
#define PROCTOR_WORDS_CAUSE_HINTS_H

#include "base/exception.h"

/* About a module that is not found; NULL: nothing. */
const char *cause_module(const char *name);
/* Is NAME a module of Python's library or of a well-known package: one that a program can shadow? */
bool cause_is_library(const char *name);
/* About a name that is not defined; NULL: nothing. */
const char *cause_name_help(const char *name);
/* About what the message of EXCEPTION says; NULL: nothing. */
const char *cause_hint(const struct exception_facts *exception);

#endif
