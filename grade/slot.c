/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "grade/check.h"
#include "grade/directory.h"
#include "grade/passes.h"
#include "grade/referee.h"

enum { SYNTAX_STATUS = 3, MAX_STDERR = 1 << 20 };

/*
 * proctor ends a run at its limits by itself. In case it does not, it is killed well after the limit of elapsed
 * time, or after an hour where that is not known.
 */
#define GRACE_NS   ((uint64_t)120 * 1000000000)
#define UNKNOWN_NS ((uint64_t)3600 * 1000000000)

void run_spec_free(struct run_spec *spec)
{
	if (!spec)
		return;
	free(spec->id);
	strv_free(spec->options);
	strv_free(spec->words);
	free(spec->cwd);
	free(spec->files);
	free(spec->submission);
	free(spec->input);
	free(spec->input_text);
	free(spec->expected);
	free(spec->expected_text);
	checker_fini(&spec->checker);
	json_decref(spec->labels);
	free(spec);
}

int slot_fd(const struct slot *slot)
{
	if (slot->stage == STAGE_FREE)
		return -1;
	return slot->working ? slot->worker.fd : slot->child.pidfd;
}

void slot_kill(const struct slot *slot)
{
	child_kill(slot->working ? &slot->worker.child : &slot->child);
}

/* SLOT without a run: what stays for the next one. */
static struct slot without_run(const struct slot *slot)
{
	return (struct slot){ .core = slot->core, .worker = slot->worker, .work_of = slot->work_of, .run_fd = -1,
			      .check_status = -1 };
}

void slot_clear(struct slot *slot)
{
	struct child_end end;

	if (slot->working) {
		worker_end(&slot->worker);
	} else if (slot->stage == STAGE_RUN || slot->stage == STAGE_CHECK) {
		child_kill(&slot->child);
		child_collect(&slot->child, &end);
	}
	if (slot->spec && slot->run_fd >= 0)
		close(slot->run_fd);
	run_spec_free(slot->spec);
	outcome_fini(&slot->outcome);
	difference_fini(&slot->difference);
	buf_fini(&slot->check);
	if (slot->interaction)
		munmap(slot->interaction, sizeof *slot->interaction);
	free(slot->input);
	json_decref(slot->passes);
	*slot = without_run(slot);
}

/* ------------------------------------------------------------------ working directories */

/*
 * A directory that has been emptied is as good as a new one, and to the Landlock ruleset that a worker keeps it is the same
 * one (supervisor/standing.h): so it goes from one run of a slot to the next, under the next one's name.
 */
static void keep_work(struct slot *slot, const struct slot_ground *ground)
{
	if (ground->work && directory_empty(slot->run_fd, "work") == 0) {
		free(slot->work_of);
		slot->work_of = xstrdup(slot->spec->id);
	} else {
		directory_remove(slot->run_fd, "work");
	}
}

/* The name beneath DIR/runs of the directory that is kept, which is not any more; the caller's. NULL: there is none. */
static char *take_kept_work(struct slot *slot)
{
	_cleanup_free_ char *of = steal_ptr(&slot->work_of);

	return of ? xasprintf("%s/work", of) : NULL;
}

static int open_work(struct slot *slot, const struct slot_ground *ground)
{
	_cleanup_free_ char *kept = take_kept_work(slot);

	/* If it has gone, there is a new one. That of an earlier pass is in its place, and a rename to itself does nothing. */
	if (kept)
		renameat(ground->runs_fd, kept, slot->run_fd, "work");
	return directory_make(slot->run_fd, "work");
}

void slot_close(struct slot *slot, int runs_fd)
{
	_cleanup_free_ char *kept = take_kept_work(slot);

	if (kept)
		directory_remove(runs_fd, kept);
}

/* ------------------------------------------------------------------ starting */

static void add_labels(char ***words, const json_t *labels)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)labels, key, value) {
		strv_add(words, xstrdup("--label"));
		strv_add(words, xasprintf("%s=%s", key, json_string_value(value)));
	}
}

static char **make_words(const struct run_spec *spec, const struct slot_ground *ground)
{
	char **words = NULL;

	strv_add(&words, xstrdup("proctor"));
	strv_add(&words, xstrdup("run"));
	strv_add(&words, xstrdup("--quiet"));
	strv_add(&words, xstrdup("--exit=judged"));
	strv_add(&words, xasprintf("--verdict=%s/runs/%s/verdict.json", ground->path, spec->id));
	strv_add(&words, xasprintf("--log=%s/runs/%s/log.jsonl", ground->path, spec->id));
	strv_add(&words, xasprintf("--id=%s", spec->id));
	if (ground->warm)
		strv_add(&words, xasprintf("--warm=%s", ground->warm));
	strv_extend(&words, ground->options);
	strv_extend(&words, spec->options);
	add_labels(&words, spec->labels);
	strv_add(&words, xstrdup("--"));
	strv_extend(&words, spec->words);
	return words;
}

/* Each run opens the file anew, so that runs do not share an offset. */
static int open_input(struct slot *slot)
{
	const struct run_spec *spec = slot->spec;
	const char *path = slot->input ? slot->input : spec->input ? spec->input : "/dev/null";
	struct stat st;
	int fd, r;

	if (!slot->input && !spec->input && spec->input_text) {
		r = directory_write(slot->run_fd, "stdin", spec->input_text, spec->n_input_text);
		if (r < 0)
			return outcome_fail(&slot->outcome, "the input cannot be written", r);
		fd = openat(slot->run_fd, "stdin", O_RDONLY | O_CLOEXEC);
		return fd < 0 ? outcome_fail(&slot->outcome, "the input", -errno) : fd;
	}
	fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return outcome_fail(&slot->outcome, path, -errno);
	if ((slot->input || spec->input) && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		return outcome_fail(&slot->outcome, path, S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL);
	}
	return fd;
}

/* Makes a directory with the program's own files and those of the case; *RET is its path. */
static int fill_work(struct slot *slot, const struct slot_ground *ground, char **ret)
{
	const struct run_spec *spec = slot->spec;
	_cleanup_close_ int work = -1;
	int r;

	if (!spec->submission)
		return 0;
	work = open_work(slot, ground);
	if (work < 0)
		return outcome_fail(&slot->outcome, "the working directory", work);
	r = directory_copy(spec->submission, work);
	if (r < 0)
		return outcome_fail(&slot->outcome, spec->submission, r);
	r = spec->files ? directory_copy(spec->files, work) : 0;
	if (r < 0)
		return outcome_fail(&slot->outcome, spec->files, r);
	*ret = xasprintf("%s/runs/%s/work", ground->path, spec->id);
	return 0;
}

/* Starts the program alone; WORK is ground->work. */
static int start_program(struct slot *slot, struct launch *launch, const struct work *work)
{
	_cleanup_close_ int in = open_input(slot), out = -1;
	struct launch called;
	int r;

	if (in < 0)
		return in;
	/* Appended to: then a seek can overwrite nothing, and need not stop. */
	out = openat(slot->run_fd, "stdout", O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return outcome_fail(&slot->outcome, "the run's output", -errno);
	launch->in = in;
	launch->out = out;
	called = *launch;
	called.argv++; /* "proctor" */
	r = work ? worker_call(&slot->worker, &called, work) : -E2BIG;
	slot->working = r == 0;
	return r == -E2BIG ? launch_start(launch, &slot->child) : r;
}

/* Starts the referee, which starts the program and the interactor. */
static int start_both(struct slot *slot, const struct slot_ground *ground, const struct launch *program)
{
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC), transcript = -1;
	struct referee referee = { .launch = { [RELAY_PROGRAM] = *program },
				   .interactor_ns = check_wall_ns(&slot->spec->checker) };
	char **words = NULL;
	int r;

	transcript = openat(slot->run_fd, "interaction", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (null < 0 || transcript < 0)
		return -errno;
	if (!slot->interaction) {
		void *shared = mmap(NULL, sizeof *slot->interaction, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

		if (shared == MAP_FAILED)
			return -errno;
		slot->interaction = shared;
	}
	*slot->interaction = (struct interaction){ 0 };
	r = check_make_launch(slot, ground, &referee.launch[RELAY_INTERACTOR], &words);
	if (r < 0)
		return r;
	/* It stays in the referee's group, which is killed with the referee: so is all that the interactor started. */
	referee.launch[RELAY_INTERACTOR].own_group = false;
	referee.transcript_fd = transcript;
	referee.result = slot->interaction;
	r = launch_start(&(struct launch){ .argv = (char *const[]){ (char[]){ "proctor" }, NULL }, .run = referee_run,
					   .run_arg = &referee, .in = null, .out = null, .err = program->err,
					   .core = slot->core, .keep_fd = -1, .own_group = true },
			 &slot->child);
	strv_free(words);
	close(referee.launch[RELAY_INTERACTOR].err);
	return r;
}

/* Does what an exec would have done, and calls `run`. Of the engine's state only descriptors are closed. */
struct called {
	const struct work *work;
	char **words;
	int keep_fd;
};

static int call_run(void *arg)
{
	const struct called *called = arg;
	int r = 0, status;

	if (called->keep_fd > 3)
		r = (int)syscall(SYS_close_range, 3u, (unsigned)called->keep_fd - 1, 0u);
	if (r == 0)
		r = (int)syscall(SYS_close_range, (unsigned)MAX(called->keep_fd, 2) + 1, ~0u, 0u);
	if (r < 0)
		return EXIT_NOT_FOUND;
	optind = 0; /* getopt(3): from the beginning */
	status = called->work->run((int)strv_length(called->words) - 1, called->words + 1);
	return fflush(stdout) ? EXIT_INTERNAL : status;
}

static int start_run(struct slot *slot, const struct slot_ground *ground)
{
	const struct run_spec *spec = slot->spec;
	_cleanup_close_ int err = -1;
	_cleanup_free_ char *work = NULL;
	struct called called = { .work = ground->work, .keep_fd = ground->lock_fd };
	struct launch launch;
	char **words;
	int r;

	/* Otherwise a missing answer would only be noticed after the program ran. */
	if (spec->expected && access(spec->expected, R_OK) < 0)
		return outcome_fail(&slot->outcome, spec->expected, -errno);
	r = fill_work(slot, ground, &work);
	if (r < 0)
		return r;
	err = openat(slot->run_fd, "stderr", O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (err < 0)
		return outcome_fail(&slot->outcome, "the run's output", -errno);
	words = make_words(spec, ground);
	launch = (struct launch){ .argv = words, .file = "/proc/self/exe", .cwd = work ? work : spec->cwd, .in = -1,
				  .out = -1, .err = err, .core = slot->core, .keep_fd = ground->lock_fd,
				  .own_group = true, .run = ground->work ? call_run : NULL, .run_arg = &called };
	called.words = words;
	if (spec->checker.kind == CHECKER_INTERACTOR)
		r = start_both(slot, ground, &launch);
	else
		r = start_program(slot, &launch, ground->work);
	strv_free(words);
	if (r < 0 && !slot->outcome.reason.len)
		outcome_fail(&slot->outcome, "proctor cannot be started", r);
	return r;
}

static void start_pass(struct slot *slot, const struct slot_ground *ground)
{
	const struct run_spec *spec = slot->spec;

	slot->deadline = clock_ns(CLOCK_MONOTONIC) + (spec->wall_ns ? MIN(spec->wall_ns, UINT64_MAX / 8) * 2 : UNKNOWN_NS) +
			 GRACE_NS;
	if (spec->checker.kind == CHECKER_INTERACTOR)
		slot->deadline += check_wall_ns(&spec->checker);
	slot->stage = start_run(slot, ground) < 0 ? STAGE_DONE : STAGE_RUN;
}

void slot_start(struct slot *slot, struct run_spec *spec, const struct slot_ground *ground)
{
	slot->spec = spec;
	slot->pass = 1;
	slot->began = clock_ns(CLOCK_REALTIME);
	slot->outcome.final = FINAL_JE;
	slot->run_fd = directory_make_empty(ground->runs_fd, spec->id);
	if (slot->run_fd < 0) {
		outcome_fail(&slot->outcome, "the run's directory", slot->run_fd);
		slot->stage = STAGE_DONE;
		return;
	}
	start_pass(slot, ground);
}

/* ------------------------------------------------------------------ the end of a child */

/* The last line that the program wrote to standard error. */
static void put_last_line(struct buf *out, int run_fd)
{
	_cleanup_free_ char *text = NULL;
	size_t n, begin;

	if (read_file(run_fd, "stderr", MAX_STDERR, &text, &n) < 0)
		return;
	while (n > 0 && text[n - 1] == '\n')
		n--;
	for (begin = n; begin > 0 && text[begin - 1] != '\n'; begin--)
		;
	put_excerpt(out, text + begin, n - begin);
}

/*
 * The syntax check has ended; it runs nothing of the program. If the check reports an error or hits a limit, that
 * is the program's fault; if it failed by itself, it is not.
 */
static void syntax_ended(struct slot *slot)
{
	const json_t *exit = json_object_get(slot->outcome.verdict, "exit");
	bool own = json_integer_value(json_object_get(exit, "code")) == SYNTAX_STATUS;
	const char *staff = json_string_value(json_object_get(json_object_get(slot->outcome.verdict, "messages"), "staff"));

	if (slot->outcome.final == FINAL_OK || slot->outcome.final == FINAL_JE)
		return;
	if (slot->outcome.final == FINAL_RE)
		put_last_line(&slot->outcome.reason, slot->run_fd);
	else if (staff)
		put_told(&slot->outcome.reason, staff, strlen(staff));
	slot->outcome.final = slot->outcome.final == FINAL_RE && !own ? FINAL_JE : FINAL_CE;
	if (!slot->outcome.reason.len)
		buf_lit(&slot->outcome.reason, "its syntax could not be looked at");
}

/* The end of `proctor run`, as the referee saw it. False: it did not see one. */
static bool referee_ended(struct slot *slot, int *status)
{
	const struct interaction *interaction = slot->interaction;

	if (interaction->whole)
		*status = interaction->program_status;
	else if (interaction->error)
		outcome_fail(&slot->outcome, "program and interactor cannot be run", interaction->error);
	else
		buf_puts(&slot->outcome.reason, slot->late ? "program and interactor did not come to an end" :
							     "the referee of program and interactor was ended");
	return interaction->whole;
}

static void run_ended(struct slot *slot, const struct child_end *end, const struct slot_ground *ground)
{
	int status = end->status;

	slot->stage = STAGE_DONE;
	if (!slot->interaction || referee_ended(slot, &status))
		outcome_read(slot->run_fd, slot->spec->id, status, slot->late, &slot->outcome);
	/* It is only a copy. */
	if (slot->spec->submission)
		keep_work(slot, ground);
	if (slot->interaction) {
		if (slot->interaction->whole)
			check_interaction(slot);
		return;
	}
	if (slot->spec->compiles)
		syntax_ended(slot);
	else if (slot->outcome.final == FINAL_OK)
		check_start(slot, ground);
}

int slot_collect(struct slot *slot, struct child_end *ret_end)
{
	int r = slot->working ? worker_take(&slot->worker, ret_end) : child_collect(&slot->child, ret_end);

	slot->working = false;
	return r;
}

bool slot_is_over(const struct slot *slot, int r)
{
	return !slot->interaction && !slot->spec->checker.passes &&
	       (r < 0 || slot->stage == STAGE_CHECK || !checker_is_program(&slot->spec->checker));
}

struct slot slot_leave(struct slot *slot)
{
	struct slot run = *slot;

	run.worker = WORKER_NONE;
	run.work_of = NULL;
	*slot = without_run(slot);
	return run;
}

void slot_ended(struct slot *slot, int r, const struct child_end *end, const struct slot_ground *ground)
{
	enum stage stage = slot->stage;

	if (r < 0) {
		outcome_fail(&slot->outcome, "the end of a process cannot be learned", r);
		slot->stage = STAGE_DONE;
	} else if (stage == STAGE_RUN) {
		run_ended(slot, end, ground);
	} else {
		check_ended(slot, end);
	}
	if (slot->stage == STAGE_DONE && passes_go_on(slot, ground))
		start_pass(slot, ground);
	if (slot->stage == STAGE_DONE)
		check_score(slot);
}

/* ------------------------------------------------------------------ its line */

static void put_score(json_t *line, const struct slot *slot)
{
	const struct case_score *rules = &slot->spec->score;

	if (rules->kind == CASE_NO_SCORE || rules->kind == CASE_PASS_FAIL || slot->outcome.final == FINAL_JE)
		return;
	json_object_set_new(line, "score", json_real(slot->score));
	if (rules->kind == CASE_BOUNDED)
		json_object_set_new(line, "max_score", json_real(rules->most));
}

/* Copies members of the verdict unchanged. */
static void copy_verdict(json_t *line, const json_t *verdict)
{
	static const char *const members[] = { "status", "mode", "exit", "cpu_ns", "user_ns", "system_ns", "wall_ns", "memory_bytes",
					       "tasks_peak", "stdin_bytes", "output_bytes", "limit", "violations", "first_violation", "refusals", "cause", "messages", "log" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(members); i++) {
		json_t *value = json_object_get(verdict, members[i]);

		if (value)
			json_object_set(line, members[i], value);
	}
}

static const char *checker_name(const struct run_spec *spec)
{
	static const char *const names[] = { "tokens", "exact", "validator", "testlib", "interactor" };

	return names[spec->checker.kind];
}

static void put_check(json_t *line, const struct slot *slot)
{
	const struct difference *d = &slot->difference;

	if (!slot->checked)
		return;
	json_object_set_new(line, "checker", json_pack("{s:s}", "kind", checker_name(slot->spec)));
	if (checker_is_program(&slot->spec->checker)) {
		json_t *checker = json_object_get(line, "checker");

		if (slot->check_status >= 0)
			json_object_set_new(checker, "status", json_integer(slot->check_status));
		json_object_set_new(checker, "cpu_ns", json_integer((json_int_t)slot->check_ns));
		json_object_set_new(checker, "message", json_string(slot->check.data ? slot->check.data : ""));
	}
	if (d->line)
		json_object_set_new(line, "difference",
				    json_pack("{s:I,s:s,s:s}", "line", (json_int_t)d->line, "expected",
					      d->wanted.data ? d->wanted.data : "", "got", d->got.data ? d->got.data : ""));
}

void slot_result(const struct slot *slot, struct buf *out)
{
	const struct run_spec *spec = slot->spec;
	const json_t *verdict = slot->outcome.verdict;
	const char *ulid = json_string_value(json_object_get(json_object_get(verdict, "run"), "id"));
	_cleanup_buf_ struct buf began = { 0 };
	_cleanup_free_ char *directory = xasprintf("runs/%s", spec->id), *text = NULL;
	json_t *line;

	put_time(&began, slot->began);
	line = json_pack("{s:s,s:s,s:s,s:s,s:s?,s:o,s:{s:s?,s:s,s:s,s:i}}", "schema", "proctor.result/1", "id", spec->id,
			 "job", spec->key, "verdict", final_name(slot->outcome.final), "reason",
			 slot->outcome.reason.len ? slot->outcome.reason.data : NULL, "labels",
			 spec->labels ? json_incref(spec->labels) : json_object(), "run", "id", ulid, "directory",
			 directory, "started", began.data, "core", slot->core);
	copy_verdict(line, verdict);
	put_check(line, slot);
	put_score(line, slot);
	if (spec->checker.passes)
		json_object_set_new(line, "passes", passes_json(slot));
	if (slot->interaction && slot->interaction->whole)
		json_object_set_new(line, "interaction", interaction_json(slot->interaction));
	text = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	buf_puts(out, text ? text : "");
}
