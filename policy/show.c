/* SPDX-License-Identifier: Apache-2.0 */
/* A policy as it takes effect, as YAML that loads to the same decisions, as far as YAML can say them. */
#include "policy/exec.h"
#include "policy/rules.h"

#include "base/escape.h"
#include "base/names.h"

/* "  # REF" and the end of the line: whatever a file is called, it stays a comment. */
static void put_comment(struct buf *out, const char *ref, const char *note)
{
	buf_lit(out, "  # ");
	text_args(out, ref);
	buf_puts(out, note);
	buf_putc(out, '\n');
}

static void put_text(struct buf *out, const char *text)
{
	text_yaml_string(out, text, strlen(text));
}

/* The `never` rule that a read rule of proctor's own is under: a policy with both would be wrong. */
static const struct grant *forbidden_by(const struct policy *policy, const struct grant *grant)
{
	const struct grant *found;

	if (grant->rule.kind != RULE_READ || grant->shape == GRANT_PATTERN)
		return NULL;
	found = policy_match(policy, grant->path, strlen(grant->path));
	return found && found->rule.kind == RULE_NEVER && !found->builtin ? found : NULL;
}

/* A value in the unit that divides it exactly. */
static void put_scaled(struct buf *out, uint64_t value, const uint64_t *scales,
		       const char *const *units, size_t n)
{
	size_t i;

	for (i = 0; i + 1 < n && (value == 0 || value % scales[i]); i++)
		;
	buf_u64(out, value / scales[i]);
	buf_puts(out, units[i]);
}

static void put_duration(struct buf *out, uint64_t ns)
{
	static const uint64_t scales[] = { 1000000000, 1000000, 1000, 1 };
	static const char *const units[] = { "s", "ms", "us", "ns" };

	put_scaled(out, ns, scales, units, ARRAY_SIZE(scales));
}

static void put_size(struct buf *out, uint64_t bytes)
{
	static const uint64_t scales[] = { 1u << 30, 1u << 20, 1u << 10, 1 };
	static const char *const units[] = { "GiB", "MiB", "KiB", "B" };

	put_scaled(out, bytes, scales, units, ARRAY_SIZE(scales));
}

/* The rest of a write rule with keys. */
static void put_quota(const struct quota *quota, struct buf *out)
{
	if (quota->bytes != UINT64_MAX) {
		buf_lit(out, ", quota: ");
		put_size(out, quota->bytes);
	}
	if (quota->files != UINT64_MAX)
		buf_printf(out, ", files: %llu", (unsigned long long)quota->files);
	buf_putc(out, '}');
}

static void put_grant(struct buf *out, const struct policy *policy, const struct grant *grant)
{
	const struct grant *never = forbidden_by(policy, grant);
	_cleanup_buf_ struct buf path = { 0 };

	if (grant->shape == GRANT_PATTERN)
		buf_puts(&path, grant->path);
	else
		put_policy_path(&path, grant->path);
	if (grant->shape == GRANT_TREE)
		buf_puts(&path, streq(grant->path, "/") ? "**" : "/**");
	else if (grant->shape == GRANT_EXACT && streq(grant->root, grant->path))
		buf_puts(&path,
			 streq(grant->path, "/") ? "./" : "/"); /* "/" alone would be the tree */
	buf_puts(out, never ? "# under never: " : "  - ");
	if (grant->quota.counted)
		buf_lit(out, "{path: ");
	text_yaml_string(out, path.data, path.len);
	if (grant->quota.counted)
		put_quota(&grant->quota, out);
	put_comment(out, grant->rule.ref, grant->extra & WANT_WRITE && !grant_writes(grant) ? ", and write" : "");
}

/* The kind of GRANT as it would have to be written. */
static enum rule_kind written_kind(const struct grant *grant)
{
	return grant_writes(grant) ? RULE_WRITE : grant->rule.kind;
}

static void show_rules(const struct policy *policy, enum rule_kind kind, bool builtin,
		       struct buf *out)
{
	size_t i;

	for (i = 0; i < policy->n_grants; i++)
		if (written_kind(policy->grants[i]) == kind && policy->grants[i]->builtin == builtin)
			put_grant(out, policy, policy->grants[i]);
}

/* The scratch is shown by its variable: each run makes a directory of another name. */
static void show_writes(const struct policy *policy, struct buf *out)
{
	size_t i;

	if (policy->writes)
		buf_lit(out, "write:\n");
	if (policy->scratch_ref) {
		buf_lit(out, "  - \"%{scratch}\"");
		put_comment(out, policy->scratch_ref, "");
	}
	for (i = 0; i < policy->n_grants; i++)
		if (grant_writes(policy->grants[i]) && !streq(policy->grants[i]->text, "%{scratch}"))
			put_grant(out, policy, policy->grants[i]);
}

static void show_net(const struct policy *policy, enum net_use use, struct buf *out)
{
	const char *head = use == NET_CONNECT ? "  connect:\n" : "  bind:\n";
	size_t i;

	for (i = 0; i < policy->n_net; i++) {
		const struct net_rule *rule = &policy->net[i];

		if (rule->use != use)
			continue;
		buf_puts(out, head);
		head = "";
		buf_lit(out, "    - ");
		put_text(out, rule->text);
		put_comment(out, rule->rule.ref, "");
	}
}

static bool has_rules(const struct policy *policy, enum rule_kind kind)
{
	size_t i;

	for (i = 0; i < policy->n_grants; i++)
		if (written_kind(policy->grants[i]) == kind &&
		    !(kind == RULE_NEVER && policy->grants[i]->builtin) && !forbidden_by(policy, policy->grants[i]))
			return true;
	return false;
}

static void show_limit(struct buf *out, const struct limits *limits, enum limit limit)
{
	uint64_t value = limits_get(limits, limit);

	buf_printf(out, "  %s: ", limit_name(limit));
	if (value == UINT64_MAX)
		buf_lit(out, "none");
	else if (limit == LIMIT_CPU || limit == LIMIT_WALL)
		put_duration(out, value);
	else if (limit == LIMIT_MEMORY || limit == LIMIT_OUTPUT)
		put_size(out, value);
	else
		buf_u64(out, value);
	if (limits->ref[limit])
		put_comment(out, limits->ref[limit], "");
	else
		buf_putc(out, '\n');
}

static void show_scratch(const struct policy *policy, struct buf *out)
{
	static const char *const places[] = {
		[SCRATCH_WHERE_POSSIBLE] = "", [SCRATCH_IN_MEMORY] = ", in: memory", [SCRATCH_IN_DIRECTORY] = ", in: directory",
	};
	const struct scratch_size *scratch = &policy->scratch;

	if (!policy->scratch_ref)
		return;
	buf_lit(out, "scratch: {size: ");
	put_size(out, scratch->bytes);
	buf_printf(out, ", files: %llu%s}", (unsigned long long)scratch->files, places[scratch->place]);
	put_comment(out, scratch->ref ? scratch->ref : "builtin:default",
		    scratch->place == SCRATCH_WHERE_POSSIBLE ? ", in memory where the host has it" : "");
}

static void show_text(const char *key, const char *text, const char *ref, struct buf *out)
{
	if (!text)
		return;
	buf_printf(out, "%s: ", key);
	put_text(out, text);
	put_comment(out, ref, "");
}

static void show_start(const struct policy *policy, struct buf *out)
{
	size_t i;

	show_text("python", policy->python, policy->python_ref, out);
	show_text("cwd", policy->cwd, policy->cwd_ref, out);
	if (policy->umask_ref) {
		buf_printf(out, "umask: %03o", policy->umask);
		put_comment(out, policy->umask_ref, "");
	}
	if (policy->n_env)
		buf_lit(out, "env:\n");
	for (i = 0; i < policy->n_env; i++) {
		const struct policy_variable *variable = &policy->env[i];

		buf_printf(out, variable->value ? "  - {%s: " : "  - %s", variable->name);
		if (variable->value) {
			put_text(out, variable->value);
			buf_putc(out, '}');
		}
		put_comment(out, variable->ref, "");
	}
}

/* Rules that come with process: fork are shown as comments. */
static void show_execs(const struct policy *policy, struct buf *out)
{
	bool any = false;
	size_t i;

	for (i = 0; i < policy->n_execs; i++)
		any |= !streq(policy->execs[i].rule.id, "process");
	if (any)
		buf_lit(out, "exec:\n");
	for (i = 0; i < policy->n_execs; i++) {
		buf_puts(out, streq(policy->execs[i].rule.id, "process") ? "# exec: " : "  - ");
		exec_put_rule(policy, &policy->execs[i], out);
		put_comment(out, policy->execs[i].rule.ref, "");
	}
}

static void show_settings(const struct policy *policy, struct buf *out)
{
	static const char *const calls[] = { "denied", "brokered", "all" };

	show_start(policy, out);

	if (policy->terminal != TERMINAL_AUTO)
		buf_printf(out, "terminal: %s\n", policy->terminal == TERMINAL_YES ? "yes" : "no");
	if (policy->process == PROCESS_FORK) {
		buf_lit(out, "process: fork");
		put_comment(out, policy->process_ref, "");
	}
	show_execs(policy, out);
	buf_lit(out, "limits:\n");
	for (enum limit limit = 0; limit < N_LIMITS; limit++)
		show_limit(out, &policy->limits, limit);
	buf_printf(out, "log:\n  calls: %s\n  max: ", calls[policy->log_calls]);
	if (policy->log_max == UINT64_MAX)
		buf_lit(out, "none");
	else
		put_size(out, policy->log_max);
	buf_printf(out, "\n  on_full: %s\n",
		   policy->log_on_full == LOG_FULL_KILL ? "kill" : "drop");
}

/* Under `never`, whose head is there already, or `refuse`. */
static void show_calls(const struct policy *policy, bool never, struct buf *out)
{
	size_t i;

	if (!never && policy->n_calls > policy->n_never_calls)
		buf_lit(out, "refuse:\n");
	for (i = 0; i < policy->n_calls; i++) {
		const struct call_rule *rule = &policy->calls[i];

		if (rule->never != never)
			continue;
		buf_printf(out, *rule->name == '@' ? "  - \"%s\"" : "  - %s", rule->name);
		put_comment(out, rule->ref, "");
	}
}

static void show_never(const struct policy *policy, struct buf *out)
{
	size_t i;

	show_calls(policy, false, out);
	if (policy->n_never_calls || has_rules(policy, RULE_NEVER))
		buf_lit(out, "never:\n");
	show_calls(policy, true, out);
	show_rules(policy, RULE_NEVER, false, out);
	for (i = 0; i < policy->n_grants; i++) {
		const struct grant *grant = policy->grants[i];

		if (grant->rule.kind == RULE_NEVER && grant->builtin)
			buf_printf(out, "# %s: only by its exact name  # %s\n", grant->path,
				   grant->rule.ref);
	}
}

/* A policy that programs get, as a comment: its rules are in a file of their own. */
static void show_narrower(const struct policy *policy, struct buf *out)
{
	_cleanup_buf_ struct buf text = { 0 };
	const char *line, *end;

	buf_lit(out, "# the policy ");
	put_text(out, policy->file);
	buf_lit(out, ", of programs that are executed with it; what the policy above does not grant it grants neither:\n");
	policy_show(policy, &text);
	for (line = text.data; *line; line = end + 1) {
		end = strchr(line, '\n');
		buf_lit(out, "#   ");
		buf_put(out, line, (size_t)(end - line) + 1);
	}
}

void policy_show(const struct policy *policy, struct buf *out)
{
	size_t i;

	buf_lit(out, "version: 1\nname: ");
	put_text(out, policy->name);
	if (policy->deny_action == ACTION_KILL)
		buf_lit(out, "\non_deny: kill");
	else
		buf_printf(out, "\non_deny: errno:%s", errno_name(policy->deny_errno));
	put_comment(out, policy->on_deny.ref, "");
	if (has_rules(policy, RULE_READ))
		buf_lit(out, "read:\n");
	show_rules(policy, RULE_READ, false, out);
	show_rules(policy, RULE_READ, true, out);
	show_writes(policy, out);
	show_scratch(policy, out);
	if (policy->n_net)
		buf_lit(out, "net:\n");
	show_net(policy, NET_CONNECT, out);
	show_net(policy, NET_BIND, out);
	for (i = 0; i < policy->n_links; i++) {
		buf_lit(out, "# link ");
		put_text(out, policy->links[i].path);
		buf_lit(out, " -> ");
		put_text(out, policy->links[i].target);
		put_comment(out, policy->links[i].ref, "");
	}
	if (has_rules(policy, RULE_HIDE))
		buf_lit(out, "hide:\n");
	show_rules(policy, RULE_HIDE, false, out);
	show_rules(policy, RULE_HIDE, true, out);
	show_settings(policy, out);
	show_never(policy, out);
	for (i = 0; i < policy->n_narrower; i++)
		show_narrower(policy->narrower[i], out);
}
