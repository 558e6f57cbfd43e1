/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/source.h"

#include <stdlib.h>

struct policy_source *policy_source_new(const char *name, const char *file)
{
	struct policy_source *source = xcalloc(1, sizeof *source);

	source->name = xstrdup(name);
	source->file = xstrdup(file);
	return source;
}

struct policy_source *policy_source_over(const struct policy_source *source, const char *text, const char *file)
{
	struct policy_source *over = policy_source_new(file, file);
	size_t i;

	over->extends = source->extends;
	over->python = source->python ? xstrdup(source->python) : NULL;
	over->cwd = source->cwd ? xstrdup(source->cwd) : NULL;
	for (i = 0; i < source->n; i++)
		policy_source_add(over, source->documents[i].file,
				  memcpy(xmalloc(source->documents[i].len + 1), source->documents[i].text,
					 source->documents[i].len + 1),
				  source->documents[i].len);
	policy_source_add(over, file, xstrdup(text), strlen(text));
	return over;
}

void policy_source_free(struct policy_source *source)
{
	size_t i;

	if (!source)
		return;
	for (i = 0; i < source->n; i++) {
		free(source->documents[i].file);
		free(source->documents[i].text);
	}
	free(source->documents);
	free(source->name);
	free(source->file);
	free(source->python);
	free(source->cwd);
	free(source);
}

void policy_source_add(struct policy_source *source, const char *file, char *text, size_t len)
{
	grow_array(&source->documents, &source->cap, source->n + 1, sizeof(*source->documents));
	source->documents[source->n++] = (struct policy_document){ xstrdup(file), text, len };
}
