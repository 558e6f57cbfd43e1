/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "policy/shipped.h"

struct policy_source *policy_source_new(const char *name, const char *file)
{
	struct policy_source *source = xcalloc(1, sizeof *source);

	source->name = xstrdup(name);
	source->file = xstrdup(file);
	return source;
}

/* A copy of SOURCE under another name. */
static struct policy_source *copy_source(const struct policy_source *source, const char *name, const char *file)
{
	struct policy_source *over = policy_source_new(name, file);
	size_t i;

	over->extends = source->extends;
	over->python = source->python ? xstrdup(source->python) : NULL;
	over->cwd = source->cwd ? xstrdup(source->cwd) : NULL;
	for (i = 0; i < source->n; i++)
		policy_source_add(over, source->documents[i].file,
				  memcpy(xmalloc(source->documents[i].len + 1), source->documents[i].text,
					 source->documents[i].len + 1),
				  source->documents[i].len);
	for (i = 0; i < source->n_narrower; i++)
		over->narrower[over->n_narrower++] =
			copy_source(source->narrower[i], source->narrower[i]->name, source->narrower[i]->file);
	return over;
}

struct policy_source *policy_source_over(const struct policy_source *source, const char *text, const char *file)
{
	struct policy_source *over = copy_source(source, file, file);

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
	for (i = 0; i < source->n_narrower; i++)
		policy_source_free(source->narrower[i]);
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

char *policy_name_beside(const char *file, const char *text)
{
	const struct shipped_policy *shipped = shipped_find(text);
	const char *slash = strrchr(file, '/');

	if (shipped || streq(text, "builtin:python") || streq(text, "builtin:pure"))
		return xstrdup(shipped ? shipped->file : text);
	if (after_prefix(text, "builtin:") || (!strchr(text, '/') && !strchr(text, '.')))
		return NULL;
	while (text[0] == '.' && text[1] == '/')
		text += 1 + strspn(text + 1, "/");
	return text[0] == '/' || !slash ? xstrdup(text) : xasprintf("%.*s/%s", (int)(slash - file), file, text);
}

size_t policy_source_find_narrower(const struct policy_source *source, const char *name)
{
	size_t i = 0;

	while (i < source->n_narrower && !streq(source->narrower[i]->file, name))
		i++;
	return i;
}
