# SPDX-License-Identifier: Apache-2.0
# attack: a POSIX message queue
# class: kobj
# wins: ipc
# logged: mq_open
from kit import *

tried()
sc('mq_open', b'attack-' + NONCE.encode(), 0o102, 0o600, None)
