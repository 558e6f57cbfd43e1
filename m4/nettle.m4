dnl SPDX-License-Identifier: Apache-2.0
dnl PROCTOR_WITH_NETTLE: SHA-256 of policies, scripts and logs. Its library of public keys, libhogweed, is loaded
dnl when a log or a verdict is signed, or looked at by a key (base/signing.h), so only its header is needed here.
AC_DEFUN([PROCTOR_WITH_NETTLE], [
	PKG_CHECK_MODULES([NETTLE], [nettle >= 3.4], [],
		[AC_MSG_ERROR([nettle >= 3.4 was not found: install Debian's nettle-dev])])
	AC_CHECK_LIB([hogweed], [nettle_ed25519_sha512_sign], [],
		[AC_MSG_ERROR([libhogweed was not found: install Debian's nettle-dev])], [-lgmp -lnettle])
	LIBS=
	AC_DEFINE([HOGWEED_SONAME], ["libhogweed.so.6"], [nettle's library of public keys])
])
