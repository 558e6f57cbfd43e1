# SPDX-License-Identifier: Apache-2.0
"""Programs that end in some hundred ways, from compact tables: used by exception_truth.py.

PROGRAMS: name -> Program. A program without EXPECT ends by an exception that sys.excepthook sees, and that is the
truth; with EXPECT that is, for a hook would not be called or would change the end. NONE: no exception ended it.
"""

import builtins
import collections
import re

Program = collections.namedtuple("Program", "source how oldest expect status withheld options")

NONE = {}
PROGRAMS = {}


def add(name, source, how="file", oldest=9, expect=None, status=None, withheld=False, options=()):
    """STATUS: what the program ends with; None: what its exception makes of it. WITHHELD: its message may be
    absent, for only the program's own code, or one that is not looked into, could tell it."""
    assert name not in PROGRAMS, name
    PROGRAMS[name] = Program(source.replace("\t", "    "), how, oldest, expect, status, withheld, options)


def known(kind, message=None, line=None, **more):
    return dict(more, type=kind, message=message, line=line)


def table(prefix, text, **options):
    """One program a line, "name: source", "|" between the source's lines and ">" a level of indentation."""
    for line in text.strip().splitlines():
        name, source = line.split(": ", 1)
        lines = [re.sub("^>+", lambda m: "    " * len(m[0]), one) for one in source.split("|")]
        add(prefix + name, "\n".join(lines) + "\n", **options)


# ---------------------------------------------------------------- each built-in class

CLASSES = sorted(
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type)
    and issubclass(kind, BaseException)
    and name not in ("SystemExit", "EnvironmentError", "IOError", "BaseExceptionGroup", "ExceptionGroup",
                     "EncodingWarning", "PythonFinalizationError", "_IncompleteInputError")
    and not name.startswith("Unicode")
) + ["UnicodeError", "UnicodeWarning"]
ARGUMENTS = ["", "'m'", "None", "5", "'it\\'s'", "b'\\x00q'", "('t', 1)", "1.5", "True", "''"]
VALUES = ["None", "'text'", "('a', 2)", "5", "()", "'it\\'s \"q\"'", "b'x'", "(('n',),)"]
SET_ERROR = """import ctypes
def f():
    ctypes.pythonapi.PyErr_SetObject(ctypes.py_object({kind}), ctypes.py_object({value}))
f()
"""

for _number, _name in enumerate(CLASSES):
    add("new_" + _name, "def f():\n    raise %s(%s)\nf()\n" % (_name, ARGUMENTS[_number % len(ARGUMENTS)]))
    add("two_" + _name, "raise %s('a', %s)\n" % (_name, ARGUMENTS[(_number * 3 + 1) % len(ARGUMENTS)] or "-2"))
    add("set_" + _name, SET_ERROR.format(kind=_name, value=VALUES[_number % len(VALUES)]),
        withheld=_name in ("OSError", "SyntaxError") or issubclass(getattr(builtins, _name), (OSError, SyntaxError)))
for _number, _name in enumerate(CLASSES[::4]):
    add("bare_" + _name, "raise %s\n" % _name)

# ---------------------------------------------------------------- messages

MESSAGES = r"""
'' | 'plain' | 'it\'s' | "it's \"both\"" | 'tab\tnl\ncr\r' | '\x00\x01\x1b[31m\x7f' | 'h\xe9llo \xdf' | '\u20ac \u4e2d\u6587'
'\U0001f600' | '\ud800x' | '\udc80\udcff' | '\xa0\xad' | '\u200b\u2028\ufeff' | '\u0378' | '\ue000' | '\U000e0001' | 'a' * 1023
'a' * 1024 | 'a' * 1025 | '\xe9' * 1025 | '\u20ac' * 1500 | '\U0001f600' * 1500 | 'x' * 10**6 | '\u0301' | '\u0660\u05d0' | '\u3000'
b'' | b"it's" | b'\'"' | b'\x00\xff\n\t\\' | b'x' * 1000 | b'x' * 2000 | bytearray(b'x') | memoryview(b'x')
0 | 1 | -1 | 2**30 - 1 | 2**30 | -2**30 | 2**59 | 2**60 - 1 | -2**60 + 1 | 2**60 | 2**63 | -2**63 - 1 | 10**300
0.0 | -0.0 | 1.0 | 0.1 | 1e16 | 1e15 | 123456789012345680.0 | 1e-4 | 1e-5 | 1.5e300 | 5e-324 | 2.0**-44 | 2.0**89 | 2.0**-1022 | 9007199254740993.0
2.0**122 | 2.0**-149 | 1/3 | -2/3 | 1e22 | 1e23 | 4.35 | 1.7976931348623157e308 | float('inf') | -float('inf') | float('nan') | 100.0 | 1e2 | 3.0e-10
True | False | None | ... | NotImplemented | int | len | 1j | 1+2j | range(3) | slice(1) | frozenset() | object | type | print
(1,) | () | (1, 2) | ('a', b'b', None, 1.5) | ((((1,),),),) | [1, [2, [3]]] | [] | ['\x00', "it's"] | {} | {'a': 1} | {1, 2} | tuple(range(64)) | tuple(range(65))
((((((((1,),),),),),),),) | ['x' * 500] * 3 | ('y' * 1100,) | [('\xe9', '\u200b', '\xa0', '\u4e2d', '\U0001f600', '\u0378', '\x85', '\udc80', '\x00')]
"""


def _messages():
    for line in MESSAGES.strip().splitlines():
        yield from line.split(" | ")


for _number, _value in enumerate(_messages()):
    add("text_%03d" % _number, "raise ValueError(%s)\n" % _value, withheld=True)
    if _number % 2 == 0:
        add("key_%03d" % _number, "{}[%s]\n" % _value if "[" not in _value and not _value.startswith(("{", "byte", "slice")) else
            "raise KeyError(%s)\n" % _value, withheld=True)
    if _number % 4 == 1:
        add("pair_%03d" % _number, "raise TypeError(%s, 'z')\n" % _value, withheld=True)

# ---------------------------------------------------------------- by the interpreter's own code

table("c_", r"""
zero: 1/0
zero_mod: 5 % 0
name: undefined
name_near: prnt
attribute: None.foo
attribute_module: import os|os.nosuch
attribute_own: class A: pass|A().x
index: [][1]
key: {}['k']
key_quoted: {}["it's"]
key_tuple: {}[(1, 'a')]
key_none: {}[None]
key_empty: {}['']
key_unicode: {}['\u200b\xe9\x00']
key_long: {}['k' * 900]
int: int('x')
int_quoted: int("it's")
float: float('nope')
add: 1 + 'a'
call: (1)()
arguments: (lambda a: a)()
unpack: a, b = 1, 2, 3
unpack_less: a, b = 1,
import_none: import nosuchmodule
import_dotted: import os.nosuch
import_from: from os import nosuchname
import_relative: from . import x
open: open('/nosuch/file')
open_bytes: open(b'/nosuch/\xff')
open_int: open(99)
is_directory: open('/')
rename: import os|os.rename('/nosuch/a', '/nosuch/b')
rename_bytes: import os|os.link(b'/nosuch/a', b'/nosuch/b')
os_text: raise OSError('just text')
os_two: raise OSError(5, 'five')
os_none: raise OSError(None, None)
os_file: raise OSError(2, 'No such', 'f.txt')
os_file_int: raise OSError(2, 'No such', 7)
os_files: raise PermissionError(13, 'denied', 'a', None, 'b')
os_negative: raise OSError(-5, None)
os_set: e = OSError(2, 'x', 'y')|e.filename = None|e.strerror = 'changed'|raise e
os_deleted: e = OSError(2, 'x', 'y')|del e.errno|del e.strerror|raise e
os_blocking: e = BlockingIOError(11, 'again', 5)|raise e
os_number_text: raise OSError('two', 'x')
decode: b'ab\xff'.decode()
decode_many: b'ab\xe2\x82'.decode('utf-8')
decode_16: b'\xff\xfe\x00'.decode('utf-16-le')
decode_ascii: b'\x80'.decode('ascii')
encode: '\xe9'.encode('ascii')
encode_many: 'a\u20ac\u20acb'.encode('latin-1')
encode_wide: '\U0001F600'.encode('ascii')
encode_two: '\u20ac'.encode('latin-1')
encode_surrogate: '\ud800'.encode()
unicode_own: raise UnicodeDecodeError('enc', b'abc', 1, 2, 'why')
unicode_wild: raise UnicodeDecodeError('enc', b'abc', 5, 9, 'why')
unicode_empty: raise UnicodeDecodeError('enc', b'', 0, 0, 'why')
unicode_translate: raise UnicodeTranslateError('abc', 1, 2, 'why')
unicode_translate_many: raise UnicodeTranslateError('abc', 0, 2, 'why')
unicode_changed: e = UnicodeEncodeError('enc', 'abc', 0, 1, 'why')|e.start = 2|e.end = 3|e.reason = 'else'|raise e
json: import json|json.loads('{')
struct: import struct|struct.unpack('I', b'x')
zlib: import zlib|zlib.decompress(b'x')
decimal: import decimal|decimal.Decimal('x')
csv: import csv|list(csv.reader([1]))
re: import re|re.compile('(')
assert_no: assert 0
assert_text: assert 0, 'why'
assert_tuple: assert 0, (1, 'x')
not_implemented: raise NotImplementedError
stop: next(iter([]))
stop_value: def g():|>return 5|>yield|next(g())
generator_stop: def g():|>raise StopIteration|>yield|next(g())
memory: [0] * 10**15
memory_text: 'x' * 10**17
overflow: import math|math.exp(1000)
to_bytes: (1 << 70).to_bytes(2, 'big')
hash: {[]: 1}
iterate: for x in 5: pass
slice: 'abc'[1.5]
index_big: [1][10**30]
unbound: def f():|>x|>x = 1|f()
delete: del nothing
free: def f():|>def g(): return y|>g()|>y = 1|f()
lock: import threading|threading.Lock().release()
pickle: import pickle|pickle.loads(b'x')
pickle_lambda: import pickle|pickle.dumps(lambda: 0)
codec: 'x'.encode('nosuch')
frozen: object().x = 1
abstract: import abc|class A(abc.ABC):|>@abc.abstractmethod|>def f(self): pass|A()
metaclass: class A(int, str): pass
weak: import weakref|class A: pass|r = weakref.proxy(A())|r.x
date: import datetime|datetime.date(1, 1, 99)
strptime: import time|time.strptime('x', '%Y')
enum: import enum|class C(enum.Enum):|>A = 1|C(5)
literal: import ast|ast.literal_eval('1+')
base64: import base64|base64.b64decode('a')
queue: import queue|queue.Queue().get_nowait()
warning: import warnings|warnings.simplefilter('error')|warnings.warn('careful')
input: input()
signal_number: import signal|signal.signal(99, 0)
kill_int: import os, signal|os.kill(os.getpid(), signal.SIGINT)|for i in range(10**7): pass
interrupt: import _thread|_thread.interrupt_main()|for i in range(10**7): pass
async_error: import ctypes, threading|ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(threading.get_ident()), ctypes.py_object(KeyError))|for i in range(10**6): pass
set_none: import ctypes|ctypes.pythonapi.PyErr_SetNone(ctypes.py_object(LookupError))
set_string: import ctypes|ctypes.pythonapi.PyErr_SetString(ctypes.py_object(KeyError), b"it's")
set_subclass: import ctypes|ctypes.pythonapi.PyErr_SetObject(ctypes.py_object(LookupError), ctypes.py_object(KeyError('k')))
set_instance: import ctypes|ctypes.pythonapi.PyErr_SetObject(ctypes.py_object(ValueError), ctypes.py_object(KeyError('k')))
no_memory: import ctypes|ctypes.pythonapi.PyErr_NoMemory()
bad_call: import ctypes|ctypes.pythonapi.PyErr_BadInternalCall()
interned_gai: import socket|raise socket.gaierror(-2, 'Name or service not known')
sorted: sorted([1, 'a'])
comparison: 1 < 'a'
sum: sum(['a'])
format: '{:d}'.format('x')
percent: '%d' % 'x'
""", withheld=False)
for _name in ("c_unicode_wild", "c_unicode_empty", "c_open_bytes", "c_decimal", "c_literal", "c_set_instance", "c_memory", "c_key_unicode"):
    PROGRAMS[_name] = PROGRAMS[_name]._replace(withheld=True)

# ---------------------------------------------------------------- syntax

table("syntax_", r"""
equal: x = = 1
open: def f(:
print: print 'x'
indent: if 1:|x = 1
text: x = 'abc
return: return 5
break: break
two: a b
global: def f():|>x = 1|>global x
name: '\N{nosuch}'
await: await x
late: |||||||||||||||||||||||||||||||||||||class
unicode: x = '\u20ac' + (
eval: eval('1 +')
exec: exec('x = = 1')
compile: compile('a b', 'given.py', 'exec')
compile_path: compile('a b', '/some/where/given.py', 'exec')
compile_single: compile('if 1:', '<x>', 'single')
old_print: compile('print "a"', 'f', 'exec')
old_print_more: compile('  \n x = 1\nif x: print "ä", ;  y', 'f', 'exec')
old_print_twice: compile('print "a" ; print "b"', 'f', 'exec')
old_print_bracket: compile('print (1 2)', 'f', 'exec')
old_print_later: compile('x = 1; print "a"', 'f', 'exec')
old_print_blank: compile('if 1: \xa0print "a"', 'f', 'exec')
old_print_tab: compile('print\t"a"', 'f', 'exec')
old_exec: compile('exec "a"', 'f', 'exec')
quotes: compile('print(\u201ca\u201d)', 'f', 'exec')
null: compile('a\0b', 'f', 'exec')
import: import exception_broken
own: raise SyntaxError('mine', ('f.py', 3, 1, 'text'))
own_path: raise SyntaxError('mine', ('/a/b/f.py', 3, 1, 'text'))
own_message: raise SyntaxError('mine')
own_none: raise SyntaxError
own_no_line: raise SyntaxError('mine', ('f.py', None, 1, 'text'))
own_no_file: raise SyntaxError('mine', (None, 3, 1, 'text'))
own_line_true: raise SyntaxError('mine', ('f.py', True, 1, 'text'))
own_line_large: raise SyntaxError('mine', ('f.py', 2**40, 1, 'text'))
own_line_negative: raise SyntaxError('mine', ('f.py', -4, 1, 'text'))
own_file_long: raise SyntaxError('mine', ('d/' + 'f' * 2000, 3, 1, 'text'))
own_file_empty: raise SyntaxError('mine', ('', 3, 1, 'text'))
own_file_kind: class S(str): pass|raise SyntaxError('mine', (S('f.py'), 3, 1, 'text'))
own_file_bytes: raise SyntaxError('mine', (b'f.py', 3, 1, 'text'))
own_changed: e = SyntaxError('mine', ('f.py', 3, 1, 'text'))|e.msg = 'other'|e.lineno = 5|raise e
indentation: exec('if 1:\n x\n   y')
tab: exec('if 1:\n\tx=1\n        y=2')
""", withheld=True)
for _name in ("print", "print_more", "print_twice", "print_bracket", "print_later", "print_tab", "exec"):
    PROGRAMS["syntax_old_" + _name] = PROGRAMS["syntax_old_" + _name]._replace(withheld=False)
add("syntax_not_utf8", "# \udcff\nx = 1\n", withheld=True)
add("syntax_m", "x = = 1\n", how="m", withheld=True)
add("syntax_c", "x = = 1", how="c", withheld=True)
add("syntax_stdin", "x = = 1\n", how="stdin", withheld=True)

# ---------------------------------------------------------------- classes of the program's own

table("own_", r"""
plain: class E(Exception): pass|raise E('m')
nested: class M:|>class E(ValueError): pass|raise M.E('m')
local: def f():|>class L(KeyError): pass|>raise L('x')|f()
os: class E(OSError): pass|raise E(2, 'gone', 'file')
os_init: class E(OSError):|>def __init__(self, *a): super().__init__(*a); self.extra = 1|raise E(13, 'no', 'f')
keyword: class E(Exception):|>def __init__(self, **k): self.__dict__.update(k)|raise E(a=1, b=2)
no_super: class E(Exception):|>def __init__(self, a, b): self.a = a|raise E(1, 'x')
slots: class E(Exception):|>__slots__ = ('a', 'b')|e = E('m')|e.a = 1|raise e
slots_none: class E(ValueError):|>__slots__ = ()|raise E('m')
new: class E(Exception):|>def __new__(cls, *a): return super().__new__(cls, 'made')|raise E('m')
metaclass: class M(type): pass|class E(Exception, metaclass=M): pass|raise E('m')
metaclass_call: class M(type):|>def __call__(cls, *a): return super().__call__('called')|class E(Exception, metaclass=M): pass|raise E('m')
two_bases: class A(Exception): pass|class B(A, LookupError): pass|raise B('m')
key_and_os: class E(KeyError, OSError): pass|raise E('m')
os_and_value: class E(ValueError, OSError): pass|raise E(2, 'x', 'f')
three: class A(Exception): pass|class B(A): pass|class C(B, ArithmeticError): pass|raise C(1, 2)
mixin: class M:|>x = 1|class E(M, ValueError): pass|raise E('m')
mixin_text: class M:|>def __str__(self): return 'mixed in'|class E(M, ValueError): pass|raise E('m')
text: class E(Exception):|>def __str__(self): return 'computed'|raise E('m')
text_inherited: class A(Exception):|>def __str__(self): return 'computed'|class B(A): pass|raise B('m')
text_base: class E(KeyError):|>__str__ = Exception.__str__|raise E('m')
text_late: class E(Exception): pass|E.__str__ = lambda s: 'late'|raise E('m')
text_deleted: class E(Exception):|>def __str__(self): return 'computed'|del E.__str__|raise E('m')
text_object: class E(Exception):|>__str__ = object.__str__|raise E('m')
repr: class E(Exception):|>def __repr__(self): return 'mine'|raise E('m')
repr_two: class E(Exception):|>def __repr__(self): return 'mine'|raise E('m', 1)
text_raises: class E(Exception):|>def __str__(self): 1/0|raise E('m')
text_of_str: class S(str):|>def __str__(self): return 'liar'|raise ValueError(S('truth'))
int_kind: class I(int):|>def __str__(self): return 'liar'|>__repr__ = __str__|raise ValueError(I(5))
tuple_kind: class T(tuple):|>def __repr__(self): return 'liar'|raise ValueError(T((1, 2)))
float_kind: class F(float):|>def __repr__(self): return 'liar'|raise ValueError(F(1.5))
bytes_kind: class B(bytes):|>def __repr__(self): return 'liar'|raise ValueError(B(b'x'))
args_kind: class T(tuple): pass|e = ValueError(1)|e.args = T((1, 2))|raise e
args_changed: e = ValueError('x')|e.args = ('changed', 7)|raise e
args_property: class E(Exception):|>args = property(lambda s: (1, 2, 3))|raise E('real')
args_large: e = ValueError('x')|e.args = tuple(range(100000))|raise e
args_cycle: l = []|l.append(l)|raise ValueError(l)
args_self: e = ValueError('x')|e.args = (e,)|raise e
argument_error: raise ValueError(KeyError('inner'))
name_changed: class E(Exception): pass|E.__name__ = 'F'|E.__qualname__ = 'G.F'|E.__module__ = 'elsewhere'|raise E('x')
name_long: raise type('N' * 100000, (Exception,), {})('m')
name_odd: raise type('a b\n\x00\ud800', (Exception,), {})('m') if 0 else type('a b\n\t"', (Exception,), {})('m')
module_long: raise type('E', (Exception,), {'__module__': 'm' * 100000})('m')
module_odd: raise type('E', (Exception,), {'__module__': 'x\n\x1b'})('m')
module_int: raise type('E', (Exception,), {'__module__': 5})('m')
unicode: class \u00c9t\u00e9(Exception): pass|raise \u00c9t\u00e9('x')
many_members: class E(Exception): pass|for i in range(3000): setattr(E, 'a%d' % i, i)|raise E('x')
module_late: class E(Exception): pass|for i in range(50): setattr(E, 'a%d' % i, i)|del E.__module__|E.__module__ = 'again'|raise E('x')
builtin_name: class KeyError(Exception): pass|raise KeyError('k')
os_name: class OSError(Exception): pass|raise OSError(2, 'x')
exit_name: class SystemExit(Exception): pass|raise SystemExit(3)
deep: E = Exception|for i in range(60): E = type('E%d' % i, (E,), {})|raise E('deep')
wide: B = [type('B%d' % i, (Exception,), {}) for i in range(40)]|raise type('W', tuple(B), {})('wide')
async_own: import ctypes, threading|class E(Exception):|>def __init__(self): super().__init__('made late')|ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(threading.get_ident()), ctypes.py_object(E))|for i in range(10**6): pass
async_text: import ctypes, threading|class E(Exception):|>def __str__(self): return 'said'|ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(threading.get_ident()), ctypes.py_object(E))|for i in range(10**6): pass
async_new: import ctypes, threading|class E(Exception):|>def __new__(cls): return super().__new__(cls, 'made by new')|ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(threading.get_ident()), ctypes.py_object(E))|for i in range(10**6): pass
set_new: import ctypes|class E(Exception):|>def __new__(cls, *a): return super().__new__(cls, 'made by new')|ctypes.pythonapi.PyErr_SetString(ctypes.py_object(E), b'given')
set_metaclass: import ctypes|class M(type):|>def __call__(cls, *a): return super().__call__('called')|class E(Exception, metaclass=M): pass|ctypes.pythonapi.PyErr_SetString(ctypes.py_object(E), b'given')
set_init: import ctypes|class E(Exception):|>def __init__(self, a): super().__init__('made of ' + a)|ctypes.pythonapi.PyErr_SetString(ctypes.py_object(E), b'given')
set_text: import ctypes|class E(KeyError):|>def __str__(self): return 'said'|ctypes.pythonapi.PyErr_SetString(ctypes.py_object(E), b'given')
""", withheld=True)
for _name in ("own_plain", "own_nested", "own_local", "own_os", "own_slots", "own_two_bases", "own_deep"):
    PROGRAMS[_name] = PROGRAMS[_name]._replace(withheld=False)

# Up to 3.11 these are pending as a class and what to call it with, and only calling it tells what comes of that.
UNMADE = ("set_TabError", "own_async_own", "own_async_new", "own_async_text", "own_set_new", "own_set_metaclass", "own_set_init")

# ---------------------------------------------------------------- where it came from

table("from_", r"""
cause: try:|>{}['a']|except KeyError as e:|>raise ValueError('b') from e
context: try:|>1 / int()|except ZeroDivisionError:|>[][3]
none: try:|>1 / int()|except ZeroDivisionError:|>raise ValueError('clean') from None
class: try:|>1 / int()|except ZeroDivisionError:|>raise ValueError from KeyError
three: def a():|>int('q')|def b():|>try: a()|>except ValueError as e: raise RuntimeError('mid') from e|def c():|>try: b()|>except RuntimeError: {}['z']|c()
finally: try:|>raise ValueError('v')|finally:|>raise TypeError('t')
again: try:|>raise ValueError('v')|except ValueError as e:|>e.args = ('changed', 7)|>raise
cycle: a = ValueError('a'); b = ValueError('b')|a.__cause__ = b; b.__cause__ = a|raise a
cycle_self: a = ValueError('a')|a.__cause__ = a|raise a
cycle_context: a = ValueError('a'); b = KeyError('b')|a.__context__ = b; b.__context__ = a|raise a
cycle_late: e = [ValueError(str(i)) for i in range(5)]|for i in range(4): e[i].__cause__ = e[i + 1]|e[4].__cause__ = e[2]|raise e[0]
long: e = None|for i in range(40):|>n = ValueError(str(i)); n.__cause__ = e; e = n|raise e
suppressed: a = ValueError('a')|a.__context__ = KeyError('b')|a.__suppress_context__ = True|raise a
both: a = ValueError('a')|a.__context__ = KeyError('b')|a.__cause__ = TypeError('c')|raise a
unsuppressed: a = ValueError('a')|a.__cause__ = KeyError('b')|a.__cause__ = None|a.__context__ = TypeError('c')|raise a
exit_context: import sys|try:|>open('/nosuch/q')|except OSError as e:|>raise RuntimeError('so') from e
with: class C:|>def __enter__(self): pass|>def __exit__(self, *a): raise KeyError('leaving')|with C():|>raise ValueError('inside')
with_swallow: class C:|>def __enter__(self): pass|>def __exit__(self, *a): return True|with C():|>raise ValueError('inside')|raise KeyError('after')
hidden: def f():|>try:|>>return g()|>finally:|>>x = 1|def g(): raise OSError(1, 'a', 'b')|f()
nested_finally: try:|>try:|>>{}[1]|>finally:|>>int('a')|finally:|>[].x
loop: for i in range(3):|>try:|>>if i == 2: raise ValueError(i)|>>[][i]|>except IndexError: pass
""")

table("where_", r"""
function: def f():|>g()|def g():|>raise ValueError('here')|f()
lambda: (lambda: 1 / int())()
comprehension: [1 / int(x) for x in '10']
generator: def g():|>yield 1|>raise ValueError('in a generator')|list(g())
generator_expression: list(1 / x for x in (1, 0))
yield_from: def a():|>yield 1|>raise ValueError('a')|def b(): yield from a()|for x in b(): pass
throw: def g():|>yield 1|x = g()|next(x)|x.throw(ValueError('thrown'))
throw_class: def g():|>yield 1|x = g()|next(x)|x.throw(ValueError)
class: class A:|>x = 1|>raise ValueError('in a class')
class_deep: class A:|>class B:|>>x = 1 / int()
decorator: def d(f): raise ValueError('deco')|@d|def f(): pass
decorated: def d(f):|>def w(*a): return f(*a)|>return w|@d|def f(): raise ValueError('deco')|f()
property: class A:|>@property|>def x(self): raise ValueError('p')|A().x
init: class A:|>def __init__(self): raise ValueError('i')|A()
getattr: class A:|>def __getattr__(self, n): raise AttributeError(n)|A().zz
callback: sorted([1, 2], key=lambda x: 1 / int())
map: list(map(int, 'a'))
default: def f(x=1 / int()): pass
multiline: x = (1 +|2 +|int('a')|+ 3)
call_lines: def f(a, b): raise ValueError('f')|f(|1,|2,|)
exec: exec('def f():\n  raise ValueError("e")\nf()')
exec_named: exec(compile('\n\n1 / int()', 'some/name.py', 'exec'))
exec_odd: exec(compile('1 / int()', 'odd\nname "\'\x1b', 'exec'))
eval: eval('1 / int()')
recursion: def f(n): return f(n + 1)|f(0)
recursion_try: def f():|>try: f()|>finally: pass|f()
recursion_two: def f(n): g(n)|def g(n): f(n)|f(0)
deep_70: def f(n):|>if n: f(n - 1)|>raise ValueError('deep')|f(70)
deep_62: def f(n):|>if n: f(n - 1)|>raise ValueError('deep')|f(62)
deep_900: def f(n):|>if n: f(n - 1)|>raise ValueError('deep')|f(900)
async: import asyncio|async def f():|>await asyncio.sleep(0)|>raise ValueError('in a task')|asyncio.run(f())
async_gather: import asyncio|async def g(): 1 / int()|async def f(): await asyncio.gather(g(), g())|asyncio.run(f())
async_timeout: import asyncio|async def f(): await asyncio.wait_for(asyncio.sleep(9), 0.01)|asyncio.run(f())
async_bare: async def f(): raise ValueError('bare')|f().send(None)
thread_result: from concurrent.futures import ThreadPoolExecutor|with ThreadPoolExecutor(1) as p: p.submit(int, 'z').result()
library: import json|json.dumps(object())
module: import exception_raises
module_function: import exception_function|exception_function.f()
reraised: def f():|>try: 1 / int()|>except ZeroDivisionError as e: return e|e = f()|raise e
reraised_twice: def f():|>try: 1 / int()|>except ZeroDivisionError as e: return e|e = f()|try: raise e|except ZeroDivisionError: pass|raise e
traceback_none: e = ValueError('x')|try: raise e|except ValueError: pass|e.__traceback__ = None|raise e
traceback_own: import sys, types|def f():|>return sys._getframe()|raise ValueError('own').with_traceback(types.TracebackType(None, f(), 0, 7))
traceback_zero: import sys, types|def f():|>return sys._getframe()|raise ValueError('own').with_traceback(types.TracebackType(None, f(), 0, 0))
traceback_cut: import sys|def f(): 1 / int()|try: f()|except ZeroDivisionError as e:|>raise KeyError('x').with_traceback(e.__traceback__.tb_next)
line_large: exec(compile('\n' * 70000 + '1 / int()', 'long.py', 'exec'))
code_line: import types|def f(): 1 / int()|f.__code__ = f.__code__.replace(co_firstlineno=5000)|f()
code_name: def f(): 1 / int()|f.__code__ = f.__code__.replace(co_name='renamed', co_filename='/other/file.py')|f()
folded: try: 1/0|except ZeroDivisionError: pass|raise KeyError('after')
dunder_del: class A:|>def __del__(self): 1 / int()|a = A()|del a|raise KeyError('after')
""")
for _name in ("where_library", "where_decorated"):
    PROGRAMS[_name] = PROGRAMS[_name]._replace(withheld=True)

table("note_", r"""
two: e = ValueError('v'); e.add_note('n1'); e.add_note('n2')|raise e
own: class E(Exception): pass|e = E('v'); e.x = 1; e.add_note('custom')|raise e
many: e = ValueError('v')|for i in range(20): e.add_note('n%d' % i)|raise e
long: e = ValueError('v'); e.add_note('n' * 5000)|raise e
odd: e = ValueError('v'); e.add_note('\n\x00"\u20ac')|raise e
tuple: e = ValueError('v'); e.__notes__ = ('a', 'b')|raise e
wild: e = ValueError('v'); e.__notes__ = [1, 'b', None]|raise e
text: e = ValueError('v'); e.__notes__ = 'abc'|raise e
deleted: e = ValueError('v'); e.add_note('a'); del e.__notes__; e.y = 1|raise e
keys: e = ValueError('v')|for i in range(200): setattr(e, 'k%d' % i, i)|e.add_note('last')|raise e
odd_keys: e = ValueError('v')|e.__dict__[5] = 1|e.__dict__[(1,)] = 2|e.add_note('last')|raise e
shared: class E(Exception):|>def __init__(self): self.a = self.b = 1|l = [E() for i in range(5)]|l[3].add_note('shared')|raise l[3]
copied: e = ValueError('v')|e.add_note('a')|e.__dict__ = dict(e.__dict__)|raise e
""", oldest=11)

table("group_", r"""
two: raise ExceptionGroup('g', [ValueError('a'), KeyError('b')])
one: raise ExceptionGroup('g', [ValueError('a')])
frames: def f():|>try: 1 / int()|>except Exception as e: return e|raise ExceptionGroup('outer', [f(), ExceptionGroup('inner', [OSError(2, 'x', 'y')])])
base: raise BaseExceptionGroup('b', [KeyboardInterrupt()])
own: class G(ExceptionGroup): pass|raise G('mine', [ValueError(i) for i in range(30)])
same: e = ValueError('a')|raise ExceptionGroup('g', [e, TypeError('b')])
chain: try: 1 / int()|except ZeroDivisionError:|>raise ExceptionGroup('g', [ValueError('a')])
star: try:|>raise ExceptionGroup('g', [ValueError('a'), TypeError('b')])|except* ValueError:|>pass
tasks: import asyncio|async def bad(n): raise ValueError(n)|async def f():|>async with asyncio.TaskGroup() as t:|>>t.create_task(bad(1)); t.create_task(bad(2))|asyncio.run(f())
note: e = ExceptionGroup('g', [ValueError('a')])|e.add_note('n')|raise e
text: class S(str): pass|raise ExceptionGroup(S('g'), [ValueError('a')])
""", oldest=11, withheld=True)

# ---------------------------------------------------------------- how it was started

for _how in ("c", "m", "stdin", "zip", "directory"):
    add("as_%s_zero" % _how, "def f():\n    1 / int()\nf()\n", how=_how)
    add("as_%s_key" % _how, "import os\nos.sep\n{}['k']\n", how=_how)
    add("as_%s_interrupt" % _how, "raise KeyboardInterrupt('k')\n", how=_how)
    add("as_%s_exit" % _how, "import sys\nsys.exit(4)\n", how=_how, expect=known("SystemExit", "4", status=4), status=4)
    add("as_%s_text" % _how, "import sys\nsys.exit('bye')\n", how=_how, expect=known("SystemExit", "bye"), status=1)
    add("as_%s_end" % _how, "pass\n", how=_how, expect=NONE, status=0)
    add("as_%s_os_exit" % _how, "import os\nos._exit(7)\n", how=_how, expect=NONE, status=7)

# ---------------------------------------------------------------- sys.exit()

for _name, _value, _told in (
    ("0", "0", known("SystemExit", "0", status=0)),
    ("3", "3", known("SystemExit", "3", status=3)),
    ("256", "256", known("SystemExit", "256", status=256)),
    ("negative", "-1", known("SystemExit", "-1", status=-1)),
    ("big", "2**40 + 5", known("SystemExit", str(2**40 + 5), status=2**40 + 5)),
    ("none", "", known("SystemExit", "", status=0)),
    ("None", "None", known("SystemExit", None, status=0)),
    ("true", "True", known("SystemExit", "True", status=1)),
    ("text", "'text'", known("SystemExit", "text")),
    ("empty", "''", known("SystemExit", "")),
    ("tuple", "(1, 2)", known("SystemExit", None)),
    ("float", "1.0", known("SystemExit", "1.0")),
    ("list", "[1]", known("SystemExit", "[1]")),
    ("bytes", "b'x'", known("SystemExit", "b'x'")),
):
    _code = {"0": 0, "3": 3, "256": 0, "negative": 255, "big": 5, "none": 0, "None": 0}.get(_name, 1)
    add("exit_" + _name, "import sys\ndef f():\n    sys.exit(%s)\nf()\n" % _value, expect=dict(_told, line=3), status=_code)
    add("raise_exit_" + _name, "raise SystemExit(%s)\n" % _value, expect=dict(_told, line=1), status=_code)


def _exit(name, source, told, status, **options):
    add("exit_" + name, source, expect=told, status=status, **options)


_exit("class", "raise SystemExit\n", known("SystemExit", "", 1, status=0), 0)
_exit("two", "raise SystemExit('a', 'b')\n", known("SystemExit", "('a', 'b')", 1), 1)
_exit("changed", "import sys\ntry: sys.exit(3)\nexcept SystemExit as e:\n    e.code = 6\n    raise\n",
      known("SystemExit", "3", status=6), 6)
_exit("own", "class X(SystemExit): pass\nraise X(5)\n", known("X", "5", 2, status=5), 5)
_exit("own_code", "class X(SystemExit):\n    code = property(lambda s: 7)\nraise X(5)\n", known("X", "5", 3, status=None), 7)
_exit("own_code_class", "class Y(SystemExit):\n    code = 8\nclass X(Y): pass\nraise X(5)\n", known("X", "5", 4, status=None), 8)
_exit("own_getattr", "class X(SystemExit):\n    def __getattribute__(self, n): return 9 if n == 'code' else object.__getattribute__(self, n)\nraise X(5)\n",
      known("X", "5", 3, status=None), 9)
_exit("caught", "import sys\nfor i in range(20):\n    try: sys.exit(i)\n    except SystemExit: pass\n", NONE, 0)
_exit("caught_then", "import sys\ntry: sys.exit(1)\nexcept SystemExit: pass\n1 / int()\n", known("ZeroDivisionError", None, 4), 1)
_exit("after", "import sys\ntry: 1 / int()\nexcept ZeroDivisionError: sys.exit(3)\n", known("SystemExit", "3", 3, status=3), 3)
_exit("quit", "quit()\n", known("SystemExit", None, status=0), 0)
_exit("function", "exit(7)\n", known("SystemExit", "7", status=7), 7)
_exit("argparse", "import argparse\nargparse.ArgumentParser().parse_args(['--nope'])\n", known("SystemExit", "2", status=2), 2)
_exit("unittest", "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): self.assertEqual(1, 2)\nunittest.main()\n",
      known("SystemExit", None, 4, status=1), 1)
_exit("int_kind", "class I(int): pass\nraise SystemExit(I(4))\n", known("SystemExit", None, 2, status=4), 4)
_exit("enum", "import enum\nclass C(enum.IntEnum):\n    A = 6\nraise SystemExit(C.A)\n", known("SystemExit", None, 4, status=6), 6)
_exit("thread_error", "import threading\nt = threading.Thread(target=lambda: 1 / int()); t.start(); t.join()\nraise SystemExit(3)\n",
      known("SystemExit", "3", 3, status=3), 3)
_exit("c", "import ctypes\nctypes.pythonapi.PyErr_SetObject(ctypes.py_object(SystemExit), ctypes.py_object(6))\n",
      known("SystemExit", "6", 2, status=6), 6)
_exit("async", "import asyncio, sys\nasync def f(): sys.exit(4)\nasyncio.run(f())\n", known("SystemExit", "4", status=4), 4)
_exit("generator", "import sys\ndef g():\n    yield sys.exit(5)\nlist(g())\n", known("SystemExit", "5", 3, status=5), 5)

# ---------------------------------------------------------------- nothing ends these by an exception

for _name, _source, _status in (
    ("end", "print(1)", 0),
    ("caught", "try: 1 / int()\nexcept Exception: pass", 0),
    ("caught_many", "for i in range(3000):\n    try: int('x')\n    except ValueError: pass", 0),
    ("folded", "try: 1/0\nexcept ZeroDivisionError: pass\ntry: 1 << -1\nexcept ValueError: pass\n()[0] if 0 else 1", 0),
    ("folded_many", "def f():\n    return (1/0, 1%0, 'a'*-1, 2**-1, (1,)[0], 1<<-1, 0.0/0)\n" * 20, 0),
    ("syntax_caught", "try: compile('a b', 'f', 'exec')\nexcept SyntaxError: pass\ntry: exec('1 +')\nexcept SyntaxError: pass", 0),
    ("thread", "import threading\nt = threading.Thread(target=lambda: 1 / int()); t.start(); t.join()", 0),
    ("thread_exit", "import threading, sys\nt = threading.Thread(target=lambda: sys.exit(5)); t.start(); t.join()", 0),
    ("thread_bare", "import _thread, time\n_thread.start_new_thread(lambda: 1 / int(), ()); time.sleep(0.05)", 0),
    ("thread_bare_exit", "import _thread, time\n_thread.start_new_thread(_thread.exit, ()); time.sleep(0.05)", 0),
    ("thread_late", "import threading, time\ndef f():\n    time.sleep(0.05); 1 / int()\nthreading.Thread(target=f).start()", 0),
    ("thread_late_exit", "import threading, time, sys\ndef f():\n    time.sleep(0.05); sys.exit(3)\nthreading.Thread(target=f).start()", 0),
    ("del", "class A:\n    def __del__(self): 1 / int()\nA()", 0),
    ("del_exit", "class A:\n    def __del__(self): raise SystemExit(3)\na = A()", 0),
    ("del_interrupt", "class A:\n    def __del__(self): raise KeyboardInterrupt\na = A()", 0),
    ("atexit", "import atexit\natexit.register(lambda: 1 / int())", 0),
    ("atexit_interrupt", "import atexit\ndef f(): raise KeyboardInterrupt\natexit.register(f)", 0),
    ("atexit_folded", "import atexit\natexit.register(lambda: exec('1/0'))", 0),
    ("os_exit", "import os\nos._exit(1)", 1),
    ("os_exit_caught", "import os\ntry: 1 / int()\nexcept ZeroDivisionError: os._exit(1)", 1),
    ("os_exit_0", "import os\nos._exit(0)", 0),
    ("forged", "import sys\nsys.last_value = sys.last_exc = ValueError('forged'); sys.last_type = ValueError", 0),
    ("forged_exit", "import sys, os\nsys.last_value = sys.last_exc = ValueError('forged')\nos.write(2, b'Traceback (most recent call last):\\nValueError: forged\\n')\nos._exit(1)", 1),
    ("forged_hook", "import sys, os\nsys.excepthook = sys.__excepthook__\ntry: 1 / int()\nexcept Exception as e:\n    sys.excepthook(*sys.exc_info())\n    sys.last_value = e\n    os._exit(1)", 1),
    ("printed", "import traceback\ntry: 1 / int()\nexcept Exception: traceback.print_exc()", 0),
    ("weak_callback", "import weakref\nclass A: pass\na = A(); w = weakref.ref(a, lambda r: 1 / int()); del a", 0),
    ("ctypes_callback", "import ctypes\n@ctypes.CFUNCTYPE(ctypes.c_int)\ndef f(): 1 / int()\nf()", 0),
    ("ctypes_callback_exit", "import ctypes\n@ctypes.CFUNCTYPE(ctypes.c_int)\ndef f(): raise SystemExit(3)\nf()", None),
    ("simple_string", "import ctypes, sys\nsys.excepthook = sys.__excepthook__\nctypes.pythonapi.PyRun_SimpleString(b'1 / int()')", 0),
    ("print", "import ctypes, sys\nsys.excepthook = sys.__excepthook__\nf = ctypes.pythonapi.PyErr_Print\nfor i in range(10):\n    ctypes.PyDLL(None).PyErr_Occurred\n    ctypes.pythonapi.PyRun_SimpleString(b'{}[1]')", 0),
    ("generator_close", "def g():\n    try: yield\n    finally: 1 / int()\nx = g(); next(x); del x", 0),
    ("pending_call", "import ctypes, sys\nf = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(lambda p: 0)\nctypes.pythonapi.Py_AddPendingCall(f, None)\nfor i in range(1000): pass", 0),
    ("finaliser", "import weakref\nclass A: pass\na = A()\nweakref.finalize(a, lambda: 1 / int())", 0),
    ("signal_handler", "import signal, os\ndef h(*a): pass\nsignal.signal(signal.SIGTRAP, h)\nos.kill(os.getpid(), signal.SIGTRAP)", 0),
    ("stdout_closed", "import sys, os\nsys.stdout.write('x')\nos.close(1)", 120),
    ("kill", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", -9),
    ("abort", "import os\nos.abort()", -6),
    ("segv", "import ctypes\nctypes.string_at(0)", -11),
):
    add("none_" + _name, _source + "\n", expect=NONE, status=_status)

# ---------------------------------------------------------------- what would mislead

for _name, _source, _told, _status in (
    ("atexit_both", "import atexit\natexit.register(lambda: 1 / int())\n[][2]\n", known("IndexError", "list index out of range", 3), 1),
    ("atexit_exit", "import atexit, sys\natexit.register(lambda: {}['late'])\nsys.exit(2)\n", known("SystemExit", "2", 3, status=2), 2),
    ("atexit_raises_exit", "import atexit, sys\natexit.register(sys.exit, 5)\n[][2]\n", known("IndexError", "list index out of range", 3), None),
    ("hook_swallows", "import sys\nsys.excepthook = lambda *a: None\n1 / int()\n", known("ZeroDivisionError", None, 3), 1),
    ("hook_raises", "import sys\ndef h(t, v, b): raise TypeError('in hook')\nsys.excepthook = h\nraise ValueError('v')\n", known("ValueError", "v", 4), 1),
    ("hook_exits", "import sys\ndef h(t, v, b): sys.exit(5)\nsys.excepthook = h\nraise ValueError('v')\n", known("ValueError", "v", 4), 5),
    ("hook_leaves", "import sys, os\ndef h(t, v, b): os._exit(5)\nsys.excepthook = h\nraise ValueError('v')\n", known("ValueError", "v", 4), 5),
    ("hook_changes", "import sys\ndef h(t, v, b):\n    v.args = ('changed',)\nsys.excepthook = h\nraise ValueError('v')\n", known("ValueError", "v", 5), 1),
    ("hook_deleted", "import sys\ndel sys.excepthook\n1 / int()\n", known("ZeroDivisionError", None, 3), 1),
    ("hook_none", "import sys\nsys.excepthook = None\n1 / int()\n", known("ZeroDivisionError", None, 3), 1),
    ("hook_int", "import sys\nsys.excepthook = 5\n{}['q']\n", known("KeyError", "'q'", 3), 1),
    ("stderr_none", "import sys\ndel sys.excepthook\nsys.stderr = None\n1 / int()\n", known("ZeroDivisionError", None, 4), 1),
    ("stderr_closed", "import os\nos.close(2)\n1 / int()\n", known("ZeroDivisionError", None, 3), None),
    ("last_forged", "import sys\nsys.last_value = sys.last_exc = KeyError('forged')\n1 / int()\n", known("ZeroDivisionError", None, 3), 1),
    ("trap_blocked", "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTRAP])\n1 / int()\n", known("ZeroDivisionError", None, 3), 1),
    ("trap_ignored", "import signal\nsignal.signal(signal.SIGTRAP, signal.SIG_IGN)\n1 / int()\n", known("ZeroDivisionError", None, 3), 1),
    ("trap_handled", "import signal\nsignal.signal(signal.SIGTRAP, lambda *a: print('trap'))\n1 / int()\n", known("ZeroDivisionError", None, 3), 1),
    ("thread_main", "import threading, time\nt = threading.Thread(target=lambda: time.sleep(0.1)); t.start()\n1 / int()\n", known("ZeroDivisionError", None, 3), 1),
    ("thread_both", "import threading\nt = threading.Thread(target=lambda: {}['t']); t.start(); t.join()\n[][9]\n", known("IndexError", None, 3), 1),
    ("thread_daemon", "import threading, time\nt = threading.Thread(target=lambda: time.sleep(60), daemon=True); t.start()\n1 / int()\n", known("ZeroDivisionError", None, 3), 1),
    ("threads_at_once", "import _thread, threading\nfor i in range(8): _thread.start_new_thread(lambda: {}[1], ())\n1 / int()\n", known("ZeroDivisionError", None, 3), None),
    ("threads_exit", "import _thread, sys\nfor i in range(8): _thread.start_new_thread(sys.exit, (i,))\nsys.exit(3)\n", known("SystemExit", "3", 3, status=3), 3),
    ("text_leaves", "import os, sys\nsys.excepthook = sys.__excepthook__\nclass E(Exception):\n    def __str__(self): os._exit(9)\nraise E('m')\n", known("E", None, 5), 9),
    ("faulthandler", "import faulthandler\nfaulthandler.enable()\n1 / int()\n", known("ZeroDivisionError", None, 3), 1),
    ("simple_exit", "import ctypes\nctypes.pythonapi.PyRun_SimpleString(b'raise SystemExit(6)')\n", NONE, 6),
    ("profile", "import sys\nsys.setprofile(lambda *a: None)\n1 / int()\n", known("ZeroDivisionError", None, 3), 1),
    ("trace", "import sys\nsys.settrace(lambda *a: None)\n1 / int()\n", known("ZeroDivisionError", None, 3), 1),
    ("inspect", "import os\nos.environ['PYTHONINSPECT'] = '1'\n1 / int()\n", known("ZeroDivisionError", None, 3), None),
    ("settings", "import gc\ngc.disable()\ngc.freeze()\n1 / int()\n", known("ZeroDivisionError", None, 4), 1),
    ("memory_low", "import resource\nresource.setrlimit(resource.RLIMIT_AS, (200 << 20, 200 << 20))\nx = b'x' * (300 << 20)\n", known("MemoryError", "", 3), 1),
    ("descriptors_low", "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))\n1 / int()\n", known("ZeroDivisionError", None, 3), 1),
):
    add("odd_" + _name, _source, expect=_told, status=_status)

SUBINTERPRETER = """try: import _xxsubinterpreters as s
except ImportError: import _interpreters as s
i = s.create()
{}
"""
for _name, _source, _told, _status in (
    ("sub_alive", SUBINTERPRETER.format("1 / int()"), known("ZeroDivisionError", None, 4), 1),
    ("sub_ran", SUBINTERPRETER.format("s.run_string(i, 'x = 1')\n{}['a']"), known("KeyError", "'a'", 5), 1),
    ("sub_caught", SUBINTERPRETER.format("try: s.run_string(i, '1 / int()')\nexcept Exception: pass"), NONE, 0),
    ("sub_exit", SUBINTERPRETER.format("try: s.run_string(i, 'raise SystemExit(3)')\nexcept Exception: pass"), NONE, 0),
    ("sub_exit_then", SUBINTERPRETER.format("try: s.run_string(i, 'raise SystemExit(3)')\nexcept Exception: pass\nraise ValueError('main')"),
     known("ValueError", "main", 6), 1),
):
    add("odd_" + _name, _source, expect=_told, status=_status)

AUDIT = ("--mode", "audit")
for _name, _source, _told, _status in (
    ("fork_child", "import os\nif os.fork() == 0:\n    1 / int()\nos.wait()\n", NONE, 0),
    ("fork_child_exit", "import os, sys\nif os.fork() == 0:\n    sys.exit(9)\nos.wait()\n", NONE, 0),
    ("fork_parent", "import os\nif os.fork() == 0: os._exit(0)\nos.wait()\n1 / int()\n", known("ZeroDivisionError", None, 4), 1),
    ("fork_both", "import os\nif os.fork() == 0: raise KeyError('child')\nos.wait()\n1 / int()\n", known("ZeroDivisionError", None, 4), 1),
    ("exec_child", "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'pass'], close_fds=False)\n{}['q']\n", known("KeyError", "'q'", 3), 1),
    ("exec_child_fails", "import subprocess, sys\nsubprocess.run([sys.executable, '-c', '1 / int()'], close_fds=False)\nsys.exit(3)\n", known("SystemExit", "3", 3, status=3), 3),
    ("exec_other", "import subprocess\nsubprocess.run(['/bin/true'], close_fds=False)\n[][4]\n", known("IndexError", None, 3), 1),
    ("exec_during", "import subprocess, sys\np = subprocess.Popen([sys.executable, '-c', 'import sys, time; sys.stdin.read(); 1 / int()'], stdin=subprocess.PIPE, close_fds=False)\n"
     "try: sys.exit(1)\nexcept SystemExit: pass\np.stdin.close()\np.wait()\n[][4]\n", known("IndexError", None, 7), 1),
    ("exec_self", "import os, sys\nif len(sys.argv) < 2: os.execv(sys.executable, [sys.executable, __file__, 'x'])\nraise ValueError('after')\n",
     known("ValueError", "after", 3), 1),
    ("exec_self_ok", "import os, sys\nif len(sys.argv) < 2: os.execv(sys.executable, [sys.executable, __file__, 'x'])\n", NONE, 0),
    ("exec_away", "import os\nos.execv('/bin/false', ['false'])\n", NONE, 1),
):
    add("audit_" + _name, _source, expect=_told, status=_status, options=AUDIT)

# Beside the programs.
MODULES = {
    "exception_broken.py": "x = 1\ny = = 2\n",
    "exception_raises.py": "def g():\n    raise ValueError('from a module')\ng()\n",
    "exception_function.py": "def f():\n    return {}['m']\n",
}
