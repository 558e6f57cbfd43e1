/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages on sockets, where a policy's `net` grants an address.
 *
 * A message with an address is sent by the supervisor, on a duplicate of the socket and from a copy of the data. One
 * without is sent by the kernel, with a header in the sealed scratch that has neither address nor control part; which
 * data its parts point to is the program's own business. Descriptors and credentials neither go out nor come in: a
 * message is received by the supervisor, on a duplicate too, without room for a control part, and the kernel drops
 * what else it carried. A header that is received to is written back to by the kernel, so it could not lie in the
 * scratch; and in the program's memory it could get such room at any moment.
 */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "supervisor/handlers/address.h"
#include "supervisor/lend.h"
#include "tracee/memory.h"

enum {
	MAX_PARTS = 1024,	 /* UIO_MAXIOV */
	MAX_DATAGRAM = 1 << 18, /* longer than any that a socket's buffer takes, unless it was made larger: */
	MAX_QUEUED = 1 << 24,
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

/* Where a message is received to: COUNT parts of TOTAL bytes together. */
struct parts {
	struct iovec *part; /* owned */
	size_t count;
	uint64_t total;
};

static void parts_fini(struct parts *parts)
{
	free(parts->part);
}

/* What the kernel finds wrong with the header comes first, before anything is received. 0 or an errno. */
static int read_parts(const struct call *call, struct parts *ret)
{
	const struct msghdr *message = &call->request.message;
	size_t i;

	if (message->msg_name && (int)message->msg_namelen < 0)
		return EINVAL;
	if (message->msg_iovlen > MAX_PARTS)
		return EMSGSIZE;
	ret->count = message->msg_iovlen;
	ret->part = xcalloc(MAX(ret->count, (size_t)1), sizeof *ret->part);
	if (ret->count && memory_read(call->request.tid, (uintptr_t)message->msg_iov, ret->part, ret->count * sizeof *ret->part) < 0)
		return EFAULT;
	for (i = 0; i < ret->count; i++) {
		if ((int64_t)ret->part[i].iov_len < 0)
			return EINVAL;
		ret->total = MIN(ret->total + ret->part[i].iov_len, (uint64_t)INT_MAX);
	}
	return 0;
}

/* How much is received at most. A stream may give less than there is; of a datagram what does not fit would be lost. */
static size_t room_for(const struct own_socket *socket, uint64_t total)
{
	int next = 0;

	if (total > MAX_DATAGRAM && socket->type != SOCK_STREAM && ioctl(socket->fd, FIONREAD, &next) == 0 && next > MAX_DATAGRAM)
		return (size_t)MIN(total, (uint64_t)MIN(next, (int)MAX_QUEUED));
	return (size_t)MIN(total, (uint64_t)MAX_DATAGRAM);
}

/* With MSG_TRUNC the kernel may tell a length that it did not write: what lay there before is nobody's to see. */
static char *make_room(size_t size, int flags)
{
	return flags & MSG_TRUNC ? xcalloc(MAX(size, (size_t)1), 1) : xmalloc(MAX(size, (size_t)1));
}

/* Writes N bytes of DATA to PARTS. 0 or -EFAULT. */
static int scatter(pid_t tid, const struct parts *parts, const char *data, size_t n)
{
	size_t i, some;

	for (i = 0; i < parts->count && n > 0; i++, data += some, n -= some) {
		some = MIN(parts->part[i].iov_len, n);
		if (some && memory_write(tid, (uintptr_t)parts->part[i].iov_base, data, some) < 0)
			return -EFAULT;
	}
	return 0;
}

/* Writes what recvmsg(2) tells beside the data: who sent it, and what was cut off. 0 or -EFAULT. */
static int write_back(const struct call *call, const struct msghdr *got)
{
	const struct msghdr *asked = &call->request.message;
	const struct {
		uint64_t controllen;
		uint32_t flags;
	} rest = { 0, (uint32_t)got->msg_flags | ((uint32_t)message_flags(&call->request) & MSG_CMSG_CLOEXEC) };
	uint64_t at = call->request.args[1];
	pid_t tid = call->request.tid;
	size_t some = MIN(asked->msg_namelen, got->msg_namelen);

	_Static_assert(offsetof(struct msghdr, msg_flags) == offsetof(struct msghdr, msg_controllen) + 8, "x86-64");
	if (asked->msg_name) {
		if (some && memory_write(tid, (uintptr_t)asked->msg_name, got->msg_name, some) < 0)
			return -EFAULT;
		if (memory_write(tid, at + offsetof(struct msghdr, msg_namelen), &got->msg_namelen, sizeof got->msg_namelen) < 0)
			return -EFAULT;
	}
	return memory_write(tid, at + offsetof(struct msghdr, msg_controllen), &rest, 12) < 0 ? -EFAULT : 0;
}

/* The program waits as in its own call, until there is something; nothing is taken, wherever the number leads then. */
static struct plan wait_for_message(const struct call *call)
{
	const uint64_t args[SYSCALL_MAX_ARGS] = { call->request.args[0], 0, 0, MSG_PEEK };
	struct plan plan = plan_call(call);

	plan.nr = SYS_recvfrom;
	memcpy(plan.args, args, sizeof args);
	plan.finish = FINISH_READY;
	return plan;
}

/* Tells the program of N bytes that were received: the call's result, or -EFAULT. */
static int64_t tell_received(const struct call *call, const struct parts *parts, const struct msghdr *got, ssize_t n)
{
	uint32_t length = (uint32_t)n;
	int r = scatter(call->request.tid, parts, got->msg_iov->iov_base, MIN((size_t)n, got->msg_iov->iov_len));

	r = r < 0 ? r : write_back(call, got);
	if (r == 0 && is_many(&call->request))
		r = memory_write(call->request.tid, call->request.args[1] + sizeof *got, &length, sizeof length);
	if (r < 0)
		return -EFAULT;
	return is_many(&call->request) ? 1 : (int64_t)n;
}

/* FROM, an address of LEN bytes as the kernel has it, becomes what the program called it. Its length. */
static socklen_t as_called(const struct view *view, struct sockaddr_storage *from, socklen_t len)
{
	const struct own_name *name = own_names_find(view->own_names, from, len);

	if (!name)
		return len;
	memcpy(from, &name->asked, sizeof name->asked);
	return name->asked_len;
}

static bool would_wait(int fd, int flags)
{
	return errno == EAGAIN && !(flags & MSG_DONTWAIT) && !(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

/* Of several messages one is received; recvmmsg(2) may stop after any. */
static struct plan receive_here(const struct view *view, struct call *call, int fd)
{
	int flags = message_flags(&call->request) & ~(MSG_CMSG_CLOEXEC | MSG_WAITFORONE), err;
	struct sockaddr_storage from = { 0 };
	struct iovec data = { NULL, 0 };
	struct msghdr got = { .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &data, .msg_iovlen = 1 };
	_cleanup_(parts_fini) struct parts parts = { 0 };
	_cleanup_free_ char *buffer = NULL;
	struct own_socket socket;
	struct plan plan;
	ssize_t n;

	if (!own_socket(view, fd, &socket, &plan))
		return plan;
	err = read_parts(call, &parts);
	if (err)
		return plan_error(err);
	data.iov_len = room_for(&socket, parts.total);
	data.iov_base = buffer = make_room(data.iov_len, flags);
	n = recvmsg(fd, &got, flags | MSG_DONTWAIT);
	if (n < 0)
		return would_wait(fd, flags) ? wait_for_message(call) : plan_answer(-errno);
	got.msg_namelen = as_called(view, &from, got.msg_namelen);
	/* TCP throws away what is asked for so, and writes nothing. */
	if (socket.transport == NET_TCP && (flags & MSG_TRUNC))
		data.iov_len = 0;
	return plan_answer(tell_received(call, &parts, &got, n));
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
	int err;

	if (!serves_sockets(view))
		return plan_deny(view->ground->policy, 0);
	err = is_many(request) ? check_timeout(request) : 0;
	if (err)
		return plan_error(err);
	if (is_many(request) && (uint32_t)request->args[2] == 0)
		return plan_answer(0);
	if (request->message_err)
		return plan_error(request->message_err);
	if (message_flags(request) & MSG_ERRQUEUE)
		return plan_hide(rule_syscall, EAGAIN);
	if (!view->ground->audits)
		return plan_descriptor(receive_here);
	return is_stdio(view, request->tid, (int)request->args[0], ANY_STDIO) ? plan_deny(view->ground->policy, 0) :
										plan_watch();
}

/* move_addr_to_user() in net/socket.c. 0 or an errno. */
static int tell_sender(const struct call *call, const struct sockaddr_storage *from, int len)
{
	const uint64_t *args = call->request.args;
	pid_t tid = call->request.tid;
	int room;

	if (memory_read(tid, args[5], &room, sizeof room) < 0)
		return EFAULT;
	if (room < 0)
		return EINVAL;
	if ((len && room && memory_write(tid, args[4], from, (size_t)MIN(len, room)) < 0) ||
	    memory_write(tid, args[5], &len, sizeof len) < 0)
		return EFAULT;
	return 0;
}

/* The program's own unix sockets have names that the kernel does not know: what comes from them is received here. */
static struct plan receive_named(const struct view *view, struct call *call, int fd)
{
	const uint64_t *args = call->request.args;
	struct own_socket socket = { .fd = fd };
	struct sockaddr_storage from = { 0 };
	socklen_t size = sizeof socket.domain, len = sizeof from;
	_cleanup_free_ char *buffer = NULL;
	int flags = (int)args[3], err;
	size_t room;
	ssize_t n;

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &socket.domain, &size) < 0 || socket.domain != AF_UNIX ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &socket.type, &size) < 0 || is_stdio_file(view->ground, fd, ANY_STDIO))
		return plan_watch();
	room = room_for(&socket, MIN(args[2], (uint64_t)INT_MAX));
	buffer = make_room(room, flags);
	n = recvfrom(fd, buffer, room, flags | MSG_DONTWAIT, (struct sockaddr *)&from, &len);
	if (n < 0)
		return would_wait(fd, flags) ? wait_for_message(call) : plan_answer(-errno);
	if (memory_write(call->request.tid, args[1], buffer, MIN((size_t)n, room)) < 0)
		return plan_answer(-EFAULT);
	err = tell_sender(call, &from, (int)as_called(view, &from, len));
	return plan_answer(err ? -err : n);
}

/* A recvfrom that asks for the sender: the program's own pairs have no name, and other senders are not told. */
struct plan handle_receive(const struct view *view, struct call *call)
{
	const int no_name = 0;
	struct plan plan;

	/* Inherited sockets are connected then (cli/run.c), and name no sender. */
	if (view->ground->audits)
		return plan_watch();
	if (view->own_names->n && serves_sockets(view) && !((int)call->request.args[3] & MSG_ERRQUEUE))
		return plan_descriptor(receive_named);
	if (policy_grants_net(view->ground->policy))
		return plan_watch();
	plan = plan_call(call);
	plan.args[4] = plan.args[5] = 0;
	plan_write(call, call->request.args[5], &no_name, sizeof no_name);
	return plan;
}
