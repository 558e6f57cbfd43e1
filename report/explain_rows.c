/* SPDX-License-Identifier: Apache-2.0 */
#include "report/explain_rows.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "words/cause.h"
#include "words/meant.h"

/* Callers shown without --all: the innermost ones and the outermost. */
#define MAX_CALLERS 4

void row_text(struct explainer *e, const char *label, const char *text)
{
	page_row(&e->page, label);
	page_put(&e->page, STYLE_PLAIN, text);
	page_end(&e->page);
}

/* ------------------------------------------------------------------ who */

/* A run of equal frames: recursion. */
struct frame {
	const char *file, *function;
	uint64_t line, times;
	uint64_t omitted; /* stands for so many frames that were left out of the log */
};

static struct frame frame_at(json_t *frames, size_t i)
{
	json_t *json = json_array_get(frames, i);

	return (struct frame){
		.file = json_text(json, "file"),
		.function = json_text(json, "function"),
		.line = json_number(json, "line", 0),
		.times = 1,
		.omitted = json_number(json, "omitted", 0),
	};
}

static bool same_frame(const struct frame *a, const struct frame *b)
{
	return a->line == b->line && streq_or_null(a->file, b->file) &&
	       streq_or_null(a->function, b->function);
}

/* The frames of FRAMES from FIRST on, recursion folded; *RET_N of them. The caller frees. */
static struct frame *fold_frames(json_t *frames, size_t first, size_t *ret_n)
{
	size_t total = json_array_size(frames), n = 0;
	struct frame *folded = xcalloc(total + 1, sizeof *folded);

	for (size_t i = first; i < total; i++) {
		struct frame frame = frame_at(frames, i);

		if (n && same_frame(&folded[n - 1], &frame))
			folded[n - 1].times++;
		else
			folded[n++] = frame;
	}
	*ret_n = n;
	return folded;
}

/* Appends "solve.py:12 in load()"; false when a student may not be told. */
static bool frame_text(const struct explainer *e, struct buf *out, const struct frame *frame)
{
	const struct refusal place = { .file = frame->file,
				       .line = frame->line,
				       .submission = e->run->submission,
				       .submission_named = e->run->submission_named };

	const struct cause_surroundings around = { .submission = e->run->submission,
						   .submission_named = e->run->submission_named };

	if (!words_place(out, &place, e->student))
		return false;
	if (frame->function) {
		buf_lit(out, " in ");
		cause_text(frame->function, &around, e->student, out);
		if (*frame->function != '<' && !strchr(frame->function, '>'))
			buf_lit(out, "()");
	}
	if (frame->times > 1) {
		buf_lit(out, " (");
		text_count(out, frame->times);
		buf_lit(out, " times)");
	}
	return true;
}

/* The index in the stack of the frame that code.* names; the stack's size when it is not there. */
static size_t find_code(json_t *frames, const struct frame *code)
{
	size_t i, n = json_array_size(frames);

	for (i = 0; i < n; i++) {
		struct frame frame = frame_at(frames, i);

		if (frame.line == code->line && streq_or_null(frame.file, code->file))
			break;
	}
	return i;
}

static void put_more(struct explainer *e, uint64_t n)
{
	_cleanup_buf_ struct buf more = { 0 };

	buf_lit(&more, ", … ");
	text_count(&more, n);
	buf_lit(&more, " more");
	page_put(&e->page, STYLE_DIM, more.data);
}

static void put_frame(struct explainer *e, const char *before, const struct frame *frame)
{
	_cleanup_buf_ struct buf text = { 0 };

	if (frame->omitted && !e->student)
		put_more(e, frame->omitted);
	buf_puts(&text, before);
	if (frame_text(e, &text, frame))
		page_put(&e->page, STYLE_PLAIN, text.data);
}

static void put_callers(struct explainer *e, json_t *frames, size_t first)
{
	size_t n, i;
	_cleanup_free_ struct frame *folded = fold_frames(frames, first, &n);

	for (i = 0; i < n; i++) {
		if (!e->all && n > MAX_CALLERS && i == MAX_CALLERS - 1) {
			if (!e->student)
				put_more(e, n - MAX_CALLERS);
			i = n - 1;
		}
		put_frame(e, ", called from ", &folded[i]);
	}
}

/* Library code between the line and the call: "through /usr/lib/python3.11/pathlib.py:1044 in
 * open()". */
static void put_through(struct explainer *e, json_t *frames, size_t n)
{
	struct frame frame;

	if (!n || e->student)
		return;
	frame = frame_at(frames, n - 1);
	put_frame(e, ", through ", &frame);
	if (n > 1) {
		frame = frame_at(frames, 0);
		put_frame(e, n > 2 ? ", … " : ", ", &frame);
	}
}

/* The line itself, as it was recorded: no file that a log names is opened. */
static void put_source(struct explainer *e, const struct refusal_record *record)
{
	_cleanup_buf_ struct buf line = { 0 };
	struct recorded_source source;

	if (!refusal_record_source(record, e->run, &source))
		return;
	page_row(&e->page, "");
	buf_printf(&line, "%4" PRIu64 " | ", source.line);
	text_args(&line, source.text + strspn(source.text, " \t\f"));
	free(source.text);
	if (source.cut)
		buf_lit(&line, "…");
	page_clip(&e->page, STYLE_STRONG, line.data);
	page_end(&e->page);
	if (!source.changed)
		return;
	page_row(&e->page, "");
	page_put(&e->page, STYLE_DIM,
		 "(the file changed while the program ran: another line may have stood there)");
	page_end(&e->page);
}

static void put_note(struct explainer *e, const char *before, const char *note)
{
	_cleanup_buf_ struct buf text = { 0 };

	if (!note || e->student)
		return;
	buf_puts(&text, before);
	text_args(&text, note);
	buf_putc(&text, ')');
	page_put(&e->page, STYLE_DIM, text.data);
}

/* Without a Python frame of the program's own: what else is known about where the call came from. */
static void who_unknown(struct explainer *e, const struct refusal_record *record, json_t *frames)
{
	const char *note = json_text(record->json, "stack.python_note");
	struct frame frame = frame_at(frames, 0);
	_cleanup_buf_ struct buf text = { 0 };

	if (e->student || (!record->pid && !frame.file))
		return;
	page_row(&e->page, "who");
	if (frame_text(e, &text, &frame)) {
		page_put(&e->page, STYLE_PLAIN, text.data);
		put_callers(e, frames, 1);
	} else {
		buf_printf(&text, "process %" PRIu64 ", thread %" PRIu64, record->pid, record->tid);
		page_put(&e->page, STYLE_PLAIN, text.data);
		put_note(e, " (no Python line: ", note ? note : "not recorded");
	}
	page_end(&e->page);
}

static void rows_native(struct explainer *e, json_t *native)
{
	size_t i, n = json_array_size(native), shown = e->all ? n : MIN(n, (size_t)3);

	for (i = 0; i < shown; i++) {
		_cleanup_buf_ struct buf text = { 0 };
		json_t *frame = json_array_get(native, i);
		const char *symbol = json_text(frame, "symbol"),
			   *module = json_text(frame, "module");
		uint64_t omitted = json_number(frame, "omitted", 0);

		page_row(&e->page, i ? "" : "in C");
		if (omitted) {
			buf_lit(&text, "… ");
			text_count(&text, omitted);
			buf_lit(&text, " more");
			page_put(&e->page, STYLE_DIM, text.data);
			page_end(&e->page);
			continue;
		}
		text_args(&text, symbol ? symbol : "?");
		buf_printf(&text, "+%" PRIu64 " in ", json_number(frame, "offset", 0));
		text_path(&text, module ? module : "?");
		page_put(&e->page, STYLE_PLAIN, text.data);
		page_end(&e->page);
	}
}

static void rows_merged(struct explainer *e, json_t *merged)
{
	json_t *line;
	size_t i;

	json_array_foreach (merged, i, line) {
		_cleanup_buf_ struct buf text = { 0 };

		page_row(&e->page, i ? "" : "stack");
		text_args(&text, json_is_string(line) ? json_string_value(line) : "?");
		page_put(&e->page, STYLE_PLAIN, text.data);
		page_end(&e->page);
	}
}

/* Names the program if it is not the run's own. For students it is as unknown as any file outside. */
static void row_program(struct explainer *e, json_t *json)
{
	const char *executable = json_text(json, "process.executable");
	_cleanup_buf_ struct buf text = { 0 };

	if (!executable || e->student)
		return;
	text_path(&text, executable);
	buf_lit(&text, ", which the program executed");
	if (json_text(json, "rule.ruleset")) {
		buf_lit(&text, "; under the policy ");
		text_path(&text, json_text(json, "rule.ruleset"));
	}
	page_row(&e->page, "in");
	page_put(&e->page, STYLE_PLAIN, text.data);
	page_end(&e->page);
}

void rows_who(struct explainer *e, const struct refusal_record *record)
{
	json_t *frames = json_at(record->json, "stack.python"),
	       *native = json_at(record->json, "stack.native");
	struct frame code = { record->r.file, record->r.function, record->r.line, 1, 0 };
	_cleanup_buf_ struct buf text = { 0 };
	size_t at = find_code(frames, &code);

	if (!code.file || !frame_text(e, &text, &code)) {
		who_unknown(e, record, frames);
	} else {
		page_row(&e->page, "who");
		page_put(&e->page, STYLE_PLAIN, text.data);
		if (at < json_array_size(frames)) {
			put_through(e, frames, at);
			put_callers(e, frames, at + 1);
		}
		put_note(e, " (", json_text(record->json, "stack.python_note"));
		page_end(&e->page);
		put_source(e, record);
	}
	row_program(e, record->json);
	if (e->student)
		return;
	if (e->all && json_array_size(json_at(record->json, "stack.merged")))
		rows_merged(e, json_at(record->json, "stack.merged"));
	else if (e->all || !json_array_size(frames))
		rows_native(e, native);
}

/* ------------------------------------------------------------------ path */

/* Appends one step: of a plain component, only the path that it leads to. */
static void put_step(struct buf *out, json_t *step, bool first)
{
	const char *name = json_text(step, "name"), *path = json_text(step, "path"),
		   *link = json_text(step, "link");

	if (name && (first || streq(name, ".."))) {
		buf_puts(out, first ? " + " : " → ");
		text_path(out, name);
	}
	if (path) {
		buf_puts(out, out->len ? " → " : "");
		text_path(out, path);
	}
	if (link) {
		buf_lit(out, " → ");
		text_path(out, link);
	}
}

/* A plain component followed by another plain one is not worth a step of its own. */
static bool is_plain_step(json_t *step)
{
	const char *name = json_text(step, "name");

	return name && !streq(name, "..") && !json_text(step, "link");
}

static bool is_root(json_t *step)
{
	const char *path = json_text(step, "path");

	return path && streq(path, "/");
}

/* Does the record say that its MEMBER is not complete? */
static bool is_truncated(json_t *record, const char *member)
{
	json_t *name;
	size_t i;

	json_array_foreach (json_object_get(record, "truncated"), i, name)
		if (json_is_string(name) && streq(json_string_value(name), member))
			return true;
	return false;
}

bool resolution_text(struct buf *out, json_t *record, const char *path)
{
	json_t *steps = json_at(record, "file.resolution");
	size_t i, n = json_array_size(steps);
	const char *last;

	if (!n)
		return false;
	/* An absolute path without links or the like on its way. */
	if (n == 2 && path && is_plain_step(json_array_get(steps, 1)) &&
	    is_root(json_array_get(steps, 0))) {
		text_path(out, path);
		return true;
	}
	for (i = 0; i < n; i++) {
		json_t *step = json_array_get(steps, i);

		if (i > 1 && i + 1 < n && is_plain_step(step) &&
		    is_plain_step(json_array_get(steps, i + 1)))
			continue;
		put_step(out, step, i == 1);
	}
	last = json_text(json_array_get(steps, n - 1), "path");
	if (path && (!last || !streq(last, path))) {
		buf_puts(out, is_truncated(record, "file.resolution") ? " → … → " : " → ");
		text_path(out, path);
	}
	return true;
}

void rows_path(struct explainer *e, const struct refusal_record *record)
{
	_cleanup_buf_ struct buf text = { 0 };

	if (record->opened) {
		text_path(&text, record->opened);
		page_row(&e->page, "file");
		page_put(&e->page, STYLE_PLAIN, text.data);
		page_end(&e->page);
	}
	if (!record->path)
		return;
	if (!resolution_text(&text, record->json, record->path))
		text_path(&text, record->path);
	page_row(&e->page, "path");
	page_put(&e->page, STYLE_PLAIN, text.data);
	page_end(&e->page);
}

/* ------------------------------------------------------------------ rule */

static void over_by(struct buf *out, const struct refusal *r)
{
	uint64_t over = r->limit_used - r->limit_value;

	if (r->limit_used <= r->limit_value || !r->limit_value)
		return;
	buf_lit(out, ", over by ");
	if (r->limit <= LIMIT_WALL)
		text_duration(out, over);
	else if (r->limit <= LIMIT_OUTPUT)
		text_size(out, over);
	else
		text_count(out, over);
	if (over >= r->limit_value / 1000)
		buf_printf(out, " (%.1f %%)", 100.0 * (double)over / (double)r->limit_value);
}

static void rule_limit(struct buf *out, const struct refusal *r)
{
	struct refusal bare = *r;

	bare.rule_ref = NULL;
	words_staff(out, &bare);
	over_by(out, r);
}

static void rule_never(struct buf *out, const struct refusal *r)
{
	const char *why = words_ungrantable(r);

	if (r->rule == RULE_REFUSE)
		buf_lit(out, "`refuse` names the call, or a group that it is in");
	else if (why)
		buf_printf(out, "refused whatever grants it: %s", why);
	else
		buf_puts(out, refusal_is_guarded(r) ? "refused unless granted by its exact name"
						    : "`never` refuses it, whatever else grants it");
}

static void rule_text(struct buf *out, const struct refusal *r)
{
	switch (refusal_cause(r)) {
	case CAUSE_NO_GRANT:
		buf_printf(out, "nothing grants %s it → %s", words_asking(r),
			   refusal_is_overlooked(r) ? "it looks absent, whether it is there or not" : "on_deny");
		break;
	case CAUSE_READ_ONLY:
		buf_printf(out, "granted for reading only, not for %s", words_asking(r));
		break;
	case CAUSE_BOUND:
		buf_puts(out, words_bound(r));
		break;
	case CAUSE_ARGUMENTS:
	case CAUSE_COUNT:
	case CAUSE_PROGRAM_POLICY:
		buf_puts(out, words_program(r));
		break;
	case CAUSE_NEVER:
		rule_never(out, r);
		break;
	case CAUSE_HIDDEN:
		buf_lit(out, "hide makes it look absent");
		break;
	case CAUSE_SYSCALL:
		words_syscall(out, r);
		break;
	case CAUSE_LIMIT:
		rule_limit(out, r);
		break;
	case CAUSE_ARCH:
		buf_lit(out, "foreign architecture ");
		text_args(out, r->arch ? r->arch : "?");
		buf_lit(out, ": only x86-64 calls");
		break;
	}
}

static void put_component(struct buf *out, const char *at)
{
	size_t n = strcspn(at, "/");

	buf_putc(out, '"');
	text_escape(out, at, n, TEXT_PATH);
	buf_putc(out, '"');
}

/* How many bytes of whole components two paths have in common. */
static size_t common_components(const char *a, const char *b)
{
	size_t i, same = 0;

	for (i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '/')
			same = i + 1;
	if ((!a[i] || a[i] == '/') && (!b[i] || b[i] == '/') && i)
		same = i + (a[i] == '/' && b[i] == '/');
	return same;
}

void nearest_reason(struct buf *out, const char *nearest, const char *path)
{
	size_t same = common_components(nearest, path);
	const char *granted = nearest + same, *asked = path + same;

	while (*granted == '/')
		granted++;
	while (*asked == '/')
		asked++;
	if (!*granted && *asked) {
		buf_lit(out, "grants that path alone, nothing beneath it");
	} else if (*granted && !*asked) {
		buf_lit(out, "grants only what is beneath, at ");
		put_component(out, granted);
	} else if (*granted) {
		buf_lit(out, "has ");
		put_component(out, granted);
		buf_lit(out, " where this has ");
		put_component(out, asked);
	} else {
		buf_lit(out, "does not grant this");
	}
}

static void rows_nearest(struct explainer *e, const struct refusal *r)
{
	_cleanup_buf_ struct buf text = { 0 }, reason = { 0 };

	if (!r->nearest_path || !r->path)
		return;
	page_row(&e->page, "");
	buf_lit(&text, "nearest grant  ");
	text_path(&text, r->nearest_path);
	page_put(&e->page, STYLE_PLAIN, text.data);
	if (r->nearest_ref) {
		_cleanup_buf_ struct buf ref = { 0 };

		text_path(&ref, r->nearest_ref);
		page_reference(&e->page, ref.data);
	}
	page_end(&e->page);
	page_row(&e->page, "");
	buf_lit(&reason, "it ");
	nearest_reason(&reason, r->nearest_path, r->path);
	page_put(&e->page, STYLE_DIM, reason.data);
	page_end(&e->page);
}

void rows_meant(struct explainer *e, const struct refusal_record *record)
{
	_cleanup_buf_ struct buf text = { 0 };

	meant_in_full(record->r.meant, &text);
	if (!text.len)
		return;
	page_row(&e->page, "meant");
	page_put(&e->page, STYLE_PLAIN, text.data);
	page_put(&e->page, STYLE_DIM, "    (by the program's own word)");
	page_end(&e->page);
}

void rows_rule(struct explainer *e, const struct refusal_record *record)
{
	_cleanup_buf_ struct buf text = { 0 }, ref = { 0 };
	const struct refusal *r = &record->r;

	page_row(&e->page, "rule");
	rule_text(&text, r);
	page_put(&e->page, STYLE_PLAIN, text.data);
	if (r->rule_ref) {
		text_path(&ref, r->rule_ref);
		page_reference(&e->page, ref.data);
	}
	page_end(&e->page);
	if (refusal_cause(r) == CAUSE_NO_GRANT && refusal_want(r) & (WANT_READ | WANT_LOOKUP | WANT_HOLD))
		rows_nearest(e, r);
	if (!record->violation) {
		page_row(&e->page, "");
		page_put(&e->page, STYLE_DIM, "not counted as a violation");
		if (r->question)
			page_put(&e->page, STYLE_DIM, ": a library asks it for itself");
		page_end(&e->page);
	}
}

/* ------------------------------------------------------------------ fix */

static void put_fix_note(struct explainer *e, const struct fix *fix, uint64_t count)
{
	_cleanup_buf_ struct buf text = { 0 };

	buf_printf(&text, "%s(%s", fix->policy.len ? "    " : "", fix->note.data);
	if (fix->policy.len && count) {
		buf_lit(&text, "; ");
		text_count(&text, count);
		buf_puts(&text, count == 1 ? " call here" : " calls here");
	}
	buf_putc(&text, ')');
	page_put(&e->page, STYLE_DIM, text.data);
}

void rows_fix(struct explainer *e, const struct refusal_record *record, uint64_t count)
{
	_cleanup_(fix_fini) struct fix fix;
	const char *label = "fix";

	words_fix(&record->r, e->student, &fix);
	if (fix.advice.len) {
		page_row(&e->page, label);
		page_put(&e->page, STYLE_PLAIN, fix.advice.data);
		page_end(&e->page);
		label = fix.policy.len ? "or" : "";
	}
	if (!fix.policy.len && !fix.note.len)
		return;
	page_row(&e->page, label);
	if (fix.policy.len)
		page_put(&e->page, STYLE_GOOD, fix.option.len ? fix.option.data : fix.policy.data);
	if (fix.note.len)
		put_fix_note(e, &fix,
			     record->r.rule == RULE_LIMIT && !record->r.syscall ? 0 : count);
	page_end(&e->page);
}

/* ------------------------------------------------------------------ which */

bool explain_shows(const struct explainer *e, const struct group *group, const struct group *first,
		   const struct outcome *outcome)
{
	if (group->into)
		return false;
	if (group == first)
		return true;
	if (!e->student)
		return group->violation || e->all;
	return group->violation &&
	       (e->all || e->run->audit || !outcome->certain || outcome->kind == OUTCOME_UNKNOWN);
}

/* What looked absent because nothing grants it: no violation, but certainly why the program ended. */
static bool was_overlooked(const struct explainer *e, const struct group *group, const struct outcome *outcome)
{
	_cleanup_(json_decrefp) json_t *json = NULL;
	struct refusal_record record;
	bool overlooked;

	if (outcome->kind != OUTCOME_REFUSAL || !outcome->certain)
		return false;
	json = kept_parse(&group->first);
	if (!json || refusal_record_init(&record, json, e->run) < 0)
		return false;
	overlooked = refusal_is_overlooked(&record.r);
	refusal_record_fini(&record);
	return overlooked;
}

struct group *explain_first(const struct explainer *e, const struct collection *c, const struct outcome *outcome)
{
	struct group *group = collection_ended_by(c, outcome);

	if (group && e->student && !group->violation && !was_overlooked(e, group, outcome))
		return NULL;
	return group;
}
