/* SPDX-License-Identifier: Apache-2.0 */
/* The few facts about an ELF program that decide which files its start needs. */
#ifndef PROCTOR_POLICY_ELF_H
#define PROCTOR_POLICY_ELF_H

#include "base/buf.h"

#define ELF_MAX_NAMES 64

struct elf_facts {
	char *interpreter; /* PT_INTERP, or NULL */
	char *needed[ELF_MAX_NAMES];
	size_t n_needed;
	char *search; /* DT_RUNPATH or else DT_RPATH, as written, or NULL */
};

/*
 * Reads the program headers and the dynamic section of the file at FD: an x86-64 executable or
 * shared object. Nothing is mapped and every offset is checked, for the file may be anything.
 * 0; -ENOEXEC when it is no such file; -errno. The caller frees with elf_facts_fini().
 */
int elf_read_facts(int fd, struct elf_facts *ret);
void elf_facts_fini(struct elf_facts *facts);

/* DIR, one directory of a file's `search`, with $ORIGIN expanded as by ld.so(8): ORIGIN is the directory of that
 * file. The caller frees it. */
char *elf_search_dir(const char *dir, const char *origin);

#endif
