# SPDX-License-Identifier: Apache-2.0
# Units of base/, tracee/ and supervisor/.
unit_programs += tests/unit/check_filter
tests_unit_check_filter_SOURCES = tests/unit/check_filter.c
tests_unit_check_filter_LDADD = libtracee.a libbase.a $(CHECK_LIBS)

# The second wall alone: proctor with a broker that allows everything. Never installed.
check_PROGRAMS += tests/live/second_wall_proctor
tests_live_second_wall_proctor_SOURCES = cli/main.c tests/live/second_wall_allow.c
tests_live_second_wall_proctor_LDADD = $(PROCTOR_LIBS) $(LIBS_ALL)
TESTS += tests/live/second_wall.py tests/live/calls_all.py tests/live/fix_check.py tests/live/labels.py
EXTRA_DIST += tests/live/second_wall.py tests/live/calls_all.py tests/live/fix_check.py tests/live/labels.py
unit_programs += tests/unit/check_format
tests_unit_check_format_SOURCES = tests/unit/check_format.c
tests_unit_check_format_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_format_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/check_base
tests_unit_check_base_SOURCES = tests/unit/check_base.c
tests_unit_check_base_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_base_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/check_rooms
tests_unit_check_rooms_SOURCES = tests/unit/check_rooms.c
tests_unit_check_rooms_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_rooms_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/check_record tests/unit/check_verdict
tests_unit_check_record_SOURCES = tests/unit/check_record.c
tests_unit_check_record_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_record_LDADD = $(UNIT_LIBS)
tests_unit_check_verdict_SOURCES = tests/unit/check_verdict.c
tests_unit_check_verdict_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_verdict_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/check_burden
tests_unit_check_burden_SOURCES = tests/unit/check_burden.c
tests_unit_check_burden_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_burden_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/check_target
tests_unit_check_target_SOURCES = tests/unit/check_target.c
tests_unit_check_target_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_target_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/check_source
tests_unit_check_source_SOURCES = tests/unit/check_source.c
tests_unit_check_source_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_source_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/check_listing
tests_unit_check_listing_SOURCES = tests/unit/check_listing.c
tests_unit_check_listing_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_listing_LDADD = $(UNIT_LIBS)
