/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/uncaught.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

#include "base/util.h"
#include "record/stack.h"

void uncaught_init(struct uncaught *uncaught, const struct interpreter_probe *file)
{
	*uncaught = (struct uncaught){ 0 };
	if (file)
		uncaught->file = *file;
}

static void forget(struct uncaught *uncaught)
{
	stack_exception_free(steal_ptr(&uncaught->found));
	free(steal_ptr(&uncaught->working_directory));
}

void uncaught_fini(struct uncaught *uncaught)
{
	forget(uncaught);
}

/* The dynamic linker maps a library before it opens the next one. */
enum { CALLS = 16 };

/* Where this fails the exit status alone tells of the end: no reason to end the run. */
static void armed(struct uncaught *uncaught, struct stacks *stacks, int result)
{
	uncaught->awaited = false;
	if (result == 0)
		stacks_know(stacks, &uncaught->armed.place);
}

static void arm(struct uncaught *uncaught, struct stacks *stacks, pid_t tid)
{
	const struct interpreter_probe *file = &uncaught->file;
	int r = probe_arm(file->probe, file->path, file->inode, tid, &uncaught->armed);

	if (r != -ENOENT)
		armed(uncaught, stacks, r);
}

void uncaught_executed(struct uncaught *uncaught, struct stacks *stacks, pid_t tid, bool loaded)
{
	const struct interpreter_probe *file = &uncaught->file;

	/* What came of an earlier program: that one did not end, it became another. */
	forget(uncaught);
	uncaught->awaited = file->probe && file->is_library;
	uncaught->opened = 0;
	uncaught->due = false;
	if (!file->probe)
		return;
	if (!file->is_library)
		armed(uncaught, stacks, probe_arm_program(file->probe, tid, !loaded, &uncaught->armed));
	else if (loaded)
		arm(uncaught, stacks, tid);
}

void uncaught_called(struct uncaught *uncaught, const char *path)
{
	if (!uncaught->awaited)
		return;
	if (streq(path, uncaught->file.path)) {
		uncaught->opened = CALLS;
	} else if (uncaught->opened) {
		uncaught->opened--;
		uncaught->due = true;
	}
}

void uncaught_look(struct uncaught *uncaught, struct stacks *stacks, pid_t tid)
{
	uncaught->due = false;
	arm(uncaught, stacks, tid);
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
	struct python_exception *found;
	enum probe_question question;
	int error;

	if (!probe_hit(&uncaught->armed, tid, regs, &question, &error))
		return false;
	*ret_signal = error == -EFAULT ? SIGSEGV : 0;
	if (!first || uncaught->found)
		return true;
	found = stacks_exception(stacks, tid, &before);
	/* The compiler asks too, when a constant cannot be computed: 1/0. */
	if (found && question == PROBE_ASKS_INTERRUPT && !exception_is(&found->facts, "KeyboardInterrupt"))
		stack_exception_free(steal_ptr(&found));
	uncaught->found = found;
	uncaught->working_directory = found ? working_directory(tid) : NULL;
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
