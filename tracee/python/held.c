/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/held.h"

#include <stdlib.h>

#include "tracee/native/ends.h"
#include "tracee/python/objects.h"

enum {
	FRAMES = 16, /* the innermost, of each thread */
	GLOBALS = 64,
	LOCALS = 256, /* of one of them */
	SAMPLES = 8, /* items of a container */
	DIMENSIONS = 64, /* of an array: NPY_MAXDIMS */
	NAME = 100, /* bytes of a name */
	LEAST = 1 << 20, /* bytes, by estimate: smaller objects are not worth a word */
};

#define MOST (UINT64_C(1) << 46) /* items or bytes: no address space has so many */

struct owned {
	struct python_held held; /* first: stack_held_free() gets its address */
	struct texts texts;
};

struct reader {
	struct objects o;
	struct owned *owned;
	uint64_t weight[STACK_HELD]; /* of the objects kept: bytes, by estimate */
	uint64_t globals[GLOBALS];   /* dicts that were looked at */
	size_t n_globals;
	bool runs; /* the thread that is looked at: what is read of it may be of different moments */
};

/* ------------------------------------------------------------------ how large an object is */

struct size {
	uint64_t items, bytes; /* one of the two, as in base/held.h */
	uint64_t weight;       /* bytes of the object alone, by estimate */
};

enum measure { ITEMS, BYTES };

/* Types without a flag of their own. At WHERE is the number of items or bytes, each WIDTH bytes wide. */
static const struct {
	const char *name;
	enum measure measure;
	uint32_t where, width;
} kinds[] = {
	{ "bytearray", BYTES, 16, 1 }, /* Include/cpython/bytearrayobject.h */
	{ "set", ITEMS, 24, 32 }, /* Include/cpython/setobject.h: used */
	{ "frozenset", ITEMS, 24, 32 },
	{ "collections.deque", ITEMS, 16, 8 },
	{ "array.array", ITEMS, 16, 4 },
};

/* PyArrayObject_fields: nd and dimensions. */
static uint64_t array_items(const struct objects *o, uint64_t object)
{
	uint64_t n = 1, nd = object_member(o, object, 24) & UINT32_MAX, dimensions = object_member(o, object, 32);

	if (nd > DIMENSIONS)
		return 0;
	for (uint64_t i = 0; i < nd; i++) {
		uint64_t size = object_word(o, dimensions + 8 * i);

		if (!size || size > MOST / n)
			return 0;
		n *= size;
	}
	return n;
}

static bool measure_other(const struct objects *o, uint64_t object, uint64_t type, struct size *ret)
{
	char name[OBJECTS_NAME];

	type_static_name(o, type, name);
	if (streq(name, "numpy.ndarray")) {
		ret->items = array_items(o, object);
		ret->weight = ret->items * 8;
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		uint64_t n = object_member(o, object, kinds[i].where);

		if (!streq(kinds[i].name, name))
			continue;
		*(kinds[i].measure == ITEMS ? &ret->items : &ret->bytes) = n;
		ret->weight = n * kinds[i].width;
		return true;
	}
	return false;
}

static uint64_t text_bytes(const struct objects *o, uint64_t object)
{
	const struct python_offsets *offsets = &o->runtime->offsets;
	uint64_t state = object_word(o, object + offsets->string_state);

	return object_word(o, object + offsets->string_length) * (state >> offsets->string_kind_shift & 7);
}

/* The size of the object alone. False: its type is not known to hold much. */
static bool measure(const struct objects *o, uint64_t object, struct size *ret)
{
	uint64_t type = object_type(o, object), flags = type_slot(o, type, SLOT_FLAGS);

	*ret = (struct size){ 0 };
	if (!flags)
		return false;
	if (flags >> TYPE_LIST & 1 || flags >> TYPE_TUPLE & 1) {
		ret->items = object_member(o, object, 16);
		ret->weight = ret->items * 8;
	} else if (flags >> TYPE_DICT & 1) {
		ret->items = object_member(o, object, 16);
		ret->weight = ret->items * 64;
	} else if (flags >> TYPE_BYTES & 1) {
		ret->bytes = ret->weight = object_word(o, object + o->runtime->offsets.bytes_size);
	} else if (flags >> TYPE_UNICODE & 1) {
		ret->bytes = ret->weight = text_bytes(o, object);
	} else if (!measure_other(o, object, type, ret)) {
		return false;
	}
	return ret->items < MOST && ret->bytes < MOST;
}

/* Bytes of the items at SAMPLES, N addresses; each object counts once. */
static uint64_t weight_of(const struct objects *o, const uint64_t *samples, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		struct size size;
		size_t k = 0;

		while (k < i && samples[k] != samples[i])
			k++;
		if (k == i && samples[i])
			sum += 32 + (measure(o, samples[i], &size) ? MIN(size.weight, MOST) : 0);
	}
	return sum;
}

/* Estimates the bytes of OBJECT with all that it holds, from the first few items of a dict or from some of a list. */
static uint64_t estimate(const struct objects *o, uint64_t object, const struct size *size)
{
	uint64_t samples[SAMPLES], n, items, key;
	struct dict_walk walk;
	size_t found = 0;

	if (object_items(o, object, &n, &items) == 0 && n) {
		for (; found < MIN(n, (uint64_t)SAMPLES); found++)
			samples[found] = object_word(o, items + 8 * (n < SAMPLES ? found : found * (n / SAMPLES)));
	} else if (dict_begin(o, object, &walk) == 0) {
		while (found < SAMPLES && dict_next(o, &walk, &key))
			samples[found++] = dict_value(o, &walk);
	}
	return size->weight + (found ? weight_of(o, samples, found) / found * MIN(size->items, MOST) : 0);
}

/* ------------------------------------------------------------------ what is kept */

/* Makes a place for an object of WEIGHT among those that are kept, the heaviest first; STACK_HELD: there is none. */
static size_t place_for(struct reader *r, uint64_t weight)
{
	struct python_held *held = &r->owned->held;
	size_t at = held->n;

	while (at && r->weight[at - 1] < weight)
		at--;
	if (at == STACK_HELD)
		return at;
	held->n = MIN(held->n + 1, (size_t)STACK_HELD);
	for (size_t i = held->n - 1; i > at; i--) {
		held->object[i] = held->object[i - 1];
		held->address[i] = held->address[i - 1];
		r->weight[i] = r->weight[i - 1];
	}
	return at;
}

/* A variable, or an attribute of the object that it names. */
struct variable {
	const struct frame *frame;
	uint64_t name, attribute; /* str; 0: none */
	uint64_t at, value;	  /* the word that leads to the object */
	bool global;
};

/* A thread that runs may have left the frame, or put something else in the place: then it is not known what was held. */
static bool still_holds(const struct reader *r, const struct variable *v)
{
	const struct python_offsets *offsets = &r->o.runtime->offsets;
	uint64_t code, value;

	return !r->runs ||
	       (pages_word_now(r->o.pages, v->frame->address + offsets->frame_code, &code) == 0 &&
		(code & ~offsets->code_tag_mask) == v->frame->code &&
		pages_word_now(r->o.pages, v->at, &value) == 0 && value == v->value);
}

static const char *keep_name(struct reader *r, const struct variable *v)
{
	_cleanup_buf_ struct buf text = { 0 };

	if (object_text(&r->o, v->name, &text) < 0 || !text.len)
		return NULL;
	if (v->attribute) {
		buf_putc(&text, '.');
		if (object_text(&r->o, v->attribute, &text) < 0)
			return NULL;
	}
	return text.len <= NAME ? texts_add(&r->owned->texts, text.data, text.len) : NULL;
}

static const char *keep_type(struct reader *r, uint64_t object)
{
	char name[OBJECTS_NAME];

	type_static_name(&r->o, object_type(&r->o, object), name);
	return texts_add(&r->owned->texts, name, MIN(strlen(name), (size_t)NAME));
}

static void take_object(struct reader *r, const struct variable *v, uint64_t object, const struct size *size)
{
	const struct frame *frame = v->frame;
	struct held_facts facts = { .global = v->global, .line = frame->line > 0 ? (uint64_t)frame->line : 0,
				    .items = size->items, .bytes = size->bytes };
	uint64_t weight = estimate(&r->o, object, size);
	size_t at;

	if (weight < LEAST || (r->owned->held.n == STACK_HELD && weight <= r->weight[STACK_HELD - 1]) || !still_holds(r, v))
		return;
	facts.name = keep_name(r, v);
	facts.type = keep_type(r, object);
	facts.file = texts_add(&r->owned->texts, frame->file, strlen(frame->file));
	facts.function = texts_add(&r->owned->texts, frame->name, strlen(frame->name));
	if (!facts.name || !facts.type || !facts.file || !facts.function)
		return;
	at = place_for(r, weight);
	r->owned->held.object[at] = facts;
	r->owned->held.address[at] = object;
	r->weight[at] = weight;
}

static void take_attributes(struct reader *r, struct variable v, uint64_t object)
{
	struct dict_walk walk;
	struct size size;

	if (attributes_begin(&r->o, object, &walk) < 0)
		return;
	while (dict_next(&r->o, &walk, &v.attribute)) {
		uint64_t value = v.attribute ? dict_value(&r->o, &walk) : 0;

		if (value && measure(&r->o, value, &size))
			take_object(r, &v, value, &size);
	}
}

static void take(struct reader *r, const struct variable *v)
{
	uint64_t object = v->value & ~r->o.runtime->offsets.code_tag_mask;
	struct size size;

	/* A variable of a closure is in a cell. */
	if (object_is(&r->o, object, "cell"))
		object = object_member(&r->o, object, 16);
	if (measure(&r->o, object, &size))
		take_object(r, v, object, &size);
	else
		take_attributes(r, *v, object);
}

/* ------------------------------------------------------------------ frames */

/* Takes the variables that are named in the tuple NAMES, from number FIRST of FRAME on. Returns how many there are. */
static uint64_t take_named(struct reader *r, const struct frame *frame, uint64_t names, uint64_t first)
{
	const struct python_offsets *offsets = &r->o.runtime->offsets;
	uint64_t n, items;

	if (object_items(&r->o, names, &n, &items) < 0)
		return 0;
	n = MIN(n, (uint64_t)LOCALS);
	for (uint64_t i = 0; i < n && budget_work(r->o.pages->budget, 4); i++) {
		struct variable v = { .frame = frame, .at = frame->address + offsets->frame_locals + 8 * (first + i) };

		v.name = object_word(&r->o, items + 8 * i);
		v.value = object_word(&r->o, v.at);
		if (v.value & ~offsets->code_tag_mask)
			take(r, &v);
	}
	return n;
}

static void take_locals(struct reader *r, const struct frame *frame)
{
	const struct python_offsets *offsets = &r->o.runtime->offsets;
	uint64_t names = frame->code + offsets->code_locals, n = take_named(r, frame, object_word(&r->o, names), 0);

	if (offsets->style != FRAMES_OBJECT)
		return;
	/* co_varnames, co_freevars, co_cellvars; in a frame the free variables are last. */
	n += take_named(r, frame, object_word(&r->o, names + 16), n);
	take_named(r, frame, object_word(&r->o, names + 8), n);
}

static void take_globals(struct reader *r, const struct frame *frame)
{
	uint64_t dict = object_word(&r->o, frame->address + r->o.runtime->offsets.frame_globals), key;
	struct dict_walk walk;

	for (size_t i = 0; i < r->n_globals; i++)
		if (r->globals[i] == dict)
			return;
	if (r->n_globals == GLOBALS || !object_is(&r->o, dict, "dict") || dict_begin(&r->o, dict, &walk) < 0)
		return;
	r->globals[r->n_globals++] = dict;
	while (dict_next(&r->o, &walk, &key) && budget_work(r->o.pages->budget, 4)) {
		const struct variable v = { .frame = frame, .name = key, .global = true, .at = dict_value_at(&walk),
					    .value = dict_value(&r->o, &walk) };

		take(r, &v);
	}
}

static void take_frames(struct reader *r, struct frames *f)
{
	size_t n = MIN(ends_kept(f->total, FRAMES_KEPT), (size_t)FRAMES);

	for (size_t i = 0; i < n; i++) {
		const struct frame *frame = &f->frame[ends_slot(ends_element(i, f->total, FRAMES_KEPT), FRAMES_KEPT)];

		if (!frame->file || frame->file == code_unreadable || frame->name == code_unreadable)
			continue;
		take_locals(r, frame);
		take_globals(r, frame);
	}
}

struct python_held *python_held_read(struct frames *f, uint64_t thread_ident)
{
	struct reader r = { .o = { f->pages, &f->runtime } };
	uint64_t other[THREAD_OTHERS];
	size_t n;

	frames_read(f, f->pages->tid, thread_ident);
	if (!f->runtime.address)
		return NULL;
	r.owned = xcalloc(1, sizeof *r.owned);
	take_frames(&r, f);
	r.runs = true;
	n = thread_others(f->pages, &f->runtime, thread_ident, other);
	for (size_t i = 0; i < n && !f->pages->budget->spent; i++) {
		frames_read_state(f, other[i]);
		take_frames(&r, f);
	}
	if (r.owned->held.n)
		return &r.owned->held;
	stack_held_free(&r.owned->held);
	return NULL;
}

void stack_held_free(struct python_held *held)
{
	struct owned *owned = (struct owned *)held;

	if (!owned)
		return;
	texts_fini(&owned->texts);
	free(owned);
}
