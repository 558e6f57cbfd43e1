/* SPDX-License-Identifier: Apache-2.0 */
#include "words/meant.h"

#include <string.h>

#include "base/text.h"
#include "base/util.h"

enum { NAME = 64 }; /* bytes of a name in a sentence */

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The N bytes at NAME, if none of them can be part of a path or deceive anybody. */
static bool put_plain(struct buf *out, const char *before, const char *name, size_t n, const char *after)
{
	static const char plain[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.-+:";

	if (!n || n > NAME || strspn(name, plain) < n || memmem(name, n, "..", 2) || *name == '.')
		return false;
	buf_puts(out, before);
	buf_put(out, name, n);
	buf_puts(out, after);
	return true;
}

/* The command that a shell is to run; NULL: it is no shell. */
static const char *shell_text(const struct meant *meant)
{
	const char *file = meant_file(meant);

	return file && streq(last_part(file), "sh") && meant->n_command >= 3 && streq(meant->command[1], "-c") ?
		       meant->command[2] :
		       NULL;
}

/* The program's name; *RET_LEN bytes, perhaps 0. */
static const char *program_name(const struct meant *meant, size_t *ret_len)
{
	const char *text = shell_text(meant), *slash;

	if (!text)
		text = meant_file(meant) ? meant_file(meant) : "";
	else
		text += strspn(text, " \t\n");
	*ret_len = shell_text(meant) ? strcspn(text, " \t\n") : strlen(text);
	/* A shell takes quotes, variables and the like for more than themselves. */
	if (shell_text(meant) && strcspn(text, "'\"\\$`~*?[(){}&|;<>=#!") < *ret_len)
		*ret_len = 0;
	slash = memrchr(text, '/', *ret_len);
	if (!slash)
		return text;
	*ret_len -= (size_t)(slash + 1 - text);
	return slash + 1;
}

/* How what was meant is said. */
struct forms {
	const char *program, *shell, *target, *host; /* what stands before its name */
	const char *unknown; /* of a shell's command: all that is said */
};

static bool put(const struct meant *meant, const struct forms *forms, const char *host_end, struct buf *out)
{
	const char *name;
	size_t n;

	if (!meant)
		return false;
	if (meant->target)
		return put_plain(out, forms->target, meant->target, strlen(meant->target), "()");
	if (meant->n_command) {
		name = program_name(meant, &n);
		if (!shell_text(meant))
			return put_plain(out, forms->program, name, n, "");
		if (!put_plain(out, forms->shell, name, n, ""))
			buf_puts(out, forms->unknown);
		return true;
	}
	return meant->host && put_plain(out, forms->host, meant->host, strlen(meant->host), host_end);
}

bool meant_purpose(const struct meant *meant, struct buf *out)
{
	static const struct forms forms = { "to execute ", "to have a shell execute ", "to run, as a process, ", "to reach ",
					    "to execute a shell" };

	return put(meant, &forms, "", out);
}

bool meant_trying(const struct meant *meant, struct buf *out)
{
	static const struct forms forms = { "Starting the program ", "Starting a shell for ", "Starting a process for ",
					    "Reaching ", "Starting a shell" };

	return put(meant, &forms, " over the network", out);
}

static void put_word(struct buf *out, const char *word)
{
	bool quoted = !*word || strpbrk(word, " \t\n\"'\\$`&|;<>()*?");

	if (quoted)
		buf_putc(out, '"');
	text_path(out, word);
	if (quoted)
		buf_putc(out, '"');
}

void meant_in_full(const struct meant *meant, struct buf *out)
{
	if (!meant)
		return;
	for (size_t i = 0; i < meant->n_command; i++) {
		if (i)
			buf_putc(out, ' ');
		put_word(out, meant->command[i]);
	}
	if (meant->command_cut)
		buf_lit(out, " …");
	if (meant->program) {
		buf_lit(out, ", the file ");
		text_path(out, meant->program);
	}
	if (meant->host)
		text_path(out, meant->host);
	if (meant->host && meant->port) {
		buf_lit(out, ", port ");
		text_path(out, meant->port);
	}
	if (meant->target) {
		text_path(out, meant->target);
		buf_lit(out, "(), as a process");
	}
}

void meant_key(const struct meant *meant, struct buf *out)
{
	const char *text = !meant ? NULL : meant->target ? meant->target : meant->n_command ? meant_file(meant) : meant->host;

	if (text)
		buf_puts(out, text);
}
