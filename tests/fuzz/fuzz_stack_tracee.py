# SPDX-License-Identifier: Apache-2.0
"""The tracee of fuzz_stack.py: corrupts what a stack reader reads, at each of COUNT mkdir(2) calls.

fuzz_stack_tracee.py STUB COUNT SEED DIRECTORY
"""
import ctypes
import mmap
import os
import random
import sys

STUB, COUNT, SEED = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
VERSION = sys.version_info[1]
random.seed(SEED)
stub = ctypes.PyDLL(STUB)          # PyDLL: holds the GIL, so nothing of Python runs meanwhile
PATH = ctypes.c_char_p(b"/probe/fuzz")
api = ctypes.pythonapi
api.PyThreadState_Get.restype = ctypes.c_void_p
api.PyThreadState_GetInterpreter.restype = ctypes.c_void_p
api.PyThreadState_GetInterpreter.argtypes = [ctypes.c_void_p]
libc = ctypes.CDLL(None)
libc.pthread_self.restype = ctypes.c_ulong
stub.fuzz_registers.argtypes = [ctypes.c_ulong] * 4 + [ctypes.c_char_p]

STATE = api.PyThreadState_Get()
INTERPRETER = api.PyThreadState_GetInterpreter(STATE)
try:
    RUNTIME = ctypes.addressof(ctypes.c_char.in_dll(api, "_PyRuntime"))
except ValueError:
    RUNTIME = None


def word(address):
    return ctypes.c_uint64.from_address(address).value


def swap(pairs):
    """mkdir() while the words of PAIRS have other values."""
    flat = (ctypes.c_uint64 * (2 * len(pairs)))(*[v % 2**64 for pair in pairs for v in pair])
    stub.fuzz_swap(ctypes.c_size_t(len(pairs)), flat, PATH)


def frame_of(frame):
    """Where the interpreter's own frame is, and that of its caller."""
    address = id(frame) if VERSION < 11 else word(id(frame) + 24)
    back = word(address + (24 if VERSION < 11 else 48 if VERSION == 11 else 8))
    return address, back


def areas():
    """(address, size) of all that a reader reads for this stack, on the way from here outwards."""
    found = [(STATE, 360), (INTERPRETER, 128)]
    if RUNTIME:
        found += [(RUNTIME, 96), (RUNTIME, 8 * 93 if VERSION >= 13 else 64)]
    frame = sys._getframe(1)
    for _ in range(4):
        code = frame.f_code
        table = code.co_lnotab if VERSION < 10 else code.co_linetable
        # co_lnotab is an attribute of its own only in 3.9.
        found += [(id(code), 200), (id(code), 200), (id(code.co_filename), 64), (id(code.co_name), 64),
                  (id(table), 40 + len(table) // 8 * 8)]
        if hasattr(code, "co_qualname"):
            found.append((id(code.co_qualname), 64))
        address, back = frame_of(frame)
        found += [(address, 112 if VERSION < 11 else 88)] * 3
        if back:
            found.append((back, 72))
        frame = frame.f_back
        if not frame:
            break
    if VERSION in (10, 11, 12):
        cframe = word(STATE + (48 if VERSION == 10 else 56))
        found += [(cframe, 24)] * 2
    return found


def value(pool):
    """A word that may hurt."""
    near = random.choice(pool)[0]
    return random.choice([
        0, 2**64 - 1, 2**63, near, near, near, near + random.randrange(-64, 64), random.getrandbits(64),
        random.getrandbits(47) & ~7, 0x7ffffffff000 - 8, 0x7fffffffefff, random.getrandbits(31),
        random.getrandbits(8) * 0x0101010101010101, near ^ (1 << random.randrange(64)), 4096, 8])


def corrupt_words(depth=3):
    if depth:
        return corrupt_words(depth - 1)
    pool = areas()
    pairs = []
    for _ in range(random.choice([1, 1, 1, 2, 3, 8, 40])):
        base, size = random.choice(pool)
        offset = random.randrange(0, size & ~7, 8)
        new = value(pool)
        if random.random() < .3:       # part of the word only
            mask = random.choice([0xff, 0xffff, 0xffffffff, 0xffffffff00000000, 0xff << 32])
            new = (word(base + offset) & ~mask) | (new & mask)
        pairs.append((base + offset, new))
    swap(pairs)


def corrupt_registers():
    good = libc.pthread_self()
    # The stack pointer of a thread that is stopped may be anything; the kernel does not look.
    pick = lambda: random.choice([0, 8, good, STATE, id(PATH), random.getrandbits(47), random.getrandbits(47) & ~15,
                                  2**47 - 4096, id(sys._getframe()) & ~7])
    fs_base = random.choice([good, good, 0, good + 8, STATE, random.getrandbits(46)])
    stub.fuzz_registers(pick() & (2**64 - 1), pick(), fs_base, good, PATH.value)


EVIL = ("skip bra div register regx deref empty still shrink restore return remember column").split()


def hostile_cfi():
    getattr(stub, "evil_" + random.choice(EVIL))(PATH)


def unwind_sections(image):
    """(offset, size) of .eh_frame and .eh_frame_hdr in an ELF file."""
    def number(at, size):
        return int.from_bytes(image[at:at + size], "little")
    headers, count, strings = number(0x28, 8), number(0x3c, 2), number(0x3e, 2)
    names = number(headers + strings * 64 + 0x18, 8)
    for i in range(count):
        header = headers + i * 64
        name = names + number(header, 4)
        if image[name:name + 9] == b".eh_frame":
            yield number(header + 0x18, 8), number(header + 0x20, 8)


def in_child(function):
    """A forked child has a reader of its own, which has seen nothing yet."""
    pid = os.fork()
    if pid == 0:
        try:
            function()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def mutated_cfi(directory, number, original):
    image = bytearray(original)
    sections = list(unwind_sections(original))
    start, size = random.choice(sections)
    for _ in range(random.choice([1, 1, 2, 5, 30])):
        at = start + random.randrange(size)
        image[at] = random.choice([0, 0xff, 0x7f, 0x80, random.getrandbits(8), image[at] ^ (1 << random.randrange(8)),
                                   0x0a, 0x0f, 0x2f, 0x16])
    if random.random() < .1:
        for _ in range(20):            # the headers too: what the linker does not look at
            image[random.choice([0x28, 0x29, 0x2a, 0x3a, 0x3c, 0x3d, 0x3e])] = random.getrandbits(8)
    path = os.path.join(directory, "stub%d.so" % number)
    with open(path, "wb") as file:
        file.write(image)
    if random.random() < .1:           # what the reader wants is not there any more; what runs is
        in_child(lambda: (nested := ctypes.PyDLL(path).fuzz_nested,
                          os.truncate(path, min(offset for offset, _ in sections) & ~4095), nested(PATH)))
        os.unlink(path)
        return
    library = ctypes.PyDLL(path)
    os.unlink(path)
    library.fuzz_nested(PATH)
    if random.random() < .3:
        getattr(library, "evil_" + random.choice(EVIL))(PATH)
    handle = library._handle
    del library
    libc.dlclose(ctypes.c_void_p(handle))


def huge_tables():
    """300 frames whose code objects each have a name of 1,024 wide characters and the longest table."""
    if VERSION < 11:
        return
    entry = sys._getframe()
    template, code = frame_of(entry)[0], entry.f_code
    table = bytes([0xff, 0x80] * 131000 if random.random() < .5 else [0xf8] * 262000)
    name = "\U0001f600" * 2000
    keep, previous = [], 0
    for _ in range(300):
        copy = ctypes.create_string_buffer(ctypes.string_at(id(code), 208))
        for offset, object_ in (((112, name), (120, name), (128, name), (136, table)) if VERSION < 13 else ()):
            ctypes.c_uint64.from_address(ctypes.addressof(copy) + offset).value = id(object_)
        frame = ctypes.create_string_buffer(ctypes.string_at(template, 88))
        address = ctypes.addressof(frame)
        ctypes.c_uint64.from_address(address + (32 if VERSION == 11 else 0)).value = ctypes.addressof(copy)
        # The last instruction: the whole table is decoded to find its line.
        ctypes.c_uint64.from_address(address + 56).value = ctypes.addressof(copy) + 192 + 2 * 1048000
        ctypes.c_uint64.from_address(address + (48 if VERSION == 11 else 8)).value = previous
        keep += [copy, frame]
        previous = address
    if VERSION == 13:
        # The layout is published and ours to change: table and names are found through it.
        for i in range(0, len(keep), 2):
            for offset in range(96, 160, 8):
                if word(id(code) + offset) in (id(code.co_linetable), id(code.co_filename), id(code.co_qualname)):
                    new = table if word(id(code) + offset) == id(code.co_linetable) else name
                    ctypes.c_uint64.from_address(ctypes.addressof(keep[i]) + offset).value = id(new)
    if VERSION <= 12:
        swap([(word(STATE + 56) + (8 if VERSION == 11 else 0), previous)])
    else:
        top = frame_of(entry)[0]
        swap([(STATE + o, previous) for o in range(0, 200, 8) if word(STATE + o) == top])


def long_chain():
    """A chain of 30,000 frames, each in a page of its own."""
    entry = sys._getframe()
    template = frame_of(entry)[0]
    size = 112 if VERSION < 11 else 88
    area = mmap.mmap(-1, 30000 * 4096)
    base = ctypes.addressof(ctypes.c_char.from_buffer(area))
    text = ctypes.string_at(template, size)
    back = 24 if VERSION < 11 else 48 if VERSION == 11 else 8
    for i in range(30000):
        at = base + i * 4096
        ctypes.memmove(at, text, size)
        ctypes.c_uint64.from_address(at + back).value = at + 4096 if i < 29999 else base
    for offset in range(0, 200, 8):
        if word(STATE + offset) == template:
            swap([(STATE + offset, base)])
    if VERSION in (11, 12):
        swap([(word(STATE + 56) + (8 if VERSION == 11 else 0), base)])


def many_mappings():
    """60,000 mappings: the maps file takes long to read."""
    def map_and_call():
        libc.mmap.restype = ctypes.c_void_p
        libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        base = libc.mmap(None, ctypes.c_size_t(60000 * 4096), 3, 0x4022, -1, ctypes.c_long(0))
        for i in range(30000):
            if libc.mprotect(base + i * 8192, 4096, 1):
                break
        stub.fuzz_nested(PATH)
    in_child(map_and_call)


def cold():
    in_child(lambda: [corrupt_words() for _ in range(5)])


def main():
    with open(STUB, "rb") as file:
        original = file.read()
    many_mappings()
    for i in range(COUNT):
        kind = random.random()
        if kind < .80:
            corrupt_words(random.choice([1, 3, 20]))
        elif kind < .86:
            corrupt_registers()
        elif kind < .91:
            hostile_cfi()
        elif kind < .98:
            mutated_cfi(sys.argv[4], i, original)
        elif kind < .99:
            cold()
        elif kind < .995:
            huge_tables()
        else:
            long_chain()
    for name in EVIL:
        getattr(stub, "evil_" + name)(PATH)


main()
