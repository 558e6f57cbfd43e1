/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML to rules. A document is read twice. The first reading takes its head, which says what it is
 * laid over: a pass over libyaml's events refuses what its document API would resolve silently
 * (anchors, aliases, tags, directives, several documents) and bounds size and depth before anything
 * is built. The second reading, of the same bytes, makes rules of the document's nodes, which keep
 * their line and column. Scalars are text and get their type from the key they belong to.
 */
#include "policy/exec_rules.h"

#include "policy/yaml_problem.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <yaml.h>

#include "base/names.h"
#include "policy/limit_text.h"

#define MAX_DEPTH 8
#define MAX_NODES 65536
#define MAX_NAME 64

struct loader {
	struct policy *policy; /* NULL while only the head is read */
	const char *file;      /* the document, for messages */
	bool last;	       /* the document is the policy itself, not one that it extends */
	const struct policy_context *context;
	struct messages *messages;
	const char *text;
	size_t len;
	yaml_document_t document;
	bool has_version;
	struct exec_text exec; /* of the rule that is being read */
	const char **patterns; /* its arguments; owned, the texts are the document's */
	yaml_node_t *write_path; /* of the write rule that is being read; and its quota */
	struct quota write_quota;
};

static void where_is(const struct loader *loader, const yaml_mark_t *mark, struct buf *out)
{
	buf_clear(out);
	buf_printf(out, "%s:%zu:%zu", loader->file, mark->line + 1, mark->column + 1);
}

static void complain_at(const struct loader *loader, const yaml_mark_t *mark, const char *format,
			...) _printf_(3, 4);
static void complain_at(const struct loader *loader, const yaml_mark_t *mark, const char *format,
			...)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_buf_ struct buf where = { 0 };
	va_list ap;

	va_start(ap, format);
	text = xvasprintf(format, ap);
	va_end(ap);
	where_is(loader, mark, &where);
	message_error(loader->messages, where.data, "%s", text);
}

/* ------------------------------------------------------------------ first pass */

static void complain_parser(const struct loader *loader, const yaml_parser_t *parser)
{
	const yaml_mark_t *mark = &parser->problem_mark;
	const char *problem = parser->problem ? parser->problem : "cannot be parsed";
	_cleanup_buf_ struct buf sentence = { 0 };

	if (parser->error == YAML_READER_ERROR)
		message_error(loader->messages, loader->file, "byte %zu: %s",
			      parser->problem_offset, problem);
	else if (yaml_problem(loader->text, loader->len, mark->line, mark->column, &sentence))
		complain_at(loader, mark, "%s", sentence.data);
	else
		complain_at(loader, mark, "%s%s%s", problem, parser->context ? " " : "",
			    parser->context ? parser->context : "");
}

static const char *forbidden_in(const yaml_event_t *event)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return "aliases are not allowed in a policy; a pattern that begins with * has to be quoted";
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		break;
	case YAML_DOCUMENT_START_EVENT:
		if (event->data.document_start.tag_directives.start !=
		    event->data.document_start.tag_directives.end)
			return "tags are not allowed in a policy";
		break;
	default:
		break;
	}
	if (anchor)
		return "anchors are not allowed in a policy";
	return tag ? "tags are not allowed in a policy" : NULL;
}

struct census {
	size_t nodes, documents;
	int depth;
};

/* False: stop here. */
static bool check_event(const struct loader *loader, const yaml_event_t *event,
			struct census *census)
{
	const char *problem = forbidden_in(event);

	if (event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT)
		census->depth++;
	if (event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT)
		census->depth--;
	if (event->type == YAML_DOCUMENT_START_EVENT && ++census->documents > 1)
		problem = "more than one document";
	if (census->depth > MAX_DEPTH)
		problem = "nested too deeply";
	if (++census->nodes > MAX_NODES)
		problem = "too many entries";
	if (problem)
		complain_at(loader, &event->start_mark, "%s", problem);
	return !problem;
}

static bool check_events(const struct loader *loader, const char *text, size_t len)
{
	struct census census = { 0 };
	yaml_parser_t parser;
	bool good = true, done = false;

	if (!yaml_parser_initialize(&parser)) {
		message_error(loader->messages, loader->file, "out of memory");
		return false;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	while (good && !done) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			complain_parser(loader, &parser);
			good = false;
			break;
		}
		good = check_event(loader, &event, &census);
		done = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return good;
}

/* ------------------------------------------------------------------ nodes */

/* The text of a scalar, or NULL after a message. */
static const char *scalar_text(struct loader *loader, const yaml_node_t *node, const char *what)
{
	const char *text = (const char *)node->data.scalar.value;

	if (node->type != YAML_SCALAR_NODE) {
		complain_at(loader, &node->start_mark, "%s must be text, not a %s", what,
			    node->type == YAML_SEQUENCE_NODE ? "list" : "mapping");
		return NULL;
	}
	if (memchr(text, '\0', node->data.scalar.length)) {
		complain_at(loader, &node->start_mark, "NUL character in %s", what);
		return NULL;
	}
	return text;
}

static const char *ref_of(struct loader *loader, const yaml_node_t *node)
{
	_cleanup_buf_ struct buf where = { 0 };

	where_is(loader, &node->start_mark, &where);
	return policy_own(loader->policy, where.data);
}

/* One key of a mapping and what reads its value. */
struct key {
	const char *name;
	void (*read)(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg);
	int arg;
};

static const struct key *find_key(const struct key *keys, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (streq(keys[i].name, name))
			return &keys[i];
	return NULL;
}

static void complain_key(struct loader *loader, const yaml_node_t *node, const struct key *keys,
			 size_t n, const char *name)
{
	_cleanup_buf_ struct buf known = { 0 };
	_cleanup_buf_ struct buf shown = { 0 };
	size_t i;

	for (i = 0; i < n; i++)
		buf_printf(&known, "%s%s", i ? ", " : "", keys[i].name);
	for (i = 0; i < 40 && name[i]; i++)
		buf_putc(&shown, (unsigned char)name[i] < 0x20 || name[i] == 0x7f ? '?' : name[i]);
	complain_at(loader, &node->start_mark, "unknown key \"%s\" (known: %s)",
		    shown.data ? shown.data : "", known.data);
}

/* Reads a mapping by KEYS (at most 32). WHAT names it in messages. */
static void read_mapping(struct loader *loader, const yaml_node_t *node, const char *what,
			 const struct key *keys, size_t n)
{
	const yaml_node_pair_t *pair;
	uint32_t seen = 0;

	if (node->type != YAML_MAPPING_NODE) {
		complain_at(loader, &node->start_mark, "%s must be a mapping (key: value)", what);
		return;
	}
	for (pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *name = yaml_document_get_node(&loader->document, pair->key);
		yaml_node_t *value = yaml_document_get_node(&loader->document, pair->value);
		const char *text = scalar_text(loader, name, "a key");
		const struct key *key = text ? find_key(keys, n, text) : NULL;

		if (!text)
			continue;
		if (!key) {
			complain_key(loader, name, keys, n, text);
			continue;
		}
		if (seen & 1u << (key - keys)) {
			complain_at(loader, &name->start_mark, "duplicate key \"%s\"", text);
			continue;
		}
		seen |= 1u << (key - keys);
		key->read(loader, name, value, key->arg);
	}
}

/* ------------------------------------------------------------------ values */

static void read_version(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	const char *text = scalar_text(loader, value, "version");

	(void)key;
	(void)arg;
	loader->has_version = true;
	if (text && !streq(text, "1"))
		complain_at(loader, &value->start_mark, "version must be 1");
}

static void read_name(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	const char *text = scalar_text(loader, value, "name"), *p;

	(void)key;
	(void)arg;
	if (!text)
		return;
	for (p = text; *p && (unsigned char)*p >= 0x20 && *p != 0x7f; p++)
		;
	if (*p || !*text || p - text > MAX_NAME) {
		complain_at(loader, &value->start_mark,
			    "name must have 1 to %d characters and no control characters",
			    MAX_NAME);
		return;
	}
	if (!loader->last)
		return;
	free(loader->policy->name);
	loader->policy->name = xstrdup(text);
}

/* What the document extends was read, and laid beneath it, before. */
static void read_extends(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	(void)loader;
	(void)key;
	(void)value;
	(void)arg;
}

static void read_on_deny(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	struct policy *policy = loader->policy;
	const char *text = scalar_text(loader, value, "on_deny"), *name;

	(void)arg;
	if (!text)
		return;
	name = after_prefix(text, "errno:");
	policy->on_deny.ref = ref_of(loader, key);
	if (streq(text, "kill")) {
		policy->deny_action = ACTION_KILL;
		policy->deny_errno = 0;
	} else if (name && errno_from_name(name)) {
		policy->deny_action = ACTION_DENY;
		policy->deny_errno = errno_from_name(name);
	} else {
		complain_at(loader, &value->start_mark,
			    "on_deny must be kill or errno:NAME with a name of errno(3)");
	}
}

static void read_terminal(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	const char *text = scalar_text(loader, value, "terminal");

	(void)arg;
	(void)key;
	if (!text)
		return;
	if (streq(text, "yes"))
		loader->policy->terminal = TERMINAL_YES;
	else if (streq(text, "no"))
		loader->policy->terminal = TERMINAL_NO;
	else
		complain_at(loader, &value->start_mark, "terminal must be yes or no");
}

static void read_process(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	const char *text = scalar_text(loader, value, "process");

	(void)arg;
	if (!text)
		return;
	loader->policy->process_ref = ref_of(loader, key);
	if (streq(text, "fork"))
		loader->policy->process = PROCESS_FORK;
	else if (streq(text, "no"))
		loader->policy->process = PROCESS_NO;
	else
		complain_at(loader, &value->start_mark, "process must be no or fork");
}

/* ------------------------------------------------------------------ where it starts, and with what */

static void read_python(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	const char *text = scalar_text(loader, value, "python");

	(void)key;
	(void)arg;
	if (!text)
		return;
	if (*text != '/') {
		complain_at(loader, &value->start_mark, "python must be the absolute path of an interpreter");
		return;
	}
	loader->policy->python_ref = ref_of(loader, value);
	loader->policy->python = policy_own(loader->policy, text);
	if (access(text, X_OK) < 0)
		message_warning(loader->messages, loader->policy->python_ref, "%s: %s", text, strerror(errno));
}

static void read_cwd(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	const char *text = scalar_text(loader, value, "cwd"), *wrong = text ? policy_directory_wrong(text) : NULL;

	(void)key;
	(void)arg;
	if (wrong)
		complain_at(loader, &value->start_mark, "%s", wrong);
	if (!text || wrong)
		return;
	loader->policy->cwd = policy_own(loader->policy, text);
	loader->policy->cwd_ref = ref_of(loader, value);
}

static void read_umask(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	const char *text = scalar_text(loader, value, "umask");
	size_t n = text ? strlen(text) : 0;

	(void)key;
	(void)arg;
	if (!text)
		return;
	if (n < 3 || n > 4 || strspn(text, "01234567") != n || (n == 4 && *text != '0')) {
		complain_at(loader, &value->start_mark, "umask must be three octal digits, as 077");
		return;
	}
	loader->policy->umask = (unsigned)strtoul(text, NULL, 8);
	loader->policy->umask_ref = ref_of(loader, value);
}

/* VALUE NULL: the caller's value is passed on. */
static void read_variable(struct loader *loader, const yaml_node_t *name, const yaml_node_t *value)
{
	const char *text = scalar_text(loader, name, "a variable");
	const char *to = value && text ? scalar_text(loader, value, "the value of a variable") : NULL, *wrong;

	if (!text || (value && !to))
		return;
	wrong = policy_set_variable(loader->policy, text, to, ref_of(loader, name));
	if (wrong)
		complain_at(loader, &name->start_mark, "%.64s: %s", text, wrong);
}

static void read_variables(struct loader *loader, const yaml_node_t *node)
{
	const yaml_node_pair_t *pair;

	for (pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++)
		read_variable(loader, yaml_document_get_node(&loader->document, pair->key),
			      yaml_document_get_node(&loader->document, pair->value));
}

/* {NAME: VALUE, ...}, or a list of such mappings and of names that are passed on. */
static void read_env(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	const yaml_node_item_t *item;

	(void)key;
	(void)arg;
	if (value->type == YAML_MAPPING_NODE) {
		read_variables(loader, value);
		return;
	}
	if (value->type != YAML_SEQUENCE_NODE) {
		complain_at(loader, &value->start_mark, "env must be a mapping (NAME: value), or a list of names to pass and of such mappings");
		return;
	}
	for (item = value->data.sequence.items.start; item < value->data.sequence.items.top; item++) {
		const yaml_node_t *node = yaml_document_get_node(&loader->document, *item);

		if (node->type == YAML_MAPPING_NODE)
			read_variables(loader, node);
		else
			read_variable(loader, node, NULL);
	}
}

static void read_path(struct loader *loader, const yaml_node_t *node, enum rule_kind kind, const struct quota *quota)
{
	const char *text = scalar_text(loader, node, "a path");
	struct path_rule rule = {
		.kind = kind,
		.text = text,
		.quota = *quota,
		.submission = loader->context->submission,
		.lint = loader->context->lint,
	};

	if (!text)
		return;
	if (node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strpbrk(text, " \t")) {
		complain_at(loader, &node->start_mark, "a path with a space must be quoted");
		return;
	}
	rule.where = ref_of(loader, node);
	policy_add_path(loader->policy, &rule, loader->messages);
}

static void read_call(struct loader *loader, const yaml_node_t *node, bool never)
{
	const char *text = scalar_text(loader, node, "a system call");
	size_t at = text && *text == '@', n = text ? strspn(text + at, "abcdefghijklmnopqrstuvwxyz0123456789_") : 0;

	if (!text)
		return;
	if (!n || text[at + n] || n > MAX_NAME) {
		complain_at(loader, &node->start_mark,
			    never ? "never takes names of system calls, groups of them, and absolute paths" :
				    "refuse takes names of system calls and groups of them (hide and never take paths)");
		return;
	}
	policy_refuse_call(loader->policy, text, never, ref_of(loader, node), loader->messages);
}

static bool looks_like_path(const yaml_node_t *node)
{
	const yaml_char_t *value = node->data.scalar.value;

	return node->type == YAML_SCALAR_NODE &&
		(value[0] == '%' || memchr(value, '/', node->data.scalar.length));
}

/* ------------------------------------------------------------------ a write rule with a quota */

/* Each key of one rule's mapping notes its value here. */
static void read_write_path(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	(void)key;
	(void)arg;
	loader->write_path = value;
}

/* VALUE, of the key NAME, as a number of files or as a size. */
static void read_amount(struct loader *loader, const yaml_node_t *value, const char *name, bool files, uint64_t *ret_amount)
{
	const char *text = scalar_text(loader, value, name), *wrong;

	if (!text)
		return;
	if ((files ? scratch_files_parse(text, ret_amount, &wrong) : scratch_bytes_parse(text, ret_amount, &wrong)) < 0)
		complain_at(loader, &value->start_mark, "%s %s", name, wrong);
}

static void read_write_amount(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int files)
{
	struct quota *quota = &loader->write_quota;

	(void)key;
	read_amount(loader, value, files ? "files" : "quota", files, files ? &quota->files : &quota->bytes);
	quota->counted = true;
}

static void read_write(struct loader *loader, yaml_node_t *node)
{
	static const struct key keys[] = {
		{ "path", read_write_path, 0 },
		{ "quota", read_write_amount, 0 },
		{ "files", read_write_amount, 1 },
	};

	loader->write_path = NULL;
	loader->write_quota = (struct quota){ .bytes = UINT64_MAX, .files = SCRATCH_FILES_DEFAULT };
	read_mapping(loader, node, "a write rule", keys, ARRAY_SIZE(keys));
	if (loader->write_path)
		read_path(loader, loader->write_path, RULE_WRITE, &loader->write_quota);
	else
		complain_at(loader, &node->start_mark, "a write rule with keys needs a path");
}

static void read_rule(struct loader *loader, yaml_node_t *node, int kind)
{
	if (kind == RULE_WRITE && node->type == YAML_MAPPING_NODE)
		read_write(loader, node);
	else if (kind == RULE_REFUSE || (kind == RULE_NEVER && !looks_like_path(node)))
		read_call(loader, node, kind == RULE_NEVER);
	else
		read_path(loader, node, (enum rule_kind)kind, &(struct quota){ .counted = false });
}

/* A list, or one rule alone: that is how explain proposes it. */
static void read_rules(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int kind)
{
	const yaml_node_item_t *item;

	if (value->type == YAML_SCALAR_NODE || (kind == RULE_WRITE && value->type == YAML_MAPPING_NODE)) {
		read_rule(loader, value, kind);
		return;
	}
	if (value->type != YAML_SEQUENCE_NODE) {
		complain_at(loader, &value->start_mark, "%s must be a list",
			    (const char *)key->data.scalar.value);
		return;
	}
	for (item = value->data.sequence.items.start; item < value->data.sequence.items.top; item++)
		read_rule(loader, yaml_document_get_node(&loader->document, *item), kind);
}

/* ------------------------------------------------------------------ net */

static void read_address(struct loader *loader, const yaml_node_t *node, enum net_use use)
{
	const char *text = scalar_text(loader, node, "an address");

	if (text)
		policy_add_address(loader->policy, use, text, ref_of(loader, node), loader->messages);
}

static void read_addresses(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int use)
{
	const yaml_node_item_t *item;

	if (value->type == YAML_SCALAR_NODE) {
		read_address(loader, value, (enum net_use)use);
		return;
	}
	if (value->type != YAML_SEQUENCE_NODE) {
		complain_at(loader, &value->start_mark, "%s must be a list", (const char *)key->data.scalar.value);
		return;
	}
	for (item = value->data.sequence.items.start; item < value->data.sequence.items.top; item++)
		read_address(loader, yaml_document_get_node(&loader->document, *item), (enum net_use)use);
}

static void read_net(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	static const struct key keys[] = {
		{ "connect", read_addresses, NET_CONNECT },
		{ "bind", read_addresses, NET_BIND },
	};

	(void)key;
	(void)arg;
	read_mapping(loader, value, "net", keys, ARRAY_SIZE(keys));
}

/* ------------------------------------------------------------------ exec */

/* Each key of the mapping that is being read notes its value in the loader. */
static void read_exec_path(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	(void)key;
	(void)arg;
	loader->exec.path = scalar_text(loader, value, "path");
}

static void read_exec_argv(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	const yaml_node_item_t *item;
	size_t n = 0;

	(void)key;
	(void)arg;
	if (value->type != YAML_SEQUENCE_NODE) {
		complain_at(loader, &value->start_mark, "argv must be a list");
		return;
	}
	item = value->data.sequence.items.start;
	loader->patterns = xcalloc((size_t)(value->data.sequence.items.top - item) + 1, sizeof *loader->patterns);
	for (; item < value->data.sequence.items.top; item++) {
		const char *text = scalar_text(loader, yaml_document_get_node(&loader->document, *item), "an argument");

		if (text)
			loader->patterns[n++] = text;
	}
	loader->exec.patterns = loader->patterns;
	loader->exec.n_patterns = n;
}

static void read_exec_count(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	const char *text = scalar_text(loader, value, "count");
	size_t n = text ? strspn(text, "0123456789") : 0;

	(void)key;
	(void)arg;
	if (!text)
		return;
	if (!n || text[n] || n > 9)
		complain_at(loader, &value->start_mark, "count must be a number below 1000000000");
	else
		loader->exec.count = strtoull(text, NULL, 10);
}

static void read_exec_policy(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	const char *text = scalar_text(loader, value, "policy");
	_cleanup_free_ char *name = text ? policy_name_beside(loader->file, text) : NULL;

	(void)key;
	(void)arg;
	/* It was read with the head. */
	if (name)
		loader->exec.narrower = policy_source_find_narrower(loader->policy->source, name) + 1;
}

static void read_exec_rule(struct loader *loader, yaml_node_t *node)
{
	static const struct key keys[] = {
		{ "path", read_exec_path, 0 },
		{ "argv", read_exec_argv, 0 },
		{ "count", read_exec_count, 0 },
		{ "policy", read_exec_policy, 0 },
	};
	size_t errors = loader->messages->n_errors;

	loader->exec = (struct exec_text){ .count = UINT64_MAX, .where = ref_of(loader, node) };
	if (node->type == YAML_MAPPING_NODE)
		read_mapping(loader, node, "exec", keys, ARRAY_SIZE(keys));
	else
		loader->exec.path = scalar_text(loader, node, "a program's path");
	if (loader->messages->n_errors == errors && !loader->exec.path)
		complain_at(loader, &node->start_mark, "exec: path is missing");
	else if (loader->messages->n_errors == errors)
		policy_add_exec(loader->policy, loader->context, &loader->exec, loader->messages);
	free(loader->patterns);
	loader->patterns = NULL;
}

/* A list, or one rule alone. */
static void read_exec(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	const yaml_node_item_t *item;

	(void)key;
	(void)arg;
	if (value->type != YAML_SEQUENCE_NODE) {
		read_exec_rule(loader, value);
		return;
	}
	for (item = value->data.sequence.items.start; item < value->data.sequence.items.top; item++)
		read_exec_rule(loader, yaml_document_get_node(&loader->document, *item));
}

/* ------------------------------------------------------------------ limits and log */

static void read_limit(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int limit)
{
	struct limits *limits = &loader->policy->limits;
	const char *name = limit_name((enum limit)limit), *text = scalar_text(loader, value, name);
	const char *wrong;
	uint64_t parsed;

	(void)key;
	if (!text)
		return;
	if (limit_parse((enum limit)limit, text, &parsed, &wrong) < 0) {
		complain_at(loader, &value->start_mark, "%s %s", name, wrong);
		return;
	}
	*limits_at(limits, (enum limit)limit) = parsed;
	limits->ref[limit] = ref_of(loader, value);
}

static void read_limits(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	static const struct key keys[] = {
		{ "cpu", read_limit, LIMIT_CPU },	{ "wall", read_limit, LIMIT_WALL },
		{ "memory", read_limit, LIMIT_MEMORY }, { "output", read_limit, LIMIT_OUTPUT },
		{ "tasks", read_limit, LIMIT_TASKS },	{ "files", read_limit, LIMIT_FILES },
	};

	(void)key;
	(void)arg;
	read_mapping(loader, value, "limits", keys, ARRAY_SIZE(keys));
}

/* The position of the value's text among N words, or -1 after a message. */
static int read_word(struct loader *loader, const yaml_node_t *value, const char *what,
		     const char *const *words, size_t n)
{
	const char *text = scalar_text(loader, value, what);
	_cleanup_buf_ struct buf known = { 0 };
	size_t i;

	for (i = 0; text && i < n; i++) {
		if (streq(text, words[i]))
			return (int)i;
		buf_printf(&known, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", words[i]);
	}
	if (text)
		complain_at(loader, &value->start_mark, "%s must be %s", what, known.data);
	return -1;
}

static void read_log_calls(struct loader *loader, const yaml_node_t *key, yaml_node_t *value,
			   int arg)
{
	static const char *const words[] = { "denied", "brokered", "all" };
	int word = read_word(loader, value, "calls", words, ARRAY_SIZE(words));

	(void)key;
	(void)arg;
	if (word >= 0)
		loader->policy->log_calls = (enum log_calls)word;
}

static void read_log_full(struct loader *loader, const yaml_node_t *key, yaml_node_t *value,
			  int arg)
{
	static const char *const words[] = { "kill", "drop" };
	int word = read_word(loader, value, "on_full", words, ARRAY_SIZE(words));

	(void)key;
	(void)arg;
	if (word >= 0)
		loader->policy->log_on_full = (enum log_full)word;
}

static void read_log_max(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	const char *text = scalar_text(loader, value, "max"), *wrong;
	uint64_t bytes;

	(void)key;
	(void)arg;
	if (!text)
		return;
	if (log_max_parse(text, &bytes, &wrong) < 0) {
		complain_at(loader, &value->start_mark, "max %s", wrong);
		return;
	}
	loader->policy->log_max = bytes;
}

static void read_log(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	static const struct key keys[] = {
		{ "calls", read_log_calls, 0 },
		{ "max", read_log_max, 0 },
		{ "on_full", read_log_full, 0 },
	};

	(void)key;
	(void)arg;
	read_mapping(loader, value, "log", keys, ARRAY_SIZE(keys));
}

/* ------------------------------------------------------------------ the scratch */

static void read_scratch_size(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int files)
{
	struct scratch_size *scratch = &loader->policy->scratch;

	(void)key;
	read_amount(loader, value, files ? "files" : "size", files, files ? &scratch->files : &scratch->bytes);
}

static void read_scratch_place(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	static const char *const words[] = { "memory", "directory" };
	int word = read_word(loader, value, "in", words, ARRAY_SIZE(words));
	struct scratch_size *scratch = &loader->policy->scratch;

	(void)key;
	(void)arg;
	if (word >= 0)
		scratch->place = word ? SCRATCH_IN_DIRECTORY : SCRATCH_IN_MEMORY;
}

static void read_scratch(struct loader *loader, const yaml_node_t *key, yaml_node_t *value, int arg)
{
	static const struct key keys[] = {
		{ "size", read_scratch_size, 0 },
		{ "files", read_scratch_size, 1 },
		{ "in", read_scratch_place, 0 },
	};

	(void)arg;
	/* The scratch of a policy that is extended is replaced, not mixed in. */
	scratch_size_init(&loader->policy->scratch);
	read_mapping(loader, value, "scratch", keys, ARRAY_SIZE(keys));
	loader->policy->scratch.ref = ref_of(loader, key);
}

/* ------------------------------------------------------------------ */

static void read_document(struct loader *loader)
{
	static const struct key keys[] = {
		{ "version", read_version, 0 },	     { "name", read_name, 0 },
		{ "extends", read_extends, 0 },	     { "on_deny", read_on_deny, 0 },
		{ "read", read_rules, RULE_READ },   { "hide", read_rules, RULE_HIDE },
		{ "limits", read_limits, 0 },	     { "log", read_log, 0 },
		{ "never", read_rules, RULE_NEVER }, { "write", read_rules, RULE_WRITE },
		{ "terminal", read_terminal, 0 },    { "net", read_net, 0 },
		{ "scratch", read_scratch, 0 },     { "process", read_process, 0 },
		{ "env", read_env, 0 },		     { "cwd", read_cwd, 0 },
		{ "umask", read_umask, 0 },	     { "python", read_python, 0 },
		{ "exec", read_exec, 0 },
		{ "refuse", read_rules, RULE_REFUSE },
	};
	const yaml_node_t *root = yaml_document_get_root_node(&loader->document);

	if (!root) {
		message_error(loader->messages, loader->file,
			      "empty policy: write at least \"version: 1\"");
		return;
	}
	read_mapping(loader, root, "a policy", keys, ARRAY_SIZE(keys));
	if (root->type == YAML_MAPPING_NODE && !loader->has_version)
		complain_at(loader, &root->start_mark, "version is missing: write \"version: 1\"");
}

static struct policy_mention mention_of(const struct loader *loader, const yaml_node_t *node)
{
	_cleanup_buf_ struct buf where = { 0 };

	where_is(loader, &node->start_mark, &where);
	return (struct policy_mention){ xstrdup((const char *)node->data.scalar.value), buf_steal(&where) };
}

/* A list of texts, or one alone, to HEAD. */
static void take_extends(struct loader *loader, const yaml_node_t *node, struct policy_head *head)
{
	if (!scalar_text(loader, node, "extends"))
		return;
	if (head->n == POLICY_MAX_DOCUMENTS) {
		complain_at(loader, &node->start_mark, "more than %d policies to extend", POLICY_MAX_DOCUMENTS);
		return;
	}
	grow_array(&head->extends, &head->cap, head->n + 1, sizeof(*head->extends));
	head->extends[head->n++] = mention_of(loader, node);
}

/* The value of KEY in mapping NODE, or NULL. */
static const yaml_node_t *value_in(struct loader *loader, const yaml_node_t *node, const char *key)
{
	const yaml_node_pair_t *pair;

	if (!node || node->type != YAML_MAPPING_NODE)
		return NULL;
	for (pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *name = yaml_document_get_node(&loader->document, pair->key);

		if (name->type == YAML_SCALAR_NODE && streq((const char *)name->data.scalar.value, key))
			return yaml_document_get_node(&loader->document, pair->value);
	}
	return NULL;
}

/* The policy that a rule on a program, NODE, names, to HEAD; what is wrong with it the second reading says. */
static void take_narrower(struct loader *loader, const yaml_node_t *node, struct policy_head *head)
{
	const yaml_node_t *value = value_in(loader, node, "policy");

	if (!value || value->type != YAML_SCALAR_NODE || strlen((const char *)value->data.scalar.value) != value->data.scalar.length)
		return;
	grow_array(&head->narrower, &head->cap_narrower, head->n_narrower + 1, sizeof(*head->narrower));
	head->narrower[head->n_narrower++] = mention_of(loader, value);
}

/* Takes NODE's text; if it is none, the second reading says so. */
static void take_text(const yaml_node_t *node, char **text)
{
	if (node->type != YAML_SCALAR_NODE)
		return;
	free(*text);
	*text = xstrdup((const char *)node->data.scalar.value);
}

/* TAKE is given each item of NODE, a list, or NODE itself. */
static void take_each(struct loader *loader, const yaml_node_t *node, struct policy_head *head,
		      void (*take)(struct loader *, const yaml_node_t *, struct policy_head *))
{
	const yaml_node_item_t *item;

	if (node->type != YAML_SEQUENCE_NODE) {
		take(loader, node, head);
		return;
	}
	for (item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++)
		take(loader, yaml_document_get_node(&loader->document, *item), head);
}

static void read_head(struct loader *loader, struct policy_head *head)
{
	const yaml_node_t *root = yaml_document_get_root_node(&loader->document);
	const yaml_node_pair_t *pair;

	if (!root || root->type != YAML_MAPPING_NODE)
		return; /* the second reading says so */
	for (pair = root->data.mapping.pairs.start; pair < root->data.mapping.pairs.top; pair++) {
		const yaml_node_t *name = yaml_document_get_node(&loader->document, pair->key);
		const yaml_node_t *value = yaml_document_get_node(&loader->document, pair->value);

		const char *key = name->type == YAML_SCALAR_NODE ? (const char *)name->data.scalar.value : "";

		if (streq(key, "python"))
			take_text(value, &head->python);
		else if (streq(key, "cwd"))
			take_text(value, &head->cwd);
		else if (streq(key, "extends"))
			take_each(loader, value, head, take_extends);
		else if (streq(key, "exec"))
			take_each(loader, value, head, take_narrower);
	}
}

/* Builds the document of LOADER; false after a message. */
static bool load_document(struct loader *loader)
{
	yaml_parser_t parser;
	bool good;

	if (!yaml_parser_initialize(&parser)) {
		message_error(loader->messages, loader->file, "out of memory");
		return false;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)loader->text, loader->len);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	good = yaml_parser_load(&parser, &loader->document);
	if (!good)
		complain_parser(loader, &parser);
	yaml_parser_delete(&parser);
	return good;
}

void policy_head_fini(struct policy_head *head)
{
	size_t i;

	for (i = 0; i < head->n; i++) {
		free(head->extends[i].text);
		free(head->extends[i].ref);
	}
	for (i = 0; i < head->n_narrower; i++) {
		free(head->narrower[i].text);
		free(head->narrower[i].ref);
	}
	free(head->extends);
	free(head->narrower);
	free(head->python);
	free(head->cwd);
	*head = (struct policy_head){ 0 };
}

void policy_parse_head(const struct policy_document *document, struct policy_head *head, struct messages *messages)
{
	struct loader loader = {
		.file = document->file, .messages = messages, .text = document->text, .len = document->len
	};

	if (!check_events(&loader, loader.text, loader.len) || !load_document(&loader))
		return;
	read_head(&loader, head);
	yaml_document_delete(&loader.document);
}

void policy_parse_yaml(struct policy *policy, const struct policy_document *document, bool last,
		       const struct policy_context *context, struct messages *messages)
{
	struct loader loader = {
		.policy = policy, .file = document->file, .last = last, .context = context, .messages = messages,
		.text = document->text, .len = document->len
	};

	if (!load_document(&loader))
		return;
	read_document(&loader);
	yaml_document_delete(&loader.document);
}
