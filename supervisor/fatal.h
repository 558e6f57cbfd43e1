/* SPDX-License-Identifier: Apache-2.0 */
/* The signal that ended the program: what was known about it when it came. */
#ifndef PROCTOR_SUPERVISOR_FATAL_H
#define PROCTOR_SUPERVISOR_FATAL_H

#include <signal.h>
#include <sys/user.h>

#include "supervisor/where.h"
#include "tracee/stack.h"
#include "words/signal_words.h"

/* Begins as all zeros: none came. Owns its texts. */
struct fatal {
	int signal;
	bool crash, overflow, deeper;
	pid_t sender; /* 0: nobody, or it is not known */
	bool addressed;
	uint64_t address, depth;
	struct where where;
	char *module, *symbol; /* native code that was running */
	char *message; /* of the C library, which aborted the program */
};

/* SIGNAL came with INFO, STACK (record_user_frame() with LIBRARY says whose code it is) and REGS; each may be NULL. */
void fatal_take(struct fatal *fatal, int signal, const siginfo_t *info, const struct stack *stack,
		const char *const *library, const struct user_regs_struct *regs);
void fatal_fini(struct fatal *fatal);

/* Is SIGNAL, a fault with INFO, a stack overflow? REGS are those of the thread. */
bool fatal_is_overflow(int signal, const siginfo_t *info, const struct user_regs_struct *regs);

/* The facts for the words. OWN: the program's first process. The texts are borrowed; ADDRESS is room for one. */
void fatal_facts(const struct fatal *fatal, pid_t own, char address[24], struct signal_facts *ret_facts);

#endif
