# SPDX-License-Identifier: Apache-2.0
# attack: as many threads as there can be
# class: resources
# wins: limit
# limits: tasks=16 wall=6
from kit import *

tried()
threading.stack_size(65536)
n = 0
try:
    for n in range(300):
        threading.Thread(target=time.sleep, args=(0.6,), daemon=True).start()
except RuntimeError as e:
    say(e)
say('THREADS', n)
hold()
