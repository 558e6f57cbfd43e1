# SPDX-License-Identifier: Apache-2.0
# attack: another program than the one that is named, or the one with other arguments: by descriptor, copy, loader, link, script and name
# class: exec
# wins: effect
# options: --scratch
# policy: exec: [{path: /bin/echo, argv: [fixed]}]
from kit import *

tried()
word = b'EFFECT'
mine = (b'echo', word, NONCE.encode())
scratch = os.fsencode(os.environ.get('TMPDIR') or BOX)


def vector(*words):
    return (ctypes.c_char_p * (len(words) + 1))(*words, None)


def child(what):
    pid = os.fork()
    if pid == 0:
        try:
            what()
        except OSError:
            pass
        os._exit(0)
    os.waitpid(pid, 0)


env = vector()
with open('/bin/echo', 'rb') as f:
    program = f.read()


def copy():
    path = scratch + b'/copy%d' % os.getpid()
    with open(path, 'wb') as f:
        f.write(program)
    os.chmod(path, 0o755)
    return path


def in_memory():
    fd = sc('memfd_create', b'echo', 0)
    os.write(fd, program)
    sc('execveat', fd, b'', vector(*mine), env, AT_EMPTY_PATH)
    sc('execve', b'/proc/self/fd/%d' % fd, vector(*mine), env)
    sc('execve', b'/dev/fd/%d' % fd, vector(*mine), env)


def by_link():
    path = scratch + b'/echo'
    for target in (b'/bin/printf', b'/usr/bin/printf'):
        try:
            os.symlink(target, path)
        except OSError:
            pass
    sc('execve', path, vector(b'echo', b'%s ' * 2 + b'\n', word, NONCE.encode()), env)


def script(first):
    path = scratch + b'/script%d' % os.getpid()
    with open(path, 'wb') as f:
        f.write(b'#!' + first + b'\n')
    os.chmod(path, 0o755)
    for argv in (vector(path), vector(b'echo', b'fixed')):
        sc('execve', path, argv, env)


for path in (b'/bin/echo', b'/usr/bin/echo'):
    for argv in (mine, (b'echo', b'fixed', word, NONCE.encode()), (b'echo', b'fixed\n' + word, NONCE.encode()),
                 (b'echo', b'\xff', word, NONCE.encode()), (b'echo', word + b' ' + NONCE.encode()),
                 (word, NONCE.encode())):
        child(lambda: sc('execve', path, vector(*argv), env))
        fd = openat(path.decode(), 0x200000)
        child(lambda: sc('execveat', fd, b'', vector(*argv), env, AT_EMPTY_PATH))
        child(lambda: sc('execveat', AT_FDCWD, path, vector(*argv), env, 0x100))
    for loader in (b'/lib64/ld-linux-x86-64.so.2', b'/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'):
        child(lambda: sc('execve', loader, vector(b'echo', path, *mine[1:]), env))
        child(lambda: sc('execve', loader, vector(b'echo', b'fixed'), vector(b'LD_TRACE_LOADED_OBJECTS=1')))
child(lambda: sc('execve', copy(), vector(*mine), env))
child(in_memory)
child(by_link)
child(lambda: script(b'/bin/echo ' + word + b' ' + NONCE.encode()))
# Where a policy grants the interpreter it is one more that may do nothing else.
own = 'print(open(%r).read())' % SECRET if 'interpreter' in F['granted'] else 'print("EFFECT", "%s")' % NONCE
child(lambda: sc('execve', b'/proc/self/exe', vector(b'python3', b'-c', b'try: %s\nexcept OSError: pass' % own.encode()), env))
