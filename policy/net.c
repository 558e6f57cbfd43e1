/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/net.h"

#include <arpa/inet.h>
#include <stdlib.h>

const char *net_transport_name(enum net_transport transport)
{
	static const char *const names[] = { "tcp", "udp", "unix" };

	return names[transport];
}

const char *net_use_name(enum net_use use)
{
	return use == NET_CONNECT ? "connect" : "bind";
}

static bool is_plain(const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] > 0x7e)
			return false;
	return n > 0;
}

void net_put_ip(struct buf *out, const struct net_address *address)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(address->ipv6 ? AF_INET6 : AF_INET, address->ip, text, sizeof text))
		buf_puts(out, text);
}

void net_put_address(struct buf *out, const struct net_address *address)
{
	size_t i;

	if (address->transport == NET_UNIX) {
		buf_puts(out, address->abstract ? "unix:@" : "unix:");
		for (i = 0; i < address->len; i++)
			buf_putc(out, address->name[i] ? address->name[i] : '\1');
		return;
	}
	buf_puts(out, address->transport == NET_UDP ? "udp:" : "");
	buf_puts(out, address->ipv6 ? "[" : "");
	net_put_ip(out, address);
	buf_printf(out, address->ipv6 ? "]:%u" : ":%u", (unsigned)address->port);
}

/* ------------------------------------------------------------------ text */

/* Decimal, without sign or leading zeros; at most MAX. */
static bool parse_number(const char *text, size_t n, unsigned max, unsigned *ret)
{
	unsigned value = 0;
	size_t i;

	if (n == 0 || n > 5 || (text[0] == '0' && n > 1))
		return false;
	for (i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	*ret = value;
	return value <= max;
}

static bool parse_port(const char *text, enum net_use use, struct net_rule *rule, const char **wrong)
{
	unsigned port;

	if (streq(text, "*")) {
		rule->any_port = true;
		return true;
	}
	if (!parse_number(text, strlen(text), 65535, &port)) {
		*wrong = "the port must be a number up to 65535, or * for any";
		return false;
	}
	if (port == 0 && use == NET_CONNECT) {
		*wrong = "nothing can be reached at port 0; it is for bind: one that the kernel chooses";
		return false;
	}
	rule->address.port = (uint16_t)port;
	return true;
}

/* ::ffff:a.b.c.d reaches what a.b.c.d does. */
static void unmap(struct net_rule *rule)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint8_t *ip = rule->address.ip;

	if (!rule->address.ipv6 || rule->bits < 96 || memcmp(ip, mapped, sizeof mapped) != 0)
		return;
	memmove(ip, ip + 12, 4);
	memset(ip + 4, 0, 12);
	rule->bits -= 96;
	rule->address.ipv6 = false;
}

static bool has_bits_behind(const struct net_rule *rule)
{
	unsigned i;

	for (i = rule->bits; i < 128; i++)
		if (rule->address.ip[i / 8] & (0x80u >> (i % 8)))
			return true;
	return false;
}

/* ADDRESS or ADDRESS/BITS, N bytes. */
static bool parse_host(const char *text, size_t n, enum net_use use, struct net_rule *rule, const char **wrong)
{
	struct net_address *address = &rule->address;
	unsigned most = address->ipv6 ? 128 : 32;
	const char *slash = memchr(text, '/', n);
	size_t len = slash ? (size_t)(slash - text) : n;
	char host[INET6_ADDRSTRLEN] = "";

	if (memchr(text, '%', n)) {
		*wrong = "an address has no zone (%) in a rule";
		return false;
	}
	rule->bits = most;
	if (len < sizeof host) {
		memcpy(host, text, len);
		host[len] = '\0';
	}
	if (len >= sizeof host || strlen(host) != len ||
	    inet_pton(address->ipv6 ? AF_INET6 : AF_INET, host, address->ip) != 1) {
		*wrong = "the host must be an IP address, an IPv6 one in brackets: names are not looked up";
		return false;
	}
	if (slash && !parse_number(slash + 1, n - len - 1, most, &rule->bits)) {
		*wrong = "behind the slash stands a number of bits: up to 32, for IPv6 up to 128";
		return false;
	}
	if (has_bits_behind(rule)) {
		*wrong = "the address has bits beyond those that count: write the network's own address before the slash";
		return false;
	}
	unmap(rule);
	if (use == NET_CONNECT && rule->bits == (address->ipv6 ? 128 : 32) && !has_bits_behind(&(struct net_rule){
			.address = *address, .bits = 0 })) {
		*wrong = "connecting to this address reaches the machine itself: write 127.0.0.1 or [::1]";
		return false;
	}
	return true;
}

static bool parse_inet(const char *text, enum net_use use, struct net_rule *rule, const char **wrong)
{
	const char *end;

	rule->address.ipv6 = *text == '[';
	end = rule->address.ipv6 ? strchr(text, ']') : strrchr(text, ':');
	if (!end || (rule->address.ipv6 && end[1] != ':')) {
		*wrong = "an address is written HOST:PORT, [HOST]:PORT for IPv6, unix:/PATH or unix:@NAME";
		return false;
	}
	if (!rule->address.ipv6 && memchr(text, ':', (size_t)(end - text))) {
		*wrong = "an IPv6 address stands in brackets: [::1]:80";
		return false;
	}
	if (rule->address.ipv6)
		return parse_host(text + 1, (size_t)(end - text - 1), use, rule, wrong) &&
		       parse_port(end + 2, use, rule, wrong);
	return parse_host(text, (size_t)(end - text), use, rule, wrong) && parse_port(end + 1, use, rule, wrong);
}

static bool parse_unix(const char *text, struct net_rule *rule, const char **wrong)
{
	struct net_address *address = &rule->address;

	address->transport = NET_UNIX;
	address->abstract = *text == '@';
	rule->name = xstrdup(address->abstract ? text + 1 : text);
	address->name = rule->name;
	address->len = strlen(rule->name);
	if (!address->abstract && *text != '/')
		*wrong = "behind unix: stands an absolute path, or @ and an abstract name";
	else if (address->len >= NET_NAME_MAX)
		*wrong = "the name of a socket has at most 107 bytes";
	else if (!is_plain(address->name, address->len))
		*wrong = "the name of a socket is empty, or has bytes that are not printable ASCII";
	else
		return true;
	return false;
}

bool net_parse(const char *text, enum net_use use, struct net_rule *ret_rule, const char **ret_wrong)
{
	const char *rest = after_prefix(text, "unix:");
	bool good;

	*ret_rule = (struct net_rule){ .rule = { RULE_NET, net_use_name(use), NULL }, .use = use };
	if (rest) {
		good = parse_unix(rest, ret_rule, ret_wrong);
	} else {
		rest = after_prefix(text, "udp:");
		if (rest)
			ret_rule->address.transport = NET_UDP;
		else
			rest = after_prefix(text, "tcp:");
		good = parse_inet(rest ? rest : text, use, ret_rule, ret_wrong);
	}
	if (good)
		ret_rule->text = xstrdup(text);
	else
		net_rule_fini(ret_rule);
	return good;
}

void net_rule_fini(struct net_rule *rule)
{
	free(rule->name);
	free(rule->text);
	*rule = (struct net_rule){ 0 };
}

/* ------------------------------------------------------------------ decision */

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned rest = bits % 8;

	return memcmp(a, b, bits / 8) == 0 && (!rest || (a[bits / 8] ^ b[bits / 8]) >> (8 - rest) == 0);
}

static bool matches(const struct net_rule *rule, const struct net_address *address)
{
	const struct net_address *own = &rule->address;

	if (own->transport != address->transport)
		return false;
	if (own->transport == NET_UNIX)
		return own->abstract == address->abstract && own->len == address->len &&
		       memcmp(own->name, address->name, own->len) == 0;
	return own->ipv6 == address->ipv6 && (rule->any_port || own->port == address->port) &&
	       same_bits(own->ip, address->ip, rule->bits);
}

/* The `never` rule on a socket's path, which comes before any grant. */
static const struct grant *forbidden(const struct policy *policy, const struct net_address *address)
{
	const struct grant *grant = NULL;

	if (address->transport == NET_UNIX && !address->abstract)
		grant = policy_match(policy, address->name, address->len);
	return grant && grant->rule.kind == RULE_NEVER && !grant->builtin ? grant : NULL;
}

/* What POLICY itself says. */
static struct decision decide_alone(const struct policy *policy, enum net_use use, const struct net_address *address)
{
	const struct grant *never = forbidden(policy, address);
	size_t i;

	for (i = 0; i < policy->n_net && !never; i++)
		if (policy->net[i].use == use && matches(&policy->net[i], address))
			return (struct decision){ .action = ACTION_ALLOW, .rule = policy->net[i].rule };
	return (struct decision){
		.action = policy->deny_action,
		.err = policy->deny_action == ACTION_DENY ? policy->deny_errno : 0,
		.rule = never ? never->rule : policy->on_deny,
		.violation = true,
	};
}

struct decision policy_decide_address(const struct policy *policy, enum net_use use, const struct net_address *address)
{
	struct decision decision = decide_alone(policy, use, address), outer;

	if (!policy->within)
		return decision;
	outer = decide_alone(policy->within, use, address);
	return decision.action == ACTION_ALLOW || (outer.rule.kind == RULE_NEVER && decision.rule.kind != RULE_NEVER) ? outer :
														     decision;
}

bool policy_grants_transport(const struct policy *policy, enum net_transport transport)
{
	size_t i;

	for (i = 0; i < policy->n_net; i++)
		if (policy->net[i].address.transport == transport)
			return !policy->within || policy_grants_transport(policy->within, transport);
	return false;
}

bool policy_grants_net(const struct policy *policy)
{
	return policy_grants_transport(policy, NET_TCP) || policy_grants_transport(policy, NET_UDP) ||
	       policy_grants_transport(policy, NET_UNIX);
}
