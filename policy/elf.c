/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/elf.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_HEADERS 64
#define MAX_DYNAMIC 512

struct image {
	int fd;
	Elf64_Phdr headers[MAX_HEADERS];
	size_t n_headers;
};

static bool read_at(int fd, uint64_t offset, void *buf, size_t n)
{
	if (offset > INT64_MAX)
		return false;
	return pread(fd, buf, n, (off_t)offset) == (ssize_t)n;
}

/* A NUL-terminated text of at most PATH_MAX bytes at OFFSET; NULL when there is none. */
static char *read_text(int fd, uint64_t offset)
{
	char text[PATH_MAX];
	ssize_t n = offset <= INT64_MAX ? pread(fd, text, sizeof text, (off_t)offset) : -1;

	return n > 0 && memchr(text, '\0', (size_t)n) ? xstrdup(text) : NULL;
}

static int read_headers(int fd, struct image *image)
{
	Elf64_Ehdr header;

	image->fd = fd;
	if (!read_at(fd, 0, &header, sizeof header) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    header.e_machine != EM_X86_64 ||
	    (header.e_type != ET_EXEC && header.e_type != ET_DYN) ||
	    header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > MAX_HEADERS)
		return -ENOEXEC;
	image->n_headers = header.e_phnum;
	if (!read_at(fd, header.e_phoff, image->headers, image->n_headers * sizeof(Elf64_Phdr)))
		return -ENOEXEC;
	return 0;
}

/* Where the file holds what is loaded at virtual address ADDRESS; UINT64_MAX when it does not. */
static uint64_t offset_of(const struct image *image, uint64_t address)
{
	size_t i;

	for (i = 0; i < image->n_headers; i++) {
		const Elf64_Phdr *p = &image->headers[i];

		if (p->p_type == PT_LOAD && address >= p->p_vaddr &&
		    address - p->p_vaddr < p->p_filesz)
			return p->p_offset + (address - p->p_vaddr);
	}
	return UINT64_MAX;
}

static void read_dynamic(const struct image *image, const Elf64_Phdr *header,
			 struct elf_facts *facts)
{
	Elf64_Dyn entries[MAX_DYNAMIC];
	size_t i, n = MIN(header->p_filesz / sizeof(Elf64_Dyn), (size_t)MAX_DYNAMIC);
	uint64_t strings = UINT64_MAX, search = UINT64_MAX;

	if (!read_at(image->fd, header->p_offset, entries, n * sizeof(Elf64_Dyn)))
		return;
	for (i = 0; i < n && entries[i].d_tag != DT_NULL; i++)
		if (entries[i].d_tag == DT_STRTAB)
			strings = offset_of(image, entries[i].d_un.d_ptr);
	if (strings == UINT64_MAX)
		return;
	n = i;
	for (i = 0; i < n; i++) {
		uint64_t value = entries[i].d_un.d_val;

		if (value > UINT32_MAX)
			continue;
		if (entries[i].d_tag == DT_NEEDED && facts->n_needed < ELF_MAX_NAMES) {
			char *name = read_text(image->fd, strings + value);

			if (name)
				facts->needed[facts->n_needed++] = name;
		} else if (entries[i].d_tag == DT_RUNPATH ||
			   (entries[i].d_tag == DT_RPATH && search == UINT64_MAX)) {
			search = strings + value;
		}
	}
	if (search != UINT64_MAX)
		facts->search = read_text(image->fd, search);
}

int elf_read_facts(int fd, struct elf_facts *ret)
{
	struct elf_facts facts = { 0 };
	struct image image;
	int r = read_headers(fd, &image);
	size_t i;

	if (r < 0)
		return r;
	for (i = 0; i < image.n_headers; i++) {
		const Elf64_Phdr *p = &image.headers[i];

		if (p->p_type == PT_INTERP && !facts.interpreter)
			facts.interpreter = read_text(fd, p->p_offset);
		else if (p->p_type == PT_DYNAMIC && !facts.n_needed && !facts.search)
			read_dynamic(&image, p, &facts);
	}
	*ret = facts;
	return 0;
}

void elf_facts_fini(struct elf_facts *facts)
{
	size_t i;

	free(facts->interpreter);
	free(facts->search);
	for (i = 0; i < facts->n_needed; i++)
		free(facts->needed[i]);
}

char *elf_search_dir(const char *dir, const char *origin)
{
	static const char *const spellings[] = { "$ORIGIN", "${ORIGIN}" };
	const char *rest = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(spellings) && !rest; i++)
		rest = after_prefix(dir, spellings[i]);
	return rest ? xasprintf("%s%s", slashed(origin), rest) : xstrdup(dir);
}
