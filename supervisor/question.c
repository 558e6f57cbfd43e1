/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/question.h"

#include <fcntl.h>
#include <string.h>

#include "base/util.h"
#include "record/stack.h"

/* Functions of the library that ask, by the end of their file's name and the last part of their own; of CPython 3.9 to
 * 3.15 (Lib/platform.py, Lib/ctypes/util.py, Lib/uuid.py, Lib/webbrowser.py, Lib/getpass.py, Lib/posixpath.py,
 * Lib/pathlib); tkinter for Tcl, which asks for the user's home when it starts. */
static const struct asker {
	const char *file, *function; /* FUNCTION NULL: each in that file */
	bool starts;		     /* a process; else it opens one of `files` */
} askers[] = {
	{ "/platform.py", NULL, true },
	{ "/ctypes/util.py", NULL, true },
	{ "/uuid.py", NULL, true },
	{ "/webbrowser.py", "register_standard_browsers", true },
	{ "/webbrowser.py", "register_X_browsers", true },
	{ "/getpass.py", "getuser", false },
	{ "/posixpath.py", "expanduser", false },
	{ "<frozen posixpath>", "expanduser", false },
	{ "/pathlib.py", "gethomedir", false },
	{ "/tkinter/__init__.py", "__init__", false },
};

/* What the C library opens to find a user by number or by name. */
static const char *const files[] = { "/etc/passwd", "/etc/nsswitch.conf" };

static bool ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && streq(text + n - m, end);
}

/* "_Processor.from_subprocess", as 3.11 and later have it, by its last part. */
static bool is_named(const char *function, const char *name)
{
	const char *dot = strrchr(function, '.');

	return streq(dot ? dot + 1 : function, name);
}

static bool is_asker(const struct asker *asker, const struct python_frame *frame, bool starts)
{
	return asker->starts == starts && ends_in(frame->file, asker->file) &&
	       (!asker->function || is_named(frame->function, asker->function));
}

static bool starts_process(const struct call *call)
{
	enum topic topic = call->request.row ? (enum topic)call->request.row->topic : TOPIC_NONE;

	/* clone(2) is about threads until its flags are looked at. */
	return topic == TOPIC_START || topic == TOPIC_THREAD || topic == TOPIC_EXEC;
}

static bool opens_to_read(const struct call *call)
{
	return call->request.row && call->request.row->handler == HANDLE_OPEN &&
	       (call->request.how.flags & (O_ACCMODE | O_CREAT | O_TRUNC)) == O_RDONLY;
}

/* CPython looks for the line of a syntax error in a file of the code's name, "<string>", "<unknown>", where the program
 * runs (Python/errors.c); 3.13 does so for most tracebacks that it prints. */
static bool reads_of_code(const struct call *call)
{
	const struct request_path *path = &call->request.paths[0];

	return opens_to_read(call) && !path->err && path->dirfd == AT_FDCWD && path->len > 2 && path->text[0] == '<' &&
	       path->text[path->len - 1] == '>' && !memchr(path->text, '/', path->len);
}

static bool reads_of_a_user(const struct call *call)
{
	size_t i;

	if (!opens_to_read(call))
		return false;
	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (streq(call->objects[0].path, files[i]))
			return true;
	return false;
}

/* What the C library opens for a locale and a time zone. */
static const char *const locale_files[] = { "/etc/locale.alias", "/etc/localtime" };
static const char *const locale_trees[] = { "/usr/lib/locale/", "/usr/share/locale/", "/usr/share/locale-langpack/",
					    "/usr/share/zoneinfo/" };

static bool is_of_locale(const char *path)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(locale_files); i++)
		if (streq(path, locale_files[i]))
			return true;
	for (i = 0; i < ARRAY_SIZE(locale_trees); i++)
		if (after_prefix(path, locale_trees[i]))
			return true;
	return false;
}

bool question_is_of_locale(const struct call *call, const struct stack *stack, const struct policy *policy)
{
	return policy->within && call->decision.rule.kind == RULE_ON_DENY && opens_to_read(call) &&
	       is_of_locale(call->objects[0].path) && !(stack && stack->n_python);
}

/* The import system lists each directory of sys.path, of which the script's own is the first, and goes on without. */
static bool lists_for_imports(const struct call *call, const struct stack *stack, const char *submission)
{
	const struct python_frame *frame = stack && stack->n_python ? &stack->python[0] : NULL;
	const char *path = call->objects[0].path;

	return frame && submission && opens_to_read(call) && (call->request.how.flags & O_DIRECTORY) &&
	       streq(frame->file, "<frozen importlib._bootstrap_external>") && is_named(frame->function, "_fill_cache") &&
	       path_inside(path, submission);
}

bool question_is_the_librarys(const struct call *call, const struct stack *stack, const char *const *library,
			      const char *submission)
{
	const bool starts = starts_process(call);
	size_t i = 0, k;

	if (reads_of_code(call) || lists_for_imports(call, stack, submission))
		return true;
	if (!stack || (!starts && !reads_of_a_user(call)))
		return false;
	while (starts && i < stack->n_python && ends_in(stack->python[i].file, "/subprocess.py"))
		i++;
	if (i == stack->n_python || !record_is_library(stack->python[i].file, library))
		return false;
	for (k = 0; k < ARRAY_SIZE(askers); k++)
		if (is_asker(&askers[k], &stack->python[i], starts))
			return true;
	return false;
}
