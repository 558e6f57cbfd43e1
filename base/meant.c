/* SPDX-License-Identifier: Apache-2.0 */
#include "base/meant.h"

#include <stdlib.h>

#include "base/util.h"

static const char *copy_of(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

struct meant *meant_copy(const struct meant *meant)
{
	struct meant *copy;

	if (!meant_is_known(meant))
		return NULL;
	copy = xmalloc(sizeof *copy);
	*copy = *meant;
	for (size_t i = 0; i < copy->n_command; i++)
		copy->command[i] = copy_of(meant->command[i]);
	copy->program = copy_of(meant->program);
	copy->host = copy_of(meant->host);
	copy->port = copy_of(meant->port);
	copy->target = copy_of(meant->target);
	return copy;
}

void meant_free(struct meant *copy)
{
	if (!copy)
		return;
	for (size_t i = 0; i < copy->n_command; i++)
		free((char *)copy->command[i]);
	free((char *)copy->program);
	free((char *)copy->host);
	free((char *)copy->port);
	free((char *)copy->target);
	free(copy);
}
