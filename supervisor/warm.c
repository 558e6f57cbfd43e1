/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/warm.h"

#include "base/json.h"

enum { MODULE_MAX = 256 }; /* of a name, in bytes */

void warm_format(const struct warm_told *told, struct buf *out)
{
	size_t i;

	if (!told->asked)
		return;
	json_open(out, "warm");
	json_put_word(out, "mode", told->why_cold ? "cold" : "exact");
	if (told->why_cold) {
		json_put_text(out, "why", told->why_cold);
	} else {
		json_open_list(out, "preload");
		for (i = 0; told->preload[i]; i++)
			json_put_item_cut(out, told->preload[i], MODULE_MAX);
		json_close_list(out);
		json_put_u64(out, "age_ns", told->age_ns);
		json_put_u64(out, "runs", told->runs);
	}
	json_close(out);
}
