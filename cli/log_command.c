/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/log_command.h"

#include <getopt.h>

#include "cli/cli.h"
#include "cli/suggest.h"

int open_log(const char *prefix, const char *path, struct log_reader **ret_reader)
{
	int r = log_open(path, ret_reader);

	if (r < 0) {
		complain("%s%s: %s", prefix, path, strerror(-r));
		return EXIT_NO_LOG;
	}
	log_show_progress(*ret_reader);
	return 0;
}

int log_read_status(const char *prefix, const char *path, int r, const struct log_health *health)
{
	if (r < 0) {
		complain("%s%s: %s", prefix, path, strerror(-r));
		return EXIT_LOG;
	}
	if (!log_is_foreign(health))
		return 0;
	complain("%s%s: not a proctor log", prefix, path);
	return EXIT_NOT_A_LOG;
}

int log_command_options(const char *usage, int argc, char **argv, bool *ret_json)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":jh", longs, NULL)) != -1) {
		if (c != 'j')
			return c == 'h' ? cli_usage(usage, true) : suggest_bad_option(argv[0], c, argv, longs);
		*ret_json = true;
	}
	return -1;
}

void log_tell_lacks(const char *path, const struct log_health *health)
{
	_cleanup_buf_ struct buf lacks = { 0 };

	log_health_tell(health, &lacks);
	for (char *line = lacks.data, *end; line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		complain("%s: %s", path, line);
	}
}
