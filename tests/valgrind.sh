#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs one unit test under valgrind, in one process (Check's own would hide leaks).
# 99 would be automake's word for a test that could not be run.
CK_FORK=no UNDER_VALGRIND=1
export CK_FORK UNDER_VALGRIND
case $1 in
# Their other case reads files by openat2(2), which Debian 12's valgrind does not know.
*/check_record) CK_RUN_CASE=record && export CK_RUN_CASE ;;
*/check_explain) CK_RUN_CASE=logs && export CK_RUN_CASE ;;
esac
exec valgrind -q --error-exitcode=98 --leak-check=full --show-leak-kinds=definite \
	--errors-for-leak-kinds=definite "$@"
