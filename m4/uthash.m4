dnl SPDX-License-Identifier: Apache-2.0
dnl PROCTOR_WITH_UTHASH: hash tables keyed by thread id; a header, nothing to link.
AC_DEFUN([PROCTOR_WITH_UTHASH], [
	AC_CHECK_HEADER([uthash.h], [],
		[AC_MSG_ERROR([uthash.h was not found: install Debian's uthash-dev])])
])
