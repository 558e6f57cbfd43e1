/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proctor policy: check a policy file, show what it amounts to for a program, and decide again
 * what a log recorded or what is asked on the command line.
 */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/names.h"
#include "policy/interpreter.h"
#include "policy/text.h"
#include "report/refusal_record.h"
#include "supervisor/resolve.h"
#include "tracee/filter.h"

static const char usage[] =
	"usage: proctor policy check POLICY...\n"
	"       proctor policy show [-r|--read PATH]... [--python PATH] [--filter] [[-p] POLICY] [SCRIPT]\n"
	"       proctor policy test [-r PATH]... [--python PATH] [--script SCRIPT] POLICY LOG\n"
	"       proctor policy test [-r PATH]... [--python PATH] [--script SCRIPT] POLICY\n"
	"                           [--read|--stat|--lstat|--write|--exec PATH]... [--from FILE]\n"
	"POLICY is a YAML file, builtin:pure or builtin:python; see proctor-policy(5)\n";

static int bad_usage(const char *format, ...) _printf_(1, 2);
static int bad_usage(const char *format, ...)
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

struct query {
	char want; /* r, s, l (a link itself), w or x */
	char *path;
};

/* Options that show and test share, and what is made of them. */
struct target {
	const char *policy, *script, *python;
	const char **read;
	size_t n_read, cap_read;
	struct query *queries;
	size_t n_queries, cap_queries;
	const char *from;
	bool filter;
	bool test; /* --read asks; otherwise it grants, as for proctor run */

	struct interpreter interpreter;
	char *submission;
	struct policy *loaded;
};

static void target_fini(struct target *target)
{
	size_t i;

	policy_free(target->loaded);
	interpreter_fini(&target->interpreter);
	for (i = 0; i < target->n_queries; i++)
		free(target->queries[i].path);
	free(target->queries);
	free(target->submission);
	free(target->read);
}

static void add_query(struct target *target, char want, const char *path)
{
	grow_array(&target->queries, &target->cap_queries, target->n_queries + 1, sizeof(*target->queries));
	target->queries[target->n_queries++] = (struct query){ want, xstrdup(path) };
}

enum { OPT_PYTHON = 256, OPT_SCRIPT, OPT_FILTER, OPT_READ, OPT_STAT, OPT_LSTAT, OPT_WRITE, OPT_EXEC, OPT_FROM };

/* -1: go on; otherwise the exit status. */
static int parse_option(struct target *target, int option, const char *value)
{
	if (option == OPT_READ && !target->test)
		option = 'r';
	switch (option) {
	case 'p':
		target->policy = value;
		return -1;
	case 'r':
		grow_array(&target->read, &target->cap_read, target->n_read + 1, sizeof(*target->read));
		target->read[target->n_read++] = value;
		return -1;
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
		add_query(target, "rslwx"[option - OPT_READ], value);
		return -1;
	case OPT_FROM:
		target->from = value;
		return -1;
	case 'h':
		fputs(usage, stdout);
		return EXIT_SUCCESS;
	default:
		return bad_usage("bad option or missing value");
	}
}

static int parse_options(struct target *target, int argc, char **argv)
{
	static const struct option options[] = {
		{ "policy", required_argument, NULL, 'p' },
		{ "python", required_argument, NULL, OPT_PYTHON }, { "script", required_argument, NULL, OPT_SCRIPT },
		{ "filter", no_argument, NULL, OPT_FILTER },	  { "read", required_argument, NULL, OPT_READ },
		{ "stat", required_argument, NULL, OPT_STAT },	  { "lstat", required_argument, NULL, OPT_LSTAT },
	  { "write", required_argument, NULL, OPT_WRITE },
		{ "exec", required_argument, NULL, OPT_EXEC },	  { "from", required_argument, NULL, OPT_FROM },
		{ "help", no_argument, NULL, 'h' },		  { 0 },
	};
	int option;

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "p:r:h", options, NULL)) != -1) {
		int status = parse_option(target, option, optarg);

		if (status >= 0)
			return status;
	}
	return -1;
}

static bool names_policy(const char *arg)
{
	const char *dot = strrchr(arg, '.');

	return after_prefix(arg, "builtin:") || streq(arg, "pure") || streq(arg, "python") ||
	       (dot && (streq(dot, ".yaml") || streq(dot, ".yml") || streq(dot, ".json")));
}

/* The canonical directory of the script, as the supervisor will have it. */
static int find_submission(struct target *target)
{
	char *real, *slash;

	if (!target->script)
		return 0;
	real = realpath(target->script, NULL);
	if (!real) {
		complain("policy: %s: %s", target->script, strerror(errno));
		return EXIT_NOT_FOUND;
	}
	slash = strrchr(real, '/');
	slash[slash == real] = '\0';
	target->submission = real;
	return 0;
}

static int load(struct target *target)
{
	struct policy_context context = { 0 };
	_cleanup_buf_ struct buf messages = { 0 };
	int r = find_submission(target);

	if (r)
		return r;
	r = interpreter_find(target->python ? target->python : "python3", getenv("PATH"), target->script,
			     &target->interpreter, &messages);
	if (r < 0) {
		complain("policy: %s", messages.data);
		return r == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;
	}
	context.interpreter = &target->interpreter;
	context.submission = target->submission;
	context.lint = !target->submission;
	context.read = target->read;
	context.n_read = target->n_read;
	r = policy_load(target->policy ? target->policy : "builtin:pure", &context, &target->loaded, &messages);
	if (messages.len)
		fputs(messages.data, stderr);
	return r < 0 ? EXIT_BAD_POLICY : 0;
}

static int flush_output(struct buf *out)
{
	if (out->len && fwrite(out->data, 1, out->len, stdout) != out->len)
		goto failed;
	if (fflush(stdout) == 0)
		return EXIT_SUCCESS;
failed:
	complain("policy: standard output: %s", strerror(errno));
	return EXIT_INTERNAL;
}

/* ------------------------------------------------------------------ check */

/* Only here is it known which system calls there are; a name that is none would forbid nothing. */
static void check_syscalls(const struct policy *policy, struct buf *messages)
{
	size_t i;

	for (i = 0; i < policy->n_never_syscalls; i++)
		if (syscall_number(policy->never_syscalls[i]) < 0)
			buf_printf(messages, "%s: warning: never: there is no system call %s\n", policy->file,
				   policy->never_syscalls[i]);
}

static int check_one(const char *file)
{
	struct policy_context context = { .lint = true };
	_cleanup_buf_ struct buf messages = { 0 };
	struct policy *policy = NULL;
	int r = policy_load(file, &context, &policy, &messages);

	if (r == 0)
		check_syscalls(policy, &messages);
	if (messages.len)
		fputs(messages.data, stderr);
	policy_free(policy);
	return r < 0 ? EXIT_BAD_POLICY : EXIT_SUCCESS;
}

static int policy_check(int argc, char **argv)
{
	_cleanup_(target_fini) struct target target = { 0 };
	int status = parse_options(&target, argc, argv), worst = EXIT_SUCCESS;

	if (status >= 0)
		return status;
	if (optind == argc)
		return bad_usage("check: no policy given");
	for (; optind < argc; optind++) {
		status = check_one(argv[optind]);
		worst = MAX(worst, status);
	}
	return worst;
}

/* ------------------------------------------------------------------ show */

static int show_filter(void)
{
	static const struct reg_values values = { 0 };
	static struct filter filter;
	_cleanup_buf_ struct buf out = { 0 };
	int r = filter_compile(&values, false, &filter);

	if (r < 0) {
		complain("policy: filter: %s", strerror(-r));
		return EXIT_INTERNAL;
	}
	filter_print(&filter, &out);
	return flush_output(&out);
}

static void show_interpreter(const struct target *target, struct buf *out)
{
	const struct interpreter *in = &target->interpreter;

	buf_lit(out, "# program: ");
	text_path(out, in->exe);
	if (in->is_python) {
		buf_printf(out, " (CPython %d.%d, prefix ", in->major, in->minor);
		text_path(out, in->prefix);
		buf_lit(out, ")");
	}
	buf_putc(out, '\n');
	if (!target->submission)
		buf_lit(out, "# without a script: rules with %{submission} are left out\n");
}

static int policy_show_command(int argc, char **argv)
{
	_cleanup_(target_fini) struct target target = { 0 };
	_cleanup_buf_ struct buf out = { 0 };
	int status = parse_options(&target, argc, argv);

	if (status >= 0)
		return status;
	if (target.n_queries || target.from)
		return bad_usage("show: --stat, --lstat, --write, --exec and --from belong to test");
	for (; optind < argc; optind++) {
		const char **place = !target.policy && names_policy(argv[optind]) ? &target.policy : &target.script;

		if (*place)
			return bad_usage("show: %s: one policy and one script at most", argv[optind]);
		*place = argv[optind];
	}
	status = load(&target);
	if (status)
		return status;
	if (target.filter)
		return show_filter();
	show_interpreter(&target, &out);
	policy_show(target.loaded, &out);
	return flush_output(&out);
}

/* ------------------------------------------------------------------ test: paths */

static const struct ask {
	const char *name;
	unsigned want;
	unsigned flags; /* enum resolve_flags */
} asks[] = {
	['r'] = { "read", WANT_READ, RESOLVE_FOLLOW },	 ['s'] = { "stat", WANT_LOOKUP, RESOLVE_FOLLOW },
	['l'] = { "lstat", WANT_LOOKUP, 0 },		 ['w'] = { "write", WANT_WRITE, RESOLVE_FOLLOW },
	['x'] = { "exec", WANT_EXEC, RESOLVE_FOLLOW },
};

static void tell_decision(const struct policy *policy, const struct ask *ask, const struct object *object,
			  struct buf *out, int *ret_status)
{
	const char *path = object->len ? object->path : "/";
	struct decision decision = policy_decide_path(policy, ask->want, path, strlen(path));

	buf_printf(out, "%-5s  %-5s  ", action_name(decision.action), ask->name);
	text_path(out, path);
	if (decision.err)
		buf_printf(out, "  %s", errno_name(decision.err));
	buf_printf(out, "  (%s %s)\n", decision.rule.id, decision.rule.ref);
	if (decision.violation)
		*ret_status = EXIT_FAILURE;
}

/* Resolved as the supervisor would for a program that runs here and now. */
static void test_path(struct resolver *resolver, const struct policy *policy, const struct query *query,
		      struct buf *out, int *ret_status)
{
	const struct ask *ask = &asks[(unsigned char)query->want];
	struct object object = OBJECT_INIT;

	resolve(resolver, getpid(), gettid(), AT_FDCWD, INT_MAX, query->path, strlen(query->path), ask->flags,
		&object);
	if (object.state == OBJECT_DESCRIPTOR) {
		buf_printf(out, "allow  %-5s  ", ask->name);
		text_path(out, query->path);
		buf_lit(out, "  (a descriptor of the program's own)\n");
	} else if (object.state == OBJECT_ERROR) {
		buf_printf(out, "error  %-5s  ", ask->name);
		text_path(out, query->path);
		buf_printf(out, "  %s\n", errno_name(object.err));
	} else {
		tell_decision(policy, ask, &object, out, ret_status);
	}
	object_fini(&object);
}

/* Lines "WANT PATH" of FILE, where WANT is the name of one of the options. */
static int add_queries_from(struct target *target, const char *file)
{
	_cleanup_fclose_ FILE *f = streq(file, "-") ? fdopen(dup(STDIN_FILENO), "r") : fopen(file, "re");
	_cleanup_free_ char *line = NULL;
	size_t cap = 0, number = 0;
	ssize_t n;

	if (!f) {
		complain("policy: %s: %s", file, strerror(errno));
		return EXIT_NOT_FOUND;
	}
	while ((n = getline(&line, &cap, f)) > 0) {
		static const char *const words[] = { "read ", "stat ", "lstat ", "write ", "exec " };
		const char *path = NULL;
		size_t i;

		number++;
		if (line[n - 1] == '\n')
			line[--n] = '\0';
		for (i = 0; i < ARRAY_SIZE(words) && !path; i++)
			if ((path = after_prefix(line, words[i])) && *path)
				add_query(target, "rslwx"[i], path);
		if (!path || strlen(line) != (size_t)n) {
			complain("policy: %s:%zu: expected read, stat, lstat, write or exec and a path", file, number);
			return EXIT_USAGE;
		}
	}
	return 0;
}

static int test_paths(struct target *target)
{
	_cleanup_buf_ struct buf out = { 0 };
	struct resolver *resolver = NULL;
	int status = EXIT_SUCCESS, r = target->from ? add_queries_from(target, target->from) : 0;
	size_t i;

	if (r)
		return r;
	r = load(target);
	if (r)
		return r;
	r = resolver_new(target->loaded, &resolver);
	if (r < 0) {
		complain("policy: %s", strerror(-r));
		return EXIT_INTERNAL;
	}
	for (i = 0; i < target->n_queries; i++)
		test_path(resolver, target->loaded, &target->queries[i], &out, &status);
	resolver_free(resolver);
	r = flush_output(&out);
	return r ? r : status;
}

/* ------------------------------------------------------------------ test: a log */

/* A change of decision that was seen, and how often; kept in the order of first appearance. */
struct change {
	char *text;
	uint64_t count, first;
};

struct comparison {
	struct target *target;
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

/* What POLICY says to the recorded call; false when the record does not tell enough. */
static bool decide_again(const struct policy *policy, const struct refusal *r, const char *rule,
			 struct decision *ret_decision)
{
	unsigned want = refusal_want(r);

	if (r->syscall && policy_forbids(policy, r->syscall)) {
		*ret_decision = policy_decide_refused(policy, 0);
		return true;
	}
	if (rule && streq(rule, "syscall")) {
		*ret_decision = policy_decide_refused(policy, r->err ? errno_from_name(r->err) : 0);
		return true;
	}
	if (!r->path || r->path[0] != '/' || !want)
		return false;
	*ret_decision = policy_decide_path(policy, want, r->path, strlen(r->path));
	return true;
}

static void compare_call(struct comparison *c, const struct log_record *record)
{
	struct refusal_record call;
	struct decision now;
	const char *then = json_text(record->json, "decision.action");
	_cleanup_buf_ struct buf text = { 0 };

	refusal_record_from_any(&call, record->json, &c->run);
	c->calls++;
	if (!then || !decide_again(c->target->loaded, &call.r, json_text(record->json, "rule.id"), &now)) {
		c->undecided++;
	} else if (!streq(then, action_name(now.action))) {
		text_path(&text, then);
		buf_printf(&text, " -> %s  %s  ", action_name(now.action), call.r.syscall ? call.r.syscall : "?");
		if (call.r.path)
			text_path(&text, call.r.path);
		buf_printf(&text, "  (%s %s)", now.rule.id, now.rule.ref);
		note_change(c, text.data, record->sequence);
	}
	refusal_record_fini(&call);
}

/* The start record says which interpreter and submission the run had. */
static int begin_comparison(struct comparison *c, const struct log_record *record)
{
	struct target *target = c->target;
	const char *executable = record ? json_text(record->json, "process.executable") : NULL;

	if (record)
		run_info_take(&c->run, record);
	if (!target->script && c->run.submission)
		target->submission = xstrdup(c->run.submission);
	if (!target->python && executable && access(executable, X_OK) == 0)
		target->python = executable;
	return load(target);
}

static int tell_changes(const struct comparison *c, const struct log_health *health)
{
	_cleanup_buf_ struct buf out = { 0 };
	size_t i;
	int r;

	log_health_tell(health, &out);
	for (i = 0; i < c->n_changes; i++)
		buf_printf(&out, "#%" PRIu64 "  %s  x%" PRIu64 "\n", c->changes[i].first, c->changes[i].text,
			   c->changes[i].count);
	buf_printf(&out, "%" PRIu64 " of %" PRIu64 " calls would be decided otherwise", c->changed, c->calls);
	if (c->undecided)
		buf_printf(&out, "; %" PRIu64 " do not depend on the policy or tell too little", c->undecided);
	buf_putc(&out, '\n');
	r = flush_output(&out);
	return r ? r : c->changed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int test_log(struct target *target, const char *path)
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

static int policy_test(int argc, char **argv)
{
	_cleanup_(target_fini) struct target target = { .test = true };
	int status = parse_options(&target, argc, argv);
	bool paths = target.n_queries || target.from;

	if (status >= 0)
		return status;
	if (!target.policy && optind < argc)
		target.policy = argv[optind++];
	if (!target.policy)
		return bad_usage("test: no policy given");
	if (argc - optind != (paths ? 0 : 1))
		return bad_usage(paths ? "test: either a log or paths" : "test: expected one log");
	return paths ? test_paths(&target) : test_log(&target, argv[optind]);
}

/* ------------------------------------------------------------------ */

int cmd_policy(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = {
		{ "check", policy_check },
		{ "show", policy_show_command },
		{ "test", policy_test },
	};
	size_t i;

	if (argc < 2)
		return bad_usage("expected check, show or test");
	if (streq(argv[1], "--help") || streq(argv[1], "-h")) {
		fputs(usage, stdout);
		return EXIT_SUCCESS;
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (streq(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	return bad_usage("%s: no such command; expected check, show or test", argv[1]);
}
