/* SPDX-License-Identifier: Apache-2.0 */
/* What a run is of: the interpreter or program, the submission, the working directory. */
#include "cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/names.h"
#include "cli/command.h"
#include "policy/kept.h"

/* PATH is the submission: the script itself, or a directory that it lies in. 0 or the exit status, having said why. */
static int take_submission(struct run *run, const char *path)
{
	_cleanup_free_ char *real = realpath(path, NULL);
	const char *program = run->script.real ? run->script.real : run->script.directory;
	const char *why = !real ? strerror(errno) : !program ? "no script is run" : NULL;
	struct stat st = { 0 };

	if (!why && stat(real, &st) < 0)
		why = strerror(errno);
	else if (!why && S_ISDIR(st.st_mode) && !path_rest(program, real))
		why = "the script does not lie in it";
	else if (!why && !S_ISDIR(st.st_mode) && !streq(program, real))
		why = "is another file than the script";
	if (why) {
		complain("run: --submission %s: %s", path, why);
		return real ? EXIT_USAGE : EXIT_NOT_FOUND;
	}
	run->alone = !S_ISDIR(st.st_mode);
	if (!run->alone && !streq(real, run->script.directory)) {
		free(run->script.directory);
		run->script.directory = steal_ptr(&real);
		free(steal_ptr(&run->script.named));
	}
	return 0;
}

/* Before anything is known about the program: a policy may name its interpreter and its working directory. */
int run_read_policy(struct run *run)
{
	_cleanup_buf_ struct buf messages = { 0 };
	int r = policy_source_read(run->command.policy, &run->source, &messages);

	if (r == 0)
		return 0;
	fprintf(stderr, "%s", messages.data);
	return EXIT_BAD_POLICY;
}

/* The working directory from the option or the policy; NULL: neither names one. */
static const char *directory_wanted(const struct run *run)
{
	return run->command.directory ? run->command.directory : run->source->cwd;
}

int run_find_program(struct run *run)
{
	char **words = run->command.words;
	bool script = command_is_script(&run->command);
	const char *python = run->command.python ? run->command.python : run->source->python;
	const char *program = !script ? words[0] : python ? python : "python3";
	_cleanup_buf_ struct buf message = { 0 };
	int r = command_check(&run->command);

	if (r)
		return r;
	/* Libraries are not the program's own code: explanations look past their frames. */
	r = policy_kept_find(run->policies, program, getenv("PATH"), script ? words[0] : NULL, &run->interpreter, &run->library, &message);
	if (r == 0) {
		/* Python frames can only be read from CPython. */
		if (run->interpreter.is_pypy && !run->command.stack_given)
			run->command.stack = STACK_NATIVE;
		return 0;
	}
	if (!script)
		command_suggest(program, &message);
	complain("run: %s", message.data ? message.data : strerror(-r));
	return r == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;
}

void run_make_argv(struct run *run)
{
	char **words = run->command.words;
	char **extra = run->interpreter.script_args;
	size_t n = 0, cap = 0, i;

#define ADD(text)                                                    \
	do {                                                         \
		grow_array(&run->argv, &cap, n + 2, sizeof *run->argv); \
		run->argv[n++] = (text);                             \
		run->argv[n] = NULL;                                 \
	} while (0)
	/* CPython finds its prefix from argv[0]: the path that was found, not the word given. */
	ADD(xstrdup(run->interpreter.argv0));
	for (i = 0; extra && extra[i]; i++)
		ADD(xstrdup(extra[i]));
	if (command_is_script(&run->command))
		ADD(command_script(&run->command));
	for (i = 1; words[i]; i++)
		ADD(xstrdup(words[i]));
#undef ADD
}

/* The script, and the directory that %{submission} stands for. */
int run_find_submission(struct run *run)
{
	_cleanup_buf_ struct buf message = { 0 };
	const char *module = NULL;
	int r = 0, at = run->interpreter.is_python ? python_program(run->argv, &module) : -1;

	/* A relative name is relative to proctor's own working directory. */
	if (at >= 0 && directory_wanted(run) && run->argv[at][0] != '/' && !streq(run->argv[at], "-")) {
		_cleanup_free_ char *cwd = getcwd(NULL, 0), *name = run->argv[at];

		run->argv[at] = xasprintf("%s%s%s", cwd ? cwd : "", cwd ? "/" : "", name);
	}
	if (module)
		r = script_find_module(module, &run->script, &message);
	else if (at >= 0 && !streq(run->argv[at], "-"))
		r = script_find(run->argv[at], &run->script, &message);
	if (r == 0)
		return run->command.submission ? take_submission(run, run->command.submission) : 0;
	complain("run: %s", message.data);
	return r == -ENOENT || r == -ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;
}

/* Opens directory TEXT and finds its canonical path, with the rights of the program. */
static int open_directory(struct run *run, const char *text)
{
	const struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int r = identity_enter(&run->identity), left;

	if (r < 0)
		return r;
	free(run->working_directory);
	run->working_directory = realpath(text, NULL);
	r = run->working_directory ? (int)syscall(SYS_openat2, AT_FDCWD, run->working_directory, &how, sizeof how) : -1;
	r = r < 0 ? -errno : r;
	left = identity_leave(&run->identity);
	if (r >= 0)
		run->directory_fd = r;
	return left < 0 ? left : MIN(r, 0);
}

/* Finds the program's working directory, unless that is in the scratch, which is not made yet. */
int run_find_directory(struct run *run)
{
	const char *text = directory_wanted(run), *what = run->command.directory ? "--chdir" : "cwd", *rest;
	_cleanup_free_ char *path = NULL, *own = getcwd(NULL, 0);
	int r;

	if (!text || streq(text, "%{scratch}")) {
		run->working_directory = steal_ptr(&own);
		return 0;
	}
	rest = after_prefix(text, "%{submission}");
	if (rest && !run->script.directory) {
		complain("run: %s %s: no script is run", what, text);
		return run->command.directory ? EXIT_USAGE : EXIT_BAD_POLICY;
	}
	path = rest ? xasprintf("%s%s", run->script.directory, rest) : xstrdup(text);
	r = open_directory(run, path);
	if (r < 0) {
		complain("run: %s %s: %s", what, text, strerror(-r));
		return EXIT_USAGE;
	}
	/* CPython looks for the module in the working directory, and it was found in another one. */
	if (!run->script.real && run->script.directory && !streq(run->script.directory, run->working_directory)) {
		complain("run: %s %s: -m looks for the module in the working directory; start proctor there, or name the script",
			 what, text);
		return EXIT_USAGE;
	}
	return 0;
}

/* Now the scratch is made: finds a working directory in it. */
int run_enter_scratch(struct run *run)
{
	const char *text = run->command.directory ? run->command.directory : run->policy->cwd;

	if (!text || !streq(text, "%{scratch}"))
		return 0;
	if (!run->scratch.path) {
		complain("run: the working directory is to be %%{scratch}, and nothing grants one: --scratch does, or write: \"%%{scratch}\"");
		return EXIT_USAGE;
	}
	run->directory_fd = fcntl(run->scratch.fd, F_DUPFD_CLOEXEC, 3);
	free(run->working_directory);
	run->working_directory = xstrdup(run->scratch.path);
	return run->directory_fd < 0 ? run_failed_status(run) : 0;
}
