/* SPDX-License-Identifier: Apache-2.0 */
/* What a run and a group of cases may get, and what counts: no file, no process. */
#include "grade/score.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "tests/unit/suite.h"

static struct problem problem;
static struct group_score scores[8];

/* SETTINGS: JSON whose scalars are texts, as of YAML; NULL: the defaults. */
static int add_group(const char *name, size_t parent, const char *settings)
{
	size_t at = groups_add(&problem.groups, name, parent);
	_cleanup_buf_ struct buf message = { 0 };
	json_t *value;
	int r;

	if (!settings)
		return 0;
	value = json_loads(settings, 0, NULL);
	ck_assert_msg(value != NULL, "%s", settings);
	r = groups_read(&problem.groups, at, value, name, &message);
	ck_assert(r == 0 || message.len > 0);
	json_decref(value);
	return r;
}

static void add_case(size_t group)
{
	grow_array(&problem.cases, &problem.cap_cases, problem.n_cases + 1, sizeof *problem.cases);
	problem.cases[problem.n_cases++] = (struct test_case){ .group = group };
	problem.groups.list[group].n_cases++;
}

/* 2025-09: samples, one pass-fail group of two, one sum of two, one minimum of two that needs the first. */
static void set_up_new(void)
{
	size_t i;

	problem = (struct problem){ .scoring = true };
	add_group("", NO_GROUP, NULL);
	add_group("sample", 0, NULL);
	add_group("secret", 0, NULL);
	add_group("secret/a", 2, "{\"max_score\":\"10\"}");
	add_group("secret/b", 2, "{\"max_score\":\"30\",\"score_aggregation\":\"sum\"}");
	add_group("secret/c", 2, "{\"max_score\":\"60\",\"score_aggregation\":\"min\",\"require_pass\":\"a\"}");
	add_case(1);
	for (i = 3; i <= 5; i++) {
		add_case(i);
		add_case(i);
	}
}

static void set_up_legacy(void)
{
	problem = (struct problem){ .scoring = true, .groups.legacy = true };
	add_group("", NO_GROUP, NULL);
	add_group("secret", 0, NULL);
	add_case(1);
	add_case(1);
	add_case(1);
}

static void tear_down(void)
{
	groups_fini(&problem.groups);
	free(problem.cases);
}

/* RUNS: a letter for each case: "+" accepted, "-" wrong, "!" RE, "t" TO, "?" JE, "." not run; each accepted one gets SCORE. */
static const struct group_score *scored(const char *runs, double score)
{
	struct case_result results[8] = { 0 };
	size_t i;

	for (i = 0; runs[i]; i++) {
		enum final f = runs[i] == '+' ? FINAL_AC : runs[i] == '!' ? FINAL_RE : runs[i] == 't' ? FINAL_TO :
			       runs[i] == '?' ? FINAL_JE : FINAL_WA;

		if (runs[i] != '.')
			results[i] = (struct case_result){ true, f, f == FINAL_AC ? score : 0 };
	}
	ck_assert_uint_eq(i, problem.n_cases);
	score_groups(&problem, results, scores);
	return &scores[score_whole(&problem)];
}

#define IS(x, y) ck_assert_double_eq_tol((x), (y), 1e-9)

START_TEST(test_groups_of_2025_add_up)
{
	IS(scored("+++++++", 15)->score, 10 + 30 + 15);
	IS(scored("-++++++", 15)->score, 10 + 30 + 15); /* samples have no score */
	IS(scored("++-++..", 15)->score, 30);		/* c needs a, and is not run */
	ck_assert(!scores[0].missing);
	IS(scored("+++-+++", 15)->score, 10 + 15 + 15);
	IS(scored("++++++-", 15)->score, 10 + 30);
	IS(scored("+++++-.", 15)->score, 10 + 30);
	ck_assert(!scores[0].missing);
	ck_assert(!scores[2].passed);
}
END_TEST

START_TEST(test_what_counts_and_was_not_run_is_missing)
{
	scored("+++.+++", 15);
	ck_assert(scores[0].missing);
	scored("++.++++", 15);
	ck_assert(scores[0].missing);
	scored("+-.++..", 15); /* a has failed: neither its rest nor c can change anything */
	ck_assert(!scores[0].missing);
	scored("+++++.-", 15);
	ck_assert(scores[0].missing);
}
END_TEST

START_TEST(test_what_does_not_count_any_more_changes_nothing)
{
	const struct group_score before = *scored("+-.++..", 15), after = *scored("+-?++??", 15);

	ck_assert(before.score == after.score && before.first == after.first && before.passed == after.passed);
	ck_assert(!before.missing && !after.missing && !before.wrong && !after.wrong);
	ck_assert_uint_eq(scores[0].unjudged, SIZE_MAX);
	scored("+++?+++", 15);
	ck_assert_uint_eq(scores[0].unjudged, 3);
}
END_TEST

START_TEST(test_more_than_a_group_may_have_is_wrong)
{
	scored("+++++++", 16);
	ck_assert(scores[0].wrong != NULL);
	scored("+++++++", 15);
	ck_assert(scores[0].wrong == NULL);
}
END_TEST

START_TEST(test_parts_come_to_the_whole)
{
	const int all[] = { 3, 6, 7, 10, 49, 97 };
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		struct case_result *results = xcalloc((size_t)all[i], sizeof *results);
		struct case_score rules;

		tear_down();
		problem = (struct problem){ .scoring = true };
		add_group("", NO_GROUP, NULL);
		add_group("secret", 0, NULL);
		for (k = 0; k < (size_t)all[i]; k++)
			add_case(1);
		rules = groups_case(&problem.groups, 1);
		for (k = 0; k < (size_t)all[i]; k++) {
			results[k] = (struct case_result){ true, FINAL_AC, 0 };
			ck_assert(score_of_case(&rules, FINAL_AC, &(struct told_score){ 0 }, &results[k].score) == NULL);
		}
		score_groups(&problem, results, scores);
		ck_assert(scores[1].score == 100 && !scores[1].wrong);
		free(results);
	}
}
END_TEST

START_TEST(test_default_grader_of_legacy)
{
	IS(scored("+++", 2)->score, 6);
	ck_assert_int_eq(scored("+-.", 2)->verdict, FINAL_WA);
	IS(scores[0].score, 0);
	ck_assert_uint_eq(scores[0].first, 1);
	ck_assert(!scores[0].missing);
	ck_assert_int_eq(scored("+-!", 2)->verdict, FINAL_WA); /* on_reject: break */
	scored("+.+", 2);
	ck_assert(scores[0].missing);
}
END_TEST

START_TEST(test_graders_of_legacy)
{
	static const struct {
		const char *flags, *runs;
		double score;
		enum final verdict;
	} rows[] = {
		{ "sum", "-!+", 0, FINAL_RE },	       { "first_error", "-!+", 0, FINAL_WA },
		{ "worst_error", "t-+", 0, FINAL_TO }, { "always_accept", "-!+", 2, FINAL_AC },
		{ "avg", "+++", 2, FINAL_AC },	       { "always_accept avg", "+-+", 4.0 / 3, FINAL_AC },
		{ "max", "+++", 2, FINAL_AC },	       { "always_accept max", "-+-", 2, FINAL_AC },
		{ "min always_accept", "+-+", 0, FINAL_AC }, { "min", "+++", 2, FINAL_AC },
		{ "accept_if_any_accepted", "--+", 2, FINAL_AC }, { "accept_if_any_accepted", "---", 0, FINAL_WA },
		{ "min sum", "+++", 6, FINAL_AC }, /* the last one counts */
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *settings = xasprintf("{\"grader_flags\":\"%s\",\"on_reject\":\"continue\"}", rows[i].flags);

		tear_down();
		problem = (struct problem){ .scoring = true, .groups.legacy = true };
		add_group("", NO_GROUP, settings);
		add_case(0);
		add_case(0);
		add_case(0);
		ck_assert_msg(fabs(scored(rows[i].runs, 2)->score - rows[i].score) < 1e-9, "%s %s: %g", rows[i].flags, rows[i].runs,
			      scores[0].score);
		ck_assert_msg(scores[0].verdict == rows[i].verdict, "%s %s", rows[i].flags, rows[i].runs);
	}
}
END_TEST

START_TEST(test_a_run_gets)
{
	const struct case_score half = { CASE_BOUNDED, 50, 0, 0 }, open = { CASE_UNBOUNDED, 0, 0, 0 }, passed = { CASE_PASS_FAIL, 0, 0, 0 };
	const struct case_score legacy = { CASE_LEGACY, 0, 3, 1 }, sample = { CASE_NO_SCORE, 0, 0, 0 };
	const struct told_score none = { 0 }, ten = { true, false, 10, 0 }, part = { false, true, 0, 0.1 }, both = { true, true, 1, 1 };
	double score;

	ck_assert(!score_of_case(&half, FINAL_AC, &none, &score) && score == 50);
	ck_assert(!score_of_case(&half, FINAL_AC, &ten, &score) && score == 10);
	ck_assert(!score_of_case(&half, FINAL_AC, &part, &score) && score == 5);
	ck_assert(!score_of_case(&half, FINAL_TO, &part, &score) && score == 0);
	ck_assert(score_of_case(&half, FINAL_WA, &part, &score));
	ck_assert(score_of_case(&half, FINAL_AC, &both, &score));
	ck_assert(!score_of_case(&open, FINAL_AC, &ten, &score) && score == 10);
	ck_assert(score_of_case(&open, FINAL_AC, &part, &score));
	ck_assert(score_of_case(&open, FINAL_AC, &none, &score));
	ck_assert(score_of_case(&passed, FINAL_AC, &ten, &score));
	ck_assert(!score_of_case(&passed, FINAL_AC, &none, &score) && score == 0);
	ck_assert(!score_of_case(&legacy, FINAL_AC, &none, &score) && score == 3);
	ck_assert(!score_of_case(&legacy, FINAL_WA, &none, &score) && score == 1);
	ck_assert(!score_of_case(&legacy, FINAL_WA, &ten, &score) && score == 10);
	ck_assert(!score_of_case(&sample, FINAL_AC, &both, &score) && score == 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("score");
	TCase *new = tcase_create("2025-09"), *legacy = tcase_create("legacy");

	tcase_add_checked_fixture(new, set_up_new, tear_down);
	tcase_add_test(new, test_groups_of_2025_add_up);
	tcase_add_test(new, test_what_counts_and_was_not_run_is_missing);
	tcase_add_test(new, test_what_does_not_count_any_more_changes_nothing);
	tcase_add_test(new, test_more_than_a_group_may_have_is_wrong);
	tcase_add_test(new, test_parts_come_to_the_whole);
	tcase_add_test(new, test_a_run_gets);
	tcase_add_checked_fixture(legacy, set_up_legacy, tear_down);
	tcase_add_test(legacy, test_default_grader_of_legacy);
	tcase_add_test(legacy, test_graders_of_legacy);
	suite_add_tcase(suite, new);
	suite_add_tcase(suite, legacy);
	return run_suite(suite);
}
