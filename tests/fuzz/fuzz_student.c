/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes what people are told of an end, with hostile names: a log is made of the input's lines, as the messages, files,
 * functions, modules, variables and paths of a refusal, an exception and a limit, and explained. Whatever they hold, a
 * student reads no absolute path, no way up, no home and nothing of the policy; nobody reads a control character or
 * one that turns the direction of writing; and no line is wider than 80 columns.
 */
#include "tests/fuzz/driver.h"

#include <stdlib.h>

#include "base/text.h"
#include "report/explain.h"
#include "tests/fuzz/student_log.h"

const char *const fuzz_words[] = {
	"/srv/secret", "/srv/secret/x.csv", "'/srv/secret'", "\"/srv/secret\"", "//srv/secret", "/./srv/secret", "/../srv/secret",
	"../../srv/secret", "x/../../srv/secret", "/box/../srv/secret", "/box//srv/secret", "/boxes/srv/secret", "~/srv/secret",
	"file:///srv/secret", "http:/srv/secret", "http://srv/secret", "=/srv/secret", "(/srv/secret)", "[/srv/secret]",
	"\x01/srv/secret", "\t/srv/secret", ",/srv/secret", "/box/solve.py", "/box/", "/box", "solve.py", "..", "../", "./", "~/", "~", "/",
	"\x1b[2J", "\x1b]0;", "\x7f", "\xff", "\xc2\x85", "\xe2\x80\xae", "\xe2\x81\xa6", "\xf0\x9f\x92\xa9", "\xc3\xa9", "\xe6\xbc\xa2",
	"<module>", "<string>", "<lambda>", "No module named 'numpy'", "invalid literal for int() with base 10: '", "'", "\"", "\\", "(", ")",
	" ", ":", ";", ",", "\n", "\x01", "tmpab12cd_3", "d41d8cd98f00b204e9800998ecf8427e", ".csv", ".", "a", "0", NULL,
};

static void fail(const char *what, const char *text)
{
	fprintf(stderr, "fuzz_student: %s:\n%s\n", what, text);
	abort();
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("_.-/)]", c));
}

/* "a/srv/secret" is beneath the submission, and "http://srv/secret" is elsewhere altogether. */
static void check_student(const char *text)
{
	if (strstr(text, STUDENT_POLICY))
		fail("a student reads of the policy", text);
	if (strstr(text, "~/"))
		fail("a student reads of a home", text);
	for (const char *p = text; (p = strstr(p, "../")); p++)
		if (p == text || p[-1] != '.')
			fail("a student reads of a way up", text);
	for (const char *p = text; (p = strstr(p, "/srv/secret")); p++)
		if (p == text || !is_word(p[-1]))
			fail("a student reads an absolute path", text);
}

static void check_terminal(const char *text, size_t n)
{
	static const char *const turns[] = { "\xc2\x85", "\xe2\x80\xaa", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9" };

	for (size_t i = 0; i < n; i++)
		if (text[i] != '\n' && ((unsigned char)text[i] < 0x20 || text[i] == 0x7f))
			fail("a control character", text);
	for (size_t i = 0; i < ARRAY_SIZE(turns); i++)
		if (strstr(text, turns[i]))
			fail("a character that turns what comes", text);
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");

		if (text_width(line, len) > 80)
			fail("a line of more than 80 columns", text);
		line += len + (line[len] == '\n');
	}
}

static void explain(const struct buf *log, const struct explain_options *options)
{
	struct log_reader *reader = log_open_memory((const uint8_t *)log->data, log->len);
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	explain_log(reader, options, "fuzz", out);
	fclose(out);
	log_close(reader);
	if (!options->json)
		check_terminal(text, n);
	if (options->student)
		check_student(text);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct explain_options forms[] = {
		{ .no_colour = true },
		{ .student = true, .no_colour = true },
		{ .student = true, .all = true, .no_colour = true },
		{ .student = true, .json = true },
	};
	_cleanup_buf_ struct buf log = { 0 };

	setenv("COLUMNS", "80", 1);
	student_log(data, size, &log);
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		explain(&log, &forms[i]);
	return 0;
}
