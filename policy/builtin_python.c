/* SPDX-License-Identifier: Apache-2.0 */
/*
 * builtin:python: the files that a CPython needs to start and to import what it was installed
 * with, derived from where the interpreter lies. What it reads is granted; what it only looks for
 * and need not have is hidden, so that its start leaves no refusal behind. An ELF program that is
 * no Python gets the loader's and the C library's files and itself.
 *
 * What is looked for was taken from strace -f of every interpreter from 2.7 to 3.13, and is kept
 * true by tests/live/policy_coverage.py. A run waits for this: it takes a few tens of system calls.
 */
#include "policy/exec.h"
#include "policy/interpreter.h"
#include "policy/ld_cache.h"
#include "policy/program.h"
#include "policy/rules.h"
#include "policy/venv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* The rules being made. */
struct maker {
	struct policy *policy;
	const struct interpreter *interpreter;
	const char *ref; /* of the rules that are made */
	size_t first; /* built-in rules begin here in policy->grants */
	char lib[INTERPRETER_LIB_MAX]; /* "python3.11", "pypy3.9" */
	char zip[32]; /* "python311.zip" */
};

static bool is_named(const struct maker *maker, const char *path, bool by_tree)
{
	size_t i;

	for (i = maker->first; i < maker->policy->n_grants; i++) {
		const struct grant *grant = maker->policy->grants[i];

		if (grant->shape == GRANT_PATTERN || (by_tree && grant->shape != GRANT_TREE))
			continue;
		if (streq(grant->path, path))
			return true;
	}
	return false;
}

static struct grant *add(const struct maker *maker, enum rule_kind kind, enum grant_shape shape,
			 const char *path)
{
	struct grant *grant;

	if (is_named(maker, path, shape == GRANT_TREE))
		return NULL;
	grant = policy_add(maker->policy, kind, shape, path, NULL, maker->ref);
	grant->builtin = true;
	return grant;
}

/* FORMAT's text, an absolute path without trailing slashes; false when it is none or too long. */
static bool format_path(char path[PATH_MAX], const char *format, va_list ap) _printf_(2, 0);
static bool format_path(char path[PATH_MAX], const char *format, va_list ap)
{
	int n = vsnprintf(path, PATH_MAX, format, ap);

	if (n <= 0 || n >= PATH_MAX || path[0] != '/')
		return false;
	while (n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
	return true;
}

/*
 * Grants a directory's tree or a single file, whichever is there. What is not there is hidden
 * instead: looking for it is no violation, and nothing is granted that might appear later.
 */
static void grant(const struct maker *maker, const char *format, ...) _printf_(2, 3);
static void grant(const struct maker *maker, const char *format, ...)
{
	struct canonical canonical;
	enum grant_shape shape;
	char path[PATH_MAX];
	va_list ap;
	bool good;

	va_start(ap, format);
	good = format_path(path, format, ap);
	va_end(ap);
	if (!good || canonicalise(maker->policy, path, maker->ref, &canonical) < 0)
		return;
	shape = canonical.type == PATH_FILE ? GRANT_EXACT : GRANT_TREE;
	if (canonical.type == PATH_MISSING)
		add(maker, RULE_HIDE, shape, canonical.path);
	else if (!policy_ungrantable(canonical.path, shape) && canonical.path[1])
		add(maker, RULE_READ, shape, canonical.path);
	free(canonical.path);
}

/*
 * Hides a path and what is beneath, unless one of the rules made already names it. Links are
 * followed in its directory alone: a symlink at PATH itself is what shall look absent, not its target.
 */
static void hide(const struct maker *maker, const char *format, ...) _printf_(2, 3);
static void hide(const struct maker *maker, const char *format, ...)
{
	struct canonical canonical;
	char path[PATH_MAX], *name;
	va_list ap;
	bool good;

	va_start(ap, format);
	good = format_path(path, format, ap);
	va_end(ap);
	name = good ? strrchr(path, '/') : NULL;
	if (!name || !name[1])
		return;
	*name++ = '\0';
	if (canonicalise(maker->policy, *path ? path : "/", maker->ref, &canonical) < 0)
		return;
	_cleanup_free_ char *full = xasprintf("%s/%s", slashed(canonical.path), name);

	if (!is_named(maker, full, false))
		add(maker, RULE_HIDE, GRANT_TREE, full);
	free(canonical.path);
}

static void grant_pattern(const struct maker *maker, const char *dir, const char *rest)
{
	struct messages messages = { 0 };
	struct buf text = { 0 };
	struct path_rule rule = { .kind = RULE_READ, .where = maker->ref };
	size_t before = maker->policy->n_grants;

	put_policy_path(&text, dir);
	buf_puts(&text, rest);
	rule.text = text.data;
	policy_add_path(maker->policy, &rule, &messages);
	if (maker->policy->n_grants > before)
		maker->policy->grants[before]->builtin = true;
	buf_fini(&text);
	messages_fini(&messages);
}

/* ------------------------------------------------------------------ the dynamic loader */

/* Directories that hold more than libraries: only library names are granted in them. */
static bool is_mixed_library_dir(const char *dir)
{
	static const char *const mixed[] = { "/lib", "/usr/lib", "/usr/local/lib" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mixed); i++)
		if (streq(dir, mixed[i]))
			return true;
	return false;
}

static void grant_library_dir(const char *dir, void *arg)
{
	static const char *const probed[] = { "glibc-hwcaps", "tls", "haswell", "x86_64",
					      "avx512_1" };
	const struct maker *maker = arg;
	struct canonical canonical;
	size_t i, n;

	if (canonicalise(maker->policy, dir, maker->ref, &canonical) < 0)
		return;
	n = maker->policy->n_grants;
	for (i = maker->first; i < n; i++) {
		const struct grant *known = maker->policy->grants[i];

		/* Twice the same directory (/lib and /usr/lib), or inside a tree:
		 * /usr/lib/x86_64-linux-gnu. */
		if (known->rule.kind != RULE_READ)
			continue;
		if (known->shape == GRANT_PATTERN
			    ? streq(known->root, canonical.path)
			    : known->shape == GRANT_TREE && streq(known->path, canonical.path))
			break;
	}
	if (i == n && canonical.type == PATH_DIR && canonical.path[1] &&
	    !policy_ungrantable(canonical.path, GRANT_TREE)) {
		grant_pattern(maker, canonical.path, "/*.so*");
		for (i = 0; i < ARRAY_SIZE(probed); i++)
			hide(maker, "%s/%s", canonical.path, probed[i]);
	}
	free(canonical.path);
}

/* One directory of DT_RUNPATH. */
static void grant_search_dir(const struct maker *maker, const char *dir, const char *origin)
{
	_cleanup_free_ char *expanded = elf_search_dir(dir, origin);
	size_t i;

	if (expanded[0] != '/' || strchr(expanded, '$'))
		return;
	for (i = strlen(expanded); i > 1 && expanded[i - 1] == '/'; i--)
		expanded[i - 1] = '\0'; /* for the comparison below */
	if (is_mixed_library_dir(expanded))
		return; /* granted anyway */
	if (access(expanded, F_OK) == 0) {
		grant_library_dir(expanded, (void *)maker);
		grant(maker, "%s/ossl-modules", expanded); /* an OpenSSL of its own: conda */
	} else {
		hide(maker, "%s", expanded);
	}
}

/* SEARCH (DT_RUNPATH or NULL) of the program EXE. */
static void grant_search(const struct maker *maker, const char *exe, const char *search)
{
	_cleanup_free_ char *origin = parent_of(exe), *dirs = search ? xstrdup(search) : NULL;
	char *dir, *save;

	for (dir = dirs ? strtok_r(dirs, ":", &save) : NULL; dir; dir = strtok_r(NULL, ":", &save))
		grant_search_dir(maker, dir, origin);
}

static void grant_program(const struct maker *maker)
{
	const struct interpreter *in = maker->interpreter;

	grant(maker, "%s", in->exe);
	grant(maker, "%s", in->argv0); /* for its symlinks */
	if (in->loader)
		grant(maker, "%s", in->loader);
	/* Another program may be the submission itself: what its file names grants nothing. */
	if (in->is_python)
		grant_search(maker, in->exe, in->elf.search);
}

static void grant_loader(const struct maker *maker, const char *loader)
{
	static const char *const trees[] = {
		"/usr/lib/x86_64-linux-gnu",
		"/lib/x86_64-linux-gnu",
		"/usr/local/lib/x86_64-linux-gnu",
		"/lib64",
		"/usr/lib64",
	};
	static const char *const dirs[] = { "/lib", "/usr/lib", "/usr/local/lib" };
	size_t i;

	grant(maker, "/etc/ld.so.cache");
	hide(maker, "/etc/ld.so.preload");
	if (loader && strstr(loader, "/ld-musl-")) {
		grant(maker, "/etc/ld-musl-x86_64.path");
		hide(maker, "/share/zoneinfo");
	}
	for (i = 0; i < ARRAY_SIZE(trees); i++)
		grant(maker, "%s", trees[i]);
	for (i = 0; i < ARRAY_SIZE(dirs); i++)
		grant_library_dir(dirs[i], (void *)maker);
	ld_cache_dirs(grant_library_dir, (void *)maker);
	/* libblas.so.3 and the like lead through here. */
	if (access("/etc/alternatives", F_OK) == 0)
		grant_pattern(maker, "/etc/alternatives", "/*-x86_64-linux-gnu");
}

/* ------------------------------------------------------------------ what the C library reads */

static void grant_system(const struct maker *maker)
{
	static const char *const paths[] = {
		"/usr/lib/locale",
		"/usr/share/locale",
		"/usr/share/locale-langpack",
		"/etc/locale.alias",
		"/usr/share/zoneinfo",
		"/usr/lib/zoneinfo",
		"/usr/share/lib/zoneinfo",
		"/etc/zoneinfo",
		"/etc/localtime",
		"/etc/timezone",
		/* hashlib starts OpenSSL, which reads its configuration. */
		"/usr/lib/ssl/openssl.cnf",
		"/etc/ssl/openssl.cnf",
		"/etc/pki/tls/openssl.cnf",
		"/usr/local/ssl/openssl.cnf",
		/* readline and curses, when a person types. */
		"/etc/inputrc",
		"/etc/terminfo",
		"/usr/share/terminfo",
		"/usr/lib/terminfo",
		"/lib/terminfo",
		/* BLAS counts processors and asks how memory is paged; so do sysconf(3) and
		   malloc(3). */
		"/sys/devices/system/cpu",
		"/sys/devices/system/node",
		"/sys/kernel/mm/transparent_hugepage/enabled",
		"/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
		"/proc/cpuinfo",
		"/proc/meminfo",
		"/proc/stat",
		"/proc/sys/vm/overcommit_memory",
		"/dev/null",
		"/dev/zero",
		"/dev/urandom",
		"/dev/random",
	};
	struct grant *clock;
	size_t i, last;

	for (i = 0; i < ARRAY_SIZE(paths); i++)
		grant(maker, "%s", paths[i]);
	last = maker->policy->n_grants;
	for (i = maker->first; i < last; i++)
		if (streq(maker->policy->grants[i]->path, "/dev/null"))
			maker->policy->grants[i]->extra = WANT_WRITE;
	hide(maker, "/usr/lib/ssl"); /* certificates: there is nobody to talk to */
	hide(maker, "/etc/ssl");
	hide(maker, "/etc/nsswitch.conf"); /* where the C library looks up names: its built-in order is as good */
	hide(maker, "/sys/fs/cgroup");
	/* libffi asks whether SELinux or PaX forbid writable code (ctypes before 3.8), and programs with libselinux, as
	 * ls, whether there is SELinux. */
	hide(maker, "/proc/mounts");
	hide(maker, "/proc/filesystems");
	hide(maker, "/proc/self/status");
	/* Which descriptors are open? Asked before another program is executed, where they cannot be closed in one go;
	 * without an answer all numbers are tried. */
	if (policy_makes_processes(maker->policy))
		add(maker, RULE_HIDE, GRANT_EXACT, "/proc/self/fd");
	hide(maker, "/selinux");
	hide(maker, "/sys/fs/selinux");
	/* libuuid would note the time of its last UUID; it takes any error as "there is no such file". */
	clock = add(maker, RULE_HIDE, GRANT_EXACT, "/var/lib/libuuid/clock.txt");
	if (clock)
		clock->write_err = ENOENT;
}

static void hide_home(const struct maker *maker)
{
	const char *home = getenv("HOME");
	struct canonical canonical;
	struct grant *history;

	if (!home || home[0] != '/' || !home[1])
		return;
	hide(maker, "%s/.local/lib/%s", home, maker->lib);
	hide(maker, "%s/.terminfo", home);
	hide(maker, "%s/.inputrc", home);
	hide(maker, "%s/.pdbrc", home);
	hide(maker, "%s/.editrc", home);
	/* An interactive session ends by writing its history, and takes an error silently. */
	if (canonicalise(maker->policy, home, maker->ref, &canonical) < 0)
		return;
	_cleanup_free_ char *path = xasprintf("%s/.python_history", slashed(canonical.path));

	history = add(maker, RULE_HIDE, GRANT_EXACT, path);
	if (history)
		history->write_err = EROFS;
	free(canonical.path);
}

/* ------------------------------------------------------------------ Python */

static void grant_library(const struct maker *maker, const char *prefix)
{
	prefix = slashed(prefix);
	grant(maker, "%s/lib/%s", prefix, maker->lib);
	grant(maker, "%s/lib64/%s", prefix, maker->lib);
	grant(maker, "%s/lib/%s", prefix, maker->zip);
	grant(maker, "%s/lib64/%s", prefix, maker->zip);
	grant(maker, "%s/share/locale", prefix); /* gettext */
	if (maker->interpreter->major == 2)
		grant(maker, "%s/lib/site-python", prefix); /* site.py */
	/* A prefix with its own OpenSSL and time zones: pyenv, conda. */
	grant(maker, "%s/openssl", prefix);
	grant(maker, "%s/ssl/openssl.cnf", prefix);
	grant(maker, "%s/share/zoneinfo", prefix);
	/* Debian's site.py. */
	grant(maker, "%s/lib/python%d/dist-packages", prefix, maker->interpreter->major);
	grant(maker, "%s/local/lib/%s", prefix, maker->lib);
	if (!streq(prefix, "/usr"))
		return;
	grant(maker, "/usr/local/lib/python%d/dist-packages", maker->interpreter->major);
	hide(maker, "/usr/local/lib/%s", maker->zip);
	grant(maker, "/etc/%s/sitecustomize.py", maker->lib);
}

/* ------------------------------------------------------------------ .pth files */

#define MAX_PTH_FILES 256
#define MAX_PTH_BYTES 65536

/* Lib/site.py, addpackage(): a line is a path to add, relative to DIR, unless it is code. */
static void grant_pth(const struct maker *maker, const char *dir, char *text)
{
	char *line, *save;

	for (line = strtok_r(text, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save)) {
		size_t n = strlen(line);

		while (n && strchr(" \t", line[n - 1]))
			line[--n] = '\0';
		if (!n || *line == '#' || after_prefix(line, "import ") ||
		    after_prefix(line, "import\t"))
			continue;
		if (*line == '/')
			grant(maker, "%s", line);
		else if (strchr(line, '/')) /* otherwise it lies in DIR */
			grant(maker, "%s/%s", dir, line);
	}
}

/* Packages installed elsewhere, as by pip install -e: the interpreter looks for them when it
 * starts. */
static void grant_site(const struct maker *maker, const char *format, ...) _printf_(2, 3);
static void grant_site(const struct maker *maker, const char *format, ...)
{
	char dir[PATH_MAX];
	const struct dirent *entry;
	size_t files = 0;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(dir, sizeof dir, format, ap);
	va_end(ap);
	_cleanup_closedir_ DIR *d = n > 0 && (size_t)n < sizeof dir ? opendir(dir) : NULL;

	while (d && files < MAX_PTH_FILES && (entry = readdir(d))) {
		_cleanup_free_ char *text = NULL;
		const char *dot = strrchr(entry->d_name, '.');

		if (!dot || !streq(dot, ".pth") || ++files > MAX_PTH_FILES ||
		    read_file(dirfd(d), entry->d_name, MAX_PTH_BYTES, &text, NULL) < 0)
			continue;
		grant_pth(maker, dir, text);
	}
}

static void grant_sites(const struct maker *maker, const char *prefix)
{
	prefix = slashed(prefix);
	grant_site(maker, "%s/lib/%s/site-packages", prefix, maker->lib);
	grant_site(maker, "%s/lib64/%s/site-packages", prefix, maker->lib);
	grant_site(maker, "%s/lib/python%d/dist-packages", prefix, maker->interpreter->major);
	grant_site(maker, "%s/local/lib/%s/dist-packages", prefix, maker->lib);
}

/* ------------------------------------------------------------------ what is looked for in vain */

/* What is looked for in one directory on the way to the root. */
static void hide_library(const struct maker *maker, const char *dir)
{
	dir = slashed(dir);
	if (maker->interpreter->is_pypy) {
		hide(maker, "%s/pyvenv.cfg", dir);
		hide(maker, "%s/%s", dir, maker->zip);
		hide(maker, "%s/lib-python", dir);
		hide(maker, "%s/lib_pypy", dir);
		hide(maker, "%s/lib/%s", dir, maker->lib);
		return;
	}
	hide(maker, "%s/lib/%s", dir, maker->zip);
	hide(maker, "%s/lib64/%s", dir, maker->zip);
	hide(maker, "%s/lib/%s", dir, maker->lib);
	hide(maker, "%s/lib64/%s", dir, maker->lib);
}

/* CPython and PyPy walk from the program's directory to the root for their library: Modules/getpath.py, and
 * pypy/module/sys/initpath.py. */
static void hide_search(const struct maker *maker, const char *dir)
{
	char *at = xstrdup(dir);

	for (;;) {
		char *up;

		hide_library(maker, at);
		if (streq(at, "/"))
			break;
		up = parent_of(at);
		free(at);
		at = up;
	}
	free(at);
}

/* What is looked for beside a program at PATH. */
static void hide_beside(const struct maker *maker, const char *path)
{
	_cleanup_free_ char *dir = parent_of(path);
	_cleanup_free_ char *up = parent_of(dir);

	hide(maker, "%s._pth", path);
	hide(maker, "%s/python._pth", slashed(dir));
	hide(maker, "%s/python%d._pth", slashed(dir), maker->interpreter->major);
	hide(maker, "%s/%s._pth", slashed(dir), maker->lib);
	hide(maker, "%s/pybuilddir.txt", slashed(dir));
	hide(maker, "%s/Modules", slashed(dir));
	hide(maker, "%s/pyvenv.cfg", slashed(dir));
	hide(maker, "%s/pyvenv.cfg", slashed(up));
	hide_search(maker, dir);
}

/* Each program on the way from argv0 over its symlinks to the executable. */
static void hide_probes(const struct maker *maker)
{
	const char *home_dir = maker->interpreter->base_prefix;
	char *path = xstrdup(maker->interpreter->argv0);
	int hops;

	for (hops = 0; hops < 8; hops++) {
		_cleanup_free_ char *target = NULL;
		_cleanup_free_ char *dir = parent_of(path);

		hide_beside(maker, path);
		if (read_link(AT_FDCWD, path, &target) < 0)
			break;
		free(path);
		path = target[0] == '/' ? xstrdup(target)
					: xasprintf("%s/%s", slashed(dir), target);
	}
	free(path);
	hide_beside(maker, maker->interpreter->exe);
	hide_search(maker, home_dir);
}

/* A venv's own directory. Its pyvenv.cfg is granted too: the interpreter goes by it. */
static void grant_venv(const struct maker *maker)
{
	const struct interpreter *in = maker->interpreter;
	_cleanup_free_ char *home = NULL;
	_cleanup_free_ char *bin = NULL;

	if (streq(in->prefix, in->base_prefix))
		return;
	bin = parent_of(in->argv0);
	grant(maker, "%s/pyvenv.cfg", slashed(in->prefix));
	grant(maker, "%s/pyvenv.cfg", slashed(bin));
	grant_library(maker, in->prefix);
	grant_sites(maker, in->prefix);
	home = venv_read(in->argv0, "home");
	if (!home || home[0] != '/')
		return;
	/* The base interpreter's directory is searched like the venv's own. */
	_cleanup_free_ char *base = xasprintf("%s/%s", home, maker->lib);

	hide_beside(maker, base);
	grant(maker, "%s", base);
	grant(maker, "%s/python%d", home, in->major);
	grant(maker, "%s/python", home);
}

/* An interpreter in the directory in which it was built: its library is in the source tree. */
static void grant_build_tree(const struct maker *maker)
{
	const char *dir = maker->interpreter->base_prefix;
	_cleanup_free_ char *marker = xasprintf("%s/pybuilddir.txt", slashed(dir));
	_cleanup_free_ char *makefile = xasprintf("%s/Makefile", slashed(dir));
	_cleanup_free_ char *text = NULL;
	const char *line;

	if (access(marker, F_OK) < 0)
		return;
	grant(maker, "%s/pybuilddir.txt", slashed(dir));
	grant(maker, "%s/build", slashed(dir));
	grant(maker, "%s/Lib", slashed(dir));
	grant(maker, "%s/Modules", slashed(dir));
	if (read_file(AT_FDCWD, makefile, 1u << 20, &text, NULL) < 0 ||
	    !(line = strstr(text, "\nVPATH=")))
		return;
	line += strlen("\nVPATH=");
	line += strspn(line, " \t");
	_cleanup_free_ char *source = xstrndup(line, strcspn(line, " \t\r\n"));

	if (source[0] == '/')
		grant(maker, "%s/Lib", source);
	else if (source[0])
		grant(maker, "%s/%s/Lib", slashed(dir), source);
}

/* Where an old PyPy keeps its library, and where any PyPy keeps installed packages. */
static void grant_pypy(const struct maker *maker)
{
	static const char *const dirs[] = { "lib-python", "lib_pypy", "site-packages" };
	const char *prefix = slashed(maker->interpreter->base_prefix);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", prefix, dirs[i]);

		if (access(path, F_OK) == 0)
			grant(maker, "%s", path);
	}
}

/*
 * tkinter's other half: Tcl and Tk read their own scripts when they start, from where they were installed
 * (library/init.tcl, tclUnixInit.c) or from the interpreter's prefix. What is not there is left to Tcl's search.
 */
static void grant_tcl(const struct maker *maker)
{
	static const char *const system[] = { "/usr/share/tcltk", "/usr/lib/tcltk", "/usr/share/tcl8.6",
					      "/usr/share/tk8.6", "/usr/lib/tcl8.6",  "/usr/lib/tk8.6",
					      "/usr/share/tcl9.0", "/usr/share/tk9.0" };
	static const char *const own[] = { "tcl8.6", "tk8.6", "tcl8", "tcl9.0", "tk9.0", "tcl9" };
	const char *prefix = slashed(maker->interpreter->base_prefix);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(system); i++)
		if (access(system[i], F_OK) == 0)
			grant(maker, "%s", system[i]);
	for (i = 0; i < ARRAY_SIZE(own); i++) {
		_cleanup_free_ char *path = xasprintf("%s/lib/%s", prefix, own[i]);

		if (access(path, F_OK) == 0)
			grant(maker, "%s", path);
	}
	if (!maker->interpreter->is_pypy)
		return;
	/* What PyPy's _tkinter asks for first: in pypy.org's layout, and in Debian's. */
	grant(maker, "%s/lib/tcl", prefix);
	grant(maker, "%s/lib/tk", prefix);
	hide(maker, "%s/lib/lib/tcl", prefix);
	hide(maker, "%s/lib/lib/tk", prefix);
}

void builtin_python_add(struct policy *policy, const struct interpreter *interpreter)
{
	struct maker maker = { .policy = policy,
			       .interpreter = interpreter,
			       .ref = "builtin:python",
			       .first = policy->n_grants };

	grant_program(&maker);
	grant_loader(&maker, interpreter->loader);
	grant_system(&maker);
	if (!interpreter->is_python)
		return;
	interpreter_lib(interpreter, maker.lib);
	snprintf(maker.zip, sizeof maker.zip, "python%d%d.zip", interpreter->major,
		 interpreter->minor);
	grant_library(&maker, interpreter->base_prefix);
	grant_sites(&maker, interpreter->base_prefix);
	if (interpreter->is_pypy)
		grant_pypy(&maker);
	else
		grant_build_tree(&maker);
	grant_tcl(&maker);
	grant_venv(&maker);
	hide_probes(&maker);
	hide_home(&maker);
}

void builtin_program_add(struct policy *policy, const struct exec_rule *rule, size_t first)
{
	struct maker maker = { .policy = policy, .first = first, .ref = rule->rule.ref };

	if (rule->interpreter || !rule->loader)
		return; /* it needs nothing but its own file */
	grant(&maker, "%s", rule->loader);
	grant_search(&maker, rule->path, rule->search);
	grant_loader(&maker, rule->loader);
}
