/* SPDX-License-Identifier: Apache-2.0 */
#include "report/descriptors.h"

#include <stdio.h>
#include <stdlib.h>

enum { STREAMS = 3, MAX_FD = 1 << 20 };

void descriptors_init(struct descriptors *descriptors)
{
	*descriptors = (struct descriptors){ 0 };
	table_init(&descriptors->table, DESCRIPTORS_MAX, SIZE_MAX);
}

void descriptors_fini(struct descriptors *descriptors)
{
	table_fini(&descriptors->table);
	free(descriptors->rows);
	*descriptors = (struct descriptors){ 0 };
}

bool call_is_one_of(const char *name, const char *names)
{
	char spaced[32];
	int n = snprintf(spaced, sizeof spaced, " %s ", name);

	return n > 0 && (size_t)n < sizeof spaced && strstr(names, spaced);
}

static bool opens(const char *name)
{
	return call_is_one_of(name, " open openat openat2 creat ");
}

bool call_reads(const char *name)
{
	return call_is_one_of(name, " read pread64 readv preadv preadv2 recvfrom ");
}

bool call_writes(const char *name)
{
	return call_is_one_of(name, " write pwrite64 writev pwritev pwritev2 sendto ");
}

bool call_names_descriptor(const char *name)
{
	return call_reads(name) || call_writes(name) ||
	       call_is_one_of(name, " close lseek fstat ioctl fcntl dup dup2 dup3 getdents getdents64 ftruncate fsync"
				    " fdatasync flock fadvise64 fstatfs fchdir ");
}

/* The descriptor in ARGS[AT]; false when that is not a descriptor. */
static bool descriptor_at(json_t *args, size_t at, uint32_t *ret_fd)
{
	const char *text = json_string_value(json_array_get(args, at));
	char *end;
	unsigned long fd;

	if (!text || *text < '0' || *text > '9')
		return false;
	fd = strtoul(text, &end, 10);
	*ret_fd = (uint32_t)fd;
	return !*end && fd < MAX_FD;
}

/* The descriptor FD of process PID, to be read and set until the next one is looked for; NULL when there is no room. */
static struct descriptor *find(struct descriptors *descriptors, uint64_t pid, uint32_t fd)
{
	const struct {
		uint64_t pid, fd;
	} key = { pid, fd };
	bool is_new;
	size_t i = table_put(&descriptors->table, &key, sizeof key, &is_new);

	if (i == TABLE_FULL)
		return NULL;
	grow_array(&descriptors->rows, &descriptors->cap, i + 1, sizeof *descriptors->rows);
	if (is_new)
		descriptors->rows[i] = (struct descriptor){
			fd < STREAMS && descriptors->first ? descriptors->first(descriptors->arg, fd) : DESCRIPTOR_UNKNOWN, 0
		};
	return &descriptors->rows[i];
}

int32_t descriptors_object(struct descriptors *descriptors, const struct event *event, size_t at)
{
	const struct descriptor *of;
	uint32_t fd;

	if (!descriptor_at(event->args, at, &fd))
		return DESCRIPTOR_UNKNOWN;
	of = find(descriptors, event->pid, fd);
	return of ? of->object : DESCRIPTOR_UNKNOWN;
}

static bool copies(const struct event *event)
{
	const char *command = json_string_value(json_array_get(event->args, 1));

	return call_is_one_of(event->name, " dup dup2 dup3 ") ||
	       (streq(event->name, "fcntl") && command && after_prefix(command, "F_DUPFD"));
}

void descriptors_follow(struct descriptors *descriptors, const struct event *event, int32_t object, uint64_t at)
{
	struct descriptor *to;
	uint32_t fd;

	if (!event->returned || event->result < 0 || event->result >= MAX_FD)
		return;
	if (streq(event->name, "close") && descriptor_at(event->args, 0, &fd)) {
		to = find(descriptors, event->pid, fd);
		if (to && at >= to->since)
			to->object = DESCRIPTOR_UNKNOWN;
		return;
	}
	if (!opens(event->name) && !copies(event))
		return;
	to = find(descriptors, event->pid, (uint32_t)event->result);
	if (to && __builtin_add_overflow(at, event->duration_ns, &to->since))
		to->since = UINT64_MAX;
	if (to)
		to->object = object;
}
