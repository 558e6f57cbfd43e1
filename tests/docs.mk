# SPDX-License-Identifier: Apache-2.0
# The rooms, the pages, the command line's completion, what make says and leaves behind.
DOCS_TESTS = tests/check-layers tests/check-floors.py tests/check-man tests/completion.sh \
	tests/failures_told.sh tests/packages.sh tests/pages.py tests/uninstall.sh
TESTS += $(DOCS_TESTS)
dist_check_SCRIPTS += $(DOCS_TESTS)
EXTRA_DIST += build-aux/packages
