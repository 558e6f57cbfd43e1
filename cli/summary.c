/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <getopt.h>
#include <stdio.h>

#include "base/util.h"
#include "cli/log_command.h"
#include "cli/suggest.h"
#include "report/breakdown.h"
#include "report/summary.h"

#define EXIT_INCOMPLETE 1 /* printed, but the log lacks something */

static const char usage[] =
	"usage: proctor summary [-s|--sort time|calls|errors|broker|name] [-j|--json]\n"
	"                       [-h|--help] LOG\n"
	"       proctor summary --by syscall|file|directory|line|process|rule\n"
	"                       [--outside]\n"
	"                       [-s|--sort calls|refused|errors|bytes|time|name]\n"
	"                       [-j|--json | --csv] LOG...\n"
	"Counts, errors and time of each system call as strace -c shows them, and what\n"
	"was decided; or of one or more logs what was called for each file, directory,\n"
	"line ... --outside: not the submission's own files, nor its interpreter's.\n"
	"LOG - is standard input.\n";

struct options {
	const char *sort;
	enum summary_order order;
	bool json, csv, many, outside; /* MANY: --by was given */
	enum breakdown_by by;
	enum breakdown_order breakdown_order;
};

/* Which orders exist depends on what is counted. 0, or the exit status. */
static int settle_order(struct options *options)
{
	if (options->many) {
		if (!options->sort || breakdown_order_from_name(options->sort, &options->breakdown_order) == 0)
			return 0;
		complain("summary: no order %s: calls, refused, errors, bytes, time or name", options->sort);
		return EXIT_USAGE;
	}
	if (options->csv || options->outside) {
		complain("summary: %s needs --by", options->csv ? "--csv" : "--outside");
		return EXIT_USAGE;
	}
	if (!options->sort || summary_order_from_name(options->sort, &options->order) == 0)
		return 0;
	complain("summary: no order %s: time, calls, errors, broker or name", options->sort);
	return EXIT_USAGE;
}

static int settle_by(struct options *options)
{
	int r = settle_order(options);

	if (r)
		return r;
	if (options->outside && options->by != BY_FILE && options->by != BY_DIRECTORY) {
		complain("summary: --outside is about files: --by file or --by directory");
		return EXIT_USAGE;
	}
	if (options->csv && options->json) {
		complain("summary: --csv or --json");
		return EXIT_USAGE;
	}
	return 0;
}

/* -1 to go on, otherwise the exit status. */
static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "sort", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "by", required_argument, NULL, 'b' },
		{ "outside", no_argument, NULL, 'O' },
		{ "csv", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	optind = 0;
	opterr = 0; /* getopt would print the word unescaped */
	while ((c = getopt_long(argc, argv, ":s:jh", longs, NULL)) != -1) {
		switch (c) {
		case 's':
			options->sort = optarg;
			break;
		case 'b':
			options->many = true;
			if (breakdown_by_from_name(optarg, &options->by) == 0)
				break;
			complain("summary: nothing is counted by %s: syscall, file, directory, line, process or rule",
				 optarg);
			return EXIT_USAGE;
		case 'O':
			options->outside = true;
			break;
		case 'c':
			options->csv = true;
			break;
		case 'j':
			options->json = true;
			break;
		case 'h':
			return cli_usage(usage, true);
		default:
			return suggest_bad_option("summary", c, argv, longs);
		}
	}
	c = settle_by(options);
	return c ? c : -1;
}

static int print(struct summary *summary, const struct log_health *health,
		 const struct options *options, const char *path)
{
	int r = 0;

	if (log_is_foreign(health)) {
		complain("%s: not a proctor log", path);
		return EXIT_NOT_A_LOG;
	}
	summary_sort(summary, options->order);
	if (options->json)
		r = summary_print_json(summary, health, stdout);
	else
		summary_print(summary, health, stdout);
	if (r < 0 || fflush(stdout) || ferror(stdout))
		return EXIT_LOG;
	return log_is_whole(health) ? 0 : EXIT_INCOMPLETE;
}

/*
 * A whole log has its counts in one record near its end. Only a log without that record is read
 * again call by call; standard input cannot be read again.
 */
static int read_and_print(const char *path, const struct options *options, bool recount)
{
	struct log_reader *reader;
	struct summary summary;
	int r = open_log("", path, &reader);

	if (r)
		return r;
	r = summary_read(reader, recount, &summary);
	if (r < 0) {
		complain("%s: %s", path, strerror(-r));
		log_close(reader);
		return EXIT_LOG;
	}
	if (!summary.recorded && !recount && !log_is_foreign(log_health(reader)))
		r = read_and_print(path, options, true);
	else
		r = print(&summary, log_health(reader), options, path);
	summary_fini(&summary);
	log_close(reader);
	return r;
}

/* ------------------------------------------------------------------ --by */

static int read_summary(struct breakdown *breakdown, struct log_reader *reader)
{
	struct summary summary;
	/* Counted call by call in case there is no summary record: the log is read once. */
	int r = summary_read(reader, true, &summary);

	if (r < 0)
		return r;
	if (!log_is_foreign(log_health(reader)))
		breakdown_add_summary(breakdown, &summary, log_health(reader));
	summary_fini(&summary);
	return 0;
}

/* 0 or the exit status. */
static int add_log(struct breakdown *breakdown, const char *path)
{
	struct log_reader *reader;
	int r = open_log("", path, &reader);

	if (r)
		return r;
	r = breakdown->by == BY_SYSCALL ? read_summary(breakdown, reader) : breakdown_read(breakdown, reader, path);
	r = log_read_status("", path, r, log_health(reader));
	log_close(reader);
	return r;
}

static int break_down(const struct options *options, char **logs)
{
	struct breakdown breakdown;
	int r = 0;

	breakdown_init(&breakdown, options->by, options->outside);
	for (; *logs && !r; logs++)
		r = add_log(&breakdown, *logs);
	if (!r) {
		breakdown_sort(&breakdown, options->breakdown_order);
		if (options->json)
			breakdown_print_json(&breakdown, stdout);
		else if (options->csv)
			breakdown_print_csv(&breakdown, stdout);
		else
			breakdown_print(&breakdown, stdout);
		r = fflush(stdout) || ferror(stdout) ? EXIT_LOG : breakdown.whole ? 0 : EXIT_INCOMPLETE;
	}
	breakdown_fini(&breakdown);
	return r;
}

int cmd_summary(int argc, char **argv)
{
	struct options options = { .order = ORDER_TIME };
	int r = parse_options(argc, argv, &options);

	if (r >= 0)
		return r;
	if (options.many ? optind >= argc : argc - optind != 1)
		return cli_usage(usage, false);
	if (options.many)
		return break_down(&options, argv + optind);
	return read_and_print(argv[optind], &options, streq(argv[optind], "-"));
}
