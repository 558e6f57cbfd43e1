/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <getopt.h>

#include "base/escape.h"
#include "cli/log_command.h"
#include "report/diff.h"

static const char usage[] = "usage: proctor diff [-j|--json] [-h|--help] LOG LOG\n"
			    "Says what the second run asked for that the first did not, and the reverse:\n"
			    "files, calls, counts, decisions, lines, and how it ended. LOG - is standard\n"
			    "input.\n";

static int read_side(const char *path, struct diff_side *ret_side)
{
	struct log_reader *reader;
	int r = open_log("diff: ", path, &reader);

	if (r)
		return r;
	r = diff_read(reader, ret_side);
	log_close(reader);
	return log_read_status("diff: ", path, r, &ret_side->health);
}

static void tell_health(const char *path, const struct log_health *health, struct buf *out)
{
	_cleanup_buf_ struct buf text = { 0 };

	log_health_tell(health, &text);
	if (!text.len)
		return;
	text_path(out, path);
	buf_printf(out, ":\n%s", text.data);
}

int cmd_diff(int argc, char **argv)
{
	struct diff_side sides[2] = { 0 };
	_cleanup_buf_ struct buf out = { 0 };
	bool json = false, whole;
	int status = log_command_options(usage, argc, argv, &json), i;
	uint64_t n = 0;

	if (status >= 0)
		return status;
	if (argc - optind != 2 || (streq(argv[optind], "-") && streq(argv[optind + 1], "-")))
		return cli_usage(usage, false);
	for (status = i = 0; i < 2 && !status; i++) {
		status = read_side(argv[optind + i], &sides[i]);
		if (!status && !json)
			tell_health(argv[optind + i], &sides[i].health, &out);
	}
	if (!status) {
		n = diff_tell(&sides[0], &sides[1], json, &out);
		whole = log_is_whole(&sides[0].health) && log_is_whole(&sides[1].health);
		status = n || !whole;
		if ((out.len && fwrite(out.data, 1, out.len, stdout) != out.len) || fflush(stdout))
			status = EXIT_LOG;
	}
	for (i = 0; i < 2; i++)
		diff_side_fini(&sides[i]);
	return status;
}
