/* SPDX-License-Identifier: Apache-2.0 */
#include "record/signal.h"

#include <time.h>

#include "base/json.h"
#include "base/names.h"
#include "base/util.h"

static void put_origin(const struct record_signal *signal, struct buf *out)
{
	if (signal->origin == ORIGIN_UNKNOWN)
		return;
	json_put_i64(out, "code", signal->code);
	if (signal->origin == ORIGIN_SENDER) {
		json_put_i64(out, "sender", signal->sender);
	} else if (signal->origin == ORIGIN_ADDRESS) {
		json_key(out, "address");
		buf_putc(out, '"');
		buf_hex(out, signal->address);
		buf_putc(out, '"');
	}
}

uint64_t record_signal(struct recorder *recorder, const struct record_signal *signal, const struct stack *stack,
		       const char *const *library, const struct stack_source *source)
{
	const struct record record = record_open(recorder, "signal", clock_ns(CLOCK_REALTIME));
	struct buf *out = record.out;

	json_open(out, "event");
	json_put_u64(out, "sequence", record.sequence);
	if (recorder_is_ecs(recorder))
		record_put_category("event", "process", "info", false, out);
	json_put_word(out, "action", signal_name(signal->number));
	json_close(out);
	if (!recorder_is_ecs(recorder))
		record_put_run(recorder, out);
	record_put_process(&signal->process, out);
	record_open_own(recorder, out);
	if (recorder_is_ecs(recorder))
		record_put_run(recorder, out);
	json_open(out, "signal");
	json_put_i64(out, "number", signal->number);
	json_put_word(out, "name", signal_name(signal->number));
	put_origin(signal, out);
	if (signal->overflow)
		json_put_bool(out, "overflow", true);
	json_close(out);
	json_put_bool(out, "fatal", signal->fatal);
	record_put_stack_members(stack, library, source, out);
	record_close_own(recorder, out);
	return record_commit(recorder, &record, false);
}
