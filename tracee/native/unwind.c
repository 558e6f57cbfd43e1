/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/native/unwind.h"

#include <errno.h>
#include <stdlib.h>

#include "tracee/native/cfi.h"
#include "tracee/native/ends.h"
#include "tracee/native/stepper.h"

enum {
	CACHED_STEPS = 256,
	STACK_SWITCHES = 4, /* signal frames at which SP may decrease: an alternate stack */
};

struct unwinder {
	const struct stepper *stepper; /* NULL: libunwind could not be loaded */
	struct pages *pages;
	struct maps *maps;
	unw_addr_space_t space;
	const struct user_regs_struct *regs;
	pid_t tid;
	unsigned int reads, step_reads;
	bool reloaded, bad_cfi, no_room;
	struct cfi_store store; /* all the CFI that libunwind sees */
	uint64_t generation;	/* of the maps that libunwind's cache was filled with */
	struct module *last;
};

/* The module at ADDR; if there is none the maps are read again, once per stop (dlopen(3)). */
static struct module *module_at(struct unwinder *u, uint64_t addr)
{
	struct module *module = u->last;

	if (module && addr >= module->start && addr < module->end)
		return module;
	module = maps_find(u->maps, addr);
	if (!module && !u->reloaded) {
		u->reloaded = true;
		u->last = NULL;
		maps_load(u->maps, u->tid);
		module = maps_find(u->maps, addr);
	}
	if (module)
		u->last = module;
	return module;
}

static int find_proc_info(unw_addr_space_t as, unw_word_t ip, unw_proc_info_t *ret, int need,
			  void *arg)
{
	struct unwinder *u = arg;
	struct module *module = module_at(u, ip);
	struct image *im = module ? module_image(module, u->maps->cache, u->tid) : NULL;
	unw_dyn_info_t info = {.format = UNW_INFO_FORMAT_REMOTE_TABLE};
	uint64_t entry = 0;
	int r = im ? cfi_find(im, &u->store, ip - im->bias, &entry) : -ENOENT;

	if (r < 0) {
		u->bad_cfi |= r == -EBADMSG;
		u->no_room |= r == -ENOSPC;
		return -UNW_ENOINFO;
	}
	/* A table of one entry, the one that was checked, so that libunwind sees no other. */
	info.start_ip = module->start;
	info.end_ip = module->end;
	info.u.rti.segbase = im->bias + im->eh_frame_hdr;
	info.u.rti.table_data = im->bias + entry;
	info.u.rti.table_len = 1;
	return u->stepper->dwarf_search_unwind_table(as, ip, &info, ret, need, arg);
}

static void put_unwind_info(unw_addr_space_t as, unw_proc_info_t *info, void *arg)
{
	(void)as, (void)info, (void)arg; /* libunwind frees its block itself */
}

static int no_dynamic_info(unw_addr_space_t as, unw_word_t *ret, void *arg)
{
	(void)as, (void)ret, (void)arg;
	return -UNW_ENOINFO;
}

static int access_mem(unw_addr_space_t as, unw_word_t addr, unw_word_t *value, int write, void *arg)
{
	struct unwinder *u = arg;
	const struct module *module;
	struct image *im;

	(void)as;
	if (write || ++u->reads > UNWIND_READS || ++u->step_reads > UNWIND_STEP_READS ||
	    !budget_work(u->pages->budget, 1))
		return -UNW_EINVAL;
	module = maps_find(u->maps, addr);
	if (module && cfi_store_word(&u->store, addr, value))
		return 0;
	im = module ? module->image : NULL;
	if (im && image_has_constant(im, addr, sizeof *value))
		return image_read(im, addr - im->bias, value, sizeof *value) < 0 ? -UNW_EINVAL : 0;
	return pages_read(u->pages, addr, value, sizeof *value) < 0 ? -UNW_EINVAL : 0;
}

static int access_reg(unw_addr_space_t as, unw_regnum_t reg, unw_word_t *value, int write,
		      void *arg)
{
	(void)as;
	if (write)
		return -UNW_EREADONLYREG;
	return abi_unwind_register(((struct unwinder *)arg)->regs, reg, value) ? 0 : -UNW_EBADREG;
}

static int no_fpreg(unw_addr_space_t as, unw_regnum_t reg, unw_fpreg_t *value, int write, void *arg)
{
	(void)as, (void)reg, (void)value, (void)write, (void)arg;
	return -UNW_EBADREG;
}

static int no_resume(unw_addr_space_t as, unw_cursor_t *cursor, void *arg)
{
	(void)as, (void)cursor, (void)arg;
	return -UNW_EINVAL;
}

static int no_name(unw_addr_space_t as, unw_word_t ip, char *buf, size_t n, unw_word_t *offset,
		   void *arg)
{
	(void)as, (void)ip, (void)buf, (void)n, (void)offset, (void)arg;
	return -UNW_ENOINFO;
}

struct unwinder *unwinder_new(struct pages *pages, struct maps *maps)
{
	static unw_accessors_t accessors = {
		.find_proc_info = find_proc_info,
		.put_unwind_info = put_unwind_info,
		.get_dyn_info_list_addr = no_dynamic_info,
		.access_mem = access_mem,
		.access_reg = access_reg,
		.access_fpreg = no_fpreg,
		.resume = no_resume,
		.get_proc_name = no_name,
	};
	struct unwinder *u = xcalloc(1, sizeof *u);

	u->pages = pages;
	u->maps = maps;
	u->stepper = stepper_load();
	u->space = u->stepper ? u->stepper->create_addr_space(&accessors, 0) : NULL;
	if (u->space) {
		u->stepper->set_caching_policy(u->space, UNW_CACHE_GLOBAL);
		u->stepper->set_cache_size(u->space, CACHED_STEPS, 0);
	}
	return u;
}

void unwinder_free(struct unwinder *u)
{
	if (!u)
		return;
	if (u->space)
		u->stepper->destroy_addr_space(u->space);
	cfi_store_fini(&u->store);
	free(u);
}

static const char *why_stopped(const struct unwinder *u, int r)
{
	if (u->pages->budget->spent)
		return "unwinding took too long";
	if (u->reads > UNWIND_READS || u->step_reads > UNWIND_STEP_READS)
		return "unwinding read too much";
	if (u->bad_cfi)
		return "the unwind tables are not sane";
	if (u->no_room)
		return "too many unwind tables";
	if (r == -UNW_ENOINFO)
		return "no unwind information";
	return r < 0 ? "the stack cannot be read" : NULL;
}

/* A caller's frame lies above its callee's, except where a signal arrived on another stack. */
static bool sp_may_follow(const struct unwinder *u, unw_cursor_t *cursor, uint64_t from, uint64_t to, unsigned int *switches)
{
	return to > from || (u->stepper->is_signal_frame(cursor) > 0 && ++*switches <= STACK_SWITCHES);
}

static const char *walk(struct unwinder *u, unw_cursor_t *cursor, struct unwind_frame *frame,
			size_t *total)
{
	struct unwind_frame *inner = NULL;
	unsigned int switches = 0;
	int r;

	for (size_t i = 0; i < UNWIND_WALK; i++) {
		unw_word_t ip = 0, sp = 0;

		if (u->stepper->get_reg(cursor, UNW_REG_IP, &ip) < 0 ||
		    u->stepper->get_reg(cursor, UNW_REG_SP, &sp) < 0)
			return "the stack cannot be read";
		if (!ip)
			return NULL;
		if (inner && !sp_may_follow(u, cursor, inner->sp, sp, &switches))
			return "the stack does not grow towards its callers";
		if (inner)
			inner->next_sp = sp;
		inner = &frame[ends_slot(i, UNWIND_FRAMES)];
		*inner = (struct unwind_frame){ip, sp, UINT64_MAX};
		*total = i + 1;
		u->step_reads = 0;
		r = u->stepper->step(cursor);
		if (r <= 0)
			return why_stopped(u, r);
	}
	return "the stack is too deep";
}

/* Forgets the store together with libunwind's cache, which refers to it. */
static void forget_stale(struct unwinder *u)
{
	if (u->generation == u->maps->generation && !cfi_store_is_full(&u->store))
		return;
	if (u->space)
		u->stepper->flush_cache(u->space, 0, 0);
	cfi_store_clear(&u->store);
	u->generation = u->maps->generation;
}

void unwinder_run(struct unwinder *u, pid_t tid, const struct user_regs_struct *regs,
		  struct unwind_frame *frame, size_t *ret_total, const char **ret_note)
{
	unw_cursor_t cursor;
	size_t total = 0;

	u->tid = tid;
	u->regs = regs;
	u->reads = u->step_reads = 0;
	u->reloaded = u->bad_cfi = u->no_room = false;
	u->last = NULL;
	module_at(u, abi_ip(regs));
	forget_stale(u);
	if (!u->space || u->stepper->init_remote(&cursor, u->space, u) < 0)
		*ret_note = u->stepper ? "libunwind cannot start" : "libunwind cannot be loaded";
	else
		*ret_note = walk(u, &cursor, frame, &total);
	*ret_total = total;
}
