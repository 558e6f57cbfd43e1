/* SPDX-License-Identifier: Apache-2.0 */
/* proctor policy test: decide paths, or what a log recorded, under another policy. */
#include "cli/policy_target.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/names.h"
#include "base/text.h"
#include "cli/recorded_run.h"
#include "report/refusal_record.h"
#include "supervisor/policy_facts.h"
#include "supervisor/resolve.h"
#include "tracee/syscalls.h"

/* ------------------------------------------------------------------ paths */

static const struct ask {
	const char *name;
	unsigned want;
	unsigned flags; /* enum resolve_flags */
} asks[] = {
	['r'] = { "read", WANT_READ, RESOLVE_FOLLOW },
	['s'] = { "stat", WANT_LOOKUP, RESOLVE_FOLLOW },
	['l'] = { "lstat", WANT_LOOKUP, 0 },
	['w'] = { "write", WANT_WRITE, RESOLVE_FOLLOW },
	['x'] = { "exec", WANT_EXEC, RESOLVE_FOLLOW },
};

static void put_rule(struct buf *out, const struct rule *rule)
{
	buf_printf(out, "  (%s ", rule->id);
	text_args(out, rule->ref);
	buf_putc(out, ')');
}

static void tell_decision(const struct decision *decision, const struct ask *ask,
			  const char *path, struct buf *out, int *ret_status)
{
	buf_printf(out, "%-5s  %-5s  ", action_name(decision->action), ask->name);
	text_path(out, path);
	if (decision->err)
		buf_printf(out, "  %s", errno_name(decision->err));
	put_rule(out, &decision->rule);
	buf_putc(out, '\n');
	if (decision->violation)
		*ret_status = EXIT_FAILURE;
}

/* False, with a message: it is no address. */
static bool test_address(struct resolver *resolver, const struct policy *policy, const struct query *query,
			 struct buf *out, int *ret_status)
{
	enum net_use use = query->want == 'c' ? NET_CONNECT : NET_BIND;
	_cleanup_buf_ struct buf address = { 0 };
	struct decision decision;
	const char *wrong;

	if (!policy_is_address(use, query->path, &wrong)) {
		complain("policy: %s: %s", query->path, wrong);
		return false;
	}
	policy_ask_address(policy, resolver, use, query->path, &address, &decision);
	buf_printf(out, "%-5s  %-5s  ", action_name(decision.action), net_use_name(use));
	text_path(out, address.data);
	if (decision.err)
		buf_printf(out, "  %s", errno_name(decision.err));
	put_rule(out, &decision.rule);
	buf_putc(out, '\n');
	if (decision.violation)
		*ret_status = EXIT_FAILURE;
	return true;
}

static void test_path(struct resolver *resolver, const struct policy *policy,
		      const struct query *query, struct buf *out, int *ret_status)
{
	const struct ask *ask = &asks[(unsigned char)query->want];
	struct object object = OBJECT_INIT;
	struct decision decision;
	const char *path;

	if (policy_ask_path(policy, resolver, ask->want, query->path, ask->flags, &object, &decision, &path)) {
		tell_decision(&decision, ask, path, out, ret_status);
	} else if (object.state == OBJECT_DESCRIPTOR) {
		buf_printf(out, "allow  %-5s  ", ask->name);
		text_path(out, query->path);
		buf_lit(out, "  (a descriptor of the program's own)\n");
	} else {
		buf_printf(out, "error  %-5s  ", ask->name);
		text_path(out, query->path);
		buf_printf(out, "  %s\n", errno_name(object.err));
	}
	object_fini(&object);
}

/* Lines "WANT PATH" of FILE, where WANT is the name of one of the options. */
static int add_queries_from(struct policy_target *target, const char *file)
{
	_cleanup_fclose_ FILE *f =
		streq(file, "-") ? fdopen(dup(STDIN_FILENO), "r") : fopen(file, "re");
	_cleanup_free_ char *line = NULL;
	size_t cap = 0, number = 0;
	ssize_t n;

	if (!f) {
		complain("policy: %s: %s", file, strerror(errno));
		return EXIT_NOT_FOUND;
	}
	while ((n = getline(&line, &cap, f)) > 0) {
		static const char *const words[] = { "read ", "stat ",	  "lstat ", "write ",
						     "exec ", "connect ", "bind " };
		const char *path = NULL;
		size_t i;

		number++;
		if (line[n - 1] == '\n')
			line[--n] = '\0';
		for (i = 0; i < ARRAY_SIZE(words) && !path; i++)
			if ((path = after_prefix(line, words[i])) && *path)
				policy_target_ask(target, "rslwxcb"[i], path);
		if (!path || strlen(line) != (size_t)n) {
			complain("policy: %s:%zu: expected read, stat, lstat, write or exec and a "
				 "path, or connect or bind and an address",
				 file, number);
			return EXIT_USAGE;
		}
	}
	return 0;
}

static int test_paths(struct policy_target *target)
{
	_cleanup_buf_ struct buf out = { 0 };
	_cleanup_(asked_policy_fini) struct asked_policy asked = { 0 };
	int status = EXIT_SUCCESS, r = target->from ? add_queries_from(target, target->from) : 0;
	size_t i;

	if (r)
		return r;
	r = policy_target_ask_begin(target, &asked);
	if (r)
		return r;
	for (i = 0; i < target->n_queries; i++) {
		const struct query *query = &target->queries[i];

		if (query->want != 'c' && query->want != 'b')
			test_path(asked.resolver, asked.policy, query, &out, &status);
		else if (!test_address(asked.resolver, asked.policy, query, &out, &status))
			status = EXIT_USAGE;
	}
	r = policy_print(&out);
	return r ? r : status;
}

/* ------------------------------------------------------------------ a log */

/* A change of decision that was seen, and how often; kept in the order of first appearance. */
struct change {
	char *text;
	uint64_t count, first;
};

struct comparison {
	struct policy_target *target;
	struct run_info run;
	struct change *changes;
	size_t n_changes, cap_changes;
	uint64_t calls, undecided, changed;
};

#define MAX_CHANGES 10000

static void comparison_fini(struct comparison *c)
{
	size_t i;

	run_info_fini(&c->run);
	for (i = 0; i < c->n_changes; i++)
		free(c->changes[i].text);
	free(c->changes);
}

static void note_change(struct comparison *c, const char *text, uint64_t sequence)
{
	size_t i;

	c->changed++;
	for (i = c->n_changes; i-- > 0;)
		if (streq(c->changes[i].text, text)) {
			c->changes[i].count++;
			return;
		}
	if (c->n_changes == MAX_CHANGES)
		return;
	grow_array(&c->changes, &c->cap_changes, c->n_changes + 1, sizeof(*c->changes));
	c->changes[c->n_changes++] = (struct change){ xstrdup(text), 1, sequence };
}

/* How POLICY decides the recorded call; false when the record does not tell enough. */
static bool decide_again(const struct policy *policy, const struct refusal *r, const char *then, const char *rule,
			 struct decision *ret_decision)
{
	unsigned want = refusal_want(r);

	if (r->ruleset)
		policy = policy_named_within(policy, r->ruleset);
	if (!policy)
		return false;
	if (r->syscall && policy_forbids_call(policy, r->syscall, ret_decision))
		return true;
	/* One of the program's own descriptors, or its own executable: no policy is asked. */
	if (streq(then, "none") || (rule && streq(rule, "descriptor")))
		return false;
	if (rule && streq(rule, "syscall")) {
		/* ENOSYS for calls that libraries do without, EEXIST for mkdir, and errors that the kernel itself
		 * would return (EFAULT, ENAMETOOLONG) are the same under every policy. */
		if (streq(then, action_name(ACTION_HIDE)) || streq(then, action_name(ACTION_ALLOW)))
			return false;
		*ret_decision = policy_decide_refused(policy, r->err ? errno_from_name(r->err) : 0);
		return true;
	}
	if (r->address) {
		enum net_use use = streq(r->syscall, "bind") || streq(r->syscall, "listen") ? NET_BIND : NET_CONNECT;
		struct net_rule rule_of_it;
		const char *wrong;

		if (!net_parse(r->address, use, &rule_of_it, &wrong))
			return false;
		*ret_decision = policy_decide_address(policy, use, &rule_of_it.address);
		net_rule_fini(&rule_of_it);
		return true;
	}
	if (!r->path || r->path[0] != '/' || !want)
		return false;
	*ret_decision = policy_decide_path(policy, want, r->path, strlen(r->path));
	/* Whether a program was executed with these arguments once too often, the record does not tell. */
	return !(rule && after_prefix(rule, "exec.") && ret_decision->action == ACTION_ALLOW);
}

static void compare_call(struct comparison *c, const struct log_record *record)
{
	struct refusal_record call;
	struct decision now;
	const char *then = json_text(record->json, "decision.action");
	_cleanup_buf_ struct buf text = { 0 };

	refusal_record_from_any(&call, record->json, &c->run);
	/* Records of allowed calls do not have the topic; take it from the table of calls. */
	call.r.topic = syscall_topic(call.r.syscall);
	c->calls++;
	if (!then ||
	    !decide_again(c->target->loaded, &call.r, then, json_text(record->json, "rule.id"), &now)) {
		c->undecided++;
	} else if (!streq(then, action_name(now.action))) {
		text_path(&text, then);
		buf_printf(&text, " -> %s  ", action_name(now.action));
		text_args(&text, call.r.syscall ? call.r.syscall : "?");
		buf_lit(&text, "  ");
		if (call.r.path || call.r.address)
			text_path(&text, call.r.path ? call.r.path : call.r.address);
		put_rule(&text, &now.rule);
		note_change(c, text.data, record->sequence);
	}
	refusal_record_fini(&call);
}

/* Loads the policy for the interpreter and submission that the start record names. */
static int begin_comparison(struct comparison *c, const struct log_record *record)
{
	struct policy_target *target = c->target;

	if (record)
		run_info_take(&c->run, record);
	policy_target_from_log(target, &c->run, record ? record->json : NULL);
	return policy_target_load(target);
}

static int tell_changes(const struct comparison *c, const struct log_health *health)
{
	_cleanup_buf_ struct buf out = { 0 };
	size_t i;
	int r;

	log_health_tell(health, &out);
	for (i = 0; i < c->n_changes; i++)
		buf_printf(&out, "#%" PRIu64 "  %s  x%" PRIu64 "\n", c->changes[i].first,
			   c->changes[i].text, c->changes[i].count);
	buf_printf(&out, "%" PRIu64 " of %" PRIu64 " calls would be decided otherwise", c->changed,
		   c->calls);
	if (c->undecided)
		buf_printf(&out, "; %" PRIu64 " do not depend on the policy or tell too little",
			   c->undecided);
	if (!log_is_whole(health))
		buf_lit(&out, "; of what the log lacks nothing is known");
	buf_putc(&out, '\n');
	r = policy_print(&out);
	return r ? r : c->changed || !log_is_whole(health) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int test_log(struct policy_target *target, const char *path)
{
	_cleanup_(comparison_fini) struct comparison c = { .target = target };
	struct log_reader *reader = NULL;
	struct log_record record;
	int r = log_open(path, &reader), status = 0;

	run_info_init(&c.run);
	if (r < 0) {
		complain("policy: %s: %s", path, strerror(-r));
		return EXIT_NOT_FOUND;
	}
	while (!status && (r = log_next(reader, &record)) > 0) {
		if (!target->loaded && (record.kind == RECORD_START || record.kind == RECORD_CALL))
			status = begin_comparison(&c, record.kind == RECORD_START ? &record : NULL);
		if (!status && record.kind == RECORD_CALL)
			compare_call(&c, &record);
	}
	if (!status && r < 0) {
		complain("policy: %s: %s", path, strerror(-r));
		status = EXIT_INTERNAL;
	}
	if (!status && log_is_foreign(log_health(reader))) {
		complain("policy: %s: is no proctor log", path);
		status = EXIT_FAILURE;
	}
	if (!status)
		status = tell_changes(&c, log_health(reader));
	log_close(reader);
	return status;
}

int policy_test(int argc, char **argv)
{
	_cleanup_(policy_target_fini) struct policy_target target = { .test = true };
	int status = policy_target_options(&target, argc, argv);
	bool paths = target.n_queries || target.from;

	if (status >= 0)
		return status;
	if (!target.policy && optind < argc)
		target.policy = argv[optind++];
	if (!target.policy)
		return policy_bad_usage("test: no policy given");
	if (target.under && !target.cases && !paths)
		return policy_bad_usage("test: --under is for questions; the records of a log say what each program was under");
	if (target.cases)
		return paths || argc > optind ? policy_bad_usage("test: either cases, or a log, or paths") : policy_test_cases(&target);
	if (argc - optind != (paths ? 0 : 1))
		return policy_bad_usage(paths ? "test: either a log or paths"
					      : "test: expected one log");
	return paths ? test_paths(&target) : test_log(&target, argv[optind]);
}
