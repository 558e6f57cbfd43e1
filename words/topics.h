/* SPDX-License-Identifier: Apache-2.0 */
/* The sentences about what a system call is for (base/subject.h). Pure; all texts are static. */
#ifndef PROCTOR_WORDS_TOPICS_H
#define PROCTOR_WORDS_TOPICS_H

#include "base/subject.h"

/*
 * What the program tried, so that "… is not allowed" can follow: "Locking files". Where some calls of
 * a topic are allowed it says which are not. NULL for TOPIC_NONE alone.
 */
const char *topic_trying(enum topic topic);

/* What to do instead, addressed to the program's author; NULL where words.c knows better (calls on
 * paths) and for TOPIC_NONE. */
const char *topic_advice(enum topic topic);

#endif
