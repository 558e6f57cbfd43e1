/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changes a file by its descriptor. A regular file that the program has open for writing, and that is not
 * its stdin, stdout or stderr, can only come from a write grant, or is the run's own shared memory: nothing else is
 * opened so, and nothing else was inherited. It is worked on by a duplicate that the supervisor holds, so that no
 * other thread can put stdout in its place between the check and the act; where none of the three is such a file,
 * there is nothing to put there, and the filter lets these calls pass (FACT_WRITES_FREE).
 */
#include "supervisor/handlers/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/util.h"
#include "supervisor/handlers/handlers.h"
#include "supervisor/lend.h"
#include "tracee/memory.h"

enum {
	WRITE_MAX = 1 << 20, /* of one pwrite(2): what is longer is a short write, as a signal makes it */
	PARTS_MAX = 1024,    /* IOV_MAX */
	SET_ID = S_ISUID | S_ISGID,
};

bool is_own_file(const struct view *view, int fd, int flags)
{
	struct stat st;

	return view->ground->policy->writes && flags >= 0 && !(flags & O_PATH) && (flags & O_ACCMODE) != O_RDONLY &&
	       fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && !is_stdio_file(view->ground, fd, ANY_STDIO);
}

bool is_own_descriptor(const struct view *view, pid_t tid, int fd)
{
	_cleanup_close_ int lent = view->ground->policy->writes ? lend_look(view, tid, fd) : -EBADF;

	return lent >= 0 && is_own_file(view, lent, lend_flags(tid, fd, lent));
}

static bool is_own(const struct view *view, int fd)
{
	return is_own_file(view, fd, fcntl(fd, F_GETFL));
}

/* As the call itself is refused where no policy grants writing. */
static struct plan refuse(const struct view *view, const struct call *call)
{
	return plan_deny(view->ground->policy, call->request.row->err);
}

/* The contents of FD, which is not its own. The kernel's own answer, where it is open to be read alone. */
static struct plan refuse_contents(const struct view *view, const struct call *call, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && ((flags & O_PATH) || (flags & O_ACCMODE) == O_RDONLY))
		return plan_answer(call->request.nr == SYS_ftruncate && !(flags & O_PATH) ? -EINVAL : -EBADF);
	return refuse(view, call);
}

static struct plan result_of(long r)
{
	return plan_answer(r < 0 ? -errno : r);
}

/* Beyond the limit that proctor's caller set, for the program as for proctor, a signal would end proctor. */
static bool is_too_long(uint64_t offset, uint64_t size)
{
	struct rlimit limit;
	uint64_t end;

	return getrlimit(RLIMIT_FSIZE, &limit) < 0 || __builtin_add_overflow(offset, size, &end) ||
	       end > limit.rlim_cur;
}

static struct plan set_length(const struct view *view, struct call *call, int fd)
{
	int64_t length = (int64_t)call->request.args[1];

	/* Pages of shared memory come when they are written to, and count then. */
	if (!is_own(view, fd) && !is_shared_piece(view, fd))
		return refuse_contents(view, call, fd);
	if (length > 0 && is_too_long(0, (uint64_t)length))
		return plan_answer(-EFBIG);
	return result_of(ftruncate(fd, length));
}

/*
 * Allocating there fills memory before it returns, and the supervisor would look at no limit meanwhile; but not more
 * than the scratch may hold.
 */
static bool is_in_memory(const struct view *view, int fd)
{
	struct statfs fs;
	struct stat st;

	if (view->ground->detached && fstat(fd, &st) == 0 && st.st_dev == view->ground->detached_dev)
		return false;
	return fstatfs(fd, &fs) < 0 || fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC;
}

static struct plan allocate(const struct view *view, struct call *call, int fd)
{
	const uint64_t *args = call->request.args;

	if (!is_own(view, fd))
		return refuse_contents(view, call, fd);
	if ((int64_t)args[2] >= 0 && (int64_t)args[3] > 0 && is_too_long(args[2], args[3]))
		return plan_answer(-EFBIG);
	if (is_in_memory(view, fd))
		return plan_answer(-EOPNOTSUPP); /* posix_fallocate(3) writes to each page then */
	return result_of(fallocate(fd, (int)args[1], (off_t)args[2], (off_t)args[3]));
}

static struct plan set_mode(const struct view *view, struct call *call, int fd)
{
	mode_t mode = (mode_t)call->request.args[1] & 07777;

	if (!is_own(view, fd))
		return refuse(view, call);
	if (mode & SET_ID)
		return plan_deny(view->ground->policy, EPERM);
	return result_of(fchmod(fd, mode));
}

/* The owner that it has: what runs as root tells its files so (sqlite does), those too that it opened to be read.
 * Nothing is done. */
static struct plan keep_owner(const struct view *view, struct call *call, int fd)
{
	uid_t uid = (uid_t)call->request.args[1];
	gid_t gid = (gid_t)call->request.args[2];
	struct stat st;

	if (fstat(fd, &st) < 0 || (uid != (uid_t)-1 && uid != st.st_uid) ||
	    (gid != (gid_t)-1 && gid != st.st_gid))
		return refuse(view, call);
	return plan_answer(0);
}

static struct plan set_times(const struct view *view, struct call *call, int fd)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_NOW } };

	if (!is_own(view, fd))
		return refuse(view, call);
	if (call->request.args[2] && memory_read(call->request.tid, call->request.args[2], times, sizeof times) < 0)
		return plan_error(EFAULT);
	if (call->request.args[3])
		return plan_error(EINVAL);
	return result_of(futimens(fd, times));
}

/* ------------------------------------------------------------------ writing at a place */

/* SIZE bytes at ADDR to FD at OFFSET. How many were written, or -errno when none was. */
static int64_t write_at(pid_t tid, int fd, uint64_t addr, size_t size, off_t offset)
{
	_cleanup_free_ char *copy = xmalloc(size ? size : 1);
	ssize_t n;

	if (size && memory_read(tid, addr, copy, size) < 0)
		return -EFAULT;
	n = pwrite(fd, copy, size, offset);
	return n < 0 ? -errno : n;
}

static struct plan write_one(const struct view *view, struct call *call, int fd)
{
	const uint64_t *args = call->request.args;
	size_t size = (size_t)MIN(args[2], (uint64_t)WRITE_MAX);

	if (!is_own(view, fd))
		return refuse_contents(view, call, fd);
	if ((int64_t)args[3] < 0 || (int64_t)args[2] < 0)
		return plan_answer(-EINVAL);
	if (size && is_too_long(args[3], size))
		return plan_answer(-EFBIG);
	return plan_answer(write_at(call->request.tid, fd, args[1], size, (off_t)args[3]));
}

/* The first parts of pwritev(2) as far as WRITE_MAX reaches; what is left is a short write. */
static struct plan write_parts(const struct view *view, struct call *call, int fd)
{
	const uint64_t *args = call->request.args;
	uint64_t i, offset = args[3];
	struct iovec part;
	int64_t done = 0, n;

	if (!is_own(view, fd))
		return refuse_contents(view, call, fd);
	if (call->request.nr == SYS_pwritev2 && args[5])
		return plan_hide(rule_syscall, EOPNOTSUPP);
	if (args[2] > PARTS_MAX || (int64_t)offset < 0)
		return plan_answer(-EINVAL);
	for (i = 0; i < args[2] && done < WRITE_MAX; i++) {
		size_t size;

		if (memory_read(call->request.tid, args[1] + i * sizeof part, &part, sizeof part) < 0)
			return plan_answer(done ? done : -EFAULT);
		size = MIN(part.iov_len, (size_t)(WRITE_MAX - done));
		if (size && is_too_long(offset + (uint64_t)done, size))
			return plan_answer(done ? done : -EFBIG);
		n = size ? write_at(call->request.tid, fd, (uint64_t)(uintptr_t)part.iov_base, size,
				    (off_t)offset + done) :
			   0;
		if (n < 0)
			return plan_answer(done ? done : n);
		done += n;
		if ((size_t)n < size)
			break;
	}
	return plan_answer(done);
}

/* ------------------------------------------------------------------ the calls */

static struct plan on_own(const struct view *view, const struct call *call, descriptor_fn *then)
{
	bool shared = then == set_length && view->shared->n_pieces;

	return view->ground->policy->writes || shared ? plan_descriptor(then) : refuse(view, call);
}

struct plan handle_own_times(const struct view *view, struct call *call)
{
	return on_own(view, call, set_times);
}

struct plan handle_own_file(const struct view *view, struct call *call)
{
	static const struct {
		uint32_t nr;
		descriptor_fn *then;
	} calls[] = {
		{ SYS_ftruncate, set_length }, { SYS_fallocate, allocate },  { SYS_fchmod, set_mode },
		{ SYS_fchown, keep_owner },    { SYS_pwrite64, write_one },  { SYS_pwritev, write_parts },
		{ SYS_pwritev2, write_parts },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].nr == call->request.nr)
			return on_own(view, call, calls[i].then);
	return refuse(view, call);
}
