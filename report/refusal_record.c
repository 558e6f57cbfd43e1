/* SPDX-License-Identifier: Apache-2.0 */
#include "report/refusal_record.h"

#include <errno.h>
#include <stdlib.h>

#include "report/event.h"

static const struct {
	const char *name;
	enum action action;
} actions[] = {
	{ "hide", ACTION_HIDE },
	{ "deny", ACTION_DENY },
	{ "kill", ACTION_KILL },
};

static const struct {
	const char *id;
	enum rule_kind kind;
} rules[] = {
	{ "read", RULE_READ },	     { "hide", RULE_HIDE },	  { "never", RULE_NEVER },
	{ "on_deny", RULE_ON_DENY }, { "syscall", RULE_SYSCALL }, { "limit", RULE_LIMIT },
	{ "arch", RULE_ARCH },	     { "write", RULE_WRITE },	  { "refuse", RULE_REFUSE },
	{ "exec.argv", RULE_ARGUMENTS }, { "exec.count", RULE_COUNT },
	{ "exec.policy", RULE_PROGRAM_POLICY },
};

static bool find_action(json_t *json, enum action *ret_action)
{
	const char *name = json_text(json, "decision.action");

	for (size_t i = 0; name && i < ARRAY_SIZE(actions); i++)
		if (streq(actions[i].name, name)) {
			*ret_action = actions[i].action;
			return true;
		}
	return false;
}

static enum rule_kind find_rule(json_t *json)
{
	const char *id = json_text(json, "rule.id");

	for (size_t i = 0; id && i < ARRAY_SIZE(rules); i++)
		if (streq(rules[i].id, id))
			return rules[i].kind;
	return RULE_ON_DENY;
}

/* The file of the frame that the program's own frame called. */
static const char *file_within(json_t *json, const struct refusal *r)
{
	json_t *frames = json_at(json, "stack.python"), *frame;
	const char *within = NULL, *file;
	size_t i;

	json_array_foreach (frames, i, frame) {
		file = json_text(frame, "file");
		if (file && r->file && streq(file, r->file) && json_number(frame, "line", 0) == r->line)
			return within;
		within = file;
	}
	return NULL;
}

/* Does FILE, as a frame names it, name the script? Relative names start at the run's working directory. */
static bool is_script(const struct run_info *run, const char *file)
{
	_cleanup_free_ char *full = NULL;

	if (!file || !run->script)
		return false;
	if (*file != '/' && run->working_directory)
		full = xasprintf("%s/%s", run->working_directory, file);
	return streq(full ? full : file, run->script);
}

bool refusal_record_source(const struct refusal_record *record, const struct run_info *run, struct recorded_source *ret)
{
	json_t *code = json_object_get(record->json, "code");
	const char *digest = json_text(code, "source_sha256");
	struct recorded_source source = { .line = record->r.line };

	source.text = json_is_object(code) ? json_raw(code, "source") : NULL;
	if (!source.text) {
		/* For a text that exec() ran there is no line; take that of the caller. */
		code = json_object_get(code, "caller");
		source.text = json_is_object(code) ? json_raw(code, "source") : NULL;
		source.line = json_number(code, "line", 0);
		digest = NULL;
	}
	if (!source.text)
		return false;
	source.cut = json_bool(code, "source_cut", false);
	source.changed = digest && run->script_sha256 && is_script(run, record->r.file) &&
			 !streq(digest, run->script_sha256);
	*ret = source;
	return true;
}

/* Did the interpreter's import make the call? A program can name its own code like that too, so the fix proposed for
 * an import says what it grants. */
static bool is_import(json_t *json)
{
	const char *file = json_text(json_array_get(json_at(json, "stack.python"), 0), "file");

	return file && after_prefix(file, "<frozen importlib._bootstrap");
}

/* The address that the call was about, as a rule of `net` would name it; NULL: none. The caller frees it. */
static char *address_of(json_t *json)
{
	const char *transport = json_text(json, "network.transport"), *type = json_text(json, "network.type");
	json_t *place = json_object_get(json, json_object_get(json, "destination") ? "destination" : "server");
	const char *address = json_is_object(place) ? json_text(place, "address") : NULL;
	bool ipv6 = type && streq(type, "ipv6");

	if (!transport || !address)
		return NULL;
	if (streq(transport, "unix"))
		return xasprintf("unix:%s", address);
	return xasprintf("%s%s%s%s:%llu", streq(transport, "udp") ? "udp:" : "", ipv6 ? "[" : "", address, ipv6 ? "]" : "",
			 (unsigned long long)json_number(place, "port", 0));
}

/* What the call was for. The caller frees it with meant_free(). */
static struct meant *meant_of(json_t *json)
{
	struct meant meant = { 0 };
	json_t *command, *word;
	size_t i;

	if (!json_is_object(json))
		return NULL;
	command = json_object_get(json, "command");
	json_array_foreach (command, i, word) {
		if (i == MEANT_WORDS || !json_is_string(word)) {
			meant.command_cut = true;
			break;
		}
		meant.command[meant.n_command++] = json_string_value(word);
	}
	meant.command_cut |= json_bool(json, "cut", false);
	meant.program = json_text(json, "program");
	meant.host = json_text(json, "host");
	meant.port = json_text(json, "port");
	meant.target = json_text(json, "target");
	return meant_copy(&meant);
}

void refusal_record_from_any(struct refusal_record *ret_record, json_t *json,
			     const struct run_info *run)
{
	struct refusal_record record = { .json = json_incref(json) };
	json_t *file = json_object_get(json, "file");

	record.sequence = json_number(json, "event.sequence", 0);
	record.pid = json_number(json, "process.pid", 0);
	record.tid = json_number(json, "process.thread.id", record.pid);
	event_args(json_at(json, "syscall.args"), &record.args);
	if (json_is_integer(json_object_get(file, "descriptor")))
		record.opened = json_raw(file, "path");
	else if (json_is_object(file))
		record.path = json_raw(file, "path");
	record.r.syscall = json_text(json, "event.action");
	record.r.topic = topic_from_name(json_text(json, "syscall.topic"));
	record.r.conditional = json_bool(json, "syscall.conditional", false);
	record.r.args = record.args.data;
	record.r.path = record.path;
	record.r.opened = record.opened;
	record.r.ruleset = json_text(json, "rule.ruleset");
	record.r.address = record.address = address_of(json);
	record.r.meant = record.meant = meant_of(json_object_get(json, "meant"));
	record.r.err = json_text(json, "syscall.errno");
	record.r.arch = json_text(json, "syscall.arch");
	record.r.submission = run->submission;
	record.r.submission_named = run->submission_named;
	record.r.never = (const char *const *)run->never.text;
	record.r.n_never = run->never.n;
	record.r.options_only = run->options_only;
	record.r.scratch = run->scratch != NULL;
	record.r.network = run->network;
	record.r.importing = is_import(json);
	event_code(json_object_get(json, "code"), &record.r.file, &record.r.line, &record.r.function);
	record.r.through = file_within(json, &record.r);
	record.r.source = json_text(json_object_get(json, "code"), "source");
	*ret_record = record;
}

/* Which limit a refused call ran into, derived from the call, because the record names only the rule. */
static enum limit limit_of_call(const char *syscall)
{
	static const char files[] =
		" open openat openat2 creat dup dup2 dup3 fcntl pipe pipe2 socket socketpair"
		" eventfd eventfd2 epoll_create epoll_create1 timerfd_create memfd_create accept "
		"accept4"
		" inotify_init inotify_init1 signalfd signalfd4 ";
	static const char memory[] = " brk mmap mremap mlock mlock2 mlockall ";
	static const char output[] =
		" write writev pwrite64 pwritev pwritev2 sendfile splice tee vmsplice"
		" copy_file_range sendto sendmsg sendmmsg ";
	char name[48];
	int n = snprintf(name, sizeof name, " %s ", syscall ? syscall : "?");

	if (n < 0 || (size_t)n >= sizeof name)
		return LIMIT_TASKS;
	if (strstr(files, name))
		return LIMIT_FILES;
	if (strstr(memory, name))
		return LIMIT_MEMORY;
	return strstr(output, name) ? LIMIT_OUTPUT : LIMIT_TASKS;
}

static void take_limit(struct refusal *r, json_t *limit, const struct run_info *run)
{
	int named = limit_from_name(json_text(limit, "name"));

	r->limit = named >= 0 ? (enum limit)named : limit_of_call(r->syscall);
	r->limit_value = json_number(limit, "value", run->limits[r->limit]);
	if (r->limit_value == UINT64_MAX)
		r->limit_value = 0;
	r->limit_used = json_number(limit, "used", 0);
	r->limit_supervisor_ns = json_number(limit, "supervisor_ns", 0);
}

int refusal_record_init(struct refusal_record *ret_record, json_t *json, const struct run_info *run)
{
	struct refusal_record record;
	enum action action;

	if (!find_action(json, &action))
		return -ENOENT;
	refusal_record_from_any(&record, json, run);
	record.r.action = action;
	record.r.audit = !json_bool(json, "decision.enforced", true);
	record.violation = json_bool(json, "decision.violation", false);
	record.r.question = json_bool(json, "decision.question", false);
	record.r.rule = find_rule(json);
	record.r.rule_ref = json_text(json, "rule.ref");
	record.r.nearest_ref = json_text(json, "rule.nearest");
	record.r.nearest_path = json_text(json, "rule.nearest_path");
	/* proctor's own hide rules yield to a read rule for the same path. */
	if (record.r.rule == RULE_ON_DENY ||
	    (record.r.rule == RULE_HIDE && !(record.r.rule_ref && after_prefix(record.r.rule_ref, "builtin:"))))
		record.r.rule_text = json_text(json, "rule.path");
	else if (record.r.rule == RULE_LIMIT)
		take_limit(&record.r, json_object_get(json, "limit"), run);
	*ret_record = record;
	return 0;
}

int refusal_record_from_limit(struct refusal_record *ret_record, const struct run_info *run)
{
	json_t *limit = json_object_get(run->end, "limit");
	struct refusal_record record;

	if (!json_is_object(limit) || limit_from_name(json_text(limit, "name")) < 0)
		return -ENOENT;
	refusal_record_from_any(&record, run->end, run);
	record.violation = true;
	record.r.syscall = NULL;
	record.r.action = ACTION_KILL;
	record.r.rule = RULE_LIMIT;
	record.r.rule_ref = json_text(limit, "ref");
	take_limit(&record.r, limit, run);
	*ret_record = record;
	return 0;
}

void refusal_record_fini(struct refusal_record *record)
{
	json_decref(record->json);
	buf_fini(&record->args);
	free(record->path);
	free(record->opened);
	free(record->address);
	meant_free(record->meant);
	*record = (struct refusal_record){ 0 };
}

char *refusal_place(const struct refusal *r)
{
	struct buf text = { 0 };

	if (words_place(&text, r, false))
		return buf_steal(&text);
	buf_fini(&text);
	return NULL;
}
