# SPDX-License-Identifier: Apache-2.0
# attack: the scratch is written by process_vm_writev on itself
# class: scratch
# wins: unlogged scratch
# native: n/a: the kernel honours the protection of the mapping
# logged: process_vm_writev
from kit import *

at = scratch()
tried()
b = ctypes.create_string_buffer(scrawl())
sc('process_vm_writev', os.getpid(), struct.pack('<QQ', address(b), len(scrawl())), 1, struct.pack('<QQ', at, len(scrawl())), 1, 0)
hold()
