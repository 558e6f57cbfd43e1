# SPDX-License-Identifier: Apache-2.0
# attack: the first thread ends, another goes on and opens the secret
# class: threads
# wins: leak
from kit import *

path, good = os.fsencode(SECRET), os.fsencode(GOOD)
tried()
done = []


def rest():
    time.sleep(0.1)
    for i in range(100):
        fd = sc('openat', AT_FDCWD, good, 0, 0)
        if fd >= 0:
            os.close(fd)
        took(sc('openat', AT_FDCWD, path, 0, 0))
    say('DONE')
    sc('exit_group', 0)


threading.Thread(target=rest).start()
sc('exit', 0)
