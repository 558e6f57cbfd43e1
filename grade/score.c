/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/score.h"

#include <math.h>

/* Fractions of a score may add up to a little more than the whole. */
#define TOLERANCE 1e-9

static bool is_more(double score, double most)
{
	return score > most + TOLERANCE * MAX(1.0, fabs(most));
}

/* ------------------------------------------------------------------ a run */

static const char *bounded(const struct case_score *rules, const struct told_score *told, double *ret_score)
{
	if (told->has_multiplier && !(told->multiplier >= 0 && told->multiplier <= 1))
		return "the validator's score_multiplier.txt is not from 0 to 1";
	if (told->has_score && (told->score < 0 || is_more(told->score, rules->most)))
		return "the validator's score.txt is more than the case's score";
	*ret_score = told->has_multiplier ? told->multiplier * rules->most : told->has_score ? told->score : rules->most;
	return NULL;
}

static const char *unbounded(const struct told_score *told, double *ret_score)
{
	if (told->has_multiplier)
		return "the validator left score_multiplier.txt, and the case has no greatest score";
	if (!told->has_score)
		return "the validator left no score.txt, and the case has no greatest score";
	if (told->score < 0)
		return "the validator's score.txt is negative";
	*ret_score = told->score;
	return NULL;
}

const char *score_of_case(const struct case_score *rules, enum final f, const struct told_score *told, double *ret_score)
{
	bool accepted = final_is_good(f), any = told->has_score || told->has_multiplier;

	*ret_score = 0;
	if (rules->kind == CASE_NO_SCORE || f == FINAL_JE)
		return NULL;
	if (rules->kind == CASE_LEGACY) {
		*ret_score = told->has_score ? told->score : accepted ? rules->accept : rules->reject;
		return NULL;
	}
	/* A run that failed by itself, although it was accepted, is no error of the validator. */
	if (any && f == FINAL_WA)
		return "the validator left a score, and did not accept";
	if (!accepted)
		return NULL;
	if (told->has_score && told->has_multiplier)
		return "the validator left both score.txt and score_multiplier.txt";
	if (rules->kind == CASE_PASS_FAIL)
		return any ? "the validator left a score, and the group is pass-fail" : NULL;
	return rules->kind == CASE_BOUNDED ? bounded(rules, told, ret_score) : unbounded(told, ret_score);
}

/* ------------------------------------------------------------------ groups */

struct scoring {
	const struct problem *problem;
	const struct case_result *results;
	struct group_score *scores;
};

bool score_breaks(const struct groups *groups, size_t at)
{
	const struct group_rules *group = &groups->list[at];

	if (groups->legacy)
		return group->breaks;
	return group->parent != NO_GROUP && !streq(group->name, "sample") && group->mode != SCORE_SUM;
}

bool score_fails_outer(const struct groups *groups, size_t at)
{
	const struct group_rules *group = &groups->list[at];

	if (group->parent != NO_GROUP && groups->list[group->parent].ignore_sample && streq(group->name, "sample"))
		return false;
	return groups->legacy ? group->verdict != VERDICT_ACCEPT && !group->any_accepted : group->mode != SCORE_SUM;
}

/* The order in which errors count: the lowest first. */
static int rank(enum final f)
{
	static const enum final order[] = { FINAL_JE, FINAL_RE, FINAL_ML, FINAL_TO, FINAL_OL, FINAL_WA };
	int i;

	if (f == FINAL_SG || f == FINAL_PV)
		f = FINAL_RE;
	for (i = 0; i < (int)ARRAY_SIZE(order); i++)
		if (order[i] == f)
			return i;
	return (int)ARRAY_SIZE(order);
}

/* The score of one case, in the form of a group's. */
static struct group_score of_case(const struct scoring *s, size_t i)
{
	const struct case_result *result = &s->results[i];
	bool good = result->known && final_is_good(result->verdict);

	return (struct group_score){
		.score = result->known ? result->score : 0,
		.passed = good,
		.verdict = !result->known || good ? FINAL_AC : result->verdict,
		.first = result->known && !good ? i : SIZE_MAX,
		.missing = !result->known,
		.unjudged = result->known && result->verdict == FINAL_JE ? i : SIZE_MAX,
	};
}

/* The group directly beneath AT that case I is in, or AT itself. */
static size_t group_towards(const struct groups *groups, size_t at, size_t i, const struct problem *problem)
{
	size_t g = problem->cases[i].group;

	while (g != at && groups->list[g].parent != at)
		g = groups->list[g].parent;
	return g;
}

static bool is_within(const struct groups *groups, size_t outer, size_t g)
{
	while (g != NO_GROUP && g != outer)
		g = groups->list[g].parent;
	return g == outer;
}

static void add_score(const struct group_rules *group, size_t n, double score, double *sum)
{
	switch (group->mode) {
	case SCORE_MIN:
		*sum = n ? MIN(*sum, score) : score;
		break;
	case SCORE_MAX:
		*sum = n ? MAX(*sum, score) : score;
		break;
	default:
		*sum += score;
	}
}

/* Adds the verdict of one more thing to that of the whole. */
static void add_verdict(const struct group_rules *group, const struct group_score *one, struct group_score *whole)
{
	bool worse = whole->verdict == FINAL_AC || (group->verdict == VERDICT_WORST && rank(one->verdict) < rank(whole->verdict));

	if (one->verdict == FINAL_AC || !worse)
		return;
	whole->verdict = one->verdict;
	whole->first = one->first;
}

/* Computes what the grader of a legacy group, or the rules of a 2025-09 group, make of what is in it. */
static void finish(const struct groups *groups, const struct group_rules *group, size_t n, bool any, struct group_score *ret)
{
	if (groups->legacy) {
		if (n && group->mode == SCORE_AVG)
			ret->score /= (double)n;
		if (group->verdict == VERDICT_ACCEPT || (group->any_accepted && any)) {
			ret->verdict = FINAL_AC;
			ret->first = SIZE_MAX;
		}
		if (ret->verdict != FINAL_AC)
			ret->score = 0;
	} else if (group->mode == SCORE_PASS_FAIL) {
		ret->score = ret->passed ? group->most : 0;
	} else if (group->mode == SCORE_MIN && !n) {
		ret->score = 0;
	}
	if (isfinite(group->most) && fabs(ret->score - group->most) <= TOLERANCE * MAX(1.0, fabs(group->most)))
		ret->score = group->most;
	if (ret->verdict != FINAL_AC && groups->legacy)
		return;
	if (is_more(ret->score, group->most) || ret->score < group->least)
		ret->wrong = "a group has a score that is out of its range";
}

/* Are the groups that AT requires passed? */
static bool may_count(const struct scoring *s, size_t at)
{
	const struct groups *groups = &s->problem->groups;
	const struct group_rules *group = &groups->list[at];
	size_t i;

	for (i = 0; group->require && group->require[i]; i++) {
		size_t other = groups_required(groups, at, i);

		if (other != NO_GROUP && !s->scores[other].passed)
			return false;
	}
	return true;
}

static struct group_score of_group(const struct scoring *s, size_t at, size_t begin, size_t end);

/* The case or inner group that begins with case *I in group AT; *I moves behind it. */
static struct group_score next_thing(const struct scoring *s, size_t at, size_t *i, size_t end, size_t *ret_group)
{
	const struct groups *groups = &s->problem->groups;
	size_t inner = group_towards(groups, at, *i, s->problem), begin = *i;

	*ret_group = inner;
	if (inner == at)
		return of_case(s, (*i)++);
	while (*i < end && is_within(groups, inner, s->problem->cases[*i].group))
		++*i;
	return s->scores[inner] = of_group(s, inner, begin, *i);
}

/* The score of group AT, whose cases are those from BEGIN to END. */
static struct group_score of_group(const struct scoring *s, size_t at, size_t begin, size_t end)
{
	const struct groups *groups = &s->problem->groups;
	const struct group_rules *group = &groups->list[at];
	struct group_score whole = { .passed = true, .verdict = FINAL_AC, .first = SIZE_MAX, .unjudged = SIZE_MAX };
	bool stopped = false, any = false;
	size_t i = begin, n = 0;

	if (!may_count(s, at))
		return (struct group_score){ .verdict = FINAL_AC, .first = SIZE_MAX, .unjudged = SIZE_MAX };
	while (i < end) {
		size_t inner;
		struct group_score one = next_thing(s, at, &i, end, &inner);
		bool failed = groups->legacy ? one.verdict != FINAL_AC : !one.passed && !one.missing;

		if (stopped || (group->ignore_sample && streq(groups->list[inner].name, "sample")))
			continue;
		whole.passed &= one.passed;
		whole.missing |= one.missing;
		whole.wrong = whole.wrong ? whole.wrong : one.wrong;
		whole.unjudged = MIN(whole.unjudged, one.unjudged);
		add_score(group, n++, one.score, &whole.score);
		add_verdict(group, &one, &whole);
		any |= one.verdict == FINAL_AC && !one.missing;
		/* An inner sum may have failed in part only: it stops nothing. */
		stopped = failed && score_breaks(groups, at) &&
			  (groups->legacy || inner == at || score_fails_outer(groups, inner));
	}
	if (stopped && !groups->legacy)
		whole.score = 0;
	finish(groups, group, n, any, &whole);
	return whole;
}

void score_groups(const struct problem *problem, const struct case_result *results, struct group_score *ret)
{
	const struct scoring s = { problem, results, ret };
	size_t i;

	/* Groups without any case keep this. */
	for (i = 0; i < problem->groups.n; i++)
		ret[i] = (struct group_score){ .passed = true, .verdict = FINAL_AC, .first = SIZE_MAX, .unjudged = SIZE_MAX };
	ret[0] = of_group(&s, 0, 0, problem->n_cases);
}

size_t score_whole(const struct problem *problem)
{
	size_t i;

	for (i = 0; !problem->groups.legacy && i < problem->groups.n; i++)
		if (streq(problem->groups.list[i].name, "secret"))
			return i;
	return 0;
}
