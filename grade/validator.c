/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/validator.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "grade/directory.h"
#include "grade/launch.h"
#include "grade/problem.h"

enum { BUILD_MS = 180000 };

#define BUILD_CPU_NS	   ((uint64_t)60 * 1000000000)
#define BUILD_MEMORY_BYTES ((uint64_t)4 << 30)

/* Runs WORDS in CWD to the end; its messages go to DIR/validator.log. 0, or -EIO. */
static int run_build(char *const *words, const char *cwd, int dir_fd)
{
	_cleanup_close_ int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int log = openat(dir_fd, "validator.log", O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
					 0600);
	struct pollfd poll_fd = { .events = POLLIN };
	struct child_end end;
	struct child child;
	int r;

	if (null < 0 || log < 0)
		return -errno;
	r = launch_start(&(struct launch){ .argv = words, .cwd = cwd, .in = null, .out = log, .err = log, .core = -1,
					   .keep_fd = -1, .own_group = true, .cpu_ns = BUILD_CPU_NS,
					   .memory_bytes = BUILD_MEMORY_BYTES },
			 &child);
	if (r < 0)
		return r;
	poll_fd.fd = child.pidfd;
	do {
		r = poll(&poll_fd, 1, BUILD_MS);
	} while (r < 0 && errno == EINTR);
	if (r <= 0)
		child_kill(&child);
	r = child_collect(&child, &end);
	return r < 0 ? r : WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0 ? 0 : -EIO;
}

/* Files of SOURCE that have one of ENDINGS, as paths. */
static char **files_with(const char *source, char *const *entries, const char *const *endings)
{
	char **found = NULL;
	size_t i, k;

	for (i = 0; entries[i]; i++) {
		for (k = 0; endings[k]; k++) {
			_cleanup_free_ char *base = without_ending(entries[i], endings[k]);

			if (base)
				strv_add(&found, xasprintf("%s/%s", source, entries[i]));
		}
	}
	return found;
}

static int compile(const char *source, char *const *files, bool cxx, int dir_fd, const char *program)
{
	char **words = NULL;
	int r;

	strv_add(&words, xstrdup(cxx ? "c++" : "cc"));
	strv_add(&words, xstrdup(cxx ? "-std=gnu++17" : "-std=gnu11"));
	strv_add(&words, xstrdup("-O2"));
	strv_add(&words, xasprintf("-I%s", source));
	strv_add(&words, xstrdup("-o"));
	strv_add(&words, xstrdup(program));
	strv_extend(&words, files);
	strv_add(&words, xstrdup("-lm"));
	r = run_build(words, source, dir_fd);
	strv_free(words);
	return r;
}

/* Copies SOURCE, and has its own `build` make `run` there. */
static int run_own_build(const char *source, int dir_fd, int made_fd, const char *made)
{
	char *words[] = { (char[]){ "./build" }, NULL };
	int r = directory_copy(source, made_fd);

	return r < 0 ? r : run_build(words, made, dir_fd);
}

static bool has(const char *source, const char *name)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", source, name);

	return is_file(path) && access(path, X_OK) == 0;
}

/* Finds out how the validator in SOURCE is called, and compiles it if need be. */
static int prepare(const char *source, char *const *entries, int dir_fd, const char *dir, struct checker *ret)
{
	static const char *const cxx[] = { ".cc", ".cpp", ".cxx", ".C", NULL }, *const c[] = { ".c", NULL },
				 *const python[] = { ".py", NULL };
	_cleanup_free_ char *made = xasprintf("%s/validator", dir), *program = xasprintf("%s/run", made);
	_cleanup_close_ int made_fd = directory_make_empty(dir_fd, "validator");
	char **sources = files_with(source, entries, cxx);
	int r = made_fd < 0 ? made_fd : -ENOENT;

	if (made_fd >= 0 && has(source, "build")) {
		r = run_own_build(source, dir_fd, made_fd, made);
	} else if (made_fd >= 0 && has(source, "run")) {
		free(program);
		program = xasprintf("%s/run", source);
		r = 0;
	} else if (made_fd >= 0 && sources) {
		r = compile(source, sources, true, dir_fd, program);
	} else if (made_fd >= 0) {
		sources = files_with(source, entries, c);
		if (sources) {
			r = compile(source, sources, false, dir_fd, program);
		} else if ((sources = files_with(source, entries, python)) && strv_length(sources) == 1) {
			ret->interpreter = xstrdup("python3");
			free(program);
			program = xstrdup(sources[0]);
			r = 0;
		}
	}
	strv_free(sources);
	if (r == 0 && access(program, ret->interpreter ? R_OK : X_OK) < 0)
		r = -errno;
	if (r == 0)
		ret->program = steal_ptr(&program);
	return r;
}

int validator_prepare(const char *source, int dir_fd, const char *dir, struct checker *ret, struct buf *message)
{
	_cleanup_free_ char *inner = NULL;
	char **entries = NULL;
	int r = sorted_entries(source, &entries);

	/* Legacy packages have a directory of validators, in which there may be one. */
	if (r == 0 && strv_length(entries) == 1) {
		inner = xasprintf("%s/%s", source, entries[0]);
		if (is_directory(inner)) {
			strv_free(entries);
			entries = NULL;
			source = inner;
			r = sorted_entries(source, &entries);
		}
	}
	if (r == 0)
		r = prepare(source, entries, dir_fd, dir, ret);
	if (r < 0)
		buf_printf(message, "%s: cannot be used as an output validator: %s%s", source,
			   r == -EIO ? "building it failed, see validator.log in " : strerror(-r), r == -EIO ? dir : "");
	if (r == 0)
		ret->kind = CHECKER_VALIDATOR;
	strv_free(entries);
	return r;
}
