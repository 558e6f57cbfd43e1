# SPDX-License-Identifier: Apache-2.0
# The stack reader: its sources, which local.mk adds to libtracee.a, and its tests.
STACK_SOURCES = tracee/stack.c tracee/stack.h tracee/stack_copy.c \
	tracee/native/abort_message.c tracee/native/abort_message.h tracee/native/budget.h tracee/native/cfi.c tracee/native/cfi.h tracee/native/cfi_store.c \
	tracee/native/cfi_store.h tracee/native/ends.h \
	tracee/native/image.c tracee/native/image.h tracee/native/maps.c tracee/native/maps.h \
	tracee/native/pages.c tracee/native/pages.h tracee/native/spawn_words.c tracee/native/spawn_words.h tracee/native/stepper.c tracee/native/stepper.h \
	tracee/native/symbols.c tracee/native/symbols.h \
	tracee/native/unwind.c tracee/native/unwind.h \
	tracee/python/code.c tracee/python/code.h tracee/python/exception.c tracee/python/exception.h \
	tracee/python/frames.c tracee/python/frames.h \
	tracee/python/held.c tracee/python/held.h \
	tracee/python/line_table.c tracee/python/line_table.h tracee/python/objects.c \
	tracee/python/objects.h tracee/python/offsets.c \
	tracee/python/offsets.h tracee/python/place.c tracee/python/place.h tracee/python/printable.c tracee/python/printable.h \
	tracee/python/runtime.c tracee/python/runtime.h tracee/python/texts.c \
	tracee/python/texts.h tracee/python/thread.c tracee/python/thread.h tracee/python/unicode.c \
	tracee/python/unicode.h tracee/python/variable.c tracee/python/variable.h
STACK_LIBS = libtracee.a libbase.a $(LIBS_ALL)

check_PROGRAMS += tests/live/stack_probe
tests_live_stack_probe_SOURCES = tests/live/stack_probe.c
tests_live_stack_probe_LDADD = $(STACK_LIBS)

unit_programs += tests/unit/check_line_table tests/unit/check_python_offsets \
	tests/unit/check_python_unicode tests/unit/check_stack_native
tests_unit_check_line_table_SOURCES = tests/unit/check_line_table.c
tests_unit_check_line_table_LDADD = $(CHECK_LIBS) $(STACK_LIBS)
tests_unit_check_python_offsets_SOURCES = tests/unit/check_python_offsets.c
tests_unit_check_python_offsets_LDADD = $(CHECK_LIBS) $(STACK_LIBS)
tests_unit_check_python_unicode_SOURCES = tests/unit/check_python_unicode.c
tests_unit_check_python_unicode_LDADD = $(CHECK_LIBS) $(STACK_LIBS)
tests_unit_check_stack_native_SOURCES = tests/unit/check_stack_native.c
tests_unit_check_stack_native_LDADD = $(CHECK_LIBS) $(STACK_LIBS)

# A shared object that the fuzzer's tracee loads with ctypes; built as a program, for want of libtool.
check_PROGRAMS += tests/fuzz/fuzz_stack_stub
tests_fuzz_fuzz_stack_stub_SOURCES = tests/fuzz/fuzz_stack_stub.S
tests_fuzz_fuzz_stack_stub_LDFLAGS = -shared -nostdlib -Wl,-z,noexecstack
tests_fuzz_fuzz_stack_stub_CFLAGS =
tests_fuzz_fuzz_stack_stub_LDADD =

TESTS += tests/live/stack_truth.py tests/live/stack_notes.py tests/fuzz/fuzz_stack.py
EXTRA_DIST += tests/live/stack_truth.py tests/live/stack_notes.py tests/live/stack_cases.py \
	tests/live/stack_hook/sitecustomize.py tests/fuzz/fuzz_stack.py tests/fuzz/fuzz_stack_tracee.py

# What stacks cost; `make bench` runs it.
noinst_PROGRAMS += bench/bench_stack
bench_bench_stack_SOURCES = bench/bench_stack.c
bench_bench_stack_LDADD = $(STACK_LIBS)
