/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Catches the moment at which CPython finds out that an exception ends the program.
 *
 * Before it prints or obeys an uncaught exception, the interpreter asks whether it is SystemExit, and has
 * to load the exported pointer PyExc_SystemExit for that, whether the function that asks was inlined or not
 * (Python/pythonrun.c, _Py_HandleSystemExit(); from 3.13 on it asks for KeyboardInterrupt first). So each
 * instruction in the interpreter's file that loads the pointer gets a breakpoint. These instructions are few
 * and hardly ever executed, so they cost nothing but the writing of some bytes at the start; a debug register
 * would cost milliseconds at the first use, and something at each switch of threads.
 *
 * At a hit nothing is single-stepped: the instruction is a load or a comparison of 64 bits, and is carried
 * out here. A program that jumps there gets what the instruction would have given it.
 */
#ifndef PROCTOR_TRACEE_PROBE_H
#define PROCTOR_TRACEE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#include "tracee/abi/instruction.h"
#include "tracee/python/place.h"

enum {
	PROBE_SITES = 64,	/* CPython 3.9 to 3.13 have 4 to 20 */
	PROBE_INSTRUCTION = ABI_LOAD_BYTES,
	PROBE_IMAGES = 32,	/* places where the file is mapped, in one run */
};

/* What the interpreter asks there. KeyboardInterrupt's pointer is loaded for other reasons too: if the pending
 * exception is no KeyboardInterrupt, it is not the end. */
enum probe_question { PROBE_ASKS_EXIT, PROBE_ASKS_INTERRUPT };

struct probe_site {
	uint64_t vaddr; /* as linked */
	unsigned char text[PROBE_INSTRUCTION];
	enum probe_question question;
};

/* What one file has: the interpreter, or the libpython that it is linked to. */
struct probe {
	struct python_symbols symbols;
	uint64_t base; /* vaddr of file offset 0, as linked */
	size_t n;
	struct probe_site site[PROBE_SITES];
};

/*
 * Looks through the file at FD (borrowed). 0; -ENOEXEC: no ELF file of this architecture; -ENOENT: it does not define
 * PyExc_SystemExit, or never loads it; -E2BIG: more sites than there is room for; -errno of reading it.
 */
int probe_scan(int fd, struct probe *ret_probe);

/* Is this an instruction that probe_scan() could have found? For a probe that was read from a file. */
bool probe_site_is_sound(const struct probe_site *site);

/*
 * Where breakpoints have been written. Starts as all zeros: nowhere. A process that was forked before its parent
 * executed another program still has the breakpoints of the earlier program, so none is forgotten.
 */
struct probe_armed {
	const struct probe *probe; /* borrowed */
	struct python_place place; /* in the process for which probe_arm() was called last, and found the file */
	size_t n;
	uint64_t bias[PROBE_IMAGES];
};

/*
 * Writes the breakpoints into the process of thread TID, which is stopped and has no other thread, if PATH
 * (canonical) or a file with INODE is mapped there and each site holds what it should. ARMED belongs to the same
 * PROBE. 0; -ENOENT: the file is not mapped, or its instructions are not yet: the dynamic linker first maps all of it
 * to be read, and then parts of it over that, with which a breakpoint would be gone; -EILSEQ: a site holds something
 * else; -E2BIG: the file was mapped at too many places before; -errno, and then ARMED covers what was written.
 */
int probe_arm(const struct probe *probe, const char *path, ino_t inode, pid_t tid, struct probe_armed *armed);

/*
 * The same where the file, if it is there, is the program that the process has executed, and all of it is mapped. It need
 * not be looked for. BEGINS: thread TID has just executed it, and no instruction of it has run. -EILSEQ or -EFAULT:
 * another program.
 */
int probe_arm_program(const struct probe *probe, pid_t tid, bool begins, struct probe_armed *armed);

/*
 * Thread TID stopped for a SIGTRAP with REGS. If that was at one of the breakpoints, carries the instruction out in
 * REGS and returns true with *RET_QUESTION; the caller sets REGS and resumes the thread without the signal. *RET_ERROR
 * is 0, -EFAULT when the pointer cannot be read, as the thread itself would have found, or -ESRCH.
 */
bool probe_hit(const struct probe_armed *armed, pid_t tid, struct user_regs_struct *regs,
	       enum probe_question *ret_question, int *ret_error);

#endif
