# SPDX-License-Identifier: Apache-2.0
# What .ci/run runs beside `make check`. Each has a build of its own beneath build/, from a copy of
# the sources as a release has them.
UNIT_TESTS = $(filter tests/unit/% tests/table/%,$(TESTS))
ANALYSES = check-asan check-clang check-static check-coverage check-as-user check-places
EXTRA_DIST += tests/analysis.sh tests/coverage.py tests/valgrind.sh tests/cppcheck.h tests/cppcheck.supp tests/analyzer.supp \
	tests/guest.sh tests/fleet.sh tests/python_suite.py

check-units:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(UNIT_TESTS)'

# Not under valgrind: check_resolve, check_source, check_surroundings and check_decide, for Debian 12's valgrind does not know
# openat2(2), check_worker, for it does not know pidfd_open(2); check_act and check_abi, which trace a child;
# check_stack_native, for it hides the vDSO; check_filter, policy_table and check_policy_match, which compute for
# minutes there. The sanitizers see all of them.
VALGRIND_TESTS = $(filter-out %/check_resolve %/check_source %/check_surroundings %/check_decide %/check_act %/check_abi %/check_worker %/check_stack_native \
  %/check_filter %/policy_table %/check_policy_match,$(UNIT_TESTS))
check-valgrind:
	$(MAKE) $(AM_MAKEFLAGS) $(or $(CHECK_GOAL),check) TESTS='$(VALGRIND_TESTS)' LOG_COMPILER='$(srcdir)/tests/valgrind.sh'

# The release, with the tests that need little time.
check-dist:
	$(MAKE) $(AM_MAKEFLAGS) distcheck \
	  TESTS='$(UNIT_TESTS) $(DOCS_TESTS)'

analysis-source:
	$(AM_V_at)rm -rf build/source && $(MKDIR_P) build
	$(AM_V_at)$(MAKE) $(AM_MAKEFLAGS) distdir distdir=build/source >build/source.log 2>&1 || \
	  { cat build/source.log; exit 1; }

# Under sanitizers reading the symbols of an interpreter takes more than the 50 ms that a stack may.
# exception_truth.py runs a thousand programs; what forged ones do is looked at by exception_hostile.py.
# webservice.py and python_package.py are about Python that calls the program, report_page.py about a browser;
# advice.py and library_names.py run many programs along the same paths. warm_again.sh makes some of these warm.
ASAN_TESTS = $(filter-out tests/live/stack_truth.py tests/live/exception_truth.py tests/live/webservice.py \
  tests/live/python_package.py tests/live/report_page.py tests/live/advice.py tests/live/library_names.py \
  tests/live/warm_again.sh,$(TESTS))
# gcov itself does not bear that malloc fails; run as somebody else it complains of its files on stderr.
# gcov is slow: the 50 ms that a stack may take end before some stacks do. What takes long because it repeats the
# same paths, over many programs, interpreters or rounds, reaches few lines that nothing else does.
COVERAGE_TESTS = $(filter-out tests/live/identical.py tests/live/load.py tests/live/container.py \
  tests/live/exception_hostile.py tests/live/library_names.py tests/live/report_page.py tests/live/supervisor_cpu.py tests/live/webservice.py \
  tests/live/faults.py tests/live/usage.py tests/live/options.py \
  tests/live/outputs.py tests/live/start_script.py tests/live/exception_truth.py \
  tests/live/stack_truth.py tests/live/warm_again.sh,$(TESTS))

# What has failed in such places, or could: goldens, terminals, another user, what is timed.
PLACES_TESTS = $(UNIT_TESTS) $(DOCS_TESTS) tests/live/explain_large.py tests/live/limits.py tests/live/options.py \
  tests/live/outputs.py tests/live/readme.py tests/live/signals.py tests/live/stdio.py tests/live/usage.py \
  tests/attack/check.sh

$(ANALYSES): analysis-source
	+$(AM_V_at)MAKE='$(MAKE)' UNIT_TESTS='$(UNIT_TESTS)' DOCS_TESTS='$(DOCS_TESTS)' ASAN_TESTS='$(ASAN_TESTS)' \
	  COVERAGE_TESTS='$(COVERAGE_TESTS)' PLACES_TESTS='$(PLACES_TESTS)' bash '$(srcdir)/tests/analysis.sh' $@

# On another release of Debian, with its kernel: tests/guest.sh. What that makes is kept in build/guest.
RELEASE = bookworm
check-guest: analysis-source
	$(AM_V_at)bash '$(srcdir)/tests/guest.sh' -d build/guest build/source '$(RELEASE)' $(if $(GUEST_COMMAND),'$(GUEST_COMMAND)')

# What contrib/ has for many machines, by GNU parallel and by a Slurm of one node.
check-fleet: proctor$(EXEEXT)
	-$(AM_V_at)'$(srcdir)/build-aux/packages' want fleet
	$(AM_V_at)bash '$(srcdir)/tests/fleet.sh' '$(abs_top_srcdir)' '$(abs_top_builddir)/proctor$(EXEEXT)'

# CPython's own tests, cold and from a pool: SUITE_PYTHON has to have come with them, SUITE names some of its modules.
check-suite: proctor$(EXEEXT)
	$(AM_V_at)rm -rf build/suite
	$(AM_V_at)$(PYTHON3) -B '$(srcdir)/tests/python_suite.py' ./proctor$(EXEEXT) '$(or $(SUITE_PYTHON),$(PYTHON3))' build/suite $(SUITE)

clean-local:
	rm -rf build/source build/source.log build/suite $(ANALYSES:%=build/%)

.PHONY: check-units check-valgrind check-dist check-guest check-fleet check-suite analysis-source $(ANALYSES)
