/* SPDX-License-Identifier: Apache-2.0 */
/* proctor tail DIR: follows what proctor batch and judge write there, with a line for each run that has ended. */
#include "cli/tail.h"

#include <dirent.h>
#include <fcntl.h>

#include "base/text.h"
#include "cli/cli.h"
#include "report/table.h"
#include "report/tail.h"

enum {
	MAX_RUNS = 1 << 20, /* runs whose names are kept, to know which are under way */
	MAX_VERDICTS = 16,
	MAX_NAMED = 6, /* runs under way that are named */
	MAX_SUMMARY = 1 << 20,
};

struct batch {
	const char *dir;
	char *results, *runs; /* paths */
	struct log_reader *reader;
	struct table done; /* names of runs with a result */
	uint64_t told, again; /* results told; how many to pass over because the file is read again */
	struct {
		char name[8];
		uint64_t n;
	} verdicts[MAX_VERDICTS];
};

static void count_verdict(struct batch *b, const char *verdict)
{
	for (size_t i = 0; i < MAX_VERDICTS; i++) {
		if (!b->verdicts[i].n)
			snprintf(b->verdicts[i].name, sizeof b->verdicts[i].name, "%s", verdict);
		if (strncmp(b->verdicts[i].name, verdict, sizeof b->verdicts[i].name - 1) == 0) {
			b->verdicts[i].n++;
			return;
		}
	}
}

static void put_tally(const struct batch *b, struct buf *out)
{
	text_count(out, b->told);
	buf_puts(out, b->told == 1 ? " run done" : " runs done");
	for (size_t i = 0; i < MAX_VERDICTS && b->verdicts[i].n; i++) {
		buf_puts(out, i ? ", " : ": ");
		text_count(out, b->verdicts[i].n);
		buf_putc(out, ' ');
		text_args(out, b->verdicts[i].name);
	}
}

/* "PV s-381: cpu …: nothing grants reading it". */
static void tell_result(struct batch *b, json_t *json, struct tail_screen *screen)
{
	const char *id = json_text(json, "id"), *verdict = json_text(json, "verdict"), *status = json_text(json, "status"),
		   *reason = json_text(json, "reason"), *why = json_text(json, "messages.staff");
	_cleanup_buf_ struct buf line = { 0 };
	bool is_new;

	if (!id || !verdict)
		return;
	if (b->again) {
		b->again--;
		return;
	}
	b->told++;
	table_put(&b->done, id, strlen(id), &is_new);
	count_verdict(b, verdict);
	tail_put_text(verdict, &line);
	buf_putc(&line, ' ');
	tail_put_text(id, &line);
	buf_lit(&line, ": ");
	tail_put_used(json, &line);
	if (!reason && status && !streq(status, "OK"))
		reason = why;
	if (reason) {
		buf_lit(&line, ": ");
		tail_put_text(reason, &line);
	}
	buf_putc(&line, '\n');
	tail_screen_put(screen, &line);
}

/* How many runs have begun but have no result; appends the names of the first few. */
static uint64_t under_way(struct batch *b, struct buf *names)
{
	DIR *dir = opendir(b->runs);
	struct dirent *entry;
	uint64_t n = 0;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || table_find(&b->done, entry->d_name, strlen(entry->d_name)) != TABLE_FULL)
			continue;
		if (n++ < MAX_NAMED) {
			buf_puts(names, n == 1 ? "" : ", ");
			tail_put_text(entry->d_name, names);
		}
	}
	if (dir)
		closedir(dir);
	return n;
}

/* Is the batch over: its final summary counts what was told, and nothing is under way? */
static bool is_over(struct batch *b)
{
	_cleanup_free_ char *path = xasprintf("%s/summary.json", b->dir), *text = NULL;
	_cleanup_buf_ struct buf names = { 0 };
	json_t *json;
	uint64_t runs;
	size_t len;

	if (read_file(AT_FDCWD, path, MAX_SUMMARY, &text, &len) < 0)
		return false;
	json = json_loadb(text, len, 0, NULL);
	runs = json_number(json, "runs", UINT64_MAX);
	json_decref(json);
	return runs == b->told && !under_way(b, &names);
}

static void draw(struct batch *b, struct tail_screen *screen)
{
	_cleanup_buf_ struct buf status = { 0 }, names = { 0 };
	uint64_t n = screen->terminal ? under_way(b, &names) : 0;

	put_tally(b, &status);
	if (n) {
		buf_lit(&status, "; under way ");
		text_count(&status, n);
		buf_printf(&status, ": %s", names.data);
	}
	tail_screen_status(screen, &status);
}

/* 0, or the exit status. */
static int open_results(struct batch *b)
{
	int r = log_open(b->results, &b->reader);

	if (r < 0) {
		complain("%s: %s", b->results, strerror(-r));
		return EXIT_NO_LOG;
	}
	log_follow(b->reader);
	log_any(b->reader);
	return 0;
}

/* A resumed batch cuts off a line that a killed one left half written. 0, or the exit status. */
static int look_again(struct batch *b, struct tail_watch *watch)
{
	enum log_look look = log_look(b->reader, b->results);

	if (look != LOG_CUT && look != LOG_REPLACED)
		return 0;
	b->again = b->told;
	log_close(b->reader);
	b->reader = NULL;
	tail_watch_add(watch, b->results, false);
	return open_results(b);
}

static int follow(struct batch *b, struct tail_screen *screen, struct tail_watch *watch)
{
	_cleanup_buf_ struct buf line = { 0 };
	struct log_record record;
	int r;

	for (;;) {
		while ((r = log_next(b->reader, &record)) > 0)
			tell_result(b, record.json, screen);
		if (r < 0) {
			complain("%s: %s", b->results, strerror(-r));
			return EXIT_LOG;
		}
		tail_screen_catch_up(screen);
		if (is_over(b))
			break;
		draw(b, screen);
		if (ferror(stdout))
			return EXIT_LOG;
		tail_watch_wait(watch);
		r = look_again(b, watch);
		if (r)
			return r;
	}
	buf_lit(&line, "proctor: ");
	put_tally(b, &line);
	buf_putc(&line, '\n');
	tail_screen_put(screen, &line);
	return 0;
}

int tail_batch(const char *dir, struct tail_screen *screen)
{
	struct batch b = { .dir = dir, .results = xasprintf("%s/results.jsonl", dir), .runs = xasprintf("%s/runs", dir) };
	struct tail_watch watch;
	int r = open_results(&b), end;

	table_init(&b.done, MAX_RUNS, SIZE_MAX);
	tail_watch_init(&watch);
	if (!r) {
		tail_watch_add(&watch, dir, false);
		tail_watch_add(&watch, b.results, false);
		tail_watch_add(&watch, b.runs, false);
		r = follow(&b, screen, &watch);
	}
	end = tail_screen_finish(screen);
	log_close(b.reader);
	table_fini(&b.done);
	tail_watch_fini(&watch);
	free(b.results);
	free(b.runs);
	return r ? r : end;
}
