/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tail.h"

#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/log_command.h"
#include "cli/suggest.h"
#include "report/event.h"
#include "report/tail.h"

#define EXIT_INCOMPLETE 1 /* told, but the log lacks something */

static const char usage[] =
	"usage: proctor tail [-n|--lines N] [-h|--help] LOG|DIR\n"
	"Tells what happens in a run while its log grows, a line for each distinct\n"
	"refusal, until it has ended; or in the batch that writes to DIR, a line for each\n"
	"run. Of what was there before the last N lines (10). LOG - is standard input.\n";

/* A log that is followed. */
struct followed {
	const char *path;
	struct log_reader *reader;
	struct tail tail;
	bool grows, gone;
};

/* 0, or the exit status. */
static int follow_open(struct followed *f, struct tail_screen *screen)
{
	struct stat st;
	int r = log_open(f->path, &f->reader);

	if (r < 0) {
		complain("%s: %s", f->path, strerror(-r));
		return EXIT_NO_LOG;
	}
	/* A pipe does not grow again after its end. */
	f->grows = !streq(f->path, "-") && stat(f->path, &st) == 0 && S_ISREG(st.st_mode);
	if (f->grows)
		log_follow(f->reader);
	log_skip_allowed(f->reader);
	tail_init(&f->tail, screen->colour, streq(f->path, "-") ? NULL : f->path, tail_screen_put, screen);
	return 0;
}

static void follow_close(struct followed *f)
{
	if (!f->reader)
		return;
	log_close(f->reader);
	f->reader = NULL;
	tail_fini(&f->tail);
}

/* "12 s, 1,234 calls recorded, 3 refused" */
static void draw(const struct followed *f, struct tail_screen *screen)
{
	uint64_t now = clock_ns(CLOCK_REALTIME);
	_cleanup_buf_ struct buf status = { 0 };
	int64_t since;

	if (event_time(f->tail.run.started, &since) && since >= 0 && now >= (uint64_t)since)
		buf_printf(&status, "%llu s, ", (unsigned long long)((now - (uint64_t)since) / 1000000000));
	text_count(&status, f->tail.calls);
	buf_lit(&status, " calls recorded, ");
	text_count(&status, f->tail.violations);
	buf_lit(&status, " refused");
	tail_screen_status(screen, &status);
}

static void note(const struct followed *f, struct tail_screen *screen, const char *what)
{
	_cleanup_buf_ struct buf line = { 0 };

	buf_lit(&line, "proctor: ");
	text_path(&line, f->path);
	buf_printf(&line, " %s\n", what);
	tail_screen_put(screen, &line);
}

/* Takes all that there is now. 1: more may come; 0: that was all; or -errno. */
static int take_all(struct followed *f, struct tail_screen *screen)
{
	struct log_record record;
	int r;

	while ((r = log_next(f->reader, &record)) > 0) {
		tail_take(&f->tail, &record);
		if (tail_ended(&f->tail))
			return 0;
		/* With a pipe there is nothing to catch up with. */
		if (!f->grows)
			tail_screen_catch_up(screen);
		if (!f->grows && record.json)
			draw(f, screen);
	}
	return r < 0 ? r : f->grows;
}

/* The name may belong to another log by now. 0, or the exit status. */
static int look_again(struct followed *f, struct tail_screen *screen, struct tail_watch *watch)
{
	enum log_look look = log_look(f->reader, f->path);
	bool was_gone = f->gone;

	f->gone = look == LOG_GONE;
	if (f->gone && !was_gone)
		note(f, screen, "was removed; what is still written to it is told");
	if (look != LOG_CUT && look != LOG_REPLACED)
		return 0;
	note(f, screen, look == LOG_CUT ? "was cut: from its beginning again" : "is another file now: from its beginning");
	follow_close(f);
	tail_watch_add(watch, f->path, true);
	return follow_open(f, screen);
}

static int finish(struct followed *f, struct tail_screen *screen, int r)
{
	const struct log_health *health = log_health(f->reader);
	int status;

	if (r < 0 || log_is_foreign(health)) {
		tail_screen_finish(screen);
		return log_read_status("", f->path, r, health);
	}
	tail_screen_catch_up(screen);
	tail_finish(&f->tail);
	status = tail_screen_finish(screen);
	/* Anything behind the end record was not read, so the reader cannot count it. */
	if (!log_is_whole(health))
		log_tell_lacks(f->path, health);
	return status ? status : log_is_whole(health) ? 0 : EXIT_INCOMPLETE;
}

static int tail_log(const char *path, struct tail_screen *screen)
{
	struct followed f = { .path = path };
	struct tail_watch watch;
	int r = follow_open(&f, screen), status = r;

	if (r)
		return r;
	tail_watch_init(&watch);
	if (f.grows)
		tail_watch_add(&watch, path, true);
	while ((r = take_all(&f, screen)) > 0) {
		if (log_health(f.reader)->lines && log_is_foreign(log_health(f.reader)))
			break;
		tail_screen_catch_up(screen);
		draw(&f, screen);
		if (ferror(stdout)) {
			status = EXIT_LOG;
			break;
		}
		tail_watch_wait(&watch);
		status = look_again(&f, screen, &watch);
		if (status)
			break;
	}
	if (!status)
		status = finish(&f, screen, r);
	follow_close(&f);
	tail_watch_fini(&watch);
	return status;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool parse_lines(const char *text, size_t *ret_lines)
{
	unsigned long lines;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	lines = strtoul(text, &end, 10);
	if (*end || lines > TAIL_MAX_LINES)
		return false;
	*ret_lines = lines;
	return true;
}

/* -1 to go on, otherwise the exit status. */
static int parse_options(int argc, char **argv, size_t *ret_lines)
{
	static const struct option longs[] = {
		{ "lines", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":n:h", longs, NULL)) != -1) {
		if (c == 'h')
			return cli_usage(usage, true);
		if (c != 'n')
			return suggest_bad_option("tail", c, argv, longs);
		if (!parse_lines(optarg, ret_lines)) {
			complain("tail: --lines wants a number, 0 to %d", TAIL_MAX_LINES);
			return EXIT_USAGE;
		}
	}
	return -1;
}

int cmd_tail(int argc, char **argv)
{
	size_t lines = TAIL_LINES;
	int r = parse_options(argc, argv, &lines);
	struct tail_screen screen;

	if (r >= 0)
		return r;
	if (argc - optind != 1)
		return cli_usage(usage, false);
	tail_screen_init(&screen, lines);
	r = is_directory(argv[optind]) ? tail_batch(argv[optind], &screen) : tail_log(argv[optind], &screen);
	tail_screen_fini(&screen);
	return r;
}
