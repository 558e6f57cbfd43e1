/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/log_command.h"
#include "cli/output.h"
#include "cli/suggest.h"
#include "report/html/report.h"

#define EXIT_INCOMPLETE 1 /* written, but a log lacks something */

enum { MAX_SOURCE = 4 << 20 };

static const char usage[] =
	"usage: proctor report [OPTIONS] LOG...\n"
	"  -o, --output FILE|DIR  where to: the page of one log, standard output if it is\n"
	"                         not given or -; of several logs a directory, with an\n"
	"                         index.html and a page for each\n"
	"  -f, --force            replace what exists\n"
	"      --source FILE      source of the program, to be shown whole (repeatable)\n"
	"  -h, --help             this text\n"
	"Writes what a log says as one HTML page that needs nothing else.\n"
	"LOG - is standard input.\n";

struct options {
	const char *output;
	bool force;
	struct report_source *sources;
	size_t n_sources, cap_sources;
};

static int add_source(struct options *options, const char *name)
{
	char *text;
	size_t len;
	int r = read_file(AT_FDCWD, name, MAX_SOURCE, &text, &len);

	if (r < 0) {
		complain("%s: %s", name, strerror(-r));
		return EXIT_NO_LOG;
	}
	grow_array(&options->sources, &options->cap_sources, options->n_sources + 1, sizeof *options->sources);
	options->sources[options->n_sources++] = (struct report_source){ name, text, len };
	return 0;
}

static void options_fini(struct options *options)
{
	for (size_t i = 0; i < options->n_sources; i++)
		free((char *)options->sources[i].text);
	free(options->sources);
}

/* -1 to go on, otherwise the exit status. */
static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "output", required_argument, NULL, 'o' }, { "force", no_argument, NULL, 'f' },
		{ "source", required_argument, NULL, 's' }, { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c, r;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":o:fh", longs, NULL)) != -1) {
		switch (c) {
		case 'o':
			options->output = streq(optarg, "-") ? NULL : optarg;
			break;
		case 'f':
			options->force = true;
			break;
		case 's':
			r = add_source(options, optarg);
			if (r)
				return r;
			break;
		default:
			return c == 'h' ? cli_usage(usage, true) : suggest_bad_option("report", c, argv, longs);
		}
	}
	return -1;
}

/* ------------------------------------------------------------------ one log */

/* 0 or EXIT_INCOMPLETE, with RET_GATHERING, or another exit status without it. */
static int read_log(const char *path, struct gathering *ret_gathering)
{
	struct log_reader *reader;
	int r = open_log("", path, &reader);

	if (r)
		return r;
	gathering_init(ret_gathering);
	r = log_read_status("", path, gather(ret_gathering, reader), log_health(reader));
	if (r) {
		gathering_fini(ret_gathering);
	} else if (!log_is_whole(log_health(reader))) {
		log_tell_lacks(path, log_health(reader));
		r = EXIT_INCOMPLETE;
	}
	log_close(reader);
	return r;
}

static int write_page(struct gathering *gathering, const struct options *options, const char *index, const char *name)
{
	const struct report_options report = { .sources = options->sources, .n_sources = options->n_sources, .index = index };
	struct output output;
	int r = output_open(&output, name, options->force);

	if (r)
		return r;
	report_write(gathering, &report, output.file);
	return output_close(&output, true);
}

static int one_log(const struct options *options, const char *path)
{
	struct gathering gathering;
	int status = read_log(path, &gathering), r;

	if (status && status != EXIT_INCOMPLETE)
		return status;
	r = write_page(&gathering, options, NULL, options->output);
	gathering_fini(&gathering);
	return r ? r : status;
}

/* ------------------------------------------------------------------ several */

struct pages {
	const struct options *options;
	struct report_row *rows;
	size_t n, cap;
};

static bool is_taken(const struct pages *pages, const char *href)
{
	if (streq(href, "index.html"))
		return true;
	for (size_t i = 0; i < pages->n; i++)
		if (streq(pages->rows[i].href, href))
			return true;
	return false;
}

/* "run.html" for logs/run.jsonl; only letters, digits and dots, so that it works as file name and link. */
static char *page_name(const struct pages *pages, const char *log)
{
	const char *slash = strrchr(log, '/');
	_cleanup_free_ char *name = xstrndup(slash ? slash + 1 : log, 100);
	size_t n = strlen(name), tail = strlen(".jsonl");
	char *href;

	if (n > tail && streq(name + n - tail, ".jsonl"))
		name[n - tail] = '\0';
	for (char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && (c == name || !strchr("._-", *c)))
			*c = '_';
	href = xasprintf("%s.html", *name ? name : "log");
	for (size_t i = 2; is_taken(pages, href); i++) {
		free(href);
		href = xasprintf("%s-%zu.html", name, i);
	}
	return href;
}

/* 0, EXIT_INCOMPLETE to go on, or another exit status to give up with. */
static int add_page(struct pages *pages, const char *log)
{
	_cleanup_free_ char *href = page_name(pages, log), *path = NULL;
	struct gathering gathering;
	int status = read_log(log, &gathering), r;

	if (status && status != EXIT_INCOMPLETE)
		return status;
	path = xasprintf("%s/%s", pages->options->output, href);
	r = write_page(&gathering, pages->options, "index.html", path);
	if (!r) {
		grow_array(&pages->rows, &pages->cap, pages->n + 1, sizeof *pages->rows);
		report_row(&gathering, href, log, &pages->rows[pages->n++]);
	}
	gathering_fini(&gathering);
	return r ? r : status;
}

static int write_index(const struct pages *pages)
{
	_cleanup_free_ char *path = xasprintf("%s/index.html", pages->options->output);
	struct output output;
	int r = output_open(&output, path, pages->options->force);

	if (r)
		return r;
	report_index(pages->rows, pages->n, output.file);
	return output_close(&output, true);
}

static int make_directory(const struct options *options)
{
	if (mkdir(options->output, 0700) == 0 || (errno == EEXIST && options->force))
		return 0;
	complain("%s: %s", options->output, errno == EEXIST ? "exists already (--force replaces what is in it)" : strerror(errno));
	return EXIT_LOG;
}

static int several_logs(const struct options *options, char **logs)
{
	struct pages pages = { .options = options };
	int status = make_directory(options), r;
	bool incomplete = false;

	for (; !status && *logs; logs++) {
		r = add_page(&pages, *logs);
		incomplete = incomplete || r == EXIT_INCOMPLETE;
		status = r == EXIT_INCOMPLETE ? 0 : r;
	}
	if (!status)
		status = write_index(&pages);
	for (size_t i = 0; i < pages.n; i++)
		report_row_fini(&pages.rows[i]);
	free(pages.rows);
	return status ? status : incomplete ? EXIT_INCOMPLETE : 0;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return path && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* LOGS: NULL-terminated, at least one. */
static int write_pages(const char *command, const struct options *options, char **logs)
{
	bool several = logs[1];

	if (several && !options->output) {
		complain("%s: several logs make several pages: -o DIR says where to", command);
		return EXIT_USAGE;
	}
	return several || is_directory(options->output) ? several_logs(options, logs) : one_log(options, logs[0]);
}

int report_pages(const char *command, const char *output, bool force, char **logs)
{
	const struct options options = { .output = output, .force = force };

	return write_pages(command, &options, logs);
}

int cmd_report(int argc, char **argv)
{
	struct options options = { 0 };
	int r = parse_options(argc, argv, &options);

	if (r < 0)
		r = optind >= argc ? cli_usage(usage, false) : write_pages("report", &options, argv + optind);
	options_fini(&options);
	return r;
}
