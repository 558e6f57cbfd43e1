/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/native/abort_message.h"

#include <stdlib.h>

#include "base/util.h"

/* struct abort_msg_s: the size of its mapping, then the text. */
enum { TEXT = 4 };

static bool is_libc(const struct module *module)
{
	const char *slash = strrchr(module->path, '/');

	return slash && module->executable && (after_prefix(slash + 1, "libc.so.") || after_prefix(slash + 1, "libc-2."));
}

/* The text at ADDRESS as far as it can be read. */
static char *read_text(struct pages *pages, uint64_t address)
{
	char text[ABORT_MESSAGE];
	size_t n = 0;

	/* Byte by byte: what follows may not be mapped. */
	while (n < sizeof text - 1 && pages_read(pages, address + n, text + n, 1) == 0 && text[n])
		n++;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return text[0] ? xstrdup(text) : NULL;
}

char *abort_message(struct maps *maps, pid_t tid)
{
	struct pages *pages = maps->cache->pages;

	if (maps_load(maps, tid) < 0)
		return NULL;
	for (size_t i = 0; i < maps->n; i++) {
		struct image *image = is_libc(maps->module[i]) ? module_image(maps->module[i], maps->cache, tid) : NULL;
		uint64_t at, message;

		if (image && image_symbol(image, "__abort_msg", &at, NULL) == 0 && pages_word(pages, at, &message) == 0)
			return pages_plausible(message) ? read_text(pages, message + TEXT) : NULL;
	}
	return NULL;
}
