/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/judge.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grade/directory.h"

#define SYNTAX_SCRIPT "syntax.py" /* in DIR, while runs are made */

/* As deep as the copies of trees that runs get. */
enum { MAX_DEPTH = 32 };

/* How far a submission is. */
enum state { NOT_COMPILED, COMPILING, RUNNING, ENDED };

/* The state of a group of cases for one submission, if the problem has scores. */
struct group_state {
	size_t n_ended; /* cases directly in it that have ended, or are left out */
	bool failed;
};

struct progress_of {
	enum state state;
	size_t next; /* case */
	struct group_state *groups; /* as many as the problem has; NULL without scores */
};

struct judge {
	const struct problem *problem;
	const struct submissions *submissions;
	const struct judge_options *options;
	const struct engine *engine;
	struct progress_of *progress;
	size_t first; /* all submissions before this one have ended */
	struct buf validator; /* describes the problem's own validator, for the keys of jobs */
	char *syntax_script;  /* or NULL: it could not be written, and the check is a command */
};

/* ------------------------------------------------------------------ files, for the key of a job */

/* Describes a file as it is now: once it changes, old results no longer apply. */
static void put_file(struct buf *out, const char *path)
{
	struct stat st = { 0 };

	if (!path)
		return;
	(void)!stat(path, &st);
	buf_printf(out, "%s %lld %lld.%ld\n", path, (long long)st.st_size, (long long)st.st_mtim.tv_sec,
		   st.st_mtim.tv_nsec);
}

static int is_counted(const struct dirent *entry)
{
	/* Python itself writes __pycache__, beside a validator that is run. */
	return !streq(entry->d_name, ".") && !streq(entry->d_name, "..") && !streq(entry->d_name, "__pycache__");
}

static int compare_entries(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* put_file() for all files in PATH. Links to directories are only followed at the top: they may lead in circles. */
static void put_tree(struct buf *out, const char *path, int depth)
{
	struct dirent **entries;
	struct stat st;
	int n = -1, i;

	if ((depth <= 1 ? stat(path, &st) : lstat(path, &st)) == 0 && S_ISDIR(st.st_mode) && depth <= MAX_DEPTH)
		n = scandir(path, &entries, is_counted, compare_entries);
	if (n < 0) {
		put_file(out, path);
		return;
	}
	buf_printf(out, "%s/\n", path);
	for (i = 0; i < n; i++) {
		_cleanup_free_ char *inner = xasprintf("%s/%s", path, entries[i]->d_name);

		put_tree(out, inner, depth + 1);
		free(entries[i]);
	}
	free(entries);
}

/* Checks the syntax of files and runs nothing of them. Only this code exits with 3, whatever else may go wrong. */
#define SYNTAX_CODE \
	"import sys\n" \
	"for name in sys.argv[1:]:\n" \
	"    with open(name, 'rb') as source:\n" \
	"        text = source.read()\n" \
	"    try:\n" \
	"        compile(text, name, 'exec', dont_inherit=True)\n" \
	"    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:\n" \
	"        print(f'{type(error).__name__}: {error}', file=sys.stderr)\n" \
	"        sys.exit(3)\n"
static const char syntax_code[] = SYNTAX_CODE;
/* A file, though closed, would keep the end from being quick. */
static const char syntax_script[] = SYNTAX_CODE "source = None\n";

/* ------------------------------------------------------------------ the whole */

struct judge *judge_new(const struct problem *problem, const struct submissions *submissions,
			const struct judge_options *options, const struct engine *engine)
{
	struct judge *judge = xcalloc(1, sizeof *judge);

	*judge = (struct judge){ .problem = problem, .submissions = submissions, .options = options, .engine = engine,
				 .progress = xcalloc(submissions->n + 1, sizeof *judge->progress) };
	if (options->own_validator)
		put_tree(&judge->validator, problem->validator, 0);
	if (options->dir &&
	    directory_replace(engine_dir_fd(engine), SYNTAX_SCRIPT, syntax_script, sizeof syntax_script - 1) == 0)
		judge->syntax_script = xasprintf("%s/" SYNTAX_SCRIPT, options->dir);
	return judge;
}

void judge_free(struct judge *judge)
{
	size_t i;

	if (!judge)
		return;
	if (judge->syntax_script)
		unlinkat(engine_dir_fd(judge->engine), SYNTAX_SCRIPT, 0);
	free(judge->syntax_script);
	buf_fini(&judge->validator);
	for (i = 0; i < judge->submissions->n; i++)
		free(judge->progress[i].groups);
	free(judge->progress);
	free(judge);
}

/* ------------------------------------------------------------------ runs */

static struct run_spec *new_spec(const struct judge *judge, size_t owner, const char *case_id, const char *case_name)
{
	const struct submission *s = &judge->submissions->list[owner];
	struct run_spec *spec = xcalloc(1, sizeof *spec);

	spec->owner = owner;
	spec->id = xasprintf("%s.%s", s->id, case_id);
	spec->wall_ns = judge->options->wall_ns;
	strv_extend(&spec->options, judge->options->limits);
	spec->labels = json_object();
	/* Names may be any bytes, but labels are text. */
	if (json_object_set_new(spec->labels, "submission", json_string(s->name)) < 0)
		json_object_set_new(spec->labels, "submission", json_string(s->id));
	if (json_object_set_new(spec->labels, "case", json_string(case_name)) < 0)
		json_object_set_new(spec->labels, "case", json_string(case_id));
	checker_init(&spec->checker);
	return spec;
}

static void make_key(const struct judge *judge, struct run_spec *spec, struct buf *description)
{
	const struct submission *s = &judge->submissions->list[spec->owner];
	size_t i;

	for (i = 0; s->files && s->files[i]; i++)
		put_file(description, s->files[i]);
	for (i = 0; spec->options && spec->options[i]; i++)
		buf_printf(description, "%s\n", spec->options[i]);
	for (i = 0; spec->words && spec->words[i]; i++)
		buf_printf(description, "%s\n", spec->words[i]);
	engine_key(judge->engine, description->data, description->len, spec->key);
}

/* The same check by a script; its directory is nothing to the program. */
static void as_script(const struct judge *judge, struct run_spec *spec, const struct submission *s)
{
	strv_free(spec->words);
	spec->words = NULL;
	strv_add(&spec->options, xasprintf("--submission=%s", judge->syntax_script));
	strv_add(&spec->words, xstrdup(judge->syntax_script));
	strv_extend(&spec->words, s->files);
}

static struct run_spec *syntax_spec(const struct judge *judge, size_t owner)
{
	const struct submission *s = &judge->submissions->list[owner];
	struct run_spec *spec = new_spec(judge, owner, "syntax", "syntax");
	_cleanup_buf_ struct buf description = { 0 };

	spec->compiles = true;
	strv_add(&spec->options, xasprintf("--read=%s", s->root));
	if (!judge->options->python_given)
		strv_add(&spec->words, xstrdup("python3"));
	strv_add(&spec->words, xstrdup("-c"));
	strv_add(&spec->words, xstrdup(syntax_code));
	strv_extend(&spec->words, s->files);
	make_key(judge, spec, &description);
	if (judge->syntax_script)
		as_script(judge, spec, s);
	return spec;
}

static struct run_spec *case_spec(const struct judge *judge, size_t owner, const struct test_case *c)
{
	const struct submission *s = &judge->submissions->list[owner];
	_cleanup_free_ char *case_id = xasprintf("case.%s", c->id);
	struct run_spec *spec = new_spec(judge, owner, case_id, c->name);
	_cleanup_buf_ struct buf description = { 0 };
	size_t i;

	spec->input = xstrdup(c->input);
	spec->expected = xstrdup(c->answer);
	checker_copy(&spec->checker, &c->checker);
	spec->score = c->score;
	spec->item = (size_t)(c - judge->problem->cases);
	if (c->files || streq(s->root, s->main)) {
		/*
		 * It runs in a copy, together with the files of the case. A single file that is a submission has
		 * neighbours, usually other people's, that it must not read.
		 */
		spec->files = c->files ? xstrdup(c->files) : NULL;
		spec->submission = xstrdup(s->root);
		strv_add(&spec->words, xstrdup(s->main + strlen(s->directory) + 1));
	} else {
		spec->cwd = xstrdup(s->directory);
		strv_add(&spec->words, xstrdup(s->main));
	}
	strv_extend(&spec->words, c->args);
	put_file(&description, c->input);
	put_file(&description, c->answer);
	if (c->files)
		put_tree(&description, c->files, 0);
	/* The validator is built anew each time, so its sources count. */
	if (judge->options->own_validator)
		buf_put(&description, judge->validator.data, judge->validator.len);
	else
		put_file(&description, c->checker.program);
	buf_printf(&description, "%d %d %d %.17g %.17g %llu %llu %llu %u\n", c->checker.kind, c->checker.any_case,
		   c->checker.exact_space, c->checker.abs, c->checker.rel, (unsigned long long)c->checker.cpu_ns,
		   (unsigned long long)c->checker.memory_bytes, (unsigned long long)c->checker.file_bytes, c->checker.passes);
	if (judge->problem->scoring)
		buf_printf(&description, "%d %.17g %.17g %.17g\n", c->score.kind, c->score.most, c->score.accept, c->score.reject);
	for (i = 0; c->checker.flags && c->checker.flags[i]; i++)
		buf_printf(&description, "%s\n", c->checker.flags[i]);
	make_key(judge, spec, &description);
	return spec;
}

/* ------------------------------------------------------------------ groups, where there are scores */

static struct group_state *group_states(const struct judge *judge, struct progress_of *p)
{
	if (!p->groups)
		p->groups = xcalloc(judge->problem->groups.n, sizeof *p->groups);
	return p->groups;
}

/* A case of group AT has failed: marks each group that fails because of that. */
static void group_fails(const struct groups *groups, struct group_state *states, size_t at)
{
	while (at != NO_GROUP && !states[at].failed) {
		states[at].failed = true;
		if (!score_breaks(groups, at) || !score_fails_outer(groups, at))
			return;
		at = groups->list[at].parent;
	}
}

enum turn { TURN_RUN, TURN_WAIT, TURN_SKIP };

/* Have the groups that AT requires been passed (run), not ended yet (wait), or failed (skip)? */
static enum turn required_turn(const struct groups *groups, const struct group_state *states, size_t at)
{
	char **require = groups->list[at].require;
	enum turn turn = TURN_RUN;
	size_t i;

	for (i = 0; require && require[i]; i++) {
		size_t other = groups_required(groups, at, i);

		if (other != NO_GROUP && states[other].failed)
			return TURN_SKIP;
		if (other != NO_GROUP && states[other].n_ended < groups->list[other].n_cases)
			turn = TURN_WAIT;
	}
	return turn;
}

/* Is case I of a submission to run now, later, or not at all because it cannot change the score any more? */
static enum turn case_turn(const struct judge *judge, struct progress_of *p, size_t i)
{
	const struct groups *groups = &judge->problem->groups;
	const struct group_state *states;
	enum turn turn = TURN_RUN;
	size_t at;

	if (!judge->problem->scoring || judge->options->all)
		return TURN_RUN;
	states = group_states(judge, p);
	for (at = judge->problem->cases[i].group; at != NO_GROUP && turn == TURN_RUN; at = groups->list[at].parent)
		turn = states[at].failed && score_breaks(groups, at) ? TURN_SKIP : required_turn(groups, states, at);
	return turn;
}

static void leave_out(const struct judge *judge, struct progress_of *p, size_t i)
{
	size_t at = judge->problem->cases[i].group;

	group_states(judge, p)[at].n_ended++;
	p->groups[at].failed = true;
}

/* With TURN_RUN, *RET is the next case of submission OWNER. */
static enum turn next_case(struct judge *judge, size_t owner, struct run_spec **ret)
{
	struct progress_of *p = &judge->progress[owner];
	enum turn turn = TURN_SKIP;

	while (turn == TURN_SKIP && p->next < judge->problem->n_cases) {
		turn = case_turn(judge, p, p->next);
		if (turn == TURN_SKIP)
			leave_out(judge, p, p->next++);
	}
	if (turn == TURN_RUN)
		*ret = case_spec(judge, owner, &judge->problem->cases[p->next++]);
	if (p->next == judge->problem->n_cases)
		p->state = ENDED;
	return turn;
}

static enum next next_run(void *arg, struct run_spec **ret, int *ret_status)
{
	struct judge *judge = arg;
	bool waits = false;
	size_t i;

	(void)ret_status;
	while (judge->first < judge->submissions->n && judge->progress[judge->first].state == ENDED)
		judge->first++;
	for (i = judge->first; i < judge->submissions->n; i++) {
		struct progress_of *p = &judge->progress[i];

		if (p->state == NOT_COMPILED) {
			p->state = COMPILING;
			*ret = syntax_spec(judge, i);
			return NEXT_RUN;
		}
		if (p->state == RUNNING && next_case(judge, i, ret) == TURN_RUN)
			return NEXT_RUN;
		waits |= p->state == COMPILING || p->state == RUNNING;
	}
	return waits ? NEXT_LATER : NEXT_NONE;
}

static void run_done(void *arg, const struct run_spec *spec, enum final verdict)
{
	struct judge *judge = arg;
	struct progress_of *p = &judge->progress[spec->owner];
	size_t at;

	if (p->state == COMPILING) {
		p->state = final_is_good(verdict) ? RUNNING : ENDED;
	} else if (judge->problem->scoring) {
		at = judge->problem->cases[spec->item].group;
		group_states(judge, p)[at].n_ended++;
		if (!final_is_good(verdict))
			group_fails(&judge->problem->groups, p->groups, at);
	} else if (!final_is_good(verdict) && !judge->options->all) {
		p->state = ENDED;
	}
}

struct source judge_source(struct judge *judge)
{
	return (struct source){ .arg = judge, .next = next_run, .done = run_done, .fd = -1,
				.total = judge->options->all ? judge->submissions->n * (judge->problem->n_cases + 1) : 0 };
}
