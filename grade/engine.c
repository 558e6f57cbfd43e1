/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/cores.h"
#include "grade/cold.h"
#include "grade/directory.h"
#include "grade/progress.h"
#include "grade/slot.h"

enum { MAX_JOBS = 4096, TICK_MS = 250 };

/* With less free space than this, a program may have failed because the disk is full. */
#define LEAST_FREE_BYTES ((uint64_t)1 << 20)

struct engine {
	struct engine_options options;
	char *path;
	int dir_fd, runs_fd, signal_fd;
	struct results *results;
	struct slot_ground ground;
	struct slot *slots;
	const struct slot *ended; /* a run that is in no slot any more, and has no result yet; or NULL */
	struct pollfd *polls;
	unsigned n_slots, n_busy;
	bool source_ended, source_waits;
	int stop; /* not 0: nothing more is started, and this is the exit status */
	struct progress progress;
	struct cold cold;
	uint64_t began; /* CLOCK_REALTIME */
	sigset_t signals, signals_before;
};

/* ------------------------------------------------------------------ opening */

/* Gives each slot one of the cores that this process may use, in turn. Returns the number of slots. */
static unsigned give_cores(struct engine *engine, unsigned jobs)
{
	struct cores all;
	int *cores = NULL;
	size_t n = 0, cap = 0, core;
	unsigned i;

	cores_get(0, &all);
	for (core = 0; core < all.size * 8; core++) {
		if (!cores_has(&all, core))
			continue;
		grow_array(&cores, &cap, n + 1, sizeof *cores);
		cores[n++] = (int)core;
	}
	jobs = jobs ? jobs : (unsigned)MIN(MAX(n, 1u), (size_t)MAX_JOBS);
	engine->slots = xcalloc(jobs, sizeof *engine->slots);
	for (i = 0; i < jobs; i++) {
		engine->slots[i].core = n ? cores[i % n] : -1;
		engine->slots[i].run_fd = engine->slots[i].check_status = -1;
		engine->slots[i].worker = WORKER_NONE;
	}
	/* This process goes where no run is: what it does between two runs would be in the way of the next one's beginning.
	 * What it starts is put on its slot's core. */
	if (jobs < n) {
		for (i = 0; i < jobs; i++)
			cores_remove(&all, (size_t)cores[i]);
		/* If this fails, that costs time and nothing else. */
		cores_set(0, &all);
	}
	free(cores);
	return jobs;
}

static int open_directory(struct engine *engine)
{
	const char *dir = engine->options.dir;
	int r = directory_make(AT_FDCWD, dir);

	/* The user's own name for DIR may lead through a link. */
	if (r == -ENOTDIR || r == -ELOOP) {
		r = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = r < 0 ? -errno : r;
	}
	if (r >= 0) {
		engine->dir_fd = r;
		engine->path = realpath(dir, NULL);
		if (!engine->path)
			r = -errno;
	}
	if (r < 0) {
		complain("%s: %s: %s", engine->options.command, dir, strerror(-r));
		return EXIT_LOG;
	}
	r = results_open(engine->dir_fd, dir, engine->options.resume, &engine->results);
	if (r)
		return r;
	engine->runs_fd = directory_make(engine->dir_fd, "runs");
	if (engine->runs_fd < 0) {
		complain("%s/runs: %s", dir, strerror(-engine->runs_fd));
		return EXIT_LOG;
	}
	return 0;
}

int engine_open(const struct engine_options *options, struct engine **ret)
{
	_cleanup_engine_ struct engine *engine = xcalloc(1, sizeof *engine);
	int r;

	engine->options = *options;
	engine->dir_fd = engine->runs_fd = engine->signal_fd = -1;
	r = open_directory(engine);
	if (r)
		return r;
	engine->ground = (struct slot_ground){ engine->path, engine->runs_fd, results_lock_fd(engine->results),
					       engine->options.options, engine->options.warm,
					       engine->options.work };
	engine->n_slots = give_cores(engine, options->jobs);
	engine->polls = xcalloc(engine->n_slots + 2, sizeof *engine->polls);
	*ret = steal_ptr(&engine);
	return 0;
}

void engine_free(struct engine *engine)
{
	unsigned i;

	if (!engine)
		return;
	for (i = 0; i < engine->n_slots; i++) {
		slot_clear(&engine->slots[i]);
		worker_end(&engine->slots[i].worker);
		slot_close(&engine->slots[i], engine->runs_fd);
	}
	free(engine->slots);
	free(engine->polls);
	results_free(engine->results);
	cold_fini(&engine->cold);
	if (engine->dir_fd >= 0)
		close(engine->dir_fd);
	if (engine->runs_fd >= 0)
		close(engine->runs_fd);
	if (engine->signal_fd >= 0)
		close(engine->signal_fd);
	free(engine->path);
	free(engine);
}

struct results *engine_results(struct engine *engine)
{
	return engine->results;
}

int engine_dir_fd(const struct engine *engine)
{
	return engine->dir_fd;
}

void engine_key(const struct engine *engine, const char *description, size_t n, char ret[JOB_KEY_LENGTH + 1])
{
	unsigned char digest[JOB_KEY_LENGTH / 2];
	struct sha256_ctx sha;
	size_t i;

	sha256_init(&sha);
	for (i = 0; engine->options.options && engine->options.options[i]; i++)
		sha256_update(&sha, strlen(engine->options.options[i]) + 1,
			      (const uint8_t *)engine->options.options[i]);
	sha256_update(&sha, n, (const uint8_t *)description);
	sha256_digest(&sha, sizeof digest, digest);
	hex_text(digest, sizeof digest, ret);
}

/* ------------------------------------------------------------------ what went wrong */

static void stop(struct engine *engine, int status)
{
	if (!engine->stop)
		engine->stop = status;
}

static bool disk_is_full(const struct engine *engine)
{
	struct statvfs fs;
	uint64_t left;

	if (fstatvfs(engine->dir_fd, &fs) < 0)
		return false;
	left = (uint64_t)(geteuid() == 0 ? fs.f_bfree : fs.f_bavail) * fs.f_frsize;
	return left < LEAST_FREE_BYTES || (fs.f_files > 0 && fs.f_ffree == 0);
}

/* May the outcome of this run be recorded? If not, says why and starts nothing more. */
static bool is_result(struct engine *engine, const struct slot *slot)
{
	const char *command = engine->options.command;

	if (slot->outcome.stop) {
		progress_clear(&engine->progress);
		complain("%s: %s: %s", command, slot->spec->id, slot->outcome.reason.data);
		stop(engine, slot->outcome.stop);
		return false;
	}
	if (slot->outcome.final != FINAL_AC && disk_is_full(engine)) {
		progress_clear(&engine->progress);
		complain("%s: the disk of %s is full: %s is not judged", command, engine->options.dir, slot->spec->id);
		stop(engine, EXIT_LOG);
		return false;
	}
	return true;
}

static void record(struct engine *engine, const struct slot *run)
{
	_cleanup_buf_ struct buf line = { 0 };
	const struct run_spec *spec = run->spec;
	int r;

	slot_result(run, &line);
	r = results_append(engine->results, line.data, spec->id, spec->key, run->outcome.final);
	if (r < 0) {
		progress_clear(&engine->progress);
		complain("%s: %s/results.jsonl: %s", engine->options.command, engine->options.dir, strerror(-r));
		stop(engine, EXIT_LOG);
		return;
	}
	if (run->outcome.final == FINAL_JE) {
		progress_clear(&engine->progress);
		complain("%s: %s is not judged: %s", engine->options.command, spec->id, run->outcome.reason.data);
	}
	cold_note(&engine->cold, run->outcome.verdict);
}

/* Has RUN, which is in STAGE_DONE and in no slot any more, a result? Tells the source. */
static bool has_result(struct engine *engine, const struct source *source, const struct slot *run)
{
	/* After a mistake in the jobs, runs under way are still good. */
	if (engine->stop == EXIT_LOG || engine->stop == EXIT_HOST || !is_result(engine, run))
		return false;
	source->done(source->arg, run->spec, run->outcome.final);
	return true;
}

/* The slot is free for another run; its last one is returned, and is engine->ended. */
static void leave_slot(struct engine *engine, struct slot *slot, struct slot *ret_run)
{
	*ret_run = slot_leave(slot);
	engine->ended = ret_run;
	engine->n_busy--;
	engine->source_waits = false;
}


/* ------------------------------------------------------------------ starting */

/* Sets *RET_DONE for a job that has its result already; false when the job cannot be taken at all. */
static bool is_new(struct engine *engine, struct source *source, struct run_spec *spec, bool *ret_done)
{
	struct result_entry *entry = results_find(engine->results, spec->id);
	unsigned i;

	*ret_done = false;
	for (i = 0; i < engine->n_slots; i++)
		if (engine->slots[i].spec && streq(engine->slots[i].spec->id, spec->id))
			break;
	if ((entry && entry->seen) || i < engine->n_slots || (engine->ended && streq(engine->ended->spec->id, spec->id))) {
		complain("%s: %s: there are two jobs of this name", engine->options.command, spec->id);
		stop(engine, EXIT_BAD_POLICY);
		return false;
	}
	if (!entry)
		return true;
	if (!streq(entry->key, spec->key)) {
		complain("%s: %s: the result that is there is another job's (its line, or the options, are not the same)",
			 engine->options.command, spec->id);
		stop(engine, EXIT_BAD_POLICY);
		return false;
	}
	entry->seen = true;
	*ret_done = true;
	source->done(source->arg, spec, entry->verdict);
	return true;
}

static struct slot *free_slot(struct engine *engine)
{
	unsigned i;

	for (i = 0; i < engine->n_slots; i++)
		if (engine->slots[i].stage == STAGE_FREE)
			return &engine->slots[i];
	return NULL;
}

static void start_one(struct engine *engine, struct source *source, struct run_spec *spec)
{
	struct slot *slot = free_slot(engine);
	bool done;

	if (!slot)
		stop(engine, EXIT_INTERNAL);
	if (!slot || !is_new(engine, source, spec, &done) || done) {
		run_spec_free(spec);
		return;
	}
	slot_start(slot, spec, &engine->ground);
	engine->n_busy++;
}

static void start_more(struct engine *engine, struct source *source)
{
	struct run_spec *spec = NULL;
	int status = 0;

	while (!engine->stop && !engine->source_ended && !engine->source_waits && engine->n_busy < engine->n_slots) {
		switch (source->next(source->arg, &spec, &status)) {
		case NEXT_RUN:
			start_one(engine, source, spec);
			break;
		case NEXT_LATER:
			engine->source_waits = true;
			break;
		case NEXT_NONE:
			engine->source_ended = true;
			break;
		case NEXT_FAILED:
			/* Runs under way are still good. */
			engine->source_ended = true;
			stop(engine, status);
		}
	}
}

/* Records RUN, which leave_slot() has returned. GOES_ON: the next ones are begun before, as soon as the source knows. */
static void end_run(struct engine *engine, struct source *source, struct slot *run, bool goes_on)
{
	if (has_result(engine, source, run)) {
		if (goes_on)
			start_more(engine, source);
		record(engine, run);
	}
	slot_clear(run);
	engine->ended = NULL;
}

/* Runs that could not be started have their results. False: there are none. */
static bool end_unstarted(struct engine *engine, struct source *source)
{
	bool any = false;
	struct slot run;
	unsigned i;

	for (i = 0; i < engine->n_slots; i++) {
		if (engine->slots[i].stage != STAGE_DONE)
			continue;
		leave_slot(engine, &engine->slots[i], &run);
		end_run(engine, source, &run, false);
		any = true;
	}
	return any;
}

/* ------------------------------------------------------------------ waiting */

static int poll_timeout(const struct engine *engine)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC), first = UINT64_MAX;
	int timeout = engine->progress.shown ? TICK_MS : -1;
	unsigned i;

	for (i = 0; i < engine->n_slots; i++)
		if (engine->slots[i].stage != STAGE_FREE && !engine->slots[i].late)
			first = MIN(first, engine->slots[i].deadline);
	if (first == UINT64_MAX)
		return timeout;
	first = first > now ? (first - now) / 1000000 + 1 : 0;
	return timeout < 0 || first < (uint64_t)timeout ? (int)MIN(first, (uint64_t)60000) : timeout;
}

static void end_late(struct engine *engine)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	unsigned i;

	for (i = 0; i < engine->n_slots; i++) {
		struct slot *slot = &engine->slots[i];

		if (slot->stage == STAGE_FREE || slot->late || now < slot->deadline)
			continue;
		slot->late = true;
		slot_kill(slot);
	}
}

static void take_signal(struct engine *engine)
{
	struct signalfd_siginfo info;

	if (read(engine->signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	progress_clear(&engine->progress);
	complain("%s: stopped by a signal; %zu runs are recorded, --resume goes on", engine->options.command,
		 results_count(engine->results));
	engine->stop = 128 + (int)info.ssi_signo;
}

/* Kills runs under way, without results. */
static void drop_all(struct engine *engine)
{
	unsigned i;

	for (i = 0; i < engine->n_slots; i++)
		slot_clear(&engine->slots[i]);
	engine->n_busy = 0;
}

/*
 * What SLOT waits for has ended. The next run is begun as soon as it is known which one that is, because its core has
 * nothing to do until then, and only then is written down what came of this one.
 */
static void take_end(struct engine *engine, struct source *source, struct slot *slot)
{
	struct child_end end;
	struct slot run;
	int r = slot_collect(slot, &end);

	if (source->apart && slot_is_over(slot, r)) {
		leave_slot(engine, slot, &run);
		start_more(engine, source);
		slot_ended(&run, r, &end, &engine->ground);
	} else {
		slot_ended(slot, r, &end, &engine->ground);
		if (slot->stage != STAGE_DONE)
			return;
		leave_slot(engine, slot, &run);
	}
	end_run(engine, source, &run, true);
}

static int wait_for_one(struct engine *engine, struct source *source)
{
	struct pollfd *polls = engine->polls;
	unsigned i;

	polls[0] = (struct pollfd){ .fd = engine->signal_fd, .events = POLLIN };
	polls[1] = (struct pollfd){ .fd = engine->source_waits && !engine->stop ? source->fd : -1, .events = POLLIN };
	for (i = 0; i < engine->n_slots; i++)
		polls[i + 2] = (struct pollfd){ .fd = slot_fd(&engine->slots[i]), .events = POLLIN };
	if (poll(polls, engine->n_slots + 2, poll_timeout(engine)) < 0)
		return errno == EINTR ? 0 : -errno;
	if (polls[0].revents)
		take_signal(engine);
	if (engine->stop > 128) {
		drop_all(engine);
		return 0;
	}
	if (polls[1].revents)
		engine->source_waits = false;
	end_late(engine);
	for (i = 0; i < engine->n_slots; i++) {
		if (polls[i + 2].revents)
			take_end(engine, source, &engine->slots[i]);
	}
	return 0;
}

/* ------------------------------------------------------------------ the whole */

static int begin(struct engine *engine)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	size_t i;

	sigemptyset(&engine->signals);
	for (i = 0; i < ARRAY_SIZE(wanted); i++)
		sigaddset(&engine->signals, wanted[i]);
	if (sigprocmask(SIG_BLOCK, &engine->signals, &engine->signals_before) < 0)
		return -errno;
	engine->signal_fd = signalfd(-1, &engine->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return engine->signal_fd < 0 ? -errno : 0;
}

static int write_summary(struct engine *engine, bool complete, size_t before)
{
	_cleanup_buf_ struct buf began = { 0 }, ended = { 0 }, whole = { 0 };
	_cleanup_free_ char *text = NULL;
	struct utsname host = { 0 };
	json_t *summary;
	int r;

	put_time(&began, engine->began);
	put_time(&ended, clock_ns(CLOCK_REALTIME));
	uname(&host);
	summary = json_pack("{s:s,s:s,s:b,s:I,s:I,s:o,s:s,s:s,s:i,s:{s:s,s:s,s:s}}", "schema", "proctor.batch/1", "command",
			    engine->options.command, "complete", complete, "runs",
			    (json_int_t)results_count(engine->results), "resumed", (json_int_t)before, "verdicts",
			    results_tallies(engine->results), "started", began.data, "ended", ended.data, "jobs", (int)engine->n_slots,
			    "host", "name", host.nodename, "kernel", host.release, "machine", host.machine);
	text = json_dumps(summary, JSON_INDENT(1));
	json_decref(summary);
	if (!text)
		return -EIO;
	buf_puts(&whole, text);
	buf_putc(&whole, '\n');
	r = directory_replace(engine->dir_fd, "summary.json", whole.data, whole.len);
	if (r < 0)
		complain("%s: %s/summary.json: %s", engine->options.command, engine->options.dir, strerror(-r));
	return r;
}

static void tell_cold(const struct engine *engine)
{
	_cleanup_buf_ struct buf text = { 0 };

	cold_tell(&engine->cold, &text);
	if (text.len && !engine->options.quiet)
		complain("%s: %s", engine->options.command, text.data);
}

/* The exit status, after all that could be run. */
static int finish(struct engine *engine, size_t before)
{
	int r = results_sync(engine->results);

	progress_clear(&engine->progress);
	tell_cold(engine);
	if (r < 0) {
		complain("%s: %s/results.jsonl: %s", engine->options.command, engine->options.dir, strerror(-r));
		stop(engine, EXIT_LOG);
	}
	if (write_summary(engine, engine->stop == 0, before) < 0)
		stop(engine, EXIT_LOG);
	if (engine->stop)
		return engine->stop;
	return results_tally(engine->results, FINAL_JE) ? 1 : 0;
}

int engine_run(struct engine *engine, struct source *source)
{
	void (*sigpipe)(int) = signal(SIGPIPE, SIG_IGN);
	size_t before = results_count(engine->results);
	int r;

	engine->began = clock_ns(CLOCK_REALTIME);
	progress_init(&engine->progress, engine->options.quiet, source->total, before);
	r = begin(engine);
	while (r == 0) {
		start_more(engine, source);
		if (end_unstarted(engine, source))
			continue;
		if (engine->n_busy == 0 && (engine->source_ended || engine->stop))
			break;
		r = wait_for_one(engine, source);
		progress_tell(&engine->progress, engine->results);
	}
	if (r < 0) {
		complain("%s: %s", engine->options.command, strerror(-r));
		stop(engine, EXIT_INTERNAL);
		drop_all(engine);
	}
	r = finish(engine, before);
	sigprocmask(SIG_SETMASK, &engine->signals_before, NULL);
	signal(SIGPIPE, sigpipe);
	return r;
}
