# SPDX-License-Identifier: Apache-2.0
# attack: exit codes that mean something to proctor itself: 70, 124, 125
# class: status
# wins: status
# native: n/a: there is no verdict without proctor
# verdict: RE
from kit import *

tried()
say('leaving with 70')
sc('exit_group', 70)
