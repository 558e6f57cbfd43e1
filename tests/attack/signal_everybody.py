# SPDX-License-Identifier: Apache-2.0
# attack: kill(-1, 0): a question to every process there is
# class: signal
# wins: unlogged
# native: n/a: no signal may be sent to every process of this machine; even signal 0 proves nothing there
# logged: kill
from kit import *

tried()
sc('kill', -1, 0)
sc('kill', -1 & 0xffffffff, 0)
