/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks.h"

#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "tracee/abi/abi.h"

struct stacks_of {
	pid_t pid;
	struct stack_reader *reader, *looker;
	struct stacks_of *next;
};

/* The entry of process PID, which becomes the first of the list. NULL: it has none. */
static struct stacks_of *find(struct stacks *stacks, pid_t pid)
{
	struct stacks_of **at = &stacks->first, *found;

	while (*at && (*at)->pid != pid)
		at = &(*at)->next;
	found = *at;
	if (!found)
		return NULL;
	*at = found->next;
	found->next = stacks->first;
	return stacks->first = found;
}

static struct stacks_of *find_or_add(struct stacks *stacks, pid_t pid)
{
	struct stacks_of *of = find(stacks, pid);

	if (of)
		return of;
	of = xcalloc(1, sizeof *of);
	of->pid = pid;
	of->next = stacks->first;
	return stacks->first = of;
}

bool stacks_has(const struct stacks *stacks, pid_t tgid)
{
	return stacks->kinds != STACK_NONE && (stacks->all || tgid == stacks->pid);
}

static struct stack_reader *made(const struct stacks *stacks, struct stack_reader **reader, pid_t pid)
{
	if (!*reader) {
		*reader = stack_reader_new(pid);
		if (pid == stacks->pid)
			stack_reader_know(*reader, &stacks->place);
	}
	return *reader;
}

static const struct stack *read_by(const struct stacks *stacks, struct stack_reader *reader, pid_t tid,
				   const struct user_regs_struct *regs)
{
	const struct stack *stack = stack_read(reader, tid, regs, stacks->kinds);

	if (!stacks->native_else || stacks->kinds != STACK_PYTHON || stack->python_minor || stack->n_python)
		return stack;
	return stack_read(reader, tid, regs, STACK_BOTH);
}

const struct stack *stacks_read(struct stacks *stacks, pid_t tgid, pid_t tid,
				const struct user_regs_struct *regs)
{
	if (!stacks_has(stacks, tgid))
		return NULL;
	return read_by(stacks, made(stacks, &find_or_add(stacks, tgid)->reader, tgid), tid, regs);
}

const struct stack *stacks_waiting(struct stacks *stacks, pid_t tgid, pid_t tid, uint64_t ident)
{
	if (!stacks_has(stacks, tgid) || !(stacks->kinds & STACK_PYTHON))
		return NULL;
	return stack_read_waiting(made(stacks, &find_or_add(stacks, tgid)->reader, tgid), tid, ident);
}

int stacks_variable(struct stacks *stacks, pid_t tgid, size_t i, const char *name, struct stack_words *ret_words)
{
	struct stacks_of *of = find(stacks, tgid);

	return of && of->reader ? stack_read_variable(of->reader, i, name, ret_words) : -ENOENT;
}

struct python_exception *stacks_caught(struct stacks *stacks, pid_t tgid, size_t i, const char *name)
{
	struct stacks_of *of = find(stacks, tgid);

	return of && of->reader ? stack_read_caught(of->reader, i, name) : NULL;
}

int stacks_spawned(struct stacks *stacks, pid_t tgid, uint64_t child_stack, struct stack_words *ret_arguments,
		   struct stack_words *ret_file)
{
	struct stacks_of *of = find(stacks, tgid);

	return of && of->reader ? stack_read_spawned(of->reader, child_stack, ret_arguments, ret_file) : -ENOENT;
}

const struct stack *stacks_look(struct stacks *stacks, pid_t tgid, pid_t tid,
				const struct user_regs_struct *regs)
{
	if (!stacks_has(stacks, tgid))
		return NULL;
	return read_by(stacks, made(stacks, &find_or_add(stacks, tgid)->looker, tgid), tid, regs);
}

struct python_exception *stacks_exception(struct stacks *stacks, pid_t tid, const struct user_regs_struct *regs)
{
	if (!(stacks->kinds & STACK_PYTHON))
		return NULL;
	return stack_read_exception(made(stacks, &find_or_add(stacks, stacks->pid)->reader, stacks->pid), tid, regs);
}

struct python_held *stacks_held(struct stacks *stacks, pid_t tgid, pid_t tid, const struct user_regs_struct *regs)
{
	if (!(stacks->kinds & STACK_PYTHON) || !stacks_has(stacks, tgid))
		return NULL;
	return stack_read_held(made(stacks, &find_or_add(stacks, tgid)->looker, tgid), tid, regs);
}

char *stacks_abort(struct stacks *stacks, pid_t tgid, pid_t tid)
{
	if (!stacks_has(stacks, tgid))
		return NULL;
	return stack_read_abort(made(stacks, &find_or_add(stacks, tgid)->looker, tgid), tid);
}

void stacks_code(struct stacks *stacks, pid_t tgid, pid_t tid, const struct user_regs_struct *regs, char **ret_module,
		 char **ret_symbol)
{
	*ret_module = *ret_symbol = NULL;
	if (stacks_has(stacks, tgid))
		stack_read_code(made(stacks, &find_or_add(stacks, tgid)->looker, tgid), tid, abi_ip(regs), ret_module,
				ret_symbol);
}

static void drop_first(struct stacks *stacks)
{
	struct stacks_of *of = stacks->first;

	stacks->first = of->next;
	stack_reader_free(of->reader);
	stack_reader_free(of->looker);
	free(of);
}

void stacks_flush(struct stacks *stacks, pid_t tgid)
{
	if (find(stacks, tgid))
		drop_first(stacks);
	if (tgid == stacks->pid)
		stacks->place = (struct python_place){ 0 };
}

void stacks_know(struct stacks *stacks, const struct python_place *place)
{
	struct stacks_of *of = find(stacks, stacks->pid);

	stacks->place = *place;
	if (of && of->reader)
		stack_reader_know(of->reader, place);
	if (of && of->looker)
		stack_reader_know(of->looker, place);
}

void stacks_fini(struct stacks *stacks)
{
	while (stacks->first)
		drop_first(stacks);
	*stacks = (struct stacks){ 0 };
}
