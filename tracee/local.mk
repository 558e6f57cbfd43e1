# SPDX-License-Identifier: Apache-2.0
include tracee/stack.mk
noinst_LIBRARIES += libtracee.a
libtracee_a_SOURCES = tracee/adopt.c tracee/adopt.h tracee/call_list.c tracee/call_list.h \
	tracee/template.c tracee/template.h \
	tracee/filter.c tracee/filter.h tracee/landlock.c tracee/landlock.h \
	tracee/maps_copy.c tracee/maps_copy.h \
	tracee/memory.c tracee/memory.h tracee/probe.c tracee/probe.h tracee/scratch.c tracee/scratch.h tracee/spawn.c tracee/spawn.h \
	tracee/syscalls.c tracee/syscalls.h tracee/trace.c tracee/trace.h $(STACK_SOURCES)
