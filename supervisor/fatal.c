/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/fatal.h"

#include <stdlib.h>

#include "base/names.h"
#include "base/util.h"
#include "record/stack.h"
#include "tracee/abi/abi.h"

/* How far from the stack pointer a stack overflow faults: some functions make room for more than a page at once. */
enum { NEAR = 64 * 1024 };

void fatal_fini(struct fatal *fatal)
{
	where_fini(&fatal->where);
	free(fatal->module);
	free(fatal->symbol);
	free(fatal->message);
	*fatal = (struct fatal){ 0 };
}

static bool is_fault(int signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL || signal == SIGTRAP ||
	       signal == SIGSYS;
}

bool fatal_is_overflow(int signal, const siginfo_t *info, const struct user_regs_struct *regs)
{
	uint64_t address, from;

	if ((signal != SIGSEGV && signal != SIGBUS) || !info || !regs || info->si_code <= 0 || info->si_code == SI_KERNEL)
		return false;
	address = (uint64_t)(uintptr_t)info->si_addr;
	/* Executing code on the stack is no overflow. */
	if (address == abi_ip(regs))
		return false;
	from = abi_sp(regs) > NEAR ? abi_sp(regs) - NEAR : 0;
	return address >= from && address - from <= 2 * (uint64_t)NEAR;
}

static void take_origin(struct fatal *fatal, const siginfo_t *info)
{
	bool sent = info->si_code == SI_USER || info->si_code == SI_TKILL || info->si_code == SI_QUEUE;

	/* abort(3) sends SIGABRT; so may anybody, but mostly the program has died of an assertion of its own. */
	fatal->crash = fatal->signal == SIGABRT || (is_fault(fatal->signal) && info->si_code > 0);
	if (sent)
		fatal->sender = info->si_pid;
	fatal->addressed = fatal->crash && fatal->signal != SIGABRT && info->si_code != SI_KERNEL;
	if (fatal->addressed)
		fatal->address = (uint64_t)(uintptr_t)info->si_addr;
}

void fatal_take(struct fatal *fatal, int signal, const siginfo_t *info, const struct stack *stack,
		const char *const *library, const struct user_regs_struct *regs)
{
	fatal_fini(fatal);
	fatal->signal = signal;
	if (info)
		take_origin(fatal, info);
	fatal->overflow = fatal_is_overflow(signal, info, regs);
	where_take(&fatal->where, stack, library);
	if (fatal->where.file) {
		fatal->depth = stack->python_total;
		fatal->deeper = stack->python_note && !stack->python_note_of_gap;
	}
	if (stack && stack->n_native) {
		fatal->module = stack->native[0].module ? xstrdup(stack->native[0].module) : NULL;
		fatal->symbol = stack->native[0].symbol ? xstrdup(stack->native[0].symbol) : NULL;
	}
}

void fatal_facts(const struct fatal *fatal, pid_t own, char address[24], struct signal_facts *ret)
{
	*ret = (struct signal_facts){
		.name = signal_name(fatal->signal),
		.crash = fatal->crash,
		.overflow = fatal->overflow,
		.depth = fatal->depth,
		.deeper = fatal->deeper,
		.by_itself = fatal->sender && fatal->sender == own,
		.sender = (uint64_t)fatal->sender,
		.module = fatal->module,
		.symbol = fatal->symbol,
		.message = fatal->message,
		.place = { .file = fatal->where.file, .line = fatal->where.line, .function = fatal->where.function },
	};
	if (fatal->addressed) {
		snprintf(address, 24, "0x%llx", (unsigned long long)fatal->address);
		ret->address = address;
	}
}
