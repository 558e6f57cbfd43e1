/* SPDX-License-Identifier: Apache-2.0 */
/* Learning from logs: the policy that recorded runs need, and the proof that it is enough. */
#include "cli/learn.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/log_command.h"
#include "cli/policy_calls.h"
#include "cli/recorded_run.h"
#include "policy/exec.h"
#include "policy/source.h"
#include "report/learn_programs.h"
#include "report/learn_writes.h"
#include "supervisor/resolve.h"
#include "tracee/syscalls.h"

/* Runs for which proctor adds the same rules to a policy. */
struct group {
	char *key;
	json_t *start; /* texts in `target` live in it */
	struct run_info run;
	struct policy_target base, learned;
	const struct policy *inner; /* within that, the policy that is asked instead; or NULL */
	struct resolver *resolver;
};

/* A program that was executed, and what was learned from its calls alone. */
struct own {
	char *path, *name; /* NAME: of its policy; NULL until it is made */
	struct learn learn;
};

/* Which program a process of the current run executed last. */
struct executed {
	uint64_t pid;
	size_t own;
};

/* A policy can have no more for programs; of one run, so many processes are followed. */
enum { MAX_OWN = POLICY_MAX_NARROWER, MAX_EXECUTED = 256 };

struct learner {
	struct learn learn;
	struct group *groups;
	size_t n_groups, cap_groups;
	struct own own[MAX_OWN];
	size_t n_own;
	struct executed executed[MAX_EXECUTED];
	size_t n_executed;
	bool lost; /* there were more */
	const struct learn_options *options;
};

static void group_fini(struct group *group)
{
	resolver_free(group->resolver);
	policy_target_fini(&group->base);
	policy_target_fini(&group->learned);
	run_info_fini(&group->run);
	json_decref(group->start);
	free(group->key);
}

static void learner_fini(struct learner *learner)
{
	size_t i;

	for (i = 0; i < learner->n_groups; i++)
		group_fini(&learner->groups[i]);
	free(learner->groups);
	for (i = 0; i < learner->n_own; i++) {
		learn_fini(&learner->own[i].learn);
		free(learner->own[i].path);
		free(learner->own[i].name);
	}
	learn_fini(&learner->learn);
}

/* What lies at PATH. It is never opened: a name from a log may be that of a FIFO. */
static void look(const char *path, struct learn_seen *ret_seen)
{
	struct stat st;

	*ret_seen = (struct learn_seen){ .real = realpath(path, NULL) };
	if (!ret_seen->real || stat(path, &st) < 0)
		return;
	ret_seen->directory = S_ISDIR(st.st_mode);
	ret_seen->file = !ret_seen->directory;
}

/* ------------------------------------------------------------------ reading */

/* Was the script the submission, and nothing beside it? */
static bool is_alone(json_t *start)
{
	return json_bool(start, "script.alone", false);
}

/* Runs with the same key get the same rules added. */
static char *group_key(const struct run_info *run, json_t *start)
{
	_cleanup_free_ char *args = json_dumps(json_at(start, "process.args"), JSON_ENCODE_ANY | JSON_COMPACT);
	const char *python = json_text(start, "process.executable");

	return xasprintf("%s%s\n%s\n%s\n%s", is_alone(start) ? "alone in " : "", run->submission ? run->submission : "",
			 run->working_directory ? run->working_directory : "", python ? python : "",
			 args ? args : "");
}

static int load_group(struct group *group, struct policy_target *target, const char *text)
{
	target->policy = text ? "learned" : "builtin:python";
	target->text = text;
	target->quiet = true;
	policy_target_from_log(target, &group->run, group->start);
	return policy_target_load(target);
}

/* The first error message about a wrong policy, without its line and column. */
static char *first_error(const struct buf *messages)
{
	const char *text = messages->len ? messages->data : "it cannot be named", *at = strstr(text, ": ");
	_cleanup_free_ char *line = NULL;
	struct buf out = { 0 };

	at = at ? at + 2 : text;
	line = xstrndup(at, strcspn(at, "\n"));
	text_path(&out, line);
	buf_puts(&out, "");
	return buf_steal(&out);
}

/* struct learn, try_policy: as of the first run. */
static char *try_policy(void *arg, const char *text)
{
	const struct learner *learner = arg;
	_cleanup_(policy_target_fini) struct policy_target target = { 0 };
	_cleanup_buf_ struct buf wrong = { 0 };
	struct group group = learner->groups[0];

	target.wrong = &wrong;
	if (!load_group(&group, &target, text))
		return NULL;
	return first_error(&wrong);
}

/* The number of the group for a run whose start record is RECORD (NULL: it has none). 0 or the exit status. */
static int find_group(struct learner *learner, const struct log_record *record, uint32_t *ret_group)
{
	struct run_info run;
	struct group *group;
	char *key;
	size_t i;

	run_info_init(&run);
	if (record)
		run_info_take(&run, record);
	key = group_key(&run, record ? record->json : NULL);
	for (i = 0; i < learner->n_groups && !streq(learner->groups[i].key, key); i++)
		;
	*ret_group = (uint32_t)i;
	if (i < learner->n_groups) {
		free(key);
		run_info_fini(&run);
		return 0;
	}
	grow_array(&learner->groups, &learner->cap_groups, i + 1, sizeof(*learner->groups));
	group = &learner->groups[learner->n_groups++];
	*group = (struct group){ .key = key, .run = run, .start = record ? json_incref(record->json) : NULL };
	return load_group(group, &group->base, NULL);
}

/* Does the log hold only refusals, so that it does not say what was allowed? */
static bool leaves_allowed_out(json_t *start)
{
	const char *calls = json_text(start, "settings.calls");

	return calls && streq(calls, "denied");
}

static void begin_learn(struct learner *learner, struct learn *learn);

/* The program that process PID has executed, if it is one that is followed, or NULL. */
static struct own *own_of(struct learner *learner, uint64_t pid)
{
	size_t i;

	for (i = 0; i < learner->n_executed; i++)
		if (learner->executed[i].pid == pid)
			return learner->executed[i].own < MAX_OWN ? &learner->own[learner->executed[i].own] : NULL;
	return NULL;
}

/* Process PID has executed PATH: its calls from now on are that program's. */
static void follow(struct learner *learner, uint64_t pid, const char *path)
{
	size_t i, at;

	for (i = 0; i < learner->n_own && !streq(learner->own[i].path, path); i++)
		;
	if (i == learner->n_own && i < MAX_OWN) {
		learner->own[i].path = xstrdup(path);
		begin_learn(learner, &learner->own[i].learn);
		learner->own[i].learn.runs = learner->learn.runs;
		learner->n_own++;
	}
	for (at = 0; at < learner->n_executed && learner->executed[at].pid != pid; at++)
		;
	if (at == MAX_EXECUTED) {
		learner->lost = true;
		return;
	}
	learner->executed[at] = (struct executed){ pid, i };
	learner->n_executed = MAX(learner->n_executed, at + 1);
}

static void take_call(struct learner *learner, uint32_t group, json_t *record, const struct run_info *run)
{
	struct own *own = own_of(learner, json_number(record, "process.pid", 0));

	learn_call(&learner->learn, group, record, run);
	if (own)
		learn_call(&own->learn, group, record, run);
	if (learner->learn.started.path)
		follow(learner, learner->learn.started.pid, learner->learn.started.path);
}

/* RET_SPARSE: the log lacks calls that matter. */
static int read_records(struct learner *learner, struct log_reader *reader, const char *path, bool *ret_sparse)
{
	struct run_info run;
	struct log_record record;
	uint32_t group = 0;
	bool begun = false;
	int r, status = 0;
	size_t i;

	run_info_init(&run);
	learn_begin_run(&learner->learn);
	learner->n_executed = 0;
	for (i = 0; i < learner->n_own; i++)
		learn_begin_run(&learner->own[i].learn);
	while (!status && (r = log_next(reader, &record)) > 0) {
		run_info_take(&run, &record);
		if (record.kind == RECORD_START)
			*ret_sparse = leaves_allowed_out(record.json);
		if (!begun && (record.kind == RECORD_START || record.kind == RECORD_CALL)) {
			begun = true;
			status = find_group(learner, record.kind == RECORD_START ? &record : NULL, &group);
		}
		if (!status && record.kind == RECORD_CALL)
			take_call(learner, group, record.json, &run);
	}
	if (!status && r < 0) {
		complain("learn: %s: %s", path, strerror(-r));
		status = EXIT_LOG;
	}
	learn_end_run(&learner->learn, &run);
	run_info_fini(&run);
	return status;
}

static int read_log(struct learner *learner, const struct learn_options *options, const char *path,
		    struct buf *report)
{
	_cleanup_buf_ struct buf health = { 0 };
	struct log_reader *reader;
	int status = open_log("learn: ", path, &reader);
	bool sparse = false;

	if (status)
		return status;
	status = read_records(learner, reader, path, &sparse);
	if (!status)
		status = log_read_status("learn: ", path, 0, log_health(reader));
	if (!status && (sparse || !log_is_whole(log_health(reader)))) {
		log_health_tell(log_health(reader), &health);
		if (sparse)
			buf_lit(&health, "the log has refused calls only (--calls denied)\n");
		buf_printf(report, "%s", health.data ? health.data : "");
		if (!options->partial) {
			fputs(health.data ? health.data : "", stderr);
			complain("learn: %s is not whole, so what the run needs is not known (--partial "
				 "learns from what there is)",
				 path);
			status = EXIT_FAILURE;
		}
	}
	log_close(reader);
	return status;
}

/* ------------------------------------------------------------------ deciding */

/* What POLICY answers a program of this group that asks WANT of PATH. */
static enum action decide(const struct policy *policy, struct resolver *resolver, const char *path,
			  unsigned want)
{
	struct object object = OBJECT_INIT;
	const char *at = policy_resolve(resolver, path, RESOLVE_FOLLOW, &object);
	struct decision decision = { .action = ACTION_ALLOW };

	if (object.state != OBJECT_DESCRIPTOR)
		decision = policy_decide_path(policy, want, at, strlen(at));
	object_fini(&object);
	if (decision.action == ACTION_DENY || decision.rule.kind == RULE_ON_DENY)
		decision = policy_decide_path(policy, want, path, strlen(path));
	return decision.action;
}

/* Would all calls in FACT be decided as they were? */
static bool goes_as_before(const struct tally_entry *fact, const struct policy *policy, struct resolver *resolver)
{
	const char *path = tally_path(fact);
	unsigned flags = fact->flags;
	enum action now = decide(policy, resolver, path, flags & (LEARN_READ | LEARN_OPENED) ? WANT_READ : WANT_LOOKUP);

	if (flags & (LEARN_LOOKED | LEARN_READ))
		return now == ACTION_ALLOW;
	if (flags & LEARN_HIDDEN)
		return now == ACTION_HIDE;
	return now == ACTION_ALLOW || (flags & LEARN_ABSENT && now == ACTION_HIDE);
}

static bool may_call(const struct policy *policy, const char *call)
{
	struct decision decision;

	return policy_ask_call(policy, call, &decision) != CALL_REFUSED;
}

/* Would POLICY allow ENTRY? A name is changed itself, without following a link; contents are written where it leads now. */
static bool may_write(const struct tally_entry *entry, const struct policy *policy, struct resolver *resolver)
{
	struct object object = OBJECT_INIT;
	struct decision decision;
	const char *path;
	unsigned want = learn_write_want(entry);
	bool may = policy_ask_path(policy, resolver, want, tally_path(entry), want & WANT_WRITE ? RESOLVE_FOLLOW : 0, &object,
				   &decision, &path) &&
		   decision.action == ACTION_ALLOW && may_call(policy, entry->note);

	object_fini(&object);
	return may;
}

static int open_resolver(struct group *group, const struct policy *policy)
{
	int r;

	resolver_free(group->resolver);
	group->resolver = NULL;
	r = resolver_new(policy, NULL, &group->resolver);
	if (r < 0)
		complain("learn: %s", strerror(-r));
	return r < 0 ? EXIT_INTERNAL : 0;
}

static int make_wishes(struct learner *learner, struct learn *learn)
{
	size_t i, alone = 0;
	int status = 0;

	for (i = 0; i < learner->n_groups; i++)
		alone += is_alone(learner->groups[i].start);
	/* What lies in a directory lies beneath no file. */
	learn->use_submission = alone == 0 || alone == learner->n_groups;
	for (i = 0; i < learner->n_groups && !status; i++) {
		const char *submission = learner->groups[i].base.submission;

		learn->use_submission = learn->use_submission && submission && !streq(submission, "/");
		status = open_resolver(&learner->groups[i], learner->groups[i].base.loaded);
	}
	for (i = 0; i < learn->writes.n && !status; i++) {
		const struct tally_entry *entry = &learn->writes.entries[i];
		struct group *group = &learner->groups[learn_group(entry)];

		if (!may_write(entry, group->base.loaded, group->resolver))
			learn_wish_write(learn, entry, group->base.submission);
	}
	if (!status && learner->n_groups)
		learn_acts(learn);
	for (i = 0; i < learn->facts.n && !status; i++) {
		const struct tally_entry *fact = &learn->facts.entries[i];
		struct group *group = &learner->groups[learn_group(fact)];

		if (!goes_as_before(fact, group->base.loaded, group->resolver))
			learn_wish(learn, fact, group->base.submission);
	}
	return status;
}

/* ------------------------------------------------------------------ proof */

static const struct policy *asked(const struct group *group)
{
	return group->inner ? group->inner : group->learned.loaded;
}

/* Beyond this many names in a tree, more make no difference to a person. */
enum { MAX_COUNTED = 100000 };
/* How many calls of each kind are listed as "not as before". */
enum { MAX_TOLD = 20 };

static void count_names(int at, const char *name, unsigned depth, size_t *count)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	_cleanup_closedir_ DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while (*count < MAX_COUNTED && (entry = readdir(dir))) {
		if (streq(entry->d_name, ".") || streq(entry->d_name, ".."))
			continue;
		++*count;
		if (entry->d_type == DT_DIR && depth < 64)
			count_names(fd, entry->d_name, depth + 1, count);
	}
}

static void tell_acts_beyond(const struct learn *learn, struct buf *report)
{
	size_t i;

	for (i = 0; i < learn->n_directories; i++) {
		size_t count = 0;

		if (learn->directories[i].reason)
			continue;
		count_names(AT_FDCWD, learn->directories[i].path, 0, &count);
		buf_lit(report, "beyond what was seen: to read and change everything beneath ");
		text_path(report, learn->directories[i].path);
		buf_printf(report, ", now %zu%s name%s\n", count, count == MAX_COUNTED ? " or more" : "", count == 1 ? "" : "s");
	}
	if (learn_grants_forks(learn))
		buf_lit(report, "beyond what was seen: to execute the interpreter with any arguments (process: fork)\n");
	for (i = 0; i < learn->n_granted; i++)
		if (!learn->granted[i].reason && !learn->granted[i].argv) {
			buf_lit(report, "beyond what was seen: any arguments of ");
			text_path(report, learn->granted[i].path);
			buf_putc(report, '\n');
		}
}

static void tell_beyond(const struct learn *learn, struct buf *report)
{
	size_t i;

	for (i = 0; i < learn->n_rules; i++) {
		const struct learn_rule *rule = &learn->rules[i];
		size_t count = 0;

		if (rule->kind != LEARN_RULE_READ)
			continue;
		if (rule->tree) {
			count_names(AT_FDCWD, rule->path, 0, &count);
			buf_lit(report, "beyond what was seen: everything beneath ");
			text_path(report, rule->path);
			buf_printf(report, ", now %zu%s names, of which %zu were asked for\n", count,
				   count == MAX_COUNTED ? " or more" : "", rule->files);
		} else if (!(rule->flags & LEARN_READ)) {
			buf_puts(report, rule->directory ? "beyond what was seen: the names in "
							 : "beyond what was seen: the contents of ");
			text_path(report, rule->path);
			buf_lit(report, ", which was only looked at\n");
		}
	}
}

/* Grants of addresses are the same for all runs. */
static void prove_addresses(const struct learner *learner, const struct learn *learn, struct buf *report, uint64_t *proved,
			    uint64_t *refused)
{
	size_t i;

	for (i = 0; i < learn->addresses.n; i++) {
		const struct tally_entry *entry = &learn->addresses.entries[i];
		_cleanup_buf_ struct buf led_to = { 0 };
		_cleanup_free_ char *why = NULL;
		struct decision decision = { .action = ACTION_DENY };
		enum net_use use;
		const char *address = learn_address(entry, &use);

		if (learn_grants_address(learn, entry, &why))
			policy_ask_address(asked(&learner->groups[0]), learner->groups[0].resolver, use, address,
					   &led_to, &decision);
		*(decision.action == ACTION_ALLOW ? proved : refused) += entry->count;
		if (decision.action == ACTION_ALLOW)
			continue;
		buf_lit(report, "not as before: ");
		text_path(report, entry->key);
		buf_putc(report, '\n');
	}
}

static void tell_otherwise(struct buf *report, size_t *told, const char *what, const char *path)
{
	if ((*told)++ >= MAX_TOLD)
		return;
	buf_printf(report, "not as before: %s", what);
	text_path(report, path);
	buf_putc(report, '\n');
}

/* The group whose interpreter is at PATH; otherwise the first group. */
static const struct group *group_of_program(const struct learner *learner, const char *path)
{
	size_t i;

	for (i = 0; i < learner->n_groups; i++)
		if (learner->groups[i].run.interpreter && streq(learner->groups[i].run.interpreter, path))
			return &learner->groups[i];
	return &learner->groups[0];
}

static bool may_execute(const struct group *group, const struct tally_entry *entry)
{
	const struct policy *policy = asked(group);
	_cleanup_buf_ struct buf args = { 0 };
	const struct exec_rule *named, *rule;
	struct exec_ask ask = { 0 };
	struct stat st;
	bool whole = learn_program_args(entry, &args, &ask.n_args);

	if (stat(entry->note, &st) < 0 || !may_call(policy, "execve") ||
	    decide(policy, group->resolver, entry->note, WANT_LOOKUP) != ACTION_ALLOW)
		return false;
	named = policy_exec_of(policy, st.st_dev, st.st_ino);
	if (!named || policy_decide_path(policy, WANT_READ, named->path, strlen(named->path)).action != ACTION_ALLOW)
		return false;
	ask.path = named->path;
	ask.args = args.data;
	/* Unknown arguments may have been any. */
	if (!whole)
		ask = (struct exec_ask){ named->path, "", 1 };
	return policy_decide_exec(policy, &ask, NULL, &rule).action == ACTION_ALLOW && (whole || rule->any_arguments);
}

static void prove_programs(const struct learner *learner, const struct learn *learn, struct buf *report, uint64_t *proved,
			   uint64_t *refused)
{
	size_t i, told = 0;

	for (i = 0; i < learn->programs.n; i++) {
		const struct tally_entry *entry = &learn->programs.entries[i];
		bool may = may_execute(group_of_program(learner, entry->note), entry);

		*(may ? proved : refused) += entry->count;
		if (!may)
			tell_otherwise(report, &told, "executing ", *entry->note ? entry->note : "a descriptor");
	}
	for (i = 0; i < learn->processes.n; i++) {
		const struct tally_entry *entry = &learn->processes.entries[i];
		const struct policy *policy = learner->groups[0].learned.loaded;
		bool may = !learn_is_other_process(entry) && policy_makes_processes(policy) && may_call(policy, entry->note);

		*(may ? proved : refused) += entry->count;
		if (!may)
			tell_otherwise(report, &told, "making a process: ", entry->note);
	}
}

static void prove_writes(const struct learner *learner, const struct learn *learn, struct buf *report, uint64_t *proved,
			 uint64_t *refused)
{
	size_t i, told = 0;
	bool scratch = learn->scratch.count && asked(&learner->groups[0])->scratch_ref;

	*(scratch ? proved : refused) += learn->scratch.count;
	if (learn->scratch.count && !scratch)
		tell_otherwise(report, &told, "", "the scratch of the run");
	for (i = 0; i < learn->writes.n; i++) {
		const struct tally_entry *entry = &learn->writes.entries[i];
		const struct group *group = &learner->groups[learn_group(entry)];
		bool partial = learn_write_is_partial(entry),
		     may = !partial && may_write(entry, asked(group), group->resolver);

		if (may && !learn_write_is_second(entry))
			*proved += entry->count;
		if (may)
			continue;
		*refused += entry->count;
		/* Its first name was counted as proved, but the call needs both. */
		if (learn_write_is_second(entry))
			*proved -= MIN(*proved, entry->count);
		tell_otherwise(report, &told, partial ? "the log has one name alone of changing " : "changing ", tally_path(entry));
	}
}

/* Shared memory by name is the run's own, and needs no line; what another program made is not there. */
static void prove_shared(const struct learn *learn, struct buf *report, uint64_t *proved, uint64_t *refused)
{
	size_t i, told = 0;

	for (i = 0; i < learn->shared.n; i++) {
		const struct tally_entry *entry = &learn->shared.entries[i];
		bool own = learn_shared_is_own(entry);

		*(own ? proved : refused) += entry->count;
		if (!own)
			tell_otherwise(report, &told, "changing what the run did not make: ", tally_path(entry));
	}
}

/* Calls that audit mode let through and that no line can allow: no policy has to be asked. */
static void prove_refused(const struct learn *learn, struct buf *report, uint64_t *proved, uint64_t *refused)
{
	size_t i, told = 0;

	for (i = 0; i < learn->refused.n; i++) {
		const struct tally_entry *entry = &learn->refused.entries[i];
		bool stays = learn_stays_refused(learn, entry);

		if (entry->key[0] != LEARN_LET_THROUGH)
			continue;
		*(stays ? refused : proved) += entry->count;
		/* Its key is escaped already. */
		if (stays && told++ < MAX_TOLD)
			buf_printf(report, "not as before: %s\n", entry->key + LEARN_CALL);
	}
}

/* How many of the calls in LEARN go as before under the policies that the groups have learned. */
static void prove_calls(const struct learner *learner, const struct learn *learn, struct buf *report, uint64_t *proved,
			uint64_t *refused)
{
	size_t i, told = 0;

	for (i = 0; i < learn->facts.n; i++) {
		const struct tally_entry *fact = &learn->facts.entries[i];
		const struct group *group = &learner->groups[learn_group(fact)];

		if (goes_as_before(fact, asked(group), group->resolver)) {
			*proved += fact->count;
			continue;
		}
		*refused += fact->count;
		tell_otherwise(report, &told, "", tally_path(fact));
	}
	prove_addresses(learner, learn, report, proved, refused);
	prove_writes(learner, learn, report, proved, refused);
	prove_shared(learn, report, proved, refused);
	prove_programs(learner, learn, report, proved, refused);
	prove_refused(learn, report, proved, refused);
}

static int prove(struct learner *learner, const char *policy, struct buf *report)
{
	uint64_t proved = 0, refused = 0;
	size_t i;
	int status = 0;

	for (i = 0; i < learner->n_groups && !status; i++) {
		struct group *group = &learner->groups[i];

		status = load_group(group, &group->learned, policy);
		if (!status)
			status = open_resolver(group, group->learned.loaded);
	}
	if (status)
		return status == EXIT_BAD_POLICY ? EXIT_FAILURE : status;
	prove_calls(learner, &learner->learn, report, &proved, &refused);
	text_count(report, proved);
	buf_lit(report, " of ");
	text_count(report, learner->learn.calls_let_through);
	buf_lit(report, " calls that were let through or hidden go as before under this policy\n");
	return refused ? EXIT_FAILURE : 0;
}

/* ------------------------------------------------------------------ programs' own policies */

/* Is PATH granted by a line of `exec`? POLICY, if not NULL, becomes the program's own there. */
static bool grants_program(struct learn *learn, const char *path, const char *policy)
{
	bool any = false;
	size_t i;

	for (i = 0; i < learn->n_granted; i++) {
		struct learn_program *program = &learn->granted[i];

		if (program->reason || !streq(program->path, path))
			continue;
		any = true;
		program->policy = policy ? policy : program->policy;
	}
	return any;
}

/* Its calls are those of its process. Were there others in its name, then the log does not tell whose calls are whose. */
static bool is_alone_in_process(const struct own *own)
{
	return own->learn.programs.n == 0 && own->learn.processes.n == 0 && own->learn.calls > 0;
}

static void clear_own(struct learn *learn)
{
	size_t i;

	for (i = 0; i < learn->n_granted; i++)
		learn->granted[i].policy = NULL;
}

/* "learned-sort", of letters that are the same in a policy, a shell and a file's name. */
static char *own_name(const struct learner *learner, const struct own *own)
{
	const char *slash = strrchr(own->path, '/');
	char *name = xasprintf("learned-%.64s", slash ? slash + 1 : own->path), *p;
	size_t i;

	for (p = name; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", *p))
			*p = '_';
	for (i = 0; i < (size_t)(own - learner->own); i++)
		if (learner->own[i].name && streq(learner->own[i].name, name)) {
			free(name);
			return xasprintf("learned-%zu", (size_t)(own - learner->own));
		}
	return name;
}

static void merge_all(struct learn *learn)
{
	tally_merge(&learn->facts);
	tally_merge(&learn->refused);
	tally_merge(&learn->addresses);
	tally_merge(&learn->programs);
	tally_merge(&learn->processes);
	tally_merge(&learn->executed);
	tally_merge(&learn->writes);
	tally_merge(&learn->shared);
}

/* TEXT, OWN's policy, kept in memory. Its path for this process, or NULL; the caller frees it and closes RET_FD. */
static char *keep_own(const struct own *own, const struct buf *text, int *ret_fd)
{
	if (learn_needs_nothing(&own->learn))
		return xstrdup("builtin:python");
	*ret_fd = memfd_create("policy", MFD_CLOEXEC);
	if (*ret_fd < 0 || write_full(*ret_fd, text->data, text->len) < 0)
		return NULL;
	return xasprintf("/proc/self/fd/%d", *ret_fd);
}

/* Proves OWN's calls under its policy within that of each group. False: that cannot be loaded. */
static bool prove_own(const struct learner *learner, const struct own *own, uint64_t *proved, uint64_t *refused)
{
	struct learner pair = { .groups = xcalloc(learner->n_groups, sizeof(*pair.groups)), .n_groups = learner->n_groups };
	struct resolver **outer = xcalloc(learner->n_groups, sizeof(struct resolver *));
	_cleanup_buf_ struct buf report = { 0 };
	const char *name = learn_needs_nothing(&own->learn) ? "python" : own->name;
	_cleanup_buf_ struct buf text = { 0 };
	bool good = true;
	size_t i;

	learn_policy(&learner->learn, &text);
	for (i = 0; i < pair.n_groups; i++) {
		_cleanup_buf_ struct buf wrong = { 0 };
		struct group *group = &pair.groups[i];

		*group = learner->groups[i];
		group->resolver = NULL;
		group->learned = (struct policy_target){ .wrong = &wrong };
		good = good && load_group(group, &group->learned, text.data) == 0 && open_resolver(group, group->learned.loaded) == 0;
		group->learned.wrong = NULL;
	}
	for (i = 0; i < pair.n_groups && good; i++) {
		struct group *group = &pair.groups[i];
		const struct policy *within = policy_named_within(group->learned.loaded, name);

		good = within != NULL;
		if (!within)
			break;
		outer[i] = group->resolver;
		group->resolver = resolver_within(outer[i], within);
		group->inner = within;
	}
	if (good)
		prove_calls(&pair, &own->learn, &report, proved, refused);
	for (i = 0; i < pair.n_groups; i++) {
		resolver_free(pair.groups[i].resolver);
		resolver_free(outer[i]);
		policy_target_fini(&pair.groups[i].learned);
	}
	free(outer);
	free(pair.groups);
	return good;
}

/* The lines of TEXT, OWN's policy, as comments that one command makes a file of. */
static void put_own(const struct own *own, const struct buf *text, struct buf *out)
{
	const char *line;
	size_t n;

	for (line = text->data; *line; line += n + (line[n] == '\n')) {
		n = strcspn(line, "\n");
		buf_printf(out, "#%s: %.*s\n", own->name, (int)n, line);
	}
}

static void put_proved(const struct own *own, uint64_t proved, uint64_t all, struct buf *report)
{
	text_count(report, proved);
	buf_lit(report, " of ");
	text_count(report, all);
	buf_lit(report, " calls of ");
	text_path(report, own->path);
	buf_lit(report, " go as before under a policy of its own\n");
}

static int propose_own(struct learner *learner, struct own *own, struct buf *ret_policy, struct buf *report)
{
	struct learn *learn = &own->learn;
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *policy = NULL;
	_cleanup_buf_ struct buf text = { 0 };
	uint64_t proved = 0, refused = 0;
	bool good;
	int status;

	merge_all(learn);
	status = make_wishes(learner, learn);
	tally_merge(&learn->wishes);
	if (status || learn->too_many_writes || learn->wishes.n > LEARN_MAX_PATHS)
		return status;
	learn_rules(learn);
	own->name = own_name(learner, own);
	learn_own_policy(learn, own->name, &text);
	policy = keep_own(own, &text, &fd);
	if (!policy)
		return 0;
	grants_program(&learner->learn, own->path, policy);
	good = prove_own(learner, own, &proved, &refused);
	clear_own(&learner->learn);
	if (!good)
		return 0;
	put_proved(own, proved, learn->calls_let_through, report);
	buf_lit(ret_policy, "\n# ");
	text_path(ret_policy, own->path);
	if (refused) {
		buf_lit(ret_policy, ": under a policy of its own not all of its calls would go as before\n");
	} else if (learn_needs_nothing(learn)) {
		buf_lit(ret_policy, " asked for nothing but what builtin:python grants: its rules of exec could have\n"
				    "# policy: builtin:python\n");
	} else {
		buf_printf(ret_policy, " needs no more than the following, which could be a policy of its own:\n"
			   "# sed -n 's/^#%s: //p' THIS-FILE >%s.yaml, and its rules of exec get policy: ./%s.yaml\n",
			   own->name, own->name, own->name);
		put_own(own, &text, ret_policy);
	}
	return 0;
}

/* Proposes a policy of its own for each program that is granted and whose calls are known. */
static int propose_policies(struct learner *learner, struct buf *ret_policy, struct buf *report)
{
	size_t i;
	int status = 0;

	for (i = 0; i < learner->n_own && !status && !learner->lost; i++) {
		struct own *own = &learner->own[i];

		if (!grants_program(&learner->learn, own->path, NULL))
			continue;
		if (is_alone_in_process(own)) {
			status = propose_own(learner, own, ret_policy, report);
		} else if (own->learn.calls) {
			buf_lit(ret_policy, "\n# ");
			text_path(ret_policy, own->path);
			buf_lit(ret_policy, " started others: a policy of its own would be theirs too, and what they need is not told apart\n");
		}
	}
	return status;
}

static void tell_counts(const struct learn *learn, struct buf *report)
{
	size_t i, n[3] = { 0 }, programs = 0, writes = learn_grants_scratch(learn), withheld = 0, refused = 0;

	for (i = 0; i < learn->n_rules; i++)
		n[learn->rules[i].kind]++;
	for (i = 0; i < learn->n_granted; i++)
		programs += !learn->granted[i].reason;
	for (i = 0; i < learn->n_directories; i++)
		*(learn->directories[i].reason ? &withheld : &writes) += 1;
	for (i = 0; i < learn->refused.n; i++)
		refused += learn_stays_refused(learn, &learn->refused.entries[i]);
	buf_printf(report, "learned from %" PRIu64 " run%s, %" PRIu64 " calls: %zu read, %zu hide, %zu write, %zu programs, %zu addresses; %zu not granted, "
			   "%zu kinds of refusal stay\n",
		   learn->runs, learn->runs == 1 ? "" : "s", learn->calls, n[LEARN_RULE_READ], n[LEARN_RULE_HIDE], writes, programs,
		   learn->addresses.n, n[LEARN_WITHHELD] + learn->n_granted - programs + withheld, refused);
}

/* Begins LEARN, of LEARNER, with what the caller wants. */
static void begin_learn(struct learner *learner, struct learn *learn)
{
	learn_init(learn);
	learn->topic_of = syscall_topic;
	learn->collapse = learner->options->collapse;
	learn->min_runs = learner->options->min_runs;
	learn->look = look;
	learn->try_policy = try_policy;
	learn->try_arg = learner;
	learn->home = getenv("HOME");
	if (learn->home && (learn->home[0] != '/' || !learn->home[1]))
		learn->home = NULL;
}

int learn_from_logs(const struct learn_options *options, char *const *paths, size_t n, struct buf *ret_policy,
		    struct buf *report)
{
	_cleanup_(learner_fini) struct learner learner = { 0 };
	struct learn *learn = &learner.learn;
	size_t i;
	int status = 0, r;

	learner.options = options;
	begin_learn(&learner, learn);
	for (i = 0; i < n && !status; i++)
		status = read_log(&learner, options, paths[i], report);
	merge_all(learn);
	if (!status)
		status = make_wishes(&learner, learn);
	tally_merge(&learn->wishes);
	if (!status && (learn->too_many || learn->too_many_writes || learn->wishes.n > LEARN_MAX_PATHS)) {
		complain("learn: the logs name more than a policy can have: over %d %s",
			 learn->too_many ? LEARN_MAX_NEVER : learn->too_many_writes ? LEARN_MAX_WRITES : LEARN_MAX_PATHS,
			 learn->too_many ? "entries of never" : learn->too_many_writes ? "directories to write to" : "paths");
		status = EXIT_FAILURE;
	}
	if (status)
		return status;
	learn_rules(learn);
	learn_policy(learn, ret_policy);
	tell_counts(learn, report);
	status = prove(&learner, ret_policy->data, report);
	tell_beyond(learn, report);
	tell_acts_beyond(learn, report);
	r = propose_policies(&learner, ret_policy, report);
	return r ? r : status;
}
