/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/native/spawn_words.h"

#include <errno.h>

#include "base/util.h"

/* struct posix_spawn_args: a signal set, 8 bytes since glibc 2.32 and 128 before, then these words. */
enum { FILE_NAME, FUNCTION, ACTIONS, ATTRIBUTES, ARGUMENTS, COUNT, WORDS };
static const uint32_t sets[] = { 8, 128 };

/* The text at ADDRESS, in the word number N. False: there is none. */
static bool read_word(struct pages *pages, uint64_t address, struct stack_words *words)
{
	char *to = words->word[words->n];
	size_t n = 0;

	if (address < PAGES_SIZE || address >= ABI_ADDRESS_END)
		return false;
	/* Byte by byte: what follows may not be mapped. */
	while (n < STACK_WORD - 1) {
		if (pages_read(pages, address + n, to + n, 1) < 0)
			return false;
		if (!to[n])
			break;
		n++;
	}
	words->cut |= n == STACK_WORD - 1;
	to[n] = '\0';
	words->n++;
	return true;
}

static bool read_arguments(struct pages *pages, uint64_t at, uint64_t count, struct stack_words *ret)
{
	uint64_t word;

	/* The list ends where the count says, which includes its end. */
	if (count < 2 || count > 1 << 20 || !pages_plausible(at) || pages_word(pages, at + 8 * --count, &word) < 0 || word)
		return false;
	for (uint64_t i = 0; i < count && ret->n < STACK_WORDS; i++)
		if (pages_word(pages, at + 8 * i, &word) < 0 || !read_word(pages, word, ret))
			return false;
	ret->cut |= count > ret->n;
	return true;
}

static bool read_all(struct pages *pages, uint64_t at, struct stack_words *arguments, struct stack_words *file)
{
	uint64_t word[WORDS];

	arguments->n = file->n = 0;
	arguments->cut = file->cut = false;
	return pages_read(pages, at, word, sizeof word) == 0 && pages_plausible(word[ATTRIBUTES]) &&
	       read_word(pages, word[FILE_NAME], file) && file->word[0][0] &&
	       read_arguments(pages, word[ARGUMENTS], word[COUNT], arguments);
}

int spawn_words(struct pages *pages, uint64_t child_stack, struct stack_words *ret_arguments, struct stack_words *ret_file)
{
	uint64_t at;

	/* The function that the child is to call, and its argument. */
	if (!pages_plausible(child_stack) || pages_word(pages, child_stack + 8, &at) < 0 || !pages_plausible(at))
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		if (read_all(pages, at + sets[i], ret_arguments, ret_file))
			return 0;
	return -ENOENT;
}
