/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run_emit.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grade/emit/emit.h"

bool run_emit_is_good(const char *value)
{
	return emit_is_good(value) && !streq(emit_file(value), "-");
}

static bool is_same(const struct stat *file, const char *other)
{
	struct stat st;

	return other && stat(other, &st) == 0 && st.st_dev == file->st_dev && st.st_ino == file->st_ino;
}

/* Is FILE one that the run reads or writes? */
static bool is_needed(const struct run_command *c, const char *file, const struct stat *st)
{
	const char *const written[] = { c->log, c->verdict, c->live };
	bool needed = st && (is_same(st, c->policy) || is_same(st, c->python));
	size_t i;

	for (i = 0; i < ARRAY_SIZE(written); i++)
		needed |= written[i] && (streq(written[i], file) || (st && is_same(st, written[i])));
	for (i = 0; st && c->words[i]; i++)
		needed |= is_same(st, c->words[i]);
	return needed;
}

/* Checked before the run, which would otherwise be in vain. */
static bool can_be_made(const char *file)
{
	const char *slash = strrchr(file, '/');
	_cleanup_free_ char *parent = slash ? xstrndup(file, (size_t)(slash - file) + 1) : xstrdup(".");

	return access(parent, W_OK | X_OK) == 0;
}

int run_emit_clear(const struct run_command *command)
{
	size_t i;

	for (i = 0; i < command->n_emit; i++) {
		const char *file = emit_file(command->emit[i]);
		struct stat st;
		bool there = stat(file, &st) == 0;

		if (is_needed(command, file, there ? &st : NULL)) {
			complain("run: --emit %s: the run needs that file itself", command->emit[i]);
			return EXIT_USAGE;
		}
		if (there && !S_ISREG(st.st_mode)) {
			complain("run: --emit %s: not a regular file", command->emit[i]);
			return EXIT_USAGE;
		}
		if ((unlink(file) < 0 && errno != ENOENT) || !can_be_made(file)) {
			complain("run: --emit %s: %s", command->emit[i], strerror(errno));
			return EXIT_LOG;
		}
	}
	return 0;
}

int run_emit_write(const struct run_command *command, const struct buf *verdict)
{
	int status = 0, r;
	size_t i;

	for (i = 0; i < command->n_emit; i++) {
		r = emit_write_verdict(command->emit[i], verdict->data, verdict->len);
		if (r == 0)
			continue;
		complain("run: --emit %s: %s", command->emit[i], strerror(-r));
		status = EXIT_LOG;
	}
	return status;
}
