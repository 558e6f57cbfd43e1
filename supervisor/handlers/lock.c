/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A read lock keeps writers out for as long as a program likes, and a reader of files that nobody changes needs
 * none: the program is told that it has the lock (sqlite's SELECT asks for one), but nothing is locked. A write
 * lock that somebody else holds is respected: fcntl(2) F_SETLK fails with EAGAIN as it does natively, while a call
 * that would wait for the lock is refused. flock(2) cannot be asked about that and just succeeds. Write locks are
 * refused. Whether somebody else's lock is in the way (F_GETLK) may be asked, also for writing, as sqlite does
 * before it reads; who holds it is not told.
 *
 * A file that the program may write to (own_file.c) it may lock, and must where other processes use it too. A record
 * lock belongs to the process, so the kernel takes it in the program: as it stands in a process of one thread, where
 * nobody else could put another file under the number; otherwise from a copy of what was asked, and always as a write
 * lock. That fails on any file open for reading alone that another thread may put there. It keeps others from reading
 * meanwhile, which costs them only time. A flock belongs to the open file, and is taken on a duplicate of the
 * descriptor.
 */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "supervisor/handlers/own_file.h"
#include "supervisor/lend.h"
#include "tracee/memory.h"

static bool reads_only(const struct flock *lock)
{
	return lock->l_type == F_RDLCK || lock->l_type == F_UNLCK;
}

static int read_lock(const struct call *call, struct flock *ret_lock)
{
	return memory_read(call->request.tid, call->request.args[2], ret_lock, sizeof *ret_lock);
}

static bool is_open_file_lock(const struct call *call)
{
	return (uint32_t)call->request.args[1] == F_OFD_SETLK || (uint32_t)call->request.args[1] == F_OFD_SETLKW;
}

/* Checks what fcntl_setlk() in fs/locks.c does, in its order. */
static struct plan answer_record_lock(const struct view *view, struct call *call, int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct flock lock;

	if (flags < 0 || flags & O_PATH)
		return plan_answer(-EBADF);
	if (read_lock(call, &lock) < 0)
		return plan_error(EFAULT);
	if (!reads_only(&lock))
		return plan_deny(view->ground->policy, 0);
	if (lock.l_type == F_RDLCK && (flags & O_ACCMODE) == O_WRONLY)
		return plan_answer(-EBADF);
	if (is_open_file_lock(call) && lock.l_pid != 0)
		return plan_answer(-EINVAL);
	if (lock.l_type == F_UNLCK)
		return plan_answer(0);
	lock.l_pid = 0;
	if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return plan_answer(-errno);
	/* A process is not kept back by locks of its own, on a file that it may write to. */
	if (lock.l_type == F_UNLCK || lock.l_pid == call->request.tgid)
		return plan_answer(0);
	switch ((uint32_t)call->request.args[1]) {
	case F_SETLK:
	case F_OFD_SETLK:
		return plan_answer(-EAGAIN);
	default:
		return plan_deny(view->ground->policy, 0);
	}
}

/*
 * Locks a file of the program's own, FD, which was opened with FLAGS, where it has one thread. That another lock is in the
 * way is told and recorded at once. Otherwise the kernel gives the lock, and that it did is not waited for: sqlite asks
 * for nine locks a row. Where descriptors are handed over, FD can only be looked at (O_PATH) and not be asked for locks:
 * then the kernel's answer is waited for.
 */
static struct plan lock_alone(const struct call *call, int fd, int flags)
{
	struct plan plan = plan_pass();
	struct flock lock;

	if ((uint32_t)call->request.args[1] != F_SETLK || read_lock(call, &lock) < 0)
		return plan;
	if ((flags & O_ACCMODE) != O_RDWR || lock.l_type == F_UNLCK) { /* nothing is in the way of that */
		plan.unwatched = !(fcntl(fd, F_GETFL) & O_PATH);
		return plan;
	}
	lock.l_pid = 0;
	if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return plan;
	if (lock.l_type != F_UNLCK && lock.l_pid != call->request.tgid)
		return plan_answer(-EAGAIN);
	plan.unwatched = true;
	return plan;
}

/* Locks FD, a duplicate of a descriptor of a file of the program's own that was opened with FLAGS. */
static struct plan lock_own(const struct view *view, struct call *call, int fd, int flags)
{
	struct plan plan = plan_call(call);
	struct flock lock;

	if (tasks_is_alone(view->tasks, call->request.tgid))
		return lock_alone(call, fd, flags);
	if (read_lock(call, &lock) < 0)
		return plan_error(EFAULT);
	if (lock.l_type == F_RDLCK)
		lock.l_type = F_WRLCK;
	buf_clear(&call->out);
	buf_put(&call->out, &lock, sizeof lock);
	plan.data = call->out.data;
	plan.data_len = sizeof lock;
	plan.data_arg = 2;
	return plan;
}

/* fcntl_getlk(), asked on a duplicate of the descriptor. */
static struct plan answer_lock_question(const struct view *view, struct call *call, int fd)
{
	bool open_file = (uint32_t)call->request.args[1] == F_OFD_GETLK;
	int flags = fcntl(fd, F_GETFL);
	struct flock lock;
	pid_t pid;

	(void)view;
	if (flags < 0 || flags & O_PATH)
		return plan_answer(-EBADF);
	if (read_lock(call, &lock) < 0)
		return plan_error(EFAULT);
	if (open_file ? lock.l_pid != 0 : lock.l_type != F_RDLCK && lock.l_type != F_WRLCK)
		return plan_answer(-EINVAL);
	pid = lock.l_pid;
	lock.l_pid = 0;
	if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return plan_answer(-errno);
	/* A process is not kept back by locks of its own, on a file that it may write to. */
	if (!open_file && lock.l_type != F_UNLCK && lock.l_pid == call->request.tgid)
		lock.l_type = F_UNLCK;
	lock.l_pid = lock.l_type == F_UNLCK ? pid : -1;
	plan_write(call, call->request.args[2], &lock, sizeof lock);
	return plan_answer(0);
}

struct plan handle_lock_question(const struct view *view, struct call *call)
{
	(void)call;
	return plan_instead(view, answer_lock_question);
}

struct plan handle_record_lock(const struct view *view, struct call *call)
{
	bool looks = view->ground->policy->writes && !view->ground->audits;
	int number = (int)call->request.args[0];
	_cleanup_close_ int fd = looks ? lend_look(view, call->request.tid, number) : -EBADF;
	int flags = fd >= 0 ? lend_flags(call->request.tid, number, fd) : -1;
	struct flock lock;

	if (is_own_file(view, fd, flags))
		return lock_own(view, call, fd, flags);
	if (!view->ground->audits)
		return plan_descriptor(answer_record_lock);
	if (read_lock(call, &lock) < 0 || reads_only(&lock))
		return plan_watch();
	return plan_deny(view->ground->policy, 0);
}

static struct plan answer_flock(const struct view *view, struct call *call, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	(void)view;
	(void)call;
	return plan_answer(flags < 0 || flags & O_PATH ? -EBADF : 0);
}

/*
 * The supervisor does not wait for others. A call that would wait is told that a signal came, which a program must
 * expect: it asks again, and pays for the time.
 */
static struct plan flock_own(const struct view *view, struct call *call, int fd)
{
	int operation = (int)call->request.args[1];

	if (!is_own_file(view, fd, fcntl(fd, F_GETFL)))
		return plan_deny(view->ground->policy, 0);
	if (flock(fd, operation | LOCK_NB) == 0)
		return plan_answer(0);
	return plan_answer(errno == EWOULDBLOCK && !(operation & LOCK_NB) ? -EINTR : -errno);
}

struct plan handle_flock(const struct view *view, struct call *call)
{
	if (!view->ground->audits && is_own_descriptor(view, call->request.tid, (int)call->request.args[0]))
		return plan_descriptor(flock_own);
	switch ((uint32_t)call->request.args[1] & ~(uint32_t)LOCK_NB) {
	case LOCK_SH:
	case LOCK_UN:
		return plan_instead(view, answer_flock);
	default:
		return plan_deny(view->ground->policy, 0);
	}
}
