/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/outcome.h"

#include <errno.h>
#include <sys/wait.h>

#include "base/names.h"

enum { MAX_VERDICT = 1 << 20, MAX_STDERR = 64 << 10 };

void outcome_fini(struct outcome *outcome)
{
	json_decref(outcome->verdict);
	outcome->verdict = NULL;
	buf_fini(&outcome->reason);
}

int outcome_fail(struct outcome *outcome, const char *what, int r)
{
	outcome->final = FINAL_JE;
	put_excerpt(&outcome->reason, what, strlen(what));
	buf_printf(&outcome->reason, ": %s", strerror(-r));
	if (r == -ENOSPC || r == -EDQUOT)
		outcome->stop = EXIT_LOG;
	return r;
}

/*
 * Appends what proctor said before the program ran. Only used with exit statuses that mean that no program was
 * started: otherwise the line could be the program's own.
 */
static bool put_complaint(struct buf *out, int run_fd)
{
	_cleanup_free_ char *text = NULL;
	const char *line, *end;
	size_t n;

	if (read_file(run_fd, "stderr", MAX_STDERR, &text, &n) < 0)
		return false;
	for (line = text; *line; line = *end ? end + 1 : end) {
		const char *said = after_prefix(line, "proctor: ");

		end = line + strcspn(line, "\n");
		if (!said && strstr(line, ": ") > end)
			continue;
		said = said ? said : line;
		put_told(out, said, (size_t)(end - said));
		return true;
	}
	return false;
}

static void without_verdict(int run_fd, int wait_status, struct outcome *ret)
{
	int status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;

	if (WIFSIGNALED(wait_status)) {
		buf_printf(&ret->reason, "proctor was ended by %s", signal_name(WTERMSIG(wait_status)));
		return;
	}
	switch (status) {
	case EXIT_USAGE:
	case EXIT_BAD_POLICY:
	case EXIT_CANNOT_EXEC:
	case EXIT_NOT_FOUND:
	case EXIT_HOST:
		if (!put_complaint(&ret->reason, run_fd))
			buf_printf(&ret->reason, "the run could not be started (proctor's status %d)", status);
		if (status == EXIT_HOST)
			ret->stop = EXIT_HOST;
		break;
	case EXIT_LOG:
		buf_lit(&ret->reason, "log or verdict could not be written");
		ret->stop = EXIT_LOG;
		break;
	case 0:
		buf_lit(&ret->reason, "the verdict is missing or cannot be read");
		break;
	default:
		buf_printf(&ret->reason, "proctor failed with status %d", status);
	}
}

static const char *text_at(const json_t *document, const char *outer, const char *inner)
{
	return json_string_value(json_object_get(json_object_get(document, outer), inner));
}

/* The verdict, if it is complete and of this run. The caller checks that proctor's exit status agrees with it. */
static json_t *load_verdict(int run_fd, const char *id)
{
	_cleanup_free_ char *text = NULL;
	const char *schema, *submission;
	json_t *document;
	size_t n;

	if (read_file(run_fd, "verdict.json", MAX_VERDICT, &text, &n) < 0)
		return NULL;
	document = json_loadb(text, n, 0, NULL);
	schema = json_string_value(json_object_get(document, "schema"));
	submission = text_at(document, "run", "submission");
	if (schema && after_prefix(schema, "proctor.verdict/") && submission && streq(submission, id) &&
	    json_is_string(json_object_get(document, "status")))
		return document;
	json_decref(document);
	return NULL;
}

static void put_error(struct outcome *ret, const char *otherwise)
{
	const char *error = json_string_value(json_object_get(ret->verdict, "error"));

	if (error)
		put_told(&ret->reason, error, strlen(error));
	else
		buf_puts(&ret->reason, otherwise);
}

static void with_verdict(struct outcome *ret)
{
	const char *status = json_string_value(json_object_get(ret->verdict, "status"));
	const char *signal = json_string_value(json_object_get(ret->verdict, "interrupted"));
	enum final f;

	if (signal) {
		buf_printf(&ret->reason, "the run was interrupted by ");
		put_told(&ret->reason, signal, strlen(signal));
	} else if (streq(status, "XX")) {
		put_error(ret, "proctor failed");
	} else if (final_from_name(status, &f) < 0 || f == FINAL_AC || f == FINAL_WA || f == FINAL_CE || f == FINAL_JE) {
		buf_lit(&ret->reason, "the verdict has a status that is not known");
	} else {
		ret->final = f;
	}
}

static bool is_failure(const struct outcome *outcome)
{
	return streq(json_string_value(json_object_get(outcome->verdict, "status")), "XX");
}

void outcome_read(int run_fd, const char *id, int wait_status, bool late, struct outcome *ret)
{
	*ret = (struct outcome){ .final = FINAL_JE };
	if (late) {
		buf_lit(&ret->reason, "proctor did not come to an end, and was ended");
		return;
	}
	ret->verdict = load_verdict(run_fd, id);
	if (ret->verdict && WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == (is_failure(ret) ? EXIT_INTERNAL : 0))
		with_verdict(ret);
	else
		without_verdict(run_fd, wait_status, ret);
}
