/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages on sockets, where a policy's `net` grants an address.
 *
 * A message with an address is sent by the supervisor, on a duplicate of the socket and from a copy of the data. One
 * without is sent by the kernel, with a header in the sealed scratch that has neither address nor control part; which
 * data its parts point to is the program's own business. Descriptors and credentials neither go out nor come in: of a
 * message only the data and the sender are received, and the kernel drops what else it carried.
 */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "supervisor/handlers/address.h"
#include "supervisor/lend.h"
#include "tracee/memory.h"

enum {
	MAX_PARTS = 1024,	 /* UIO_MAXIOV */
	MAX_DATAGRAM = 1 << 18, /* longer than any that a socket's buffer takes */
	SEND_FLAGS = MSG_MORE | MSG_EOR | MSG_DONTWAIT | MSG_NOSIGNAL | MSG_CONFIRM,
};

/* ------------------------------------------------------------------ sending */

/* Sends what the call's buffer has to RAW, as one datagram. */
static struct plan send_datagram(const struct view *view, struct call *call, const struct own_socket *socket,
				 const void *raw, size_t raw_len, int flags)
{
	struct kernel_address to;
	struct decision decision;
	struct plan plan;
	ssize_t n;

	if (!address_ask(view, call, socket, NET_CONNECT, raw, raw_len, &to, &decision, &plan))
		return plan;
	if (view->ground->audits) {
		plan = plan_watch();
	} else {
		n = sendto(socket->fd, call->out.data, call->out.len, (flags & (MSG_MORE | MSG_EOR)) | MSG_DONTWAIT | MSG_NOSIGNAL,
			   (const struct sockaddr *)&to.address, to.len);
		if (n < 0 && errno == EAGAIN && !(flags & MSG_DONTWAIT) && !(fcntl(socket->fd, F_GETFL) & O_NONBLOCK))
			plan = plan_again();
		else
			plan = plan_answer(n < 0 ? -errno : n);
	}
	plan.decision = decision;
	kernel_address_fini(&to);
	return plan;
}

/* Appends LEN bytes of the program's at ADDR to the call's buffer. 0 or an errno. */
static int take_data(struct call *call, uint64_t addr, uint64_t len)
{
	char *room;

	if (len > MAX_DATAGRAM || call->out.len + len > MAX_DATAGRAM)
		return EMSGSIZE;
	if (len == 0)
		return 0;
	buf_reserve(&call->out, (size_t)len);
	room = call->out.data + call->out.len;
	if (memory_read(call->request.tid, addr, room, (size_t)len) < 0)
		return EFAULT;
	call->out.len += (size_t)len;
	return 0;
}

/* Where output is counted, no thread may put stdout in this descriptor's place (write.c). */
static struct plan elsewhere(const struct view *view, struct plan plan)
{
	if (!view->output->counted || view->tasks->n == 1)
		return plan;
	return as_elsewhere(view, plan);
}

/* Is SOCKET one of those that send a message to an address? */
static bool sends_to_addresses(const struct own_socket *socket)
{
	return socket->transport == NET_UDP || (socket->domain == AF_UNIX && socket->type == SOCK_DGRAM);
}

/* Does SOCKET leave an address that it is given unread (tcp(7); unix(7) of SOCK_SEQPACKET)? Then the message is one without. */
static bool ignores_addresses(const struct own_socket *socket, int flags)
{
	return !sends_to_addresses(socket) && !(flags & MSG_FASTOPEN) &&
	       (socket->domain != AF_UNIX || socket->type == SOCK_SEQPACKET);
}

/* On a stream of AF_UNIX an address is an error whatever it is; connecting by sending (MSG_FASTOPEN) is not offered. */
static struct plan stream_answer(const struct own_socket *socket, int flags)
{
	struct sockaddr_un peer;
	socklen_t len = sizeof peer;

	if (flags & MSG_FASTOPEN)
		return plan_hide(rule_syscall, EOPNOTSUPP);
	return plan_error(getpeername(socket->fd, (struct sockaddr *)&peer, &len) == 0 ? EISCONN : EOPNOTSUPP);
}

/* May SOCKET send a message with an address? False: RET_PLAN answers. */
static bool may_send(const struct view *view, const struct own_socket *socket, int flags, struct plan *ret_plan)
{
	if (!sends_to_addresses(socket))
		*ret_plan = stream_answer(socket, flags);
	else if (flags & ~SEND_FLAGS && !view->ground->audits)
		*ret_plan = plan_error(EOPNOTSUPP);
	else
		return true;
	return false;
}

static struct plan send_to(const struct view *view, struct call *call, int fd)
{
	const struct request *request = &call->request;
	int flags = (int)request->args[3], err;
	struct own_socket socket;
	struct plan plan;

	if (!own_socket(view, fd, &socket, &plan))
		return plan;
	if (ignores_addresses(&socket, flags) && !view->ground->audits) {
		plan = plan_call(call);
		plan.args[4] = plan.args[5] = 0;
		return elsewhere(view, plan);
	}
	if (!may_send(view, &socket, flags, &plan))
		return plan;
	if (request->text_size[4] == 0)
		return address_unread(request->args[5]);
	err = take_data(call, request->args[1], request->args[2]);
	if (err)
		return plan_error(err);
	return send_datagram(view, call, &socket, request->text + request->text_at[4], request->text_size[4], flags);
}

struct plan handle_send_to(const struct view *view, struct call *call)
{
	(void)call;
	return serves_sockets(view) || view->ground->audits ? plan_descriptor(send_to) : plan_deny(view->ground->policy, 0);
}

/* Part I of what MESSAGE points to: 0, or the error. */
static int read_part(const struct call *call, const struct msghdr *message, size_t i, struct iovec *ret_part)
{
	uint64_t at = (uintptr_t)message->msg_iov + i * sizeof *ret_part;

	return memory_read(call->request.tid, at, ret_part, sizeof *ret_part) < 0 ? EFAULT : 0;
}

static int gather(struct call *call, const struct msghdr *message)
{
	struct iovec part;
	size_t i;
	int err = 0;

	if (message->msg_iovlen > MAX_PARTS)
		return EMSGSIZE;
	for (i = 0; i < message->msg_iovlen && !err; i++) {
		err = read_part(call, message, i, &part);
		if (!err)
			err = take_data(call, (uintptr_t)part.iov_base, part.iov_len);
	}
	return err;
}

static bool is_many(const struct request *request)
{
	return request->nr == SYS_sendmmsg || request->nr == SYS_recvmmsg;
}

/* sendmmsg(2) may stop after any message: only the first is sent, and the program is told so. */
static struct plan one_of_many(struct call *call, struct plan plan)
{
	uint32_t n = (uint32_t)plan.result;

	if (!is_many(&call->request) || plan.kind != PLAN_ANSWER || plan.result < 0)
		return plan;
	plan_write(call, call->request.args[1] + sizeof(struct msghdr), &n, sizeof n);
	plan.result = 1;
	return plan;
}

int message_flags(const struct request *request)
{
	return (int)request->args[is_many(request) ? 3 : 2];
}

static struct plan send_nameless(const struct view *view, struct call *call)
{
	const struct request *request = &call->request;
	const struct msghdr message = { .msg_iov = request->message.msg_iov, .msg_iovlen = request->message.msg_iovlen };
	struct plan plan;

	if (is_stdio(view, request->tid, (int)request->args[0], ANY_STDIO))
		return plan_deny(view->ground->policy, 0);
	if (view->ground->audits)
		return plan_watch();
	plan = plan_call(call);
	plan.nr = SYS_sendmsg;
	plan.args[2] = (uint64_t)(message_flags(request) & SEND_FLAGS);
	buf_put(&call->out, &message, sizeof message);
	plan.data = call->out.data;
	plan.data_len = sizeof message;
	plan.data_arg = 1;
	plan.finish = is_many(request) ? FINISH_ONE_MESSAGE : FINISH_PLAIN;
	return elsewhere(view, plan);
}

static struct plan send_named(const struct view *view, struct call *call, int fd)
{
	const struct request *request = &call->request;
	int flags = message_flags(request), err;
	struct own_socket socket;
	struct plan plan;

	if (!own_socket(view, fd, &socket, &plan))
		return plan;
	if (ignores_addresses(&socket, flags))
		return send_nameless(view, call);
	if (!may_send(view, &socket, flags, &plan))
		return plan;
	if (request->text_size[1] == 0)
		return plan_error(EFAULT);
	err = gather(call, &request->message);
	if (err)
		return plan_error(err);
	plan = send_datagram(view, call, &socket, request->text + request->text_at[1], request->text_size[1], flags);
	/* The data has been sent; the buffer is for what is written back. */
	buf_clear(&call->out);
	return one_of_many(call, plan);
}

struct plan send_message(const struct view *view, struct call *call)
{
	const struct request *request = &call->request;

	if (!serves_sockets(view))
		return plan_deny(view->ground->policy, 0);
	if (is_many(request) && (uint32_t)request->args[2] == 0)
		return plan_answer(0);
	if (request->message_err)
		return plan_error(request->message_err);
	if (request->message.msg_control && request->message.msg_controllen)
		return plan_deny(view->ground->policy, 0);
	if (request->message.msg_name && request->message.msg_namelen)
		return plan_descriptor(send_named);
	return send_nameless(view, call);
}

/* ------------------------------------------------------------------ receiving */

/* The one part that is not empty; false when there are several. */
static bool single_part(const struct call *call, struct iovec *ret_part, int *ret_err)
{
	const struct msghdr *message = &call->request.message;
	struct iovec part, found = { NULL, 0 };
	size_t i, n = 0;

	*ret_err = message->msg_iovlen > MAX_PARTS ? EMSGSIZE : 0;
	for (i = 0; i < message->msg_iovlen && !*ret_err; i++) {
		*ret_err = read_part(call, message, i, &part);
		if (!*ret_err && part.iov_len && n++ == 0)
			found = part;
	}
	*ret_part = found;
	return n <= 1;
}

/* Tells the program that no control part has come, and that nothing was cut off. */
static void write_back(struct call *call)
{
	static const struct {
		uint64_t controllen;
		uint32_t flags;
	} none = { 0, 0 };

	_Static_assert(offsetof(struct msghdr, msg_flags) == offsetof(struct msghdr, msg_controllen) + 8, "x86-64");
	plan_write(call, call->request.args[1] + offsetof(struct msghdr, msg_controllen), &none, 12);
}

/* How long recvmmsg(2) may wait for another message; for the first one it waits whatever that says. 0 or the error. */
static int check_timeout(const struct request *request)
{
	struct timespec time = { 0, 0 };

	if (request->args[4] && memory_read(request->tid, request->args[4], &time, sizeof time) < 0)
		return EFAULT;
	return time.tv_sec < 0 || time.tv_nsec < 0 || time.tv_nsec >= 1000000000 ? EINVAL : 0;
}

struct plan receive_message(const struct view *view, struct call *call)
{
	const struct request *request = &call->request;
	const struct msghdr *message = &request->message;
	int flags = message_flags(request) & ~(MSG_CMSG_CLOEXEC | MSG_WAITFORONE), err;
	struct iovec part;
	struct plan plan;
	bool single;

	if (!serves_sockets(view) || is_stdio(view, request->tid, (int)request->args[0], ANY_STDIO))
		return plan_deny(view->ground->policy, 0);
	err = is_many(request) ? check_timeout(request) : 0;
	if (err)
		return plan_error(err);
	if (is_many(request) && (uint32_t)request->args[2] == 0)
		return plan_answer(0);
	if (request->message_err)
		return plan_error(request->message_err);
	if (flags & MSG_ERRQUEUE)
		return plan_hide(rule_syscall, EAGAIN);
	if (view->ground->audits)
		return plan_watch();
	single = single_part(call, &part, &err);
	if (err)
		return plan_error(err);
	plan = plan_call(call);
	if (single) {
		plan.nr = SYS_recvfrom;
		plan.args[1] = (uintptr_t)part.iov_base;
		plan.args[2] = part.iov_len;
		plan.args[3] = (uint64_t)flags;
		plan.args[4] = (uintptr_t)message->msg_name;
		plan.args[5] = message->msg_name ? request->args[1] + offsetof(struct msghdr, msg_namelen) : 0;
	} else if (!message->msg_name && !flags) {
		plan.nr = SYS_readv;
		plan.args[1] = (uintptr_t)message->msg_iov;
		plan.args[2] = message->msg_iovlen;
	} else {
		return plan_hide(rule_syscall, EOPNOTSUPP);
	}
	/* recvmmsg(2) may stop after any message, too. */
	plan.finish = is_many(request) ? FINISH_ONE_MESSAGE : FINISH_PLAIN;
	write_back(call);
	return plan;
}
