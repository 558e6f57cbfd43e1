/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/recorded_run.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The interpreter of the recorded run, by the name with which it was started if that still leads to it:
 * links on the way are granted too, and only its link identifies a virtual environment.
 */
static const char *recorded_python(json_t *start)
{
	const char *executable = json_text(start, "process.executable");
	const char *name = json_string_value(json_array_get(json_at(start, "process.args"), 0));
	_cleanup_free_ char *real = name && name[0] == '/' ? realpath(name, NULL) : NULL;
	struct stat st;

	if (real && executable && streq(real, executable) && stat(real, &st) == 0 && S_ISREG(st.st_mode))
		return name;
	/* A forged log may name devices and FIFOs, which must not be opened. */
	return executable && stat(executable, &st) == 0 && S_ISREG(st.st_mode) && access(executable, X_OK) == 0
		       ? executable
		       : NULL;
}

/* ARGS of a start record as an argument vector whose words are borrowed; the caller frees it. */
static char **recorded_args(json_t *args)
{
	size_t n = json_array_size(args), i;
	char **argv = xcalloc(n + 1, sizeof *argv);

	for (i = 0; i < n; i++) {
		const char *word = json_string_value(json_array_get(args, i));

		if (!word)
			break;
		argv[i] = (char *)(uintptr_t)word;
	}
	return argv;
}

/*
 * What proctor run added to the policy for such a command line: with -m the working directory is the
 * submission, with -c or a program on stdin it is hidden where nothing grants it, and a script is also granted
 * by the name with which it was started.
 */
static void take_command_line(struct policy_target *target, const struct run_info *run, json_t *start)
{
	_cleanup_free_ char **argv = recorded_args(json_at(start, "process.args"));
	const char *cwd = run->working_directory;
	const char *module;
	int at = python_program(argv, &module);

	if (!json_text(start, "process.python") || !cwd || cwd[0] != '/')
		return;
	if (at >= 0) {
		target->script_read = argv[at][0] == '/' ? xstrdup(argv[at]) : xasprintf("%s/%s", cwd, argv[at]);
	} else if (!module) {
		target->hide[0] = xstrdup(cwd);
		target->hide[1] = xasprintf("%s/-", slashed(cwd));
	} else if (!target->submission) {
		target->submission = xstrdup(cwd);
	}
}

void policy_target_from_log(struct policy_target *target, const struct run_info *run, json_t *start)
{
	if (!target->script && run->submission)
		target->submission = xstrdup(run->submission);
	if (target->submission && start && json_bool(start, "script.alone", false) && json_text(start, "script.path")) {
		target->hide[0] = target->submission;
		target->submission = xstrdup(json_text(start, "script.path"));
	}
	if (!target->script && start)
		take_command_line(target, run, start);
	if (!target->python && start)
		target->python = recorded_python(start);
}
