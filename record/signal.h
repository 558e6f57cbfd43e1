/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a signal (proctor-log(5), kind "signal"). */
#ifndef PROCTOR_RECORD_SIGNAL_H
#define PROCTOR_RECORD_SIGNAL_H

#include "record/call.h"

/* Where a signal came from, as far as it is known. */
enum record_origin {
	ORIGIN_UNKNOWN, /* not even si_code is known */
	ORIGIN_CODE,	/* only si_code says something */
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
	bool overflow; /* a stack overflow */
	bool fatal;
};

/* As record_call(). */
uint64_t record_signal(struct recorder *recorder, const struct record_signal *signal, const struct stack *stack,
		       const char *const *library, const struct stack_source *source);

#endif
