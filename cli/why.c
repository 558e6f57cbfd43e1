/* SPDX-License-Identifier: Apache-2.0 */
/* proctor why: is it allowed, by which rule, and if not, which line would allow it? Nothing is run. */
#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/names.h"
#include "base/text.h"
#include "cli/policy_calls.h"
#include "cli/policy_target.h"
#include "cli/suggest.h"
#include "policy/net.h"
#include "supervisor/resolve.h"
#include "supervisor/policy_facts.h"
#include "tracee/syscalls.h"
#include "words/words.h"

static const char usage[] =
	"usage: proctor why [-r|--read PATH]... [-w|--write DIR[:QUOTA]]...\n"
	"                   [--scratch[=SIZE]] [--process fork|no] [--exec PROGRAM]...\n"
	"                   [--connect ADDRESS]... [--bind ADDRESS]...\n"
	"                   [--python PATH] [--script SCRIPT] [--under NAME|PROGRAM]\n"
	"                   [-j|--json] [-h|--help] POLICY WANT OBJECT [WANT OBJECT]...\n"
	"WANT is read, list, stat, lstat, write, exec (OBJECT: a path), connect, bind\n"
	"(an address) or call (a system call's name). Says which rule decides, and what\n"
	"line would allow it.\n";

enum subject_kind { ABOUT_PATH, ABOUT_ADDRESS, ABOUT_CALL };

/* A kind of question, and a system call that stands for it. */
static const struct want_word {
	const char *name;
	enum subject_kind kind;
	unsigned want;
	unsigned flags; /* enum resolve_flags */
	const char *syscall, *args;
} want_words[] = {
	{ "read", ABOUT_PATH, WANT_READ, RESOLVE_FOLLOW, "openat", "AT_FDCWD, \"\", O_RDONLY" },
	{ "list", ABOUT_PATH, WANT_READ, RESOLVE_FOLLOW, "openat", "AT_FDCWD, \"\", O_RDONLY|O_DIRECTORY" },
	{ "stat", ABOUT_PATH, WANT_LOOKUP, RESOLVE_FOLLOW, "newfstatat", "AT_FDCWD, \"\", 0x0, 0" },
	{ "lstat", ABOUT_PATH, WANT_LOOKUP, 0, "newfstatat", "AT_FDCWD, \"\", 0x0, AT_SYMLINK_NOFOLLOW" },
	{ "write", ABOUT_PATH, WANT_WRITE, RESOLVE_FOLLOW, "openat", "AT_FDCWD, \"\", O_WRONLY|O_CREAT" },
	{ "exec", ABOUT_PATH, WANT_EXEC, RESOLVE_FOLLOW, "execve", "\"\"" },
	{ "connect", ABOUT_ADDRESS, NET_CONNECT, 0, "connect", NULL },
	{ "bind", ABOUT_ADDRESS, NET_BIND, 0, "bind", NULL },
	{ "call", ABOUT_CALL, 0, 0, NULL, NULL },
};

struct answer {
	const struct want_word *word;
	const char *object; /* as asked */
	const char *action; /* "allow" "hide" "deny" "kill", "depends" or "error" */
	int err;
	bool violation;
	struct buf path;    /* what OBJECT led to; empty when the same or none */
	struct buf because; /* part of a sentence */
	const char *rule, *ref;
	struct buf rule_path, nearest;
	struct fix fix;
};

static void answer_fini(struct answer *answer)
{
	buf_fini(&answer->path);
	buf_fini(&answer->because);
	buf_fini(&answer->rule_path);
	buf_fini(&answer->nearest);
	fix_fini(&answer->fix);
}

struct asker {
	const struct policy *policy;
	const struct policy_target *target;
	const char *under; /* the policy's name if it is one within the run's, or NULL */
	struct resolver *resolver;
	const char **never;
	size_t n_never;
};

/* ------------------------------------------------------------------ the answer */

/* Takes POLICY's `never`, as written: nothing beneath it is proposed. */
static void add_never(struct asker *asker, const struct policy *policy)
{
	size_t i;

	for (i = 0; i < policy->n_grants; i++)
		if (policy->grants[i]->rule.kind == RULE_NEVER && !policy->grants[i]->builtin)
			asker->never[asker->n_never++] = policy->grants[i]->text;
	for (i = 0; i < policy->n_never_calls; i++)
		asker->never[asker->n_never++] = policy->never_calls[i];
}

static void collect_never(struct asker *asker)
{
	const struct policy *policy, *last = policy_outermost(asker->policy);
	size_t n = last->n_grants + last->n_never_calls + asker->policy->n_grants + asker->policy->n_never_calls;

	asker->never = xcalloc(n + 1, sizeof(*asker->never));
	for (policy = asker->policy; policy; policy = policy->within)
		add_never(asker, policy);
}

static void explain_refusal(const struct asker *asker, struct answer *answer, const struct decision *decision,
			    const char *path)
{
	const struct grant *nearest = path ? policy_nearest(asker->policy, path, strlen(path)) : NULL;
	struct refusal r = {
		.syscall = answer->word->syscall ? answer->word->syscall : answer->object,
		.topic = syscall_topic(answer->word->syscall ? answer->word->syscall : answer->object),
		.args = answer->word->args,
		.path = path,
		.address = answer->word->kind == ABOUT_ADDRESS && decision->rule.kind == RULE_ON_DENY ? answer->path.data : NULL,
		.action = decision->action,
		.err = decision->err ? errno_name(decision->err) : NULL,
		.rule = decision->rule.kind,
		.rule_text = decision->grant ? decision->grant->text : NULL,
		.submission = asker->target->submission,
		.ruleset = asker->under,
		.never = asker->never,
		.n_never = asker->n_never,
	};

	words_staff(&answer->because, &r);
	r.rule_ref = decision->rule.ref;
	if (decision->rule.kind != RULE_ON_DENY &&
	    (decision->rule.kind != RULE_HIDE || (decision->grant && decision->grant->builtin)))
		r.rule_text = NULL;
	words_fix(&r, false, &answer->fix);
	if (nearest && decision->rule.kind == RULE_ON_DENY)
		buf_puts(&answer->nearest, nearest->text);
}

static void take_decision(const struct asker *asker, struct answer *answer, const struct decision *decision,
			  const char *path)
{
	answer->action = action_name(decision->action);
	answer->err = decision->err;
	answer->violation = decision->violation;
	answer->rule = decision->rule.id;
	answer->ref = decision->rule.ref;
	if (decision->grant)
		buf_puts(&answer->rule_path, decision->grant->text);
	if (decision->action == ACTION_ALLOW)
		buf_puts(&answer->because,
			 decision->grant || decision->rule.kind == RULE_NET ?
				 "granted" :
				 "on the way to what is granted: only to be looked at");
	else
		explain_refusal(asker, answer, decision, path);
}

static void ask_path(const struct asker *asker, struct answer *answer)
{
	const struct want_word *word = answer->word;
	struct object object = OBJECT_INIT;
	struct decision decision;
	const char *path;

	if (policy_ask_path(asker->policy, asker->resolver, word->want, answer->object, word->flags, &object, &decision,
			    &path)) {
		take_decision(asker, answer, &decision, path);
		if (!streq(path, answer->object))
			buf_puts(&answer->path, path);
	} else if (object.state == OBJECT_DESCRIPTOR) {
		answer->action = word->want == WANT_LOOKUP ? "allow" : "depends";
		buf_puts(&answer->because, word->want == WANT_LOOKUP ?
						   "a descriptor of the program's own" :
						   "a descriptor of the program's own: what it was opened for decides");
	} else {
		answer->action = "error";
		answer->err = object.err;
		buf_lit(&answer->because, "the path leads nowhere");
	}
	object_fini(&object);
}

static void ask_call(const struct asker *asker, struct answer *answer, const char *name)
{
	struct decision decision;

	switch (policy_ask_call(asker->policy, name, &decision)) {
	case CALL_ALLOWED:
		answer->action = "allow";
		buf_lit(&answer->because, "every program may make it, whatever its arguments");
		break;
	case CALL_DEPENDS:
		answer->action = "depends";
		buf_lit(&answer->because, "its arguments decide: ask for what it wants of which path");
		break;
	case CALL_REFUSED:
		take_decision(asker, answer, &decision, NULL);
		break;
	}
}

/* Decides as for a call with this address; a path in it is followed like any other. */
static void ask_address(const struct asker *asker, struct answer *answer)
{
	struct decision decision;

	if (policy_forbids_call(asker->policy, "socket", &decision) ||
	    policy_forbids_call(asker->policy, answer->word->syscall, &decision)) {
		take_decision(asker, answer, &decision, NULL);
		return;
	}
	policy_ask_address(asker->policy, asker->resolver, (enum net_use)answer->word->want, answer->object, &answer->path,
			   &decision);
	take_decision(asker, answer, &decision, NULL);
	if (streq(answer->path.data, answer->object))
		buf_clear(&answer->path);
}

static void ask(const struct asker *asker, struct answer *answer)
{
	if (answer->word->kind == ABOUT_PATH)
		ask_path(asker, answer);
	else if (answer->word->kind == ABOUT_ADDRESS)
		ask_address(asker, answer);
	else
		ask_call(asker, answer, answer->word->syscall ? answer->word->syscall : answer->object);
}

/* ------------------------------------------------------------------ telling */

static void tell(const struct asker *asker, const struct answer *answer, struct buf *out)
{
	buf_printf(out, "%-7s  %s ", answer->action, answer->word->name);
	text_path(out, answer->object);
	if (answer->path.len) {
		buf_lit(out, " -> ");
		text_path(out, answer->path.data);
	}
	if (answer->err)
		buf_printf(out, "  %s", errno_name(answer->err));
	if (asker->under) {
		buf_lit(out, "  under ");
		text_path(out, asker->under);
	}
	buf_printf(out, "\n  rule  %s", answer->because.len ? answer->because.data : "");
	if (answer->ref) {
		buf_lit(out, "  ");
		text_path(out, answer->ref);
	}
	if (answer->rule_path.len) {
		buf_lit(out, "  ");
		text_path(out, answer->rule_path.data);
	}
	buf_putc(out, '\n');
	if (answer->nearest.len) {
		buf_lit(out, "  near  ");
		text_path(out, answer->nearest.data);
		buf_putc(out, '\n');
	}
	if (answer->fix.policy.len)
		buf_printf(out, "  fix   %s  (%s)\n", answer->fix.policy.data, answer->fix.note.len ? answer->fix.note.data : "");
	else if (answer->fix.note.len)
		buf_printf(out, "  fix   %s\n", answer->fix.note.data);
}

static void put_member(struct buf *out, const char *key, const struct buf *text)
{
	json_put_text(out, key, text->len ? text->data : NULL);
}

/* One object a line. */
static void tell_json(const struct asker *asker, const struct answer *answer, struct buf *out)
{
	json_open(out, NULL);
	json_put_word(out, "schema", "proctor.why/1");
	json_put_word(out, "want", answer->word->name);
	json_put_text(out, "object", *answer->object ? answer->object : NULL);
	put_member(out, "path", &answer->path);
	json_put_text(out, "under", asker->under);
	json_put_text(out, "action", answer->action);
	json_put_word(out, "errno", answer->err ? errno_name(answer->err) : NULL);
	json_put_bool(out, "violation", answer->violation);
	json_put_text(out, "rule", answer->rule);
	json_put_text(out, "ref", answer->ref);
	put_member(out, "rule_path", &answer->rule_path);
	put_member(out, "because", &answer->because);
	put_member(out, "nearest", &answer->nearest);
	put_member(out, "fix", &answer->fix.policy);
	put_member(out, "note", &answer->fix.note);
	put_member(out, "advice", &answer->fix.advice);
	json_close(out);
	buf_putc(out, '\n');
}

/* ------------------------------------------------------------------ the command */

enum { OPT_PYTHON = 256, OPT_SCRIPT, OPT_SCRATCH, OPT_PROCESS, OPT_EXEC, OPT_CONNECT, OPT_BIND, OPT_UNDER };

static int parse_options(int argc, char **argv, struct policy_target *target, bool *ret_json)
{
	static const struct option longs[] = {
		{ "read", required_argument, NULL, 'r' },     { "write", required_argument, NULL, 'w' },
		{ "scratch", optional_argument, NULL, OPT_SCRATCH }, { "python", required_argument, NULL, OPT_PYTHON },
		{ "process", required_argument, NULL, OPT_PROCESS }, { "exec", required_argument, NULL, OPT_EXEC },
		{ "connect", required_argument, NULL, OPT_CONNECT }, { "bind", required_argument, NULL, OPT_BIND },
		{ "script", required_argument, NULL, OPT_SCRIPT }, { "json", no_argument, NULL, 'j' },
		{ "under", required_argument, NULL, OPT_UNDER },
		{ "help", no_argument, NULL, 'h' },	      { NULL, 0, NULL, 0 },
	};
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":r:w:jh", longs, NULL)) != -1) {
		switch (c) {
		case 'r':
		case 'w':
			policy_target_grant(target, (char)c, optarg);
			break;
		case OPT_SCRATCH:
		case OPT_PROCESS:
		case OPT_EXEC:
		case OPT_CONNECT:
		case OPT_BIND:
			if (policy_target_grant(target, "sfxcb"[c - OPT_SCRATCH], optarg) >= 0)
				return EXIT_USAGE;
			break;
		case OPT_PYTHON:
			target->python = optarg;
			break;
		case OPT_SCRIPT:
			target->script = optarg;
			break;
		case OPT_UNDER:
			target->under = optarg;
			break;
		case 'j':
			*ret_json = true;
			break;
		case 'h':
			return cli_usage(usage, true);
		default:
			return suggest_bad_option("why", c, argv, longs);
		}
	}
	return -1;
}

static const struct want_word *find_word(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want_words); i++)
		if (streq(want_words[i].name, name))
			return &want_words[i];
	return NULL;
}

/* A question that makes no sense is wrong use, not an answer. */
static int check_questions(char **words)
{
	const char *wrong;
	size_t i;

	for (i = 0; words[i]; i += 2) {
		const struct want_word *word = find_word(words[i]);

		if (!word || !words[i + 1]) {
			complain("why: %s: %s (proctor why --help)", words[i],
				 word ? "of what?" : "neither read, list, stat, lstat, write, exec, connect, bind nor call");
			return EXIT_USAGE;
		}
		if (word->kind == ABOUT_ADDRESS && !policy_is_address((enum net_use)word->want, words[i + 1], &wrong)) {
			complain("why: %s: %s", words[i + 1], wrong);
			return EXIT_USAGE;
		}
		if (word->kind == ABOUT_CALL && syscall_number(words[i + 1]) < 0) {
			complain("why: there is no system call %s", words[i + 1]);
			return EXIT_USAGE;
		}
		if (word->kind == ABOUT_PATH && (!*words[i + 1] || strlen(words[i + 1]) >= PATH_MAX)) {
			complain("why: %s: a path that is empty or too long", words[i]);
			return EXIT_USAGE;
		}
	}
	return 0;
}

static int answer_all(const struct policy_target *target, const struct asked_policy *asked, char **words, bool json)
{
	struct asker asker = { .policy = asked->policy, .target = target, .resolver = asked->resolver };
	_cleanup_buf_ struct buf out = { 0 };
	int status = EXIT_SUCCESS, r;

	if (asked->policy->within)
		asker.under = asked->policy->name;
	collect_never(&asker);
	for (; words[0]; words += 2) {
		struct answer answer = { .word = find_word(words[0]), .object = words[1] };

		ask(&asker, &answer);
		(json ? tell_json : tell)(&asker, &answer, &out);
		if (!streq(answer.action, "allow"))
			status = EXIT_FAILURE;
		answer_fini(&answer);
	}
	free(asker.never);
	r = policy_print(&out);
	return r ? r : status;
}

int cmd_why(int argc, char **argv)
{
	_cleanup_(policy_target_fini) struct policy_target target = { 0 };
	struct asked_policy asked;
	bool json = false;
	int status = parse_options(argc, argv, &target, &json);

	if (status >= 0)
		return status;
	if (argc - optind < 3)
		return cli_usage(usage, false);
	target.policy = argv[optind++];
	status = check_questions(argv + optind);
	if (status)
		return status;
	status = policy_target_ask_begin(&target, &asked);
	if (!status)
		status = answer_all(&target, &asked, argv + optind, json);
	asked_policy_fini(&asked);
	return status;
}
