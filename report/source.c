/* SPDX-License-Identifier: Apache-2.0 */
#include "report/source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_SOURCE (16u << 20)
#define MAX_LINE 1000

void source_fini(struct source *source)
{
	free(source->file);
	free(source->text);
	*source = (struct source){ 0 };
}

/* The part of FILE beneath the submission, or NULL. Relative names start at the working directory.
 */
static char *beneath_submission(const struct run_info *run, const char *file)
{
	_cleanup_free_ char *full = NULL;
	const char *rest;

	if (!run->submission || run->submission[0] != '/')
		return NULL;
	if (*file == '/')
		full = xstrdup(file);
	else if (run->working_directory)
		full = xasprintf("%s/%s", run->working_directory, file);
	else
		return NULL;
	rest = after_prefix(full, run->submission);
	if (!rest || *rest != '/' || !rest[strspn(rest, "/")])
		return NULL;
	return xstrdup(rest + strspn(rest, "/"));
}

static int open_beneath(const char *directory, const char *rest)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	_cleanup_close_ int root = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = root < 0 ? -1 : (int)syscall(SYS_openat2, root, rest, &how, sizeof how);

	return fd < 0 ? -errno : fd;
}

static bool same_digest(const char *text, size_t len, const char *expected)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	char hex[2 * SHA256_DIGEST_SIZE + 1];
	struct sha256_ctx ctx;
	const char *bare = after_prefix(expected, "sha256:");

	sha256_init(&ctx);
	sha256_update(&ctx, len, (const uint8_t *)text);
	sha256_digest(&ctx, sizeof digest, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return streq(bare ? bare : expected, hex);
}

/* "2026-01-05T10:11:12…Z" to seconds; -1 when it is something else. */
static time_t parse_timestamp(const char *text)
{
	struct tm tm = { 0 };

	if (!text || !strptime(text, "%Y-%m-%dT%H:%M:%S", &tm))
		return -1;
	return timegm(&tm);
}

/* Is this what ran? The script by its digest, another file by not having been touched since. */
static bool is_what_ran(const struct run_info *run, const struct source *source,
			const struct stat *st, bool script)
{
	time_t started = parse_timestamp(run->started);

	if (script && run->script_sha256)
		return same_digest(source->text, source->len, run->script_sha256);
	return started >= 0 && st->st_mtim.tv_sec < started;
}

static int read_source(struct source *source, int fd, struct stat *st)
{
	ssize_t n;

	if (fstat(fd, st) < 0)
		return -errno;
	if (!S_ISREG(st->st_mode) || st->st_size > MAX_SOURCE)
		return -EINVAL;
	source->text = xmalloc((size_t)st->st_size + 1);
	n = read_full(fd, source->text, (size_t)st->st_size);
	if (n < 0)
		return (int)n;
	source->len = (size_t)n;
	source->text[n] = '\0';
	return 0;
}

static void load(struct source *source, const struct run_info *run, const char *file)
{
	_cleanup_free_ char *rest = beneath_submission(run, file), *script = NULL;
	_cleanup_close_ int fd = -1;
	struct stat st;

	source_fini(source);
	source->file = xstrdup(file);
	source->state = SOURCE_ABSENT;
	if (!rest)
		return;
	fd = open_beneath(run->submission, rest);
	if (fd < 0 || read_source(source, fd, &st) < 0)
		return;
	script = run->script ? beneath_submission(run, run->script) : NULL;
	source->state = is_what_ran(run, source, &st, script && streq(script, rest))
				? SOURCE_SHOWN
				: SOURCE_CHANGED;
}

enum source_state source_line(struct source *source, const struct run_info *run, const char *file,
			      uint64_t line, struct buf *out)
{
	const char *p, *end, *newline;

	if (!file || !line)
		return SOURCE_ABSENT;
	if (!source->file || !streq(source->file, file))
		load(source, run, file);
	if (source->state != SOURCE_SHOWN)
		return source->state;
	p = source->text;
	end = p + source->len;
	while (--line && p < end) {
		newline = memchr(p, '\n', (size_t)(end - p));
		p = newline ? newline + 1 : end;
	}
	if (p >= end)
		return SOURCE_ABSENT;
	newline = memchr(p, '\n', (size_t)(end - p));
	buf_put(out, p, MIN((size_t)((newline ? newline : end) - p), (size_t)MAX_LINE));
	return SOURCE_SHOWN;
}
