/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets that reach others, where a policy's `net` grants an address.
 *
 * Calls with an address are made by the supervisor, on a duplicate of the socket and with the address that it decided
 * on: so neither memory nor descriptor can be swapped in between, and the second wall stays shut for the program,
 * which by itself can connect to nothing. The supervisor never waits for others: it makes the socket non-blocking for
 * the moment (only the supervisor changes that flag). Where the program's own call would wait, the program waits: for
 * the connection, in a send(2) of nothing, which has no address; for room, in a poll(2) of nothing, after which the
 * call is decided again.
 */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/handlers/address.h"
#include "supervisor/lend.h"
#include "tracee/memory.h"

/* Are addresses decided on? In audit mode always: there are sockets without a rule, and each address is recorded. */
static bool looks_at_addresses(const struct view *view)
{
	return serves_sockets(view) || view->ground->audits;
}

static struct plan not_offered(const struct view *view)
{
	return plan_deny(view->ground->policy, 0);
}

/* ------------------------------------------------------------------ socket */

static bool may_make(const struct policy *policy, unsigned domain, unsigned type, unsigned protocol)
{
	switch (domain) {
	case AF_INET:
	case AF_INET6:
		if (type == SOCK_STREAM)
			return (protocol == 0 || protocol == IPPROTO_TCP) && policy_grants_transport(policy, NET_TCP);
		return type == SOCK_DGRAM && (protocol == 0 || protocol == IPPROTO_UDP) &&
		       policy_grants_transport(policy, NET_UDP);
	case AF_UNIX:
		/* Always: what it is for shows when it is connected, and the C library needs one to ask nscd. */
		return (type == SOCK_STREAM || type == SOCK_DGRAM || type == SOCK_SEQPACKET) && protocol == 0;
	default:
		return false;
	}
}

/*
 * Sockets that libraries make only to find something out, and can do without: whether there is IPv6 (urllib3, when
 * imported), what the machine's addresses are (netlink; libuuid, without flags), whether nscd or uuidd runs (glibc and
 * libuuid, known by their flags). A program that means to connect names the protocol that getaddrinfo(3) gave, and
 * Python's own sockets have other flags: those are attempts, and refused.
 */
static bool is_question(int domain, int type, int protocol)
{
	if (protocol != 0)
		return false;
	switch (domain) {
	case AF_INET6:
	case AF_NETLINK: /* and NETLINK_ROUTE is 0 */
		return true;
	case AF_UNIX:
		return type == SOCK_STREAM || type == (SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
	case AF_INET:
		return type == SOCK_DGRAM;
	default:
		return false;
	}
}

/* To a program with sockets, netlink answers as where getifaddrs(3) is not supported: libzmq, which asks for the
 * machine's addresses before it binds, goes on without them then, and aborts at any other error. */
struct plan handle_socket(const struct view *view, struct call *call)
{
	const uint64_t *args = call->request.args;
	unsigned domain = (unsigned)args[0], type = (unsigned)args[1] & ~(unsigned)(SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (serves_sockets(view) && may_make(view->ground->policy, domain, type, (unsigned)args[2]))
		return buffers_fit(view, &call->request, plan_watch());
	if (is_question((int)args[0], (int)args[1], (int)args[2]))
		return plan_hide(rule_syscall, domain == AF_NETLINK && serves_sockets(view) ? EOPNOTSUPP : EAFNOSUPPORT);
	return not_offered(view);
}

/* ------------------------------------------------------------------ connect */

/* Connects without waiting: 0 or -errno. RET_BLOCKS: the program's own call would wait. */
static int connect_now(const struct own_socket *socket, const struct kernel_address *to, bool *ret_blocks)
{
	const struct sockaddr *address = (const struct sockaddr *)&to->address;
	int flags = fcntl(socket->fd, F_GETFL), r;

	if (flags < 0)
		return -errno;
	*ret_blocks = !(flags & O_NONBLOCK);
	if (*ret_blocks && fcntl(socket->fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	r = connect(socket->fd, address, to->len) < 0 ? -errno : 0;
	/* Within one machine the connection usually stands by now. */
	if (r == -EINPROGRESS && *ret_blocks)
		r = connect(socket->fd, address, to->len) < 0 ? -errno : 0;
	if (*ret_blocks)
		fcntl(socket->fd, F_SETFL, flags);
	return r;
}

/* The call is replaced by a send(2) of nothing, which waits for the connection and tells how it went. */
static struct plan wait_connected(const struct call *call)
{
	struct plan plan = plan_call(call);

	plan.nr = SYS_sendto;
	plan.args[1] = plan.args[2] = plan.args[4] = plan.args[5] = 0;
	plan.args[3] = MSG_NOSIGNAL;
	plan.finish = FINISH_CONNECTED;
	return plan;
}

static struct plan connect_to(const struct view *view, struct call *call, int fd)
{
	const struct request *request = &call->request;
	const void *raw = request->text + request->text_at[1];
	size_t len = request->text_size[1];
	struct kernel_address to;
	struct decision decision;
	struct own_socket socket;
	struct plan plan;
	bool blocks = false;
	int r;

	if (!own_socket(view, fd, &socket, &plan))
		return plan;
	if (len == 0)
		return address_unread(request->args[2]);
	if (len >= sizeof(sa_family_t) && *(const char *)raw == AF_UNSPEC && ((const char *)raw)[1] == 0) {
		const struct sockaddr none = { .sa_family = AF_UNSPEC };

		if (view->ground->audits)
			return plan_watch();
		return plan_answer(connect(fd, &none, sizeof none) < 0 ? -errno : 0);
	}
	if (!address_ask(view, call, &socket, NET_CONNECT, raw, len, &to, &decision, &plan))
		return plan;
	if (view->ground->audits) {
		plan = plan_watch();
	} else {
		r = connect_now(&socket, &to, &blocks);
		if (blocks && (r == -EINPROGRESS || r == -EALREADY))
			plan = wait_connected(call);
		else if (blocks && r == -EAGAIN && socket.domain == AF_UNIX)
			plan = plan_again();
		else
			plan = plan_answer(r);
	}
	plan.decision = decision;
	kernel_address_fini(&to);
	return plan;
}

struct plan handle_connect(const struct view *view, struct call *call)
{
	(void)call;
	return looks_at_addresses(view) ? plan_descriptor(connect_to) : not_offered(view);
}

/* ------------------------------------------------------------------ bind, listen, accept */

/* Binds FD, by a path with the program's umask: a socket's file gets the mode of the socket, less the caller's umask. */
static struct plan bind_now(const struct call *call, int fd, const struct kernel_address *to)
{
	if (to->file >= 0 && fchmod(fd, 0777 & ~change_umask_of(call->request.tid)) < 0)
		return plan_answer(-errno);
	return plan_answer(bind(fd, (const struct sockaddr *)&to->address, to->len) < 0 ? -errno : 0);
}

static struct plan bind_to(const struct view *view, struct call *call, int fd)
{
	const struct request *request = &call->request;
	size_t len = request->text_size[1];
	struct kernel_address to;
	struct decision decision;
	struct own_socket socket;
	struct plan plan;

	if (!own_socket(view, fd, &socket, &plan))
		return plan;
	if (len == 0)
		return address_unread(request->args[2]);
	if (!address_ask(view, call, &socket, NET_BIND, request->text + request->text_at[1], len, &to, &decision, &plan))
		return plan;
	if (view->ground->audits)
		plan = plan_watch();
	else
		plan = bind_now(call, fd, &to);
	if (to.file >= 0 && ledger_counts(view->ledger, call->objects[0].grant))
		plan.ledger = LEDGER_MAKE;
	if (plan.kind == PLAN_ANSWER && plan.result == 0 && to.file >= 0)
		own_names_add(view->own_names, (const struct sockaddr_un *)&to.address, to.len,
			      request->text + request->text_at[1], (socklen_t)len);
	plan.decision = decision;
	kernel_address_fini(&to);
	return plan;
}

struct plan handle_bind(const struct view *view, struct call *call)
{
	(void)call;
	return looks_at_addresses(view) ? plan_descriptor(bind_to) : not_offered(view);
}

static struct plan listen_now(const struct call *call, int fd)
{
	return plan_answer(listen(fd, (int)call->request.args[1]) < 0 ? -errno : 0);
}

/* listen(2) on a socket without an address gives it the wildcard and a port of the kernel's choice: that is a bind to
 * 0.0.0.0:0 or [::]:0, which getsockname(2) says, and takes a rule that grants it. */
static struct plan listen_at(const struct view *view, struct call *call, int fd)
{
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof address;
	struct net_address at;
	struct decision decision;
	struct own_socket socket;
	struct plan plan;

	if (!own_socket(view, fd, &socket, &plan))
		return plan;
	if (socket.domain == AF_UNIX) /* only a bound socket listens */
		return view->ground->audits ? plan_watch() : listen_now(call, fd);
	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return plan_answer(-errno);
	if (!address_is_granted(view->ground->policy, &socket, &address, len, &at, &decision)) {
		call->net = (struct net_ask){ .asked = true, .use = NET_BIND, .address = at };
		decision = policy_decide_refused(view->ground->policy, 0);
		decision.rule = view->ground->policy->on_deny;
		return plan_refuse(decision);
	}
	call->net = (struct net_ask){ .asked = true, .use = NET_BIND, .address = at };
	plan = view->ground->audits ? plan_watch() : listen_now(call, fd);
	plan.decision = decision;
	return plan;
}

struct plan handle_listen(const struct view *view, struct call *call)
{
	(void)call;
	return serves_sockets(view) ? plan_descriptor(listen_at) : not_offered(view);
}

/* Only on listening sockets that a rule let be bound, not on those that the program was started with. */
struct plan handle_accept(const struct view *view, struct call *call)
{
	if (!serves_sockets(view) || is_stdio(view, call->request.tid, (int)call->request.args[0], ANY_STDIO))
		return not_offered(view);
	return buffers_fit(view, &call->request, plan_watch());
}

/* ------------------------------------------------------------------ options */

struct option {
	uint8_t level, name;
};

static const struct option settable[] = {
	{ SOL_SOCKET, SO_REUSEADDR },	     { SOL_SOCKET, SO_KEEPALIVE },     { SOL_SOCKET, SO_LINGER },
	{ SOL_SOCKET, SO_RCVTIMEO },	     { SOL_SOCKET, SO_SNDTIMEO },      { SOL_SOCKET, SO_RCVBUF },
	{ SOL_SOCKET, SO_SNDBUF },	     { SOL_SOCKET, SO_RCVLOWAT },      { SOL_SOCKET, SO_OOBINLINE },
	{ SOL_SOCKET, SO_BROADCAST },	     { IPPROTO_TCP, TCP_NODELAY },     { IPPROTO_TCP, TCP_CORK },
	{ IPPROTO_TCP, TCP_KEEPIDLE },	     { IPPROTO_TCP, TCP_KEEPINTVL },   { IPPROTO_TCP, TCP_KEEPCNT },
	{ IPPROTO_TCP, TCP_USER_TIMEOUT },   { IPPROTO_TCP, TCP_QUICKACK },    { IPPROTO_TCP, TCP_SYNCNT },
	{ IPPROTO_TCP, TCP_DEFER_ACCEPT },   { IPPROTO_IPV6, IPV6_V6ONLY },    { IPPROTO_IPV6, IPV6_RECVERR },
	{ IPPROTO_IP, IP_TOS },		     { IPPROTO_IP, IP_RECVERR },       { IPPROTO_IPV6, IPV6_TCLASS },
	{ IPPROTO_TCP, TCP_NOTSENT_LOWAT },
};

static bool is_listed(const struct call *call)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settable); i++)
		if ((uint32_t)call->request.args[1] == settable[i].level &&
		    (uint32_t)call->request.args[2] == settable[i].name)
			return true;
	return false;
}

/*
 * With datagrams SO_REUSEADDR takes over a port that another socket has, and what is sent to it. A socket that lingers
 * makes close(2) wait, the supervisor's too.
 */
static bool is_harmless(const struct call *call, const struct own_socket *socket, const char *value, size_t len)
{
	struct linger linger;

	if ((uint32_t)call->request.args[1] != SOL_SOCKET)
		return true;
	if ((uint32_t)call->request.args[2] == SO_REUSEADDR)
		return socket->type == SOCK_STREAM;
	if ((uint32_t)call->request.args[2] != SO_LINGER || len < sizeof linger)
		return true;
	memcpy(&linger, value, sizeof linger);
	return !linger.l_onoff || !linger.l_linger;
}

/*
 * The size that a buffer is given: at most the kernel's default, which each socket is counted with (buffers.h). The
 * kernel cuts a larger one at a bound of its own as silently, and doubles what it takes. What TCP holds it bounds by
 * itself, with this option or without.
 */
static void cut_buffer(const struct view *view, const struct call *call, const struct own_socket *socket, char *value,
		       size_t len)
{
	const uint32_t name = (uint32_t)call->request.args[2];
	uint32_t size, most = (uint32_t)(buffers_of_socket(view->buffers) / 2);

	if (socket->transport == NET_TCP || (uint32_t)call->request.args[1] != SOL_SOCKET ||
	    (name != SO_SNDBUF && name != SO_RCVBUF) || len < sizeof size)
		return;
	memcpy(&size, value, sizeof size);
	if (size > most)
		memcpy(value, &most, sizeof most);
}

static struct plan set_option(const struct view *view, struct call *call, int fd)
{
	const struct request *request = &call->request;
	struct own_socket socket;
	char value[64];
	size_t len = MIN((size_t)(uint32_t)request->args[4], sizeof value);
	struct plan plan;

	if (!own_socket(view, fd, &socket, &plan))
		return plan;
	if ((int32_t)request->args[4] < 0)
		return plan_error(EINVAL);
	if (len && memory_read(request->tid, request->args[3], value, len) < 0)
		return plan_error(EFAULT);
	if (!is_harmless(call, &socket, value, len))
		return plan_deny(view->ground->policy, ENOPROTOOPT);
	if (view->ground->audits)
		return plan_watch();
	cut_buffer(view, call, &socket, value, len);
	return plan_answer(setsockopt(fd, (int)request->args[1], (int)request->args[2], value, (socklen_t)len) < 0 ?
				   -errno :
				   0);
}

/* Where no address is granted the program has pairs of unix sockets alone. They have no options of TCP: the kernel says
 * so, and libraries that try go on. */
static struct plan set_option_of_pair(const struct view *view, struct call *call, int fd)
{
	struct own_socket socket;
	struct plan plan;

	if (!own_socket(view, fd, &socket, &plan))
		return plan;
	return socket.domain == AF_UNIX ? set_option(view, call, fd) : not_offered(view);
}

struct plan handle_set_option(const struct view *view, struct call *call)
{
	if (!serves_sockets(view))
		return is_listed(call) ? plan_descriptor(set_option_of_pair) : not_offered(view);
	return is_listed(call) ? plan_descriptor(set_option) : plan_deny(view->ground->policy, ENOPROTOOPT);
}

/* Who was at the other end of a unix socket when it was connected: of what is not of the run, no process id. Connections
 * are made by the supervisor, so that is all that there is for those, too. */
static struct plan peer_credentials(const struct view *view, struct call *call, int fd)
{
	const struct request *request = &call->request;
	struct own_socket socket;
	struct ucred peer;
	socklen_t len = sizeof peer;
	uint32_t room;
	struct plan plan;

	if (!own_socket(view, fd, &socket, &plan))
		return plan;
	if (socket.domain != AF_UNIX)
		return plan_deny(view->ground->policy, ENOPROTOOPT);
	if (memory_read(request->tid, request->args[4], &room, sizeof room) < 0)
		return plan_error(EFAULT);
	if ((int32_t)room < 0)
		return plan_error(EINVAL);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return plan_answer(-errno);
	if (!tasks_has_process(view->tasks, peer.pid))
		peer.pid = 0;
	room = (uint32_t)MIN((size_t)room, sizeof peer);
	plan_write(call, request->args[3], &peer, room);
	plan_write(call, request->args[4], &room, sizeof room);
	return plan_answer(0);
}

/* Questions that the filter does not let pass for every socket: about settable options, and a connection's state. */
struct plan handle_get_option(const struct view *view, struct call *call)
{
	if (!serves_sockets(view))
		return is_listed(call) ? plan_watch() : not_offered(view);
	if (is_listed(call) || ((uint32_t)call->request.args[1] == IPPROTO_TCP &&
				((uint32_t)call->request.args[2] == TCP_INFO || (uint32_t)call->request.args[2] == TCP_MAXSEG)))
		return plan_watch();
	if ((uint32_t)call->request.args[1] == SOL_SOCKET && (uint32_t)call->request.args[2] == SO_PEERCRED)
		return plan_instead(view, peer_credentials);
	return plan_deny(view->ground->policy, ENOPROTOOPT);
}
