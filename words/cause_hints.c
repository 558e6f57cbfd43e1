/* SPDX-License-Identifier: Apache-2.0 */
#include "words/cause_hints.h"

#include "base/util.h"

/* A name, and what is known about it. */
struct known {
	const char *name, *text;
};

static const char *find_known(const char *name, const struct known *list, size_t n)
{
	for (size_t i = 0; name && i < n; i++)
		if (streq(list[i].name, name))
			return list[i].text;
	return NULL;
}

/* ------------------------------------------------------------------ modules */

#define PYTHON_2(now) "It is a module of Python 2; in Python 3 that is " now "."
#define REMOVED(version, now) "Python has it no longer from " version " on" now "."
#define OF_PACKAGE(name) "It comes with the package " name "."

static const struct known modules[] = {
	{ "urllib2", PYTHON_2("urllib.request") },
	{ "urlparse", PYTHON_2("urllib.parse") },
	{ "httplib", PYTHON_2("http.client") },
	{ "cookielib", PYTHON_2("http.cookiejar") },
	{ "HTMLParser", PYTHON_2("html.parser") },
	{ "SocketServer", PYTHON_2("socketserver") },
	{ "Tkinter", PYTHON_2("tkinter") },
	{ "tkMessageBox", PYTHON_2("tkinter.messagebox") },
	{ "ConfigParser", PYTHON_2("configparser") },
	{ "cPickle", PYTHON_2("pickle") },
	{ "StringIO", PYTHON_2("io.StringIO") },
	{ "cStringIO", PYTHON_2("io.StringIO") },
	{ "Queue", PYTHON_2("queue") },
	{ "thread", PYTHON_2("threading") },
	{ "commands", PYTHON_2("subprocess") },
	{ "__builtin__", PYTHON_2("builtins") },
	{ "sets", PYTHON_2("the type set") },
	{ "imp", REMOVED("3.12", ": importlib does the same") },
	{ "distutils", REMOVED("3.12", ": setuptools has it") },
	{ "asyncore", REMOVED("3.12", ": use asyncio") },
	{ "asynchat", REMOVED("3.12", ": use asyncio") },
	{ "smtpd", REMOVED("3.12", "") },
	{ "binhex", REMOVED("3.11", "") },
	{ "cgi", REMOVED("3.13", "") },
	{ "cgitb", REMOVED("3.13", "") },
	{ "crypt", REMOVED("3.13", ": use hashlib") },
	{ "telnetlib", REMOVED("3.13", "") },
	{ "imghdr", REMOVED("3.13", "") },
	{ "sndhdr", REMOVED("3.13", "") },
	{ "audioop", REMOVED("3.13", "") },
	{ "aifc", REMOVED("3.13", "") },
	{ "pipes", REMOVED("3.13", ": use subprocess and shlex") },
	{ "uu", REMOVED("3.13", ": use binascii or base64") },
	{ "nntplib", REMOVED("3.13", "") },
	{ "xdrlib", REMOVED("3.13", "") },
	{ "lib2to3", REMOVED("3.13", "") },
	{ "cv2", OF_PACKAGE("opencv-python") },
	{ "PIL", OF_PACKAGE("Pillow") },
	{ "sklearn", OF_PACKAGE("scikit-learn") },
	{ "skimage", OF_PACKAGE("scikit-image") },
	{ "yaml", OF_PACKAGE("PyYAML") },
	{ "bs4", OF_PACKAGE("beautifulsoup4") },
	{ "Crypto", OF_PACKAGE("pycryptodome") },
	{ "dateutil", OF_PACKAGE("python-dateutil") },
	{ "dotenv", OF_PACKAGE("python-dotenv") },
	{ "docx", OF_PACKAGE("python-docx") },
	{ "fitz", OF_PACKAGE("PyMuPDF") },
	{ "serial", OF_PACKAGE("pyserial") },
	{ "google.colab", "It is there in Colab alone: a script does without." },
	{ "IPython", "It is there in notebooks: a script does without." },
	{ "winreg", "It is there on Windows alone." },
	{ "winsound", "It is there on Windows alone." },
	{ "msvcrt", "It is there on Windows alone." },
	{ "win32com", "It is there on Windows alone." },
	{ "win32api", "It is there on Windows alone." },
	{ "tkinter", "There is no screen here either: print the result instead." },
	{ "_tkinter", "There is no screen here either: print the result instead." },
};

const char *cause_module(const char *name)
{
	return find_known(name, modules, ARRAY_SIZE(modules));
}

static const char *const libraries[] = {
	"abc", "argparse", "array", "ast", "asyncio", "base64", "bisect", "calendar", "cmath", "code",
	"codecs", "collections", "colorsys", "compileall", "concurrent", "configparser", "contextlib",
	"copy", "csv", "ctypes", "curses", "dataclasses", "datetime", "decimal", "difflib", "dis",
	"email", "enum", "fractions", "ftplib", "functools", "getopt", "getpass", "gettext", "glob",
	"graphlib", "gzip", "hashlib", "heapq", "hmac", "html", "http", "imaplib", "importlib", "inspect",
	"io", "ipaddress", "itertools", "json", "keyword", "linecache", "locale", "logging", "lzma",
	"mailbox", "math", "mimetypes", "multiprocessing", "numbers", "operator", "os", "pathlib", "pdb",
	"pickle", "platform", "plistlib", "pprint", "profile", "queue", "random", "re", "readline",
	"sched", "secrets", "select", "selectors", "shelve", "shlex", "shutil", "signal", "site",
	"smtplib", "socket", "sqlite3", "ssl", "stat", "statistics", "string", "struct", "subprocess",
	"symbol", "sys", "tarfile", "tempfile", "test", "textwrap", "threading", "time", "timeit",
	"tkinter", "token", "tokenize", "trace", "traceback", "turtle", "types", "typing", "unittest",
	"urllib", "uuid", "warnings", "wave", "weakref", "webbrowser", "xml", "zipfile", "zlib", "bs4",
	"cv2", "django", "flask", "matplotlib", "networkx", "nltk", "numpy", "openpyxl", "pandas",
	"plotly", "PIL", "pygame", "pytest", "requests", "scipy", "seaborn", "sklearn", "sympy",
	"tensorflow", "torch", "yaml",
};

bool cause_is_library(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(libraries); i++)
		if (streq(libraries[i], name))
			return true;
	return false;
}

/* ------------------------------------------------------------------ names */

#define IMPORT(name) "The line \"import " name "\" is missing."
#define PYTHON_2_NAME(now) "It is Python 2's; in Python 3 that is " now "."

static const struct known names[] = {
	{ "np", "The line \"import numpy as np\" is missing." },
	{ "pd", "The line \"import pandas as pd\" is missing." },
	{ "plt", "The line \"import matplotlib.pyplot as plt\" is missing." },
	{ "math", IMPORT("math") },
	{ "os", IMPORT("os") },
	{ "sys", IMPORT("sys") },
	{ "re", IMPORT("re") },
	{ "json", IMPORT("json") },
	{ "time", IMPORT("time") },
	{ "random", IMPORT("random") },
	{ "collections", IMPORT("collections") },
	{ "itertools", IMPORT("itertools") },
	{ "functools", IMPORT("functools") },
	{ "datetime", IMPORT("datetime") },
	{ "string", IMPORT("string") },
	{ "defaultdict", "The line \"from collections import defaultdict\" is missing." },
	{ "Counter", "The line \"from collections import Counter\" is missing." },
	{ "deque", "The line \"from collections import deque\" is missing." },
	{ "sqrt", "The line \"from math import sqrt\" is missing." },
	{ "reduce", "The line \"from functools import reduce\" is missing." },
	{ "List", "The line \"from typing import List\" is missing." },
	{ "Optional", "The line \"from typing import Optional\" is missing." },
	{ "raw_input", PYTHON_2_NAME("input()") },
	{ "xrange", PYTHON_2_NAME("range()") },
	{ "unicode", PYTHON_2_NAME("str") },
	{ "long", PYTHON_2_NAME("int") },
	{ "basestring", PYTHON_2_NAME("str") },
	{ "unichr", PYTHON_2_NAME("chr()") },
	{ "execfile", PYTHON_2_NAME("exec(open(…).read())") },
	{ "reload", PYTHON_2_NAME("importlib.reload()") },
	{ "cmp", PYTHON_2_NAME("(a > b) - (a < b)") },
	{ "true", "In Python it is written True." },
	{ "false", "In Python it is written False." },
	{ "null", "In Python it is written None." },
	{ "none", "In Python it is written None." },
	{ "get_ipython", "It is there in notebooks alone: take the lines of the notebook's own commands out." },
	{ "display", "It is there in notebooks alone: use print()." },
	{ "__file__", "It is there only where the program is a file, not with -c, standard input or a notebook." },
	{ "self", "A method needs self as its first parameter." },
};

const char *cause_name_help(const char *name)
{
	return find_known(name, names, ARRAY_SIZE(names));
}

/* ------------------------------------------------------------------ messages */

#define IS_NONE \
	"The value is None there: a function without return gives None, and so do list.sort() and the like."

#define OF_ITS_WRITER \
	" names a class or function of the program that wrote it: define it in, or import it into, the program that reads it."

/* An exception whose message, if it is known, holds PART, and what helps then. */
static const struct {
	const char *exception, *part, *help;
} hints[] = {
	{ "AttributeError", "'NoneType' object has no attribute", IS_NONE },
	{ "AttributeError", "Can't get attribute", "The pickle" OF_ITS_WRITER },
	{ "AttributeError", "module '__main__' has no attribute", "If a pickle was read, it" OF_ITS_WRITER }, /* from 3.14 on */
	{ "AttributeError", "'str' object has no attribute 'decode'", "It is text already: leave decode() out." },
	{ "AttributeError", "'dict' object has no attribute 'has_key'", "It is Python 2's; in Python 3: key in d." },
	{ "AttributeError", "'dict' object has no attribute 'iteritems'",
	  "It is Python 2's; in Python 3: items()." },
	{ "AttributeError", "module 'time' has no attribute 'clock'", "Use time.perf_counter()." },
	{ "AttributeError", "module 'string' has no attribute 'letters'", "Use string.ascii_letters." },
	{ "TypeError", "'NoneType' object is not", IS_NONE },
	{ "TypeError", "not 'NoneType'", IS_NONE },
	{ "TypeError", "and 'NoneType'", IS_NONE },
	{ "TypeError", "'NoneType' and", IS_NONE },
	{ "TypeError", "can only concatenate str", "Use str(…) or an f-string; input() gives text: int(input())." },
	{ "TypeError", "'int' and 'str'", "input() and files give text: int(…) or float(…) makes a number of it." },
	{ "TypeError", "'str' and 'int'", "input() and files give text: int(…) or float(…) makes a number of it." },
	{ "TypeError", "'str' object cannot be interpreted as an integer",
	  "input() and files give text: int(…) makes a number of it." },
	{ "TypeError", "a bytes-like object is required, not 'str'",
	  "The file is open for bytes (\"rb\", \"wb\"): encode() the text, or open it as text." },
	{ "TypeError", "'module' object is not callable",
	  "Name the function in the module, as in datetime.datetime(…)." },
	{ "TypeError", "object is not callable",
	  "A variable has the name of a function, or an operator is missing before \"(\"." },
	{ "TypeError", "unhashable type: 'list'", "Keys and members of sets cannot change: use tuple(…)." },
	{ "TypeError", "is not JSON serializable",
	  "JSON knows numbers, texts, lists and dictionaries: turn the value into one of these." },
	{ "TypeError", "list indices must be integers or slices, not str",
	  "It is a list; take one of its elements first." },
	{ "TypeError", "takes 0 positional arguments but 1 was given",
	  "A method needs self as its first parameter." },
	{ "TypeError", "takes from ", "The call gives more arguments than that; a method's first parameter is self." },
	{ "TypeError", "takes 1 positional argument but",
	  "The call gives more arguments than that; a method's first parameter is self." },
	{ "ImportError", "attempted relative import with no known parent package",
	  "The file is run as a program, not as a part of a package: write import helper in place of from . import helper." },
	{ "ValueError", "I/O operation on closed file",
	  "The file is used after it was closed: move the line into the with block." },
	{ "ValueError", "embedded null byte", "A name of a file holds a byte 0: was its content given?" },
	{ "ValueError", "not enough values to unpack",
	  "There are fewer values than names on the left: is the line split as it should be?" },
	{ "ValueError", "too many values to unpack",
	  "There are more values than names on the left: is the line split as it should be?" },
	{ "ValueError", "does not match format", "The text is not written as the format says, or there is no such day or time." },
	{ "ValueError", "unconverted data remains", "The text goes on behind what the format says: strip() it, or say the rest in the format." },
	{ "ValueError", "Circular reference detected", "A list or dictionary holds itself." },
	{ "KeyError", "getpw", "No user of that name or number is known here: do without the user's name." },
	{ "KeyError", "getgr", "No group of that name or number is known here: do without its name." },
	{ "KeyError", "from an empty set", "The set is empty: ask len(…) first." },
	{ "KeyError", "dictionary is empty", "The dictionary is empty: ask len(…) first." },
	{ "KeyError", "There is no item named", "The archive holds no such file: namelist() tells which." },
	{ "KeyError", "is not a file in the archive", "The archive holds no such array: its files tells which." },
	{ "IndexError", "pop from", "It is empty: ask len(…) first." },
	{ "IndexError", "from an empty sequence", "It is empty: ask len(…) first." },
	{ "IndexError", "no such group", "The pattern has no such group." },
	{ "IndexError", "Replacement index", "The text has more {} than there are values." },
	{ "IndexError", "assignment index", "Only an element that is there can be set: append() a new one." },
	{ "_queue.Empty", "", "Nothing came in that time: what was to put it there may have failed." },
	{ "zipfile.BadZipFile", "not a zip file", "It is another kind of file, or cut off, or a page of the web." },
	{ "RuntimeError", "generator raised StopIteration", "next(…) found no element: give it a default." },
	{ "StopIteration", "", "There is no next element: next(it, None) gives None then." },
	{ "ValueError", "math domain error", "The function is not defined there, as sqrt() of a negative number." },
	{ "UnicodeDecodeError", "byte 0x8b in position 1", "It looks compressed: gzip.open() reads it." },
	{ "UnicodeDecodeError", "byte 0xff in position 0",
	  "It looks like UTF-16: open it with encoding=\"utf-16\"." },
	{ "UnicodeDecodeError", "byte 0xfe in position 0",
	  "It looks like UTF-16: open it with encoding=\"utf-16\"." },
	{ "UnicodeDecodeError", "byte 0x80 in position 0", "It is no text, perhaps a pickle: open it with \"rb\"." },
	{ "UnicodeDecodeError", "byte 0x89 in position 0", "It is no text, perhaps an image: open it with \"rb\"." },
	{ "RuntimeError", "can't start new thread",
	  "No more threads can be started: start fewer at one time, and join those that are done." },
	{ "RuntimeError", "changed size during iteration", "Iterate over a copy: list(…)." },
	{ "RuntimeError", "asyncio.run() cannot be called from a running event loop",
	  "Within a coroutine, await it." },
	{ "RuntimeError", "There is no current event loop", "Start it with asyncio.run(main())." },
	{ "RuntimeError", "input(): lost sys.stdin", "Standard input was closed or replaced." },
	{ "sqlite3.OperationalError", "unable to open database file",
	  "Its directory is not there, or the file cannot be read or made: sqlite3.connect(\":memory:\") needs none." },
	{ "sqlite3.OperationalError", "readonly database",
	  "The file is not to be changed: copy it into sqlite3.connect(\":memory:\") with backup()." },
	{ "sqlite3.OperationalError", "disk I/O error",
	  "Its files cannot be read or written as SQLite needs them: sqlite3.connect(\":memory:\") keeps it in memory." },
	{ "sqlite3.OperationalError", "no such table",
	  "The table was not created, or the database is another one than was meant." },
	{ "_pickle.UnpicklingError", "invalid load key, 'v'", "It is a pointer of Git LFS, not the file itself." },
	{ "_pickle.UnpicklingError", "invalid load key, '<'", "It is a page of the web, not the file itself." },
	{ "_pickle.UnpicklingError", "invalid load key, '\\x1f'", "It looks compressed: gzip.open() reads it." },
	{ "_pickle.UnpicklingError", "truncated", "The pickle is cut off." },
	{ "_pickle.UnpicklingError", "invalid load key", "It is no pickle." },
	{ "SyntaxError", "Missing parentheses in call to 'print'", "That is Python 2; in Python 3: print(…)." },
	{ "SyntaxError", "Missing parentheses in call to 'exec'", "That is Python 2; in Python 3: exec(…)." },
	{ "SyntaxError", "invalid character '“'", "The quotes are typographic: write \" instead." },
	{ "SyntaxError", "invalid character '”'", "The quotes are typographic: write \" instead." },
	{ "SyntaxError", "invalid character '‘'", "The quotes are typographic: write ' instead." },
	{ "SyntaxError", "invalid character '’'", "The quotes are typographic: write ' instead." },
	{ "SyntaxError", "invalid non-printable character",
	  "A character that does not show stands there, perhaps pasted from a page: type the line anew." },
	{ "SyntaxError", "Non-UTF-8 code", "Save the file as UTF-8." },
	{ "SyntaxError", "null bytes", "The file is no text in UTF-8, perhaps UTF-16: save it as UTF-8." },
	{ "SyntaxError", "(unicode error) 'utf-8' codec", "Save the file as UTF-8." },
	{ "SyntaxError", "(unicode error) 'unicodeescape'",
	  "In a path of Windows \"\\U\" begins a character: write r\"…\" or \"/\"." },
	{ "SyntaxError", "was never closed", "The bracket that opens there is not closed." },
	{ "SyntaxError", "unterminated", "A text begins there and does not end." },
	{ "SyntaxError", "EOL while scanning", "A text begins there and does not end." },
	{ "SyntaxError", "unexpected EOF", "Something that was opened above is not closed." },
	{ "SyntaxError", "expected an indented block", "What belongs to the line above has to be indented." },
	{ "SyntaxError", "inconsistent use of tabs", "Indent with blanks alone." },
	{ "SyntaxError", "unexpected indent", "The line is indented further than the one above." },
	{ "SyntaxError", "unindent does not match", "The line is indented as none above it." },
	{ "SyntaxError", "expected ':'", "The line needs a \":\" at its end." },
	{ "SyntaxError", "Maybe you meant '=='", "To compare, write ==." },
	{ "SyntaxError", "'return' outside function", "The line is not indented as a part of the function." },
	{ "SyntaxError", "merge conflict", "A conflict of a merge was left in the file." },
	{ "subprocess.CalledProcessError", "",
	  "The program that it started failed; what it printed says why." },
};

const char *cause_hint(const struct exception_facts *x)
{
	const char *message = x->message ? x->message : "";

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (exception_is(x, hints[i].exception) && strstr(message, hints[i].part))
			return hints[i].help;
	return NULL;
}
