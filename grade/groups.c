/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/groups.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "grade/checker.h"
#include "grade/yaml.h"

#define SECRET_MOST 100

static bool is_sample(const struct group_rules *group)
{
	return streq(group->name, "sample");
}

size_t groups_add(struct groups *groups, const char *name, size_t parent)
{
	struct group_rules *group;

	grow_array(&groups->list, &groups->cap, groups->n + 1, sizeof *groups->list);
	group = &groups->list[groups->n];
	*group = (struct group_rules){ .mode = SCORE_SUM, .least = -INFINITY, .most = INFINITY, .breaks = true, .accept = 1 };
	if (groups->legacy && parent != NO_GROUP)
		*group = groups->list[parent];
	if (!groups->legacy && streq(name, "secret"))
		group->most = SECRET_MOST;
	else if (!groups->legacy)
		group->mode = SCORE_PASS_FAIL;
	group->name = xstrdup(name);
	group->parent = parent;
	group->n_cases = 0;
	group->ignore_sample = false;
	return groups->n++;
}

/* ------------------------------------------------------------------ legacy */

static bool read_bound(const char *text, size_t n, double *ret)
{
	_cleanup_free_ char *word = xstrndup(text, n);

	if (streq(word, "inf") || streq(word, "+inf") || streq(word, "-inf")) {
		*ret = *word == '-' ? -INFINITY : INFINITY;
		return true;
	}
	return checker_number(text, n, ret);
}

static bool take_range(const json_t *value, struct group_rules *group)
{
	const char *text = json_string_value(value), *second;
	size_t n;

	if (!text)
		return false;
	n = strcspn(text, " \t");
	second = text + n + strspn(text + n, " \t");
	return read_bound(text, n, &group->least) && read_bound(second, strlen(second), &group->most) &&
	       group->least <= group->most;
}

static bool take_number(const json_t *value, double *ret)
{
	const char *text = json_string_value(value);

	return text && checker_number(text, strlen(text), ret);
}

static bool take_grader_flag(const char *flag, struct group_rules *group)
{
	static const struct {
		const char *name;
		enum score_mode mode;
	} modes[] = { { "sum", SCORE_SUM }, { "avg", SCORE_AVG }, { "min", SCORE_MIN }, { "max", SCORE_MAX } };
	static const struct {
		const char *name;
		enum score_verdict verdict;
	} verdicts[] = { { "worst_error", VERDICT_WORST }, { "first_error", VERDICT_FIRST }, { "always_accept", VERDICT_ACCEPT } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		if (streq(flag, modes[i].name))
			return group->mode = modes[i].mode, true;
	for (i = 0; i < ARRAY_SIZE(verdicts); i++)
		if (streq(flag, verdicts[i].name))
			return group->verdict = verdicts[i].verdict, true;
	if (streq(flag, "ignore_sample"))
		return group->ignore_sample = true;
	if (streq(flag, "accept_if_any_accepted"))
		return group->any_accepted = true;
	return false;
}

/* Flags that are given replace all inherited ones. */
static bool take_grader_flags(const json_t *value, struct group_rules *group)
{
	char **flags = NULL;
	bool good = yaml_words(value, &flags);
	size_t i;

	group->mode = SCORE_SUM;
	group->verdict = VERDICT_WORST;
	group->any_accepted = false;
	for (i = 0; good && flags && flags[i]; i++)
		good = take_grader_flag(flags[i], group);
	strv_free(flags);
	return good;
}

static int read_legacy(struct group_rules *group, const json_t *settings, const char *path, struct buf *message)
{
	const json_t *flags = json_object_get(settings, "grader_flags"), *range = json_object_get(settings, "range");
	const json_t *accept = json_object_get(settings, "accept_score"), *reject = json_object_get(settings, "reject_score");
	const json_t *on_reject = json_object_get(settings, "on_reject");
	const char *word = json_string_value(on_reject);

	if (on_reject && (!word || (!streq(word, "break") && !streq(word, "continue"))))
		buf_printf(message, "%s: on_reject is break or continue", path);
	else if (flags && !take_grader_flags(flags, group))
		buf_printf(message, "%s: grader_flags has a word that the default grader does not know", path);
	else if ((accept && !take_number(accept, &group->accept)) || (reject && !take_number(reject, &group->reject)))
		buf_printf(message, "%s: accept_score and reject_score are numbers", path);
	else if (range && !take_range(range, group))
		buf_printf(message, "%s: range is two numbers, the smaller one first", path);
	else {
		group->breaks = word ? streq(word, "break") : group->breaks;
		return 0;
	}
	return -EINVAL;
}

/* ------------------------------------------------------------------ 2025-09 */

static bool take_aggregation(const char *word, struct group_rules *group)
{
	if (!word || (!streq(word, "pass-fail") && !streq(word, "sum") && !streq(word, "min")))
		return false;
	group->mode = streq(word, "sum") ? SCORE_SUM : streq(word, "min") ? SCORE_MIN : SCORE_PASS_FAIL;
	return group->mode_given = true;
}

static bool take_most(const char *word, struct group_rules *group)
{
	group->most_given = true;
	if (word && streq(word, "unbounded")) {
		group->most = INFINITY;
		return true;
	}
	return word && checker_number(word, strlen(word), &group->most) && group->most >= 0 && group->most <= 1e15 &&
	       (double)(int64_t)group->most == group->most;
}

static int read_group(struct group_rules *group, const json_t *settings, const char *path, struct buf *message)
{
	const json_t *most = json_object_get(settings, "max_score"), *require = json_object_get(settings, "require_pass");
	const json_t *mode = json_object_get(settings, "score_aggregation");

	if (is_sample(group) && (most || require || mode))
		buf_printf(message, "%s: samples have no score", path);
	else if (most && !take_most(json_string_value(most), group))
		buf_printf(message, "%s: max_score is an integer that is not negative, or unbounded", path);
	else if (mode && !take_aggregation(json_string_value(mode), group))
		buf_printf(message, "%s: score_aggregation is pass-fail, sum or min", path);
	else if (require && !yaml_words(require, &group->require))
		buf_printf(message, "%s: require_pass is a name or a list of names", path);
	else
		return 0;
	return -EINVAL;
}

int groups_refuse(const json_t *settings, const char *path, struct buf *message)
{
	static const char *const of_static[] = { "static_validation_score", "static_validator_args" };
	const json_t *grading = json_object_get(settings, "grading");
	const char *word = json_string_value(grading);
	size_t i;

	if (grading && (!word || !streq(word, "default"))) {
		buf_printf(message, "%s: grading: a grader of the problem's own (graders/) is not run: default is the only one", path);
		return -ENOTSUP;
	}
	for (i = 0; i < ARRAY_SIZE(of_static); i++)
		if (json_object_get(settings, of_static[i])) {
			buf_printf(message, "%s: %s: static validators (static_validator/) are not run", path, of_static[i]);
			return -ENOTSUP;
		}
	return 0;
}

int groups_read(struct groups *groups, size_t at, const json_t *settings, const char *path, struct buf *message)
{
	struct group_rules *group = &groups->list[at];

	return groups->legacy ? read_legacy(group, settings, path, message) : read_group(group, settings, path, message);
}

/* ------------------------------------------------------------------ consistency */

static bool is_secret(const struct group_rules *group)
{
	return streq(group->name, "secret");
}

static const char *last_part(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

size_t groups_required(const struct groups *groups, size_t at, size_t i)
{
	const struct group_rules *group = &groups->list[at];
	size_t k;

	for (k = 0; k < groups->n; k++) {
		const struct group_rules *other = &groups->list[k];

		if (is_sample(other) ? streq(group->require[i], "sample") :
				       other->parent == group->parent && !is_secret(other) &&
					       streq(last_part(other->name), group->require[i]))
			return k;
	}
	return NO_GROUP;
}

/* A group may only require the samples, and pass-fail groups that come before it. */
static const char *check_requirements(const struct groups *groups, size_t at)
{
	const struct group_rules *group = &groups->list[at];
	size_t i;

	for (i = 0; group->require && group->require[i]; i++) {
		size_t other = groups_required(groups, at, i);

		/* If there are no samples, requiring them is harmless. */
		if (other == NO_GROUP && !streq(group->require[i], "sample"))
			return "require_pass names a group that there is not";
		if (other != NO_GROUP && other >= at)
			return "require_pass names a group that does not come before it";
		if (other != NO_GROUP && groups->list[other].mode != SCORE_PASS_FAIL)
			return "require_pass names a group that is not pass-fail";
	}
	return NULL;
}

static const char *check_group(const struct groups *groups, size_t at)
{
	const struct group_rules *group = &groups->list[at], *parent = &groups->list[group->parent];

	if (group->mode == SCORE_PASS_FAIL && isinf(group->most))
		return "score_aggregation is pass-fail, and there is no max_score";
	if (!is_secret(group) && !is_secret(parent))
		return "there are groups beneath groups";
	if (is_secret(parent) && parent->n_cases > 0)
		return "there are cases beside it: secret has cases or groups";
	if (is_secret(parent) && isinf(group->most) && !isinf(parent->most))
		return "there is no max_score, and secret has one";
	if (is_secret(parent) && parent->mode == SCORE_PASS_FAIL && group->mode != SCORE_PASS_FAIL)
		return "it is not pass-fail, and secret is";
	return check_requirements(groups, at);
}

int groups_check(const struct groups *groups, const char *problem, struct buf *message)
{
	size_t i;

	for (i = 1; !groups->legacy && i < groups->n; i++) {
		const char *wrong = is_sample(&groups->list[i]) ? NULL : check_group(groups, i);

		if (!wrong)
			continue;
		buf_printf(message, "%s/data/%s: %s", problem, groups->list[i].name, wrong);
		return -EINVAL;
	}
	return 0;
}

struct case_score groups_case(const struct groups *groups, size_t at)
{
	const struct group_rules *group = &groups->list[at];

	if (groups->legacy)
		return (struct case_score){ .kind = CASE_LEGACY, .accept = group->accept, .reject = group->reject };
	if (is_sample(group))
		return (struct case_score){ .kind = CASE_NO_SCORE };
	if (group->mode == SCORE_PASS_FAIL)
		return (struct case_score){ .kind = CASE_PASS_FAIL };
	if (isinf(group->most))
		return (struct case_score){ .kind = CASE_UNBOUNDED };
	return (struct case_score){ .kind = CASE_BOUNDED,
				    .most = group->mode == SCORE_SUM ? group->most / (double)group->n_cases : group->most };
}

void groups_fini(struct groups *groups)
{
	size_t i;

	for (i = 0; i < groups->n; i++) {
		free(groups->list[i].name);
		strv_free(groups->list[i].require);
	}
	free(groups->list);
	*groups = (struct groups){ 0 };
}
