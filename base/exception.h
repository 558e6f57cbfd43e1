/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exception that ended a program, as data: read out of the program (tracee/python/), or out of a log
 * (report/), and put into words by words/cause.h. Pure; all texts are borrowed, were chosen by
 * the program, hold any bytes and are at most EXCEPTION_TEXT long: escape on output.
 */
#ifndef PROCTOR_BASE_EXCEPTION_H
#define PROCTOR_BASE_EXCEPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	EXCEPTION_TEXT = 1024, /* bytes of one text */
	EXCEPTION_BASES = 16,
	EXCEPTION_FRAMES = 64,
	EXCEPTION_NOTES = 8,
	EXCEPTION_CHAIN = 8,  /* __cause__ and __context__, the nearest first */
	EXCEPTION_GROUP = 16, /* of an ExceptionGroup */
};

struct exception_frame {
	const char *file;     /* as the code object has it: absolute, relative, "<string>", "<stdin>" */
	const char *function; /* "load", "<module>" */
	uint64_t line;	      /* 0: unknown */
};

/* How it came to be linked to the one before it. */
enum exception_link { EXCEPTION_LINK_NONE, EXCEPTION_LINK_CAUSE, EXCEPTION_LINK_CONTEXT };

/* NULL and 0 mean unknown or none, if nothing else is said. */
struct exception_facts {
	const char *type;	   /* __qualname__ of its class: "FileNotFoundError" */
	const char *module;	   /* __module__ of its class: "builtins", "__main__", "requests.exceptions" */
	const char *const *bases;  /* the class and its bases along the MRO down to Exception, those of builtins
				    * bare, others with their module: "urllib.error.URLError", "OSError" */
	size_t n_bases;
	const char *message;	   /* what str() would give */
	int error;		   /* OSError.errno */
	const char *filename;	   /* OSError.filename, SyntaxError.filename, as text */
	const char *name;	   /* of ImportError, NameError, AttributeError */
	uint64_t lineno;	   /* SyntaxError.lineno */
	const char *text;	   /* SyntaxError.text: the line that could not be read */
	bool has_status;	   /* SystemExit: STATUS is its code, an int (None: 0); with a text it is MESSAGE */
	int64_t status;
	const char *file, *function; /* innermost frame that is the program's own, as refusals have it */
	uint64_t line;
	const char *source; /* what stands in that line; SOURCE_CUT: the line goes on */
	bool source_cut;
	const struct exception_frame *frames; /* of the traceback, the outermost first */
	size_t n_frames;
	uint64_t frames_left_out;
	const char *const *notes;
	size_t n_notes;
	/* Of these the chain has LINK and neither a chain nor a group of its own; a group's have no chain. */
	enum exception_link link;
	const struct exception_facts *chain, *group;
	size_t n_chain, n_group;
};

/* Is it a NAME, or does it descend from one? NAME is as in BASES. */
bool exception_is(const struct exception_facts *exception, const char *name);

/* Appends EXCEPTION as the member KEY, a JSON object (proctor-verdict(5)), of some 100 KiB at most whatever its texts hold. */
void exception_format(const struct exception_facts *exception, const char *key, struct buf *out);

#endif
