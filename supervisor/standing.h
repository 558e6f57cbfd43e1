/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories of grants and the Landlock ruleset, kept open by a process that carries out one run after another.
 *
 * A name is looked up again for every run. What is kept for it is used only if it still leads to the same object: the
 * same inode of the same mount, which is open here or held by the ruleset, so that its numbers cannot belong to anything
 * else meanwhile. That is not so of a scratch in memory, whose mount ends with its run: nothing is kept that names one. What
 * a run does not ask for is closed at its end. Nothing that a program does can reach the next one's through this: the
 * descriptors are O_PATH, and a ruleset is entered before the program's first instruction and is never added to.
 */
#ifndef PROCTOR_SUPERVISOR_STANDING_H
#define PROCTOR_SUPERVISOR_STANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { STANDING_MAX = 128 }; /* descriptors */

struct standing;

/* An object that a name leads to. */
struct standing_id {
	uint64_t inode, mount;
	uint32_t major, minor; /* of its device */
	uint32_t mode;	       /* its type and permissions */
};

/* A rule of a ruleset. */
struct standing_rule {
	struct standing_id id;
	uint32_t access;
};

/* NULL: the kernel does not tell mounts apart (before Linux 5.8). */
struct standing *standing_new(void);
void standing_free(struct standing *standing);

/* A run has ended: what it has not asked for is closed. */
void standing_settle(struct standing *standing);

/* The filter of former runs. */
struct filter_kept;
struct filter_kept *standing_filter(struct standing *standing);

/* The descriptors that are open for the next run, STANDING_MAX at most. Returns how many. */
size_t standing_descriptors(const struct standing *standing, int fds[STANDING_MAX]);

/* What PATH leads to, no link in its last place followed; or with PATH NULL, what is open as FD. False: it cannot be
 * looked at. */
bool standing_look(const char *path, int fd, struct standing_id *ret_id);

/* The directory kept for PATH, borrowed until the run ends; -1: none, or PATH leads to another one now. */
int standing_root(struct standing *standing, const char *path);
/* What FD is, which standing_root() returned for the run under way, by that look; false: it is none of those. */
bool standing_known(const struct standing *standing, int fd, struct standing_id *ret_id);
/* Keeps a duplicate of FD, an O_PATH descriptor of the directory PATH, if there is room. */
void standing_keep_root(struct standing *standing, const char *path, int fd);

/* The ruleset of ABI with exactly these rules in this order, borrowed until the run ends; or -1. */
int standing_ruleset(struct standing *standing, int abi, const struct standing_rule *rules, size_t n);
/* Keeps a duplicate of FD, which is one. */
void standing_keep_ruleset(struct standing *standing, int abi, const struct standing_rule *rules, size_t n, int fd);

#endif
