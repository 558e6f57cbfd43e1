dnl SPDX-License-Identifier: Apache-2.0
dnl PROCTOR_WITH_CHECK: the unit-test framework; only `make check` needs it.
AC_DEFUN([PROCTOR_WITH_CHECK], [
	PKG_CHECK_MODULES([CHECK], [check >= 0.12], [have_check=yes], [have_check=no])
	AM_CONDITIONAL([HAVE_CHECK], [test "x$have_check" = xyes])
])
