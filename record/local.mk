# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += librecord.a
librecord_a_SOURCES = \
	record/call.c record/call.h \
	record/interner.c record/interner.h \
	record/recorder.c record/recorder.h \
	record/run.c record/run.h \
	record/signal.c record/signal.h \
	record/stack.c record/stack.h
