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

/* Calls that administer the system: they change what all its programs share, or the caller's identity. */
static bool is_of_admin(enum topic topic)
{
	switch (topic) {
	case TOPIC_NAMESPACE:
	case TOPIC_FILESYSTEM:
	case TOPIC_SYSTEM:
	case TOPIC_MEASURE:
	case TOPIC_KEYS:
	case TOPIC_RIGHTS:
	case TOPIC_IDENTITY:
	case TOPIC_CLOCK_SET:
		return true;
	default:
		return false;
	}
}

/* SUBJECT_COUNT if GROUP names none. "other" holds unrelated calls, so it is not a group. */
static enum subject subject_of_group(const char *group)
{
	enum subject subject;

	for (subject = 0; subject < SUBJECT_OTHER; subject++)
		if (streq(group, subject_name(subject)))
			return subject;
	return SUBJECT_COUNT;
}

bool group_is_known(const char *group)
{
	return streq(group, "admin") || subject_of_group(group) != SUBJECT_COUNT || topic_from_name(group) != TOPIC_NONE;
}

bool group_has(const char *group, enum topic topic)
{
	enum subject subject = subject_of_group(group);

	if (topic == TOPIC_NONE)
		return false;
	if (streq(group, "admin"))
		return is_of_admin(topic);
	return subject != SUBJECT_COUNT ? topic_subject(topic) == subject : streq(group, topic_name(topic));
}
