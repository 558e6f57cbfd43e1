/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/call_list.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/util.h"
#include "tracee/memory.h"
#include "tracee/trace.h"

enum {
	ENTRIES = CALL_AREA + CALL_CODE_SIZE,
	DATA = ENTRIES + CALL_LIST_MAX * (int)sizeof(struct call_entry),
	DATA_SIZE = CALL_AREA + CALL_AREA_SIZE - DATA,
	BELOW = 8192, /* of the stack that the process had: far behind its red zone */
	BREAKPOINT = 0xcc,
};

enum { KIND_SYSCALL, KIND_FUNCTION };

/*
 * rbx: the entry; rbp: how many are left. Both are kept by what is called (System V ABI). The system call's own
 * arguments go to r10, r8, r9, a function's fourth to rcx. Ends at the breakpoint behind it.
 */
__asm__(".pushsection .rodata\n"
	".globl proctor_call_loop, proctor_call_loop_end\n"
	".hidden proctor_call_loop, proctor_call_loop_end\n"
	"proctor_call_loop:\n"
	"1:	mov 16(%rbx), %rdi\n"
	"	mov 24(%rbx), %rsi\n"
	"	mov 32(%rbx), %rdx\n"
	"	mov 40(%rbx), %r10\n"
	"	mov 48(%rbx), %r8\n"
	"	mov 56(%rbx), %r9\n"
	"	mov 8(%rbx), %rax\n"
	"	cmpq $0, (%rbx)\n"
	"	jne 2f\n"
	"	syscall\n"
	"	jmp 3f\n"
	"2:	mov %r10, %rcx\n"
	"	mov %rax, %r11\n"
	"	xor %eax, %eax\n"
	"	call *%r11\n"
	"3:	mov %rax, 64(%rbx)\n"
	"	mov 72(%rbx), %r11\n"
	"	test %r11, %r11\n"
	"	jz 4f\n"
	"	mov %rax, (%r11)\n"
	"4:	add $80, %rbx\n"
	"	dec %rbp\n"
	"	jnz 1b\n"
	"	int3\n"
	"proctor_call_loop_end:\n"
	".popsection");
extern const unsigned char proctor_call_loop[], proctor_call_loop_end[];

static size_t loop_size(void)
{
	return (uintptr_t)proctor_call_loop_end - (uintptr_t)proctor_call_loop;
}

_Static_assert(sizeof(struct call_entry) == 80 && offsetof(struct call_entry, result) == 64, "as the loop has it");
_Static_assert((int)DATA_SIZE > 0x20000, "room for a filter and a command line");

void call_list_init(struct call_list *list, pid_t tid, const struct user_regs_struct *held)
{
	memset(list, 0, sizeof *list);
	list->tid = tid;
	list->held = *held;
	list->data = xmalloc(DATA_SIZE);
}

void call_list_fini(struct call_list *list)
{
	free(list->data);
	list->data = NULL;
}

void call_list_clear(struct call_list *list)
{
	list->n = list->used = 0;
	list->error = 0;
	list->forked = 0;
	list->forks = list->forked_stopped = false;
}

void call_list_code(unsigned char code[CALL_CODE_SIZE])
{
	memset(code, BREAKPOINT, CALL_CODE_SIZE);
	memcpy(code, proctor_call_loop, loop_size());
}

static size_t add(struct call_list *list, uint64_t kind, uint64_t function, const uint64_t args[6])
{
	struct call_entry *entry = &list->entry[MIN(list->n, (size_t)CALL_LIST_MAX - 1)];

	if (list->n == CALL_LIST_MAX) {
		list->error = -E2BIG;
		return 0;
	}
	*entry = (struct call_entry){ .kind = kind, .function = function };
	memcpy(entry->args, args, sizeof entry->args);
	return list->n++;
}

size_t call_list_syscall(struct call_list *list, long nr, const uint64_t args[6])
{
	return add(list, KIND_SYSCALL, (uint64_t)nr, args);
}

size_t call_list_function(struct call_list *list, uint64_t address, const uint64_t args[6])
{
	return add(list, KIND_FUNCTION, address, args);
}

void call_list_pass(struct call_list *list, size_t from, size_t to, unsigned number)
{
	list->entry[from].store = ENTRIES + to * sizeof(struct call_entry) +
				  offsetof(struct call_entry, args) + number * sizeof(uint64_t);
}

uint64_t call_list_put(struct call_list *list, const void *bytes, size_t n)
{
	size_t at = (list->used + 15) & ~(size_t)15;

	if (n > DATA_SIZE || at > DATA_SIZE - n) {
		list->error = -E2BIG;
		return DATA;
	}
	memset(list->data + list->used, 0, at - list->used);
	memcpy(list->data + at, bytes, n);
	list->used = at + n;
	return DATA + at;
}

int call_list_read(const struct call_list *list, uint64_t address, void *bytes, size_t n)
{
	return memory_read(list->tid, address, bytes, n);
}

/*
 * Another one than the list's own thread stopped. A process that is to come stays where it is, and may be seen
 * before its parent's event; a thread of a library's goes on, whatever it stopped for.
 */
static void on_other(struct call_list *list, const struct trace_stop *stop)
{
	if (!list->forks) {
		trace_resume(stop->tid, RESUME, stop->event == TRACE_SIGNAL ? stop->signal : 0);
	} else {
		list->forked = stop->tid;
		list->forked_stopped = true;
	}
}

/* What the list's thread stopped for: 1 at the breakpoint behind the loop, 0 when it goes on, or -errno. */
static int on_own(struct call_list *list, const struct trace_stop *stop)
{
	switch (stop->event) {
	case TRACE_EXITED:
		return -ESRCH;
	case TRACE_SIGNAL:
		if (stop->signal == SIGTRAP)
			return 1;
		return -EIO;
	case TRACE_NEW_PROCESS:
		list->forked = (pid_t)stop->message;
		break;
	case TRACE_NEW_THREAD:
	case TRACE_EXITING:
		break;
	default:
		return -EIO;
	}
	return trace_resume(stop->tid, RESUME, 0);
}

int call_list_resume(struct call_list *list)
{
	struct trace_stop stop;
	struct rusage usage;
	int r = trace_resume(list->tid, RESUME, 0);

	while (r == 0) {
		r = trace_wait(true, &stop, &usage);
		if (r < 0)
			return r;
		if (stop.event == TRACE_INTERRUPTED)
			r = list->give_up && *list->give_up ? -EINTR : 0;
		else if (stop.event == TRACE_NONE_LEFT)
			r = -ESRCH;
		else if (stop.tid == list->tid)
			r = on_own(list, &stop);
		else if (stop.event != TRACE_EXITED)
			on_other(list, &stop);
	}
	return r < 0 ? r : 0;
}

int call_list_run(struct call_list *list)
{
	struct user_regs_struct regs = list->held;
	int r = list->error;

	if (r == 0 && list->n == 0)
		return 0;
	if (r == 0)
		r = memory_write(list->tid, ENTRIES, list->entry, list->n * sizeof(struct call_entry));
	if (r == 0)
		r = memory_write(list->tid, DATA, list->data, list->used);
	regs.rip = CALL_AREA;
	regs.rbx = ENTRIES;
	regs.rbp = list->n;
	regs.rsp = (list->held.rsp - BELOW) & ~UINT64_C(63);
	regs.rax = 0;
	regs.orig_rax = ~0ull; /* nothing to restart */
	if (r == 0)
		r = trace_set_registers(list->tid, &regs);
	if (r == 0)
		r = call_list_resume(list);
	if (r == 0)
		r = trace_get_registers(list->tid, &regs);
	if (r == 0 && regs.rip != CALL_AREA + loop_size())
		r = -EIO;
	return r == 0 ? memory_read(list->tid, ENTRIES, list->entry, list->n * sizeof(struct call_entry)) : r;
}
