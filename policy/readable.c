/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can the program read what its start needs? If not, the host or the policy is at fault, and that must be
 * known before the start: afterwards it looks like an error of the program, "cannot open shared object
 * file" or "can't open file", with an exit status of its own.
 *
 * Libraries are looked for as ld.so(8) does it, as far as that decides whether one can be read: like
 * ld.so, this passes over a file that may not be opened.
 */
#include "base/text.h"
#include "policy/interpreter.h"
#include "policy/ld_cache.h"
#include "policy/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LIBRARIES 128
#define MAX_SEARCH    16384

/* ------------------------------------------------------------------ one file */

/*
 * Opens a file or directory, as the program will; anything else is only asked about. RET_REAL: its path, with no
 * link left.
 */
static int may_read(const char *path, char **ret_real)
{
	_cleanup_close_ int fd = open(path, O_PATH | O_CLOEXEC), opened = -1;
	char name[32];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
		if (faccessat(AT_FDCWD, name, R_OK, AT_EACCESS) < 0)
			return -errno;
	} else {
		opened = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (opened < 0)
			return -errno;
	}
	return read_link(AT_FDCWD, name, ret_real);
}

int readable_try(const char *path, const struct policy *policy, struct buf *message)
{
	_cleanup_free_ char *real = NULL;
	int r = may_read(path, &real);

	if (r == 0 && !policy)
		return 0;
	if (r == 0 && real && policy_decide_path(policy, WANT_READ, real, strlen(real)).action == ACTION_ALLOW)
		return 0;
	text_path(message, path);
	if (r < 0) {
		buf_printf(message, ": the program may not read it: %s", strerror(-r));
		return r;
	}
	buf_lit(message, ": the program may not read it: the policy ");
	text_path(message, policy->file);
	buf_lit(message, " does not let it");
	return -EACCES;
}

/* ------------------------------------------------------------------ libraries */

struct search {
	const struct policy *policy;
	const char *library_path;
	/* Names that were looked for, and the paths of those that were found. */
	char *names[MAX_LIBRARIES], *paths[MAX_LIBRARIES];
	size_t n;
	char *search; /* the directories that the files name themselves */
	/* The library that is being looked for. */
	const char *name;
	char *found;
	struct buf refused; /* why the first that is there cannot be read */
};

static void search_fini(struct search *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		free(s->names[i]);
		free(s->paths[i]);
	}
	free(s->search);
	free(s->found);
	buf_fini(&s->refused);
}

static void look_at(struct search *s, char *path)
{
	_cleanup_buf_ struct buf message = { 0 };
	int r;

	if (s->found) {
		free(path);
		return;
	}
	r = readable_try(path, s->policy, &message);
	if (r == 0) {
		s->found = path;
		return;
	}
	if (r != -ENOENT && r != -ENOTDIR && !s->refused.len)
		buf_puts(&s->refused, message.data);
	free(path);
}

static void look_in(const char *dir, void *arg)
{
	struct search *s = arg;

	if (!s->found)
		look_at(s, xasprintf("%s/%s", dir, s->name));
}

static void look_in_list(struct search *s, const char *list)
{
	_cleanup_free_ char *copy = xstrdup(list);
	char *dir, *save;

	for (dir = strtok_r(copy, ":", &save); dir; dir = strtok_r(NULL, ":", &save))
		look_in(dir, s);
}

static void look_for(struct search *s, const char *name)
{
	static const char *const dirs[] = {
		"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib",
		"/usr/local/lib",
	};
	size_t i;

	s->name = name;
	buf_clear(&s->refused);
	if (strchr(name, '/')) {
		look_at(s, xstrdup(name));
		return;
	}
	if (s->library_path)
		look_in_list(s, s->library_path);
	if (s->search)
		look_in_list(s, s->search);
	for (i = 0; i < ARRAY_SIZE(dirs); i++)
		look_in(dirs[i], s);
	if (!s->found)
		ld_cache_dirs(look_in, s);
}

/* Looks for each library in FACTS that was not looked for yet. False: one is refused. */
static bool take_needed(struct search *s, const struct elf_facts *facts)
{
	size_t i, k;

	for (i = 0; i < facts->n_needed && s->n < MAX_LIBRARIES; i++) {
		for (k = 0; k < s->n; k++)
			if (streq(s->names[k], facts->needed[i]))
				break;
		if (k < s->n)
			continue;
		look_for(s, facts->needed[i]);
		s->names[s->n] = xstrdup(facts->needed[i]);
		s->paths[s->n++] = steal_ptr(&s->found);
		if (!s->paths[s->n - 1] && s->refused.len)
			return false;
	}
	return true;
}

/* Puts LIST (DT_RUNPATH) of the file at PATH before the others, for all libraries: an executable's DT_RPATH counts
 * for all, and to look in one directory too many does no harm. */
static void add_search(struct search *s, const char *list, const char *path)
{
	_cleanup_free_ char *origin = parent_of(path), *copy = xstrdup(list);
	struct buf all = { 0 };
	char *dir, *save;

	if (s->search && strlen(s->search) > MAX_SEARCH)
		return;
	for (dir = strtok_r(copy, ":", &save); dir; dir = strtok_r(NULL, ":", &save)) {
		_cleanup_free_ char *expanded = elf_search_dir(dir, origin);

		buf_printf(&all, "%s:", expanded);
	}
	if (s->search)
		buf_puts(&all, s->search);
	free(s->search);
	s->search = buf_steal(&all);
}

/* Looks for what FACTS, of the file at PATH, name. */
static bool take_facts(struct search *s, const struct elf_facts *facts, const char *path)
{
	if (facts->search && strchr(path, '/'))
		add_search(s, facts->search, path);
	return take_needed(s, facts);
}

static bool take_file(struct search *s, const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_(elf_facts_fini) struct elf_facts facts = { 0 };

	return fd < 0 || elf_read_facts(fd, &facts) < 0 || take_facts(s, &facts, path);
}

static int try_libraries(const struct interpreter *in, const struct policy *policy, const char *library_path,
			 struct buf *message)
{
	_cleanup_(search_fini) struct search s = { .policy = policy, .library_path = library_path };
	bool good = take_facts(&s, &in->elf, in->exe);
	size_t i;

	for (i = 0; good && i < s.n; i++)
		if (s.paths[i])
			good = take_file(&s, s.paths[i]);
	if (good)
		return 0;
	buf_puts(message, s.refused.data);
	return -EACCES;
}

char *interpreter_core(const struct interpreter *in, const char *library_path)
{
	_cleanup_(search_fini) struct search s = { .library_path = library_path };
	const struct elf_facts *facts = &in->elf;
	size_t i;

	if (facts->search)
		add_search(&s, facts->search, in->exe);
	for (i = 0; i < facts->n_needed; i++)
		if (after_prefix(facts->needed[i], "libpython3.")) {
			look_for(&s, facts->needed[i]);
			return s.found ? realpath(s.found, NULL) : NULL;
		}
	return xstrdup(in->exe);
}

/* ------------------------------------------------------------------ an interpreter */

/* Tries what CPython imports first. It is not there if the library is in a zip file. HOME may be two directories, with
 * a colon between them: the first is that of modules in Python. One that is relative is left to the interpreter. */
static int try_library(const struct interpreter *in, const struct policy *policy, const char *home, struct buf *message)
{
	static const char *const dirs[] = { "lib", "lib64" };
	_cleanup_free_ char *prefix = home && *home == '/' ? xstrndup(home, strcspn(home, ":")) : xstrdup(in->base_prefix);
	size_t i;

	if (home && *home && *home != '/')
		return 0;
	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		char lib[INTERPRETER_LIB_MAX];
		_cleanup_free_ char *path = xasprintf("%s/%s/%s/encodings/__init__.py",
						      slashed(prefix), dirs[i],
						      interpreter_lib(in, lib));
		_cleanup_buf_ struct buf reason = { 0 };
		int r = readable_try(path, policy, &reason);

		if (r == 0)
			return 0;
		if (r == -ENOENT || r == -ENOTDIR)
			continue;
		buf_puts(message, reason.data);
		if (home && *home && r == -EACCES)
			buf_lit(message, "; PYTHONHOME says that the library is there, so a read rule or -r has to grant it");
		return -EACCES;
	}
	return 0;
}

/* Where a container forbids the question, the kernel decides at the start. */
static int try_program(const char *path, struct buf *message)
{
	if (!path || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 || errno != EACCES)
		return 0;
	text_path(message, path);
	buf_lit(message, ": the program may not be executed: Permission denied");
	return -EACCES;
}

int interpreter_try(const struct interpreter *interpreter, const struct policy *policy, const char *library_path,
		    const char *home, struct buf *message)
{
	int r = try_program(interpreter->argv0, message);

	if (r == 0)
		r = try_program(interpreter->loader, message);
	if (r == 0 && interpreter->loader)
		r = try_libraries(interpreter, policy, library_path, message);
	return r == 0 && interpreter->is_python ? try_library(interpreter, policy, home, message) : r;
}
