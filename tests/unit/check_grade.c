/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "grade/checker.h"
#include "grade/cold.h"
#include "grade/directory.h"
#include "grade/interaction.h"
#include "grade/job.h"
#include "grade/outcome.h"
#include "grade/results.h"
#include "tests/unit/suite.h"

static bool same(const char *checker_text, const char *output, const char *answer)
{
	_cleanup_difference_ struct difference d = { 0 };
	_cleanup_buf_ struct buf message = { 0 };
	struct checker checker;
	bool right;

	ck_assert_int_eq(checker_parse(checker_text, &checker, &message), 0);
	right = checker_compare(&checker, output, strlen(output), answer, strlen(answer), &d);
	ck_assert(right == (d.line == 0));
	checker_fini(&checker);
	return right;
}

static void note_warmth(struct cold *cold, const char *warm)
{
	json_t *verdict = json_pack("{s:o}", "warm", json_loads(warm, 0, NULL));

	cold_note(cold, verdict);
	json_decref(verdict);
}

static void expect_cold(const struct cold *cold, const char *expected)
{
	_cleanup_buf_ struct buf text = { 0 };

	cold_tell(cold, &text);
	ck_assert_str_eq(text.data ? text.data : "", expected);
}

START_TEST(test_runs_that_are_not_warm_are_told_with_the_commonest_reason)
{
	struct cold cold = { 0 };
	char warm[64];
	int i;

	cold_note(&cold, NULL);
	note_warmth(&cold, "{\"mode\":\"quick\"}");
	note_warmth(&cold, "[]");
	expect_cold(&cold, "");
	note_warmth(&cold, "{\"mode\":\"cold\",\"why\":\"an \\u001b[m x\"}");
	expect_cold(&cold, "1 run was not warm: an \\x1b[m x");
	note_warmth(&cold, "{\"mode\":\"cold\",\"why\":\"b\"}");
	note_warmth(&cold, "{\"mode\":\"cold\",\"why\":\"b\"}");
	note_warmth(&cold, "{\"mode\":\"cold\"}");
	expect_cold(&cold, "4 runs were not warm; 2 of them: b");
	/* No more are told apart than there is room for. */
	for (i = 0; i < 100; i++) {
		snprintf(warm, sizeof warm, "{\"mode\":\"cold\",\"why\":\"%d\"}", i);
		note_warmth(&cold, warm);
	}
	expect_cold(&cold, "104 runs were not warm; 2 of them: b");
	ck_assert_uint_eq(cold.n_reasons, COLD_REASONS);
	cold_fini(&cold);
	expect_cold(&cold, "");
	note_warmth(&cold, "{\"mode\":\"cold\"}");
	expect_cold(&cold, "1 run was not warm");
	cold_fini(&cold);
}
END_TEST

START_TEST(test_tokens_ignore_space_and_keep_case)
{
	ck_assert(same("tokens", "1  2\r\n\n3", " 1 2 3\n"));
	ck_assert(same("tokens", "", " \n"));
	ck_assert(!same("tokens", "Yes", "yes"));
	ck_assert(same("tokens:nocase", "Yes", "yES"));
	ck_assert(!same("tokens:nocase", "\xc3\x84", "\xc3\xa4"));
	ck_assert(!same("tokens", "1 2", "1 2 3"));
	ck_assert(!same("tokens", "1 2 3", "1 2"));
	ck_assert(!same("tokens", "12", "1 2"));
	ck_assert(!same("tokens", "1.0", "1"));
	ck_assert(!same("tokens:space", "1  2\n", "1 2\n"));
	ck_assert(!same("tokens:space", "1 2", "1 2\n"));
	ck_assert(same("tokens:space", "1 2\n", "1 2\n"));
}
END_TEST

START_TEST(test_exact_counts_every_byte)
{
	ck_assert(same("exact", "a\n", "a\n"));
	ck_assert(!same("exact", "a", "a\n"));
	ck_assert(!same("exact", "a\n\n", "a\n"));
	ck_assert(same("exact", "", ""));
}
END_TEST

START_TEST(test_float_tolerance)
{
	ck_assert(same("float:1e-6", "0.3333333", "0.33333333333"));
	ck_assert(!same("float:1e-9", "0.3333333", "0.33333333333"));
	/* 1e9 is right to 1e-6 relatively, and 100 off. */
	ck_assert(same("float:1e-6", "1000000100", "1e9"));
	ck_assert(!same("float-abs:1e-6", "1000000100", "1e9"));
	ck_assert(same("float-abs:0.5", "1.4", "1"));
	ck_assert(!same("float-rel:0.1", "0.001", "0"));
	ck_assert(same("float:1e-6", "+.5E0", "0.5"));
	ck_assert(!same("float:1e-6", "nan", "0.5"));
	ck_assert(!same("float:1e-6", "inf", "1e999"));
	ck_assert(!same("float:1e-6", "0x1p3", "8"));
	ck_assert(!same("float:1e-6", "8x", "8"));
	ck_assert(same("float:1e-6", "word 8", "word 8.0"));
	ck_assert(!same("float:1e-6", "words 8", "word 8"));
}
END_TEST

START_TEST(test_numbers)
{
	static const char *const good[] = { "0", "-1", "+1.5", ".5", "5.", "1e5", "1.e-5", "-.5E+05" };
	static const char *const bad[] = { "", ".", "-", "e5", "1e", "1e+", "0x1", "inf", "nan", "1 ", " 1", "1.2.3", "--1" };
	double value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		ck_assert_msg(checker_number(good[i], strlen(good[i]), &value), "%s", good[i]);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		ck_assert_msg(!checker_number(bad[i], strlen(bad[i]), &value), "%s", bad[i]);
}
END_TEST

START_TEST(test_difference_names_the_line)
{
	_cleanup_difference_ struct difference d = { 0 };
	static const char output[] = "1\n2\n\n7 x\n", answer[] = "1\n2\n3\n";
	struct checker checker;

	checker_init(&checker);
	ck_assert(!checker_compare(&checker, output, strlen(output), answer, strlen(answer), &d));
	ck_assert_uint_eq(d.line, 4);
	ck_assert_str_eq(d.got.data, "7 x");
	ck_assert_str_eq(d.wanted.data, "3");
	ck_assert(!checker_compare(&checker, "1\n2\n", 4, answer, strlen(answer), &d));
	ck_assert_str_eq(d.got.data, "(end of the text)");
}
END_TEST

START_TEST(test_flags_of_the_default_validator)
{
	char *flags[] = { "case_sensitive", "float_tolerance", "1e-4", "space_change_sensitive", NULL };
	char *unknown[] = { "case_insensitive", NULL }, *missing[] = { "float_tolerance", NULL };
	_cleanup_buf_ struct buf message = { 0 };
	struct checker checker;

	ck_assert_int_eq(checker_parse_flags(NULL, &checker, &message), 0);
	ck_assert(checker.any_case && !checker.exact_space && checker.abs < 0 && checker.rel < 0);
	ck_assert_int_eq(checker_parse_flags(flags, &checker, &message), 0);
	ck_assert(!checker.any_case && checker.exact_space && checker.abs == 1e-4 && checker.rel == 1e-4);
	ck_assert_int_lt(checker_parse_flags(unknown, &checker, &message), 0);
	ck_assert_int_lt(checker_parse_flags(missing, &checker, &message), 0);
}
END_TEST

START_TEST(test_excerpt_is_short_and_plain)
{
	_cleanup_buf_ struct buf out = { 0 }, text = { 0 };
	int i;

	put_excerpt(&out, "a\x1b\xff\n", 4);
	ck_assert_str_eq(out.data, "a\\x1b\\xff\\n");
	buf_clear(&out);
	for (i = 0; i < 300; i++)
		buf_lit(&text, "\xc3\xa4");
	put_excerpt(&out, text.data, text.len);
	ck_assert_uint_eq(out.len, 203);
	ck_assert(strstr(out.data, "\\x") == NULL);
}
END_TEST

START_TEST(test_ids_name_directories)
{
	static const char *const good[] = { "a", "A.b-c_9", "9", "_" };
	static const char *const bad[] = { "", ".", "..", ".a", "-a", "a/b", "a b", "a\n", "\xc3\xa4" };
	char text[300];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		ck_assert_msg(id_is_good(good[i]), "%s", good[i]);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		ck_assert_msg(!id_is_good(bad[i]), "%s", bad[i]);
	memset(text, 'a', sizeof text);
	text[201] = '\0';
	ck_assert(!id_is_good(text));
	text[200] = '\0';
	ck_assert(id_is_good(text));
}
END_TEST

/* A directory for a test, and its descriptor. */
static int make_place(char path[32])
{
	int fd;

	strcpy(path, "/tmp/proctor-grade-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(path));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static void remove_place(const char *path, int fd)
{
	close(fd);
	ck_assert_int_eq(directory_remove(AT_FDCWD, path), 0);
}

static enum final read_verdict(const char *verdict, int wait_status, bool late, const char *reason)
{
	struct outcome outcome;
	char path[32];
	int fd = make_place(path);
	enum final f;

	if (verdict)
		ck_assert_int_eq(directory_write(fd, "verdict.json", verdict, strlen(verdict)), 0);
	outcome_read(fd, "a", wait_status, late, &outcome);
	f = outcome.final;
	if (reason)
		ck_assert_msg(outcome.reason.data && strstr(outcome.reason.data, reason), "%s", outcome.reason.data);
	ck_assert((f == FINAL_JE) == (outcome.reason.len > 0));
	outcome_fini(&outcome);
	remove_place(path, fd);
	return f;
}

#define VERDICT(id, rest) "{\"schema\":\"proctor.verdict/1\",\"run\":{\"submission\":\"" id "\"}," rest "}"

START_TEST(test_only_a_whole_verdict_of_this_run_is_believed)
{
	ck_assert_int_eq(read_verdict(VERDICT("a", "\"status\":\"OK\""), 0, false, NULL), FINAL_OK);
	ck_assert_int_eq(read_verdict(VERDICT("a", "\"status\":\"RE\""), 0, false, NULL), FINAL_RE);
	ck_assert_int_eq(read_verdict(VERDICT("b", "\"status\":\"RE\""), 0, false, "missing"), FINAL_JE);
	ck_assert_int_eq(read_verdict(VERDICT("a", "\"status\":\"JE\""), 0, false, "not known"), FINAL_JE);
	ck_assert_int_eq(read_verdict(VERDICT("a", "\"status\":\"AC\""), 0, false, "not known"), FINAL_JE);
	ck_assert_int_eq(read_verdict(VERDICT("a", "\"status\":1"), 0, false, "missing"), FINAL_JE);
	ck_assert_int_eq(read_verdict("{\"schema\":\"prolog.verdict/1\"}", 0, false, "missing"), FINAL_JE);
	ck_assert_int_eq(read_verdict("{", 0, false, "missing"), FINAL_JE);
	ck_assert_int_eq(read_verdict("[]", 0, false, "missing"), FINAL_JE);
	ck_assert_int_eq(read_verdict(NULL, 0, false, "missing"), FINAL_JE);
}
END_TEST

START_TEST(test_a_failure_of_proctor_is_nobody_elses)
{
	static const char failed[] = VERDICT("a", "\"status\":\"XX\",\"error\":\"out of things\"");
	static const char interrupted[] = VERDICT("a", "\"status\":\"SG\",\"interrupted\":\"SIGTERM\"");

	ck_assert_int_eq(read_verdict(failed, 70 << 8, false, "out of things"), FINAL_JE);
	ck_assert_int_eq(read_verdict(interrupted, 0, false, "SIGTERM"), FINAL_JE);
	/* What proctor's own status contradicts. */
	ck_assert_int_eq(read_verdict(VERDICT("a", "\"status\":\"RE\""), 70 << 8, false, "70"), FINAL_JE);
	ck_assert_int_eq(read_verdict(VERDICT("a", "\"status\":\"RE\""), 74 << 8, false, "written"), FINAL_JE);
	ck_assert_int_eq(read_verdict(VERDICT("a", "\"status\":\"RE\""), 9, false, "SIGKILL"), FINAL_JE);
	ck_assert_int_eq(read_verdict(VERDICT("a", "\"status\":\"RE\""), 9, true, "did not come"), FINAL_JE);
}
END_TEST

START_TEST(test_what_proctor_says_is_escaped_once)
{
	static const char failed[] = VERDICT("a", "\"status\":\"XX\",\"error\":\"of /a\\\\\\\\b\"");

	ck_assert_int_eq(read_verdict(failed, 70 << 8, false, "of /a\\\\b"), FINAL_JE);
}
END_TEST

START_TEST(test_a_full_disk_stops_everything)
{
	struct outcome outcome = { .final = FINAL_OK };

	ck_assert_int_eq(outcome_fail(&outcome, "a\nb", -ENOENT), -ENOENT);
	ck_assert_int_eq(outcome.final, FINAL_JE);
	ck_assert_str_eq(outcome.reason.data, "a\\nb: No such file or directory");
	ck_assert_int_eq(outcome.stop, 0);
	outcome_fail(&outcome, "feedback", -EDQUOT);
	ck_assert_int_eq(outcome.stop, EXIT_LOG);
	outcome_fini(&outcome);
}
END_TEST

START_TEST(test_results_are_remembered_and_cut)
{
	static const char key[] = "0123456789abcdef0123456789abcdef";
	struct results *results;
	struct result_entry *entry;
	char path[32], id[16], line[128];
	int fd = make_place(path), i, out;

	ck_assert_int_eq(results_open(fd, path, false, &results), 0);
	for (i = 0; i < 3000; i++) {
		snprintf(id, sizeof id, "j%d", i);
		snprintf(line, sizeof line, "{\"id\":\"%s\",\"job\":\"%s\",\"verdict\":\"%s\"}", id, key, i % 2 ? "WA" : "AC");
		ck_assert_int_eq(results_append(results, line, id, key, i % 2 ? FINAL_WA : FINAL_AC), 0);
	}
	results_free(results);
	out = openat(fd, "results.jsonl", O_WRONLY | O_APPEND);
	ck_assert_int_eq(write_full(out, "{\"id\":\"half", 11), 11);
	close(out);
	ck_assert_int_eq(results_open(fd, path, true, &results), 0);
	ck_assert_uint_eq(results_count(results), 3000);
	ck_assert_uint_eq(results_tally(results, FINAL_WA), 1500);
	entry = results_find(results, "j2999");
	ck_assert(entry && entry->verdict == FINAL_WA && streq(entry->key, key) && !entry->seen);
	ck_assert_ptr_null(results_find(results, "half"));
	results_free(results);
	remove_place(path, fd);
}
END_TEST

START_TEST(test_removal_does_not_follow_links)
{
	struct stat st;
	char path[32];
	int fd = make_place(path), inner;

	ck_assert_int_eq(directory_write(fd, "keep", "x", 1), 0);
	inner = directory_make(fd, "run");
	ck_assert_int_ge(inner, 0);
	ck_assert_int_eq(symlinkat("..", inner, "up"), 0);
	close(inner);
	inner = directory_make_empty(fd, "run");
	ck_assert_int_ge(inner, 0);
	ck_assert_int_lt(fstatat(inner, "up", &st, AT_SYMLINK_NOFOLLOW), 0);
	close(inner);
	ck_assert_int_eq(fstatat(fd, "keep", &st, 0), 0);
	ck_assert_int_eq(symlinkat(".", fd, "link"), 0);
	ck_assert_int_lt(directory_make(fd, "link"), 0);
	remove_place(path, fd);
}
END_TEST

START_TEST(test_a_directory_that_is_as_new_is_emptied)
{
	struct stat st;
	char path[32];
	int fd = make_place(path), inner = directory_make(fd, "work"), within;

	ck_assert_int_ge(inner, 0);
	ck_assert_int_eq(directory_write(inner, "file", "x", 1), 0);
	within = directory_make(inner, "within");
	ck_assert_int_ge(within, 0);
	ck_assert_int_eq(directory_write(within, ".hidden", "x", 1), 0);
	ck_assert_int_eq(symlinkat("../..", within, "up"), 0);
	close(within);
	ck_assert_int_eq(directory_empty(fd, "work"), 0);
	ck_assert_int_eq(fstat(inner, &st), 0);
	ck_assert_uint_eq(st.st_nlink, 2);
	ck_assert_int_lt(fstatat(inner, "file", &st, 0), 0);
	ck_assert_int_eq(unlinkat(fd, "work", AT_REMOVEDIR), 0);
	close(inner);
	inner = directory_make(fd, "work");
	ck_assert_int_eq(fchmod(inner, 0711), 0);
	ck_assert_int_eq(directory_empty(fd, "work"), -ESTALE);
	ck_assert_int_eq(fchmod(inner, 01700), 0);
	ck_assert_int_eq(directory_empty(fd, "work"), -ESTALE);
	ck_assert_int_eq(fchmod(inner, 0700), 0);
	ck_assert_int_eq(directory_empty(fd, "work"), 0);
	if (fsetxattr(inner, "user.left", "x", 1, 0) == 0)
		ck_assert_int_eq(directory_empty(fd, "work"), -ESTALE);
	close(inner);
	ck_assert_int_eq(symlinkat("work", fd, "link"), 0);
	ck_assert_int_lt(directory_empty(fd, "link"), 0);
	ck_assert_int_lt(directory_empty(fd, "absent"), 0);
	remove_place(path, fd);
}
END_TEST

START_TEST(test_job_becomes_options_and_words)
{
	static const char line[] = "{\"id\":\"a\",\"script\":\"-x.py\",\"args\":[\"1\"],\"limits\":{\"wall\":\"6s\",\"tasks\":4},"
				   "\"read\":[\"/d\"],\"stdin_text\":\"a\\u0000b\"}";
	_cleanup_buf_ struct buf message = { 0 };
	struct run_spec *spec;
	struct checker checker;

	checker_init(&checker);
	ck_assert_int_eq(job_parse(line, strlen(line), &checker, &spec, &message), 0);
	ck_assert_uint_eq(strv_length(spec->options), 3);
	ck_assert_str_eq(spec->options[0], "--wall=6s");
	ck_assert_str_eq(spec->options[1], "--tasks=4");
	ck_assert_str_eq(spec->options[2], "--read=/d");
	ck_assert_str_eq(spec->words[0], "./-x.py");
	ck_assert_str_eq(spec->words[1], "1");
	ck_assert_uint_eq(spec->n_input_text, 3);
	ck_assert_uint_eq(spec->wall_ns, 6000000000u);
	run_spec_free(spec);
}
END_TEST

static enum final decide(int wait_status, enum relay_side first, enum final program, unsigned flags, const char *reason)
{
	_cleanup_buf_ struct buf said = { 0 };
	const struct interaction interaction = { .whole = true, .first = first, .interactor = { .status = wait_status },
						 .late = flags & 1, .stopped = flags & 2 };
	enum final f = interaction_decide(&interaction, program, &said);

	ck_assert((reason != NULL) == (said.len > 0));
	ck_assert(!reason || strstr(said.data, reason));
	return f;
}

#define EXITED(status) ((status) << 8)

START_TEST(test_who_ended_first_decides)
{
	const enum relay_side program = RELAY_PROGRAM, interactor = RELAY_INTERACTOR;
	static const enum final ends[] = { FINAL_TO, FINAL_RE, FINAL_SG, FINAL_ML, FINAL_OL, FINAL_PV };
	size_t i;

	ck_assert_int_eq(decide(EXITED(42), program, FINAL_OK, 0, NULL), FINAL_AC);
	ck_assert_int_eq(decide(EXITED(42), interactor, FINAL_OK, 0, NULL), FINAL_AC);
	ck_assert_int_eq(decide(EXITED(43), program, FINAL_OK, 0, NULL), FINAL_WA);
	ck_assert_int_eq(decide(EXITED(43), interactor, FINAL_OK, 0, NULL), FINAL_WA);
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		ck_assert_int_eq(decide(EXITED(43), interactor, ends[i], 0, NULL), FINAL_WA);
		ck_assert_int_eq(decide(EXITED(43), program, ends[i], 0, NULL), ends[i]);
		ck_assert_int_eq(decide(EXITED(42), interactor, ends[i], 0, NULL), ends[i]);
		ck_assert_int_eq(decide(EXITED(42), program, ends[i], 0, NULL), ends[i]);
		/* An interactor that fails is nobody's answer. */
		ck_assert_int_eq(decide(EXITED(0), program, ends[i], 0, "status 0"), FINAL_JE);
		ck_assert_int_eq(decide(EXITED(1), interactor, ends[i], 0, "status 1"), FINAL_JE);
		ck_assert_int_eq(decide(6, interactor, ends[i], 0, "SIGABRT"), FINAL_JE);
		ck_assert_int_eq(decide(9, program, ends[i], 1, "did not come to an end"), FINAL_JE);
	}
	/* The program was ended by us because it went on behind a rejection; otherwise its JE remains one. */
	ck_assert_int_eq(decide(EXITED(43), interactor, FINAL_JE, 2, NULL), FINAL_WA);
	ck_assert_int_eq(decide(EXITED(43), interactor, FINAL_JE, 0, NULL), FINAL_JE);
	ck_assert_int_eq(decide(EXITED(42), interactor, FINAL_JE, 0, NULL), FINAL_JE);
}
END_TEST

/* Ends of pipes: a side's own ones are for the test. */
struct sides {
	int out[RELAY_SIDES], in[RELAY_SIDES];	       /* the relay's */
	int writes[RELAY_SIDES], reads[RELAY_SIDES];   /* the sides' */
	int transcript;
	struct relay *relay;
};

static void open_sides(struct sides *s)
{
	int pair[2], side;

	for (side = 0; side < RELAY_SIDES; side++) {
		ck_assert_int_eq(pipe2(pair, O_CLOEXEC), 0);
		s->out[side] = pair[0];
		s->writes[side] = pair[1];
		ck_assert_int_eq(pipe2(pair, O_CLOEXEC | O_NONBLOCK), 0);
		s->reads[side] = pair[0];
		s->in[side] = pair[1];
	}
	s->transcript = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	ck_assert_int_ge(s->transcript, 0);
	s->relay = relay_new(s->out, s->in, s->transcript);
}

static void step(struct sides *s)
{
	struct pollfd polls[RELAY_POLLS];

	relay_wait_for(s->relay, polls);
	ck_assert_int_ge(poll(polls, RELAY_POLLS, 0), 0);
	relay_step(s->relay, polls);
}

START_TEST(test_an_end_is_seen_before_it_is_passed_on)
{
	struct relay_told told[RELAY_SIDES];
	char text[200] = { 0 };
	struct sides s;

	open_sides(&s);
	ck_assert_int_eq(write(s.writes[RELAY_PROGRAM], "1\n\x1b", 3), 3);
	step(&s);
	ck_assert_int_eq(read(s.reads[RELAY_INTERACTOR], text, sizeof text), 3);
	/* The program ends; what it wrote before arrives. */
	ck_assert_int_eq(write(s.writes[RELAY_PROGRAM], "2", 1), 1);
	close(s.reads[RELAY_PROGRAM]);
	close(s.writes[RELAY_PROGRAM]);
	step(&s);
	step(&s);
	ck_assert(relay_is_gone(s.relay, RELAY_PROGRAM));
	ck_assert(!relay_is_gone(s.relay, RELAY_INTERACTOR));
	ck_assert_int_eq(read(s.reads[RELAY_INTERACTOR], text, sizeof text), 1);
	ck_assert_int_eq(read(s.reads[RELAY_INTERACTOR], text, sizeof text), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_uint_eq(relay_pass_end(s.relay, RELAY_PROGRAM, true), 0);
	ck_assert_int_eq(read(s.reads[RELAY_INTERACTOR], text, sizeof text), 0);
	/* What the interactor says now is dropped, and is no SIGPIPE. */
	ck_assert_int_eq(write(s.writes[RELAY_INTERACTOR], "3\n4\n", 4), 4);
	step(&s);
	ck_assert_int_eq(relay_finish(s.relay, told), 0);
	ck_assert_uint_eq(told[RELAY_PROGRAM].bytes, 4);
	ck_assert_uint_eq(told[RELAY_PROGRAM].unread, 4);
	ck_assert(!told[RELAY_PROGRAM].closed_output && !told[RELAY_PROGRAM].closed_input);
	relay_free(s.relay);
	memset(text, 0, sizeof text);
	ck_assert_int_gt(pread(s.transcript, text, sizeof text - 1, 0), 0);
	ck_assert_msg(strstr(text, " > 1\n") && strstr(text, " >~ \\x1b2\n") && strstr(text, " < 3\n") && strstr(text, " < 4\n"),
		      "%s", text);
	close(s.writes[RELAY_INTERACTOR]);
	close(s.reads[RELAY_INTERACTOR]);
	close(s.transcript);
}
END_TEST

START_TEST(test_what_is_not_read_is_held_back)
{
	_cleanup_free_ char *block = xcalloc(1, 65536);
	struct relay_told told[RELAY_SIDES];
	struct sides s;
	size_t n = 0;
	ssize_t r;
	int i;

	open_sides(&s);
	fcntl(s.writes[RELAY_PROGRAM], F_SETFL, O_NONBLOCK);
	for (i = 0; i < 100; i++) {
		r = write(s.writes[RELAY_PROGRAM], block, 65536);
		n += r > 0 ? (size_t)r : 0;
		step(&s);
	}
	/* Two pipes and a block between them. */
	ck_assert_uint_le(n, 3 * 65536);
	close(s.reads[RELAY_INTERACTOR]);
	for (i = 0; i < 10; i++)
		step(&s);
	ck_assert_int_eq(write(s.writes[RELAY_PROGRAM], block, 1000), 1000);
	step(&s);
	relay_finish(s.relay, told);
	ck_assert_uint_eq(told[RELAY_PROGRAM].bytes, n + 1000);
	ck_assert_uint_eq(told[RELAY_INTERACTOR].unread, n + 1000);
	relay_free(s.relay);
	for (i = 0; i < RELAY_SIDES; i++)
		close(s.writes[i]);
	close(s.reads[RELAY_PROGRAM]);
	close(s.transcript);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("grade");
	TCase *tc = tcase_create("grade");

	tcase_add_test(tc, test_tokens_ignore_space_and_keep_case);
	tcase_add_test(tc, test_runs_that_are_not_warm_are_told_with_the_commonest_reason);
	tcase_add_test(tc, test_exact_counts_every_byte);
	tcase_add_test(tc, test_float_tolerance);
	tcase_add_test(tc, test_numbers);
	tcase_add_test(tc, test_difference_names_the_line);
	tcase_add_test(tc, test_flags_of_the_default_validator);
	tcase_add_test(tc, test_excerpt_is_short_and_plain);
	tcase_add_test(tc, test_ids_name_directories);
	tcase_add_test(tc, test_only_a_whole_verdict_of_this_run_is_believed);
	tcase_add_test(tc, test_a_failure_of_proctor_is_nobody_elses);
	tcase_add_test(tc, test_what_proctor_says_is_escaped_once);
	tcase_add_test(tc, test_a_full_disk_stops_everything);
	tcase_add_test(tc, test_results_are_remembered_and_cut);
	tcase_add_test(tc, test_removal_does_not_follow_links);
	tcase_add_test(tc, test_a_directory_that_is_as_new_is_emptied);
	tcase_add_test(tc, test_job_becomes_options_and_words);
	tcase_add_test(tc, test_who_ended_first_decides);
	tcase_add_test(tc, test_an_end_is_seen_before_it_is_passed_on);
	tcase_add_test(tc, test_what_is_not_read_is_held_back);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
