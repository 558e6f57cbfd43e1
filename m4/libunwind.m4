dnl SPDX-License-Identifier: Apache-2.0
dnl PROCTOR_WITH_LIBUNWIND: steps native stacks by DWARF call frame information.
AC_DEFUN([PROCTOR_WITH_LIBUNWIND], [
	PKG_CHECK_MODULES([UNWIND], [libunwind-generic], [],
		[AC_MSG_ERROR([libunwind-generic was not found: install Debian's libunwind-dev])])
])
