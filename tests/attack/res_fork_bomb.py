# SPDX-License-Identifier: Apache-2.0
# attack: a bounded fork bomb, which outlives its first process
# class: resources
# wins: procs left
# wins where process: left
# limits: wall=4
from kit import *

tried()
for i in range(4):
    try:
        os.fork()
    except OSError as e:
        say(e)
time.sleep(1)
