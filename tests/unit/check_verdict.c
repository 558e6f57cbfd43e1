/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict document for runs that ended in each way. */
#include "supervisor/verdict.h"

#include <check.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>

#include "tests/unit/suite.h"

static struct policy policy;
static struct run_result result;
static const struct cause_surroundings around;
static struct verdict verdict;
static struct buf text;
static json_t *root;

static void set_up(void)
{
	policy = (struct policy){ .name = (char *)(uintptr_t)"test" };
	result = (struct run_result){ .status = STATUS_OK, .exited = true, .cpu_ns = 31000000, .wall_ns = 48000000,
				      .memory_bytes = 9691136 };
	verdict = (struct verdict){ .result = &result, .policy = &policy, .identity = { .run_id = "01JTEST" }, .around = &around };
}

static void tear_down(void)
{
	json_decref(root);
	root = NULL;
	buf_fini(&text);
}

/* "a.b" of the document; "null", "true" and numbers as text too. */
static const char *member(const char *path)
{
	static char number[32];
	_cleanup_free_ char *copy = xstrdup(path);
	const json_t *value;
	char *saved, *name;

	if (!root) {
		json_error_t error;

		verdict_format(&verdict, &text);
		root = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &error);
		ck_assert_msg(root != NULL, "%s: %s", error.text, text.data);
	}
	for (value = root, name = strtok_r(copy, ".", &saved); name && value; name = strtok_r(NULL, ".", &saved))
		value = json_object_get(value, name);
	if (!value)
		return "(absent)";
	if (json_is_null(value))
		return "null";
	if (json_is_boolean(value))
		return json_is_true(value) ? "true" : "false";
	if (json_is_integer(value)) {
		snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
		return number;
	}
	return json_is_string(value) ? json_string_value(value) : "(object)";
}

START_TEST(test_run_that_is_well)
{
	ck_assert_str_eq(member("schema"), "proctor.verdict/1");
	ck_assert_str_eq(member("run.id"), "01JTEST");
	ck_assert_str_eq(member("run.submission"), "null");
	ck_assert_str_eq(member("run.labels"), "(object)");
	ck_assert_str_eq(member("status"), "OK");
	ck_assert_str_eq(member("mode"), "enforce");
	ck_assert_str_eq(member("exit.code"), "0");
	ck_assert_str_eq(member("exit.signal"), "null");
	ck_assert_str_eq(member("cpu_ns"), "31000000");
	ck_assert_str_eq(member("memory_bytes"), "9691136");
	ck_assert_str_eq(member("violations"), "0");
	ck_assert_str_eq(member("first_violation"), "null");
	ck_assert_str_eq(member("limit"), "(absent)");
	ck_assert_str_eq(member("error"), "(absent)");
	ck_assert_str_eq(member("log"), "null");
	ck_assert_str_eq(member("messages.staff"), "exit status 0");
	ck_assert_int_eq(text.data[text.len - 1], '\n');
}
END_TEST

START_TEST(test_exit_status_and_signal)
{
	result.status = STATUS_RE;
	result.exit_code = 3;
	ck_assert_str_eq(member("exit.code"), "3");
	ck_assert_str_eq(member("messages.student"), "The program ended with exit status 3.");
	tear_down();
	result.status = STATUS_SG;
	result.exited = false;
	result.exit_signal = SIGSEGV;
	ck_assert_str_eq(member("exit.code"), "null");
	ck_assert_str_eq(member("exit.signal"), "SIGSEGV");
	ck_assert_str_eq(member("messages.student"), "The program was ended by SIGSEGV.");
}
END_TEST

START_TEST(test_failure_of_proctor_is_not_the_programs_fault)
{
	result.status = STATUS_XX;
	result.exited = false;
	result.error = (char *)(uintptr_t)"cannot \"do\" it";
	result.violations = result.refusals.felt = 3; /* what went before does not explain it */
	ck_assert_str_eq(member("status"), "XX");
	ck_assert_str_eq(member("exit.code"), "null");
	ck_assert_str_eq(member("exit.signal"), "null");
	ck_assert_str_eq(member("error"), "cannot \"do\" it");
	ck_assert_str_eq(member("messages.staff"), "cannot \"do\" it");
	ck_assert_ptr_nonnull(strstr(member("messages.student"), "not its fault"));
}
END_TEST

static void refuse(struct told_refusal *told, uint64_t sequence)
{
	result.violations++;
	result.refusals.felt++;
	told->sequence = sequence;
	told->student = (char *)(uintptr_t)"Opening that file is not allowed (solve.py:12).";
	told->staff = (char *)(uintptr_t)"openat of /etc/passwd at solve.py:12: nothing grants reading it; on_deny p:5:1";
}

START_TEST(test_the_refusal_that_killed_gives_the_words)
{
	result.status = STATUS_PV;
	result.exited = false;
	result.exit_signal = SIGKILL;
	result.first.sequence = 214;
	result.first.action = (char *)(uintptr_t)"openat";
	result.first.path = (char *)(uintptr_t)"/etc/\xff";
	refuse(&result.refusals.last, 214);
	refuse(&result.refusals.kill, 215);
	ck_assert_str_eq(member("violations"), "2");
	ck_assert_str_eq(member("first_violation.seq"), "214");
	ck_assert_str_eq(member("first_violation.path"), "/etc/\xef\xbf\xbd");
	ck_assert_str_eq(member("first_violation.path_b64"), "L2V0Yy//");
	ck_assert_str_eq(member("first_violation.code"), "null");
	ck_assert_str_eq(member("cause.kind"), "refusal");
	ck_assert_str_eq(member("cause.certain"), "true");
	ck_assert_str_eq(member("cause.seq"), "215");
	ck_assert_str_eq(member("messages.student"), result.refusals.kill.student);
	ck_assert_str_eq(member("messages.staff"), "killed for openat of /etc/passwd at solve.py:12: nothing grants "
						   "reading it; on_deny p:5:1");
}
END_TEST

/* Staff see what was refused last, and that it may be no reason; a student is accused of nothing. */
START_TEST(test_an_exit_after_refusals_has_no_known_cause)
{
	result.status = STATUS_RE;
	result.exit_code = 1;
	refuse(&result.refusals.last, 214);
	ck_assert_str_eq(member("cause.kind"), "exit");
	ck_assert_str_eq(member("cause.certain"), "false");
	ck_assert_str_eq(member("cause.seq"), "214");
	ck_assert_str_eq(member("messages.student"),
			 "The program ended with exit status 1. Something that it asked for was refused; whether that "
			 "is the reason is not known.");
	ck_assert_str_eq(member("messages.staff"),
			 "exit status 1; 1 refusal, whether that is the reason is not known; openat of /etc/passwd at "
			 "solve.py:12: nothing grants reading it; on_deny p:5:1");
}
END_TEST

START_TEST(test_refusals_that_were_survived_are_not_told_to_a_student)
{
	refuse(&result.refusals.last, 214);
	ck_assert_str_eq(member("cause.kind"), "exit");
	ck_assert_str_eq(member("cause.certain"), "true");
	ck_assert_str_eq(member("cause.seq"), "(absent)");
	ck_assert_str_eq(member("messages.student"), "The program ran to its end.");
	ck_assert_str_eq(member("messages.staff"), "exit status 0; 1 refusal, after which it went on");
	tear_down();
	result.status = STATUS_SG;
	result.exited = false;
	result.exit_signal = SIGSEGV;
	result.refusals.fatal_signal = 300;
	ck_assert_str_eq(member("cause.kind"), "signal");
	ck_assert_str_eq(member("cause.seq"), "300");
	ck_assert_ptr_null(strstr(member("messages.student"), "not allowed"));
}
END_TEST

START_TEST(test_limit_comes_before_violations)
{
	result.status = STATUS_TO;
	result.exited = false;
	result.exit_signal = SIGKILL;
	result.limited = true;
	result.limit = LIMIT_CPU;
	result.limit_value = 2000000000;
	result.limit_used = 2010000000;
	result.violations = 1;
	result.first.action = (char *)(uintptr_t)"openat";
	result.refusals.last.student = (char *)(uintptr_t)"about a file";
	result.refusals.last.staff = (char *)(uintptr_t)"about a file";
	policy.limits.ref[LIMIT_CPU] = "pure.yaml:7:9";
	ck_assert_str_eq(member("limit.name"), "cpu");
	ck_assert_str_eq(member("limit.value"), "2000000000");
	ck_assert_str_eq(member("limit.used"), "2010000000");
	ck_assert_str_eq(member("limit.ref"), "pure.yaml:7:9");
	ck_assert_ptr_null(strstr(member("messages.student"), "about a file"));
	ck_assert_ptr_nonnull(strstr(member("messages.staff"), "pure.yaml:7:9"));
}
END_TEST

START_TEST(test_every_status_and_limit_has_words)
{
	int status, limit;

	for (status = STATUS_OK; status <= STATUS_XX; status++) {
		for (limit = LIMIT_CPU; limit <= LIMIT_FILES; limit++) {
			result.status = (enum status)status;
			result.limited = status >= STATUS_TO && status <= STATUS_PV;
			result.limit = (enum limit)limit;
			ck_assert_str_eq(member("status"), status_name((enum status)status));
			ck_assert_str_ne(member("messages.student"), "");
			ck_assert_str_ne(member("messages.staff"), "");
			tear_down();
		}
	}
}
END_TEST

START_TEST(test_labels)
{
	static const char *const labels[] = { "course=a=b", "na\"me=\n", "empty=", NULL };

	verdict.identity.labels = labels;
	verdict.identity.submission = "s-\xc3\xa9";
	ck_assert_str_eq(member("run.submission"), "s-\xc3\xa9");
	ck_assert_str_eq(member("run.labels.course"), "a=b");
	ck_assert_str_eq(member("run.labels.na\"me"), "\n");
	ck_assert_str_eq(member("run.labels.empty"), "");
}
END_TEST

START_TEST(test_log_and_interruption)
{
	verdict.log_file = "a\xff.jsonl";
	verdict.log_sha256 = "00";
	verdict.audit = true;
	result.interrupted = SIGTERM;
	ck_assert_str_eq(member("log.file_b64"), "Yf8uanNvbmw=");
	ck_assert_str_eq(member("log.sha256"), "00");
	ck_assert_str_eq(member("log.complete"), "false");
	ck_assert_str_eq(member("mode"), "audit");
	ck_assert_str_eq(member("interrupted"), "SIGTERM");
	ck_assert_ptr_nonnull(strstr(member("messages.staff"), "SIGTERM"));
}
END_TEST

START_TEST(test_line_for_a_person)
{
	_cleanup_buf_ struct buf line = { 0 };

	result.violations = 1;
	verdict_line(&verdict, &line);
	ck_assert_str_eq(line.data, "OK, exit status 0, cpu 0.031 s, wall 0.048 s, memory 9.2 MiB, 1 violation");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("verdict");
	TCase *tc = tcase_create("verdict");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_run_that_is_well);
	tcase_add_test(tc, test_exit_status_and_signal);
	tcase_add_test(tc, test_failure_of_proctor_is_not_the_programs_fault);
	tcase_add_test(tc, test_the_refusal_that_killed_gives_the_words);
	tcase_add_test(tc, test_an_exit_after_refusals_has_no_known_cause);
	tcase_add_test(tc, test_refusals_that_were_survived_are_not_told_to_a_student);
	tcase_add_test(tc, test_limit_comes_before_violations);
	tcase_add_test(tc, test_every_status_and_limit_has_words);
	tcase_add_test(tc, test_labels);
	tcase_add_test(tc, test_log_and_interruption);
	tcase_add_test(tc, test_line_for_a_person);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
