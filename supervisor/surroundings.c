/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/surroundings.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/edit.h"
#include "base/json.h"
#include "base/util.h"
#include "words/cause_table.h"

struct look {
	const struct policy *policy;
	unsigned listings, entries; /* that may still be looked at */
};

static bool may_read(const struct look *look, const char *path)
{
	return policy_decide_path(look->policy, WANT_READ, path, strlen(path)).action == ACTION_ALLOW;
}

static char *join(const char *directory, const char *name)
{
	return xasprintf("%s%s%s", directory, streq(directory, "/") ? "" : "/", name);
}

/* ------------------------------------------------------------------ one directory */

static DIR *open_directory(struct look *look, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK,
				.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
	int fd;
	DIR *dir;

	if (*path != '/' || !look->listings || !may_read(look, path))
		return NULL;
	look->listings--;
	fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
	if (fd < 0)
		return NULL;
	dir = fdopendir(fd);
	if (!dir)
		close(fd);
	return dir;
}

/* How well a name fits the one that was asked for; the best is told. */
enum fit { FIT_NONE, FIT_NEAR, FIT_NEARER, FIT_STEM, FIT_CASE, FIT_EXACT };

/* The length of NAME without its ending. */
static size_t stem(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && dot != name ? (size_t)(dot - name) : strlen(name);
}

static enum fit fit(const char *name, const char *wanted)
{
	size_t n = strlen(wanted), distance;

	if (streq(name, wanted))
		return FIT_EXACT;
	if (strcasecmp(name, wanted) == 0)
		return FIT_CASE;
	/* Nearly every name is near to a short one. */
	distance = n >= 4 ? edit_distance(name, wanted) : SIZE_MAX;
	if (distance <= (n < 8 ? 1 : 2))
		return distance > 1 ? FIT_NEAR : FIT_NEARER;
	if (stem(wanted) >= 3 && stem(name) == stem(wanted) && strncasecmp(name, wanted, stem(name)) == 0)
		return FIT_STEM;
	return FIT_NONE;
}

/* What "import" calls ENTRY: a package, which is a directory, by its name; "x.py" and
 * "x.cpython-311-x86_64-linux-gnu.so" "x". False: it is no module, or a private one. */
static bool module_name(const struct dirent *entry, char *ret, size_t size)
{
	const char *name = entry->d_name, *dot = strrchr(name, '.');
	size_t n = strcspn(name, ".-");
	bool file = dot && (streq(dot, ".py") || streq(dot, ".so"));

	if (!n || n >= size || (dot ? !file || name[n] != '.' : name[n] || entry->d_type != DT_DIR))
		return false;
	memcpy(ret, name, n);
	ret[n] = '\0';
	return *ret != '_';
}

/* What to look for in a directory. */
enum kind { A_FILE, A_MODULE };

/* The name in DIRECTORY that fits WANTED best, of those that the program may read; NULL: none. The caller frees. */
static char *find_name(struct look *look, const char *directory, const char *wanted, enum kind kind, enum fit *ret_fit)
{
	_cleanup_(cleanup_closedir_p) DIR *dir = open_directory(look, directory);
	enum fit best = FIT_NONE;
	struct dirent *entry;
	char *found = NULL;

	while (dir && look->entries && best != FIT_EXACT && (entry = readdir(dir))) {
		_cleanup_free_ char *path = NULL;
		char module[NAME_MAX + 1];
		enum fit how = FIT_NONE;

		look->entries--;
		if (kind == A_FILE)
			how = fit(entry->d_name, wanted);
		else if (module_name(entry, module, sizeof module))
			how = fit(module, wanted);
		/* Directories have no order: of two equally good names the first by name. */
		if (how < best || how == FIT_NONE || (how == best && strcmp(entry->d_name, found) >= 0))
			continue;
		path = join(directory, entry->d_name);
		if (!may_read(look, path))
			continue;
		best = how;
		free(found);
		found = xstrdup(entry->d_name);
	}
	*ret_fit = best;
	return found;
}

/* ------------------------------------------------------------------ a file */

/* PATH, canonical and owned, without its last component. */
static char *parent(char *path)
{
	char *slash = strrchr(path, '/');

	slash[slash == path] = '\0';
	return path;
}

/*
 * Goes from the canonical PATH, which it takes, to what fits WANTED there. A directory that may not be listed may
 * still be walked through. NULL: nothing fits. *WORST falls to how well it fits.
 */
static char *step(struct look *look, char *path, const char *wanted, bool last, enum fit *worst)
{
	_cleanup_free_ char *from = path, *found = NULL;
	enum fit how = FIT_EXACT;

	if (streq(wanted, "."))
		return steal_ptr(&from);
	if (streq(wanted, ".."))
		return parent(steal_ptr(&from));
	if (last || may_read(look, from))
		found = find_name(look, from, wanted, A_FILE, &how);
	else
		found = xstrdup(wanted);
	*worst = MIN(*worst, how);
	return found ? join(from, found) : NULL;
}

/* Walks NAME from DIRECTORY (NAME alone when that is absolute), as far as names fit. The canonical path of what was
 * found, and the worst fit on the way; NULL: nothing. The caller frees. */
static char *walk(struct look *look, const char *directory, const char *name, enum fit *ret_fit)
{
	enum fit worst = FIT_EXACT;
	char *path;

	if (*name != '/' && (!directory || *directory != '/'))
		return NULL;
	path = xstrdup(*name == '/' ? "/" : directory);
	for (name += strspn(name, "/"); path && *name; name += strspn(name, "/")) {
		_cleanup_free_ char *wanted = xstrndup(name, strcspn(name, "/"));

		name += strlen(wanted);
		path = step(look, path, wanted, !name[strspn(name, "/")], &worst);
	}
	*ret_fit = worst;
	/* ".." and directories that may only be walked through can lead out of the grants. */
	if (path && !may_read(look, path)) {
		free(path);
		path = NULL;
	}
	return path;
}

static char *find_exactly(struct look *look, const char *directory, const char *name)
{
	enum fit how;
	_cleanup_free_ char *path = walk(look, directory, name, &how);

	return path && how == FIT_EXACT ? steal_ptr(&path) : NULL;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The program runs in another directory than it lies in: is the file beside it? */
static void look_beside(struct look *look, const char *name, const char *submission, struct surroundings *found)
{
	found->beside = find_exactly(look, submission, name);
	if (!found->beside)
		found->beside = find_exactly(look, submission, base_name(name));
}

static void look_for_file(struct look *look, const char *name, const char *working_directory, const char *submission,
			  struct surroundings *found)
{
	enum fit how;
	_cleanup_free_ char *path = walk(look, working_directory, name, &how);

	/* An exact match came after the program looked, or is a link that leads nowhere. */
	if (path && how == FIT_CASE)
		found->other_case = steal_ptr(&path);
	else if (path && how != FIT_EXACT)
		found->near_name = steal_ptr(&path);
	if (*name != '/' && submission && working_directory && !streq(submission, working_directory))
		look_beside(look, name, submission, found);
	else if (!found->other_case && !found->near_name && strchr(name, '/') && submission && *base_name(name) &&
		 !streq(base_name(name), ".."))
		found->near_name = find_exactly(look, submission, base_name(name));
}

/* ------------------------------------------------------------------ a module */

/* The file of the submission that Python takes for the module NAME. */
static char *own_module(struct look *look, const char *submission, const char *name)
{
	_cleanup_free_ char *file = xasprintf("%s.py", name);

	return strchr(name, '/') ? NULL : find_exactly(look, submission, file);
}

/* The nearest of the interpreter's own modules, which are in no file or in one of its library: Modules/config.c.in,
 * Modules/Setup. */
static const char *near_builtin(const char *wanted, enum fit *ret_fit)
{
	static const char *const names[] = { "array",	   "atexit", "binascii", "builtins", "cmath",  "errno",
					     "itertools", "marshal", "math",	 "select",   "syslog", "time",
					     "unicodedata" };
	const char *found = NULL;

	*ret_fit = FIT_NONE;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		enum fit how = fit(names[i], wanted);

		if (how <= *ret_fit)
			continue;
		*ret_fit = how;
		found = names[i];
	}
	return found;
}

/* Looks in LIBRARY's directory PLACE ("": LIBRARY itself); a better fit takes the place of *FOUND. */
static void look_in_library(struct look *look, const char *library, const char *place, const char *wanted, char **found,
			    enum fit *best)
{
	_cleanup_free_ char *directory = *place ? join(library, place) : xstrdup(library), *name = NULL;
	enum fit how;

	name = find_name(look, directory, wanted, A_MODULE, &how);
	if (how <= *best)
		return;
	*best = how;
	free(*found);
	*found = steal_ptr(&name);
}

/* The module that is installed under nearly the name WANTED, in LIBRARY or the interpreter itself. The caller frees. */
static char *near_installed(struct look *look, const char *const *library, const char *wanted)
{
	static const char *const places[] = { "", "lib-dynload", "site-packages", "dist-packages" };
	enum fit best;
	const char *builtin = near_builtin(wanted, &best);
	_cleanup_free_ char *found = builtin ? xstrdup(builtin) : NULL;

	look->listings = SURROUNDINGS_LIBRARIES;
	for (size_t i = 0; library && library[i] && best != FIT_EXACT; i++)
		for (size_t j = 0; j < ARRAY_SIZE(places); j++)
			look_in_library(look, library[i], places[j], wanted, &found, &best);
	/* A module of that very name is missing for another reason. */
	if (!found || best == FIT_EXACT)
		return NULL;
	found[strcspn(found, ".")] = '\0';
	return steal_ptr(&found);
}

static void look_for_module(struct look *look, const struct exception_facts *x, const char *submission,
			    const char *const *library, struct surroundings *found)
{
	_cleanup_free_ char *own = NULL;
	enum fit how = FIT_NONE;

	if (!x->name || !*x->name || strpbrk(x->name, "./"))
		return;
	if (submission)
		own = find_name(look, submission, x->name, A_MODULE, &how);
	if (how == FIT_CASE)
		found->other_case = join(submission, own);
	else if (how == FIT_NEAR || how == FIT_NEARER)
		found->near_name = join(submission, own);
	else
		found->installed = near_installed(look, library, x->name);
}

/* ------------------------------------------------------------------ all of it */

void surroundings_look(const struct policy *policy, const struct exception_facts *x, const char *working_directory,
		       const char *submission, const char *const *library, struct surroundings *ret_found)
{
	struct look look = { policy, SURROUNDINGS_LISTINGS, SURROUNDINGS_ENTRIES };
	struct surroundings found = { 0 };
	char module[NAME_MAX];

	if (exception_is(x, "FileNotFoundError") && x->filename)
		look_for_file(&look, x->filename, working_directory, submission, &found);
	else if (cause_shadowed_module(x, module, sizeof module))
		found.shadow = own_module(&look, submission, module);
	else if (exception_is(x, "ModuleNotFoundError"))
		look_for_module(&look, x, submission, library, &found);
	found.network = policy->n_net && cause_is_network(x);
	*ret_found = found;
}

void surroundings_fini(struct surroundings *found)
{
	free(found->beside);
	free(found->other_case);
	free(found->near_name);
	free(found->shadow);
	free(found->installed);
	*found = (struct surroundings){ 0 };
}

void surroundings_lend(const struct surroundings *found, struct cause_surroundings *around)
{
	around->beside = found->beside;
	around->other_case = found->other_case;
	around->near_name = found->near_name;
	around->shadow = found->shadow;
	around->installed = found->installed;
	around->scratch_bytes = found->scratch_bytes;
	around->scratch_files = found->scratch_files;
	around->network = found->network;
}

static void open_found(bool *opened, struct buf *out)
{
	if (!*opened)
		json_open(out, "found");
	*opened = true;
}

void surroundings_format(const struct surroundings *found, struct buf *out)
{
	const struct {
		const char *name, *path;
	} members[] = { { "beside", found->beside },
			{ "other_case", found->other_case },
			{ "near_name", found->near_name },
			{ "shadow", found->shadow },
			{ "installed", found->installed } };
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = { { "scratch_bytes", found->scratch_bytes }, { "scratch_files", found->scratch_files } };
	bool opened = false;

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		if (!members[i].path)
			continue;
		open_found(&opened, out);
		json_put_text_cut(out, members[i].name, members[i].path, EXCEPTION_TEXT);
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (!numbers[i].value)
			continue;
		open_found(&opened, out);
		json_put_u64(out, numbers[i].name, numbers[i].value);
	}
	if (found->network) {
		open_found(&opened, out);
		json_put_bool(out, "network", true);
	}
	if (opened)
		json_close(out);
}
