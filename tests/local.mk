# SPDX-License-Identifier: Apache-2.0
# Each subject adds its own tests. All unit tests include suite.h.
EXTRA_DIST += tests/unit/suite.h
include tests/core.mk
include tests/attack.mk
include tests/resolve.mk
include tests/policy.mk
include tests/live.mk
include tests/docs.mk
include tests/analysis.mk
include tests/report.mk
include tests/fuzz.mk
