/* SPDX-License-Identifier: Apache-2.0 */
/* How an output is compared with the answer: by the built-in comparisons, which are pure, or by a program. */
#ifndef PROCTOR_GRADE_CHECKER_H
#define PROCTOR_GRADE_CHECKER_H

#include "grade/grade.h"

enum checker_kind {
	CHECKER_TOKENS,	   /* words between white space */
	CHECKER_EXACT,	   /* byte for byte */
	CHECKER_VALIDATOR, /* a program of the problem package format: 42 is right, 43 wrong */
	CHECKER_TESTLIB,   /* a program made with testlib: 0, 1, 2, 3 */
	CHECKER_INTERACTOR, /* a validator that talks to the program while it runs */
};

/* The exit statuses of a validator that have a meaning. */
enum { VALIDATOR_ACCEPTS = 42, VALIDATOR_REJECTS = 43 };

struct checker {
	enum checker_kind kind;
	bool any_case;	     /* tokens: letters of ASCII compare without case */
	bool exact_space;    /* tokens: white space counts too */
	double abs, rel;     /* tokens: tolerance of numbers; negative: none */
	char *interpreter;   /* that runs PROGRAM, or NULL */
	char *program;	     /* validator, testlib: an absolute path */
	char **flags;	     /* validator, testlib: further arguments; or NULL */
	uint64_t cpu_ns, memory_bytes, file_bytes; /* limits of PROGRAM; 0: those of the package format */
	unsigned passes;     /* how many it may ask for, including the first; 0: it cannot ask for passes */
};

/* Where an output first differs from the answer. */
struct difference {
	size_t line; /* of the output, from 1; 0: none */
	struct buf wanted, got; /* the line of the answer and of the output, as put_excerpt() writes them */
};

void difference_fini(struct difference *d);
#define _cleanup_difference_ _cleanup_(difference_fini)

void checker_init(struct checker *checker); /* tokens, case-sensitive */
void checker_fini(struct checker *checker);
void checker_copy(struct checker *ret, const struct checker *checker);
static inline bool checker_is_program(const struct checker *checker)
{
	return checker->kind >= CHECKER_VALIDATOR;
}

/*
 * TEXT is "exact", "tokens", "tokens:nocase", "tokens:space", "float:EPS" (absolute or relative),
 * "float-abs:EPS", "float-rel:EPS", "testlib:PROGRAM" or PROGRAM, a validator, whose name has a slash. 0, or
 * -errno with a message for the user.
 */
int checker_parse(const char *text, struct checker *ret, struct buf *message);

/*
 * The flags that the package format gives its default validator: case_sensitive, space_change_sensitive,
 * float_tolerance E and so on, one word each in FLAGS. Without any, case does not count. 0 or -EINVAL with a
 * message.
 */
int checker_parse_flags(char *const *flags, struct checker *ret, struct buf *message);

/* Is OUTPUT right, where ANSWER is expected? When it is not, where they first differ. */
bool checker_compare(const struct checker *checker, const char *output, size_t n_output, const char *answer,
		     size_t n_answer, struct difference *ret);

/* Is the text a decimal number: a sign, digits with a point, an exponent, nothing else? Its value. */
bool checker_number(const char *text, size_t n, double *ret);

#endif
