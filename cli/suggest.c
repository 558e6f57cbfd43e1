/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/suggest.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/edit.h"
#include "base/util.h"

enum { MAX_OPTIONS = 64 };

/* Names that other programs use. */
static const struct {
	const char *word, *ours;
} synonyms[] = {
	{ "timeout", "wall" },	   { "time", "wall or --cpu" }, { "time-limit", "wall or --cpu" },
	{ "wall-time", "wall" },   { "cpu-time", "cpu" },	{ "mem", "memory" },
	{ "ram", "memory" },	   { "memory-limit", "memory" }, { "mem-limit", "memory" },
	{ "threads", "tasks" },	   { "processes", "tasks" },	{ "interpreter", "python" },
	{ "allow", "read" },	   { "ro-bind", "read" },	{ "json", "log or --verdict" },
};

const char *suggest_name(const char *word, const char *const *names)
{
	size_t best = strlen(word) < 6 ? 1 : 2, n = strlen(word), i;
	const char *found = NULL;

	if (n < 2 || n >= EDIT_MAX)
		return NULL;
	for (i = 0; names[i]; i++) {
		size_t d = edit_distance(word, names[i]);

		if (d > best)
			continue;
		found = d == best && found ? NULL : names[i];
		if (d == 0)
			return names[i];
		best = d;
	}
	return found;
}

/* ------------------------------------------------------------------ options */

static bool takes(const struct option *options, const char *name)
{
	for (; options->name; options++)
		if (strncmp(options->name, name, strcspn(name, " ")) == 0)
			return true;
	return false;
}

/* Appends all options that begin with NAME, when getopt_long(3) could not choose. */
static void put_choice(const char *name, const struct option *options, struct buf *message)
{
	const char *before = " could be ";

	for (; options->name; options++)
		if (after_prefix(options->name, name)) {
			buf_printf(message, "%s--%s", before, options->name);
			before = ", ";
		}
}

static void put_unknown(const char *name, const struct option *options, struct buf *message)
{
	const char *names[MAX_OPTIONS + 1] = { NULL }, *near;
	size_t n = 0, i;

	for (; n < MAX_OPTIONS && options[n].name; n++)
		names[n] = options[n].name;
	near = suggest_name(name, names);
	for (i = 0; !near && i < ARRAY_SIZE(synonyms); i++)
		if (streq(synonyms[i].word, name) && takes(options, synonyms[i].ours))
			near = synonyms[i].ours;
	if (near)
		buf_printf(message, "; did you mean --%s?", near);
}

static const struct option *find_long(const char *name, const struct option *options, size_t *ret_n)
{
	const struct option *found = NULL;

	for (*ret_n = 0; options->name; options++) {
		if (streq(options->name, name)) {
			*ret_n = 1;
			return options;
		}
		if (after_prefix(options->name, name)) {
			(*ret_n)++;
			found = options;
		}
	}
	return found;
}

/* The refused long option, which is the word before optind, without "--" and value; NULL: a letter was refused. */
static char *refused_long(const char *word, const struct option *options)
{
	const struct option *found;
	char *name;
	size_t n;

	if (!after_prefix(word, "--"))
		return NULL;
	name = xstrndup(word + 2, strcspn(word + 2, "="));
	/* getopt sets optopt to a refused letter, or for a long option with an unwanted value to its `val`. */
	found = find_long(name, options, &n);
	if (!optopt || (found && found->has_arg == no_argument && strchr(word, '=')))
		return name;
	free(name);
	return NULL;
}

static void suggest_long(const char *name, const struct option *options, struct buf *message)
{
	const struct option *found;
	size_t n;

	found = find_long(name, options, &n);
	buf_printf(message, "%s--%s", n ? "" : "no option ", name);
	if (n > 1)
		put_choice(name, options, message);
	else if (!found)
		put_unknown(name, options, message);
	else
		buf_lit(message, " takes no value");
}

static void suggest_short(const char *word, struct buf *message)
{
	size_t n = strlen(word);

	buf_printf(message, "no option -%c", optopt);
	if (n > 3 && word[0] == '-' && strchr(word, optopt) && streq(word + n - 3, ".py"))
		buf_printf(message, "; to run a file of that name: ./%s", word);
}

static void put_reason(int result, char *const *argv, const struct option *options, struct buf *message)
{
	const char *word = argv[optind - 1];
	_cleanup_free_ char *name = NULL;

	if (result == ':') {
		if (after_prefix(word, "--"))
			buf_printf(message, "%s lacks its value", word);
		else
			buf_printf(message, "-%c lacks its value", optopt);
		return;
	}
	name = refused_long(word, options);
	if (name)
		suggest_long(name, options, message);
	else /* in the middle of a cluster of letters, optind is still at its word */
		suggest_short(argv[optind] ? argv[optind] : word, message);
}

int suggest_bad_option(const char *command, int result, char *const *argv, const struct option *options)
{
	_cleanup_buf_ struct buf message = { 0 };

	put_reason(result, argv, options, &message);
	complain("%s: %s (proctor %s --help)", command, message.data, command);
	return EXIT_USAGE;
}
