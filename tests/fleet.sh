#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# make check-fleet: what contrib/ has for many machines, by GNU parallel and by a Slurm of one node on loopback, without
# systemd. Root is needed for the latter: munge(7) has a user of its own.
set -eu
top=$(realpath "$1")
export PROCTOR
PROCTOR=$(realpath "${2:-./proctor}")
box=$(mktemp -d "${TMPDIR:-/tmp}/proctor-fleet.XXXXXX")
passed=0 failed=0

check()
{
	local what=$1
	shift
	if "$@"; then
		echo "ok   $what"
		passed=$((passed + 1))
	else
		echo "FAIL $what"
		failed=$((failed + 1))
	fi
}

slurm_stop()
{
	local daemon
	for daemon in slurmd slurmctld munged; do
		[ ! -s "$box/$daemon.pid" ] || kill "$(cat "$box/$daemon.pid")" 2>/dev/null || :
	done
}
trap 'slurm_stop; rm -rf "$box"' EXIT

results()
{
	[ "$(sort -u "$1/all/results.jsonl" | wc -l)" -eq "$2" ] && ! grep -v '"verdict":"AC"' "$1/all/results.jsonl"
}

cd "$box"
printf 'print(sum(map(int, input().split())))\n' >add.py
for i in $(seq 20); do
	printf '{"id":"run-%d","script":"add.py","stdin_text":"%d 1","expected_text":"%d"}\n' "$i" "$i" $((i + 1))
done >jobs.jsonl

check_parallel()
{
	local fleet=$top/contrib/parallel/fleet.sh
	check 'parallel: 20 jobs in 3 parts' "$fleet" -n 3 jobs.jsonl p
	check 'every result is there once, and right' results p 20
	rm -r p/part.0001 p/all
	check 'a part that is missing is made again' "$fleet" -n 7 jobs.jsonl p
	check 'and nothing else' results p 20
	check 'three parts they stay' test "$(find p -name 'part.*' | wc -l)" -eq 3
}

# A cluster of this machine alone.
slurm_start()
{
	mkdir -p state spool munge
	dd if=/dev/urandom of=munge/key bs=1 count=1024 status=none
	chmod 755 .
	chmod 700 munge
	chown -R munge munge
	mkdir -p run
	chown munge run
	runuser -u munge -- munged --force --key-file="$box/munge/key" --socket="$box/run/socket" --pid-file="$box/run/munged.pid" \
		--log-file="$box/munge/log" --seed-file="$box/munge/seed"
	ln -s run/munged.pid munged.pid
	export SLURM_CONF=$box/slurm.conf
	cat >"$SLURM_CONF" <<END
ClusterName=fleet
SlurmctldHost=localhost
AuthType=auth/munge
AuthInfo=socket=$box/run/socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$box/state
SlurmdSpoolDir=$box/spool
SlurmctldLogFile=$box/slurmctld.log
SlurmdLogFile=$box/slurmd.log
SlurmctldPidFile=$box/slurmctld.pid
SlurmdPidFile=$box/slurmd.pid
SlurmctldPort=16817
SlurmdPort=16818
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SchedulerParameters=sched_interval=1
NodeName=localhost CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=10 State=UP
END
	slurmctld -f "$SLURM_CONF"
	slurmd -f "$SLURM_CONF" -N localhost
	for _ in $(seq 50); do
		! sinfo -h -o %t | grep -qx idle || return 0
		sleep 0.2
	done
	cat slurmctld.log slurmd.log
	return 1
}

check_slurm()
{
	local fleet=$top/contrib/slurm/fleet.sh
	check "slurm: a cluster of one node" slurm_start
	[ "$failed" -eq 0 ] || return 0
	check '20 jobs as an array of 3' timeout 200 "$fleet" -n 3 jobs.jsonl s --cpus-per-task=1
	check 'every result is there once, and right' results s 20
	rm -r s/part.0001 s/all
	check 'a part that is missing is made again' timeout 200 "$fleet" jobs.jsonl s --cpus-per-task=1
	check 'and nothing else' results s 20
}

if command -v parallel >/dev/null; then
	check_parallel
else
	echo 'skip parallel: GNU parallel is not installed (build-aux/packages want fleet)'
fi
if ! command -v slurmctld >/dev/null || ! command -v munged >/dev/null; then
	echo 'skip slurm: slurm-wlm is not installed (build-aux/packages want fleet)'
elif [ "$(id -u)" -ne 0 ]; then
	echo 'skip slurm: its daemons are started as root'
else
	check_slurm
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
