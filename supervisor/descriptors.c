/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls on descriptors, addresses and memory maps that the filter could not allow on registers
 * alone.
 */
#include "supervisor/state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tracee/memory.h"

enum { NR_writev = 20, NR_sendto = 44, MAP_DROPPABLE_TYPE = 8 };

/* Whose table of descriptors: another process than the first there is in audit mode only. */
static bool is_first_process(const struct broker *b, pid_t tid)
{
	const struct task *task = tasks_find(&b->tasks, tid);

	return !task || task->tgid == b->pid;
}

/* -EOPNOTSUPP: this host cannot, for this thread; handover.c can. */
static int duplicate_fd(const struct broker *b, pid_t tid, int fd)
{
	bool first = is_first_process(b, tid);
	_cleanup_close_ int pidfd = -1;
	long r = -1;

	if (fd < 0 || fd >= b->reserved_fd)
		return -EBADF;
	if (first)
		r = syscall(SYS_pidfd_getfd, b->pidfd, fd, 0);
	/* The first thread may have exited; another one still has the descriptors. */
	if (!first || (r < 0 && errno == ESRCH)) {
		pidfd = (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD_FLAG);
		if (pidfd < 0 && errno == EINVAL) /* before Linux 6.9: first threads only */
			pidfd = (int)syscall(SYS_pidfd_open, tid, 0);
		if (pidfd < 0)
			return errno == EINVAL ? -EOPNOTSUPP : -errno;
		r = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	}
	if (r < 0)
		return errno == EPERM || errno == ENOSYS ? -EOPNOTSUPP : -errno;
	return (int)r;
}

int borrow_fd(const struct broker *b, pid_t tid, int fd)
{
	int own = duplicate_fd(b, tid, fd);
	char name[32];

	if (own != -EOPNOTSUPP)
		return own;
	snprintf(name, sizeof name, "fd/%d", fd);
	own = open_proc(tid, name, O_PATH);
	if (own < 0)
		return errno == ENOENT ? -EBADF : -errno;
	return own;
}

void with_descriptor(struct broker *b, struct call *call, with_descriptor_fn *then)
{
	int number = (int)call->request.args[0];
	_cleanup_close_ int fd = duplicate_fd(b, call->request.tid, number);

	if (fd >= 0) {
		then(b, call, fd);
	} else if (fd != -EOPNOTSUPP) {
		act_error(call, -fd);
	} else if (!broker_audits(b)) {
		handover_begin(b, call, then);
	} else if (is_stdio(b, call->request.tid, number, ANY_STDIO)) {
		act_deny(b, call, 0);
	} else {
		act_allow(call);
		act_kernel(call);
		call->watch_exit = true;
	}
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_ino != 0;
}

/* Is OWN, a descriptor of the supervisor's, one of those in MASK? What is not known is taken for one. */
static bool is_stdio_file(const struct broker *b, int own, unsigned mask)
{
	struct stat st;
	int i;

	if (fstat(own, &st) < 0)
		return true;
	for (i = 0; i < 3; i++)
		if ((mask & (1u << i)) && same_file(&st, &b->stdio[i]))
			return true;
	return false;
}

bool is_stdio(const struct broker *b, pid_t tid, int fd, unsigned mask)
{
	_cleanup_close_ int own = borrow_fd(b, tid, fd);

	return own >= 0 ? is_stdio_file(b, own, mask) : own != -EBADF;
}

/* close and fchdir of a reserved descriptor: to the program there is none. */
void handle_close(struct broker *b, struct call *call)
{
	(void)b;
	act_hide(call, rule_syscall, EBADF);
}

/* As the filter would decide it where neither output nor descriptors are counted. */
static bool allowed_uncounted(const struct broker *b, const struct call *call)
{
	struct reg_values values = b->values;

	values.facts |= FACT_FILES_UNCOUNTED | FACT_OUTPUT_UNCOUNTED | FACT_BUFFERS_UNCOUNTED;
	return syscall_allowed_in_kernel(call->request.nr, call->request.args, &values);
}

bool alias_waits(struct broker *b, struct call *call)
{
	if (!b->output.counted || b->tasks.n == 1)
		return false;
	if (output_may_alias(&b->output)) {
		call->output = OUTPUT_ALIAS;
		return false;
	}
	output_alias_waits(&b->output);
	call->output = OUTPUT_ALIAS_WAITING;
	call->how = HOW_WAIT;
	return true;
}

/* The kernel makes the descriptor; its result says if one was left. */
static void make_descriptor(struct call *call)
{
	act_kernel(call);
	call->watch_exit = true;
}

/* dup2 and dup3 from or onto one. */
void handle_dup_onto(struct broker *b, struct call *call)
{
	if (!allowed_uncounted(b, call)) {
		act_hide(call, rule_syscall, EBADF);
		return;
	}
	act_allow(call);
	if (!alias_waits(b, call))
		make_descriptor(call);
}

void handle_close_range(struct broker *b, struct call *call)
{
	unsigned first = (unsigned)call->request.args[0], last = (unsigned)call->request.args[1];
	unsigned flags = (unsigned)call->request.args[2];

	if (flags & ~4u) {
		act_deny(b, call, EINVAL);
		return;
	}
	act_allow(call);
	if (first > last) {
		act_error(call, EINVAL);
	} else if (first >= (unsigned)b->reserved_fd) {
		act_emulate(call, 0);
	} else {
		/* The filter sends only ranges that reach the reserved descriptors. */
		act_rewrite(call)->rsi = (unsigned)b->reserved_fd - 1;
	}
}

/*
 * O_NONBLOCK of a descriptor of its own. It belongs to the open file, which for stdin, stdout and
 * stderr is shared with whoever started proctor. Set on a duplicate that the supervisor holds, so
 * that no other thread can put stdin in its place between the check and the call.
 */
static void set_status_flags(struct broker *b, struct call *call, int fd)
{
	enum { CHANGEABLE = O_NONBLOCK | O_APPEND | O_NOATIME | O_DIRECT };
	int flags = (int)call->request.args[2], have = fcntl(fd, F_GETFL);

	act_allow(call);
	if (have < 0) {
		act_emulate(call, -errno);
		return;
	}
	if (((have ^ flags) & (CHANGEABLE | 020000)) == 0) {
		act_emulate(call, 0);
	} else if (is_stdio_file(b, fd, ANY_STDIO) || ((have ^ flags) & (020000 | O_DIRECT))) {
		act_deny(b, call, 0);
	} else {
		act_emulate(call, fcntl(fd, F_SETFL, flags & ~020000) < 0 ? -errno : 0);
	}
}

static void set_nonblocking(struct broker *b, struct call *call, int fd)
{
	int have = fcntl(fd, F_GETFL), on;

	act_allow(call);
	if (have < 0) {
		act_emulate(call, -errno);
	} else if (memory_read(call->request.tid, call->request.args[2], &on, sizeof on) < 0) {
		act_error(call, EFAULT);
	} else if (!on == !(have & O_NONBLOCK)) {
		act_emulate(call, 0);
	} else if (is_stdio_file(b, fd, ANY_STDIO)) {
		act_deny(b, call, 0);
	} else {
		act_emulate(call, ioctl(fd, FIONBIO, &on) < 0 ? -errno : 0);
	}
}

static bool duplicates(const struct request *request)
{
	return request->nr == SYS_dup || request->nr == SYS_fcntl;
}

/* What the filter lets through where descriptors are not counted. */
void handle_new_descriptor(struct broker *b, struct call *call)
{
	if (duplicates(&call->request) && (unsigned)call->request.args[0] >= (unsigned)b->reserved_fd) {
		act_hide(call, rule_syscall, EBADF);
		return;
	}
	if (!allowed_uncounted(b, call)) {
		act_deny(b, call, 0);
		return;
	}
	if (!buffers_take(b, call))
		return;
	act_allow(call);
	if (!duplicates(&call->request) || !alias_waits(b, call))
		make_descriptor(call);
}

/* epoll_ctl that adds a descriptor. */
void handle_watch(struct broker *b, struct call *call)
{
	if (!buffers_take(b, call))
		return;
	act_allow(call);
	make_descriptor(call);
}

void handle_ioctl(struct broker *b, struct call *call)
{
	uint32_t request = (uint32_t)call->request.args[1];

	if (request == FIONBIO)
		with_descriptor(b, call, set_nonblocking);
	else if (request == FIOCLEX || request == FIONCLEX)
		act_hide(call, rule_syscall, EBADF); /* a reserved descriptor */
	else
		act_deny(b, call, 0);
}

void handle_fcntl(struct broker *b, struct call *call)
{
	uint32_t command = (uint32_t)call->request.args[1];

	if (command == F_SETFL)
		with_descriptor(b, call, set_status_flags);
	else if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
		handle_new_descriptor(b, call);
	else if (command == F_SETFD)
		act_hide(call, rule_syscall, EBADF); /* a reserved descriptor */
	else
		act_deny(b, call, 0);
}

/* stdout is a regular file: its offset may be asked, not moved; every other file may be sought in. */
static void seek(struct broker *b, struct call *call, int fd)
{
	off_t at;

	act_allow(call);
	if (is_stdio_file(b, fd, STDOUT_OR_STDERR)) {
		act_deny(b, call, ESPIPE);
		return;
	}
	at = lseek(fd, (off_t)call->request.args[1], (int)call->request.args[2]);
	act_emulate(call, at < 0 ? -errno : at);
}

void handle_lseek(struct broker *b, struct call *call)
{
	with_descriptor(b, call, seek);
}

static void shut_down(struct broker *b, struct call *call, int fd)
{
	act_allow(call);
	if (is_stdio_file(b, fd, ANY_STDIO))
		act_deny(b, call, 0);
	else
		act_emulate(call, shutdown(fd, (int)call->request.args[1]) < 0 ? -errno : 0);
}

void handle_shutdown(struct broker *b, struct call *call)
{
	with_descriptor(b, call, shut_down);
}

/*
 * Shared memory reaches outside; a private copy does for anonymous memory of one process and for
 * files that are only read.
 */
void handle_mmap(struct broker *b, struct call *call)
{
	uint64_t prot = call->request.args[2], flags = call->request.args[3];
	unsigned type = flags & MAP_TYPE;

	if (type == MAP_DROPPABLE_TYPE || (flags & MAP_HUGETLB)) {
		act_hide(call, rule_syscall, type == MAP_DROPPABLE_TYPE ? EOPNOTSUPP : ENOMEM);
		return;
	}
	if ((type != MAP_SHARED && type != MAP_SHARED_VALIDATE) ||
	    (!(b->values.facts & FACT_MSEAL) && (flags & MAP_FIXED))) {
		act_deny(b, call, EINVAL);
		return;
	}
	if (!(flags & MAP_ANONYMOUS) && (prot & PROT_WRITE)) {
		act_deny(b, call, EACCES);
		return;
	}
	act_allow(call);
	if (broker_audits(b)) /* its other processes may share it */
		act_kernel(call);
	else
		act_rewrite(call)->r10 = (flags & ~(uint64_t)MAP_TYPE) | MAP_PRIVATE;
}

/* ------------------------------------------------------------------ output that is counted */

/* The first part of a writev(2) that is not empty: a short write is a legal answer. */
static int first_part(struct call *call, uint64_t *ret_addr, uint64_t *ret_len)
{
	struct iovec part;
	uint64_t i, n = MIN(call->request.args[2], 1024);

	for (i = 0; i < n; i++) {
		if (memory_read(call->request.tid, call->request.args[1] + i * sizeof part, &part,
				sizeof part) < 0)
			return -EFAULT;
		if (part.iov_len > 0) {
			*ret_addr = (uint64_t)(uintptr_t)part.iov_base;
			*ret_len = part.iov_len;
			return 0;
		}
	}
	*ret_addr = 0;
	*ret_len = 0;
	return 0;
}

/*
 * A write to stdout or stderr. It is counted when it returns, and never longer than what is left
 * when writes of other threads that are under way are thought of as done in full: the output ends
 * exactly at the limit.
 */
static void count_output(struct broker *b, struct call *call)
{
	uint64_t addr = call->request.args[1], len = call->request.args[2];
	struct user_regs_struct *regs;

	if (call->request.nr == NR_writev) {
		int r = first_part(call, &addr, &len);

		if (r < 0) {
			act_error(call, -r);
			return;
		}
	}
	switch (output_ask(&b->output, len, &call->output_bytes)) {
	case OUTPUT_WAIT:
		call->how = HOW_WAIT;
		return;
	case OUTPUT_FULL:
		ending_crossed(&b->ending, b->watch.limits, LIMIT_OUTPUT, b->output.written + len);
		call->how = HOW_KILL;
		return;
	case OUTPUT_GO:
		call->output = OUTPUT_STDOUT;
	}
	if (call->request.nr != NR_writev && call->output_bytes == len) {
		act_kernel(call);
		call->watch_exit = true;
		return;
	}
	regs = act_rewrite(call);
	if (call->request.nr == NR_writev)
		regs->orig_rax = SYS_write;
	regs->rsi = addr;
	regs->rdx = call->output_bytes;
}

void handle_write(struct broker *b, struct call *call)
{
	if (call->request.nr == NR_sendto && call->request.args[4] != 0) {
		act_deny(b, call, 0);
		return;
	}
	act_allow(call);
	if (is_stdio(b, call->request.tid, (int)call->request.args[0], ANY_STDIO)) {
		count_output(b, call);
		return;
	}
	if (b->tasks.n > 1) {
		/* No other thread may put stdout in this descriptor's place before the kernel looks. */
		if (!output_may_write_elsewhere(&b->output)) {
			call->how = HOW_WAIT;
			return;
		}
		call->output = OUTPUT_ELSEWHERE;
	}
	act_kernel(call);
	call->watch_exit = b->tasks.n > 1;
}
