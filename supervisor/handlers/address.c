/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/handlers/address.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "policy/exec.h"
#include "supervisor/call.h"
#include "supervisor/lend.h"

enum { IN6_SHORT = 24 /* RFC 2133: without a scope id */ };

static const uint8_t mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

bool serves_own_sockets(const struct view *view)
{
	const struct policy *policy = view->ground->policy;

	return policy_makes_processes(policy_outermost(policy)) && policy->scratch_ref && !view->ground->audits;
}

bool serves_sockets(const struct view *view)
{
	return policy_grants_net(view->ground->policy) || serves_own_sockets(view);
}

bool own_socket(const struct view *view, int fd, struct own_socket *ret_socket, struct plan *ret_plan)
{
	struct own_socket s = { .fd = fd };
	socklen_t len = sizeof s.domain;

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &s.domain, &len) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &s.type, &len) < 0) {
		*ret_plan = plan_answer(-errno);
		return false;
	}
	if (is_stdio_file(view->ground, fd, ANY_STDIO) ||
	    (s.domain != AF_INET && s.domain != AF_INET6 && s.domain != AF_UNIX)) {
		*ret_plan = plan_deny(view->ground->policy, 0);
		return false;
	}
	s.transport = s.domain == AF_UNIX ? NET_UNIX : s.type == SOCK_STREAM ? NET_TCP : NET_UDP;
	*ret_socket = s;
	return true;
}

void kernel_address_fini(struct kernel_address *address)
{
	if (address->file >= 0)
		close(address->file);
	address->file = -1;
}

/* ------------------------------------------------------------------ IPv4, IPv6 */

static void read_ipv4(const uint8_t *ip, struct net_address *address)
{
	address->ipv6 = false;
	memcpy(address->ip, ip, 4);
}

/* RAW, LEN bytes, as the kernel takes it (net/ipv4/af_inet.c, net/ipv6/af_inet6.c). 0 or the errno. */
static int read_inet(const void *raw, size_t len, struct net_address *address)
{
	struct sockaddr_in six_or_four;
	struct sockaddr_in6 six;
	sa_family_t family;

	memcpy(&family, raw, sizeof family);
	if (family == AF_INET) {
		if (len < sizeof six_or_four)
			return EINVAL;
		memcpy(&six_or_four, raw, sizeof six_or_four);
		address->port = ntohs(six_or_four.sin_port);
		read_ipv4((const uint8_t *)&six_or_four.sin_addr, address);
		return 0;
	}
	if (family != AF_INET6)
		return EAFNOSUPPORT;
	if (len < IN6_SHORT)
		return EINVAL;
	memcpy(&six, raw, IN6_SHORT);
	address->port = ntohs(six.sin6_port);
	if (memcmp(&six.sin6_addr, mapped_prefix, sizeof mapped_prefix) == 0) {
		read_ipv4((const uint8_t *)&six.sin6_addr + 12, address);
		return 0;
	}
	address->ipv6 = true;
	memcpy(address->ip, &six.sin6_addr, 16);
	return 0;
}

/*
 * Connecting to "any address" means the machine itself, or the address that the socket is bound to
 * (ip_route_connect()): proctor decides on the former, and passes that to the kernel.
 */
static void name_loopback(struct net_address *address)
{
	static const uint8_t any[16] = { 0 };

	if (memcmp(address->ip, any, sizeof any) != 0)
		return;
	if (address->ipv6)
		address->ip[15] = 1;
	else
		memcpy(address->ip, (const uint8_t[]){ 127, 0, 0, 1 }, 4);
}

/* ADDRESS in the family of RAW; nothing else but the zone is taken from there. */
static void write_inet(const struct net_address *address, const void *raw, size_t len, struct kernel_address *ret)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(address->port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(address->port) }, given = { 0 };
	sa_family_t family;

	memcpy(&family, raw, sizeof family);
	if (family == AF_INET) {
		memcpy(&four.sin_addr, address->ip, 4);
		memcpy(&ret->address, &four, sizeof four);
		ret->len = sizeof four;
		return;
	}
	if (address->ipv6) {
		memcpy(&six.sin6_addr, address->ip, 16);
	} else {
		memcpy(&six.sin6_addr, mapped_prefix, sizeof mapped_prefix);
		memcpy((uint8_t *)&six.sin6_addr + 12, address->ip, 4);
	}
	if (len >= sizeof given) {
		memcpy(&given, raw, sizeof given);
		six.sin6_scope_id = given.sin6_scope_id;
	}
	memcpy(&ret->address, &six, sizeof six);
	ret->len = sizeof six;
}

/* ------------------------------------------------------------------ AF_UNIX */

static void write_unix(const char *name, size_t len, struct kernel_address *ret)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	memcpy(un.sun_path, name, MIN(len, sizeof un.sun_path));
	memcpy(&ret->address, &un, sizeof un);
	ret->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

/* Holds the socket file that was decided on by a descriptor, so that renames meanwhile change nothing. 0 or -errno. */
static int hold_socket(const struct object *object, struct kernel_address *ret)
{
	char path[32];
	struct stat st;

	if (object->state == OBJECT_ABSENT)
		return -object->err;
	ret->file = object->fd >= 0 ? fcntl(object->fd, F_DUPFD_CLOEXEC, 3) :
				      open(object->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (ret->file < 0)
		return -errno;
	if (fstat(ret->file, &st) < 0)
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ECONNREFUSED;
	write_unix(path, (size_t)snprintf(path, sizeof path, "/proc/self/fd/%d", ret->file), ret);
	return 0;
}

/* Is OBJECT in the scratch, where only the run makes sockets? */
static bool is_own(const struct view *view, const struct object *object)
{
	return serves_own_sockets(view) && grant_is_scratch(view->ground->policy, object->grant);
}

/* Holds the directory that a new socket's name is in. No two sockets are bound by the same text. 0 or -errno. */
static int hold_directory(const struct view *view, struct object *object, struct kernel_address *ret)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	const char *name;
	int r = resolver_hold_parent(view->resolver, object, &name), fd, n;

	for (fd = 3; r == 0; fd = ret->file + 1) {
		int next = fcntl(object->parent_fd, F_DUPFD_CLOEXEC, fd);

		kernel_address_fini(ret);
		ret->file = next;
		if (next < 0)
			return -ENOBUFS;
		n = snprintf(un.sun_path, sizeof un.sun_path, "/proc/self/fd/%d/%s", next, name);
		if (n < 0 || (size_t)n >= sizeof un.sun_path)
			return -EINVAL; /* as for any name that is too long */
		write_unix(un.sun_path, (size_t)n + 1, ret);
		if (own_names_fit(view->own_names, (const struct sockaddr_un *)&ret->address, ret->len))
			return 0;
	}
	return r;
}

/* The same, if a socket may be made by this name. PLAN, an answer, gets the result; false: it is another one. */
static bool hold_new_name(const struct view *view, struct call *call, struct kernel_address *ret, struct plan *plan)
{
	const struct policy *policy = view->ground->policy;
	struct object *object = &call->objects[0];
	struct decision decision = policy_decide_path(policy, WANT_WRITE | WANT_CHANGE, object->path, object->len);

	if (decision.action != ACTION_ALLOW) {
		*plan = plan_refuse(decision);
		return false;
	}
	if (object->state == OBJECT_FOUND)
		plan->result = -EADDRINUSE;
	else if (object->err != ENOENT || !object->whole)
		plan->result = -object->err;
	else if (ledger_counts(view->ledger, object->grant) && !ledger_has_room(view->ledger, object->grant, 1, 0))
		*plan = plan_full(view, object->grant, true);
	else
		plan->result = hold_directory(view, object, ret);
	return plan->kind == PLAN_ANSWER && plan->result == 0;
}

/* Holds what the path of a socket names, for USE, which DECISION allows. False: RET_PLAN answers. */
static bool hold_name(const struct view *view, struct call *call, enum net_use use, struct kernel_address *ret,
		      const struct decision *decision, struct plan *ret_plan)
{
	*ret_plan = plan_answer_by(*decision, 0);
	if (use == NET_BIND)
		return hold_new_name(view, call, ret, ret_plan);
	ret_plan->result = hold_socket(&call->objects[0], ret);
	return ret_plan->result == 0;
}

/* Like address_ask(), for a socket of the run's own. False: RET_PLAN answers. */
static bool ask_own(const struct view *view, struct call *call, enum net_use use, const struct net_address *address,
		    struct kernel_address *ret, struct decision *ret_decision, struct plan *ret_plan)
{
	call->net = (struct net_ask){ .asked = true, .use = use, .address = *address };
	*ret_decision = (struct decision){
		.action = ACTION_ALLOW,
		.rule = { RULE_SYSCALL, "process", policy_process_ref(policy_outermost(view->ground->policy)) },
	};
	return hold_name(view, call, use, ret, ret_decision, ret_plan);
}

/* Where the path of a socket leads. False: PLAN is the answer. */
static bool resolve_socket(const struct view *view, struct call *call, const char *path, size_t len,
			   struct plan *ret_plan)
{
	struct object *object = &call->objects[0];

	resolve(view->resolver, call->request.tgid, call->request.tid, AT_FDCWD, view->ground->reserved_fd, path, len,
		RESOLVE_FOLLOW, object);
	if (object->state == OBJECT_ERROR)
		*ret_plan = plan_error(object->err);
	else if (object->state == OBJECT_DESCRIPTOR || object->directory)
		*ret_plan = plan_error(ECONNREFUSED);
	else
		return true;
	return false;
}

/* ------------------------------------------------------------------ */

struct plan address_unread(uint64_t len)
{
	return plan_error((uint32_t)len == 0 || (uint32_t)len > sizeof(struct sockaddr_storage) ? EINVAL : EFAULT);
}

static bool is_short(const void *raw, size_t len)
{
	sa_family_t family = AF_UNSPEC;

	if (len >= sizeof family)
		memcpy(&family, raw, sizeof family);
	return len < sizeof family || (family == AF_UNIX && len == sizeof family) ||
	       len > sizeof(struct sockaddr_storage);
}

/* The C library asks the name service cache daemon first, and does without it (nscd(8)). */
static bool is_nscd(const struct net_address *address)
{
	static const char *const paths[] = { "/run/nscd/socket", "/var/run/nscd/socket" };
	size_t i;

	if (address->transport != NET_UNIX || address->abstract || !address->name)
		return false;
	for (i = 0; i < ARRAY_SIZE(paths); i++)
		if (streq(address->name, paths[i]))
			return true;
	return false;
}

static bool decide_address(const struct view *view, struct call *call, enum net_use use,
			   const struct net_address *address, struct decision *ret_decision, struct plan *ret_plan)
{
	call->net = (struct net_ask){ .asked = true, .use = use, .address = *address };
	*ret_decision = policy_decide_address(view->ground->policy, use, address);
	if (ret_decision->action == ACTION_ALLOW)
		return true;
	*ret_plan = is_nscd(address) ? plan_hide(rule_syscall, ENOENT) : plan_refuse(*ret_decision);
	return false;
}

static bool ask_unix(const struct view *view, struct call *call, enum net_use use, const void *raw, size_t len,
		     struct kernel_address *ret, struct decision *ret_decision, struct plan *ret_plan)
{
	const char *name = (const char *)raw + offsetof(struct sockaddr_un, sun_path);
	struct net_address address = { .transport = NET_UNIX };
	size_t n = len - offsetof(struct sockaddr_un, sun_path);

	if (len > sizeof(struct sockaddr_un)) {
		*ret_plan = plan_error(EINVAL);
		return false;
	}
	if (name[0] == '\0') {
		address.abstract = true;
		address.name = name + 1;
		address.len = n - 1;
		write_unix(name, n, ret);
		return decide_address(view, call, use, &address, ret_decision, ret_plan);
	}
	if (!resolve_socket(view, call, name, strnlen(name, n), ret_plan))
		return false;
	address.name = call->objects[0].path;
	address.len = call->objects[0].len;
	if (is_own(view, &call->objects[0]))
		return ask_own(view, call, use, &address, ret, ret_decision, ret_plan);
	return decide_address(view, call, use, &address, ret_decision, ret_plan) &&
	       hold_name(view, call, use, ret, ret_decision, ret_plan);
}

bool address_ask(const struct view *view, struct call *call, const struct own_socket *socket, enum net_use use,
		 const void *raw, size_t len, struct kernel_address *ret_address, struct decision *ret_decision,
		 struct plan *ret_plan)
{
	struct net_address address = { .transport = socket->transport };
	sa_family_t family;
	int err;

	ret_address->file = -1;
	if (is_short(raw, len)) {
		*ret_plan = plan_error(EINVAL);
		return false;
	}
	memcpy(&family, raw, sizeof family);
	if ((family == AF_UNIX) != (socket->domain == AF_UNIX)) {
		*ret_plan = plan_error(family == AF_UNIX || socket->domain != AF_UNIX ? EAFNOSUPPORT : EINVAL);
		return false;
	}
	if (family == AF_UNIX) {
		if (ask_unix(view, call, use, raw, len, ret_address, ret_decision, ret_plan))
			return true;
		kernel_address_fini(ret_address);
		return false;
	}
	err = read_inet(raw, len, &address);
	if (err) {
		*ret_plan = plan_error(err);
		return false;
	}
	if (use == NET_CONNECT)
		name_loopback(&address);
	write_inet(&address, raw, len, ret_address);
	return decide_address(view, call, use, &address, ret_decision, ret_plan);
}

bool address_is_granted(const struct policy *policy, const struct own_socket *socket, const void *raw, size_t len,
			struct net_address *ret_address, struct decision *ret_decision)
{
	struct net_address address = { .transport = socket->transport }, chosen;

	if (len < sizeof(sa_family_t) || read_inet(raw, len, &address))
		return false;
	*ret_address = address;
	*ret_decision = policy_decide_address(policy, NET_BIND, &address);
	if (ret_decision->action == ACTION_ALLOW)
		return true;
	chosen = address;
	chosen.port = 0;
	if (policy_decide_address(policy, NET_BIND, &chosen).action == ACTION_ALLOW && address.port != 0) {
		*ret_decision = policy_decide_address(policy, NET_BIND, &chosen);
		return true;
	}
	return false;
}
