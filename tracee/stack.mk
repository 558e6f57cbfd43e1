# SPDX-License-Identifier: Apache-2.0
# The stack reader: its sources, which local.mk adds to libtracee.a, and its tests.
STACK_SOURCES = tracee/stack.c tracee/stack.h \
	tracee/native/budget.h tracee/native/cfi.c tracee/native/cfi.h tracee/native/ends.h \
	tracee/native/image.c tracee/native/image.h tracee/native/maps.c tracee/native/maps.h \
	tracee/native/pages.c tracee/native/pages.h tracee/native/symbols.c tracee/native/symbols.h \
	tracee/native/unwind.c tracee/native/unwind.h \
	tracee/python/code.c tracee/python/code.h tracee/python/frames.c tracee/python/frames.h \
	tracee/python/line_table.c tracee/python/line_table.h tracee/python/offsets.c \
	tracee/python/offsets.h tracee/python/runtime.c tracee/python/runtime.h tracee/python/texts.c \
	tracee/python/texts.h tracee/python/thread.c tracee/python/thread.h tracee/python/unicode.c \
	tracee/python/unicode.h
STACK_LIBS = libtracee.a libbase.a $(LIBS_ALL)

check_PROGRAMS += tests/live/stack_probe
tests_live_stack_probe_SOURCES = tests/live/stack_probe.c
tests_live_stack_probe_LDADD = $(STACK_LIBS)
