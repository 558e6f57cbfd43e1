/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of the submission's source. The file names in a log are the program's own claim: compile()
 * takes any name, so a program could name a private file of whoever reads the log and have a line
 * of it shown. Therefore only regular files beneath the submission's directory are read, through
 * no symlink, and only those that are known to be what ran.
 */
#ifndef PROCTOR_REPORT_SOURCE_H
#define PROCTOR_REPORT_SOURCE_H

#include "report/run_info.h"

enum source_state {
	SOURCE_SHOWN,
	SOURCE_ABSENT,	/* no such file or line, not readable, or not beneath the submission */
	SOURCE_CHANGED, /* the file has changed since it ran, or that cannot be told */
};

/* The file that was read last. All zero at first; release with source_fini(). */
struct source {
	char *file;
	char *text; /* NULL: not to be shown */
	size_t len;
	enum source_state state;
};
void source_fini(struct source *source);

/* Appends line LINE of FILE, raw and without newline, when the answer is SOURCE_SHOWN. */
enum source_state source_line(struct source *source, const struct run_info *run, const char *file,
			      uint64_t line, struct buf *out);

#endif
