dnl SPDX-License-Identifier: Apache-2.0
dnl PROCTOR_COMPILER_FLAGS: warnings, hardening and the optional sanitizers. Sets WARN_CFLAGS,
dnl HARDEN_CFLAGS and HARDEN_LDFLAGS.
AC_DEFUN([PROCTOR_COMPILER_FLAGS], [
	AC_ARG_ENABLE([werror],
		[AS_HELP_STRING([--enable-werror], [treat warnings as errors])],
		[], [enable_werror=no])
	AC_ARG_ENABLE([sanitizers],
		[AS_HELP_STRING([--enable-sanitizers], [build with AddressSanitizer and UBSan])],
		[], [enable_sanitizers=no])
	AC_ARG_ENABLE([coverage],
		[AS_HELP_STRING([--enable-coverage], [instrument for gcov])],
		[], [enable_coverage=no])
	AC_ARG_ENABLE([analyzer],
		[AS_HELP_STRING([--enable-analyzer], [run gcc's -fanalyzer while compiling])],
		[], [enable_analyzer=no])
	AX_APPEND_COMPILE_FLAGS([-std=gnu17 -Wall -Wextra -Wshadow -Wformat=2 -Wmissing-prototypes dnl
		-Wstrict-prototypes -Wimplicit-fallthrough -Wconversion -Wpointer-arith -Wvla], [WARN_CFLAGS],
		[-Werror])
	AS_IF([test "x$enable_werror" = xyes], [AX_APPEND_FLAG([-Werror], [WARN_CFLAGS])])
	AS_IF([test "x$enable_analyzer" = xyes], [AX_APPEND_FLAG([-fanalyzer], [WARN_CFLAGS])])
	AS_IF([test "x$enable_sanitizers" = xyes], [
		HARDEN_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
		HARDEN_LDFLAGS="-fsanitize=address,undefined"
	], [
		AX_APPEND_COMPILE_FLAGS([-fPIE -fstack-protector-strong -fstack-clash-protection dnl
			-fcf-protection], [HARDEN_CFLAGS], [-Werror])
		AS_CASE([" $CFLAGS "], [*" -O0 "*], [],
			[AX_APPEND_FLAG([-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2], [HARDEN_CFLAGS])])
		AX_APPEND_LINK_FLAGS([-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed],
			[HARDEN_LDFLAGS], [-Werror])
	])
	AS_IF([test "x$enable_coverage" = xyes], [
		HARDEN_CFLAGS="$HARDEN_CFLAGS --coverage"
		HARDEN_LDFLAGS="$HARDEN_LDFLAGS --coverage"
	])
	AC_SUBST([WARN_CFLAGS])
	AC_SUBST([HARDEN_CFLAGS])
	AC_SUBST([HARDEN_LDFLAGS])
])
