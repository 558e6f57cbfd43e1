/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "base/util.h"
#include "cli/suggest.h"
#include "report/summary.h"

#define EXIT_INCOMPLETE 1 /* printed, but there was more than the log has */
#define EXIT_NOT_A_LOG 65 /* sysexits(3) EX_DATAERR */

static const char usage[] =
	"usage: proctor summary [-s|--sort time|calls|errors|broker|name] [-j|--json]\n"
	"                       [-h|--help] LOG\n"
	"Counts, errors and time of each system call as strace -c shows them, and what\n"
	"was decided. LOG - is standard input.\n";

struct options {
	enum summary_order order;
	bool json;
};

/* -1 to go on, otherwise the exit status. */
static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "sort", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	optind = 0;
	opterr = 0; /* getopt would say the word as it is */
	while ((c = getopt_long(argc, argv, ":s:jh", longs, NULL)) != -1) {
		switch (c) {
		case 's':
			if (summary_order_from_name(optarg, &options->order) == 0)
				break;
			complain("summary: no order %s: time, calls, errors, broker or name",
				 optarg);
			return EXIT_USAGE;
		case 'j':
			options->json = true;
			break;
		case 'h':
			return cli_usage(usage, true);
		default:
			return suggest_bad_option("summary", c, argv, longs);
		}
	}
	return -1;
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
 * A log that is whole has its counts in one record near its end. Only one that has none is read
 * again call by call; standard input cannot be.
 */
static int read_and_print(const char *path, const struct options *options, bool recount)
{
	struct log_reader *reader;
	struct summary summary;
	int r = log_open(path, &reader);

	if (r < 0) {
		complain("%s: %s", path, strerror(-r));
		return EXIT_NO_LOG;
	}
	log_show_progress(reader);
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

int cmd_summary(int argc, char **argv)
{
	struct options options = { .order = ORDER_TIME };
	int r = parse_options(argc, argv, &options);

	if (r >= 0)
		return r;
	if (argc - optind != 1)
		return cli_usage(usage, false);
	return read_and_print(argv[optind], &options, streq(argv[optind], "-"));
}
