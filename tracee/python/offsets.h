/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where CPython keeps what a stack reader needs, per version. Up to 3.12 the layouts are known
 * from offsetof() on x86-64; from 3.13 the interpreter publishes them itself, in the structure
 * _Py_DebugOffsets with which _PyRuntime begins. That structure lies in the tracee's memory, so
 * each offset must lie within the size given for its structure, and that size must be sane.
 */
#ifndef PROCTOR_TRACEE_PYTHON_OFFSETS_H
#define PROCTOR_TRACEE_PYTHON_OFFSETS_H

#include "base/util.h"

enum {
	OFFSETS_OLDEST = 9, /* 3.9 */
	OFFSETS_NEWEST = 15,
	OFFSETS_DEBUG_WORDS = 128, /* read of _Py_DebugOffsets */
	OFFSETS_FRAME_MAX = 128,   /* bytes read of a frame, at most */
	OFFSETS_CODE_MAX = 1024,
	OFFSETS_STRING_MAX = 128, /* bytes before the characters of a str */
};

enum frame_style {
	FRAMES_OBJECT,	/* 3.9, 3.10: a chain of frame objects */
	FRAMES_CFRAME,	/* 3.11, 3.12: the top frame is reached through tstate->cframe */
	FRAMES_CURRENT, /* 3.13: tstate->current_frame */
};

struct python_offsets {
	int minor;
	bool free_threaded;
	enum frame_style style;
	/* _PyRuntimeState, PyInterpreterState, PyThreadState */
	uint32_t interpreters_head;
	uint32_t interp_next, interp_threads_head;
	uint32_t thread_prev, thread_next, thread_interp, thread_id;
	uint32_t thread_frame;	/* frame, cframe or current_frame, by style */
	uint32_t thread_cframe; /* 3.10: beside the frame; else 0 */
	uint32_t cframe_frame, cframe_prev;
	/* The pending exception: type, value and traceback up to 3.11; in 3.12 the value alone; 0 from 3.13 on,
	 * where exception.c has to find it. */
	uint32_t thread_error_type, thread_error, thread_error_traceback;
	/* PyFrameObject or _PyInterpreterFrame */
	uint32_t frame_bytes; /* to read: the end of the last field used */
	uint32_t frame_prev, frame_code, frame_instr;
	uint32_t frame_owner, frame_is_entry, frame_tlbc; /* 0: not there */
	uint32_t frame_globals, frame_locals; /* the dict; the first of the variables, perhaps behind frame_bytes */
	/* PyCodeObject */
	uint32_t code_bytes;
	uint32_t code_filename, code_name, code_linetable, code_first_line;
	uint32_t code_instructions; /* co_code_adaptive; not there before 3.11 */
	uint32_t code_tlbc;
	uint32_t code_locals; /* the names of the frame's variables: co_localsplusnames, before 3.11 co_varnames */
	/* PyObject, PyBytesObject, PyUnicodeObject */
	uint32_t ob_type, bytes_size, bytes_data;
	uint32_t string_length, string_state, string_ascii,
		string_compact; /* the last two: where the data are */
	uint32_t type_bytes;  /* size of a PyTypeObject */
	uint32_t tuple_items; /* of the first item in a PyTupleObject */
	uint32_t string_kind_shift, string_compact_mask, string_ascii_mask;
	/* Values rather than places. */
	uint64_t code_tag_mask; /* low bits of frame_code that are tags */
	int shim_owner; /* a frame with this owner or a higher one runs no Python code; 0: no such
			   frames */
};

/* The layout of 3.MINOR from the tables, or NULL when it is not there (3.9 to 3.12 are). */
const struct python_offsets *offsets_known(int minor);

/* True when the OFFSETS_DEBUG_WORDS at WORD begin with the cookie of _Py_DebugOffsets. */
bool offsets_are_published(const uint64_t *word);

/*
 * The version that the published offsets at WORD name: *RET_MAJOR, *RET_MINOR. Meaningful
 * after offsets_are_published().
 */
void offsets_version(const uint64_t *word, int *ret_major, int *ret_minor);

/* The layout from published offsets. 0; -ENOTSUP: version not known; -EBADMSG: offsets not sane. */
int offsets_from_debug(const uint64_t *word, struct python_offsets *ret);

#endif
