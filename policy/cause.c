/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/cause.h"

#include "policy/cause_text.h"
#include "policy/words.h"

/* "ValueError: the message (solve.py:12)." */
static void tell_generic(struct teller *t)
{
	tell_exception(t, t->x);
	tell_place(t);
	tell(t, ".");
}

void cause_words(const struct exception_facts *exception, const struct cause_surroundings *around,
		 struct buf *student, struct buf *staff)
{
	struct teller to_student = { exception, around, true, student },
		      to_staff = { exception, around, false, staff };

	if (student)
		tell_generic(&to_student);
	if (staff)
		tell_generic(&to_staff);
}

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
	       (!around->script || same_file(x->filename, around->script, around->working_directory));
}
