# SPDX-License-Identifier: Apache-2.0
# proctor run on real programs, one subject a file. TESTS runs each with $(PYTHON3).
LIVE_TESTS = tests/live/identical.py tests/live/refusals.py tests/live/paths.py \
	tests/live/threads.py tests/live/signals.py tests/live/limits.py \
	tests/live/calls_all.py tests/live/stdio.py tests/live/usage.py \
	tests/live/policy_file.py tests/live/log.py
TESTS += $(LIVE_TESTS)
EXTRA_DIST += tests/live/harness.py $(LIVE_TESTS)
