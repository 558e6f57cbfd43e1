# SPDX-License-Identifier: Apache-2.0
# attack: netlink, packet, vsock, crypto, bluetooth, kernel and raw sockets
# class: socket
# wins: effect
# logged: socket
from kit import *

tried()
for family, kind, proto in ((16, 3, 0), (17, 3, 0x300), (40, 1, 0), (38, 5, 0), (2, 3, 1), (31, 3, 1), (32, 3, 0), (44, 3, 0), (1, 5, 0), (2, 5, 132)):
    fd = sc('socket', family, kind, proto)
    # Any address that a policy grants brings unix sockets, to nowhere.
    if fd >= 0 and not (family == 1 and 'net' in F['granted']):
        effect('a socket of family %d' % family)
        os.close(fd)
b = (ctypes.c_int * 2)()
for family in (2, 10, 16, 30):
    if sc('socketpair', family, 1, 0, b) == 0:
        effect('a pair of family %d' % family)
