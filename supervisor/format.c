/* SPDX-License-Identifier: Apache-2.0 */
/* Argument text for the log, as strace(1) writes it. */
#include "supervisor/decode.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/names.h"
#include "base/util.h"

struct flag {
	uint64_t value;
	const char *name;
};

#define F(x) { x, #x }

/* In strace's order; a flag that contains another comes before it. */
static const struct flag open_flags[] = {
	F(O_CREAT), F(O_EXCL), F(O_NOCTTY), F(O_TRUNC), F(O_APPEND), F(O_NONBLOCK),
	{ 04010000, "O_SYNC" },
	F(O_DSYNC), F(O_DIRECT),
	{ ABI_O_LARGEFILE, "O_LARGEFILE" },
	F(O_NOFOLLOW), F(O_NOATIME), F(O_CLOEXEC), F(O_PATH),
	{ 020000000 | O_DIRECTORY, "O_TMPFILE" },
	F(O_DIRECTORY),
	{ 020000, "FASYNC" },
};
static const struct flag resolve_flags[] = {
	F(RESOLVE_NO_XDEV), F(RESOLVE_NO_MAGICLINKS), F(RESOLVE_NO_SYMLINKS), F(RESOLVE_BENEATH),
	F(RESOLVE_IN_ROOT), F(RESOLVE_CACHED),
};
static const struct flag at_flags[] = {
	{ AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW" },
	{ AT_REMOVEDIR, "AT_REMOVEDIR" },
	F(AT_SYMLINK_FOLLOW), F(AT_NO_AUTOMOUNT), F(AT_EMPTY_PATH),
	{ 0x2000, "AT_STATX_FORCE_SYNC" }, { 0x4000, "AT_STATX_DONT_SYNC" },
};
static const struct flag access_modes[] = { F(R_OK), F(W_OK), F(X_OK) };
static const struct flag prot_flags[] = { F(PROT_READ), F(PROT_WRITE), F(PROT_EXEC), F(PROT_GROWSDOWN) };
static const struct flag map_flags[] = {
	F(MAP_FIXED), F(MAP_ANONYMOUS), F(MAP_NORESERVE), F(MAP_POPULATE), F(MAP_NONBLOCK), F(MAP_GROWSDOWN),
	F(MAP_DENYWRITE), F(MAP_LOCKED), F(MAP_STACK), F(MAP_HUGETLB), F(MAP_FIXED_NOREPLACE),
};
static const struct flag clone_flags[] = {
	F(CLONE_VM), F(CLONE_FS), F(CLONE_FILES), F(CLONE_SIGHAND), F(CLONE_PIDFD), F(CLONE_PTRACE),
	F(CLONE_VFORK), F(CLONE_PARENT), F(CLONE_THREAD), F(CLONE_NEWNS), F(CLONE_SYSVSEM), F(CLONE_SETTLS),
	F(CLONE_PARENT_SETTID), F(CLONE_CHILD_CLEARTID), F(CLONE_UNTRACED), F(CLONE_CHILD_SETTID),
	F(CLONE_NEWCGROUP), F(CLONE_NEWUTS), F(CLONE_NEWIPC), F(CLONE_NEWUSER), F(CLONE_NEWPID),
	F(CLONE_NEWNET), F(CLONE_IO),
};
static const struct flag ioctls[] = {
	F(TCGETS), F(TCSETS), F(TCSETSW), F(TCSETSF), { IOCTL_TCGETS2, "TCGETS2" }, { 0x402c542b, "TCSETS2" },
	{ 0x402c542c, "TCSETSW2" }, { 0x402c542d, "TCSETSF2" }, F(TIOCSTI), F(TIOCGWINSZ), F(TIOCSWINSZ), F(FIONREAD),
	F(FIONBIO), F(FIOASYNC), F(FIOCLEX), F(FIONCLEX), F(TIOCGPGRP), F(TIOCSPGRP), F(TIOCSCTTY),
	F(TIOCNOTTY), F(TIOCSETD), F(TIOCLINUX), F(TIOCCONS),
};
static const struct flag fcntls[] = {
	F(F_DUPFD), F(F_GETFD), F(F_SETFD), F(F_GETFL), F(F_SETFL), F(F_GETLK), F(F_SETLK), F(F_SETLKW),
	F(F_SETOWN), F(F_GETOWN), F(F_SETSIG), F(F_GETSIG), F(F_SETOWN_EX), F(F_GETOWN_EX), F(F_OFD_GETLK),
	F(F_OFD_SETLK), F(F_OFD_SETLKW), F(F_SETLEASE), F(F_GETLEASE), F(F_NOTIFY), F(F_DUPFD_CLOEXEC),
	F(F_SETPIPE_SZ), F(F_GETPIPE_SZ), F(F_ADD_SEALS), F(F_GET_SEALS),
};
static const struct flag prctls[] = {
	F(PR_SET_PDEATHSIG), F(PR_SET_DUMPABLE), F(PR_SET_KEEPCAPS), F(PR_SET_NAME), F(PR_SET_SECCOMP),
	F(PR_CAPBSET_DROP), F(PR_SET_TSC), F(PR_SET_SECUREBITS), F(PR_SET_TIMERSLACK), F(PR_SET_MM),
	F(PR_SET_PTRACER), F(PR_SET_CHILD_SUBREAPER), F(PR_CAP_AMBIENT), F(PR_SET_IO_FLUSHER),
	F(PR_SET_SYSCALL_USER_DISPATCH), F(PR_SCHED_CORE), { 65, "PR_SET_MDWE" }, F(PR_SET_SPECULATION_CTRL),
};
static const struct flag domains[] = {
	F(AF_UNIX), F(AF_INET), F(AF_INET6), F(AF_NETLINK), F(AF_PACKET), F(AF_ALG), F(AF_VSOCK),
	F(AF_BLUETOOTH), F(AF_CAN),
};
static const struct flag whences[] = { F(SEEK_SET), F(SEEK_CUR), F(SEEK_END), F(SEEK_DATA), F(SEEK_HOLE) };
static const struct flag clocks[] = {
	F(CLOCK_REALTIME), F(CLOCK_MONOTONIC), F(CLOCK_PROCESS_CPUTIME_ID), F(CLOCK_THREAD_CPUTIME_ID),
	F(CLOCK_MONOTONIC_RAW), F(CLOCK_REALTIME_COARSE), F(CLOCK_MONOTONIC_COARSE), F(CLOCK_BOOTTIME),
};
static const char *const resources[] = {
	"RLIMIT_CPU",	 "RLIMIT_FSIZE",   "RLIMIT_DATA",     "RLIMIT_STACK",	   "RLIMIT_CORE",  "RLIMIT_RSS",
	"RLIMIT_NPROC",	 "RLIMIT_NOFILE",  "RLIMIT_MEMLOCK",  "RLIMIT_AS",	   "RLIMIT_LOCKS", "RLIMIT_SIGPENDING",
	"RLIMIT_MSGQUEUE", "RLIMIT_NICE",  "RLIMIT_RTPRIO",   "RLIMIT_RTTIME",
};

static void put_flags(struct buf *out, const struct flag *flags, size_t n, uint64_t value, bool empty)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!flags[i].value || (value & flags[i].value) != flags[i].value)
			continue;
		if (!empty)
			buf_putc(out, '|');
		buf_puts(out, flags[i].name);
		value &= ~flags[i].value;
		empty = false;
	}
	if (value || empty) {
		if (!empty)
			buf_putc(out, '|');
		if (value)
			buf_hex(out, value);
		else
			buf_putc(out, '0');
	}
}
#define FLAGS(out, table, value, empty) put_flags(out, table, ARRAY_SIZE(table), value, empty)

static void put_name(struct buf *out, const struct flag *names, size_t n, uint64_t value)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (names[i].value == value) {
			buf_puts(out, names[i].name);
			return;
		}
	}
	buf_hex(out, value);
}
#define NAME(out, table, value) put_name(out, table, ARRAY_SIZE(table), value)

static void put_open_flags(struct buf *out, uint64_t value)
{
	static const char *const modes[] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE" };

	buf_puts(out, modes[value & O_ACCMODE]);
	FLAGS(out, open_flags, value & ~(uint64_t)O_ACCMODE, false);
}

static void put_map_flags(struct buf *out, uint64_t value)
{
	static const char *const types[] = { "MAP_FILE", "MAP_SHARED", "MAP_PRIVATE", "MAP_SHARED_VALIDATE" };

	if ((value & MAP_TYPE) < ARRAY_SIZE(types))
		buf_puts(out, types[value & MAP_TYPE]);
	else
		buf_hex(out, value & MAP_TYPE);
	FLAGS(out, map_flags, value & ~(uint64_t)MAP_TYPE, false);
}

static void put_clone_flags(struct buf *out, uint64_t value)
{
	uint64_t flags = value & ~UINT64_C(0xff);
	int signal = (int)(value & 0xff);

	if (flags || signal == 0)
		FLAGS(out, clone_flags, flags, true);
	if (flags && signal)
		buf_putc(out, '|');
	if (signal)
		buf_puts(out, signal_name(signal));
}

static void put_socket_type(struct buf *out, uint64_t value)
{
	static const char *const types[] = { "0", "SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_RDM",
					     "SOCK_SEQPACKET" };

	if ((value & 15) < ARRAY_SIZE(types))
		buf_puts(out, types[value & 15]);
	else
		buf_hex(out, value & 15);
	if (value & SOCK_CLOEXEC)
		buf_puts(out, "|SOCK_CLOEXEC");
	if (value & SOCK_NONBLOCK)
		buf_puts(out, "|SOCK_NONBLOCK");
}

/* As short as it can be, unless a digit follows that would belong to it. */
static void put_octal(struct buf *out, unsigned char c, char next)
{
	buf_printf(out, next >= '0' && next <= '7' ? "\\%03o" : "\\%o", c);
}

/* A C string literal. UTF-8 stays readable; every other byte is escaped, so that none is lost. */
static void put_string(struct buf *out, const char *s, size_t n, bool cut)
{
	size_t i, len;

	buf_putc(out, '"');
	for (i = 0; i < n; i += len) {
		unsigned char c = (unsigned char)s[i];

		len = utf8_length((const unsigned char *)s + i, n - i);
		if (len > 1) {
			buf_put(out, s + i, len);
			continue;
		}
		len = 1;
		if (c == '"' || c == '\\') {
			buf_putc(out, '\\');
			buf_putc(out, (char)c);
		} else if (c >= '\t' && c <= '\r') {
			buf_putc(out, '\\');
			buf_putc(out, "tnvfr"[c - '\t']);
		} else if (c < 0x20 || c >= 0x7f) {
			put_octal(out, c, i + 1 < n ? s[i + 1] : '\0');
		} else {
			buf_putc(out, (char)c);
		}
	}
	buf_putc(out, '"');
	if (cut)
		buf_lit(out, "...");
}

static void put_address(struct buf *out, const char *data, size_t size)
{
	struct sockaddr_storage address = { 0 };
	char text[INET6_ADDRSTRLEN];

	memcpy(&address, data, MIN(size, sizeof address));
	buf_lit(out, "{sa_family=");
	NAME(out, domains, (uint64_t)address.ss_family);
	if (address.ss_family == AF_INET && size >= sizeof(struct sockaddr_in)) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&address;

		buf_printf(out, ", sin_port=htons(%u), sin_addr=inet_addr(\"%s\")", ntohs(in->sin_port),
			   inet_ntop(AF_INET, &in->sin_addr, text, sizeof text));
	} else if (address.ss_family == AF_INET6 && size >= sizeof(struct sockaddr_in6)) {
		const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)&address;

		buf_printf(out,
			   ", sin6_port=htons(%u), sin6_flowinfo=htonl(%u), inet_pton(AF_INET6, \"%s\", &sin6_addr), "
			   "sin6_scope_id=%u",
			   ntohs(in->sin6_port), ntohl(in->sin6_flowinfo),
			   inet_ntop(AF_INET6, &in->sin6_addr, text, sizeof text), in->sin6_scope_id);
	} else if (address.ss_family == AF_UNIX && size > offsetof(struct sockaddr_un, sun_path)) {
		const char *path = data + offsetof(struct sockaddr_un, sun_path);
		size_t len = size - offsetof(struct sockaddr_un, sun_path);

		buf_lit(out, ", sun_path=");
		if (*path == '\0') {
			buf_putc(out, '@');
			path++;
			len--;
		}
		put_string(out, path, strnlen(path, len), false);
	}
	buf_putc(out, '}');
}

/* Of N words, those that were kept. */
static void put_argv(struct buf *out, const char *text, size_t size, size_t n)
{
	size_t at = 0, shown = 0;

	buf_putc(out, '[');
	while (at < size) {
		size_t len = strnlen(text + at, size - at);

		if (at)
			buf_lit(out, ", ");
		put_string(out, text + at, len, false);
		at += len + 1;
		shown++;
	}
	buf_puts(out, shown < n ? ", ...]" : "]");
}

static const struct request_path *path_of(const struct request *request, unsigned n)
{
	unsigned i, which = 0;

	for (i = 0; i < n; i++)
		which += request->row->args[i] == ARG_PATH;
	return which < request->n_paths ? &request->paths[which] : NULL;
}

static void put_path(const struct request *request, unsigned n, struct buf *out)
{
	const struct request_path *path = path_of(request, n);

	if (!path || path->null)
		buf_lit(out, "NULL");
	else if (path->err == EFAULT)
		buf_hex(out, request->args[n]);
	else if (path->err)
		put_string(out, path->text, 64, true);
	else
		put_string(out, path->text, path->len, false);
}

static void put_how(const struct request *request, struct buf *out)
{
	if (request->how_err == EFAULT) {
		buf_hex(out, request->args[2]);
		return;
	}
	buf_lit(out, "{flags=");
	put_open_flags(out, request->how.flags);
	if (request->how.mode)
		buf_printf(out, ", mode=0%llo", (unsigned long long)request->how.mode);
	buf_lit(out, ", resolve=");
	FLAGS(out, resolve_flags, request->how.resolve, true);
	buf_putc(out, '}');
}

static void put_pointer(struct buf *out, uint64_t v)
{
	if (v)
		buf_hex(out, v);
	else
		buf_lit(out, "NULL");
}

static void put_copied(const struct request *request, unsigned n, struct buf *out)
{
	const char *text = request->text + request->text_at[n];
	size_t size = request->text_size[n];

	if (size == 0)
		put_pointer(out, request->args[n]);
	else if (request->row->args[n] == ARG_SOCKET_ADDRESS)
		put_address(out, text, size);
	else if (request->row->args[n] == ARG_ARGV)
		put_argv(out, text, size, request->n_argv);
	else
		put_string(out, text, strnlen(text, size), text[size - 1] != '\0');
}

static void put_number(enum arg_kind kind, uint64_t v, struct buf *out)
{
	if (kind == ARG_DIRFD && (int)v == AT_FDCWD) {
		buf_lit(out, "AT_FDCWD");
		return;
	}
	switch (kind) {
	case ARG_INT:
	case ARG_FD:
	case ARG_DIRFD:
	case ARG_PID:
		buf_i64(out, (int)v);
		return;
	case ARG_UINT:
		buf_u64(out, (uint32_t)v);
		return;
	case ARG_LONG:
		buf_i64(out, (int64_t)v);
		return;
	case ARG_SIZE:
		buf_u64(out, v);
		return;
	case ARG_MODE:
		buf_printf(out, "0%o", (unsigned)v);
		return;
	default:
		buf_hex(out, v);
	}
}

static bool put_named(enum arg_kind kind, uint64_t v, struct buf *out)
{
	switch (kind) {
	case ARG_OPEN_FLAGS:
		put_open_flags(out, (uint32_t)v);
		return true;
	case ARG_AT_FLAGS:
		FLAGS(out, at_flags, (uint32_t)v, true);
		return true;
	case ARG_ACCESS_MODE:
		if (v == 0)
			buf_lit(out, "F_OK");
		else
			FLAGS(out, access_modes, (uint32_t)v, true);
		return true;
	case ARG_PROT:
		if (v == 0)
			buf_lit(out, "PROT_NONE");
		else
			FLAGS(out, prot_flags, v, true);
		return true;
	case ARG_MAP_FLAGS:
		put_map_flags(out, v);
		return true;
	case ARG_CLONE_FLAGS:
		put_clone_flags(out, v);
		return true;
	case ARG_SIGNAL:
		if ((uint32_t)v >= 1 && (uint32_t)v <= 64)
			buf_puts(out, signal_name((int)v));
		else
			buf_i64(out, (int)v);
		return true;
	case ARG_IOCTL:
		NAME(out, ioctls, (uint32_t)v);
		return true;
	case ARG_FCNTL:
		NAME(out, fcntls, (uint32_t)v);
		return true;
	case ARG_PRCTL:
		NAME(out, prctls, (uint32_t)v);
		return true;
	case ARG_SOCKET_DOMAIN:
		NAME(out, domains, (uint32_t)v);
		return true;
	case ARG_SOCKET_TYPE:
		put_socket_type(out, (uint32_t)v);
		return true;
	case ARG_WHENCE:
		NAME(out, whences, (uint32_t)v);
		return true;
	case ARG_CLOCK:
		NAME(out, clocks, (uint32_t)v);
		return true;
	case ARG_RESOURCE:
		if ((uint32_t)v < ARRAY_SIZE(resources))
			buf_puts(out, resources[(uint32_t)v]);
		else
			buf_hex(out, (uint32_t)v);
		return true;
	case ARG_POINTER:
		put_pointer(out, v);
		return true;
	default:
		return false;
	}
}

unsigned request_n_args(const struct request *request)
{
	const struct syscall_row *row = request->row;
	unsigned n = row ? row->n_args : SYSCALL_MAX_ARGS;
	bool creates = request->how.flags & (O_CREAT | 020000000 /* O_TMPFILE */);

	return row && row->handler == HANDLE_OPEN && row->args[n - 1] == ARG_MODE && !creates ? n - 1 : n;
}

void request_format_arg(const struct request *request, unsigned n, struct buf *out)
{
	enum arg_kind kind = request->row ? request->row->args[n] : ARG_HEX;

	if (kind == ARG_MESSAGE)
		kind = ARG_POINTER;
	switch (kind) {
	case ARG_PATH:
		put_path(request, n, out);
		break;
	case ARG_OPEN_HOW:
		put_how(request, out);
		break;
	case ARG_TEXT:
	case ARG_SOCKET_ADDRESS:
	case ARG_ARGV:
		put_copied(request, n, out);
		break;
	default:
		if (!put_named(kind, request->args[n], out))
			put_number(kind, request->args[n], out);
	}
}
