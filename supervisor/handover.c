/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A duplicate of the program's descriptor where pidfd_getfd(2) cannot make one: in a container whose
 * seccomp filter forbids it (Docker's default), and before Linux 6.9 once the first thread has exited.
 * The call itself becomes sendmsg(2) of the descriptor, SCM_RIGHTS, on a reserved socket to the
 * supervisor, with everything it points to in the sealed scratch; at the exit stop the supervisor does what was
 * asked with the duplicate that it got, or refuses, and the program gets the result. Like a borrowed
 * descriptor, it is the one that the kernel found at that moment: no thread can swap it afterwards.
 *
 * The program could send on that socket too. What it forges is a descriptor of its own, which is looked at
 * before anything is done with it, as any other.
 */
#include "supervisor/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the data of a message says: which call it is of. Slots are used again, tags are not. */
struct mark {
	uint64_t tag;
	int slot;
};

/* What lies in the slot, where a path lies otherwise. */
struct parcel {
	alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct iovec data;
	struct mark mark;
};

int handover_needed(bool *ret_needed)
{
	_cleanup_close_ int pidfd = (int)syscall(SYS_pidfd_open, getpid(), PIDFD_THREAD_FLAG);
	_cleanup_close_ int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, pidfd, 0);

	*ret_needed = fd < 0;
	if (pidfd < 0 && errno == EINVAL)
		pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	return pidfd < 0 ? -errno : 0;
}

int handover_new(struct broker *b, int *ret_theirs)
{
	int ends[2];

	/* Whole messages, in order. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return -errno;
	b->handover_fd = ends[0];
	*ret_theirs = ends[1];
	return 0;
}

void handover_begin(struct broker *b, struct call *call, with_descriptor_fn *then)
{
	int number = (int)call->request.args[0];
	struct parcel parcel = { .data.iov_len = sizeof parcel.mark };
	struct msghdr message = { .msg_iovlen = 1, .msg_controllen = CMSG_LEN(sizeof number) };
	const struct cmsghdr header = { CMSG_LEN(sizeof number), SOL_SOCKET, SCM_RIGHTS };
	struct user_regs_struct *regs;
	uintptr_t at;

	act_allow(call);
	if (number < 0 || number >= b->reserved_fd) {
		act_emulate(call, -EBADF);
		return;
	}
	call->slot = b->handover_fd < 0 ? -1 : scratch_take(b->scratch);
	if (call->slot < 0) {
		act_emulate(call, -EMFILE);
		return;
	}
	at = scratch_path_address(call->slot);
	memcpy(parcel.control, &header, sizeof header);
	memcpy(parcel.control + CMSG_LEN(0), &number, sizeof number);
	parcel.mark = (struct mark){ ++b->handovers, call->slot };
	parcel.data.iov_base = (void *)(at + offsetof(struct parcel, mark));
	message.msg_iov = (struct iovec *)(at + offsetof(struct parcel, data));
	message.msg_control = (void *)(at + offsetof(struct parcel, control));
	scratch_put(b->scratch, call->slot, (const char *)&parcel, sizeof parcel, &message, sizeof message);
	call->then = then;
	call->handover = b->handovers;
	regs = act_rewrite(call);
	regs->orig_rax = SYS_sendmsg;
	regs->rdi = (unsigned long long)b->handover_number;
	regs->rsi = scratch_how_address(call->slot);
	regs->rdx = MSG_DONTWAIT | MSG_NOSIGNAL;
}

/* The next message is kept at the slot that it names; one that was never fetched makes room. */
static int receive(struct broker *b)
{
	alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct mark mark = { 0, -1 };
	struct iovec data = { &mark, sizeof mark };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
	};
	struct cmsghdr *header;
	struct handed_over *place;
	int fd;

	if (recvmsg(b->handover_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
		return -errno;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof fd))
		return 0;
	memcpy(&fd, CMSG_DATA(header), sizeof fd);
	if (mark.slot < 0 || mark.slot >= SCRATCH_SLOTS) {
		close(fd);
		return 0;
	}
	place = &b->handed_over[mark.slot];
	if (place->tag)
		close(place->fd);
	*place = (struct handed_over){ mark.tag, fd };
	return 0;
}

void handover_finish(struct broker *b, struct call *call)
{
	with_descriptor_fn *then = call->then;
	struct handed_over *place = &b->handed_over[call->slot];
	int r = 0;

	call->then = NULL;
	if (call->result < 0)
		return;
	/* Other threads' may have come before it: they wait for their own exit stops. */
	while (place->tag != call->handover && r == 0)
		r = receive(b);
	if (r < 0) {
		act_emulate(call, -EBADF);
		return;
	}
	then(b, call, place->fd);
	close(place->fd);
	place->tag = 0;
}

void handover_free(struct broker *b)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(b->handed_over); i++)
		if (b->handed_over[i].tag)
			close(b->handed_over[i].fd);
	if (b->handover_fd >= 0)
		close(b->handover_fd);
}
