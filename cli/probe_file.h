/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the places in an interpreter's file that handle an exception which ends the program (tracee/probe.h). That
 * takes some milliseconds, so the result is cached for the next run, if possible, in $XDG_CACHE_HOME/proctor or
 * ~/.cache/proctor: small files of mode 0600, limited in number, each with the identity of the file that it describes.
 * A cached result is only used after it has been checked against the interpreter's own bytes.
 */
#ifndef PROCTOR_CLI_PROBE_FILE_H
#define PROCTOR_CLI_PROBE_FILE_H

#include "policy/interpreter.h"
#include "supervisor/uncaught.h"

struct probe_file {
	struct probe probe;
	char *path; /* owned */
	struct interpreter_probe file; /* borrows from the others; `probe` is NULL if there is nothing to look for */
};

/*
 * For INTERPRETER run as ARGV; LIBRARY_PATH: LD_LIBRARY_PATH of the program, or NULL. Never fails: there is no probe
 * for a Python that reads commands from a terminal, or goes on to read some, because no exception ends it; nor for an
 * interpreter other than CPython. RET_FILE must not be moved; the caller frees with probe_file_fini().
 */
void probe_file_find(const struct interpreter *interpreter, char *const *argv, const char *library_path,
		     struct probe_file *ret_file);
void probe_file_fini(struct probe_file *file);

#endif
