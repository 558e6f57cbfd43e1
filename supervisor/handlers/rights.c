/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors in messages, within the run. They may pass where no unix socket of the program can lead out of the run:
 * where no rule of `net` names unix sockets and none was inherited, so that the only ones are its pairs and those that
 * its processes have bound beneath the scratch and connected to. Then it does not matter if a thread swaps one for
 * another. The header and control part are copied to the scratch: the supervisor's own descriptors are not sent.
 */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "supervisor/handlers/address.h"
#include "tracee/memory.h"

enum { MAX_CONTROL = 2048 /* of 253 descriptors (SCM_MAX_FD): 1,032 */ };

/* Do all unix sockets belong to the run? */
static bool may_pass(const struct view *view)
{
	size_t i;

	if (!serves_own_sockets(view) || policy_grants_transport(view->ground->policy, NET_UNIX))
		return false;
	for (i = 0; i < ARRAY_SIZE(view->ground->stdio); i++)
		if (S_ISSOCK(view->ground->stdio[i].st_mode))
			return false;
	return true;
}

/* Does CONTROL, LEN bytes, hold descriptors of the program's own and nothing else? 0 or the errno. */
static int check_control(const struct view *view, const char *control, size_t len)
{
	struct cmsghdr header;
	size_t at, i;
	int fd;

	for (at = 0; at + sizeof header <= len; at += CMSG_ALIGN(header.cmsg_len)) {
		memcpy(&header, control + at, sizeof header);
		if (header.cmsg_len < sizeof header || header.cmsg_len > len - at)
			return EINVAL;
		if (header.cmsg_level != SOL_SOCKET || header.cmsg_type != SCM_RIGHTS)
			return EPERM;
		for (i = sizeof header; i + sizeof fd <= header.cmsg_len; i += sizeof fd) {
			memcpy(&fd, control + at + i, sizeof fd);
			if (fd < 0 || fd >= view->ground->reserved_fd)
				return EBADF;
		}
		if (CMSG_ALIGN(header.cmsg_len) > len - at)
			break;
	}
	return 0;
}

struct plan handle_send_message(const struct view *view, struct call *call)
{
	const struct request *request = &call->request;
	struct msghdr message = { .msg_iov = request->message.msg_iov, .msg_iovlen = request->message.msg_iovlen };
	size_t len = request->message.msg_controllen;
	struct plan plan;
	int err;

	if (request->nr != SYS_sendmsg || request->message_err || !request->message.msg_control || len == 0 ||
	    view->ground->audits || !may_pass(view))
		return send_message(view, call);
	if ((int)request->args[0] < 0 || (int)request->args[0] >= view->ground->reserved_fd)
		return plan_error(EBADF);
	if (len > MAX_CONTROL)
		return plan_error(EINVAL);
	/* An address is dropped: a connected socket has its peer, and an unconnected one then sends nothing. */
	message.msg_control = (void *)sizeof message;
	message.msg_controllen = len;
	buf_put(&call->out, &message, sizeof message);
	buf_reserve(&call->out, len);
	if (memory_read(request->tid, (uintptr_t)request->message.msg_control, call->out.data + call->out.len, len) < 0)
		return plan_error(EFAULT);
	err = check_control(view, call->out.data + call->out.len, len);
	call->out.len += len;
	if (err == EPERM)
		return plan_deny(view->ground->policy, 0);
	if (err)
		return plan_error(err);
	plan = plan_call(call);
	plan.args[2] = request->args[2] & (MSG_MORE | MSG_EOR | MSG_DONTWAIT | MSG_NOSIGNAL);
	plan.data = call->out.data;
	plan.data_len = call->out.len;
	plan.data_arg = 1;
	plan.points_at = offsetof(struct msghdr, msg_control);
	return plan;
}

/* Who sent it is asked, descriptors are not: the program's own unix sockets have names that the kernel does not know. */
static bool asks_for_sender(const struct view *view, const struct request *request)
{
	return view->own_names->n && !request->message_err && request->message.msg_name && !request->message.msg_controllen;
}

/* Received descriptors are the run's own. One may be another descriptor of stdout. */
struct plan handle_receive_message(const struct view *view, struct call *call)
{
	const struct request *request = &call->request;

	if (view->ground->audits || !may_pass(view) || (message_flags(request) & MSG_ERRQUEUE) ||
	    asks_for_sender(view, request))
		return receive_message(view, call);
	if ((int)request->args[0] < 0 || (int)request->args[0] >= view->ground->reserved_fd)
		return plan_error(EBADF);
	return as_alias(view, call, plan_watch());
}
