/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program can do instead of a refused call that a library makes for it, by library and subject. One table; each
 * row is tried by tests/live/advice.py: a program that follows it runs without a refusal. Pure; all texts are static.
 */
#ifndef PROCTOR_WORDS_ADVICE_H
#define PROCTOR_WORDS_ADVICE_H

#include <stddef.h>

#include "base/subject.h"

/*
 * THROUGH is the library code that the program's line called, as a frame has it (".../logging/__init__.py") or by its
 * module, SOURCE that line itself; either may be NULL; SUBJECT is what was refused (refusal_subject()). NULL when there is
 * no better advice than for any such call.
 */
const char *advice_by_library(const char *through, const char *source, enum subject subject);

/* The module that file PATH belongs to: logging for ".../lib/python3.11/logging/handlers.py"; otherwise the beginning
 * of PATH itself, as for a module's name. *RET_LEN bytes. */
const char *advice_library(const char *path, size_t *ret_len);

#endif
