/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that name a file by its path. Each resolves its paths, asks the policy, and then either
 * answers from the descriptor that the resolver holds (emulate) or sends the kernel to the canonical
 * name beneath the grant's root, from the sealed scratch (rewrite).
 */
#include "supervisor/handlers/handlers.h"

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

#include "policy/exec.h"
#include "supervisor/handlers/look_up.h"
#include "supervisor/handlers/own_file.h"
#include "supervisor/lend.h"
#include "tracee/maps_copy.h"

enum {
	/* include/linux/fcntl.h VALID_OPEN_FLAGS; include/uapi/asm-generic/fcntl.h */
	FLAG_ASYNC = 020000, FLAG_TMPFILE = 020000000,
	VALID_OPEN_FLAGS = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_DSYNC |
			   04000000 | FLAG_ASYNC | O_DIRECT | ABI_O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW |
			   O_NOATIME | O_CLOEXEC | O_PATH | FLAG_TMPFILE,
	PATH_FLAGS = O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC,
};

static const struct rule rule_descriptor = { RULE_READ, "descriptor", "builtin:descriptors" };

bool look_up(const struct view *view, struct call *call, unsigned n, unsigned flags, unsigned want,
	     struct plan *plan)
{
	const struct policy *policy = view->ground->policy;
	const struct request *request = &call->request;
	const struct request_path *path = &request->paths[n];
	struct object *object = &call->objects[n];
	struct decision decision;

	call->decided = n;
	call->resolve_flags = flags;
	if (path->err) {
		*plan = plan_error(path->err);
		return false;
	}
	resolve(view->resolver, request->tgid, request->tid, path->dirfd, view->ground->reserved_fd, path->text,
		path->len, flags, object);
	if (object->state == OBJECT_ERROR && !object->whole) {
		*plan = plan_error(object->err);
		return false;
	}
	if (object->state == OBJECT_DESCRIPTOR)
		decision = (struct decision){ .action = ACTION_ALLOW, .rule = rule_descriptor };
	else
		decision = policy_decide_path(policy, want, object->path, object->len);
	/* The resolver stopped here because nothing lets it go on. A decision that allows would
	 * contradict it, and nothing was looked at that could be answered. */
	if (object->state == OBJECT_BLOCKED && decision.action == ACTION_ALLOW)
		decision = policy_decide_refused(policy, 0);
	if (decision.action != ACTION_ALLOW) {
		*plan = plan_refuse(decision);
		return false;
	}
	*plan = plan_answer_by(decision, object->state == OBJECT_ERROR ? -object->err : 0);
	return object->state != OBJECT_ERROR;
}

/* FOUND, and a directory where the path asked for one; otherwise PLAN answers. */
static bool need_found(const struct call *call, unsigned n, struct plan *plan)
{
	const struct object *object = &call->objects[n];
	struct stat st;

	if (object->state == OBJECT_ABSENT)
		plan->result = -object->err;
	else if (object->state == OBJECT_FOUND && object->directory &&
		 (fstat(object->fd, &st) < 0 || !S_ISDIR(st.st_mode)))
		plan->result = -ENOTDIR;
	else
		return true;
	return false;
}

/* look_up() and need_found(). True: PLAN is an answer, 0, by the rule that allowed the look. */
static bool find(const struct view *view, struct call *call, unsigned flags, unsigned want, struct plan *plan)
{
	return look_up(view, call, 0, flags, want, plan) && need_found(call, 0, plan);
}

/* PLAN with RESULT, and on success SIZE bytes of DATA for ADDR. */
static struct plan give_back(struct call *call, struct plan plan, int64_t result, uint64_t addr, const void *data,
			     size_t size)
{
	plan.result = result;
	if (result >= 0)
		plan_write(call, addr, data, size);
	return plan;
}

/* PLAN with the decision of BY. */
static struct plan by_decision(struct plan by, struct plan plan)
{
	plan.decision = by.decision;
	return plan;
}

/* fstat(2) of the tracee's own descriptor, on a duplicate, which costs half of a look in /proc. */
static int stat_descriptor(const struct view *view, pid_t tid, int fd, struct stat *st)
{
	_cleanup_close_ int own = lend_look(view, tid, fd);

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

/* ------------------------------------------------------------------ what the program is */

/*
 * Does PLAN refuse the call only because PATH is in the program's own directory in /proc, which nothing can
 * grant? The resolver writes that directory as "self" by whatever name it was reached. PATH may hold wildcards.
 */
bool is_own_name(const struct call *call, const struct plan *plan, const char *path)
{
	const struct object *object = &call->objects[0];

	return object->state == OBJECT_BLOCKED && fnmatch(path, object->path, FNM_PATHNAME) == 0 &&
	       streq(plan->decision.rule.ref, "builtin:never");
}

const char *executable_of(const struct view *view, pid_t tgid)
{
	const struct process *process = tasks_process(view->tasks, tgid);

	return process && process->program ? process->program->path : view->ground->executable;
}

/* The name of a link in the program's own directory in /proc that is answered: its executable, its working directory. */
static const char *own_link(const struct call *call, const struct plan *plan)
{
	static const char *const names[] = { "exe", "cwd" };
	char path[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof path, "/proc/self/%s", names[i]);
		if (is_own_name(call, plan, path))
			return names[i];
	}
	return NULL;
}

/* What such a link says, or -errno. Where the program is it can ask by getcwd(2), too. */
static ssize_t own_link_text(const struct view *view, const struct call *call, const char *name, char *text, size_t size)
{
	const char *executable = executable_of(view, call->request.tgid);
	char path[64];
	ssize_t n;

	if (streq(name, "exe")) {
		n = (ssize_t)MIN(strlen(executable), size);
		memcpy(text, executable, (size_t)n);
		return n;
	}
	snprintf(path, sizeof path, "/proc/%d/%s", call->request.tid, name);
	n = readlink(path, text, size);
	return n < 0 ? -errno : n;
}

/* Where the supervisor looks at such a link, without following it; for FOLLOW at the executable itself. PLAN becomes an
 * answer, 0. NULL: PLAN stays. */
static const char *own_link_at(const struct view *view, const struct call *call, bool follow, struct plan *plan,
			       char room[64])
{
	const char *name = own_link(call, plan);

	if (!name || (follow && !streq(name, "exe")))
		return NULL;
	snprintf(room, 64, "/proc/%d/%s", call->request.tid, name);
	*plan = plan_answer_by((struct decision){ .action = ACTION_ALLOW, .rule = rule_descriptor }, 0);
	return follow ? executable_of(view, call->request.tgid) : room;
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

enum { SYNC_FLAGS = AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC };

struct plan handle_stat(const struct view *view, struct call *call)
{
	struct request *request = &call->request;
	bool at = request->nr == SYS_newfstatat;
	unsigned flags = at ? at_flags_of(request) : request->nr == SYS_lstat ? AT_SYMLINK_NOFOLLOW : 0;
	const struct object *object = &call->objects[0];
	const char *own;
	struct plan plan;
	struct stat st;
	char path[64];
	int r;

	if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | SYNC_FLAGS))
		return plan_error(EINVAL);
	null_is_empty(request, flags);
	if (!find(view, call, resolve_flags(flags) | RESOLVE_LOOK, WANT_LOOKUP, &plan)) {
		own = own_link_at(view, call, resolve_flags(flags) & RESOLVE_FOLLOW, &plan, path);
		if (!own)
			return plan;
		r = lstat(own, &st) < 0 ? -errno : 0;
	} else if (object->looked)
		return give_back(call, plan, 0, request->args[at ? 2 : 1], &object->st, sizeof object->st);
	else if (object->state == OBJECT_DESCRIPTOR)
		r = request->paths[0].len && (flags & AT_SYMLINK_NOFOLLOW) ?
			    stat_descriptor_link(request->tid, object->self_fd, &st) :
			    stat_descriptor(view, request->tid, object->self_fd, &st);
	else
		r = fstat(object->fd, &st) < 0 ? -errno : 0;
	return give_back(call, plan, r, request->args[at ? 2 : 1], &st, sizeof st);
}

/*
 * How OBJECT is looked at: by its descriptor and an empty path, or for a descriptor of the program's own by the link
 * in /proc. Returns the descriptor; RET_PATH is the path.
 */
static int look_at(const struct request *request, const struct object *object, char ret_path[64])
{
	ret_path[0] = '\0';
	if (object->state != OBJECT_DESCRIPTOR)
		return object->fd;
	snprintf(ret_path, 64, "/proc/%d/fd/%d", request->tid, object->self_fd);
	return AT_FDCWD;
}

struct plan handle_statx(const struct view *view, struct call *call)
{
	struct request *request = &call->request;
	unsigned flags = (unsigned)request->args[2], mask = (unsigned)request->args[3];
	const struct object *object = &call->objects[0];
	struct statx stx;
	const char *own;
	struct plan plan;
	char path[64];
	int dirfd, r;

	if ((flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | SYNC_FLAGS)) ||
	    (flags & SYNC_FLAGS) == SYNC_FLAGS || (mask & STATX__RESERVED))
		return plan_error(EINVAL);
	null_is_empty(request, flags);
	memset(&stx, 0, sizeof stx);
	if (!find(view, call, resolve_flags(flags), WANT_LOOKUP, &plan)) {
		own = own_link_at(view, call, resolve_flags(flags) & RESOLVE_FOLLOW, &plan, path);
		if (!own)
			return plan;
		r = statx(AT_FDCWD, own, (int)(flags & SYNC_FLAGS) | AT_SYMLINK_NOFOLLOW, mask, &stx);
		return give_back(call, plan, r < 0 ? -errno : 0, request->args[4], &stx, sizeof stx);
	}
	dirfd = look_at(request, object, path);
	r = statx(dirfd, path, (int)((flags & SYNC_FLAGS) | (*path ? 0 : AT_EMPTY_PATH)), mask, &stx);
	if (r < 0)
		r = errno == ENOENT && *path ? -EBADF : -errno;
	return give_back(call, plan, r, request->args[4], &stx, sizeof stx);
}

/* Write access to what may only be read: the honest answer is no, and the question is no violation. */
static bool is_write_access_refused(const struct view *view, const struct object *object, unsigned mode)
{
	return (mode & W_OK) &&
	       policy_decide_path(view->ground->policy, WANT_WRITE, object->path, object->len).action != ACTION_ALLOW;
}

struct plan handle_access(const struct view *view, struct call *call)
{
	struct request *request = &call->request;
	unsigned mode = (unsigned)request->args[request->nr == SYS_access ? 1 : 2];
	/* faccessat(2) has no flags; only faccessat2 has. */
	unsigned flags = request->nr == SYS_faccessat2 ? at_flags_of(request) : 0;
	const struct object *object = &call->objects[0];
	struct plan plan;
	char path[64];
	int dirfd;

	if ((mode & ~7u) || (flags & ~(unsigned)(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return plan_error(EINVAL);
	if (!find(view, call, resolve_flags(flags), WANT_LOOKUP, &plan))
		return plan;
	if (object->state != OBJECT_DESCRIPTOR && is_write_access_refused(view, object, mode)) {
		plan.result = -EACCES;
		return plan;
	}
	dirfd = look_at(request, object, path);
	if (syscall(SYS_faccessat2, dirfd, path, mode,
		    (flags & (unsigned)AT_EACCESS) | (*path ? 0u : (unsigned)AT_EMPTY_PATH)) < 0)
		plan.result = -errno;
	return plan;
}

/*
 * The link text of one of the tracee's own descriptors. A path outside the grants is not told:
 * the program was not given where stdin comes from.
 */
static ssize_t descriptor_text(const struct view *view, pid_t tid, int fd, char *text, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/fd/%d", tid, fd);
	n = readlink(path, text, size);
	if (n < 0)
		return -errno;
	if (text[0] == '/' && policy_decide_path(view->ground->policy, WANT_LOOKUP, text, (size_t)n).action !=
				      ACTION_ALLOW)
		return -EACCES;
	return n;
}

/* The text of the link that was found, or of a descriptor's link; returns its length, or -errno. */
static ssize_t link_text(const struct view *view, const struct call *call, char *text, size_t size)
{
	const struct request *request = &call->request;
	const struct object *object = &call->objects[0];
	_cleanup_close_ int fd = -1;
	ssize_t n;

	if (object->state != OBJECT_DESCRIPTOR) {
		n = readlinkat(object->fd, "", text, size);
		/* A file that is no link gives ENOENT for an empty path, EINVAL for its name. */
		return n < 0 ? (errno == ENOENT ? -EINVAL : -errno) : n;
	}
	if (request->paths[0].len)
		return descriptor_text(view, request->tid, object->self_fd, text, size);
	/* An O_PATH descriptor of a link; nothing else has text. */
	fd = lend_look(view, request->tid, object->self_fd);
	n = fd < 0 ? fd : readlinkat(fd, "", text, size);
	if (n < 0 && fd >= 0)
		n = errno == EINVAL ? -ENOENT : -errno;
	return n;
}

struct plan handle_readlink(const struct view *view, struct call *call)
{
	const struct request *request = &call->request;
	unsigned at = request->nr == SYS_readlinkat;
	int size = (int)request->args[at + 2];
	const char *own;
	struct plan plan;
	char text[PATH_MAX];
	ssize_t n;

	if (size <= 0)
		return plan_error(EINVAL);
	/* readlinkat(fd, "") needs no AT_EMPTY_PATH (Linux 2.6.39). */
	if (!look_up(view, call, 0, at ? RESOLVE_EMPTY_PATH : 0, WANT_LOOKUP, &plan)) {
		own = own_link(call, &plan);
		if (!own)
			return plan;
		plan = plan_answer_by((struct decision){ .action = ACTION_ALLOW, .rule = rule_descriptor }, 0);
		n = own_link_text(view, call, own, text, sizeof text);
	} else if (!need_found(call, 0, &plan)) {
		return plan;
	} else {
		n = link_text(view, call, text, sizeof text);
	}
	n = MIN(n, (ssize_t)size);
	return give_back(call, plan, n, request->args[at + 1], text, n < 0 ? 0 : (size_t)n);
}

struct plan handle_statfs(const struct view *view, struct call *call)
{
	const struct object *object = &call->objects[0];
	_cleanup_close_ int borrowed = -1;
	struct plan plan;
	struct statfs st;
	int fd, r;

	if (!find(view, call, RESOLVE_FOLLOW, WANT_LOOKUP, &plan))
		return plan;
	fd = object->fd;
	if (object->state == OBJECT_DESCRIPTOR)
		fd = borrowed = lend_look(view, call->request.tid, object->self_fd);
	r = fd < 0 ? fd : fstatfs(fd, &st) < 0 ? -errno : 0;
	return give_back(call, plan, r, call->request.args[1], &st, sizeof st);
}

/* ------------------------------------------------------------------ open */

static unsigned open_want(uint64_t flags)
{
	unsigned want = 0;

	if (flags & O_PATH)
		return WANT_HOLD;
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

/* The kernel is sent to the object by its canonical name beneath its grant's root. */
static struct plan open_beneath_root(const struct view *view, const struct call *call, struct plan by)
{
	const struct object *object = &call->objects[0];
	int root = resolver_root_of(view->resolver, object->grant);
	struct plan plan = { .kind = PLAN_OPEN, .decision = by.decision, .how = call->request.how };

	if (root < 0) {
		by.result = -ENOENT;
		return by;
	}
	plan.dirfd = view->ground->reserved_fd + root;
	plan.path = resolver_rest(object->grant, object->path);
	/* FASYNC would send signals to any process that the program names. */
	plan.how.flags &= ~(uint64_t)FLAG_ASYNC;
	if (!grant_writes(object->grant)) {
		plan.how.flags &= ~(uint64_t)(O_CREAT | O_EXCL | O_TRUNC);
		plan.how.mode = 0;
	}
	plan.how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
	/* What was found without crossing a mount is opened without crossing one: none can be moved into the way. */
	if (object->one_mount)
		plan.how.resolve |= RESOLVE_NO_XDEV;
	return plan;
}

/* May a duplicate of a descriptor opened with HAVE stand for a new one with WANT? */
static bool mode_covers(uint64_t have, uint64_t want)
{
	have &= O_ACCMODE;
	want &= O_ACCMODE;
	return have == O_RDWR || have == want;
}

/* Opening one of the program's own descriptors by name must not allow more than it does: it is duplicated. */
static struct plan duplicate_descriptor(const struct view *view, const struct call *call, struct plan by)
{
	const struct open_how *how = &call->request.how;
	int number = call->objects[0].self_fd;
	_cleanup_close_ int fd = lend_look(view, call->request.tid, number);
	struct plan plan = plan_call(call);
	struct stat st;
	int have;

	if (fd < 0) {
		by.result = fd == -EBADF ? -ENOENT : fd;
		return by;
	}
	have = lend_flags(call->request.tid, number, fd);
	if ((how->flags & O_DIRECTORY) && (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))) {
		by.result = -ENOTDIR;
		return by;
	}
	if (have < 0 || !mode_covers((uint64_t)have, how->flags))
		return plan_deny(view->ground->policy, 0);
	plan.nr = SYS_fcntl;
	plan.args[0] = (uint64_t)number;
	plan.args[1] = how->flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD;
	plan.args[2] = 0;
	return as_alias(view, call, by_decision(by, plan));
}

/* Opens the copy of the program's memory map, by its name in /proc: a new open file with an offset of its own. If no
 * copy is kept for this program, or the map is too long or gone: REFUSAL, as for the file itself. */
static struct plan open_maps(const struct view *view, const struct call *call, struct plan refusal)
{
	const struct ground *ground = view->ground;
	struct plan plan = {
		.kind = PLAN_OPEN,
		.decision = { .action = ACTION_ALLOW, .rule = rule_descriptor },
		.dirfd = AT_FDCWD,
		.how = { .flags = call->request.how.flags & (O_CLOEXEC | O_NONBLOCK) },
	};

	if (ground->maps_fd < 0 || maps_copy_fill(ground->maps_fd, call->request.tgid) < 0)
		return refusal;
	snprintf(plan.name, sizeof plan.name, "/proc/self/fd/%d", ground->maps_number);
	return plan;
}

/* The name of a file of the program's own in /proc that tells figures of its process: its times, its memory. A policy
 * that hides it means it. */
static const char *own_figures(const struct call *call, const struct plan *refusal)
{
	static const char *const names[] = { "stat", "statm" };
	char path[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof path, "/proc/self/%s", names[i]);
		if (is_own_name(call, refusal, path))
			return names[i];
	}
	return NULL;
}

/*
 * Gives what such a file says now: psutil and joblib, whose workers look at their own memory, open it anew each time, and
 * so does CPython 3.12 and newer, which asks at a fork how many threads there are. The file itself would go on to tell of
 * the process to whoever gets the descriptor.
 */
static struct plan give_figures(const struct view *view, struct call *call, const char *name, struct plan refusal)
{
	struct plan plan = { .kind = PLAN_GIVE, .decision = { .action = ACTION_ALLOW, .rule = rule_descriptor } };
	char text[1024];
	size_t len;

	if (view->ground->audits) {
		plan.kind = PLAN_PASS;
		plan.watch = true;
		return plan;
	}
	if (view->shared->giving)
		return plan_wait();
	len = read_proc(call->request.tgid, name, text, sizeof text);
	if (len == 0)
		return refusal;
	buf_clear(&call->out);
	buf_put(&call->out, text, len);
	plan.data = call->out.data;
	plan.data_len = len;
	return plan;
}

/* What the C library, or another one, reads in the program's own directory in /proc, after it has been refused. */
static struct plan open_own(const struct view *view, struct call *call, struct plan refusal)
{
	const char *figures = own_figures(call, &refusal);

	if (figures)
		return give_figures(view, call, figures, refusal);
	if (is_own_name(call, &refusal, "/proc/self/maps"))
		return open_maps(view, call, refusal);
	if (is_own_name(call, &refusal, "/proc/self/task/*/comm") || is_own_name(call, &refusal, "/proc/thread-self/comm"))
		return plan_hide(rule_syscall, ENOENT); /* pthread_getname_np(3): a name helps, but is not needed */
	return refusal;
}

/* Does the call's `how` decide its answer: by an error of openat2(2), or by resolve bits? These are not served: they
 * would have to hold together with the broker's, and programs fall back. */
static bool is_how_answered(struct request *request, struct plan *plan)
{
	int err;

	if (request->nr != SYS_openat2) {
		normalise(&request->how);
		return false;
	}
	err = check_how(request);
	if (err)
		*plan = plan_error(err);
	else if (request->how.resolve)
		*plan = plan_hide(rule_syscall, ENOSYS);
	else
		return false;
	return true;
}

/* An O_PATH descriptor of a counted regular file keeps the file stored, and no lease notices it. */
static void note_looked(const struct view *view, const struct object *object)
{
	struct counted *file = ledger_enter(view->ledger, object->grant, object->fd, false);

	if (file)
		ledger_looked(file);
}

/*
 * Beneath a quota a file is entered in the ledger before the program has a descriptor of it. The kernel opens it by its
 * name, so no name may change meanwhile; and no write under way may turn out to go to it (write.c).
 */
static struct plan open_counted(const struct view *view, struct call *call, struct plan by)
{
	struct object *object = &call->objects[0];
	const struct open_how *how = &call->request.how;
	const char *name;
	struct plan plan;
	struct stat st;
	int r;

	if (!ledger_may_open(view->ledger))
		return plan_wait();
	if (how->flags & FLAG_TMPFILE)
		return plan_hide((struct rule){ RULE_WRITE, "write", by.decision.rule.ref }, EOPNOTSUPP);
	if (object->state == OBJECT_FOUND && fstat(object->fd, &st) == 0 && S_ISREG(st.st_mode)) {
		if (how->flags & O_PATH)
			note_looked(view, object);
		else
			ledger_enter(view->ledger, object->grant, object->fd, false);
	} else if (object->state == OBJECT_ABSENT) {
		if (!ledger_has_room(view->ledger, object->grant, 1, 0))
			return plan_full(view, object->grant, true);
		r = resolver_hold_parent(view->resolver, object, &name);
		if (r < 0) {
			by.result = r;
			return by;
		}
	}
	plan = open_beneath_root(view, call, by);
	if (plan.kind != PLAN_OPEN)
		return plan;
	plan.ledger = LEDGER_OPEN;
	return as_alias(view, call, plan);
}

/* Would the open make the file, in a directory that a write rule grants? */
static bool makes_file(const struct call *call)
{
	const struct object *object = &call->objects[0];

	return (call->request.how.flags & O_CREAT) && object->state == OBJECT_ABSENT && object->whole &&
	       object->err == ENOENT && !object->directory && grant_writes(object->grant);
}

/*
 * Only regular files are opened for writing. A device, FIFO or socket in a granted directory reaches further than the
 * directory does; none can appear there later, for a program makes and moves none.
 */
static bool is_writing_answered(const struct view *view, const struct call *call, struct plan *plan)
{
	const struct object *object = &call->objects[0];
	const struct open_how *how = &call->request.how;
	struct stat st;

	if (!grant_writes(object->grant) || (object->state != OBJECT_FOUND && object->state != OBJECT_ABSENT))
		return false;
	if ((how->flags & (O_CREAT | FLAG_TMPFILE)) && (how->mode & (S_ISUID | S_ISGID)))
		*plan = plan_deny(view->ground->policy, EPERM);
	else if (object->state == OBJECT_FOUND && fstat(object->fd, &st) == 0 && !S_ISREG(st.st_mode) &&
		 !S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode))
		*plan = plan_deny(view->ground->policy, 0);
	else if (object->state == OBJECT_ABSENT && object->directory && (how->flags & O_CREAT))
		plan->result = object->whole && object->err == ENOENT ? -EISDIR : -object->err;
	else
		return false;
	return true;
}

/* How the path of an open for WANT is resolved. What is only read is opened by its name, and need not be held before. */
static unsigned open_flags(const struct open_how *how, unsigned want, bool exclusive)
{
	bool reads = want == WANT_READ && !(how->flags & (O_CREAT | O_PATH | FLAG_TMPFILE));

	return (how->flags & O_NOFOLLOW || exclusive ? 0u : RESOLVE_FOLLOW) | (reads ? RESOLVE_LOOK : 0u);
}

struct plan handle_open(const struct view *view, struct call *call)
{
	const struct open_how *how = &call->request.how;
	const struct object *object = &call->objects[0];
	struct plan plan;
	bool exclusive;
	unsigned want;

	if (is_how_answered(&call->request, &plan))
		return plan;
	exclusive = (how->flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
	want = open_want(how->flags);
	if (!look_up(view, call, 0, open_flags(how, want, exclusive), want, &plan))
		return want == WANT_READ && !(how->flags & O_DIRECTORY) ? open_own(view, call, plan) : plan;
	if ((want & WANT_WRITE) && is_writing_answered(view, call, &plan))
		return plan;
	if (makes_file(call))
		return ledger_counts(view->ledger, object->grant) ? open_counted(view, call, plan) :
								    open_beneath_root(view, call, plan);
	if (!need_found(call, 0, &plan))
		return plan;
	if (object->state == OBJECT_DESCRIPTOR)
		return duplicate_descriptor(view, call, plan);
	if (exclusive) {
		plan.result = -EEXIST;
		return plan;
	}
	/* An ancestor of a grant: it may be looked at, not held. */
	if (!object->grant)
		return plan_deny(view->ground->policy, 0);
	if ((want & (WANT_WRITE | WANT_HOLD)) && ledger_counts(view->ledger, object->grant))
		return open_counted(view, call, plan);
	return open_beneath_root(view, call, plan);
}

/* Is CALL's path, which was refused, the program's current directory? No grant covers it, but staying is nothing that
 * could be refused: multiprocessing's children change to the directory that their parent started in. */
static bool stays(const struct call *call, const struct plan *plan)
{
	const struct object *object = &call->objects[0];
	char link[64], path[PATH_MAX];
	ssize_t n;

	if (plan->kind != PLAN_REFUSE || object->state != OBJECT_BLOCKED)
		return false;
	snprintf(link, sizeof link, "/proc/%d/cwd", (int)call->request.tid);
	n = readlink(link, path, sizeof path);
	return n > 0 && (size_t)n == object->len && memcmp(path, object->path, object->len) == 0;
}

struct plan handle_chdir(const struct view *view, struct call *call)
{
	const struct object *object = &call->objects[0];
	struct plan plan, way = plan_call(call);
	struct stat st;

	if (!find(view, call, RESOLVE_FOLLOW, WANT_HOLD, &plan))
		return stays(call, &plan) ? plan_answer_by((struct decision){ .action = ACTION_ALLOW, .rule = rule_descriptor }, 0) :
					    plan;
	if (object->state == OBJECT_DESCRIPTOR) {
		way.nr = SYS_fchdir;
		way.args[0] = (uint64_t)object->self_fd;
		return by_decision(plan, way);
	}
	if (fstat(object->fd, &st) < 0 || !S_ISDIR(st.st_mode)) {
		plan.result = -ENOTDIR;
		return plan;
	}
	/* The kernel would follow a link that the program put in the way meanwhile. */
	if (grant_writes(object->grant)) {
		call->request.how = (struct open_how){ .flags = O_PATH | O_DIRECTORY | O_CLOEXEC };
		plan = open_beneath_root(view, call, plan);
		plan.enters = plan.kind == PLAN_OPEN;
		return plan;
	}
	if (object->len >= PATH_MAX) {
		plan.result = -ENOMEM;
		return plan;
	}
	way.data = object->path;
	way.data_len = object->len;
	way.data_arg = 0;
	return by_decision(plan, way);
}

/*
 * The name of the working directory. On a mount that no path leads to (struct detached) the kernel would call it
 * "(unreachable)": a directory of the scratch goes by its name within that mount (resolve.h).
 */
struct plan handle_getcwd(const struct view *view, struct call *call)
{
	_cleanup_close_ int fd = -1;
	char link[48], text[PATH_MAX];
	struct stat st;
	ssize_t n;

	snprintf(link, sizeof link, "/proc/%d/cwd", (int)call->request.tid);
	fd = open(link, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return plan_answer(-errno);
	if (!view->ground->detached || st.st_dev != view->ground->detached_dev)
		return plan_pass();
	if (st.st_nlink == 0)
		return plan_answer(-ENOENT);
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, text, sizeof text);
	if (n < 0 || n == sizeof text)
		return plan_answer(n < 0 ? -errno : -ENAMETOOLONG);
	text[n++] = '\0';
	if (call->request.args[1] < (uint64_t)n)
		return plan_answer(-ERANGE);
	return give_back(call, plan_answer(0), n, call->request.args[0], text, (size_t)n);
}

static bool lists_xattr(uint32_t nr)
{
	return nr == SYS_listxattr || nr == SYS_llistxattr || nr == SYS_flistxattr || nr == 465 /* listxattrat */;
}

/* Extended attributes: a file that may be looked at has none. */
struct plan handle_read_xattr(const struct view *view, struct call *call)
{
	const struct request *request = &call->request;
	bool of_link = request->nr == SYS_lgetxattr || request->nr == SYS_llistxattr;
	struct plan plan = plan_answer(0);

	if (request->n_paths > 0 && !find(view, call, of_link ? 0 : RESOLVE_FOLLOW, WANT_LOOKUP, &plan))
		return plan;
	if (view->ground->audits)
		return by_decision(plan, plan_watch());
	if (request->n_paths == 0) {
		_cleanup_close_ int fd = lend_look(view, request->tid, (int)request->args[0]);

		plan.result = fd < 0 ? fd : 0;
	}
	if (plan.result == 0 && !lists_xattr(request->nr))
		plan.result = -ENODATA;
	return plan;
}
