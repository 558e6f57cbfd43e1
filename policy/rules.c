/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a path as it is written in a policy to a rule. Wildcards that the policy wrote become
 * control characters at once, so that a directory whose name holds a * (the submission's, say)
 * can never turn into a pattern.
 */
#include "policy/rules.h"
#include "policy/exec.h"

#include "base/escape.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

struct policy *policy_new(const char *name, const char *file)
{
	struct policy *policy = xcalloc(1, sizeof *policy);

	policy->name = xstrdup(name);
	policy->text = xstrdup("");
	policy->file = xstrdup(file);
	policy->on_deny = (struct rule){ RULE_ON_DENY, "on_deny", "builtin:default" };
	policy->deny_action = ACTION_DENY;
	policy->deny_errno = EACCES;
	policy->log_calls = LOG_BROKERED;
	policy->log_max = LOG_MAX_DEFAULT;
	policy->log_on_full = LOG_FULL_KILL;
	scratch_size_init(&policy->scratch);
	policy->table = path_table_new();
	limits_init(&policy->limits);
	return policy;
}

void scratch_size_init(struct scratch_size *scratch)
{
	*scratch = (struct scratch_size){ .bytes = SCRATCH_BYTES_DEFAULT, .files = SCRATCH_FILES_DEFAULT };
}

static void free_grant(struct grant *grant)
{
	free(grant->path);
	free(grant->text);
	free(grant->root);
	free(grant);
}

void exec_rule_fini(struct exec_rule *rule)
{
	size_t i;

	free(rule->path);
	free(rule->text);
	free(rule->loader);
	free(rule->search);
	free(rule->interpreter);
	for (i = 0; i < rule->n_patterns; i++)
		free(rule->patterns[i]);
	free(rule->patterns);
}

void policy_free(struct policy *policy)
{
	size_t i;

	if (!policy)
		return;
	for (i = 0; i < policy->n_grants; i++)
		free_grant(policy->grants[i]);
	for (i = 0; i < policy->n_replaced; i++)
		free_grant(policy->replaced[i]);
	policy_source_free(policy->source);
	for (i = 0; i < policy->n_links; i++) {
		free(policy->links[i].path);
		free(policy->links[i].target);
	}
	for (i = 0; i < policy->n_calls; i++)
		free(policy->calls[i].name);
	for (i = 0; i < policy->n_owned; i++)
		free(policy->owned[i]);
	free(policy->grants);
	free(policy->replaced);
	free(policy->env);
	free(policy->links);
	free(policy->calls);
	free(policy->never_calls);
	free(policy->owned);
	for (i = 0; i < policy->n_net; i++)
		net_rule_fini(&policy->net[i]);
	free(policy->net);
	for (i = 0; i < policy->n_execs; i++)
		exec_rule_fini(&policy->execs[i]);
	free(policy->execs);
	for (i = 0; i < policy->n_narrower; i++)
		policy_free(policy->narrower[i]);
	free(policy->narrower);
	free(policy->name);
	free(policy->text);
	free(policy->file);
	path_table_free(policy->table);
	free(policy);
}

const char *policy_own(struct policy *policy, const char *text)
{
	grow_array(&policy->owned, &policy->cap_owned, policy->n_owned + 1, sizeof(*policy->owned));
	return policy->owned[policy->n_owned++] = xstrdup(text);
}

void limits_init(struct limits *limits)
{
	*limits = (struct limits){ UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
				   UINT64_MAX, UINT64_MAX, { 0 } };
}

uint64_t *limits_at(struct limits *limits, enum limit limit)
{
	uint64_t *const values[] = {
		[LIMIT_CPU] = &limits->cpu_ns,		[LIMIT_WALL] = &limits->wall_ns,
		[LIMIT_MEMORY] = &limits->memory_bytes, [LIMIT_OUTPUT] = &limits->output_bytes,
		[LIMIT_TASKS] = &limits->tasks,		[LIMIT_FILES] = &limits->files,
	};

	return values[limit];
}

uint64_t limits_get(const struct limits *limits, enum limit limit)
{
	struct limits copy = *limits;

	return *limits_at(&copy, limit);
}

const char *limit_name(enum limit limit)
{
	static const char *const names[] = { "cpu", "wall", "memory", "output", "tasks", "files" };

	return (size_t)limit < ARRAY_SIZE(names) ? names[limit] : "unknown";
}

/* ------------------------------------------------------------------ messages */

void messages_fini(struct messages *messages)
{
	buf_fini(&messages->errors);
	buf_fini(&messages->warnings);
}

static void put_message(struct buf *out, const char *where, const char *kind, const char *format,
			va_list ap)
	_printf_(4, 0);
static void put_message(struct buf *out, const char *where, const char *kind, const char *format,
			va_list ap)
{
	_cleanup_free_ char *text = xvasprintf(format, ap);

	text_args(out, where);
	buf_printf(out, ": %s", kind);
	text_args(out, text);
	buf_putc(out, '\n');
}

void message_error(struct messages *messages, const char *where, const char *format, ...)
{
	va_list ap;

	if (++messages->n_errors > POLICY_MAX_ERRORS)
		return;
	va_start(ap, format);
	put_message(&messages->errors, where, "", format, ap);
	va_end(ap);
	if (messages->n_errors == POLICY_MAX_ERRORS)
		buf_printf(&messages->errors, "%s: too many errors, the rest is not shown\n",
			   where);
}

void message_warning(struct messages *messages, const char *where, const char *format, ...)
{
	va_list ap;

	if (messages->warnings.len > 65536)
		return;
	va_start(ap, format);
	put_message(&messages->warnings, where, "warning: ", format, ap);
	va_end(ap);
}

/* ------------------------------------------------------------------ rules */

static const struct rule_name {
	const char *id;
} rule_names[] = {
	[RULE_READ] = { "read" },
	[RULE_HIDE] = { "hide" },
	[RULE_NEVER] = { "never" },
	[RULE_WRITE] = { "write" },
};

static char *root_of(const char *path, enum grant_shape shape)
{
	const char *slash;

	if (shape == GRANT_TREE)
		return xstrdup(path);
	slash = strrchr(path, '/');
	return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

struct grant *policy_add(struct policy *policy, enum rule_kind kind, enum grant_shape shape,
			 const char *path, const char *text, const char *ref)
{
	struct grant *grant = xcalloc(1, sizeof *grant);

	grant->rule = (struct rule){ kind, rule_names[kind].id, ref };
	if (kind == RULE_WRITE) {
		grant->rule.kind = RULE_READ;
		grant->extra = WRITE_EXTRA;
		policy->writes = true;
	}
	grant->shape = shape;
	grant->path = xstrdup(path);
	grant->root = root_of(path, shape);
	if (text)
		grant->text = xstrdup(text);
	else if (shape == GRANT_TREE)
		grant->text = xasprintf("%s/**", slashed(path));
	else
		grant->text = xstrdup(path);
	grant->layer = policy->layer;
	grant->index = policy->n_grants;
	grow_array(&policy->grants, &policy->cap_grants, policy->n_grants + 1,
		   sizeof(*policy->grants));
	policy->grants[policy->n_grants++] = grant;
	return grant;
}

void policy_set_quota(struct policy *policy, struct grant *grant, const struct quota *quota)
{
	grant->quota = *quota;
	policy->counts |= quota->counted;
}

/* For an exact rule, PATH itself as its root means that it is a directory. */
static void set_root(struct grant *grant, const char *path)
{
	free(grant->root);
	grant->root = xstrdup(path);
}

static bool is_process(const char *name)
{
	size_t n = strcspn(name, "/");

	return (n == 4 && memcmp(name, "self", 4) == 0) ||
		(n == 11 && memcmp(name, "thread-self", 11) == 0) ||
		(n && strspn(name, "0123456789") == n);
}

static bool is_harmless_device(const char *path)
{
	static const char *const devices[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random",
					       "/dev/urandom" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(devices); i++)
		if (streq(path, devices[i]))
			return true;
	return false;
}

const char *policy_ungrantable(const char *path, enum grant_shape shape)
{
	if (path_rest(path, "/proc")) {
		if (path[5] && is_process(path + 6))
			return "files of a process cannot be granted; proctor answers for "
			       "/proc/self itself";
		if (shape != GRANT_EXACT || !path[5])
			return "beneath /proc only single files can be granted";
	}
	if (path_rest(path, "/dev") && !path_rest(path, "/dev/shm") &&
	    !(shape == GRANT_EXACT && is_harmless_device(path)))
		return "of /dev only null, zero, full, random, urandom and shm can be granted";
	if (path_rest(path, "/sys/kernel") && shape != GRANT_EXACT)
		return "beneath /sys/kernel only single files can be granted";
	return NULL;
}

/* ------------------------------------------------------------------ paths as written */

/* A written path after substitution. */
struct spec {
	struct buf coded; /* absolute; wildcards as WILD_ANY and WILD_ONE */
	struct buf text;  /* as a policy could have it, with the submission's name in it */
	size_t wild;	  /* where the first component with a wildcard begins, or coded.len */
	bool trailing_slash;
	bool substituted;
};

static void spec_fini(struct spec *spec)
{
	buf_fini(&spec->coded);
	buf_fini(&spec->text);
}

static void put_both(struct spec *spec, char coded, char c)
{
	buf_putc(&spec->coded, coded);
	buf_putc(&spec->text, c);
}

/* Expands what follows a %; returns the bytes consumed, or 0 after an error. */
static size_t expand_percent(struct spec *spec, const char *p, const struct path_rule *rule,
			     struct messages *messages)
{
	static const char variable[] = "{submission}";

	if (*p && strchr("%*?", *p)) {
		buf_putc(&spec->text, '%');
		put_both(spec, *p, *p);
		return 1;
	}
	if (!after_prefix(p, variable)) {
		message_error(messages, rule->where,
			      "unknown %% in a path (known: %%{submission}, %%%%, %%*, %%?; and %%{scratch} alone "
			      "to write to)");
		return 0;
	}
	if (!rule->submission && rule->lint) {
		buf_puts(&spec->coded, "/submission");
		buf_puts(&spec->text, "%{submission}");
		spec->substituted = true;
		return sizeof variable - 1;
	}
	if (!rule->submission) {
		message_error(messages, rule->where,
			      "%%{submission} has no meaning here: no script is run");
		return 0;
	}
	if (strpbrk(rule->submission, "\1\2")) {
		message_error(messages, rule->where,
			      "the script's directory has control characters in its name");
		return 0;
	}
	buf_puts(&spec->coded, rule->submission);
	put_policy_path(&spec->text, rule->submission);
	spec->substituted = true;
	return sizeof variable - 1;
}

static bool expand(struct spec *spec, const struct path_rule *rule, struct messages *messages)
{
	const char *p;

	for (p = rule->text; *p; p++) {
		if (*p == '%') {
			size_t n = expand_percent(spec, p + 1, rule, messages);

			if (!n)
				return false;
			p += n;
		} else if (*p == '*') {
			put_both(spec, WILD_ANY, '*');
		} else if (*p == '?') {
			put_both(spec, WILD_ONE, '?');
		} else if ((unsigned char)*p < 0x20 || *p == 0x7f) {
			message_error(messages, rule->where, "control character in a path");
			return false;
		} else {
			put_both(spec, *p, *p);
		}
	}
	return true;
}

/* -r: a path that exists is itself, whatever characters it has. */
static bool spec_from_command_line(struct spec *spec, const struct path_rule *rule,
				   struct messages *messages)
{
	if (rule->text[0] != '/') {
		_cleanup_free_ char *cwd = getcwd(NULL, 0);

		if (!cwd || cwd[0] != '/') {
			message_error(messages, rule->where, "%s: the working directory is gone",
				      rule->text);
			return false;
		}
		buf_puts(&spec->coded, cwd);
		buf_putc(&spec->coded, '/');
		put_policy_path(&spec->text, spec->coded.data);
	}
	if (!rule->exact && access(rule->text, F_OK) < 0)
		return expand(spec, rule, messages);
	buf_puts(&spec->coded, rule->text);
	put_policy_path(&spec->text, rule->text);
	if (!strpbrk(spec->coded.data, "\1\2"))
		return true;
	message_error(messages, rule->where, "control character in a path");
	return false;
}

/* Finds the first wildcard and refuses ** anywhere but alone at the end. */
static bool spec_check_wildcards(struct spec *spec, const struct path_rule *rule,
				 struct messages *messages)
{
	const char *s = spec->coded.data, *wild = strpbrk(s, "\1\2"), *p;

	spec->wild = spec->coded.len;
	if (!wild)
		return true;
	while (*wild != '/')
		wild--;
	spec->wild = (size_t)(wild - s);
	for (p = wild; (p = strstr(p, "\1\1")); p += 2)
		if (p[-1] != '/' || p[2]) {
			message_error(messages, rule->where,
				      "** must be the whole last component of a path");
			return false;
		}
	for (p = wild; (p = strstr(p, "/.")); p++)
		if (p[2] == '/' || !p[2] || (p[2] == '.' && (p[3] == '/' || !p[3]))) {
			message_error(messages, rule->where,
				      "\".\" and \"..\" cannot follow a wildcard");
			return false;
		}
	return true;
}

static bool spec_parse(struct spec *spec, const struct path_rule *rule, struct messages *messages)
{
	size_t n;

	if (!rule->text[0]) {
		message_error(messages, rule->where, "empty path");
		return false;
	}
	if (strlen(rule->text) >= PATH_MAX) {
		message_error(messages, rule->where, "path is too long");
		return false;
	}
	if (!(rule->command_line ? spec_from_command_line : expand)(spec, rule, messages))
		return false;
	if (spec->coded.data[0] != '/') {
		message_error(messages, rule->where, "\"%s\" is relative: write an absolute path",
			      rule->text);
		return false;
	}
	n = spec->coded.len;
	while (n > 1 && spec->coded.data[n - 1] == '/')
		spec->coded.data[--n] = '\0';
	spec->trailing_slash = n < spec->coded.len && n > 1 && !rule->command_line;
	spec->coded.len = n;
	return spec_check_wildcards(spec, rule, messages);
}

static bool canonicalise_or_say(struct policy *policy, const char *path,
				const struct path_rule *rule, struct canonical *ret,
				struct messages *messages)
{
	int r = canonicalise(policy, path, rule->where, ret);

	if (r == -EINVAL)
		message_error(messages, rule->where,
			      "\"..\" follows a component that is not a directory");
	else if (r < 0)
		message_error(messages, rule->where, "%s: %s", rule->text, strerror(-r));
	return r == 0;
}

/* A write rule must name a directory that exists, so that what is granted is what was meant. WHY: it cannot be
 * granted at all; or NULL. */
static bool check_write(const struct path_rule *rule, const struct spec *spec, const struct canonical *canonical,
			const char *why, struct messages *messages)
{
	if (!why && canonical->proc_link)
		why = "files of a process cannot be granted";
	if (!why && (path_rest(canonical->path, "/sys") || path_rest(canonical->path, "/proc")))
		why = "the kernel's own files cannot be written to";
	if (!why && streq(canonical->path, "/"))
		why = "a write rule names one directory, not every file there is";
	if (!why && canonical->type == PATH_MISSING)
		why = "there is no such directory: a write rule names one that exists";
	if (!why && canonical->type != PATH_DIR)
		why = "this is not a directory: a write rule names one, with all that is in it";
	if (why)
		message_error(messages, rule->where, "%s: %s", spec->text.data, why);
	return !why;
}

/* False, after a message: proctor cannot or should not grant what RULE says. */
static bool check_read(const struct path_rule *rule, const struct spec *spec,
		       const struct canonical *canonical, enum grant_shape shape,
		       struct messages *messages)
{
	const char *why = policy_ungrantable(canonical->path, shape);

	if (rule->kind == RULE_WRITE)
		return check_write(rule, spec, canonical, why, messages);
	if (rule->kind != RULE_READ)
		return true;
	if (!why && canonical->proc_link)
		why = "files of a process cannot be granted; proctor answers for /proc/self itself";
	if (why) {
		message_error(messages, rule->where, "%s: %s", spec->text.data, why);
		return false;
	}
	if (!streq(canonical->path, "/") || shape != GRANT_TREE)
		return true;
	if (spec->substituted) {
		message_warning(
			messages, rule->where,
			"the script's directory is /: left out, for it would grant every file");
		return false;
	}
	message_warning(messages, rule->where,
			"grants every file outside /proc, /dev and /sys/kernel");
	return true;
}

/* The pattern as a policy would write it: the canonical directory and the rest. */
static char *pattern_path(const char *dir, const char *rest)
{
	struct buf path = { 0 };

	put_policy_path(&path, slashed(dir));
	for (; *rest; rest++) {
		if (strchr("%*?", *rest))
			buf_putc(&path, '%');
		buf_putc(&path, *rest == WILD_ANY ? '*' : *rest == WILD_ONE ? '?' : *rest);
	}
	return buf_steal(&path);
}

/* A pattern of the components of REST. */
static struct pattern *pattern_new(const char *rest, bool beneath)
{
	struct pattern *pattern;
	const char *p;
	size_t n = 0, len;

	for (p = rest; *p; p++)
		n += *p == '/';
	pattern = xcalloc(1, sizeof *pattern + n * sizeof(*pattern->components));
	pattern->whole = true;
	pattern->tree = beneath;
	for (p = rest; *p; p += len) {
		p += strspn(p, "/");
		len = strcspn(p, "/");
		if (len == 2 && p[0] == WILD_ANY && p[1] == WILD_ANY) {
			pattern->whole = false;
			pattern->tree = true;
		} else if (len) {
			pattern->components[pattern->n++] = xstrndup(p, len);
		}
	}
	return pattern;
}

static void add_pattern(struct policy *policy, const struct path_rule *rule,
			const struct spec *spec, const struct canonical *canonical)
{
	const char *rest = spec->coded.data + spec->wild;
	_cleanup_free_ char *path = pattern_path(canonical->path, rest);
	struct pattern *pattern = pattern_new(rest, rule->kind != RULE_READ);
	struct path_node *node;
	struct grant *grant;

	grant = policy_add(policy, rule->kind, GRANT_PATTERN, path, spec->text.data, rule->where);
	set_root(grant, canonical->path);
	pattern->grant = grant;
	node = path_table_add(policy->table, canonical->path, strlen(canonical->path), NULL, NULL);
	pattern->next = node->patterns;
	node->patterns = pattern;
}

/* Hiding or forbidding a symlink means the link itself as well as what it leads to. */
static void add_link_itself(struct policy *policy, const struct path_rule *rule,
			    const struct spec *spec, const struct canonical *canonical)
{
	const char *slash = strrchr(spec->coded.data, '/');
	_cleanup_free_ char *parent =
		xstrndup(spec->coded.data, (size_t)(slash - spec->coded.data));
	_cleanup_free_ char *path = NULL;
	struct canonical dir;
	struct path_node *node;

	if (slash[1] == '\0' || slash[1] == '.' ||
	    canonicalise(policy, *parent ? parent : "/", rule->where, &dir) < 0)
		return;
	path = xasprintf("%s%s", slashed(dir.path), slash);
	free(dir.path);
	node = path_table_get(policy->table, path, strlen(path));
	if (node && node->type == PATH_LINK && !streq(path, canonical->path))
		policy_add(policy, rule->kind, rule->kind == RULE_NEVER ? GRANT_TREE : GRANT_EXACT,
			   path, spec->text.data, rule->where);
}

static void add_literal(struct policy *policy, const struct path_rule *rule,
			const struct spec *spec, const struct canonical *canonical, bool tree,
			struct messages *messages)
{
	enum grant_shape shape = tree ? GRANT_TREE : GRANT_EXACT;
	struct grant *grant;

	if (!tree && !spec->trailing_slash &&
	    (canonical->type == PATH_DIR ||
	     (canonical->type == PATH_MISSING && !path_rest(canonical->path, "/proc"))))
		shape = GRANT_TREE;
	if (canonical->type == PATH_FILE)
		shape = GRANT_EXACT;
	if (rule->kind == RULE_NEVER || rule->kind == RULE_WRITE)
		shape = GRANT_TREE;
	if (!check_read(rule, spec, canonical, shape, messages))
		return;
	if (canonical->type == PATH_MISSING && !canonical->proc_link)
		message_warning(messages, rule->where, "%s does not exist", spec->text.data);
	if (canonical->type == PATH_FILE && (tree || spec->trailing_slash))
		message_warning(messages, rule->where, "%s is not a directory", canonical->path);
	grant = policy_add(policy, rule->kind, shape, canonical->path, spec->text.data,
			   rule->where);
	if (shape == GRANT_EXACT &&
	    (canonical->type == PATH_DIR ||
	     (canonical->type == PATH_MISSING && spec->trailing_slash)))
		set_root(grant, canonical->path);
	if (rule->kind == RULE_READ && streq(canonical->path, "/dev/null"))
		grant->extra = WANT_WRITE;
	if (rule->kind == RULE_WRITE)
		policy_set_quota(policy, grant, &rule->quota);
	if (rule->kind != RULE_READ && rule->kind != RULE_WRITE && !tree)
		add_link_itself(policy, rule, spec, canonical);
}

void policy_add_path(struct policy *policy, const struct path_rule *rule, struct messages *messages)
{
	_cleanup_(spec_fini) struct spec spec = { 0 };
	_cleanup_free_ char *literal = NULL;
	struct canonical canonical;
	bool tree;

	if (policy->n_grants >= POLICY_MAX_RULES) {
		message_error(messages, rule->where, "more than %d rules", POLICY_MAX_RULES);
		return;
	}
	if (rule->kind == RULE_WRITE && streq(rule->text, "%{scratch}")) {
		if (rule->quota.counted)
			message_error(messages, rule->where, "what %%{scratch} holds is said by the key scratch: size and files");
		policy->scratch_ref = policy->scratch_ref ? policy->scratch_ref : rule->where;
		policy->writes = true;
		return; /* load.c makes it, and the rule, when everything else is known to be right */
	}
	if (!spec_parse(&spec, rule, messages))
		return;
	if (spec.substituted && !rule->submission)
		return; /* checked as far as it can be */
	tree = streq(spec.coded.data + spec.wild, "/\1\1");
	literal = spec.wild ? xstrndup(spec.coded.data, spec.wild) : xstrdup("/");
	if (!canonicalise_or_say(policy, literal, rule, &canonical, messages))
		return;
	if (rule->exact && !streq(canonical.path, rule->exact)) {
		message_error(messages, rule->where, "%s leads elsewhere than a moment ago", spec.text.data);
	} else if (tree || spec.wild == spec.coded.len) {
		add_literal(policy, rule, &spec, &canonical, tree, messages);
	} else if (rule->kind == RULE_WRITE) {
		message_error(messages, rule->where, "%s: a write rule names a directory, without wildcards",
			      spec.text.data);
	} else if (check_read(rule, &spec, &canonical, GRANT_PATTERN, messages)) {
		if (canonical.type != PATH_DIR)
			message_warning(messages, rule->where, "%s does not exist", canonical.path);
		add_pattern(policy, rule, &spec, &canonical);
	}
	free(canonical.path);
}

void policy_add_address(struct policy *policy, enum net_use use, const char *text, const char *where,
			struct messages *messages)
{
	struct net_rule rule;
	struct canonical canonical;
	const char *wrong = NULL;
	int r;

	if (policy->n_net >= POLICY_MAX_RULES) {
		message_error(messages, where, "more than %d rules", POLICY_MAX_RULES);
		return;
	}
	if (!net_parse(text, use, &rule, &wrong)) {
		message_error(messages, where, "\"%s\": %s", text, wrong);
		return;
	}
	rule.rule.ref = where;
	if (rule.address.transport == NET_UNIX && !rule.address.abstract) {
		r = canonicalise(policy, rule.name, where, &canonical);
		if (r < 0) {
			message_error(messages, where, "%s: %s", text, strerror(-r));
			net_rule_fini(&rule);
			return;
		}
		if (use == NET_CONNECT && canonical.type == PATH_MISSING)
			message_warning(messages, where, "%s does not exist", text);
		free(rule.name);
		rule.address.name = rule.name = canonical.path;
		rule.address.len = strlen(rule.name);
	}
	grow_array(&policy->net, &policy->cap_net, policy->n_net + 1, sizeof(*policy->net));
	policy->net[policy->n_net++] = rule;
}

/* Does a rule decide PATH? The guards over /proc and the like do not count here. */
static bool is_decided(const struct policy *policy, const char *path)
{
	const struct grant *grant = policy_match(policy, path, strlen(path));

	return grant && !(grant->builtin && grant->rule.kind == RULE_NEVER);
}

void policy_hide_path(struct policy *policy, const char *path, const char *ref)
{
	struct canonical canonical;
	struct grant *grant;
	char *slash;

	if (path[0] != '/' || canonicalise(policy, path, ref, &canonical) < 0)
		return;
	while (canonical.path[1]) {
		if (!is_decided(policy, canonical.path)) {
			grant = policy_add(policy, RULE_HIDE, GRANT_EXACT, canonical.path, NULL, ref);
			grant->builtin = true;
			set_root(grant, canonical.path);
			policy_sort(policy);
		}
		slash = strrchr(canonical.path, '/');
		slash[slash == canonical.path] = '\0';
	}
	free(canonical.path);
}

void put_policy_path(struct buf *out, const char *path)
{
	for (; *path; path++) {
		if (strchr("%*?", *path))
			buf_putc(out, '%');
		buf_putc(out, *path);
	}
}
