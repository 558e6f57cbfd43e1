/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects of the program, read from outside and shown as str() and repr() would show them, without running any
 * of its code. Everything is the program's to forge: impossible values are read as 0, and each walk is bounded.
 *
 * Types are recognised by their flags and, if they are static, by where the interpreter has them or else by their
 * names, so no symbol is needed: a program that makes a static type of its own (ctypes) misleads the reader, and does
 * no more.
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
	/* Behind a PyTypeObject in a PyHeapTypeObject. */
	OBJECTS_QUALNAME = 456, /* ht_qualname */
	OBJECTS_CACHED_KEYS = 464, /* ht_cached_keys */
};

/* Bits of tp_flags: Include/object.h. */
enum type_flag {
	TYPE_INLINE_VALUES = 2, /* from 3.13 */
	TYPE_MANAGED_DICT = 4,	/* from 3.11 */
	TYPE_HEAP = 9,
	TYPE_READY = 12,
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
	SLOT_BASICSIZE = 32,
	SLOT_STR = 136,
	SLOT_GETATTRO = 144,
	SLOT_FLAGS = 168,
	SLOT_BASE = 256,
	SLOT_DICT = 264,
	SLOT_DICTOFFSET = 288,
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
/* The word WHERE bytes into OBJECT, counted as in a build with the GIL; headers of other builds are longer. */
uint64_t object_member(const struct objects *o, uint64_t object, uint32_t where);

uint64_t object_type(const struct objects *o, uint64_t object);
uint64_t type_slot(const struct objects *o, uint64_t type, enum type_slot slot);
bool type_has(const struct objects *o, uint64_t type, enum type_flag flag);
bool object_has(const struct objects *o, uint64_t object, enum type_flag flag);
/* Is OBJECT of exactly the static type NAME ("NoneType")? */
bool object_is(const struct objects *o, uint64_t object, const char *name);

/* tp_name of TYPE; "" when it cannot be read. */
void type_static_name(const struct objects *o, uint64_t type, char name[OBJECTS_NAME]);
bool type_is_static(const struct objects *o, uint64_t type, const char *name);

/* Number and first item of a tuple or list. 0 or -EBADMSG. */
int object_items(const struct objects *o, uint64_t object, uint64_t *ret_n, uint64_t *ret_items);
/* A dict, entry by entry. */
struct dict_walk {
	uint64_t n, entries, values, next; /* VALUES 0: each value is beside its key */
	uint32_t width, key, value;	/* of an entry: its size, and where the key and the value are */
};
/* Likewise the attributes of an object of a class of the program. */
int attributes_begin(const struct objects *o, uint64_t object, struct dict_walk *ret_walk);
/* 0 or -EBADMSG. Bounded by OBJECTS_ENTRIES. */
int dict_begin(const struct objects *o, uint64_t dict, struct dict_walk *ret_walk);
/* The key of the next entry, 0 if it was removed; false: there is none. */
bool dict_next(const struct objects *o, struct dict_walk *walk, uint64_t *ret_key);
/* The value of the entry whose key dict_next() gave last, and where it is. */
uint64_t dict_value_at(const struct dict_walk *walk);
uint64_t dict_value(const struct objects *o, const struct dict_walk *walk);
/* The value of KEY, a str, in DICT; 0 if there is none. */
uint64_t dict_get(const struct objects *o, uint64_t dict, const char *key);
/* 0, or -EBADMSG when OBJECT is no int or too large. */
int object_integer(const struct objects *o, uint64_t object, int64_t *ret);

/* Appends a str as it is, cut to UNICODE_CHARS. 0, or -EBADMSG when OBJECT is no str. */
int object_text(const struct objects *o, uint64_t object, struct buf *out);
/* Appends repr() or str() of OBJECT, of a built-in type. 0, or -ENOTSUP when that would take running the program. */
int object_show(const struct objects *o, uint64_t object, bool repr, struct buf *out);

#endif
