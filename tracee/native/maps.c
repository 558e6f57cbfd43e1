/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/native/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_LINES = 65536, LINE_SIZE = PATH_MAX * 4 + 128 };

void maps_init(struct maps *m, struct image_cache *cache)
{
	memset(m, 0, sizeof *m);
	m->cache = cache;
	m->fd = -1;
}

static void module_free(struct module *module)
{
	if (module->image)
		image_fini(module->image);
	free(module->image);
	free(module->path);
	free(module);
}

void maps_fini(struct maps *m)
{
	for (size_t i = 0; i < m->n; i++)
		module_free(m->module[i]);
	free(m->module);
	if (m->fd >= 0)
		close(m->fd);
	maps_init(m, m->cache);
}

static const char *hex(const char *s, uint64_t *ret)
{
	uint64_t v = 0;

	for (;; s++) {
		unsigned int c = (unsigned char)*s, digit;

		if (c - '0' < 10)
			digit = c - '0';
		else if ((c | 32) - 'a' < 6)
			digit = (c | 32) - 'a' + 10;
		else
			break;
		v = v * 16 + digit;
	}
	*ret = v;
	return s;
}

/* "55e0-55f0 r-xp 00001000 fe:01 1234   /path". The kernel wrote it, so it can be trusted. */
bool maps_line_parse(const char *s, struct maps_line *ret)
{
	struct maps_line l = {0};
	uint64_t ignored;

	s = hex(s, &l.start);
	if (*s++ != '-')
		return false;
	s = hex(s, &l.end);
	if (*s++ != ' ' || strlen(s) < 6)
		return false;
	l.executable = s[2] == 'x';
	s = hex(s + 5, &l.offset);
	if (*s++ != ' ')
		return false;
	s = hex(s, &ignored);
	if (*s++ != ':')
		return false;
	s = hex(s, &ignored);
	if (*s++ != ' ')
		return false;
	for (; *s >= '0' && *s <= '9'; s++)
		l.inode = l.inode * 10 + (uint64_t)(*s - '0');
	l.path = s + strspn(s, " ");
	*ret = l;
	return true;
}

/* Takes the module that LINE begins out of the last load, if it was there; else NULL. */
static struct module *take_old(struct maps *old, const struct maps_line *l, size_t *next)
{
	for (; *next < old->n; (*next)++) {
		struct module *module = old->module[*next];

		if (!module || module->start < l->start)
			continue;
		if (module->start == l->start && module->inode == l->inode &&
		    module->first_end == l->end && streq(module->path, l->path)) {
			old->module[*next] = NULL;
			return module;
		}
		break;
	}
	return NULL;
}

struct load {
	struct maps *old, new;
	size_t cap, next_old;
	bool changed;
};

static void add_line(struct load *load, const struct maps_line *l)
{
	struct maps *m = &load->new;
	struct module *last = m->n ? m->module[m->n - 1] : NULL;
	bool vdso = streq(l->path, "[vdso]");

	if (!vdso && (!l->inode || *l->path != '/'))
		return;
	if (last && l->offset && last->inode == l->inode && streq(last->path, l->path)) {
		last->end = l->end;
		last->executable |= l->executable;
		return;
	}
	if ((l->offset && !vdso) || m->n >= MAPS_MODULES)
		return;
	last = take_old(load->old, l, &load->next_old);
	if (!last) {
		load->changed = true;
		last = xcalloc(1, sizeof *last);
		*last = (struct module){.start = l->start,
					.first_end = l->end,
					.inode = l->inode,
					.path = xstrdup(l->path)};
	}
	last->end = l->end;
	last->executable = l->executable;
	grow_array(&m->module, &load->cap, m->n + 1, sizeof *m->module);
	m->module[m->n++] = last;
}

/* Hands each whole line of BUF to add_line(); returns how many bytes they were. */
static size_t add_lines(struct load *load, char *buf, size_t n)
{
	char *at = buf, *newline;
	struct maps_line l;

	while ((newline = memchr(at, '\n', n - (size_t)(at - buf)))) {
		*newline = '\0';
		if (maps_line_parse(at, &l))
			add_line(load, &l);
		at = newline + 1;
	}
	return (size_t)(at - buf);
}

static int read_lines(struct load *load, int fd)
{
	_cleanup_free_ char *buf = xmalloc(LINE_SIZE);
	struct budget *budget = load->new.cache->pages->budget;
	size_t held = 0;

	for (;;) {
		ssize_t got;
		size_t used;

		if (!budget_read(budget))
			return -ETIME;
		got = read(fd, buf + held, LINE_SIZE - held);
		if (got <= 0)
			return got < 0 ? -errno : 0;
		held += (size_t)got;
		used = add_lines(load, buf, held);
		if (!used && held == LINE_SIZE)
			return -EMSGSIZE;
		held -= used;
		memmove(buf, buf + used, held);
	}
}

int maps_load(struct maps *m, pid_t tid)
{
	struct load load = {.old = m};
	_cleanup_close_ int fd = -1;
	char name[64];
	int r;

	snprintf(name, sizeof name, "/proc/%d/maps", tid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	maps_init(&load.new, m->cache);
	r = read_lines(&load, fd);
	for (size_t i = 0; i < m->n; i++)
		if (m->module[i]) {
			load.changed = true;
			module_free(m->module[i]);
		}
	free(m->module);
	load.new.generation = m->generation + load.changed;
	load.new.whole = r == 0;
	load.new.fd = m->fd;
	load.new.no_query = m->no_query;
	*m = load.new;
	return r;
}

/* struct procmap_query of <linux/fs.h>, which Debian 12's headers do not have yet. */
struct mapping_query {
	uint64_t size, flags, addr;
	uint64_t start, end, mapping_flags, page_size, offset, inode;
	uint32_t major, minor, name_size, build_id_size;
	uint64_t name, build_id;
};
#define QUERY_MAPPING _IOWR('f', 17, struct mapping_query)

bool maps_confirm(struct maps *m, pid_t tid, const struct module *module, uint64_t addr)
{
	struct mapping_query q = {.size = sizeof q, .addr = addr};
	char name[64];

	if (m->no_query || !module->inode)
		return true;
	if (m->fd < 0) {
		snprintf(name, sizeof name, "/proc/%d/maps", tid);
		m->fd = open(name, O_RDONLY | O_CLOEXEC);
	}
	if (m->fd < 0 || !budget_read(m->cache->pages->budget))
		return true;
	if (ioctl(m->fd, QUERY_MAPPING, &q) < 0) {
		m->no_query = errno == ENOTTY || errno == EINVAL;
		return errno != ENOENT;
	}
	return q.inode == module->inode && q.start >= module->start && q.end <= module->end;
}

struct module *maps_find(const struct maps *m, uint64_t addr)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		struct module *module = m->module[middle];

		if (addr < module->start)
			high = middle;
		else if (addr >= module->end)
			low = middle + 1;
		else
			return module;
	}
	return NULL;
}

/* A FIFO or a device in the way must neither hang us nor be read: no blocking, and only the same regular file. */
static int open_checked(const char *path, uint64_t inode)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	/* Not st_dev: on btrfs and overlayfs the maps file shows another one. */
	if (!S_ISREG(st.st_mode) || st.st_ino != inode)
		return -ESTALE;
	return steal_fd(&fd);
}

static int module_open(const struct module *module, pid_t tid)
{
	_cleanup_free_ char *path = NULL;
	int fd;

	if (!module->inode)
		return -ENOENT;
	/* The mapped file itself, whatever its path leads to by now; needs CAP_CHECKPOINT_RESTORE. */
	path = xasprintf("/proc/%d/map_files/%lx-%lx", tid, module->start, module->first_end);
	fd = open_checked(path, module->inode);
	if (fd >= 0)
		return fd;
	free(path);
	path = xasprintf("/proc/%d/root%s", tid, module->path);
	fd = open_checked(path, module->inode);
	return fd >= 0 ? fd : open_checked(module->path, module->inode);
}

struct image *module_image(struct module *module, struct image_cache *cache, pid_t tid)
{
	_cleanup_free_ struct image *image = NULL;
	int fd = -1;

	if (module->opened)
		return module->image;
	module->opened = true;
	image = xmalloc(sizeof *image);
	if (cache->n_files < IMAGE_FILES)
		fd = module_open(module, tid);
	if (image_init(image, cache, MAX(fd, -1), module->start) == 0)
		module->image = steal_ptr(&image);
	return module->image;
}
