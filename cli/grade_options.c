/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/grade_options.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/names.h"
#include "cli/cli.h"
#include "cli/warm.h"
#include "grade/emit/emit.h"

enum { MAX_JOBS = 4096 };

#define DEFAULT_WALL_NS ((uint64_t)60 * 1000000000)

void grade_options_init(struct grade_options *options, const char *command)
{
	*options = (struct grade_options){ .command = command };
	checker_init(&options->checker);
	pool_options_init(&options->pool);
}

void grade_options_fini(struct grade_options *options)
{
	own_pool_end(&options->running);
	strv_free(options->preload);
	strv_free(options->options);
	strv_free(options->defaults);
	strv_free(options->emit);
	checker_fini(&options->checker);
}

static int bad(const struct grade_options *options, const char *option, const char *value, const char *wanted)
{
	complain("%s: --%s %s: %s", options->command, option, value, wanted);
	return EXIT_USAGE;
}

/* Passes on an option of `proctor run`; PARSE checks its value. */
static int pass_on(struct grade_options *options, const char *option, const char *value,
		   int (*parse)(const char *, uint64_t *), uint64_t *ret)
{
	uint64_t number = 1;

	if (parse && (parse(value, &number) < 0 || number == 0))
		return bad(options, option, value,
			   parse == parse_count ? "not a positive number" :
			   parse == parse_size	? "not a size such as 256MiB" :
						  "not a time such as 2s or 500ms");
	strv_add(&options->options, xasprintf("--%s=%s", option, value));
	if (ret)
		*ret = number;
	return 0;
}

static int take_jobs(struct grade_options *options, const char *value)
{
	uint64_t n;

	if (parse_count(value, &n) < 0 || n == 0 || n > MAX_JOBS)
		return bad(options, "jobs", value, "not a number from 1 to 4096");
	options->jobs = (unsigned)n;
	return 0;
}

static int take_checker(struct grade_options *options, const char *value)
{
	_cleanup_buf_ struct buf message = { 0 };

	checker_fini(&options->checker);
	options->has_checker = true;
	if (checker_parse(value, &options->checker, &message) == 0)
		return 0;
	complain("%s: --checker %s", options->command, message.data);
	return EXIT_USAGE;
}

/* Passes on a file that every run reads, by a name that is valid wherever the run starts. */
static int take_file(struct grade_options *options, const char *option, const char *value)
{
	char *real = strchr(value, '/') || access(value, F_OK) == 0 ? realpath(value, NULL) : NULL;
	int r = pass_on(options, option, real ? real : value, NULL, NULL);

	free(real);
	return r;
}

static int take_warm(struct grade_options *options, const char *value)
{
	options->pool.quick = streq(value, "quick");
	options->own_pool = options->pool.quick || streq(value, "exact");
	if (options->own_pool)
		return 0;
	/* An abstract name is not a file. */
	return *value == '@' ? pass_on(options, "warm", value, NULL, NULL) : take_file(options, "warm", value);
}

static int take_preload(struct grade_options *options, const char *value)
{
	if (pool_take_preloads(value, &options->preload) == 0)
		return 0;
	return bad(options, "preload", value, "not names of modules with commas between them");
}

static int take_limit(struct grade_options *options, int option, const char *value)
{
	switch (option) {
	case GRADE_CPU:
		options->has_cpu = true;
		return pass_on(options, "cpu", value, parse_duration, NULL);
	case GRADE_WALL:
		options->has_wall = true;
		return pass_on(options, "wall", value, parse_duration, &options->wall_ns);
	case GRADE_MEMORY:
		options->has_memory = true;
		return pass_on(options, "memory", value, parse_size, NULL);
	case GRADE_OUTPUT:
		options->has_output = true;
		return pass_on(options, "output", value, parse_size, NULL);
	case GRADE_TASKS:
		return pass_on(options, "tasks", value, parse_count, NULL);
	default:
		return pass_on(options, "files", value, parse_count, NULL);
	}
}

int grade_options_take(struct grade_options *options, int option, const char *value)
{
	switch (option) {
	case 'o':
		options->dir = value;
		return 0;
	case 'j':
		return take_jobs(options, value);
	case 'q':
		options->quiet = true;
		return 0;
	case 'p':
		options->has_policy = true;
		return take_file(options, "policy", value);
	case 'r':
		return take_file(options, "read", value);
	case GRADE_PYTHON:
		/* Not its real path: a virtual environment is found by where the link lies. */
		options->python = value;
		return pass_on(options, "python", value, NULL, NULL);
	case GRADE_ENV:
		return pass_on(options, "env", value, NULL, NULL);
	case GRADE_CALLS:
		return pass_on(options, "calls", value, NULL, NULL);
	case GRADE_LOG_MAX:
		return pass_on(options, "log-max", value, NULL, NULL);
	case GRADE_SIGN:
		return take_file(options, "sign", value);
	case GRADE_WARM:
		return take_warm(options, value);
	case GRADE_PRELOAD:
		return take_preload(options, value);
	case GRADE_CHECKER:
		return take_checker(options, value);
	case GRADE_EMIT:
		if (!emit_is_good(value))
			return bad(options, "emit", value, "not junit, tap, gradescope, github or go-judge, \"=\" and a file, nor isolate or runguard, \"=\" and a directory");
		strv_add(&options->emit, xstrdup(value));
		return 0;
	case GRADE_RESUME:
		options->resume = true;
		return 0;
	default:
		return take_limit(options, option, value);
	}
}

int grade_options_emit(const struct grade_options *options, int dir_fd)
{
	int status = 0, r;
	size_t i;

	for (i = 0; options->emit && options->emit[i]; i++) {
		r = emit_write(options->emit[i], dir_fd);
		if (r == 0)
			continue;
		complain("%s: --emit %s: %s", options->command, options->emit[i], strerror(-r));
		status = EXIT_LOG;
	}
	return status;
}

void grade_options_complete(struct grade_options *options)
{
	if (options->has_policy)
		return;
	if (!options->has_cpu)
		strv_add(&options->defaults, xstrdup("--cpu=10s"));
	if (!options->has_wall) {
		strv_add(&options->defaults, xstrdup("--wall=60s"));
		options->wall_ns = DEFAULT_WALL_NS;
	}
	if (!options->has_memory)
		strv_add(&options->defaults, xstrdup("--memory=512MiB"));
	if (!options->has_output)
		strv_add(&options->defaults, xstrdup("--output=64MiB"));
}

/* Why the interpreter of the runs cannot be held, as a sentence; NULL: it can. */
static char *why_not_held(const char *python)
{
	_cleanup_buf_ struct buf message = { 0 };
	struct interpreter interpreter = { 0 };
	char *why = NULL;
	int r = interpreter_find(python ? python : "python3", getenv("PATH"), NULL, &interpreter, &message);

	if (r < 0)
		why = xstrdup(message.data ? message.data : strerror(-r));
	else if (!warm_can_hold(&interpreter))
		why = xasprintf("%s cannot be held: CPython 3.9 to 3.13 can", interpreter.argv0);
	interpreter_fini(&interpreter);
	return why;
}

int grade_options_start_pool(struct grade_options *options)
{
	_cleanup_free_ char *why = NULL;
	int r;

	if (!options->own_pool && options->preload) {
		complain("%s: --preload: needs --warm exact or quick (a pool at a socket has its own)", options->command);
		return EXIT_USAGE;
	}
	if (!options->own_pool)
		return 0;
	why = why_not_held(options->python);
	options->pool.python = options->python;
	options->pool.preload = options->preload;
	r = why ? 0 : own_pool_start(options->pool, &options->running);
	if (r < 0)
		why = xstrdup(strerror(-r));
	if (!why)
		return 0;
	complain("%s: the runs are not warm: %s", options->command, why);
	/* So that each run reports that it is not warm. */
	options->running.name = xstrdup("@proctor-no-pool");
	return 0;
}
