/* SPDX-License-Identifier: Apache-2.0 */
/* The results of submissions, from the lines of results.jsonl. */
#include "grade/judge.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

/* Which submission and case a run id stands for. */
struct run_name {
	char *id;
	size_t submission;
	size_t position; /* 0: the syntax check; otherwise the case, from 1 */
};

struct reading {
	const struct problem *problem;
	const struct submissions *submissions;
	struct run_name *names;
	size_t n;
	struct judgement *list;
	size_t *at; /* for each submission: the position that decided its verdict; SIZE_MAX: none */
	struct case_result *results; /* if the problem has scores: one for each case of each submission; or NULL */
	char **causes;		     /* likewise: why a run failed */
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct run_name *)a)->id, ((const struct run_name *)b)->id);
}

static void add_name(struct reading *reading, const struct submission *s, size_t submission, const char *case_id,
		     size_t position)
{
	reading->names[reading->n++] = (struct run_name){ xasprintf("%s.%s%s", s->id, position ? "case." : "", case_id),
							  submission, position };
}

static void name_runs(struct reading *reading)
{
	const struct submissions *all = reading->submissions;
	const struct problem *problem = reading->problem;
	size_t i, k;

	reading->names = xcalloc(all->n * (problem->n_cases + 1) + 1, sizeof *reading->names);
	for (i = 0; i < all->n; i++) {
		add_name(reading, &all->list[i], i, "syntax", 0);
		for (k = 0; k < problem->n_cases; k++)
			add_name(reading, &all->list[i], i, problem->cases[k].id, k + 1);
	}
	qsort(reading->names, reading->n, sizeof *reading->names, compare_names);
}

static const char *text_at(const json_t *line, const char *outer, const char *inner)
{
	return json_string_value(json_object_get(json_object_get(line, outer), inner));
}

/* Why a run failed, in the words for the person who runs the judge. */
static char *cause_of(const json_t *line, enum final verdict)
{
	const char *reason = json_string_value(json_object_get(line, "reason"));
	const char *message = text_at(line, "checker", "message"), *staff = text_at(line, "messages", "staff");
	const json_t *difference = json_object_get(line, "difference");

	if (verdict == FINAL_WA && difference)
		return xasprintf("line %lld: expected '%s', got '%s'",
				 (long long)json_integer_value(json_object_get(difference, "line")),
				 text_at(line, "difference", "expected"), text_at(line, "difference", "got"));
	if (verdict == FINAL_WA && message && *message)
		return xstrdup(message);
	if (reason)
		return xstrdup(reason);
	return staff && verdict != FINAL_WA ? xstrdup(staff) : NULL;
}

/* Usage is the largest of any pass. */
static void take_usage(struct judgement *j, const json_t *line)
{
	j->cpu_ns = MAX(j->cpu_ns, (uint64_t)json_integer_value(json_object_get(line, "cpu_ns")));
	j->memory_bytes = MAX(j->memory_bytes, (uint64_t)json_integer_value(json_object_get(line, "memory_bytes")));
}

/* Keeps a result for the scores, which are computed when all are there. */
static void take_result(struct reading *reading, const struct run_name *name, const json_t *line, enum final verdict)
{
	size_t at = name->submission * reading->problem->n_cases + name->position - 1;

	if (!reading->results || name->position == 0)
		return;
	reading->results[at] = (struct case_result){ true, verdict, json_number_value(json_object_get(line, "score")) };
	free(reading->causes[at]);
	reading->causes[at] = final_is_good(verdict) ? NULL : cause_of(line, verdict);
}

static void take_line(struct reading *reading, const json_t *line)
{
	const char *id = json_string_value(json_object_get(line, "id"));
	const char *verdict_name = json_string_value(json_object_get(line, "verdict"));
	const struct run_name wanted = { .id = (char *)(id ? id : "") };
	const struct run_name *name = bsearch(&wanted, reading->names, reading->n, sizeof wanted, compare_names);
	struct judgement *j;
	enum final verdict;

	if (!name || !verdict_name || final_from_name(verdict_name, &verdict) < 0)
		return;
	j = &reading->list[name->submission];
	take_result(reading, name, line, verdict);
	if (name->position > 0) {
		const json_t *passes = json_object_get(line, "passes");
		size_t i;

		j->n_run++;
		j->seen |= 1u << verdict;
		take_usage(j, line);
		for (i = 0; i < json_array_size(passes); i++)
			take_usage(j, json_array_get(passes, i));
	}
	if (final_is_good(verdict) || name->position >= reading->at[name->submission])
		return;
	reading->at[name->submission] = name->position;
	j->verdict = verdict;
	free(j->first);
	free(j->cause);
	j->first = name->position ? xstrdup(reading->problem->cases[name->position - 1].name) : NULL;
	j->cause = cause_of(line, verdict);
}

static int read_lines(struct reading *reading, int dir_fd)
{
	_cleanup_fclose_ FILE *file = NULL;
	_cleanup_free_ char *text = NULL;
	int fd = openat(dir_fd, "results.jsonl", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t cap = 0;
	ssize_t n;

	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file)
		return -errno;
	while ((n = getline(&text, &cap, file)) > 0) {
		json_t *line = json_loadb(text, (size_t)n, 0, NULL);

		take_line(reading, line);
		json_decref(line);
	}
	return ferror(file) ? -EIO : 0;
}

static void judge_error(struct judgement *j, const char *cause)
{
	j->scored = false;
	j->verdict = FINAL_JE;
	free(j->cause);
	j->cause = xstrdup(cause);
}

/* Sets the verdict, which case I decided; SIZE_MAX: no case. */
static void set_verdict(const struct reading *reading, struct judgement *j, enum final verdict, size_t submission, size_t i)
{
	size_t at = submission * reading->problem->n_cases + i;

	free(j->first);
	free(j->cause);
	j->verdict = verdict;
	j->first = i == SIZE_MAX ? NULL : xstrdup(reading->problem->cases[i].name);
	j->cause = i == SIZE_MAX || !reading->causes[at] ? NULL : xstrdup(reading->causes[at]);
}

/* Sets the score and, for a legacy package, the verdict, from the cases that count. */
static void settle_score(const struct reading *reading, size_t i)
{
	const struct problem *problem = reading->problem;
	struct judgement *j = &reading->list[i];
	size_t whole = score_whole(problem);
	const struct group_score *score;

	j->groups = xcalloc(problem->groups.n, sizeof *j->groups);
	score_groups(problem, reading->results + i * problem->n_cases, j->groups);
	score = &j->groups[whole];
	j->scored = !problem->groups.legacy || score->verdict == FINAL_AC;
	j->score = score->score;
	j->max_score = problem->groups.list[whole].most;
	if (j->groups[0].unjudged != SIZE_MAX)
		set_verdict(reading, j, FINAL_JE, i, j->groups[0].unjudged);
	else if (problem->groups.legacy)
		set_verdict(reading, j, score->verdict, i, score->first);
	if (j->verdict == FINAL_JE)
		j->scored = false;
	else if (j->groups[0].missing)
		judge_error(j, "not all of its cases were run");
	else if (j->groups[0].wrong)
		judge_error(j, j->groups[0].wrong);
}

/* Is the result what the submission's folder and submissions.yaml say? */
static bool is_as_wanted(const struct submissions *submissions, const struct judgement *j)
{
	const struct submission *s = j->submission;
	const struct expectations *expected = &submissions->expected;
	size_t i;

	if (s->wanted && !(s->wanted & 1u << j->verdict))
		return false;
	if (s->partial && j->scored && j->score >= j->max_score)
		return false;
	for (i = 0; i < expected->n; i++)
		if (expected_matches(&expected->list[i], s->name) &&
		    !expected_holds(&expected->list[i], j->seen, j->scored, j->score))
			return false;
	return true;
}

/* A submission whose runs are not all there has no verdict: the judging was cut short. */
static void settle(const struct reading *reading, size_t i)
{
	struct judgement *j = &reading->list[i];

	j->submission = &reading->submissions->list[i];
	j->n_cases = reading->problem->n_cases;
	/* A submission that does not compile has no score. */
	if (reading->results && reading->at[i] != 0)
		settle_score(reading, i);
	else if (reading->at[i] == SIZE_MAX && j->n_run < j->n_cases) {
		j->verdict = FINAL_JE;
		j->cause = xstrdup("not all of its cases were run");
	}
	j->as_wanted = is_as_wanted(reading->submissions, j);
}

int judgements_read(const struct problem *problem, const struct submissions *submissions, int dir_fd,
		    struct judgement **ret)
{
	struct reading reading = { .problem = problem, .submissions = submissions };
	size_t n = submissions->n, i;
	int r;

	name_runs(&reading);
	reading.list = xcalloc(n + 1, sizeof *reading.list);
	reading.at = xcalloc(n + 1, sizeof *reading.at);
	if (problem->scoring) {
		reading.results = xcalloc(n * problem->n_cases + 1, sizeof *reading.results);
		reading.causes = xcalloc(n * problem->n_cases + 1, sizeof *reading.causes);
	}
	for (i = 0; i < n; i++)
		reading.at[i] = SIZE_MAX;
	r = read_lines(&reading, dir_fd);
	for (i = 0; i < n; i++)
		settle(&reading, i);
	for (i = 0; i < reading.n; i++)
		free(reading.names[i].id);
	for (i = 0; reading.causes && i < n * problem->n_cases; i++)
		free(reading.causes[i]);
	free(reading.names);
	free(reading.results);
	free(reading.causes);
	free(reading.at);
	if (r < 0)
		judgements_free(reading.list, n);
	else
		*ret = reading.list;
	return r;
}

void judgements_free(struct judgement *list, size_t n)
{
	size_t i;

	for (i = 0; list && i < n; i++) {
		free(list[i].first);
		free(list[i].cause);
		free(list[i].groups);
	}
	free(list);
}

/* ------------------------------------------------------------------ shown */

/* "37.5/100", with no more digits than needed. */
static char *score_text(const struct judgement *j)
{
	if (!j->scored)
		return xstrdup("-");
	return isinf(j->max_score) ? xasprintf("%.6g", j->score) : xasprintf("%.6g/%.6g", j->score, j->max_score);
}

void judgements_print(const struct problem *problem, const struct judgement *list, size_t n, FILE *out)
{
	size_t i, width = strlen("submission"), first = strlen("first");

	for (i = 0; i < n; i++) {
		width = MAX(width, MIN(strlen(list[i].submission->name), (size_t)40));
		first = MAX(first, MIN(strlen(list[i].first ? list[i].first : ""), (size_t)40));
	}
	fprintf(out, "%-*s      %scases  cpu time   memory  %-*s  cause\n", (int)width, "submission",
		problem->scoring ? "score        " : "", (int)first, "first");
	for (i = 0; i < n; i++) {
		const struct judgement *j = &list[i];
		_cleanup_buf_ struct buf name = { 0 }, where = { 0 }, score = { 0 };

		put_excerpt(&name, j->submission->name, strlen(j->submission->name));
		put_excerpt(&where, j->first ? j->first : "", strlen(j->first ? j->first : ""));
		if (problem->scoring) {
			_cleanup_free_ char *text = score_text(j);

			buf_printf(&score, "%-11s  ", text);
		}
		fprintf(out, "%-*s  %s  %s%3zu/%-3zu  %6.3f s  %3.0f MiB  %-*s  %s%s\n", (int)width, name.data,
			final_name(j->verdict), score.data ? score.data : "", j->n_run, j->n_cases, (double)j->cpu_ns / 1e9,
			(double)j->memory_bytes / (1 << 20), (int)first, where.data ? where.data : "",
			j->as_wanted ? "" : "NOT AS ITS FOLDER SAYS ", j->cause ? j->cause : "");
	}
}

/* A name, which need not be UTF-8, as text; null when there is no name. */
static json_t *name_value(const char *name)
{
	_cleanup_buf_ struct buf out = { 0 };
	json_t *value = name ? json_string(name) : json_null();

	if (value)
		return value;
	put_excerpt(&out, name, strlen(name));
	return json_string(out.data);
}

static json_t *number_or_null(bool there, double number)
{
	return there && isfinite(number) ? json_real(number) : json_null();
}

/* Puts the score of the submission and those of its groups; a case may be in several of them. */
static void put_scores(const struct problem *problem, const struct judgement *j, json_t *one)
{
	json_t *groups = json_array();
	size_t i;

	json_object_set_new(one, "score", number_or_null(j->scored, j->score));
	json_object_set_new(one, "max_score", number_or_null(j->groups != NULL, j->max_score));
	for (i = 0; j->groups && i < problem->groups.n; i++) {
		const struct group_rules *group = &problem->groups.list[i];

		if (!*group->name || (!problem->groups.legacy && streq(group->name, "sample")))
			continue;
		json_array_append_new(groups, json_pack("{s:o,s:o,s:o,s:b}", "name", name_value(group->name), "score",
							number_or_null(j->scored, j->groups[i].score), "max_score",
							number_or_null(true, group->most), "passed", j->groups[i].passed));
	}
	json_object_set_new(one, "groups", groups);
}

char *judgements_json(const struct problem *problem, const struct judgement *list, size_t n)
{
	json_t *all = json_array(), *whole;
	size_t i;
	char *text;

	for (i = 0; i < n; i++) {
		const struct judgement *j = &list[i];
		json_t *one = json_pack("{s:o,s:s,s:s,s:I,s:I,s:I,s:I,s:b,s:o,s:o}", "name",
						     name_value(j->submission->name), "id", j->submission->id, "verdict",
						     final_name(j->verdict), "cases_run", (json_int_t)j->n_run, "cases",
						     (json_int_t)j->n_cases, "cpu_ns", (json_int_t)j->cpu_ns,
						     "memory_bytes", (json_int_t)j->memory_bytes, "as_wanted",
						     j->as_wanted, "first", name_value(j->first), "cause",
						     name_value(j->cause));

		if (problem->scoring)
			put_scores(problem, j, one);
		json_array_append_new(all, one);
	}
	whole = json_pack("{s:s,s:o}", "schema", "proctor.judgements/1", "submissions", all);
	text = json_dumps(whole, JSON_INDENT(1));
	json_decref(whole);
	return text;
}
