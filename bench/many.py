#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One batch of very many runs: does anything grow, is anything left behind, does a run come to take longer?

    bench/many.py --proctor ./proctor [--runs 100000] [-j 2] [--mode quick] [--place /dev/shm] [--policy FILE] [SCRIPT]

bench/workloads/grants.py, with --policy bench/workloads/grants.yaml, uses a grant of each kind.

For each hundredth of the runs a line is printed: what a run took (elapsed, over all runs at a time; CPU time of
everything that ended meanwhile and of what lives), and memory, descriptors and processes of the batch, its pool and its
workers. The runs' own directories are removed as they end. The exit status says whether all ended as they should, with
nothing left; nobody but the reader judges the figures.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")


def stat_of(pid):
    """Parent, CPU time with that of children which were waited for, start; or None."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), sum(map(int, fields[11:15])) / TICKS, int(fields[19])


def tree(root):
    """The processes that come from ROOT, itself included, in the order of their start: {pid: CPU time}."""
    found = {int(n): stat_of(n) for n in os.listdir("/proc") if n.isdigit()}
    kept, more = {}, [root]
    while more:
        pid = more.pop()
        if found.get(pid):
            kept[pid] = found[pid]
            more += [p for p, stat in found.items() if stat and stat[0] == pid]
    return {pid: stat[1] for pid, stat in sorted(kept.items(), key=lambda item: (item[1][2], item[0]))}


def look(pid):
    """What PID is, its memory in KiB and its descriptors."""
    try:
        with open(f"/proc/{pid}/status") as f:
            status = dict(line.split(":", 1) for line in f.read().splitlines())
        with open(f"/proc/{pid}/comm") as f:
            name = f.read().strip()
        return name, int(status.get("VmRSS", "0 kB").split()[0]), len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return "", 0, 0


def names():
    """What lies where temporary files and shared memory do."""
    return {os.path.join(place, name) for place in ("/tmp", "/var/tmp", "/dev/shm") if os.path.isdir(place) for name in os.listdir(place)}


def ended(results, at):
    """The results that were written since AT, and where the last one ends."""
    with open(results, encoding="utf-8") as f:
        f.seek(at)
        lines = f.read()
    whole = lines.rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines()], at + len(whole.encode()) + bool(whole)


def watch(child, out, options):
    """Prints the lines; returns how many ended, and what was wrong with them."""
    done, told, at, wrong = 0, 0, 0, []
    begin, cpu = time.monotonic(), 0.0
    step = max(1, options.runs // 100)
    print("  runs  ms/run  ms of CPU  KiB of batch, pool, largest worker  descriptors (same)  processes", flush=True)
    while True:
        over = child.poll() is not None
        new, at = ended(out + "/results.jsonl", at) if os.path.exists(out + "/results.jsonl") else ([], at)
        for result in new:
            if result["verdict"] not in ("OK", "AC"):
                wrong.append(result["id"])
            shutil.rmtree(f"{out}/runs/{result['id']}", ignore_errors=True)
        done += len(new)
        if done >= told + step and not over:
            processes = tree(child.pid)
            looks = [(pid, *look(pid)) for pid in processes]
            ours = [(memory, fds) for pid, name, memory, fds in looks if name.startswith("proctor") and pid != child.pid]
            own = next(((memory, fds) for pid, _, memory, fds in looks if pid == child.pid), (0, 0))
            pool, workers = (ours[0], ours[1:]) if ours else ((0, 0), [])
            largest = max(workers, default=(0, 0))
            now, used = time.monotonic(), sum(processes.values())
            print(f"{done:6} {(now - begin) / (done - told) * 1e3:7.2f} {(used - cpu) / (done - told) * 1e3:10.2f}"
                  f"  {own[0]:6} {pool[0]:6} {largest[0]:6}  {own[1]:4} {pool[1]:4} {largest[1]:4}  {len(processes):4}", flush=True)
            begin, cpu, told = now, used, done
        if over:
            return done, wrong
        time.sleep(0.2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--proctor", required=True)
    parser.add_argument("--python", default="/usr/bin/python3")
    parser.add_argument("--runs", type=int, default=100000)
    parser.add_argument("-j", type=int, default=2)
    parser.add_argument("--mode", default="quick", choices=("quick", "exact", "cold"))
    parser.add_argument("--place", default="/dev/shm", help="where the batch's directory is made")
    parser.add_argument("--policy", help="default: builtin:pure")
    parser.add_argument("script", nargs="?", help="default: one that has only `pass` in it")
    options = parser.parse_args()
    place = tempfile.mkdtemp(prefix="proctor-many-", dir=options.place)
    before = names()
    try:
        os.mkdir(place + "/submission")
        script = os.path.abspath(options.script) if options.script else place + "/submission/run.py"
        if not options.script:
            with open(script, "w", encoding="ascii") as f:
                f.write("pass\n")
        with open(place + "/jobs.jsonl", "w", encoding="utf-8") as f:
            for n in range(options.runs):
                f.write(json.dumps({"id": f"r{n}", "argv": [script]}) + "\n")
        argv = [os.path.abspath(options.proctor), "batch", "-q", "-j", str(options.j), "-o", place + "/out", "--python", options.python,
                *(["--warm", options.mode] if options.mode != "cold" else []),
                *(["-p", os.path.abspath(options.policy)] if options.policy else []), place + "/jobs.jsonl"]
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))

        done, wrong = watch(child, place + "/out", options)
        processes = [pid for pid in tree(os.getpid()) if pid not in (os.getpid(), child.pid)]
        files = sorted(names() - before)
        print(f"{done} runs, {len(wrong)} that did not end as they should{': ' + ' '.join(wrong[:9]) if wrong else ''}; "
              f"{len(processes)} processes and {len(files)} files left{': ' + ' '.join(files[:9]) if files else ''}; status {child.returncode}")
        return 0 if done == options.runs and not wrong and not processes and not files and child.returncode == 0 else 1
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
