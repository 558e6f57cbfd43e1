#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes C source that holds files: embed.sh NAME FILE [NAME FILE]... As bytes, because a string of C has
# a length that compilers need not take.
set -eu
echo '/* SPDX-License-Identifier: Apache-2.0 */'
echo '/* Made by report/html/embed.sh. */'
echo '#include "report/html/assets.h"'
while [ $# -gt 1 ]; do
	echo "static const char $1_text[] = {"
	od -A n -v -t d1 "$2" | sed 's/  */,/g; s/^,//; s/$/,/'
	echo '0};'
	echo "const struct asset asset_$1 = { $1_text, sizeof $1_text - 1 };"
	shift 2
done
