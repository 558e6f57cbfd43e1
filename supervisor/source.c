/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/util.h"

/* Charged for each file besides its size, so that small files are not free. */
enum { LOOK_COST = 4096 };

/* A file that was read. */
struct kept_file {
	struct stat st; /* as it was then */
	char *text;	/* NULL: the place is free */
	uint32_t *lines; /* where each begins, and where the last one ends */
	size_t n_lines;
	char sha256[65];
	uint64_t used; /* the look that used it last */
};

struct source {
	const struct policy *policy;
	struct resolver *resolver;
	const char *submission;
	char *cwd;
	pid_t pid;
	int reserved_fd;
	uint64_t looks, spent;
	struct kept_file kept[SOURCE_MAX_KEPT];
	const char *given_name;
	struct kept_file given; /* the text of a program that is no file; its `text` is NULL when there is none */
};

struct source *source_new(const struct policy *policy, struct resolver *resolver, const char *submission,
			  pid_t pid, int reserved_fd)
{
	struct source *source = xcalloc(1, sizeof *source);

	source->policy = policy;
	source->resolver = resolver;
	source->submission = submission;
	source->pid = pid;
	source->reserved_fd = reserved_fd;
	source->cwd = getcwd(NULL, 0);
	return source;
}

static void forget(struct kept_file *file)
{
	free(file->text);
	free(file->lines);
	*file = (struct kept_file){ 0 };
}

void source_free(struct source *source)
{
	size_t i;

	if (!source)
		return;
	for (i = 0; i < SOURCE_MAX_KEPT; i++)
		forget(&source->kept[i]);
	forget(&source->given);
	free(source->cwd);
	free(source);
}

/* ------------------------------------------------------------------ one file */

bool source_is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Where the line after the one at P begins. CPython ends a line at \n, \r\n and \r. */
static const char *after_line(const char *p, const char *end)
{
	while (p < end && *p != '\n' && *p != '\r')
		p++;
	if (p < end && *p == '\r' && p + 1 < end && p[1] == '\n')
		p++;
	return p < end ? p + 1 : end;
}

static void find_lines(struct kept_file *file, size_t len)
{
	const char *end = file->text + len, *p;
	size_t n = 0;

	for (p = file->text; p < end; p = after_line(p, end))
		n++;
	file->lines = xcalloc(n + 1, sizeof *file->lines);
	file->n_lines = n;
	for (p = file->text, n = 0; p < end; p = after_line(p, end))
		file->lines[n++] = (uint32_t)(p - file->text);
	file->lines[n] = (uint32_t)len;
}

/*
 * Opens the file that PATH_FD is open on for reading: the very file whose type was looked at. O_NONBLOCK, because a
 * lease on it (fcntl(2) F_SETLEASE) would keep the supervisor waiting.
 */
static int open_again(int path_fd)
{
	char name[32];

	snprintf(name, sizeof name, "/proc/self/fd/%d", path_fd);
	return open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

char *source_read(int path_fd, const struct stat *st)
{
	_cleanup_close_ int fd = open_again(path_fd);
	size_t len = (size_t)st->st_size;
	_cleanup_free_ char *text = NULL;
	struct stat after;

	if (fd < 0)
		return NULL;
	text = xmalloc(len + 1);
	if (read_full(fd, text, len) != (ssize_t)len || fstat(fd, &after) < 0 || !source_is_same(st, &after))
		return NULL;
	return steal_ptr(&text);
}

static bool keep_source(struct kept_file *file, int path_fd, const struct stat *st)
{
	char *text = source_read(path_fd, st);
	size_t len = (size_t)st->st_size;

	if (!text)
		return false;
	forget(file);
	file->st = *st;
	file->text = text;
	digest_text(file->text, len, file->sha256);
	find_lines(file, len);
	return true;
}

static struct kept_file *find_kept(struct source *source, const struct stat *st)
{
	size_t i;

	for (i = 0; i < SOURCE_MAX_KEPT; i++)
		if (source->kept[i].text && source_is_same(&source->kept[i].st, st))
			return &source->kept[i];
	return NULL;
}

static struct kept_file *oldest(struct source *source)
{
	struct kept_file *found = &source->kept[0];
	size_t i;

	for (i = 1; i < SOURCE_MAX_KEPT; i++)
		if (source->kept[i].used < found->used)
			found = &source->kept[i];
	return found;
}

static const struct kept_file *look_at(struct source *source, int path_fd)
{
	struct kept_file *file;
	struct stat st;

	if (fstat(path_fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > SOURCE_MAX_FILE)
		return NULL;
	file = find_kept(source, &st);
	if (!file) {
		if (source->spent + (uint64_t)st.st_size + LOOK_COST > SOURCE_MAX_READ)
			return NULL;
		source->spent += (uint64_t)st.st_size + LOOK_COST;
		file = oldest(source);
		if (!keep_source(file, path_fd, &st))
			return NULL;
	}
	file->used = ++source->looks;
	return file;
}

/* ------------------------------------------------------------------ by its name */

static bool may_be_shown(const struct source *source, const struct object *object)
{
	const char *rest = source->submission ? after_prefix(object->path, source->submission) : NULL;

	return object->state == OBJECT_FOUND && object->fd >= 0 && rest && *rest == '/' &&
	       policy_decide_path(source->policy, WANT_READ, object->path, object->len).action == ACTION_ALLOW;
}

static void take_line(const struct kept_file *file, size_t line, struct source_line *ret_line)
{
	const char *text = file->text + file->lines[line - 1];
	size_t len = file->lines[line] - file->lines[line - 1], whole;

	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	if (line == 1 && len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	whole = len;
	if (len > SOURCE_MAX_LINE)
		for (len = SOURCE_MAX_LINE; len > SOURCE_MAX_LINE - 4 && ((unsigned char)text[len] & 0xc0) == 0x80;)
			len--;
	*ret_line = (struct source_line){
		.text = text, .len = len, .cut = len < whole, .sha256 = file->sha256
	};
}

/* Each ".." is a walk from the root. Real names have one or two (sys.path of a program that looks beside
 * itself). */
static bool is_winding(const char *path)
{
	unsigned n = 0;

	while ((path = strstr(path, "/.."))) {
		path += 3;
		n += *path == '/' || !*path;
	}
	return n > SOURCE_MAX_UPS;
}

bool source_line(struct source *source, const char *file, int line, struct source_line *ret_line)
{
	_cleanup_(object_fini) struct object object = OBJECT_INIT;
	const struct kept_file *kept;
	char path[PATH_MAX];
	int n;

	/* A name this long may have been cut (tracee/stack.h), and would name another file then. */
	if (!source || line <= 0 || !*file || *file == '<' || strlen(file) >= STACK_MAX_TEXT ||
	    (*file != '/' && !source->cwd))
		return false;
	n = snprintf(path, sizeof path, "%s%s%s", *file == '/' ? "" : source->cwd, *file == '/' ? "" : "/", file);
	if (n < 0 || (size_t)n >= sizeof path || is_winding(path))
		return false;
	resolve(source->resolver, source->pid, source->pid, AT_FDCWD, source->reserved_fd, path, (size_t)n,
		RESOLVE_FOLLOW, &object);
	if (!may_be_shown(source, &object))
		return false;
	kept = look_at(source, object.fd);
	if (!kept || (size_t)line > kept->n_lines)
		return false;
	take_line(kept, (size_t)line, ret_line);
	return true;
}

/* ------------------------------------------------------------------ a text that is no file */

void source_give(struct source *source, const char *name, const struct buf *text)
{
	if (text->len > SOURCE_MAX_FILE)
		return;
	forget(&source->given);
	source->given_name = name;
	source->given.text = xmalloc(text->len + 1);
	if (text->len)
		memcpy(source->given.text, text->data, text->len);
	source->given.text[text->len] = '\0';
	digest_text(source->given.text, text->len, source->given.sha256);
	find_lines(&source->given, text->len);
}

static bool is_word(char c)
{
	return c == '_' || (c & 0x80) || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Does the text up to END define NAME, of N bytes? */
static bool defines(const char *text, const char *end, const char *name, size_t n)
{
	static const char *const words[] = { "def", "class" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		size_t len = strlen(words[i]);
		const char *p = text;

		while ((p = memmem(p, (size_t)(end - p), words[i], len))) {
			const char *q = p + len;

			q += strspn(q, " \t");
			if (q > p + len && q <= end && (size_t)(end - q) >= n && memcmp(q, name, n) == 0 && !is_word(q[n]) &&
			    (p == text || !is_word(p[-1])))
				return true;
			p += len;
		}
	}
	return false;
}

/* Can a frame of FUNCTION at line NUMBER come from the text that was given? Its module is where the program began:
 * OUTERMOST, nothing called it. */
static bool is_of_given(const struct kept_file *given, const char *function, size_t number, bool outermost)
{
	const char *line = given->text + given->lines[number - 1];
	const char *end = given->text + given->lines[number];
	size_t n = strcspn(function, ".");

	if (streq(function, "<module>"))
		return outermost;
	if (streq(function, "<lambda>"))
		return memmem(line, (size_t)(end - line), "lambda", 6);
	if (*function == '<')
		return memmem(line, (size_t)(end - line), "for", 3);
	return n && defines(given->text, end, function, n);
}

/* Line LINE of FUNCTION in FILE: of the text that was given, or of a file. */
static bool line_of(struct source *source, const char *file, const char *function, int line, bool outermost,
		    struct source_line *ret_line)
{
	if (!source)
		return false;
	if (!source->given.text || !streq(file, source->given_name))
		return source_line(source, file, line, ret_line);
	if (line <= 0 || (size_t)line > source->given.n_lines)
		return false;
	/* Nothing but standard input is called by that name. */
	if (!streq(file, "<stdin>") && !is_of_given(&source->given, function, (size_t)line, outermost))
		return false;
	take_line(&source->given, (size_t)line, ret_line);
	return true;
}

bool source_frame(struct source *source, const struct stack *stack, size_t i, struct source_line *ret_line)
{
	const struct python_frame *frame = &stack->python[i];
	bool outermost = i + 1 == stack->n_python && !stack->python_note && stack->python_total <= stack->n_python;

	return line_of(source, frame->file, frame->function, frame->line, outermost, ret_line);
}

bool source_exception(struct source *source, const struct exception_facts *x, struct source_line *ret_line)
{
	/* Recursion aside, a module's frame is there once. */
	bool outermost = x->n_frames && !x->frames_left_out && x->frames[0].file && x->file && x->line == x->frames[0].line &&
			 streq(x->frames[0].file, x->file);

	if (!x->file || !x->function || x->line > INT_MAX)
		return false;
	return line_of(source, x->file, x->function, (int)x->line, outermost, ret_line);
}
