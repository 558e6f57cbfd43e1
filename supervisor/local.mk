# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libsupervisor.a
libsupervisor_a_SOURCES = supervisor/act.c supervisor/act.h supervisor/broker.c supervisor/broker.h \
	supervisor/decode.c supervisor/decode.h supervisor/limits.c supervisor/limits.h \
	supervisor/record.c supervisor/record.h supervisor/resolve.c supervisor/resolve.h \
	supervisor/verdict.c supervisor/verdict.h $(LIVE_SOURCES)
