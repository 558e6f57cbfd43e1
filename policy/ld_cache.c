/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/ld_cache.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>

#define MAX_CACHE (8u << 20)
#define MAX_DIRS 32

/* "glibc-ld.so.cache1.1", as glibc has written it since 2.2 (sysdeps/generic/dl-cache.h). */
struct header {
	char magic[20];
	uint32_t n;
	uint32_t strings_len;
	uint32_t unused[5];
};
struct entry {
	int32_t flags;
	uint32_t key, value; /* offsets of texts from the header */
	uint32_t os_version;
	uint64_t hwcap;
};

struct dirs {
	char *dir[MAX_DIRS];
	size_t len[MAX_DIRS];
	size_t n;
};

static void remember(struct dirs *dirs, const char *path, size_t len)
{
	size_t i;

	/* The entries are sorted by name, not by directory, but there are only a few directories.
	 */
	for (i = 0; i < dirs->n; i++)
		if (dirs->len[i] == len && memcmp(dirs->dir[i], path, len) == 0)
			return;
	if (dirs->n == MAX_DIRS)
		return;
	dirs->dir[dirs->n] = xstrndup(path, len);
	dirs->len[dirs->n++] = len;
}

void ld_cache_parse(const char *data, size_t len, void (*each)(const char *dir, void *arg),
		    void *arg)
{
	struct header header;
	struct dirs dirs = { .n = 0 };
	size_t i;

	if (len < sizeof header)
		return;
	memcpy(&header, data, sizeof header);
	if (memcmp(header.magic, "glibc-ld.so.cache1.1", sizeof header.magic) != 0 ||
	    header.n > (len - sizeof header) / sizeof(struct entry))
		return;
	for (i = 0; i < header.n; i++) {
		const char *path, *end, *slash;
		struct entry entry;

		memcpy(&entry, data + sizeof header + i * sizeof entry, sizeof entry);
		if (entry.value >= len)
			continue;
		path = data + entry.value;
		end = memchr(path, '\0', MIN(len - entry.value, (size_t)PATH_MAX));
		slash = end ? memrchr(path, '/', (size_t)(end - path)) : NULL;
		if (slash && slash > path && path[0] == '/')
			remember(&dirs, path, (size_t)(slash - path));
	}
	for (i = 0; i < dirs.n; i++) {
		each(dirs.dir[i], arg);
		free(dirs.dir[i]);
	}
}

void ld_cache_dirs(void (*each)(const char *dir, void *arg), void *arg)
{
	_cleanup_free_ char *data = NULL;
	size_t len;

	if (read_file(AT_FDCWD, "/etc/ld.so.cache", MAX_CACHE, &data, &len) == 0)
		ld_cache_parse(data, len, each, arg);
}
