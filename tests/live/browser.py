# SPDX-License-Identifier: Apache-2.0
"""A headless chromium, driven by its own protocol over two pipes: no port, no library.

    with Browser() as browser:
        page = browser.open("/tmp/page.html", dark=True)
        page.eval("document.title")
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time

PROGRAMS = "chromium", "chromium-browser", "google-chrome"


def find():
    """The path of a browser, or None."""
    return next((p for p in map(shutil.which, PROGRAMS) if p), None)


class Failed(Exception):
    pass


class Browser:
    def __init__(self):
        self.place = tempfile.TemporaryDirectory(prefix="browser-")
        down, self.down = os.pipe()
        self.up, up = os.pipe()
        arguments = [
            find(), "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
            "--disable-dev-shm-usage", "--hide-scrollbars", "--user-data-dir=" + self.place.name, "about:blank",
        ]

        def hand():
            # What the protocol wants: commands on descriptor 3, answers on 4.
            os.dup2(os.dup(down), 30)
            os.dup2(os.dup(up), 31)
            os.dup2(30, 3)
            os.dup2(31, 4)

        self.process = subprocess.Popen(
            arguments, preexec_fn=hand, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, "HOME": self.place.name},
        )
        os.close(down)
        os.close(up)
        self.number = 0
        self.rest = b""
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.down)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.up)
        try:
            self.place.cleanup()
        except OSError:
            pass  # one of its own processes was still writing

    def read(self):
        while b"\0" not in self.rest:
            got = os.read(self.up, 1 << 20)
            if not got:
                raise Failed("the browser has ended")
            self.rest += got
        one, _, self.rest = self.rest.partition(b"\0")
        return json.loads(one)

    def call(self, method, session=None, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.down, json.dumps(message).encode() + b"\0")
        while True:
            got = self.read()
            if got.get("id") == message["id"]:
                if "error" in got:
                    raise Failed(method + ": " + got["error"]["message"])
                return got["result"]
            self.events.append(got)

    def open(self, path, **options):
        return Page(self, path, **options)


class Page:
    """A page of a file, or of an address, loaded. Everything that the browser says of it is in events()."""

    def __init__(self, browser, path, dark=False, width=1360, height=1000, script=True, fragment=""):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.target = target
        for domain in "Page", "Runtime", "Log", "Network":
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        if not script:
            self.call("Emulation.setScriptExecutionDisabled", value=True)
        begin = time.monotonic()
        address = path if path.startswith("http://") else "file://" + os.path.abspath(path)
        self.call("Page.navigate", url=address + fragment)
        while not any(e["method"] == "Page.loadEventFired" for e in self.events()):
            self.browser.events.append(self.browser.read())
        if script:
            self.eval("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.seconds = time.monotonic() - begin

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def events(self):
        return [e for e in self.browser.events if e.get("sessionId") == self.session and "method" in e]

    def eval(self, code):
        got = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in got:
            raise Failed(code + ": " + json.dumps(got["exceptionDetails"])[:1000])
        return got["result"].get("value")

    def key(self, key, code=None, text=None):
        for kind in "keyDown", "keyUp":
            more = {"text": text} if text and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code or key, **more)

    def click(self, selector):
        """The middle of the first that SELECTOR finds, as a mouse does it."""
        at = self.eval(
            "(() => { const e = document.querySelector(%s); e.scrollIntoView({ block: 'center', behavior: 'instant' });"
            " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()" % json.dumps(selector)
        )
        for kind in "mousePressed", "mouseReleased":
            self.call("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], button="left", clickCount=1)
        self.eval("new Promise((done) => setTimeout(done, 30))")

    def complaints(self):
        """What the page made the browser say: exceptions, console, policy."""
        return [
            e for e in self.events()
            if e["method"] == "Runtime.exceptionThrown" or e["method"] == "Log.entryAdded"
            or (e["method"] == "Runtime.consoleAPICalled")
        ]

    def requests(self):
        return [e["params"]["request"]["url"] for e in self.events() if e["method"] == "Network.requestWillBeSent"]

    def picture(self, path, whole=True):
        got = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(got["data"]))

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
