/* SPDX-License-Identifier: Apache-2.0 */
#include "base/subject.h"

#include <stddef.h>

#include "base/util.h"

static const struct {
	const char *name;
	enum subject subject;
} topics[TOPIC_COUNT] = {
#define TOPIC_ROW(topic, about, text) [TOPIC_##topic] = { text, SUBJECT_##about },
	TOPICS(TOPIC_ROW)
#undef TOPIC_ROW
};

const char *subject_name(enum subject subject)
{
	static const char *const names[SUBJECT_COUNT] = {
		[SUBJECT_LOOK] = "look",       [SUBJECT_READ] = "read",	      [SUBJECT_WRITE] = "write",
		[SUBJECT_PROCESS] = "process", [SUBJECT_NETWORK] = "network", [SUBJECT_MEMORY] = "memory",
		[SUBJECT_SIGNAL] = "signal",   [SUBJECT_TIME] = "time",	      [SUBJECT_OTHER] = "other",
	};

	return names[subject];
}

const char *topic_name(enum topic topic)
{
	return topics[topic].name;
}

enum topic topic_from_name(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(topics); i++)
		if (streq(topics[i].name, name))
			return (enum topic)i;
	return TOPIC_NONE;
}

enum subject topic_subject(enum topic topic)
{
	return topics[topic].subject;
}
