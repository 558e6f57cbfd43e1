/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/checker.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_NUMBER = 400 };

void checker_init(struct checker *checker)
{
	*checker = (struct checker){ .kind = CHECKER_TOKENS, .abs = -1, .rel = -1 };
}

void checker_fini(struct checker *checker)
{
	free(checker->interpreter);
	free(checker->program);
	strv_free(checker->flags);
	checker_init(checker);
}

void checker_copy(struct checker *ret, const struct checker *checker)
{
	*ret = *checker;
	ret->interpreter = checker->interpreter ? xstrdup(checker->interpreter) : NULL;
	ret->program = checker->program ? xstrdup(checker->program) : NULL;
	ret->flags = NULL;
	strv_extend(&ret->flags, checker->flags);
}

void difference_fini(struct difference *d)
{
	buf_fini(&d->wanted);
	buf_fini(&d->got);
	d->line = 0;
}

/* ------------------------------------------------------------------ words of the user */

static int parse_tolerance(const char *text, double *ret, struct buf *message)
{
	double value;

	if (text && checker_number(text, strlen(text), &value) && value >= 0 && isfinite(value)) {
		*ret = value;
		return 0;
	}
	buf_printf(message, "%s: not a tolerance such as 1e-6", text ? text : "nothing");
	return -EINVAL;
}

static int parse_program(const char *path, enum checker_kind kind, struct checker *ret, struct buf *message)
{
	char *real = realpath(path, NULL);

	if (!real || access(real, X_OK) < 0) {
		int r = -errno;

		buf_printf(message, "checker %s: %s", path, strerror(-r));
		free(real);
		return r;
	}
	ret->kind = kind;
	ret->program = real;
	return 0;
}

int checker_parse(const char *text, struct checker *ret, struct buf *message)
{
	const char *value;
	int r = 0;

	checker_init(ret);
	if (streq(text, "tokens"))
		return 0;
	if (streq(text, "exact")) {
		ret->kind = CHECKER_EXACT;
	} else if (streq(text, "tokens:nocase")) {
		ret->any_case = true;
	} else if (streq(text, "tokens:space")) {
		ret->exact_space = true;
	} else if ((value = after_prefix(text, "float:"))) {
		r = parse_tolerance(value, &ret->abs, message);
		ret->rel = ret->abs;
	} else if ((value = after_prefix(text, "float-abs:"))) {
		r = parse_tolerance(value, &ret->abs, message);
	} else if ((value = after_prefix(text, "float-rel:"))) {
		r = parse_tolerance(value, &ret->rel, message);
	} else if ((value = after_prefix(text, "testlib:"))) {
		r = parse_program(value, CHECKER_TESTLIB, ret, message);
	} else if (strchr(text, '/')) {
		r = parse_program(text, CHECKER_VALIDATOR, ret, message);
	} else {
		buf_printf(message, "%s: not exact, tokens, float:EPS or the path of a program", text);
		r = -EINVAL;
	}
	return r;
}

int checker_parse_flags(char *const *flags, struct checker *ret, struct buf *message)
{
	size_t i;
	int r = 0;

	checker_init(ret);
	ret->any_case = true;
	for (i = 0; r == 0 && flags && flags[i]; i++) {
		const char *flag = flags[i];

		if (streq(flag, "case_sensitive")) {
			ret->any_case = false;
		} else if (streq(flag, "space_change_sensitive")) {
			ret->exact_space = true;
		} else if (streq(flag, "float_tolerance")) {
			r = parse_tolerance(flags[i + 1], &ret->abs, message);
			ret->rel = ret->abs;
		} else if (streq(flag, "float_absolute_tolerance")) {
			r = parse_tolerance(flags[i + 1], &ret->abs, message);
		} else if (streq(flag, "float_relative_tolerance")) {
			r = parse_tolerance(flags[i + 1], &ret->rel, message);
		} else {
			buf_printf(message, "%s: the default validator has no such flag", flag);
			r = -EINVAL;
		}
		if (r == 0 && after_prefix(flag, "float_"))
			i++;
	}
	return r;
}

/* ------------------------------------------------------------------ numbers */

static size_t skip_digits(const char *text, size_t n, size_t at)
{
	while (at < n && text[at] >= '0' && text[at] <= '9')
		at++;
	return at;
}

/* The length of the number at the start of TEXT; unlike strtod(), takes no inf, nan or hexadecimal. */
static size_t number_length(const char *text, size_t n)
{
	size_t at = n && (*text == '-' || *text == '+') ? 1 : 0, whole, digits, end, exponent;

	whole = skip_digits(text, n, at);
	digits = whole - at;
	at = whole;
	if (at < n && text[at] == '.') {
		end = skip_digits(text, n, at + 1);
		digits += end - at - 1;
		at = end;
	}
	if (digits == 0)
		return 0;
	if (at < n && (text[at] == 'e' || text[at] == 'E')) {
		exponent = at + 1;
		if (exponent < n && (text[exponent] == '-' || text[exponent] == '+'))
			exponent++;
		end = skip_digits(text, n, exponent);
		if (end == exponent)
			return 0;
		at = end;
	}
	return at;
}

bool checker_number(const char *text, size_t n, double *ret)
{
	char copy[MAX_NUMBER + 1];

	if (n == 0 || n > MAX_NUMBER || number_length(text, n) != n)
		return false;
	memcpy(copy, text, n);
	copy[n] = '\0';
	*ret = strtod(copy, NULL);
	return true;
}

/* ------------------------------------------------------------------ comparing */

/* A position in a text. */
struct cursor {
	const char *text;
	size_t n, at;
};

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t space_length(const struct cursor *c)
{
	size_t at = c->at;

	while (at < c->n && is_space(c->text[at]))
		at++;
	return at - c->at;
}

static size_t token_length(const struct cursor *c)
{
	size_t at = c->at;

	while (at < c->n && !is_space(c->text[at]))
		at++;
	return at - c->at;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_text(const struct checker *checker, const char *a, size_t n, const char *b, size_t m)
{
	size_t i;

	if (n != m)
		return false;
	if (!checker->any_case)
		return n == 0 || memcmp(a, b, n) == 0;
	for (i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

static bool same_token(const struct checker *checker, const char *got, size_t n, const char *wanted, size_t m)
{
	double answer, output;

	if (same_text(checker, got, n, wanted, m))
		return true;
	if ((checker->abs < 0 && checker->rel < 0) || !checker_number(wanted, m, &answer) ||
	    !checker_number(got, n, &output))
		return false;
	/* A number that overflows is near to nothing. */
	if (!isfinite(answer) || !isfinite(output))
		return false;
	return (checker->abs >= 0 && fabs(output - answer) <= checker->abs) ||
	       (checker->rel >= 0 && fabs(output - answer) <= checker->rel * fabs(answer));
}

/* Appends the line of C's text in which position AT lies, and returns its number from 1. */
static size_t put_line(struct buf *out, const struct cursor *c, size_t at)
{
	size_t begin = MIN(at, c->n), end = begin, line = 1, i;

	while (begin > 0 && c->text[begin - 1] != '\n')
		begin--;
	while (end < c->n && c->text[end] != '\n')
		end++;
	for (i = 0; i < begin; i++)
		line += c->text[i] == '\n';
	if (at >= c->n && begin == c->n)
		buf_lit(out, "(end of the text)");
	else
		put_excerpt(out, c->text + begin, end - begin);
	return line;
}

static bool differ(const struct cursor *output, const struct cursor *answer, struct difference *ret)
{
	ret->line = put_line(&ret->got, output, output->at);
	put_line(&ret->wanted, answer, answer->at);
	return false;
}

static bool compare_exact(struct cursor *output, struct cursor *answer, struct difference *ret)
{
	size_t n = MIN(output->n, answer->n);

	while (output->at < n && output->text[output->at] == answer->text[output->at])
		output->at++;
	answer->at = output->at;
	if (output->at == output->n && answer->at == answer->n)
		return true;
	return differ(output, answer, ret);
}

static bool compare_tokens(const struct checker *checker, struct cursor *output, struct cursor *answer,
			   struct difference *ret)
{
	size_t n, m;

	for (;;) {
		n = space_length(output);
		m = space_length(answer);
		if (checker->exact_space &&
		    (n != m || (n > 0 && memcmp(output->text + output->at, answer->text + answer->at, n) != 0)))
			return differ(output, answer, ret);
		output->at += n;
		answer->at += m;
		n = token_length(output);
		m = token_length(answer);
		if (n == 0 && m == 0)
			return true;
		if (n == 0 || m == 0 ||
		    !same_token(checker, output->text + output->at, n, answer->text + answer->at, m))
			return differ(output, answer, ret);
		output->at += n;
		answer->at += m;
	}
}

bool checker_compare(const struct checker *checker, const char *output, size_t n_output, const char *answer,
		     size_t n_answer, struct difference *ret)
{
	struct cursor got = { output, n_output, 0 }, wanted = { answer, n_answer, 0 };

	difference_fini(ret);
	if (checker->kind == CHECKER_EXACT)
		return compare_exact(&got, &wanted, ret);
	return compare_tokens(checker, &got, &wanted, ret);
}
