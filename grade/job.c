/* SPDX-License-Identifier: Apache-2.0 */
#include "grade/job.h"

#include <errno.h>
#include <stdlib.h>

#include "base/names.h"

/* Says which member of a job is wrong, and why. */
static int wrong(struct buf *message, const char *member, const char *what)
{
	buf_printf(message, "\"%s\": %s", member, what);
	return -EINVAL;
}

/* A text without a NUL, fit to be a word of a command line. */
static const char *word(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && strlen(text) == json_string_length(value) ? text : NULL;
}

static int take_words(const json_t *list, const char *member, char ***ret, struct buf *message)
{
	size_t i;

	if (!json_is_array(list))
		return wrong(message, member, "not a list of texts");
	for (i = 0; i < json_array_size(list); i++) {
		const char *text = word(json_array_get(list, i));

		if (!text)
			return wrong(message, member, "not a list of texts");
		strv_add(ret, xstrdup(text));
	}
	return 0;
}

static int take_path(const json_t *value, const char *member, char **ret, struct buf *message)
{
	const char *text = word(value);

	if (!text || !*text)
		return wrong(message, member, "not the name of a file");
	*ret = xstrdup(text);
	return 0;
}

static int take_text(const json_t *value, const char *member, char **ret, size_t *ret_n, struct buf *message)
{
	if (!json_is_string(value))
		return wrong(message, member, "not a text");
	*ret_n = json_string_length(value);
	*ret = xmemdup(json_string_value(value), *ret_n + 1);
	return 0;
}

static int take_limit(struct run_spec *spec, const char *name, const json_t *value, struct buf *message)
{
	static const char *const names[] = { "cpu", "wall", "memory", "output", "tasks", "files" };
	_cleanup_free_ char *number = NULL;
	const char *text = word(value);
	size_t i;

	if (json_is_integer(value))
		text = number = xasprintf("%lld", (long long)json_integer_value(value));
	for (i = 0; i < ARRAY_SIZE(names) && !streq(names[i], name); i++)
		;
	if (i == ARRAY_SIZE(names) || !text || !*text)
		return wrong(message, "limits", "not cpu, wall, memory, output, tasks or files with a value such as \"2s\"");
	if (streq(name, "wall") && parse_duration(text, &spec->wall_ns) < 0)
		return wrong(message, "limits", "wall is not a time such as \"6s\"");
	strv_add(&spec->options, xasprintf("--%s=%s", name, text));
	return 0;
}

static int take_limits(struct run_spec *spec, const json_t *limits, struct buf *message)
{
	const char *name;
	json_t *value;
	int r = 0;

	if (!json_is_object(limits))
		return wrong(message, "limits", "not an object");
	json_object_foreach((json_t *)limits, name, value) {
		r = take_limit(spec, name, value, message);
		if (r < 0)
			break;
	}
	return r;
}

static int take_labels(struct run_spec *spec, json_t *labels, struct buf *message)
{
	const char *name;
	json_t *value;

	if (!json_is_object(labels))
		return wrong(message, "labels", "not an object of texts");
	json_object_foreach(labels, name, value) {
		if (!word(value) || !*name || strchr(name, '='))
			return wrong(message, "labels", "not an object of texts, whose names have no \"=\"");
	}
	spec->labels = json_incref(labels);
	return 0;
}

/* OPTION=TEXT for each text of the list. */
static int take_options(struct run_spec *spec, const json_t *value, const char *member, const char *option,
			struct buf *message)
{
	char **words = NULL;
	int r = take_words(value, member, &words, message);
	size_t i;

	for (i = 0; r == 0 && words && words[i]; i++)
		strv_add(&spec->options, xasprintf("--%s=%s", option, words[i]));
	strv_free(words);
	return r;
}

static int take_option(struct run_spec *spec, const json_t *value, const char *member, struct buf *message)
{
	const char *text = word(value);

	if (!text || !*text)
		return wrong(message, member, "not a text");
	strv_add(&spec->options, xasprintf("--%s=%s", member, text));
	return 0;
}

static int take_checker(struct run_spec *spec, const json_t *value, struct buf *message)
{
	const char *text = word(value);

	if (!text)
		return wrong(message, "checker", "not a text");
	checker_fini(&spec->checker);
	return checker_parse(text, &spec->checker, message);
}

/* The program's arguments are put together when all members are known. */
struct program {
	const json_t *script, *args, *argv;
};

static int take_member(struct run_spec *spec, struct program *program, const char *name, json_t *value,
		       struct buf *message)
{
	if (streq(name, "id")) {
		if (!word(value) || !id_is_good(word(value)))
			return wrong(message, name, "not letters, digits, \"_\", \".\" and \"-\", at most 200");
		spec->id = xstrdup(word(value));
		return 0;
	}
	if (streq(name, "script"))
		program->script = value;
	else if (streq(name, "args"))
		program->args = value;
	else if (streq(name, "argv"))
		program->argv = value;
	else if (streq(name, "stdin"))
		return take_path(value, name, &spec->input, message);
	else if (streq(name, "stdin_text"))
		return take_text(value, name, &spec->input_text, &spec->n_input_text, message);
	else if (streq(name, "expected"))
		return take_path(value, name, &spec->expected, message);
	else if (streq(name, "expected_text"))
		return take_text(value, name, &spec->expected_text, &spec->n_expected_text, message);
	else if (streq(name, "checker"))
		return take_checker(spec, value, message);
	else if (streq(name, "limits"))
		return take_limits(spec, value, message);
	else if (streq(name, "labels"))
		return take_labels(spec, value, message);
	else if (streq(name, "read"))
		return take_options(spec, value, name, "read", message);
	else if (streq(name, "env"))
		return take_options(spec, value, name, "env", message);
	else if (streq(name, "policy") || streq(name, "python") || streq(name, "calls") || streq(name, "submission"))
		return take_option(spec, value, name, message);
	else
		return wrong(message, name, "there is no such member");
	return 0;
}

static bool is_python_name(const char *name)
{
	size_t n = strlen(name);

	return n > 3 && streq(name + n - 3, ".py");
}

static int take_program(struct run_spec *spec, const struct program *program, const json_t *job, struct buf *message)
{
	const char *script = word(program->script);

	if (!program->script == !program->argv)
		return wrong(message, program->argv ? "argv" : "script", "a job has either \"script\" or \"argv\"");
	if (program->argv) {
		if (program->args)
			return wrong(message, "args", "only with \"script\"");
		if (json_array_size(program->argv) == 0)
			return wrong(message, "argv", "not a list of texts");
		return take_words(program->argv, "argv", &spec->words, message);
	}
	if (!script || !*script)
		return wrong(message, "script", "not the name of a file");
	if (!is_python_name(script) && !json_object_get(job, "python"))
		strv_add(&spec->options, xstrdup("--python=python3"));
	/* A name that begins with a dash is a file here, never an option of Python. */
	strv_add(&spec->words, *script == '-' ? xasprintf("./%s", script) : xstrdup(script));
	return program->args ? take_words(program->args, "args", &spec->words, message) : 0;
}

int job_parse(const char *line, size_t n, const struct checker *checker, struct run_spec **ret, struct buf *message)
{
	struct run_spec *spec = xcalloc(1, sizeof *spec);
	struct program program = { 0 };
	json_error_t error;
	json_t *job = json_loadb(line, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error), *value;
	const char *name;
	int r = 0;

	checker_copy(&spec->checker, checker);
	if (!json_is_object(job)) {
		buf_printf(message, "not a JSON object%s%s", job ? "" : ": ", job ? "" : error.text);
		r = -EINVAL;
	} else {
		json_object_foreach(job, name, value) {
			r = take_member(spec, &program, name, value, message);
			if (r < 0)
				break;
		}
	}
	if (r == 0 && !spec->id)
		r = wrong(message, "id", "missing");
	if (r == 0 && spec->input && spec->input_text)
		r = wrong(message, "stdin_text", "there is \"stdin\" too");
	if (r == 0 && spec->expected && spec->expected_text)
		r = wrong(message, "expected_text", "there is \"expected\" too");
	if (r == 0)
		r = take_program(spec, &program, job, message);
	json_decref(job);
	if (r == 0)
		*ret = spec;
	else
		run_spec_free(spec);
	return r;
}
