# SPDX-License-Identifier: Apache-2.0
# attack: System V shared memory, semaphores and message queues
# class: kobj
# wins: ipc
# logged: shmget semget msgget
from kit import *

key = int(NONCE[:7], 16)
tried()
sc('shmget', key, 4096, 0o1600)
sc('semget', key, 1, 0o1600)
sc('msgget', key, 0o1600)
