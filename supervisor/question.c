/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/question.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"
#include "record/stack.h"

/* What is asked. */
enum asks {
	ASKS_PROGRAM,  /* another program, by starting a process */
	ASKS_USER,     /* for a user by number or by name */
	ASKS_HOST,     /* for the name that this host has */
	ASKS_RING,     /* whether io_uring is there */
	ASKS_LOOPBACK, /* whether a socket can have an address of IPv6, by binding one to ::1 */
	ASKS_ITSELF,   /* what it may use of the machine, and where its own stack is */
};

/* Functions of libraries that ask, by the end of their file's name and the last part of their own; of CPython 3.9 to
 * 3.15 (Lib/platform.py, Lib/ctypes/util.py, Lib/uuid.py, Lib/webbrowser.py, Lib/getpass.py, Lib/posixpath.py,
 * Lib/pathlib, Lib/socket.py); tkinter for Tcl, which asks for the user's home when it starts; matplotlib for fc-list's
 * fonts; urllib3, which requests uses, when it is imported; libuv beneath uvloop; the runtime of Rust beneath polars. */
static const struct asker {
	const char *file, *function; /* FUNCTION NULL: each in that file */
	enum asks asks;
} askers[] = {
	{ "/platform.py", NULL, ASKS_PROGRAM },
	{ "/ctypes/util.py", NULL, ASKS_PROGRAM },
	{ "/uuid.py", NULL, ASKS_PROGRAM },
	{ "/webbrowser.py", "register_standard_browsers", ASKS_PROGRAM },
	{ "/webbrowser.py", "register_X_browsers", ASKS_PROGRAM },
	{ "/matplotlib/font_manager.py", "_get_fontconfig_fonts", ASKS_PROGRAM },
	{ "/getpass.py", "getuser", ASKS_USER },
	{ "/posixpath.py", "expanduser", ASKS_USER },
	{ "<frozen posixpath>", "expanduser", ASKS_USER },
	{ "/pathlib.py", "gethomedir", ASKS_USER },
	{ "/tkinter/__init__.py", "__init__", ASKS_USER },
	{ "/socket.py", "getfqdn", ASKS_HOST },
	{ "/uvloop/__init__.py", "new_event_loop", ASKS_RING },
	{ "/urllib3/util/connection.py", "_has_ipv6", ASKS_LOOPBACK },
	{ "/polars/lazyframe/frame.py", NULL, ASKS_ITSELF },
	{ "/polars/dataframe/frame.py", NULL, ASKS_ITSELF },
};

/* What is opened for that: for some of it, all that is. */
static const struct asked_file {
	enum asks asks;
	const char *path;
} asked_files[] = {
	{ ASKS_USER, "/etc/passwd" },	     { ASKS_USER, "/etc/nsswitch.conf" },
	{ ASKS_HOST, "/etc/host.conf" },     { ASKS_HOST, "/etc/resolv.conf" },
	{ ASKS_HOST, "/etc/hosts" },	     { ASKS_HOST, "/etc/nsswitch.conf" },
	{ ASKS_RING, "/proc/version_signature" },
	{ ASKS_ITSELF, "/proc/self/cgroup" }, { ASKS_ITSELF, "/proc/self/maps" },
};

/* "_Processor.from_subprocess", as 3.11 and later have it, by its last part. */
static bool is_named(const char *function, const char *name)
{
	const char *dot = strrchr(function, '.');

	return streq(dot ? dot + 1 : function, name);
}

static bool is_asker(const struct asker *asker, const struct python_frame *frame)
{
	return ends_with(frame->file, asker->file) && (!asker->function || is_named(frame->function, asker->function));
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

static bool opens_for(const struct call *call, enum asks asks)
{
	size_t i;

	if (!opens_to_read(call))
		return false;
	for (i = 0; i < ARRAY_SIZE(asked_files); i++)
		if (asked_files[i].asks == asks && streq(call->objects[0].path, asked_files[i].path))
			return true;
	return false;
}

static bool binds_loopback(const struct call *call)
{
	static const uint8_t loopback[16] = { [15] = 1 };
	const struct net_address *address = &call->net.address;

	return call->net.asked && call->net.use == NET_BIND && call->request.nr == SYS_bind &&
	       address->transport == NET_TCP && address->ipv6 && address->port == 0 &&
	       memcmp(address->ip, loopback, sizeof loopback) == 0;
}

/* The C library's resolver makes it to ask a server; to reach one is another call. */
static bool is_resolvers_socket(const struct request *request)
{
	return request->nr == SYS_socket && (request->args[0] == AF_INET || request->args[0] == AF_INET6) &&
	       request->args[1] == (SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/* Is CALL one by which ASKS is asked? */
static bool can_ask(const struct call *call, enum asks asks)
{
	switch (asks) {
	case ASKS_PROGRAM:
		return starts_process(call);
	case ASKS_HOST:
		return opens_for(call, asks) || is_resolvers_socket(&call->request);
	case ASKS_RING:
		return call->request.nr == SYS_io_uring_setup || opens_for(call, asks);
	case ASKS_LOOPBACK:
		return binds_loopback(call);
	default:
		return opens_for(call, asks);
	}
}

/* Code that stands between the asker and its call, of a library that does the same for everybody. */
static bool is_between(const struct python_frame *frame)
{
	return ends_with(frame->file, "/subprocess.py") || ends_with(frame->file, "/gevent/_socketcommon.py");
}

/* A thread of native code asks how many processors it may use: the runtime of Rust, before it makes more of them. No line
 * of Python does. */
static bool is_of_native_thread(const struct call *call, const struct stack *stack)
{
	return stack->n_python == 0 && opens_to_read(call) && streq(call->objects[0].path, "/proc/self/cgroup");
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

/* Is PATH where thread TID works? An interpreter that was given its program by -c looks for modules there. */
static bool is_working_directory(pid_t tid, const char *path)
{
	char link[32], text[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/%d/cwd", (int)tid);
	n = readlink(link, text, sizeof text - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	return streq(text, path);
}

/* The import system lists each directory of sys.path, of which the script's own is the first, and goes on without. The
 * working directory is none that the program chose, where it may not list it: to enter one takes a grant. */
static bool lists_for_imports(const struct call *call, const struct stack *stack, const char *submission)
{
	const struct python_frame *frame = stack && stack->n_python ? &stack->python[0] : NULL;
	const char *path = call->objects[0].path;

	return frame && opens_to_read(call) && (call->request.how.flags & O_DIRECTORY) &&
	       streq(frame->file, "<frozen importlib._bootstrap_external>") && is_named(frame->function, "_fill_cache") &&
	       ((submission && path_inside(path, submission)) || is_working_directory(call->request.tid, path));
}

bool question_is_the_librarys(const struct call *call, const struct stack *stack, const char *const *library,
			      const char *submission)
{
	const struct python_frame *frame;
	size_t i = 0, k;

	if (reads_of_code(call) || lists_for_imports(call, stack, submission))
		return true;
	if (!stack)
		return false;
	if (is_of_native_thread(call, stack))
		return true;
	while (i < stack->n_python && is_between(&stack->python[i]))
		i++;
	frame = i < stack->n_python ? &stack->python[i] : NULL;
	if (!frame || !record_is_library(frame->file, library))
		return false;
	for (k = 0; k < ARRAY_SIZE(askers); k++)
		if (can_ask(call, askers[k].asks) && is_asker(&askers[k], frame))
			return true;
	return false;
}
