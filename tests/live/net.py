#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Addresses that a policy grants: real programs on loopback and unix sockets do what they do without a sandbox, real
services answer them, and what is refused is told with its address and the line that would allow it. Who was reached is
counted by the services, which are outside.

    net.py short        without PostgreSQL and redis"""

import pwd
import socket
import threading
from contextlib import closing

from harness import *

# Run behind a filter that forbids pidfd_getfd, too (container.py).
SHORT = sys.argv[1:] == ["short"]
OWN = ["--connect", "127.0.0.1:*", "--bind", "127.0.0.1:0", "--connect", "udp:127.0.0.1:*", "--bind", "udp:127.0.0.1:0"]

# proctor-policy(5), "Names"
RESOLVER = [w for f in ("resolv.conf", "host.conf", "nsswitch.conf", "hosts") if os.path.exists("/etc/" + f) for w in ("-r", "/etc/" + f)]

PROGRAMS = {
    "http.server and urllib": """
# asks for the name of the address that it is bound to: resolver, and nscd
import http.server, threading, urllib.request, urllib.error
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/a" else 404); self.end_headers()
        self.wfile.write(self.path.encode() * 1000)
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body[::-1])
    def log_message(self, *words): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever).start()
url = "http://127.0.0.1:%d" % server.server_port
print(len(urllib.request.urlopen(url + "/a").read()))
try: urllib.request.urlopen(url + "/b")
except urllib.error.HTTPError as error: print(error.code)
print(urllib.request.urlopen(url + "/", data=b"abc" * 100000).read()[:6])
server.shutdown(); server.server_close()
""",
    "an address given to a stream": """
# TCP and SOCK_SEQPACKET leave it unread, a stream of AF_UNIX refuses it.
import errno, signal, socket
def told(what, act):
    try: print(what, act())
    except OSError as error: print(what, errno.errorcode[error.errno])
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
peer, _ = server.accept()
other = ("192.0.2.1", 9)
def both(what, s, address):
    told(what, lambda: s.sendto(b"abc", address))
    told(what, lambda: s.sendmsg([b"de", b"f"], [], 0, address))
both("tcp", client, other)
print(peer.recv(6, socket.MSG_WAITALL))
both("unconnected", socket.socket(), other)
for kind in socket.SOCK_STREAM, socket.SOCK_SEQPACKET:
    a, b = socket.socketpair(socket.AF_UNIX, kind)
    both("a pair", a, "/nowhere")
    if kind == socket.SOCK_SEQPACKET: print(b.recv(9), b.recv(9))
    b.close()
    both("closed", a, "/nowhere")
client.settimeout(0.2)
try:
    while True: client.sendto(b"x" * 65536, other)
except TimeoutError: print("timed out")
""",
    "asyncio streams": """
import asyncio
async def serve(reader, writer):
    data = await reader.readexactly(2000000)
    writer.writelines([data[k : k + 1000] for k in range(0, 100000, 1000)]); await writer.drain()
    writer.write_eof(); writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async def one():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x" * 2000000); await writer.drain()
        return len(await reader.read())
    print(await asyncio.gather(*[one() for _ in range(3)]))
    try: await asyncio.open_connection("127.0.0.1", 1)
    except ConnectionRefusedError as error: print(type(error).__name__)
    server.close()
class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport): self.transport = transport
    def datagram_received(self, data, addr): self.transport.sendto(data[::-1], addr)
class Client(asyncio.DatagramProtocol):
    def __init__(self, done): self.done = done
    def connection_made(self, transport): transport.sendto(b"abc")
    def datagram_received(self, data, addr): self.done.set_result(data)
async def datagrams():
    loop = asyncio.get_running_loop()
    server, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    done = loop.create_future()
    client, _ = await loop.create_datagram_endpoint(lambda: Client(done), remote_addr=server.get_extra_info("sockname"))
    print(await done); client.close(); server.close()
asyncio.run(main()); asyncio.run(datagrams())
""",
    "socketserver": """
import socket, socketserver, threading
class Stream(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile: self.wfile.write(line.upper())
class Datagram(socketserver.BaseRequestHandler):
    def handle(self): self.request[1].sendto(self.request[0].upper(), self.client_address)
for kind, handler in ((socketserver.ThreadingTCPServer, Stream), (socketserver.UDPServer, Datagram)):
    with kind(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        with socket.socket(socket.AF_INET, server.socket_type) as s:
            s.settimeout(5); s.connect(server.server_address); s.sendall(b"one\\n"); print(s.recv(100), s.getpeername() == server.server_address)
        server.shutdown()
""",
    "datagrams": """
import socket
a, b = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
a.bind(("127.0.0.1", 0)); b.bind(("127.0.0.1", 0)); at, bt = a.getsockname(), b.getsockname()
a.sendto(b"one", bt); print(b.recvfrom(10) == (b"one", at))
a.sendto(b"", bt); print(b.recvfrom(10)[0])
a.sendmsg([b"t", b"w", b"o"], [], 0, bt); print(b.recvmsg(10) == (b"two", [], 0, at))
buffers = [bytearray(2), bytearray(5)]; a.sendto(b"three", bt); b.connect(at); print(b.recv_into(buffers[1]), buffers)
b.send(b"four"); print(a.recvfrom(2)[0], b.getpeername() == at)
def told(call, *args):
    try: print(call(*args))
    except OSError as error: print(type(error).__name__, error.errno)
told(a.sendto, b"x" * 70000, bt); told(a.sendto, b"x" * 60000, bt); print(len(b.recv(70000)))
told(a.connect, ("127.0.0.1", 1)); told(a.send, b"x"); told(a.send, b"x")
a.setblocking(False); told(a.recv, 1)
import ctypes, struct
libc = ctypes.CDLL(None, use_errno=True)
a, b = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
a.bind(("127.0.0.1", 0)); b.bind(("127.0.0.1", 0)); a.sendto(b"one", b.getsockname()); a.sendto(b"second", b.getsockname())
data, name = ctypes.create_string_buffer(16), ctypes.create_string_buffer(16)
iov = ctypes.create_string_buffer(struct.pack("<QQ", ctypes.addressof(data), 4))
def many(n, flags=0, time=None, at=None):
    vec = ctypes.create_string_buffer(struct.pack("<QQQQQQQQ", ctypes.addressof(name), 16, ctypes.addressof(iov), 1, 0, 0, 0, 0) * max(n, 1))
    r = libc.syscall(299, b.fileno(), at or vec, n, flags, time)
    seen = struct.unpack_from("<QQQQQQQQ", vec)
    print(r, ctypes.get_errno() if r < 0 else 0, data.raw, seen[7], seen[1] & 0xffffffff, name.raw[:2] + name.raw[4:8], struct.unpack_from("!H", name, 2)[0] == a.getsockname()[1])
many(1); many(1, socket.MSG_PEEK); many(1, 0x10000, struct.pack("<qq", 1, 0)); many(0); many(1, socket.MSG_DONTWAIT)
many(1, 0, struct.pack("<qq", 1, 10**9)); many(1, 0, ctypes.c_void_p(8)); many(1, 0, None, ctypes.c_void_p(8))
""",
    "messages": r"""
import ctypes, os, signal, socket, struct, threading, time
def told(what, call, *args):
    try: print(what, call(*args))
    except OSError as error: print(what, type(error).__name__, error.errno)
def into(s, sizes, flags=0):
    parts = [bytearray(n) for n in sizes]
    n, control, seen, address = s.recvmsg_into(parts, 100, flags)
    return n, parts, control, seen, address in names if address else address
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); v = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 0)); v.bind(("127.0.0.1", 0)); names = u.getsockname(), v.getsockname()
send = lambda data: v.sendto(data, names[0])
for sizes in ([4, 20], [0, 3, 0, 4, 9], [2, 3], [4], [], [0, 0], [100000, 100000, 200000]):
    send(b"hello world"); told(sizes, lambda: [x if not isinstance(x, list) else [bytes(p[:11]) for p in x] for x in into(u, sizes)])
for flags in (socket.MSG_PEEK, socket.MSG_TRUNC, socket.MSG_WAITALL, socket.MSG_DONTWAIT):
    send(b"hello world"); told(flags, into, u, [4, 3], flags)
u.setblocking(False)
while True:
    try: u.recv(1)
    except BlockingIOError: break
told("nothing", into, u, [4, 4]); u.setblocking(True); told("nothing now", into, u, [4, 4], socket.MSG_DONTWAIT)
u.settimeout(None); u.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 50000)); told("nothing for long", into, u, [4, 4]); u.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, bytes(16))
def later(f, *args):
    def go(): time.sleep(0.1); f(*args)
    t = threading.Thread(target=go); t.start(); return t
t = later(send, b"waited for"); told("waits", into, u, [4, 20]); t.join()
caught = []; signal.signal(signal.SIGALRM, lambda *_: caught.append(1)); signal.setitimer(signal.ITIMER_REAL, 0.05)
t = later(send, b"through a signal"); told("waits", into, u, [4, 20]); t.join(); print(caught)
l = socket.socket(); l.bind(("127.0.0.1", 0)); l.listen(); c = socket.socket(); c.connect(l.getsockname()); s, _ = l.accept()
told("not connected", into, l, [4, 4]); c.sendall(b"0123456789"); told("stream", into, s, [4, 4]); told("rest", into, s, [1, 100]); t = later(c.sendall, b"abc"); told("waits", into, s, [2, 2]); t.join()
c.sendall(b"thrown away"); told("thrown", into, s, [3, 2], socket.MSG_TRUNC); told("after it", into, s, [3, 30])
c.sendall(b"whole"); told("all of it", into, s, [3, 2], socket.MSG_WAITALL)
big = os.urandom(3 << 20); t = later(c.sendall, big); got = b""
while len(got) < len(big): n, parts, *_ = into(s, [100000, 1 << 20]); got += b"".join(map(bytes, parts))[:n]
t.join(); print(got == big); c.close(); told("end", into, s, [4, 4])
told("closed", into, socket.socket(fileno=os.dup(s.fileno())), [1, 1])
libc = ctypes.CDLL(None, use_errno=True); data = ctypes.create_string_buffer(16); name = ctypes.create_string_buffer(b"~" * 32, 32)
def raw(*fields, call=47, more=(), fd=None):
    send(b"hello world"); iov = ctypes.create_string_buffer(struct.pack("<QQQQ", ctypes.addressof(data), 5, ctypes.addressof(data) + 8, 3))
    field = dict(zip(("name", "namelen", "iov", "n", "control", "controllen"), fields))
    h = ctypes.create_string_buffer(struct.pack("<QiiQQQQiiQ", field.get("name", 0), field.get("namelen", 0), 0, field.get("iov", ctypes.addressof(iov)), field.get("n", 2), field.get("control", 0), field.get("controllen", 0), 7, 0, 77))
    r = libc.syscall(call, u.fileno() if fd is None else fd, h, *more); f = struct.unpack("<QiiQQQQiiQ", h.raw[:64])
    print(r, ctypes.get_errno() if r < 0 else 0, data.raw, name.raw[:2] + name.raw[4:], f[1], f[6:9], f[9] if call == 299 else "")
    u.setblocking(False)
    try: u.recv(99)
    except BlockingIOError: pass
    u.setblocking(True)
at = ctypes.addressof(name)
raw(at, 32, more=(0,)); raw(at, 4, more=(0,)); raw(at, 0, more=(0,)); raw(0, 9, more=(0,)); raw(at, -1, more=(0,)); raw(8, 16, more=(0,)); raw(at, 32, 8, 2, more=(0,)); raw(at, 32, 8, 0, more=(0,))
raw(at, 32, more=(0x40000000,)); raw(at, 32, call=299, more=(1, 0, 0)); raw(at, 32, call=299, more=(3, 0x10000, 0)); raw(more=(0,), fd=99); raw(more=(0,), fd=os.open("/dev/null", 0))
many = ctypes.create_string_buffer(struct.pack("<QQ", ctypes.addressof(data), 1) * 1025); raw(0, 0, ctypes.addressof(many), 1025, more=(0,)); raw(0, 0, ctypes.addressof(many), 1024, more=(0,))
bad = ctypes.create_string_buffer(struct.pack("<QQQQ", ctypes.addressof(data), 3, 8, 5)); raw(0, 0, ctypes.addressof(bad), 2, more=(0,)); bad = ctypes.create_string_buffer(struct.pack("<QqQQ", 8, -5, 8, 5)); raw(0, 0, ctypes.addressof(bad), 2, more=(0,))
""",
    "connecting": """
import errno, select, socket, struct, threading
def told(call, *args):
    try: print(call(*args))
    except OSError as error: print(type(error).__name__, error.errno)
l = socket.socket(); l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); l.bind(("127.0.0.1", 0)); l.listen(); at = l.getsockname()
s = socket.socket(); told(s.connect, at); told(s.connect, at); told(s.bind, ("127.0.0.1", 0)); c, who = l.accept(); print(who == s.getsockname())
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1); s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, 16384); print(s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
s.sendall(b"abc"); print(c.recv(10)); s.sendmsg([b"a", b"bc"]); print(c.recvmsg(10)); s.shutdown(socket.SHUT_WR); print(c.recv(1)); c.close(); s.close()
s = socket.socket(); s.setblocking(False); print(errno.errorcode[s.connect_ex(at)]); select.select([], [s], []); print(s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)); print(s.connect_ex(at)); print(errno.errorcode[s.connect_ex(at)])
s = socket.socket(); told(s.connect, ("127.0.0.1", 1)); s.setblocking(False); print(errno.errorcode[s.connect_ex(("127.0.0.1", 1))])
select.select([], [s], []); print(errno.errorcode[s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)])
print(socket.create_connection(at, timeout=5).fileno() > 2); print(socket.create_connection(at, 5, ("127.0.0.1", 0)).getsockname()[0])
s = socket.socket(); told(s.getpeername); told(s.connect, at); told(s.setsockopt, socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 1, 0))
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.connect(at); print(u.getpeername() == at)
s2 = s.dup(); print(s2.getpeername() == at); f = s.makefile("w"); f.write("x"); f.close()
""",
}


def compare(name, text, *options):
    directory = place()
    script = put(directory, "p.py", text)
    outside = native([PYTHON, script])
    inside = proctor([PYTHON, script], "-r", directory, *options)
    good = equal(f"{name}: as without a sandbox", (inside.status, inside.out), (outside.status, outside.out))
    check(f"{name}: nothing was refused", not inside.refused(), [r["syscall"] for r in inside.refused()])
    return inside if good else None


def in_python(code, *options, words=(), **more):
    directory = place()
    return proctor([PYTHON, put(directory, "p.py", code), *words], "-r", directory, *options, **more)


class Service:
    """An outside server that counts who came, and does HANDLE with each."""

    def __init__(self, family, kind, address, handle=None, backlog=8, accepts=True):
        self.socket = socket.socket(family, kind)
        self.socket.bind(address)
        if kind != socket.SOCK_DGRAM:
            self.socket.listen(backlog)
        self.handle, self.came, self.stop = handle, 0, False
        self.port = self.socket.getsockname()[1] if family != socket.AF_UNIX else None
        self.thread = threading.Thread(target=self.loop, daemon=True)
        if accepts:
            self.thread.start()

    def loop(self):
        self.socket.settimeout(0.1)
        while not self.stop:
            try:
                if self.socket.type == socket.SOCK_DGRAM:
                    data, who = self.socket.recvfrom(65536)
                    self.came += 1
                    if who:
                        self.socket.sendto(data[::-1], who)
                    continue
                client, _ = self.socket.accept()
            except OSError:
                continue
            self.came += 1
            with closing(client):
                try:
                    client.sendall(client.recv(65536)[::-1])
                except OSError:
                    pass # it has gone

    def close(self):
        self.stop = True
        if self.thread.is_alive():
            self.thread.join()
        self.socket.close()


# The run has processes, and what one does with a socket the others see.
FORKING = """
import multiprocessing, os, socket, socketserver, subprocess, sys, threading
class Upper(socketserver.StreamRequestHandler):
    def handle(self): self.wfile.write(self.rfile.readline().upper() + (b"forked\\n" if os.getpid() != first else b""))
first = os.getpid()
def ask(n):
    with socket.create_connection(at) as s:
        s.sendall(b"%d abc\\n" % n)
        return s.makefile().read()
with socketserver.ForkingTCPServer(("127.0.0.1", 0), Upper) as server:
    at = server.server_address
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with multiprocessing.get_context("fork").Pool(2) as pool: print(pool.map(ask, range(6)))
    there = subprocess.run([sys.executable, "-c", "import socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); s.sendall(b'from another\\\\n'); print(s.makefile().read())", str(at[1])], capture_output=True)
    print(there.stdout)
    # Connected in the parent, asked by the child; the parent's own connection stays what it is.
    s = socket.create_connection(at); s.setblocking(False)
    pid = os.fork()
    if pid == 0: s.setblocking(True); s.sendall(b"child\\n"); print(s.makefile().read(), flush=True); os._exit(0)
    print(os.waitpid(pid, 0)[1])
    server.shutdown()
"""


def processes():
    title("with processes")
    compare("a server that forks, a pool that asks, another program", FORKING, *OWN, "--process", "fork")
    granted, other = (Service(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)) for _ in range(2))
    code = f"""
import os, socket, sys, subprocess
for where in {granted.port}, {other.port}:
    for how in "fork", "exec":
        text = "import socket; s = socket.socket(); s.connect(('127.0.0.1', %d)); s.sendall(b'abc'); print(s.recv(9))" % where
        if how == "exec": print(subprocess.run([sys.executable, "-c", text], stderr=subprocess.DEVNULL).returncode, flush=True)
        elif os.fork() == 0:
            try: exec(text)
            except PermissionError: print("refused")
            sys.stdout.flush(); os._exit(0)
        else: os.wait()
"""
    run = in_python(code, "--process", "fork", "--connect", f"127.0.0.1:{granted.port}")
    equal("children reach what is granted and nothing else", run.out, b"b'cba'\nb'cba'\n0\nrefused\n1\n")
    equal("which the services saw too", (granted.came, other.came), (2, 0))
    granted.close()
    other.close()


# A bind to the wildcard and any port: where it is refused, explain proposes the rule for that.
LISTEN = """
import socket
s = socket.socket()
s.listen()
print(s.getsockname()[0], s.getsockname()[1] > 1023)
"""


def programs():
    title("programs")
    for rule in "0.0.0.0:0", "0.0.0.0:*":
        compare(f"listen without bind, {rule}", LISTEN, "--bind", rule)
    for rule in "127.0.0.1:0", "127.0.0.1:*", "0.0.0.0:4711":
        run = in_python(LISTEN, "--bind", rule)
        check(f"listen without bind, {rule}: refused", run.status == 1 and len(run.refused()) == 1 and "0.0.0.0:0" in explained(run.log_path), run)
    for name, text in PROGRAMS.items():
        compare(name, text, *OWN, *RESOLVER)
    try:
        socket.socket(socket.AF_INET6).bind(("::1", 0))
    except OSError as error:
        skip("IPv6", str(error))
        return
    text = PROGRAMS["socketserver"].replace("127.0.0.1", "::1").replace("socket.AF_INET,", "socket.AF_INET6,")
    text = text.replace("with kind(", "kind.address_family = socket.AF_INET6\n    with kind(")
    compare("socketserver by IPv6", text.replace("s.connect(server.server_address)", "s.connect(server.server_address[:2])"), "--connect", "[::1]:*", "--bind", "[::1]:0", "--connect", "udp:[::1]:*", "--bind", "udp:[::1]:0")


def refusals():
    title("refusals")
    granted, other = (Service(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)) for _ in range(2))
    code = f"""
import socket
for port in {granted.port}, {other.port}:
    try:
        s = socket.create_connection(("127.0.0.1", port), 5); s.sendall(b"abc"); print(s.recv(3))
    except OSError as error: print(type(error).__name__)
"""
    run = in_python(code, "--connect", f"127.0.0.1:{granted.port}")
    equal("one address is granted, the other one is not", run.out, b"b'cba'\nPermissionError\n")
    equal("the services say so", (granted.came, other.came), (1, 0))
    allowed, refused = run.calls("connect", decision="allow"), run.refused()
    where = {"address": "127.0.0.1", "ip": "127.0.0.1", "port": granted.port}
    equal("what is allowed is recorded with its address", [(r["destination"], r["network"], r["rule"]["id"]) for r in allowed],
          [(where, {"transport": "tcp", "type": "ipv4"}, "connect")])
    equal("what is refused, too", [(r["event"]["action"], r["destination"]["port"], r["syscall"]["subject"]) for r in refused],
          [("connect", other.port, "network")])
    text = explained(run.log_path)
    option = f"--connect 127.0.0.1:{other.port}"
    check("explain names the address and the option", option in text and "nothing grants connecting to it" in text, text)
    run = in_python(f"import socket; socket.create_connection(('127.0.0.1', {other.port}))", "--connect", f"127.0.0.1:{granted.port}")
    student = run.verdict["messages"]["student"]
    check("a student is told the address", f"Connecting to 127.0.0.1:{other.port} is not allowed" in student, student)
    again = in_python(code, "--connect", f"127.0.0.1:{granted.port}", *option.split())
    equal("with that option it is allowed", again.out, b"b'cba'\nb'cba'\n")
    policy = put(place(), "p.yaml", f"version: 1\nextends: builtin:pure\nnet: {{connect: ['127.0.0.1:{granted.port}']}}\n")
    run = in_python(code, "-p", policy)
    line = f'net: {{connect: ["127.0.0.1:{other.port}"]}}'
    text = explained(run.log_path)
    check("and for a policy the line", line in text, text)
    put(os.path.dirname(policy), "p.yaml", "version: 1\nextends: builtin:pure\n" + line + "\n")
    equal("which grants exactly that", in_python(code, "-p", policy).out, b"PermissionError\nb'cba'\n")
    for never in "connect", "socket":
        put(os.path.dirname(policy), "p.yaml", f"version: 1\nextends: builtin:pure\n{line}\nnever: [{never}]\n")
        run = in_python(code, "-p", policy)
        equal(f"never: {never} comes before", (run.out, run.refused()[0]["rule"]["id"]), (b"PermissionError\nPermissionError\n", "never"))
    put(os.path.dirname(policy), "p.yaml", "version: 1\nextends: builtin:pure\n" + line + "\n")
    real = put(place(), "p.yaml", f"version: 1\nextends: builtin:pure\nnet: {{connect: ['127.0.0.1:{granted.port}']}}\n")
    run = in_python(code, "-p", real, "--shadow", policy)
    if SHORT:
        skip("a shadow is asked about addresses, too", "not where descriptors are handed over: proctor-run(1)")
    else:
        equal("a shadow is asked about addresses, too",
              [(r["destination"]["port"], r["shadow"]["action"]) for r in run.calls("connect") if "shadow" in r],
              [(granted.port, "deny"), (other.port, "allow")])
    run = in_python("import socket; socket.socket()")
    check("without an address there is no socket", b"PermissionError" in run.err and run.refused()[0]["rule"]["id"] == "syscall", run)
    text = explained(run.log_path)
    check("and explain says what a policy could grant", "the address is not known before connect or bind" in text, text)
    run = in_python("import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print('?')", "--connect", "127.0.0.1:1")
    text = explained(run.log_path)
    check("bind is another thing than connect", "--bind 127.0.0.1:0" in text and "server" in run.refused()[0], text)
    run = in_python("print(1)", "--bind", "unix:/tmp/s", log=False, verdict=False)
    check("a path to bind to is in a directory that may be written to", run.status == 65 and b"no write rule names its directory" in run.err, run)
    home = place()
    served = """import os, socket
path = os.environ["AT"]; os.umask(0o027)
s = socket.socket(socket.AF_UNIX); s.bind(path); s.listen(); print(s.getsockname() == path, oct(os.stat(path).st_mode), flush=True)
k, _ = s.accept(); print(k.recv(9)); k.send(b"answered"); k.close()
os.chmod(path, 0o600); os.unlink(path); s.close()
s = socket.socket(socket.AF_UNIX); s.bind(path); print(os.listdir(os.path.dirname(path)))
for other in ("x", "s/x"):
    try: socket.socket(socket.AF_UNIX).bind(os.path.join(os.path.dirname(path), other))
    except OSError as e: print(e.strerror)
"""
    told = []
    def ask():
        for _ in range(2000):
            try:
                with socket.socket(socket.AF_UNIX) as c:
                    c.connect(home + "/s")
                    c.send(b"asked")
                    told.append(c.recv(9))
                return
            except OSError:
                time.sleep(0.01)
    client = threading.Thread(target=ask)
    client.start()
    run = in_python(served, "-w", home, "--bind", f"unix:{home}/s", "--env", f"AT={home}/s")
    client.join()
    equal("a socket by its path serves who comes from outside", (run.out, told), (b"True 0o140750\nb'asked'\n['s']\nPermission denied\nPermission denied\n", [b"answered"]))
    text = explained(run.log_path)
    check("and another name is refused, with its line", f"--bind unix:{home}/x" in text and "in a directory that a write rule names" in text, text)
    for s in granted, other:
        s.close()


def waits():
    title("connections that wait")
    full = Service(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0), backlog=0, accepts=False)
    filling = [socket.socket() for _ in range(3)]
    for s in filling:
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", full.port))
    code = f"""
import ctypes, signal, socket, struct, sys, threading
seen, raw = [], []
signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
libc, other = ctypes.CDLL(None), socket.socket()
address = struct.pack("=H", socket.AF_INET) + struct.pack("!H", {full.port}) + bytes([127, 0, 0, 1]) + bytes(8)
thread = threading.Thread(target=lambda: raw.append(libc.connect(other.fileno(), address, 16)))
thread.start()
signal.setitimer(signal.ITIMER_REAL, 0.2, 0.2)
print("begins", flush=True)
s = socket.socket(); s.connect(("127.0.0.1", {full.port})); signal.setitimer(signal.ITIMER_REAL, 0)
print(len(seen) > 0, s.getpeername()[1] == {full.port})
s.sendall(b"abc"); print(s.recv(3))
thread.join(); print(raw, other.getpeername()[1] == {full.port})
"""
    directory = place()
    child = start([PYTHON, put(directory, "p.py", code)], "-r", directory, "--connect", f"127.0.0.1:{full.port}", stdout=subprocess.PIPE)
    first = child.stdout.readline()
    time.sleep(0.5)
    for s in filling:
        s.close()
    full.thread.start()
    run = ended(child)
    equal("a connection that waits is interrupted by signals and goes on", (first, run.out, run.status), (b"begins\n", b"True True\nb'cba'\n[0] True\n", 0))
    full.close()
    path = place() + "/s"
    full = Service(socket.AF_UNIX, socket.SOCK_STREAM, path, backlog=0, accepts=False)
    filling = [socket.socket(socket.AF_UNIX) for _ in range(2)]
    for s in filling:
        s.setblocking(False)
        s.connect_ex(path)
    code = f"""
import socket
s = socket.socket(socket.AF_UNIX); s.setblocking(False); print(s.connect_ex("{path}"), flush=True); s.setblocking(True)
s.connect("{path}"); s.sendall(b"abc"); print(s.recv(3))
"""
    child = start([PYTHON, put(directory, "p.py", code)], "-r", directory, "--connect", "unix:" + path, stdout=subprocess.PIPE)
    first = child.stdout.readline()
    time.sleep(0.2)
    for s in filling:
        s.close()
    full.thread.start()
    run = ended(child)
    equal("a unix socket that is full is waited for", (first, run.out, run.status), (b"11\n", b"b'cba'\n", 0))
    full.close()


SENDERS = """
import ctypes, os, socket, struct, tempfile, threading, time
at = tempfile.mkdtemp() + "/"
def dgram(name):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(at + name); return s
a, b, other = dgram("a"), dgram("b"), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
def came(data, address): print(data, address[len(at):] if isinstance(address, str) and address.startswith(at) else address)
for receive in (lambda: b.recvfrom(9), lambda: b.recvfrom_into(bytearray(4)), lambda: b.recvmsg(9)[::3], lambda: b.recvmsg_into([bytearray(2), bytearray(2)])[::3], lambda: b.recvfrom(9, socket.MSG_PEEK), lambda: b.recvfrom(9)):
    a.sendto(b"hello", at + "b"); came(*receive())
b.sendto(b"answer", at + "a"); data, address = a.recvfrom(99); a.sendto(data[::-1], address)
while data != b"rewsna": data, address = b.recvfrom(99)
came(data, address); other.sendto(b"no name", at + "b"); came(*b.recvfrom(99))
for flags in (socket.MSG_DONTWAIT, socket.MSG_TRUNC):
    try: came(*b.recvfrom(3, flags))
    except OSError as error: print(type(error).__name__, error.errno)
    a.sendto(b"longer", at + "b")
t = threading.Thread(target=lambda: (time.sleep(0.1), a.sendto(b"waited for", at + "b"))); t.start(); b.recvfrom(99); came(*b.recvfrom(99)); t.join()
if not os.fork(): a.sendto(b"from a child", at + "b"); os._exit(0)
os.wait(); came(*b.recvfrom(99))
libc = ctypes.CDLL(None, use_errno=True); name = ctypes.create_string_buffer(b"~" * 120, 120)
for room in (120, 10, 0, -1):
    a.sendto(b"raw", at + "b"); data, size = ctypes.create_string_buffer(8), ctypes.c_int(room); name.value = b"~" * 119
    r = libc.recvfrom(b.fileno(), data, 8, 0, name, ctypes.byref(size)); print(r, ctypes.get_errno() if r < 0 else 0, data.raw, size.value == len(at) + 4, name.raw[:2], name.raw[room if room > 0 else 0:][:1] == b"~")
for where, to in ((8, name), (name, 8), (None, None)):
    a.sendto(b"raw", at + "b"); r = libc.recvfrom(b.fileno(), data, 8, 0, where, ctypes.byref(ctypes.c_int(120)) if to is name else to); print(r, ctypes.get_errno() if r < 0 else 0)
u = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) ; u.bind(at + "s"); u.listen(); c = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); c.connect(at + "s"); c.send(b"x"); v, _ = u.accept(); came(*v.recvfrom(9)); v.send(b"y"); came(*c.recvfrom(9))
"""


def unix():
    title("unix sockets")
    compare("who sent it, among sockets of its own", SENDERS, "--scratch", "--process", "fork")
    compare("who sent it, where addresses are granted too", SENDERS, "--scratch", "--process", "fork", *OWN)
    directory = place()
    stream = Service(socket.AF_UNIX, socket.SOCK_STREAM, directory + "/stream")
    datagram = Service(socket.AF_UNIX, socket.SOCK_DGRAM, directory + "/datagram")
    abstract = Service(socket.AF_UNIX, socket.SOCK_STREAM, f"\0proctor-net-{os.getpid()}")
    os.symlink(directory, directory + "/way")
    code = f"""
import os, socket
def one(address):
    s = socket.socket(socket.AF_UNIX)
    try: s.connect(address); s.sendall(b"abc"); print(s.recv(3), s.getpeername() == address)
    except OSError as error: print(type(error).__name__)
one("{directory}/stream"); one("{directory}/way/stream"); one("{directory}/none"); one("{directory}/p.py")
os.chdir("{directory}"); one("stream"); one("\\0proctor-net-{os.getpid()}"); one("\\0proctor-net-")
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); print(s.sendto(b"x", "{directory}/datagram")); s.connect("{directory}/datagram"); s.send(b"y")
"""
    run = in_python(code, "-r", directory, "--connect", f"unix:{directory}/way/stream", "--connect", f"unix:{directory}/none",
                    "--connect", f"unix:{directory}/datagram", "--connect", f"unix:{directory}/p.py",
                    "--connect", f"unix:@proctor-net-{os.getpid()}", "-q")
    equal("by path, through a link, from a directory, by an abstract name", run.out,
          b"b'cba' True\nb'cba' False\nFileNotFoundError\nFileNotFoundError\nb'cba' False\nb'cba' False\nPermissionError\n1\n")
    time.sleep(0.05)
    equal("the services were reached", (stream.came, datagram.came, abstract.came), (3, 2, 1))
    equal("the record has the canonical path", {r["destination"]["address"] for r in run.calls("connect", decision="allow")} - {f"@proctor-net-{os.getpid()}"},
          {f"{directory}/stream", f"{directory}/none", f"{directory}/datagram"} | {f"{directory}/p.py"})
    for s in stream, datagram, abstract:
        s.close()


def inherited():
    title("what the program was started with")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        run = in_python("print(1)", "--connect", "127.0.0.1:1", stdin=listening)
        equal("a socket that is not connected is not given to it", (run.status, b"not connected" in run.err), (64, True))
        run = in_python("print(1)", stdin=listening)
        equal("without addresses it is", run.out, b"1\n")


REDIS = """
import socket, sys
def ask(s, *words):
    s.sendall(b"*%d\\r\\n" % len(words) + b"".join(b"$%d\\r\\n%s\\r\\n" % (len(w), w) for w in words)); return s.recv(4096)
port, path = int(sys.argv[1]), sys.argv[2]
s = socket.create_connection(("127.0.0.1", port)); u = socket.socket(socket.AF_UNIX); u.connect(path)
print(ask(s, b"SET", b"k", b"v" * 100)); print(ask(u, b"GET", b"k")); print(ask(u, b"DEL", b"k"), ask(s, b"PING"))
"""

POSTGRES = """
import socket, struct, sys
def message(kind, body): return kind + struct.pack("!i", len(body) + 4) + body
def until_ready(s):
    found = b""
    while not found.endswith(b"Z\\0\\0\\0\\5I"):
        found += s.recv(65536)
    return found
def ask(s, user, query):
    s.sendall(message(b"", struct.pack("!i", 196608) + b"user\\0" + user + b"\\0database\\0postgres\\0\\0")); until_ready(s)
    s.sendall(message(b"Q", query + b"\\0")); found = until_ready(s)
    s.sendall(message(b"X", b"")); s.close()
    return found[found.index(b"D"):]
port, path, user = int(sys.argv[1]), sys.argv[2], sys.argv[3].encode()
u = socket.socket(socket.AF_UNIX); u.connect(path); print(ask(u, user, b"create table t as select 42 as n; select n from t"))
print(ask(socket.create_connection(("127.0.0.1", port)), user, b"select n + 1, repeat('x', 10000) from t; drop table t"))
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(path):
    end = time.monotonic() + 20
    while not os.path.exists(path) and time.monotonic() < end:
        time.sleep(0.02)
    return os.path.exists(path)


def ask_service(name, text, port, path, *words):
    directory = place()
    script = put(directory, "p.py", text)
    words = [PYTHON, script, str(port), path, *words]
    outside = native(words)
    inside = proctor(words, "-r", directory, "--connect", f"127.0.0.1:{port}", "--connect", f"unix:{path}")
    equal(f"{name} answers as without a sandbox", (inside.status, inside.out), (outside.status, outside.out))
    check(f"{name}: something was answered, nothing refused", outside.status == 0 and not inside.refused(), outside, inside)
    closed = proctor(words, "-r", directory, "--connect", f"127.0.0.1:{port}")
    check(f"{name}: one of both is refused", b"PermissionError" in closed.err, closed)


def redis():
    if not shutil.which("redis-server"):
        skip("redis", "redis-server is not installed")
        return
    directory, port = place(), free_port()
    server = subprocess.Popen(["redis-server", "--port", str(port), "--unixsocket", directory + "/s", "--save", "", "--dir", directory],
                              stdout=subprocess.DEVNULL)
    if check("redis starts", wait_for(directory + "/s")):
        ask_service("redis", REDIS, port, directory + "/s")
    server.kill()
    server.wait()


def postgres():
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    if not programs:
        skip("PostgreSQL", "no /usr/lib/postgresql/*/bin/initdb is installed")
        return
    binary, directory, port = os.path.dirname(programs[-1]), place(), free_port()
    who = {}
    if os.geteuid() == 0:
        try:
            entry = pwd.getpwnam("postgres")
        except KeyError:
            skip("PostgreSQL", "it does not run as root, and there is no user postgres")
            return
        os.chown(directory, entry.pw_uid, entry.pw_gid)
        who = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    os.chmod(directory, 0o755)
    made = native([binary + "/initdb", "-D", directory + "/d", "-A", "trust", "-U", "tester", "--no-sync", "--no-locale"], cwd=directory, **who)
    if not check("a database is made", made.status == 0, made):
        return
    server = subprocess.Popen([binary + "/postgres", "-D", directory + "/d", "-k", directory, "-p", str(port), "-F", "-c", "listen_addresses=127.0.0.1"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=directory, **who)
    path = f"{directory}/.s.PGSQL.{port}"
    if check("PostgreSQL starts", wait_for(path)):
        time.sleep(0.3)
        ask_service("PostgreSQL", POSTGRES, port, path, "tester")
    server.send_signal(signal.SIGQUIT)
    server.wait()


def told():
    title("some network is granted: what is missing is not all of it")
    directory = place()
    script = put(directory, "ask.py", "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9/')\n")
    for options, granted in (((), False), (("--connect", "127.0.0.1:9"), True)):
        run = proctor([PYTHON, script], *options)
        cause = run.verdict["cause"]
        equal(f"{options}: found.network", cause.get("found", {}).get("network", False), granted)
        explain = explained(run.log_path, "--audience", "student")
        for text in (cause["text"]["student"], cause["text"]["staff"], explain):
            check(f"{options}: no network here", ("no network here" in text) != granted, text)


programs()
processes()
told()
refusals()
waits()
unix()
inherited()
title("services")
if SHORT:
    skip("PostgreSQL and redis", "only the short test was asked for")
else:
    redis()
    postgres()
equal("nothing is left", survivors(), [])
finish()
