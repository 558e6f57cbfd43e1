/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing output with files of tests/report/; PROCTOR_GOLDEN=write writes them anew. */
#ifndef PROCTOR_TESTS_UNIT_GOLDEN_H
#define PROCTOR_TESTS_UNIT_GOLDEN_H

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/util.h"

static inline char *golden_path(const char *name)
{
	const char *top = getenv("top_srcdir");

	return xasprintf("%s/tests/report/%s", top ? top : ".", name);
}

/* TEXT is what NAME holds. */
static inline void golden_check(const char *name, const char *text)
{
	_cleanup_free_ char *path = golden_path(name), *expected = NULL;
	const char *mode = getenv("PROCTOR_GOLDEN");

	if (mode && streq(mode, "write")) {
		FILE *f = fopen(path, "w");

		ck_assert_ptr_nonnull(f);
		fputs(text, f);
		fclose(f);
		return;
	}
	ck_assert_msg(read_file(AT_FDCWD, path, 1u << 20, &expected, NULL) == 0, "cannot read %s",
		      path);
	if (streq(text, expected))
		return;
	/* Longer than what Check can carry. */
	fprintf(stderr, "%s:\n--- expected\n%s--- got\n%s", name, expected, text);
	ck_abort_msg("not what %s holds", name);
}

#endif
