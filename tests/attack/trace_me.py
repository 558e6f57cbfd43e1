# SPDX-License-Identifier: Apache-2.0
# attack: PTRACE_TRACEME, so that the supervisor is no longer the tracer or gets confused
# class: self
# wins: leak
# logged: ptrace
from kit import *

tried()
sc('ptrace', 0, 0, 0, 0)
take(SECRET)
