#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who uses whom, by the symbols of the objects that were built (nm(1)): no file of a room uses another one in
a circle, no room uses one above it, and in supervisor/ every file stands on a floor and uses only what is
beneath it. A new file of supervisor/ has to be put on a floor here.
"""

import os
import re
import subprocess
import sys

# The rooms from below; each may use those before it.
ROOMS = ["base", "tracee", "policy", "record", "words", "supervisor", "report", "grade", "cli"]

# supervisor/, from below (doc/ARCHITECTURE.md). Files of one floor do not use each other.
FLOORS = [
    "standing",
    "audit burden change question raised refusals ending format policy_facts signals stacks tally output resolve decode own_names "
    "surroundings shared_memory terminal meter census lent_frame where handed",
    "tasks source",
    "memory placement lend ledger futex_wake live modules shorten",
    "handover plan limits",
    "buffers note",
    "uncaught fatal held meant printed profile",
    "verdict",
    "handlers/shared handlers/tty handlers/address",
    "handlers/net handlers/messages",
    "handlers/own_file",
    "handlers/lock",
    "handlers/descriptors handlers/process handlers/write handlers/effects handlers/futex handlers/listing "
    "handlers/vsyscall",
    "handlers/files",
    "handlers/path_change handlers/exec handlers/rights",
    "handlers/handlers",
    "decide act fallback",
    "shadow ask",
    "run",
    "call start",
    "stops",
    "broker",
]

faults = []


def fault(text):
    faults.append(text)
    print(text)


def symbols(archive):
    """{object: (defined, used)} of ARCHIVE, objects by their paths without the ending."""
    out = subprocess.run(["nm", "-A", "-P", archive], stdout=subprocess.PIPE, check=True).stdout.decode()
    found = {}
    for line in out.splitlines():
        place, name, kind = re.match(r"(.*?): (\S+) (\S)", line).groups()
        member = re.search(r"\[(.*)\]$", place).group(1)
        defined, used = found.setdefault(member[:-2], (set(), set()))
        if kind in "Uvw":
            used.add(name)
        elif kind.isupper():
            defined.add(name)
    return found


def uses(objects):
    """{object: {object that it uses}} within OBJECTS."""
    home = {name: o for o, (defined, _) in objects.items() for name in defined}
    return {o: {home[n] for n in used if n in home and home[n] != o} for o, (_, used) in objects.items()}


def circles(graph):
    """Groups of nodes that reach each other (Tarjan)."""
    index, low, stack, found, counter = {}, {}, [], [], [0]

    def visit(node):
        index[node] = low[node] = counter[0]
        counter[0] += 1
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = []
            while True:
                group.append(stack.pop())
                if group[-1] == node:
                    break
            if len(group) > 1:
                found.append(sorted(group))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def source_names(room):
    """Objects of ROOM by the path of their source beneath it: archives keep the last part alone."""
    names = {}
    top = os.environ.get("top_srcdir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    for folder, _, files in os.walk(os.path.join(top, room)):
        for name in files:
            if name.endswith(".c"):
                path = os.path.relpath(os.path.join(folder, name), os.path.join(top, room))
                names.setdefault(name[:-2], []).append(path[:-2])
    return names


def check_floors(graph, names):
    floor = {}
    for height, line in enumerate(FLOORS):
        for name in line.split():
            floor[name] = height
    where = {}
    for o in graph:
        base = re.sub(r"^libsupervisor_a-", "", o)
        paths = names.get(base, [])
        if len(paths) != 1:
            fault(f"supervisor/: two files, or none, are called {base}.c: {paths}")
            continue
        where[o] = paths[0]
        if paths[0] not in floor:
            fault(f"supervisor/{paths[0]}.c stands on no floor: put it on one in tests/check-floors.py")
    for name in floor:
        if name not in where.values():
            fault(f"tests/check-floors.py: there is no supervisor/{name}.c")
    for o, others in graph.items():
        for other in others:
            low, high = floor.get(where.get(other)), floor.get(where.get(o))
            if low is not None and high is not None and low >= high:
                fault(f"supervisor/{where[o]}.c (floor {high}) uses {where[other]}.c (floor {low})")


def main():
    homes, wants = {}, {}
    for room in ROOMS:
        archive = f"lib{room}.a"
        if not os.path.exists(archive):
            print(f"skip: {archive} has not been built here")
            return 77
        objects = symbols(archive)
        graph = uses(objects)
        for group in circles(graph):
            fault(f"{room}/: a circle of {', '.join(group)}")
        if room == "supervisor":
            check_floors(graph, source_names(room))
        for defined, used in objects.values():
            homes.update((name, room) for name in defined)
            wants.setdefault(room, set()).update(used)
    for room, used in wants.items():
        for name in sorted(used):
            other = homes.get(name)
            if other and ROOMS.index(other) > ROOMS.index(room):
                fault(f"{room}/ uses {name} of {other}/, which is above it")
    print(f"{len(faults)} faults" if faults else "each room and each file uses only what is beneath it")
    return 1 if faults else 0


sys.exit(main())
