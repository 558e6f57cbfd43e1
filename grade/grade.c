/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/grade.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/escape.h"

enum { MAX_ID = 200, MAX_EXCERPT = 200 };

static const char *const names[N_FINALS] = {
	[FINAL_AC] = "AC", [FINAL_OK] = "OK", [FINAL_WA] = "WA", [FINAL_TO] = "TO", [FINAL_RE] = "RE", [FINAL_CE] = "CE",
	[FINAL_ML] = "ML", [FINAL_OL] = "OL", [FINAL_SG] = "SG", [FINAL_PV] = "PV", [FINAL_JE] = "JE",
};

const char *final_name(enum final f)
{
	return names[f];
}

int final_from_name(const char *name, enum final *ret)
{
	size_t i;

	for (i = 0; i < N_FINALS; i++) {
		if (!streq(names[i], name))
			continue;
		*ret = (enum final)i;
		return 0;
	}
	return -EINVAL;
}

bool id_is_good(const char *id)
{
	size_t n = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return n > 0 && n <= MAX_ID && id[n] == '\0' && *id != '.' && *id != '-';
}

void put_time(struct buf *out, uint64_t realtime_ns)
{
	time_t seconds = (time_t)(realtime_ns / 1000000000);
	struct tm tm;
	char text[32];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	buf_printf(out, "%s.%03uZ", text, (unsigned)(realtime_ns / 1000000 % 1000));
}

static void put_cut(struct buf *out, const char *text, size_t n, enum text_escape how)
{
	size_t shown = MIN(n, (size_t)MAX_EXCERPT);

	/* Do not cut in the middle of a character: a part of one would be shown as bytes. */
	while (shown < n && shown > MAX_EXCERPT - 4 && ((unsigned char)text[shown] & 0xc0) == 0x80)
		shown--;
	text_escape(out, text, shown, how);
	if (shown < n)
		buf_lit(out, "...");
}

void put_excerpt(struct buf *out, const char *text, size_t n)
{
	put_cut(out, text, n, TEXT_PATH);
}

void put_told(struct buf *out, const char *text, size_t n)
{
	put_cut(out, text, n, TEXT_ARGS);
}

void put_json(struct buf *out, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	buf_puts(out, text ? text : "null");
	free(text);
	json_decref(value);
}
