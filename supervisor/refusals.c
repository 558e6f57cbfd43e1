/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/refusals.h"

#include <stdlib.h>

#include "supervisor/broker.h"

static void told_fini(struct told_refusal *told)
{
	free(told->student);
	free(told->staff);
	*told = (struct told_refusal){ 0 };
}

void refusals_fini(struct refusals *refusals)
{
	told_fini(&refusals->last);
	told_fini(&refusals->kill);
}

/* A program may be refused the same a million times: its words are made once. */
static void tell(struct told_refusal *told, const struct refusal *r, uint64_t sequence)
{
	_cleanup_buf_ struct buf student = { 0 }, staff = { 0 };
	uint8_t key[REFUSAL_KEY_SIZE];

	refusal_key(r, key);
	if (told->staff && memcmp(told->key, key, sizeof key) == 0) {
		told->sequence = sequence;
		return;
	}
	words_student(&student, r);
	words_event(&staff, r);
	told_fini(told);
	told->sequence = sequence;
	told->student = buf_steal(&student);
	told->staff = buf_steal(&staff);
	memcpy(told->key, key, sizeof key);
}

static void take_first(struct violation *first, const struct refusal *r, uint64_t sequence)
{
	_cleanup_buf_ struct buf place = { 0 };

	first->sequence = sequence;
	first->action = xstrdup(r->syscall);
	first->path = r->path ? xstrdup(r->path) : NULL;
	first->code = words_place(&place, r, false) ? buf_steal(&place) : NULL;
}

/* What the verdict counts it as. A look that is a violation, at a directory that may not be entered or at what `never`
 * names, is an attempt to read. */
static enum subject subject_of(const struct refusal *r, bool violation)
{
	enum subject subject = refusal_subject(r);

	if (!violation)
		return SUBJECT_LOOK;
	switch (subject) {
	case SUBJECT_LOOK:
		return SUBJECT_READ;
	case SUBJECT_MEMORY:
	case SUBJECT_TIME:
		return SUBJECT_OTHER;
	default:
		return subject;
	}
}

void refusals_take(struct run_result *result, const struct refusal *r, uint64_t sequence, bool violation)
{
	struct refusals *refusals = &result->refusals;

	refusals->by_subject[subject_of(r, violation)]++;
	if (violation && result->violations++ == 0)
		take_first(&result->first, r, sequence);
	if (!outcome_is_felt(r, violation))
		return;
	refusals->felt++;
	tell(r->action == ACTION_KILL ? &refusals->kill : &refusals->last, r, sequence);
}

struct outcome_facts refusals_facts(const struct run_result *result)
{
	return (struct outcome_facts){
		.ended = true,
		.failed = result->status == STATUS_XX,
		.limited = result->limited,
		.log_full = result->log_full,
		.policy_ended = result->status == STATUS_PV,
		.signalled = !result->exited,
		.exit_code = result->exit_code,
		.kill_seq = result->refusals.kill.sequence,
		.signal_seq = result->refusals.fatal_signal,
		.refusals = result->refusals.felt,
		.violations = result->violations,
		.last_refusal = result->refusals.last.sequence,
		.exception = result->exception ? &result->exception->facts : NULL,
		.raised_by = result->raised_by.sequence,
		.raised_certain = result->raised_by.certain,
	};
}
