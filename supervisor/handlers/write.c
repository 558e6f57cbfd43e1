/* SPDX-License-Identifier: Apache-2.0 */
/* Writes, where output or stored data is counted. */
#include "supervisor/handlers/handlers.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

#include "supervisor/handlers/own_file.h"
#include "supervisor/lend.h"
#include "tracee/memory.h"

/* The first part of a writev(2) that is not empty: a short write is a legal answer. */
static int first_part(const struct call *call, uint64_t *ret_addr, uint64_t *ret_len)
{
	struct iovec part;
	uint64_t i, n = MIN(call->request.args[2], 1024);

	for (i = 0; i < n; i++) {
		if (memory_read(call->request.tid, call->request.args[1] + i * sizeof part, &part,
				sizeof part) < 0)
			return -EFAULT;
		if (part.iov_len > 0) {
			*ret_addr = (uint64_t)(uintptr_t)part.iov_base;
			*ret_len = part.iov_len;
			return 0;
		}
	}
	*ret_addr = 0;
	*ret_len = 0;
	return 0;
}

/*
 * A write to stdout or stderr. It is counted when it returns, and may write no more than what is left if all writes
 * that other threads have under way succeed in full: so the output ends exactly at the limit.
 */
static struct plan count_output(const struct view *view, const struct call *call)
{
	uint64_t addr = call->request.args[1], len = call->request.args[2], promised;
	bool parts = call->request.nr == SYS_writev;
	struct plan plan;

	if (parts) {
		int r = first_part(call, &addr, &len);

		if (r < 0)
			return plan_error(-r);
	}
	switch (output_ask(view->output, len, &promised)) {
	case OUTPUT_WAIT:
		return plan_wait();
	case OUTPUT_FULL:
		return plan_crossed(LIMIT_OUTPUT, view->output->written + len);
	case OUTPUT_GO:
		break;
	}
	if (!parts && promised == len) {
		plan = plan_watch();
	} else {
		plan = plan_call(call);
		plan.nr = parts ? SYS_write : call->request.nr;
		plan.args[1] = addr;
		plan.args[2] = promised;
	}
	plan.output = OUTPUT_STDOUT;
	plan.promised = promised;
	return plan;
}

/* Does the write go to a file that is counted (ledger.h), or that may turn out to be? Then PLAN is the answer. */
static bool is_stored(const struct view *view, struct call *call, struct plan *plan)
{
	pid_t tid = call->request.tid;
	int number = (int)call->request.args[0];
	_cleanup_close_ int fd = lend_duplicate(view, tid, number);
	bool whole = fd >= 0;
	struct counted *file;
	struct stat st;

	if (fd == -EOPNOTSUPP)
		fd = lend_look(view, tid, number);
	if (fd < 0)
		return false;
	file = ledger_find(view->ledger, fd, &st);
	if (file) {
		*plan = plan_descriptor(write_counted);
		call->lent = whole ? steal_fd(&fd) : -1;
	} else if (S_ISREG(st.st_mode) && !ledger_may_open(view->ledger)) {
		*plan = plan_wait();
	} else {
		return false;
	}
	return true;
}

/* Which of the three are output. What is written to stdin is, where that is a terminal or a socket; not to /dev/null, which
 * programs open to write to as well. */
static unsigned outputs(const struct ground *ground)
{
	const struct stat *in = &ground->stdio[0];

	return S_ISCHR(in->st_mode) && in->st_rdev == makedev(1, 3) ? STDOUT_OR_STDERR : ANY_STDIO;
}

struct plan handle_write(const struct view *view, struct call *call)
{
	bool limited = view->output->limit != UINT64_MAX;
	struct plan plan;

	if (call->request.nr == SYS_sendto && call->request.args[4] != 0)
		return handle_send_to(view, call);
	/* A send goes to a socket, and grows no file. */
	if (view->ledger && call->request.nr != SYS_sendto && is_stored(view, call, &plan))
		return plan;
	if (limited && is_stdio(view, call->request.tid, (int)call->request.args[0], outputs(view->ground)))
		return count_output(view, call);
	if (tasks_is_alone(view->tasks, call->request.tgid))
		return plan_pass();
	/* No other thread may put stdout, or a file that is counted, in this descriptor's place before the kernel looks. */
	return as_elsewhere(view, plan_watch());
}
