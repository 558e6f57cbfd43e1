/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resolve: a path as the tracee wrote it becomes an object, by its canonical name.
 *
 * The file system is touched only inside read grants. Outside them text alone decides, so that a path that no grant
 * covers gets the same answer in the same time whether or not something is there. Ancestors of grants and recorded
 * links (policy_link_at) are known to the policy and need no look either.
 *
 * Fast way: a path without ".." is cleaned as text, the most specific rule is found, and the rest is opened beneath
 * the grant's root by openat2(2) with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS: if that succeeds,
 * the text was canonical. Slow way, on ELOOP or "..": the first link on the way is found by opening parts of it with
 * O_PATH | O_NOFOLLOW, and its text replaces it (an absolute one starts again at "/"), 40 links at most
 * (path_resolution(7)). ".." is taken from canonical text only, never collapsed across a name that was not looked at;
 * only names outside the grants, which may not be looked at, count as plain directories.
 *
 * A file system of the kernel's own (procfs and its like) that is mounted inside a tree, where it does not belong, is
 * blocked whatever grants the tree; other mounts are a part of the tree.
 */
#ifndef PROCTOR_SUPERVISOR_RESOLVE_H
#define PROCTOR_SUPERVISOR_RESOLVE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "policy/policy.h"
#include "supervisor/standing.h"

enum resolve_flags {
	RESOLVE_FOLLOW = 1,	/* follow a link in the last place */
	RESOLVE_EMPTY_PATH = 2, /* an empty path means dirfd itself (AT_EMPTY_PATH) */
	RESOLVE_TRAIL = 4,	/* keep the steps, for explanations */
	RESOLVE_LOOK = 8,	/* what is there is only looked at: where one look shows it, it is in `st` and not held */
};

enum object_state {
	OBJECT_FOUND,	   /* it exists; fd is open on it, grant is the read rule that holds it; NULL if it is an
			    * ancestor of a grant, or a link that leads to one and was not to be followed */
	OBJECT_ABSENT,	   /* inside a read grant (or an ancestor of one) and not there: err is ENOENT or
			    * ENOTDIR. Also a descriptor in /proc/self/fd that cannot be there */
	OBJECT_BLOCKED,	   /* no rule lets the walk go to `path`: policy_decide_path() of it says why, and
			    * never allows WANT_LOOKUP */
	OBJECT_DESCRIPTOR, /* the tracee's own descriptor `self_fd`: /proc/self/fd/N, /dev/stdin, /dev/fd/N,
			    * an empty path with RESOLVE_EMPTY_PATH */
	OBJECT_ERROR,	   /* err: ELOOP, ENAMETOOLONG (also of a way, see
			    * RESOLVE_MAX_COMPONENTS), ENOENT for "", EBADF or ENOTDIR for dirfd, EAGAIN when
			    * names kept changing, and what the kernel itself says inside a grant (EACCES, EIO …) */
};

/* One step of the walk: NAME (one or more components) was looked up from where the step before came to
 * and is at PATH; LINK is its text if it is a link. The first step has only the PATH of the start. */
struct resolve_step {
	const char *name, *path, *link;
};

enum {
	RESOLVE_MAX_STEPS = 128,
	/* How many components the ways that links and ".." lead through may have together: 40 links at
	 * a depth of 60, or 200 times ".." at one of 80. Beyond it is ENAMETOOLONG. */
	RESOLVE_MAX_COMPONENTS = 16384,
};

/* Initialise with OBJECT_INIT; reuse freely; object_fini() at the end. Fixed size, no allocation except
 * for the trail. */
struct object {
	enum object_state state;
	int err;
	int fd;		/* O_PATH | O_CLOEXEC, or -1. Owned by the object. For FOUND always there, unless `looked`. */
	int self_fd;
	bool one_mount; /* no other file system is mounted on the way from the root to it */
	bool directory; /* the path ended in a slash, "/." or "/..": only a directory will do */
	bool whole;	/* ERROR, ABSENT: the kernel answered so to all of `path`, not to a part before "..": that may
			 * be decided on */
	bool looked;	/* FOUND, with RESOLVE_LOOK: `st` is what was there, and `fd` is -1 */
	struct stat st;
	int parent_fd;	/* from resolver_hold_parent(), or -1. Owned by the object. */
	size_t len;
	char path[PATH_MAX + 1]; /* canonical as far as the walk came; for BLOCKED what was wanted there: the
				  * components up to the next ".." are in it, cleaned, although they were not
				  * walked. The tracee's own /proc/1234 is always "/proc/self". "" when
				  * unknown */
	const struct grant *grant; /* for FOUND and ABSENT; of the run's policy */
	size_t n_steps;
	struct resolve_step *steps; /* texts live in trail_text */
	char *trail_text;
};
#define OBJECT_INIT { .fd = -1, .self_fd = -1, .parent_fd = -1 }

struct resolver;

/*
 * A directory that no path leads to, such as the scratch in memory, for the grant whose root is called PATH. On its
 * own mount FD's directory lies at that very PATH, so that what the kernel says of a descriptor in it (/proc/PID/fd,
 * /proc/PID/cwd) is the name that the program and the policy know.
 */
struct detached {
	const char *path; /* canonical; NULL: there is none */
	int fd;		  /* borrowed while the resolver is made */
};

/*
 * A resolver for POLICY (borrowed, must outlive it). Opens the roots of the read grants with
 * O_PATH | O_DIRECTORY | O_CLOEXEC; a root that does not exist is left out (paths beneath are then
 * ABSENT). Grants with the same root share one descriptor. DETACHED: what stands for one of the roots, or
 * NULL. 0 or -errno.
 */
int resolver_new(const struct policy *policy, const struct detached *detached, struct resolver **ret_resolver);
/* The same with roots that STANDING, which may be NULL, has open, and which it is given for the next run. */
int resolver_new_on(struct standing *standing, const struct policy *policy, const struct detached *detached,
		    struct resolver **ret_resolver);
/* The same for POLICY, which is within OUTER's: what its own answers leave of what OUTER resolves, beneath the same
 * roots and by the same rules. OUTER must outlive it. */
struct resolver *resolver_within(const struct resolver *outer, const struct policy *policy);
void resolver_free(struct resolver *resolver);

/* The roots, numbered from 0: the supervisor's descriptor of each, for passing on to the tracee. */
size_t resolver_n_roots(const struct resolver *resolver);
int resolver_root_fd(const struct resolver *resolver, size_t root);
/* The number of GRANT's root, or -1 if that could not be opened. */
int resolver_root_of(const struct resolver *resolver, const struct grant *grant);
/* Where the text beneath GRANT's root begins in canonical PATH; "." when PATH is the root itself. */
const char *resolver_rest(const struct grant *grant, const char *path);

/*
 * Resolves PATH (LEN bytes, no NUL inside) as thread TID of process TGID would: relative to its descriptor DIRFD, or
 * to its working directory when DIRFD is AT_FDCWD, each by its name in /proc/TID. Descriptors from RESERVED_FD on are
 * the supervisor's: EBADF. Always fills OBJECT.
 */
void resolve(struct resolver *resolver, pid_t tgid, pid_t tid, int dirfd, int reserved_fd, const char *path,
	     size_t len, unsigned flags, struct object *object);

/*
 * Opens what RESOLVER has only looked at, as `fd` (RESOLVE_LOOK); nothing is to be done for other objects. 0; -ESTALE:
 * something else is there by now; -errno.
 */
int resolver_hold(const struct resolver *resolver, struct object *object);

/*
 * Opens the directory in which OBJECT (FOUND, or ABSENT and whole, with a grant) has its last name, beneath the
 * grant's root as the object was, and keeps it as `parent_fd`; RET_NAME is that last name, in the object. 0; -EBUSY
 * for the root itself; -errno.
 */
int resolver_hold_parent(const struct resolver *resolver, struct object *object, const char **ret_name);

void object_fini(struct object *object);
/* Closes the descriptor, frees the trail, ready for the next resolve(). */
void object_reset(struct object *object);

#endif
