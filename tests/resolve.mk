# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/unit/check_resolve tests/fuzz/fuzz_resolve
TESTS += tests/unit/check_resolve tests/fuzz/fuzz_resolve.sh
EXTRA_DIST += tests/fuzz/fuzz_resolve.sh $(RESOLVE_CORPUS)
RESOLVE_CORPUS = tests/fuzz/corpus/resolve/seeds

tests_unit_check_resolve_SOURCES = tests/unit/check_resolve.c
tests_unit_check_resolve_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_resolve_LDADD = $(UNIT_LIBS)
tests_unit_check_resolve_LDFLAGS = $(AM_LDFLAGS) -pthread

tests_fuzz_fuzz_resolve_SOURCES = tests/fuzz/fuzz_resolve.c tests/fuzz/run.h
tests_fuzz_fuzz_resolve_LDADD = libsupervisor.a libpolicy.a libwords.a libbase.a $(LIBS_ALL)
