/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "base/names.h"
#include "base/util.h"
#include "cli/last_log.h"
#include "cli/log_command.h"
#include "cli/suggest.h"
#include "report/explain.h"

static const char usage[] =
	"usage: proctor explain [-a|--all] [-j|--json] [--audience staff|student]\n"
	"                       [--no-color] [-h|--help] [LOG [SEQ]]\n"
	"Says why each call was refused, and the smallest change that would allow it.\n"
	"Without LOG, of the last run that was started from a terminal without -o.\n"
	"LOG - is standard input. SEQ explains that record alone.\n";

static bool set_audience(struct explain_options *options, const char *audience)
{
	options->student = streq(audience, "student");
	return options->student || streq(audience, "staff");
}

/* -1 to go on, otherwise the exit status. */
static int parse_options(int argc, char **argv, struct explain_options *options)
{
	static const struct option longs[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "json", no_argument, NULL, 'j' },
		{ "audience", required_argument, NULL, 'A' },
		{ "no-color", no_argument, NULL, 'n' },
		{ "no-colour", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	optind = 0;
	opterr = 0; /* getopt would print the word unescaped */
	while ((c = getopt_long(argc, argv, ":ajh", longs, NULL)) != -1) {
		switch (c) {
		case 'a':
			options->all = true;
			break;
		case 'j':
			options->json = true;
			break;
		case 'n':
			options->no_colour = true;
			break;
		case 'A':
			if (set_audience(options, optarg))
				break;
			complain("explain: no audience %s: staff or student", optarg);
			return EXIT_USAGE;
		case 'h':
			return cli_usage(usage, true);
		default:
			return suggest_bad_option("explain", c, argv, longs);
		}
	}
	return -1;
}

static int open_and_explain(const char *path, const struct explain_options *options)
{
	struct log_reader *reader;
	int r = open_log("", path, &reader);

	if (r)
		return r;
	r = explain_log(reader, options, path, stdout);
	log_close(reader);
	return r;
}

static int explain_last(const struct explain_options *options)
{
	_cleanup_free_ char *name = last_log_name();

	if (name && access(name, F_OK) == 0)
		return open_and_explain(name, options);
	complain("explain: no LOG is named, and none is kept of a run that was started from a terminal without -o");
	return EXIT_NO_LOG;
}

int cmd_explain(int argc, char **argv)
{
	struct explain_options options = { 0 };
	int r = parse_options(argc, argv, &options);

	if (r >= 0)
		return r;
	if (argc == optind)
		return explain_last(&options);
	if (argc - optind > 2)
		return cli_usage(usage, false);
	if (argc - optind == 2 &&
	    (parse_count(argv[optind + 1], &options.sequence) < 0 || !options.sequence)) {
		complain("explain: no sequence number: %s", argv[optind + 1]);
		return EXIT_USAGE;
	}
	return open_and_explain(argv[optind], &options);
}
