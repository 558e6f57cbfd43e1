# SPDX-License-Identifier: Apache-2.0
"""A submission that tries four things that nobody granted, and goes on after each refusal."""
import socket
import subprocess


def attempt(what, action):
    try:
        action()
    except OSError as error:
        print(f"{what}: {error!r}")
    else:
        print(f"{what}: it worked!")


def read_accounts():
    with open("/etc/passwd") as file:
        return file.read()


def leave_a_file():
    with open("found.txt", "w") as file:
        file.write("something to come back to\n")


def call_home():
    socket.create_connection(("127.0.0.1", 80))


def start_a_shell():
    subprocess.run(["sh", "-c", "id"], check=True)


attempt("read a file", read_accounts)
attempt("write a file", leave_a_file)
attempt("open a socket", call_home)
attempt("start a shell", start_a_shell)
