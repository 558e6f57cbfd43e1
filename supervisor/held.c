/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/held.h"

#include "base/json.h"
#include "record/stack.h"

/* Was the object at ADDRESS told already, by another name? */
static bool is_told(const uint64_t *told, size_t n, uint64_t address)
{
	for (size_t i = 0; i < n; i++)
		if (told[i] == address)
			return true;
	return false;
}

void held_take(struct held *held, struct python_held *found, const char *const *library)
{
	uint64_t told[HELD_TOLD] = { 0 };

	held_fini(held);
	held->found = found;
	for (size_t i = 0; found && i < found->n && held->n < HELD_TOLD; i++) {
		const struct held_facts *object = &found->object[i];

		if (record_is_library(object->file, library) || after_prefix(object->name, "__") ||
		    is_told(told, held->n, found->address[i]))
			continue;
		told[held->n] = found->address[i];
		held->object[held->n++] = *object;
	}
}

void held_fini(struct held *held)
{
	stack_held_free(held->found);
	*held = (struct held){ 0 };
}

static void format_one(const struct held_facts *object, struct buf *out)
{
	json_open(out, NULL);
	json_put_text(out, "name", object->name);
	json_put_text(out, "type", object->type);
	if (object->bytes)
		json_put_u64(out, "bytes", object->bytes);
	else
		json_put_u64(out, "items", object->items);
	json_put_text(out, "file", object->file);
	json_put_u64(out, "line", object->line);
	json_put_text(out, "function", object->function);
	if (object->global)
		json_put_bool(out, "global", true);
	json_close(out);
}

void held_format(const struct held *held, struct buf *out)
{
	if (!held->n)
		return;
	json_open_list(out, "held");
	for (size_t i = 0; i < held->n; i++)
		format_one(&held->object[i], out);
	json_close_list(out);
}
