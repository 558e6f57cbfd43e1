# SPDX-License-Identifier: Apache-2.0
"""Every road by which what a program has stored grows: programs that go it until there is no room left, in the scratch
or in a directory with a quota, of 1 MiB and 50 files. Who uses them looks at what is stored from outside."""

# What all of them begin with. ROOT is where they write; READY is said by who runs them.
PRELUDE = """
import ctypes, errno, fcntl, mmap, os, sys, threading
ROOT = os.environ["TMPDIR"]; os.chdir(ROOT)
libc = ctypes.CDLL(None, use_errno=True); libc.syscall.restype = ctypes.c_long
def sc(nr, *args):
    r = libc.syscall(ctypes.c_long(nr), *(ctypes.c_long(a) if isinstance(a, int) else a for a in args))
    return r if r >= 0 else -ctypes.get_errno()
def full(step):
    # Until it fails: with what.
    while True:
        try:
            step()
        except OSError as e:
            return errno.errorcode[e.errno]
def new(name="f"):
    return os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
BLOCK = b"x" * 65536
"""

# Each fills the scratch, of 1 MiB and 50 files, by one road, and says what the end was.
ROADS = {
    "write": "f = new(); print(full(lambda: os.write(f, BLOCK)))",
    "one byte at a time behind the last page": "f = new(); full(lambda: os.write(f, BLOCK)); g = new('g'); print(full(lambda: os.write(g, b'x')))",
    "writev": "f = new(); print(full(lambda: os.writev(f, [BLOCK] * 4)))",
    "pwrite far behind the end": "f = new(); n = [0]\ndef step():\n    n[0] += 1 << 30; os.pwrite(f, BLOCK, n[0])\nprint(full(step))",
    "pwritev": "f = new(); n = [0]\ndef step():\n    n[0] += 1 << 20; os.pwritev(f, [BLOCK], n[0])\nprint(full(step))",
    "append by four threads": "f = [os.open('f', os.O_WRONLY | os.O_CREAT | os.O_APPEND) for _ in range(4)]; e = []\nt = [threading.Thread(target=lambda k=k: e.append(full(lambda: os.write(f[k], BLOCK)))) for k in range(4)]\nfor x in t: x.start()\nfor x in t: x.join()\nprint(*sorted(set(e)))",
    "fallocate": "f = new(); n = [0]\ndef step():\n    os.posix_fallocate(f, n[0], 4096 * 7); n[0] += 4096 * 7\nprint(full(step))",
    "fallocate that keeps the length": "f = new(); n = 0\nwhile (r := sc(285, f, 1, n, 40960)) == 0: n += 40960\nprint(errno.errorcode[-r], os.fstat(f).st_size)",
    "copy_file_range": "f = new(); os.write(f, BLOCK); n = [0]\ndef step():\n    n[0] += os.copy_file_range(f, g, 65536, 0, n[0])\ng = new('g'); print(full(step))",
    "sendfile": "f = new(); os.write(f, BLOCK); g = new('g'); print(full(lambda: os.sendfile(g, f, 0, 65536)))",
    "splice": "f = new(); r, w = os.pipe()\ndef step():\n    os.write(w, b'y' * 4096)\n    while (n := sc(275, r, None, f, None, 4096, 0)) == 0: pass\n    if n < 0: raise OSError(-n, '')\nprint(full(step))",
    "unnamed files": "f = []\ndef step():\n    f.append(os.open('.', os.O_TMPFILE | os.O_RDWR, 0o600)); os.write(f[-1], BLOCK)\nprint(full(step))",
    "files that are unlinked and open": "f = []\ndef step():\n    f.append(new()); os.unlink('f'); os.write(f[-1], BLOCK)\nprint(full(step))",
    "a descriptor that was opened before, and its duplicates": "f = new(); g = os.dup(f); h = os.open('/proc/self/fd/%d' % f, os.O_WRONLY)\nfull(lambda: os.write(f, BLOCK)); print(full(lambda: os.write(g, BLOCK)), full(lambda: os.pwrite(h, BLOCK, 1 << 21)))",
    "long links": "n = [0]\ndef step():\n    n[0] += 1; os.symlink('l' * 4000, 's%d' % n[0])\nprint(full(step))",
    "many small files": "n = [0]\ndef step():\n    n[0] += 1; os.close(new('f%d' % n[0]))\nprint(full(step), n[0])",
    "directories": "n = [0]\ndef step():\n    n[0] += 1; os.mkdir('d%d' % n[0])\nprint(full(step), n[0])",
    "a deep tree": "n = [0]\ndef step():\n    n[0] += 1; os.mkdir('d'); os.chdir('d')\nprint(full(step), n[0])",
    "short links": "n = [0]\ndef step():\n    n[0] += 1; os.symlink('x', 's%d' % n[0])\nprint(full(step), n[0])",
    "hard links": "os.close(new()); n = [1]\ndef step():\n    n[0] += 1; os.link('f', 'l%d' % n[0])\nprint(full(step), n[0])",
    "truncating while another thread writes": "f = new(); stop = []; e = []\ndef cut():\n    while not stop: os.ftruncate(f, 0)\nt = threading.Thread(target=cut); t.start()\nfor i in range(400):\n    try: os.pwrite(f, BLOCK, (i % 40) * 65536)\n    except OSError as x: e.append(x.errno)\nstop.append(1); t.join(); full(lambda: os.write(f, BLOCK)); print('ENOSPC' if set(e) <= {errno.ENOSPC} else e)",
}
