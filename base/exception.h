/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exception that ended a program, as data: read out of the program (tracee/python/), or out of a log
 * (report/), and put into words by words/cause.h. Pure. All texts are borrowed and chosen by the program;
 * they may hold any bytes, at most EXCEPTION_TEXT of them: escape them on output.
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
	EXCEPTION_GROUP = 16, /* members of an ExceptionGroup */
};

struct exception_frame {
	const char *file;     /* as in the code object: absolute, relative, "<string>", "<stdin>" */
	const char *function; /* "load", "<module>" */
	uint64_t line;	      /* 0: unknown */
};

/* How an exception is linked to the one before it. SUPPRESSED: "raise … from None" while that one was handled; a traceback
 * does not print it. PRINTED: it has not led to that one as far as is known, but a traceback was made of it before by the
 * module of that name, as print_exc() and logging do. */
enum exception_link {
	EXCEPTION_LINK_NONE,
	EXCEPTION_LINK_CAUSE,
	EXCEPTION_LINK_CONTEXT,
	EXCEPTION_LINK_SUPPRESSED,
	EXCEPTION_LINK_PRINTED,
};

/* That of "cause", "context", "suppressed", "printed"; NONE where NAME is none of these, or NULL. */
enum exception_link exception_link_from_name(const char *name);

/* NULL and 0 mean unknown or none, unless noted otherwise. */
struct exception_facts {
	const char *type;	   /* __qualname__ of its class: "FileNotFoundError" */
	const char *module;	   /* __module__ of its class: "builtins", "__main__", "requests.exceptions" */
	const char *const *bases;  /* the class and its bases along the MRO down to BaseException; built-in ones
				    * without their module, others with it: "urllib.error.URLError", "OSError" */
	size_t n_bases;
	const char *message;	   /* what str() would return */
	int error;		   /* OSError.errno */
	const char *filename;	   /* OSError.filename, SyntaxError.filename, as text */
	const char *name;	   /* of ImportError, NameError, AttributeError */
	uint64_t lineno;	   /* SyntaxError.lineno */
	const char *text;	   /* SyntaxError.text: the line that could not be read */
	bool has_status;	   /* SystemExit: STATUS is its code if an int (None: 0); a text is in MESSAGE */
	int64_t status;
	const char *file, *function; /* innermost frame that is the program's own, as in refusals */
	uint64_t line;
	const char *source; /* the text of that line; SOURCE_CUT: the line goes on */
	bool source_cut;
	const struct exception_frame *frames; /* of the traceback, the outermost first */
	size_t n_frames;
	uint64_t frames_left_out;
	const char *const *notes;
	size_t n_notes;
	/* Those in CHAIN have LINK. Neither they nor those in GROUP have a chain or a group of their own. */
	enum exception_link link;
	const struct exception_facts *chain, *group;
	size_t n_chain, n_group;
};

/* Is EXCEPTION a NAME, or derived from one? NAME is written as in BASES. */
bool exception_is(const struct exception_facts *exception, const char *name);

/* Appends EXCEPTION as the member KEY, a JSON object (proctor-verdict(5)) of at most some 100 KiB. */
void exception_format(const struct exception_facts *exception, const char *key, struct buf *out);

#endif
