/* SPDX-License-Identifier: Apache-2.0 */
/* proctor learn: its options, and where the policy goes. */
#include "cli/learn.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/names.h"
#include "base/text.h"
#include "cli/suggest.h"

static const char usage[] =
	"usage: proctor learn [-o|--output POLICY] [--collapse N] [--min-runs K]\n"
	"                     [--partial] LOG...\n"
	"       proctor learn [-o|--output POLICY] [--collapse N] [--scratch]\n"
	"                     [--python PATH] -- PROGRAM [ARG...]\n"
	"       proctor learn -h|--help\n"
	"Writes the smallest policy that would have allowed what was recorded, best in\n"
	"audit mode, and says what it proved. A program is run to learn, in audit mode,\n"
	"and again under the result.\n";

static int parse_number(const char *option, const char *text, uint64_t least, uint64_t *ret_number)
{
	if (parse_count(text, ret_number) == 0 && *ret_number >= least)
		return -1;
	complain("learn: %s wants a number from %" PRIu64 " on", option, least);
	return EXIT_USAGE;
}

/* -1 to go on, otherwise the exit status. */
static int parse_options(int argc, char **argv, struct learn_options *options)
{
	static const struct option longs[] = {
		{ "output", required_argument, NULL, 'o' },  { "collapse", required_argument, NULL, 'c' },
		{ "min-runs", required_argument, NULL, 'm' }, { "partial", no_argument, NULL, 'p' },
		{ "python", required_argument, NULL, 'P' },  { "scratch", no_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },	     		{ NULL, 0, NULL, 0 },
	};
	int c, status = -1;

	optind = 0;
	opterr = 0;
	while (status < 0 && (c = getopt_long(argc, argv, "+:o:h", longs, NULL)) != -1) {
		switch (c) {
		case 'o':
			options->output = optarg;
			break;
		case 'c':
			status = parse_number("--collapse", optarg, 0, &options->collapse);
			break;
		case 'm':
			status = parse_number("--min-runs", optarg, 1, &options->min_runs);
			break;
		case 'p':
			options->partial = true;
			break;
		case 'P':
			options->python = optarg;
			break;
		case 's':
			options->scratch = true;
			break;
		case 'h':
			return cli_usage(usage, true);
		default:
			return suggest_bad_option("learn", c, argv, longs);
		}
	}
	return status;
}

/* Writes the policy to a new file; an existing one is not replaced. */
static int write_policy(const char *output, const struct buf *policy)
{
	int fd = output && !streq(output, "-") ? open(output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)
						: STDOUT_FILENO;
	ssize_t n;

	if (fd < 0) {
		complain("learn: %s: %s", output, strerror(errno));
		return EXIT_LOG;
	}
	n = write_full(fd, policy->data, policy->len);
	if (fd != STDOUT_FILENO && close(fd) < 0 && n >= 0)
		n = -errno;
	if (n >= 0)
		return 0;
	complain("learn: %s: %s", output ? output : "standard output", strerror((int)-n));
	return EXIT_LOG;
}

int cmd_learn(int argc, char **argv)
{
	struct learn_options options = { .collapse = 4, .min_runs = 1 };
	_cleanup_buf_ struct buf policy = { 0 }, report = { 0 };
	int status = parse_options(argc, argv, &options), r;
	bool program;

	if (status >= 0)
		return status;
	program = optind > 1 && streq(argv[optind - 1], "--");
	if (optind == argc)
		return cli_usage(usage, false);
	if (options.output && access(options.output, F_OK) == 0) {
		complain("learn: %s exists already", options.output);
		return EXIT_LOG;
	}
	status = program ? learn_from_program(&options, argv + optind, &policy, &report)
			 : learn_from_logs(&options, argv + optind, (size_t)(argc - optind), &policy, &report);
	if (policy.len) {
		r = write_policy(options.output, &policy);
		status = r ? r : status;
	}
	/* Last, so that it never ends up in the middle of the policy. */
	if (policy.len && report.len)
		fputs(report.data, stderr);
	return status;
}
