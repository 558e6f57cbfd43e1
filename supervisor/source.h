/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of the submission's source, for the records of refusals.
 *
 * The file name in a frame is the program's own claim: compile() takes any name. So a line is read only as the program
 * could have read it itself: its path is resolved beneath the grants, the policy is asked for reading, and the file is
 * opened as the run's user. It is read only beneath the submission's directory, because it is shown to the person who
 * handed that in, and only from a regular file, through the descriptor that was resolved. The digest of the file goes
 * with the line: the file may have changed since it was compiled.
 *
 * Bounded: the length of a line, of a file, of all that one run makes proctor read, and of the walk to a file.
 */
#ifndef PROCTOR_SUPERVISOR_SOURCE_H
#define PROCTOR_SUPERVISOR_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/exception.h"
#include "policy/policy.h"
#include "record/stack.h"
#include "supervisor/resolve.h"
#include "tracee/stack.h"

enum {
	SOURCE_MAX_FILE = 1 << 20,  /* longer files have no source */
	SOURCE_MAX_READ = 16 << 20, /* bytes read in one run; after that only files still in memory */
	SOURCE_MAX_KEPT = 4,	    /* files */
	SOURCE_MAX_UPS = 8,	    /* ".." in a name */
};

struct source;

/*
 * For a program whose first process is PID and whose script lies in SUBMISSION; its descriptors from RESERVED_FD on
 * are the supervisor's. All is borrowed. Relative names start at proctor's working directory of this moment. Never
 * NULL; free with source_free().
 */
struct source *source_new(const struct policy *policy, struct resolver *resolver, const char *submission,
			  pid_t pid, int reserved_fd);
void source_free(struct source *source);

/* The program is no file: frames call it NAME ("<string>" of -c, "<stdin>"), and its text is TEXT, which is copied. */
void source_give(struct source *source, const char *name, const struct buf *text);

/*
 * The line that frame number I of STACK is at: by source_line(), or from the text that was given. Code that exec() or
 * a library makes is called "<string>" too: a frame is taken to be of -c only if the text defines its function at its
 * line or before, and a module's only if it is the outermost frame. SOURCE may be NULL: false.
 */
bool source_frame(struct source *source, const struct stack *stack, size_t i, struct source_line *ret_line);

/* The line that EXCEPTION came from (file, line and function of its facts), likewise. */
bool source_exception(struct source *source, const struct exception_facts *exception, struct source_line *ret_line);

/*
 * Line LINE, from 1, of FILE. False when there is none that the program may read. The texts live until
 * the next call. SOURCE may be NULL: false.
 */
bool source_line(struct source *source, const char *file, int line, struct source_line *ret_line);

/* The bytes of the regular file that PATH_FD is open on and ST tells of; the caller frees. NULL when it may not be read
 * or is changing. */
char *source_read(int path_fd, const struct stat *st);
/* Is it one file, unchanged? By ctime, which is the kernel's: mtime and size can be put back after a change. */
bool source_is_same(const struct stat *a, const struct stat *b);

#endif
