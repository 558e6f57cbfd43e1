/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "policy/interpreter.h"

enum { HEAD_BYTES = 1024 };

static bool ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && strcasecmp(name + n - m, end) == 0;
}

static bool is_script_name(const char *name)
{
	size_t n = strlen(name);

	return n > 3 && streq(name + n - 3, ".py");
}

bool command_is_script(const struct run_command *command)
{
	const char *word = command->words[0];

	return command->python || streq(word, "-") || is_script_name(word);
}

/* It is an option to Python only with --python, and if no file has that name: `--python PATH -- -Wx.py`. */
static bool is_option(const struct run_command *command)
{
	const char *word = command->words[0];

	return word[0] == '-' && (!word[1] || (command->python && access(word, F_OK) < 0));
}

char *command_script(const struct run_command *command)
{
	const char *word = command->words[0];

	return word[0] == '-' && !is_option(command) && is_script_name(word) ? xasprintf("./%s", word) :
									       xstrdup(word);
}

/* Reads the beginning of the regular file PATH. */
static bool read_head(const char *path, char head[HEAD_BYTES], size_t *ret_len)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	n = read_full(fd, head, HEAD_BYTES);
	if (n < 0)
		return false;
	*ret_len = (size_t)n;
	return true;
}

static bool is_elf(const char *path)
{
	char head[HEAD_BYTES];
	size_t len;

	return read_head(path, head, &len) && len > 4 && memcmp(head, "\x7f" "ELF", 4) == 0;
}

/* `--python PATH -- python3 solve.py`: the interpreter is named twice. */
static int complain_twice(const char *word)
{
	complain("run: --python: the next word is the script, and %s is a program; leave out one of the two", word);
	return EXIT_USAGE;
}

static bool is_program(const char *word)
{
	_cleanup_(interpreter_fini) struct interpreter found = { 0 };
	_cleanup_buf_ struct buf message = { 0 };

	return !strchr(word, '/') && interpreter_find(word, getenv("PATH"), NULL, &found, &message) == 0;
}

int command_check(const struct run_command *command)
{
	const char *word = command->words[0];
	int err;

	if (!command_is_script(command) || is_option(command))
		return 0;
	if (access(word, F_OK) == 0)
		return command->python && is_elf(word) ? complain_twice(word) : 0;
	err = errno;
	if (command->python && is_program(word))
		return complain_twice(word);
	complain("run: %s: %s", word, strerror(err));
	return err == ENOENT || err == ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;
}

void command_suggest(const char *program, struct buf *message)
{
	char head[HEAD_BYTES];
	size_t len;

	if (!read_head(program, head, &len))
		return;
	if (ends_in(program, ".ipynb")) {
		buf_lit(message, "; a notebook is no program: make a script of it (jupyter nbconvert --to script)");
		return;
	}
	/* Suggest only for text, and not if a "#!" line is the reason why it cannot be run. */
	if (memchr(head, '\0', len) || (len >= 2 && memcmp(head, "#!", 2) == 0 && access(program, X_OK) == 0))
		return;
	buf_lit(message, "; if it is a Python script: proctor run -- python3 ");
	text_args(message, program);
}
