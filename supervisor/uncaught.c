/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/uncaught.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

#include "base/util.h"
#include "supervisor/record.h"

void uncaught_init(struct uncaught *uncaught, const struct interpreter_probe *file)
{
	*uncaught = (struct uncaught){ 0 };
	if (file)
		uncaught->file = *file;
}

void uncaught_fini(struct uncaught *uncaught)
{
	stack_exception_free(steal_ptr(&uncaught->found));
	free(steal_ptr(&uncaught->working_directory));
}

/* Between a library's open and its being mapped come a few stops of the dynamic linker's. */
enum { STOPS = 16 };

/* Without it the end is told by its exit status alone: no reason to end the run. */
static void arm(struct uncaught *uncaught, pid_t tid)
{
	int r = probe_arm(uncaught->file.probe, uncaught->file.path, uncaught->file.inode, tid, &uncaught->armed);

	if (r == -ENOENT)
		return;
	uncaught->file.probe = NULL;
	uncaught->due = 0;
}

void uncaught_executed(struct uncaught *uncaught, pid_t tid)
{
	/* Of an earlier program, in audit mode: its memory is gone. */
	uncaught->armed = (struct probe_armed){ 0 };
	if (uncaught->file.probe)
		arm(uncaught, tid);
}

void uncaught_opened(struct uncaught *uncaught, const char *path)
{
	if (uncaught->file.probe && streq(path, uncaught->file.path))
		uncaught->due = STOPS;
}

void uncaught_look(struct uncaught *uncaught, pid_t tid)
{
	uncaught->due--;
	arm(uncaught, tid);
}

/*
 * Before any code runs, the compiler folds constants, and in some builds asks the same about the error of "1 / 0" before it
 * drops it (Python/ast_opt.c). What ends a program has gone through a frame, or is what keeps its code from running.
 */
static bool is_end(const struct exception_facts *x)
{
	static const char *const without_frame[] = { "SyntaxError",	  "MemoryError", "RecursionError",
						     "KeyboardInterrupt", "SystemExit",	 "SystemError" };

	if (x->n_frames)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(without_frame); i++)
		if (exception_is(x, without_frame[i]))
			return true;
	return false;
}

static char *working_directory(pid_t tid)
{
	char name[32], *path = NULL;

	snprintf(name, sizeof name, "/proc/%d/cwd", (int)tid);
	read_link(AT_FDCWD, name, &path);
	return path;
}

bool uncaught_trap(struct uncaught *uncaught, struct stacks *stacks, pid_t tid, bool first,
		   struct user_regs_struct *regs, int *ret_signal)
{
	const struct user_regs_struct before = *regs;
	int error;

	if (!probe_hit(&uncaught->armed, tid, regs, &error))
		return false;
	*ret_signal = error == -EFAULT ? SIGSEGV : 0;
	if (first && !uncaught->found) {
		uncaught->found = stacks_exception(stacks, tid, &before);
		if (uncaught->found && !is_end(&uncaught->found->facts))
			stack_exception_free(steal_ptr(&uncaught->found));
		uncaught->working_directory = uncaught->found ? working_directory(tid) : NULL;
	}
	return true;
}

static void place(struct exception_facts *x, const char *const *library)
{
	const struct exception_frame *frame = NULL;
	size_t i;

	for (i = x->n_frames; i-- > 0 && !frame;)
		if (!record_is_library(x->frames[i].file, library))
			frame = &x->frames[i];
	if (!frame && x->n_frames)
		frame = &x->frames[x->n_frames - 1];
	if (!frame)
		return;
	x->file = frame->file;
	x->line = frame->line;
	x->function = frame->function;
}

void uncaught_place(struct python_exception *exception, const char *const *library)
{
	struct exception_facts *x = &exception->facts;
	size_t i;

	place(x, library);
	for (i = 0; i < x->n_chain; i++)
		place(&exception->chain[i], library);
	for (i = 0; i < x->n_group; i++)
		place(&exception->group[i], library);
}
