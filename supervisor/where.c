/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/where.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/util.h"
#include "record/stack.h"

void where_fini(struct where *where)
{
	free(where->file);
	free(where->function);
	*where = (struct where){ 0 };
}

void where_take(struct where *where, const struct stack *stack, const char *const *library)
{
	const struct python_frame *frame = record_user_frame(stack, library);

	where_fini(where);
	if (!frame)
		return;
	where->file = xstrdup(frame->file);
	where->function = xstrdup(frame->function);
	where->line = frame->line > 0 ? (uint64_t)frame->line : 0;
}

void where_format(const struct where *where, struct buf *out)
{
	if (!where->file)
		return;
	json_put_text(out, "file", where->file);
	if (where->line)
		json_put_u64(out, "line", where->line);
	json_put_text(out, "function", where->function);
}
