#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# build-aux/packages and the bootstrap, on a machine where nothing is installed and where apt-get is
# only pretended: one round for all groups, one line where nobody can install.
set -u
top=$(cd "${top_srcdir:-$(dirname "$0")/..}" && pwd)
dir=$(mktemp -d) && cd "$dir" || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0

check()
{
	local sentence=$1
	shift
	if "$@"; then
		echo "ok   $sentence"
	else
		echo "FAIL $sentence: status $status"
		cat out err
		failed=1
	fi
}

# pretend NAME TEXT: a program of that name, before all others.
mkdir bin
pretend()
{
	printf '#!/bin/sh\n%s\n' "$2" >"bin/$1"
	chmod +x "bin/$1"
}

packages()
{
	status=0
	PATH=$dir/bin:$PATH "$top/build-aux/packages" "$@" >out 2>err </dev/null || status=$?
}

# shellcheck disable=SC2317 # called by check
contains() { grep -qw -e "$2" "$1"; }
# shellcheck disable=SC2317
lines() { [ "$(wc -l <"$1")" -eq "$2" ]; }

pretend dpkg-query 'exit 1'
pretend sudo 'exit 1'
# shellcheck disable=SC2016 # for the script
pretend id '[ "$1" = -u ] && echo 1000'
pretend apt-get 'exit 99'
packages need build -- test
check 'without root: status 1' [ "$status" -eq 1 ]
check 'one line' lines err 1
check 'with what is needed' contains err gcc
check 'and what is wanted' contains err strace
check 'nothing else' lines out 0

mkdir tree
cp "$top/GNUmakefile" tree/
mkdir tree/build-aux
cp "$top/build-aux/packages" tree/build-aux/
status=0
(cd tree && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL PATH="$dir/bin:$PATH" make) >out 2>err </dev/null || status=$?
check 'make stops' [ "$status" -eq 2 ]
check 'with that line alone' lines err 1
check 'and says nothing else' lines out 0
check 'which can be pasted into a shell: what make adds is a comment' \
	grep -q 'sudo apt-get install .*strace *# then make again\.  Stop\.$' err

# All is installed but strace.
# shellcheck disable=SC2016 # for the script
pretend dpkg-query 'for name; do :; done; [ "$name" = strace ] || echo "install ok installed"'
packages need build -- test
check 'what is only wanted is said' contains err strace
check 'in one line' lines err 1
check 'and is no failure' [ "$status" -eq 0 ]
packages need test
check 'unless it is needed' [ "$status" -eq 1 ]
packages want test
check 'want never fails' [ "$status" -eq 0 ]

pretend id 'echo 0'
pretend dpkg-query 'exit 1'
# shellcheck disable=SC2016 # for the script
pretend apt-get 'echo "$*" >>'"$dir/apt"
packages need build -- test
check 'as root: installed' [ "$status" -eq 0 ]
check 'in one round' lines apt 1
check 'with both groups' contains apt strace
pretend apt-get 'exit 100'
packages need build
check 'apt-get fails: so does need' [ "$status" -ne 0 ]
packages want test
check 'and want does not' [ "$status" -eq 0 ]
packages need
check 'need without a group: usage' [ "$status" -eq 64 ]
exit $failed
