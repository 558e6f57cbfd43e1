/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the policy parser and every question to what it makes.
 * Besides not crashing: what policy_show() prints of an accepted policy is accepted again and
 * decides alike.
 */
#include "tests/fuzz/driver.h"

#include <stdlib.h>

#include "policy/exec.h"
#include "policy/net.h"

const char *const fuzz_words[] = {
	"version: 1\n",
	"name: ",
	"extends: builtin:pure\n",
	"extends: builtin:python\n",
	"extends: [builtin:pure, /pt/x.yaml, ./f]\n",
	"refuse: [ptrace, \"@network\"]\n",
	"\"@admin\"",
	"env: {A: b}\n",
	"env: [A, {B: c}]\n",
	"cwd: ",
	"umask: 077\n",
	"python: /pt/python\n",
	"on_deny: kill\n",
	"on_deny: errno:EPERM\n",
	"read:\n",
	"hide:\n",
	"write:\n",
	"/var/tmp",
	"\"%{scratch}\"",
	"never:\n",
	"exec:\n",
	"{path: /tmp, ",
	"{path: /bin/true, ",
	"path: ",
	"argv: [",
	"argv: [a, \"x*\", \"**\"]",
	"count: 3",
	"quota: ",
	"quota: 1MiB",
	"files: 5",
	"scratch: {size: 1MiB, files: 5, in: directory}\n",
	"process: fork\n",
	"terminal: no\n",
	"net: {",
	"net:\n",
	"connect: ",
	"bind: ",
	"127.0.0.1:80",
	"[::1]:*",
	"10.0.0.0/8:0",
	"::ffff:",
	"udp:",
	"unix:@",
	"unix:/pt",
	"  - ",
	"limits: {",
	"log: {",
	"cpu: 1s",
	"max: 1MiB",
	"}",
	"[",
	"]",
	", ",
	": ",
	"\n",
	"/pt",
	"/pt/a/",
	"/**",
	"/*",
	"?",
	"%{submission}",
	"%%",
	"%*",
	"/..",
	"/.",
	"//",
	"\"",
	"'",
	"\\x41",
	"\\0",
	"&a ",
	"*a ",
	"!!str ",
	"|\n",
	">\n",
	"#",
	"---\n",
	"...\n",
	"%TAG ! a\n",
	"\t",
	"\r",
	"\xef\xbb\xbf",
	"\xff\xfe",
	"\xc3\xa9",
	"/proc/self",
	"/proc/cpuinfo",
	"/dev/null",
	"/",
	"99999999999999999999",
	NULL,
};

static const char *const questions[] = {
	"/",
	"/pt",
	"/pt/a",
	"/pt/a/b/c/d/e",
	"/pt/sub/x.py",
	"/pt/sub/__pycache__/x",
	"/etc/passwd",
	"/proc/self/mem",
	"/dev/null",
	"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
	"/x/y/z",
	"/tmp/x",
	"/var/tmp/x",
	"/var/x",
};

/* The input that is being tried, told when something is wrong with what was made of it. */
static const uint8_t *input_data;
static size_t input_size;

static void wrong(const char *what, const char *detail)
{
	fprintf(stderr, "fuzz_policy: %s\n%s\ninput of %zu bytes:\n", what, detail ? detail : "",
		input_size);
	fwrite(input_data, 1, input_size, stderr);
	abort();
}

static struct policy *load(const char *data, size_t size, struct buf *messages)
{
	static const struct policy_context context = { .submission = "/pt/sub" };
	struct policy *policy = NULL;
	int r = policy_load_text(data, size, "f", &context, &policy, messages);

	if ((r == 0) != (policy != NULL) || (r != 0 && !messages->len))
		wrong("refused without a word, or neither accepted nor refused", messages->data);
	return policy;
}

/* Each rule's own address, asked of both. */
static void ask_net(const struct policy *a, const struct policy *b)
{
	size_t i;

	for (i = 0; i < a->n_net; i++) {
		const struct net_rule *rule = &a->net[i];
		struct decision x = policy_decide_address(a, rule->use, &rule->address);
		struct decision y = policy_decide_address(b, rule->use, &rule->address);

		if (x.action != ACTION_ALLOW && x.rule.kind != RULE_NEVER)
			wrong("a rule does not grant what it names", rule->text);
		if (x.action != y.action)
			wrong("the shown policy decides an address otherwise", rule->text);
	}
}

/* Some arguments, asked of each rule's program. */
static void ask_exec(const struct policy *a, const struct policy *b)
{
	static const struct {
		const char *args;
		size_t n;
	} asked[] = { { "x", 1 }, { "x\0a", 2 }, { "x\0-c\0x1", 3 }, { "x\0a\0-c\0x1\0-z", 5 }, { "x\0", 2 }, { "x\0*", 2 } };
	const struct exec_rule *rule, *other;
	size_t i, k;

	if (a->n_execs != b->n_execs)
		wrong("the shown policy has other programs", NULL);
	for (i = 0; i < a->n_execs; i++)
		for (k = 0; k < ARRAY_SIZE(asked); k++) {
			struct exec_ask one = { a->execs[i].path, asked[k].args, asked[k].n };
			struct decision x = policy_decide_exec(a, &one, NULL, &rule);
			struct decision y = policy_decide_exec(b, &one, NULL, &other);

			if (x.action != y.action || !rule != !other || (rule && rule->count != other->count))
				wrong("the shown policy decides a program otherwise", a->execs[i].text);
		}
}

static void ask_calls(const struct policy *a, const struct policy *b)
{
	static const char *const names[] = { "ptrace", "connect", "socket", "read", "mount" };
	struct decision x, y;
	unsigned topic;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		for (topic = 0; topic < TOPIC_COUNT; topic++)
			if (policy_decide_syscall(a, names[i], (enum topic)topic, &x) !=
			    policy_decide_syscall(b, names[i], (enum topic)topic, &y))
				wrong("the shown policy decides a call otherwise", names[i]);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* What the program starts with, and what it may have. */
static void ask_settings(const struct policy *a, const struct policy *b)
{
	if (a->process != b->process || a->terminal != b->terminal || !same_text(a->cwd, b->cwd) ||
	    !same_text(a->python, b->python) || !a->umask_ref != !b->umask_ref || (a->umask_ref && a->umask != b->umask) ||
	    a->n_env != b->n_env || a->counts != b->counts)
		wrong("the shown policy sets something otherwise", NULL);
	/* Its size is shown where there is one. */
	if (!a->scratch_ref != !b->scratch_ref ||
	    (a->scratch_ref && (a->scratch.place != b->scratch.place || a->scratch.bytes != b->scratch.bytes ||
				a->scratch.files != b->scratch.files)))
		wrong("the shown policy has another scratch", NULL);
}

static void ask_quota(const struct policy *a, const struct policy *b, const char *path)
{
	static const struct quota none;
	const struct grant *x = policy_match(a, path, strlen(path)), *y = policy_match(b, path, strlen(path));
	const struct quota *one = x ? &x->quota : &none, *other = y ? &y->quota : &none;

	if (one->counted != other->counted ||
	    (one->counted && (one->bytes != other->bytes || one->files != other->files)))
		wrong("the shown policy has another quota", path);
}

static void ask(const struct policy *a, const struct policy *b)
{
	size_t i;
	unsigned want;

	ask_net(a, b);
	ask_exec(a, b);
	ask_calls(a, b);
	ask_settings(a, b);
	for (i = 0; i < ARRAY_SIZE(questions); i++) {
		const char *path = questions[i];
		size_t len = strlen(path);

		policy_nearest(a, path, len);
		policy_link_at(a, path, len);
		ask_quota(a, b, path);
		for (want = 1; want <= WANT_CHANGE; want <<= 1) {
			struct decision x = policy_decide_path(a, want, path, len);
			struct decision y = policy_decide_path(b, want, path, len);

			if (x.action != y.action || x.err != y.err)
				wrong("the shown policy decides otherwise", path);
		}
	}
}

static void ask_shown(const struct policy *policy)
{
	struct buf shown = { 0 }, messages = { 0 };
	struct policy *again;

	policy_show(policy, &shown);
	/* A bound may be crossed by spelling out what was short. */
	again = load(shown.data, shown.len, &messages);
	if (again)
		ask(policy, again);
	else if (shown.len < 1u << 19 && !strstr(messages.data, "more than") &&
		 !strstr(messages.data, "path is too long"))
		wrong("the shown policy is refused", messages.data);
	policy_free(again);
	buf_fini(&shown);
	buf_fini(&messages);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf messages = { 0 };
	struct policy *policy;

	input_data = data;
	input_size = size;
	policy = load((const char *)data, size, &messages);
	if (policy)
		ask_shown(policy);
	policy_free(policy);
	buf_fini(&messages);
	return 0;
}
