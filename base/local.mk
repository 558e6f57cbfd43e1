# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = base/buf.c base/buf.h base/complain.c base/cores.h base/digest.c base/digest.h base/edit.c base/edit.h base/escape.c \
	base/escape.h base/exception.c base/exception.h base/held.h base/json.c base/json.h base/meant.c base/meant.h \
	base/names.c base/names.h base/signing.c base/signing.h base/subject.c base/subject.h base/text.c base/text.h base/util.c base/util.h
