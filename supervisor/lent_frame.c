/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/lent_frame.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "base/util.h"
#include "tracee/memory.h"

struct lent_frame {
	pid_t maker;
	uint64_t at;
	unsigned char bytes[LENT_FRAME_BYTES];
};

bool lent_frame_is_asked(const struct request *request)
{
	return request->nr == SYS_clone && request->args[0] == (CLONE_VM | CLONE_VFORK | SIGCHLD);
}

struct lent_frame *lent_frame_take(pid_t maker, uint64_t sp)
{
	_cleanup_free_ struct lent_frame *frame = xmalloc(sizeof *frame);

	frame->maker = maker;
	frame->at = sp;
	return memory_read(maker, sp, frame->bytes, sizeof frame->bytes) < 0 ? NULL : steal_ptr(&frame);
}

int lent_frame_return(const struct lent_frame *frame, pid_t child)
{
	unsigned char now[LENT_FRAME_BYTES];
	size_t from, to;
	int r = memory_read(child, frame->at, now, sizeof now);

	for (from = 0; r == 0 && from < sizeof now; from = to + 1) {
		for (to = from; to < sizeof now && now[to] != frame->bytes[to]; to++)
			;
		if (to > from)
			r = memory_write(frame->maker, frame->at + from, now + from, to - from);
	}
	return r;
}
