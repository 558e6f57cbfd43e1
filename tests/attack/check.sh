#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the attack corpus. ATTACK_MORE is the runner of another corpus, which takes --sandbox COMMAND with
# {rodir}, {wall} and the like in it.
# ATTACK_WARM names those that are made warm too ("*": all of them), ATTACK_WARM_MODE says how such runs end.
# ATTACK_SANDBOX=warm makes no other: each attack from a pool, in another step than where it is made cold.
# ATTACK_WORKER names those that are made as jobs of a warm batch, between two others of the same worker.
# ATTACK_LEARNED names those that are made under learned policies too ("*": all of them, and ATTACK_MORE's).
# ATTACK_ROUNDS, ATTACK_JOBS, ATTACK_SANDBOX and ATTACK_ONLY (names with *) change what `make check` runs.
set -u
here=$(cd "$(dirname "$0")" && pwd)
PROCTOR=${PROCTOR:-${top_builddir:-$here/../..}/proctor}
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

if [ "${ATTACK_SANDBOX-}" = warm ]; then
	"$PYTHON3" -B "$here/run.py" --proctor "$PROCTOR" --sandbox proctor --warm "${ATTACK_WARM_MODE:-quick}" \
		--rounds "${ATTACK_ROUNDS:-10000}" -j "${ATTACK_JOBS:-3}" "${only[@]}" || status=1
	ATTACK_WARM=''
else
	"$PYTHON3" -B "$here/run.py" --proctor "$PROCTOR" --sandbox "${ATTACK_SANDBOX:-both}" \
		--rounds "${ATTACK_ROUNDS:-10000}" -j "${ATTACK_JOBS:-3}" "${only[@]}" || status=1
fi

# Some of each kind again, started warm.
warm=()
set -f
for name in ${ATTACK_WARM-fd_* peek_* signal_* trace_* clone_* exec_* scratch_* proc_* race_* emu_* sched_* super_* stdio_* fork_exec fork_kill_all fork_reserved fork_scratch}; do
	warm+=(--only "$name")
done
set +f
if [ ${#warm[@]} -gt 0 ] && [ -z "${ATTACK_ONLY-}" ] && [ "${ATTACK_SANDBOX:-both}" != none ]; then
	"$PYTHON3" -B "$here/run.py" --proctor "$PROCTOR" --sandbox proctor --warm "${ATTACK_WARM_MODE:-exact}" --rounds 2000 --race-seconds 3 \
		-j "${ATTACK_JOBS:-3}" "${warm[@]}" || status=1
fi

# As jobs of a batch, in a worker that carries out one run after another.
worker=()
set -f
for name in ${ATTACK_WORKER-arch_int80 emu_registers fd_fill fd_openat fd_replace path_dotdot peek_ptrace_parent prctl_various proc_supervisor res_descriptors shm_names signal_timer status_forged write_open}; do
	worker+=(--only "$name")
done
set +f
if [ ${#worker[@]} -gt 0 ] && [ -z "${ATTACK_ONLY-}" ] && [ "${ATTACK_SANDBOX:-both}" != none ]; then
	"$PYTHON3" -B "$here/run.py" --proctor "$PROCTOR" --sandbox proctor --worker --rounds 2000 --race-seconds 3 \
		-j "${ATTACK_JOBS:-3}" "${worker[@]}" || status=1
fi

# And some under policies that were learned from what programs did.
learned=()
set -f
for name in ${ATTACK_LEARNED-clone_fork exec_interpreter exec_named_ways exec_program grant_cwd net_unspec own_links path_dotdot path_link_chain peek_victim proc_other sock_tcp sock_udp write_open}; do
	learned+=(--only "$name")
done
if [ "${ATTACK_LEARNED-}" = '*' ] && [ -n "${ATTACK_MORE-}" ]; then learned+=(--more "$ATTACK_MORE"); fi
set +f
if [ ${#learned[@]} -gt 0 ] && [ -z "${ATTACK_ONLY-}" ] && [ "${ATTACK_SANDBOX:-both}" != none ]; then
	"$PYTHON3" -B "$here/learned.py" --proctor "$PROCTOR" --rounds 2000 --race-seconds 3 -j "${ATTACK_JOBS:-3}" "${learned[@]}" || status=1
fi

if [ -n "${ATTACK_MORE-}" ]; then
	"$PYTHON3" -B "$ATTACK_MORE" --sandbox "'$PROCTOR' run -r {rodir} --wall {wall} --cpu {cpu} --memory {mem_mb}MiB --output {out_bytes} --env {env} -- {python} -I {script}" || status=1
fi
exit $status
