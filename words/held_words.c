/* SPDX-License-Identifier: Apache-2.0 */
#include "words/held_words.h"

#include "base/text.h"
#include "words/cause_text.h"

void held_words(const struct held_facts *object, const struct cause_surroundings *around, bool student, struct buf *out)
{
	struct teller t = { NULL, around, student, out };
	const char *dot = strrchr(object->type, '.');

	say(&t, "the ");
	tell_message(&t, dot && dot[1] ? dot + 1 : object->type, TELL_NAME);
	say(&t, " ");
	tell_name(&t, object->name);
	say(&t, " held ");
	if (object->bytes) {
		text_size(out, object->bytes);
	} else {
		text_count(out, object->items);
		tell_text(&t, object->items == 1 ? " item" : " items");
	}
	tell_place_of(&t, object->file, object->line, object->function);
}
