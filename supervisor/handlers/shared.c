/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls on names in /dev/shm that no rule of the policy names are answered from the run's own shared memory
 * (shared_memory.h). The names are not looked up in the file system, as anywhere outside the grants.
 */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "supervisor/lend.h"

static const struct rule rule_shared = { RULE_READ, "descriptor", "builtin:shared_memory" };

static struct plan served(int64_t result)
{
	return plan_answer_by((struct decision){ .action = ACTION_ALLOW, .rule = rule_shared }, result);
}

static struct plan done(enum shared_act act)
{
	struct plan plan = served(0);

	plan.kind = PLAN_SHARED;
	plan.shared = act;
	return plan;
}

static struct plan give_back(struct call *call, int64_t result, uint64_t addr, const void *data, size_t size)
{
	if (result >= 0)
		plan_write(call, addr, data, size);
	return served(result);
}

/* ------------------------------------------------------------------ calls with a path */

static struct plan stat_shared(const struct view *view, struct call *call, const char *name)
{
	struct stat st;
	int r = shared_stat(view->shared, name, &st);

	return give_back(call, r, call->request.args[call->request.nr == SYS_newfstatat ? 2 : 1], &st, sizeof st);
}

static struct statx_timestamp timestamp(const struct timespec *ts)
{
	return (struct statx_timestamp){ .tv_sec = ts->tv_sec, .tv_nsec = (uint32_t)ts->tv_nsec };
}

static struct plan statx_shared(const struct view *view, struct call *call, const char *name)
{
	struct stat st;
	int r = shared_stat(view->shared, name, &st);
	struct statx stx;

	if (r < 0)
		return served(r);
	stx = (struct statx){
		.stx_mask = STATX_BASIC_STATS,
		.stx_blksize = (uint32_t)st.st_blksize,
		.stx_nlink = (uint32_t)st.st_nlink,
		.stx_uid = st.st_uid,
		.stx_gid = st.st_gid,
		.stx_mode = (uint16_t)st.st_mode,
		.stx_ino = st.st_ino,
		.stx_size = (uint64_t)st.st_size,
		.stx_blocks = (uint64_t)st.st_blocks,
		.stx_atime = timestamp(&st.st_atim),
		.stx_mtime = timestamp(&st.st_mtim),
		.stx_ctime = timestamp(&st.st_ctim),
		.stx_dev_major = major(st.st_dev),
		.stx_dev_minor = minor(st.st_dev),
	};
	return give_back(call, 0, call->request.args[4], &stx, sizeof stx);
}

static struct plan access_shared(const struct view *view, struct call *call, const char *name)
{
	unsigned mode = (unsigned)call->request.args[call->request.nr == SYS_access ? 1 : 2];
	struct stat st;
	int r = mode & ~7u ? -EINVAL : shared_stat(view->shared, name, &st);

	/* The run owns it, so the owner's bits decide. */
	if (r == 0 && ((mode & R_OK && !(st.st_mode & S_IRUSR)) || (mode & W_OK && !(st.st_mode & S_IWUSR)) ||
		       (mode & X_OK && !(st.st_mode & S_IXUSR))))
		r = -EACCES;
	return served(r);
}

static struct plan readlink_shared(const struct view *view, struct call *call, const char *name)
{
	struct stat st;
	int r = shared_stat(view->shared, name, &st);

	(void)call;
	return served(r < 0 ? r : -EINVAL);
}

/* How much room there is: programs ask before they make shared memory. */
static struct plan statfs_shared(const struct view *view, struct call *call)
{
	uint64_t limit = view->ground->policy->limits.memory_bytes, used = view->watch->peak_memory, all, left;
	struct statfs st = { .f_type = TMPFS_MAGIC, .f_bsize = ABI_PAGE, .f_frsize = ABI_PAGE, .f_namelen = NAME_MAX };
	struct sysinfo info;

	if (sysinfo(&info) < 0)
		return served(-errno);
	all = (uint64_t)info.totalram * info.mem_unit / 2;
	left = limit == UINT64_MAX ? all : MIN(all, limit - MIN(limit, used));
	st.f_blocks = (fsblkcnt_t)(all / ABI_PAGE);
	st.f_bfree = st.f_bavail = (fsblkcnt_t)(left / ABI_PAGE);
	return give_back(call, 0, call->request.args[1], &st, sizeof st);
}

/* Makes another name in the directory, the call's second path. */
static struct plan link_shared(const struct view *view, struct call *call, const char *name)
{
	const struct request *request = &call->request;
	const struct request_path *path = &request->paths[1];
	struct object *object = &call->objects[1];

	(void)name;
	if (path->err)
		return plan_error(path->err);
	resolve(view->resolver, request->tgid, request->tid, path->dirfd, view->ground->reserved_fd, path->text, path->len,
		0, object);
	if (object->state != OBJECT_BLOCKED || object->directory || !shared_name_of(object->path))
		return plan_deny(view->ground->policy, 0);
	return done(SHARED_LINK);
}

static struct plan change_shared(const struct view *view, struct call *call, const char *name)
{
	switch (call->request.nr) {
	case SYS_unlink:
		return done(SHARED_UNLINK);
	case SYS_unlinkat:
		return (uint32_t)call->request.args[2] == 0 ? done(SHARED_UNLINK) : plan_deny(view->ground->policy, 0);
	case SYS_link:
	case SYS_linkat:
		return link_shared(view, call, name);
	default:
		return plan_deny(view->ground->policy, 0);
	}
}

/* Is CALL one that the run's own shared memory answers? */
static bool is_served(const struct call *call)
{
	switch ((enum syscall_handler)call->request.row->handler) {
	case HANDLE_OPEN:
	case HANDLE_STAT:
	case HANDLE_STATX:
	case HANDLE_ACCESS:
	case HANDLE_READLINK:
		return true;
	case HANDLE_WRITE_PATH:
		return call->request.nr == SYS_unlink || call->request.nr == SYS_unlinkat ||
		       call->request.nr == SYS_link || call->request.nr == SYS_linkat;
	default:
		return false;
	}
}

/* Does no rule of the policy itself decide? Proctor's own `never` covers devices, and with them this directory. */
static bool is_unnamed(const struct decision *decision)
{
	const struct grant *grant = decision->grant;

	return grant ? grant->rule.kind == RULE_NEVER && streq(grant->rule.ref, "builtin:never") :
		       decision->rule.kind == RULE_ON_DENY;
}

struct plan handle_shared_name(const struct view *view, struct call *call, struct plan plan)
{
	const struct object *object = &call->objects[0];
	const char *name = shared_name_of(object->path);

	if (plan.kind != PLAN_REFUSE || call->request.n_paths == 0 || call->decided != 0 ||
	    object->state != OBJECT_BLOCKED || !is_unnamed(&plan.decision))
		return plan;
	if (call->request.row->handler == HANDLE_STATFS && (name || streq(object->path, SHARED_DIRECTORY)))
		return view->ground->audits ? plan_watch() : statfs_shared(view, call);
	if (!name || !is_served(call) || object->directory)
		return plan;
	if (view->ground->audits)
		return plan_watch();
	switch ((enum syscall_handler)call->request.row->handler) {
	case HANDLE_OPEN:
		return view->shared->giving ? plan_wait() : done(SHARED_OPEN);
	case HANDLE_STAT:
		return stat_shared(view, call, name);
	case HANDLE_STATX:
		return statx_shared(view, call, name);
	case HANDLE_ACCESS:
		return access_shared(view, call, name);
	case HANDLE_READLINK:
		return readlink_shared(view, call, name);
	default:
		return change_shared(view, call, name);
	}
}

/* ------------------------------------------------------------------ calls with a descriptor */

/* In audit mode the program has the files of that directory themselves. */
static bool is_named_memory(int fd)
{
	char name[32], path[PATH_MAX];
	ssize_t n;

	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	n = readlink(name, path, sizeof path - 1);
	if (n < 0)
		return false;
	path[n] = '\0';
	return shared_name_of(path) != NULL;
}

bool is_shared_piece(const struct view *view, int fd)
{
	struct stat st;

	if (view->ground->audits)
		return is_named_memory(fd);
	return view->shared->n_pieces && fstat(fd, &st) == 0 && shared_is_piece(view->shared, &st);
}

/*
 * Shared memory is mapped as it is, for its other maps have to see what is written. Before the kernel looks at the
 * descriptor another thread could put one of the first three there: where one of those could be mapped for writing,
 * and there is another thread, the answer is no. What a write grant opened may be written to anyway.
 */
bool maps_shared_memory(const struct view *view, const struct call *call)
{
	_cleanup_close_ int fd = -1;

	if ((!view->shared->n_pieces && !view->ground->audits) || (call->request.args[3] & MAP_ANONYMOUS) ||
	    (view->ground->maps_stdio && !tasks_is_alone(view->tasks, call->request.tgid)))
		return false;
	fd = lend_look(view, call->request.tid, (int)call->request.args[4]);
	return fd >= 0 && is_shared_piece(view, fd);
}

/* The same holds for the descriptor that the program gets to map. */
struct plan map_unnamed(const struct view *view, const struct call *call)
{
	if (view->ground->maps_stdio && !tasks_is_alone(view->tasks, call->request.tgid))
		return plan_hide(rule_shared, ENOMEM);
	return view->shared->giving ? plan_wait() : done(SHARED_MAP);
}
