/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/problem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "grade/yaml.h"

enum { MAX_CASES = 100000, MAX_DEPTH = 8, MAX_CASE_ID = 100, MAX_INI = 1 << 20, LEAST_PASSES = 2, MOST_PASSES = 1000 };

/* Defaults of the package format. */
#define PACKAGE_MEMORY_MIB 2048
#define PACKAGE_OUTPUT_MIB 8

/* ------------------------------------------------------------------ files and names */

bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

char *without_ending(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n > m && streq(name + n - m, ending) ? xstrndup(name, n - m) : NULL;
}

char *id_from_name(const char *name, size_t max)
{
	char *id = xstrndup(*name ? name : "_", max), *c;

	for (c = id; *c; c++) {
		bool first = c == id;

		if (*c == '/' && !first)
			*c = '.';
		else if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-", *c) ||
			 (first && (*c == '.' || *c == '-')))
			*c = '_';
	}
	return id;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int sorted_entries(const char *path, char ***ret)
{
	_cleanup_closedir_ DIR *stream = opendir(path);
	struct dirent *entry;
	char **names = NULL;
	size_t n = 0, cap = 0;

	if (!stream)
		return -errno;
	grow_array(&names, &cap, 1, sizeof *names);
	while ((errno = 0, entry = readdir(stream))) {
		if (*entry->d_name == '.')
			continue;
		grow_array(&names, &cap, n + 2, sizeof *names);
		names[n++] = xstrdup(entry->d_name);
	}
	names[n] = NULL;
	if (errno) {
		int r = -errno;

		strv_free(names);
		return r;
	}
	qsort(names, n, sizeof *names, compare_names);
	*ret = names;
	return 0;
}

/* ------------------------------------------------------------------ cases */

/* Settings of a group of cases and, unless they say otherwise, of the groups beneath it. */
struct group {
	char **flags; /* of the output validator */
	char **args;
	size_t rules; /* its number in the problem's groups, where there are scores */
};

static void group_fini(struct group *group)
{
	strv_free(group->flags);
	strv_free(group->args);
}

static void copy_list(char ***ret, char *const *list)
{
	strv_free(*ret);
	*ret = NULL;
	strv_extend(ret, list);
}

/*
 * Reads NAME.yaml of a case or the file of a group; the latter may also have RULES of the group (or NULL). The file
 * may be missing.
 */
static int read_settings(const char *path, struct group *group, struct groups *rules, struct buf *message)
{
	json_t *settings = NULL;
	const json_t *args, *flags;
	int r = yaml_read(path, &settings, message);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	args = json_object_get(settings, "args");
	flags = json_object_get(settings, "output_validator_args");
	flags = flags ? flags : json_object_get(settings, "output_validator_flags");
	if ((args && !yaml_words(args, &group->args)) || (flags && !yaml_words(flags, &group->flags))) {
		buf_printf(message, "%s: args and output_validator_args are lists of texts", path);
		r = -EINVAL;
	}
	if (r == 0)
		r = groups_refuse(settings, path, message);
	if (r == 0 && rules)
		r = groups_read(rules, group->rules, settings, path, message);
	json_decref(settings);
	return r;
}

static char *find_answer(const struct problem *problem, const char *base)
{
	char *path = xasprintf("%s.ans", base);

	if (!problem->package && !is_file(path)) {
		free(path);
		path = xasprintf("%s.out", base);
	}
	if (is_file(path))
		return path;
	free(path);
	return NULL;
}

static int add_case(struct problem *problem, const char *base, const char *name, const struct group *group,
		    struct buf *message)
{
	_cleanup_(group_fini) struct group own = { 0 };
	_cleanup_free_ char *settings = xasprintf("%s.yaml", base), *files = xasprintf("%s.files", base);
	char *answer = find_answer(problem, base);
	struct test_case *c;
	int r;

	if (!answer) {
		buf_printf(message, "%s.in: there is no answer to it", base);
		return -ENOENT;
	}
	copy_list(&own.flags, group->flags);
	copy_list(&own.args, group->args);
	r = problem->package ? read_settings(settings, &own, NULL, message) : 0;
	if (r == 0 && problem->n_cases == MAX_CASES) {
		buf_printf(message, "%s: more than %d cases", problem->path, MAX_CASES);
		r = -E2BIG;
	}
	if (r < 0) {
		free(answer);
		return r;
	}
	grow_array(&problem->cases, &problem->cap_cases, problem->n_cases + 1, sizeof *problem->cases);
	c = &problem->cases[problem->n_cases++];
	*c = (struct test_case){ .name = xstrdup(name), .input = xasprintf("%s.in", base), .answer = answer,
				 .group = group->rules };
	if (problem->scoring)
		problem->groups.list[group->rules].n_cases++;
	if (problem->package && is_directory(files))
		c->files = steal_ptr(&files);
	c->args = steal_ptr(&own.args);
	checker_init(&c->checker);
	copy_list(&c->checker.flags, problem->flags);
	strv_extend(&c->checker.flags, own.flags);
	return 0;
}

static int add_directory(struct problem *problem, const char *path, const char *name, const struct group *outer,
			 int depth, struct buf *message);

static int add_entry(struct problem *problem, const char *path, const char *name, const char *entry,
		     const struct group *group, int depth, struct buf *message)
{
	_cleanup_free_ char *base = without_ending(entry, ".in");
	_cleanup_free_ char *inner_path = xasprintf("%s/%s", path, base ? base : entry);
	_cleanup_free_ char *inner_name = xasprintf("%s%s%s", name, *name ? "/" : "", base ? base : entry);
	_cleanup_free_ char *files = without_ending(entry, ".files");

	if (base)
		return add_case(problem, inner_path, inner_name, group, message);
	if (problem->package && !files && is_directory(inner_path))
		return add_directory(problem, inner_path, inner_name, group, depth + 1, message);
	return 0;
}

static int add_directory(struct problem *problem, const char *path, const char *name, const struct group *outer,
			 int depth, struct buf *message)
{
	static const char *const settings[] = { "testdata.yaml", "test_group.yaml" };
	_cleanup_(group_fini) struct group group = { 0 };
	char **entries = NULL;
	size_t i;
	int r = depth > MAX_DEPTH ? -ELOOP : sorted_entries(path, &entries);

	if (r < 0) {
		if (r == -ENOENT && depth == 0)
			return 0;
		buf_printf(message, "%s: %s", path, strerror(-r));
		return r;
	}
	copy_list(&group.flags, outer->flags);
	copy_list(&group.args, outer->args);
	group.rules = problem->scoring ? groups_add(&problem->groups, name, outer->rules) : 0;
	for (i = 0; r == 0 && problem->package && i < ARRAY_SIZE(settings); i++) {
		_cleanup_free_ char *file = xasprintf("%s/%s", path, settings[i]);

		r = read_settings(file, &group, problem->scoring ? &problem->groups : NULL, message);
	}
	for (i = 0; r == 0 && entries[i]; i++)
		r = add_entry(problem, path, name, entries[i], &group, depth, message);
	strv_free(entries);
	return r;
}

/* ------------------------------------------------------------------ problem.yaml */

static int read_number(const json_t *value, double scale, uint64_t *ret)
{
	const char *text = json_string_value(value);
	double number;

	if (!text || !checker_number(text, strlen(text), &number) || !(number > 0) || number * scale > 1e18)
		return -EINVAL;
	*ret = (uint64_t)(number * scale);
	return 0;
}

static int read_limits(struct problem *problem, const json_t *limits, struct buf *message)
{
	static const struct {
		const char *name;
		double scale;
		size_t offset;
	} rows[] = {
		{ "time_limit", 1e9, offsetof(struct problem, cpu_ns) },
		{ "memory", 1 << 20, offsetof(struct problem, memory_bytes) },
		{ "output", 1 << 20, offsetof(struct problem, output_bytes) },
		{ "validation_time", 1e9, offsetof(struct problem, validation_ns) },
		{ "validation_memory", 1 << 20, offsetof(struct problem, validation_memory_bytes) },
		{ "validation_output", 1 << 20, offsetof(struct problem, validation_output_bytes) },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const json_t *value = json_object_get(limits, rows[i].name);

		if (!value || read_number(value, rows[i].scale, (uint64_t *)((char *)problem + rows[i].offset)) == 0)
			continue;
		buf_printf(message, "%s/problem.yaml: limits: %s is not a positive number", problem->path, rows[i].name);
		return -EINVAL;
	}
	return 0;
}

/* The number of passes, only for problems that have them. */
static int read_passes(struct problem *problem, const json_t *limits, struct buf *message)
{
	const json_t *value = json_object_get(limits, "validation_passes");
	uint64_t n;

	if (!value || !problem->passes)
		return 0;
	if (read_number(value, 1, &n) < 0 || n < LEAST_PASSES || n > MOST_PASSES) {
		buf_printf(message, "%s/problem.yaml: limits: validation_passes is not a number from 2 to %d", problem->path,
			   MOST_PASSES);
		return -EINVAL;
	}
	problem->passes = (unsigned)n;
	return 0;
}

static bool has_word(const json_t *value, const char *word)
{
	char **words = NULL;
	bool found = false;
	size_t i;

	if (value && yaml_words(value, &words))
		for (i = 0; words && words[i]; i++)
			found |= streq(words[i], word);
	strv_free(words);
	return found;
}

/* Reads the kind of problem, as either version of the format writes it. */
static int read_kind(struct problem *problem, const json_t *yaml, struct buf *message)
{
	static const char *const cannot[] = { "submit-answer" };
	const json_t *type = json_object_get(yaml, "type"), *validation = json_object_get(yaml, "validation");
	const char *version = json_string_value(json_object_get(yaml, "problem_format_version"));
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cannot); i++) {
		if (!has_word(type, cannot[i]) && !has_word(validation, cannot[i]))
			continue;
		buf_printf(message, "%s: problems that are %s cannot be judged yet", problem->path, cannot[i]);
		return -ENOTSUP;
	}
	problem->scoring = has_word(type, "scoring") || has_word(validation, "score");
	problem->groups.legacy = !version || streq(version, "legacy") || streq(version, "legacy-icpc");
	problem->interactive = has_word(type, "interactive") || has_word(validation, "interactive");
	problem->passes = has_word(type, "multi-pass") ? LEAST_PASSES : 0;
	return 0;
}

static int find_validator(struct problem *problem, const json_t *yaml, struct buf *message)
{
	bool custom = has_word(json_object_get(yaml, "validation"), "custom");
	char *path = xasprintf("%s/%s", problem->path, custom ? "output_validators" : "output_validator");

	if (is_directory(path)) {
		problem->validator = path;
		return 0;
	}
	free(path);
	if (!custom && !problem->interactive && !problem->passes)
		return 0;
	buf_printf(message, "%s: %s, and there %s", problem->path,
		   custom ? "validation is custom" : problem->interactive ? "the problem is interactive" :
							 "the problem has several passes",
		   custom ? "are no output_validators" : "is no output_validator");
	return -EINVAL;
}

/* Legacy packages have their time limit outside problem.yaml. */
static int read_time_limit(struct problem *problem, struct buf *message)
{
	static const char *const files[] = { ".timelimit", "domjudge-problem.ini" };
	size_t i;

	for (i = 0; problem->cpu_ns == 0 && i < ARRAY_SIZE(files); i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", problem->path, files[i]), *text = NULL;
		_cleanup_free_ char *number = NULL;
		const char *at;
		double value;

		if (read_file(AT_FDCWD, path, MAX_INI, &text, NULL) < 0)
			continue;
		at = i == 0 ? text : strstr(text, "timelimit");
		if (at && i == 1)
			at += strlen("timelimit");
		if (!at)
			continue;
		at += strspn(at, " \t='\"\n");
		number = xstrndup(at, strspn(at, "0123456789.eE+-"));
		if (!checker_number(number, strlen(number), &value) || !(value > 0) || value > 1e6) {
			buf_printf(message, "%s: not a time limit in seconds", path);
			return -EINVAL;
		}
		problem->cpu_ns = (uint64_t)(value * 1e9);
	}
	return 0;
}

static int read_package(struct problem *problem, struct buf *message)
{
	_cleanup_free_ char *path = xasprintf("%s/problem.yaml", problem->path);
	const json_t *flags;
	json_t *yaml = NULL;
	int r = yaml_read(path, &yaml, message);

	problem->memory_bytes = (uint64_t)PACKAGE_MEMORY_MIB << 20;
	problem->output_bytes = (uint64_t)PACKAGE_OUTPUT_MIB << 20;
	problem->groups.legacy = true; /* unless it says otherwise */
	if (r < 0)
		return r == -ENOENT ? read_time_limit(problem, message) : r;
	r = read_kind(problem, yaml, message);
	if (r == 0)
		r = read_limits(problem, json_object_get(yaml, "limits"), message);
	if (r == 0)
		r = read_passes(problem, json_object_get(yaml, "limits"), message);
	if (r == 0)
		r = find_validator(problem, yaml, message);
	if (r == 0)
		r = read_time_limit(problem, message);
	flags = json_object_get(yaml, "validator_flags");
	if (r == 0 && flags && !yaml_words(flags, &problem->flags)) {
		buf_printf(message, "%s: validator_flags is no text", path);
		r = -EINVAL;
	}
	json_decref(yaml);
	return r;
}

/* ------------------------------------------------------------------ the whole */

static int compare_ids(const void *a, const void *b)
{
	const struct test_case *const *x = a, *const *y = b;
	int order = strcmp((*x)->id, (*y)->id);

	return order ? order : (*x < *y ? -1 : 1);
}

/* Different names may lead to the same id: then the position is added. */
static void name_cases(struct problem *problem)
{
	_cleanup_free_ struct test_case **sorted = xcalloc(problem->n_cases + 1, sizeof *sorted);
	size_t i;

	for (i = 0; i < problem->n_cases; i++) {
		problem->cases[i].id = id_from_name(problem->cases[i].name, MAX_CASE_ID);
		sorted[i] = &problem->cases[i];
	}
	qsort(sorted, problem->n_cases, sizeof *sorted, compare_ids);
	for (i = problem->n_cases; i-- > 1;) {
		if (!streq(sorted[i]->id, sorted[i - 1]->id))
			continue;
		free(sorted[i]->id);
		sorted[i]->id = xasprintf("case-%zu", (size_t)(sorted[i] - problem->cases) + 1);
	}
}

/* Adds the group of all the data, for which legacy packages may have settings. */
static int add_root(struct problem *problem, struct group *root, struct buf *message)
{
	_cleanup_free_ char *file = xasprintf("%s/data/testdata.yaml", problem->path);

	if (problem->scoring)
		root->rules = groups_add(&problem->groups, "", NO_GROUP);
	return problem->groups.legacy ? read_settings(file, root, problem->scoring ? &problem->groups : NULL, message) : 0;
}

static int load_cases(struct problem *problem, struct buf *message)
{
	static const char *const folders[] = { "sample", "secret" };
	_cleanup_(group_fini) struct group none = { .rules = NO_GROUP };
	size_t i;
	int r = 0;

	if (problem->package)
		r = add_root(problem, &none, message);
	if (!problem->package)
		r = add_directory(problem, problem->path, "", &none, 0, message);
	for (i = 0; r == 0 && problem->package && i < ARRAY_SIZE(folders); i++) {
		_cleanup_free_ char *path = xasprintf("%s/data/%s", problem->path, folders[i]);

		r = add_directory(problem, path, folders[i], &none, 0, message);
	}
	if (r == 0 && problem->n_cases == 0) {
		buf_printf(message, "%s: there is no case (%s)", problem->path,
			   problem->package ? "data/sample/*.in, data/secret/*.in" : "*.in");
		r = -ENOENT;
	}
	if (r == 0)
		name_cases(problem);
	if (r == 0 && problem->scoring)
		r = groups_check(&problem->groups, problem->path, message);
	for (i = 0; r == 0 && problem->scoring && i < problem->n_cases; i++)
		problem->cases[i].score = groups_case(&problem->groups, problem->cases[i].group);
	return r;
}

int problem_load(const char *path, struct problem *ret, struct buf *message)
{
	_cleanup_free_ char *yaml = xasprintf("%s/problem.yaml", path), *data = xasprintf("%s/data", path);
	struct problem problem = { .path = realpath(path, NULL), .package = is_file(yaml) || is_directory(data) };
	int r = 0;

	if (!problem.path || !is_directory(path)) {
		r = problem.path ? -ENOTDIR : -errno;
		buf_printf(message, "%s: %s", path, strerror(-r));
	}
	if (r == 0 && problem.package)
		r = read_package(&problem, message);
	if (r == 0)
		r = load_cases(&problem, message);
	if (r < 0)
		problem_fini(&problem);
	else
		*ret = problem;
	return r;
}

void problem_fini(struct problem *problem)
{
	size_t i;

	for (i = 0; i < problem->n_cases; i++) {
		struct test_case *c = &problem->cases[i];

		free(c->name);
		free(c->id);
		free(c->input);
		free(c->answer);
		free(c->files);
		strv_free(c->args);
		checker_fini(&c->checker);
	}
	free(problem->cases);
	free(problem->path);
	free(problem->validator);
	groups_fini(&problem->groups);
	strv_free(problem->flags);
	*problem = (struct problem){ 0 };
}
