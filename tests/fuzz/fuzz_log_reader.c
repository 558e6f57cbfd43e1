/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes everything that reads a log: the reader, explain in all its forms, summary, diff, learn, verify
 * and the exports. Besides not crashing: no text for people ever holds a control character, whatever the
 * log holds; no log differs from itself; no line of a learned policy comes from a name but inside quotes or
 * a comment; and every export that is JSON can be read as that.
 */
#include "tests/fuzz/driver.h"

#include <stdlib.h>

#include "report/breakdown.h"
#include "report/diff.h"
#include "report/explain.h"
#include "report/export/formats.h"
#include "report/html/report.h"
#include "report/learn.h"
#include "report/summary.h"
#include "report/verify.h"

const char *const fuzz_words[] = {
	"{\"v\":1,\"kind\":\"call\",",
	"\"kind\":\"start\"",
	"\"kind\":\"end\"",
	"\"kind\":\"signal\"",
	"\"kind\":\"lost\"",
	"\"kind\":\"chain\"",
	"\"@timestamp\":\"2026-01-05T10:11:12Z\"",
	"\"stack\":{\"python\":[{\"omitted\":3}]}",
	"\"fatal\":true",
	"\"decision\":{\"action\":\"kill\"}",
	"\"decision\":{\"action\":\"hide\"}",
	"\"rule\":{\"id\":\"limit\"}",
	"\"limit\":{\"name\":\"cpu\",\"value\":0,\"used\":9223372036854775807}",
	"\"sequence\":2",
	"\"sequence\":-1",
	"\"status\":\"PV\"",
	"\"signal\":\"SIGKILL\"",
	"\"code\":1",
	"null",
	"true",
	"[]",
	"{}",
	"\"\"",
	"1e999",
	"-0",
	"\"\\u0000\"",
	"\"\\u001b[2J\"",
	"\"\\ud800\"",
	"\"\\u202e\"",
	"\"path_b64\":\"/w==\"",
	"\"source_b64\":\"/w==\"",
	"\"source\":\"\\t\\u001b\"",
	"\"source_cut\":true",
	"\"source_sha256\":\"00\"",
	"\"log_full\":true",
	"\"records\":3",
	"\"never\":[\"/**\"]",
	"\"effective\":\"never:\\n  - /etc\\nhide: [/x]\\n\"",
	"\"resolution\":[{},{\"name\":\"..\"}]",
	"\"/proc/self/mem\"",
	"\"O_WRONLY|O_CREAT\"",
	"\n",
	",",
	":",
	"[",
	"]",
	"{",
	"}",
	"\\",
	"\"",
	"\x1b]0;",
	"\x7f",
	"\xff",
	NULL,
};

static const struct explain_options forms[] = {
	{ 0 },
	{ .all = true },
	{ .student = true },
	{ .json = true, .all = true },
	{ .json = true, .student = true },
	{ .sequence = 2 },
	{ .sequence = 2, .json = true },
};

static void check_text(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\n' || ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f))
			continue;
		fprintf(stderr, "fuzz_log_reader: byte %02x in the output:\n",
			(unsigned char)text[i]);
		fwrite(text, 1, n, stderr);
		abort();
	}
}

static void explain(const uint8_t *data, size_t size, const struct explain_options *options)
{
	struct log_reader *reader = log_open_memory(data, size);
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	explain_log(reader, options, "fuzz", out);
	fclose(out);
	log_close(reader);
	if (!options->json)
		check_text(text, n);
	free(text);
}

static void sum_up(const uint8_t *data, size_t size, bool recount)
{
	struct log_reader *reader = log_open_memory(data, size);
	struct summary summary;
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	if (summary_read(reader, recount, &summary) == 0) {
		summary_sort(&summary, ORDER_BROKER);
		summary_print(&summary, log_health(reader), out);
		fflush(out);
		check_text(text, n);
		summary_print_json(&summary, log_health(reader), out);
		summary_fini(&summary);
	}
	fclose(out);
	log_close(reader);
	free(text);
}

static void compare(const uint8_t *data, size_t size)
{
	struct diff_side sides[2];
	struct buf out = { 0 };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct log_reader *reader = log_open_memory(data, size);

		diff_read(reader, &sides[i]);
		log_close(reader);
	}
	if (diff_tell(&sides[0], &sides[1], false, &out)) {
		fprintf(stderr, "fuzz_log_reader: a log differs from itself:\n%s", out.data);
		abort();
	}
	diff_side_fini(&sides[1]);
	sides[1] = (struct diff_side){ 0 };
	run_info_init(&sides[1].run);
	diff_tell(&sides[0], &sides[1], false, &out);
	if (out.len)
		check_text(out.data, out.len);
	buf_clear(&out);
	diff_tell(&sides[0], &sides[1], true, &out);
	diff_side_fini(&sides[0]);
	diff_side_fini(&sides[1]);
	buf_fini(&out);
}

/* All is a file; the log's names are not looked at. */
static enum topic topic_of(const char *syscall)
{
	return syscall ? TOPIC_OPEN : TOPIC_NONE;
}

static void look(const char *path, struct learn_seen *ret_seen)
{
	*ret_seen = (struct learn_seen){ .file = strlen(path) % 2, .directory = !(strlen(path) % 2), .real = xstrdup(path) };
}

/* A line that is the policy's is one of those that learn writes. */
static void check_policy(const char *text)
{
	static const char *const begins[] = { "#", "  # ", "  - \"", "read:\n", "hide:\n", "never:\n", "limits: {", "version: 1\n",
					      "name: learned\n", "extends: builtin:python\n", "\n" };
	size_t i;

	for (; *text; text += strcspn(text, "\n") + 1) {
		for (i = 0; i < ARRAY_SIZE(begins) && !after_prefix(text, begins[i]); i++)
			;
		if (i < ARRAY_SIZE(begins))
			continue;
		fprintf(stderr, "fuzz_log_reader: a line that nobody wrote: %s", text);
		abort();
	}
}

static void learn_from(const uint8_t *data, size_t size)
{
	struct log_reader *reader = log_open_memory(data, size);
	struct log_record record;
	struct run_info run;
	struct learn learn;
	struct buf out = { 0 };
	size_t i;

	learn_init(&learn);
	learn.look = look;
	learn.topic_of = topic_of;
	learn.collapse = 2;
	learn.use_submission = true;
	learn_begin_run(&learn);
	run_info_init(&run);
	while (log_next(reader, &record) > 0) {
		run_info_take(&run, &record);
		if (record.kind == RECORD_CALL)
			learn_call(&learn, 0, record.json, &run);
	}
	learn_end_run(&learn, &run);
	tally_merge(&learn.facts);
	tally_merge(&learn.refused);
	for (i = 0; i < learn.facts.n; i++)
		learn_wish(&learn, &learn.facts.entries[i], run.submission);
	learn_rules(&learn);
	learn_policy(&learn, &out);
	check_text(out.data, out.len);
	check_policy(out.data);
	buf_fini(&out);
	learn_fini(&learn);
	run_info_fini(&run);
	log_close(reader);
}

static void break_down(const uint8_t *data, size_t size, enum breakdown_by by, bool outside)
{
	struct log_reader *reader = log_open_memory(data, size);
	struct breakdown breakdown;
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	breakdown_init(&breakdown, by, outside);
	breakdown_read(&breakdown, reader, "fuzz");
	breakdown_sort(&breakdown, BREAKDOWN_TIME);
	breakdown_print(&breakdown, out);
	fflush(out);
	check_text(text, n);
	breakdown_print_csv(&breakdown, out);
	breakdown_print_json(&breakdown, out);
	fclose(out);
	breakdown_fini(&breakdown);
	log_close(reader);
	free(text);
}

static void verify(const uint8_t *data, size_t size, const char *sha256)
{
	const struct public_key key = { "k.pub", { 0 } };
	const struct verify_wanted wanted = { .keys = &key, .n_keys = sha256 ? 0 : 1, .with_verdict = sha256, .sha256 = sha256, .run = "01J" };
	struct log_reader *reader = log_open_memory(data, size);
	_cleanup_buf_ struct buf text = { 0 };
	struct verification v;

	if (verify_log(reader, &wanted, &v) == 0) {
		verify_tell(&v, &text);
		check_text(text.data, text.len);
		json_decref(verify_json(&v));
	}
	log_close(reader);
}

static void must_be_json(const char *text, size_t n, const char *format)
{
	json_t *json = json_loadb(text, n, JSON_ALLOW_NUL, NULL);

	if (!json) {
		fprintf(stderr, "fuzz_log_reader: %s is no JSON:\n", format);
		fwrite(text, 1, n, stderr);
		abort();
	}
	json_decref(json);
}

/* WHOLE: the text is one document; otherwise each line is. */
static void check_json(const char *text, size_t n, bool whole, const char *format)
{
	const char *end;

	if (whole) {
		must_be_json(text, n, format);
		return;
	}
	for (; n && (end = memchr(text, '\n', n)); n -= (size_t)(end + 1 - text), text = end + 1)
		must_be_json(text, (size_t)(end - text), format);
}

static void export(const uint8_t *data, size_t size, const struct export_format *format)
{
	const struct export_options options = { .weight = WEIGHT_CALLS };
	struct log_reader *reader = log_open_memory(data, size);
	struct exporter exporter;
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	export_begin(&exporter, format, &options, out);
	export_log(&exporter, format, reader, "fuzz");
	export_end(&exporter, format, true);
	fclose(out);
	log_close(reader);
	if (format == &export_chrome || format == &export_sarif || format == &export_speedscope)
		check_json(text, n, true, format->name);
	else if (format == &export_ecs || format == &export_intoto || format == &export_ocsf || format == &export_otlp)
		check_json(text, n, false, format->name);
	else if (format == &export_folded || format == &export_sqlite)
		check_text(text, n);
	free(text);
}

/* Does an element of a page begin, or end, at TEXT? No name of a log is one of these by itself. */
static bool is_element(const char *text)
{
	static const char own[] = " body a header div span h1 h2 h3 bdi p b dl dt dd small figure svg rect figcaption nav ul li"
				  " form label input output kbd main section article pre i details summary table thead tbody"
				  " caption tr th td em u br code footer script noscript head ";
	size_t n;
	char spaced[16];

	text += *text == '/';
	n = strcspn(text, " >/");
	if (n == 0 || n > 12)
		return false;
	snprintf(spaced, sizeof spaced, " %.*s ", (int)n, text);
	return strstr(own, spaced);
}

/* Nothing of a log is markup in what is read without script, nor ends the data, which is JSON. */
static void check_page(const char *text)
{
	const char *body = strstr(text, "</style>"), *data = strstr(text, "id=\"data\">"), *at, *end;

	if (!body || !data || !strstr(data, "</html>")) {
		fprintf(stderr, "a page that is not whole\n");
		abort();
	}
	for (at = body + strlen("</style>"); (at = strchr(at, '<')) && at < data; at++)
		if (!is_element(at + 1) && memcmp(at, "<title", 6) != 0) {
			fprintf(stderr, "a page with markup of the log's: %.40s\n", at);
			abort();
		}
	data += strlen("id=\"data\">");
	end = strchr(data, '<');
	must_be_json(data, (size_t)(end - data), "page");
}

static void page(const uint8_t *data, size_t size)
{
	const struct report_options options = { .index = "index.html" };
	struct log_reader *reader = log_open_memory(data, size);
	struct gathering gathering;
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	gathering_init(&gathering);
	gather(&gathering, reader);
	report_write(&gathering, &options, out);
	fclose(out);
	check_page(text);
	gathering_fini(&gathering);
	log_close(reader);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		explain(data, size, &forms[i]);
	sum_up(data, size, false);
	sum_up(data, size, true);
	compare(data, size);
	learn_from(data, size);
	break_down(data, size, BY_FILE, true);
	break_down(data, size, BY_LINE, false);
	verify(data, size, NULL);
	verify(data, size, "0");
	for (size_t i = 0; export_format_at(i); i++)
		export(data, size, export_format_at(i));
	page(data, size);
	return 0;
}
