/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/verdict.h"

#include <stdlib.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/names.h"
#include "words/compile_error.h"
#include "words/outcome.h"
#include "words/words.h"

static void put_exit(const struct run_result *r, struct buf *out)
{
	json_open(out, "exit");
	if (r->exited)
		json_put_i64(out, "code", r->exit_code);
	else
		json_put_null(out, "code");
	json_put_word(out, "signal", !r->exited && r->exit_signal ? signal_name(r->exit_signal) : NULL);
	json_close(out);
}

static void put_run(const struct verdict *v, struct buf *out)
{
	size_t i;

	json_open(out, "run");
	json_put_text(out, "id", v->run_id);
	json_put_text(out, "submission", v->submission);
	json_open(out, "labels");
	for (i = 0; v->labels && v->labels[i]; i++) {
		_cleanup_free_ char *key = xstrdup(v->labels[i]);
		char *value = strchr(key, '=');

		if (value)
			*value++ = '\0';
		json_key(out, NULL);
		json_string(out, key);
		buf_putc(out, ':');
		json_string(out, value ? value : "");
	}
	json_close(out);
	json_close(out);
}

static void put_limit(const struct verdict *v, struct buf *out)
{
	const struct run_result *r = v->result;
	const char *ref = v->policy->limits.ref[r->limit];

	if (!r->limited)
		return;
	json_open(out, "limit");
	json_put_word(out, "name", limit_name(r->limit));
	json_put_u64(out, "value", r->limit_value);
	json_put_u64(out, "used", r->limit_used);
	if (r->limit_supervisor_ns)
		json_put_u64(out, "supervisor_ns", r->limit_supervisor_ns);
	json_put_text(out, "ref", ref);
	json_close(out);
}

static void put_first(const struct run_result *r, struct buf *out)
{
	if (r->violations == 0) {
		json_put_null(out, "first_violation");
		return;
	}
	json_open(out, "first_violation");
	json_put_u64(out, "seq", r->first.sequence);
	json_put_text(out, "action", r->first.action);
	json_put_text(out, "path", r->first.path);
	json_put_text(out, "code", r->first.code);
	json_close(out);
}

static void put_refusals(const struct refusals *refusals, struct buf *out)
{
	static const enum subject subjects[] = { SUBJECT_LOOK,	  SUBJECT_READ,	  SUBJECT_WRITE, SUBJECT_PROCESS,
						 SUBJECT_NETWORK, SUBJECT_SIGNAL, SUBJECT_OTHER };
	size_t i;

	json_open(out, "refusals");
	for (i = 0; i < ARRAY_SIZE(subjects); i++)
		json_put_u64(out, subject_name(subjects[i]), refusals->by_subject[subjects[i]]);
	json_close(out);
}

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
		buf_printf(student, " %llu %% of its computing was in %s.", (unsigned long long)share, place.data);
	buf_clear(&place);
	if (words_place(&place, &where, false))
		buf_printf(staff, "; %llu %% of %llu samples in %s", (unsigned long long)share, (unsigned long long)hot->of, place.data);
	if (place.len && hot->function[0] != '<') {
		buf_lit(staff, " in ");
		text_args(staff, hot->function);
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
	};

	words_student(student, &refusal);
	words_staff(staff, &refusal);
	hottest_messages(v, student, staff);
}

static void signal_messages(const struct verdict *v, struct buf *student, struct buf *staff)
{
	const struct run_result *r = v->result;
	struct signal_facts facts = { .name = r->exit_signal ? signal_name(r->exit_signal) : "SIGKILL" };
	char address[24];

	/* What was to end it and what did may differ: SIGKILL comes unseen. */
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

static void put_messages(const struct verdict *v, const char *key, struct buf *out)
{
	_cleanup_buf_ struct buf student = { 0 }, staff = { 0 };

	fill_messages(v, &student, &staff);
	json_open(out, key);
	json_put_text(out, "student", student.data ? student.data : "");
	json_put_text(out, "staff", staff.data ? staff.data : "");
	json_close(out);
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
	json_close(out);
}

void verdict_cause(const struct verdict *v, struct buf *out)
{
	const struct run_result *r = v->result;
	const struct outcome_facts facts = refusals_facts(r);
	const struct outcome outcome = outcome_select(&facts);

	json_open(out, "cause");
	outcome_format(&outcome, out);
	if (facts.exception && outcome.kind != OUTCOME_LIMIT && outcome.kind != OUTCOME_PROCTOR) {
		exception_format(facts.exception, "exception", out);
		if (r->exception_directory)
			json_put_text_cut(out, "working_directory", r->exception_directory, EXCEPTION_TEXT);
		if (v->found)
			surroundings_format(v->found, out);
	}
	put_hottest(v, out);
	put_messages(v, "text", out);
	json_close(out);
}

void verdict_sub_status(const struct verdict *v, struct buf *out)
{
	const struct python_exception *exception = v->result->exception;

	if (v->result->status == STATUS_RE && exception && cause_is_compile_error(&exception->facts, v->around))
		json_put_word(out, "sub_status", "CE");
}

/* The limits of LIMITS that what was used would have crossed. */
static void put_crossed(const struct run_result *r, const struct limits *limits, struct buf *out)
{
	const struct {
		enum limit limit;
		uint64_t used;
	} used[] = { { LIMIT_CPU, r->cpu_ns }, { LIMIT_WALL, r->wall_ns }, { LIMIT_MEMORY, r->memory_bytes } };
	size_t i;

	json_open_list(out, "limits");
	for (i = 0; i < ARRAY_SIZE(used); i++) {
		uint64_t limit = limits_get(limits, used[i].limit);

		if (limit != UINT64_MAX && used[i].used > limit)
			json_put_word(out, NULL, limit_name(used[i].limit));
	}
	json_close_list(out);
}

void verdict_shadow(const struct verdict *v, struct buf *out)
{
	const struct shadow_result *s = &v->result->shadow;

	if (!v->shadow)
		return;
	json_open(out, "shadow");
	json_put_text(out, "name", v->shadow->name ? v->shadow->name : "");
	json_put_text(out, "file", v->shadow->file);
	json_put_u64(out, "refused", s->refused);
	json_put_u64(out, "allowed", s->allowed);
	json_put_u64(out, "otherwise", s->otherwise);
	if (s->first)
		json_put_u64(out, "first", s->first);
	else
		json_put_null(out, "first");
	put_crossed(v->result, &v->shadow->limits, out);
	json_close(out);
}

void verdict_format(const struct verdict *v, struct buf *out)
{
	const struct run_result *r = v->result;

	json_open(out, NULL);
	json_put_word(out, "schema", "proctor.verdict/1");
	put_run(v, out);
	json_put_word(out, "status", status_name(r->status));
	verdict_sub_status(v, out);
	json_put_word(out, "mode", v->audit ? "audit" : "enforce");
	warm_format(&v->warm, out);
	put_exit(r, out);
	json_put_u64(out, "cpu_ns", r->cpu_ns);
	json_put_u64(out, "wall_ns", r->wall_ns);
	json_put_u64(out, "memory_bytes", r->memory_bytes);
	json_put_u64(out, "violations", r->violations);
	put_refusals(&r->refusals, out);
	put_first(r, out);
	put_limit(v, out);
	verdict_shadow(v, out);
	if (r->interrupted)
		json_put_word(out, "interrupted", signal_name(r->interrupted));
	if (r->error)
		json_put_text(out, "error", r->error);
	verdict_cause(v, out);
	put_messages(v, "messages", out);
	if (v->log_file) {
		json_open(out, "log");
		json_put_text(out, "file", v->log_file);
		json_put_word(out, "sha256", v->log_sha256);
		json_put_bool(out, "complete", v->log_complete);
		json_close(out);
	} else {
		json_put_null(out, "log");
	}
	json_close(out);
	buf_putc(out, '\n');
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
