# SPDX-License-Identifier: Apache-2.0
# What the fuzzers share, those whose subject has no fragment of its own, and `make check-fuzz`, which
# runs all of them for FUZZ_SECONDS each. `make check` replays the corpora.
FUZZ_DRIVER = tests/fuzz/driver.c tests/fuzz/driver.h tests/fuzz/run.h
check_PROGRAMS += tests/fuzz/fuzz_calls tests/fuzz/fuzz_verdict
TESTS += tests/fuzz/fuzz_calls.py tests/fuzz/fuzz_verdict.sh
EXTRA_DIST += tests/fuzz/check_fuzz.sh tests/fuzz/common.sh tests/fuzz/fuzz_calls.py tests/fuzz/corpus/calls/seeds tests/fuzz/fuzz_verdict.sh \
	tests/fuzz/corpus/verdict/seeds

# It changes its own fs register and stack: static, and free of instrumentation. The table of calls is
# compiled into it once more for that reason.
tests_fuzz_fuzz_calls_SOURCES = tests/fuzz/fuzz_calls.c tracee/syscalls.c
tests_fuzz_fuzz_calls_CFLAGS = $(WARN_CFLAGS) -O1 -fno-stack-protector
tests_fuzz_fuzz_calls_LDFLAGS = -static
tests_fuzz_fuzz_calls_LDADD = -lpthread

tests_fuzz_fuzz_verdict_SOURCES = tests/fuzz/fuzz_verdict.c tests/fuzz/run.h
tests_fuzz_fuzz_verdict_LDADD = $(PROCTOR_LIBS) $(LIBS_ALL)

# FUZZ_SECONDS=N for each; FUZZ_ONLY=calls for one.
check-fuzz: proctor$(EXEEXT) $(check_PROGRAMS)
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) bash '$(srcdir)/tests/fuzz/check_fuzz.sh'
.PHONY: check-fuzz
