/* SPDX-License-Identifier: Apache-2.0 */
#include "record/run.h"

#include <string.h>
#include <time.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/names.h"
#include "base/util.h"

enum { MODULE_MAX = 256 }; /* of a preload's name, in bytes */

/* ------------------------------------------------------------------ shared members */

static void put_labels(const char *const *labels, struct buf *out)
{
	size_t i;

	json_open(out, "labels");
	for (i = 0; labels && labels[i]; i++) {
		size_t key = strcspn(labels[i], "=");

		json_key(out, NULL);
		json_string_n(out, labels[i], key);
		buf_putc(out, ':');
		json_string(out, labels[i][key] ? labels[i] + key + 1 : "");
	}
	json_close(out);
}

static void put_warm(const struct record_warm *warm, struct buf *out)
{
	size_t i;

	if (!warm->asked)
		return;
	json_open(out, "warm");
	json_put_word(out, "mode", warm->why_cold ? "cold" : warm->quick ? "quick" : "exact");
	if (warm->why_cold) {
		json_put_text(out, "why", warm->why_cold);
	} else {
		json_open_list(out, "preload");
		for (i = 0; warm->preload[i]; i++)
			json_put_item_cut(out, warm->preload[i], MODULE_MAX);
		json_close_list(out);
		json_put_u64(out, "age_ns", warm->age_ns);
		json_put_u64(out, "runs", warm->runs);
		if (warm->ended)
			json_put_bool(out, "finalised", !warm->left_early);
	}
	json_close(out);
}

static void put_exit(const struct record_outcome *outcome, struct buf *out)
{
	json_open(out, "exit");
	if (outcome->exited)
		json_put_i64(out, "code", outcome->exit_code);
	else
		json_put_null(out, "code");
	json_put_word(out, "signal", !outcome->exited && outcome->exit_signal ? signal_name(outcome->exit_signal) : NULL);
	json_close(out);
}

static void put_limit(const struct record_limit *limit, struct buf *out)
{
	if (!limit->name)
		return;
	json_open(out, "limit");
	json_put_word(out, "name", limit->name);
	json_put_u64(out, "value", limit->value);
	json_put_u64(out, "used", limit->used);
	if (limit->supervisor_ns)
		json_put_u64(out, "supervisor_ns", limit->supervisor_ns);
	json_put_text(out, "ref", limit->ref);
	json_close(out);
}

static void put_shadow(const struct record_shadow *shadow, struct buf *out)
{
	size_t i;

	if (!shadow->asked)
		return;
	json_open(out, "shadow");
	json_put_text(out, "name", shadow->name ? shadow->name : "");
	json_put_text(out, "file", shadow->file);
	json_put_u64(out, "refused", shadow->refused);
	json_put_u64(out, "allowed", shadow->allowed);
	json_put_u64(out, "otherwise", shadow->otherwise);
	if (shadow->first)
		json_put_u64(out, "first", shadow->first);
	else
		json_put_null(out, "first");
	json_open_list(out, "limits");
	for (i = 0; shadow->limits[i]; i++)
		json_put_word(out, NULL, shadow->limits[i]);
	json_close_list(out);
	json_close(out);
}

static void put_cause(const struct buf *cause, struct buf *out)
{
	json_open(out, "cause");
	json_put_members(out, cause);
	json_close(out);
}

static void put_known(const char *key, bool known, uint64_t value, struct buf *out)
{
	if (known)
		json_put_u64(out, key, value);
	else
		json_put_null(out, key);
}

static void put_usage(const struct record_usage *usage, struct buf *out)
{
	json_put_u64(out, "cpu_ns", usage->cpu_ns);
	put_known("user_ns", usage->user_known, usage->user_ns, out);
	put_known("system_ns", usage->user_known, usage->cpu_ns - usage->user_ns, out);
	json_put_u64(out, "wall_ns", usage->wall_ns);
	json_put_u64(out, "memory_bytes", usage->memory_bytes);
	json_put_u64(out, "tasks_peak", usage->tasks_peak);
	put_known("stdin_bytes", usage->stdin_known, usage->stdin_bytes, out);
	put_known("output_bytes", usage->output_known, usage->output_bytes, out);
}

/* What is known of the end, without its cause. */
static void put_outcome(const struct record_outcome *outcome, struct buf *out)
{
	put_exit(outcome, out);
	put_usage(&outcome->usage, out);
	json_put_u64(out, "violations", outcome->violations);
}

/* ------------------------------------------------------------------ start */

/* "sha256:…" as member KEY. */
static void put_hash(const char *key, const char sha256[65], struct buf *out)
{
	json_key(out, key);
	buf_lit(out, "\"sha256:");
	buf_puts(out, sha256);
	buf_putc(out, '"');
}

static void put_extends(const struct record_policy *policy, struct buf *out)
{
	size_t i;

	if (!policy->n_extends)
		return;
	json_open_list(out, "extends");
	for (i = 0; i < policy->n_extends; i++) {
		json_open(out, NULL);
		json_put_text(out, "file", policy->extends[i].file);
		json_put_text(out, "text", policy->extends[i].text);
		json_close(out);
	}
	json_close_list(out);
}

static const char *policy_text(const struct record_policy *policy)
{
	return policy->text ? policy->text : "";
}

static const char *policy_effective(const struct record_policy *policy)
{
	return policy->effective.data ? policy->effective.data : "";
}

void record_hash_policy(struct record_policy *policy)
{
	_cleanup_buf_ struct buf written = { 0 };
	size_t i;

	digest_text(policy_effective(policy), policy->effective.len, policy->hash);
	for (i = 0; i < policy->n_extends; i++)
		buf_puts(&written, policy->extends[i].text);
	buf_puts(&written, policy_text(policy));
	digest_text(written.data ? written.data : "", written.len, policy->source_hash);
}

/* The members that identify a policy. */
static void put_policy_name(const struct record_policy *policy, struct buf *out)
{
	json_put_text(out, "name", policy->name ? policy->name : "");
	json_put_text(out, "file", policy->file);
	put_hash("hash", policy->hash, out);
	put_hash("source_hash", policy->source_hash, out);
}

static void put_policy(const char *key, const struct record_policy *policy, struct buf *out)
{
	json_open(out, key);
	put_policy_name(policy, out);
	json_put_text(out, "text", policy_text(policy));
	put_extends(policy, out);
	json_put_text(out, "effective", policy_effective(policy));
	json_close(out);
}

static void put_limits(const struct record_limits *limits, struct buf *out)
{
	const struct {
		const char *name;
		uint64_t value;
	} all[] = {
		{ "cpu_ns", limits->cpu_ns },		  { "wall_ns", limits->wall_ns },
		{ "memory_bytes", limits->memory_bytes }, { "output_bytes", limits->output_bytes },
		{ "tasks", limits->tasks },		  { "files", limits->files },
	};
	size_t i;

	json_open(out, "limits");
	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i].value != UINT64_MAX)
			json_put_u64(out, all[i].name, all[i].value);
	json_close(out);
}

static void put_host(const struct record_start *start, struct buf *out)
{
	size_t i;

	json_open(out, "host");
	json_put_text(out, "kernel", start->kernel);
	json_put_word(out, "arch", start->arch);
	json_open_list(out, "walls");
	for (i = 0; start->walls[i]; i++)
		json_put_word(out, NULL, start->walls[i]);
	json_close_list(out);
	json_put_i64(out, "landlock", start->landlock_abi);
	json_close(out);
}

static void put_process(const struct record_start *start, struct buf *out)
{
	size_t i;

	json_open(out, "process");
	json_put_i64(out, "pid", start->pid);
	json_open_list(out, "args");
	for (i = 0; start->argv[i]; i++) {
		json_key(out, NULL);
		json_string(out, start->argv[i]);
	}
	json_close_list(out);
	json_put_text(out, "executable", start->executable);
	json_put_text(out, "working_directory", start->working_directory ? start->working_directory : "");
	if (start->python)
		json_put_word(out, "python", start->python);
	json_close(out);
}

static void put_script(const struct record_start *start, struct buf *out)
{
	if (!start->script && !start->script_directory)
		return;
	json_open(out, "script");
	if (start->script)
		json_put_text(out, "path", start->script);
	json_put_text(out, "directory", start->script_directory);
	if (start->script_named)
		json_put_text(out, "named", start->script_named);
	if (start->script_alone)
		json_put_bool(out, "alone", true);
	if (start->script_sha256)
		json_put_word(out, "sha256", start->script_sha256);
	json_close(out);
}

static void put_scratch(const struct record_start *start, struct buf *out)
{
	if (!start->scratch)
		return;
	json_open(out, "scratch");
	json_put_word(out, "in", start->scratch_in);
	json_put_text(out, "path", start->scratch);
	if (start->scratch_counts) {
		json_put_word(out, "counts", start->scratch_counts);
		json_put_u64(out, "bytes", start->scratch_bytes);
		json_put_u64(out, "files", start->scratch_files);
	}
	json_close(out);
}

static void put_quotas(const struct record_start *start, struct buf *out)
{
	size_t i;

	if (!start->n_quotas)
		return;
	json_open_list(out, "quotas");
	for (i = 0; i < start->n_quotas; i++) {
		const struct record_quota *quota = &start->quotas[i];

		json_open(out, NULL);
		json_put_text(out, "path", quota->path);
		json_put_word(out, "counts", "proctor");
		if (quota->bytes != UINT64_MAX)
			json_put_u64(out, "bytes", quota->bytes);
		if (quota->files != UINT64_MAX)
			json_put_u64(out, "files", quota->files);
		json_close(out);
	}
	json_close_list(out);
}

static void put_now(const char *key, struct buf *out)
{
	json_key(out, key);
	buf_putc(out, '"');
	record_format_time(clock_ns(CLOCK_REALTIME), out);
	buf_putc(out, '"');
}

static void put_version(const struct record_start *start, struct buf *out)
{
	json_open(out, "proctor");
	json_put_word(out, "version", start->version);
	json_close(out);
}

void record_put_facts(const struct record_start *start, struct buf *out)
{
	put_now("started", out);
	put_version(start, out);
	put_host(start, out);
	json_open(out, "interpreter");
	json_put_text(out, "executable", start->executable);
	json_put_word(out, "python", start->python);
	json_close(out);
	put_script(start, out);
	json_open(out, "policy");
	put_policy_name(start->policy, out);
	json_close(out);
	put_limits(&start->limits, out);
}

/* One moment by two clocks: what happened when, although somebody sets the clock of the machine meanwhile. */
static void put_clocks(struct buf *out)
{
	json_open(out, "clocks");
	json_put_u64(out, "realtime_ns", clock_ns(CLOCK_REALTIME));
	json_put_u64(out, "monotonic_ns", clock_ns(CLOCK_MONOTONIC));
	json_close(out);
}

/* The beginning of a record without a sequence number. */
static void open_line(const struct recorder *recorder, const char *kind, struct buf *out)
{
	json_open(out, NULL);
	record_put_head(recorder, kind, clock_ns(CLOCK_REALTIME), out);
}

/* For ECS: a record that tells when the run began or ended. */
static void put_run_event(const struct recorder *recorder, const char *type, struct buf *out)
{
	if (!recorder_is_ecs(recorder))
		return;
	json_open(out, "event");
	record_put_category("event", "process", type, false, out);
	json_close(out);
}

void record_start(struct recorder *recorder, const struct record_start *start)
{
	_cleanup_buf_ struct buf line = { 0 };
	struct buf *out = &line;

	open_line(recorder, "start", out);
	put_run_event(recorder, "start", out);
	if (recorder_is_ecs(recorder))
		put_process(start, out);
	record_open_own(recorder, out);
	json_open(out, "run");
	json_put_word(out, "id", start->identity.run_id);
	if (start->identity.submission)
		json_put_text(out, "submission", start->identity.submission);
	put_labels(start->identity.labels, out);
	json_close(out);
	if (recorder_is_ecs(recorder))
		json_put_word(out, "version", start->version);
	else
		put_version(start, out);
	put_host(start, out);
	if (!recorder_is_ecs(recorder))
		put_process(start, out);
	put_script(start, out);
	put_policy("policy", start->policy, out);
	if (start->shadow)
		put_policy("shadow", start->shadow, out);
	put_limits(&start->limits, out);
	put_clocks(out);
	put_scratch(start, out);
	put_quotas(start, out);
	json_open(out, "settings");
	json_put_word(out, "mode", start->mode);
	json_put_word(out, "calls", start->calls);
	json_put_word(out, "stack", start->stack);
	put_warm(&start->warm, out);
	json_close(out);
	record_close_own(recorder, out);
	json_close(out);
	record_line(recorder, out);
	/* If the program is killed at once, and proctor with it, at least this is left. */
	recorder_flush(recorder);
}

/* ------------------------------------------------------------------ end */

void record_members(struct recorder *recorder, const char *kind, const struct buf *members)
{
	_cleanup_buf_ struct buf line = { 0 };

	open_line(recorder, kind, &line);
	record_open_own(recorder, &line);
	record_put_run(recorder, &line);
	json_put_members(&line, members);
	record_close_own(recorder, &line);
	json_close(&line);
	record_line(recorder, &line);
}

static void put_processes(const struct record_end *end, struct buf *out)
{
	if (!end->processes)
		return;
	json_open(out, "processes");
	json_put_u64(out, "made", end->processes);
	json_put_u64(out, "peak", end->processes_peak);
	json_open_list(out, "left");
	json_put_members(out, end->processes_left);
	json_close_list(out);
	json_close(out);
}

void record_end(struct recorder *recorder, const struct record_end *end)
{
	const struct record_outcome *outcome = &end->outcome;
	_cleanup_buf_ struct buf line = { 0 };
	struct buf *out = &line;
	char sha256[65];

	recorder_seal(recorder);
	open_line(recorder, "end", out);
	put_run_event(recorder, "end", out);
	record_open_own(recorder, out);
	record_put_run(recorder, out);
	json_put_word(out, "status", outcome->status);
	put_outcome(outcome, out);
	json_put_u64(out, "records", recorder_count(recorder) + 1);
	if (outcome->sub_status)
		json_put_word(out, "sub_status", outcome->sub_status);
	put_cause(&outcome->cause, out);
	put_limit(&outcome->limit, out);
	put_shadow(&outcome->shadow, out);
	put_processes(end, out);
	if (end->log_full)
		json_put_bool(out, "log_full", true);
	if (end->left_early)
		json_put_bool(out, "finalised", false);
	if (outcome->error)
		json_put_text(out, "error", outcome->error);
	json_put_members(out, end->stack);
	record_close_own(recorder, out);
	/* Last: the signature covers all that is before it. */
	if (end->key) {
		recorder_digest(recorder, out, sha256);
		signing_put(end->key, SIGNED_LOG, sha256, out);
	}
	json_close(out);
	record_line(recorder, out);
}

/* ------------------------------------------------------------------ verdict */

static void put_refusals(const uint64_t *by_subject, struct buf *out)
{
	static const enum subject subjects[] = { SUBJECT_LOOK,	  SUBJECT_READ,	  SUBJECT_WRITE, SUBJECT_PROCESS,
						 SUBJECT_NETWORK, SUBJECT_SIGNAL, SUBJECT_OTHER };
	size_t i;

	json_open(out, "refusals");
	for (i = 0; i < ARRAY_SIZE(subjects); i++)
		json_put_u64(out, subject_name(subjects[i]), by_subject[subjects[i]]);
	json_close(out);
}

static void put_first(const struct record_verdict *verdict, struct buf *out)
{
	if (verdict->outcome.violations == 0) {
		json_put_null(out, "first_violation");
		return;
	}
	json_open(out, "first_violation");
	json_put_u64(out, "seq", verdict->first);
	json_put_text(out, "action", verdict->first_action);
	json_put_text(out, "path", verdict->first_path);
	json_put_text(out, "code", verdict->first_code);
	json_close(out);
}

static void put_log(const struct record_verdict *verdict, struct buf *out)
{
	if (!verdict->log_file) {
		json_put_null(out, "log");
		return;
	}
	json_open(out, "log");
	json_put_text(out, "file", verdict->log_file);
	json_put_word(out, "sha256", verdict->log_sha256);
	json_put_bool(out, "complete", verdict->log_complete);
	json_close(out);
}

void record_put_verdict(const struct record_verdict *verdict, struct buf *out)
{
	const struct record_outcome *outcome = &verdict->outcome;
	size_t start = out->len;
	char sha256[65];

	json_open(out, NULL);
	json_put_word(out, "schema", "proctor.verdict/1");
	json_open(out, "run");
	json_put_text(out, "id", verdict->identity.run_id);
	json_put_text(out, "submission", verdict->identity.submission);
	put_labels(verdict->identity.labels, out);
	json_close(out);
	json_put_word(out, "status", outcome->status);
	if (outcome->sub_status)
		json_put_word(out, "sub_status", outcome->sub_status);
	json_put_word(out, "mode", verdict->mode);
	put_warm(&verdict->warm, out);
	put_outcome(outcome, out);
	put_refusals(verdict->refusals, out);
	put_first(verdict, out);
	put_limit(&outcome->limit, out);
	put_shadow(&outcome->shadow, out);
	if (verdict->interrupted)
		json_put_word(out, "interrupted", signal_name(verdict->interrupted));
	if (outcome->error)
		json_put_text(out, "error", outcome->error);
	put_cause(&outcome->cause, out);
	json_open(out, "messages");
	json_put_text(out, "student", verdict->student);
	json_put_text(out, "staff", verdict->staff);
	json_close(out);
	if (verdict->facts)
		json_put_members(out, verdict->facts);
	put_log(verdict, out);
	if (verdict->key) {
		digest_text(out->data + start, out->len - start, sha256);
		signing_put(verdict->key, SIGNED_VERDICT, sha256, out);
	}
	json_close(out);
	buf_putc(out, '\n');
}
