# SPDX-License-Identifier: Apache-2.0
# attack: a granted program's file is mapped executable and run in place; it asks for the secret itself
# class: exec
# wins: leak
from kit import *

path, buf = ctypes.create_string_buffer(os.fsencode(SECRET)), stat_buf()
tried()
raw = function(RAW, ctypes.c_void_p, ctypes.c_long)
fd = raw((ctypes.c_long * 7)(NR['openat'], AT_FDCWD, address(path), 0, 0), 1)
took(fd)
