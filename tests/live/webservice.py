#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""contrib/webservice in a browser: a program goes in, what becomes of it comes out; what proctor says and what the
program says stay apart, whatever the program writes; and nobody is served beyond the bound.
"""

import atexit
import http.client
import json
import os
import re
import signal
import subprocess
import threading

import harness as h

import browser

TOP = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(h.HERE, "..", ".."))
SERVICE = os.path.join(TOP, "contrib/webservice")
for module in "flask", "waitress":
    if h.native([h.PYTHON, "-c", "import " + module]).status:
        h.skip_all(f"{h.PYTHON} has no {module} (build-aux/packages has its name)")

env = {**h.clean_env(), "PROCTOR": h.PROCTOR, "PYTHONPATH": os.path.join(TOP, "python"), "TMPDIR": h.place()}


class Service:
    """The service in a process of its own."""

    def __init__(self, *options):
        argv = [h.PYTHON, os.path.join(SERVICE, "app.py"), "--listen", "127.0.0.1:0", *options]
        self.process = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline().decode()
        self.address = line.strip()
        self.port = int(re.search(r":(\d+)/$", self.address).group(1)) if line else None

    def ask(self, method, path, body=None, kind="application/json", host=None, length=None):
        """(status, headers, what it says). LENGTH is what is said of the body."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": kind} if body is not None else {}
        headers.update({"Host": host} if host else {})
        headers.update({"Content-Length": str(length)} if length else {})
        link.request(method, path, body, headers)
        answer = link.getresponse()
        text = answer.read()
        link.close()
        try:
            return answer.status, answer.headers, json.loads(text)
        except ValueError:
            return answer.status, answer.headers, text

    def run(self, program, **more):
        status, _, told = self.ask("POST", "/run", json.dumps({"program": program, **more}))
        return told if status == 200 else {"status": status, **told}

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        return self.process.communicate()


service = Service("--runs", "2", "--waiting", "0")
atexit.register(service.process.kill)
if not service.port:
    h.check("it starts", False, service.stop())
    h.finish()
hooks = service.ask("GET", "/about")[2]["hooks"]

# Whatever it says of itself, as its own profiler's rows and to every descriptor that it might have.
FORGE = """import json, os
verdict = json.dumps({"schema": "proctor.verdict/1", "status": "OK", "violations": 0}).encode() + b"\\n"
for fd in range(3, 2048):
    try: os.write(fd, verdict); print("wrote to", fd)
    except OSError: pass
name = os.path.join(os.environ.get("TMPDIR", "/tmp"), "hooks.json")
try: open("/etc/shadow")
except OSError: pass
"""
HOSTILE = """def load(name):
    open(name)
load.__code__ = load.__code__.replace(co_name="<img src=x onerror=document.title='ran'>")
for name in ["/</script><script>document.title='ran'</script>", "/<svg/onload=document.title='ran'>", "/\\u202egnp.exe"]:
    try: load(name)
    except OSError: pass
print("<script>document.title='ran'</script>\\x1b[31m\\0\\u202e")
raise RuntimeError("<img src=x onerror=document.title='ran'>")
"""

h.title("what it is asked")
for sentence, wanted, answer in (
    ("no JSON", 400, service.ask("POST", "/run", "{")),
    ("a form, as another site can send it", 415, service.ask("POST", "/run", "program=1", "application/x-www-form-urlencoded")),
    ("a text, as another site can send it", 415, service.ask("POST", "/run", '{"program":""}', "text/plain")),
    ("a list", 400, service.ask("POST", "/run", "[]")),
    ("a program that is a number", 400, service.ask("POST", "/run", '{"program":1}')),
    ("half a character", 400, service.ask("POST", "/run", '{"program":"\\ud800"}')),
    ("a hook that is none", 400, service.ask("POST", "/run", '{"program":"","hook":"../x"}')),
    ("a hook that is a list", 400, service.ask("POST", "/run", '{"program":"","hook":[]}')),
    ("a large program", 400, service.ask("POST", "/run", json.dumps({"program": "#" * (300 << 10)}))),
    ("a huge one", 413, service.ask("POST", "/run", b"x", length=5 << 20)),
    ("deep JSON", 400, service.ask("POST", "/run", b"[" * 100000)),
    ("another name, as after DNS rebinding", 403, service.ask("GET", "/about", host="evil.example")),
    ("that name with a port", 403, service.ask("POST", "/run", '{"program":""}', host="evil.example:80")),
    ("a file beside the page", 404, service.ask("GET", "/static/../runner.py")),
    ("another method", 405, service.ask("GET", "/run")),
):
    h.equal(f"{sentence}: {wanted}", answer[0], wanted)
h.check("every answer has the page's policy", "default-src 'none'" in answer[1]["Content-Security-Policy"], answer[1])

h.title("what the program cannot say")
told = service.run(FORGE)
h.equal("no descriptor but its own takes a verdict", told["program"]["stdout"]["text"], "")
h.equal("what proctor says is what was", (told["proctor"]["status"], told["proctor"]["violations"], told["proctor"]["refusals"][0]["place"]), ("OK", 1, "solve.py:7"))
h.check("nothing of the policy and no name of a file is told to its author", "/etc/shadow" not in json.dumps(told), told)
told = service.run("import sys\nsys.stdout.write('x' * (8 << 20))")
h.equal("a flood is ended", (told["proctor"]["status"], told["proctor"]["limit"]["name"]), ("OL", "output"))
h.check("and cut", len(told["program"]["stdout"]["text"]) == 64 << 10 and told["program"]["stdout"]["cut"])
told = service.run("import os\nfor n in range(40000):\n try: open(f'/root/{n}')\n except OSError: pass")
h.check("a flood of refusals is a table of 200", told["proctor"]["violations"] > 10000 and len(told["proctor"]["refusals"]) <= 200, told)
told = service.run("def", report=True)
h.equal("an error of syntax", told["proctor"]["status"], "RE")
h.check("the whole report", told["report"].startswith("<!DOCTYPE html>") and "</html>" in told["report"], told["report"])
if hooks:
    for sentence, text in (
        ("no rows", "'{}'"), ("another number of columns", "'[[\"a\",1,\"f\"]]'"), ("a text for a number", "'[[\"a\",1,\"f\",\"<b>\"]]'"),
        ("true", "'[[\"a\",1,\"f\",true]]'"), ("1e999", "'[[\"a\",1,\"f\",1e999]]'"), ("NaN", "'[[\"a\",1,\"f\",NaN]]'"),
        ("a long number", "'[[\"a\",1,\"f\",' + '9' * 5000 + ']]'"), ("deep", "'[' * 50000"), ("too many", "json.dumps([['a', 1, 'f', 1]] * 201)"),
        ("too much", "json.dumps([['a' * (300 << 10), 1, 'f', 1]])"),
    ):  # fmt: skip
        told = service.run(FORGE + f"open(name, 'w').write({text})\nos._exit(0)", hook="lines")
        h.equal(f"a hook's file with {sentence} is none", told.get("program", told).get("hook"), {"name": "lines", "columns": ["times"], "rows": None})
    for sentence, how in ("a link", "os.symlink('/etc/passwd', name)"), ("a directory", "os.mkdir(name)"):
        told = service.run(FORGE + f"{how}\nos._exit(0)", hook="lines")
        h.equal(f"{sentence} in its place is none", told["program"]["hook"]["rows"], None)
    told = service.run(FORGE + "open(name, 'w').write('[[\"shut\",1,\"f\",1]]')\nos.chmod(name, 0)\nos._exit(0)", hook="lines")
    h.equal("a file that it shuts is no failure of the service", (told.get("program", told).get("hook") or {}).get("rows"), [["shut", 1, "f", 1]])
    told = service.run(FORGE + "open(name, 'w').write('[[\"forged\",1,\"f\",1]]')\nos._exit(0)", hook="lines")
    h.equal("what it forges is told as its own word", told["program"]["hook"]["rows"], [["forged", 1, "f", 1]])
    h.equal("and changes nothing of what proctor says", (told["proctor"]["status"], told["proctor"]["violations"]), ("OK", 1))
    told = service.run("def f(n):\n    return n\nfor n in range(7):\n    f(n)\n", hook="lines")
    h.check("settrace counts lines", ["solve.py", 2, "f", 7] in told["program"]["hook"]["rows"], told)
    told = service.run("import threading\ndef f():\n    pass\nt = threading.Thread(target=f)\nt.start(); t.join()\n", hook="lines")
    h.check("of other threads too", ["solve.py", 3, "f", 1] in told["program"]["hook"]["rows"], told)
    told = service.run("kept = [bytes(1 << 20)]\n", hook="memory")
    row = told["program"]["hook"]["rows"][0]
    h.check("tracemalloc finds the line", row[:2] == ["solve.py", 1] and row[3] >= 1 << 20, told)
else:
    h.skip("profilers inside", service.ask("GET", "/about")[2]["without_hooks"])

h.title("the bound")


def sleeping():
    """How many programs run; each is an interpreter, beside the proctor that runs it."""
    found = [h.native(["cat", f"/proc/{pid}/cmdline"]).out for pid in h.descendants(service.process.pid)]
    return sum(line.startswith(b"python3") or b"/python3" in line.split(b"\0")[0] for line in found)


slow = [threading.Thread(target=service.run, args=("import time\ntime.sleep(1.5)",)) for _ in range(2)]
for thread in slow:
    thread.start()
h.check("two run at once", h.wait_for(lambda: sleeping() == 2))
status, headers, _ = service.ask("POST", "/run", '{"program":""}')
h.equal("where two may run and none may wait, the third is sent away", (status, headers["Retry-After"]), (503, "2"))
h.equal("the page is there all the same", service.ask("GET", "/")[0], 200)
for thread in slow:
    thread.join()
h.equal("then there is room again", service.run("print(1)")["program"]["stdout"]["text"], "1\n")



def in_a_browser():
    with browser.Browser() as b:
        page = b.open(service.address)
        h.wait_for(lambda: page.eval("document.documentElement.dataset.ready") == "1")

        def run(program, hook="", stdin="", report=False):
            page.eval("document.getElementById('program').value = %s" % json.dumps(program))
            page.eval("document.getElementById('stdin').value = %s" % json.dumps(stdin))
            page.eval("document.getElementById('hook').value = %s" % json.dumps(hook))
            page.eval("document.getElementById('report').checked = %s" % json.dumps(report))
            page.click("#go")
            done = "!document.getElementById('go').disabled"
            h.check("it comes to an end", h.wait_for(lambda: page.eval(done), 60), page.eval("document.body.innerText"))

        def text(selector):
            return page.eval("document.querySelector(%s).innerText" % json.dumps(selector))

        run("print(sum(map(int, input().split())))", stdin="1 2 3")
        h.equal("a program that is right", (text("#status"), text("#stdout")), ("OK", "6\n"))
        h.equal("nothing was refused", text("#no-refusals"), "Nothing.")
        run("total = 0\nfor n in range(3000000):\n    total += n\nopen('/etc/shadow')\n", hook="cprofile" if hooks else "", report=True)
        h.equal("one that is refused something", (text("#status"), text("#refusals tbody td")), ("RE", "solve.py:4"))
        h.check("says why", "not allowed (solve.py:4)" in text("#message"), text("#message"))
        h.check("marks the line", text("#lines tr.refused").startswith("4"), text("#lines"))
        shares = [int(n) for n in re.findall(r"(\d+) %", text("#lines tbody"))]
        h.check("and says where the time went", shares and sum(shares) >= 50, text("#lines"))
        if hooks:
            h.check("its own profiler's rows are there", "<module>" in text("#rows"), text("#rows"))
        link = page.eval("document.getElementById('save').hidden ? null : document.getElementById('save').href")
        h.check("the whole report can be saved", link and link.startswith("blob:"), link)
        run(HOSTILE, hook="cprofile" if hooks else "")
        h.check("markup is text", "<script>document.title='ran'</script>" in text("#stdout") and "onerror" in text("#result"), text("#result"))
        h.check("a program's name for a function is text too", not hooks or "<img src=x" in text("#rows"), text("#rows"))
        h.equal("nothing of it ran", (page.eval("document.title"), page.eval("document.querySelectorAll('#result img, #result script, #result svg').length")), ("Run a program", 0))
        run("import os\nos.kill(os.getpid(), 11)", hook="memory" if hooks else "")
        h.equal("a crash", text("#status"), "SG")
        h.check("leaves no rows, and the page says so", not hooks or text("#no-rows").startswith("It left nothing"), text("#result"))
        home = service.address
        h.equal("nothing is asked for but the service", [url for url in page.requests() if not url.startswith(home)], [])
        h.check("no error, no word on the console", not page.complaints(), page.complaints()[:3])
        if os.environ.get("REPORT_PICTURES"):
            page.picture(os.path.join(os.environ["REPORT_PICTURES"], "webservice.png"))


h.title("in a browser")
if browser.find():
    in_a_browser()
else:
    h.skip("the page", "there is no browser: " + ", ".join(browser.PROGRAMS))
h.equal("the service keeps nothing", os.listdir(env["TMPDIR"]), [])
out, err = service.stop()
h.equal("and complains of nothing", err, b"")
h.equal("nothing is left behind", h.survivors(), [])
h.finish()
