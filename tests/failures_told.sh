#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What tests/failures.sh tells of the tests that failed: each once, with what it said.
set -u
tell=$(cd "${top_srcdir:-$(dirname "$0")/..}/tests" && pwd)/failures.sh
dir=$(mktemp -d) && cd "$dir" || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir -p tests/live tests/unit
failed=0

expect()
{
	if [ "$2" = "$3" ]; then
		echo "ok   $1"
	else
		printf 'FAIL %s\n%s\ninstead of\n%s\n' "$1" "$2" "$3"
		failed=1
	fi
}

cat >test-suite.log <<'END'
FAIL: tests/live/usage
======================
FAIL: a line of a test's own
FAIL: tests/unit/check_words
============================
ERROR: tests/live/gone
END
printf 'ok   good\nFAIL bad\n     got 1\nFAIL tests/live/usage.py (exit status: 1)\n' >tests/live/usage.log
printf '66%%: Checks: 3\nwords.c:9:F:core:test_it:0: wrong\nFAIL tests/unit/check_words (exit status: 1)\n' >tests/unit/check_words.log
printf 'Traceback:\nKeyError\n' >tests/live/gone.log
expect 'each test that failed, with what it said' "$(sh "$tell")" "
ERROR: tests/live/gone, in tests/live/gone.log:
    Traceback:
    KeyError
FAIL: tests/live/usage, in tests/live/usage.log:
    FAIL bad
FAIL: tests/unit/check_words, in tests/unit/check_words.log:
    words.c:9:F:core:test_it:0: wrong"
echo 'all good' >test-suite.log
expect 'nothing when nothing did' "$(sh "$tell")" ''
exit $failed
