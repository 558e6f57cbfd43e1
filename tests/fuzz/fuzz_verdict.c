/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts made at random: each has to be JSON with every name once, and to say what it was made from,
 * to the byte.
 *
 *	fuzz_verdict [-s SEED] [-n COUNT | -t SECONDS]
 */
#include <inttypes.h>
#include <jansson.h>

/* jansson has a function of this name. */
#define json_string proctor_json_string
#include "base/json.h"
#undef json_string
#include "base/names.h"
#include "supervisor/verdict.h"
#include "tests/fuzz/run.h"

static uint64_t state, seed_now;
static struct buf document;

static uint64_t any(uint64_t n)
{
	uint64_t x = xorshift(&state);

	return n ? x % n : x >> 1;
}

static void require(bool fact, const char *what)
{
	if (fact)
		return;
	fprintf(stderr, "fuzz_verdict: seed %" PRIu64 ": %s\n%s\n", seed_now, what, document.data);
	abort();
}

/* Bytes of each sort: plain, controls, quotes, UTF-8, and what only looks like it. Never NUL. */
static char *any_text(void)
{
	static const char *const pieces[] = {
		"solve.py:12", "\"", "\\", "\n", "\r\n", "\t", "\b", "\x1b[31m", "\x7f", "\x01", "caf\xc3\xa9", "\xff",
		"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x9f\x90\x8d", "\xe2\x80", "\xc3", "/etc/passwd",
		"%s%n", "\\u0000", "</script>", "\xef\xbf\xbd", "\xe2\x80\xa8", "=", " ", "{\"a\":", "\xef\xbb\xbf",
	};
	struct buf b = { 0 };
	uint64_t n = any(8) ? any(6) : any(3000);

	buf_lit(&b, "");
	while (n-- > 0) {
		if (any(4) == 0)
			buf_putc(&b, (char)(1 + any(255)));
		else
			buf_puts(&b, pieces[any(ARRAY_SIZE(pieces))]);
	}
	return buf_steal(&b);
}

static char *maybe_text(void)
{
	return any(4) ? any_text() : NULL;
}

static uint64_t any_number(void)
{
	return any(3) ? any(100000) : any(0);
}

/* ------------------------------------------------------------------ what was written */

static void require_text(const json_t *object, const char *key, const char *text, bool escaped)
{
	_cleanup_free_ char *twin = xasprintf("%s_b64", key);
	const json_t *value = json_object_get(object, key), *exact = json_object_get(object, twin);
	_cleanup_buf_ struct buf expected = { 0 }, base64 = { 0 };

	if (!text) {
		require(value && json_is_null(value) && !exact, key);
		return;
	}
	require(value && json_is_string(value), key);
	/* The writer itself says whether the text is exact; jansson says whether it is right. */
	if (proctor_json_string(&expected, text)) {
		require(streq(json_string_value(value), text), key);
		require(!exact, twin);
	} else if (escaped) {
		json_base64(&base64, text, strlen(text));
		require(exact && streq(json_string_value(exact), base64.data), twin);
	}
}

static void require_number(const json_t *object, const char *key, uint64_t number)
{
	const json_t *value = json_object_get(object, key);

	require(value && json_is_integer(value) && (uint64_t)json_integer_value(value) == number, key);
}

static void require_exit(const json_t *root, const struct run_result *r)
{
	const json_t *exited = json_object_get(root, "exit");
	const json_t *code = json_object_get(exited, "code"), *sig = json_object_get(exited, "signal");

	require(code && sig, "exit");
	if (r->exited)
		require(json_integer_value(code) == r->exit_code && json_is_null(sig), "exit.code");
	else if (r->exit_signal)
		require(json_is_null(code) && streq(json_string_value(sig), signal_name(r->exit_signal)), "exit.signal");
	else
		require(json_is_null(code) && json_is_null(sig), "exit");
}

static void require_violation(const json_t *root, const struct run_result *r)
{
	const json_t *first = json_object_get(root, "first_violation");

	require_number(root, "violations", r->violations);
	if (r->violations == 0) {
		require(first && json_is_null(first), "first_violation");
		return;
	}
	require_number(first, "seq", r->first.sequence);
	require_text(first, "action", r->first.action, true);
	require_text(first, "path", r->first.path, true);
	require_text(first, "code", r->first.code, true);
}

static void require_messages(const json_t *root, const struct run_result *r)
{
	const json_t *messages = json_object_get(root, "messages");
	const char *student = json_string_value(json_object_get(messages, "student"));
	const char *staff = json_string_value(json_object_get(messages, "staff"));

	require(student && staff, "messages");
	require(*student || r->refusals.kill.student, "an empty message");
	if (r->status == STATUS_PV && !r->limited && r->refusals.kill.student)
		require_text(messages, "student", r->refusals.kill.student, false);
}

/* A refusal is named as what ended the program only where it is known to have. */
static void require_cause(const json_t *root, const struct run_result *r)
{
	const json_t *cause = json_object_get(root, "cause");
	const char *kind = json_string_value(json_object_get(cause, "kind"));
	bool certain = json_is_true(json_object_get(cause, "certain"));
	uint64_t seq = (uint64_t)json_integer_value(json_object_get(cause, "seq"));

	require(kind, "cause.kind");
	require(!streq(kind, "refusal") || r->status == STATUS_PV, "a refusal is blamed");
	require(certain || (streq(kind, "exit") && r->exited && r->exit_code && r->refusals.felt), "cause.certain");
	require(certain || seq == r->refusals.last.sequence, "cause.seq");
}

static void require_run(const json_t *root, const struct verdict *v)
{
	const json_t *run = json_object_get(root, "run"), *labels = json_object_get(run, "labels");
	size_t i;

	require_text(run, "id", v->identity.run_id, true);
	require_text(run, "submission", v->identity.submission, true);
	require(labels && json_is_object(labels), "labels");
	for (i = 0; v->identity.labels[i]; i++) {
		_cleanup_free_ char *key = xstrndup(v->identity.labels[i], strcspn(v->identity.labels[i], "="));

		require_text(labels, key, v->identity.labels[i] + strlen(key) + 1, false);
	}
	require(json_object_size(labels) == i, "labels are missing");
}

static void require_log(const json_t *root, const struct verdict *v)
{
	const json_t *log = json_object_get(root, "log");

	if (!v->log_file) {
		require(log && json_is_null(log), "log");
		return;
	}
	require_text(log, "file", v->log_file, true);
	require(json_is_true(json_object_get(log, "complete")) == v->log_complete, "log.complete");
}

static void require_limit(const json_t *root, const struct verdict *v)
{
	const json_t *limit = json_object_get(root, "limit");

	require(!limit == !v->result->limited, "limit");
	if (!limit)
		return;
	require(streq(json_string_value(json_object_get(limit, "name")), limit_name(v->result->limit)), "limit.name");
	require_number(limit, "value", v->result->limit_value);
	require_number(limit, "used", v->result->limit_used);
	require_text(limit, "ref", v->policy->limits.ref[v->result->limit], true);
}

static void require_right(const struct verdict *v)
{
	const struct run_result *r = v->result;
	json_error_t error;
	json_t *root = json_loadb(document.data, document.len, JSON_REJECT_DUPLICATES, &error);

	require(root, error.text);
	require(document.data[document.len - 1] == '\n', "no newline at its end");
	require(memchr(document.data, '\n', document.len) == document.data + document.len - 1, "more than one line");
	require(streq(json_string_value(json_object_get(root, "schema")), "proctor.verdict/1"), "schema");
	require(streq(json_string_value(json_object_get(root, "status")), status_name(r->status)), "status");
	require_run(root, v);
	require_exit(root, r);
	require_number(root, "cpu_ns", r->cpu_ns);
	require_number(root, "wall_ns", r->wall_ns);
	require_number(root, "memory_bytes", r->memory_bytes);
	require_violation(root, r);
	require_limit(root, v);
	require_cause(root, r);
	require_messages(root, r);
	require_log(root, v);
	if (r->error)
		require_text(root, "error", r->error, true);
	require(!json_object_get(root, "interrupted") == !r->interrupted, "interrupted");
	json_decref(root);
}

/* ------------------------------------------------------------------ making one */

static struct run_result any_result(void)
{
	struct run_result r = {
		.status = (enum status)any(STATUS_XX + 1),
		.exited = any(2),
		.exit_code = (int)any(256),
		.exit_signal = any(3) ? (int)any(70) : 0,
		.cpu_ns = any_number(),
		.wall_ns = any_number(),
		.memory_bytes = any_number(),
		.violations = any(2) ? any_number() : 0,
		.limited = any(4) == 0,
		.limit = (enum limit)any(LIMIT_FILES + 1),
		.limit_value = any_number(),
		.limit_used = any_number(),
		.interrupted = any(4) ? 0 : (int)any(66),
		.error = maybe_text(),
	};

	r.first = (struct violation){ .sequence = any_number(), .action = any_text(), .path = maybe_text(),
				      .code = maybe_text() };
	r.refusals = (struct refusals){ .felt = any(2) ? any_number() : 0, .fatal_signal = any(100),
					.last = { .sequence = any(1000), .student = maybe_text() },
					.kill = { .sequence = any(1000), .student = maybe_text() } };
	/* There are both or none. */
	r.refusals.last.staff = r.refusals.last.student ? any_text() : NULL;
	r.refusals.kill.staff = r.refusals.kill.student ? any_text() : NULL;
	return r;
}

/* As `--label` takes them: UTF-8, a name, each name once. */
static char *any_label(size_t number)
{
	static const char *const names[] = { "course", "a b", "caf\xc3\xa9", "q\"uote", "per%cent" };
	static const char *const values[] = { "", "x=y", "\xf0\x9f\x90\x8d", "\"", "\\n", "\x1b" };

	return xasprintf("%s%zu=%s", names[any(ARRAY_SIZE(names))], number, values[any(ARRAY_SIZE(values))]);
}

static void one(uint64_t seed)
{
	static const char *const no_labels[] = { NULL };
	struct policy policy = { .name = (char *)(uintptr_t)"fuzz" };
	struct run_result result;
	char *labels[4] = { NULL }, *texts[5], *line;
	const struct cause_surroundings around = { 0 };
	struct verdict v = { .result = &result, .policy = &policy, .identity = { .labels = no_labels }, .around = &around };
	_cleanup_buf_ struct buf told = { 0 };
	size_t i, n;

	seed_now = seed;
	state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
	result = any_result();
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		texts[i] = any_text();
	for (i = 0; i < ARRAY_SIZE(policy.limits.ref); i++)
		policy.limits.ref[i] = any(3) ? texts[4] : NULL;
	for (i = 0, n = any(ARRAY_SIZE(labels)); i < n; i++)
		labels[i] = any_label(i);
	v.identity.labels = (const char *const *)labels;
	v.identity.run_id = texts[0];
	v.identity.submission = any(3) ? texts[1] : NULL;
	v.log_file = any(3) ? texts[2] : NULL;
	v.log_sha256 = "";
	v.log_complete = any(2);
	v.audit = any(2);
	buf_clear(&document);
	verdict_format(&v, &document);
	require_right(&v);
	verdict_line(&v, &told);
	require(told.len > 0 && !memchr(told.data, '\n', told.len), "the line for a person");
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		free(texts[i]);
	for (i = 0; (line = labels[i]); i++)
		free(line);
	run_result_fini(&result);
}

int main(int argc, char **argv)
{
	struct fuzz_run run = { .seed = 1, .count = 2000 };
	uint64_t n;

	fuzz_options(argc, argv, &run);
	for (n = 0; fuzz_goes_on(&run, n); n++)
		one(run.seed + n);
	buf_fini(&document);
	printf("%" PRIu64 " verdicts from seed %" PRIu64 "\n", n, run.seed);
	return 0;
}
