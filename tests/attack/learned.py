#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Attacks under policies that `proctor learn` made from the logs of real programs: what a program was seen to need lets
no attack out. An attack that a grant has another meaning for says so in its header (`wins where net: …`, see README)."""
import argparse
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

# One reads, and what it imports reads too; the other has a grant of each kind.
PROGRAMS = {
    'reads': '''
import argparse, asyncio, csv, decimal, glob, json, locale, logging, multiprocessing, os, tempfile, threading, time, unittest
locale.setlocale(locale.LC_ALL, '')
print(sum(int(open(name).read()) for name in sorted(glob.glob(OUT + '/numbers/*'))), os.listdir(OUT), time.localtime().tm_year > 0)
print(os.path.exists(OUT + '/absent'), os.path.realpath(OUT + '/link'), list(csv.reader(open(OUT + '/table.csv'))))
try:
    open(OUT + '/settings.ini')
except OSError:
    print('as it comes')
thread = threading.Thread(target=lambda: print(json.load(open(OUT + '/data.json'))))
thread.start(); thread.join()
''',
    'does': '''
import os, shutil, socket, subprocess, sys
server = socket.create_server(('127.0.0.1', PORT))
client = socket.create_connection(server.getsockname())
peer, _ = server.accept()
peer.sendall(b'hello'); print(client.recv(10))
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))
os.makedirs(OUT + '/made/deep'); open(OUT + '/made/deep/file', 'w').write('x')
os.rename(OUT + '/made/deep/file', OUT + '/made/file'); shutil.rmtree(OUT + '/made')
print(subprocess.run(['/usr/bin/sort'], input=b'b\\na\\n', stdout=subprocess.PIPE).stdout)
print(subprocess.run([sys.executable, '-S', '-c', 'print(5)'], stdout=subprocess.PIPE).stdout)
child = os.fork()
if child == 0:
    os._exit(3)
print(os.waitpid(child, 0)[1])
''',
}
GRANTS = {'reads': (), 'does': ('\nnet:', '\nwrite:', '\nprocess: fork', '\nexec:')}


# What a policy that grants processes grants of another corpus: each of these is seen to do this, and nothing else.
MORE_GRANTED = {'proc_fork': r'\d+ processes of the program seen', 'res_fork_bomb': r'\d+ processes of the program seen',
                'kobj_memfd': r'descriptor seen from outside: /memfd:proctor-scratch \(deleted\)'}


def attack_more(opts, policy, granted, place):
    """The attacks of another corpus, whose runner knows no grants: its results are compared with what is granted."""
    results = os.path.join(place, 'more.json')
    sandbox = ('%s run -p %s -r {rodir} --wall {wall} --cpu {cpu} --memory {mem_mb}MiB --output {out_bytes} '
               '--env {env} -- {python} -I {script}' % (shlex.quote(opts.proctor), shlex.quote(policy)))
    subprocess.run([sys.executable, '-B', opts.more, '--sandbox', sandbox, '--json', results], check=False)
    with open(results) as f:
        found = json.load(f)['results']
    os.unlink(results)
    wrong = []
    for one in found:
        name, result = one.get('attack') or one.get('case'), one['result']
        expected = MORE_GRANTED.get(name) if granted else None
        seen = [e.partition(': ')[2] if re.match(r'\w+: ', e) else e for e in one.get('evidence', [])]
        fine = (result == 'WON' and seen and all(re.fullmatch(expected, e) for e in seen)) if expected else result in ('HELD', 'OK')
        if not fine:
            wrong.append('%s: %s %s' % (name, result, '; '.join(one.get('evidence', []))))
    for line in wrong:
        print('not as the policy grants it: ' + line, flush=True)
    print('%d of %d of the other corpus are as the policy grants it' % (len(found) - len(wrong), len(found)), flush=True)
    return 1 if wrong or not found else 0


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as server:
        return server.getsockname()[1]


def learn(opts, place, name):
    """The policy that the program NAME was seen to need; it runs the program again, or there is nothing to attack."""
    out, program, log, policy = (os.path.join(place, name + end) for end in ('', '.d/solve.py', '.jsonl', '.yaml'))
    os.makedirs(out + '/numbers')
    os.mkdir(os.path.dirname(program))
    for i in range(7):
        with open('%s/numbers/%d' % (out, i), 'w') as f:
            f.write(str(i))
    for file, text in (('table.csv', 'a,b\n'), ('data.json', '[1]')):
        with open(out + '/' + file, 'w') as f:
            f.write(text)
    os.symlink('data.json', out + '/link')
    with open(program, 'w') as f:
        f.write('OUT, PORT = %r, %d\n%s' % (out, free_port(), PROGRAMS[name]))
    run = [opts.proctor, 'run', '-q', '--python', opts.python]
    seen = subprocess.run(run + ['--mode', 'audit', '-p', 'python', '-o', log, program], stdout=subprocess.PIPE, check=True)
    subprocess.run([opts.proctor, 'learn', '-o', policy, log], stderr=subprocess.DEVNULL, check=False)
    again = subprocess.run(run + ['-p', policy, program], stdout=subprocess.PIPE, check=True)
    with open(policy) as f:
        text = f.read()
    if not seen.stdout or again.stdout != seen.stdout or not all(grant in text for grant in GRANTS[name]):
        sys.exit('the policy learned of %r does not run it again, or lacks what it did:\n%s' % (name, text))
    return policy


def main():
    p = argparse.ArgumentParser(description=__doc__, epilog='Any other option is one of run.py.')
    p.add_argument('--proctor', metavar='PATH', required=True)
    p.add_argument('--python', default=sys.executable, help='the interpreter that runs programs and attacks')
    p.add_argument('--more', metavar='RUNNER', help='the runner of another corpus, which is run under the policies too')
    opts, others = p.parse_known_args()
    place = os.path.realpath(tempfile.mkdtemp(prefix='proctor-learned-'))
    status = 0
    try:
        for name in PROGRAMS:
            policy = learn(opts, place, name)
            print('# under the policy learned of a program that ' + name, flush=True)
            status |= subprocess.run([sys.executable, '-B', HERE + '/run.py', '--proctor', opts.proctor, '--python', opts.python,
                                      '--sandbox', 'proctor', '--policy', policy, *others], check=False).returncode
            if opts.more:
                status |= attack_more(opts, policy, '\nprocess: fork' in GRANTS[name], place)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return 1 if status else 0


if __name__ == '__main__':
    sys.exit(main())
