/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions that the interpreter's own library asks for itself: platform.platform() starts uname for the processor's
 * name, ctypes.util.find_library() starts ldconfig and ld, getpass.getuser() opens /etc/passwd, socket.getfqdn() looks
 * for the host's name; and what installed libraries ask when they are imported or first used: urllib3 whether there is
 * IPv6, matplotlib for more fonts, uvloop for io_uring, polars for its share of the machine. Each is refused like any
 * other call, recorded with its stack, and survived: a program that calls these functions has attempted nothing, so the
 * call counts as a look. So does the opening of a file in the working directory that has a name as CPython gives it to
 * code without a file, <string>: nobody has such files. So does the listing of the program's own directory, and of the one
 * that it was started in, by the import system, which looks for modules there whatever is imported.
 *
 * A program under a policy of its own, which need not have what builtin:python has, asks for its locale before its first
 * line: that is the C library's question, which does without an answer. These are files of the system that are the same
 * for everybody; a line of Python that opens one has attempted it.
 *
 * The frames tell who asks, and the program can forge them. It can make one of the calls that are named here, its own
 * start of a process among them, look like such a question; that is refused and recorded all the same, and no
 * other call is ever taken for one.
 */
#ifndef PROCTOR_SUPERVISOR_QUESTION_H
#define PROCTOR_SUPERVISOR_QUESTION_H

#include <stdbool.h>

#include "supervisor/call.h"
#include "tracee/stack.h"

/* Is CALL, which is refused and was made with STACK (NULL: none was read), such a question? LIBRARY as for
 * record_is_library(); SUBMISSION: the program's directory, or NULL. */
bool question_is_the_librarys(const struct call *call, const struct stack *stack, const char *const *library,
			      const char *submission);
/* Is CALL, which is refused to a program under POLICY, such a question for a locale or a time zone? STACK as above. */
bool question_is_of_locale(const struct call *call, const struct stack *stack, const struct policy *policy);

#endif
