dnl SPDX-License-Identifier: Apache-2.0
dnl PROCTOR_WITH_LIBUNWIND: steps native stacks by DWARF call frame information. Loaded when the
dnl first native stack is asked for (tracee/native/stepper.h), so only its header is needed here.
AC_DEFUN([PROCTOR_WITH_LIBUNWIND], [
	PKG_CHECK_MODULES([UNWIND], [libunwind-generic], [],
		[AC_MSG_ERROR([libunwind-generic was not found: install Debian's libunwind-dev])])
	AC_CHECK_LIB([unwind-x86_64], [_Ux86_64_dwarf_search_unwind_table], [],
		[AC_MSG_ERROR([libunwind-x86_64 was not found: install Debian's libunwind-dev])], [-lunwind])
	LIBS=
	AC_DEFINE([LIBUNWIND_SONAME], ["libunwind-x86_64.so.8"], [libunwind's remote x86-64 library])
	UNWIND_LIBS=
])
