/* SPDX-License-Identifier: Apache-2.0 */
#include "words/cause.h"

#include <inttypes.h>

#include "words/cause_table.h"
#include "words/words.h"

/* "ValueError: the message (solve.py:12)." */
static void tell_generic(struct teller *t)
{
	if (t->x->module && streq(t->x->module, "__main__"))
		say(t, "The program ended by an exception of its own, ");
	tell_exception(t, t->x);
	tell_place(t);
	say(t, ".");
}

/* ------------------------------------------------------------------ a refusal */

static void tell_advice(struct teller *t, const struct refusal *refusal)
{
	_cleanup_(fix_fini) struct fix fix;
	struct refusal r = *refusal;

	/* A library in C has no frame, but its exception has its name, and the line may have it. */
	if (!r.through && t->x->module && !streq(t->x->module, "__main__"))
		r.through = t->x->module;
	if (!r.source && t->x->line == r.line)
		r.source = t->x->source;
	words_fix(&r, t->student, &fix);
	if (fix.advice.len) {
		say(t, " What helps: ");
		buf_put(t->out, fix.advice.data, fix.advice.len);
		say(t, ".");
	}
}

/* A library tries many calls before it says that there is no network or no screen: a sentence about that helps more
 * than one about the call. */
static bool is_meant(const struct exception_facts *x, const struct cause_surroundings *around)
{
	return cause_is_screen(x) || (cause_is_network(x) && !around->network);
}

bool cause_tells_refusal(const struct exception_facts *x, const struct cause_surroundings *around, bool student)
{
	const struct refusal *r = around->refusal;

	return r && !(student && r->action == ACTION_HIDE && !refusal_is_overlooked(r)) && !is_meant(x, around);
}

static void tell_refused(struct teller *t)
{
	const struct refusal *r = t->around->refusal;

	if (t->student) {
		words_student(t->out, r);
	} else {
		words_event(t->out, r);
		say(t, ".");
	}
	if (exception_is(t->x, "SystemExit")) {
		say(t, " The program ended itself then");
	} else {
		say(t, " The program did not go on from that: ");
		tell_type(t, t->x);
	}
	if (t->x->line != r->line)
		tell_place(t);
	say(t, ".");
	tell_advice(t, r);
}

/* ------------------------------------------------------------------ what else there is to say */

bool cause_is_remote(const struct exception_facts *x)
{
	return exception_is(x, "multiprocessing.pool.RemoteTraceback") ||
	       exception_is(x, "concurrent.futures.process._RemoteTraceback");
}

/* Where the exception came from, if not told already. */
static void tell_origin(struct teller *t)
{
	const struct exception_facts *before = t->x->n_chain ? &t->x->chain[0] : NULL;

	/* What was raised "from None" is not to be told with what was handled then. */
	if (!before || before->link == EXCEPTION_LINK_SUPPRESSED || exception_is(t->x, "SystemExit") ||
	    exception_is(t->x, "KeyboardInterrupt"))
		return;
	if (cause_is_remote(before)) {
		say(t, " It was raised in a worker process.");
		return;
	}
	tell_text(t, before->link == EXCEPTION_LINK_CAUSE ? " It was raised because of " : " It came up while ");
	tell_exception(t, before);
	tell_place_of(t, before->file, before->line, before->function);
	tell_text(t, before->link == EXCEPTION_LINK_CAUSE ? "." : " was handled.");
}

void cause_survived(uint64_t n, bool unclear, bool student, struct buf *out)
{
	if (!n)
		return;
	if (student) {
		buf_puts(out, unclear ? "Something that it asked for was refused; whether that is the reason is not known."
				      : "Something else that it asked for was refused; the program went on from that.");
		return;
	}
	if (n == 1)
		buf_lit(out, "One refusal came before; ");
	else
		buf_printf(out, "%" PRIu64 " refusals came before; ", n);
	if (unclear)
		buf_puts(out, n == 1 ? "whether it is the reason is not known." : "whether one of them is the reason is not known.");
	else
		buf_puts(out, n == 1 ? "the program went on from it." : "the program went on from them.");
}

static void tell_survived(struct teller *t)
{
	/* What was hidden, as from every program, matters only where the reason is not known. */
	uint64_t n = t->student || !t->around->unclear ? t->around->survived_counted : t->around->survived;

	if (n)
		say(t, " ");
	cause_survived(n, t->around->unclear, t->student, t->out);
}

static void tell_all(struct teller *t)
{
	if (cause_tells_refusal(t->x, t->around, t->student)) {
		tell_refused(t);
	} else {
		if (!cause_table_tell(t))
			tell_generic(t);
		if (!is_meant(t->x, t->around))
			tell_origin(t);
	}
	tell_survived(t);
}

static void tell_to(struct buf *out, const struct exception_facts *x, const struct cause_surroundings *around,
		    bool student)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct teller t = { x, around, student, &text };

	tell_all(&t);
	text_cut(out, text.data, text.len, CAUSE_TEXT);
}

void cause_words(const struct exception_facts *exception, const struct cause_surroundings *around,
		 struct buf *student, struct buf *staff)
{
	if (student)
		tell_to(student, exception, around, true);
	if (staff)
		tell_to(staff, exception, around, false);
}

void cause_exception(const struct exception_facts *x, const struct cause_surroundings *around, bool student,
		     bool placed, struct buf *out)
{
	struct teller t = { x, around, student, out };

	tell_type(&t, x);
	if (x->message && *x->message) {
		say(&t, ": ");
		tell_message(&t, x->message, EXCEPTION_TEXT);
	}
	if (placed)
		tell_place(&t);
}

void cause_text(const char *text, const struct cause_surroundings *around, bool student, struct buf *out)
{
	struct teller t = { NULL, around, student, out };

	tell_message(&t, text, EXCEPTION_TEXT);
}
