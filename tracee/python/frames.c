/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/frames.h"

#include <errno.h>

#include "tracee/native/ends.h"

enum {
	TRIES = 3,	    /* other threads run on while the lists are read */
	THREAD_SIZE = 8192, /* more than a PyThreadState: a cframe that is nearer to it is part of it */
};

void frames_init(struct frames *f, struct pages *pages, struct maps *maps)
{
	f->pages = pages;
	f->maps = maps;
	f->limit = FRAMES_WALK;
	f->codes.pages = pages;
	f->codes.runtime = &f->runtime;
}

void frames_fini(struct frames *f)
{
	code_fini(&f->codes);
}

void frames_flush(struct frames *f)
{
	memset(&f->place, 0, sizeof f->place);
	memset(&f->runtime, 0, sizeof f->runtime);
	memset(&f->threads, 0, sizeof f->threads);
}

/* Brent's cycle check: each frame is compared with an earlier one, at growing distances. */
struct cycle {
	uint64_t past;
	unsigned int lap, power;
};

static bool is_cycle(struct cycle *c, uint64_t frame)
{
	if (frame == c->past)
		return true;
	if (++c->lap >= c->power) {
		c->past = frame;
		c->power = c->power * 2 + 1;
		c->lap = 0;
	}
	return false;
}

static void add_anchor(struct frames *f, uint64_t addr)
{
	f->anchor[ends_slot(f->anchors++, FRAMES_KEPT)] = addr;
}

/* An eval loop ends at the frame before this one. */
static void mark_entry(struct frames *f)
{
	if (f->total)
		f->frame[ends_slot(f->total - 1, FRAMES_KEPT)].entry = true;
}

static void add_frame(struct frames *f, uint64_t address, const unsigned char *raw)
{
	const struct python_offsets *o = &f->runtime.offsets;
	struct frame frame = {.address = address};

	memcpy(&frame.code, raw + o->frame_code, 8);
	frame.code &= ~o->code_tag_mask;
	memcpy(&frame.instr, raw + o->frame_instr, o->style == FRAMES_OBJECT ? 4 : 8);
	if (o->frame_tlbc)
		memcpy(&frame.tlbc, raw + o->frame_tlbc, 4);
	frame.entry = o->style == FRAMES_OBJECT || (o->frame_is_entry && raw[o->frame_is_entry]);
	f->frame[ends_slot(f->total++, FRAMES_KEPT)] = frame;
}

static enum frames_status walk_frames(struct frames *f, uint64_t frame)
{
	const struct python_offsets *o = &f->runtime.offsets;
	struct cycle cycle = {0};

	for (int i = 0; frame; i++) {
		unsigned char raw[OFFSETS_FRAME_MAX];

		/* What is kept is still to be described. */
		if (i >= f->limit || (i > FRAMES_KEPT && budget_reads_beyond(f->pages->budget, 75)))
			return FRAMES_TOO_DEEP;
		if (is_cycle(&cycle, frame) || !pages_plausible(frame) ||
		    pages_read(f->pages, frame, raw, o->frame_bytes) < 0 ||
		    !budget_work(f->pages->budget, 1))
			return FRAMES_CORRUPT;
		if (o->shim_owner && raw[o->frame_owner] >= o->shim_owner &&
		    raw[o->frame_owner] < 128) {
			add_anchor(f, frame);
			mark_entry(f);
		} else {
			add_frame(f, frame, raw);
		}
		memcpy(&frame, raw + o->frame_prev, 8);
	}
	return FRAMES_WHOLE;
}

/* 3.10 and 3.11: each activation links a cframe; the last one is part of the thread state. */
static void walk_cframes(struct frames *f, uint64_t state, uint64_t cframe)
{
	for (int i = 0; i < f->limit && cframe - state >= THREAD_SIZE; i++) {
		if (!pages_plausible(cframe) || !budget_work(f->pages->budget, 1) ||
		    budget_reads_beyond(f->pages->budget, 25))
			break;
		add_anchor(f, cframe);
		if (pages_word(f->pages, cframe + f->runtime.offsets.cframe_prev, &cframe) < 0)
			break;
	}
}

static enum frames_status walk_thread(struct frames *f, uint64_t state)
{
	const struct python_offsets *o = &f->runtime.offsets;
	uint64_t frame = 0, cframe = 0;

	if (pages_word(f->pages, state + o->thread_frame, &frame) < 0)
		return FRAMES_CORRUPT;
	if (o->thread_cframe && pages_word(f->pages, state + o->thread_cframe, &cframe) < 0)
		return FRAMES_CORRUPT;
	if (o->style == FRAMES_CFRAME) {
		cframe = frame;
		if (!pages_plausible(cframe) ||
		    pages_word(f->pages, cframe + o->cframe_frame, &frame) < 0)
			return FRAMES_CORRUPT;
	}
	if (o->minor == 10 || o->minor == 11)
		walk_cframes(f, state, cframe);
	return walk_frames(f, frame);
}

static enum frames_status walk_all(struct frames *f, uint64_t thread_ident)
{
	uint64_t state[THREAD_STATES];
	ssize_t n = thread_find(&f->threads, f->pages, &f->runtime, thread_ident, state);
	enum frames_status status = FRAMES_WHOLE;

	f->total = f->anchors = 0;
	if (n == -ENODATA)
		return FRAMES_NOT_INITIALISED;
	if (n < 0)
		return n == -ESRCH ? FRAMES_NO_THREAD : FRAMES_CORRUPT;
	for (ssize_t i = 0; i < n && status == FRAMES_WHOLE; i++)
		status = walk_thread(f, state[i]);
	return status == FRAMES_WHOLE && !f->total ? FRAMES_EMPTY : status;
}

size_t frames_states(struct frames *f, uint64_t thread_ident, uint64_t ret[THREAD_STATES])
{
	ssize_t n = thread_find(&f->threads, f->pages, &f->runtime, thread_ident, ret);

	return n < 0 ? 0 : (size_t)n;
}

/* False when it is not a frame of a code object. */
static bool describe(struct frames *f, struct frame *frame, enum frames_status *status)
{
	struct code *code;

	frame->file = frame->name = code_unreadable;
	/* Once the budget is spent, cached pages could still be read, and a long table copied for each frame. */
	if (!budget_work(f->pages->budget, 4))
		return false;
	code = code_read(&f->codes, frame->code);
	if (!code)
		return false;
	frame->file = code->file;
	frame->name = code->name;
	if (code_line(&f->codes, code, frame->instr, frame->tlbc, &frame->line) < 0 ||
	    code->name == code_unreadable || code->file == code_unreadable)
		*status = FRAMES_DAMAGED;
	return true;
}

static enum frames_status describe_all(struct frames *f, enum frames_status status)
{
	size_t kept = ends_kept(f->total, FRAMES_KEPT);

	code_begin(&f->codes);
	for (size_t i = 0; i < kept; i++) {
		if (!describe(f,
			      &f->frame[ends_slot(ends_element(i, f->total, FRAMES_KEPT),
						  FRAMES_KEPT)],
			      &status))
			status = FRAMES_CORRUPT;
	}
	return status;
}

static enum frames_status find_runtime(struct frames *f, pid_t tid)
{
	int r;

	if (f->runtime.address || runtime_at(f->pages, &f->place, &f->runtime) == 0)
		return FRAMES_WHOLE;
	r = runtime_find(f->maps, tid, &f->runtime);
	if (r == 0)
		return FRAMES_WHOLE;
	if (r == -ENOTSUP)
		return FRAMES_UNSUPPORTED;
	return r == -ETIME ? FRAMES_TIME : r == -ENOENT ? FRAMES_NO_PYTHON : FRAMES_CORRUPT;
}

static bool may_be_torn(const struct frames *f)
{
	return f->status == FRAMES_CORRUPT || f->status == FRAMES_NO_THREAD ||
	       (f->status == FRAMES_EMPTY && !f->threads.alone);
}

void frames_read(struct frames *f, pid_t tid, uint64_t thread_ident)
{
	f->total = f->anchors = 0;
	f->status = find_runtime(f, tid);
	for (int try = 0; f->runtime.address && try < TRIES; try++) {
		if (try) {
			pages_drop(f->pages);
			memset(&f->threads, 0, sizeof f->threads);
		}
		f->status = describe_all(f, walk_all(f, thread_ident));
		if (f->pages->budget->spent || !may_be_torn(f))
			break;
	}
	if (f->pages->budget->spent && f->status != FRAMES_WHOLE)
		f->status = FRAMES_TIME;
}

void frames_read_state(struct frames *f, uint64_t state)
{
	f->total = f->anchors = 0;
	f->status = describe_all(f, walk_thread(f, state));
}
