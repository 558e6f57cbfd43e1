/* SPDX-License-Identifier: Apache-2.0 */
#include "report/run_info.h"

#include <inttypes.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/text.h"

/* A policy too large for any loader is not worth the memory of reading it. */
#define MAX_EFFECTIVE (4u << 20)
#define MAX_LIST 65536

static const struct {
	const char *name, *member;
} limit_names[] = {
	[LIMIT_CPU] = { "cpu", "cpu_ns" },
	[LIMIT_WALL] = { "wall", "wall_ns" },
	[LIMIT_MEMORY] = { "memory", "memory_bytes" },
	[LIMIT_OUTPUT] = { "output", "output_bytes" },
	[LIMIT_TASKS] = { "tasks", "tasks" },
	[LIMIT_FILES] = { "files", "files" },
};

int limit_from_name(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(limit_names); i++)
		if (streq(limit_names[i].name, name))
			return (int)i;
	return -1;
}

void run_info_init(struct run_info *run)
{
	*run = (struct run_info){ .exit_code = -1 };
	for (size_t i = 0; i < ARRAY_SIZE(run->limits); i++)
		run->limits[i] = UINT64_MAX;
}

void text_list_fini(struct text_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->text[i]);
	free(list->text);
	*list = (struct text_list){ 0 };
}

static void forget_start(struct run_info *run)
{
	free(run->id);
	free(run->started);
	free(run->script);
	free(run->script_sha256);
	free(run->submission);
	free(run->submission_named);
	free(run->working_directory);
	free(run->scratch);
	free(run->called);
	free(run->interpreter);
	text_list_fini(&run->never);
	text_list_fini(&run->never_own);
}

static void forget_end(struct run_info *run)
{
	free(run->status);
	free(run->exit_signal);
	json_decref(run->end);
}

void run_info_fini(struct run_info *run)
{
	forget_start(run);
	run->network = false;
	forget_end(run);
	run_info_init(run);
}

static char *copy_text(json_t *object, const char *path)
{
	const char *text = json_text(object, path);

	return text ? xstrdup(text) : NULL;
}

/* ------------------------------------------------------------------ the effective policy */

static void list_add(struct text_list *list, const yaml_node_t *node)
{
	if (!node || node->type != YAML_SCALAR_NODE || list->n >= MAX_LIST)
		return;
	grow_array(&list->text, &list->cap, list->n + 1, sizeof *list->text);
	list->text[list->n++] =
		xstrndup((const char *)node->data.scalar.value, node->data.scalar.length);
}

static void take_list(struct text_list *list, yaml_document_t *doc, yaml_node_t *node)
{
	if (!node || node->type != YAML_SEQUENCE_NODE) {
		list_add(list, node);
		return;
	}
	for (yaml_node_item_t *i = node->data.sequence.items.start;
	     i < node->data.sequence.items.top; i++)
		list_add(list, yaml_document_get_node(doc, *i));
}

static bool key_is(const yaml_node_t *key, const char *name)
{
	return key && key->type == YAML_SCALAR_NODE &&
	       streq((const char *)key->data.scalar.value, name);
}

/* A line of a text; lines are asked for in order. */
struct line_cursor {
	const char *at;
	size_t line;
};

/* Does the line that NODE begins in end with COMMENT? */
static bool has_comment(struct line_cursor *cursor, const yaml_node_t *node, const char *comment)
{
	size_t n, m = strlen(comment);

	for (; cursor->line < node->start_mark.line && *cursor->at; cursor->line++) {
		cursor->at += strcspn(cursor->at, "\n");
		cursor->at += *cursor->at == '\n';
	}
	n = strcspn(cursor->at, "\n");
	return cursor->line == node->start_mark.line && n >= m && memcmp(cursor->at + n - m, comment, m) == 0;
}

/* What is never for the sake of one run: its log and the like. */
static void take_own(struct text_list *list, yaml_document_t *doc, yaml_node_t *node, const char *text)
{
	struct line_cursor cursor = { text, 0 };

	if (!node || node->type != YAML_SEQUENCE_NODE)
		return;
	for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++) {
		yaml_node_t *item = yaml_document_get_node(doc, *i);

		if (item && has_comment(&cursor, item, "  # builtin:log"))
			list_add(list, item);
	}
}

static void take_document(struct run_info *run, yaml_document_t *doc, const char *text)
{
	yaml_node_t *root = yaml_document_get_root_node(doc);
	yaml_node_pair_t *p;

	if (!root || root->type != YAML_MAPPING_NODE)
		return;
	for (p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top; p++) {
		yaml_node_t *key = yaml_document_get_node(doc, p->key);

		run->network |= key_is(key, "net");
		if (!key_is(key, "never"))
			continue;
		take_list(&run->never, doc, yaml_document_get_node(doc, p->value));
		take_own(&run->never_own, doc, yaml_document_get_node(doc, p->value), text);
	}
}

static void take_effective(struct run_info *run, const char *text)
{
	yaml_parser_t parser;
	yaml_document_t doc;

	if (!text || strlen(text) > MAX_EFFECTIVE || !yaml_parser_initialize(&parser))
		return;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
	if (yaml_parser_load(&parser, &doc)) {
		take_document(run, &doc, text);
		yaml_document_delete(&doc);
	}
	yaml_parser_delete(&parser);
}

/* ------------------------------------------------------------------ records */

static void take_start(struct run_info *run, json_t *json)
{
	const char *mode = json_text(json, "settings.mode"), *file = json_text(json, "policy.file"), *called;
	size_t i;

	forget_start(run);
	run->id = copy_text(json, "run.id");
	run->started = copy_text(json, "@timestamp");
	run->script = copy_text(json, "script.path");
	run->script_sha256 = copy_text(json, "script.sha256");
	run->submission = copy_text(json, "script.directory");
	run->submission_named = copy_text(json, "script.named");
	run->working_directory = copy_text(json, "process.working_directory");
	run->interpreter = copy_text(json, "process.executable");
	called = json_string_value(json_array_get(json_at(json, "process.args"), 0));
	run->called = called ? xstrdup(called) : NULL;
	run->scratch = copy_text(json, "scratch.path");
	run->scratch_bytes = json_number(json, "scratch.bytes", 0);
	run->scratch_files = json_number(json, "scratch.files", 0);
	run->options_only = file && after_prefix(file, "builtin:");
	run->pid = json_number(json, "process.pid", 0);
	run->audit = mode && streq(mode, "audit");
	run->never = run->never_own = (struct text_list){ 0 };
	take_effective(run, json_text(json, "policy.effective"));
	for (i = 0; i < ARRAY_SIZE(limit_names); i++)
		run->limits[i] =
			json_number(json_at(json, "limits"), limit_names[i].member, UINT64_MAX);
}

static void take_end(struct run_info *run, json_t *json)
{
	const char *signal;

	forget_end(run);
	run->ended = true;
	run->status = copy_text(json, "status");
	run->exit_code = json_is_integer(json_at(json, "exit.code"))
				 ? (int64_t)json_number(json, "exit.code", 0)
				 : -1;
	signal = json_text(json, "exit.signal");
	run->exit_signal = signal && *signal ? xstrdup(signal) : NULL;
	run->violations = json_number(json, "violations", 0);
	run->end = json_incref(json);
}

void run_info_take(struct run_info *run, const struct log_record *record)
{
	/* Only the first start and the last end count: proctor writes one of each. */
	if (record->kind == RECORD_START && !run->started && !run->id)
		take_start(run, record->json);
	else if (record->kind == RECORD_END)
		take_end(run, record->json);
}

void run_info_tell_end(const struct run_info *run, struct buf *out)
{
	static const struct {
		const char *status, *meaning;
	} statuses[] = {
		{ "OK", "ended normally" },
		{ "RE", "ended with an error" },
		{ "SG", "ended by a signal" },
		{ "TO", "ended by a time limit" },
		{ "ML", "ended by the memory limit" },
		{ "OL", "ended by the output limit" },
		{ "PV", "ended by the policy" },
		{ "XX", "proctor itself failed" },
	};

	if (!run->ended) {
		buf_lit(out, "how it ended is not known");
		return;
	}
	text_args(out, run->status ? run->status : "?");
	for (size_t i = 0; run->status && i < ARRAY_SIZE(statuses); i++)
		if (streq(run->status, statuses[i].status))
			buf_printf(out, ", %s", statuses[i].meaning);
	if (run->exit_code > 0)
		buf_printf(out, ", exit status %" PRId64, run->exit_code);
	if (run->exit_signal) {
		buf_lit(out, ", ");
		text_args(out, run->exit_signal);
	}
}
