/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/referee.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long a rejected program may go on: it may end by itself, and then has its verdict and log. */
#define MOMENT_NS ((uint64_t)1000000000)

struct match {
	const struct referee *referee;
	struct relay *relay;
	struct child child[RELAY_SIDES];
	bool gone[RELAY_SIDES], collected[RELAY_SIDES];
	uint64_t deadline[RELAY_SIDES]; /* CLOCK_MONOTONIC; 0: none */
	uint64_t pass_at;		/* when to ask relay_pass_end() again; 0: no need to */
};

enum { MAX_STAT = 64 << 10, PF_EXITING = 4 }; /* the flag is the kernel's, see proc(5) */

static const char *const ended_texts[] = { "the program has ended", "the interactor has ended" };

/* ------------------------------------------------------------------ starting */

static int start_one(struct match *match, enum relay_side side, int in, int out)
{
	struct launch launch = match->referee->launch[side];

	launch.in = in;
	launch.out = out;
	return launch_start(&launch, &match->child[side]);
}

static void close_pair(int pair[2])
{
	int i;

	for (i = 0; i < 2; i++)
		if (pair[i] >= 0)
			close(pair[i]);
}

/* Side S writes to pipe PAIRS[S] and reads from PAIRS[2 + S]. */
static int start(struct match *match)
{
	int pairs[4][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 } }, side, r = 0, i;

	for (i = 0; r == 0 && i < 4; i++)
		if (pipe2(pairs[i], O_CLOEXEC) < 0)
			r = -errno;
	/* The interactor first: it is ready sooner than a program under proctor. */
	for (side = RELAY_INTERACTOR; r == 0 && side >= 0; side--) {
		r = start_one(match, (enum relay_side)side, pairs[2 + side][0], pairs[side][1]);
		if (r < 0 && side == RELAY_PROGRAM) {
			child_kill(&match->child[RELAY_INTERACTOR]);
			child_collect(&match->child[RELAY_INTERACTOR], &match->referee->result->interactor);
		}
	}
	if (r < 0) {
		for (i = 0; i < 4; i++)
			close_pair(pairs[i]);
		return r;
	}
	for (side = 0; side < RELAY_SIDES; side++) {
		close(pairs[side][1]);
		close(pairs[2 + side][0]);
	}
	match->relay = relay_new((int[]){ pairs[0][0], pairs[1][0] }, (int[]){ pairs[2][1], pairs[3][1] },
				 match->referee->transcript_fd);
	return 0;
}

/* ------------------------------------------------------------------ ends */

/* Is PID gone, or exiting, which is when its files get closed? */
static bool is_exiting(pid_t pid)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d/stat", (int)pid), *text = NULL;
	const char *at;
	unsigned flags;
	char state;
	int r = read_file(AT_FDCWD, path, MAX_STAT, &text, NULL);

	if (r < 0)
		return r == -ENOENT || r == -ESRCH;
	at = strrchr(text, ')');
	if (!at || sscanf(at, ") %c %*d %*d %*d %*d %*d %u", &state, &flags) != 2)
		return false;
	return state == 'Z' || state == 'X' || (flags & PF_EXITING);
}

/* A program forked from a pool is not proctor's child, but proctor has a pidfd of it: proc_pid_fdinfo(5). */
static bool holds_running(pid_t proctor)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d/fdinfo", (int)proctor);
	_cleanup_closedir_ DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		_cleanup_free_ char *name = xasprintf("%s/%s", path, entry->d_name), *text = NULL;
		const char *at = entry->d_name[0] != '.' && read_file(AT_FDCWD, name, MAX_STAT, &text, NULL) == 0 ?
					 strstr(text, "\nPid:") :
					 NULL;
		long pid = at ? strtol(at + 5, NULL, 10) : 0;

		if (pid > 0 && !is_exiting((pid_t)pid))
			return true;
	}
	return false;
}

/* The same for the program: its parent is proctor or a pool, so this process cannot wait for it. */
static bool is_program_exiting(pid_t proctor)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d/task/%d/children", (int)proctor, (int)proctor), *text = NULL;
	char *at, *end;
	long pid;

	if (read_file(AT_FDCWD, path, MAX_STAT, &text, NULL) < 0)
		return false;
	for (at = text; (pid = strtol(at, &end, 10)) > 0 && end > at; at = end)
		if (!is_exiting((pid_t)pid))
			return false;
	return !holds_running(proctor);
}

/* A side that closes one pipe may be exiting and close the other next: on a busy machine that can take long. */
static bool is_ending(const struct match *match, enum relay_side side)
{
	if (!relay_is_closing(match->relay, side))
		return false;
	return side == RELAY_PROGRAM ? is_program_exiting(match->child[side].pid) : is_exiting(match->child[side].pid);
}

static void note_gone(struct match *match, enum relay_side side)
{
	match->gone[side] = true;
	relay_note(match->relay, ended_texts[side]);
	if (!match->gone[!side])
		match->referee->result->first = side;
	if (side == RELAY_PROGRAM && !match->collected[RELAY_INTERACTOR])
		match->deadline[RELAY_INTERACTOR] = clock_ns(CLOCK_MONOTONIC) + match->referee->interactor_ns;
}

static int collect(struct match *match, enum relay_side side)
{
	struct interaction *result = match->referee->result;
	struct child_end end;
	int r = child_collect(&match->child[side], &end);

	match->collected[side] = true;
	match->deadline[side] = 0;
	relay_finish_side(match->relay, side);
	if (r < 0)
		return r;
	if (side == RELAY_PROGRAM) {
		result->program_status = end.status;
		return 0;
	}
	result->interactor = end;
	if (WIFEXITED(end.status) && WEXITSTATUS(end.status) == VALIDATOR_REJECTS && !match->gone[RELAY_PROGRAM])
		match->deadline[RELAY_PROGRAM] = clock_ns(CLOCK_MONOTONIC) + MOMENT_NS;
	return 0;
}

static void end_late(struct match *match)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	struct interaction *result = match->referee->result;

	if (match->deadline[RELAY_PROGRAM] && now >= match->deadline[RELAY_PROGRAM]) {
		/* On SIGTERM proctor ends the program and still writes its log and verdict. */
		kill(match->child[RELAY_PROGRAM].pid, SIGTERM);
		match->deadline[RELAY_PROGRAM] = 0;
		result->stopped = true;
		relay_note(match->relay, "the program is ended");
	}
	if (match->deadline[RELAY_INTERACTOR] && now >= match->deadline[RELAY_INTERACTOR]) {
		child_kill(&match->child[RELAY_INTERACTOR]);
		match->deadline[RELAY_INTERACTOR] = 0;
		result->late = true;
		relay_note(match->relay, "the interactor is ended");
	}
}

/* ------------------------------------------------------------------ the whole */

static int timeout_of(const struct match *match)
{
	uint64_t times[] = { match->deadline[0], match->deadline[1], match->pass_at };
	uint64_t now = clock_ns(CLOCK_MONOTONIC), first = UINT64_MAX;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(times); i++)
		if (times[i])
			first = MIN(first, times[i]);
	if (first == UINT64_MAX)
		return -1;
	return first <= now ? 0 : (int)MIN((first - now) / 1000000 + 1, (uint64_t)60000);
}

static int one_step(struct match *match)
{
	struct pollfd polls[RELAY_POLLS + RELAY_SIDES];
	uint64_t wait = 0;
	int side, r = 0;

	relay_wait_for(match->relay, polls);
	for (side = 0; side < RELAY_SIDES; side++)
		polls[RELAY_POLLS + side] = (struct pollfd){ .fd = match->collected[side] ? -1 : match->child[side].pidfd,
							     .events = POLLIN };
	if (poll(polls, ARRAY_SIZE(polls), timeout_of(match)) < 0)
		return errno == EINTR ? 0 : -errno;
	relay_step(match->relay, polls);
	for (side = 0; side < RELAY_SIDES; side++)
		if (!match->gone[side] && (polls[RELAY_POLLS + side].revents ||
					   relay_is_gone(match->relay, (enum relay_side)side) ||
					   is_ending(match, (enum relay_side)side)))
			note_gone(match, (enum relay_side)side);
	for (side = 0; r == 0 && side < RELAY_SIDES; side++)
		if (polls[RELAY_POLLS + side].revents)
			r = collect(match, (enum relay_side)side);
	/* Only now may a side learn that the other has ended. */
	for (side = 0; side < RELAY_SIDES; side++) {
		uint64_t again = relay_pass_end(match->relay, (enum relay_side)side, match->gone[side]);

		if (again)
			wait = wait ? MIN(wait, again) : again;
	}
	match->pass_at = wait ? clock_ns(CLOCK_MONOTONIC) + wait : 0;
	end_late(match);
	return r;
}

int referee_run(void *arg)
{
	const struct referee *referee = arg;
	struct match match = { .referee = referee };
	struct interaction *result = referee->result;
	uint64_t began = clock_ns(CLOCK_MONOTONIC);
	int r;

	signal(SIGPIPE, SIG_IGN);
	r = start(&match);
	while (r == 0 && !(match.collected[RELAY_PROGRAM] && match.collected[RELAY_INTERACTOR]))
		r = one_step(&match);
	if (match.relay && relay_finish(match.relay, result->told) < 0)
		result->cut = true;
	relay_free(match.relay);
	result->wall_ns = clock_ns(CLOCK_MONOTONIC) - began;
	result->error = r;
	result->whole = r == 0;
	return r == 0 ? 0 : 1;
}
