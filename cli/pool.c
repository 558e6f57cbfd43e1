/* SPDX-License-Identifier: Apache-2.0 */
/* proctor pool: a service in the foreground that holds interpreters (cli/pool_serve.h). */
#include "cli/cli.h"

#include <getopt.h>
#include <stdlib.h>

#include "base/names.h"
#include "cli/pool_serve.h"
#include "cli/suggest.h"

static const char usage[] =
	"usage: proctor pool --listen SOCKET [OPTIONS]\n"
	"Holds interpreters that are started already, for runs that begin from them.\n"
	"\n"
	"      --listen SOCKET         a Unix socket, made with mode 0600; @NAME: abstract\n"
	"      --python PATH           the interpreter (default python3)\n"
	"      --preload MODULE,...    modules that are imported before (repeatable)\n"
	"      --mode exact|quick      how runs end: as they do without (default), or\n"
	"                              at once where nobody could tell\n"
	"      --renew-runs N          a new template after N runs (default 10000)\n"
	"      --renew-after TIME      and after TIME (default 600s)\n"
	"      --start-within TIME     or a template is none (default 30s)\n"
	"      --end-with-stdin        end when standard input does\n"
	"  -q, --quiet                 nothing on standard error but errors\n"
	"  -h, --help                  this text\n"
	"See proctor-pool(1).\n";

enum { OPT_LISTEN = 256, OPT_PYTHON, OPT_PRELOAD, OPT_MODE, OPT_RENEW_RUNS, OPT_RENEW_AFTER, OPT_END_WITH_STDIN, OPT_START_WITHIN };

static int take_preloads(const char *value, char ***preload)
{
	if (pool_take_preloads(value, preload) == 0)
		return 0;
	complain("pool: --preload %s: not names of modules with commas between them", value);
	return EXIT_USAGE;
}

static int take_option(struct pool_options *pool, char ***preload, int option, const char *value)
{
	switch (option) {
	case OPT_LISTEN:
		pool->listen = value;
		return 0;
	case OPT_PYTHON:
		pool->python = value;
		return 0;
	case OPT_PRELOAD:
		return take_preloads(value, preload);
	case OPT_MODE:
		pool->quick = streq(value, "quick");
		if (pool->quick || streq(value, "exact"))
			return 0;
		complain("pool: --mode %s: not exact or quick", value);
		return EXIT_USAGE;
	case OPT_RENEW_RUNS:
		if (parse_count(value, &pool->renew_runs) == 0 && pool->renew_runs > 0)
			return 0;
		complain("pool: --renew-runs %s: not a positive number", value);
		return EXIT_USAGE;
	case OPT_RENEW_AFTER:
		if (parse_duration(value, &pool->renew_ns) == 0)
			return 0;
		complain("pool: --renew-after %s: not a time such as 2s or 500ms", value);
		return EXIT_USAGE;
	case OPT_START_WITHIN:
		if (parse_duration(value, &pool->start_ns) == 0 && pool->start_ns >= 1000000)
			return 0;
		complain("pool: --start-within %s: not a time such as 2s or 500ms", value);
		return EXIT_USAGE;
	case OPT_END_WITH_STDIN:
		pool->ends_with_stdin = true;
		return 0;
	default:
		pool->quiet = true;
		return 0;
	}
}

int cmd_pool(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "listen", required_argument, NULL, OPT_LISTEN },
		{ "python", required_argument, NULL, OPT_PYTHON },
		{ "preload", required_argument, NULL, OPT_PRELOAD },
		{ "mode", required_argument, NULL, OPT_MODE },
		{ "renew-runs", required_argument, NULL, OPT_RENEW_RUNS },
		{ "renew-after", required_argument, NULL, OPT_RENEW_AFTER },
		{ "start-within", required_argument, NULL, OPT_START_WITHIN },
		{ "end-with-stdin", no_argument, NULL, OPT_END_WITH_STDIN },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct pool_options pool;
	char **preload = NULL;
	int option, r = 0;
	bool help = false;

	pool_options_init(&pool);
	opterr = 0;
	while (r == 0 && !help && (option = getopt_long(argc, argv, ":qh", longs, NULL)) >= 0) {
		help = option == 'h';
		r = option == '?' || option == ':' ? suggest_bad_option("pool", option, argv, longs) :
		    help			   ? cli_usage(usage, true) :
						     take_option(&pool, &preload, option, optarg);
	}
	if (r == 0 && !help && (!pool.listen || optind < argc)) {
		complain("pool: %s (proctor pool --help)", pool.listen ? "takes no arguments" : "--listen SOCKET is needed");
		r = EXIT_USAGE;
	}
	pool.preload = preload;
	if (r == 0 && !help)
		r = pool_serve(&pool, -1);
	strv_free(preload);
	return r;
}
