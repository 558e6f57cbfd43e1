dnl SPDX-License-Identifier: Apache-2.0
dnl PROCTOR_WITH_JANSSON: reads logs; each line of a log is one JSON document.
AC_DEFUN([PROCTOR_WITH_JANSSON], [
	PKG_CHECK_MODULES([JANSSON], [jansson >= 2.10], [],
		[AC_MSG_ERROR([jansson >= 2.10 was not found: install Debian's libjansson-dev])])
])
