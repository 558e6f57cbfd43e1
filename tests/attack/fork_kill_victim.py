# SPDX-License-Identifier: Apache-2.0
# attack: a child and a grandchild signal a bystander by every call that there is
# class: processes
# wins: victim
# needs: victim
# options: --process fork
from kit import *

tried()
pid = os.fork()
if pid == 0:
    child = os.fork()
    v = F['vpid']
    info = struct.pack('<iiiiQ', 10, 0, -1, 0, 0) + bytes(104)
    for high in (0, 1 << 32):
        sc('kill', v | high, 10)
        sc('tkill', v | high, 10)
        sc('tgkill', v | high, v | high, 10)
        sc('rt_sigqueueinfo', v | high, 10, info)
        sc('rt_tgsigqueueinfo', v, v, 10, info)
    fd = sc('pidfd_open', v, 0)
    sc('pidfd_send_signal', fd, 10, None, 0)
    if child:
        os.waitpid(child, 0)
    os._exit(0)
os.waitpid(pid, 0)
hold()
