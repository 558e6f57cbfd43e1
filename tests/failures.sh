#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What failed in the last `make check`, in a few lines for each test; nothing when nothing did. The
# summary prints it (AM_TESTSUITE_SUMMARY_HEADER). Runs in the build directory.
printf '\n'
grep -E '^(FAIL|XPASS|ERROR): ' test-suite.log | sort -u | while read -r result test; do
	log=$test.log
	[ -e "$log" ] || continue
	echo "$result $test, in $log:"
	# A check of its own that failed says so; whatever else it was says it last.
	said=$(grep -aE '^(not ok|FAIL|CRASHED)|:[FE]:' "$log" | grep -vE '^FAIL .*\(exit status: [0-9]+\)$')
	echo "${said:-$(tail -n 6 "$log")}" | head -n 6 | cut -c1-300 | sed 's/^/    /'
done
