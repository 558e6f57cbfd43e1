/* SPDX-License-Identifier: Apache-2.0 */
/* proctor judge: submissions through the cases of a problem. */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/grade_options.h"
#include "cli/suggest.h"
#include "grade/directory.h"
#include "grade/judge.h"
#include "grade/validator.h"

static const char usage[] =
	"usage: proctor judge [OPTIONS] PROBLEM SUBMISSION...\n"
	"       proctor judge --verify [OPTIONS] PROBLEM\n"
	"Runs each SUBMISSION, a Python file or a folder, on the cases of PROBLEM: a\n"
	"problem package of ICPC and Kattis, or a folder with NAME.in and\n"
	"NAME.ans or NAME.out.\n"
	"\n"
	"  -o, --directory DIR         where results, logs and outputs go (nowhere)\n"
	"  -j, --jobs N                runs at a time (default: one for each core)\n"
	"      --resume                go on where an earlier judging in DIR ended\n"
	"      --until first-fail|all  stop at the first failure (default), or not\n"
	"      --verify                the package's own: do they do as they should?\n"
	"      --checker exact|tokens|float:EPS|PROGRAM\n"
	"                              how outputs are compared\n"
	"      --emit FORMAT=FILE|-    junit, tap, gradescope, github, go-judge, isolate\n"
	"                              or runguard too (the last two to a directory)\n"
	"      --json                  the table as JSON\n"
	"  -q, --quiet                 no progress, no table\n"
	"  -h, --help                  this text\n"
	GRADE_HELP_RUNS
	"See proctor-judge(1).\n";

enum { OPT_UNTIL = 1024, OPT_VERIFY, OPT_JSON };

struct judging {
	struct grade_options common;
	bool all, verify, json, python_given;
	struct problem problem;
	struct submissions submissions;
	char **limits;
	uint64_t wall_ns;
	char *temporary; /* directory for results that are not to be kept */
};

static int take_until(struct judging *j, const char *value)
{
	j->all = streq(value, "all");
	if (j->all || streq(value, "first-fail"))
		return 0;
	complain("judge: --until %s: not first-fail or all", value);
	return EXIT_USAGE;
}

static int take_option(struct judging *j, int option)
{
	switch (option) {
	case OPT_UNTIL:
		return take_until(j, optarg);
	case OPT_VERIFY:
		j->verify = true;
		return 0;
	case OPT_JSON:
		j->json = true;
		return 0;
	default:
		j->python_given |= option == GRADE_PYTHON;
		return grade_options_take(&j->common, option, optarg);
	}
}

static int parse_options(int argc, char **argv, struct judging *j)
{
	static const struct option longs[] = { GRADE_LONG, { "until", required_argument, NULL, OPT_UNTIL },
					       { "verify", no_argument, NULL, OPT_VERIFY },
					       { "json", no_argument, NULL, OPT_JSON }, { NULL, 0, NULL, 0 } };
	int c, r;

	opterr = 0;
	while ((c = getopt_long(argc, argv, GRADE_SHORT, longs, NULL)) != -1) {
		if (c == 'h')
			return cli_usage(usage, true);
		if (c == '?' || c == ':')
			return suggest_bad_option("judge", c, argv, longs);
		r = take_option(j, c);
		if (r)
			return r;
	}
	if (j->common.resume && !j->common.dir) {
		complain("judge: --resume needs -o DIR");
		return EXIT_USAGE;
	}
	if (argc - optind < 1 || (argc - optind == 1) != j->verify) {
		complain("judge: %s (proctor judge --help)", j->verify ? "--verify takes the problem alone" :
								       "a problem and submissions are needed");
		return EXIT_USAGE;
	}
	return -1;
}

/* ------------------------------------------------------------------ what is judged */

static int load(struct judging *j, char **words)
{
	_cleanup_buf_ struct buf message = { 0 };
	int r = problem_load(words[0], &j->problem, &message);
	size_t i;

	if (r == 0 && j->verify)
		r = submissions_add_package(&j->submissions, words[0], &message);
	for (i = 1; r == 0 && words[i]; i++)
		r = submissions_add(&j->submissions, words[i], NULL, &message);
	if (r < 0) {
		complain("judge: %s", message.data ? message.data : strerror(-r));
		return r == -ENOENT ? EXIT_NO_LOG : EXIT_BAD_POLICY;
	}
	if (j->submissions.n_left_out && !j->common.quiet)
		complain("judge: %zu of the package's submissions are not Python, and are left out",
			 j->submissions.n_left_out);
	if (j->submissions.expected.n_left_out && !j->common.quiet)
		complain("judge: submissions.yaml: %zu rules (of groups of cases, of messages) are not looked at",
			 j->submissions.expected.n_left_out);
	/* A required verdict may come from any case. */
	j->all |= j->submissions.expected.n > 0;
	if ((j->problem.interactive || j->problem.passes) && j->common.has_checker) {
		complain("judge: --checker: the problem %s, its own validator decides",
			 j->problem.interactive ? "is interactive" : "has several passes");
		return EXIT_USAGE;
	}
	submissions_name(&j->submissions);
	return 0;
}

/* The problem's limits, where the command line says nothing else. */
static void set_limits(struct judging *j)
{
	const struct grade_options *o = &j->common;
	const struct problem *p = &j->problem;

	grade_options_complete(&j->common);
	j->wall_ns = o->wall_ns;
	strv_extend(&j->limits, o->defaults);
	if (p->cpu_ns && !o->has_cpu) {
		strv_add(&j->limits, xasprintf("--cpu=%llums", (unsigned long long)(p->cpu_ns + 999999) / 1000000));
		/* A program may have to wait for a busy machine, but must not wait for ever. */
		if (!o->has_wall) {
			j->wall_ns = MIN(p->cpu_ns, UINT64_MAX / 8) * 3 + (uint64_t)10 * 1000000000;
			strv_add(&j->limits, xasprintf("--wall=%llums", (unsigned long long)j->wall_ns / 1000000));
		}
	}
	if (p->memory_bytes && !o->has_memory)
		strv_add(&j->limits, xasprintf("--memory=%lluKiB", (unsigned long long)(p->memory_bytes + 1023) / 1024));
	if (p->output_bytes && !o->has_output)
		strv_add(&j->limits, xasprintf("--output=%lluKiB", (unsigned long long)(p->output_bytes + 1023) / 1024));
}

static bool uses_own_validator(const struct judging *j)
{
	return j->problem.validator && !j->common.has_checker;
}

/* Decides how each case is checked: by the command line, the package's validator, or its flags. */
static int set_checkers(struct judging *j, int dir_fd, const char *dir)
{
	_cleanup_buf_ struct buf message = { 0 };
	struct checker own;
	size_t i;
	int r = 0;

	checker_init(&own);
	if (uses_own_validator(j)) {
		r = validator_prepare(j->problem.validator, dir_fd, dir, &own, &message);
		if (j->problem.interactive)
			own.kind = CHECKER_INTERACTOR;
		own.passes = j->problem.passes;
		own.cpu_ns = j->problem.validation_ns;
		/* The limit is on address space, of which a program uses more than memory. */
		own.memory_bytes = MIN(j->problem.validation_memory_bytes, UINT64_MAX / 2) * 2;
		own.file_bytes = j->problem.validation_output_bytes;
	}
	for (i = 0; r == 0 && i < j->problem.n_cases; i++) {
		struct checker *checker = &j->problem.cases[i].checker;
		char **flags = steal_ptr(&checker->flags);

		checker_fini(checker);
		if (j->common.has_checker) {
			checker_copy(checker, &j->common.checker);
		} else if (j->problem.validator) {
			checker_copy(checker, &own);
			checker->flags = steal_ptr(&flags);
		} else if (j->problem.package) {
			r = checker_parse_flags(flags, checker, &message);
		}
		strv_free(flags);
	}
	checker_fini(&own);
	if (r == 0)
		return 0;
	complain("judge: %s", message.data);
	return EXIT_BAD_POLICY;
}

/* ------------------------------------------------------------------ judging */

static int tell(const struct judging *j, int dir_fd)
{
	_cleanup_free_ char *json = NULL;
	_cleanup_buf_ struct buf text = { 0 };
	size_t n = j->submissions.n, i;
	struct judgement *list;
	int r = judgements_read(&j->problem, &j->submissions, dir_fd, &list), status = 0;

	if (r < 0) {
		complain("judge: results.jsonl: %s", strerror(-r));
		return EXIT_LOG;
	}
	json = judgements_json(&j->problem, list, n);
	buf_puts(&text, json ? json : "");
	buf_putc(&text, '\n');
	r = json ? directory_replace(dir_fd, "judgements.json", text.data, text.len) : -ENOMEM;
	if (j->json)
		fputs(text.data, stdout);
	else if (!j->common.quiet)
		judgements_print(&j->problem, list, n, stdout);
	for (i = 0; i < n; i++)
		if (list[i].verdict == FINAL_JE || !list[i].as_wanted)
			status = 1;
	judgements_free(list, n);
	if (r < 0 || fflush(stdout) || ferror(stdout)) {
		complain("judge: the table could not be written");
		return EXIT_LOG;
	}
	return status;
}

static int run_judge(struct judging *j)
{
	struct judge_options options = { j->limits, j->wall_ns, j->all, j->python_given, uses_own_validator(j), NULL };
	const char *dir = j->common.dir ? j->common.dir : j->temporary;
	const struct engine_options engine_options = {
		.command = "judge", .dir = dir, .jobs = j->common.jobs, .options = j->common.options,
		.resume = j->common.resume, .quiet = j->common.quiet,
		.warm = j->common.running.name, .work = j->common.running.name ? cmd_run_work() : NULL,
	};
	_cleanup_engine_ struct engine *engine = NULL;
	_cleanup_judge_ struct judge *judge = NULL;
	_cleanup_free_ char *path = NULL;
	struct source source;
	int r = engine_open(&engine_options, &engine), told;

	if (r)
		return r;
	path = realpath(dir, NULL);
	r = set_checkers(j, engine_dir_fd(engine), path ? path : dir);
	if (r)
		return r;
	options.dir = path;
	judge = judge_new(&j->problem, &j->submissions, &options, engine);
	source = judge_source(judge);
	r = engine_run(engine, &source);
	if (r > 1)
		return r;
	told = tell(j, engine_dir_fd(engine));
	if (grade_options_emit(&j->common, engine_dir_fd(engine)))
		told = EXIT_LOG;
	return told ? told : r;
}

static int make_temporary(struct judging *j)
{
	const char *tmp = getenv("TMPDIR");

	j->temporary = xasprintf("%s/proctor-judge-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (mkdtemp(j->temporary))
		return 0;
	complain("judge: %s: %s", j->temporary, strerror(errno));
	free(steal_ptr(&j->temporary));
	return EXIT_LOG;
}

static void judging_fini(struct judging *j)
{
	if (j->temporary)
		directory_remove(AT_FDCWD, j->temporary);
	free(j->temporary);
	problem_fini(&j->problem);
	submissions_fini(&j->submissions);
	strv_free(j->limits);
	grade_options_fini(&j->common);
}

int cmd_judge(int argc, char **argv)
{
	struct judging j = { 0 };
	int r;

	grade_options_init(&j.common, "judge");
	r = parse_options(argc, argv, &j);
	if (r < 0) {
		r = load(&j, argv + optind);
		set_limits(&j);
		if (r == 0)
			r = grade_options_start_pool(&j.common);
		if (r == 0 && !j.common.dir)
			r = make_temporary(&j);
		if (r == 0)
			r = run_judge(&j);
	}
	judging_fini(&j);
	return r;
}
