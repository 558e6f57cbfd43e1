/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that a program makes for itself and that reach others: the disk behind a file that it only reads, the
 * cache that all readers of a file share, every processor, the address of whoever is at the other end of
 * an inherited socket. They are answered as the kernel answers them, and the part that reaches others is
 * left out.
 */
#include "supervisor/state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/membarrier.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "tracee/memory.h"

/* Audit mode changes nothing. */
static bool is_left_alone(const struct broker *b, struct call *call)
{
	if (!broker_audits(b))
		return false;
	act_allow(call);
	act_kernel(call);
	call->watch_exit = true;
	return true;
}

/*
 * fsync, fdatasync: of a descriptor that is only read they would write out what others have changed, and
 * of any they make the device flush its cache for everybody. What a program writes goes to stdout and
 * stderr, and when that reaches the disk is for whoever opened them to say.
 */
static void answer_sync(struct broker *b, struct call *call, int fd)
{
	struct stat st;

	(void)b;
	act_allow(call);
	if (fstat(fd, &st) < 0)
		act_emulate(call, -errno);
	else
		act_emulate(call, S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode) ? 0 : -EINVAL);
}

void handle_sync(struct broker *b, struct call *call)
{
	if (!is_left_alone(b, call))
		with_descriptor(b, call, answer_sync);
}

/* posix_fadvise(2) is advice, which may be left; readahead(2) returns before it has read. */
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

static void answer_advice(struct broker *b, struct call *call, int fd)
{
	(void)b;
	act_allow(call);
	act_emulate(call, check_advice(call, fd));
}

void handle_advice(struct broker *b, struct call *call)
{
	if (!is_left_alone(b, call))
		with_descriptor(b, call, answer_advice);
}

/* The commands for all processes are not there; a program that asks is told so. */
void handle_membarrier(struct broker *b, struct call *call)
{
	enum { GLOBAL = MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |
			MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED };
	long commands;

	if (is_left_alone(b, call))
		return;
	if ((uint32_t)call->request.args[0] != MEMBARRIER_CMD_QUERY) {
		act_hide(call, rule_syscall, EINVAL);
		return;
	}
	act_allow(call);
	commands = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, (unsigned)call->request.args[1], 0);
	act_emulate(call, commands < 0 ? -errno : commands & ~GLOBAL);
}

/* preadv2: RWF_NOWAIT tells which pages others have read lately, as mincore(2) does. */
void handle_read_flags(struct broker *b, struct call *call)
{
	(void)b;
	act_hide(call, rule_syscall, EOPNOTSUPP);
}

/* ------------------------------------------------------------------ addresses of sockets */

static int give_address(const struct call *call, const struct sockaddr_storage *address, socklen_t len)
{
	uint64_t where = call->request.args[1], len_at = call->request.args[2];
	int room, size = (int)len;

	if (memory_read(call->request.tid, len_at, &room, sizeof room) < 0)
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (memory_write(call->request.tid, len_at, &size, sizeof size) < 0)
		return -EFAULT;
	room = MIN(room, size);
	return room ? memory_write(call->request.tid, where, address, (size_t)room) : 0;
}

/* Its own sockets are pairs, which have no name. One that was inherited has the caller's, or a peer's. */
static void answer_name(struct broker *b, struct call *call, int fd)
{
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof address;
	int r = call->request.nr == SYS_getsockname ? getsockname(fd, (struct sockaddr *)&address, &len) :
						      getpeername(fd, (struct sockaddr *)&address, &len);

	(void)b;
	if (r == 0 && (address.ss_family != AF_UNIX || len > offsetof(struct sockaddr_un, sun_path))) {
		act_hide(call, rule_syscall, ENOTSOCK);
		return;
	}
	act_allow(call);
	act_emulate(call, r < 0 ? -errno : give_address(call, &address, len));
}

void handle_socket_name(struct broker *b, struct call *call)
{
	if (!is_left_alone(b, call))
		with_descriptor(b, call, answer_name);
}

/* recvfrom that asks who sent it: its own pairs have no name, and the others are not told. */
void handle_receive(struct broker *b, struct call *call)
{
	struct user_regs_struct *regs;
	const int no_name = 0;

	if (is_left_alone(b, call))
		return;
	act_allow(call);
	if (memory_write(call->request.tid, call->request.args[5], &no_name, sizeof no_name) < 0) {
		act_emulate(call, -EFAULT);
		return;
	}
	regs = act_rewrite(call);
	regs->r8 = regs->r9 = 0;
}
