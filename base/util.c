/* SPDX-License-Identifier: Apache-2.0 */
#include "base/util.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>


void cleanup_free_p(void *p)
{
	free(*(void **)p);
}

void cleanup_close_p(const int *fd)
{
	if (*fd >= 0) {
		int saved = errno;

		close(*fd);
		errno = saved;
	}
}

void cleanup_fclose_p(FILE **f)
{
	if (*f)
		fclose(*f);
}

void cleanup_closedir_p(void *d)
{
	DIR *dir = *(DIR **)d;

	if (dir)
		closedir(dir);
}

static void *or_die(void *p)
{
	if (!p) {
		static const char text[] = "proctor: out of memory\n";

		if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
			_exit(EXIT_INTERNAL);
		_exit(EXIT_INTERNAL);
	}
	return p;
}

void *xmalloc(size_t size)
{
	return or_die(malloc(size ? size : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return or_die(calloc(n ? n : 1, size ? size : 1));
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	return or_die(reallocarray(p, n ? n : 1, size ? size : 1));
}

char *xstrdup(const char *s)
{
	return or_die(strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
	return or_die(strndup(s, n));
}

void *xmemdup(const void *p, size_t n)
{
	void *copy = xmalloc(n);

	if (n)
		memcpy(copy, p, n);
	return copy;
}

char *xvasprintf(const char *format, va_list ap)
{
	char *s;

	if (vasprintf(&s, format, ap) < 0)
		or_die(NULL);
	return s;
}

char *xasprintf(const char *format, ...)
{
	va_list ap;
	char *s;

	va_start(ap, format);
	s = xvasprintf(format, ap);
	va_end(ap);
	return s;
}

void grow_array(void *array, size_t *cap, size_t n, size_t size)
{
	void **p = array;
	size_t want = *cap ? *cap : 8;

	if (n <= *cap)
		return;
	while (want < n)
		want *= 2;
	*p = xreallocarray(*p, want, size);
	*cap = want;
}

size_t strv_length(char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

void strv_add(char ***list, char *text)
{
	size_t n = strv_length(*list);

	*list = xreallocarray(*list, n + 2, sizeof **list);
	(*list)[n] = text;
	(*list)[n + 1] = NULL;
}

void strv_extend(char ***list, char *const *more)
{
	size_t i;

	for (i = 0; more && more[i]; i++)
		strv_add(list, xstrdup(more[i]));
}

void strv_free(char **list)
{
	size_t i;

	for (i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

ssize_t read_full(int fd, void *buf, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = read(fd, (char *)buf + done, n - done);

		if (got < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

ssize_t write_full(int fd, const void *buf, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t put = write(fd, (const char *)buf + done, n - done);

		if (put < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		done += (size_t)put;
	}
	return (ssize_t)done;
}

int read_file(int dirfd, const char *path, size_t max, char **ret_data, size_t *ret_len)
{
	/* O_NONBLOCK: a FIFO in the way must not hang the caller. */
	_cleanup_close_ int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_cleanup_free_ char *data = NULL;
	size_t cap = 0, len = 0;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	if (st.st_size > 0 && (uintmax_t)st.st_size > max)
		return -EFBIG;
	for (;;) {
		ssize_t got;

		grow_array(&data, &cap, MAX(len + 4096, (size_t)st.st_size + 2), 1);
		got = read_full(fd, data + len, cap - len - 1);
		if (got < 0)
			return (int)got;
		len += (size_t)got;
		if (len > max)
			return -EFBIG;
		if (len < cap - 1)
			break;
	}
	data[len] = '\0';
	*ret_data = steal_ptr(&data);
	if (ret_len)
		*ret_len = len;
	return 0;
}

int reopen_read_only(int fd)
{
	char path[32];
	int again;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY | O_CLOEXEC);
	return again < 0 ? -errno : again;
}

int open_proc(pid_t tid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", tid, name);
	return open(path, flags | O_CLOEXEC);
}

size_t read_proc(pid_t tid, const char *name, char *text, size_t size)
{
	_cleanup_close_ int fd = open_proc(tid, name, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
	size_t len = (size_t)MAX(n, 0);

	text[len] = '\0';
	return len;
}

int read_link(int dirfd, const char *path, char **ret_target)
{
	char target[PATH_MAX + 1];
	ssize_t n = readlinkat(dirfd, path, target, sizeof target);

	if (n < 0)
		return -errno;
	if ((size_t)n >= sizeof target)
		return -ENAMETOOLONG;
	*ret_target = xstrndup(target, (size_t)n);
	return 0;
}

const char *path_rest(const char *path, const char *directory)
{
	size_t n = directory ? strlen(directory) : 0;

	if (!path || !*path || !n)
		return NULL;
	while (n && directory[n - 1] == '/')
		n--;
	return strncmp(path, directory, n) == 0 && (path[n] == '/' || path[n] == '\0') ? path + n : NULL;
}

const char *path_inside(const char *path, const char *directory)
{
	const char *rest = path_rest(path, directory), *at;

	for (at = rest; at && (at = strstr(at, "/..")); at += 3)
		if (at[3] == '/' || at[3] == '\0')
			return NULL;
	return rest;
}

void hex_text(const uint8_t *bytes, size_t n, char *ret_text)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		ret_text[2 * i] = digits[bytes[i] >> 4];
		ret_text[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret_text[2 * n] = '\0';
}

void add_saturated(uint64_t *sum, uint64_t n)
{
	if (__builtin_add_overflow(*sum, n, sum))
		*sum = UINT64_MAX;
}

uint64_t clock_ns(int clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}
