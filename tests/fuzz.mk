# SPDX-License-Identifier: Apache-2.0
# The fuzzers whose subject has no fragment of its own, and `make check-fuzz`, which runs all of them
# for FUZZ_SECONDS each. Their corpora are replayed by `make check`.
check_PROGRAMS += tests/fuzz/fuzz_calls
TESTS += tests/fuzz/fuzz_calls.py
EXTRA_DIST += tests/fuzz/fuzz_calls.py tests/fuzz/corpus/calls/seeds

# It changes its own fs register and stack: static, and free of instrumentation. The table of calls is
# compiled into it once more for that reason.
tests_fuzz_fuzz_calls_SOURCES = tests/fuzz/fuzz_calls.c tracee/syscalls.c
tests_fuzz_fuzz_calls_CFLAGS = $(WARN_CFLAGS) -O1 -fno-stack-protector
tests_fuzz_fuzz_calls_LDFLAGS = -static
tests_fuzz_fuzz_calls_LDADD = -lpthread
