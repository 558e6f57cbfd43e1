/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/environment.h"

#include <stdlib.h>

#include "cli/cli.h"

void environment_fini(struct environment *environment)
{
	strv_free(environment->texts);
	*environment = (struct environment){ 0 };
}

static bool is_passed(const char *name)
{
	static const char *const names[] = { "HOME", "LANG", "LANGUAGE", "TZ", "TERM" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(name, names[i]))
			return true;
	return strncmp(name, "LC_", 3) == 0;
}

/* Sets TEXT, NAME=VALUE, replacing a variable of that name. */
static void set_variable(struct environment *environment, const char *text)
{
	size_t len = strcspn(text, "=") + 1, k;

	for (k = 0; k < environment->n; k++)
		if (strncmp(environment->texts[k], text, len) == 0)
			break;
	if (k == environment->n) {
		grow_array(&environment->texts, &environment->cap, k + 2, sizeof(*environment->texts));
		environment->n++;
		environment->texts[k] = environment->texts[k + 1] = NULL;
	}
	free(environment->texts[k]);
	environment->texts[k] = xstrdup(text);
}

/* Sets NAME to VALUE; if that is NULL, to the value in proctor's own environment. */
static void give(struct environment *environment, const char *name, const char *value)
{
	_cleanup_free_ char *text = NULL;

	value = value ? value : getenv(name);
	if (!value)
		return;
	text = xasprintf("%s=%s", name, value);
	set_variable(environment, text);
}

static void pass_callers(struct environment *environment)
{
	extern char **environ;
	char **e;

	for (e = environ; *e; e++) {
		_cleanup_free_ char *name = xstrndup(*e, strcspn(*e, "="));

		if (is_passed(name) && strchr(*e, '='))
			set_variable(environment, *e);
	}
}

/* Points the variables for where libraries write files to the scratch. */
static void point_to_scratch(struct environment *environment, const char *scratch)
{
	static const char *const variables[][2] = {
		{ "TMPDIR", "" }, { "HOME", "" }, { "XDG_CACHE_HOME", "/.cache" },
		{ "MPLCONFIGDIR", "/.config/matplotlib" }, { "NUMBA_CACHE_DIR", "/.cache/numba" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(variables); i++) {
		_cleanup_free_ char *path = xasprintf("%s%s", scratch, variables[i][1]);

		give(environment, variables[i][0], path);
	}
}

/* VALUE with the path SCRATCH for its name, in OUT. */
static void put_value(struct buf *out, const char *value, const char *scratch)
{
	static const char name[] = "%{scratch}";
	const char *at;

	while ((at = strstr(value, name))) {
		buf_put(out, value, (size_t)(at - value));
		buf_puts(out, scratch);
		value = at + strlen(name);
	}
	buf_put(out, value, strlen(value) + 1);
}

static void give_policys(struct environment *environment, const struct environment_wish *wish)
{
	size_t i;

	for (i = 0; i < wish->policy->n_env; i++) {
		const struct policy_variable *variable = &wish->policy->env[i];
		_cleanup_buf_ struct buf value = { 0 };

		if (variable->value && wish->scratch)
			put_value(&value, variable->value, wish->scratch);
		give(environment, variable->name, value.len ? value.data : variable->value);
	}
}

void environment_make(struct environment *environment, const struct environment_wish *wish)
{
	size_t i;

	set_variable(environment, CLI_ENV_PATH);
	if (wish->is_python)
		set_variable(environment, CLI_ENV_NO_BYTECODE);
	pass_callers(environment);
	if (wish->scratch)
		point_to_scratch(environment, wish->scratch);
	give_policys(environment, wish);
	for (i = 0; i < wish->n_given; i++) {
		const char *given = wish->given[i];

		if (strchr(given, '='))
			set_variable(environment, given);
		else
			give(environment, given, NULL);
	}
}

const char *environment_get(const struct environment *environment, const char *name)
{
	size_t len = strlen(name), i;

	for (i = 0; i < environment->n; i++)
		if (strncmp(environment->texts[i], name, len) == 0 && environment->texts[i][len] == '=')
			return environment->texts[i] + len + 1;
	return NULL;
}
