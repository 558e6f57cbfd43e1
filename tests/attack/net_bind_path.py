# SPDX-License-Identifier: Apache-2.0
# attack: a socket at another path than the granted one: beside it, outside, through links and .., while the name and the address change, over a file, with other bits
# class: net
# wins: files effect
# needs: write
# policy: write: ["%A/work"] ;; net: {bind: ["unix:%A/work/sub/sock"]}
from kit import *

import socket
W, P = F['work'], F['prey']
tried()


def attempt(path):
    s = socket.socket(socket.AF_UNIX)
    try:
        s.bind(path)
    except (OSError, ValueError) as e:
        return say(path, e)
    return s


for path in (P + '/made', P + '/file.txt', OUT + '/made', W + '/other', W + '/file.txt', W + '/out/made', W + '/../prey/made',
             W + '/sub/../../prey/made', '/proc/self/root' + P + '/made', '/proc/self/fd/%d/made' % os.open(W, os.O_RDONLY),
             W + '/sub/sock2', W + '/sub', W + '/dangling'):
    if attempt(path):
        effect(path)
# Its directory becomes a link to where nothing is granted, and back, while it is bound.
try:
    os.rename(W + '/sub', W + '/real')
    os.symlink('real', W + '/sub')
except OSError as e:
    say(e)
stop = time.monotonic() + 0.3


def turn():
    n = 0
    while time.monotonic() < stop:
        n += 1
        try:
            os.unlink(W + '/sub')
            os.symlink((P, 'real', OUT)[n % 3], W + '/sub')
        except OSError:
            pass


t = threading.Thread(target=turn)
t.start()
address = ctypes.create_string_buffer(struct.pack('<H', 1) + os.fsencode(W + '/sub/sock').ljust(108, b'\0'), 110)
other = struct.pack('<H', 1) + os.fsencode(P + '/sub/sock').ljust(108, b'\0')
while time.monotonic() < stop:
    s = socket.socket(socket.AF_UNIX)
    sc('bind', s.fileno(), address, 110)
    for i in range(2, 110):  # byte by byte, so that a second look would see another one
        address[i] = other[i]
    sc('bind', s.fileno(), address, 110)
    for i in range(2, 110):
        address[i] = (struct.pack('<H', 1) + os.fsencode(W + '/sub/sock').ljust(108, b'\0'))[i]
    s.close()
t.join()
# What is granted is no win.
for path in (W + '/sub/sock', W + '/real/sock'):
    try:
        os.unlink(path)
    except OSError:
        pass
