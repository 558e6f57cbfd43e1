#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make uninstall` takes away what `make install` brought, and nothing else.
set -u
cd "${top_builddir:-.}" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0

expect()
{
	if [ -z "$2" ]; then
		echo "ok   $1"
	else
		printf 'FAIL %s:\n%s\n' "$1" "$2"
		failed=1
	fi
}

run()
{
	make -s "$1" DESTDIR="$dir" prefix=/usr >"$dir.log" 2>&1 || {
		echo "FAIL make $1"
		cat "$dir.log"
		failed=1
	}
	rm -f "$dir.log"
}

mkdir -p "$dir/usr/share/zsh/site-functions"
touch "$dir/usr/share/zsh/site-functions/_other"
run install
for file in bin/proctor share/man/man1/proctor.1 share/proctor/policies/pure.yaml \
	share/bash-completion/completions/proctor share/zsh/site-functions/_proctor \
	share/fish/vendor_completions.d/proctor.fish; do
	[ -f "$dir/usr/$file" ] || expect "make install brings $file" "it is not there"
done
run uninstall
expect 'make uninstall leaves no file' "$(find "$dir" ! -type d ! -name _other)"
expect 'and no directory of its own' "$(find "$dir" -name '*proctor*' -o -name completions -o -name vendor_completions.d)"
[ -f "$dir/usr/share/zsh/site-functions/_other" ] || expect "other programs' files stay" 'one is gone'
exit $failed
