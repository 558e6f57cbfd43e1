/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/thread.h"

#include <errno.h>

enum { MAX_INTERPRETERS = 64, MAX_THREADS = 4096, MAX_FRAMES = 20000 };

struct search {
	struct pages *pages;
	const struct python_offsets *o;
	uint64_t thread_ident;
	bool others; /* wanted are all states but those of THREAD_IDENT */
	uint64_t *found;
	size_t n, room, interpreters, threads;
};

static int object_word(struct search *s, uint64_t object, uint32_t offset, uint64_t *ret)
{
	return pages_plausible(object) ? pages_word(s->pages, object + offset, ret) : -EFAULT;
}

static bool is_linked(struct search *s, uint64_t state)
{
	uint64_t prev, interp, link;

	if (object_word(s, state, s->o->thread_prev, &prev) < 0)
		return false;
	if (prev)
		return object_word(s, prev, s->o->thread_next, &link) == 0 && link == state;
	return object_word(s, state, s->o->thread_interp, &interp) == 0 &&
	       object_word(s, interp, s->o->interp_threads_head, &link) == 0 && link == state;
}

static bool is_wanted(struct search *s, uint64_t state)
{
	uint64_t id;

	return object_word(s, state, s->o->thread_id, &id) == 0 && (id == s->thread_ident) != s->others &&
	       is_linked(s, state);
}

static int search_interpreter(struct search *s, uint64_t interp)
{
	uint64_t state;

	if (object_word(s, interp, s->o->interp_threads_head, &state) < 0)
		return -EFAULT;
	for (; state; s->threads++) {
		if (s->threads >= MAX_THREADS || !budget_work(s->pages->budget, 1))
			return -EFAULT;
		/* The last one, which is the oldest, is kept however many there are. */
		if (is_wanted(s, state)) {
			s->n = MIN(s->n + 1, s->room);
			s->found[s->n - 1] = state;
		}
		if (object_word(s, state, s->o->thread_next, &state) < 0)
			return -EFAULT;
	}
	return 0;
}

static int search_all(struct search *s, uint64_t interp)
{
	for (; interp; s->interpreters++) {
		if (s->interpreters >= MAX_INTERPRETERS || search_interpreter(s, interp) < 0 ||
		    object_word(s, interp, s->o->interp_next, &interp) < 0)
			return -EFAULT;
	}
	return 0;
}

/* The shim nearest to the top of the frames: it lies on the C stack of its eval loop. */
static uint64_t first_shim(struct search *s, uint64_t frame)
{
	for (int i = 0; frame && i < MAX_FRAMES; i++) {
		unsigned char owner;

		if (!pages_plausible(frame) ||
		    pages_read(s->pages, frame + s->o->frame_owner, &owner, 1) < 0)
			break;
		if (owner >= s->o->shim_owner)
			return frame;
		if (object_word(s, frame, s->o->frame_prev, &frame) < 0)
			break;
	}
	return UINT64_MAX;
}

/* How deep in the C stack STATE's interpreter runs: the smaller the deeper. */
static uint64_t depth_of(struct search *s, uint64_t state)
{
	uint32_t at = s->o->thread_cframe ? s->o->thread_cframe : s->o->thread_frame;
	uint64_t addr;

	if (s->o->minor < 10)
		return UINT64_MAX -
		       state; /* 3.9 keeps nothing on the C stack: the newer state first */
	if (object_word(s, state, at, &addr) < 0)
		return UINT64_MAX;
	if (s->o->style == FRAMES_CURRENT)
		return first_shim(s, addr);
	/* The root cframe is part of the state: then no eval loop runs. */
	return addr - state < PAGES_SIZE ? UINT64_MAX : addr;
}

static void sort_by_depth(struct search *s)
{
	uint64_t depth[THREAD_STATES];

	for (size_t i = 0; i < s->n; i++) {
		uint64_t state = s->found[i], d = depth_of(s, state);
		size_t k = i;

		for (; k > 0 && depth[k - 1] > d; k--) {
			depth[k] = depth[k - 1];
			s->found[k] = s->found[k - 1];
		}
		depth[k] = d;
		s->found[k] = state;
	}
}

ssize_t thread_find(struct thread_cache *cache, struct pages *pages,
		    const struct python_runtime *runtime, uint64_t thread_ident,
		    uint64_t ret[THREAD_STATES])
{
	const struct python_offsets *o = &runtime->offsets;
	struct search s = {.pages = pages, .o = o, .thread_ident = thread_ident, .found = ret,
			   .room = THREAD_STATES};
	size_t slot = (size_t)(thread_ident >> 8) % THREAD_CACHE;
	uint64_t head;
	int r;

	cache->alone = false;
	if (pages_word(pages, runtime->address + o->interpreters_head, &head) < 0)
		return -EFAULT;
	if (!head)
		return -ENODATA;
	/* New interpreters are put in front: if the head is the same there is still only one. */
	if (cache->entry[slot].thread_ident == thread_ident && cache->entry[slot].head == head &&
	    is_wanted(&s, cache->entry[slot].state)) {
		ret[0] = cache->entry[slot].state;
		return 1;
	}
	r = search_all(&s, head);
	cache->alone = r == 0 && s.interpreters == 1 && s.threads == 1;
	if (!s.n)
		return r < 0 ? r : -ESRCH;
	if (s.n > 1)
		sort_by_depth(&s);
	else if (r == 0 && s.interpreters == 1) {
		cache->entry[slot].thread_ident = thread_ident;
		cache->entry[slot].state = ret[0];
		cache->entry[slot].head = head;
	}
	return (ssize_t)s.n;
}

size_t thread_others(struct pages *pages, const struct python_runtime *runtime, uint64_t thread_ident,
		     uint64_t ret[THREAD_OTHERS])
{
	struct search s = {.pages = pages, .o = &runtime->offsets, .thread_ident = thread_ident, .others = true,
			   .found = ret, .room = THREAD_OTHERS};
	uint64_t head;

	if (pages_word(pages, runtime->address + s.o->interpreters_head, &head) == 0)
		search_all(&s, head);
	return s.n;
}
