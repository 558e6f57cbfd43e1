/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/finish.h"

#include <string.h>

#include "base/util.h"
#include "tracee/abi/abi.h"
#include "tracee/abi/call_loop.h"
#include "tracee/abi/instruction.h"
#include "tracee/memory.h"
#include "tracee/trace.h"

enum { WORDS = 512 }; /* that are read at a time: no more than IOV_MAX */

void finishing_init(struct finishing *finish, const struct template_end *end, bool leave)
{
	*finish = (struct finishing){ .end = end, .leave = leave, .state = end->n ? FINISH_RUNNING : FINISH_OFF };
}

/* Removes the breakpoint at STOP; the thread goes on from there. */
static bool pass(const struct finishing *finish, enum template_stop stop, pid_t tid, struct user_regs_struct *regs)
{
	abi_go_to(regs, finish->end->at[stop]);
	return trace_poke_text(tid, finish->end->at[stop], finish->end->text[stop]) == 0;
}

/* Puts the thread back to where it was at the collection, which now begins. */
static bool collect(struct finishing *finish, pid_t tid, struct user_regs_struct *regs)
{
	*regs = finish->held;
	finish->state = FINISH_OFF;
	return pass(finish, TEMPLATE_COLLECT, tid, regs);
}

/* Makes the thread call OBJECT and return to the collection's breakpoint. */
static bool call(struct finishing *finish, pid_t tid, uint64_t object, enum finish_state state,
		 struct user_regs_struct *regs)
{
	const uint64_t args[ABI_ARGS] = { object };
	const uint64_t back = finish->end->at[TEMPLATE_COLLECT];

	*regs = finish->held;
	finish->state = state;
	/* Without a stack no call can be made, and finalisation could not do much either. */
	return memory_write(tid, abi_enter_function(regs, finish->end->call, args), &back, sizeof back) == 0 ||
	       collect(finish, tid, regs);
}

/* Goes on as if Py_FinalizeEx had returned 0. */
static bool leave(struct finishing *finish, pid_t tid, struct user_regs_struct *regs)
{
	uint64_t back;

	if (memory_read(tid, abi_sp(&finish->entry), &back, sizeof back) < 0)
		return collect(finish, tid, regs);
	*regs = finish->entry;
	abi_leave_function(regs, back, 0);
	finish->state = FINISH_OFF;
	finish->left = true;
	return true;
}

/* Words in a process's memory, asked for in spans of adjacent pages. */
struct words {
	struct iovec span[WORDS];
	size_t n_spans, len; /* LEN: bytes of all spans */
	size_t at[WORDS];    /* where each word is in what was read */
};

/* Is ADDRESS on the last page of SPAN, or on the next one? A page between two that are asked for need not be there. */
static bool continues(const struct iovec *span, uint64_t address)
{
	const uint64_t page = 4096;
	uint64_t base = (uintptr_t)span->iov_base;

	return address >= base && (address + sizeof address - 1) / page <= (base + span->iov_len - 1) / page + 1;
}

static void words_add(struct words *words, size_t number, uint64_t address)
{
	struct iovec *span = words->n_spans ? &words->span[words->n_spans - 1] : NULL;
	uint64_t base;

	if (!span || !continues(span, address)) {
		span = &words->span[words->n_spans++];
		*span = (struct iovec){ (void *)(uintptr_t)address, 0 };
	}
	base = (uintptr_t)span->iov_base;
	words->len -= span->iov_len;
	words->at[number] = words->len + (size_t)(address - base);
	span->iov_len = MAX(span->iov_len, (size_t)(address + sizeof address - base));
	words->len += span->iov_len;
}

/*
 * tp_finalize of a class: the same place in all of CPython 3.4 to 3.13. Setting __del__ sets it, in the class and those
 * derived from it; what does not set it is not called. If the place is another one, the first class shows that. The
 * others are in the order of their addresses. What is on a page that the program has not written to need not be read: of
 * fifty pages that is so of forty.
 */
static bool has_finalizers(const struct finishing *finish, pid_t tid)
{
	const uint64_t place = 392;
	const struct template_end *end = finish->end;
	uint64_t at[WORDS], word;
	_cleanup_(memory_pages_close) struct memory_pages pages;
	struct words words;
	size_t read[WORDS], n_read, done, n, i;

	memory_pages_open(tid, &pages);
	for (done = 0; done < end->n_classes; done += n) {
		_cleanup_free_ char *text = NULL;

		n = MIN(end->n_classes - done, (size_t)WORDS);
		if (memory_gather_shared(tid, &(const struct iovec){ (void *)(uintptr_t)(end->classes + done * sizeof *at), n * sizeof *at }, 1,
					 at, n * sizeof *at) < 0)
			return true;
		words.n_spans = words.len = n_read = 0;
		for (i = 0; i < n; i++) {
			bool first = done + i == 0;

			if (!first && (at[i] + place) % sizeof word == 0 && memory_page_is_common(&pages, at[i] + place))
				continue;
			words_add(&words, n_read, at[i] + place);
			read[n_read++] = done + i;
		}
		text = xmalloc(words.len + 1);
		if (memory_gather_shared(tid, words.span, words.n_spans, text, words.len) < 0)
			return true;
		for (i = 0; i < n_read; i++) {
			memcpy(&word, text + words.at[i], sizeof word);
			if ((word != 0) != (read[i] == 0))
				return true;
		}
	}
	return false;
}

static bool at_collection(struct finishing *finish, pid_t tid, bool first, struct user_regs_struct *regs)
{
	const struct template_end *end = finish->end;
	bool asked = finish->state >= FINISH_QUIET, yes = (uint64_t)abi_result(regs) == end->yes;

	/* Another thread comes here while one is asking: it does not hold the interpreter's lock, so let it go on. */
	if (finish->state == FINISH_OFF || (asked && tid != finish->asker))
		return pass(finish, TEMPLATE_COLLECT, tid, regs);
	if (!asked) {
		abi_go_to(regs, end->at[TEMPLATE_COLLECT]);
		finish->held = *regs;
		finish->asker = tid;
	}
	if (finish->state == FINISH_FINALIZING && first && !finish->noticed)
		return call(finish, tid, end->quiet, FINISH_QUIET, regs);
	if (finish->state == FINISH_QUIET && yes && !has_finalizers(finish, tid))
		return finish->leave ? leave(finish, tid, regs) : collect(finish, tid, regs);
	if (finish->state == FINISH_THAWING)
		return collect(finish, tid, regs);
	return call(finish, tid, end->thaw, FINISH_THAWING, regs);
}

bool finishing_trap(struct finishing *finish, pid_t tid, bool first, struct user_regs_struct *regs)
{
	const struct template_end *end = finish->end;
	uint64_t at = abi_ip(regs) - ABI_BREAKPOINT_BYTES;
	enum template_stop stop;

	for (stop = 0; end && stop < end->n && end->at[stop] != at; stop++)
		;
	if (!end || stop == end->n)
		return false;
	if (stop == TEMPLATE_COLLECT)
		return at_collection(finish, tid, first, regs);
	if (!pass(finish, stop, tid, regs))
		return false;
	if (stop != TEMPLATE_FINALIZE) {
		finish->noticed = true;
	} else if (first && finish->state == FINISH_RUNNING) {
		finish->entry = *regs;
		finish->state = FINISH_FINALIZING;
	}
	return true;
}
