/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/names.h"
#include "grade/directory.h"
#include "grade/score.h"

enum { MAX_MESSAGE = 64 << 10, MAX_SCORE = 4096 };

/* Longer outputs are not compared in memory. */
#define MAX_COMPARED ((size_t)512 << 20)
enum { TESTLIB_POINTS = 7 };
/* What the problem package format guarantees a validator. */
#define CHECK_CPU_NS	   ((uint64_t)60 * 1000000000)
#define CHECK_MEMORY_BYTES ((uint64_t)4 << 30)
#define CHECK_FILE_BYTES   ((uint64_t)8 << 20)

static void fail(struct slot *slot, const char *what, int r)
{
	outcome_fail(&slot->outcome, what, r);
	slot->stage = STAGE_DONE;
}

/* ------------------------------------------------------------------ built in */

static void compare(struct slot *slot)
{
	const struct run_spec *spec = slot->spec;
	_cleanup_free_ char *output = NULL, *answer = NULL;
	size_t n_output, n_answer = spec->n_expected_text;
	const char *text = spec->expected_text;
	int r = read_file(slot->run_fd, "stdout", MAX_COMPARED, &output, &n_output);

	if (r < 0) {
		fail(slot, "the output cannot be read", r);
		return;
	}
	if (spec->expected) {
		r = read_file(AT_FDCWD, spec->expected, MAX_COMPARED, &answer, &n_answer);
		if (r < 0) {
			fail(slot, spec->expected, r);
			return;
		}
		text = answer;
	}
	slot->stage = STAGE_DONE;
	slot->checked = true;
	if (checker_compare(&spec->checker, output, n_output, text, n_answer, &slot->difference))
		slot->outcome.final = FINAL_AC;
	else
		slot->outcome.final = FINAL_WA;
}

/* ------------------------------------------------------------------ programs */

static char **make_words(const struct slot *slot, const struct slot_ground *ground)
{
	const struct run_spec *spec = slot->spec;
	bool testlib = spec->checker.kind == CHECKER_TESTLIB;
	const char *null = "/dev/null";
	char *run = xasprintf("%s/runs/%s", ground->path, spec->id);
	char *input = slot->input      ? xstrdup(slot->input) :
		      spec->input      ? xstrdup(spec->input) :
		      spec->input_text ? xasprintf("%s/stdin", run) :
					 xstrdup(null);
	char *answer = spec->expected	     ? xstrdup(spec->expected) :
		       spec->expected_text ? xasprintf("%s/expected", run) :
					     xstrdup(null);
	char **words = NULL;

	if (spec->checker.interpreter)
		strv_add(&words, xstrdup(spec->checker.interpreter));
	strv_add(&words, xstrdup(spec->checker.program));
	strv_add(&words, input);
	if (testlib)
		strv_add(&words, xasprintf("%s/stdout", run));
	strv_add(&words, answer);
	if (!testlib)
		strv_add(&words, xasprintf("%s/feedback/", run));
	strv_extend(&words, spec->checker.flags);
	free(run);
	return words;
}

int check_make_launch(struct slot *slot, const struct slot_ground *ground, struct launch *ret, char ***ret_words)
{
	const struct run_spec *spec = slot->spec;
	const struct checker *checker = &spec->checker;
	_cleanup_close_ int feedback = -1;
	int r = 0, out;

	if (spec->expected_text)
		r = directory_write(slot->run_fd, "expected", spec->expected_text, spec->n_expected_text);
	if (r < 0)
		return r;
	feedback = directory_make(slot->run_fd, "feedback");
	if (feedback < 0)
		return feedback;
	out = openat(slot->run_fd, "checker", O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	*ret_words = make_words(slot, ground);
	*ret = (struct launch){ .argv = *ret_words, .in = -1, .out = out, .err = out, .core = slot->core, .keep_fd = -1,
				.own_group = true, .cpu_ns = checker->cpu_ns ? checker->cpu_ns : CHECK_CPU_NS,
				.memory_bytes = checker->memory_bytes ? checker->memory_bytes : CHECK_MEMORY_BYTES,
				.file_bytes = checker->file_bytes ? checker->file_bytes : CHECK_FILE_BYTES };
	return 0;
}

uint64_t check_wall_ns(const struct checker *checker)
{
	return 3 * (checker->cpu_ns ? checker->cpu_ns : CHECK_CPU_NS);
}

static int start_program(struct slot *slot, const struct slot_ground *ground)
{
	const struct checker *checker = &slot->spec->checker;
	_cleanup_close_ int in = checker->kind == CHECKER_TESTLIB ? open("/dev/null", O_RDONLY | O_CLOEXEC) :
								  openat(slot->run_fd, "stdout", O_RDONLY | O_CLOEXEC);
	struct launch launch;
	char **words;
	int r;

	if (in < 0)
		return -errno;
	r = check_make_launch(slot, ground, &launch, &words);
	if (r < 0)
		return r;
	launch.in = in;
	r = launch_start(&launch, &slot->child);
	strv_free(words);
	close(launch.err);
	if (r == 0)
		slot->deadline = clock_ns(CLOCK_MONOTONIC) + check_wall_ns(checker);
	return r;
}

void check_start(struct slot *slot, const struct slot_ground *ground)
{
	const struct run_spec *spec = slot->spec;
	bool program = checker_is_program(&spec->checker);
	int r;

	if (!program && !spec->expected && !spec->expected_text) {
		slot->stage = STAGE_DONE;
		return;
	}
	if (!program) {
		compare(slot);
		return;
	}
	r = start_program(slot, ground);
	if (r < 0)
		fail(slot, "the checker cannot be started", r);
	else
		slot->stage = STAGE_CHECK;
}

/* The first line that the checker left for the judges; after several passes the last line, for each pass adds one. */
static void read_message(struct slot *slot)
{
	_cleanup_free_ char *text = NULL;
	const char *line, *newline;
	size_t n;

	if (read_file(slot->run_fd, "feedback/judgemessage.txt", MAX_MESSAGE, &text, &n) < 0 &&
	    read_file(slot->run_fd, "checker", MAX_MESSAGE, &text, &n) < 0)
		return;
	line = text;
	while (slot->pass > 1 && (newline = strchr(line, '\n')) && newline[1])
		line = newline + 1;
	put_excerpt(&slot->check, line, strcspn(line, "\n"));
}

static enum final by_validator(int status)
{
	return status == VALIDATOR_ACCEPTS ? FINAL_AC : status == VALIDATOR_REJECTS ? FINAL_WA : FINAL_JE;
}

/* Points, or parts of them, are an error in a pass-fail problem, so that nobody takes them for a verdict. */
static enum final by_testlib(int status, bool scored)
{
	if (status == TESTLIB_POINTS && scored)
		return FINAL_AC;
	switch (status) {
	case 0:
		return FINAL_AC;
	case 1: /* wrong answer */
	case 2: /* presentation error */
	case 4: /* dirt */
	case 8: /* unexpected end */
		return FINAL_WA;
	default:
		return FINAL_JE;
	}
}

void check_ended(struct slot *slot, const struct child_end *end)
{
	bool exited = WIFEXITED(end->status), testlib = slot->spec->checker.kind == CHECKER_TESTLIB;
	int status = exited ? WEXITSTATUS(end->status) : -1;

	slot->stage = STAGE_DONE;
	slot->checked = true;
	slot->check_status = status;
	slot->check_ns = end->cpu_ns;
	read_message(slot);
	slot->outcome.final = slot->late || !exited ? FINAL_JE : testlib ? by_testlib(status, slot->spec->score.kind != CASE_NO_SCORE) :
									by_validator(status);
	if (slot->outcome.final != FINAL_JE)
		return;
	if (slot->late)
		buf_lit(&slot->outcome.reason, "the checker did not come to an end");
	else if (!exited)
		buf_printf(&slot->outcome.reason, "the checker was ended by %s", signal_name(WTERMSIG(end->status)));
	else
		buf_printf(&slot->outcome.reason, "the checker ended with status %d", status);
}

void check_interaction(struct slot *slot)
{
	const struct interaction *interaction = slot->interaction;
	int status = interaction->interactor.status;

	slot->checked = true;
	slot->check_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	slot->check_ns = interaction->interactor.cpu_ns;
	read_message(slot);
	slot->outcome.final = interaction_decide(interaction, slot->outcome.final, &slot->outcome.reason);
}

/* ------------------------------------------------------------------ scores */

/* Reads the number in TEXT, which may have white space around it. False: TEXT is something else. */
static bool take_score(const char *text, double *ret)
{
	size_t n;

	text += strspn(text, " \t\r\n");
	n = strcspn(text, " \t\r\n");
	return !text[n + strspn(text + n, " \t\r\n")] && checker_number(text, n, ret);
}

/* Reads the number in file NAME, if there is one. False: the file holds something else. */
static bool read_score(const struct slot *slot, const char *name, bool *ret_has, double *ret)
{
	_cleanup_free_ char *text = NULL;
	int r = read_file(slot->run_fd, name, MAX_SCORE, &text, NULL);

	if (r == -ENOENT)
		return true;
	*ret_has = r >= 0 && take_score(text, ret);
	return *ret_has;
}

/* A testlib checker tells points as "points 12.5 ...". */
static bool read_points(const struct slot *slot, struct told_score *ret)
{
	const char *said = slot->check.data ? slot->check.data : "", *after = after_prefix(said, "points ");

	if (slot->check_status != TESTLIB_POINTS)
		return true;
	after = after ? after : said;
	ret->has_score = checker_number(after, strcspn(after, " "), &ret->score);
	return ret->has_score;
}

static bool read_told(const struct slot *slot, struct told_score *ret)
{
	if (!slot->checked || !checker_is_program(&slot->spec->checker))
		return true;
	if (slot->spec->checker.kind == CHECKER_TESTLIB)
		return read_points(slot, ret);
	return read_score(slot, "feedback/score.txt", &ret->has_score, &ret->score) &&
	       read_score(slot, "feedback/score_multiplier.txt", &ret->has_multiplier, &ret->multiplier);
}

void check_score(struct slot *slot)
{
	struct told_score told = { 0 };
	const char *wrong = "the validator's score is not a number";

	if (slot->spec->score.kind == CASE_NO_SCORE || slot->outcome.final == FINAL_JE)
		return;
	if (read_told(slot, &told))
		wrong = score_of_case(&slot->spec->score, slot->outcome.final, &told, &slot->score);
	if (!wrong)
		return;
	slot->outcome.final = FINAL_JE;
	buf_puts(&slot->outcome.reason, wrong);
}
