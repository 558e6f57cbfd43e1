# SPDX-License-Identifier: Apache-2.0
"""What every measurement needs: programs started and timed, runs interleaved, medians, the machine.

A sample is a number of seconds (or bytes), or a pair: the seconds of wall time, and those of CPU time
of everything that ran, which other work on the machine changes less. A Case is one thing to measure
in several Variants (native, on the floor tracer, under proctor, under a peer); the variants take
turns, round after round, so that whatever else the machine does meets all of them alike. Figures are
medians; ratios are medians of the ratios within a round, so that a slow minute cancels out.
"""
import dataclasses
import os
import platform
import select
import signal
import statistics
import sys
import time

MAX_SECONDS = 120  # of one run: a program that hangs ends the measurement, not the afternoon


class Failed(Exception):
    """A run did not do what was to be measured."""


@dataclasses.dataclass
class Ran:
    """A program that ended: seconds by the wall and of CPU (its children's too), what it printed, when
    it was started (monotonic ns)."""
    wall: float
    cpu: float
    out: str
    started_ns: int


def _wait(pid, watch):
    """Waits for PID; calls WATCH(pid) every 20 ms if there is one."""
    deadline = time.monotonic() + MAX_SECONDS
    pidfd = os.pidfd_open(pid)
    try:
        poller = select.poll()
        poller.register(pidfd, select.POLLIN)
        while not poller.poll(20 if watch else MAX_SECONDS * 1000):
            if watch:
                watch(pid)
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                raise Failed(f"pid {pid}: still running after {MAX_SECONDS} s")
    finally:
        os.close(pidfd)
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime


def _start(argv, env, stdin, out, err):
    actions = [(os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0),
               (os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, err, 2)]
    return os.posix_spawn(argv[0], argv, env, file_actions=actions)


def run(argv, env, tmp, stdin="/dev/null", watch=None, to_pipe=False):
    """Runs ARGV to its end. Failed if its exit status is not 0. With TO_PIPE its output goes
    through a pipe to a reader, as a judge has it, and is thrown away there."""
    out = os.open(tmp, os.O_TMPFILE | os.O_RDWR, 0o600)
    err = os.open(tmp, os.O_TMPFILE | os.O_RDWR, 0o600)
    sink = -1
    try:
        target = out
        if to_pipe:
            read_end, target = os.pipe()
            sink = os.posix_spawn("/bin/cat", ["cat"], env, file_actions=[
                (os.POSIX_SPAWN_DUP2, read_end, 0),
                (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
            os.close(read_end)
        started_ns = time.monotonic_ns()
        pid = _start(argv, env, stdin, target, err)
        if to_pipe:
            os.close(target)
        status, cpu = _wait(pid, watch)
        wall = (time.monotonic_ns() - started_ns) / 1e9
        if sink >= 0:
            os.waitpid(sink, 0)
        if status != 0:
            said = os.pread(err, 400, 0).decode(errors="replace").strip()
            raise Failed(f"{' '.join(argv)}: exit status {status}: {said}")
        text = os.pread(out, 1 << 20, 0).decode()
        return Ran(wall, cpu, text, started_ns)
    finally:
        os.close(out)
        os.close(err)


@dataclasses.dataclass
class Variant:
    """One way to run it. SAMPLE() returns a number, or (wall seconds, CPU seconds)."""
    label: str
    sample: object


@dataclasses.dataclass
class Goal:
    """KIND: native, floor (a ratio to that variant), added (over native), value; at most BOUND."""
    kind: str
    bound: float
    text: str


@dataclasses.dataclass
class Case:
    name: str
    title: str
    variants: list
    seconds: float  # of the sitting that it may take, at full length
    unit: str = "us"
    goal: Goal = None
    rounds: int = 3  # at least
    growth: bool = False  # variants are points along an axis, compared with the first
    samples: dict = dataclasses.field(default_factory=dict)
    cpu: dict = dataclasses.field(default_factory=dict)
    failed: dict = dataclasses.field(default_factory=dict)
    took: float = 0.0

    def measure(self, scale):
        """Round after round until its time is used up."""
        begin = time.monotonic()
        rounds = 0
        while rounds < (self.rounds if scale >= 1 else min(self.rounds, 2)) or (
                time.monotonic() - begin < self.seconds * scale and rounds < 200):
            self._round(rounds)
            rounds += 1
        self.took = time.monotonic() - begin

    def _round(self, number):
        # Every other round backwards: no variant always comes after the same other one.
        for variant in self.variants[::-1] if number % 2 else self.variants:
            if variant.label in self.failed:
                continue
            try:
                value = variant.sample()
                if isinstance(value, tuple):
                    value, cpu = value
                    self.cpu.setdefault(variant.label, []).append(cpu)
                self.samples.setdefault(variant.label, []).append(value)
            except Failed as error:
                self.failed[variant.label] = str(error)
                self.samples.pop(variant.label, None)

    def median(self, label):
        values = self.samples.get(label)
        return statistics.median(values) if values else None

    def best(self, label):
        values = self.samples.get(label)
        return min(values) if values else None

    def ratio(self, label, to):
        """Median of the ratios within each round; None when one of the two is missing."""
        a, b = self.samples.get(label), self.samples.get(to)
        if not a or not b:
            return None
        return statistics.median(x / y for x, y in zip(a, b) if y)

    def best_ratio(self, label, to):
        """The least against the least: what is left when other work on the machine is not."""
        a, b = self.best(label), self.best(to)
        return a / b if a and b else None

    def cpu_ratio(self, label, to):
        a, b = self.cpu.get(label), self.cpu.get(to)
        return statistics.median(a) / statistics.median(b) if a and b else None

    def added(self, label, to="native"):
        a, b = self.samples.get(label), self.samples.get(to)
        if not a or not b:
            return None
        return statistics.median(x - y for x, y in zip(a, b))

    def result(self, label="proctor"):
        """The figure that the goal is about."""
        if not self.goal:
            return None
        if self.goal.kind in ("native", "floor"):
            return self.ratio(label, self.goal.kind)
        return self.added(label) if self.goal.kind == "added" else self.median(label)

    def met(self):
        value = self.result()
        return None if value is None else value <= self.goal.bound

    def as_json(self):
        return {
            "name": self.name, "title": self.title, "unit": self.unit, "took_s": round(self.took, 2),
            "goal": None if not self.goal else {
                "kind": self.goal.kind, "bound": self.goal.bound, "text": self.goal.text,
                "measured": self.result(), "met": self.met()},
            "growth": self.growth,
            "variants": {label: {"median": self.median(label), "min": min(values), "samples": values}
                         for label, values in self.samples.items()},
            "cpu": self.cpu,
            "failed": self.failed,
        }


# ---------------------------------------------------------------------- figures as text

UNITS = {"us": (1e6, "µs"), "ms": (1e3, "ms"), "s": (1, "s"), "MiB": (1 / (1 << 20), "MiB"),
         "per_s": (1, "/s"), "ratio": (1, "×")}


def amount(value, unit):
    if value is None:
        return "-"
    scale, name = UNITS[unit]
    value *= scale
    return f"{value:.0f} {name}" if value >= 100 else f"{value:.1f} {name}" if value >= 10 else \
        f"{value:.2f} {name}"


def times(value):
    return "-" if value is None else f"{value:.1f}×" if value >= 10 else f"{value:.2f}×"


def table(rows, header, out=sys.stdout):
    """Columns as wide as they need; the first to the left, all else to the right."""
    rows = [header] + rows
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    for number, row in enumerate(rows):
        cells = [cell.ljust(w) if i == 0 else cell.rjust(w)
                 for i, (cell, w) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip(), file=out)
        if number == 0:
            print("  ".join("-" * w for w in widths), file=out)


# ---------------------------------------------------------------------- the machine

def _first(path, prefix):
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith(prefix):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return "unknown"


def _system():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (AttributeError, KeyError, OSError):  # Python before 3.10, or no such file
        return "unknown"


def machine():
    return {
        "cpu": _first("/proc/cpuinfo", "model name"),
        "cpus": len(os.sched_getaffinity(0)),
        "memory": _first("/proc/meminfo", "MemTotal"),
        "kernel": platform.release(),
        "arch": platform.machine(),
        "system": _system(),
        "load": os.getloadavg(),
    }
