/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ended a program, as far as that is known. One selection for the verdict (supervisor/), which is
 * made while it happens, and for explain (report/), which reads the log later. Pure.
 *
 * Nothing is guessed: that a refusal came shortly before the end says nothing, for a program may have
 * gone on from it. If the exception that ended the program is known, it decides; without it the cause of an exit
 * status other than 0 after refusals is not known.
 */
#ifndef PROCTOR_WORDS_OUTCOME_H
#define PROCTOR_WORDS_OUTCOME_H

#include "base/exception.h"
#include "base/subject.h"
#include "policy/policy.h"

enum outcome_kind {
	OUTCOME_UNKNOWN, /* the program has not ended */
	OUTCOME_PROCTOR, /* proctor failed */
	OUTCOME_LIMIT,
	OUTCOME_POLICY,	 /* the policy, for another reason than a call: the log is full */
	OUTCOME_REFUSAL, /* a call that the policy answers by killing, or whose error the program did not survive */
	OUTCOME_SIGNAL,
	OUTCOME_EXCEPTION, /* nobody caught it, and no refusal is behind it */
	OUTCOME_EXIT, /* it ended by itself; if not certain, perhaps because of a refusal */
};

struct outcome_facts {
	bool ended, failed, limited, log_full;
	bool policy_ended; /* status PV */
	bool signalled;
	int64_t exit_code;     /* unless signalled */
	uint64_t kill_seq;     /* record of the last call that was answered by killing; 0: none */
	uint64_t signal_seq;   /* of the last fatal signal; 0: none */
	uint64_t refusals;     /* that the program felt: enforced, and counted or hidden by a written rule */
	uint64_t violations;   /* how many of these count */
	uint64_t last_refusal; /* record of the last of the refusals */
	const struct exception_facts *exception; /* that nobody caught; NULL: none, or it is not known */
	uint64_t raised_by; /* record of the refusal that it descends from; 0: none */
	bool raised_certain;
};

struct outcome {
	enum outcome_kind kind;
	bool certain; /* is this known to be why it ended? */
	uint64_t seq; /* the record that says more: of the kill, of the signal; where it is not certain, of
		       * the last refusal before the end. 0: none */
};

struct outcome outcome_select(const struct outcome_facts *facts);

/* Is the exception in FACTS what there is to tell about OUTCOME? */
bool outcome_tells_exception(const struct outcome *outcome, const struct outcome_facts *facts);

/* "limit" … as documents have it. Static. */
const char *outcome_kind_name(enum outcome_kind kind);

/* Appends the members of OUTCOME, without braces: "kind":"exit","certain":false,"seq":554 */
void outcome_format(const struct outcome *outcome, struct buf *out);

/* May a program miss what a rule of KIND, written at REF, hides from a call about TOPIC? Not what proctor's own rules
 * hide, which interpreters look for at every start and do without; nor, but for the network, calls not offered. */
bool outcome_may_miss(enum rule_kind kind, const char *ref, enum topic topic);

/* May REFUSAL have ended the program? It may if it is a violation, or hid what the program may miss. */
struct refusal;
bool outcome_is_felt(const struct refusal *refusal, bool violation);

/* The sentence about an OUTCOME_EXIT, to students and to staff. LAST (or NULL): words about the last
 * refusal, for staff. */
void outcome_exit_words(const struct outcome *outcome, const struct outcome_facts *facts, const char *last,
			struct buf *student, struct buf *staff);

#endif
