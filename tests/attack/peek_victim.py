# SPDX-License-Identifier: Apache-2.0
# attack: process_vm_readv and process_vm_writev on another process
# class: peek
# wins: leak victim
# needs: victim
# logged: process_vm_readv process_vm_writev
from kit import *

b = ctypes.create_string_buffer(b'changed', 128)
iov = struct.pack('<QQ', address(b), F['vsecret_len'])
tried()
if sc('process_vm_readv', F['vpid'], iov, 1, struct.pack('<QQ', F['vsecret'], F['vsecret_len']), 1, 0) > 0:
    os.write(1, b.raw)
b.value = b'changed'
sc('process_vm_writev', F['vpid'], struct.pack('<QQ', address(b), 7), 1, struct.pack('<QQ', F['vplain'], 7), 1, 0)
