/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The submission's own modules: each file of source (.py) or byte code (.pyc) beneath its directory that the program
 * opened for reading, with the digest of what the file held then, for the member "modules" of the log's summary.
 *
 * The bytes are read through the descriptor that the path was resolved to, from a regular file. Where the program may
 * write to its own directory, a file can change while it is read or after that; a file that is opened again after a
 * change is told again. Bounded: MODULES_MAX of them, the size of one, of all that is read, and of their names; others
 * are counted.
 */
#ifndef PROCTOR_SUPERVISOR_MODULES_H
#define PROCTOR_SUPERVISOR_MODULES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "supervisor/call.h"

enum {
	MODULES_MAX = 256,
	MODULES_MAX_FILE = 1 << 20,
	MODULES_MAX_READ = 4 << 20, /* bytes, in one run */
	MODULES_MAX_NAMES = 24 * 1024,
};

struct module;

struct modules {
	const char *submission; /* borrowed; NULL: nothing is taken */
	struct module *modules;
	size_t n, cap, names;
	uint64_t read, left_out;
};

/* SUBMISSION: the program's directory, canonical, or NULL. */
void modules_init(struct modules *modules, const char *submission);
void modules_fini(struct modules *modules);

/* CALL, whose path RESOLVER has resolved, has returned: if it opened a module, takes it. */
void modules_take(struct modules *modules, const struct resolver *resolver, struct call *call);
/* That member; nothing where there is none. */
void modules_format(const struct modules *modules, struct buf *out);

#endif
