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
	BELOW = 8192, /* bytes below the process's stack pointer: well beyond its red zone */
};

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
	abi_call_loop_code(code, CALL_CODE_SIZE);
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
	return add(list, CALL_SYSCALL, (uint64_t)nr, args);
}

size_t call_list_function(struct call_list *list, uint64_t address, const uint64_t args[6])
{
	return add(list, CALL_FUNCTION, address, args);
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

static int go_on(struct call_list *list, pid_t tid, int signal)
{
	return trace_resume(tid, list->watch ? RESUME_TO_EXIT : RESUME, signal);
}

/*
 * Another thread than the list's own stopped. A process that the list is to make stays stopped, and may be seen
 * before its parent's event; a library's thread goes on, whatever it stopped for.
 */
static void on_other(struct call_list *list, const struct trace_stop *stop)
{
	if (!list->forks) {
		if (stop->event == TRACE_SYSCALL_STOP && list->watch)
			list->watch(list->watcher, stop->tid);
		go_on(list, stop->tid, stop->event == TRACE_SIGNAL ? stop->signal : 0);
	} else {
		list->forked = stop->tid;
		list->forked_stopped = true;
	}
}

/* The list's thread stopped: 1 if at the breakpoint behind the loop, 0 if it was resumed, or -errno. */
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
	case TRACE_SYSCALL_STOP:
		if (!list->watch)
			return -EIO;
		list->watch(list->watcher, stop->tid);
		break;
	default:
		return -EIO;
	}
	return go_on(list, stop->tid, 0);
}

int call_list_resume(struct call_list *list)
{
	struct trace_stop stop;
	struct rusage usage;
	int r = go_on(list, list->tid, 0);

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
	abi_call_loop_begin(&regs, CALL_AREA, ENTRIES, list->n, BELOW);
	if (r == 0)
		r = trace_set_registers(list->tid, &regs);
	if (r == 0)
		r = call_list_resume(list);
	if (r == 0)
		r = trace_get_registers(list->tid, &regs);
	if (r == 0 && !abi_call_loop_ended(&regs, CALL_AREA))
		r = -EIO;
	return r == 0 ? memory_read(list->tid, ENTRIES, list->entry, list->n * sizeof(struct call_entry)) : r;
}
