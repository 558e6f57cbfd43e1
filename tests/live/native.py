#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs that are not Python, which may be submissions themselves: what their file says of libraries
and loaders grants nothing, and any loader that the kernel would take is taken."""

import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

SOURCE = r"""
#include <pthread.h>
#include <stdio.h>
static void *run(void *text) { puts(text); return NULL; }
int main(int argc, char **argv)
{
	pthread_t thread;
	char line[100];
	FILE *f = fopen(argv[argc - 1], "r");

	pthread_create(&thread, NULL, run, "thread");
	pthread_join(thread, NULL);
	puts(f && fgets(line, sizeof line, f) ? line : "refused");
	return 3;
}
"""


def build(box, name, *flags):
    compiler = next((c for c in ("cc", "gcc", "clang") if shutil.which(c)), None)
    if not compiler:
        h.skip_all("no compiler")
    source, program = h.put(box, "program.c", SOURCE), f"{box}/{name}"
    done = subprocess.run([compiler, source, "-o", program, "-pthread", *flags], stderr=subprocess.PIPE)
    return program if done.returncode == 0 else h.skip(name, done.stderr.decode()[:200])


def main():
    box, outside = h.place(), h.place()
    secret, loader = h.put(outside, "secret", "secret"), f"{outside}/loader.so"
    shutil.copy("/lib64/ld-linux-x86-64.so.2", loader)
    for name, flags in {
        "plain": [],
        "static": ["-static"],
        "runpath": [f"-Wl,-rpath,{outside}", "-Wl,--enable-new-dtags"],
        "rpath": [f"-Wl,-rpath,{outside}", "-Wl,--disable-new-dtags"],
        "origin": [f"-Wl,-rpath,$ORIGIN/../{os.path.basename(outside)}"],
        "loader": [f"-Wl,--dynamic-linker={loader}"],
    }.items():
        program = build(box, name, *flags)
        if not program:
            continue
        bare = h.native([program, secret], cwd=box)
        h.check(f"{name}: reads it with no sandbox", bare.status == 3 and bare.out == b"thread\nsecret\n", bare)
        run = h.proctor([program, secret], "-r", box, cwd=box)
        h.check(f"{name}: runs, and what its file names is not granted", run.status == 3 and run.out == b"thread\nrefused\n", run)
        h.check(f"{name}: the refusal is in the log", [r for r in run.refused() if r["file"]["path"] == secret], run)
    h.finish()


main()
