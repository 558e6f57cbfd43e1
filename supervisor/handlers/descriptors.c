/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls on descriptors, addresses and memory maps that the filter could not allow on registers
 * alone.
 */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "policy/exec.h"
#include "supervisor/handlers/own_file.h"
#include "supervisor/lend.h"
#include "tracee/memory.h"

enum { MAP_DROPPABLE_TYPE = 8, FLAG_ASYNC = 020000 };

/* close and fchdir of a reserved descriptor: to the program it does not exist. */
struct plan handle_close(const struct view *view, struct call *call)
{
	(void)view;
	(void)call;
	return plan_reserved();
}

/* Would the filter let CALL through if nothing were counted? */
static bool allowed_uncounted(const struct view *view, const struct call *call)
{
	struct reg_values values = view->ground->values;

	values.facts |= FACT_FILES_UNCOUNTED | FACT_OUTPUT_UNCOUNTED | FACT_BUFFERS_UNCOUNTED;
	return syscall_allowed_in_kernel(call->request.nr, call->request.args, &values);
}

struct plan as_alias(const struct view *view, const struct call *call, struct plan plan)
{
	if (!view->output->counted || tasks_is_alone(view->tasks, call->request.tgid))
		return plan;
	if (!output_may_alias(view->output)) {
		plan = plan_wait();
		plan.output = OUTPUT_ALIAS_WAITING;
		return plan;
	}
	plan.output = OUTPUT_ALIAS;
	return plan;
}

/* dup2 and dup3 from or onto a reserved descriptor, and any where output is counted. */
struct plan handle_dup_onto(const struct view *view, struct call *call)
{
	return allowed_uncounted(view, call) ? as_alias(view, call, plan_watch()) : plan_reserved();
}

struct plan handle_close_range(const struct view *view, struct call *call)
{
	unsigned first = (unsigned)call->request.args[0], last = (unsigned)call->request.args[1];
	unsigned flags = (unsigned)call->request.args[2], reserved = (unsigned)view->ground->reserved_fd;
	struct plan plan;

	if (flags & ~4u)
		return plan_deny(view->ground->policy, EINVAL);
	if (first > last)
		return plan_error(EINVAL);
	if (first >= reserved)
		return plan_answer(0);
	/* The filter sends only ranges that reach the reserved descriptors. */
	plan = plan_call(call);
	plan.args[1] = reserved - 1;
	return plan;
}

/*
 * O_NONBLOCK and its like, for the program's own descriptors only: the flags belong to the open file, which for stdin,
 * stdout and stderr is shared with proctor's caller. They are set on a duplicate that the supervisor holds, so that no
 * other thread can put stdin in its place between the check and the call.
 */
static struct plan set_status_flags(const struct view *view, struct call *call, int fd)
{
	enum { CHANGEABLE = O_NONBLOCK | O_APPEND | O_NOATIME | O_DIRECT };
	int flags = (int)call->request.args[2], have = fcntl(fd, F_GETFL);

	if (have < 0)
		return plan_answer(-errno);
	if (((have ^ flags) & (CHANGEABLE | FLAG_ASYNC)) == 0)
		return plan_answer(0);
	if (is_stdio_file(view->ground, fd, ANY_STDIO) || ((have ^ flags) & (FLAG_ASYNC | O_DIRECT)))
		return plan_deny(view->ground->policy, 0);
	return plan_answer(fcntl(fd, F_SETFL, flags & ~FLAG_ASYNC) < 0 ? -errno : 0);
}

static struct plan set_nonblocking(const struct view *view, struct call *call, int fd)
{
	int have = fcntl(fd, F_GETFL), on;

	if (have < 0)
		return plan_answer(-errno);
	if (memory_read(call->request.tid, call->request.args[2], &on, sizeof on) < 0)
		return plan_error(EFAULT);
	if (!on == !(have & O_NONBLOCK))
		return plan_answer(0);
	if (is_stdio_file(view->ground, fd, ANY_STDIO))
		return plan_deny(view->ground->policy, 0);
	return plan_answer(ioctl(fd, FIONBIO, &on) < 0 ? -errno : 0);
}

static bool duplicates(const struct request *request)
{
	return request->nr == SYS_dup || request->nr == SYS_fcntl;
}

/* Calls that the filter lets through where descriptors are not counted. The kernel makes the descriptor; its result
 * says whether one was free. */
struct plan handle_new_descriptor(const struct view *view, struct call *call)
{
	const struct ground *ground = view->ground;
	struct plan plan = plan_watch();

	if (duplicates(&call->request)) {
		if ((unsigned)call->request.args[0] >= (unsigned)ground->reserved_fd)
			return plan_reserved();
		return allowed_uncounted(view, call) ? as_alias(view, call, plan) : plan_deny(ground->policy, 0);
	}
	if (!allowed_uncounted(view, call))
		return plan_deny(ground->policy, 0);
	return buffers_fit(view, &call->request, plan);
}

/* epoll_ctl that adds a descriptor. */
struct plan handle_watch(const struct view *view, struct call *call)
{
	return buffers_fit(view, &call->request, plan_watch());
}

/* Questions about files and disks that not every file system answers: programs go on without. */
static bool is_question(uint32_t request)
{
	static const uint32_t questions[] = { FS_IOC_GETFLAGS, FS_IOC_FSGETXATTR, FS_IOC_FIEMAP, FIGETBSZ, FIOQSIZE,
					      BLKGETSIZE, BLKGETSIZE64, BLKSSZGET, BLKBSZGET };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(questions); i++)
		if (request == questions[i])
			return true;
	return false;
}

struct plan handle_ioctl(const struct view *view, struct call *call)
{
	uint32_t request = (uint32_t)call->request.args[1];

	if (request == FIONBIO)
		return plan_descriptor(set_nonblocking);
	if (request == FIOCLEX || request == FIONCLEX)
		return plan_reserved();
	/* Copies that share the blocks: programs copy in another way, as on most file systems. */
	if (request == FICLONE || request == FICLONERANGE || request == FIDEDUPERANGE)
		return plan_hide(rule_syscall, EOPNOTSUPP);
	if (request == TIOCSWINSZ)
		return handle_terminal_size(view, call);
	return is_question(request) ? plan_hide(rule_syscall, ENOTTY) : plan_deny(view->ground->policy, 0);
}

struct plan handle_fcntl(const struct view *view, struct call *call)
{
	switch ((uint32_t)call->request.args[1]) {
	case F_SETFL:
		return plan_descriptor(set_status_flags);
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return handle_new_descriptor(view, call);
	case F_SETFD:
		return plan_reserved();
	case F_GETLK:
	case F_OFD_GETLK:
		return handle_lock_question(view, call);
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return handle_record_lock(view, call);
	default:
		return plan_deny(view->ground->policy, 0);
	}
}

/* Where stdout is a regular file that is not appended to its offset may be asked, not moved; in every other file a program
 * may seek. */
static struct plan seek(const struct view *view, struct call *call, int fd)
{
	off_t at;

	if (!(view->ground->values.facts & FACT_SEEK_FREE) && is_stdio_file(view->ground, fd, STDOUT_OR_STDERR))
		return plan_deny(view->ground->policy, ESPIPE);
	at = lseek(fd, (off_t)call->request.args[1], (int)call->request.args[2]);
	return plan_answer(at < 0 ? -errno : at);
}

struct plan handle_lseek(const struct view *view, struct call *call)
{
	(void)view;
	(void)call;
	return plan_descriptor(seek);
}

static struct plan shut_down(const struct view *view, struct call *call, int fd)
{
	if (is_stdio_file(view->ground, fd, ANY_STDIO))
		return plan_deny(view->ground->policy, 0);
	return plan_answer(shutdown(fd, (int)call->request.args[1]) < 0 ? -errno : 0);
}

struct plan handle_shutdown(const struct view *view, struct call *call)
{
	(void)view;
	(void)call;
	return plan_descriptor(shut_down);
}

/* Once a file is mapped its holes can be filled without a call, so all of it is charged first. */
static struct plan map_to_write(const struct view *view, const struct call *call)
{
	_cleanup_close_ int fd = view->ledger ? lend_look(view, call->request.tid, (int)call->request.args[4]) : -EBADF;
	struct counted *file;
	struct stat st;

	if (fd < 0)
		return plan_pass();
	file = ledger_find(view->ledger, fd, &st);
	if (file && st.st_size > 0 && ledger_reach(view->ledger, file, &st) == 0)
		return plan_full(view, ledger_grant(file), false);
	if (file)
		ledger_settle(file, fd);
	else if (!ledger_may_open(view->ledger))
		return plan_wait();
	if (tasks_is_alone(view->tasks, call->request.tgid))
		return plan_pass();
	/* No other thread may put another file there before the kernel looks. */
	return as_elsewhere(view, plan_watch());
}

/*
 * Shared memory reaches outside the program. For anonymous memory of one process, and for files that are only read, a
 * private mapping will do.
 */
struct plan handle_mmap(const struct view *view, struct call *call)
{
	const struct ground *ground = view->ground;
	uint64_t prot = call->request.args[2], flags = call->request.args[3];
	unsigned type = flags & MAP_TYPE;
	struct plan plan;

	if (type == MAP_DROPPABLE_TYPE || (flags & MAP_HUGETLB))
		return plan_hide(rule_syscall, type == MAP_DROPPABLE_TYPE ? EOPNOTSUPP : ENOMEM);
	if ((type != MAP_SHARED && type != MAP_SHARED_VALIDATE) ||
	    (!(ground->values.facts & FACT_MSEAL) && (flags & MAP_FIXED)))
		return plan_deny(ground->policy, EINVAL);
	if (maps_shared_memory(view, call))
		return plan_watch();
	/* The kernel takes only a file that was opened for writing, and that comes from a write grant. */
	if (!(flags & MAP_ANONYMOUS) && (prot & PROT_WRITE))
		return ground->policy->writes && !ground->maps_stdio ? map_to_write(view, call) :
								       plan_deny(ground->policy, EACCES);
	if (ground->audits) /* the program's other processes may share it */
		return plan_pass();
	if (policy_makes_processes(ground->policy) && type == MAP_SHARED && (flags & MAP_ANONYMOUS))
		return map_unnamed(view, call);
	plan = plan_call(call);
	plan.args[3] = (flags & ~(uint64_t)MAP_TYPE) | MAP_PRIVATE;
	return plan;
}
