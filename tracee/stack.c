/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation. A stack is read while its thread is stopped, from outside, by
 * process_vm_readv(2) through a page cache that lives for one stop (native/pages.h). The Python
 * side (python/) follows CPython's own structures: the runtime, the thread state whose pthread_t
 * is the stopped thread's, its frames, their code objects, names and line tables. The native
 * side (native/) knows which files are mapped, checks their unwind tables and lets libunwind step
 * through them. Here the two are joined: an eval loop keeps a variable on its C stack that the
 * Python structures point to, so the native frame that holds it is the loop that ran those
 * Python frames. No symbol is needed for that, so it works for stripped interpreters.
 *
 * All of it is the tracee's to forge. Each structure is bounded by a constant, each address
 * checked, and the whole by one budget of time and reads (native/budget.h). Nothing is written
 * to the tracee. A forged stack misleads its reader, and does no more.
 */
#include "tracee/stack.h"

#include <stdlib.h>

#include "tracee/abi/abi.h"
#include "tracee/native/abort_message.h"
#include "tracee/native/ends.h"
#include "tracee/native/spawn_words.h"
#include "tracee/native/symbols.h"
#include "tracee/native/unwind.h"
#include "tracee/python/exception.h"
#include "tracee/python/held.h"
#include "tracee/python/unicode.h"
#include "tracee/python/variable.h"

enum {
	/* What runs between two looks at the clock must still fit into STACK_BUDGET_NS. */
	DEADLINE_NS = STACK_BUDGET_NS / 5 * 4,
	SHORT_DEADLINE_NS = STACK_USUAL_NS / 5 * 4,
	SHORT_WALK = 64, /* frames: enough to tell where the call came from */
	ANY_FRAME = 2,	 /* frames: enough to know whether there is one, even beneath a shim */
	NOTE_SIZE = 80,
	MODULES_ASKED = 16,
};

_Static_assert((int)STACK_MAX_FRAMES == (int)FRAMES_KEPT &&
		       (int)STACK_MAX_FRAMES == (int)UNWIND_FRAMES &&
		       (int)STACK_MAX_FRAMES <= (int)SYMBOLS_AT_ONCE &&
		       (int)STACK_MAX_TEXT == (int)UNICODE_CHARS,
	       "what is kept is what the contract says");

struct stack_reader {
	pid_t tgid;
	struct budget budget;
	uint64_t excess_ns; /* CPU time of all stacks so far beyond STACK_USUAL_NS each */
	struct pages pages;
	struct image_cache images;
	struct maps maps;
	struct frames frames;
	struct symbols symbols;
	struct unwinder *unwinder; /* made with the first native stack */
	struct stack stack;
	char python_note[NOTE_SIZE], native_note[NOTE_SIZE];
	struct python_frame python[STACK_MAX_FRAMES];
	struct native_frame native[STACK_MAX_FRAMES];
	struct unwind_frame unwound[UNWIND_FRAMES];
};

struct stack_reader *stack_reader_new(pid_t tgid)
{
	struct stack_reader *r = pages_zeroed(sizeof *r);

	(void)tgid; /* not used: its /proc entry tells nothing once the leader has exited, so each call
		       names a thread */
	pages_init(&r->pages, &r->budget);
	image_cache_init(&r->images, &r->pages);
	maps_init(&r->maps, &r->images);
	frames_init(&r->frames, &r->pages, &r->maps);
	return r;
}

void stack_reader_flush(struct stack_reader *r)
{
	unwinder_free(steal_ptr(&r->unwinder));
	symbols_fini(&r->symbols);
	frames_flush(&r->frames);
	maps_fini(&r->maps);
	pages_drop(&r->pages);
}

void stack_reader_free(struct stack_reader *r)
{
	if (!r)
		return;
	stack_reader_flush(r);
	frames_fini(&r->frames);
	image_cache_fini(&r->images);
	pages_fini(&r->pages);
	pages_release(r, sizeof *r);
}

void stack_reader_know(struct stack_reader *r, const struct python_place *place)
{
	r->frames.place = *place;
}

static const char *unsupported_note(struct stack_reader *r)
{
	int minor = r->frames.runtime.unsupported_minor;

	if (minor < OFFSETS_OLDEST)
		return "python older than 3.9 is not supported";
	snprintf(r->python_note, NOTE_SIZE, "python 3.%d is not supported", minor);
	return r->python_note;
}

static const char *python_note(struct stack_reader *r)
{
	switch (r->frames.status) {
	case FRAMES_WHOLE:
		if (r->stack.python_total <= r->stack.n_python)
			return NULL;
		snprintf(r->python_note, NOTE_SIZE, "%zu frames in the middle are left out",
			 r->stack.python_total - r->stack.n_python);
		r->stack.python_note_of_gap = true;
		return r->python_note;
	case FRAMES_NO_PYTHON:
		return "no python interpreter in this process";
	case FRAMES_UNSUPPORTED:
		return unsupported_note(r);
	case FRAMES_NOT_INITIALISED:
		return "the interpreter is not initialised, or has been finalised";
	case FRAMES_NO_THREAD:
		return "this thread is not known to the interpreter";
	case FRAMES_EMPTY:
		return "this thread runs no python code";
	case FRAMES_TOO_DEEP:
		return "frames are left out: the stack is too deep";
	case FRAMES_DAMAGED:
		return "some names or lines cannot be read";
	case FRAMES_TIME:
		return "reading the frames took too long";
	case FRAMES_CORRUPT:
		break;
	}
	return "frames are corrupt";
}

static void read_python(struct stack_reader *r, pid_t tid, uint64_t ident)
{
	struct frames *f = &r->frames;
	struct stack *s = &r->stack;

	frames_read(f, tid, ident);
	s->python_minor =
		f->runtime.address ? f->runtime.offsets.minor : f->runtime.unsupported_minor;
	s->python_total = f->total;
	s->n_python = ends_kept(f->total, FRAMES_KEPT);
	s->python_gap = ends_gap(f->total, FRAMES_KEPT);
	for (size_t i = 0; i < s->n_python; i++) {
		const struct frame *from =
			&f->frame[ends_slot(ends_element(i, f->total, FRAMES_KEPT), FRAMES_KEPT)];

		r->python[i] =
			(struct python_frame){from->file, from->name, from->line, from->entry};
	}
	/* The outermost frame ends its eval loop, however the walk ended. */
	if (s->n_python)
		r->python[s->n_python - 1].entry = true;
	s->python_note = python_note(r);
}

static const char *module_name(struct stack_reader *r, uint64_t ip)
{
	const struct module *module = maps_find(&r->maps, ip);

	return module ? module->path : "[anon]";
}

/* The address by which to find the function: a caller's IP is behind its call, perhaps past the function. */
static uint64_t call_site(size_t i, uint64_t ip)
{
	return i ? ip - 1 : ip;
}

static void name_native(struct stack_reader *r, pid_t tid)
{
	const struct symbol *symbol[STACK_MAX_FRAMES];
	uint64_t address[STACK_MAX_FRAMES] = {0};
	size_t n = r->stack.n_native;

	for (size_t i = 0; i < n; i++)
		address[i] = call_site(i, r->native[i].ip);
	if (symbols_find(&r->symbols, &r->maps, tid, address, n, symbol) < 0 &&
	    !r->stack.native_note)
		r->stack.native_note = "looking up names took too long";
	for (size_t i = 0; i < n; i++) {
		r->native[i].module = module_name(r, address[i]);
		r->native[i].symbol = symbol[i]->name;
		r->native[i].offset = symbol[i]->offset + (i ? 1 : 0);
	}
}

static const struct unwind_frame *unwound(const struct stack_reader *r, size_t i)
{
	return &r->unwound[ends_slot(ends_element(i, r->stack.native_total, UNWIND_FRAMES),
				     UNWIND_FRAMES)];
}

/* Asks the kernel, once for each module on the stack, whether it is still mapped there. */
static bool modules_are_current(struct stack_reader *r, pid_t tid)
{
	const struct module *asked[MODULES_ASKED];
	size_t n = 0;

	for (size_t i = 0; i < ends_kept(r->stack.native_total, UNWIND_FRAMES); i++) {
		uint64_t at = call_site(i, unwound(r, i)->ip);
		const struct module *module = maps_find(&r->maps, at);
		size_t k = 0;

		while (k < n && asked[k] != module)
			k++;
		if (!module || k < n || n == MODULES_ASKED)
			continue;
		asked[n++] = module;
		if (!maps_confirm(&r->maps, tid, module, at))
			return false;
	}
	return true;
}

static void unwind(struct stack_reader *r, pid_t tid, const struct user_regs_struct *regs)
{
	struct stack *s = &r->stack;

	if (!r->unwinder)
		r->unwinder = unwinder_new(&r->pages, &r->maps);
	unwinder_run(r->unwinder, tid, regs, r->unwound, &s->native_total, &s->native_note);
	if (modules_are_current(r, tid))
		return;
	maps_load(&r->maps, tid);
	unwinder_run(r->unwinder, tid, regs, r->unwound, &s->native_total, &s->native_note);
}

static void read_native(struct stack_reader *r, pid_t tid, const struct user_regs_struct *regs)
{
	struct stack *s = &r->stack;

	unwind(r, tid, regs);
	s->n_native = ends_kept(s->native_total, UNWIND_FRAMES);
	s->native_gap = ends_gap(s->native_total, UNWIND_FRAMES);
	for (size_t i = 0; i < s->n_native; i++)
		r->native[i] = (struct native_frame){.ip = unwound(r, i)->ip};
	name_native(r, tid);
	if (!s->native_note && s->native_total > s->n_native) {
		snprintf(r->native_note, NOTE_SIZE, "%zu frames in the middle are left out",
			 s->native_total - s->n_native);
		s->native_note = r->native_note;
		s->native_note_of_gap = true;
	}
}

/* 3.9 leaves nothing on the C stack that identifies the loop, but its function is in .dynsym. */
static bool is_eval_function(const struct python_runtime *runtime, uint64_t call)
{
	return runtime->offsets.minor == 9 && runtime->eval &&
	       call - runtime->eval < runtime->eval_size;
}

/* An eval loop is a native frame that holds an anchor, a variable of the activation (frames.h). */
static bool holds_anchor(const struct frames *f, const struct unwind_frame *frame)
{
	size_t n = ends_kept(f->anchors, FRAMES_KEPT);

	if (frame->next_sp == UINT64_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (f->anchor[i] >= frame->sp && f->anchor[i] < frame->next_sp)
			return true;
	return false;
}

static void mark_eval_loops(struct stack_reader *r)
{
	for (size_t i = 0; i < r->stack.n_native; i++)
		r->native[i].eval_loop =
			holds_anchor(&r->frames, unwound(r, i)) ||
			is_eval_function(&r->frames.runtime, call_site(i, r->native[i].ip));
}

/* Code that merges both stacks relies on this: in a complete stack every eval loop among the native
 * frames has its last Python frame. */
static void check_merge(struct stack_reader *r)
{
	struct stack *s = &r->stack;
	size_t loops = 0, entries = 0;

	if (s->python_note || s->native_note)
		return;
	for (size_t i = 0; i < s->n_native; i++)
		loops += r->native[i].eval_loop;
	for (size_t i = 0; i < s->n_python; i++)
		entries += r->python[i].entry;
	if (loops != entries)
		s->native_note = "python and native frames do not agree";
}

static void read_stacks(struct stack_reader *r, pid_t tid, const struct user_regs_struct *regs,
			enum stack_kinds what)
{
	if (what & STACK_PYTHON)
		read_python(r, tid, abi_thread_ident(regs));
	if (what & STACK_NATIVE)
		read_native(r, tid, regs);
	if (what == STACK_BOTH) {
		mark_eval_loops(r);
		check_merge(r);
	}
}

/* Notes that parts are missing because reading had to be short. */
static void note_used_up(struct stack *s)
{
	static const char note[] = "the time for the stacks of this run is used up";

	if (s->python_note && !s->python_note_of_gap)
		s->python_note = note;
	if (s->native_note && !s->native_note_of_gap)
		s->native_note = note;
}

static bool is_used_up(const struct stack_reader *r)
{
	return r->excess_ns > STACK_EXCESS_NS;
}

/* Returns the CPU time so far, for end_reading(). */
static uint64_t begin_reading(struct stack_reader *r, pid_t tid)
{
	budget_start(&r->budget, is_used_up(r) ? SHORT_DEADLINE_NS : DEADLINE_NS);
	pages_begin(&r->pages, tid);
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static void end_reading(struct stack_reader *r, uint64_t begin)
{
	uint64_t used = clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin;

	if (used > STACK_USUAL_NS)
		r->excess_ns += used - STACK_USUAL_NS;
}

const struct stack *stack_read(struct stack_reader *r, pid_t tid,
			       const struct user_regs_struct *regs, enum stack_kinds what)
{
	bool used_up = is_used_up(r);
	uint64_t begin;

	r->stack = (struct stack){.python = r->python, .native = r->native};
	if (what == STACK_NONE)
		return &r->stack;
	begin = begin_reading(r, tid);
	r->frames.limit = used_up ? SHORT_WALK : FRAMES_WALK;
	read_stacks(r, tid, regs, what);
	if (used_up && (r->budget.spent || r->frames.status == FRAMES_TOO_DEEP))
		note_used_up(&r->stack);
	end_reading(r, begin);
	return &r->stack;
}

const struct stack *stack_read_waiting(struct stack_reader *r, pid_t tid, uint64_t ident)
{
	uint64_t begin = begin_reading(r, tid);

	r->stack = (struct stack){.python = r->python, .native = r->native};
	r->frames.limit = is_used_up(r) ? SHORT_WALK : FRAMES_WALK;
	read_python(r, tid, ident);
	end_reading(r, begin);
	return &r->stack;
}

int stack_read_variable(struct stack_reader *r, size_t i, const char *name, struct stack_words *ret_words)
{
	uint64_t begin = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	int result = i < r->stack.n_python ? variable_read(&r->frames, i, name, ret_words) : -ENOENT;

	end_reading(r, begin);
	return result;
}

int stack_read_spawned(struct stack_reader *r, uint64_t child_stack, struct stack_words *ret_arguments,
		       struct stack_words *ret_file)
{
	uint64_t begin = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	int result = spawn_words(&r->pages, child_stack, ret_arguments, ret_file);

	end_reading(r, begin);
	return result;
}

struct python_exception *stack_read_exception(struct stack_reader *r, pid_t tid,
					      const struct user_regs_struct *regs)
{
	uint64_t begin = begin_reading(r, tid);
	struct python_exception *exception;

	r->frames.limit = ANY_FRAME;
	exception = python_exception_read(&r->frames, abi_thread_ident(regs));
	end_reading(r, begin);
	return exception;
}

struct python_exception *stack_read_caught(struct stack_reader *r, size_t i, const char *name)
{
	uint64_t begin = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	uint64_t object = i < r->stack.n_python ? variable_value(&r->frames, i, name) : 0;
	struct python_exception *exception = object ? python_exception_at(&r->frames, object) : NULL;

	end_reading(r, begin);
	return exception;
}

struct python_held *stack_read_held(struct stack_reader *r, pid_t tid, const struct user_regs_struct *regs)
{
	uint64_t begin = begin_reading(r, tid);
	struct python_held *held;

	r->frames.limit = is_used_up(r) ? SHORT_WALK : FRAMES_WALK;
	held = python_held_read(&r->frames, abi_thread_ident(regs));
	end_reading(r, begin);
	return held;
}

void stack_read_code(struct stack_reader *r, pid_t tid, uint64_t ip, char **ret_module, char **ret_symbol)
{
	uint64_t begin = begin_reading(r, tid);
	const struct module *module = maps_load(&r->maps, tid) < 0 ? NULL : maps_find(&r->maps, ip);
	const struct symbol *symbol;

	*ret_module = *ret_symbol = NULL;
	if (module && symbols_find(&r->symbols, &r->maps, tid, &ip, 1, &symbol) == 0 && symbol->name)
		*ret_symbol = xstrdup(symbol->name);
	if (module)
		*ret_module = xstrdup(module->path);
	end_reading(r, begin);
}

char *stack_read_abort(struct stack_reader *r, pid_t tid)
{
	uint64_t begin = begin_reading(r, tid);
	char *message = abort_message(&r->maps, tid);

	end_reading(r, begin);
	return message;
}
