# SPDX-License-Identifier: Apache-2.0
# attack: lseek on a number that is swapped between stdout, a regular file, and stdin: then write over it
# class: race
# wins: files
# stdout: file
# stdin: file
# needs: race
from kit import *

os.dup2(1, 50)
keep = os.dup(1)
tried()


def swap():
    sc('dup2', keep, 50)
    sc('dup2', 0, 50)


end = loop_thread(swap)


def one(i):
    sc('lseek', 50, 0, 0)
    if not i & 15 or NATIVE:
        at = sc('lseek', keep, 0, 1)
        return 0 <= at < 100


rounds(one)
end()
sc('write', keep, b'overwritten', 11)
