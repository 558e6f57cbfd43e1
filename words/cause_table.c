/* SPDX-License-Identifier: Apache-2.0 */
#include "words/cause_table.h"

#include <ctype.h>
#include <errno.h>

#include "base/text.h"
#include "words/cause_hints.h"
#include "words/compile_error.h"
#include "words/meant.h"
#include "words/words.h"

static bool says(const struct exception_facts *x, const char *part)
{
	return x->message && strstr(x->message, part);
}

/* Did the exception come through library code in a file that ends so? */
static bool came_through(const struct exception_facts *x, const char *tail)
{
	for (size_t i = 0; i < x->n_frames; i++)
		if (x->frames[i].file && ends_with(x->frames[i].file, tail))
			return true;
	return false;
}

/* The same of the innermost frame. */
static bool came_from(const struct exception_facts *x, const char *tail)
{
	return x->n_frames && x->frames[x->n_frames - 1].file && ends_with(x->frames[x->n_frames - 1].file, tail);
}

/* WHAT and the place, as a sentence. */
static void sentence(struct teller *t, const char *what)
{
	tell_text(t, what);
	tell_place(t);
	say(t, ".");
}

/* The exception itself as the sentence, and HELP (or NULL). */
static bool with_help(struct teller *t, const char *help)
{
	if (!help)
		return false;
	tell_exception(t, t->x);
	tell_place(t);
	say(t, ". ");
	tell_text(t, help);
	return true;
}

/* ------------------------------------------------------------------ no screen, no network */

#define NO_SCREEN \
	"There is no screen here, so no window can be shown"

bool cause_is_screen(const struct exception_facts *x)
{
	if (exception_is(x, "_tkinter.TclError"))
		return says(x, "display");
	if (exception_is(x, "pygame.error"))
		return says(x, "video");
	return exception_is(x, "ImportError") && says(x, "headless");
}

static bool tell_screen(struct teller *t)
{
	if (!cause_is_screen(t->x))
		return false;
	sentence(t, NO_SCREEN);
	say(t, " Print the result instead.");
	return true;
}

static const char *const network_types[] = {
	"socket.gaierror",
	"socket.herror",
	"urllib.error.URLError",
	"requests.exceptions.ConnectionError",
	"requests.exceptions.ConnectTimeout",
	"urllib3.exceptions.NewConnectionError",
	"urllib3.exceptions.NameResolutionError",
	"urllib3.exceptions.MaxRetryError",
	"httpx.ConnectError",
	"httpcore.ConnectError",
	"aiohttp.client_exceptions.ClientConnectorError",
	"websockets.exceptions.WebSocketException",
	"ConnectionRefusedError",
};

bool cause_is_network(const struct exception_facts *x)
{
	for (size_t i = 0; i < ARRAY_SIZE(network_types); i++)
		if (exception_is(x, network_types[i]) && !exception_is(x, "urllib.error.HTTPError"))
			return true;
	return x->error == ENETUNREACH || x->error == EHOSTUNREACH || x->error == ENETDOWN;
}

static bool tell_network(struct teller *t)
{
	_cleanup_buf_ struct buf what = { 0 };

	if (t->around->network || !cause_is_network(t->x))
		return false;
	buf_lit(&what, "There is no network here ");
	if (!t->around->refusal || !meant_purpose(t->around->refusal->meant, &what))
		what.data[--what.len] = '\0';
	sentence(t, what.data);
	say(t, " Bring the data along as a file beside the program, or read it from standard input; install "
		"packages before the run.");
	return true;
}

/* ------------------------------------------------------------------ files */

static bool is_address(const char *name)
{
	return after_prefix(name, "http://") || after_prefix(name, "https://") || after_prefix(name, "ftp://");
}

/* What is wrong with the name itself, or NULL. */
static const char *name_help(const char *name)
{
	size_t n = strlen(name);

	if (!n)
		return " The name is empty.";
	if (is_address(name))
		return " That is an address of the web, not a file; there is no network here.";
	if (isalpha((unsigned char)name[0]) && name[1] == ':' && (name[2] == '\\' || name[2] == '/'))
		return " That is a path of Windows; here names are relative to where the program runs, with \"/\".";
	if (strchr(name, '\\'))
		return " Directories are separated by \"/\" here; \"\\\" is a part of the name.";
	if (name[n - 1] == '\n' || name[n - 1] == '\r')
		return " The name ends with the end of a line: strip() it.";
	if (isspace((unsigned char)name[n - 1]) || isspace((unsigned char)name[0]))
		return " The name begins or ends with a blank: strip() it.";
	if (*name == '~')
		return " open() does not know \"~\": os.path.expanduser() does.";
	if (after_prefix(name, "file:"))
		return " open() takes a path, not an address that begins with \"file:\".";
	return NULL;
}

/* BEFORE, PATH and AFTER, if there is a PATH and the audience may be told of it. */
static bool tell_found(struct teller *t, const char *path, const char *before, const char *after)
{
	if (!path || !may_tell_path(t, path))
		return false;
	tell_text(t, before);
	tell_path(t, path, "");
	tell_text(t, after);
	return true;
}

static void tell_instead(struct teller *t)
{
	const struct cause_surroundings *around = t->around;

	if (tell_found(t, around->other_case, " There is ", ": upper and lower case differ."))
		return;
	if (tell_found(t, around->beside, " There is ",
		       " beside the program, which runs in another directory: open it by its place, as with "
		       "pathlib.Path(__file__).with_name(…)."))
		return;
	if (name_help(t->x->filename)) {
		tell_text(t, name_help(t->x->filename));
		return;
	}
	if (tell_found(t, around->near_name, " There is ", ", which is nearly the same name."))
		return;
	if (!t->student && around->working_directory && *t->x->filename != '/') {
		say(t, " It was looked for in ");
		tell_path(t, around->working_directory, "");
		say(t, ".");
	}
}

static bool tell_no_file(struct teller *t)
{
	const char *name = t->x->filename;

	if (!name)
		return false;
	if (came_through(t->x, "/subprocess.py") && !strchr(name, '/')) {
		say(t, "There is no program ");
		tell_name(t, name);
		sentence(t, " to be started");
		return true;
	}
	say(t, "There is no file or directory ");
	tell_path(t, name, "of the name that the program asks for");
	sentence(t, "");
	tell_instead(t);
	return true;
}

/* Says WHAT of the file that the exception names, and HELP. */
static bool tell_file(struct teller *t, const char *what, const char *help)
{
	if (!t->x->filename)
		return false;
	tell_path(t, t->x->filename, "What the program opens");
	sentence(t, what);
	tell_text(t, help);
	return true;
}

static bool tell_directory(struct teller *t)
{
	return tell_file(t, " is a directory, not a file", " Name the file in it.");
}

static bool tell_no_directory(struct teller *t)
{
	return tell_file(t, ": a part of that path is a file, not a directory", "");
}

static bool tell_no_right(struct teller *t)
{
	if (t->around->refusal)
		return false;
	return tell_file(t, " may not be used so: the file's own owner and mode forbid it", "");
}

static bool tell_exists(struct teller *t)
{
	return tell_file(t, " is there already", " Ask before, or say exist_ok=True where that is possible.");
}

/* The scratch is full. */
static bool tell_scratch(struct teller *t)
{
	_cleanup_buf_ struct buf help = { 0 };

	buf_lit(&help, "The disk space that was granted, ");
	if (t->around->scratch_bytes)
		text_size(&help, t->around->scratch_bytes);
	else
		text_count(&help, t->around->scratch_files);
	buf_puts(&help, t->around->scratch_bytes ? ", is used up." : " files and directories, is used up.");
	return with_help(t, help.data);
}

static bool tell_os_error(struct teller *t)
{
	switch (t->x->error) {
	case ENAMETOOLONG:
		return with_help(t, "Names are not as long as that: was the text of a file given instead of its name?");
	case EBADF:
		return with_help(t, "What it reads or writes there was closed before, or never open.");
	case EMFILE:
		return with_help(t, "Too many files are open at one time: close them (with open(…) as f).");
	case ENOSPC:
		if (t->around->scratch_bytes || t->around->scratch_files)
			return tell_scratch(t);
		return with_help(t, "There is no room left where the program writes.");
	default:
		return false;
	}
}

/* ------------------------------------------------------------------ modules */

/* The text between the first quotes of X's message, in RET of N bytes; false: there is none. */
static bool quoted(const struct exception_facts *x, char *ret, size_t n)
{
	const char *begin = x->message ? strchr(x->message, '\'') : NULL, *end = begin ? strchr(begin + 1, '\'') : NULL;

	if (!end || (size_t)(end - begin) > n)
		return false;
	memcpy(ret, begin + 1, (size_t)(end - begin) - 1);
	ret[end - begin - 1] = '\0';
	return true;
}

/* The module in which, as X says, something is missing: the first text in quotes, or the name that X has. */
static bool named_module(const struct exception_facts *x, char *ret, size_t n)
{
	if (exception_is(x, "AttributeError"))
		return (says(x, "partially initialized module '") || (x->message && after_prefix(x->message, "module '"))) &&
		       quoted(x, ret, n);
	if (exception_is(x, "ModuleNotFoundError") && !says(x, "is not a package"))
		return false;
	if (!exception_is(x, "ImportError") || !x->name || strlen(x->name) >= n)
		return false;
	snprintf(ret, n, "%s", x->name);
	return true;
}

bool cause_shadowed_module(const struct exception_facts *x, char *ret, size_t n)
{
	if (!named_module(x, ret, n))
		return false;
	ret[strcspn(ret, ".")] = '\0';
	return cause_is_library(ret);
}

/* The innermost frame that lies in the program's own file of the module NAME. */
static const struct exception_frame *own_frame(const struct exception_facts *x, const char *name)
{
	char file[TELL_NAME];
	int n = snprintf(file, sizeof file, "/%s.py", name);

	if (n < 0 || (size_t)n >= sizeof file)
		return NULL;
	for (size_t i = x->n_frames; i-- > 0;) {
		const char *path = x->frames[i].file;

		if (path && !strstr(path, "/lib/python") && (ends_with(path, file) || streq(path, file + 1)))
			return &x->frames[i];
	}
	return NULL;
}

/* The program's file that is found instead of the module NAME: a file of that name is among the frames. */
static const char *own_shadow(const struct exception_facts *x, const char *name)
{
	const struct exception_frame *frame = own_frame(x, name);

	return frame ? frame->file : NULL;
}

/* For a module whose name a file of the program has. */
static bool tell_shadow(struct teller *t)
{
	char name[TELL_NAME];
	const char *shadow;

	if (!cause_shadowed_module(t->x, name, sizeof name))
		return false;
	shadow = t->around->shadow ? t->around->shadow : own_shadow(t->x, name);
	if (!shadow)
		return false;
	tell_exception(t, t->x);
	sentence(t, "");
	say(t, " ");
	tell_path(t, shadow, "A file of the same name");
	say(t, " is found instead of the module of that name: give the file another name.");
	return true;
}

/* "xml.etre": the package that would hold it was found. */
static bool tell_no_submodule(struct teller *t)
{
	char package[TELL_NAME];
	const char *dot = strrchr(t->x->name, '.');
	size_t n = dot ? (size_t)(dot - t->x->name) : 0;

	if (!n || n >= sizeof package)
		return false;
	memcpy(package, t->x->name, n);
	package[n] = '\0';
	say(t, "The package ");
	tell_name(t, package);
	say(t, " has no module ");
	tell_name(t, dot + 1);
	sentence(t, "");
	say(t, " What else it holds is imported as \"from … import …\".");
	return true;
}

static bool tell_no_module(struct teller *t)
{
	const struct cause_surroundings *around = t->around;

	if (!t->x->name || says(t->x, "is not a package"))
		return false;
	if (!cause_module(t->x->name) && tell_no_submodule(t))
		return true;
	say(t, "The module ");
	tell_name(t, t->x->name);
	say(t, " is not installed for ");
	if (!t->student && around->interpreter)
		tell_path(t, around->interpreter, "");
	else
		say(t, "the Python that runs the program");
	sentence(t, "");
	if (cause_module(t->x->name)) {
		say(t, " ");
		tell_text(t, cause_module(t->x->name));
	} else if (around->installed) {
		say(t, " ");
		tell_name(t, around->installed);
		say(t, " is installed, which is nearly the same name.");
	} else if (!tell_found(t, around->other_case, " There is ", ": upper and lower case differ.")) {
		tell_found(t, around->near_name, " There is ", ", which is nearly the same name.");
	}
	return true;
}

/*
 * A name was wanted from a module that is still being imported. Before CPython 3.13 the message says so; since then it
 * says it only where no file of the program has the module's name. The frames say it too: the module's own one waits.
 */
static bool import_is_circular(const struct exception_facts *x)
{
	const struct exception_frame *frame;

	if (says(x, "partially initialized"))
		return true;
	frame = x->name && says(x, "cannot import name ") ? own_frame(x, x->name) : NULL;
	return frame && frame->function && streq(frame->function, "<module>") && frame != &x->frames[x->n_frames - 1];
}

static bool tell_import(struct teller *t)
{
	if (!import_is_circular(t->x))
		return false;
	return with_help(t, "Two modules import each other: import one of them later, within the function that needs it.");
}

/* ------------------------------------------------------------------ names, attributes */

static bool tell_no_name(struct teller *t)
{
	char name[TELL_NAME];

	if (!quoted(t->x, name, sizeof name))
		return false;
	if (exception_is(t->x, "UnboundLocalError"))
		return with_help(t, "The function assigns that name itself, but later: pass the value in, or say global.");
	say(t, "The name ");
	tell_name(t, name);
	sentence(t, says(t->x, "free variable") ? " has no value yet" : " is not defined");
	if (cause_name_help(name)) {
		say(t, " ");
		tell_text(t, cause_name_help(name));
	}
	return true;
}

/* ------------------------------------------------------------------ values */

static bool tell_number(struct teller *t)
{
	const char *literal = strstr(t->x->message, ": ");
	size_t n;

	literal = literal ? literal + 2 : "";
	n = strlen(literal);
	if (streq(literal, "''") || strstr(literal, "'\\n'"))
		return with_help(t, "The text is empty: a blank line, or the input had ended.");
	if (after_prefix(literal, "'\\ufeff") || after_prefix(literal, "'\xef\xbb\xbf"))
		return with_help(t, "The file begins with a byte order mark: open it with encoding=\"utf-8-sig\".");
	if (n > 2 && strchr(literal, ' '))
		return with_help(t, "The text holds more than a number: split() it first.");
	if (strchr(literal, ','))
		return with_help(t, "Decimals are written with a point; several values need split(\",\").");
	if (strchr(literal, '.') && says(t->x, "int()"))
		return with_help(t, "It is no whole number: use float(…).");
	return with_help(t, "The text is no number.");
}

static bool tell_value_error(struct teller *t)
{

	if (exception_is(t->x, "json.decoder.JSONDecodeError"))
		return with_help(t, says(t->x, "line 1 column 1 (char 0)")
					    ? "The text is empty, or no JSON at all."
					    : "The text is no JSON from there on.");
	if (says(t->x, "invalid literal for int()") || says(t->x, "could not convert string to float"))
		return tell_number(t);
	return with_help(t, cause_hint(t->x));
}

/* Did the program's own line raise X, and not a library that it calls? */
static bool is_own_line(const struct exception_facts *x)
{
	const struct exception_frame *frame = x->n_frames ? &x->frames[x->n_frames - 1] : NULL;

	return frame && frame->file && x->file && x->line == frame->line && streq(x->file, frame->file);
}

static bool tell_index(struct teller *t)
{
	if (cause_hint(t->x))
		return with_help(t, cause_hint(t->x));
	if (t->x->source && strstr(t->x->source, "sys.argv"))
		return with_help(t, "The program was started without that argument: give it behind the program's name.");
	return is_own_line(t->x) && with_help(t, "There are fewer elements than that; the first one has the number 0.");
}

static bool is_of_pandas(const struct exception_facts *x)
{
	const struct exception_frame *frame = x->n_frames ? &x->frames[x->n_frames - 1] : NULL;

	return frame && frame->file && strstr(frame->file, "/pandas/core/");
}

static bool tell_key(struct teller *t)
{
	const char *source = t->x->source, *hint = cause_hint(t->x);

	if (source && strstr(source, "environ"))
		return with_help(t, "That variable is not in the program's environment: os.environ.get(…) gives a default.");
	if (hint)
		return with_help(t, hint);
	if (is_of_pandas(t->x))
		return with_help(t, "The table has no such column or row: print(df.columns) tells which there are.");
	/* What a library does not find need be in no dictionary of the program. */
	if (!is_own_line(t->x))
		return false;
	if (source && strstr(source, ".remove("))
		return with_help(t, "The set has no such element: discard() does without.");
	if (t->x->message && (strstr(t->x->message, "\\r'") || strstr(t->x->message, "\\n'")))
		return with_help(t, "The key ends in a line end: strip() takes that off.");
	return with_help(t, "The dictionary has no such key: d.get(key) gives None then.");
}

static bool tell_division(struct teller *t)
{
	sentence(t, "The program divides by zero");
	return true;
}

static bool tell_assertion(struct teller *t)
{
	say(t, "An assertion of the program failed");
	if (t->x->message && *t->x->message) {
		say(t, ": ");
		tell_message(t, t->x->message, TELL_MESSAGE);
	}
	sentence(t, "");
	return true;
}

/* ------------------------------------------------------------------ text and input */

static bool tell_decode(struct teller *t)
{
	const char *help = cause_hint(t->x);

	if (says(t->x, "'utf-8'"))
		say(t, "What the program reads is not UTF-8");
	else
		say(t, "What the program reads is not in the encoding that it expects");
	say(t, ": ");
	tell_message(t, t->x->message ? t->x->message : "", TELL_MESSAGE);
	sentence(t, "");
	say(t, " ");
	tell_text(t, help ? help
			  : "Name the file's own encoding (encoding=\"cp1252\" or \"latin-1\"), or read bytes (\"rb\").");
	return true;
}

static bool tell_encode(struct teller *t)
{
	return with_help(t, says(t->x, "surrogates") ? "The text came from bytes that are no UTF-8."
						     : "Say which encoding the output has: "
						       "sys.stdout.reconfigure(encoding=\"utf-8\").");
}

static bool tell_end_of_input(struct teller *t)
{
	if (says(t->x, "Ran out of input"))
		return with_help(t, "The pickle is empty, or cut off.");
	if (!says(t->x, "reading a line"))
		return false;
	sentence(t, "The program asked for more input than there was");
	say(t, " Read with \"for line in sys.stdin\", or stop at EOFError.");
	return true;
}

static bool tell_broken_pipe(struct teller *t)
{
	sentence(t, "Whoever read the program's output stopped reading before its end");
	if (!t->student)
		say(t, " A reader such as head(1) or a checker that has seen enough does so.");
	return true;
}

/* ------------------------------------------------------------------ depth and memory */

static bool tell_recursion(struct teller *t)
{
	sentence(t, "Functions call each other too deep");
	say(t, " A recursion needs a case that ends it, or a loop in its stead.");
	return true;
}

static bool tell_memory(struct teller *t)
{
	say(t, "There is not enough memory for what the program asks for");
	if (t->x->message && *t->x->message) {
		say(t, ": ");
		tell_message(t, t->x->message, TELL_MESSAGE);
	}
	sentence(t, "");
	say(t, " Keep less at one time: read line by line, drop what is no longer needed.");
	return true;
}

/* ------------------------------------------------------------------ source that is none */

static const char *syntax_help(const struct exception_facts *x)
{
	const char *line = x->text ? x->text + strspn(x->text, " \t") : "";

	if (*line == '%' || *line == '!')
		return "A line that begins with % or ! is a notebook's command: take it out.";
	if (after_prefix(line, "<<<<<<<") || after_prefix(line, ">>>>>>>") || after_prefix(line, "======="))
		return "A conflict of a merge was left in the file.";
	if (after_prefix(line, ">>> ") || after_prefix(line, "... "))
		return "The line was copied with its prompt: take \">>> \" out.";
	return cause_hint(x);
}

/* What is wrong, if it is known, without the place that str() puts after it: " (solve.py, line 3)". */
static void tell_bare(struct teller *t, const char *message)
{
	const char *place = NULL;
	_cleanup_free_ char *bare = NULL;

	if (!message || !*message)
		return;
	for (const char *p = message; (p = strstr(p, " (")); p++)
		place = p;
	if (place && strstr(place, "line ") && place[strlen(place) - 1] == ')')
		message = bare = xstrndup(message, (size_t)(place - message));
	say(t, ": ");
	tell_message(t, message, TELL_MESSAGE);
}

static bool tell_syntax(struct teller *t)
{
	const struct exception_facts *x = t->x;
	const char *help = syntax_help(x);

	if (cause_is_compile_error(x, t->around))
		say(t, "The program cannot be compiled, so nothing of it ran");
	else if (x->filename && *x->filename == '<')
		say(t, "A text that the program runs as code cannot be compiled");
	else
		say(t, "A module that the program imports cannot be compiled");
	tell_bare(t, x->message);
	/* The place of the text that is no code; if that is not known, the place that asked for it to be run. */
	if (x->filename && *x->filename != '<')
		tell_place_of(t, x->filename, x->lineno, NULL);
	else
		tell_place(t);
	say(t, ".");
	if (help) {
		say(t, " ");
		tell_text(t, help);
	}
	return true;
}

/* ------------------------------------------------------------------ ends by request */

static bool tell_interrupt(struct teller *t)
{
	sentence(t, "The program was interrupted (KeyboardInterrupt)");
	return true;
}

/* The exception that was being handled when the program ended itself: printed, and turned into an exit status. */
static void tell_handled(struct teller *t)
{
	const struct exception_facts *before = t->x->n_chain ? &t->x->chain[0] : NULL;

	if (!before)
		return;
	tell_text(t, before->link == EXCEPTION_LINK_PRINTED ? " Before that, a traceback was made of " : " It did so because of ");
	tell_exception(t, before);
	tell_place_of(t, before->file, before->line, before->function);
	tell_text(t, before->link == EXCEPTION_LINK_PRINTED ? "; whether that is the reason is not known." : ".");
}

static bool tell_exit(struct teller *t)
{
	const struct exception_facts *x = t->x;

	if (!x->has_status) {
		say(t, "The program ended itself");
		if (x->message) {
			say(t, " with the message \"");
			tell_message(t, x->message, TELL_MESSAGE);
			say(t, "\" and exit status 1");
		}
		sentence(t, "");
	} else {
		buf_printf(t->out, "The program ended itself with exit status %lld", (long long)(x->status & 0xff));
		if (x->status != (x->status & 0xff))
			buf_printf(t->out, ", which is what arrives of %lld", (long long)x->status);
		sentence(t, "");
	}
	if (came_through(x, "/argparse.py"))
		say(t, " Its command line was not as it has to be (argparse): see what it printed.");
	else if (came_from(x, "/unittest/main.py") && x->status == 5)
		say(t, " There was no test to run (unittest).");
	else if (came_from(x, "/unittest/main.py") && x->status == 1)
		say(t, " Not all of its tests passed (unittest): see what it printed.");
	else
		tell_handled(t);
	return true;
}

/* ------------------------------------------------------------------ several at once */

static bool tell_group(struct teller *t)
{
	const struct exception_facts *x = t->x;

	tell_exception(t, x);
	sentence(t, "");
	for (size_t i = 0; i < MIN(x->n_group, (size_t)2); i++) {
		tell_text(t, i ? " And: " : " The first is ");
		tell_exception(t, &x->group[i]);
		tell_place_of(t, x->group[i].file, x->group[i].line, x->group[i].function);
		say(t, ".");
	}
	return true;
}

/* What the message itself tells. */
static bool tell_hint(struct teller *t)
{
	return with_help(t, cause_hint(t->x));
}

/* ------------------------------------------------------------------ the table */

typedef bool tell_fn(struct teller *);

static const struct {
	const char *name; /* of the exception or one of its bases; NULL: any */
	tell_fn *tell;
} table[] = {
	{ NULL, tell_screen },
	{ NULL, tell_network },
	{ NULL, tell_shadow },
	{ "SystemExit", tell_exit },
	{ "KeyboardInterrupt", tell_interrupt },
	{ "FileNotFoundError", tell_no_file },
	{ "IsADirectoryError", tell_directory },
	{ "NotADirectoryError", tell_no_directory },
	{ "PermissionError", tell_no_right },
	{ "FileExistsError", tell_exists },
	{ "BrokenPipeError", tell_broken_pipe },
	{ "OSError", tell_os_error },
	{ "ModuleNotFoundError", tell_no_module },
	{ "ImportError", tell_import },
	{ "NameError", tell_no_name },
	{ "UnicodeDecodeError", tell_decode },
	{ "UnicodeEncodeError", tell_encode },
	{ "ValueError", tell_value_error },
	{ "IndexError", tell_index },
	{ "KeyError", tell_key },
	{ "ZeroDivisionError", tell_division },
	{ "AssertionError", tell_assertion },
	{ "EOFError", tell_end_of_input },
	{ "RecursionError", tell_recursion },
	{ "MemoryError", tell_memory },
	{ "SyntaxError", tell_syntax },
	{ "BaseExceptionGroup", tell_group },
	{ "ExceptionGroup", tell_group },
	{ NULL, tell_hint },
};

bool cause_table_tell(struct teller *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if ((!table[i].name || exception_is(t->x, table[i].name)) && table[i].tell(t))
			return true;
	return false;
}
