# SPDX-License-Identifier: Apache-2.0
# attack: a named program, led astray by its environment and its arguments, reads and writes what nothing grants
# class: exec
# wins: leak files
# policy: exec: [/bin/cat, /bin/sh]
from kit import *

tried()


def run(path, argv, env):
    pid = os.fork()
    if pid == 0:
        sc('execve', path, (ctypes.c_char_p * (len(argv) + 1))(*argv, None),
           (ctypes.c_char_p * (len(env) + 1))(*env, None))
        os._exit(0)
    os.waitpid(pid, 0)


secret, out = os.fsencode(SECRET), os.fsencode(OUT)
run(b'/bin/cat', (b'cat', secret), ())
run(b'/bin/cat', (b'cat', b'/proc/self/root' + secret), ())
run(b'/bin/cat', (b'cat', GOOD.encode()),
    (b'LD_DEBUG=all', b'LD_DEBUG_OUTPUT=' + out + b'/debug', b'LD_PRELOAD=' + secret, b'LD_AUDIT=' + secret,
     b'LD_LIBRARY_PATH=' + out, b'LD_PROFILE=libc.so.6', b'LD_PROFILE_OUTPUT=' + out, b'GCONV_PATH=' + out))
run(b'/bin/sh', (b'sh', b'-c', b'read x < "$1"; echo "$x"; echo new > "$2"/made; echo new >> "$1"', b'sh', secret, out), ())
run(b'/bin/sh', (b'sh', b'-i'), (b'ENV=' + secret,))
