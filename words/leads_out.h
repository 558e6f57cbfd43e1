/* SPDX-License-Identifier: Apache-2.0 */
/* Finds paths in a program's text that may lead out of the submission, which a student is not told. Pure. */
#ifndef PROCTOR_WORDS_LEADS_OUT_H
#define PROCTOR_WORDS_LEADS_OUT_H

#include <stdbool.h>
#include <stddef.h>

/* Is there a component ".." in the first N bytes of TEXT? */
bool climbs(const char *text, size_t n);

/* Does such a path begin at P, which points into TEXT? "a/b", "1/2" and a web address are none. */
bool begins_path(const char *text, const char *p);

/* Is TEXT, a file name relative to the submission, such a path, or does it hold one? */
bool leads_out(const char *text);

#endif
