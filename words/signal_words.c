/* SPDX-License-Identifier: Apache-2.0 */
#include "words/signal_words.h"

#include <inttypes.h>

#include "base/text.h"
#include "words/cause.h"

enum { DEEP = 100 }; /* Python functions under way: so many mean a recursion */

/* What a signal means by itself: signal(7). */
static const struct {
	const char *name, *meaning;
} meanings[] = {
	{ "SIGPIPE", "a program gets that when it writes to a pipe that nobody reads any more" },
	{ "SIGXCPU", "a program gets that when its CPU time (RLIMIT_CPU) is used up" },
	{ "SIGXFSZ", "a program gets that when a file that it writes grows beyond what it may" },
	{ "SIGKILL", "by whom is not known; a system that has no memory left does that, too" },
	{ "SIGALRM", "a program gets that when an alarm that it has set is due" },
	{ "SIGHUP", "a program gets that when its terminal is closed" },
};

static const char *meaning_of(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(meanings); i++)
		if (streq(meanings[i].name, name))
			return meanings[i].meaning;
	return NULL;
}

struct teller {
	const struct signal_facts *f;
	bool student;
	struct buf *out;
};

/* TEXT of the program. */
static void put_text(const struct teller *t, const char *text)
{
	const struct cause_surroundings around = { .submission = t->f->place.submission,
						   .submission_named = t->f->place.submission_named };

	cause_text(text, &around, t->student, t->out);
}

/* " (solve.py:12 in f())" */
static void put_place(const struct teller *t)
{
	_cleanup_buf_ struct buf place = { 0 };
	const char *function = t->f->place.function;

	if (!words_place(&place, &t->f->place, t->student))
		return;
	buf_printf(t->out, " (%s", place.data);
	if (function && function[0] != '<') {
		buf_lit(t->out, " in ");
		put_text(t, function);
		buf_lit(t->out, "()");
	}
	buf_putc(t->out, ')');
}

/* ", in memcpy of libc.so.6"; staff are told the file's whole path. */
static void put_native(const struct teller *t)
{
	const char *module = t->f->module, *slash = module ? strrchr(module, '/') : NULL;

	if (!module || !slash)
		return;
	buf_lit(t->out, ", in ");
	if (t->f->symbol) {
		put_text(t, t->f->symbol);
		buf_lit(t->out, " of ");
	}
	put_text(t, t->student ? slash + 1 : module);
}

static void tell_overflow(const struct teller *t)
{
	buf_lit(t->out, "The program's stack overflowed");
	if (t->f->depth >= DEEP) {
		buf_puts(t->out, t->f->deeper ? ": at least " : ": ");
		text_count(t->out, t->f->depth);
		buf_lit(t->out, " functions had been called that had not ended");
	} else {
		put_native(t);
	}
	put_place(t);
	buf_printf(t->out, ", and it crashed by %s.", t->f->name);
	if (t->f->depth >= DEEP)
		buf_lit(t->out, " Let the recursion end sooner, or make it a loop; sys.setrecursionlimit() makes no stack larger.");
	else if (t->f->place.file)
		buf_lit(t->out, " Code in C used it up there, mostly because what it works on is nested too deep.");
}

static void put_message(const struct teller *t)
{
	if (!t->f->message)
		return;
	buf_lit(t->out, " The C library said: \"");
	put_text(t, t->f->message);
	buf_lit(t->out, "\".");
}

static void tell_crash(const struct teller *t)
{
	buf_printf(t->out, streq(t->f->name, "SIGABRT") ? "The program aborted by %s" : "The program crashed by %s", t->f->name);
	put_native(t);
	if (t->f->address && !t->student) {
		buf_lit(t->out, ", at address ");
		text_args(t->out, t->f->address);
	}
	put_place(t);
	buf_putc(t->out, '.');
	put_message(t);
}

static void tell_sent(const struct teller *t)
{
	const char *meaning = meaning_of(t->f->name);

	buf_printf(t->out, "The program was ended by %s", t->f->name);
	if (meaning)
		buf_printf(t->out, ": %s", meaning);
	else if (t->f->by_itself)
		buf_lit(t->out, ", which it sent to itself");
	else if (t->f->sender)
		buf_printf(t->out, t->student ? ", which another process sent" : ", which process %" PRIu64 " sent", t->f->sender);
	put_place(t);
	buf_putc(t->out, '.');
}

static void tell(const struct signal_facts *f, bool student, struct buf *out)
{
	const struct teller t = { f, student, out };

	if (f->overflow)
		tell_overflow(&t);
	else if (f->crash)
		tell_crash(&t);
	else
		tell_sent(&t);
}

void signal_words(const struct signal_facts *facts, struct buf *student, struct buf *staff)
{
	tell(facts, true, student);
	tell(facts, false, staff);
}
