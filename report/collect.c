/* SPDX-License-Identifier: Apache-2.0 */
#include "base/util.h"

#define uthash_malloc(size) xmalloc(size)
/* The keys are digests: any four bytes of one are a good hash, and no program can choose them. */
#define HASH_FUNCTION(key, length, hash) memcpy(&(hash), (key), sizeof(hash))

#include "report/collect.h"

#include <stdlib.h>

/*
 * Between an exception that nobody catches and the end, CPython looks for source lines to print
 * and tears down: some dozens of calls. A program that made more has gone on.
 */
#define MAX_AFTER_RAISED 200

void collection_init(struct collection *c, uint64_t wanted)
{
	*c = (struct collection){ .wanted = wanted };
	run_info_init(&c->run);
}

static void kept_fini(struct kept *kept)
{
	free(kept->line);
	*kept = (struct kept){ 0 };
}

void collection_fini(struct collection *c)
{
	struct group *g, *next;

	HASH_ITER (hh, c->groups, g, next) {
		HASH_DEL(c->groups, g);
		kept_fini(&g->first);
		free(g);
	}
	kept_fini(&c->found);
	kept_fini(&c->kill);
	kept_fini(&c->raised);
	kept_fini(&c->signal);
	run_info_fini(&c->run);
}

/* A record that is too long to be kept loses its stack, then its arguments. */
static char *shorten(json_t *json, size_t *ret_len)
{
	static const char *const members[] = { "stack", "syscall" };
	_cleanup_(json_decrefp) json_t *copy = json_copy(json);
	char *text;

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		json_object_del(copy, members[i]);
		text = json_dumps(copy, JSON_COMPACT);
		*ret_len = text ? strlen(text) : 0;
		if (text && *ret_len <= COLLECT_MAX_LINE)
			return text;
		free(text);
	}
	*ret_len = 0;
	return NULL;
}

static void keep(struct kept *kept, const struct log_record *record)
{
	kept_fini(kept);
	kept->sequence = record->sequence;
	kept->len = record->len;
	if (record->len <= COLLECT_MAX_LINE)
		kept->line = xstrndup(record->line, record->len);
	else
		kept->line = shorten(record->json, &kept->len);
}

json_t *kept_parse(const struct kept *kept)
{
	return kept->line ? json_loadb(kept->line, kept->len, JSON_ALLOW_NUL, NULL) : NULL;
}

static struct group *find_group(const struct collection *c, const struct refusal *r,
				uint8_t key[REFUSAL_KEY_SIZE])
{
	struct group *group;

	refusal_key(r, key);
	HASH_FIND(hh, c->groups, key, REFUSAL_KEY_SIZE, group);
	return group;
}

static void add_to_group(struct collection *c, const struct log_record *record,
			 const struct refusal_record *refusal)
{
	uint8_t key[REFUSAL_KEY_SIZE];
	struct group *group = find_group(c, &refusal->r, key);

	if (!group &&
	    (HASH_COUNT(c->groups) >= COLLECT_MAX_GROUPS || c->bytes > COLLECT_MAX_BYTES)) {
		c->ungrouped++;
		return;
	}
	if (!group) {
		group = xcalloc(1, sizeof *group);
		memcpy(group->key, key, sizeof group->key);
		keep(&group->first, record);
		group->violation = refusal->violation;
		c->bytes += group->first.len;
		HASH_ADD(hh, c->groups, key, sizeof group->key, group);
	}
	group->count++;
	group->last = record->sequence;
}

/* Could an exception that this refusal raised have reached the top? */
static bool may_have_raised(const struct collection *c, const struct refusal_record *refusal)
{
	const struct refusal *r = &refusal->r;

	if (!r->file || refusal->pid != refusal->tid || r->audit)
		return false;
	/* A hidden path raises FileNotFoundError, but the interpreter also looks for files that
	 * need not be there: a violation shortly before is the likelier reason. */
	return refusal->violation ||
	       (r->action == ACTION_HIDE && r->err && streq(r->err, "ENOENT") &&
		!(c->raised.line && c->after_raised <= MAX_AFTER_RAISED));
}

static void take_refusal(struct collection *c, const struct log_record *record)
{
	struct refusal_record refusal;

	if (refusal_record_init(&refusal, record->json, &c->run) < 0)
		return;
	if (refusal.violation)
		c->violations++;
	else
		c->uncounted++;
	add_to_group(c, record, &refusal);
	if (refusal.r.action == ACTION_KILL && !refusal.r.audit) {
		keep(&c->kill, record);
	} else if (may_have_raised(c, &refusal)) {
		keep(&c->raised, record);
		c->after_raised = 0;
	}
	refusal_record_fini(&refusal);
}

static void take(struct collection *c, const struct log_record *record)
{
	run_info_take(&c->run, record);
	c->after_raised++;
	if (c->wanted) {
		if (record->sequence == c->wanted && record->json && !c->found.line)
			keep(&c->found, record);
		if (record->sequence != c->wanted)
			return;
	}
	if (record->kind == RECORD_CALL && record->json)
		take_refusal(c, record);
	else if (record->kind == RECORD_SIGNAL && json_bool(record->json, "fatal", false))
		keep(&c->signal, record);
}

int collect(struct collection *c, struct log_reader *reader)
{
	struct log_record record;
	int r;

	if (c->wanted)
		log_only(reader, c->wanted);
	else
		log_skip_allowed(reader);
	while ((r = log_next(reader, &record)) > 0)
		take(c, &record);
	return r;
}

/* ------------------------------------------------------------------ what ended the program */

static bool has_status(const struct run_info *run, const char *status)
{
	return run->status && streq(run->status, status);
}

enum ending collection_ending(const struct collection *c, const struct kept **ret_by)
{
	const struct run_info *run = &c->run;

	*ret_by = NULL;
	if (!run->ended)
		return ENDING_UNKNOWN;
	if (has_status(run, "XX"))
		return ENDING_PROCTOR;
	if (json_is_object(json_object_get(run->end, "limit")))
		return ENDING_LIMIT;
	if (json_bool(run->end, "log_full", false))
		return ENDING_LOG;
	if (has_status(run, "PV") || (c->kill.line && run->exit_signal)) {
		*ret_by = c->kill.line ? &c->kill : NULL;
		return ENDING_KILL;
	}
	if (run->exit_signal) {
		*ret_by = c->signal.line ? &c->signal : NULL;
		return ENDING_SIGNAL;
	}
	if (run->exit_code <= 0)
		return ENDING_NORMAL;
	/* CPython ends with 1 after an exception that nobody caught. */
	if (run->exit_code == 1 && c->raised.line && c->after_raised <= MAX_AFTER_RAISED) {
		*ret_by = &c->raised;
		return ENDING_EXCEPTION;
	}
	return ENDING_ITSELF;
}

const char *ending_name(enum ending ending)
{
	static const char *const names[] = {
		[ENDING_UNKNOWN] = "unknown", [ENDING_NORMAL] = "normal",
		[ENDING_KILL] = "kill",	      [ENDING_LIMIT] = "limit",
		[ENDING_LOG] = "log",	      [ENDING_SIGNAL] = "signal",
		[ENDING_EXCEPTION] = "exception", [ENDING_ITSELF] = "itself",
		[ENDING_PROCTOR] = "proctor",
	};

	return names[ending];
}

struct group *collection_group_of(const struct collection *c, const struct kept *kept)
{
	_cleanup_(json_decrefp) json_t *json = kept_parse(kept);
	uint8_t key[REFUSAL_KEY_SIZE];
	struct refusal_record refusal;
	struct group *group;

	if (!json || refusal_record_init(&refusal, json, &c->run) < 0)
		return NULL;
	group = find_group(c, &refusal.r, key);
	refusal_record_fini(&refusal);
	return group;
}
