/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that name a file by its path. Each resolves its paths, asks the policy, and then either
 * answers from the descriptor that the resolver holds (emulate) or sends the kernel to the canonical
 * name beneath the grant's root, from the sealed scratch (rewrite).
 */
#include "supervisor/state.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "tracee/maps_copy.h"
#include "tracee/memory.h"

enum {
	NR_lstat = 6, NR_creat = 85, NR_openat2 = 437,
	/* include/linux/fcntl.h VALID_OPEN_FLAGS; include/uapi/asm-generic/fcntl.h */
	FLAG_ASYNC = 020000, FLAG_TMPFILE = 020000000, FLAG_LARGEFILE = 0100000,
	VALID_OPEN_FLAGS = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_DSYNC |
			   04000000 | FLAG_ASYNC | O_DIRECT | FLAG_LARGEFILE | O_DIRECTORY | O_NOFOLLOW |
			   O_NOATIME | O_CLOEXEC | O_PATH | FLAG_TMPFILE,
	PATH_FLAGS = O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC,
};

static const struct rule rule_descriptor = { RULE_READ, "descriptor", "builtin:descriptors" };

/*
 * Resolves path N and decides on WANT. False: the call has been answered (error or refusal). The
 * states that are left to the caller: FOUND, ABSENT, DESCRIPTOR, with `decision` allowing.
 */
static bool look_up(struct broker *b, struct call *call, unsigned n, unsigned flags, unsigned want)
{
	struct request *request = &call->request;
	const struct request_path *path = &request->paths[n];
	struct object *object = &call->objects[n];

	call->decided = n;
	call->resolve_flags = flags;
	if (path->err) {
		act_error(call, path->err);
		return false;
	}
	resolve(b->resolver, request->tgid, request->tid, path->dirfd, b->reserved_fd, path->text, path->len,
		flags, object);
	if (object->state == OBJECT_DESCRIPTOR) {
		call->decision = (struct decision){ .action = ACTION_ALLOW, .rule = rule_descriptor };
		return true;
	}
	if (object->state == OBJECT_ERROR && !object->whole) {
		act_error(call, object->err);
		return false;
	}
	call->decision = policy_decide_path(b->options->policy, want, object->path, object->len);
	/* The resolver stopped here because nothing lets it go on; a decision that allows would
	 * contradict it, and then nothing has been looked at that could be answered. */
	if (object->state == OBJECT_BLOCKED && call->decision.action == ACTION_ALLOW)
		call->decision = policy_decide_refused(b->options->policy, 0);
	if (call->decision.action != ACTION_ALLOW) {
		act_refuse(call, call->decision);
		return false;
	}
	if (object->state == OBJECT_ERROR) {
		act_emulate(call, -object->err);
		return false;
	}
	return true;
}

/* FOUND, and a directory where the path asked for one; otherwise answers. */
static bool need_found(struct call *call, unsigned n)
{
	const struct object *object = &call->objects[n];
	struct stat st;

	if (object->state == OBJECT_ABSENT) {
		act_emulate(call, -object->err);
		return false;
	}
	if (object->state == OBJECT_FOUND && object->directory &&
	    (fstat(object->fd, &st) < 0 || !S_ISDIR(st.st_mode))) {
		act_emulate(call, -ENOTDIR);
		return false;
	}
	return true;
}

static void give_back(struct call *call, uint64_t addr, const void *data, size_t size)
{
	act_emulate(call, memory_write(call->request.tid, addr, data, size));
}

int open_proc(pid_t tid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", tid, name);
	return open(path, flags | O_CLOEXEC);
}

/* fstat(2) of the tracee's own descriptor; by a duplicate, which costs half of a look in /proc. */
static int stat_descriptor(const struct broker *b, pid_t tid, int fd, struct stat *st)
{
	_cleanup_close_ int own = borrow_fd(b, tid, fd);

	if (own < 0)
		return own;
	return fstat(own, st) < 0 ? -errno : 0;
}

/* The name itself, /proc/self/fd/N: a link. */
static int stat_descriptor_link(pid_t tid, int fd, struct stat *st)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/fd/%d", tid, fd);
	return lstat(path, st) < 0 ? -errno : 0;
}

/* ------------------------------------------------------------------ stat and its kin */

static unsigned at_flags_of(const struct request *request)
{
	unsigned i;

	for (i = 0; i < request->row->n_args; i++)
		if (request->row->args[i] == ARG_AT_FLAGS)
			return (unsigned)request->args[i];
	return 0;
}

static unsigned resolve_flags(unsigned at_flags)
{
	return (at_flags & AT_SYMLINK_NOFOLLOW ? 0u : RESOLVE_FOLLOW) |
	       (at_flags & AT_EMPTY_PATH ? RESOLVE_EMPTY_PATH : 0u);
}

/* Since Linux 6.11 newfstatat(fd, NULL, buf, AT_EMPTY_PATH) is an empty path; before, a bad address. */
static bool kernel_takes_null(void)
{
	struct stat st;

	return syscall(SYS_newfstatat, AT_FDCWD, NULL, &st, AT_EMPTY_PATH) == 0 || errno != EFAULT;
}

static void null_is_empty(struct request *request, unsigned at_flags)
{
	struct request_path *path = &request->paths[0];

	if (path->null && (at_flags & AT_EMPTY_PATH) && kernel_takes_null()) {
		path->err = 0;
		path->len = 0;
		path->text[0] = '\0';
	}
}

void handle_stat(struct broker *b, struct call *call)
{
	struct request *request = &call->request;
	bool at = request->row->n_args == 4;
	unsigned flags = at ? at_flags_of(request) : request->nr == NR_lstat ? AT_SYMLINK_NOFOLLOW : 0;
	const struct object *object = &call->objects[0];
	struct stat st;
	int r;

	if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | 0x6000)) {
		act_error(call, EINVAL);
		return;
	}
	null_is_empty(request, flags);
	if (!look_up(b, call, 0, resolve_flags(flags), WANT_LOOKUP) || !need_found(call, 0))
		return;
	if (object->state == OBJECT_DESCRIPTOR)
		r = request->paths[0].len && (flags & AT_SYMLINK_NOFOLLOW) ?
			    stat_descriptor_link(request->tid, object->self_fd, &st) :
			    stat_descriptor(b, request->tid, object->self_fd, &st);
	else
		r = fstat(object->fd, &st) < 0 ? -errno : 0;
	if (r < 0)
		act_emulate(call, r);
	else
		give_back(call, request->args[at ? 2 : 1], &st, sizeof st);
}

void handle_statx(struct broker *b, struct call *call)
{
	struct request *request = &call->request;
	unsigned flags = (unsigned)request->args[2], mask = (unsigned)request->args[3];
	const struct object *object = &call->objects[0];
	struct statx stx;
	char path[64] = "";
	int dirfd, r;

	if ((flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | 0x6000)) ||
	    (flags & 0x6000) == 0x6000 || (mask & STATX__RESERVED)) {
		act_error(call, EINVAL);
		return;
	}
	null_is_empty(request, flags);
	if (!look_up(b, call, 0, resolve_flags(flags), WANT_LOOKUP) || !need_found(call, 0))
		return;
	dirfd = object->fd;
	if (object->state == OBJECT_DESCRIPTOR) {
		dirfd = AT_FDCWD;
		snprintf(path, sizeof path, "/proc/%d/fd/%d", request->tid, object->self_fd);
	}
	memset(&stx, 0, sizeof stx);
	r = statx(dirfd, path, (int)((flags & 0x6000) | (*path ? 0 : AT_EMPTY_PATH)), mask, &stx);
	if (r < 0)
		act_emulate(call, errno == ENOENT && *path ? -EBADF : -errno);
	else
		give_back(call, request->args[4], &stx, sizeof stx);
}

/* Write access to what may only be read: the honest answer is no, and asking is no offence. */
static bool answer_write_access(struct call *call, unsigned mode)
{
	const struct grant *grant = call->decision.grant;

	if (!(mode & W_OK) || (grant && (grant->extra & WANT_WRITE)))
		return false;
	act_emulate(call, -EACCES);
	return true;
}

void handle_access(struct broker *b, struct call *call)
{
	struct request *request = &call->request;
	unsigned mode = (unsigned)request->args[request->row->n_args == 2 ? 1 : 2];
	/* faccessat(2) has no flags; only faccessat2 has. */
	unsigned flags = request->row->n_args == 4 ? at_flags_of(request) : 0;
	const struct object *object = &call->objects[0];
	char path[64] = "";
	int dirfd;
	long r;

	if ((mode & ~7u) || (flags & ~(unsigned)(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))) {
		act_error(call, EINVAL);
		return;
	}
	if (!look_up(b, call, 0, resolve_flags(flags), WANT_LOOKUP) || !need_found(call, 0))
		return;
	if (object->state != OBJECT_DESCRIPTOR && answer_write_access(call, mode))
		return;
	dirfd = object->fd;
	if (object->state == OBJECT_DESCRIPTOR) {
		dirfd = AT_FDCWD;
		snprintf(path, sizeof path, "/proc/%d/fd/%d", request->tid, object->self_fd);
	}
	r = syscall(SYS_faccessat2, dirfd, path, mode,
		    (flags & (unsigned)AT_EACCESS) | (*path ? 0u : (unsigned)AT_EMPTY_PATH));
	act_emulate(call, r < 0 ? -errno : 0);
}

/*
 * The text behind one of the tracee's own descriptors. A path outside the grants is not told:
 * where stdin comes from is nothing the program was given.
 */
static ssize_t descriptor_text(struct broker *b, pid_t tid, int fd, char *text, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/fd/%d", tid, fd);
	n = readlink(path, text, size);
	if (n < 0)
		return -errno;
	if (text[0] == '/' && policy_decide_path(b->options->policy, WANT_LOOKUP, text, (size_t)n).action !=
				      ACTION_ALLOW)
		return -EACCES;
	return n;
}

/*
 * Was the call refused only because PATH is in the program's own directory in /proc, which nothing can
 * grant? The resolver writes every name of that directory as "self". PATH may hold wildcards.
 */
static bool is_own(const struct call *call, const char *path)
{
	const struct object *object = &call->objects[0];

	return object->state == OBJECT_BLOCKED && fnmatch(path, object->path, FNM_PATHNAME) == 0 &&
	       streq(call->decision.rule.ref, "builtin:never");
}

void handle_readlink(struct broker *b, struct call *call)
{
	struct request *request = &call->request;
	unsigned at = request->row->n_args == 4;
	uint64_t addr = request->args[at + 1];
	int size = (int)request->args[at + 2];
	const struct object *object = &call->objects[0];
	char text[PATH_MAX];
	ssize_t n;

	if (size <= 0) {
		act_error(call, EINVAL);
		return;
	}
	/* readlinkat(fd, "") needs no AT_EMPTY_PATH (Linux 2.6.39). */
	if (!look_up(b, call, 0, at ? RESOLVE_EMPTY_PATH : 0, WANT_LOOKUP)) {
		if (!is_own(call, "/proc/self/exe"))
			return;
		call->decision = (struct decision){ .action = ACTION_ALLOW, .rule = rule_descriptor };
		n = (ssize_t)MIN(strlen(b->options->executable), sizeof text);
		memcpy(text, b->options->executable, (size_t)n);
	} else if (!need_found(call, 0)) {
		return;
	} else if (object->state == OBJECT_DESCRIPTOR) {
		if (request->paths[0].len == 0) {
			/* An O_PATH descriptor of a link; nothing else has text. */
			_cleanup_close_ int fd = borrow_fd(b, request->tid, object->self_fd);

			n = fd < 0 ? fd : readlinkat(fd, "", text, sizeof text);
			if (n < 0 && fd >= 0)
				n = errno == EINVAL ? -ENOENT : -errno;
		} else {
			n = descriptor_text(b, request->tid, object->self_fd, text, sizeof text);
		}
	} else {
		n = readlinkat(object->fd, "", text, sizeof text);
		/* What is no link answers ENOENT to an empty path, EINVAL to its name. */
		n = n < 0 ? (errno == ENOENT ? -EINVAL : -errno) : n;
	}
	if (n < 0) {
		act_emulate(call, n);
		return;
	}
	n = MIN(n, (ssize_t)size);
	give_back(call, addr, text, (size_t)n);
	if (call->result == 0)
		call->result = n;
}

void handle_statfs(struct broker *b, struct call *call)
{
	const struct object *object = &call->objects[0];
	struct statfs st;
	_cleanup_close_ int borrowed = -1;
	int fd;

	if (!look_up(b, call, 0, RESOLVE_FOLLOW, WANT_LOOKUP) || !need_found(call, 0))
		return;
	fd = object->fd;
	if (object->state == OBJECT_DESCRIPTOR)
		fd = borrowed = borrow_fd(b, call->request.tid, object->self_fd);
	if (fd < 0)
		act_emulate(call, fd);
	else if (fstatfs(fd, &st) < 0)
		act_emulate(call, -errno);
	else
		give_back(call, call->request.args[1], &st, sizeof st);
}

/* ------------------------------------------------------------------ open */

static unsigned open_want(uint64_t flags)
{
	unsigned want = 0;

	if (flags & O_PATH)
		return WANT_LOOKUP;
	if ((flags & O_ACCMODE) != O_WRONLY)
		want |= WANT_READ;
	if ((flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC | FLAG_TMPFILE)))
		want |= WANT_WRITE;
	return want;
}

/* What open(2) does to its flags before openat2(2)'s strict check: fs/open.c build_open_how(). */
static void normalise(struct open_how *how)
{
	how->flags &= VALID_OPEN_FLAGS;
	if (how->flags & O_PATH)
		how->flags &= PATH_FLAGS;
	if (!(how->flags & (O_CREAT | FLAG_TMPFILE)))
		how->mode = 0;
	how->resolve = 0;
}

/* openat2(2)'s own checks, in its order. A nonzero errno answers the call. */
static int check_how(const struct request *request)
{
	const struct open_how *how = &request->how;

	if (request->how_err)
		return request->how_err;
	if ((how->flags & ~(uint64_t)VALID_OPEN_FLAGS) || (how->resolve & ~UINT64_C(0x3f)))
		return EINVAL;
	if ((how->flags & O_PATH) && (how->flags & ~(uint64_t)PATH_FLAGS))
		return EINVAL;
	if (how->flags & (O_CREAT | FLAG_TMPFILE) ? (how->mode & ~UINT64_C(07777)) != 0 : how->mode != 0)
		return EINVAL;
	return 0;
}

/* The call becomes openat2(DIRFD, PATH, HOW), with PATH and HOW in the call's slot of the scratch. */
static void rewrite_openat2(struct broker *b, struct call *call, int dirfd, const char *path,
			    const struct open_how *how)
{
	struct user_regs_struct *regs = act_rewrite(call);

	scratch_put(b->scratch, call->slot, path, strlen(path), how, sizeof *how);
	regs->orig_rax = NR_openat2;
	regs->rdi = (unsigned long long)dirfd;
	regs->rsi = scratch_path_address(call->slot);
	regs->rdx = scratch_how_address(call->slot);
	regs->r10 = sizeof *how;
}

/* Sends the kernel to the object by its canonical name beneath its grant's root. */
static void rewrite_open(struct broker *b, struct call *call, const struct object *object)
{
	int root = resolver_root_of(b->resolver, object->grant);
	const char *rest = resolver_rest(object->grant, object->path);
	struct open_how how = call->request.how;

	call->slot = root < 0 ? -1 : scratch_take(b->scratch);
	if (call->slot < 0) {
		act_emulate(call, root < 0 ? -ENOENT : -EMFILE);
		return;
	}
	/* FASYNC would send signals to whoever the program names. */
	how.flags &= ~(uint64_t)(FLAG_ASYNC | O_CREAT | O_EXCL | O_TRUNC);
	how.mode = 0;
	how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
	/* What was found without crossing a mount is opened so: none can be moved into its way. */
	if (object->one_mount)
		how.resolve |= RESOLVE_NO_XDEV;
	rewrite_openat2(b, call, b->reserved_fd + root, rest, &how);
}

/* May a duplicate of a descriptor opened with HAVE stand for a new one with WANT? */
static bool mode_covers(uint64_t have, uint64_t want)
{
	have &= O_ACCMODE;
	want &= O_ACCMODE;
	return have == O_RDWR || have == want;
}

/* The flags that FD was opened with. One that can only be looked at has none: the kernel tells them in /proc. */
static int flags_of(pid_t tid, int fd, int borrowed)
{
	_cleanup_free_ char *text = NULL;
	char path[48];
	const char *flags;
	int have = fcntl(borrowed, F_GETFL);

	if (have < 0 || !(have & O_PATH))
		return have;
	snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", tid, fd);
	if (read_file(AT_FDCWD, path, 65536, &text, NULL) < 0)
		return -1;
	flags = strstr(text, "flags:\t");
	return flags ? (int)strtol(flags + strlen("flags:\t"), NULL, 8) : -1;
}

/* Opening one of its own descriptors by name must not raise what it may do: it is duplicated. */
static void duplicate_descriptor(struct broker *b, struct call *call, const struct object *object)
{
	const struct open_how *how = &call->request.how;
	_cleanup_close_ int fd = borrow_fd(b, call->request.tid, object->self_fd);
	struct user_regs_struct *regs;
	struct stat st;
	int have;

	if (fd < 0) {
		act_emulate(call, fd == -EBADF ? -ENOENT : fd);
		return;
	}
	have = flags_of(call->request.tid, object->self_fd, fd);
	if ((how->flags & O_DIRECTORY) && (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))) {
		act_emulate(call, -ENOTDIR);
		return;
	}
	if (have < 0 || !mode_covers((uint64_t)have, how->flags)) {
		act_deny(b, call, 0);
		return;
	}
	if (alias_waits(b, call))
		return;
	regs = act_rewrite(call);
	regs->orig_rax = SYS_fcntl;
	regs->rdi = (unsigned long long)object->self_fd;
	regs->rsi = how->flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD;
	regs->rdx = 0;
}

/* The copy of its memory map, by its own name in /proc: a new open file with an offset of its own. */
static void open_maps(struct broker *b, struct call *call)
{
	const struct open_how how = { .flags = call->request.how.flags & (O_CLOEXEC | O_NONBLOCK) };
	char path[32];

	/* None is kept for this program, too long, or gone: refused as the file itself is. */
	if (b->maps_fd < 0 || maps_copy_fill(b->maps_fd, call->request.tgid) < 0)
		return;
	call->decision = (struct decision){ .action = ACTION_ALLOW, .rule = rule_descriptor };
	call->slot = scratch_take(b->scratch);
	if (call->slot < 0) {
		act_emulate(call, -EMFILE);
		return;
	}
	snprintf(path, sizeof path, "/proc/self/fd/%d", b->maps_number);
	rewrite_openat2(b, call, AT_FDCWD, path, &how);
}

/* What the C library reads in the program's own directory in /proc, after it has been refused. */
static void open_own(struct broker *b, struct call *call)
{
	if (is_own(call, "/proc/self/maps"))
		open_maps(b, call);
	else if (is_own(call, "/proc/self/task/*/comm") || is_own(call, "/proc/thread-self/comm"))
		act_hide(call, rule_syscall, ENOENT); /* pthread_getname_np(3): a name is a help, no more */
}

void handle_open(struct broker *b, struct call *call)
{
	struct request *request = &call->request;
	struct open_how *how = &request->how;
	const struct object *object = &call->objects[0];
	unsigned flags;

	if (request->nr == NR_openat2) {
		int err = check_how(request);

		if (err) {
			act_error(call, err);
			return;
		}
		/* Its own resolve bits would have to hold together with the broker's: programs fall back. */
		if (how->resolve) {
			act_hide(call, rule_syscall, ENOSYS);
			return;
		}
	} else {
		normalise(how);
	}
	flags = how->flags & O_NOFOLLOW || (how->flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL) ?
			0 :
			RESOLVE_FOLLOW;
	if (!look_up(b, call, 0, flags, open_want(how->flags))) {
		if (open_want(how->flags) == WANT_READ && !(how->flags & O_DIRECTORY))
			open_own(b, call);
		return;
	}
	if (!need_found(call, 0))
		return;
	if (object->state == OBJECT_DESCRIPTOR) {
		duplicate_descriptor(b, call, object);
	} else if ((how->flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)) {
		act_emulate(call, -EEXIST);
	} else if (!object->grant) {
		/* An ancestor of a grant: it may be looked at, not held. */
		act_deny(b, call, 0);
	} else {
		rewrite_open(b, call, object);
	}
}

/* ------------------------------------------------------------------ directories, writes, exec */

void handle_chdir(struct broker *b, struct call *call)
{
	const struct object *object = &call->objects[0];
	struct user_regs_struct *regs;
	struct stat st;

	if (!look_up(b, call, 0, RESOLVE_FOLLOW, WANT_LOOKUP) || !need_found(call, 0))
		return;
	if (object->state == OBJECT_DESCRIPTOR) {
		regs = act_rewrite(call);
		regs->orig_rax = SYS_fchdir;
		regs->rdi = (unsigned long long)object->self_fd;
		return;
	}
	if (fstat(object->fd, &st) < 0 || !S_ISDIR(st.st_mode)) {
		act_emulate(call, -ENOTDIR);
		return;
	}
	call->slot = object->len < PATH_MAX ? scratch_take(b->scratch) : -1;
	if (call->slot < 0) {
		act_emulate(call, -ENOMEM);
		return;
	}
	scratch_put(b->scratch, call->slot, object->path, object->len, NULL, 0);
	regs = act_rewrite(call);
	regs->rdi = scratch_path_address(call->slot);
}

/*
 * Nothing that a path names may be created, changed or removed. What the kernel would say before
 * it came to that is said first, so that makedirs(exist_ok=True) of a granted directory works.
 */
void handle_write_path(struct broker *b, struct call *call)
{
	struct request *request = &call->request;
	unsigned n;

	for (n = 0; n < request->n_paths; n++) {
		if (request->paths[n].null) {
			act_deny(b, call, 0);
			return;
		}
		if (!look_up(b, call, n, 0, WANT_CHANGE)) {
			if (call->decision.action == ACTION_DENY &&
			    call->objects[n].state == OBJECT_FOUND &&
			    strncmp(request->row->name, "mkdir", 5) == 0)
				act_hide(call, rule_syscall, EEXIST);
			return;
		}
	}
	/* A writable object (/dev/null) may be written to, not renamed, re-owned or removed. */
	act_deny(b, call, 0);
}

/* Extended attributes: as on a file system that has none. */
void handle_read_xattr(struct broker *b, struct call *call)
{
	if (call->request.n_paths > 0 && !look_up(b, call, 0, RESOLVE_FOLLOW, WANT_LOOKUP))
		return;
	if (call->request.n_paths > 0 && !need_found(call, 0))
		return;
	act_hide(call, rule_syscall, EOPNOTSUPP);
}

void handle_exec(struct broker *b, struct call *call)
{
	bool empty = call->request.nr == SYS_execveat && (call->request.args[4] & AT_EMPTY_PATH);

	if (!look_up(b, call, 0, RESOLVE_FOLLOW | (empty ? RESOLVE_EMPTY_PATH : 0u), WANT_EXEC))
		return;
	act_deny(b, call, 0);
}
