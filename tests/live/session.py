# SPDX-License-Identifier: Apache-2.0
"""proctor on a terminal of its own, for the tests that type."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

import harness as h


class Session:
    """proctor on a terminal of its own, as its session's leader."""

    def __init__(self, words, *options, env=None, leader=True):
        self.argv, self.log_path, self.verdict_path = h.command(words, *options)
        self.said = b""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", 25, 90, 0, 0))
            if not leader:  # in the background of its terminal
                signal.signal(signal.SIGTTOU, signal.SIG_IGN)
                child = os.fork()
                if child:
                    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
                os.setpgid(0, 0)
            os.execve(self.argv[0], self.argv, h.clean_env(TERM="xterm") if env is None else env)
        number = struct.unpack("I", fcntl.ioctl(self.master, 0x80045430, bytes(4)))[0]  # TIOCGPTN
        self.slave = os.open(f"/dev/pts/{number}", os.O_RDWR | os.O_NOCTTY)
        self.before = termios.tcgetattr(self.slave)

    def until(self, text, seconds=30):
        end = time.monotonic() + seconds
        while text not in self.said and time.monotonic() < end:
            if select.select([self.master], [], [], min(0.1, seconds))[0]:
                try:
                    self.said += os.read(self.master, 65536)
                except OSError:
                    break
        return text in self.said

    def type(self, text):
        os.write(self.master, text)

    def end(self, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.until(b"\0never", 0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
                break
        else:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.status = "TIMEOUT"
        self.after = termios.tcgetattr(self.slave)
        # Nothing is there for whoever reads next.
        self.waiting = struct.unpack("i", fcntl.ioctl(self.slave, termios.FIONREAD, b"\0\0\0\0"))[0]
        os.close(self.slave)
        os.close(self.master)
        self.run = h.Run(self.status, self.said, b"", 0, self.log_path, self.verdict_path)
        return self

    def refused(self):
        return [(r["event"]["action"], r["syscall"]["args"][:2]) for r in self.run.refused()]
