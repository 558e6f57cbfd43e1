/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/lend.h"

/* The data of a message: which call it belongs to. Slots are used again, tags are not. */
struct mark {
	uint64_t tag;
	int slot;
};

/* What lies in the slot, where a path lies otherwise. */
struct parcel {
	alignas(struct cmsghdr) char control[CMSG_SPACE(HANDOVER_MAX * sizeof(int))];
	struct iovec data;
	struct mark mark;
};

void handover_init(struct handover *handover)
{
	*handover = (struct handover){ .fd = -1, .number = -1 };
}

int handover_needed(bool *ret_needed)
{
	_cleanup_close_ int pidfd = (int)syscall(SYS_pidfd_open, getpid(), PIDFD_THREAD_FLAG);
	_cleanup_close_ int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, pidfd, 0);

	*ret_needed = fd < 0;
	if (pidfd < 0 && errno == EINVAL)
		pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	return pidfd < 0 ? -errno : 0;
}

int handover_new(struct handover *handover, int *ret_theirs)
{
	int ends[2];

	/* Whole messages, in order. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return -errno;
	handover->fd = ends[0];
	*ret_theirs = ends[1];
	return 0;
}

int handover_begin(struct handover *handover, struct scratch *scratch, struct call *call, const int *numbers, unsigned n,
		   struct user_regs_struct *regs)
{
	size_t size = n * sizeof *numbers;
	struct parcel parcel = { .data.iov_len = sizeof parcel.mark };
	struct msghdr message = { .msg_iovlen = 1, .msg_controllen = CMSG_LEN(size) };
	const struct cmsghdr header = { CMSG_LEN(size), SOL_SOCKET, SCM_RIGHTS };
	uintptr_t at;

	call->slot = handover->fd < 0 ? -1 : scratch_take(scratch);
	if (call->slot < 0)
		return -EMFILE;
	at = scratch_path_address(call->slot);
	memcpy(parcel.control, &header, sizeof header);
	memcpy(parcel.control + CMSG_LEN(0), numbers, size);
	parcel.mark = (struct mark){ ++handover->tags, call->slot };
	parcel.data.iov_base = (void *)(at + offsetof(struct parcel, mark));
	message.msg_iov = (struct iovec *)(at + offsetof(struct parcel, data));
	message.msg_control = (void *)(at + offsetof(struct parcel, control));
	scratch_put(scratch, call->slot, (const char *)&parcel, sizeof parcel, &message, sizeof message);
	call->handover = handover->tags;
	abi_set_nr(regs, SYS_sendmsg);
	abi_set_arg(regs, 0, (uint64_t)handover->number);
	abi_set_arg(regs, 1, scratch_how_address(call->slot));
	abi_set_arg(regs, 2, MSG_DONTWAIT | MSG_NOSIGNAL);
	return 0;
}

static void drop(struct handed_over *place)
{
	while (place->n > 0)
		close(place->fds[--place->n]);
	place->tag = 0;
}

/* Keeps the next message at the slot that it names; one there that was never fetched makes room. */
static int receive(struct handover *handover)
{
	alignas(struct cmsghdr) char control[CMSG_SPACE(HANDOVER_MAX * sizeof(int))];
	struct mark mark = { 0, -1 };
	struct iovec data = { &mark, sizeof mark };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
	};
	struct handed_over came = { 0 }, *place;
	struct cmsghdr *header;

	if (recvmsg(handover->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
		return -errno;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		return 0;
	came.n = MIN((unsigned)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int)), (unsigned)HANDOVER_MAX);
	memcpy(came.fds, CMSG_DATA(header), came.n * sizeof(int));
	if (mark.slot < 0 || mark.slot >= SCRATCH_SLOTS) {
		drop(&came);
		return 0;
	}
	came.tag = mark.tag;
	place = &handover->places[mark.slot];
	drop(place);
	*place = came;
	return 0;
}

int handover_receive(struct handover *handover, const struct call *call, int ret_fds[HANDOVER_MAX])
{
	struct handed_over *place = &handover->places[call->slot];
	int r = 0;

	/* Other threads' messages may have come first: those are kept for their own exit stops. */
	while (place->tag != call->handover && r == 0)
		r = receive(handover);
	if (r < 0)
		return -EBADF;
	memcpy(ret_fds, place->fds, sizeof place->fds);
	r = (int)place->n;
	*place = (struct handed_over){ 0 };
	return r > 0 ? r : -EBADF;
}

void handover_fini(struct handover *handover)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(handover->places); i++)
		drop(&handover->places[i]);
	if (handover->fd >= 0)
		close(handover->fd);
	handover->fd = -1;
}
