dnl SPDX-License-Identifier: Apache-2.0
dnl PROCTOR_WITH_NETTLE: SHA-256 of policies, scripts and logs.
AC_DEFUN([PROCTOR_WITH_NETTLE], [
	PKG_CHECK_MODULES([NETTLE], [nettle >= 3.4], [],
		[AC_MSG_ERROR([nettle >= 3.4 was not found: install Debian's nettle-dev])])
])
