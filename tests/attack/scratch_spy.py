# SPDX-License-Identifier: Apache-2.0
# attack: what lies in the scratch is read: texts of links and paths that the program may not know
# class: scratch
# wins: leak
# native: n/a: there is no scratch without proctor
from kit import *

tried()
st = stat_buf()
b = ctypes.create_string_buffer(256)
for p in (OUT + '/link', SECRET, BOX + '/rel_out', BOX + '/dir_out/link', BOX + '/chain'):
    openat(p)
    openat(p, os.O_PATH | os.O_NOFOLLOW)
    sc('stat', os.fsencode(p), st)
    sc('readlink', os.fsencode(p), b, 255)
    openat2(p, 0)
    take(GOOD)
dump = ctypes.string_at(SCRATCH, SCRATCH_SIZE)
os.write(1, b'\n'.join(s for s in dump.split(b'\0') if s) + b'\n')
