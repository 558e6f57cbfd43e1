/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Putting a policy together: what the user wrote, then -r, then the built-in parts beneath it.
 * The order matters only between equal rules, where the user's come first.
 */
#include "policy/exec_rules.h"
#include "policy/interpreter.h"
#include "policy/kept.h"
#include "policy/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * The limit on tasks when nothing is said. The other limits default to none; open files stay
 * bounded by the caller's RLIMIT_NOFILE, which a program meets as EMFILE and survives.
 */
#define DEFAULT_TASKS 256

static void default_limits(struct limits *limits)
{
	if (!limits->ref[LIMIT_TASKS]) {
		limits->tasks = DEFAULT_TASKS;
		limits->ref[LIMIT_TASKS] = "builtin:pure";
	}
}

static void add_submission(struct policy *policy, const struct policy_context *context,
			   struct messages *messages)
{
	struct path_rule rule = {
		.kind = RULE_READ,
		.text = "%{submission}",
		.where = "builtin:pure",
		.submission = context->submission,
	};
	const char *home = getenv("HOME");

	if (!context->submission)
		return;
	policy_add_path(policy, &rule, messages);
	if (home && home[1] && streq(home, context->submission))
		message_warning(
			messages, rule.where,
			"the script lies in the home directory %s: the program may read all of it",
			home);
}

static void add_guards(struct policy *policy)
{
	static const char *const trees[] = { "/proc", "/dev", "/sys/kernel" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(trees); i++)
		policy_add(policy, RULE_NEVER, GRANT_TREE, trees[i], NULL, "builtin:never")
			->builtin = true;
}

static bool is_reached(const struct policy *policy, const char *path)
{
	size_t i;

	for (i = 0; i < policy->n_grants; i++) {
		const struct grant *grant = policy->grants[i];

		if (grant->rule.kind == RULE_READ &&
		    (grant->shape == GRANT_PATTERN || path_rest(path, grant->path) || path_rest(grant->path, path)))
			return true;
	}
	return false;
}

/* Only where a rule could reach the path: elsewhere these rules would change nothing but the policy's hash. */
static void add_never(struct policy *policy, const struct policy_context *context)
{
	size_t i;

	for (i = 0; i < context->n_never; i++)
		if (is_reached(policy, context->never[i]))
			policy_add(policy, RULE_NEVER, GRANT_TREE, context->never[i], NULL, "builtin:log");
}

/* Is TEXT DIR:QUOTA, and not the name of something that exists? Then RET_LEN is the length of DIR. */
static bool has_quota(const char *text, size_t *ret_len, struct quota *ret_quota)
{
	const char *colon = strrchr(text, ':'), *wrong;
	struct stat st;

	if (!colon || lstat(text, &st) == 0 || scratch_bytes_parse(colon + 1, &ret_quota->bytes, &wrong) < 0)
		return false;
	*ret_len = (size_t)(colon - text);
	ret_quota->counted = true;
	ret_quota->files = SCRATCH_FILES_DEFAULT;
	return true;
}

static void add_write(struct policy *policy, const struct policy_context *context, const char *text,
		      struct messages *messages)
{
	_cleanup_free_ char *directory = NULL;
	struct path_rule rule = {
		.kind = RULE_WRITE,
		.where = "-w",
		.submission = context->submission,
		.command_line = true,
	};
	size_t len = strlen(text);

	has_quota(text, &len, &rule.quota);
	rule.text = directory = xstrndup(text, len);
	policy_add_path(policy, &rule, messages);
}

/* A variable that leads to the scratch needs one; whoever lays a policy over this one may grant it. */
static void check_variables(const struct policy *policy, const struct policy_context *context, struct messages *messages)
{
	size_t i;

	for (i = 0; i < policy->n_env && !policy->scratch_ref; i++) {
		const struct policy_variable *variable = &policy->env[i];
		static const char wrong[] = "%s leads to the scratch, and nothing grants one: write: \"%%{scratch}\", or --scratch, does";

		if (!variable->value || !strstr(variable->value, "%{scratch}"))
			continue;
		if (context->make_scratch)
			message_error(messages, variable->ref, wrong, variable->name);
		else
			message_warning(messages, variable->ref, wrong, variable->name);
	}
}

static void add_command_line(struct policy *policy, const struct policy_context *context,
			     struct messages *messages)
{
	size_t i;

	for (i = 0; i < context->n_read; i++) {
		struct path_rule rule = {
			.kind = RULE_READ,
			.text = context->read[i],
			.where = "-r",
			.submission = context->submission,
			.command_line = true,
		};

		policy_add_path(policy, &rule, messages);
	}
	for (i = 0; i < context->n_write; i++)
		add_write(policy, context, context->write[i], messages);
	for (i = 0; i < context->n_connect; i++)
		policy_add_address(policy, NET_CONNECT, context->connect[i], "--connect", messages);
	for (i = 0; i < context->n_bind; i++)
		policy_add_address(policy, NET_BIND, context->bind[i], "--bind", messages);
	for (i = 0; i < context->n_exec; i++) {
		const struct exec_text text = { .path = context->exec[i], .count = UINT64_MAX, .where = "--exec" };

		policy_add_exec(policy, context, &text, messages);
	}
	if (context->process_ref) {
		policy->process = context->process;
		policy->process_ref = context->process_ref;
	}
	if (context->scratch_wanted && !policy->scratch_ref) {
		policy->scratch_ref = context->scratch_wanted;
		policy->writes = true;
	}
	if (context->scratch_bytes) {
		policy->scratch.bytes = context->scratch_bytes;
		policy->scratch.ref = context->scratch_wanted;
	}
	if (policy->scratch.ref && !policy->scratch_ref)
		message_warning(messages, policy->scratch.ref,
				"nothing grants a scratch: write: \"%%{scratch}\", or --scratch, does");
	check_variables(policy, context, messages);
	if (context->script) {
		struct path_rule rule = {
			.kind = RULE_READ,
			.text = context->script,
			.where = "the script",
			.submission = context->submission,
			.exact = context->script_real,
			.command_line = true,
		};

		policy_add_path(policy, &rule, messages);
	}
}

/* Refuses write rules where the interpreter's own files are: these are part of other people's programs too. */
static void check_writes(const struct policy *policy, struct messages *messages)
{
	size_t i, k;

	for (i = 0; i < policy->n_grants; i++) {
		const struct grant *grant = policy->grants[i];

		if (!grant_writes(grant) || grant->rule.ref == policy->scratch_ref)
			continue;
		for (k = 0; k < policy->n_grants; k++) {
			const struct grant *other = policy->grants[k];

			if (!other->builtin || other->rule.kind != RULE_READ || other->shape != GRANT_TREE ||
			    !path_rest(grant->path, other->path))
				continue;
			message_error(messages, grant->rule.ref,
				      "%s: the interpreter's own files are there, and cannot be written to",
				      grant->text);
			break;
		}
	}
}

/* Makes %{scratch} when nothing is wrong with the policy, and grants it. */
static int add_scratch(struct policy *policy, const struct policy_context *context, const struct messages *messages)
{
	struct grant *grant;
	const char *path;
	bool counts = false;

	if (!policy->scratch_ref || !context->make_scratch || messages->n_errors)
		return 0;
	path = context->make_scratch(context->scratch_arg, &policy->scratch, &counts);
	if (!path)
		return -EIO;
	grant = policy_add(policy, RULE_WRITE, GRANT_TREE, path, "%{scratch}", policy->scratch_ref);
	if (!counts)
		policy_set_quota(policy, grant,
				 &(struct quota){ true, policy->scratch.bytes, policy->scratch.files });
	return 0;
}

/* A socket is made by its name, as a file is. */
static void check_bound(const struct policy *policy, struct messages *messages)
{
	size_t i;

	for (i = 0; i < policy->n_net; i++) {
		const struct net_rule *rule = &policy->net[i];
		const char *name = rule->address.name, *slash = name ? strrchr(name, '/') : NULL;

		if (rule->use != NET_BIND || rule->address.transport != NET_UNIX || rule->address.abstract)
			continue;
		if (!grant_writes(policy_match(policy, name, MAX((size_t)(slash - name), 1))))
			message_error(messages, rule->rule.ref, "%s: no write rule names its directory, in which the socket would be made",
				      rule->text);
	}
}

static void check_ceiling(const struct policy *policy, struct messages *messages)
{
	size_t i;

	for (i = 0; i < policy->n_grants; i++) {
		const struct grant *grant = policy->grants[i], *found;

		if (grant->rule.kind != RULE_READ || grant->builtin ||
		    grant->shape == GRANT_PATTERN)
			continue;
		found = policy_match(policy, grant->path, strlen(grant->path));
		if (found && found->rule.kind == RULE_NEVER && !found->builtin)
			message_error(messages, grant->rule.ref, "%s is under never (%s)",
				      grant->text, found->rule.ref);
	}
}

/* Warns of paths that a rule hides but that can be seen; only when a policy is checked. */
static void check_hidden(const struct policy *policy, struct messages *messages)
{
	size_t i;

	for (i = 0; i < policy->n_grants; i++) {
		const struct grant *grant = policy->grants[i];
		struct decision decision;

		if (grant->rule.kind != RULE_HIDE || grant->builtin || grant->shape == GRANT_PATTERN)
			continue;
		decision = policy_decide_path(policy, WANT_LOOKUP, grant->path, strlen(grant->path));
		if (decision.action != ACTION_ALLOW)
			continue;
		if (decision.grant)
			message_warning(messages, grant->rule.ref, "%s is not hidden: %s comes before this rule",
					grant->text, decision.rule.ref);
		else
			message_warning(messages, grant->rule.ref,
					"%s can be seen, though not listed: it leads to what is granted at %s",
					grant->text, decision.rule.ref);
	}
}

/* A program needs its loader at least. A policy that grants one has thought of an interpreter. */
static void check_interpreter(const struct policy *policy, unsigned extends, struct messages *messages)
{
	static const char *const loaders[] = { "/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1" };
	size_t i;

	if ((extends & EXTENDS_PYTHON) || messages->n_errors)
		return;
	for (i = 0; i < ARRAY_SIZE(loaders); i++) {
		_cleanup_free_ char *real = realpath(loaders[i], NULL);

		if (real && policy_decide_path(policy, WANT_READ, real, strlen(real)).action == ACTION_ALLOW)
			return;
	}
	message_warning(messages, policy->file,
			"no interpreter is granted, so no Python program will start: "
			"write \"extends: builtin:python\", or builtin:pure");
}

/* Lets access(2) with X_OK say yes for programs that may be executed. */
static void let_look(const struct policy *policy)
{
	size_t i, k;

	for (i = 0; i < policy->n_grants; i++) {
		struct grant *grant = policy->grants[i];

		for (k = 0; k < policy->n_execs && grant->rule.kind == RULE_READ && grant->shape == GRANT_EXACT; k++)
			if (streq(grant->path, policy->execs[k].path))
				grant->extra |= WANT_EXEC;
	}
}

/* ------------------------------------------------------------------ policies of programs */

/* Lets a program that is executed under POLICY by RULE, of the run's policy, start: its file and what its loader reads. */
static void add_program(struct policy *policy, const struct exec_rule *rule, size_t first)
{
	struct canonical canonical;

	/* The links that its name leads through are recorded. */
	if (canonicalise(policy, rule->text, rule->rule.ref, &canonical) == 0)
		free(canonical.path);
	policy_add(policy, RULE_READ, GRANT_EXACT, rule->path, NULL, rule->rule.ref)->builtin = true;
	builtin_program_add(policy, rule, first);
}

/* The same for all programs that get POLICY, which is the next of those that belong to WITHIN. */
static void add_own_programs(struct policy *policy, const struct policy *within, size_t first)
{
	const struct exec_rule *by;
	size_t i;

	for (i = 0; i < within->n_execs; i++) {
		const struct exec_rule *rule = &within->execs[i];

		if (rule->narrower != within->n_narrower + 1)
			continue;
		add_program(policy, rule, first);
		by = rule->interpreter ? policy_exec_at(within, rule->interpreter) : NULL;
		if (by)
			add_program(policy, by, first);
	}
}

/* Says which keys of POLICY are not looked at, because they are the run's. */
static void check_narrower(const struct policy *policy, struct messages *messages)
{
	const struct {
		const char *key, *ref;
	} settings[] = {
		{ "cwd", policy->cwd_ref }, { "umask", policy->umask_ref }, { "python", policy->python_ref },
		{ "scratch", policy->scratch.ref }, { "env", policy->n_env ? policy->env[0].ref : NULL },
	};
	size_t i;

	for (i = 0; i < policy->n_grants; i++)
		if (policy->grants[i]->quota.counted)
			message_error(messages, policy->grants[i]->rule.ref,
				      "a program's own policy has no quota: what is stored is counted for the run as a whole");
	for (i = 0; i < ARRAY_SIZE(settings); i++)
		if (settings[i].ref)
			message_warning(messages, settings[i].ref, "%s is the run's: a program's own policy does not change it",
					settings[i].key);
	for (i = 0; i < N_LIMITS; i++)
		if (policy->limits.ref[i] && !streq(policy->limits.ref[i], "builtin:pure")) {
			message_warning(messages, policy->limits.ref[i], "limits are the run's: a program's own policy has none");
			break;
		}
}

/* Makes the run's scratch, which ARG has, that of a policy within. */
static const char *lend_scratch(void *arg, const struct scratch_size *size, bool *ret_counts)
{
	const struct policy *policy = arg;
	size_t i;

	(void)size;
	*ret_counts = true; /* for the run */
	for (i = 0; i < policy->n_grants; i++)
		if (grant_is_scratch(policy, policy->grants[i]))
			return policy->grants[i]->path;
	return NULL;
}

/* From now on POLICY's answers are within WITHIN's, and its bounds are those. */
static void put_within(struct policy *policy, const struct policy *within)
{
	bool has_scratch = false;
	size_t i;

	for (i = 0; i < policy->n_grants; i++)
		has_scratch |= grant_is_scratch(policy, policy->grants[i]);
	policy->scratch_ref = has_scratch ? within->scratch_ref : NULL;
	policy->limits = within->limits;
	policy->within = within;
}

static bool has_name(const struct policy *policy, const char *name)
{
	size_t i;

	for (i = 0; i < policy->n_narrower; i++)
		if (streq(policy->narrower[i]->name, name))
			return true;
	return streq(policy->name, name);
}

static void load_one_narrower(struct policy *policy, struct policy_source *source, struct policy_context *context,
			      struct messages *messages)
{
	_cleanup_buf_ struct buf said = { 0 };
	struct policy *narrower = NULL;
	int r = policy_load_source(source, context, &narrower, &said);

	if (r < 0) {
		messages->n_errors++;
		if (said.len)
			buf_put(&messages->errors, said.data, said.len);
		return;
	}
	if (said.len)
		buf_put(&messages->warnings, said.data, said.len);
	if (has_name(policy, narrower->name)) {
		message_error(messages, narrower->file, "its name, %s, is that of another policy here: give it one with `name`",
			      narrower->name);
		policy_free(narrower);
		return;
	}
	policy->narrower[policy->n_narrower++] = narrower;
}

/* Loads the policies that programs of POLICY, which is frozen, get, and numbers the rules of all. */
static void load_narrower(struct policy *policy, const struct policy_context *context, struct messages *messages)
{
	struct policy_context inner = {
		.interpreter = context->interpreter,
		.submission = context->submission,
		.make_scratch = lend_scratch(policy, NULL, &(bool){ false }) ? lend_scratch : NULL,
		.scratch_arg = policy,
		.hide = context->hide,
		.n_hide = context->n_hide,
		.never = context->never,
		.n_never = context->n_never,
		.within = policy,
		.lint = context->lint,
	};
	size_t i, k, n = policy->n_execs;

	policy->narrower = xcalloc(policy->source->n_narrower + 1, sizeof(*policy->narrower));
	for (i = 0; i < policy->source->n_narrower && !messages->n_errors; i++)
		load_one_narrower(policy, steal_ptr(&policy->source->narrower[i]), &inner, messages);
	for (i = 0; i < policy->n_execs; i++)
		policy->execs[i].number = i;
	for (i = 0; i < policy->n_narrower; i++)
		for (k = 0; k < policy->narrower[i]->n_execs; k++)
			policy->narrower[i]->execs[k].number = n++;
}

/* What every policy ends with, whatever its source. Takes POLICY. */
static int finish(struct policy *policy, unsigned extends, const struct policy_context *context,
		  struct messages *messages, struct policy **ret_policy, struct buf *out)
{
	size_t i, first;
	bool good;
	int r;

	add_command_line(policy, context, messages);
	if (extends & EXTENDS_PURE) {
		add_submission(policy, context, messages);
		default_limits(&policy->limits);
	}
	add_guards(policy);
	add_never(policy, context);
	policy_add_own_exec(policy, context);
	first = policy->n_grants;
	if ((extends & EXTENDS_PYTHON) && context->interpreter && context->kept)
		policy_kept_add(context->kept, policy, context->interpreter);
	else if ((extends & EXTENDS_PYTHON) && context->interpreter)
		builtin_python_add(policy, context->interpreter);
	for (i = 0; i < policy->n_execs; i++)
		builtin_program_add(policy, &policy->execs[i], first);
	if (context->within)
		add_own_programs(policy, context->within, first);
	let_look(policy);
	check_writes(policy, messages);
	policy_settle_layers(policy);
	policy_check_exec(policy, messages);
	if (context->within)
		check_narrower(policy, messages);
	r = add_scratch(policy, context, messages);
	policy_sort(policy);
	for (i = 0; i < context->n_hide; i++)
		policy_hide_path(policy, context->hide[i], "builtin:cwd");
	policy_freeze(policy);
	policy->hides_names = policy_find_hidden_names(policy);
	check_ceiling(policy, messages);
	check_bound(policy, messages);
	if (context->lint) {
		check_hidden(policy, messages);
		if (!context->within)
			check_interpreter(policy, extends, messages);
	}
	if (context->within)
		put_within(policy, context->within);
	else
		load_narrower(policy, context, messages);
	good = messages->n_errors == 0;
	if (messages->errors.len)
		buf_put(out, messages->errors.data, messages->errors.len);
	if (messages->warnings.len)
		buf_put(out, messages->warnings.data, messages->warnings.len);
	if (!good || r < 0) {
		policy_free(policy);
		return good ? r : -EINVAL;
	}
	*ret_policy = policy;
	return 0;
}

int policy_load_source(struct policy_source *source, const struct policy_context *context,
		       struct policy **ret_policy, struct buf *out)
{
	_cleanup_(messages_fini) struct messages messages = { 0 };
	struct policy *policy = policy_new(source->name, source->file);

	policy->source = source;
	if (source->n) {
		const struct policy_document *own = &source->documents[source->n - 1];

		free(policy->text);
		policy->text = xmalloc(own->len + 1);
		memcpy(policy->text, own->text, own->len + 1);
	} else {
		policy->on_deny.ref = policy_own(policy, source->file);
	}
	for (policy->layer = 0; policy->layer < source->n; policy->layer++)
		policy_parse_yaml(policy, &source->documents[policy->layer], policy->layer + 1 == source->n, context,
				  &messages);
	/* Rules of the command line are in the policy's own layer. */
	policy->layer -= source->n != 0;
	return finish(policy, source->extends, context, &messages, ret_policy, out);
}

int policy_load_text(const char *text, size_t len, const char *file,
		     const struct policy_context *context, struct policy **ret_policy,
		     struct buf *out)
{
	struct policy_source *source = NULL;
	int r = policy_source_text(text, len, file, &source, out);

	return r < 0 ? r : policy_load_source(source, context, ret_policy, out);
}

int policy_load(const char *name_or_file, const struct policy_context *context,
		struct policy **ret_policy, struct buf *out)
{
	struct policy_source *source = NULL;
	int r = policy_source_read(name_or_file, &source, out);

	return r < 0 ? r : policy_load_source(source, context, ret_policy, out);
}
