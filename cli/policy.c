/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proctor policy: check a policy file, show what it grants a program, and decide what a log recorded
 * or the command line asks.
 */
#include "cli/policy_calls.h"
#include "cli/policy_target.h"

#include <getopt.h>
#include <stdlib.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/suggest.h"
#include "policy/shipped.h"
#include "supervisor/policy_facts.h"
#include "tracee/filter.h"

/* ------------------------------------------------------------------ check */

static int check_one(const char *file)
{
	struct policy_context context = { .lint = true };
	_cleanup_buf_ struct buf messages = { 0 };
	struct policy *policy = NULL;
	int r = policy_load(file, &context, &policy, &messages);

	if (r == 0)
		policy_check_syscalls(policy, &messages);
	if (messages.len)
		fputs(messages.data, stderr);
	policy_free(policy);
	return r < 0 ? EXIT_BAD_POLICY : EXIT_SUCCESS;
}

static int policy_check(int argc, char **argv)
{
	_cleanup_(policy_target_fini) struct policy_target target = { 0 };
	int status = policy_target_options(&target, argc, argv), worst = EXIT_SUCCESS;

	if (status >= 0)
		return status;
	if (optind == argc)
		return policy_bad_usage("check: no policy given");
	for (; optind < argc; optind++) {
		status = check_one(argv[optind]);
		worst = MAX(worst, status);
	}
	return worst;
}

/* ------------------------------------------------------------------ show */

static bool names_policy(const char *arg)
{
	const char *dot = strrchr(arg, '.');

	return after_prefix(arg, "builtin:") || streq(arg, "pure") || streq(arg, "python") || shipped_find(arg) ||
		(dot && (streq(dot, ".yaml") || streq(dot, ".yml") || streq(dot, ".json")));
}

static int show_filter(const struct policy_target *target)
{
	struct reg_values values = { 0 };
	struct filter filter;
	_cleanup_buf_ struct buf out = { 0 };
	int r;

	policy_facts(target->loaded, &values);
	r = filter_compile(&values, false, &filter);

	if (r < 0) {
		complain("policy: filter: %s", strerror(-r));
		return EXIT_INTERNAL;
	}
	filter_print(&filter, &out);
	return policy_print(&out);
}

static void show_interpreter(const struct policy_target *target, struct buf *out)
{
	const struct interpreter *in = &target->interpreter;

	buf_lit(out, "# program: ");
	text_path(out, in->exe);
	if (in->is_python) {
		buf_printf(out, " (%s %d.%d, prefix ", interpreter_kind(in), in->major, in->minor);
		text_path(out, in->prefix);
		buf_lit(out, ")");
	}
	buf_putc(out, '\n');
	if (!target->submission)
		buf_lit(out, "# without a script: rules with %{submission} are left out\n");
}

static int policy_show_command(int argc, char **argv)
{
	_cleanup_(policy_target_fini) struct policy_target target = { 0 };
	_cleanup_buf_ struct buf out = { 0 };
	int status = policy_target_options(&target, argc, argv);

	if (status >= 0)
		return status;
	if (target.n_queries || target.from || target.cases || target.under || target.json)
		return policy_bad_usage(
			"show: --stat, --lstat, --from and --cases belong to test, --json to diff");
	for (; optind < argc; optind++) {
		const char **place = !target.policy && names_policy(argv[optind]) ? &target.policy
										  : &target.script;

		if (*place)
			return policy_bad_usage("show: %s: one policy and one script at most",
						argv[optind]);
		*place = argv[optind];
	}
	status = policy_target_load(&target);
	if (status)
		return status;
	if (target.filter)
		return show_filter(&target);
	if (target.calls) {
		policy_show_calls(target.loaded, &out);
		return policy_print(&out);
	}
	show_interpreter(&target, &out);
	policy_show(target.loaded, &out);
	return policy_print(&out);
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
		{ "list", policy_list },
		{ "diff", policy_diff },
	};
	static const char *const names[] = { "check", "show", "test", "list", "diff", NULL };
	const char *near;
	size_t i;

	if (argc < 2)
		return policy_bad_usage("expected list, check, show, test or diff");
	if (streq(argv[1], "--help") || streq(argv[1], "-h"))
		return cli_usage(policy_usage, true);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (streq(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	near = suggest_name(argv[1], names);
	return policy_bad_usage("%s: no such command; expected list, check, show, test or diff%s%s%s", argv[1],
				near ? ": did you mean " : "", near ? near : "", near ? "?" : "");
}
