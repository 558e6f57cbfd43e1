/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that a program makes for itself but that reach others: the disk behind a file that it only reads, the
 * cache that all readers of a file share, every processor, the address of the peer of an inherited socket. They
 * are answered as the kernel answers them, without the part that reaches others.
 */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/membarrier.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "supervisor/handlers/own_file.h"
#include "supervisor/lend.h"
#include "tracee/memory.h"

/*
 * fsync, fdatasync: on a descriptor that is only read they would write out what others have changed, and on any
 * they make the device flush its cache for everybody. What the program writes goes to stdout and stderr, and when
 * that reaches the disk is for their opener to say. A file that a write grant gave the program may be synced: the
 * kernel does that, and does nothing worse to another file that a thread might put in its place.
 */
static struct plan answer_sync(const struct view *view, struct call *call, int fd)
{
	struct stat st;

	(void)view;
	(void)call;
	if (fstat(fd, &st) < 0)
		return plan_answer(-errno);
	return plan_answer(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode) ? 0 : -EINVAL);
}

struct plan handle_sync(const struct view *view, struct call *call)
{
	if (is_own_descriptor(view, call->request.tid, (int)call->request.args[0]))
		return plan_watch();
	return plan_instead(view, answer_sync);
}

/* posix_fadvise(2) is advice, which may be ignored; readahead(2) returns before it has read. */
static int check_advice(const struct call *call, int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	if (flags < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (call->request.nr == SYS_readahead) {
		if ((flags & O_ACCMODE) == O_WRONLY)
			return -EBADF;
		return S_ISREG(st.st_mode) || S_ISBLK(st.st_mode) ? 0 : -EINVAL;
	}
	if (S_ISFIFO(st.st_mode))
		return -ESPIPE;
	return (int64_t)call->request.args[2] < 0 || (unsigned)call->request.args[3] > POSIX_FADV_NOREUSE ? -EINVAL : 0;
}

static struct plan answer_advice(const struct view *view, struct call *call, int fd)
{
	(void)view;
	return plan_answer(check_advice(call, fd));
}

struct plan handle_advice(const struct view *view, struct call *call)
{
	(void)call;
	return plan_instead(view, answer_advice);
}

/* The commands that reach all processes are not offered, and a query leaves them out. */
struct plan handle_membarrier(const struct view *view, struct call *call)
{
	enum { GLOBAL = MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |
			MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED };
	long commands;

	if (view->ground->audits)
		return plan_watch();
	if ((uint32_t)call->request.args[0] != MEMBARRIER_CMD_QUERY)
		return plan_hide(rule_syscall, EINVAL);
	commands = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, (unsigned)call->request.args[1], 0);
	return plan_answer(commands < 0 ? -errno : commands & ~GLOBAL);
}

/* preadv2: RWF_NOWAIT tells which pages others have read lately, as mincore(2) does. */
struct plan handle_read_flags(const struct view *view, struct call *call)
{
	(void)view;
	(void)call;
	return plan_hide(rule_syscall, EOPNOTSUPP);
}

/* ------------------------------------------------------------------ addresses of sockets */

static struct plan give_address(struct call *call, const struct sockaddr_storage *address, socklen_t len)
{
	uint64_t where = call->request.args[1], len_at = call->request.args[2];
	int room, size = (int)len;

	if (memory_read(call->request.tid, len_at, &room, sizeof room) < 0)
		return plan_answer(-EFAULT);
	if (room < 0)
		return plan_answer(-EINVAL);
	plan_write(call, len_at, &size, sizeof size);
	if (MIN(room, size) > 0)
		plan_write(call, where, address, (size_t)MIN(room, size));
	return plan_answer(0);
}

/* The program's own sockets are pairs, which have no name. An inherited one has its maker's, or its peer's. */
static struct plan answer_name(const struct view *view, struct call *call, int fd)
{
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof address;
	const struct own_name *name;
	int r = call->request.nr == SYS_getsockname ? getsockname(fd, (struct sockaddr *)&address, &len) :
						      getpeername(fd, (struct sockaddr *)&address, &len);

	if (r < 0)
		return plan_answer(-errno);
	name = own_names_find(view->own_names, &address, len);
	if (name) {
		memcpy(&address, &name->asked, sizeof name->asked);
		return give_address(call, &address, name->asked_len);
	}
	if (policy_grants_net(view->ground->policy) && !is_stdio_file(view->ground, fd, ANY_STDIO))
		return give_address(call, &address, len);
	if (address.ss_family != AF_UNIX || len > offsetof(struct sockaddr_un, sun_path))
		return plan_hide(rule_syscall, ENOTSOCK);
	return give_address(call, &address, len);
}

struct plan handle_socket_name(const struct view *view, struct call *call)
{
	(void)call;
	return plan_instead(view, answer_name);
}
