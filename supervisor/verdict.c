/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/verdict.h"

#include <stdlib.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/names.h"
#include "words/compile_error.h"
#include "words/held_words.h"
#include "words/outcome.h"
#include "words/words.h"

/* Where the time went, as far as a profile tells. */
static void hottest_messages(const struct verdict *v, struct buf *student, struct buf *staff)
{
	const struct profile_hottest *hot = &v->result->hottest;
	const struct refusal where = { .file = hot->file, .line = hot->line, .function = hot->function,
				       .submission = v->around->submission, .submission_named = v->around->submission_named };
	enum limit limit = v->result->limit;
	_cleanup_buf_ struct buf place = { 0 };
	uint64_t share = hot->of ? hot->samples * 100 / hot->of : 0;

	if (!hot->file || (limit != LIMIT_CPU && limit != LIMIT_WALL))
		return;
	if (words_place(&place, &where, true))
		buf_printf(student, " %llu %% of its %s was in %s.", (unsigned long long)share, hot->wall ? "time" : "computing",
			   place.data);
	buf_clear(&place);
	if (words_place(&place, &where, false))
		buf_printf(staff, "; %llu %% of %llu samples in %s", (unsigned long long)share, (unsigned long long)hot->of, place.data);
	if (place.len && hot->function[0] != '<') {
		buf_lit(staff, " in ");
		text_args(staff, hot->function);
		buf_lit(staff, "()");
	}
}

/* What the program held when it crossed the limit of memory. */
static void held_messages(const struct verdict *v, struct buf *student, struct buf *staff)
{
	const struct held *held = &v->result->held;

	for (size_t i = 0; i < held->n; i++) {
		buf_puts(student, i ? "; " : " When it crossed that, ");
		held_words(&held->object[i], v->around, true, student);
		buf_puts(staff, "; ");
		held_words(&held->object[i], v->around, false, staff);
	}
	buf_puts(student, held->n ? "." : "");
}

/* " at solve.py:12 in load()", to staff. */
static void put_where(const struct refusal *refusal, struct buf *staff)
{
	_cleanup_buf_ struct buf place = { 0 };

	if (!words_place(&place, refusal, false))
		return;
	buf_printf(staff, "; at %s", place.data);
	if (refusal->function[0] != '<') {
		buf_lit(staff, " in ");
		text_args(staff, refusal->function);
		buf_lit(staff, "()");
	}
}

static void limit_messages(const struct verdict *v, struct buf *student, struct buf *staff)
{
	const struct run_result *r = v->result;
	const struct refusal refusal = {
		.action = ACTION_KILL,
		.rule = RULE_LIMIT,
		.rule_ref = v->policy->limits.ref[r->limit],
		.limit = r->limit,
		.limit_value = r->limit_value,
		.limit_used = r->limit_used,
		.limit_supervisor_ns = r->limit_supervisor_ns,
		.file = r->limit_where.file,
		.line = r->limit_where.line,
		.function = r->limit_where.function,
		.submission = v->around->submission,
		.submission_named = v->around->submission_named,
	};

	words_student(student, &refusal);
	words_staff(staff, &refusal);
	put_where(&refusal, staff);
	hottest_messages(v, student, staff);
	held_messages(v, student, staff);
}

static void signal_messages(const struct verdict *v, struct buf *student, struct buf *staff)
{
	const struct run_result *r = v->result;
	struct signal_facts facts = { .name = r->exit_signal ? signal_name(r->exit_signal) : "SIGKILL" };
	char address[24];

	/* The last signal that was to end it and the one that did may differ: SIGKILL comes unseen. */
	if (r->fatal.signal && r->fatal.signal == r->exit_signal)
		fatal_facts(&r->fatal, r->pid, address, &facts);
	facts.place.submission = v->around->submission;
	facts.place.submission_named = v->around->submission_named;
	signal_words(&facts, student, staff);
}

static void refusal_messages(const struct run_result *r, struct buf *student, struct buf *staff)
{
	const struct told_refusal *kill = &r->refusals.kill;

	buf_puts(student, kill->student ? kill->student : "The program was ended.");
	buf_printf(staff, "killed for %s", kill->staff ? kill->staff : "what the policy answers by killing");
}

/* An exception, and the refusal that it came from if there is one. */
static void exception_messages(const struct verdict *v, const struct outcome *outcome, struct buf *student,
			       struct buf *staff)
{
	const struct run_result *r = v->result;
	struct cause_surroundings around = *v->around;

	around.refusal = outcome->kind == OUTCOME_REFUSAL && outcome->certain ? r->raised_by.refusal : NULL;
	around.unclear = !outcome->certain;
	around.survived = r->raised_by.felt;
	around.survived_counted = r->raised_by.violations;
	if (v->found)
		surroundings_lend(v->found, &around);
	cause_words(&r->exception->facts, &around, student, staff);
}

static void fill_messages(const struct verdict *v, struct buf *student, struct buf *staff)
{
	const struct run_result *r = v->result;
	const struct outcome_facts facts = refusals_facts(r);
	const struct outcome outcome = outcome_select(&facts);

	if (outcome_tells_exception(&outcome, &facts)) {
		exception_messages(v, &outcome, student, staff);
		return;
	}
	switch (outcome.kind) {
	case OUTCOME_LIMIT:
		limit_messages(v, student, staff);
		break;
	case OUTCOME_POLICY:
		buf_lit(student, "The program made more calls than can be recorded.");
		buf_lit(staff, "the log has reached its cap (log.max), and on_full is kill");
		break;
	case OUTCOME_REFUSAL:
		refusal_messages(r, student, staff);
		break;
	case OUTCOME_SIGNAL:
		signal_messages(v, student, staff);
		break;
	case OUTCOME_EXCEPTION:
	case OUTCOME_EXIT:
		outcome_exit_words(&outcome, &facts, r->refusals.last.staff, student, staff);
		break;
	case OUTCOME_PROCTOR:
	case OUTCOME_UNKNOWN:
		buf_lit(student, "The program could not be judged; this is not its fault.");
		buf_puts(staff, r->error ? r->error : "proctor failed");
		break;
	}
	if (r->interrupted)
		buf_printf(staff, "; proctor was asked to stop by %s", signal_name(r->interrupted));
}

/* The line that most samples of a profile were in. */
static void put_hottest(const struct verdict *v, struct buf *out)
{
	const struct profile_hottest *hot = &v->result->hottest;

	if (!hot->file)
		return;
	json_open(out, "hottest");
	json_put_text(out, "file", hot->file);
	json_put_u64(out, "line", hot->line);
	json_put_text(out, "function", hot->function);
	json_put_u64(out, "samples", hot->samples);
	json_put_u64(out, "of", hot->of);
	if (hot->wall)
		json_put_word(out, "clock", "wall");
	json_close(out);
}

/* Where a limit or a signal ended the program, and the native code that was running. */
static void put_place(const struct run_result *r, const struct outcome *outcome, struct buf *out)
{
	const bool fatal = outcome->kind == OUTCOME_SIGNAL && r->fatal.signal == r->exit_signal;
	const struct where *where = fatal ? &r->fatal.where : outcome->kind == OUTCOME_LIMIT ? &r->limit_where : NULL;

	if (!where || (!where->file && !r->fatal.module))
		return;
	json_open(out, "place");
	where_format(where, out);
	if (fatal && r->fatal.module)
		json_put_text(out, "module", r->fatal.module);
	if (fatal && r->fatal.symbol)
		json_put_text(out, "symbol", r->fatal.symbol);
	json_close(out);
}

/* The members of "cause". */
static void put_cause(const struct verdict *v, const struct buf *student, const struct buf *staff, struct buf *out)
{
	const struct run_result *r = v->result;
	const struct outcome_facts facts = refusals_facts(r);
	const struct outcome outcome = outcome_select(&facts);

	outcome_format(&outcome, out);
	if (facts.exception && outcome.kind != OUTCOME_LIMIT && outcome.kind != OUTCOME_PROCTOR) {
		exception_format(facts.exception, "exception", out);
		if (r->exception_directory)
			json_put_text_cut(out, "working_directory", r->exception_directory, EXCEPTION_TEXT);
		if (v->found)
			surroundings_format(v->found, out);
	}
	put_place(r, &outcome, out);
	put_hottest(v, out);
	held_format(&r->held, out);
	json_open(out, "text");
	json_put_text(out, "student", student->data ? student->data : "");
	json_put_text(out, "staff", staff->data ? staff->data : "");
	json_close(out);
}

/* The program was never run, for its source has an error of syntax. */
static bool is_compile_error(const struct verdict *v)
{
	const struct python_exception *exception = v->result->exception;

	return v->result->status == STATUS_RE && exception && cause_is_compile_error(&exception->facts, v->around);
}

/* The shadow's limits that this run would have crossed. */
static void take_crossed(const struct run_result *r, const struct limits *limits, struct record_shadow *shadow)
{
	const struct {
		enum limit limit;
		uint64_t used;
	} used[] = { { LIMIT_CPU, r->cpu_ns }, { LIMIT_WALL, r->wall_ns }, { LIMIT_MEMORY, r->memory_bytes } };
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(used); i++) {
		uint64_t limit = limits_get(limits, used[i].limit);

		if (limit != UINT64_MAX && used[i].used > limit)
			shadow->limits[n++] = limit_name(used[i].limit);
	}
}

static struct record_shadow shadow_of(const struct verdict *v)
{
	const struct shadow_result *s = &v->result->shadow;
	struct record_shadow shadow = { .asked = v->shadow != NULL };

	if (!v->shadow)
		return shadow;
	shadow.name = v->shadow->name;
	shadow.file = v->shadow->file;
	shadow.refused = s->refused;
	shadow.allowed = s->allowed;
	shadow.otherwise = s->otherwise;
	shadow.first = s->first;
	take_crossed(v->result, &v->shadow->limits, &shadow);
	return shadow;
}

static struct record_limit limit_of(const struct verdict *v)
{
	const struct run_result *r = v->result;

	if (!r->limited)
		return (struct record_limit){ 0 };
	return (struct record_limit){
		.name = limit_name(r->limit),
		.ref = v->policy->limits.ref[r->limit],
		.value = r->limit_value,
		.used = r->limit_used,
		.supervisor_ns = r->limit_supervisor_ns,
	};
}

/* STUDENT and STAFF take what is said to them. */
static struct record_outcome outcome_of(const struct verdict *v, struct buf *student, struct buf *staff)
{
	const struct run_result *r = v->result;
	struct record_outcome outcome = {
		.status = status_name(r->status),
		.sub_status = is_compile_error(v) ? "CE" : NULL,
		.exited = r->exited,
		.exit_code = r->exit_code,
		.exit_signal = r->exit_signal,
		.usage = {
			.cpu_ns = r->cpu_ns,
			.wall_ns = r->wall_ns,
			.memory_bytes = r->memory_bytes,
			.user_known = r->user_known,
			.user_ns = r->user_ns,
			.tasks_peak = r->tasks_peak,
			.stdin_known = v->stdin_known,
			.stdin_bytes = v->stdin_bytes,
			.output_known = r->output_counted,
			.output_bytes = r->output_bytes,
		},
		.violations = r->violations,
		.limit = limit_of(v),
		.shadow = shadow_of(v),
		.error = r->error,
	};

	fill_messages(v, student, staff);
	put_cause(v, student, staff, &outcome.cause);
	return outcome;
}

void verdict_record_end(const struct verdict *v, struct recorder *recorder)
{
	const struct run_result *r = v->result;
	_cleanup_buf_ struct buf student = { 0 }, staff = { 0 };
	struct record_end end = {
		.outcome = outcome_of(v, &student, &staff),
		.processes = r->processes,
		.processes_peak = r->processes_peak,
		.processes_left = &r->left,
		.log_full = r->log_full,
		.left_early = r->left_early,
		.stack = &r->stack,
		.key = v->key,
	};

	record_end(recorder, &end);
	buf_fini(&end.outcome.cause);
}

void verdict_format(const struct verdict *v, struct buf *out)
{
	const struct run_result *r = v->result;
	_cleanup_buf_ struct buf student = { 0 }, staff = { 0 };
	struct record_verdict verdict = {
		.identity = v->identity,
		.outcome = outcome_of(v, &student, &staff),
		.mode = v->audit ? "audit" : "enforce",
		.warm = v->warm,
		.refusals = r->refusals.by_subject,
		.first = r->first.sequence,
		.first_action = r->first.action,
		.first_path = r->first.path,
		.first_code = r->first.code,
		.interrupted = r->interrupted,
		.student = student.data ? student.data : "",
		.staff = staff.data ? staff.data : "",
		.log_file = v->log_file,
		.log_sha256 = v->log_sha256,
		.log_complete = v->log_complete,
		.facts = v->facts,
		.key = v->key,
	};

	record_put_verdict(&verdict, out);
	buf_fini(&verdict.outcome.cause);
}

void verdict_line(const struct verdict *v, struct buf *out)
{
	const struct run_result *r = v->result;

	buf_puts(out, status_name(r->status));
	if (r->limited)
		buf_printf(out, r->limit_supervisor_ns ? " (%s limit, with proctor's own %.3f s)" : " (%s limit)",
			   limit_name(r->limit), (double)r->limit_supervisor_ns / 1e9);
	if (r->exited)
		buf_printf(out, ", exit status %d", r->exit_code);
	else if (r->exit_signal)
		buf_printf(out, ", %s", signal_name(r->exit_signal));
	buf_printf(out, ", cpu %.3f s, wall %.3f s, memory %.1f MiB, %llu violation%s",
		   (double)r->cpu_ns / 1e9, (double)r->wall_ns / 1e9, (double)r->memory_bytes / 1048576.0,
		   (unsigned long long)r->violations, r->violations == 1 ? "" : "s");
}
