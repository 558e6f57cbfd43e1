/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tracee's memory, by process_vm_readv(2). Each function copies once; a caller that needs a
 * value twice keeps the copy, because another thread of the tracee may change the original.
 */
#ifndef PROCTOR_TRACEE_MEMORY_H
#define PROCTOR_TRACEE_MEMORY_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Copies exactly N bytes from ADDR of thread TID. 0, -EFAULT, or -ESRCH when the thread is gone. */
int memory_read(pid_t tid, uint64_t addr, void *buf, size_t n);

/* Copies all of the N pieces at FROM of thread TID, SIZE bytes together, one behind the other. 0, -EFAULT or -ESRCH. */
int memory_gather(pid_t tid, const struct iovec *from, size_t n, void *buf, size_t size);

/*
 * The same from process PID, whose pages stay as they are: where it has them in common with the process that it was
 * forked from, process_vm_readv(2) pins them, and for that the kernel makes it a copy of each (FAULT_FLAG_UNSHARE, Linux
 * 5.19). Each piece is a call; protection against reading is not honoured.
 */
int memory_gather_shared(pid_t pid, const struct iovec *from, size_t n, void *buf, size_t size);

enum { MEMORY_PAGES = 512 };

/* What is known of the pages of a process (proc_pid_pagemap(5)), asked for by MEMORY_PAGES. */
struct memory_pages {
	int fd; /* -1: nothing is known */
	uint64_t first;
	size_t n; /* of ENTRY: pages from FIRST on */
	uint64_t entry[MEMORY_PAGES];
};

/* Of process PID; close with memory_pages_close(). */
void memory_pages_open(pid_t pid, struct memory_pages *ret_pages);
void memory_pages_close(struct memory_pages *pages);

/*
 * Has the process the page of ADDR in common with the one that it was forked from, or one that was forked from that? Then
 * it has not changed since. To be asked of a process that has no child, for with a child it has pages in common too. False
 * where it is not known.
 */
bool memory_page_is_common(struct memory_pages *pages, uint64_t addr);

/* Copies exactly N bytes to ADDR of thread TID, honouring page protection. 0, -EFAULT or -ESRCH. */
int memory_write(pid_t tid, uint64_t addr, const void *buf, size_t n);

/*
 * Copies the NUL-terminated string at ADDR into BUF (SIZE bytes), stopping at the first page
 * that cannot be read. Returns its length without the NUL; -ENAMETOOLONG when no NUL is within
 * SIZE bytes; -EFAULT when the string runs into memory that is not readable; -ESRCH.
 */
ssize_t memory_read_string(pid_t tid, uint64_t addr, char *buf, size_t size);

#endif
