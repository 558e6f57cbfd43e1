/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/fstat.h"

#include <string.h>

#include "tracee/abi/instruction.h"
#include "tracee/memory.h"
#include "tracee/trace.h"

bool fstat_shorten(pid_t tid, uint64_t ip, uint64_t empty)
{
	unsigned char code[ABI_FSTAT_REACH];
	uint64_t address = ip - ABI_FSTAT_REACH;
	struct abi_shorter shorter;

	if (ip < ABI_FSTAT_REACH || memory_read(tid, address, code, sizeof code) < 0 ||
	    !abi_fstat_is_long(code, address, empty, &shorter))
		return false;
	for (size_t i = 0; i < 2; i++) {
		uint64_t word;

		memcpy(&word, shorter.word[i], sizeof word);
		if (trace_poke_text(tid, address + shorter.at[i], word) < 0)
			return false;
	}
	return true;
}
