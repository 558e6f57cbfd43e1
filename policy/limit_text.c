/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/limit_text.h"

#include <errno.h>

#include "base/names.h"

enum kind { TIME, SIZE, NUMBER };

static const char *what_is_wrong(enum kind kind, int error)
{
	static const struct {
		const char *form, *range, *unit;
	} texts[] = {
		[TIME] = { "must be a time such as 2s or 500ms, or none",
			   "must be a time such as 2s or 500ms in range, or none",
			   "must have a unit: ns, us, ms, s, min or h" },
		[SIZE] = { "must be a size such as 256MiB, or none",
			   "must be a size such as 256MiB in range, or none",
			   "must have a unit: B, KiB, MiB, GiB, TiB (powers of 1024), "
			   "or kB, MB, GB, TB (of 1000)" },
		[NUMBER] = { "must be a number, or none", "must be a number in range, or none", NULL },
	};

	return error == -ERANGE			? texts[kind].range
	       : error == -EDOM && kind != NUMBER ? texts[kind].unit
						: texts[kind].form;
}

/* BARE: the unit of a number that has none; NULL: it must have one. */
static int parse(enum kind kind, const char *bare, const char *text, bool zero, uint64_t *ret_value,
		 const char **ret_wrong)
{
	static int (*const parsers[])(const char *, uint64_t *) = { parse_duration, parse_size, parse_count };
	_cleanup_free_ char *whole = NULL;
	uint64_t value = UINT64_MAX;
	int r = streq(text, "none") ? 0 : parsers[kind](text, &value);

	if (r == -EDOM && bare) {
		whole = xasprintf("%s%s", text, bare);
		r = parsers[kind](whole, &value);
	}

	if (r == 0 && value == 0 && !zero)
		r = -ERANGE;
	if (r < 0)
		*ret_wrong = what_is_wrong(kind, r);
	else
		*ret_value = value;
	return r;
}

int limit_parse(enum limit limit, const char *text, uint64_t *ret_value, const char **ret_wrong)
{
	static const enum kind kinds[] = {
		[LIMIT_CPU] = TIME,    [LIMIT_WALL] = TIME,    [LIMIT_MEMORY] = SIZE,
		[LIMIT_OUTPUT] = SIZE, [LIMIT_TASKS] = NUMBER, [LIMIT_FILES] = NUMBER,
	};

	/* Judges pass on bare numbers: seconds, and bytes of output. 256 as a limit on memory never means bytes. */
	static const char *const bare[] = { [LIMIT_CPU] = "s", [LIMIT_WALL] = "s", [LIMIT_OUTPUT] = "B", [LIMIT_FILES] = NULL };

	/* No output at all is a sensible limit; no time, memory, task or descriptor is not. */
	return parse(kinds[limit], bare[limit], text, limit == LIMIT_OUTPUT, ret_value, ret_wrong);
}

int log_max_parse(const char *text, uint64_t *ret_bytes, const char **ret_wrong)
{
	return parse(SIZE, NULL, text, false, ret_bytes, ret_wrong);
}

/* A scratch below a page would hold nothing; no host has memory for more than these maxima. */
enum { SCRATCH_FILES_MAX = 1 << 30 };
#define SCRATCH_BYTES_MIN UINT64_C(4096)
#define SCRATCH_BYTES_MAX (UINT64_C(1) << 40)

int scratch_bytes_parse(const char *text, uint64_t *ret_bytes, const char **ret_wrong)
{
	uint64_t bytes;
	int r = parse_size(text, &bytes);

	if (r == 0 && bytes >= SCRATCH_BYTES_MIN && bytes <= SCRATCH_BYTES_MAX) {
		*ret_bytes = bytes;
		return 0;
	}
	*ret_wrong = r == -EDOM	  ? "must have a unit: KiB, MiB, GiB (powers of 1024), or kB, MB, GB (of 1000)" :
		     r == -EINVAL ? "must be a size such as 64MiB" :
				    "must be from 4KiB to 1TiB";
	return r < 0 ? r : -ERANGE;
}

int scratch_files_parse(const char *text, uint64_t *ret_files, const char **ret_wrong)
{
	uint64_t files;
	int r = parse_count(text, &files);

	if (r == 0 && files > 0 && files <= SCRATCH_FILES_MAX) {
		*ret_files = files;
		return 0;
	}
	*ret_wrong = r == -EINVAL ? "must be a number" : "must be from 1 to 1073741824";
	return r < 0 ? r : -ERANGE;
}
