/* SPDX-License-Identifier: Apache-2.0 */
#include "report/explain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "report/explain_cause.h"
#include "report/explain_json.h"
#include "words/held_words.h"

/* Groups explained without --all; further ones are only counted. */
#define MAX_EXPLAINED 20

/* A blank line between explanations. */
static void separate(struct explainer *e)
{
	if (e->told)
		fputc('\n', e->page.out);
	e->told = true;
}

/* ------------------------------------------------------------------ one refusal */

static void heading(struct explainer *e, enum style style, const char *sign, uint64_t sequence,
		    const char *what)
{
	_cleanup_buf_ struct buf text = { 0 };

	page_heading(&e->page);
	buf_printf(&text, "%s ", sign);
	if (sequence)
		buf_printf(&text, "#%" PRIu64 " ", sequence);
	for (; *what; what++)
		buf_putc(&text, (char)(*what >= 'a' && *what <= 'z' ? *what - 'a' + 'A' : *what));
	page_put(&e->page, style, text.data);
}

static void put_call(struct explainer *e, const struct refusal *r)
{
	_cleanup_buf_ struct buf call = { 0 };

	words_call(&call, r);
	page_put(&e->page, STYLE_PLAIN, "  ");
	page_put(&e->page, STYLE_STRONG, call.data);
}

static void row_times(struct explainer *e, const struct collection *c, const struct group *group)
{
	_cleanup_buf_ struct buf text = { 0 }, names = { 0 };

	if (!group || group->count < 2)
		return;
	text_count(&text, group->others && !group->act ? group->others : group->count);
	buf_puts(&text, group->look_up ? " calls to look up a name" :
			group->act     ? " calls for one act" :
			group->others  ? " more refusals at this line" :
					 " times alike");
	if (group->look_up || !collection_names(c, group, &names))
		buf_puts(&text, group->others && !group->act ? ", which name something else" : "");
	else
		buf_printf(&text, ", of %s", names.data);
	buf_printf(&text, ", #%" PRIu64 " to #%" PRIu64, group->from, group->last);
	row_text(e, group->act ? "act" : group->others ? "also" : "times", text.data);
}

/* OUTCOME is about a record of this group; SHOWN is the number of the record that is explained for it. */
static void row_outcome(struct explainer *e, const struct outcome *outcome, uint64_t shown)
{
	_cleanup_buf_ struct buf text = { 0 };

	if (e->cause && outcome->kind == OUTCOME_REFUSAL) {
		row_exception(e, e->cause);
		return;
	}
	if (outcome->kind != OUTCOME_REFUSAL && (outcome->kind != OUTCOME_EXIT || outcome->certain))
		return;
	if (outcome->seq != shown)
		buf_printf(&text, "#%" PRIu64 " of them ", outcome->seq);
	else
		buf_lit(&text, "this ");
	if (outcome->kind == OUTCOME_REFUSAL)
		buf_lit(&text, "ended the program: it was killed");
	else
		buf_printf(&text, "is the last refusal before exit status %" PRId64, e->run->exit_code);
	row_text(e, "end", text.data);
}

/* A student sees one sentence where staff sees two calls: fork(2) and what libc tries instead. */
static bool is_told_already(struct explainer *e, const char *sentence)
{
	for (size_t i = 0; i < e->n_sentences; i++)
		if (streq(e->sentences[i], sentence))
			return true;
	grow_array(&e->sentences, &e->cap_sentences, e->n_sentences + 1, sizeof *e->sentences);
	e->sentences[e->n_sentences++] = xstrdup(sentence);
	return false;
}

static void forget_sentences(struct explainer *e)
{
	while (e->n_sentences)
		free(e->sentences[--e->n_sentences]);
	free(e->sentences);
}

static void explain_for_student(struct explainer *e, const struct refusal_record *record,
				uint64_t count)
{
	_cleanup_buf_ struct buf text = { 0 };

	words_student(&text, &record->r);
	if (is_told_already(e, text.data))
		return;
	separate(e);
	page_heading(&e->page);
	page_put(&e->page, STYLE_BAD, "✗ ");
	page_put(&e->page, STYLE_PLAIN, text.data);
	if (count > 1) {
		buf_clear(&text);
		buf_lit(&text, " (");
		text_count(&text, count);
		buf_lit(&text, " times)");
		page_put(&e->page, STYLE_DIM, text.data);
	}
	page_end(&e->page);
	rows_who(e, record);
	rows_fix(e, record, count);
}

/* GROUP, of C, may be NULL; OUTCOME: how a refusal of this group ended the program, or NULL. */
static void explain_refusal(struct explainer *e, const struct collection *c, const struct refusal_record *record,
			    const struct group *group, const struct outcome *outcome)
{
	uint64_t count = group ? group->count : 1;
	bool mild = record->r.action == ACTION_HIDE;

	if (e->student) {
		/* One act that a library makes several calls for was made once. */
		explain_for_student(e, record, group ? count - group->parts : count);
		if (outcome && e->cause)
			row_exception(e, e->cause);
		return;
	}
	separate(e);
	heading(e, mild ? STYLE_MILD : STYLE_BAD, mild ? "○" : "✗", record->sequence,
		words_action(&record->r));
	put_call(e, &record->r);
	page_end(&e->page);
	rows_who(e, record);
	rows_meant(e, record);
	rows_path(e, record);
	rows_rule(e, record);
	rows_fix(e, record, group ? count - group->others : count);
	row_times(e, c, group);
	if (outcome)
		row_outcome(e, outcome, record->sequence);
}

static void explain_group(struct explainer *e, const struct collection *c, const struct group *group,
			  const struct outcome *outcome)
{
	_cleanup_(json_decrefp) json_t *json = kept_parse(&group->first);
	struct refusal_record record;

	if (!json || refusal_record_init(&record, json, e->run) < 0)
		return;
	explain_refusal(e, c, &record, group, outcome);
	refusal_record_fini(&record);
}

/* ------------------------------------------------------------------ other ends */

/* Where the time went, if the run had a profile and one line stands out. */
static void row_hottest(struct explainer *e, const struct refusal_record *record)
{
	json_t *hot = json_at(e->run->end, "cause.hottest");
	const char *limit = json_text(e->run->end, "limit.name"), *clock = json_text(hot, "clock");
	uint64_t samples = json_number(hot, "samples", 0), of = json_number(hot, "of", 0);
	struct refusal where = record->r;
	_cleanup_buf_ struct buf text = { 0 };

	if (!samples || samples > of || !limit || (!streq(limit, "cpu") && !streq(limit, "wall")))
		return;
	where.file = json_text(hot, "file");
	where.line = json_number(hot, "line", 0);
	where.function = json_text(hot, "function");
	/* As in the verdict. */
	buf_printf(&text, "%d %% of its %s was in ", (int)(100.0 * (double)samples / (double)of),
		   clock && streq(clock, "wall") ? "time" : "computing");
	if (!where.file || !words_place(&text, &where, e->student))
		return;
	if (!e->student && where.function && where.function[0] != '<') {
		buf_lit(&text, " in ");
		text_args(&text, where.function);
		buf_lit(&text, "()");
	}
	row_text(e, "time", text.data);
}

/* What the program held in memory when it crossed the limit. */
static void rows_held(struct explainer *e)
{
	const struct cause_surroundings around = { .submission = e->run->submission,
						   .submission_named = e->run->submission_named };
	json_t *list = json_at(e->run->end, "cause.held"), *json;
	size_t i;

	json_array_foreach (list, i, json) {
		const struct held_facts object = {
			.name = json_text(json, "name"),
			.type = json_text(json, "type"),
			.file = json_text(json, "file"),
			.function = json_text(json, "function"),
			.line = json_number(json, "line", 0),
			.items = json_number(json, "items", 0),
			.bytes = json_number(json, "bytes", 0),
		};
		_cleanup_buf_ struct buf text = { 0 };

		if (i == HELD_TOLD || !object.name || !object.type)
			return;
		held_words(&object, &around, e->student, &text);
		row_text(e, i ? "" : "held", text.data);
	}
}

static void explain_limit(struct explainer *e)
{
	struct refusal_record record;
	_cleanup_buf_ struct buf text = { 0 };

	if (refusal_record_from_limit(&record, e->run) < 0)
		return;
	if (e->student) {
		explain_for_student(e, &record, 1);
		row_hottest(e, &record);
		rows_held(e);
	} else {
		struct refusal bare = record.r;

		bare.rule_ref = NULL;
		words_staff(&text, &bare);
		separate(e);
		heading(e, STYLE_BAD, "✗", 0, "limit");
		page_put(&e->page, STYLE_PLAIN, " ");
		page_put(&e->page, STYLE_STRONG,
			 text.data + (after_prefix(text.data, "limit") ? 5 : 0));
		page_end(&e->page);
		rows_who(e, &record);
		row_hottest(e, &record);
		rows_held(e);
		rows_rule(e, &record);
		rows_fix(e, &record, 0);
	}
	refusal_record_fini(&record);
}

/* Faults are the program's own doing; any other signal was sent. */
static bool is_fault(const char *name)
{
	static const char *const faults[] = { "SIGSEGV", "SIGBUS",  "SIGFPE", "SIGILL",
					      "SIGTRAP", "SIGABRT", "SIGSYS" };

	for (size_t i = 0; name && i < ARRAY_SIZE(faults); i++)
		if (streq(name, faults[i]))
			return true;
	return false;
}

/* Sent by kill(2) or the like: whichever signal it is, no instruction failed. abort(3) sends SIGABRT. */
static bool was_sent(json_t *json, const char *name)
{
	json_t *code = json_at(json, "signal.code");

	return !streq(name, "SIGABRT") && json_is_integer(code) && json_integer_value(code) <= 0;
}

static bool is_crash(json_t *json, const char *name)
{
	return is_fault(name) && !was_sent(json, name);
}

/* What the end record tells AUDIENCE about the signal that ended the program; NULL: nothing. */
static const char *recorded_text(const struct explainer *e, const char *audience)
{
	json_t *cause = json_at(e->run->end, "cause");
	const char *kind = json_text(cause, "kind");

	return kind && streq(kind, outcome_kind_name(OUTCOME_SIGNAL)) ? json_text(json_at(cause, "text"), audience) : NULL;
}

static void student_signal(struct explainer *e, const struct refusal_record *record, const char *name, const char *told)
{
	_cleanup_buf_ struct buf text = { 0 };

	if (told) {
		text_args(&text, told);
	} else {
		buf_puts(&text, is_crash(record->json, name) ? "The program crashed (" :
							       "The program was ended by a signal (");
		text_args(&text, name);
		buf_lit(&text, ").");
	}
	page_heading(&e->page);
	page_put(&e->page, STYLE_BAD, "✗ ");
	page_put(&e->page, STYLE_PLAIN, text.data);
	page_end(&e->page);
	rows_who(e, record);
}

/* Where the fault was, or who sent the signal. */
static void put_origin(struct buf *text, const struct refusal_record *record, const char *name)
{
	const char *address = json_text(record->json, "signal.address");
	uint64_t sender = json_number(record->json, "signal.sender", 0);

	if (is_crash(record->json, name)) {
		if (address) {
			buf_lit(text, " at address ");
			text_args(text, address);
		}
	} else if (sender && sender == record->pid) {
		buf_lit(text, ", which the program sent to itself");
	} else if (sender) {
		buf_printf(text, ", sent by process %" PRIu64, sender);
	}
}

/* ENDED: this signal ended the program. */
static void explain_signal(struct explainer *e, json_t *json, bool ended)
{
	const char *told = ended ? recorded_text(e, e->student ? "student" : "staff") : NULL;
	const char *name = json_text(json, "signal.name");
	_cleanup_buf_ struct buf text = { 0 };
	struct refusal_record record;

	if (!name)
		name = e->run->exit_signal ? e->run->exit_signal : "a signal";
	refusal_record_from_any(&record, json, e->run);
	if (e->student) {
		student_signal(e, &record, name, told);
	} else {
		heading(e, STYLE_BAD, "✗", record.sequence, is_crash(json, name) ? "crashed" : "signal");
		buf_lit(&text, "  ");
		text_args(&text, name);
		put_origin(&text, &record, name);
		page_put(&e->page, STYLE_STRONG, text.data);
		page_end(&e->page);
		if (told && (json_bool(json_at(json, "signal"), "overflow", false) || streq(name, "SIGABRT")))
			row_text(e, "cause", told);
		rows_who(e, &record);
		row_text(e, "rule",
		    is_crash(json, name) ? "none: nothing was refused here"
				   : "none: the signal ended the program, not the policy");
	}
	refusal_record_fini(&record);
}

/* The program ended by itself. Says what refusals had to do with that, as far as it is known. */
static void explain_exit(struct explainer *e, const struct collection *c, const struct outcome *outcome, bool whole)
{
	const struct outcome_facts facts = collection_facts(c);
	_cleanup_buf_ struct buf student = { 0 }, staff = { 0 };

	outcome_exit_words(outcome, &facts, NULL, &student, &staff);
	if (!c->violations && !c->felt && !c->ungrouped)
		buf_printf(&student, " Nothing was refused%s.", whole ? "" : " in the part that is there");
	page_heading(&e->page);
	page_put(&e->page, STYLE_PLAIN, e->student ? student.data : staff.data);
	page_end(&e->page);
}

static void explain_failure(struct explainer *e)
{
	const char *error = json_text(e->run->end, "error");
	_cleanup_buf_ struct buf text = { 0 };

	buf_lit(&text, "proctor itself failed and ended the program: this is no verdict about it");
	if (error && !e->student) {
		buf_lit(&text, " (");
		text_args(&text, error);
		buf_putc(&text, ')');
	}
	page_heading(&e->page);
	page_put(&e->page, STYLE_BAD, text.data);
	page_end(&e->page);
}

static void explain_full_log(struct explainer *e)
{
	page_heading(&e->page);
	page_put(&e->page, STYLE_BAD, "✗ ");
	page_put(&e->page, STYLE_PLAIN,
		 e->student ? "The program made more calls than can be recorded."
			    : "the log has reached its cap (log.max), and on_full is kill: the "
			      "program was ended");
	page_end(&e->page);
}

/* Tells the exception that ended the program; but if a refused call caused it and is the better explanation, the
 * group of that call tells it. */
static bool explain_cause(struct explainer *e, const struct collection *c, const struct outcome *outcome)
{
	const struct kept *by = outcome->certain ? collection_refusal(c, outcome) : NULL;
	_cleanup_(json_decrefp) json_t *json = by ? kept_parse(by) : NULL;
	struct cause_record cause = *e->cause;
	struct refusal_record refusal;
	bool refused = json && refusal_record_init(&refusal, json, e->run) == 0;

	if (refused)
		cause.around.refusal = &refusal.r;
	e->by_call = cause_tells_refusal(&cause.exception, &cause.around, e->student);
	if (!e->by_call) {
		separate(e);
		explain_exception(e, &cause);
	}
	if (refused)
		refusal_record_fini(&refusal);
	return !e->by_call;
}

/* Tells what ended the program, unless a group of refusals does. True when something was told. */
static bool explain_outcome(struct explainer *e, const struct collection *c, const struct outcome *outcome, bool whole)
{
	_cleanup_(json_decrefp) json_t *json = kept_parse(&c->signal);

	if (e->cause)
		return explain_cause(e, c, outcome);
	switch (outcome->kind) {
	case OUTCOME_LIMIT:
		explain_limit(e);
		return true;
	case OUTCOME_POLICY:
		separate(e);
		explain_full_log(e);
		return true;
	case OUTCOME_SIGNAL:
		separate(e);
		explain_signal(e, json, true);
		return true;
	case OUTCOME_PROCTOR:
		separate(e);
		explain_failure(e);
		return true;
	case OUTCOME_EXIT:
		if (c->run.exit_code == 0 && !e->student)
			return false;
		separate(e);
		explain_exit(e, c, outcome, whole);
		return true;
	default:
		return false;
	}
}

/* ------------------------------------------------------------------ the whole log */

static void put_lines(struct explainer *e, enum style style, struct buf *lines)
{
	char *line, *rest = lines->data;

	while (rest && (line = strsep(&rest, "\n")) && *line) {
		page_heading(&e->page);
		page_put(&e->page, style, line);
		page_end(&e->page);
	}
}

static void put_count(struct buf *out, uint64_t n, const char *one, const char *many)
{
	text_count(out, n);
	buf_printf(out, " %s", n == 1 ? one : many);
}

static void tell_run(struct explainer *e, const struct collection *c, bool whole)
{
	uint64_t others;
	_cleanup_buf_ struct buf text = { 0 };

	buf_lit(&text, "run ");
	text_args(&text, c->run.id ? c->run.id : "?");
	if (c->run.audit)
		buf_lit(&text, " (audit mode: nothing was enforced, this was no sandbox)");
	buf_lit(&text, ": ");
	run_info_tell_end(&c->run, &text);
	buf_lit(&text, "; ");
	put_count(&text, c->violations - c->merged, "refusal", "refusals");
	if (c->merged) {
		buf_lit(&text, " (");
		put_count(&text, c->violations, "call", "calls");
		buf_putc(&text, ')');
	}
	/* Files that every interpreter looks for and does without are not worth mentioning. */
	others = c->uncounted - c->routine;
	if (others) {
		buf_lit(&text, ", ");
		put_count(&text, others, "that does not count", "that do not count");
		if (!e->all)
			buf_puts(&text, others == 1 ? " (--all shows it)" : " (--all shows them)");
	}
	if (!whole)
		buf_lit(&text, ", in the part that is there");
	buf_putc(&text, '\n');
	put_lines(e, STYLE_PLAIN, &text);
	e->told = true;
}

static void tell_health(struct explainer *e, const struct log_health *health)
{
	_cleanup_buf_ struct buf text = { 0 };

	if (!e->student)
		log_health_tell(health, &text);
	else if (!log_is_whole(health))
		buf_lit(&text, "Part of the record of this run is missing: there may be more than "
			       "is told here.\n");
	if (!text.len)
		return;
	put_lines(e, STYLE_MILD, &text);
	e->told = true;
}

/* With --all: one line for the dozens of calls that every interpreter makes when it starts. */
static void tell_routine(struct explainer *e, const struct collection *c)
{
	_cleanup_buf_ struct buf text = { 0 };

	if (!e->all || e->student || !c->routine)
		return;
	separate(e);
	page_heading(&e->page);
	page_put(&e->page, STYLE_MILD, "○ ");
	put_count(&text, c->routine, "call", "calls");
	buf_printf(&text, " between #%" PRIu64 " and #%" PRIu64 " for files that an interpreter looks for and does "
			  "without; they were hidden, as on a system that has none",
		   c->routine_first, c->routine_last);
	page_put(&e->page, STYLE_PLAIN, text.data);
	page_end(&e->page);
}

/* What a second policy would have decided otherwise. Not for students: it had no effect. */
static void tell_shadow(struct explainer *e, const struct collection *c)
{
	const struct shadow_row *row;
	_cleanup_buf_ struct buf text = { 0 };
	size_t told = 0;

	if (!c->shadow.name || e->student)
		return;
	separate(e);
	buf_lit(&text, "under ");
	text_path(&text, c->shadow.name);
	buf_lit(&text, ", which was asked too: ");
	shadow_rows_sum(&c->shadow, &text);
	buf_putc(&text, '\n');
	put_lines(e, STYLE_PLAIN, &text);
	for (row = c->shadow.rows; row && (e->all || told < MAX_EXPLAINED); row = row->hh.next, told++) {
		buf_clear(&text);
		buf_printf(&text, "#%" PRIu64 " %s", row->first, row->text);
		if (row->count > 1)
			buf_printf(&text, " (%" PRIu64 " times)", row->count);
		page_row(&e->page, row->refuses ? "less" : "more");
		page_put(&e->page, STYLE_PLAIN, text.data);
		page_end(&e->page);
	}
	buf_clear(&text);
	if (row || c->shadow.left_out) {
		buf_puts(&text, row ? "more of them: --all shows them\n" : "more of them are not told apart\n");
		put_lines(e, STYLE_MILD, &text);
	}
}

static void tell_rest(struct explainer *e, const struct collection *c, size_t left_out)
{
	_cleanup_buf_ struct buf text = { 0 };

	if (left_out) {
		put_count(&text, left_out, "more explanation", "more explanations");
		buf_puts(&text, e->student ? "" : ": --all shows them");
		buf_putc(&text, '\n');
	}
	if (c->ungrouped) {
		put_count(&text, c->ungrouped, "more refusal was", "more refusals were");
		buf_printf(&text, " not grouped: more than %d kinds\n", COLLECT_MAX_GROUPS);
	}
	if (text.len)
		separate(e);
	put_lines(e, STYLE_PLAIN, &text);
}

/* If the log is not whole, something may have been refused in the missing part. */
static void tell_nothing(struct explainer *e, bool whole)
{
	separate(e);
	page_heading(&e->page);
	page_put(&e->page, STYLE_PLAIN,
		 e->student ? "Nothing was refused" : "nothing was refused");
	if (!whole)
		page_put(&e->page, STYLE_PLAIN, " in the part that is there");
	page_put(&e->page, STYLE_PLAIN, e->student ? "." : "");
	page_end(&e->page);
}

/* After an exception that ended the program: tells the refusal that caused it, if there is one to tell, and says that
 * the program went on after the other refusals. Returns how many groups were told. */
static size_t tell_first(struct explainer *e, const struct collection *c, const struct group *first,
			 const struct outcome *outcome)
{
	uint64_t others = collection_survived(c, first, outcome);
	bool shown = first && (e->by_call || !e->student);
	_cleanup_buf_ struct buf text = { 0 };

	if (shown)
		explain_group(e, c, first, outcome);
	if (others) {
		cause_survived(others, !outcome->certain, e->student, &text);
		buf_putc(&text, '\n');
		separate(e);
		put_lines(e, STYLE_PLAIN, &text);
	}
	return shown;
}

static void tell_groups(struct explainer *e, const struct collection *c, bool whole)
{
	const struct outcome outcome = collection_outcome(c);
	struct group *first = explain_first(e, c, &outcome), *g;
	size_t told = 0, left_out = 0;
	bool said;

	e->cause = collection_cause(c, &outcome);
	said = explain_outcome(e, c, &outcome, whole);

	if (!first && !said && !c->violations && !c->ungrouped)
		tell_nothing(e, whole);
	if (e->cause)
		told += tell_first(e, c, first, &outcome);
	for (g = c->groups; g; g = g->hh.next) {
		if ((e->cause && g == first) || g->routine || !explain_shows(e, g, first, &outcome))
			continue;
		if (!e->all && told >= MAX_EXPLAINED) {
			left_out++;
			continue;
		}
		told++;
		explain_group(e, c, g, g == first ? &outcome : NULL);
	}
	tell_routine(e, c);
	tell_shadow(e, c);
	tell_rest(e, c, left_out);
}

static void explain_allowed(struct explainer *e, json_t *json)
{
	struct refusal_record record;

	refusal_record_from_any(&record, json, e->run);
	if (json_text(json, "decision.action") && streq(json_text(json, "decision.action"), "none"))
		heading(e, STYLE_PLAIN, "·", record.sequence, "failed before anything was decided");
	else
		heading(e, STYLE_GOOD, "✓", record.sequence, "allowed");
	put_call(e, &record.r);
	page_end(&e->page);
	rows_who(e, &record);
	rows_path(e, &record);
	if (json_text(json, "rule.ref")) {
		_cleanup_buf_ struct buf text = { 0 };

		buf_lit(&text, "granted by ");
		text_path(&text, json_text(json, "rule.ref"));
		row_text(e, "rule", text.data);
	}
	refusal_record_fini(&record);
}

static int tell_one(struct explainer *e, const struct collection *c)
{
	_cleanup_(json_decrefp) json_t *json = kept_parse(&c->found);
	const char *kind = json_text(json, "kind");
	const struct outcome kill = collection_outcome(c);
	bool killed = kill.kind == OUTCOME_REFUSAL && kill.seq == c->wanted;
	struct refusal_record record;

	e->cause = collection_cause(c, &kill);
	if (!json)
		return -ENOENT;
	if (kind && streq(kind, "signal")) {
		separate(e);
		explain_signal(e, json, false);
	} else if (refusal_record_init(&record, json, e->run) == 0) {
		explain_refusal(e, c, &record, NULL, killed ? &kill : NULL);
		refusal_record_fini(&record);
	} else if (!e->student) {
		separate(e);
		explain_allowed(e, json);
	}
	return 0;
}

static int check_log(const struct collection *c, const struct log_health *health, const char *name)
{
	if (log_is_foreign(health)) {
		complain("%s: not a proctor log", name);
		return EXPLAIN_NOT_A_LOG;
	}
	if (c->wanted && !c->found.line) {
		complain("%s: no record #%" PRIu64 "%s", name, c->wanted,
			 log_is_whole(health) ? "" : " in the part that is there");
		return EXPLAIN_NOT_A_LOG;
	}
	return EXPLAIN_OK;
}

static int tell_text(const struct collection *c, const struct log_health *health,
		     const struct explain_options *options, FILE *out)
{
	struct explainer e = { .run = &c->run,
			       .all = options->all,
			       .student = options->student };
	bool whole = log_is_whole(health);

	page_init(&e.page, out, options->no_colour);
	if (!c->wanted && !e.student)
		tell_run(&e, c, whole);
	tell_health(&e, health);
	if (c->wanted)
		tell_one(&e, c);
	else
		tell_groups(&e, c, whole);
	forget_sentences(&e);
	return EXPLAIN_OK;
}

int explain_log(struct log_reader *reader, const struct explain_options *options,
		const char *log_name, FILE *out)
{
	struct collection c;
	int r;

	collection_init(&c, options->sequence);
	r = collect(&c, reader);
	if (r < 0) {
		complain("%s: %s", log_name, strerror(-r));
		r = EXPLAIN_READ_ERROR;
	} else {
		r = check_log(&c, log_health(reader), log_name);
		if (r == EXPLAIN_OK)
			r = options->json ? explain_json(&c, log_health(reader), options, out)
					  : tell_text(&c, log_health(reader), options, out);
		if (r == EXPLAIN_OK && !log_is_whole(log_health(reader)))
			r = EXPLAIN_INCOMPLETE;
	}
	collection_fini(&c);
	if (fflush(out) || ferror(out))
		r = EXPLAIN_READ_ERROR;
	return r;
}
