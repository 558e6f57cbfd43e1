/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/landlock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tracee/trace.h"

/* include/uapi/linux/landlock.h; Debian 12's header knows ABI 2 only. */
enum {
	NR_create_ruleset = 444,
	NR_add_rule = 445,
	CREATE_RULESET_VERSION = 1,
	RULE_PATH_BENEATH = 1,
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_MAKE_REG = 1 << 8,
	FS_ABI_1 = (1 << 13) - 1,
	FS_REFER = 1 << 13,
	FS_TRUNCATE = 1 << 14,
	FS_IOCTL_DEV = 1 << 15,
	FS_RESOLVE_UNIX = 1 << 16, /* connect to a socket by its path */
	NET_TCP = 3,	 /* bind, connect */
	NET_UDP = 3 << 2, /* bind, connect and send */
	SCOPE_ABI_6 = 3, /* abstract unix sockets, signals */
	LOG_NEW_EXEC_ON = 1 << 1,
};

struct ruleset_attr {
	uint64_t handled_access_fs, handled_access_net, scoped;
};

struct path_beneath_attr {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

int landlock_abi(void)
{
	long abi = syscall(NR_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

static uint64_t handled_fs(int abi)
{
	uint64_t access = FS_ABI_1;

	if (abi >= 2)
		access |= FS_REFER;
	if (abi >= 3)
		access |= FS_TRUNCATE;
	if (abi >= 5)
		access |= FS_IOCTL_DEV;
	if (abi >= 9)
		access |= FS_RESOLVE_UNIX;
	return access;
}

int landlock_new(int abi, int *ret_fd)
{
	struct ruleset_attr attr = { .handled_access_fs = handled_fs(abi) };
	/* The size tells the kernel which fields there are: 8 up to ABI 3, 16 for 4 and 5. */
	size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
	long fd;

	if (abi >= 4)
		attr.handled_access_net = abi >= 10 ? NET_TCP | NET_UDP : NET_TCP;
	if (abi >= 6)
		attr.scoped = SCOPE_ABI_6;
	fd = syscall(NR_create_ruleset, &attr, size, 0);
	if (fd < 0)
		return -errno;
	*ret_fd = (int)fd;
	return 0;
}

int landlock_allow(int ruleset_fd, int abi, int path_fd, unsigned access)
{
	struct path_beneath_attr attr = { .parent_fd = path_fd };
	struct stat st;

	if (fstat(path_fd, &st) < 0)
		return -errno;
	if (access & LANDLOCK_READ)
		attr.allowed_access |= FS_READ_FILE | (S_ISDIR(st.st_mode) ? FS_READ_DIR : 0);
	if (access & LANDLOCK_LIST)
		attr.allowed_access |= FS_READ_DIR;
	if (access & LANDLOCK_EXECUTE)
		attr.allowed_access |= FS_EXECUTE;
	if (access & LANDLOCK_WRITE)
		attr.allowed_access |= FS_WRITE_FILE | FS_TRUNCATE;
	if (access & LANDLOCK_CREATE)
		attr.allowed_access |= FS_MAKE_REG;
	if (S_ISCHR(st.st_mode))
		attr.allowed_access |= FS_IOCTL_DEV;
	attr.allowed_access &= handled_fs(abi);
	if (syscall(NR_add_rule, ruleset_fd, RULE_PATH_BENEATH, &attr, 0) < 0)
		return -errno;
	return 0;
}

unsigned landlock_flags(int abi)
{
	/* A refusal by this wall means that the first one failed: let the kernel's audit say so. */
	return abi >= 7 ? LOG_NEW_EXEC_ON : 0;
}

int landlock_restrict(int ruleset_fd, int abi)
{
	return syscall(LANDLOCK_RESTRICT_SELF, ruleset_fd, landlock_flags(abi)) < 0 ? -errno : 0;
}

int landlock_inject(pid_t tid, int fd, int abi)
{
	const uint64_t args[6] = { (uint64_t)fd, landlock_flags(abi) };
	struct trace_injection injection;
	int64_t result;
	int r = trace_inject_begin(tid, &injection);

	if (r == 0)
		r = trace_inject(&injection, LANDLOCK_RESTRICT_SELF, args, &result);
	if (r == 0 && result < 0)
		r = (int)result;
	return r < 0 ? r : trace_inject_end(&injection);
}
