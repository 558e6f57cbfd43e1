/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the name of an output leads, without opening what is there. We walk the path ourselves, one
 * component at a time, because root may name a path in a directory that another user can write to:
 * a symbolic link is followed only if it belongs to root, to the owner of "/" or to the user whose
 * rights are in effect. What is found is held by descriptors, so that later steps do not depend on
 * the name again.
 */
#ifndef PROCTOR_CLI_TARGET_PATH_H
#define PROCTOR_CLI_TARGET_PATH_H

#include <sys/stat.h>

#include "base/util.h"

struct target_path {
	int number;  /* the descriptor of ours that is named (/dev/fd/N), or -1; otherwise the rest is empty */
	int dir;     /* O_PATH of the directory that holds the last component */
	char *base;  /* the last component, not a link */
	int object;  /* O_PATH of what is there, or -1 when there is nothing */
	struct stat st; /* of OBJECT */
	struct stat dir_st;
	bool by_link; /* the last component of the name as given is a link */
};

#define TARGET_PATH_INIT { .number = -1, .dir = -1, .object = -1 }

/*
 * 0; -EPERM for another user's link (RET_OWNER is its owner) or one in /proc that is no descriptor
 * of ours; -EISDIR; -errno. The caller frees with target_path_fini().
 */
int target_path_find(const char *name, struct target_path *ret_path, uid_t *ret_owner);
void target_path_fini(struct target_path *path);

/* The number in "-" (1), "N", /dev/stdout, /dev/fd/N, /proc/self/fd/N as text, or -1 for any other name. */
int target_number(const char *name);

#endif
