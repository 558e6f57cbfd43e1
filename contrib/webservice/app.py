#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A page that takes a Python program, runs it under proctor, and shows what became of it; see README.md.

    app.py [--listen ADDRESS:PORT] [--name HOST]... [--runs N] [--waiting N] [--audience student|staff] [--policy FILE]
"""

import argparse
import contextlib
import json
import os
import threading

import flask
import waitress

import runner

PROGRAM = 256 << 10  # bytes of a program, and of its input
BODY = 4 << 20  # of a request: a byte can be six in JSON
HEADERS = {
    # Nothing but the page's own files; nothing in the page runs or looks as a program says.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Busy(Exception):
    pass


class Places:
    """RUNS at once and WAITING that wait for them. Who finds no place is sent away, so nothing grows."""

    def __init__(self, runs, waiting):
        self.all = threading.BoundedSemaphore(runs + waiting)
        self.runs = threading.BoundedSemaphore(runs)

    @contextlib.contextmanager
    def one(self):
        if not self.all.acquire(blocking=False):
            raise Busy
        try:
            with self.runs:
                yield
        finally:
            self.all.release()


def asked(data, hooks):
    """What a request asks for: (program, stdin, hook, report). ValueError says what is wrong with it."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError("JSON is wanted") from None
    if not isinstance(body, dict):
        raise ValueError("a JSON object is wanted")
    texts = []
    for name in "program", "stdin":
        value = body.get(name, "")
        if not isinstance(value, str):
            raise ValueError(name + " is not a text")
        try:
            texts.append(value.encode())
        except UnicodeEncodeError:
            raise ValueError(name + " is no text of Unicode") from None
        if len(texts[-1]) > PROGRAM:
            raise ValueError(f"{name} has more than {PROGRAM} bytes")
    hook, report = body.get("hook"), body.get("report", False)
    if hook is not None and (not isinstance(hook, str) or hook not in hooks):
        raise ValueError("there is no such hook")
    if not isinstance(report, bool):
        raise ValueError("report is neither true nor false")
    return texts[0], texts[1], hook, report


def make(names, places, audience, policy):
    """The application. NAMES are those by which it may be called: a page elsewhere whose name has been led here
    (DNS rebinding) has another."""
    app = flask.Flask(__name__, static_folder="static", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = BODY
    without = runner.why_no_hooks(policy)
    hooks = () if without else tuple(runner.HOOKS)

    def wrong(status, why):
        return flask.make_response({"error": why}, status)

    @app.before_request
    def by_name():
        host = flask.request.host.rpartition(":")[0] if flask.request.host.rpartition(":")[2].isdigit() else flask.request.host
        return None if host in names else wrong(403, "this service has another name")

    @app.after_request
    def with_headers(response):
        response.headers.update(HEADERS)
        return response

    @app.get("/")
    def page():
        return app.send_static_file("page.html")

    @app.get("/about")
    def about():
        return {"hooks": hooks, "without_hooks": without, "audience": audience, "program_bytes": PROGRAM}

    @app.post("/run")
    def run():
        # A form of another site cannot send this type without asking first, and it is told nothing.
        if flask.request.mimetype != "application/json":
            return wrong(415, "application/json is wanted")
        try:
            program, stdin, hook, report = asked(flask.request.get_data(), hooks)
        except ValueError as error:
            return wrong(400, str(error))
        try:
            with places.one():
                return runner.run(program, stdin, hook=hook, report=report, audience=audience, policy=policy)
        except Busy:
            answer = wrong(503, "too many programs are running; try again")
            answer.headers["Retry-After"] = "2"
            return answer

    @app.errorhandler(500)
    def failed(_):
        return wrong(500, "the service failed; this is not the program's fault")

    @app.errorhandler(413)
    def too_large(_):
        return wrong(413, f"a program may have {PROGRAM} bytes, and so may its input")

    return app


def main():
    parser = argparse.ArgumentParser(description="A page that runs Python programs under proctor.")
    parser.add_argument("--listen", default="127.0.0.1:8000", metavar="ADDRESS:PORT")
    parser.add_argument("--name", action="append", default=[], help="by which it may be called, beside ADDRESS and localhost")
    parser.add_argument("--runs", type=int, default=len(os.sched_getaffinity(0)), help="programs at once; default: one a core")
    parser.add_argument("--waiting", type=int, default=16, help="requests that wait for them")
    parser.add_argument("--audience", choices=("student", "staff"), default="student")
    parser.add_argument("--policy", default=str(runner.HERE / "service.yaml"))
    options = parser.parse_args()
    if options.runs < 1 or options.waiting < 0:
        parser.error("--runs is at least 1, --waiting at least 0")
    address, _, port = options.listen.rpartition(":")
    app = make({address, "localhost", *options.name}, Places(options.runs, options.waiting), options.audience, options.policy)
    # A thread for each place, and some for the page and for those who are sent away.
    server = waitress.create_server(app, host=address.strip("[]"), port=int(port), threads=options.runs + options.waiting + 4,
                                    max_request_body_size=BODY, ident=None)  # fmt: skip
    print(f"http://{address}:{server.effective_port}/", flush=True)
    server.run()


if __name__ == "__main__":
    main()
