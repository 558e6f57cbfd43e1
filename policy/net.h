/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules on addresses: which services a program may reach and which addresses its sockets may have. From text to rule,
 * and from rule to decision; pure, except that the links of a unix: path are followed when the policy is made.
 *
 * [tcp:|udp:]HOST:PORT, TCP if neither is said. HOST is an address or ADDRESS/BITS, an IPv6 one in brackets; PORT a
 * number, or * for any. unix:/path is the socket that the path leads to, unix:@name an abstract one. An IPv4-mapped
 * IPv6 address counts as IPv4. For bind, port 0 is one that the kernel chooses.
 */
#ifndef PROCTOR_POLICY_NET_H
#define PROCTOR_POLICY_NET_H

#include "policy/policy.h"

enum net_transport { NET_TCP, NET_UDP, NET_UNIX };
enum net_use { NET_CONNECT, NET_BIND };

/* sun_path of unix(7), and the NUL that an abstract name begins with. */
enum { NET_NAME_MAX = 108 };

/* The address that a socket is to reach, or to have. */
struct net_address {
	enum net_transport transport;
	bool ipv6; /* never IPv4-mapped */
	uint8_t ip[16]; /* network order; of IPv4 the first four, the rest 0 */
	uint16_t port;
	/* NET_UNIX: LEN bytes of NAME, a canonical path or an abstract name, which may hold any bytes. Borrowed. */
	bool abstract;
	const char *name;
	size_t len;
};

struct net_rule {
	struct rule rule; /* RULE_NET */
	enum net_use use;
	struct net_address address;
	unsigned bits;	/* how many of the address have to be equal */
	bool any_port;
	char *name;	/* owned; address.name */
	char *text;	/* as written; owned */
};

/* The address as a rule has it: 127.0.0.1:5432, udp:[::1]:53, unix:/run/pg.sock, unix:@name. A NUL in an abstract name
 * becomes \001: net_parse() takes neither. */
void net_put_ip(struct buf *out, const struct net_address *address); /* 127.0.0.1, ::1 */
void net_put_address(struct buf *out, const struct net_address *address);
const char *net_transport_name(enum net_transport transport); /* "tcp" "udp" "unix" */
const char *net_use_name(enum net_use use);		       /* "connect" "bind" */

/* TEXT as a rule, without its ref. False: RET_WRONG says why, static. What RET_RULE owns is freed by net_rule_fini(). */
bool net_parse(const char *text, enum net_use use, struct net_rule *ret_rule, const char **ret_wrong);
void net_rule_fini(struct net_rule *rule);

/*
 * May a socket of ADDRESS's transport reach it, or have it? Refused by on_deny, or by `never` on a socket's path. A
 * bind whose port the kernel chooses has port 0.
 */
struct decision policy_decide_address(const struct policy *policy, enum net_use use, const struct net_address *address);

/* Does any rule speak of TRANSPORT? Then the program may make such sockets. */
bool policy_grants_transport(const struct policy *policy, enum net_transport transport);
bool policy_grants_net(const struct policy *policy); /* of any */

#endif
