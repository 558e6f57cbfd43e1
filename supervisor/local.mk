# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libsupervisor.a
libsupervisor_a_SOURCES = \
	supervisor/act.c supervisor/act.h \
	supervisor/ask.c supervisor/ask.h \
	supervisor/audit.c supervisor/audit.h \
	supervisor/broker.c supervisor/broker.h \
	supervisor/buffers.c supervisor/buffers.h \
	supervisor/burden.c supervisor/burden.h \
	supervisor/call.c supervisor/call.h \
	supervisor/census.c supervisor/census.h \
	supervisor/change.c supervisor/change.h \
	supervisor/decide.c supervisor/decide.h \
	supervisor/decode.c supervisor/decode.h \
	supervisor/ending.c supervisor/ending.h \
	supervisor/fatal.c supervisor/fatal.h \
	supervisor/fallback.c supervisor/fallback.h \
	supervisor/format.c \
	supervisor/futex_wake.c supervisor/futex_wake.h \
	supervisor/ground.h \
	supervisor/handlers/exec.c \
	supervisor/handlers/rights.c \
	supervisor/own_names.c supervisor/own_names.h \
	supervisor/handlers/address.c supervisor/handlers/address.h \
	supervisor/handlers/messages.c \
	supervisor/handlers/net.c \
	supervisor/handlers/path_change.c \
	supervisor/handlers/descriptors.c \
	supervisor/handlers/effects.c \
	supervisor/handlers/files.c \
	supervisor/handlers/futex.c \
	supervisor/handlers/handlers.c supervisor/handlers/handlers.h \
	supervisor/handlers/listing.c supervisor/handlers/listing.h \
	supervisor/handlers/lock.c \
	supervisor/handlers/look_up.h \
	supervisor/handlers/own_file.c supervisor/handlers/own_file.h \
	supervisor/handlers/process.c \
	supervisor/handlers/shared.c \
	supervisor/handlers/tty.c \
	supervisor/handlers/vsyscall.c \
	supervisor/handlers/write.c \
	supervisor/handover.c supervisor/handover.h \
	supervisor/handed.c supervisor/handed.h \
	supervisor/held.c supervisor/held.h \
	supervisor/ledger.c supervisor/ledger.h \
	supervisor/lend.c supervisor/lend.h \
	supervisor/lent_frame.c supervisor/lent_frame.h \
	supervisor/limits.c supervisor/limits.h \
	supervisor/meant.c supervisor/meant.h \
	supervisor/memory.c supervisor/memory.h \
	supervisor/meter.c supervisor/meter.h \
	supervisor/modules.c supervisor/modules.h \
	supervisor/note.c supervisor/note.h \
	supervisor/output.c supervisor/output.h \
	supervisor/placement.c supervisor/placement.h \
	supervisor/plan.c supervisor/plan.h \
	supervisor/policy_facts.c supervisor/policy_facts.h \
	supervisor/printed.c supervisor/printed.h \
	supervisor/profile.c supervisor/profile.h \
	supervisor/question.c supervisor/question.h \
	supervisor/raised.c supervisor/raised.h \
	supervisor/refusals.c supervisor/refusals.h \
	supervisor/resolve.c supervisor/resolve.h \
	supervisor/run.c supervisor/run.h \
	supervisor/shadow.c supervisor/shadow.h \
	supervisor/shorten.c supervisor/shorten.h \
	supervisor/shared_memory.c supervisor/shared_memory.h \
	supervisor/signals.c supervisor/signals.h \
	supervisor/source.c supervisor/source.h \
	supervisor/stacks.c supervisor/stacks.h \
	supervisor/standing.c supervisor/standing.h \
	supervisor/start.c \
	supervisor/stops.c \
	supervisor/surroundings.c supervisor/surroundings.h \
	supervisor/tally.c supervisor/tally.h \
	supervisor/tasks.c supervisor/tasks.h \
	supervisor/terminal.c supervisor/terminal.h \
	supervisor/uncaught.c supervisor/uncaught.h \
	supervisor/verdict.c supervisor/verdict.h \
	supervisor/view.h \
	supervisor/where.c supervisor/where.h \
	supervisor/live.c supervisor/live.h
