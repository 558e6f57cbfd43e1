/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks.h"

#include <stddef.h>

static const struct stack *read_with(struct stacks *stacks, struct stack_reader **reader, pid_t tgid,
				     pid_t tid, const struct user_regs_struct *regs)
{
	if (stacks->kinds == STACK_NONE || tgid != stacks->pid)
		return NULL;
	if (!*reader)
		*reader = stack_reader_new(stacks->pid);
	return stack_read(*reader, tid, regs, stacks->kinds);
}

const struct stack *stacks_read(struct stacks *stacks, pid_t tgid, pid_t tid,
				const struct user_regs_struct *regs)
{
	return read_with(stacks, &stacks->reader, tgid, tid, regs);
}

const struct stack *stacks_look(struct stacks *stacks, pid_t tgid, pid_t tid,
				const struct user_regs_struct *regs)
{
	return read_with(stacks, &stacks->looker, tgid, tid, regs);
}

struct python_exception *stacks_exception(struct stacks *stacks, pid_t tid, const struct user_regs_struct *regs)
{
	if (!(stacks->kinds & STACK_PYTHON))
		return NULL;
	if (!stacks->reader)
		stacks->reader = stack_reader_new(stacks->pid);
	return stack_read_exception(stacks->reader, tid, regs);
}

void stacks_flush(struct stacks *stacks)
{
	if (stacks->reader)
		stack_reader_flush(stacks->reader);
	if (stacks->looker)
		stack_reader_flush(stacks->looker);
}

void stacks_fini(struct stacks *stacks)
{
	stack_reader_free(stacks->reader);
	stack_reader_free(stacks->looker);
	*stacks = (struct stacks){ 0 };
}
