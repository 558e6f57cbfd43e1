# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libsupervisor.a
libsupervisor_a_SOURCES = \
	supervisor/act.c \
	supervisor/audit.c \
	supervisor/broker.c supervisor/broker.h \
	supervisor/burden.c supervisor/burden.h \
	supervisor/buffers.c supervisor/buffers.h \
	supervisor/call.c supervisor/call.h \
	supervisor/decode.c supervisor/decode.h \
	supervisor/descriptors.c \
	supervisor/ending.c supervisor/ending.h \
	supervisor/effects.c \
	supervisor/files.c \
	supervisor/format.c \
	supervisor/futex.c supervisor/futex.h \
	supervisor/handover.c \
	supervisor/limits.c supervisor/limits.h \
	supervisor/output.c supervisor/output.h \
	supervisor/limits.c \
	supervisor/listing.c supervisor/listing.h \
	supervisor/placement.c \
	supervisor/policy_facts.c supervisor/policy_facts.h \
	supervisor/process.c \
	supervisor/record.c supervisor/record_stack.c supervisor/record_stack.h supervisor/record.h \
	supervisor/resolve.c supervisor/resolve.h \
	supervisor/signals.c supervisor/signals.h \
	supervisor/source.c supervisor/source.h \
	supervisor/stacks.c supervisor/stacks.h \
	supervisor/start.c \
	supervisor/state.h \
	supervisor/stops.c \
	supervisor/tally.c supervisor/tally.h \
	supervisor/tasks.c supervisor/tasks.h \
	supervisor/verdict.c supervisor/verdict.h \
	$(LIVE_SOURCES)
