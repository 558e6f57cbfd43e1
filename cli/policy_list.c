/* SPDX-License-Identifier: Apache-2.0 */
/* proctor policy list: the policies that come with proctor. */
#include "cli/policy_target.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/text.h"
#include "cli/cli.h"
#include "policy/source.h"

enum { LIST_MAX_BYTES = 1 << 20 };

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The comment that FILE begins with, or what is known of it otherwise. */
static void put_summary(const char *file, struct buf *out)
{
	_cleanup_free_ char *text = NULL;

	if (read_file(AT_FDCWD, file, LIST_MAX_BYTES, &text, NULL) < 0 || !after_prefix(text, "# "))
		return;
	text[strcspn(text, "\n")] = '\0';
	buf_lit(out, "  ");
	text_path(out, text + 2);
}

static void list_directory(const char *directory, struct buf *out)
{
	_cleanup_closedir_ DIR *dir = opendir(directory);
	char **names = NULL;
	const struct dirent *entry;
	size_t n = 0, cap = 0, i;

	while (dir && (entry = readdir(dir))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (!dot || !streq(dot, ".yaml"))
			continue;
		grow_array(&names, &cap, n + 2, sizeof *names);
		names[n++] = xasprintf("%s/%s", directory, entry->d_name);
		names[n] = NULL;
	}
	if (n)
		qsort(names, n, sizeof *names, compare);
	for (i = 0; i < n; i++) {
		text_path(out, names[i]);
		put_summary(names[i], out);
		buf_putc(out, '\n');
	}
	strv_free(names);
}

int policy_list(int argc, char **argv)
{
	_cleanup_buf_ struct buf out = { 0 };

	if (argc == 2 && (streq(argv[1], "--help") || streq(argv[1], "-h")))
		return cli_usage(policy_usage, true);
	if (argc > 1)
		return policy_bad_usage("list: %s: nothing more is expected", argv[1]);
	buf_lit(&out, "builtin:pure    reads the script's directory, computes, and writes to standard output (the default)\n"
		      "builtin:python  what the interpreter needs to start, and nothing else\n");
	list_directory(policy_examples(), &out);
	return policy_print(&out);
}
