# SPDX-License-Identifier: Apache-2.0
# attack: F_SETPIPE_SZ on the shared stdout
# class: stdio
# wins: stdio
from kit import *

tried()
sc('fcntl', 1, 1031, 4096)
sc('fcntl', os.dup(1), 1031, 1 << 20)
