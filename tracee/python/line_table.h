/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an instruction to its line: the tables of code objects, in the formats of CPython 3.9
 * (co_lnotab), 3.10 (PEP 626) and 3.11 on (PEP 657). Pure.
 */
#ifndef PROCTOR_TRACEE_PYTHON_LINE_TABLE_H
#define PROCTOR_TRACEE_PYTHON_LINE_TABLE_H

#include "base/util.h"

enum { LINE_TABLE_MAX = 256 * 1024 };

/*
 * The line in the SIZE bytes at TABLE, of the format of 3.MINOR, of a function that begins in
 * line FIRST, for the instruction that begins OFFSET bytes into the code; a negative offset means
 * before the first instruction. *RET_LINE is 0 when the instruction has no line.
 * 0, or -EBADMSG when the table is malformed, does not reach OFFSET or gives an impossible line.
 */
int line_table_find(int minor, const uint8_t *table, size_t size, int first, int64_t offset,
		    int *ret_line);

#endif
