/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ELF file behind a mapping. Only the pieces that are asked for are read, by pread(2) into a
 * small cache of blocks: a file that the tracee truncates or rewrites gives short or wrong
 * pieces, never a fault. Where the file cannot be opened (deleted, another root, the vDSO) the
 * same pieces are read from the tracee's memory.
 *
 * The file is the tracee's to choose: every header is checked before use.
 */
#ifndef PROCTOR_TRACEE_NATIVE_IMAGE_H
#define PROCTOR_TRACEE_NATIVE_IMAGE_H

#include <elf.h>

#include "tracee/native/pages.h"

enum {
	IMAGE_BLOCK = 4096,
	IMAGE_BLOCKS = 64, /* blocks cached over all files of a process */
	IMAGE_SEGMENTS = 16,
	IMAGE_FILES = 32, /* files held open; the rest is read from memory */
};

struct image_block {
	const void *image; /* NULL: empty */
	uint64_t number;
	uint32_t length;
};

/* What all images of one process share. */
struct image_cache {
	struct pages *pages;
	unsigned int n_files;
	struct image_block block[IMAGE_BLOCKS];
	unsigned char (*data)[IMAGE_BLOCK]; /* allocated with the first file */
};

struct image_segment {
	uint64_t vaddr, offset, size; /* p_vaddr, p_offset, p_filesz */
	bool writable, executable;
};

struct image {
	struct image_cache *cache;
	int fd;	       /* -1: read from memory */
	uint64_t bias; /* address in the tracee − p_vaddr */
	Elf64_Ehdr header;
	size_t n_segments;
	struct image_segment segment[IMAGE_SEGMENTS];
	uint64_t eh_frame_hdr, eh_frame_hdr_size; /* vaddr; 0: none */
	uint64_t dynamic, dynamic_size;
	/* From the dynamic section, vaddrs; 0 until image_dynamic() found them. */
	bool dynamic_read;
	uint64_t symtab, strtab, strtab_size, gnu_hash;
	uint64_t rela, rela_size, rela_relative; /* the last: how many, at the front, need no symbol */
};

void image_cache_init(struct image_cache *c, struct pages *pages);
void image_cache_fini(struct image_cache *c);

/*
 * Opens the image mapped from offset 0 at START. FD is the file (owned by the image from here
 * on, whatever the result), or -1 to read it from memory. 0, or -ENOEXEC when it is not an
 * x86-64 ELF image, or its headers cannot be read.
 */
int image_init(struct image *im, struct image_cache *cache, int fd, uint64_t start);
void image_fini(struct image *im);

/* Reads N bytes at file OFFSET; -ENXIO when the image has no file. 0 or -EIO. */
int image_pread(struct image *im, uint64_t offset, void *buf, size_t n);

/* Reads N bytes at VADDR of the image as it was linked. 0, -EFAULT or -EIO. */
int image_read(struct image *im, uint64_t vaddr, void *buf, size_t n);

/* True when the bytes at ADDR in the tracee are those of a segment that is not writable. */
bool image_has_constant(const struct image *im, uint64_t addr, size_t n);

/* Finds the dynamic symbols. 0 or -ENOENT. */
int image_dynamic(struct image *im);

/*
 * The address in the tracee of dynamic symbol NAME, which this image must define; looked up by
 * DT_GNU_HASH. RET_SIZE may be NULL. 0 or -ENOENT.
 */
int image_symbol(struct image *im, const char *name, uint64_t *ret_addr, uint64_t *ret_size);

/* The section header NAMED, or the first of TYPE when NAMED is NULL. 0 or -ENOENT. */
int image_section(struct image *im, const char *named, uint32_t type, Elf64_Shdr *ret);
/* Section header number INDEX. 0 or -ENOENT. */
int image_section_at(struct image *im, unsigned int index, Elf64_Shdr *ret);

#endif
