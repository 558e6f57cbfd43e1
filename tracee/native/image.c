/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/native/image.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	MAX_PROGRAM_HEADERS = 64,
	MAX_SECTIONS = 512,
	MAX_DYNAMIC = 256,
	MAX_CHAIN = 1024, /* symbols looked at for one name */
};

void image_cache_init(struct image_cache *c, struct pages *pages)
{
	memset(c, 0, sizeof *c);
	c->pages = pages;
}

void image_cache_fini(struct image_cache *c)
{
	free(steal_ptr(&c->data));
}

/* Block NUMBER of the file, or NULL. */
static const unsigned char *block_get(struct image *im, uint64_t number, uint32_t *ret_length)
{
	struct image_cache *c = im->cache;
	size_t i = (size_t)((((uintptr_t)im / sizeof *im) * 31 + number) % IMAGE_BLOCKS);
	struct image_block *b = &c->block[i];
	ssize_t got;

	if (!c->data)
		c->data = xcalloc(IMAGE_BLOCKS, IMAGE_BLOCK);
	if (b->image != im || b->number != number) {
		if (!budget_read(c->pages->budget))
			return NULL;
		b->image = NULL;
		got = pread(im->fd, c->data[i], IMAGE_BLOCK, (off_t)(number * IMAGE_BLOCK));
		if (got <= 0)
			return NULL;
		*b = (struct image_block){im, number, (uint32_t)got};
	}
	*ret_length = b->length;
	return c->data[i];
}

int image_pread(struct image *im, uint64_t offset, void *buf, size_t n)
{
	unsigned char *to = buf;

	if (im->fd < 0)
		return -ENXIO;
	if (offset > INT64_MAX / 2 || n > INT64_MAX / 2)
		return -EIO;
	while (n) {
		size_t within = offset % IMAGE_BLOCK, some = MIN(n, IMAGE_BLOCK - within);
		uint32_t length = 0;
		const unsigned char *from = block_get(im, offset / IMAGE_BLOCK, &length);

		if (!from || within + some > length)
			return -EIO;
		memcpy(to, from + within, some);
		to += some;
		offset += some;
		n -= some;
	}
	return 0;
}

static bool segment_holds(const struct image_segment *s, uint64_t vaddr, size_t n)
{
	return vaddr >= s->vaddr && vaddr - s->vaddr <= s->size &&
	       n <= s->size - (vaddr - s->vaddr);
}

int image_read(struct image *im, uint64_t vaddr, void *buf, size_t n)
{
	for (size_t i = 0; i < im->n_segments; i++) {
		const struct image_segment *s = &im->segment[i];

		if (!segment_holds(s, vaddr, n))
			continue;
		if (im->fd >= 0)
			return image_pread(im, s->offset + (vaddr - s->vaddr), buf, n);
		return pages_read(im->cache->pages, im->bias + vaddr, buf, n);
	}
	return -EFAULT;
}

bool image_has_constant(const struct image *im, uint64_t addr, size_t n)
{
	for (size_t i = 0; i < im->n_segments; i++)
		if (!im->segment[i].writable && segment_holds(&im->segment[i], addr - im->bias, n))
			return true;
	return false;
}

/* Before the segments are known: from the file, or from where its first bytes are mapped. */
static int read_front(struct image *im, uint64_t start, uint64_t offset, void *buf, size_t n)
{
	if (im->fd >= 0)
		return image_pread(im, offset, buf, n);
	if (offset > PAGES_SIZE * 4)
		return -EFAULT;
	return pages_read(im->cache->pages, start + offset, buf, n);
}

static bool header_is_ours(const Elf64_Ehdr *h)
{
	return memcmp(h->e_ident, ELFMAG, SELFMAG) == 0 && h->e_ident[EI_CLASS] == ELFCLASS64 &&
	       h->e_ident[EI_DATA] == ELFDATA2LSB && h->e_machine == ABI_ELF_MACHINE &&
	       (h->e_type == ET_EXEC || h->e_type == ET_DYN) &&
	       h->e_phentsize == sizeof(Elf64_Phdr) && h->e_phnum <= MAX_PROGRAM_HEADERS;
}

static void take_segment(struct image *im, const Elf64_Phdr *ph, uint64_t start)
{
	const uint64_t mask = ~(uint64_t)(PAGES_SIZE - 1);

	/* The first PT_LOAD is what is mapped at START. */
	if (im->n_segments == 0)
		im->bias = start - ((ph->p_vaddr & mask) - (ph->p_offset & mask));
	if (im->n_segments < IMAGE_SEGMENTS)
		im->segment[im->n_segments++] = (struct image_segment){
			.vaddr = ph->p_vaddr,
			.offset = ph->p_offset,
			.size = ph->p_filesz,
			.writable = ph->p_flags & PF_W,
			.executable = ph->p_flags & PF_X,
		};
}

static int take_program_headers(struct image *im, uint64_t start)
{
	for (unsigned int i = 0; i < im->header.e_phnum; i++) {
		Elf64_Phdr ph;

		if (read_front(im, start, im->header.e_phoff + i * sizeof ph, &ph, sizeof ph) < 0)
			return -ENOEXEC;
		if (ph.p_type == PT_LOAD)
			take_segment(im, &ph, start);
		else if (ph.p_type == PT_GNU_EH_FRAME)
			im->eh_frame_hdr = ph.p_vaddr, im->eh_frame_hdr_size = ph.p_memsz;
		else if (ph.p_type == PT_DYNAMIC)
			im->dynamic = ph.p_vaddr, im->dynamic_size = ph.p_memsz;
	}
	return im->n_segments ? 0 : -ENOEXEC;
}

int image_init(struct image *im, struct image_cache *cache, int fd, uint64_t start)
{
	memset(im, 0, sizeof *im);
	im->cache = cache;
	im->fd = fd;
	if (fd >= 0)
		cache->n_files++;
	if (read_front(im, start, 0, &im->header, sizeof im->header) < 0 ||
	    !header_is_ours(&im->header) || im->header.e_phoff > INT64_MAX / 2 ||
	    take_program_headers(im, start) < 0) {
		image_fini(im);
		return -ENOEXEC;
	}
	return 0;
}

void image_fini(struct image *im)
{
	for (size_t i = 0; i < IMAGE_BLOCKS; i++)
		if (im->cache->block[i].image == im)
			im->cache->block[i].image = NULL;
	if (im->fd >= 0) {
		close(im->fd);
		im->cache->n_files--;
	}
	im->fd = -1;
	im->n_segments = 0;
}

/*
 * In memory the dynamic linker may have added the bias to the addresses (glibc's does, musl's does
 * not, and for the vDSO nobody does); in the file they are as linked.
 */
static uint64_t as_linked(const struct image *im, uint64_t addr)
{
	return im->fd < 0 && im->bias && addr >= im->bias ? addr - im->bias : addr;
}

int image_dynamic(struct image *im)
{
	uint64_t n = MIN(im->dynamic_size / sizeof(Elf64_Dyn), (uint64_t)MAX_DYNAMIC);

	if (!im->dynamic_read) {
		im->dynamic_read = true;
		for (uint64_t i = 0; i < n; i++) {
			Elf64_Dyn d;

			if (image_read(im, im->dynamic + i * sizeof d, &d, sizeof d) < 0 ||
			    d.d_tag == DT_NULL)
				break;
			if (d.d_tag == DT_SYMTAB)
				im->symtab = as_linked(im, d.d_un.d_ptr);
			else if (d.d_tag == DT_STRTAB)
				im->strtab = as_linked(im, d.d_un.d_ptr);
			else if (d.d_tag == DT_STRSZ)
				im->strtab_size = d.d_un.d_val;
			else if (d.d_tag == DT_GNU_HASH)
				im->gnu_hash = as_linked(im, d.d_un.d_ptr);
			else if (d.d_tag == DT_RELA)
				im->rela = as_linked(im, d.d_un.d_ptr);
			else if (d.d_tag == DT_RELASZ)
				im->rela_size = d.d_un.d_val;
			else if (d.d_tag == DT_RELACOUNT)
				im->rela_relative = d.d_un.d_val;
		}
	}
	return im->symtab && im->strtab ? 0 : -ENOENT;
}

static uint32_t gnu_hash_of(const char *name)
{
	uint32_t h = 5381;

	for (; *name; name++)
		h = h * 33 + (unsigned char)*name;
	return h;
}

/* Symbol INDEX is NAME and defined here. */
static bool symbol_is(struct image *im, uint32_t index, const char *name, Elf64_Sym *ret)
{
	size_t n = strlen(name) + 1;
	char text[64];
	Elf64_Sym sym;

	if (n > sizeof text ||
	    image_read(im, im->symtab + index * sizeof sym, &sym, sizeof sym) < 0 ||
	    sym.st_shndx == SHN_UNDEF || image_read(im, im->strtab + sym.st_name, text, n) < 0 ||
	    memcmp(text, name, n) != 0)
		return false;
	*ret = sym;
	return true;
}

/* A quick test that fails for most names that the image does not define: saves following the chain. */
static bool bloom_allows(struct image *im, uint64_t at, uint32_t words, uint32_t shift,
			 uint32_t hash)
{
	uint64_t word;

	if (!words || image_read(im, at + (uint64_t)(hash / 64 % words) * 8, &word, 8) < 0)
		return false;
	return (word >> (hash % 64)) & (word >> ((hash >> (shift % 32)) % 64)) & 1;
}

static int hash_lookup(struct image *im, const char *name, Elf64_Sym *ret)
{
	uint32_t head[4], hash = gnu_hash_of(name), index,
			  value; /* buckets, first, bloom words, shift */
	uint64_t buckets, chain;

	if (image_read(im, im->gnu_hash, head, sizeof head) < 0 || !head[0] ||
	    !bloom_allows(im, im->gnu_hash + sizeof head, head[2], head[3], hash))
		return -ENOENT;
	buckets = im->gnu_hash + sizeof head + (uint64_t)head[2] * 8;
	chain = buckets + (uint64_t)head[0] * 4;
	if (image_read(im, buckets + (uint64_t)(hash % head[0]) * 4, &index, 4) < 0)
		return -ENOENT;
	for (unsigned int i = 0; i < MAX_CHAIN && index >= head[1]; i++, index++) {
		if (image_read(im, chain + (uint64_t)(index - head[1]) * 4, &value, 4) < 0)
			break;
		if ((value | 1) == (hash | 1) && symbol_is(im, index, name, ret))
			return 0;
		if (value & 1)
			break;
	}
	return -ENOENT;
}

int image_symbol(struct image *im, const char *name, uint64_t *ret_addr, uint64_t *ret_size)
{
	Elf64_Sym sym;

	if (image_dynamic(im) < 0 || !im->gnu_hash || hash_lookup(im, name, &sym) < 0)
		return -ENOENT;
	*ret_addr = im->bias + sym.st_value;
	if (ret_size)
		*ret_size = sym.st_size;
	return 0;
}

int image_section_at(struct image *im, unsigned int index, Elf64_Shdr *ret)
{
	const Elf64_Ehdr *h = &im->header;

	if (index >= h->e_shnum || h->e_shentsize != sizeof *ret || h->e_shoff > INT64_MAX / 2 ||
	    image_pread(im, h->e_shoff + index * sizeof *ret, ret, sizeof *ret) < 0)
		return -ENOENT;
	return 0;
}

static bool section_is(struct image *im, const Elf64_Shdr *sh, const Elf64_Shdr *names,
		       const char *name)
{
	size_t n = strlen(name) + 1;
	char text[32];

	return n <= sizeof text && sh->sh_name < names->sh_size &&
	       image_pread(im, names->sh_offset + sh->sh_name, text, n) == 0 &&
	       memcmp(text, name, n) == 0;
}

int image_section(struct image *im, const char *named, uint32_t type, Elf64_Shdr *ret)
{
	Elf64_Shdr sh, names;

	if (named && image_section_at(im, im->header.e_shstrndx, &names) < 0)
		return -ENOENT;
	for (unsigned int i = 0; i < im->header.e_shnum && i < MAX_SECTIONS; i++) {
		if (image_section_at(im, i, &sh) < 0)
			return -ENOENT;
		if (named ? section_is(im, &sh, &names, named) : sh.sh_type == type) {
			*ret = sh;
			return 0;
		}
	}
	return -ENOENT;
}
