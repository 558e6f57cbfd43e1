/* SPDX-License-Identifier: Apache-2.0 */
#include "report/learn.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "report/diff.h"
#include "report/learn_programs.h"
#include "report/learn_writes.h"

void learn_init(struct learn *learn)
{
	*learn = (struct learn){ .collapse = 4, .min_runs = 1 };
	limits_init(&learn->limits);
}

static void rule_fini(struct learn_rule *rule)
{
	free(rule->name);
	free(rule->path);
	free(rule->place);
	free(rule->reason);
}

void learn_fini(struct learn *learn)
{
	size_t i;

	tally_fini(&learn->facts);
	tally_fini(&learn->wishes);
	tally_fini(&learn->addresses);
	tally_fini(&learn->refused);
	text_list_fini(&learn->never);
	text_list_fini(&learn->never_own);
	text_list_fini(&learn->submissions);
	for (i = 0; i < learn->n_rules; i++)
		rule_fini(&learn->rules[i]);
	free(learn->rules);
	tally_fini(&learn->programs);
	tally_fini(&learn->processes);
	tally_fini(&learn->executed);
	for (i = 0; i < learn->n_granted; i++)
		learn_program_fini(&learn->granted[i]);
	free(learn->granted);
	free(learn->children);
	tally_fini(&learn->writes);
	tally_fini(&learn->shared);
	tally_fini(&learn->written);
	for (i = 0; i < learn->n_directories; i++)
		learn_directory_fini(&learn->directories[i]);
	free(learn->directories);
	free(learn->scratch.place);
	free(learn->started.path);
}

/* ------------------------------------------------------------------ what the logs say */

static bool list_has(const struct text_list *list, const char *text)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (streq(list->text[i], text))
			return true;
	return false;
}

static void list_add_once(struct text_list *list, const char *text)
{
	if (list_has(list, text))
		return;
	grow_array(&list->text, &list->cap, list->n + 1, sizeof(*list->text));
	list->text[list->n++] = xstrdup(text);
}

/* A limit stays only if every run had it. */
static void widen(uint64_t *limit, uint64_t recorded, bool first)
{
	*limit = first ? recorded : MAX(*limit, recorded);
}

static void take_limits(struct learn *learn, const struct run_info *info)
{
	struct limits *limits = &learn->limits;
	bool first = learn->runs == 1;

	for (enum limit limit = 0; limit < N_LIMITS; limit++)
		widen(limits_at(limits, limit), info->limits[limit], first);
}

void learn_begin_run(struct learn *learn)
{
	learn->runs++;
	learn->n_children = 0;
}

void learn_end_run(struct learn *learn, const struct run_info *info)
{
	size_t i;

	take_limits(learn, info);
	for (i = 0; i < info->never.n && !learn->too_many; i++) {
		list_add_once(&learn->never, info->never.text[i]);
		learn->too_many = learn->never.n > LEARN_MAX_NEVER;
	}
	for (i = 0; i < info->never_own.n && !learn->too_many; i++)
		list_add_once(&learn->never_own, info->never_own.text[i]);
	if (info->submission)
		list_add_once(&learn->submissions, info->submission);
	learn->cpu_ns = MAX(learn->cpu_ns, json_number(info->end, "cpu_ns", 0));
	learn->wall_ns = MAX(learn->wall_ns, json_number(info->end, "wall_ns", 0));
	learn->memory_bytes = MAX(learn->memory_bytes, json_number(info->end, "memory_bytes", 0));
}

static bool wants_listing(const struct refusal *r)
{
	return (r->args && strstr(r->args, "O_DIRECTORY")) || (r->syscall && streq(r->syscall, "chdir")) ||
	       (r->syscall && after_prefix(r->syscall, "getdents"));
}

/* What came of a call that was let through or hidden. */
static unsigned outcome_of(const struct refusal *r, unsigned want, bool hidden)
{
	const char *err = r->err;
	unsigned opened = want & ~(unsigned)WANT_LOOKUP ? LEARN_OPENED : 0;

	if (hidden)
		return LEARN_HIDDEN | opened;
	if (err && (streq(err, "ENOENT") || streq(err, "ENOTDIR")))
		return LEARN_ABSENT | opened;
	if (err && (streq(err, "EACCES") || streq(err, "EPERM")))
		return LEARN_KERNEL;
	return (want & WANT_READ ? LEARN_READ : LEARN_LOOKED) | (wants_listing(r) ? LEARN_LISTED : 0u);
}

static void add_fact(struct learn *learn, uint32_t group, const struct refusal *r, unsigned flags)
{
	struct tally_entry entry = {
		.count = 1, .runs = 1, .first_run = learn->runs, .last_run = learn->runs, .flags = flags
	};

	entry.key = xasprintf("%08x:%s", group, r->path);
	entry.at = 9;
	entry.place = refusal_place(r);
	tally_add(&learn->facts, &entry);
}

uint32_t learn_group(const struct tally_entry *fact)
{
	return (uint32_t)strtoul(fact->key, NULL, 16);
}

/* Calls that every socket needs, and that need no rule of their own once an address is granted. */
static bool comes_with_addresses(const struct refusal *r)
{
	static const char *const calls[] = { "socket", "listen", "accept", "accept4", "setsockopt", "getsockopt" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (r->audit && r->syscall && r->rule == RULE_SYSCALL && streq(r->syscall, calls[i]))
			return true;
	return false;
}

/* Flags of a refusal: it goes away once addresses, or processes, are granted. */
enum { WITH_ADDRESSES = 1, WITH_PROCESSES = 2 };

/* Keeps a refusal, with the policy line that would allow it, or the reason why there is none. */
static void add_refused(struct learn *learn, const struct refusal *r, bool let_through, bool of_processes)
{
	struct tally_entry entry = { .count = 1, .runs = 1, .first_run = learn->runs, .last_run = learn->runs };
	struct buf key = { 0 }, note = { 0 };
	struct fix fix;

	entry.flags = comes_with_addresses(r) ? WITH_ADDRESSES : of_processes ? WITH_PROCESSES : 0;
	/* The two first characters keep apart what must not be merged. */
	buf_putc(&key, let_through ? LEARN_LET_THROUGH : ' ');
	buf_putc(&key, (char)('0' + entry.flags));
	text_args(&key, r->syscall ? r->syscall : "?");
	if (r->path || r->address) {
		buf_putc(&key, ' ');
		entry.at = key.len;
		text_path(&key, r->path ? r->path : r->address);
	} else {
		entry.at = key.len;
	}
	words_fix(r, false, &fix);
	if (fix.policy.len)
		buf_printf(&note, "%s (%s)", fix.policy.data, fix.note.len ? fix.note.data : "");
	else
		buf_puts(&note, fix.note.len ? fix.note.data : "no policy line can allow it");
	fix_fini(&fix);
	entry.key = buf_steal(&key);
	entry.note = buf_steal(&note);
	entry.place = refusal_place(r);
	tally_add(&learn->refused, &entry);
}

/* ------------------------------------------------------------------ addresses */

/* A record has a destination for connect and send, otherwise a source. */
static void add_address(struct learn *learn, json_t *record, const struct refusal *r)
{
	struct tally_entry entry = { .count = 1, .runs = 1, .first_run = learn->runs, .last_run = learn->runs };
	enum net_use use = json_object_get(record, "destination") ? NET_CONNECT : NET_BIND;

	entry.key = xasprintf("%s %s", net_use_name(use), r->address);
	entry.at = strlen(net_use_name(use)) + 1;
	entry.place = refusal_place(r);
	tally_add(&learn->addresses, &entry);
}

const char *learn_address(const struct tally_entry *entry, enum net_use *ret_use)
{
	*ret_use = after_prefix(entry->key, "bind ") ? NET_BIND : NET_CONNECT;
	return tally_path(entry);
}

bool learn_grants_address(const struct learn *learn, const struct tally_entry *entry, char **ret_why)
{
	enum net_use use;
	const char *address = learn_address(entry, &use), *wrong;
	struct net_rule rule;

	if (entry->runs < learn->min_runs) {
		*ret_why = xasprintf("only %" PRIu64 " of %" PRIu64 " runs asked for it", entry->runs, learn->runs);
		return false;
	}
	if (!net_parse(address, use, &rule, &wrong)) {
		*ret_why = xasprintf("a policy cannot name it: %s", wrong);
		return false;
	}
	net_rule_fini(&rule);
	return true;
}

static bool is_about_reading(unsigned want, const char *path)
{
	return want && !(want & ~(unsigned)(WANT_LOOKUP | WANT_READ | WANT_HOLD)) && path && path[0] == '/';
}

/* A call that failed before a decision was not let through either. */
static bool is_decided(json_t *record)
{
	const char *action = json_text(record, "decision.action");

	return action && !streq(action, "none");
}

/* No policy is asked about the program's own descriptors and executable, nor when a call failed before a decision. */
static bool asks_no_policy(json_t *record)
{
	const char *rule = json_text(record, "rule.id");

	return !is_decided(record) || (rule && (streq(rule, "descriptor") || streq(rule, "syscall")));
}

/* Was there no such program, or did the kernel refuse it? Then no rule has to allow executing it. */
static bool found_no_program(const struct learn *learn, const struct refusal *r)
{
	struct learn_seen seen;
	bool none;

	if (r->topic != TOPIC_EXEC || !r->path || r->path[0] != '/')
		return false;
	if (r->err)
		return streq(r->err, "ENOENT") || streq(r->err, "ENOTDIR") || streq(r->err, "EACCES");
	/* The log of an audit run does not say whether it succeeded. */
	if (!r->audit)
		return false;
	learn->look(r->path, &seen);
	none = !seen.real;
	free(seen.real);
	return none;
}

void learn_call(struct learn *learn, uint32_t group, json_t *record, const struct run_info *info)
{
	struct refusal_record call;
	bool refused = refusal_record_init(&call, record, info) == 0, hidden, forbidden, through;
	unsigned want;

	if (!refused)
		refusal_record_from_any(&call, record, info);
	call.r.topic = learn->topic_of(call.r.syscall);
	want = refusal_want(&call.r);
	hidden = refused && !call.r.audit && call.r.action == ACTION_HIDE;
	/* What `never` names stays refused, whatever a run in audit mode was allowed. */
	forbidden = refused && (call.r.rule == RULE_REFUSE || (call.r.rule == RULE_NEVER && !refusal_is_guarded(&call.r)));
	through = !forbidden && (!refused || call.r.audit) && is_decided(record);
	learn->calls++;
	free(steal_ptr(&learn->started.path));
	if (through && !asks_no_policy(record) && learn_take_write(learn, group, record, &call.r, want, info)) {
		learn->calls_let_through++;
	} else if (is_about_reading(want, call.r.path) && !asks_no_policy(record) && (through || (hidden && !forbidden))) {
		learn->calls_let_through++;
		add_fact(learn, group, &call.r, outcome_of(&call.r, want, hidden));
	} else if (through && found_no_program(learn, &call.r)) {
		learn->calls_let_through++;
		add_fact(learn, group, &call.r, LEARN_ABSENT | LEARN_OPENED);
	} else if (call.r.address && through) {
		learn->calls_let_through++;
		add_address(learn, record, &call.r);
	} else if (through && learn_take_program(learn, record, &call.r, info)) {
		learn->calls_let_through++;
	} else if (refused && call.violation) {
		learn->calls_let_through += call.r.audit;
		add_refused(learn, &call.r, call.r.audit, learn_comes_with_processes(learn, record, &call.r, info));
	}
	refusal_record_fini(&call);
}

/* ------------------------------------------------------------------ wishes */

void learn_wish(struct learn *learn, const struct tally_entry *fact, const char *submission)
{
	const char *path = tally_path(fact);
	const char *rest = learn->use_submission ? path_inside(path, submission) : NULL;
	struct tally_entry wish = *fact;

	/* Writing implies reading, and a path that is not there may be created later. */
	if (!(fact->flags & LEARN_HIDDEN) && learn_written(learn, path, submission))
		return;
	wish.key = rest ? xasprintf("S%s", rest) : xstrdup(path);
	wish.at = 0;
	wish.note = xstrdup(path);
	wish.place = fact->place ? xstrdup(fact->place) : NULL;
	tally_add(&learn->wishes, &wish);
}

static struct learn_rule *add_rule(struct learn *learn, const struct tally_entry *wish)
{
	struct learn_rule rule = { .kind = LEARN_RULE_READ, .flags = wish->flags, .count = wish->count,
				   .runs = wish->runs };

	rule.name = xstrdup(wish->key);
	rule.path = xstrdup(wish->note);
	rule.place = wish->place ? xstrdup(wish->place) : NULL;
	grow_array(&learn->rules, &learn->cap_rules, learn->n_rules + 1, sizeof(*learn->rules));
	learn->rules[learn->n_rules] = rule;
	return &learn->rules[learn->n_rules++];
}

static void withhold(struct learn_rule *rule, char *reason)
{
	rule->kind = LEARN_WITHHELD;
	free(rule->reason);
	rule->reason = reason;
}

/* Why no line of a policy may grant PATH, or NULL. */
static char *why_not(const struct learn *learn, const char *path, bool directory)
{
	struct refusal r = { .syscall = "openat", .topic = TOPIC_OPEN, .rule = RULE_ON_DENY, .path = path };
	struct fix fix;
	char *why = NULL;

	r.args = directory ? "AT_FDCWD, \"\", O_RDONLY|O_DIRECTORY" : "AT_FDCWD, \"\", O_RDONLY";
	r.never = (const char *const *)learn->never.text;
	r.n_never = learn->never.n;
	words_fix(&r, false, &fix);
	if (!fix.policy.len)
		why = xstrdup(fix.note.len ? fix.note.data : "no policy line can allow it");
	fix_fini(&fix);
	return why;
}

/* As proctor records paths; with any other, a rule would mean something else than what is compared here. */
static bool is_canonical(const char *path)
{
	size_t n;

	for (; *path == '/'; path += n + 1) {
		n = strcspn(path + 1, "/");
		if (n == 0 || (n == 1 && path[1] == '.') || (n == 2 && path[1] == '.' && path[2] == '.'))
			return false;
	}
	return !*path;
}

static void decide_rule(struct learn *learn, struct learn_rule *rule)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct learn_seen seen = { 0 };
	char *why = NULL;

	if (!is_canonical(rule->path) && !streq(rule->path, "/")) {
		withhold(rule, xstrdup("no path that proctor would record"));
		return;
	}
	if (rule->runs < learn->min_runs) {
		withhold(rule, xasprintf("only %" PRIu64 " of %" PRIu64 " runs asked for it", rule->runs,
					 learn->runs));
		return;
	}
	if (!(rule->flags & (LEARN_LOOKED | LEARN_READ))) {
		if (rule->flags & (LEARN_ABSENT | LEARN_HIDDEN))
			rule->kind = LEARN_RULE_HIDE;
		else
			withhold(rule, xstrdup("the kernel itself refused it"));
		if (rule->kind == LEARN_RULE_HIDE && streq(rule->path, "/"))
			withhold(rule, xstrdup("the root cannot be hidden"));
	} else {
		learn->look(rule->path, &seen);
	}
	/* Unless it is known to be a file, grant it as a directory, without what is beneath it. */
	rule->directory = rule->flags & LEARN_LISTED || !seen.file;
	if (rule->kind == LEARN_RULE_READ)
		why = why_not(learn, rule->path, rule->directory);
	else if (rule->kind == LEARN_RULE_HIDE && !text_yaml_path(&text, rule->path))
		why = xstrdup("a policy cannot name this path exactly");
	if (!why && rule->kind == LEARN_RULE_READ && seen.real && !streq(seen.real, rule->path))
		why = why_not(learn, seen.real, rule->directory);
	if (why)
		withhold(rule, why);
	free(seen.real);
}

/* ------------------------------------------------------------------ trees */

static size_t parent_length(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? (size_t)(slash - name) : 0;
}

static size_t depth_of(const char *name, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += name[i] == '/';
	return n;
}

static bool may_be_tree(const struct learn *learn, const char *name, const char *path)
{
	struct learn_seen seen = { 0 };
	_cleanup_free_ char *why = NULL;
	bool may = !learn_is_protected(path, learn->home);
	size_t i;

	if (streq(name, "S"))
		for (i = 0; i < learn->submissions.n; i++)
			may = may && !learn_is_protected(learn->submissions.text[i], learn->home);
	if (!may)
		return false;
	learn->look(path, &seen);
	may = seen.directory && seen.real && !learn_is_protected(seen.real, learn->home);
	if (may)
		why = why_not(learn, seen.real, true);
	free(seen.real);
	return may && !why;
}

static int by_parent(const void *a, const void *b)
{
	const struct learn_rule *x = *(struct learn_rule *const *)a, *y = *(struct learn_rule *const *)b;
	size_t n = parent_length(x->name), m = parent_length(y->name);
	int r = memcmp(x->name, y->name, MIN(n, m));

	return r ? r : n < m ? -1 : n > m ? 1 : strcmp(x->name, y->name);
}

/* Merges the N rules at GROUP, which have the same parent, into a tree rule for the parent. */
static void make_tree(struct learn *learn, struct learn_rule **group, size_t n)
{
	struct learn_rule tree = { .kind = LEARN_RULE_READ, .tree = true, .directory = true, .flags = LEARN_READ };
	size_t i, len = parent_length(group[0]->name);

	tree.name = xstrndup(group[0]->name, len);
	tree.path = xstrndup(group[0]->path, parent_length(group[0]->path));
	if (!may_be_tree(learn, tree.name, tree.path)) {
		rule_fini(&tree);
		return;
	}
	for (i = 0; i < n; i++) {
		tree.count += group[i]->count;
		tree.runs = MAX(tree.runs, group[i]->runs);
		tree.files += group[i]->tree ? group[i]->files : 1;
		if (!tree.place && group[i]->place)
			tree.place = xstrdup(group[i]->place);
		/* Marks the rule as dropped: it must not stay beside the tree. */
		group[i]->tree = false;
		group[i]->files = SIZE_MAX;
	}
	grow_array(&learn->rules, &learn->cap_rules, learn->n_rules + 1, sizeof(*learn->rules));
	learn->rules[learn->n_rules++] = tree;
}

/* Makes all trees whose directory lies DEPTH deep. Groups point into the array, so that is grown first. */
static void collapse_at(struct learn *learn, size_t depth)
{
	_cleanup_free_ struct learn_rule **group = NULL;
	size_t i, j, n = 0;

	grow_array(&learn->rules, &learn->cap_rules, 2 * learn->n_rules + 1, sizeof(*learn->rules));
	group = xcalloc(learn->n_rules + 1, sizeof(*group));
	for (i = 0; i < learn->n_rules; i++) {
		struct learn_rule *rule = &learn->rules[i];
		size_t len = parent_length(rule->name);

		if (rule->kind == LEARN_RULE_READ && rule->files != SIZE_MAX && len &&
		    depth_of(rule->name, len) == depth)
			group[n++] = rule;
	}
	qsort(group, n, sizeof(struct learn_rule *), by_parent);
	for (i = 0; i < n; i = j) {
		size_t len = parent_length(group[i]->name);

		for (j = i + 1; j < n && parent_length(group[j]->name) == len &&
				memcmp(group[j]->name, group[i]->name, len) == 0;
		     j++)
			;
		if (j - i >= learn->collapse)
			make_tree(learn, group + i, j - i);
	}
}

static int by_name(const void *a, const void *b)
{
	const struct learn_rule *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : (int)y->tree - (int)x->tree;
}

/* Among the sorted rules, the one for the first LEN bytes of NAME, a tree by preference; or NULL. */
static const struct learn_rule *find_rule(const struct learn *learn, const char *name, size_t len)
{
	size_t low = 0, high = learn->n_rules;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const char *at = learn->rules[middle].name;
		int r = strncmp(at, name, len);

		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < learn->n_rules && strncmp(learn->rules[low].name, name, len) == 0 && !learn->rules[low].name[len])
		return &learn->rules[low];
	return NULL;
}

static bool is_in_tree(const struct learn *learn, const struct learn_rule *rule)
{
	const char *p;

	for (p = rule->name + 1; p && *p; p = strchr(p + 1, '/')) {
		const struct learn_rule *above = find_rule(learn, rule->name, (size_t)(p - rule->name));

		if (above && above != rule && above->tree && above->kind == LEARN_RULE_READ)
			return true;
	}
	p = rule->name + strlen(rule->name);
	return !rule->tree && find_rule(learn, rule->name, (size_t)(p - rule->name))->tree;
}

/* Is it only looked at, and on the way to something granted? That grant allows looking. */
static bool is_passage(const struct learn *learn, const struct learn_rule *rule)
{
	size_t n = strlen(rule->name), i;

	if (rule->kind != LEARN_RULE_READ || rule->tree || rule->flags & LEARN_READ)
		return false;
	for (i = (size_t)(rule - learn->rules) + 1; i < learn->n_rules; i++) {
		const char *name = learn->rules[i].name;

		if (strncmp(name, rule->name, n) != 0)
			return false;
		if (name[n] == '/' && learn->rules[i].kind == LEARN_RULE_READ)
			return true;
	}
	return false;
}

/* Is RULE made superfluous by another? */
static bool is_done(const struct learn *learn, const struct learn_rule *rule)
{
	if (rule->files == SIZE_MAX)
		return true;
	/* In a tree, what a rule hid must stay hidden; what was absent needs no rule. */
	if (rule->kind == LEARN_RULE_HIDE)
		return !(rule->flags & LEARN_HIDDEN) && is_in_tree(learn, rule);
	return rule->kind == LEARN_RULE_READ && (is_in_tree(learn, rule) || is_passage(learn, rule));
}

static void drop_done(struct learn *learn)
{
	_cleanup_free_ bool *done = xcalloc(learn->n_rules + 1, sizeof(*done));
	size_t i, n = 0;

	if (learn->n_rules)
		qsort(learn->rules, learn->n_rules, sizeof(*learn->rules), by_name);
	for (i = 0; i < learn->n_rules; i++)
		done[i] = is_done(learn, &learn->rules[i]);
	for (i = 0; i < learn->n_rules; i++)
		if (done[i])
			rule_fini(&learn->rules[i]);
		else
			learn->rules[n++] = learn->rules[i];
	learn->n_rules = n;
}

/* ------------------------------------------------------------------ random names */

/* No more comparisons than this; names that are left then stay as they are. */
enum { MAX_STEPS = 4000000 };

static bool is_absent(const struct learn_rule *rule)
{
	return rule->kind == LEARN_RULE_HIDE && !(rule->flags & LEARN_HIDDEN) && rule->files != SIZE_MAX;
}

/* Makes FIRST a pattern that also names the N rules at OTHERS, and adds their counts to it. */
static void make_pattern(struct learn_rule *first, struct learn_rule **others, size_t n)
{
	size_t i, from = strlen(first->name), to = parent_length(first->name) + 1;

	for (i = 0; i < n; i++) {
		size_t begin = parent_length(first->name) + 1, end = strlen(first->name);

		while (first->name[begin] == others[i]->name[begin])
			begin++;
		while (first->name[end - 1] == others[i]->name[end - 1])
			end--;
		from = MIN(from, begin);
		to = MAX(to, end);
		first->count += others[i]->count;
		first->runs = MAX(first->runs, others[i]->runs);
		others[i]->files = SIZE_MAX;
	}
	first->files = n + 1;
	first->wild_from = from;
	first->wild_to = to;
}

static void join_drawn(struct learn *learn)
{
	_cleanup_free_ struct learn_rule **alike = xcalloc(learn->n_rules + 1, sizeof(*alike));
	size_t i, j, n, steps = 0;

	for (i = 0; i < learn->n_rules; i++) {
		struct learn_rule *rule = &learn->rules[i];
		size_t len = parent_length(rule->name) + 1;

		for (j = i + 1, n = 0; is_absent(rule) && j < learn->n_rules && steps < MAX_STEPS; j++, steps++) {
			struct learn_rule *other = &learn->rules[j];

			if (strncmp(rule->name, other->name, len) != 0)
				break;
			if (is_absent(other) && !strchr(other->name + len, '/') &&
			    diff_names_alike(rule->name + len, other->name + len))
				alike[n++] = other;
		}
		if (n + 1 >= learn->collapse)
			make_pattern(rule, alike, n);
	}
}

void learn_rules(struct learn *learn)
{
	size_t i, depth = 0;

	tally_merge(&learn->wishes);
	for (i = 0; i < learn->wishes.n; i++) {
		struct learn_rule *rule = add_rule(learn, &learn->wishes.entries[i]);

		decide_rule(learn, rule);
		depth = MAX(depth, depth_of(rule->name, strlen(rule->name)));
	}
	for (; learn->collapse; depth--) {
		collapse_at(learn, depth);
		if (!depth)
			break;
	}
	drop_done(learn);
	if (learn->collapse > 1) {
		join_drawn(learn);
		drop_done(learn);
	}
}

/* ------------------------------------------------------------------ the policy */

/* N bytes of a path inside the quotes of a YAML text; why_not() has checked that a policy can name the path. */
static void put_part(struct buf *out, const char *path, size_t n)
{
	_cleanup_free_ char *part = xstrndup(path, n);
	_cleanup_buf_ struct buf text = { 0 };

	if (text_yaml_path(&text, part))
		buf_put(out, text.data + 1, text.len - 2);
}

/* The rule's path as a policy writes it, quoted. */
static void put_rule_path(struct buf *out, const struct learn_rule *rule)
{
	size_t begin = rule->name[0] == 'S', end = strlen(rule->name), i;

	buf_puts(out, begin ? "\"%{submission}" : "\"");
	if (rule->wild_to > rule->wild_from) {
		put_part(out, rule->name + begin, rule->wild_from - begin);
		for (i = rule->wild_from; i < rule->wild_to; i++)
			buf_putc(out, '?');
		put_part(out, rule->name + rule->wild_to, end - rule->wild_to);
	} else {
		put_part(out, rule->name + begin, end - begin);
	}
	if (rule->tree)
		buf_lit(out, "/**");
	else if (rule->directory && rule->kind == LEARN_RULE_READ)
		buf_putc(out, '/');
	buf_lit(out, "\"\n");
}

static void put_rules(const struct learn *learn, enum learn_kind kind, const char *key, struct buf *out)
{
	bool begun = false;
	size_t i;

	for (i = 0; i < learn->n_rules; i++) {
		const struct learn_rule *rule = &learn->rules[i];

		if (rule->kind != kind)
			continue;
		if (!begun)
			buf_printf(out, "%s:\n", key);
		begun = true;
		buf_lit(out, "  # ");
		tally_put_calls(out, rule->count, rule->runs, rule->place);
		if (rule->tree)
			buf_printf(out, "; %zu names in it were asked for", rule->files);
		else if (rule->files)
			buf_printf(out, "; %zu names like this", rule->files);
		else if (kind == LEARN_RULE_READ && !(rule->flags & LEARN_READ))
			buf_lit(out, "; only looked at");
		buf_lit(out, "\n  - ");
		put_rule_path(out, rule);
	}
}

static void put_limit(struct buf *out, enum limit limit, uint64_t value, const char **separator)
{
	if (value == UINT64_MAX)
		return;
	buf_printf(out, "%s%s: ", *separator, limit_name(limit));
	*separator = ", ";
	if (limit == LIMIT_CPU || limit == LIMIT_WALL)
		buf_printf(out, "%" PRIu64 "ns", value);
	else if (limit == LIMIT_MEMORY || limit == LIMIT_OUTPUT)
		buf_printf(out, "%" PRIu64 "B", value);
	else
		buf_u64(out, value);
}

static void put_limits(const struct learn *learn, struct buf *out)
{
	const char *separator = "limits: {";

	buf_lit(out, "# used at most: cpu ");
	text_duration(out, learn->cpu_ns);
	buf_lit(out, ", wall ");
	text_duration(out, learn->wall_ns);
	buf_lit(out, ", memory ");
	text_size(out, learn->memory_bytes);
	buf_putc(out, '\n');
	for (enum limit limit = 0; limit < N_LIMITS; limit++)
		put_limit(out, limit, limits_get(&learn->limits, limit), &separator);
	if (*separator == ',')
		buf_lit(out, "}\n");
}

/* Connections and datagrams, or names of the program's own sockets. False: there are none. */
/* Was port 0 of the host of ADDRESS bound? Then the kernel chose one, which may be that of ADDRESS. */
static bool may_be_chosen(const struct learn *learn, const char *address)
{
	const char *port = strrchr(address, ':');
	size_t i, n = port ? (size_t)(port - address) : 0;

	for (i = 0; n && i < learn->addresses.n; i++) {
		enum net_use use;
		const char *bound = learn_address(&learn->addresses.entries[i], &use);

		if (use == NET_BIND && strncmp(bound, address, n) == 0 && streq(bound + n, ":0"))
			return true;
	}
	return false;
}

static bool put_addresses(const struct learn *learn, enum net_use wanted, bool begun, struct buf *out)
{
	bool any = false;
	size_t i;

	for (i = 0; i < learn->addresses.n; i++) {
		const struct tally_entry *entry = &learn->addresses.entries[i];
		_cleanup_free_ char *why = NULL;
		enum net_use use;
		const char *address = learn_address(entry, &use);

		if (use != wanted || !learn_grants_address(learn, entry, &why))
			continue;
		if (!any)
			buf_printf(out, "%s  %s:\n", begun ? "" : "net:\n", net_use_name(use));
		any = true;
		buf_lit(out, "    # ");
		tally_put_calls(out, entry->count, entry->runs, entry->place);
		if (use == NET_CONNECT && may_be_chosen(learn, address))
			buf_lit(out, "; if the kernel chose that port for the run's own socket, the next run has another one");
		buf_lit(out, "\n    - ");
		text_yaml_string(out, address, strlen(address));
		buf_putc(out, '\n');
	}
	return any || begun;
}

/* Appends the addresses that are not granted, with the reasons. */
static void put_withheld_addresses(const struct learn *learn, size_t *n, struct buf *out)
{
	size_t i;

	for (i = 0; i < learn->addresses.n; i++) {
		const struct tally_entry *entry = &learn->addresses.entries[i];
		_cleanup_free_ char *why = NULL;

		if (learn_grants_address(learn, entry, &why))
			continue;
		learn_begin_withheld(n, out);
		text_path(out, entry->key);
		learn_end_withheld(why, entry->count, entry->runs, entry->place, out);
	}
}

static void put_never(const struct learn *learn, struct buf *out)
{
	bool begun = false;
	size_t i;

	for (i = 0; i < learn->never.n; i++) {
		/* Another run has other logs. */
		if (list_has(&learn->never_own, learn->never.text[i]))
			continue;
		buf_puts(out, begun ? "  - " : "never:\n  - ");
		begun = true;
		text_yaml_string(out, learn->never.text[i], strlen(learn->never.text[i]));
		buf_putc(out, '\n');
	}
}

static bool grants_addresses(const struct learn *learn)
{
	bool any = false;
	size_t i;

	for (i = 0; i < learn->addresses.n && !any; i++) {
		_cleanup_free_ char *why = NULL;

		any = learn_grants_address(learn, &learn->addresses.entries[i], &why);
	}
	return any;
}

bool learn_stays_refused(const struct learn *learn, const struct tally_entry *entry)
{
	if (entry->flags == WITH_ADDRESSES)
		return !grants_addresses(learn);
	return entry->flags != WITH_PROCESSES || !learn_grants_processes(learn);
}

static void put_refused(const struct learn *learn, struct buf *out)
{
	size_t i, n = 0;

	for (i = 0; i < learn->refused.n; i++) {
		const struct tally_entry *entry = &learn->refused.entries[i];

		if (!learn_stays_refused(learn, entry))
			continue;
		if (!n++)
			buf_lit(out, "\n# Still refused:\n");
		buf_printf(out, "#   %s: %s; ", entry->key + LEARN_CALL, entry->note);
		tally_put_calls(out, entry->count, entry->runs, entry->place);
		buf_putc(out, '\n');
	}
}

static void put_comments(const struct learn *learn, struct buf *out)
{
	size_t i, n = 0;

	for (i = 0; i < learn->n_rules; i++) {
		const struct learn_rule *rule = &learn->rules[i];

		if (rule->kind != LEARN_WITHHELD)
			continue;
		learn_begin_withheld(&n, out);
		text_path(out, rule->path);
		learn_end_withheld(rule->reason, rule->count, rule->runs, rule->place, out);
	}
	put_withheld_addresses(learn, &n, out);
	learn_put_withheld_writes(learn, &n, out);
	learn_put_withheld_programs(learn, &n, out);
	put_refused(learn, out);
}

/* The beginning of each policy that is tried. */
static void put_head(const struct learn *learn, struct buf *out)
{
	buf_lit(out, "version: 1\nname: learned\nextends: builtin:python\n");
	put_never(learn, out);
}

void learn_acts(struct learn *learn)
{
	_cleanup_buf_ struct buf head = { 0 };

	put_head(learn, &head);
	learn_make_programs(learn, head.data);
	/* A program that may be executed must not be writable: so programs come first. */
	learn_put_programs(learn, &head);
	learn_make_writes(learn, head.data);
}

static void put_grants(const struct learn *learn, struct buf *out)
{
	put_rules(learn, LEARN_RULE_READ, "read", out);
	put_rules(learn, LEARN_RULE_HIDE, "hide", out);
	put_addresses(learn, NET_BIND, put_addresses(learn, NET_CONNECT, false, out), out);
	learn_put_writes(learn, out);
}

void learn_own_policy(const struct learn *learn, const char *name, struct buf *out)
{
	buf_printf(out, "version: 1\nname: %s\nextends: builtin:python\n", name);
	put_grants(learn, out);
}

bool learn_needs_nothing(const struct learn *learn)
{
	_cleanup_buf_ struct buf out = { 0 };

	put_grants(learn, &out);
	return out.len == 0;
}

void learn_policy(const struct learn *learn, struct buf *out)
{
	buf_lit(out, "# Learned by proctor from ");
	text_count(out, learn->runs);
	buf_puts(out, learn->runs == 1 ? " run" : " runs");
	buf_lit(out, ". Read it before you rely on it.\nversion: 1\nname: learned\nextends: builtin:python\n");
	put_limits(learn, out);
	put_grants(learn, out);
	learn_put_programs(learn, out);
	put_never(learn, out);
	put_comments(learn, out);
}
