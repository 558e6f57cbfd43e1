# SPDX-License-Identifier: Apache-2.0
# attack: modules, kexec, ports, segments, old calls
# class: admin
# wins: unlogged
# native: n/a: it would change this machine
# logged: init_module finit_module delete_module kexec_load iopl ioperm modify_ldt lookup_dcookie
from kit import *

tried()
sc('init_module', None, 0, b'')
sc('finit_module', -1, b'', 0)
sc('delete_module', b'none', 0)
sc('kexec_load', 0, -1, None, 0)
sc('kexec_file_load', -1, -1, 0, b'', 0)
sc('iopl', 0)
sc('ioperm', 0, 0, 0)
sc('modify_ldt', 0, bytes(16), 16)
sc('lookup_dcookie', 0, bytes(16), 16)
sc('uselib', b'/none')
