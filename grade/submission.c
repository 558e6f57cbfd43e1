/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/submission.h"

#include <errno.h>
#include <stdlib.h>

#include "grade/problem.h"

enum { MAX_SUBMISSION_ID = 80, MAX_FILES = 1000, MAX_DEPTH = 8 };

#define BIT(final) (1u << (final))

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The Python files beneath PATH, in the order of their names. */
static int find_files(const char *path, char ***files, int depth)
{
	char **entries = NULL;
	size_t i;
	int r = depth > MAX_DEPTH ? -ELOOP : sorted_entries(path, &entries);

	for (i = 0; r == 0 && entries[i]; i++) {
		_cleanup_free_ char *inner = xasprintf("%s/%s", path, entries[i]);
		_cleanup_free_ char *base = without_ending(entries[i], ".py");

		if (is_directory(inner))
			r = find_files(inner, files, depth + 1);
		else if (base && is_file(inner) && strv_length(*files) == MAX_FILES)
			r = -E2BIG;
		else if (base && is_file(inner))
			strv_add(files, steal_ptr(&inner));
	}
	strv_free(entries);
	return r;
}

/* The main program among the files at the top of a folder, or NULL. */
static char *find_main(const struct submission *s)
{
	_cleanup_free_ char *own = xasprintf("%s.py", last_part(s->root));
	const char *const names[] = { "main.py", "__main__.py", own };
	char *only = NULL;
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = xasprintf("%s/%s", s->root, names[i]);

		if (is_file(path))
			return path;
		free(path);
	}
	for (i = 0; s->files && s->files[i]; i++) {
		if (strlen(s->root) + 1 != (size_t)(last_part(s->files[i]) - s->files[i]))
			continue;
		only = s->files[i];
		n++;
	}
	return n == 1 ? xstrdup(only) : NULL;
}

static void submission_fini(struct submission *s)
{
	free(s->name);
	free(s->id);
	free(s->root);
	free(s->directory);
	free(s->main);
	strv_free(s->files);
	*s = (struct submission){ 0 };
}

static int fill(struct submission *s, const char *path, struct buf *message)
{
	_cleanup_free_ char *base = NULL;
	int r;

	s->root = realpath(path, NULL);
	if (!s->root) {
		r = -errno;
		buf_printf(message, "%s: %s", path, strerror(-r));
		return r;
	}
	if (is_directory(s->root)) {
		s->directory = xstrdup(s->root);
		r = find_files(s->root, &s->files, 0);
		s->main = r == 0 ? find_main(s) : NULL;
		if (!s->main)
			buf_printf(message, "%s: %s", path,
				   r < 0 ? strerror(-r) : "no main.py, and not one Python file alone: a folder is one submission");
		if (r == 0 && s->files && !s->main)
			buf_printf(message, "; %s/* names those that are in it", path);
		return s->main ? 0 : r < 0 ? r : -ENOENT;
	}
	base = without_ending(s->root, ".py");
	if (!base || !is_file(s->root)) {
		buf_printf(message, "%s: neither a Python file nor a folder", path);
		return -EINVAL;
	}
	s->main = xstrdup(s->root);
	s->directory = xstrndup(s->root, MAX((size_t)(last_part(s->root) - s->root - 1), (size_t)1));
	strv_add(&s->files, xstrdup(s->root));
	return 0;
}

int submissions_add(struct submissions *all, const char *path, const char *name, struct buf *message)
{
	struct submission s = { 0 };
	int r = fill(&s, path, message);

	if (r < 0) {
		submission_fini(&s);
		return r;
	}
	s.name = xstrdup(name ? name : last_part(s.root));
	grow_array(&all->list, &all->cap, all->n + 1, sizeof *all->list);
	all->list[all->n++] = s;
	return 0;
}

/* What a folder of a package's submissions says about the expected verdicts. */
static unsigned wanted_of(const char *folder)
{
	static const struct {
		const char *name;
		unsigned wanted;
	} rows[] = {
		{ "accepted", BIT(FINAL_AC) },
		{ "wrong_answer", BIT(FINAL_WA) },
		{ "time_limit_exceeded", BIT(FINAL_TO) },
		{ "run_time_error", BIT(FINAL_RE) | BIT(FINAL_SG) | BIT(FINAL_ML) | BIT(FINAL_PV) },
		{ "rejected", ~(BIT(FINAL_AC) | BIT(FINAL_JE)) },
		{ "partially_accepted", BIT(FINAL_AC) },
		{ "brute_force", BIT(FINAL_TO) | BIT(FINAL_RE) | BIT(FINAL_SG) | BIT(FINAL_ML) | BIT(FINAL_PV) },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (streq(rows[i].name, folder))
			return rows[i].wanted;
	return 0;
}

static bool is_python(const char *path)
{
	_cleanup_free_ char *base = without_ending(path, ".py");
	char **files = NULL;
	bool found;

	if (!is_directory(path))
		return base != NULL;
	found = find_files(path, &files, 0) == 0 && files;
	strv_free(files);
	return found;
}

static int add_folder(struct submissions *all, const char *path, const char *folder, struct buf *message)
{
	char **entries = NULL;
	size_t i;
	int r = sorted_entries(path, &entries);

	if (r < 0)
		return r == -ENOTDIR ? 0 : r;
	for (i = 0; r == 0 && entries[i]; i++) {
		_cleanup_free_ char *inner = xasprintf("%s/%s", path, entries[i]);
		_cleanup_free_ char *name = xasprintf("%s/%s", folder, entries[i]);

		if (!is_python(inner)) {
			all->n_left_out++;
			continue;
		}
		r = submissions_add(all, inner, name, message);
		if (r < 0)
			continue;
		all->list[all->n - 1].wanted = wanted_of(folder);
		all->list[all->n - 1].partial = streq(folder, "partially_accepted");
	}
	strv_free(entries);
	return r;
}

/* A rule that names a folder itself replaces what the folder's name means by default. */
static void take_overrides(struct submission *s, const struct expectations *expected)
{
	size_t i;

	for (i = 0; i < expected->n; i++)
		if (strcspn(s->name, "/") == strlen(expected->list[i].pattern) && expected_matches(&expected->list[i], s->name))
			s->wanted = expected->list[i].permitted || expected->list[i].required ? 0 : s->wanted;
}

int submissions_add_package(struct submissions *all, const char *package, struct buf *message)
{
	_cleanup_free_ char *path = xasprintf("%s/submissions", package), *more = xasprintf("%s/submissions.yaml", path);
	char **folders = NULL;
	size_t i;
	int r = sorted_entries(path, &folders);

	for (i = 0; r == 0 && folders[i]; i++) {
		_cleanup_free_ char *inner = xasprintf("%s/%s", path, folders[i]);

		r = add_folder(all, inner, folders[i], message);
	}
	strv_free(folders);
	if (r == 0)
		r = expectations_read(more, &all->expected, message);
	for (i = 0; r == 0 && i < all->n; i++)
		take_overrides(&all->list[i], &all->expected);
	if (r < 0 && !message->len)
		buf_printf(message, "%s: %s", path, strerror(-r));
	return r;
}

void submissions_name(struct submissions *all)
{
	size_t i, k;

	for (i = 0; i < all->n; i++) {
		all->list[i].id = id_from_name(all->list[i].name, MAX_SUBMISSION_ID);
		for (k = 0; k < i; k++) {
			if (!streq(all->list[k].id, all->list[i].id))
				continue;
			free(all->list[i].id);
			all->list[i].id = xasprintf("submission-%zu", i + 1);
			break;
		}
	}
}

void submissions_fini(struct submissions *all)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		submission_fini(&all->list[i]);
	free(all->list);
	expectations_fini(&all->expected);
	*all = (struct submissions){ 0 };
}
