# SPDX-License-Identifier: Apache-2.0
# Units of base/, tracee/ and supervisor/.
unit_programs += tests/unit/check_filter
tests_unit_check_filter_SOURCES = tests/unit/check_filter.c
tests_unit_check_filter_LDADD = libtracee.a libbase.a $(CHECK_LIBS)
