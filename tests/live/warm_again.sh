#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Live tests again with runs that begin in a pool: those that check-asan, which makes the others so, leaves out, or can
# make only a part of. FAULT_RUNS is how many faults are injected, less than into runs that begin with an exec.
set -u
here=$(cd "$(dirname "$0")" && pwd)
status=0
for test in advice exception_truth faults; do
	echo "# $test.py, warm"
	LIVE_WARM=exact FAULT_RUNS=${FAULT_RUNS:-100} "${PYTHON3:-python3}" -B "$here/$test.py" || status=1
done
exit $status
