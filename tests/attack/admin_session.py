# SPDX-License-Identifier: Apache-2.0
# attack: a new session and process group, away from the signals of the terminal
# class: admin
# wins: state=sid,pgrp
# logged: setsid
from kit import *

tried()
hold()
sc('setsid')
sc('setpgid', 0, 0)
hold()
