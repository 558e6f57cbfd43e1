/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/probe_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/xdg.h"

enum { KEPT = 64, TEXT_MAX = 16384 };

#define HEAD "proctor-probe/2"

/* ------------------------------------------------------------------ the place */

/* Opens the cache directory, which must be ours alone and no link; made, with its parent, if need be. -1: none. */
static int open_directory(void)
{
	_cleanup_free_ char *name = xdg_directory("XDG_CACHE_HOME", ".cache");
	_cleanup_close_ int fd = -1;
	struct stat st;
	char *slash;

	if (!name)
		return -1;
	fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT) {
		slash = strrchr(name, '/');
		*slash = '\0';
		mkdir(name, 0700);
		*slash = '/';
		mkdir(name, 0700);
		fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	}
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid() || (st.st_mode & 022))
		return -1;
	return steal_fd(&fd);
}

/* Appends what distinguishes one state of a file from another. */
static void put_identity(const struct stat *st, struct buf *out)
{
	buf_printf(out, HEAD " %llu %llu %lld %lld.%09ld %lld.%09ld\n", (unsigned long long)st->st_dev,
		   (unsigned long long)st->st_ino, (long long)st->st_size, (long long)st->st_mtim.tv_sec,
		   st->st_mtim.tv_nsec, (long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
}

static void file_name(const struct stat *st, char name[32])
{
	snprintf(name, 32, "probe-%02u", (unsigned)((st->st_ino * 31 + st->st_dev) % KEPT));
}

/* ------------------------------------------------------------------ what is kept there */

/* The numbers of a line, in hexadecimal; there have to be N of them. */
static bool parse_numbers(const char *line, uint64_t *number, size_t n)
{
	size_t i;
	char *end;

	for (i = 0; i < n; i++, line = end) {
		number[i] = strtoull(line, &end, 16);
		if (end == line)
			return false;
	}
	return !*line;
}

/* "vaddr question bytes", the bytes as one number. */
static bool parse_site(const char *line, struct probe_site *ret)
{
	uint64_t number[3];
	size_t i;

	if (!parse_numbers(line, number, ARRAY_SIZE(number)) || number[1] > PROBE_ASKS_INTERRUPT)
		return false;
	ret->vaddr = number[0];
	ret->question = (enum probe_question)number[1];
	for (i = PROBE_INSTRUCTION; i-- > 0; number[2] >>= 8)
		ret->text[i] = (unsigned char)number[2];
	return probe_site_is_sound(ret);
}

static bool parse_symbols(const char *line, struct python_symbols *ret)
{
	uint64_t number[4 + PYTHON_TYPES];
	size_t i;

	if (!parse_numbers(line, number, ARRAY_SIZE(number)) || number[0] > UINT8_MAX)
		return false;
	*ret = (struct python_symbols){
		.minor = (int)number[0],
		.runtime = number[1],
		.eval = number[2],
		.eval_size = number[3],
	};
	for (i = 0; i < PYTHON_TYPES; i++)
		ret->type[i] = number[4 + i];
	return true;
}

static bool parse(char *text, const char *identity, struct probe *ret)
{
	char *rest = text, *line;
	uint64_t head[2]; /* base, number of sites */

	*ret = (struct probe){ 0 };
	if (strncmp(rest, identity, strlen(identity)) != 0)
		return false;
	rest += strlen(identity);
	line = strsep(&rest, "\n");
	if (!rest || !parse_numbers(line, head, ARRAY_SIZE(head)) || head[1] > PROBE_SITES)
		return false;
	ret->base = head[0];
	line = strsep(&rest, "\n");
	if (!rest || !parse_symbols(line, &ret->symbols))
		return false;
	while (ret->n < head[1]) {
		line = strsep(&rest, "\n");
		if (!rest || !parse_site(line, &ret->site[ret->n]))
			return false;
		ret->n++;
	}
	return !*rest;
}

static void print(const char *identity, const struct probe *probe, struct buf *out)
{
	const struct python_symbols *s = &probe->symbols;
	size_t i, k;

	buf_puts(out, identity);
	buf_printf(out, "%" PRIx64 " %zx\n", probe->base, probe->n);
	buf_printf(out, "%x %" PRIx64 " %" PRIx64 " %" PRIx64, (unsigned)s->minor, s->runtime, s->eval, s->eval_size);
	for (i = 0; i < PYTHON_TYPES; i++)
		buf_printf(out, " %" PRIx64, s->type[i]);
	buf_putc(out, '\n');
	for (i = 0; i < probe->n; i++) {
		buf_printf(out, "%" PRIx64 " %x ", probe->site[i].vaddr, (unsigned)probe->site[i].question);
		for (k = 0; k < PROBE_INSTRUCTION; k++)
			buf_printf(out, "%02x", probe->site[i].text[k]);
		buf_putc(out, '\n');
	}
}

static bool load(int directory, const char *name, const char *identity, struct probe *ret)
{
	_cleanup_free_ char *text = NULL;

	return directory >= 0 && read_file(directory, name, TEXT_MAX, &text, NULL) == 0 && parse(text, identity, ret);
}

/* Saves in one step, whole or not at all; if the cache cannot be written, that is no error. */
static void save(int directory, const char *name, const char *identity, const struct probe *probe)
{
	_cleanup_buf_ struct buf text = { 0 };
	_cleanup_close_ int fd = -1;
	uint64_t random;
	char temporary[64];

	if (directory < 0 || getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		return;
	print(identity, probe, &text);
	snprintf(temporary, sizeof temporary, ".%s-%016llx.tmp", name, (unsigned long long)random);
	fd = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return;
	if (write_full(fd, text.data, text.len) < 0 || renameat(directory, temporary, directory, name) < 0)
		unlinkat(directory, temporary, 0);
}

/* ------------------------------------------------------------------ */

static void find_anew(int fd, const struct stat *st, const char *identity, struct probe *ret)
{
	_cleanup_close_ int directory = open_directory();
	char name[32];

	file_name(st, name);
	if (load(directory, name, identity, ret))
		return;
	if (probe_scan(fd, ret) < 0)
		ret->n = 0;
	save(directory, name, identity, ret);
}

/* A process that carries out one run after another remembers the last one, by the same identity. */
static void find(int fd, const struct stat *st, struct probe *ret)
{
	static struct probe last;
	static char *last_identity; /* NULL: none */
	_cleanup_buf_ struct buf identity = { 0 };

	put_identity(st, &identity);
	if (!last_identity || !streq(last_identity, identity.data)) {
		free(steal_ptr(&last_identity));
		find_anew(fd, st, identity.data, &last);
		last_identity = xstrdup(identity.data);
	}
	*ret = last;
}

/* Does Python read commands, from a terminal or after the program? Then an exception does not end it. */
static bool reads_commands(char *const *argv)
{
	const char *module, *inspect = getenv("PYTHONINSPECT");

	return python_inspects(argv) || (inspect && *inspect) ||
	       (python_program(argv, &module) < 0 && !module && !python_command(argv) && isatty(STDIN_FILENO));
}

void probe_file_find(const struct interpreter *interpreter, char *const *argv, const char *library_path,
		     struct probe_file *ret_file)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	*ret_file = (struct probe_file){ 0 };
	if (!interpreter->is_python || interpreter->is_pypy || reads_commands(argv))
		return;
	ret_file->path = interpreter_core(interpreter, library_path);
	if (!ret_file->path)
		return;
	fd = open(ret_file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	find(fd, &st, &ret_file->probe);
	if (ret_file->probe.n)
		ret_file->file = (struct interpreter_probe){
			.probe = &ret_file->probe,
			.path = ret_file->path,
			.inode = st.st_ino,
			.is_library = !streq(ret_file->path, interpreter->exe),
		};
}

void probe_file_fini(struct probe_file *file)
{
	free(file->path);
	*file = (struct probe_file){ 0 };
}
