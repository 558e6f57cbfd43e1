# SPDX-License-Identifier: Apache-2.0
# attack: signals for another process by every call that sends them
# class: signal
# wins: victim
# needs: victim
# logged: kill tgkill rt_sigqueueinfo rt_tgsigqueueinfo
from kit import *

v = F['vpid']
info = struct.pack('<iii', 10, 0, -1) + bytes(116)
tried()
sc('kill', v, 10)
sc('kill', v | 1 << 32, 10)
sc('tkill', v, 12)
sc('tgkill', v, v, 10)
sc('tgkill', -1, v, 10)
sc('rt_sigqueueinfo', v, 10, info)
sc('rt_tgsigqueueinfo', v, v, 10, info)
