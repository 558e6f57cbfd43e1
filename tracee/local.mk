# SPDX-License-Identifier: Apache-2.0
include tracee/stack.mk
noinst_LIBRARIES += libtracee.a
ABI_SOURCES = tracee/abi/abi.h tracee/abi/call_loop.h tracee/abi/x86_64/call_loop.c tracee/abi/x86_64/call_loop.h \
	tracee/abi/instruction.h tracee/abi/unwind.h tracee/abi/x86_64/calls.h \
	tracee/abi/x86_64/instruction.c tracee/abi/x86_64/instruction.h tracee/abi/x86_64/registers.h \
	tracee/abi/x86_64/unwind.h tracee/abi/x86_64/values.h
libtracee_a_SOURCES = $(ABI_SOURCES) tracee/adopt.c tracee/adopt.h tracee/call_list.c tracee/call_list.h \
	tracee/finish.c tracee/finish.h tracee/fstat.c tracee/fstat.h tracee/template.c tracee/template.h tracee/filter.c tracee/filter.h tracee/landlock.c tracee/landlock.h \
	tracee/maps_copy.c tracee/maps_copy.h \
	tracee/memory.c tracee/memory.h tracee/probe.c tracee/probe.h tracee/scratch.c tracee/scratch.h tracee/spawn.c tracee/spawn.h \
	tracee/syscalls.c tracee/syscalls.h tracee/trace.c tracee/trace.h $(STACK_SOURCES)
