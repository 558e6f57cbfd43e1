/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a text of the program a path stands that may lead out of the submission: what a student is not told. Pure. */
#ifndef PROCTOR_WORDS_LEADS_OUT_H
#define PROCTOR_WORDS_LEADS_OUT_H

#include <stdbool.h>
#include <stddef.h>

/* Does a component ".." stand in the first N bytes of TEXT? */
bool climbs(const char *text, size_t n);

/* Does such a path begin at P, which stands in TEXT? "a/b", "1/2" and the address of a page are none. */
bool begins_path(const char *text, const char *p);

/* Is TEXT, the name of a file relative to the submission, or anything in it, such a path? */
bool leads_out(const char *text);

#endif
