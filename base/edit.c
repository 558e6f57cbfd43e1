/* SPDX-License-Identifier: Apache-2.0 */
#include "base/edit.h"

#include "base/util.h"

size_t edit_distance(const char *a, const char *b)
{
	uint8_t d[EDIT_MAX + 1][EDIT_MAX + 1];
	size_t m = strlen(a), n = strlen(b), i, j;

	if (m >= EDIT_MAX || n >= EDIT_MAX)
		return EDIT_MAX;
	for (i = 0; i <= m; i++)
		d[i][0] = (uint8_t)i;
	for (j = 0; j <= n; j++)
		d[0][j] = (uint8_t)j;
	for (i = 1; i <= m; i++) {
		for (j = 1; j <= n; j++) {
			unsigned best = MIN(MIN(d[i - 1][j], d[i][j - 1]) + 1u,
					    d[i - 1][j - 1] + (unsigned)(a[i - 1] != b[j - 1]));

			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = MIN(best, d[i - 2][j - 2] + 1u);
			d[i][j] = (uint8_t)best;
		}
	}
	return d[m][n];
}
