#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the attack corpus, and the other corpus beside the project where there is one.
# ATTACK_ROUNDS, ATTACK_JOBS, ATTACK_SANDBOX and ATTACK_ONLY (names with *) change what `make check` runs.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "${top_srcdir:-$here/../..}" && pwd)
PROCTOR=${PROCTOR:-${top_builddir:-$top}/proctor}
PYTHON3=${PYTHON3:-python3}
if [ ! -x "$PROCTOR" ]; then
	echo "there is no proctor at $PROCTOR"
	exit 1
fi
PROCTOR=$(cd "$(dirname "$PROCTOR")" && pwd)/$(basename "$PROCTOR")
status=0
# Minutes without a word look like a hang: progress goes to whoever ran `make check`.
if (: >&9) 2>/dev/null; then export ATTACK_PROGRESS_FD=9; fi

only=()
set -f
for name in ${ATTACK_ONLY-}; do only+=(--only "$name"); done
set +f

"$PYTHON3" -B "$here/run.py" --proctor "$PROCTOR" --sandbox "${ATTACK_SANDBOX:-both}" \
	--rounds "${ATTACK_ROUNDS:-10000}" -j "${ATTACK_JOBS:-3}" "${only[@]}" || status=1

other=$top/../shared/attacks/run_attacks.py
if [ -f "$other" ] && [ "$(id -u)" -eq 0 ]; then
	"$PYTHON3" -B "$other" --sandbox "'$PROCTOR' run -r {rodir} --wall {wall} --cpu {cpu} --memory {mem_mb}MiB --output {out_bytes} --env {env} -- {python} -I {script}" || status=1
elif [ -f "$other" ]; then
	echo "# ../shared/attacks is left out: it needs root"
else
	echo "# ../shared/attacks is left out: it is not here"
fi
exit $status
