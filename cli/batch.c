/* SPDX-License-Identifier: Apache-2.0 */
/* proctor batch: runs that a file lists, several at a time. */
#include "cli/cli.h"

#include <fcntl.h>
#include <unistd.h>


#include "cli/grade_options.h"
#include "cli/suggest.h"
#include "grade/batch.h"
#include "grade/merge.h"
#include "grade/progress.h"

static const char usage[] =
	"usage: proctor batch -o DIR [OPTIONS] JOBS.jsonl|-\n"
	"       proctor batch --merge [--resume] OUT DIR...\n"
	"Runs each job of a file, one JSON object a line, and records what became of it\n"
	"in DIR/results.jsonl.\n"
	"\n"
	"  -o, --directory DIR         where results, logs and outputs go; is made\n"
	"  -j, --jobs N                runs at a time (default: one for each core)\n"
	"      --resume                go on where an earlier batch in DIR ended\n"
	"      --merge                 results of each DIR in one directory, OUT\n"
	"      --checker exact|tokens|float:EPS|PROGRAM\n"
	"                              how outputs are compared (default tokens)\n"
	"      --emit FORMAT=FILE|-    junit, tap, gradescope, github, go-judge, isolate\n"
	"                              or runguard too (the last two to a directory)\n"
	"  -q, --quiet                 no progress, no summary\n"
	"  -h, --help                  this text\n"
	GRADE_HELP_RUNS
	"See proctor-batch(1).\n";

enum { OPT_MERGE = 1024 };

/* Checks the number of arguments after the options. */
static int check_words(int n, bool merge, struct grade_options *options)
{
	if (merge && (options->dir || n < 2)) {
		complain("batch: --merge: OUT and the directories are needed, and nothing else (proctor batch --help)");
		return EXIT_USAGE;
	}
	if (!merge && (n != 1 || !options->dir)) {
		complain("batch: %s (proctor batch --help)", options->dir ? "one file of jobs is needed" : "-o DIR is needed");
		return EXIT_USAGE;
	}
	grade_options_complete(options);
	return -1;
}

static int parse_options(int argc, char **argv, struct grade_options *options, bool *ret_merge)
{
	static const struct option longs[] = { GRADE_LONG, { "merge", no_argument, NULL, OPT_MERGE }, { NULL, 0, NULL, 0 } };
	int c, r;

	opterr = 0;
	while ((c = getopt_long(argc, argv, GRADE_SHORT, longs, NULL)) != -1) {
		if (c == 'h')
			return cli_usage(usage, true);
		if (c == '?' || c == ':')
			return suggest_bad_option("batch", c, argv, longs);
		*ret_merge |= c == OPT_MERGE;
		r = c == OPT_MERGE ? 0 : grade_options_take(options, c, optarg);
		if (r)
			return r;
	}
	return check_words(argc - optind, *ret_merge, options);
}

static int run_merge(const struct grade_options *options, char **words)
{
	int r = merge_results(words[0], words + 1, options->resume), told = 0;
	_cleanup_close_ int fd = r <= 1 ? open(words[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0)
		told = grade_options_emit(options, fd);
	return r <= 1 && told ? told : r;
}

static int run_batch(const struct grade_options *options, const char *path)
{
	const struct engine_options engine_options = {
		.command = "batch", .dir = options->dir, .jobs = options->jobs, .options = options->options,
		.resume = options->resume, .quiet = options->quiet,
		.warm = options->running.name, .work = options->running.name ? cmd_run_work() : NULL,
	};
	_cleanup_batch_ struct batch *batch = NULL;
	_cleanup_engine_ struct engine *engine = NULL;
	_cleanup_buf_ struct buf tally = { 0 };
	struct source source;
	int r, told;

	r = batch_open(path, &options->checker, options->defaults, options->wall_ns, &batch);
	if (r == 0)
		r = engine_open(&engine_options, &engine);
	if (r)
		return r;
	source = batch_source(batch, engine);
	r = engine_run(engine, &source);
	told = grade_options_emit(options, engine_dir_fd(engine));
	if (r <= 1 && told)
		r = told;
	if (options->quiet)
		return r;
	put_tally(&tally, engine_results(engine));
	fprintf(stderr, "%zu runs: %s\n", results_count(engine_results(engine)), tally.data ? tally.data : "none");
	return r;
}

int cmd_batch(int argc, char **argv)
{
	struct grade_options options;
	bool merge = false;
	int r;

	grade_options_init(&options, "batch");
	r = parse_options(argc, argv, &options, &merge);
	if (r < 0 && merge) {
		r = run_merge(&options, argv + optind);
	} else if (r < 0) {
		r = grade_options_start_pool(&options);
		if (r == 0)
			r = run_batch(&options, argv[optind]);
	}
	grade_options_fini(&options);
	return r;
}
