/* SPDX-License-Identifier: Apache-2.0 */
#include "words/compile_error.h"

#include "base/util.h"

/* Is A the file B, which is absolute? A relative name starts where the program ran. */
static bool same_file(const char *a, const char *b, const char *directory)
{
	size_t n;

	if (!a || !b)
		return false;
	if (*a == '/' || !directory)
		return streq(a, b);
	n = strlen(directory);
	return strncmp(b, directory, n) == 0 && b[n] == '/' && streq(b + n + 1, a);
}

bool cause_is_compile_error(const struct exception_facts *x, const struct cause_surroundings *around)
{
	/* Nothing of the program ran: the interpreter itself read its file. */
	return exception_is(x, "SyntaxError") && !x->file && x->n_frames == 0 &&
	       (!around->script || !x->filename || same_file(x->filename, around->script, around->working_directory));
}
