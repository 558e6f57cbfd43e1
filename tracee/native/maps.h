/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which file is mapped where: /proc/TID/maps reduced to modules. A module is a mapping of a file's
 * offset 0 together with the mappings of the same file that follow. The maps are read when an address
 * comes up that no module holds, so that a dlopen(3) is noticed.
 */
#ifndef PROCTOR_TRACEE_NATIVE_MAPS_H
#define PROCTOR_TRACEE_NATIVE_MAPS_H

#include "tracee/native/image.h"

enum { MAPS_MODULES = 2048 };

struct module {
	uint64_t start, end; /* of all its mappings */
	uint64_t first_end;  /* of the one of offset 0 */
	uint64_t inode;
	char *path; /* as in the maps file, or "[vdso]" */
	bool executable;
	bool not_python;     /* it was looked at, and has no interpreter */
	bool opened;	     /* module_image() has tried */
	struct image *image; /* NULL until then, or if it is no ELF image */
};

struct maps {
	struct image_cache *cache;
	struct module **module; /* ascending, disjoint */
	size_t n;
	uint64_t generation; /* changes with every load that changed something */
	bool whole;	     /* the last load read the file to its end */
	int fd;		     /* of the maps file, for queries; -1: not open */
	bool no_query;	     /* the kernel does not know queries (before 6.11) */
};

/* One line of the maps file. */
struct maps_line {
	uint64_t start, end, offset, inode;
	bool executable;
	const char *path; /* in the line */
};

/* The line at S, without its newline and NUL-terminated. False: it is none. */
bool maps_line_parse(const char *s, struct maps_line *ret);

void maps_init(struct maps *m, struct image_cache *cache);
void maps_fini(struct maps *m);

/*
 * Reads the maps of thread TID again. Modules that are still there keep their image. 0 or
 * -errno (-ETIME: the budget ended first, the part read so far is in place).
 */
int maps_load(struct maps *m, pid_t tid);

/*
 * False when ADDR, which MODULE held when the maps were loaded, is mapped from another file now:
 * dlclose(3) and dlopen(3) may put one library in the place of another. Always true on kernels
 * before 6.11, which cannot be asked.
 */
bool maps_confirm(struct maps *m, pid_t tid, const struct module *module, uint64_t addr);

/* The module that holds ADDR, or NULL. */
struct module *maps_find(const struct maps *m, uint64_t addr);

/*
 * The image of MODULE (CACHE as given to maps_init), opened at the first call: by
 * /proc/TID/map_files, else by path in the tracee's root and then ours with the same inode number,
 * else from memory. NULL if it is no ELF image.
 */
struct image *module_image(struct module *module, struct image_cache *cache, pid_t tid);

#endif
