/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a code object says: its file, its name, and the line of an instruction. Nothing is kept
 * from one stop to the next: exec() of texts in a loop puts different code, names and tables at
 * the same addresses. Within a stop each object is read once.
 */
#ifndef PROCTOR_TRACEE_PYTHON_CODE_H
#define PROCTOR_TRACEE_PYTHON_CODE_H

#include "tracee/native/pages.h"
#include "tracee/python/runtime.h"
#include "tracee/python/texts.h"

enum { CODE_MEMO = 64 };

struct code {
	uint64_t address; /* 0: empty */
	const char *file, *name;
	uint64_t line_table, instructions, tlbc; /* tlbc: array of per-thread copies, or 0 */
	int first_line;
	uint64_t last_instr; /* the line found last, for recursion; 0: none */
	int last_line;
};

struct code_string {
	uint64_t address;
	const char *text;
};

struct code_reader {
	struct pages *pages;
	const struct python_runtime *runtime;
	struct texts texts;
	struct code code[CODE_MEMO];
	struct code_string string[CODE_MEMO]; /* code objects of one module share the file's name */
};

/* What stands for a text that could not be read: compare the pointer. */
extern const char code_unreadable[];

/* Forgets all: a new stop. Texts given out so far are invalid. */
void code_begin(struct code_reader *r);
void code_fini(struct code_reader *r);

/* The code object at ADDRESS, or NULL when there is none. Valid until the next call. */
struct code *code_read(struct code_reader *r, uint64_t address);

/*
 * The line of the instruction that a frame is at: INSTR is its address (from 3.11 on) or f_lasti
 * (before). TLBC is the number of the per-thread copy that runs. *RET_LINE is 0 when there is no
 * line. 0, -EFAULT or -EBADMSG.
 */
int code_line(struct code_reader *r, struct code *code, uint64_t instr, int32_t tlbc,
	      int *ret_line);

#endif
