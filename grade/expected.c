/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/expected.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>

#include "grade/checker.h"
#include "grade/yaml.h"

#define BIT(final) (1u << (final))
/* For scores, which are sums of fractions. */
#define TOLERANCE 1e-6

enum { MAX_BRACES = 64 };

/* ------------------------------------------------------------------ patterns */

/*
 * Does PATTERN match NAME? Tries each word in its braces in turn; *BUDGET bounds how many. Otherwise a pattern of
 * the package format only has *, which matches no slash.
 */
static bool matches(const char *pattern, const char *name, int *budget)
{
	const char *open = strchr(pattern, '{'), *close = open ? strchr(open, '}') : NULL, *word;

	if (!close)
		return fnmatch(pattern, name, FNM_PATHNAME | FNM_NOESCAPE) == 0;
	for (word = open + 1; word <= close && --*budget > 0;) {
		size_t n = strcspn(word, ",}");
		_cleanup_free_ char *one = xasprintf("%.*s%.*s%s", (int)(open - pattern), pattern, (int)n, word, close + 1);

		if (matches(one, name, budget))
			return true;
		word += n + 1;
	}
	return false;
}

bool expected_matches(const struct expected *rule, const char *name)
{
	_cleanup_free_ char *folder = xstrndup(name, strcspn(name, "/"));
	int budget = MAX_BRACES;

	return matches(rule->pattern, name, &budget) || matches(rule->pattern, folder, &budget);
}

/* ------------------------------------------------------------------ the file */

static bool take_verdicts(const json_t *value, unsigned *ret)
{
	static const struct {
		const char *name;
		unsigned bits;
	} rows[] = { { "AC", BIT(FINAL_AC) | BIT(FINAL_OK) },
		     { "WA", BIT(FINAL_WA) | BIT(FINAL_OL) },
		     { "TLE", BIT(FINAL_TO) },
		     { "RTE", BIT(FINAL_RE) | BIT(FINAL_SG) | BIT(FINAL_ML) | BIT(FINAL_PV) } };
	char **words = NULL;
	bool good = yaml_words(value, &words);
	size_t i, k;

	for (i = 0; good && words && words[i]; i++) {
		for (k = 0; k < ARRAY_SIZE(rows) && !streq(rows[k].name, words[i]); k++)
			;
		good = k < ARRAY_SIZE(rows);
		*ret |= good ? rows[k].bits : 0;
	}
	strv_free(words);
	return good && *ret;
}

static bool take_score(const json_t *value, struct expected *rule)
{
	char **words = NULL;
	size_t n = yaml_words(value, &words) ? strv_length(words) : 0;
	bool good = (n == 1 || n == 2) && checker_number(words[0], strlen(words[0]), &rule->least) &&
		    checker_number(words[n - 1], strlen(words[n - 1]), &rule->most) && rule->least <= rule->most;

	rule->has_score = good;
	strv_free(words);
	return good;
}

/* Is KEY a member that says nothing about the expected result? */
static bool is_other(const char *key)
{
	static const char *const names[] = { "language", "entrypoint", "authors", "model_solution", "use_for_time_limit" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(names[i], key))
			return true;
	return false;
}

static bool take_rule(const json_t *members, struct expected *rule, size_t *left_out)
{
	const char *key;
	json_t *value;
	bool good = json_is_object(members);

	json_object_foreach((json_t *)(uintptr_t)members, key, value) {
		if (streq(key, "permitted"))
			good &= take_verdicts(value, &rule->permitted);
		else if (streq(key, "required"))
			good &= take_verdicts(value, &rule->required);
		else if (streq(key, "score"))
			good &= take_score(value, rule);
		else if (!is_other(key))
			++*left_out;
	}
	return good;
}

int expectations_read(const char *path, struct expectations *ret, struct buf *message)
{
	json_t *file = NULL, *members;
	const char *pattern;
	int r = yaml_read(path, &file, message);

	*ret = (struct expectations){ 0 };
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	json_object_foreach(file, pattern, members) {
		struct expected *rule;

		grow_array(&ret->list, &ret->cap, ret->n + 1, sizeof *ret->list);
		rule = &ret->list[ret->n++];
		*rule = (struct expected){ .pattern = xstrdup(pattern) };
		if (take_rule(members, rule, &ret->n_left_out))
			continue;
		buf_printf(message, "%s: %s: permitted and required are lists of AC, WA, TLE and RTE, score is a number or two", path,
			   pattern);
		r = -EINVAL;
		break;
	}
	json_decref(file);
	if (r < 0)
		expectations_fini(ret);
	return r;
}

void expectations_fini(struct expectations *expectations)
{
	size_t i;

	for (i = 0; i < expectations->n; i++)
		free(expectations->list[i].pattern);
	free(expectations->list);
	*expectations = (struct expectations){ 0 };
}

bool expected_holds(const struct expected *rule, unsigned seen, bool scored, double score)
{
	/* A submission that does not compile has no verdicts. */
	if ((rule->permitted || rule->required) && !seen)
		return false;
	if (rule->permitted && (seen & ~rule->permitted))
		return false;
	if (rule->required && !(seen & rule->required))
		return false;
	return !rule->has_score || (scored && score >= rule->least - TOLERANCE && score <= rule->most + TOLERANCE);
}
