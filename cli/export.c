/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "cli/log_command.h"
#include "cli/output.h"
#include "cli/suggest.h"
#include "report/export/formats.h"

#define EXIT_INCOMPLETE 1 /* exported, but a log lacks something */

static const char usage[] =
	"usage: proctor export [OPTIONS] LOG...\n"
	"  --to chrome|csv|ecs|folded|html|intoto|ocsf|otlp|sarif|speedscope|sqlite\n"
	"  -o, --output FILE            where to; standard output if it is not given or -\n"
	"  -f, --force                  replace FILE if it exists\n"
	"  --weight calls|time|refused|samples\n"
	"                               folded: what a stack counts (calls)\n"
	"  --raw                        csv: no apostrophe before what looks a formula\n"
	"  --host-id URI                intoto: the name of this host\n"
	"  -h, --help                   this text\n"
	"LOG - is standard input.\n";

/* Not in the table of formats: a page is written when a log is at its end, and several logs make several files. */
static const char html[] = "html";

struct options {
	const struct export_format *format;
	bool html; /* instead */
	struct export_options export;
	const char *output;
	bool force;
};

static int parse_weight(const char *name, enum export_weight *ret_weight)
{
	static const char *const names[] = { "calls", "time", "refused", "samples" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(names[i], name)) {
			*ret_weight = (enum export_weight)i;
			return 0;
		}
	complain("export: no weight %s: calls, time, refused or samples", name);
	return -EINVAL;
}

/* A URI only has these characters (RFC 3986). */
static int parse_uri(const char *text, const char **ret_uri)
{
	static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
					 "-._~:/?#[]@!$&'()*+,;=%";

	if (!strchr(text, ':') || text[strspn(text, characters)]) {
		complain("export: %s is no URI", text);
		return -EINVAL;
	}
	*ret_uri = text;
	return 0;
}

static void tell_formats(FILE *out)
{
	const struct export_format *format;

	for (size_t i = 0; (format = export_format_at(i)); i++)
		fprintf(out, "  %-10s  %s\n", format->name, format->description);
	fprintf(out, "  %-10s  %s\n", html, "a page that people look at, as proctor report writes it");
}

/* -1 to go on, otherwise the exit status. */
static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "to", required_argument, NULL, 't' },	      { "output", required_argument, NULL, 'o' },
		{ "force", no_argument, NULL, 'f' },	      { "weight", required_argument, NULL, 'w' },
		{ "raw", no_argument, NULL, 'r' },	      { "host-id", required_argument, NULL, 'i' },
		{ "help", no_argument, NULL, 'h' },	      { NULL, 0, NULL, 0 },
	};
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":o:fh", longs, NULL)) != -1) {
		switch (c) {
		case 't':
			options->format = export_format_find(optarg);
			options->html = streq(optarg, html);
			if (options->format || options->html)
				break;
			complain("export: no format %s; there are:", optarg);
			tell_formats(stderr);
			return EXIT_USAGE;
		case 'o':
			options->output = streq(optarg, "-") ? NULL : optarg;
			break;
		case 'f':
			options->force = true;
			break;
		case 'w':
			if (parse_weight(optarg, &options->export.weight) < 0)
				return EXIT_USAGE;
			break;
		case 'r':
			options->export.raw = true;
			break;
		case 'i':
			if (parse_uri(optarg, &options->export.host_id) < 0)
				return EXIT_USAGE;
			break;
		default:
			if (c != 'h')
				return suggest_bad_option("export", c, argv, longs);
			c = cli_usage(usage, true);
			tell_formats(stdout);
			return c;
		}
	}
	return -1;
}

/* ------------------------------------------------------------------ logs */

/* 0, EXIT_INCOMPLETE to go on, or another exit status to give up with. */
static int one_log(struct exporter *exporter, const struct export_format *format, const char *path)
{
	struct log_reader *reader;
	int r = open_log("", path, &reader);

	if (r)
		return r;
	r = export_log(exporter, format, reader, path);
	if (r == 0 && log_is_foreign(log_health(reader))) {
		complain("%s: not a proctor log", path);
		r = EXIT_NOT_A_LOG;
	} else if (r == 0 && !log_is_whole(log_health(reader))) {
		log_tell_lacks(path, log_health(reader));
		r = EXIT_INCOMPLETE;
	} else if (r == -ENODATA) {
		r = EXIT_NOT_A_LOG; /* the format has said why */
	} else if (r < 0) {
		if (!ferror(exporter->out))
			complain("%s: %s", path, strerror(-r));
		r = EXIT_LOG;
	}
	log_close(reader);
	return r;
}

static int export_all(const struct options *options, char **logs, FILE *out)
{
	struct exporter exporter;
	int status = 0, r = 0;

	export_begin(&exporter, options->format, &options->export, out);
	for (; *logs && (r == 0 || r == EXIT_INCOMPLETE); logs++) {
		r = one_log(&exporter, options->format, *logs);
		status = r ? r : status;
	}
	export_end(&exporter, options->format, status == 0 || status == EXIT_INCOMPLETE);
	return status;
}

int cmd_export(int argc, char **argv)
{
	struct options options = { 0 };
	struct output output;
	int r = parse_options(argc, argv, &options), status;

	if (r >= 0)
		return r;
	if ((!options.format && !options.html) || optind >= argc)
		return cli_usage(usage, false);
	if (options.html)
		return report_pages("export", options.output, options.force, argv + optind);
	r = output_open(&output, options.output, options.force);
	if (r)
		return r;
	status = export_all(&options, argv + optind, output.file);
	r = output_close(&output, status == 0 || status == EXIT_INCOMPLETE);
	return r ? r : status;
}
