#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The policies that come with proctor, each with a program of the kind that it is for."""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

BOX = h.place()


def run(name, text, *words, python=None, options=()):
    script = h.put(BOX, "a.py", text)
    return h.proctor([python or h.PYTHON, *(words or [script])], "-p", name, *options, cwd=BOX)


def has(module):
    return subprocess.run([h.PYTHON, "-c", f"import {module}"], stderr=subprocess.DEVNULL, check=False).returncode == 0


done = run("pytest", "import os; print(os.environ['PYTEST_ADDOPTS']); open(os.environ['TMPDIR'] + '/x', 'w').write('1')\n"
           "try: open('x', 'w')\nexcept OSError as e: print(type(e).__name__)")
h.equal("pytest: temporary files are written, and nothing beside the tests", done.out, b"-o cache_dir=$TMPDIR/pytest_cache\nPermissionError\n")
if has("pytest"):
    h.put(BOX, "test_it.py", "def test_it(tmp_path, cache):\n    (tmp_path / 'x').write_text('1')\n"
          "    cache.set('a/b', 1)\n    assert cache.get('a/b', 0) == 1\n")
    done = run("pytest", "", "-m", "pytest", "-q")
    h.check("pytest: it runs as outside, without a refusal", b"1 passed" in done.out and b"warning" not in done.out and
            done.verdict["violations"] == 0 and not os.path.exists(os.path.join(BOX, ".pytest_cache")), done)
else:
    h.skip("pytest itself", "it is not installed")
if has("numpy"):
    done = run("science", "import numpy, os\na = numpy.random.rand(200, 200)\nprint(numpy.linalg.svd(a)[1].shape)\n"
               "numpy.save(os.environ['TMPDIR'] + '/a.npy', a)\nprint(os.environ['MPLBACKEND'])")
    h.check("science: numpy computes and saves, without a refusal", done.out == b"(200,)\nAgg\n" and done.verdict["violations"] == 0, done)
else:
    h.skip("science", "numpy is not installed")
cases = h.put(BOX, "cases", "allow connect 127.0.0.1:50001\nallow bind 127.0.0.1:50001\ndeny connect 127.0.0.2:1\ndeny bind 0.0.0.0:1\n"
              "deny connect udp:127.0.0.1:53\ndeny connect 10.0.0.1:80\nhide read /etc/ipython/startup\nhide read /etc/passwd\n"
              "deny exec /bin/sh\ndepends call fork\ndepends call socket\n")  # fmt: skip
asked = h.native([h.PROCTOR, "policy", "test", "notebook", "--cases", cases])
h.check("notebook: a kernel's processes and loopback, and nothing else", asked.status == 0, asked)
done = run("notebook", """import ctypes, multiprocessing, os, socket, threading
path = os.getcwd() + "/kernel-ipc-1"
print({os.getcwd(), os.path.realpath("/proc/self/cwd"), os.readlink("/proc/self/cwd")} == {os.path.dirname(path)})
s = socket.socket(socket.AF_UNIX); s.bind("kernel-ipc-1"); s.listen()
if os.fork() == 0:
    c = socket.socket(socket.AF_UNIX); c.connect("kernel-ipc-1"); c.send(b"in"); c.recv(1); os._exit(0)
k, _ = s.accept()
print(k.recv(2), path.startswith(os.environ["TMPDIR"]), k.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)[4:8] == os.getuid().to_bytes(4, "little"))
k.send(b"!"); os.wait()
t = socket.create_server(("127.0.0.1", 0)); u = socket.create_connection(t.getsockname()); t.accept()[0].send(b"tcp"); print(u.recv(3))
try: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
except OSError as e: print(e.errno)
# What each thread of libzmq does.
def sets():
    libc = ctypes.CDLL(None); kind, param = ctypes.c_int(), ctypes.c_int()
    libc.pthread_self.restype = ctypes.c_void_p; me = ctypes.c_void_p(libc.pthread_self())
    print(libc.pthread_getschedparam(me, ctypes.byref(kind), ctypes.byref(param)), libc.pthread_setschedparam(me, kind, ctypes.byref(param)), libc.pthread_setschedparam(me, 3, ctypes.byref(param)))
t = threading.Thread(target=sets); t.start(); t.join()
""")
h.equal("notebook: what a kernel's library does", done.out, b"True\nb'in' True True\nb'tcp'\n95\n0 0 1\n")
if has("nbclient, ipykernel"):
    done = run("notebook", """import nbformat
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 6 * 7; print(x)"), nbformat.v4.new_code_cell("x + 1")])
NotebookClient(nb, km=AsyncKernelManager(transport="ipc")).execute()
print([o.get("text", o.get("data")) for cell in nb.cells for o in cell.outputs])
""", options=("--stack", "none"))  # fmt: skip
    h.check("notebook: a kernel computes, without a refusal", done.out == b"['42\\n', {'text/plain': '43'}]\n" and done.verdict["violations"] == 0, done)
done = run("subprocess", "import subprocess\nprint(subprocess.run(['/usr/bin/sort', '-r'], input=b'a\\nb\\n', capture_output=True).stdout)\n"
           "try: subprocess.run(['/bin/ls'])\nexcept OSError as e: print(type(e).__name__)")
h.equal("subprocess: what is named runs, and nothing else", done.out, b"b'b\\na\\n'\nPermissionError\n")
h.finish()
