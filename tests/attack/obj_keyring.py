# SPDX-License-Identifier: Apache-2.0
# attack: keys in the kernel's keyrings
# class: kobj
# wins: effect
# logged: add_key keyctl request_key
from kit import *

tried()
k = sc('add_key', b'user', b'attack-' + NONCE.encode(), b'x', 1, -2)
if k > 0:
    effect('a key was made')
    sc('keyctl', 21, k)
sc('keyctl', 0, -3, 0)
sc('request_key', b'user', b'attack-none', None, -2)
