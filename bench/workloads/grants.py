# SPDX-License-Identifier: Apache-2.0
"""Uses what bench/workloads/grants.yaml grants, and leaves behind what it can: files, a lock, a child, a listener."""
import multiprocessing
import os
import socket
import sqlite3
import subprocess
import tempfile
import time

left = tempfile.mkdtemp()
for n in range(8):
    with open(f"{left}/{n}", "wb") as f:
        f.write(b"x" * 5000)
os.symlink("/nowhere", left + "/link")
table = sqlite3.connect(left + "/table.db")
table.execute("create table t (n)")
table.execute("insert into t values (1)")
table.commit()
lock = multiprocessing.get_context("fork").Lock()
listener = socket.create_server(("127.0.0.1", 0))
caller = socket.create_connection(listener.getsockname())
assert subprocess.run(["/bin/true"], check=True).returncode == 0
if os.fork() == 0:
    os.setsid()
    with open(left + "/child", "w", encoding="ascii") as f:
        f.write("here")
    time.sleep(3600)
while not os.path.exists(left + "/child"):
    time.sleep(0.001)
