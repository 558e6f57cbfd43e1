/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPython's own reading of its command line (Python/getopt.c): short options may be clustered and
 * end at the first word that is no option; -c, -m, -W, -X and -Q take a value, in the same word or
 * the next.
 */
#include "policy/interpreter.h"

/* Does the long option WORD take the next word as its value? */
static bool long_takes_value(const char *word)
{
	return streq(word, "--check-hash-based-pycs");
}

struct read {
	char letter;	   /* 'c', 'm', or 0 */
	const char *value; /* what follows it */
	bool inspect;	   /* -i */
	bool isolated;	   /* -E or -I */
};

/* Reads the words as far as the program. Its index, or -1. */
static int read_options(char *const *argv, struct read *ret)
{
	int i;

	*ret = (struct read){ 0 };
	if (!argv[0])
		return -1;
	for (i = 1; argv[i]; i++) {
		const char *p = argv[i];

		if (p[0] != '-')
			return i;
		if (!p[1])
			return -1; /* "-": standard input */
		if (streq(p, "--"))
			return argv[i + 1] && !streq(argv[i + 1], "-") ? i + 1 : -1;
		if (p[1] == '-') {
			if (long_takes_value(p) && argv[i + 1])
				i++;
			continue;
		}
		while (*++p && !strchr("cmWXQ", *p)) {
			ret->inspect |= *p == 'i';
			ret->isolated |= *p == 'E' || *p == 'I';
		}
		if (*p == 'c' || *p == 'm') {
			/* Without a name CPython itself reports an error. */
			ret->letter = *p;
			ret->value = p[1] ? p + 1 : argv[i + 1] ? argv[i + 1] : "";
			return -1;
		}
		if (*p && !p[1] && argv[i + 1])
			i++; /* the value is the next word */
	}
	return -1;
}

int python_program(char *const *argv, const char **ret_module)
{
	struct read read;
	int at = read_options(argv, &read);

	*ret_module = read.letter == 'm' ? read.value : NULL;
	return at;
}

const char *python_command(char *const *argv)
{
	struct read read;

	read_options(argv, &read);
	return read.letter == 'c' ? read.value : NULL;
}

bool python_inspects(char *const *argv)
{
	struct read read;

	read_options(argv, &read);
	return read.inspect;
}

bool python_reads_environment(char *const *argv)
{
	struct read read;

	read_options(argv, &read);
	return !read.isolated;
}
