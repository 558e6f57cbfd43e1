/* SPDX-License-Identifier: Apache-2.0 */
#include "base/util.h"

#define uthash_malloc(size) xmalloc(size)
/* The keys are digests: any four bytes of one are a good hash, and no program can choose them. */
#define HASH_FUNCTION(key, length, hash) memcpy(&(hash), (key), sizeof(hash))

#include "report/collect.h"

#include <stdlib.h>

#include "base/text.h"
#include "words/advice.h"
#include "words/random_name.h"

struct line {
	uint8_t key[REFUSAL_KEY_SIZE];
	struct group *first;
	size_t names;
	/* The first path, and how many leading and trailing bytes of its last name all others share; NULL once a path
	 * in another directory comes. */
	char *path;
	size_t prefix, suffix;
	UT_hash_handle hh;
};

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
	struct line *line, *next_line;

	HASH_ITER (hh, c->lines, line, next_line) {
		HASH_DEL(c->lines, line);
		free(line->path);
		free(line);
	}
	HASH_ITER (hh, c->groups, g, next) {
		HASH_DEL(c->groups, g);
		kept_fini(&g->first);
		free(g->pattern);
		free(g);
	}
	kept_fini(&c->found);
	kept_fini(&c->signal);
	free(c->recent);
	if (c->has_cause)
		cause_record_fini(&c->cause);
	run_info_fini(&c->run);
	shadow_rows_fini(&c->shadow);
}

/* The text of a record; one that is too long to be kept loses its stack, then its arguments. */
static char *shorten(json_t *json, size_t *ret_len)
{
	static const char *const members[] = { "", "stack", "syscall" };
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
	/* If the stack is in another record, the line itself lacks it; in version 2 it has members elsewhere. */
	if (record->len <= COLLECT_MAX_LINE && json_number(record->json, "v", 1) < 2 && !memmem(record->line, record->len, "\"stack\":{\"id\":", 14))
		kept->line = xstrndup(record->line, record->len);
	else
		kept->line = shorten(record->json, &kept->len);
}

json_t *kept_parse(const struct kept *kept)
{
	return kept->line ? json_loadb(kept->line, kept->len, JSON_ALLOW_NUL, NULL) : NULL;
}

/* The line of code of refusal R, NULL if it is new; false when R names no path, or comes from no line. */
static bool find_line(const struct collection *c, const struct refusal *r, uint8_t key[REFUSAL_KEY_SIZE],
		      struct line **ret_line)
{
	struct refusal alike = *r;

	if (!r->path || !r->file)
		return false;
	alike.path = NULL;
	alike.args = "";
	refusal_key(&alike, key);
	HASH_FIND(hh, c->lines, key, REFUSAL_KEY_SIZE, *ret_line);
	return true;
}

/* A file that the C library's resolver reads to look up a host name. */
static bool is_resolver_file(const char *path)
{
	static const char *const files[] = { "/etc/resolv.conf",  "/etc/host.conf", "/etc/hosts", "/etc/gai.conf",
					     "/etc/nsswitch.conf", "/etc/services",  "/etc/protocols" };

	for (size_t i = 0; path && i < ARRAY_SIZE(files); i++)
		if (streq(path, files[i]))
			return true;
	return false;
}

static uint64_t place_of(const struct refusal_record *refusal)
{
	const struct refusal place = { .file = refusal->r.file, .line = refusal->r.line };
	uint8_t key[REFUSAL_KEY_SIZE];
	uint64_t digest;

	refusal_key(&place, key);
	memcpy(&digest, key, sizeof digest);
	return digest ^ refusal->tid;
}

/* The library that the program's line called. */
static uint64_t library_of(const struct refusal *r)
{
	uint8_t key[REFUSAL_KEY_SIZE];
	size_t n;
	const char *name = r->through ? advice_library(r->through, &n) : NULL;
	_cleanup_free_ char *library = name ? xstrndup(name, n) : NULL;
	const struct refusal digested = { .file = library };
	uint64_t digest;

	if (!library)
		return 0;
	refusal_key(&digested, key);
	memcpy(&digest, key, sizeof digest);
	return digest;
}

static bool is_routine(const struct refusal_record *refusal)
{
	const struct refusal *r = &refusal->r;

	return !refusal->violation && r->action == ACTION_HIDE && r->rule == RULE_HIDE && r->rule_ref &&
	       after_prefix(r->rule_ref, "builtin:");
}

/* One more name at LINE. */
static void take_name(struct line *line, const char *path)
{
	const char *slash = strrchr(path, '/'), *mine = line->path ? line->path : "";
	size_t directory = slash ? (size_t)(slash + 1 - path) : 0, n = strlen(mine), len = strlen(path), i;

	line->names++;
	if (!line->path)
		return;
	if (!directory || strncmp(mine, path, directory) != 0 || strchr(mine + directory, '/')) {
		free(line->path);
		line->path = NULL;
		return;
	}
	for (i = 0; i < line->prefix && mine[directory + i] == path[directory + i]; i++)
		;
	line->prefix = i;
	for (i = 0; i < line->suffix && i < len - directory && mine[n - 1 - i] == path[len - 1 - i]; i++)
		;
	line->suffix = i;
}

/* What the names at LINE have in common. */
static bool line_names(const struct line *line, struct buf *out)
{
	const char *name = line && line->path ? strrchr(line->path, '/') + 1 : NULL;
	size_t n = name ? strlen(name) : 0, prefix, suffix;

	if (!name || line->names < 2)
		return false;
	/* Whole characters, and no byte counted twice. */
	for (prefix = line->prefix; prefix && ((unsigned char)name[prefix] & 0xc0) == 0x80; prefix--)
		;
	for (suffix = MIN(line->suffix, n - prefix); suffix && ((unsigned char)name[n - suffix] & 0xc0) == 0x80; suffix--)
		;
	if (prefix + suffix == 0)
		return false;
	text_escape(out, line->path, (size_t)(name - line->path) + prefix, TEXT_PATH);
	buf_putc(out, '*');
	text_escape(out, name + n - suffix, suffix, TEXT_PATH);
	return true;
}

enum { PATTERNS = 4 }; /* told for one act */

/* The patterns of the names of an act, each once, in their order. */
static bool act_names(const struct collection *c, const struct group *act, struct buf *out)
{
	const struct group *told[PATTERNS] = { 0 };
	size_t n = 0, i;

	for (const struct group *g = c->groups; g; g = g->hh.next) {
		if ((g != act && g->into != act) || !g->pattern)
			continue;
		for (i = 0; i < n && !streq(told[i]->pattern, g->pattern); i++)
			;
		if (i < n)
			continue;
		if (n == PATTERNS) {
			buf_lit(out, ", …");
			break;
		}
		buf_puts(out, n ? ", " : "");
		text_path(out, g->pattern);
		told[n++] = g;
	}
	return n > 0;
}

bool collection_names(const struct collection *c, const struct group *group, struct buf *out)
{
	if (group->act)
		return act_names(c, group, out);
	if (!group->others)
		return false;
	if (!group->pattern || (group->line && group->line->names > COLLECT_MAX_NAMES))
		return line_names(group->line, out);
	text_path(out, group->pattern);
	return true;
}

/* Adds GROUP to the line with KEY, as its first or as one more. */
static void add_to_line(struct collection *c, struct line *line, const uint8_t key[REFUSAL_KEY_SIZE],
			struct group *group, const char *path)
{
	if (!line) {
		const char *slash = strrchr(path, '/');

		line = xcalloc(1, sizeof *line);
		memcpy(line->key, key, sizeof line->key);
		line->first = group;
		line->path = slash ? xstrdup(path) : NULL;
		line->prefix = line->suffix = slash ? strlen(slash + 1) : 0;
		HASH_ADD(hh, c->lines, key, sizeof line->key, line);
	}
	take_name(line, path);
	group->line = line;
}

/* The pattern of the name in REFUSAL, if that is made up anew each time; else NULL. The caller frees. */
static char *pattern_of(const struct refusal_record *refusal)
{
	static const char tempfile[] = "/tempfile.py";
	const char *file = json_text(json_array_get(json_at(refusal->json, "stack.python"), 0), "file");
	size_t n = file ? strlen(file) : 0;
	bool temporary = n >= sizeof tempfile && streq(file + n + 1 - sizeof tempfile, tempfile);
	_cleanup_buf_ struct buf pattern = { 0 };

	return refusal->r.path && random_name(refusal->r.path, temporary, &pattern) ? xstrdup(pattern.data) : NULL;
}

/* The group of REFUSAL; NULL: there are too many groups. */
static struct group *add_to_group(struct collection *c, const struct log_record *record,
				  const struct refusal_record *refusal)
{
	uint8_t key[REFUSAL_KEY_SIZE], line_key[REFUSAL_KEY_SIZE];
	_cleanup_free_ char *pattern = pattern_of(refusal);
	struct refusal named = refusal->r;
	uint64_t name;
	struct line *line = NULL;
	struct group *group;
	bool at_line;

	refusal_key(&named, key);
	memcpy(&name, key, sizeof name);
	if (pattern) {
		named.path = pattern;
		refusal_key(&named, key);
	}
	HASH_FIND(hh, c->groups, key, sizeof key, group);
	at_line = !group && find_line(c, &refusal->r, line_key, &line);
	if (line && line->names >= COLLECT_MAX_NAMES) {
		take_name(line, refusal->r.path);
		line->first->others++;
		group = line->first;
	} else if (group && group->pattern && group->name != name) {
		group->others++;
	}
	if (!group &&
	    (HASH_COUNT(c->groups) >= COLLECT_MAX_GROUPS || c->bytes > COLLECT_MAX_BYTES)) {
		c->ungrouped++;
		return NULL;
	}
	if (!group) {
		group = xcalloc(1, sizeof *group);
		memcpy(group->key, key, sizeof group->key);
		keep(&group->first, record);
		group->violation = refusal->violation;
		group->routine = is_routine(refusal);
		group->from = record->sequence;
		group->place = place_of(refusal);
		group->resolver = refusal->r.file && is_resolver_file(refusal->path);
		group->network = refusal->r.file && refusal->r.topic == TOPIC_NETWORK;
		group->library = refusal->r.file ? library_of(&refusal->r) : 0;
		group->advice = refusal->r.file ? advice_by_library(refusal->r.through, refusal->r.source, refusal_subject(&refusal->r)) :
						  NULL;
		group->looks = topic_subject(refusal->r.topic) == SUBJECT_LOOK;
		c->bytes += group->first.len + (pattern ? strlen(pattern) : 0);
		group->pattern = steal_ptr(&pattern);
		group->name = name;
		HASH_ADD(hh, c->groups, key, sizeof group->key, group);
		if (at_line)
			add_to_line(c, line, line_key, group, refusal->r.path);
	}
	group->count++;
	group->last = record->sequence;
	if (!c->recent)
		c->recent = xcalloc(COLLECT_RECENT, sizeof *c->recent);
	c->recent[c->n_recent++ % COLLECT_RECENT] = (struct refused_call){ record->sequence, group };
	return group;
}

static void take_refusal(struct collection *c, const struct log_record *record)
{
	struct refused_call call = { .sequence = record->sequence };
	struct refusal_record refusal;

	if (refusal_record_init(&refusal, record->json, &c->run) < 0)
		return;
	if (refusal.violation)
		c->violations++;
	else
		c->uncounted++;
	if (is_routine(&refusal)) {
		if (c->routine++ == 0)
			c->routine_first = record->sequence;
		c->routine_last = record->sequence;
	}
	call.group = add_to_group(c, record, &refusal);
	if (outcome_is_felt(&refusal.r, refusal.violation)) {
		*(refusal.r.action == ACTION_KILL ? &c->kill : &c->refused) = call;
		c->felt++;
	}
	refusal_record_fini(&refusal);
}

void collection_take(struct collection *c, const struct log_record *record)
{
	run_info_take(&c->run, record);
	shadow_rows_take(&c->shadow, record);
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

/* Tells G as a part of MAIN. */
static void merge(struct collection *c, struct group *g, struct group *main)
{
	g->into = main;
	main->count += g->violation || !main->violation ? g->count : 0;
	main->parts += g->violation || !main->violation ? g->count : 0;
	main->from = MIN(main->from, g->from);
	main->last = MAX(main->last, g->last);
	c->merged += g->violation ? g->count : 0;
}

/*
 * Looking up one host name takes many calls: the resolver reads its files and opens sockets, and a library such as
 * requests looks for its own files before that. The program asked for the network once, so all these refusals of one
 * thread at one line are told as one, if there are others among them than those of sockets.
 */
static bool is_of_look_up(const struct group *g, const struct group *network)
{
	/* A violation is never told as a part of a refusal that does not count. */
	return g != network && !g->into && (network->violation || !g->violation) && g->place == network->place &&
	       (g->resolver || g->network || (g->library && g->library == network->library));
}

static void merge_look_up(struct collection *c, struct group *network)
{
	struct group *g;
	bool merges = false;

	for (g = c->groups; g; g = g->hh.next) {
		bool part = is_of_look_up(g, network);

		network->look_up = network->look_up || (part && g->resolver);
		merges = merges || (part && !g->network);
	}
	for (g = c->groups; merges && g; g = g->hh.next) {
		if (!is_of_look_up(g, network))
			continue;
		merge(c, g, network);
		network->act = true;
	}
}

static void merge_look_ups(struct collection *c)
{
	struct group *g;

	/* Hidden calls are told with refused ones, not the other way round. */
	for (g = c->groups; g; g = g->hh.next)
		if (g->network && g->violation && !g->into)
			merge_look_up(c, g);
	for (g = c->groups; g; g = g->hh.next)
		if (g->network && !g->into)
			merge_look_up(c, g);
}

/*
 * All that a library does at one line of the program, with the same advice for it, is one act: subprocess calls vfork
 * and clone, tempfile tries directories, webbrowser looks for browsers. It is told as the first call that does more
 * than look.
 */
static void merge_act(struct collection *c, struct group *first)
{
	struct group *main = first, *g;

	for (g = first; g && main->looks; g = g->hh.next)
		if (g->place == first->place && g->advice == first->advice && g->violation == first->violation && !g->into &&
		    !g->looks)
			main = g;
	for (g = first; g; g = g->hh.next) {
		if (g == main || g->into || g->place != first->place || g->advice != first->advice ||
		    g->violation != first->violation)
			continue;
		merge(c, g, main);
		main->act = true;
	}
}

static void merge_acts(struct collection *c)
{
	struct group *g;

	for (g = c->groups; g; g = g->hh.next)
		if (g->advice && !g->into)
			merge_act(c, g);
}

/* If a line names more than anybody reads, only its first refusal is told, with the number of the others. */
static void merge_lines(struct collection *c)
{
	struct group *g;

	for (g = c->groups; g; g = g->hh.next) {
		struct group *first = g->line ? g->line->first : g;

		if (g == first || g->into || first->into || g->line->names <= COLLECT_MAX_NAMES)
			continue;
		g->into = first;
		first->others += g->count;
		first->count += g->count;
		first->last = MAX(first->last, g->last);
	}
}

/* ------------------------------------------------------------------ what ended the program */

static bool has_status(const struct run_info *run, const char *status)
{
	return run->status && streq(run->status, status);
}

struct outcome_facts collection_facts(const struct collection *c)
{
	const struct run_info *run = &c->run;
	bool how = run->exit_code >= 0 || run->exit_signal || json_object_get(run->end, "limit") ||
		   json_object_get(run->end, "log_full") || has_status(run, "XX") || has_status(run, "PV");

	return (struct outcome_facts){
		.ended = run->ended && how,
		.failed = has_status(run, "XX"),
		.limited = json_is_object(json_object_get(run->end, "limit")),
		.log_full = json_bool(run->end, "log_full", false),
		.policy_ended = has_status(run, "PV"),
		.signalled = run->exit_signal != NULL,
		.exit_code = run->exit_code,
		.kill_seq = c->kill.sequence,
		.signal_seq = c->signal.sequence,
		.refusals = c->felt,
		.violations = c->violations,
		.last_refusal = c->refused.sequence,
		.exception = c->has_cause ? &c->cause.exception : NULL,
		.raised_by = c->has_cause ? c->cause.raised_by : 0,
		.raised_certain = c->cause.certain,
	};
}

/* The group of the refusal numbered SEQUENCE; NULL when it is not known. */
static struct group *find_recent(const struct collection *c, uint64_t sequence)
{
	for (uint64_t i = 0; i < MIN(c->n_recent, (uint64_t)COLLECT_RECENT); i++)
		if (c->recent[i].sequence == sequence)
			return c->recent[i].group;
	return NULL;
}

struct outcome collection_outcome(const struct collection *c)
{
	const struct outcome_facts facts = collection_facts(c);

	return outcome_select(&facts);
}

const struct cause_record *collection_cause(const struct collection *c, const struct outcome *outcome)
{
	const struct outcome_facts facts = collection_facts(c);

	return c->has_cause && outcome_tells_exception(outcome, &facts) ? &c->cause : NULL;
}

/* The group of the refusal that OUTCOME is about. */
static struct group *refused_group(const struct collection *c, const struct outcome *outcome)
{
	if (outcome->kind == OUTCOME_REFUSAL)
		return c->has_cause && c->cause.raised_by ? find_recent(c, outcome->seq) : c->kill.group;
	return outcome->kind == OUTCOME_EXIT && !outcome->certain ? c->refused.group : NULL;
}

const struct kept *collection_refusal(const struct collection *c, const struct outcome *outcome)
{
	const struct group *group = refused_group(c, outcome);

	return group ? &group->first : NULL;
}

struct group *collection_ended_by(const struct collection *c, const struct outcome *outcome)
{
	struct group *group = refused_group(c, outcome);

	return group && group->into ? group->into : group;
}

uint64_t collection_survived(const struct collection *c, const struct group *first, const struct outcome *outcome)
{
	bool its = first && first->violation && outcome->kind == OUTCOME_REFUSAL && outcome->certain;

	if (c->run.audit)
		return 0;
	return c->violations - (its ? MIN(first->count, c->violations) : 0);
}

/* ------------------------------------------------------------------ order */

static int in_order(const struct group *a, const struct group *b)
{
	if (a->leads != b->leads)
		return a->leads ? -1 : 1;
	return a->first.sequence < b->first.sequence ? -1 : a->first.sequence > b->first.sequence;
}

/*
 * A line that fails may have tried several names (data.txt, data.txt.gz …). So if it is not known why the program
 * ended, all refusals from the line of the last one are told first, in the order in which they were tried.
 */
static void order_groups(struct collection *c)
{
	const struct outcome outcome = collection_outcome(c);
	struct group *last = collection_ended_by(c, &outcome), *g;

	if (!last)
		return;
	for (g = c->groups; g; g = g->hh.next)
		g->leads = g == last || (outcome.kind == OUTCOME_EXIT && g->place == last->place);
	HASH_SORT(c->groups, in_order);
}

/* ------------------------------------------------------------------ the log */

void collection_finish(struct collection *c)
{
	c->has_cause = cause_record_init(&c->cause, &c->run);
	merge_look_ups(c);
	merge_acts(c);
	merge_lines(c);
	order_groups(c);
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
		collection_take(c, &record);
	collection_finish(c);
	return r;
}
