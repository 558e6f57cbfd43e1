/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/util.h"
#include "tracee/memory.h"
#include "tracee/python/runtime.h"
#include "tracee/trace.h"

enum {
	SCAN_NS = 2000000000, /* CPU time: far more than it takes */
	BLOCK = 64 * ABI_CHUNK,
	TARGETS = 4, /* two pointers, each directly and through the offset table */
	KEYBOARD_INTERRUPT_FIRST = 13, /* 3.13 */
	MAX_RELOCATIONS = 1 << 20,
};

/* ------------------------------------------------------------------ finding the sites */

struct scan {
	int fd;
	struct image image;
	size_t n_targets;
	uint64_t target[TARGETS]; /* addresses that an instruction may load from */
	enum probe_question question[TARGETS];
	struct probe *probe;
	unsigned char *block; /* BLOCK + ABI_CHUNK bytes */
};

bool probe_site_is_sound(const struct probe_site *site)
{
	return abi_load_is_sound(site->text);
}

static bool is_target(const struct scan *s, uint64_t address, enum probe_question *ret_question)
{
	for (size_t i = 0; i < s->n_targets; i++)
		if (s->target[i] == address) {
			*ret_question = s->question[i];
			return true;
		}
	return false;
}

static int take_chunk(struct scan *s, const unsigned char *p, uint64_t vaddr)
{
	for (size_t i = 0; i < ABI_CHUNK; i++) {
		struct probe_site site = { .vaddr = vaddr + i };

		memcpy(site.text, p + i, sizeof site.text);
		if (!probe_site_is_sound(&site) ||
		    !is_target(s, abi_load_operand(site.text, site.vaddr), &site.question))
			continue;
		if (s->probe->n == PROBE_SITES)
			return -E2BIG;
		s->probe->site[s->probe->n++] = site;
	}
	return 0;
}

/* The instructions that begin in the ABI_CHUNK bytes at P. */
static int scan_chunk(struct scan *s, const unsigned char *p, uint64_t vaddr)
{
	for (size_t i = 0; i < s->n_targets; i++)
		if (abi_chunk_may_load(p, vaddr, s->target[i]))
			return take_chunk(s, p, vaddr);
	return 0;
}

static int scan_segment(struct scan *s, const struct image_segment *segment)
{
	for (uint64_t done = 0; done < segment->size; done += BLOCK) {
		size_t n = (size_t)MIN(segment->size - done, (uint64_t)BLOCK + ABI_CHUNK);
		ssize_t got = pread(s->fd, s->block, n, (off_t)(segment->offset + done));

		if (got < 0)
			return -errno;
		/* The file is shorter than its header says. */
		if (got == 0)
			break;
		memset(s->block + got, 0, (size_t)(BLOCK + ABI_CHUNK) - (size_t)got);
		for (size_t at = 0; at < MIN((size_t)got, (size_t)BLOCK); at += ABI_CHUNK) {
			int r = scan_chunk(s, s->block + at, segment->vaddr + done + at);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

static void add_address(struct scan *s, uint64_t address, enum probe_question question)
{
	s->target[s->n_targets] = address;
	s->question[s->n_targets++] = question;
}

/* Adds the slot of the offset table that the dynamic linker fills with the address VARIABLE. */
static void add_slot(struct scan *s, uint64_t variable, enum probe_question question)
{
	struct image *im = &s->image;
	uint64_t n = MIN(im->rela_size / sizeof(Elf64_Rela), (uint64_t)MAX_RELOCATIONS);

	for (uint64_t i = im->rela_relative; i < n; i++) {
		Elf64_Rela rela;
		Elf64_Sym sym;

		if (image_read(im, im->rela + i * sizeof rela, &rela, sizeof rela) < 0)
			return;
		if (ELF64_R_TYPE(rela.r_info) != ABI_GLOB_DAT ||
		    image_read(im, im->symtab + ELF64_R_SYM(rela.r_info) * sizeof sym, &sym, sizeof sym) < 0)
			continue;
		if (sym.st_shndx != SHN_UNDEF && sym.st_value == variable) {
			add_address(s, rela.r_offset, question);
			return;
		}
	}
}

static bool add_target(struct scan *s, const char *name, enum probe_question question)
{
	uint64_t address;

	if (image_symbol(&s->image, name, &address, NULL) < 0)
		return false;
	address -= s->image.bias;
	add_address(s, address, question);
	add_slot(s, address, question);
	return true;
}

static int scan_image(struct scan *s)
{
	struct image *im = &s->image;
	int r = 0;

	if (!add_target(s, "PyExc_SystemExit", PROBE_ASKS_EXIT))
		return -ENOENT;
	if (runtime_symbols(im, &s->probe->symbols) == 0 && s->probe->symbols.minor >= KEYBOARD_INTERRUPT_FIRST)
		add_target(s, "PyExc_KeyboardInterrupt", PROBE_ASKS_INTERRUPT);
	s->block = xmalloc(BLOCK + ABI_CHUNK);
	for (size_t i = 0; i < im->n_segments && r == 0; i++)
		if (im->segment[i].executable)
			r = scan_segment(s, &im->segment[i]);
	free(s->block);
	return r < 0 ? r : s->probe->n ? 0 : -ENOENT;
}

int probe_scan(int fd, struct probe *ret_probe)
{
	struct scan s = { .fd = fd, .probe = ret_probe };
	struct budget budget;
	struct pages pages = { 0 };
	struct image_cache cache;
	int r, own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	*ret_probe = (struct probe){ 0 };
	if (own < 0)
		return -errno;
	budget_start(&budget, SCAN_NS);
	pages_init(&pages, &budget);
	image_cache_init(&cache, &pages);
	r = image_init(&s.image, &cache, own, 0);
	if (r == 0) {
		ret_probe->base = -s.image.bias;
		r = scan_image(&s);
		image_fini(&s.image);
	}
	image_cache_fini(&cache);
	pages_fini(&pages);
	return r;
}

/* ------------------------------------------------------------------ in a process */

/* What of a file is mapped in a process. */
struct mapped {
	uint64_t start;	 /* the address of file offset 0; 0: it is not there */
	size_t runnable; /* sites that can be executed */
};

static size_t sites_between(const struct probe *probe, uint64_t bias, uint64_t start, uint64_t end)
{
	size_t n = 0;

	for (size_t i = 0; i < probe->n; i++)
		n += bias + probe->site[i].vaddr >= start && bias + probe->site[i].vaddr + PROBE_INSTRUCTION <= end;
	return n;
}

/* proc_pid_maps(5) has its lines by rising addresses. */
static int find_mapping(const struct probe *probe, const char *path, ino_t inode, pid_t tid, struct mapped *ret)
{
	_cleanup_free_ char *line = NULL;
	_cleanup_fclose_ FILE *maps = NULL;
	struct mapped found = { 0 };
	size_t size = 0;
	char name[32];

	*ret = found;
	snprintf(name, sizeof name, "/proc/%d/maps", (int)tid);
	maps = fopen(name, "re");
	if (!maps)
		return errno == ENOENT ? -ESRCH : -errno;
	while (found.runnable < probe->n && getline(&line, &size, maps) > 0) {
		struct maps_line l;

		line[strcspn(line, "\n")] = '\0';
		if (!maps_line_parse(line, &l) || !l.inode || (!streq(l.path, path) && l.inode != inode))
			continue;
		if (l.offset == 0)
			found = (struct mapped){ .start = l.start };
		if (found.start && l.executable)
			found.runnable += sites_between(probe, found.start - probe->base, l.start, l.end);
	}
	*ret = found;
	return 0;
}

static bool has_bias(const struct probe_armed *armed, uint64_t bias)
{
	for (size_t i = 0; i < armed->n; i++)
		if (armed->bias[i] == bias)
			return true;
	return false;
}

/* The eight bytes at each site. */
static int read_sites(const struct probe *probe, uint64_t bias, pid_t tid, uint64_t word[PROBE_SITES])
{
	struct iovec remote[PROBE_SITES];

	for (size_t i = 0; i < probe->n; i++)
		remote[i] = (struct iovec){ (void *)(uintptr_t)(bias + probe->site[i].vaddr), sizeof word[i] };
	return memory_gather(tid, remote, probe->n, word, probe->n * sizeof word[0]);
}

static int arm_at(const struct probe *probe, uint64_t bias, pid_t tid, struct probe_armed *armed)
{
	uint64_t word[PROBE_SITES];
	int r;

	if (armed->n == PROBE_IMAGES && !has_bias(armed, bias))
		return -E2BIG;
	r = read_sites(probe, bias, tid, word);
	if (r < 0)
		return r;
	for (size_t i = 0; i < probe->n; i++)
		if (memcmp(&word[i], probe->site[i].text, PROBE_INSTRUCTION) != 0)
			return -EILSEQ;
	armed->probe = probe;
	armed->place = (struct python_place){ probe->symbols, bias };
	if (!has_bias(armed, bias))
		armed->bias[armed->n++] = bias;
	for (size_t i = 0; i < probe->n && r == 0; i++)
		r = trace_poke_text(tid, bias + probe->site[i].vaddr, abi_with_breakpoint(word[i]));
	return r;
}

int probe_arm(const struct probe *probe, const char *path, ino_t inode, pid_t tid, struct probe_armed *armed)
{
	struct mapped mapped;
	int r = find_mapping(probe, path, inode, tid, &mapped);

	if (r < 0)
		return r;
	return mapped.runnable < probe->n ? -ENOENT : arm_at(probe, mapped.start - probe->base, tid, armed);
}

/* Reads the words of the program's stack one behind the other. */
struct words {
	pid_t tid;
	uint64_t at; /* aligned */
	size_t n, next;
	uint64_t word[ABI_PAGE / sizeof(uint64_t)];
};

static int next_word(struct words *w, uint64_t *ret)
{
	size_t size = (size_t)(ABI_PAGE - w->at % ABI_PAGE);
	int r;

	if (w->next == w->n) {
		r = memory_read(w->tid, w->at, w->word, size);
		if (r < 0)
			return r;
		w->at += size;
		w->n = size / sizeof *w->word;
		w->next = 0;
	}
	*ret = w->word[w->next++];
	return 0;
}

static int skip_list(struct words *w)
{
	uint64_t word;
	int r;

	do {
		r = next_word(w, &word);
	} while (r == 0 && word);
	return r;
}

/* The kernel tells the program where its own program headers are: AT_PHDR, behind arguments and environment. */
static int program_headers(pid_t tid, uint64_t *ret)
{
	struct user_regs_struct regs;
	struct words w = { .tid = tid };
	uint64_t key, value;
	int r = trace_get_registers(tid, &regs);

	w.at = abi_sp(&regs);
	if (r == 0 && w.at % sizeof *w.word)
		return -EBADMSG;
	if (r == 0)
		r = next_word(&w, &value); /* argc */
	if (r == 0)
		r = skip_list(&w);
	if (r == 0)
		r = skip_list(&w);
	while (r == 0) {
		r = next_word(&w, &key);
		if (r == 0)
			r = next_word(&w, &value);
		if (r == 0 && key == AT_NULL)
			return -ENOENT;
		if (r == 0 && key == AT_PHDR) {
			*ret = value;
			return 0;
		}
	}
	return r;
}

/* The same from the kernel's own copy, for a program whose stack is no longer as it was. proc_pid_auxv(5) */
static int program_headers_kept(pid_t tid, uint64_t *ret)
{
	_cleanup_close_ int fd = open_proc(tid, "auxv", O_RDONLY);
	uint64_t pair[64][2] = { 0 };
	ssize_t n = fd < 0 ? -errno : read_full(fd, pair, sizeof pair);
	size_t i;

	for (i = 0; n > 0 && i < (size_t)n / sizeof pair[0] && pair[i][0] != AT_NULL; i++)
		if (pair[i][0] == AT_PHDR) {
			*ret = pair[i][1];
			return 0;
		}
	return n < 0 ? (int)n : -ENOENT;
}

int probe_arm_program(const struct probe *probe, pid_t tid, bool begins, struct probe_armed *armed)
{
	uint64_t headers;
	int r = begins ? program_headers(tid, &headers) : program_headers_kept(tid, &headers);

	/* They are on the first page of the file, which is the first that is mapped. */
	return r < 0 ? r : arm_at(probe, headers - headers % ABI_PAGE - probe->base, tid, armed);
}

/* The site with a breakpoint at ADDRESS, or NULL. */
static const struct probe_site *find_site(const struct probe_armed *armed, uint64_t address)
{
	for (size_t image = 0; image < armed->n; image++)
		for (size_t i = 0; i < armed->probe->n; i++)
			if (armed->bias[image] + armed->probe->site[i].vaddr == address)
				return &armed->probe->site[i];
	return NULL;
}

bool probe_hit(const struct probe_armed *armed, pid_t tid, struct user_regs_struct *regs,
	       enum probe_question *ret_question, int *ret_error)
{
	uint64_t address = abi_ip(regs) - ABI_BREAKPOINT_BYTES, value;
	const struct probe_site *site = find_site(armed, address);

	if (!site)
		return false;
	*ret_question = site->question;
	*ret_error = memory_read(tid, abi_load_operand(site->text, address), &value, sizeof value);
	abi_set_ip(regs, *ret_error ? address : address + PROBE_INSTRUCTION);
	if (*ret_error == 0)
		abi_load_carry_out(site->text, value, regs);
	return true;
}
