/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a signal (proctor-log(5), kind "signal"). */
#ifndef PROCTOR_RECORD_SIGNAL_H
#define PROCTOR_RECORD_SIGNAL_H

#include "record/call.h"

/* Whom it came from, where that is known. */
enum record_origin {
	ORIGIN_UNKNOWN, /* not even its code */
	ORIGIN_CODE,	/* si_code alone says something */
	ORIGIN_SENDER,
	ORIGIN_ADDRESS, /* of the fault */
};

struct record_signal {
	struct record_process process;
	int number;
	enum record_origin origin;
	int code;	  /* si_code */
	pid_t sender;
	uint64_t address;
	bool overflow; /* of the stack's end */
	bool fatal;
};

/* As record_call(). */
uint64_t record_signal(struct recorder *recorder, const struct record_signal *signal, const struct stack *stack,
		       const char *const *library, const struct stack_source *source);

#endif
