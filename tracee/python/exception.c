/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/exception.h"

#include <errno.h>
#include <stdlib.h>

#include "tracee/python/objects.h"
#include "tracee/python/unicode.h"

enum {
	TRACEBACK_MAX = 1 << 20,
	STATE_WORDS = 32,    /* of a thread state, behind its frame, that are searched for the pending exception */
	STATE_BYTES = 8192,
	ALL = 1 + EXCEPTION_CHAIN + EXCEPTION_GROUP,
};

/* What the facts of one exception point to. */
struct shelf {
	struct exception_frame frame[EXCEPTION_FRAMES];
	const char *base[EXCEPTION_BASES], *note[EXCEPTION_NOTES];
};

struct owned {
	struct python_exception exception; /* first: stack_exception_free() gets its address */
	struct texts texts;
	struct exception_facts chain[EXCEPTION_CHAIN], group[EXCEPTION_GROUP];
	struct shelf *shelf[ALL]; /* owned */
	size_t n_shelves;
	struct python_exception *printed; /* what the chain is of, by stack_exception_follows(); owned, or NULL */
};

struct reader {
	struct objects o;
	struct code_reader *codes;
	struct owned *owned;
	uint64_t seen[ALL];
	size_t n_seen;
};

/* There are at most ALL exceptions. */
static struct shelf *new_shelf(struct reader *r)
{
	return r->owned->shelf[r->owned->n_shelves++] = xcalloc(1, sizeof(struct shelf));
}

/* ------------------------------------------------------------------ texts */

/* TEXT, cut to EXCEPTION_TEXT bytes at the end of a character; NULL when there is no room. */
static const char *keep(struct reader *r, const struct buf *text)
{
	static const char ellipsis[] = "…";
	char cut[EXCEPTION_TEXT];
	size_t n = text->len;

	if (n < EXCEPTION_TEXT)
		return texts_add(&r->owned->texts, n ? text->data : "", n);
	n = EXCEPTION_TEXT - sizeof ellipsis;
	while (n && ((unsigned char)text->data[n] & 0xc0) == 0x80)
		n--;
	memcpy(cut, text->data, n);
	memcpy(cut + n, ellipsis, sizeof ellipsis - 1);
	return texts_add(&r->owned->texts, cut, n + sizeof ellipsis - 1);
}

static const char *keep_string(struct reader *r, const char *text)
{
	return texts_add(&r->owned->texts, text, MIN(strlen(text), (size_t)EXCEPTION_TEXT - 1));
}

static const char *keep_text(struct reader *r, uint64_t object)
{
	_cleanup_buf_ struct buf text = { 0 };

	return object && object_text(&r->o, object, &text) == 0 ? keep(r, &text) : NULL;
}

static const char *keep_shown(struct reader *r, uint64_t object)
{
	_cleanup_buf_ struct buf text = { 0 };

	return object && !object_is(&r->o, object, "NoneType") && object_show(&r->o, object, false, &text) == 0 ?
		       keep(r, &text) : NULL;
}

/* ------------------------------------------------------------------ classes */

static void put_class(struct reader *r, uint64_t type, const char **ret_name, const char **ret_module)
{
	const struct objects *o = &r->o;
	char name[OBJECTS_NAME], *dot;

	if (type_has(o, type, TYPE_HEAP)) {
		uint64_t qualname = object_word(o, type + o->runtime->offsets.type_bytes + OBJECTS_QUALNAME);

		*ret_name = keep_text(r, qualname);
		*ret_module = keep_text(r, dict_get(o, type_slot(o, type, SLOT_DICT), "__module__"));
		return;
	}
	type_static_name(o, type, name);
	dot = strrchr(name, '.');
	*ret_name = keep_string(r, dot ? dot + 1 : name);
	if (dot)
		*dot = '\0';
	*ret_module = keep_string(r, dot ? name : "builtins");
}

static const char *base_name(struct reader *r, uint64_t type)
{
	_cleanup_buf_ struct buf text = { 0 };
	const char *name = NULL, *module = NULL;

	put_class(r, type, &name, &module);
	if (!name)
		return NULL;
	if (module && !streq(module, "builtins"))
		buf_printf(&text, "%s.", module);
	buf_puts(&text, name);
	return keep(r, &text);
}

/* Along the MRO down to BaseException; a static class may keep it elsewhere: then along the chain of its bases. */
static void take_bases(struct reader *r, uint64_t type, struct exception_facts *x, struct shelf *shelf)
{
	uint64_t n, items;
	bool listed = object_items(&r->o, type_slot(&r->o, type, SLOT_MRO), &n, &items) == 0;

	if (!listed)
		n = OBJECTS_BASES;
	for (uint64_t i = 0; i < n && x->n_bases < EXCEPTION_BASES; i++) {
		uint64_t base = listed ? object_word(&r->o, items + 8 * i) : type;
		const char *name = base && !type_is_static(&r->o, base, "object") ? base_name(r, base) : NULL;

		if (!name)
			break;
		shelf->base[x->n_bases++] = name;
		type = type_slot(&r->o, type, SLOT_BASE);
	}
	x->bases = shelf->base;
}

/* Is TYPE the interpreter's own class NAME, or derived from it? */
static bool derives(const struct reader *r, uint64_t type, const char *name)
{
	for (int i = 0; type && i < OBJECTS_BASES; i++, type = type_slot(&r->o, type, SLOT_BASE))
		if (type_is_static(&r->o, type, name))
			return true;
	return false;
}

/* The static class that gave TYPE its SLOT: the farthest base with the same one. "" if a class of the program did. */
static void definer(const struct reader *r, uint64_t type, enum type_slot slot, char name[OBJECTS_NAME])
{
	uint64_t function = type_slot(&r->o, type, slot), from = 0;

	for (int i = 0; type && i < OBJECTS_BASES; i++, type = type_slot(&r->o, type, SLOT_BASE)) {
		if (type_slot(&r->o, type, slot) != function)
			break;
		from = type;
	}
	name[0] = '\0';
	if (function && from && !type_has(&r->o, from, TYPE_HEAP))
		type_static_name(&r->o, from, name);
}

/* ------------------------------------------------------------------ members */

/* PyException_HEAD: dict, args, notes (from 3.11), traceback, context, cause, suppress_context. */
enum { MEMBER_DICT = 16, MEMBER_ARGS = 24 };

static uint32_t at_traceback(const struct reader *r)
{
	return r->o.runtime->offsets.minor >= 11 ? 40 : 32;
}

/* Member NUMBER of those that a class adds to PyException_HEAD. */
static uint64_t own_member(const struct reader *r, uint64_t object, unsigned number)
{
	return object_member(&r->o, object, at_traceback(r) + 32 + 8 * number);
}

/* ------------------------------------------------------------------ messages */

static int show_message(const struct reader *r, uint64_t type, uint64_t e, struct buf *out);

static bool is_exception(const struct reader *r, uint64_t object)
{
	return type_has(&r->o, object_type(&r->o, object), TYPE_EXCEPTION);
}

/* str() of OBJECT, which may be an exception, RuntimeError(error), sys.exit(error); but not one of an exception in turn. */
static int show_argument(const struct reader *r, uint64_t object, struct buf *out)
{
	uint64_t n, items;

	if (!is_exception(r, object))
		return object_show(&r->o, object, false, out);
	if (object_items(&r->o, object_member(&r->o, object, MEMBER_ARGS), &n, &items) < 0 ||
	    (n == 1 && is_exception(r, object_word(&r->o, items))))
		return -ENOTSUP;
	return show_message(r, object_type(&r->o, object), object, out);
}

static int show_args(const struct reader *r, uint64_t args, struct buf *out)
{
	uint64_t n, items;

	if (object_items(&r->o, args, &n, &items) < 0)
		return -ENOTSUP;
	if (n == 0)
		return 0;
	return n == 1 ? show_argument(r, object_word(&r->o, items), out) : object_show(&r->o, args, true, out);
}

/* KeyError with one argument shows its repr(). */
static int show_key(const struct reader *r, uint64_t args, struct buf *out)
{
	uint64_t n, items;

	if (object_items(&r->o, args, &n, &items) == 0 && n == 1)
		return object_show(&r->o, object_word(&r->o, items), true, out);
	return show_args(r, args, out);
}

static int show_or_none(const struct reader *r, uint64_t object, bool repr, struct buf *out)
{
	if (object)
		return object_show(&r->o, object, repr, out);
	buf_lit(out, "None");
	return 0;
}

/* OSError: "[Errno 2] No such file or directory: 'a' -> 'b'". */
static int show_os_error(const struct reader *r, uint64_t e, struct buf *out)
{
	uint64_t number = own_member(r, e, 0), text = own_member(r, e, 1);
	uint64_t file = own_member(r, e, 2), file2 = own_member(r, e, 3);
	int result;

	if (!file && !(number && text))
		return show_args(r, object_member(&r->o, e, MEMBER_ARGS), out);
	buf_lit(out, "[Errno ");
	result = show_or_none(r, number, false, out);
	buf_lit(out, "] ");
	if (result == 0)
		result = show_or_none(r, text, false, out);
	if (file && result == 0) {
		buf_lit(out, ": ");
		result = object_show(&r->o, file, true, out);
	}
	if (file && file2 && result == 0) {
		buf_lit(out, " -> ");
		result = object_show(&r->o, file2, true, out);
	}
	return result;
}

/* Where a SyntaxError is: " (solve.py, line 3)". */
static int show_syntax_place(const struct reader *r, uint64_t file, uint64_t line, struct buf *out)
{
	_cleanup_buf_ struct buf name = { 0 };
	bool named = object_has(&r->o, file, TYPE_UNICODE), lined = object_is(&r->o, line, "int");
	const char *slash;
	int result = 0;

	if (!named && !lined)
		return 0;
	if (named && object_text(&r->o, file, &name) < 0)
		return -ENOTSUP;
	/* If the path is cut, its last part is not known. */
	if (named && object_member(&r->o, file, 16) > UNICODE_CHARS)
		return -ENOTSUP;
	buf_lit(out, " (");
	if (named) {
		slash = name.len ? strrchr(name.data, '/') : NULL;
		buf_puts(out, slash ? slash + 1 : name.len ? name.data : "");
	}
	if (lined) {
		buf_puts(out, named ? ", line " : "line ");
		result = object_show(&r->o, line, false, out);
	}
	buf_putc(out, ')');
	return result;
}

/* SyntaxError: "invalid syntax (solve.py, line 3)". */
static int show_syntax_error(const struct reader *r, uint64_t text, uint64_t file, uint64_t line, struct buf *out)
{
	int result = show_or_none(r, text, false, out);

	return result < 0 ? result : show_syntax_place(r, file, line, out);
}

/* UnicodeDecodeError and its kin: "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte". */
static int show_unicode_error(const struct reader *r, uint64_t e, const char *verb, struct buf *out)
{
	uint64_t object = own_member(r, e, 1), start = own_member(r, e, 2), end = own_member(r, e, 3);
	bool decode = streq(verb, "decode");
	int result = 0;

	if (end <= start || !object || end > object_member(&r->o, object, 16))
		return -ENOTSUP; /* Python corrects these, each version in its own way */
	if (!streq(verb, "translate")) {
		buf_putc(out, '\'');
		result = object_show(&r->o, own_member(r, e, 0), false, out);
		buf_lit(out, "' codec ");
	}
	buf_printf(out, "can't %s ", verb);
	if (end - start > 1) {
		buf_printf(out, "%s in position %llu-%llu: ", decode ? "bytes" : "characters", (unsigned long long)start,
			   (unsigned long long)end - 1);
	} else if (decode) {
		unsigned char byte;

		if (!object_is(&r->o, object, "bytes") ||
		    pages_read(r->o.pages, object + r->o.runtime->offsets.bytes_data + start, &byte, 1) < 0)
			return -ENOTSUP;
		buf_printf(out, "byte 0x%02x in position %llu: ", byte, (unsigned long long)start);
	} else {
		uint32_t character;

		if (unicode_character(r->o.pages, &r->o.runtime->offsets, object, start, &character) < 0)
			return -ENOTSUP;
		buf_printf(out, character <= 0xff ? "character '\\x%02x'" : character <= 0xffff ? "character '\\u%04x'" :
											       "character '\\U%08x'",
			   character);
		buf_printf(out, " in position %llu: ", (unsigned long long)start);
	}
	return result < 0 ? result : object_show(&r->o, own_member(r, e, 4), false, out);
}

/* ExceptionGroup: "several (2 sub-exceptions)". */
static int show_group(const struct reader *r, uint64_t e, struct buf *out)
{
	uint64_t n, items;

	if (object_show(&r->o, own_member(r, e, 0), false, out) < 0 ||
	    object_items(&r->o, own_member(r, e, 1), &n, &items) < 0)
		return -ENOTSUP;
	buf_printf(out, " (%llu sub-exception%s)", (unsigned long long)n, n == 1 ? "" : "s");
	return 0;
}

/* str() of E, of TYPE, as far as the interpreter's own code makes it. */
static int show_message(const struct reader *r, uint64_t type, uint64_t e, struct buf *out)
{
	uint64_t args = object_member(&r->o, e, MEMBER_ARGS), text;
	char by[OBJECTS_NAME];

	definer(r, type, SLOT_STR, by);
	if (streq(by, "BaseException"))
		return show_args(r, args, out);
	if (streq(by, "KeyError"))
		return show_key(r, args, out);
	if (streq(by, "OSError"))
		return show_os_error(r, e, out);
	if (streq(by, "SyntaxError"))
		return show_syntax_error(r, own_member(r, e, 0), own_member(r, e, 1), own_member(r, e, 2), out);
	if (streq(by, "ImportError")) {
		text = own_member(r, e, 0);
		return object_is(&r->o, text, "str") ? object_show(&r->o, text, false, out) : show_args(r, args, out);
	}
	if (streq(by, "UnicodeDecodeError"))
		return show_unicode_error(r, e, "decode", out);
	if (streq(by, "UnicodeEncodeError"))
		return show_unicode_error(r, e, "encode", out);
	if (streq(by, "UnicodeTranslateError"))
		return show_unicode_error(r, e, "translate", out);
	if (streq(by, "BaseExceptionGroup"))
		return show_group(r, e, out);
	return -ENOTSUP;
}

/* ------------------------------------------------------------------ not made yet */

/* A pending exception of 3.9 to 3.11 that is not made yet: a class, and what to call it with. */
struct unmade {
	uint64_t type, value; /* value 0: nothing, or None */
	uint64_t n, items;    /* the arguments, if VALUE is a tuple */
	bool tuple;
};

static uint64_t argument(const struct reader *r, const struct unmade *u, uint64_t i)
{
	return i < u->n ? object_word(&r->o, u->items + 8 * i) : 0;
}

static bool is_number(const struct reader *r, uint64_t object)
{
	return object_is(&r->o, object, "int") || object_is(&r->o, object, "NoneType");
}

/* The parser gives (message, (file, line, offset, text, …)); the constructor refuses anything else. */
static bool has_details(const struct reader *r, const struct unmade *u, uint64_t *ret_items)
{
	uint64_t n;

	return u->tuple && u->n == 2 && object_items(&r->o, argument(r, u, 1), &n, ret_items) == 0 &&
	       (n == 4 || (n == 6 && r->o.runtime->offsets.minor >= 10)) &&
	       is_number(r, object_word(&r->o, *ret_items + 8)) && is_number(r, object_word(&r->o, *ret_items + 16));
}

/* Is it known that calling the class makes an instance of it? A class of the program may do anything; some of the
 * interpreter's make one of another class, or refuse. */
static bool is_made_as_given(const struct reader *r, const struct unmade *u)
{
	char init[OBJECTS_NAME], new[OBJECTS_NAME];
	uint64_t details;

	definer(r, u->type, SLOT_INIT, init);
	definer(r, u->type, SLOT_NEW, new);
	if (!init[0] || !new[0] || !object_is(&r->o, u->type, "type"))
		return false;
	if (derives(r, u->type, "SyntaxError"))
		return !u->tuple || u->n < 2 || has_details(r, u, &details);
	if (type_is_static(&r->o, u->type, "OSError"))
		return !u->tuple || u->n < 2;
	return !derives(r, u->type, "UnicodeDecodeError") && !derives(r, u->type, "UnicodeEncodeError") &&
	       !derives(r, u->type, "UnicodeTranslateError") && !derives(r, u->type, "BaseExceptionGroup");
}

/* What Python 3 says of STATEMENT, the rest of a line of code, if that is one of Python 2. Returns 1; 0: it is none;
 * -ENOTSUP: it begins with what may be a blank, or not. */
static int show_old_statement(const char *statement, struct buf *out)
{
	const char *rest;
	size_t n;

	statement += strspn(statement, " \t\n\v\f\r\x1c\x1d\x1e\x1f");
	if ((unsigned char)*statement >= 0x80)
		return strstr(statement, "print ") || strstr(statement, "exec ") ? -ENOTSUP : 0;
	if (after_prefix(statement, "exec ")) {
		buf_lit(out, "Missing parentheses in call to 'exec'");
		return 1;
	}
	rest = after_prefix(statement, "print ");
	if (!rest)
		return 0;
	n = strcspn(rest, ";");
	while (n && strchr(" \t\r\n", *rest))
		rest++, n--;
	while (n && strchr(" \t\r\n", rest[n - 1]))
		n--;
	buf_lit(out, "Missing parentheses in call to 'print'. Did you mean print(");
	buf_put(out, rest, n);
	buf_printf(out, "%s)?", n && rest[n - 1] == ',' ? " end=\" \"" : "");
	return 1;
}

/*
 * 3.9 looks for statements of Python 2 while it makes a SyntaxError (Objects/exceptions.c,
 * _report_missing_parentheses()): in a line of code without "(", at its beginning and behind its first ":". Appends
 * what it says then. Returns 1; 0: it leaves the message as it is; -ENOTSUP: that is not known.
 */
static int show_old_code(const struct reader *r, uint64_t line, struct buf *out)
{
	_cleanup_buf_ struct buf code = { 0 };
	const char *colon;
	int result;

	if (object_is(&r->o, line, "NoneType"))
		return 0;
	if (object_text(&r->o, line, &code) < 0)
		return -ENOTSUP;
	buf_putc(&code, '\0');
	if (strchr(code.data, '('))
		return 0;
	/* It is cut, or goes on behind a NUL. */
	if (object_member(&r->o, line, 16) > UNICODE_CHARS || strlen(code.data) + 1 < code.len)
		return -ENOTSUP;
	result = show_old_statement(code.data, out);
	colon = strchr(code.data, ':');
	return result || !colon ? result : show_old_statement(colon + 1, out);
}

/* A SyntaxError with ITEMS, the details that the parser gave. */
static int show_parsed(const struct reader *r, const struct unmade *u, uint64_t items, struct buf *out)
{
	int changed = 0;

	if (r->o.runtime->offsets.minor == 9 && type_is_static(&r->o, u->type, "SyntaxError"))
		changed = show_old_code(r, object_word(&r->o, items + 24), out);
	if (changed < 0)
		return changed;
	return changed ? show_syntax_place(r, object_word(&r->o, items), object_word(&r->o, items + 8), out) :
			 show_syntax_error(r, argument(r, u, 0), object_word(&r->o, items), object_word(&r->o, items + 8), out);
}

static int show_given(const struct reader *r, const struct unmade *u, bool repr, struct buf *out)
{
	if (!u->value)
		return 0;
	if (!u->tuple)
		return repr ? object_show(&r->o, u->value, true, out) : show_argument(r, u->value, out);
	return repr ? show_key(r, u->value, out) : show_args(r, u->value, out);
}

static int show_unmade(const struct reader *r, const struct unmade *u, struct buf *out)
{
	uint64_t details;
	char by[OBJECTS_NAME];
	int result;

	definer(r, u->type, SLOT_STR, by);
	if (streq(by, "KeyError"))
		return show_given(r, u, true, out);
	if (streq(by, "BaseException") || streq(by, "ImportError"))
		return show_given(r, u, false, out);
	if (streq(by, "OSError") && u->tuple && u->n == 2) {
		buf_lit(out, "[Errno ");
		result = object_show(&r->o, argument(r, u, 0), false, out);
		buf_lit(out, "] ");
		return result < 0 ? result : object_show(&r->o, argument(r, u, 1), false, out);
	}
	if (streq(by, "OSError") && (!u->tuple || u->n < 2))
		return show_given(r, u, false, out);
	if (streq(by, "SyntaxError") && (!u->tuple || u->n < 2))
		return show_or_none(r, u->tuple ? argument(r, u, 0) : u->value, false, out);
	if (streq(by, "SyntaxError") && has_details(r, u, &details))
		return show_parsed(r, u, details, out);
	return -ENOTSUP;
}

static void take_unmade_members(struct reader *r, const struct unmade *u, struct exception_facts *x)
{
	uint64_t details;
	int64_t number;

	if (derives(r, u->type, "OSError") && u->n == 2 &&
	    object_integer(&r->o, argument(r, u, 0), &number) == 0 && number == (int)number)
		x->error = (int)number;
	if (!derives(r, u->type, "SyntaxError") || !has_details(r, u, &details))
		return;
	x->filename = keep_text(r, object_word(&r->o, details));
	if (object_integer(&r->o, object_word(&r->o, details + 8), &number) == 0 && number > 0)
		x->lineno = (uint64_t)number;
	x->text = keep_text(r, object_word(&r->o, details + 24));
}

/* ------------------------------------------------------------------ tracebacks */

static uint64_t frame_code(const struct reader *r, uint64_t frame)
{
	const struct python_offsets *offsets = &r->o.runtime->offsets;

	if (offsets->style != FRAMES_OBJECT)
		frame = object_member(&r->o, frame, 24); /* PyFrameObject.f_frame */
	return object_word(&r->o, frame + offsets->frame_code) & ~offsets->code_tag_mask;
}

/* A PyTracebackObject: tb_next, tb_frame, tb_lasti, tb_lineno. */
static bool take_frame(struct reader *r, uint64_t traceback, struct exception_frame *frame)
{
	struct code *code = code_read(r->codes, frame_code(r, object_member(&r->o, traceback, 24)));
	uint64_t word = object_member(&r->o, traceback, 32);
	int32_t last = (int32_t)(uint32_t)word, line = (int32_t)(word >> 32);
	int found = 0;

	if (!code)
		return false;
	/* Since some 3.11 the line is looked up only on demand. */
	if (line == -1 && last >= 0 && code->instructions &&
	    code_line(r->codes, code, code->instructions + (uint64_t)last, 0, &found) == 0)
		line = found;
	*frame = (struct exception_frame){
		.file = keep_string(r, code->file),
		.function = keep_string(r, code->name),
		.line = line > 0 ? (uint64_t)line : 0,
	};
	return frame->file && frame->function;
}

static uint64_t next_traceback(const struct reader *r, uint64_t traceback)
{
	uint64_t next = object_member(&r->o, traceback, 16);

	return object_is(&r->o, next, "traceback") ? next : 0;
}

static void keep_frame(struct reader *r, uint64_t traceback, struct exception_facts *x, struct shelf *shelf)
{
	if (x->n_frames < EXCEPTION_FRAMES && take_frame(r, traceback, &shelf->frame[x->n_frames]))
		x->n_frames++;
}

/* Keeps both ends. */
static void take_traceback(struct reader *r, uint64_t first, struct exception_facts *x, struct shelf *shelf)
{
	enum { HALF = EXCEPTION_FRAMES / 2 };
	uint64_t at, total = 0, i = 0;

	if (!object_is(&r->o, first, "traceback"))
		return;
	for (at = first; at && total < TRACEBACK_MAX && budget_work(r->o.pages->budget, 2);
	     at = next_traceback(r, at), total++)
		if (total < HALF)
			keep_frame(r, at, x, shelf);
	/* Without its inner end it does not tell where the exception came from: useless, unless it is one recursion. */
	if (at && !exception_is(x, "RecursionError"))
		x->n_frames = 0;
	for (at = at ? 0 : first; at && i < total; at = next_traceback(r, at), i++)
		if (i >= HALF && i + HALF >= total)
			keep_frame(r, at, x, shelf);
	x->frames = shelf->frame;
	x->frames_left_out = total - x->n_frames;
}

/* ------------------------------------------------------------------ one exception */

/* May a class of the program provide the attribute `code` itself? */
static bool has_own_code(const struct reader *r, uint64_t type)
{
	char by[OBJECTS_NAME];
	uint64_t n, items, mro = type_slot(&r->o, type, SLOT_MRO);

	definer(r, type, SLOT_GETATTRO, by);
	if (!by[0] || object_items(&r->o, mro, &n, &items) < 0 || n > OBJECTS_BASES)
		return true;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t base = object_word(&r->o, items + 8 * i);

		if (type_has(&r->o, base, TYPE_HEAP) && dict_get(&r->o, type_slot(&r->o, base, SLOT_DICT), "code"))
			return true;
	}
	return false;
}

static void take_status(struct reader *r, uint64_t type, uint64_t code, struct exception_facts *x)
{
	if (type_has(&r->o, type, TYPE_HEAP) && has_own_code(r, type))
		return;
	if (!code || object_is(&r->o, code, "NoneType"))
		x->has_status = true;
	else if (object_has(&r->o, code, TYPE_LONG))
		x->has_status = object_integer(&r->o, code, &x->status) == 0;
}

static void take_members(struct reader *r, uint64_t type, uint64_t e, struct exception_facts *x)
{
	int64_t number;

	if (derives(r, type, "OSError")) {
		if (object_integer(&r->o, own_member(r, e, 0), &number) == 0 && number == (int)number)
			x->error = (int)number;
		x->filename = keep_shown(r, own_member(r, e, 2));
	} else if (derives(r, type, "SyntaxError")) {
		x->filename = keep_text(r, own_member(r, e, 1));
		if (object_integer(&r->o, own_member(r, e, 2), &number) == 0 && number > 0)
			x->lineno = (uint64_t)number;
		x->text = keep_text(r, own_member(r, e, r->o.runtime->offsets.minor >= 10 ? 6 : 4));
	} else if (derives(r, type, "ImportError")) {
		x->name = keep_text(r, own_member(r, e, 1));
	} else if (derives(r, type, "NameError")) {
		x->name = r->o.runtime->offsets.minor >= 10 ? keep_text(r, own_member(r, e, 0)) : NULL;
	} else if (derives(r, type, "AttributeError")) {
		x->name = r->o.runtime->offsets.minor >= 10 ? keep_text(r, own_member(r, e, 1)) : NULL;
	} else if (derives(r, type, "SystemExit")) {
		take_status(r, type, own_member(r, e, 0), x);
	}
}

/* BaseException.add_note(), PEP 678. */
static void take_notes(struct reader *r, uint64_t e, struct exception_facts *x, struct shelf *shelf)
{
	uint64_t n, items;

	if (r->o.runtime->offsets.minor < 11 ||
	    object_items(&r->o, dict_get(&r->o, object_member(&r->o, e, MEMBER_DICT), "__notes__"), &n, &items) < 0)
		return;
	for (uint64_t i = 0; i < n && x->n_notes < EXCEPTION_NOTES; i++) {
		const char *note = keep_text(r, object_word(&r->o, items + 8 * i));

		if (note)
			shelf->note[x->n_notes++] = note;
	}
	x->notes = shelf->note;
}

/* False when E was met before, or is no exception. TRACEBACK: for a pending one up to 3.11, which gets it only when it
 * is printed; else 0. */
static bool take_exception(struct reader *r, uint64_t e, uint64_t traceback, struct exception_facts *x)
{
	_cleanup_buf_ struct buf message = { 0 };
	uint64_t type = object_type(&r->o, e);
	struct shelf *shelf;

	if (!type_has(&r->o, type, TYPE_EXCEPTION) || r->n_seen == ALL)
		return false;
	for (size_t i = 0; i < r->n_seen; i++)
		if (r->seen[i] == e)
			return false;
	r->seen[r->n_seen++] = e;
	shelf = new_shelf(r);
	put_class(r, type, &x->type, &x->module);
	take_bases(r, type, x, shelf);
	if (show_message(r, type, e, &message) == 0)
		x->message = keep(r, &message);
	take_members(r, type, e, x);
	take_traceback(r, traceback ? traceback : object_member(&r->o, e, at_traceback(r)), x, shelf);
	take_notes(r, e, x, shelf);
	return true;
}

/* __cause__, else __context__. */
static uint64_t link_of(const struct reader *r, uint64_t e, enum exception_link *ret_link)
{
	uint32_t at = at_traceback(r);
	uint64_t context = object_member(&r->o, e, at + 8), cause = object_member(&r->o, e, at + 16);
	bool suppressed = object_member(&r->o, e, at + 24) & 0xff;

	*ret_link = cause ? EXCEPTION_LINK_CAUSE : suppressed ? EXCEPTION_LINK_SUPPRESSED : EXCEPTION_LINK_CONTEXT;
	return cause ? cause : context;
}

static void take_chain(struct reader *r, uint64_t e)
{
	struct exception_facts *x = &r->owned->exception.facts;
	enum exception_link link;

	while (x->n_chain < EXCEPTION_CHAIN && (e = link_of(r, e, &link)) != 0) {
		struct exception_facts *one = &r->owned->chain[x->n_chain];

		if (!take_exception(r, e, 0, one))
			break;
		one->link = link;
		x->n_chain++;
	}
	x->chain = r->owned->exception.chain = r->owned->chain;
}

static void take_group(struct reader *r, uint64_t e)
{
	struct exception_facts *x = &r->owned->exception.facts;
	uint64_t n, items;

	if (!derives(r, object_type(&r->o, e), "BaseExceptionGroup") ||
	    object_items(&r->o, own_member(r, e, 1), &n, &items) < 0)
		return;
	for (uint64_t i = 0; i < n && x->n_group < EXCEPTION_GROUP; i++)
		if (take_exception(r, object_word(&r->o, items + 8 * i), 0, &r->owned->group[x->n_group]))
			x->n_group++;
	x->group = r->owned->exception.group = r->owned->group;
}

static bool take_unmade(struct reader *r, uint64_t type, uint64_t value, uint64_t traceback)
{
	_cleanup_buf_ struct buf message = { 0 };
	struct exception_facts *x = &r->owned->exception.facts;
	struct shelf *shelf = new_shelf(r);
	struct unmade u = { .type = type, .value = object_is(&r->o, value, "NoneType") ? 0 : value };

	u.tuple = object_has(&r->o, u.value, TYPE_TUPLE) && object_items(&r->o, u.value, &u.n, &u.items) == 0;
	if (!is_made_as_given(r, &u))
		return false;
	put_class(r, type, &x->type, &x->module);
	take_bases(r, type, x, shelf);
	if (show_unmade(r, &u, &message) == 0)
		x->message = keep(r, &message);
	take_unmade_members(r, &u, x);
	if (derives(r, type, "SystemExit"))
		take_status(r, type, u.value, x);
	take_traceback(r, traceback, x, shelf);
	return true;
}

/* ------------------------------------------------------------------ what is pending */

/* From 3.13 on: current_exception is the word before exc_info, and that points to the last entry of the thread's
 * exception stack, which is part of the state (Include/cpython/pystate.h). */
static uint64_t find_pending(const struct reader *r, uint64_t state)
{
	for (uint32_t i = 1; i < STATE_WORDS; i++) {
		uint64_t at = state + r->o.runtime->offsets.thread_frame + 8 * i, item = object_word(&r->o, at + 8);
		uint64_t pending = object_word(&r->o, at);

		if (item - state < STATE_BYTES && item > at && object_word(&r->o, item + 8) == 0 &&
		    (!pending || object_has(&r->o, pending, TYPE_EXCEPTION)))
			return pending;
	}
	return 0;
}

/* Is VALUE of TYPE, or of a class derived from it? Up to 3.11 it is then the pending exception itself. */
static bool is_instance(const struct reader *r, uint64_t value, uint64_t type)
{
	uint64_t its = object_type(&r->o, value), n, items;

	if (its == type)
		return true;
	if (!type_has(&r->o, its, TYPE_EXCEPTION) || object_items(&r->o, type_slot(&r->o, its, SLOT_MRO), &n, &items) < 0)
		return false;
	for (uint64_t i = 0; i < n && i < OBJECTS_BASES; i++)
		if (object_word(&r->o, items + 8 * i) == type)
			return true;
	return false;
}

static bool take_pending(struct reader *r, uint64_t state)
{
	const struct python_offsets *offsets = &r->o.runtime->offsets;
	struct python_exception *x = &r->owned->exception;
	uint64_t type, value, traceback = 0;

	if (offsets->minor >= 12) {
		value = offsets->thread_error ? object_word(&r->o, state + offsets->thread_error) :
						find_pending(r, state);
		type = object_type(&r->o, value);
	} else {
		type = object_word(&r->o, state + offsets->thread_error_type);
		value = object_word(&r->o, state + offsets->thread_error);
		traceback = object_word(&r->o, state + offsets->thread_error_traceback);
	}
	if (!type_has(&r->o, type, TYPE_EXCEPTION))
		return false;
	if (!is_instance(r, value, type))
		return take_unmade(r, type, value, traceback);
	if (!take_exception(r, value, traceback, &x->facts))
		return false;
	take_chain(r, value);
	take_group(r, value);
	return true;
}

struct python_exception *python_exception_read(struct frames *f, uint64_t thread_ident)
{
	struct reader r = { .o = { f->pages, &f->runtime }, .codes = &f->codes };
	uint64_t state[THREAD_STATES];
	size_t n;

	frames_read(f, f->pages->tid, thread_ident);
	if (f->status != FRAMES_EMPTY)
		return NULL;
	n = frames_states(f, thread_ident, state);
	r.owned = xcalloc(1, sizeof *r.owned);
	code_begin(&f->codes);
	/* The first interpreter's state is the last. */
	while (n-- > 0)
		if (take_pending(&r, state[n]))
			return &r.owned->exception;
	stack_exception_free(&r.owned->exception);
	return NULL;
}

struct python_exception *python_exception_at(struct frames *f, uint64_t object)
{
	struct reader r = { .o = { f->pages, &f->runtime }, .codes = &f->codes };

	r.owned = xcalloc(1, sizeof *r.owned);
	code_begin(&f->codes);
	if (take_exception(&r, object, 0, &r.owned->exception.facts)) {
		take_chain(&r, object);
		take_group(&r, object);
		return &r.owned->exception;
	}
	stack_exception_free(&r.owned->exception);
	return NULL;
}

bool stack_exception_follows(struct python_exception *exception, struct python_exception *printed)
{
	struct owned *owned = (struct owned *)exception;
	struct exception_facts *x = &exception->facts;

	if (x->n_chain)
		return false;
	owned->printed = printed;
	owned->chain[0] = printed->facts;
	owned->chain[0].link = EXCEPTION_LINK_PRINTED;
	owned->chain[0].chain = owned->chain[0].group = NULL;
	owned->chain[0].n_chain = owned->chain[0].n_group = 0;
	x->chain = exception->chain = owned->chain;
	x->n_chain = 1;
	return true;
}

void stack_exception_free(struct python_exception *exception)
{
	struct owned *owned = (struct owned *)exception;

	if (!owned)
		return;
	stack_exception_free(owned->printed);
	texts_fini(&owned->texts);
	while (owned->n_shelves)
		free(owned->shelf[--owned->n_shelves]);
	free(owned);
}
