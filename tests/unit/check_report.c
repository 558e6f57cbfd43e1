/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html/report.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>

#include "report/html/html.h"
#include "report/html/lexer.h"
#include "tests/unit/suite.h"

/* What WRITE puts out. */
#define WRITTEN(text, size, call)                             \
	do {                                                  \
		FILE *out = open_memstream(&(text), &(size)); \
                                                              \
		ck_assert_ptr_nonnull(out);                   \
		call;                                         \
		fclose(out);                                  \
	} while (0)

/* ------------------------------------------------------------------ text */

START_TEST(test_what_means_something_in_html_is_written_as_a_reference)
{
	_cleanup_free_ char *text = NULL;
	size_t n;

	WRITTEN(text, n, html_put(out, "<script>\"x\" & 'y'"));
	ck_assert_str_eq(text, "&lt;script&gt;&quot;x&quot; &amp; &#39;y&#39;");
}
END_TEST

START_TEST(test_hostile_text_is_written_out_before_it_is_shown)
{
	_cleanup_free_ char *text = NULL;
	size_t n;

	WRITTEN(text, n, html_hostile(out, "a\nb\x1b[0m\u202e\xff<"));
	ck_assert_str_eq(text, "a\\nb\\x1b[0m\\u{202e}\\xff&lt;");
}
END_TEST

START_TEST(test_json_holds_nothing_that_ends_its_element)
{
	_cleanup_free_ char *text = NULL;
	size_t n;

	WRITTEN(text, n, json_put(out, "</script><!-- & \"\\"));
	ck_assert_str_eq(text, "\"\\u003c/script\\u003e\\u003c!-- \\u0026 \\\"\\\\\"");
}
END_TEST

START_TEST(test_a_long_name_loses_its_middle_and_no_half_of_a_character)
{
	_cleanup_buf_ struct buf fit = { 0 };
	_cleanup_free_ char *text = xcalloc(1, 30001);

	for (size_t i = 0; i < 30000; i += 3)
		memcpy(text + i, "\u20ac", 3);
	fit_text(&fit, text, 30000, 100, TEXT_PATH);
	ck_assert_uint_lt(fit.len, 160);
	ck_assert_ptr_nonnull(strstr(fit.data, " bytes left out… "));
	ck_assert_ptr_null(strchr(fit.data, '\\'));
}
END_TEST

/* ------------------------------------------------------------------ source */

static char *lexed(const char *line, size_t indent, enum lexer *state)
{
	char *text = NULL;
	size_t n;

	WRITTEN(text, n, *state = lexer_line(out, line, strlen(line), indent, *state));
	return text;
}

START_TEST(test_python_is_marked)
{
	static const struct {
		const char *line, *html;
	} rows[] = {
		{ "return open(x)  # <here>",
		  "<span class=\"kw\">return</span> open(x)  <span class=\"kc\"># &lt;here&gt;</span>" },
		{ "s = rb'a\\'b' + f(\"#\")",
		  "s = rb<span class=\"ks\">&#39;a\\&#39;b&#39;</span> + f(<span class=\"ks\">&quot;#&quot;</span>)" },
		{ "returned = not_a_word", "returned = not_a_word" },
		{ "x = 'open", "x = <span class=\"ks\">&#39;open</span>" },
		{ "\tif x:", "    <span class=\"kw\">if</span> x:" },
		{ "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum lexer state = LEXER_CODE;
		_cleanup_free_ char *html = lexed(rows[i].line, 0, &state);

		ck_assert_str_eq(html, rows[i].html);
		ck_assert_int_eq(state, LEXER_CODE);
	}
}
END_TEST

START_TEST(test_a_string_goes_on_over_lines)
{
	enum lexer state = LEXER_CODE;
	_cleanup_free_ char *first = lexed("x = \"\"\"a", 0, &state), *second = NULL, *third = NULL;

	ck_assert_str_eq(first, "x = <span class=\"ks\">&quot;&quot;&quot;a</span>");
	ck_assert_int_eq(state, LEXER_DOUBLE);
	second = lexed("if 'x' # not code", 0, &state);
	ck_assert_str_eq(second, "<span class=\"ks\">if &#39;x&#39; # not code</span>");
	third = lexed("b\"\"\" if", 0, &state);
	ck_assert_str_eq(third, "<span class=\"ks\">b&quot;&quot;&quot;</span> <span class=\"kw\">if</span>");
	ck_assert_int_eq(state, LEXER_CODE);
}
END_TEST

START_TEST(test_indentation_is_taken_away_once)
{
	enum lexer state = LEXER_CODE;
	_cleanup_free_ char *html = lexed("        pass", 4, &state);

	ck_assert_str_eq(html, "    <span class=\"kw\">pass</span>");
	ck_assert_uint_eq(lexer_indent("    x", 5), 4);
	ck_assert_uint_eq(lexer_indent("    ", 4), SIZE_MAX);
}
END_TEST

/* ------------------------------------------------------------------ grants */

START_TEST(test_a_grant_holds_what_a_policy_says)
{
	static const struct {
		const char *pattern, *path;
		bool holds;
	} rows[] = {
		{ "/srv/data/x", "/srv/data/x", true },	  { "/srv/data/x", "/srv/data/xy", false },
		{ "/srv/data/x", "/srv/data", false },	  { "/srv/data/x", "/srv/data/x/y", false },
		{ "/srv/**", "/srv", true },		  { "/srv/**", "/srv/a/b", true },
		{ "/srv/**", "/srvx", false },		  { "/usr/lib/*.so*", "/usr/lib/a.so.1", true },
		{ "/usr/lib/*.so*", "/usr/lib/x/a.so", false }, { "/a/?/c", "/a/b/c", true },
		{ "/a/?/c", "/a/bb/c", false },		  { "/a/%*", "/a/*", true },
		{ "/a/%*", "/a/b", false },		  { "/a/*/c/**", "/a/b/c/d/e", true },
		{ "/a/", "/a", true },			  { "/", "/", true },
	};
	uint64_t steps = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		ck_assert_msg(grant_holds(rows[i].pattern, rows[i].path, &steps) == rows[i].holds, "%s of %s",
			      rows[i].pattern, rows[i].path);
}
END_TEST

START_TEST(test_stars_cost_no_more_than_both_lengths)
{
	char pattern[402] = "/", path[402] = "/";
	uint64_t steps = 0;

	memset(pattern + 1, '*', 399);
	for (size_t i = 1; i < 399; i += 2)
		pattern[i] = 'a';
	pattern[400] = 'b';
	memset(path + 1, 'a', 400);
	ck_assert(!grant_holds(pattern, path, &steps));
	ck_assert_uint_lt(steps, 401 * 401);
}
END_TEST

static const struct grant_row *row_of(const struct grants *grants, const char *pattern)
{
	for (size_t i = 0; i < grants->n; i++)
		if (streq(grants->rows[i].pattern, pattern))
			return &grants->rows[i];
	ck_abort_msg("no rule %s", pattern);
}

START_TEST(test_the_most_specific_rule_of_a_reference_is_counted)
{
	struct grants grants;
	struct event event = { .rule = "read", .ref = "builtin:pure", .sequence = 7 };

	grants_init(&grants);
	grants_take(&grants, "version: 1\nread:\n  - \"/box/**\"  # builtin:pure\n  - \"/box/data/*.txt\"  # builtin:pure\n"
			     "  - \"/box/data/in.txt\"  # builtin:pure\n  - \"/dev/null\"  # builtin:python, and write\n"
			     "write:\n  - \"/box/out/**\"  # w.yaml:4:3\nhide:\n  - \"/box/**\"  # builtin:pure\nlimits:\n  - \"/box/x\"  # builtin:pure\n");
	ck_assert_uint_eq(grants.n, 6);
	grants_count(&grants, &event, "/box/data/in.txt");
	grants_count(&grants, &event, "/box/data/in.txt");
	grants_count(&grants, &event, "/box/data/out.txt");
	grants_count(&grants, &event, "/etc/passwd");
	event.ref = "builtin:python";
	grants_count(&grants, &event, "/dev/null");
	event.rule = "write";
	event.ref = "w.yaml:4:3";
	grants_count(&grants, &event, "/box/out/x");
	ck_assert_uint_eq(row_of(&grants, "/box/out/**")->calls, 1);
	ck_assert_uint_eq(row_of(&grants, "/box/data/in.txt")->calls, 2);
	ck_assert_uint_eq(row_of(&grants, "/box/data/in.txt")->first, 7);
	ck_assert_uint_eq(row_of(&grants, "/box/data/*.txt")->calls, 1);
	ck_assert_uint_eq(row_of(&grants, "/box/**")->calls, 0);
	ck_assert_uint_eq(row_of(&grants, "/dev/null")->calls, 1);
	grants_fini(&grants);
}
END_TEST

/* ------------------------------------------------------------------ gathering */

static void put_start(struct buf *log)
{
	buf_lit(log, "{\"v\":1,\"kind\":\"start\",\"@timestamp\":\"2026-01-05T10:00:00Z\",\"run\":{\"id\":\"X\"},"
		     "\"process\":{\"pid\":7},\"script\":{\"path\":\"/box/s.py\",\"directory\":\"/box\"},"
		     "\"policy\":{\"effective\":\"read:\\n  - \\\"/box/**\\\"  # p:1:1\\n\"},\"settings\":{\"calls\":\"all\"}}\n");
}

/* An openat of PATH, I milliseconds after the start, by thread 7 + I % THREADS. */
static void put_call(struct buf *log, uint64_t i, const char *path, bool refused, unsigned threads, uint64_t ns)
{
	buf_printf(log,
		   "{\"v\":1,\"kind\":\"call\",\"@timestamp\":\"2026-01-05T10:%02d:%02d.%03d000000Z\",\"event\":{\"sequence\":%" PRIu64
		   ",\"action\":\"openat\",\"duration\":%" PRIu64 "},\"process\":{\"pid\":7,\"thread\":{\"id\":%" PRIu64 "}},"
		   "\"syscall\":{\"subject\":\"read\",\"topic\":\"open\",\"args\":[\"AT_FDCWD\",\"\\\"%s\\\"\"],\"ret\":%d%s},\"file\":{\"path\":\"%s\"},"
		   "\"decision\":{\"action\":\"%s\"%s},\"rule\":{\"id\":\"%s\",\"ref\":\"p:1:1\"},"
		   "\"code\":{\"file.path\":\"/box/s.py\",\"line.number\":3,\"function.name\":\"f\",\"source\":\"open(x)\"},"
		   "\"stack\":{\"python\":[{\"file\":\"/box/s.py\",\"line\":3,\"function\":\"f\"},"
		   "{\"file\":\"/box/s.py\",\"line\":9,\"function\":\"<module>\"}]}}\n",
		   (int)(i / 60000 % 60), (int)(i / 1000 % 60), (int)(i % 1000), i, ns, UINT64_C(7) + i % threads, path,
		   refused ? -13 : 3, refused ? ",\"errno\":\"EACCES\"" : "", path, refused ? "deny" : "allow",
		   refused ? ",\"violation\":true" : "", refused ? "on_deny" : "read");
}

static void put_end(struct buf *log, uint64_t records)
{
	buf_printf(log, "{\"v\":1,\"kind\":\"end\",\"@timestamp\":\"2026-01-05T10:59:00Z\",\"status\":\"OK\",\"exit\":{\"code\":0,"
			"\"signal\":null},\"wall_ns\":5,\"records\":%" PRIu64 "}\n", records);
}

static void gathered(struct gathering *g, const struct buf *log)
{
	struct log_reader *reader = log_open_memory(log->data, log->len);

	gathering_init(g);
	ck_assert_int_eq(gather(g, reader), 0);
	log_close(reader);
}

START_TEST(test_a_small_log_is_kept_whole)
{
	_cleanup_buf_ struct buf log = { 0 };
	struct gathering g;

	put_start(&log);
	put_call(&log, 1, "/box/a", false, 1, 10);
	put_call(&log, 2, "/box/a", false, 1, 20);
	put_call(&log, 3, "/etc/passwd", true, 1, 30);
	put_end(&log, 5);
	gathered(&g, &log);
	ck_assert_uint_eq(g.total, 3);
	ck_assert_uint_eq(g.n_calls, 3);
	ck_assert(!g.thinned);
	ck_assert_uint_eq(g.n_cells, 2);
	ck_assert_uint_eq(g.cells[0].n, 2);
	ck_assert_uint_eq(g.cells[0].ns, 30);
	ck_assert_uint_eq(g.cells[1].violations, 1);
	ck_assert_uint_eq(g.program_at, 1000000);
	ck_assert_int_eq(g.paths.rows[g.cells[0].path].zone, ZONE_FOLDER);
	ck_assert_int_eq(g.paths.rows[g.cells[1].path].zone, ZONE_OUTSIDE);
	ck_assert_uint_eq(g.n_lines, 2);
	ck_assert_uint_eq(g.lines[0].calls, 3);
	ck_assert_uint_eq(g.lines[0].refused, 1);
	ck_assert_str_eq(g.lines[0].text, "open(x)");
	/* The line further up is gone through, and made none. */
	ck_assert_uint_eq(g.lines[1].calls, 0);
	ck_assert_uint_eq(g.lines[1].through, 3);
	ck_assert_uint_eq(g.with_stack, 3);
	ck_assert_uint_eq(g.grants.rows[0].calls, 2);
	ck_assert(gather_is_own(&g, "/box/lib/s.py"));
	ck_assert(!gather_is_own(&g, "/box/.venv/lib/python3.11/site-packages/numpy/x.py"));
	ck_assert(log_is_whole(&g.health));
	gathering_fini(&g);
}
END_TEST

/* A call on descriptor 3 of the thread TID that begins after AT milliseconds and returns RESULT. */
static void put_descriptor_call(struct buf *log, uint64_t sequence, unsigned tid, const char *name, unsigned at, unsigned ns,
				int result)
{
	buf_printf(log,
		   "{\"v\":1,\"kind\":\"call\",\"@timestamp\":\"2026-01-05T10:00:00.%03dZ\",\"event\":{\"sequence\":%" PRIu64
		   ",\"action\":\"%s\",\"duration\":%u},\"process\":{\"pid\":7,\"thread\":{\"id\":%u}},"
		   "\"syscall\":{\"args\":[\"3\"],\"ret\":%d},\"decision\":{\"action\":\"allow\"}}\n",
		   at, sequence, name, ns, tid, result);
}

START_TEST(test_bytes_are_counted_for_what_a_descriptor_is_open_on)
{
	_cleanup_buf_ struct buf log = { 0 };
	struct gathering g;
	uint64_t got = 0, unknown = 0;

	put_start(&log);
	put_call(&log, 1, "/box/a", false, 1, 1000000);
	put_descriptor_call(&log, 2, 7, "read", 3, 10, 100);
	put_call(&log, 3, "/box/a", false, 1, 1000000);
	/* This close began before the open ended that was given the number again, and is told later. */
	put_descriptor_call(&log, 4, 8, "close", 2, 9000000, 0);
	put_descriptor_call(&log, 5, 7, "read", 12, 10, 20);
	put_descriptor_call(&log, 6, 7, "close", 13, 10, 0);
	put_descriptor_call(&log, 7, 7, "read", 14, 10, 3);
	gathered(&g, &log);
	for (size_t i = 0; i < g.n_cells; i++)
		*(g.cells[i].path >= 0 ? &got : &unknown) += g.cells[i].got;
	ck_assert_uint_eq(got, 120);
	ck_assert_uint_eq(unknown, 3);
	gathering_fini(&g);
}
END_TEST

START_TEST(test_of_many_calls_those_stay_that_somebody_looks_for)
{
	enum { N = 45000 };
	_cleanup_buf_ struct buf log = { 0 };
	struct gathering g;
	uint64_t sum = 0, refused = 0, slow = 0, last_refused = 0;

	put_start(&log);
	for (uint64_t i = 1; i <= N; i++)
		put_call(&log, i, i % 10 == 0 ? "/etc/x" : "/box/a", i % 10 == 0, 1, i == 30001 ? 1000000 : 5);
	put_end(&log, N + 2);
	gathered(&g, &log);
	ck_assert(g.thinned);
	ck_assert_uint_le(g.n_calls, GATHER_ALL);
	ck_assert_uint_eq(g.total, N);
	for (size_t i = 0; i < g.n_cells; i++)
		sum += g.cells[i].n;
	ck_assert_uint_eq(sum, N);
	ck_assert_uint_eq(g.calls[0].sequence, 1);
	ck_assert_uint_eq(g.calls[g.n_calls - 1].sequence, N);
	for (size_t i = 0; i < g.n_calls; i++) {
		slow += g.calls[i].sequence == 30001;
		if (g.calls[i].refused) {
			refused++;
			last_refused = g.calls[i].sequence;
		}
		if (i)
			ck_assert_uint_gt(g.calls[i].sequence, g.calls[i - 1].sequence);
	}
	ck_assert_uint_eq(slow, 1);
	ck_assert_uint_le(refused, GATHER_REFUSED);
	ck_assert_uint_ge(refused, GATHER_REFUSED / 2);
	ck_assert_uint_gt(last_refused, N - 100);
	sum = 0;
	for (size_t i = 0; i < GATHER_BINS; i++)
		for (size_t k = 0; k < N_ABOUT; k++)
			sum += g.lanes[0].bins[i][k];
	ck_assert_uint_eq(sum, N);
	gathering_fini(&g);
}
END_TEST

START_TEST(test_more_paths_than_there_is_room_for_become_their_directories)
{
	enum { N = 3 * GATHER_CELLS };
	_cleanup_buf_ struct buf log = { 0 };
	struct gathering g;
	uint64_t sum = 0, violations = 0;

	put_start(&log);
	for (uint64_t i = 1; i <= N; i++) {
		_cleanup_free_ char *path = xasprintf("/srv/d%" PRIu64 "/f%" PRIu64, i % 20000, i);

		put_call(&log, i, path, i % 3 == 0, 500, 5);
	}
	put_end(&log, N + 2);
	gathered(&g, &log);
	ck_assert_uint_le(g.paths.n, GATHER_PATHS + GATHER_PATHS / 2);
	ck_assert_uint_le(g.n_cells, 2 * GATHER_CELLS + 3 * GATHER_COARSE + N_WHAT);
	ck_assert_uint_le(g.n_lanes, GATHER_LANES);
	ck_assert_uint_eq(g.threads, 500);
	ck_assert_uint_gt(g.folded, 0);
	for (size_t i = 0; i < g.n_cells; i++) {
		sum += g.cells[i].n;
		violations += g.cells[i].violations;
	}
	ck_assert_uint_eq(sum, N);
	ck_assert_uint_eq(violations, N / 3);
	gathering_fini(&g);
}
END_TEST

/* ------------------------------------------------------------------ the page */

static char *page_of(const struct buf *log)
{
	const struct report_source source = { "/elsewhere/s.py", "import os\nprint('<b>')\n\nopen(x)\n", 31 };
	const struct report_options options = { .sources = &source, .n_sources = 1 };
	struct gathering g;
	char *text = NULL;
	size_t n;

	gathered(&g, log);
	WRITTEN(text, n, report_write(&g, &options, out));
	gathering_fini(&g);
	return text;
}

START_TEST(test_the_same_log_gives_the_same_page)
{
	_cleanup_buf_ struct buf log = { 0 };
	_cleanup_free_ char *first = NULL, *second = NULL;

	put_start(&log);
	for (uint64_t i = 1; i <= 300; i++)
		put_call(&log, i, i % 7 ? "/box/a" : "/etc/</script><script>alert(1)", i % 7 == 0, 3, i * 1000);
	put_end(&log, 302);
	first = page_of(&log);
	second = page_of(&log);
	ck_assert_str_eq(first, second);
	ck_assert_ptr_null(strstr(first, "<script>alert"));
	ck_assert_ptr_null(strstr(first, "print('<b>')"));
	ck_assert_ptr_nonnull(strstr(first, "id=\"seq-7\""));
	ck_assert_ptr_nonnull(strstr(first, "id=\"L4\""));
	ck_assert_ptr_null(strstr(first, "{{"));
}
END_TEST

START_TEST(test_what_is_no_log_makes_a_page_that_says_so)
{
	static const char *const logs[] = { "", "{\"v\":1,\"kind\":\"call\"}\n", "{\"kind\":\"end\",\"cause\":3,\"exit\":[]}\n",
					    "{\"v\":1,\"kind\":\"start\",\"policy\":{\"effective\":\"read:\\n  - \\\"\"}}\n" };

	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		_cleanup_buf_ struct buf log = { 0 };
		_cleanup_free_ char *page = NULL;

		buf_puts(&log, logs[i]);
		page = page_of(&log);
		ck_assert_ptr_nonnull(strstr(page, "Incomplete: "));
		ck_assert_ptr_nonnull(strstr(page, "</html>"));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("report");
	TCase *tcase = tcase_create("report");

	tcase_add_test(tcase, test_what_means_something_in_html_is_written_as_a_reference);
	tcase_add_test(tcase, test_hostile_text_is_written_out_before_it_is_shown);
	tcase_add_test(tcase, test_json_holds_nothing_that_ends_its_element);
	tcase_add_test(tcase, test_a_long_name_loses_its_middle_and_no_half_of_a_character);
	tcase_add_test(tcase, test_python_is_marked);
	tcase_add_test(tcase, test_a_string_goes_on_over_lines);
	tcase_add_test(tcase, test_indentation_is_taken_away_once);
	tcase_add_test(tcase, test_a_grant_holds_what_a_policy_says);
	tcase_add_test(tcase, test_stars_cost_no_more_than_both_lengths);
	tcase_add_test(tcase, test_the_most_specific_rule_of_a_reference_is_counted);
	tcase_add_test(tcase, test_a_small_log_is_kept_whole);
	tcase_add_test(tcase, test_bytes_are_counted_for_what_a_descriptor_is_open_on);
	tcase_add_test(tcase, test_of_many_calls_those_stay_that_somebody_looks_for);
	tcase_add_test(tcase, test_more_paths_than_there_is_room_for_become_their_directories);
	tcase_add_test(tcase, test_the_same_log_gives_the_same_page);
	tcase_add_test(tcase, test_what_is_no_log_makes_a_page_that_says_so);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
