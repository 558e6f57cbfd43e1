dnl SPDX-License-Identifier: Apache-2.0
dnl PROCTOR_WITH_LIBYAML: reads policies, keeping the line and column of every rule.
AC_DEFUN([PROCTOR_WITH_LIBYAML], [
	PKG_CHECK_MODULES([YAML], [yaml-0.1 >= 0.2], [],
		[AC_MSG_ERROR([yaml-0.1 >= 0.2 was not found: install Debian's libyaml-dev])])
])
