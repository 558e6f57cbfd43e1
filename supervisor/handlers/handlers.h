/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handlers: each kind of call (enum syscall_handler) has one that turns what was asked, and what its paths
 * lead to, into a plan. They look and decide; they change nothing but the objects and copy-outs of the call
 * that they are given.
 */
#ifndef PROCTOR_SUPERVISOR_HANDLERS_HANDLERS_H
#define PROCTOR_SUPERVISOR_HANDLERS_HANDLERS_H

#include "supervisor/call.h"
#include "supervisor/plan.h"
#include "supervisor/view.h"

typedef struct plan handler_fn(const struct view *view, struct call *call);

/* The handler of the call's row; NULL where the row alone refuses. */
handler_fn *handler_of(enum syscall_handler kind);

/* files.c */
handler_fn handle_open, handle_stat, handle_statx, handle_access, handle_readlink, handle_statfs, handle_chdir,
	handle_getcwd, handle_read_xattr;
/* exec.c */
handler_fn handle_exec;
/* path_change.c */
handler_fn handle_write_path;
/* own_file.c: changes of a file by its descriptor, and utimensat(2) without a path */
handler_fn handle_own_file, handle_own_times, handle_copy;
/* descriptors.c */
handler_fn handle_close, handle_close_range, handle_dup_onto, handle_ioctl, handle_fcntl, handle_lseek,
	handle_shutdown, handle_mmap, handle_new_descriptor, handle_watch;
/* write.c */
handler_fn handle_write;
/* net.c */
handler_fn handle_socket, handle_connect, handle_bind, handle_listen, handle_accept, handle_set_option,
	handle_get_option;
/* messages.c: sendto with an address; messages where none may carry descriptors */
handler_fn handle_send_to, send_message, receive_message;
int message_flags(const struct request *request);
/* rights.c */
handler_fn handle_send_message, handle_receive_message;
/* process.c */
handler_fn handle_tkill, handle_pidfd_open, handle_setfsid, handle_clock, handle_affinity, handle_scheduler, handle_limit, handle_fork,
	handle_kill, handle_ask, handle_group;
/* futex.c */
handler_fn handle_futex;
/* lock.c: flock, and the locks of fcntl */
handler_fn handle_flock, handle_record_lock, handle_lock_question;
/* effects.c */
handler_fn handle_sync, handle_advice, handle_membarrier, handle_read_flags, handle_socket_name,
	handle_receive;
/* listing.c */
handler_fn handle_listing;
/* tty.c: the ioctl that sets a terminal's size */
handler_fn handle_terminal_size;
/* PLAN, as a handler made it for CALL; or, for a refused open of /dev/tty, that there is none: no violation. */
struct plan handle_terminal_name(const struct view *view, struct call *call, struct plan plan);
/* shared.c. Is FD, a duplicate of the program's, a piece of the run's own shared memory? */
bool is_shared_piece(const struct view *view, int fd);
/* PLAN, as a handler made it for CALL; or, where it refuses, what the run's own shared memory answers instead. */
struct plan handle_shared_name(const struct view *view, struct call *call, struct plan plan);
/* The plan for CALL, an mmap of unnamed shared memory, where the program may make processes. */
struct plan map_unnamed(const struct view *view, const struct call *call);
/* Does CALL, an mmap, map a piece of shared memory, and may it be mapped as it is? */
bool maps_shared_memory(const struct view *view, const struct call *call);
/* vsyscall.c: chosen by the call's address, not by its row */
handler_fn handle_vsyscall;

/* THEN answers in the call's stead; in audit mode, which changes nothing, the kernel does. */
static inline struct plan plan_instead(const struct view *view, descriptor_fn *then)
{
	return view->ground->audits ? plan_watch() : plan_descriptor(then);
}

/* For a call that writes elsewhere than to counted output: PLAN, noted as that; or a wait for aliases that are made. */
static inline struct plan as_elsewhere(const struct view *view, struct plan plan)
{
	if (!output_may_write_elsewhere(view->output))
		return plan_wait();
	plan.output = OUTPUT_ELSEWHERE;
	return plan;
}

/*
 * For a call that may make another descriptor stand for stdout (descriptors.c): PLAN, noted as making an alias where
 * output is counted; or a wait for writes that are under way.
 */
struct plan as_alias(const struct view *view, const struct call *call, struct plan plan);

#endif
