# SPDX-License-Identifier: Apache-2.0
"""Calls from every kind of Python frame; run by stack_truth.py under each interpreter."""
import asyncio
import concurrent.futures
import contextlib
import ctypes
import functools
import gc
import importlib
import os
import signal
import subprocess
import sys
import threading
import weakref

# pylint: disable=all


def plain():
    probe()


def many_lines():
    try:
        os.mkdir(
            next_path(
                "lines"
            ),
            0o700,
        )
    except OSError:
        probe()
    finally:
        probe()


def recursion(depth):
    if depth:
        return recursion(depth - 1)
    probe()


class Methods:
    probe()

    def method(self):
        self.static()
        return self.attribute

    @staticmethod
    def static():
        probe()

    @property
    def attribute(self):
        probe()

    def __del__(self):
        probe()

    def __eq__(self, other):
        probe()
        return True

    __hash__ = None

    class Inner:
        @classmethod
        def make(cls):
            return (lambda: probe())()


def methods():
    object_ = Methods()
    object_.method()
    object_ == 1
    Methods.Inner.make()
    del object_


def decorated(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        probe()
        return function(*args, **kwargs)
    return wrapper


@decorated
@functools.lru_cache(maxsize=None)
def decorator(value):
    probe()
    return value


def generator():
    yield 1
    probe()
    received = yield 2
    try:
        yield received
    finally:
        probe()


def delegating():
    yield from generator()


def generators():
    for _ in delegating():
        pass
    list(generator())
    iterator = generator()
    next(iterator)
    iterator.send(None)
    iterator.send(5)
    del iterator
    sum(probe() or 1 for _ in range(2))
    next(delegating())


def comprehensions():
    [probe() for _ in range(2)]
    {i: probe() for i in range(1)}
    {[probe() for _ in range(1)][0] for i in range(1)}
    [[probe() for _ in range(1)] for _ in range(1)]


@contextlib.contextmanager
def context():
    probe()
    yield
    probe()


def with_statement():
    with context(), context():
        probe()


async def inner_coroutine():
    probe()
    await asyncio.sleep(0)
    probe()


async def async_generator():
    for i in range(2):
        probe()
        yield i


async def main_coroutine():
    await inner_coroutine()
    await asyncio.gather(inner_coroutine(), inner_coroutine())
    [i async for i in async_generator()]
    asyncio.get_running_loop().call_soon(probe)
    await asyncio.sleep(0)
    await asyncio.get_running_loop().run_in_executor(None, plain)


def coroutines():
    try:
        inner_coroutine().send(None)
    except (StopIteration, RuntimeError):
        pass
    asyncio.run(main_coroutine())


def callbacks():
    sorted([3, 1, 2], key=lambda x: (probe(), x)[1])
    functools.reduce(lambda a, b: probe() or a, [1, 2, 3])
    list(map(lambda x: probe(), [1]))
    max([1, 2], key=functools.partial(decorated(lambda x: x)))


def ctypes_callbacks():
    try:
        compare_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
        numbers = (ctypes.c_int * 3)(3, 1, 2)
        ctypes.CDLL(None).qsort(numbers, 3, ctypes.sizeof(ctypes.c_int),
                                compare_type(lambda a, b: (probe(), a[0] - b[0])[1]))
        ctypes.PYFUNCTYPE(None)(plain)()
        # A thread that Python does not know until it calls back.
        start_type = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
        start = start_type(lambda argument: plain())
        thread = ctypes.c_ulong()
        libc = ctypes.CDLL(None)
        assert libc.pthread_create(ctypes.byref(thread), None, start, None) == 0
        libc.pthread_join(thread, None)
    except AttributeError as error:
        print("no ctypes:", error)


def c_signals():
    """Native frames across a signal frame, whose CFI is expressions."""
    handler = ctypes.CFUNCTYPE(None, ctypes.c_int)(lambda number: probe())
    libc = ctypes.CDLL(None)
    libc.signal.restype = ctypes.c_void_p
    libc.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
    old = libc.signal(signal.SIGUSR2, ctypes.cast(handler, ctypes.c_void_p))
    os.kill(os.getpid(), signal.SIGUSR2)
    libc.signal(signal.SIGUSR2, old)


def collections():
    cycle = Methods()
    cycle.self = cycle
    del cycle
    gc.collect()
    object_ = Methods.Inner()
    reference = weakref.ref(object_, lambda _: probe())
    del object_
    gc.callbacks.append(lambda phase, info: probe())
    gc.collect(0)
    gc.callbacks.pop()
    return reference


def imports():
    import stack_module_a
    importlib.reload(stack_module_a)
    stack_module_a.stack_package.deep.function()


def executed():
    exec("probe()\n\nprobe()\n")
    eval("probe()")
    exec(compile("\n\n\ndef наложение():\n  probe()\nналожение()",
                 "/tmp/файл-\u4e2d\U0001f600\n\x1b[1m.py", "exec"))
    exec(compile("probe()", "/tmp/not-\udcff-utf8.py", "exec"))
    exec(compile("probe()", "/tmp/" + "long" * 300 + ".py", "exec"))
    exec(compile("\n" * 70000 + "def big():\n  x = 1; " + "y = 2; " * 60 + "probe()\n" + "\n" * 300 +
                 "  probe()\nbig()", "big.py", "exec"))
    exec("def long():\n" + "  x = 1\n" * 3000 + "  probe()\nlong()")
    # Code, names and tables of one text take the places of the last one's.
    for i in range(30):
        exec(compile("\n" * i + "def f%d(): probe()\n" % (i % 7) + "\n" * (i % 3) + "f%d()" % (i % 7),
                     "text%d" % (i % 4), "exec"))


def frozen():
    try:
        os.makedirs(next_path("makedirs") + "/x/y")
    except OSError:
        pass


def tracing():
    def trace(frame, event, argument):
        if event == "line" and frame.f_code.co_name == "plain":
            sys.settrace(None)
            probe()
        return trace
    sys.settrace(trace)
    plain()
    sys.settrace(None)


def signals():
    signal.signal(signal.SIGUSR1, lambda number, frame: probe())
    os.kill(os.getpid(), signal.SIGUSR1)
    for _ in range(10):
        pass


def exceptions():
    try:
        try:
            raise ValueError
        except ValueError:
            probe()
            raise KeyError
    except KeyError as error:
        probe()
        try:
            recursion_error(0)
        except RecursionError:
            probe()
    finally:
        probe()


def recursion_error(n):
    return recursion_error(n + 1)


def deep():
    old = sys.getrecursionlimit()
    sys.setrecursionlimit(5000)
    recursion(900)
    recursion(126)
    sorted([1], key=lambda _: recursion(300))
    sys.setrecursionlimit(old)


def in_thread(number):
    def inner():
        probe()
        if number % 2:
            recursion(50)
        sorted([2, 1], key=lambda x: probe() or x)
    for _ in range(5):
        inner()


def threads():
    started = [threading.Thread(target=in_thread, args=(i,)) for i in range(6)]
    for thread in started:
        thread.start()
    plain()
    for thread in started:
        thread.join()
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: plain(), range(6)))
    # Thread states and pthread_t values of finished threads are used again.
    for _ in range(20):
        thread = threading.Thread(target=plain)
        thread.start()
        thread.join()


def processes():
    pid = os.fork()
    if pid == 0:
        plain()
        os._exit(0)
    os.waitpid(pid, 0)
    subprocess.run([sys.executable, "-c", "def f(): probe()\nf()"], check=True)
    thread = threading.Thread(target=in_fork)
    thread.start()
    thread.join()


def in_fork():
    pid = os.fork()
    if pid == 0:
        plain()
        os._exit(0)
    os.waitpid(pid, 0)


def subinterpreters():
    source = "def inside():\n  probe('sub')\n\ninside()"
    try:
        import _interpreters as module
        run = module.exec
    except ImportError:
        try:
            import _xxsubinterpreters as module
        except ImportError:
            return
        run = module.run_string
    interpreter = module.create()
    run(interpreter, source)
    plain()
    module.destroy(interpreter)
    plain()


if __name__ == "__main__":
    for case in (plain, many_lines, methods, generators, comprehensions, with_statement, coroutines,
                 callbacks, ctypes_callbacks, collections, imports, executed, frozen, tracing, signals,
                 c_signals,
                 exceptions, deep, threads, processes, subinterpreters):
        case()
    decorator(1)
    probe()
