/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in an interpreter's file it asks whether an exception is the end (tracee/probe.h). To find that takes some
 * milliseconds, so it is kept for the next run, in $XDG_CACHE_HOME/proctor or ~/.cache/proctor, if that can be: small
 * files of 0600, of a bounded number, each with the identity of the file it is about. What is kept there is believed
 * no further than the interpreter's own bytes agree, each time.
 */
#ifndef PROCTOR_CLI_PROBE_FILE_H
#define PROCTOR_CLI_PROBE_FILE_H

#include "policy/interpreter.h"
#include "supervisor/uncaught.h"

struct probe_file {
	struct probe probe;
	char *path; /* owned */
	struct interpreter_probe file; /* borrows from the others; its probe is NULL where there is nothing to look for */
};

/*
 * For INTERPRETER run as ARGV; LIBRARY_PATH: LD_LIBRARY_PATH of the program, or NULL. Never fails: a Python that reads
 * commands from a terminal, or goes on reading them, is not ended by an exception; nor is what is no CPython. RET_FILE
 * must not be moved; the caller frees with probe_file_fini().
 */
void probe_file_find(const struct interpreter *interpreter, char *const *argv, const char *library_path,
		     struct probe_file *ret_file);
void probe_file_fini(struct probe_file *file);

#endif
