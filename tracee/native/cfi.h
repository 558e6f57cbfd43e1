/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Call frame information is a program, and the tracee may have written it. libunwind runs it
 * without much suspicion: a backward DW_OP_skip never ends, a DW_OP_div of the smallest number
 * by -1 traps, a return address column is an array index. So each CIE and FDE is checked here
 * before libunwind sees it, and only what toolchains for x86-64 emit passes: registers 0 to 16,
 * straight-line expressions, bounded nesting and length.
 */
#ifndef PROCTOR_TRACEE_NATIVE_CFI_H
#define PROCTOR_TRACEE_NATIVE_CFI_H

#include "tracee/native/cfi_store.h"
#include "tracee/native/image.h"

enum { CFI_RECORD_MAX = 16384, CFI_EXPRESSION_MAX = 128, CFI_STATES_MAX = 16 };

/* True if the N bytes at P are a DWARF expression without branches, on registers 0 to 16. */
bool cfi_expression_ok(const uint8_t *p, size_t n);

/* True if the N bytes at P are a sane CFI program. */
bool cfi_program_ok(const uint8_t *p, size_t n);

/*
 * The FDE of IMAGE for VADDR: searched in .eh_frame_hdr, then checked with its CIE. On success
 * *RET_ENTRY is the vaddr of its 8-byte entry in the search table, and entry, FDE and CIE are in
 * STORE. 0; -ENOENT when there is no unwind information for VADDR; -EBADMSG when there is and it
 * did not pass; -ENOSPC when STORE has no room.
 */
int cfi_find(struct image *image, struct cfi_store *store, uint64_t vaddr, uint64_t *ret_entry);

#endif
