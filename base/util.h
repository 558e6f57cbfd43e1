/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small things every room uses: cleanup attributes for owned resources, allocation that never
 * returns NULL, and system calls that restart or complete themselves.
 */
#ifndef PROCTOR_BASE_UTIL_H
#define PROCTOR_BASE_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

/* Exit statuses of proctor itself; those of sysexits(3) where one fits. */
enum exit_status {
	EXIT_USAGE = 64,
	EXIT_BAD_POLICY = 65,
	EXIT_INTERNAL = 70,
	EXIT_HOST = 71,
	EXIT_LOG = 74,
	EXIT_TIME_LIMIT = 124,
	EXIT_PROCTOR_FAILED = 125,
	EXIT_CANNOT_EXEC = 126,
	EXIT_NOT_FOUND = 127,
};

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)     ((a) < (b) ? (a) : (b))
#define MAX(a, b)     ((a) > (b) ? (a) : (b))

void cleanup_free_p(void *p);
void cleanup_close_p(const int *fd);
void cleanup_fclose_p(FILE **f);
void cleanup_closedir_p(void *d);

/* Released when the variable leaves its scope; initialise at the declaration. */
#define _cleanup_free_     __attribute__((cleanup(cleanup_free_p)))
#define _cleanup_close_    __attribute__((cleanup(cleanup_close_p)))
#define _cleanup_fclose_   __attribute__((cleanup(cleanup_fclose_p)))
#define _cleanup_closedir_ __attribute__((cleanup(cleanup_closedir_p)))
#define _cleanup_(fn)      __attribute__((cleanup(fn)))
#define _printf_(a, b)     __attribute__((format(printf, a, b)))
/* For a function in a header that is called with constant arguments. */
#define _always_inline_    static inline __attribute__((always_inline))

/* FNV-1a of N bytes, only for bounded tables: bytes can be chosen so that they collide. */
static inline uint32_t bytes_hash(const void *p, size_t n)
{
	const unsigned char *at = p;
	uint32_t hash = 2166136261u;

	while (n--)
		hash = (hash ^ *at++) * 16777619u;
	return hash;
}

/* Hands ownership on: returns *P and leaves NULL (or -1) behind. */
#define steal_ptr(p)                             \
	({                                       \
		__typeof__(*(p)) _stolen = *(p); \
		*(p) = NULL;                     \
		_stolen;                         \
	})
static inline int steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

static inline bool streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* Both the same text, or both NULL. */
static inline bool streq_or_null(const char *a, const char *b)
{
	return a && b ? streq(a, b) : a == b;
}

/* The text after PREFIX, or NULL when S does not begin with it. */
static inline const char *after_prefix(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

static inline bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && streq(s + n - m, end);
}

/* FNV-1a, 64 bits, of TEXT behind what HASH is of; begins with HASH_BEGIN. Collisions can be made by whoever chooses TEXT. */
#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

static inline uint64_t hash_byte(uint64_t hash, unsigned char byte)
{
	return (hash ^ byte) * UINT64_C(0x100000001b3);
}

static inline uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = hash_byte(hash, (unsigned char)*text);
	return hash;
}

/* DIR, to be followed by a slash and a name: "" for the root. */
static inline const char *slashed(const char *dir)
{
	return streq(dir, "/") ? "" : dir;
}

/*
 * Allocation. Never NULL: out of memory ends the process with EXIT_INTERNAL, and the tracee
 * with it (PTRACE_O_EXITKILL). The caller owns the result; free() it.
 */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
void *xmemdup(const void *p, size_t n);
char *xasprintf(const char *format, ...) _printf_(1, 2);
char *xvasprintf(const char *format, va_list ap) _printf_(1, 0);

/*
 * Grows *ARRAY (elements of SIZE bytes, *CAP of them allocated) so that N elements fit.
 * Doubles; new memory is not initialised.
 */
void grow_array(void *array, size_t *cap, size_t n, size_t size);

/* Appends TEXT, which LIST then owns, to the NULL-terminated LIST; strv_free() releases both. */
void strv_add(char ***list, char *text);
/* Appends copies of the texts of MORE, which may be NULL. */
void strv_extend(char ***list, char *const *more);
size_t strv_length(char *const *list);
void strv_free(char **list);

/* read(2)/write(2) until N bytes, end of file or an error. Bytes done, or -errno. */
ssize_t read_full(int fd, void *buf, size_t n);
ssize_t write_full(int fd, const void *buf, size_t n);

/*
 * Reads the whole of PATH beneath DIRFD (openat(2) meaning) into a fresh NUL-terminated buffer
 * that the caller frees. Refuses anything but a regular file, and files longer than MAX bytes
 * (-EFBIG). /proc files, whose size is 0, work. Returns 0 or -errno; out-parameters untouched
 * on failure. RET_LEN may be NULL.
 */
int read_file(int dirfd, const char *path, size_t max, char **ret_data, size_t *ret_len);

/* Opens FD's file once more, for reading only, by its name in /proc. Descriptor or -errno. */
int reopen_read_only(int fd);

/* Opens `/proc/TID/NAME` (FLAGS and O_CLOEXEC). A descriptor that the caller closes, or -1 and errno. */
int open_proc(pid_t tid, const char *name, int flags);

/* Reads `/proc/TID/NAME`, at most SIZE - 1 bytes of it, to TEXT, with a NUL. How many; 0: there is nothing to read. */
size_t read_proc(pid_t tid, const char *name, char *text, size_t size);

/* readlinkat(2) into a fresh NUL-terminated string of any length the kernel can return. 0 or -errno. */
int read_link(int dirfd, const char *path, char **ret_target);

/* The N bytes at BYTES as 2 * N digits, lower case, and a NUL. */
void hex_text(const uint8_t *bytes, size_t n, char *ret_text);

/*
 * What follows DIRECTORY in PATH, compared by name alone: "" for the directory itself, else it begins with the slash;
 * NULL when PATH lies elsewhere, or either is NULL or empty. PATH must have no "..".
 */
const char *path_rest(const char *path, const char *directory);
/* The same for a PATH that is not trusted: NULL, too, when what follows has a "..". */
const char *path_inside(const char *path, const char *directory);

/* "proctor: MESSAGE\n" on standard error, for the person who runs proctor: one line, no full stop. */
void complain(const char *format, ...) _printf_(1, 2);

/* *SUM += N, at most UINT64_MAX. */
void add_saturated(uint64_t *sum, uint64_t n);

/* Nanoseconds of CLOCK (clock_gettime(2)). */
uint64_t clock_ns(int clock);

#endif
