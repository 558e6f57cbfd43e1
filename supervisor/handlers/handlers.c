/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/handlers/handlers.h"

static handler_fn *const handlers[HANDLE_COUNT] = {
	[HANDLE_OPEN] = handle_open,
	[HANDLE_STAT] = handle_stat,
	[HANDLE_STATX] = handle_statx,
	[HANDLE_ACCESS] = handle_access,
	[HANDLE_READLINK] = handle_readlink,
	[HANDLE_STATFS] = handle_statfs,
	[HANDLE_CHDIR] = handle_chdir,
	[HANDLE_WRITE_PATH] = handle_write_path,
	[HANDLE_READ_XATTR] = handle_read_xattr,
	[HANDLE_EXEC] = handle_exec,
	[HANDLE_CLOSE] = handle_close,
	[HANDLE_CLOSE_RANGE] = handle_close_range,
	[HANDLE_DUP_ONTO] = handle_dup_onto,
	[HANDLE_IOCTL] = handle_ioctl,
	[HANDLE_FCNTL] = handle_fcntl,
	[HANDLE_LSEEK] = handle_lseek,
	[HANDLE_SHUTDOWN] = handle_shutdown,
	[HANDLE_MMAP] = handle_mmap,
	[HANDLE_WRITE] = handle_write,
	[HANDLE_NEW_DESCRIPTOR] = handle_new_descriptor,
	[HANDLE_TKILL] = handle_tkill,
	[HANDLE_PIDFD_OPEN] = handle_pidfd_open,
	[HANDLE_SETFSID] = handle_setfsid,
	[HANDLE_CLOCK] = handle_clock,
	[HANDLE_AFFINITY] = handle_affinity,
	[HANDLE_LIMIT] = handle_limit,
	[HANDLE_FUTEX] = handle_futex,
	[HANDLE_SYNC] = handle_sync,
	[HANDLE_FLOCK] = handle_flock,
	[HANDLE_ADVICE] = handle_advice,
	[HANDLE_MEMBARRIER] = handle_membarrier,
	[HANDLE_READ_FLAGS] = handle_read_flags,
	[HANDLE_SOCKET] = handle_socket,
	[HANDLE_SOCKET_NAME] = handle_socket_name,
	[HANDLE_RECEIVE] = handle_receive,
	[HANDLE_WATCH] = handle_watch,
	[HANDLE_LISTING] = handle_listing,
	[HANDLE_OWN_FILE] = handle_own_file,
};

handler_fn *handler_of(enum syscall_handler kind)
{
	return handlers[kind];
}
