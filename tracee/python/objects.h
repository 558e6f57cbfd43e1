/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects of the program, read from outside and shown as str() and repr() would show them, without running
 * anything of it. Everything is the program's to forge: what cannot be is read as 0, and each walk is bounded.
 *
 * Types are known by their flags and, where they are static, by their names, so no symbol is needed: a program
 * that makes a static type of its own (ctypes) misleads whoever reads, and does no more.
 */
#ifndef PROCTOR_TRACEE_PYTHON_OBJECTS_H
#define PROCTOR_TRACEE_PYTHON_OBJECTS_H

#include "base/buf.h"
#include "tracee/python/runtime.h"

enum {
	OBJECTS_NAME = 128,  /* bytes of a static type's name, with its NUL */
	OBJECTS_TEXT = 1024, /* bytes of a text that is shown; "…" follows where it was cut */
	OBJECTS_DEPTH = 6,   /* of containers within each other */
	OBJECTS_ITEMS = 64,  /* of one of them */
	OBJECTS_BASES = 64,  /* of a type */
	OBJECTS_ENTRIES = 4096,
};

/* Bits of tp_flags: Include/object.h. */
enum type_flag {
	TYPE_HEAP = 9,
	TYPE_LONG = 24,
	TYPE_LIST,
	TYPE_TUPLE,
	TYPE_BYTES,
	TYPE_UNICODE,
	TYPE_DICT,
	TYPE_EXCEPTION,
	TYPE_TYPE,
};

/* Members of a type that are words. */
enum type_slot {
	SLOT_NAME = 24,
	SLOT_STR = 136,
	SLOT_GETATTRO = 144,
	SLOT_FLAGS = 168,
	SLOT_BASE = 256,
	SLOT_DICT = 264,
	SLOT_INIT = 296,
	SLOT_NEW = 312,
	SLOT_MRO = 344,
};

struct objects {
	struct pages *pages;
	const struct python_runtime *runtime;
};

/* The word at ADDRESS; 0 when it cannot be read. */
uint64_t object_word(const struct objects *o, uint64_t address);
/* The word WHERE bytes into OBJECT, as a build with the GIL has it: other builds' headers are longer. */
uint64_t object_member(const struct objects *o, uint64_t object, uint32_t where);

uint64_t object_type(const struct objects *o, uint64_t object);
uint64_t type_slot(const struct objects *o, uint64_t type, enum type_slot slot);
bool type_has(const struct objects *o, uint64_t type, enum type_flag flag);
bool object_has(const struct objects *o, uint64_t object, enum type_flag flag);
/* Is it an object of exactly the static type NAME ("NoneType")? */
bool object_is(const struct objects *o, uint64_t object, const char *name);

/* tp_name of TYPE; "" when it cannot be read. */
void type_static_name(const struct objects *o, uint64_t type, char name[OBJECTS_NAME]);
bool type_is_static(const struct objects *o, uint64_t type, const char *name);

/* Number and first item of a tuple or list. 0 or -EBADMSG. */
int object_items(const struct objects *o, uint64_t object, uint64_t *ret_n, uint64_t *ret_items);
/* The value of KEY in a dict that has only str keys before it; 0. */
uint64_t dict_get(const struct objects *o, uint64_t dict, const char *key);
/* 0, or -EBADMSG when it is no int or too large. */
int object_integer(const struct objects *o, uint64_t object, int64_t *ret);

/* Appends a str as it is, cut to UNICODE_CHARS. 0, or -EBADMSG when it is none. */
int object_text(const struct objects *o, uint64_t object, struct buf *out);
/* Appends repr() or str() of OBJECT, of a built-in type. 0, or -ENOTSUP when that takes running the program. */
int object_show(const struct objects *o, uint64_t object, bool repr, struct buf *out);

#endif
