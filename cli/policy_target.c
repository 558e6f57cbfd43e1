/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of proctor policy share: options, the interpreter, the loaded policy, and messages. */
#include "cli/policy_target.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/suggest.h"
#include "policy/exec.h"
#include "policy/source.h"
#include "supervisor/policy_facts.h"
#include "tracee/syscalls.h"

const char policy_usage[] =
	"usage: proctor policy list\n"
	"       proctor policy check POLICY...\n"
	"       proctor policy show [-r|--read PATH]... [-w|--write DIR[:QUOTA]]...\n"
	"                           [--scratch[=SIZE]] [--process fork|no]\n"
	"                           [--exec PROGRAM]... [--connect ADDRESS]...\n"
	"                           [--bind ADDRESS]... [--python PATH]\n"
	"                           [--filter|--calls] [[-p|--policy] POLICY] [SCRIPT]\n"
	"       proctor policy diff [--python PATH] [--script SCRIPT] [--json]\n"
	"                           POLICY POLICY\n"
	"       proctor policy test [-r PATH]... [-w DIR[:QUOTA]]... [--scratch[=SIZE]]\n"
	"                           [--process fork|no] [--python PATH]\n"
	"                           [--script SCRIPT] POLICY LOG\n"
	"       proctor policy test [-r PATH]... [-w DIR[:QUOTA]]... [--scratch[=SIZE]]\n"
	"                           [--process fork|no] [--python PATH]\n"
	"                           [--script SCRIPT] POLICY\n"
	"                           [--read|--stat|--lstat|--write|--exec PATH]...\n"
	"                           [--connect|--bind ADDRESS]... [--from FILE]\n"
	"                           [--under NAME|PROGRAM]\n"
	"       proctor policy test [-r PATH]... [-w DIR[:QUOTA]]... [--scratch[=SIZE]]\n"
	"                           [--process fork|no] [--python PATH]\n"
	"                           [--script SCRIPT] POLICY --cases FILE\n"
	"                           [--under NAME|PROGRAM]\n"
	"       proctor policy -h|--help\n"
	"POLICY is a YAML file, or a name of proctor policy list; see proctor-policy(5)\n";

int policy_bad_usage(const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;

	va_start(ap, format);
	text = xvasprintf(format, ap);
	va_end(ap);
	complain("policy: %s (proctor policy --help)", text);
	return EXIT_USAGE;
}

/* ------------------------------------------------------------------ what a policy is loaded for */

void policy_target_fini(struct policy_target *target)
{
	size_t i;

	policy_free(target->loaded);
	interpreter_fini(&target->interpreter);
	for (i = 0; i < target->n_queries; i++)
		free(target->queries[i].path);
	free(target->queries);
	free(target->submission);
	script_fini(&target->found);
	for (i = 0; i < ARRAY_SIZE(target->hide); i++)
		free(target->hide[i]);
	free(target->script_read);
	free(target->read);
	free(target->write);
	free(target->connect);
	free(target->bind);
	free(target->exec);
}

void policy_target_ask(struct policy_target *target, char want, const char *path)
{
	grow_array(&target->queries, &target->cap_queries, target->n_queries + 1,
		   sizeof(*target->queries));
	target->queries[target->n_queries++] = (struct query){ want, xstrdup(path) };
}

static int add(const char ***texts, size_t *n, size_t *cap, const char *value)
{
	grow_array(texts, cap, *n + 1, sizeof(**texts));
	(*texts)[(*n)++] = value;
	return -1;
}

static int set_process(struct policy_target *target, const char *value)
{
	if (!streq(value, "fork") && !streq(value, "no")) {
		complain("--process: %s is not fork or no", value);
		return EXIT_USAGE;
	}
	target->process = *value == 'f' ? PROCESS_FORK : PROCESS_NO;
	target->process_given = true;
	return -1;
}

bool policy_target_grants(const struct policy_target *target)
{
	return target->n_read || target->n_write || target->n_connect || target->n_bind || target->n_exec ||
	       target->process_given || target->scratch;
}

int policy_target_grant(struct policy_target *target, char option, const char *value)
{
	const char *wrong;

	switch (option) {
	case 'r':
		return add(&target->read, &target->n_read, &target->cap_read, value);
	case 'w':
		return add(&target->write, &target->n_write, &target->cap_write, value);
	case 'c':
		return add(&target->connect, &target->n_connect, &target->cap_connect, value);
	case 'b':
		return add(&target->bind, &target->n_bind, &target->cap_bind, value);
	case 'x':
		return add(&target->exec, &target->n_exec, &target->cap_exec, value);
	case 'f':
		return set_process(target, value);
	default:
		target->scratch = "--scratch";
		if (!value || scratch_bytes_parse(value, &target->scratch_bytes, &wrong) == 0)
			return -1;
		complain("--scratch: %s %s", value, wrong);
		return EXIT_USAGE;
	}
}

enum {
	OPT_PYTHON = 256,
	OPT_SCRATCH,
	OPT_PROCESS,
	OPT_SCRIPT,
	OPT_FILTER,
	OPT_READ,
	OPT_STAT,
	OPT_LSTAT,
	OPT_WRITE,
	OPT_EXEC,
	OPT_CONNECT,
	OPT_BIND,
	OPT_FROM,
	OPT_CASES,
	OPT_UNDER,
	OPT_CALLS,
	OPT_JSON
};

static char want_of(int option)
{
	return "rslwxcb"[option - OPT_READ];
}

/* -1: go on; otherwise the exit status. */
static int parse_option(struct policy_target *target, int option, const char *value)
{
	bool asks = option >= OPT_READ && option <= OPT_BIND;

	if (asks && option != OPT_STAT && option != OPT_LSTAT && !target->test)
		return policy_target_grant(target, want_of(option), value);
	switch (option) {
	case 'p':
		target->policy = value;
		return -1;
	case 'r':
	case 'w':
		return policy_target_grant(target, (char)option, value);
	case OPT_SCRATCH:
		return policy_target_grant(target, 's', value);
	case OPT_PROCESS:
		return policy_target_grant(target, 'f', value);
	case OPT_PYTHON:
		target->python = value;
		return -1;
	case OPT_SCRIPT:
		target->script = value;
		return -1;
	case OPT_FILTER:
		target->filter = true;
		return -1;
	case OPT_READ:
	case OPT_STAT:
	case OPT_LSTAT:
	case OPT_WRITE:
	case OPT_EXEC:
	case OPT_CONNECT:
	case OPT_BIND:
		policy_target_ask(target, want_of(option), value);
		return -1;
	case OPT_FROM:
		target->from = value;
		return -1;
	case OPT_CASES:
		target->cases = value;
		return -1;
	case OPT_UNDER:
		target->under = value;
		return -1;
	case OPT_CALLS:
		target->calls = true;
		return -1;
	case OPT_JSON:
		target->json = true;
		return -1;
	case 'h':
	default:
		return cli_usage(policy_usage, true);
	}
}

int policy_target_options(struct policy_target *target, int argc, char **argv)
{
	static const struct option options[] = {
		{ "policy", required_argument, NULL, 'p' },
		{ "python", required_argument, NULL, OPT_PYTHON },
		{ "script", required_argument, NULL, OPT_SCRIPT },
		{ "filter", no_argument, NULL, OPT_FILTER },
		{ "read", required_argument, NULL, OPT_READ },
		{ "stat", required_argument, NULL, OPT_STAT },
		{ "lstat", required_argument, NULL, OPT_LSTAT },
		{ "write", required_argument, NULL, OPT_WRITE },
		{ "scratch", optional_argument, NULL, OPT_SCRATCH },
		{ "process", required_argument, NULL, OPT_PROCESS },
		{ "exec", required_argument, NULL, OPT_EXEC },
		{ "connect", required_argument, NULL, OPT_CONNECT },
		{ "bind", required_argument, NULL, OPT_BIND },
		{ "from", required_argument, NULL, OPT_FROM },
		{ "cases", required_argument, NULL, OPT_CASES },
		{ "under", required_argument, NULL, OPT_UNDER },
		{ "calls", no_argument, NULL, OPT_CALLS },
		{ "json", no_argument, NULL, OPT_JSON },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":p:r:w:h", options, NULL)) != -1) {
		int status = option == '?' || option == ':' ? suggest_bad_option("policy", option, argv, options) :
							      parse_option(target, option, optarg);

		if (status >= 0)
			return status;
	}
	return -1;
}

/* Finds the script as proctor run does, and refuses the same. */
static int find_script(struct policy_target *target)
{
	_cleanup_buf_ struct buf message = { 0 };
	int r;

	if (!target->script)
		return 0;
	r = script_find(target->script, &target->found, &message);
	if (r == 0) {
		target->submission = xstrdup(target->found.directory);
		return 0;
	}
	complain("policy: %s", message.data);
	return r == -EXDEV ? EXIT_CANNOT_EXEC : EXIT_NOT_FOUND;
}

/* A call of the group RULE that CPython cannot do without, or NULL. */
static const char *needed_of(const struct policy *policy, const struct call_rule *rule)
{
	unsigned nr;

	for (nr = 0; nr < syscall_limit(); nr++) {
		const struct syscall_row *row = syscall_row(nr);
		struct decision decision;

		if (row && group_has(rule->name + 1, (enum topic)row->topic) && policy_is_needed(row->name) &&
		    policy_forbids_row(policy, row, &decision))
			return row->name;
	}
	return NULL;
}

/* This room, unlike policy/, knows the system calls; a `never` with an unknown name would forbid nothing. */
void policy_check_syscalls(const struct policy *policy, struct buf *messages)
{
	size_t i;

	for (i = 0; i < policy->n_calls; i++) {
		const struct call_rule *rule = &policy->calls[i];
		const char *key = rule->never ? "never" : "refuse", *needed = *rule->name == '@' ? needed_of(policy, rule) : NULL;

		if (*rule->name != '@' && syscall_number(rule->name) < 0) {
			text_args(messages, rule->ref);
			buf_printf(messages, ": warning: %s: there is no system call %s\n", key, rule->name);
		} else if (needed) {
			text_args(messages, rule->ref);
			buf_printf(messages, ": warning: %s: in %s is %s, without which CPython as it is usually built does not start\n",
				   key, rule->name, needed);
		}
	}
	for (i = 0; i < policy->n_narrower; i++)
		policy_check_syscalls(policy->narrower[i], messages);
}

int policy_target_load(struct policy_target *target)
{
	struct policy_context context = { 0 };
	_cleanup_buf_ struct buf messages = { 0 };
	struct policy_source *source;
	const char *python;
	int r = find_script(target);

	if (r)
		return r;
	r = target->text ? policy_source_text(target->text, strlen(target->text), target->policy, &source, &messages) :
			   policy_source_read(target->policy ? target->policy : "builtin:pure", &source, &messages);
	if (r < 0) {
		fputs(messages.data, stderr);
		return EXIT_BAD_POLICY;
	}
	python = target->python ? target->python : source->python ? source->python : "python3";
	r = interpreter_find(python, getenv("PATH"), target->script, &target->interpreter, &messages);
	if (r < 0) {
		policy_source_free(source);
		complain("policy: %s", messages.data);
		return r == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;
	}
	context.interpreter = &target->interpreter;
	context.submission = target->submission;
	context.lint = !target->submission;
	context.hide = (const char *const *)target->hide;
	context.n_hide = !target->hide[0] ? 0 : target->hide[1] ? 2 : 1;
	if (target->script_read && access(target->script_read, F_OK) == 0)
		parse_option(target, 'r', target->script_read);
	context.read = target->read;
	context.n_read = target->n_read;
	context.write = target->write;
	context.n_write = target->n_write;
	context.connect = target->connect;
	context.n_connect = target->n_connect;
	context.bind = target->bind;
	context.n_bind = target->n_bind;
	context.exec = target->exec;
	context.n_exec = target->n_exec;
	context.process = target->process;
	context.process_ref = target->process_given ? "--process" : NULL;
	context.scratch_wanted = target->scratch;
	context.scratch_bytes = target->scratch_bytes;
	context.script = target->found.name;
	context.script_real = target->found.real;
	r = policy_load_source(source, &context, &target->loaded, &messages);
	if (r == 0)
		policy_check_syscalls(target->loaded, &messages);
	if (r < 0 && target->wrong)
		buf_puts(target->wrong, messages.len ? messages.data : strerror(-r));
	else if (messages.len && (r < 0 || !target->quiet))
		fputs(messages.data, stderr);
	return r < 0 ? EXIT_BAD_POLICY : 0;
}

/* The policy that POLICY's rules of `exec` give the program at PATH. NULL: said. */
static const struct policy *policy_of_file(const struct policy *policy, const char *path)
{
	const struct policy *found = NULL;
	bool several = false;
	struct stat st;
	size_t i;

	if (stat(path, &st) < 0) {
		complain("--under %s: %s", path, strerror(errno));
		return NULL;
	}
	for (i = 0; i < policy->n_execs; i++) {
		const struct exec_rule *rule = &policy->execs[i];
		const struct policy *its = policy_of_program(policy, rule);

		if (rule->dev != st.st_dev || rule->ino != st.st_ino)
			continue;
		several = several || (found && its != found);
		found = its;
	}
	if (!found)
		complain("--under %s: no rule of exec names that program", path);
	else if (several)
		complain("--under %s: its rules give it several policies: name one", path);
	else if (found == policy)
		complain("--under %s: it gets no policy of its own, and is under the run's", path);
	return several || found == policy ? NULL : found;
}

/* The policy that --under means. NULL: said. */
static const struct policy *policy_under(const struct policy *policy, const char *under)
{
	const struct policy *named;

	if (strchr(under, '/'))
		return policy_of_file(policy, under);
	named = policy_named_within(policy, under);
	if (!named)
		complain("--under %s: no program of this policy gets one of that name", under);
	return named;
}

int policy_target_ask_begin(struct policy_target *target, struct asked_policy *ret_asked)
{
	int r = policy_target_load(target);

	*ret_asked = (struct asked_policy){ .policy = target->loaded };
	if (r)
		return r;
	r = resolver_new(target->loaded, NULL, &ret_asked->resolver);
	if (r < 0) {
		complain("%s", strerror(-r));
		return EXIT_INTERNAL;
	}
	if (!target->under)
		return 0;
	ret_asked->policy = policy_under(target->loaded, target->under);
	if (!ret_asked->policy)
		return EXIT_USAGE;
	ret_asked->outer = steal_ptr(&ret_asked->resolver);
	ret_asked->resolver = resolver_within(ret_asked->outer, ret_asked->policy);
	return 0;
}

void asked_policy_fini(struct asked_policy *asked)
{
	resolver_free(asked->resolver);
	resolver_free(asked->outer);
	*asked = (struct asked_policy){ 0 };
}

const char *policy_resolve(struct resolver *resolver, const char *path, unsigned flags, struct object *ret_object)
{
	resolve(resolver, getpid(), gettid(), AT_FDCWD, INT_MAX, path, strlen(path), flags, ret_object);
	return ret_object->len ? ret_object->path : "/";
}

bool policy_ask_path(const struct policy *policy, struct resolver *resolver, unsigned want, const char *path,
		     unsigned flags, struct object *ret_object, struct decision *ret_decision, const char **ret_path)
{
	const char *found = policy_resolve(resolver, path, flags, ret_object);

	/* Only something with a path can be executed. */
	if (ret_object->state == OBJECT_DESCRIPTOR && want == WANT_EXEC)
		*ret_decision = policy_decide_refused(policy, 0);
	else if (ret_object->state == OBJECT_DESCRIPTOR || ret_object->state == OBJECT_ERROR)
		return false;
	else
		*ret_decision = policy_decide_path(policy, want, found, strlen(found));
	*ret_path = found;
	return true;
}

bool policy_is_address(enum net_use use, const char *text, const char **ret_wrong)
{
	struct net_rule rule;
	bool one;

	if (!net_parse(text, use, &rule, ret_wrong))
		return false;
	one = rule.address.transport == NET_UNIX || (!rule.any_port && rule.bits == (rule.address.ipv6 ? 128 : 32));
	net_rule_fini(&rule);
	*ret_wrong = "one address is asked for, not a range of them";
	return one;
}

void policy_ask_address(const struct policy *policy, struct resolver *resolver, enum net_use use, const char *text,
			struct buf *ret_address, struct decision *ret_decision)
{
	struct object object = OBJECT_INIT;
	struct net_address address;
	struct net_rule rule;
	const char *wrong;

	if (!net_parse(text, use, &rule, &wrong)) {
		*ret_decision = policy_decide_refused(policy, 0);
		return;
	}
	address = rule.address;
	if (address.transport == NET_UNIX && !address.abstract) {
		address.name = policy_resolve(resolver, rule.name, RESOLVE_FOLLOW, &object);
		address.len = strlen(address.name);
	}
	net_put_address(ret_address, &address);
	*ret_decision = policy_decide_address(policy, use, &address);
	net_rule_fini(&rule);
	object_fini(&object);
}

int policy_print(const struct buf *out)
{
	if (out->len && fwrite(out->data, 1, out->len, stdout) != out->len)
		goto failed;
	if (fflush(stdout) == 0)
		return EXIT_SUCCESS;
failed:
	complain("policy: standard output: %s", strerror(errno));
	return EXIT_INTERNAL;
}

