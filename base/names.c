/* SPDX-License-Identifier: Apache-2.0 */
#include "base/names.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>

/* include/linux/errno.h: never seen by user space, but seen by a tracer at the exit stop. */
static const struct {
	int err;
	const char *name;
} kernel_errnos[] = {
	{ 512, "ERESTARTSYS" },
	{ 513, "ERESTARTNOINTR" },
	{ 514, "ERESTARTNOHAND" },
	{ 516, "ERESTART_RESTARTBLOCK" },
};

const char *errno_name(int err)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kernel_errnos); i++)
		if (kernel_errnos[i].err == err)
			return kernel_errnos[i].name;
	return strerrorname_np(err);
}

int errno_from_name(const char *name)
{
	int err;

	for (err = 1; err < 134; err++) {
		const char *known = strerrorname_np(err);

		if (known && streq(known, name))
			return err;
	}
	/* Aliases that strerrorname_np() never returns. */
	if (streq(name, "EWOULDBLOCK"))
		return EWOULDBLOCK;
	if (streq(name, "ENOTSUP"))
		return ENOTSUP;
	return 0;
}

const char *signal_name(int sig)
{
	static _Thread_local char name[24];
	const char *abbreviation = sigabbrev_np(sig);

	if (abbreviation)
		snprintf(name, sizeof name, "SIG%s", abbreviation);
	else if (sig >= 34 && sig <= 64)
		snprintf(name, sizeof name, sig == 34 ? "SIGRTMIN" : "SIGRTMIN+%d", sig - 34);
	else
		snprintf(name, sizeof name, "SIG%d", sig);
	return name;
}

/*
 * A decimal number with an optional fraction, times SCALE, exact in integers: a limit must not
 * depend on floating-point rounding. *REST is set to the text after the number.
 */
static int parse_scaled(const char *text, const char **rest, uint64_t *whole, uint64_t *fraction, uint64_t *divisor)
{
	const char *p = text;

	*whole = *fraction = 0;
	*divisor = 1;
	if (!isdigit((unsigned char)*p))
		return -EINVAL;
	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(*whole, 10u, whole) ||
		    __builtin_add_overflow(*whole, (uint64_t)(*p - '0'), whole))
			return -ERANGE;
	if (*p == '.') {
		if (!isdigit((unsigned char)*++p))
			return -EINVAL;
		for (; isdigit((unsigned char)*p); p++) {
			if (*divisor >= 1000000000u)
				continue;
			*fraction = *fraction * 10 + (uint64_t)(*p - '0');
			*divisor *= 10;
		}
	}
	*rest = p;
	return 0;
}

struct unit {
	const char *name;
	uint64_t scale;
};

static int parse_unit(const char *text, const struct unit *units, size_t n, uint64_t *ret)
{
	uint64_t whole, fraction, divisor, value;
	const char *rest;
	size_t i;
	int r = parse_scaled(text, &rest, &whole, &fraction, &divisor);

	if (r < 0)
		return r;
	if (!*rest) {
		/* Zero needs no unit. */
		if (whole || fraction)
			return -EDOM;
		*ret = 0;
		return 0;
	}
	for (i = 0; i < n; i++) {
		if (strcasecmp(rest, units[i].name) != 0)
			continue;
		if (__builtin_mul_overflow(whole, units[i].scale, &value) ||
		    __builtin_add_overflow(
			    value,
			    (uint64_t)((unsigned __int128)fraction * units[i].scale / divisor), &value) ||
		    value > INT64_MAX)
			return -ERANGE;
		*ret = value;
		return 0;
	}
	return -EINVAL;
}

int parse_size(const char *text, uint64_t *ret_bytes)
{
	static const struct unit units[] = {
		{ "B", 1 },
		{ "K", 1u << 10 },
		{ "KiB", 1u << 10 },
		{ "kB", 1000 },
		{ "M", 1u << 20 },
		{ "MiB", 1u << 20 },
		{ "MB", 1000000 },
		{ "G", 1u << 30 },
		{ "GiB", 1u << 30 },
		{ "GB", 1000000000 },
		{ "T", 1ull << 40 },
		{ "TiB", 1ull << 40 },
		{ "TB", 1000000000000 },
	};

	return parse_unit(text, units, ARRAY_SIZE(units), ret_bytes);
}

int parse_duration(const char *text, uint64_t *ret_ns)
{
	static const struct unit units[] = {
		{ "s", 1000000000 }, { "ms", 1000000 },	       { "us", 1000 },	       { "ns", 1 },
		{ "m", 60000000000 }, { "min", 60000000000 }, { "h", 3600000000000 },
	};

	return parse_unit(text, units, ARRAY_SIZE(units), ret_ns);
}

int parse_count(const char *text, uint64_t *ret_count)
{
	uint64_t whole, fraction, divisor;
	const char *rest;
	int r = parse_scaled(text, &rest, &whole, &fraction, &divisor);

	if (r < 0)
		return r;
	if (*rest || divisor != 1 || strchr(text, '.'))
		return -EINVAL;
	*ret_count = whole;
	return 0;
}
