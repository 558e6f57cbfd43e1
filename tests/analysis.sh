#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One analysis, by the name of its make target; see analysis.mk. Runs in the build directory, where
# build/source is a copy of the sources.
set -eu
step=$1
MAKE=${MAKE:-make}
goal=${CHECK_GOAL:-check} # recheck: only what failed when it ran last
source=$PWD/build/source
dir=$PWD/build/$step

# Configures and builds in $dir. A second run builds only what has changed.
build()
{
	mkdir -p "$dir"
	cd "$dir"
	[ -e Makefile ] || "$source/configure" -q "$@"
	$MAKE
}

# Stops when a tool is missing: to leave out a step is to fail it.
need()
{
	command -v "$1" >/dev/null || {
		echo "$step: $1 is not installed: build-aux/packages want analysis"
		exit 1
	}
}

check_asan()
{
	build --enable-sanitizers --enable-werror CFLAGS='-O1 -g'
	# Races are long under sanitizers and say no more there: a few rounds each.
	# make check has begun every run with an exec; here they begin in a pool (tests/live/warmth.py).
	LIVE_WARM=${LIVE_WARM-quick} ATTACK_SANDBOX=warm ATTACK_ROUNDS=${ATTACK_ROUNDS:-200} \
		ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1 \
		$MAKE "$goal" TESTS="$ASAN_TESTS" || status=$?
	grep -hs '^# .* runs were warm' tests/live/*.log |
		awk -v step="$step" '{ warm += $2; cold += $6 } END { print "note: " step ": " NR " live tests had " warm " warm runs, and " cold " that were not" }'
	return "${status:-0}"
}

check_clang()
{
	need clang
	build --enable-werror CC=clang
	$MAKE "$goal" TESTS="$UNIT_TESTS"
}

check_static()
{
	local scripts unexplained finding file kind
	need cppcheck
	need shellcheck
	echo 'gcc -fanalyzer'
	rm -rf "$dir" # what is not compiled anew is not analysed
	build --enable-analyzer CFLAGS='-O1 -g' >"$dir.log" 2>&1 || {
		cat "$dir.log"
		return 1
	}
	unexplained=$(grep -E 'warning: .*\[-W' "$dir.log" | while read -r finding; do
		file=${finding%%:*} kind=${finding##*[}
		sed 's/ #.*//' "$source/tests/analyzer.supp" | grep -qxF -- "${file##*source/} ${kind%]}" || echo "$finding"
	done)
	if [ -n "$unexplained" ]; then
		grep -vE '^  (CC|AR|CCLD) ' "$dir.log"
		echo "not explained in tests/analyzer.supp:"
		echo "$unexplained"
		return 1
	fi
	cd "$source"
	echo 'cppcheck'
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,portability --inline-suppr \
		--suppressions-list=tests/cppcheck.supp -j 2 -I . -D_GNU_SOURCE -D__x86_64__ -D__LP64__ \
		-DPACKAGE_VERSION='"0"' --include=tests/cppcheck.h \
		base tracee policy record words supervisor report grade cli
	echo 'shellcheck'
	mapfile -t scripts < <(grep -rlE --exclude-dir=corpus '^#!(/usr)?/bin/(env )?(ba)?sh' \
		.ci build-aux/packages autogen.sh contrib demo tests bench)
	shellcheck -x "${scripts[@]}" completion/proctor.bash
	echo "$step: ${#scripts[@]} scripts; nothing unexplained was found"
}

check_coverage()
{
	# gcov would write its files before each execve(2), behind the second wall, and complain.
	build --enable-coverage CFLAGS='-O0 -g -fno-builtin-execve'
	find . -name '*.gcda' -delete
	ATTACK_SANDBOX=proctor ATTACK_ROUNDS=${ATTACK_ROUNDS:-200} \
		$MAKE check TESTS="$COVERAGE_TESTS" || status=$?
	"${PYTHON3:-python3}" "$source/tests/coverage.py" "$source" .
	return "${status:-0}"
}

# An ordinary user, who owns a copy and nothing else.
check_as_user()
{
	local home live='tests/live/identical.py tests/live/refusals.py tests/live/paths.py
		tests/live/readme.py tests/live/usage.py tests/live/stdio.py'
	local warm='tests/live/identical.py tests/live/refusals.py tests/live/paths.py tests/live/stdio.py tests/live/write.py'
	if [ "$(id -u)" -ne 0 ]; then
		echo "$step: only root can become somebody else; make check has run as this user"
		return 0
	fi
	need setpriv
	home=$(mktemp -d "${TMPDIR:-/tmp}/proctor-user.XXXXXX")
	# shellcheck disable=SC2064 # now
	trap "rm -rf '$home'" EXIT
	cp -a "$source" "$home/source"
	chmod 755 "$home"
	chown -R nobody:nogroup "$home"
	cd "$home/source"
	env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$home" LANG=C.UTF-8 MAKEFLAGS="${MAKEFLAGS:-}" \
		ATTACK_ROUNDS="${ATTACK_ROUNDS:-1000}" TMPDIR="${TMPDIR:-/tmp}" \
		setpriv --reuid=nobody --regid=nogroup --clear-groups --no-new-privs \
		sh -c "./configure -q && $MAKE && $MAKE check TESTS='$UNIT_TESTS $DOCS_TESTS $live' &&
			LIVE_WARM=exact $MAKE check TESTS='$warm'" && return
	rm -rf "$dir"
	mkdir -p "$dir/tests"
	cp -a tests/unit tests/table tests/live "$dir/tests"
	return 1
}

# Where a newcomer's clone may lie: below a directory that is closed to others, as /root is, with no
# terminals and no shared memory, beside a /box of somebody else's, on cores that are busy.
check_places()
{
	local home status=0 made='' loops=() apart=()
	if [ "$(id -u)" -ne 0 ]; then
		echo "$step: only root can unmount; make check has run as this user"
		return 0
	fi
	home=$(mktemp -d "${TMPDIR:-/tmp}/proctor-places.XXXXXX")
	cp -a "$source" "$home/source"
	cat >"$home/apart" <<'END'
mount --make-rprivate /
for place in /dev/pts /dev/shm; do
	while mountpoint -q $place && umount -l $place; do :; done
done
mount -t tmpfs box /box
echo 'print("somebody else")' >/box/solve.py
exec "$@"
END
	if unshare -m true 2>/dev/null; then
		apart=(unshare -m bash "$home/apart")
		[ -e /box ] || { mkdir /box && made=/box; }
	else
		echo "note: $step: no mounts of its own here: /dev/pts, /dev/shm and /box stay as they are"
	fi
	# shellcheck disable=SC2034 # counts
	for core in $(seq "$(nproc)"); do
		(trap - EXIT; while :; do :; done) &
		loops+=($!)
	done
	# shellcheck disable=SC2064 # now
	trap "kill ${loops[*]}; rm -rf '$home'; [ -z '$made' ] || rmdir '$made'" EXIT
	# shellcheck disable=SC2016 # for sh
	ATTACK_ONLY='tty* out_tty seccomp* scratch* lock* admin_* prctl* obj_*' "${apart[@]}" \
		sh -c 'cd "$1" && ./configure -q && $2 && $2 check TESTS="$3"' - "$home/source" "$MAKE" "$PLACES_TESTS" || status=$?
	if [ "$status" -ne 0 ]; then
		rm -rf "$dir"
		mkdir -p "$dir"
		cp -a "$home/source/tests" "$dir/"
	fi
	return "$status"
}

case $step in
check-asan) check_asan ;;
check-clang) check_clang ;;
check-static) check_static ;;
check-coverage) check_coverage ;;
check-as-user) check_as_user ;;
check-places) check_places ;;
*)
	echo "$step: no such analysis"
	exit 64
	;;
esac
