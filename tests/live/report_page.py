#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page of proctor report in a browser: what it shows, what a click and a key do, that nothing is asked for,
nothing is complained of, and nothing of a log runs. REPORT_PICTURES=DIR keeps pictures of it, to be looked at.
"""

import hashlib
import json
import os
import re

import harness as h

import browser

PICTURES = os.environ.get("REPORT_PICTURES")
PROGRAM = """import os, threading, time
def load(name):
    with open(name) as file:
        return file.read()
def look(names):
    for name in names:
        if os.path.exists(name):
            return load(name)
def work():
    for i in range(30):
        load("given.txt")
        time.sleep(0.001)
look(["/home/anna/x", "/home/ben/x"])
threads = [threading.Thread(target=work) for _ in range(2)]
for t in threads: t.start()
for t in threads: t.join()
for name in HOSTILE:
    try: load(name)
    except OSError: pass
print("said")
load("/etc/shadow")
"""
# Each would say so if it ran.
HOSTILE = [
    "/</script><script>document.title='ran'</script>",
    "/<img src=x onerror=\"document.title='ran'\">",
    "/<svg/onload=document.title='ran'>",
    "/javascript:document.title='ran'",
    "/\"><b onclick=\"document.title='ran'\" style='position:fixed;inset:0'>",
    "/--><!--",
    "/\u202egnp.exe",
]

if not browser.find():
    h.skip_all("there is no browser: " + ", ".join(browser.PROGRAMS))

box = h.place()
script = h.put(box, "solve.py", "HOSTILE = %r\n" % HOSTILE + PROGRAM)
h.put(box, "given.txt", "x" * 100)
run = h.proctor([h.PYTHON, "solve.py"], "--calls", "all", "--stack-for", "all", "--cpu", "60s", cwd=box)
calls, refused = run.calls(), run.refused()


def made(name, *arguments):
    path = os.path.join(box, name)
    done = h.native([h.PROCTOR, "report", "-f", "-o", path, *arguments])
    h.check(f"{name} is written", done.status in (0, 1), done)
    return path


def quiet(sentence, page, path):
    h.check(sentence + ": no error, no word on the console", not page.complaints(), page.complaints()[:3])
    h.equal(sentence + ": nothing is asked for but the file", page.requests(), ["file://" + path])
    title = page.eval("document.title")
    h.check(sentence + ": nothing of the log ran", "ran" != title, title)


path = made("page.html", "--source", script, run.log_path)
last = refused[-1]["event"]["sequence"]

with browser.Browser() as b:
    h.title("a real run")
    page = b.open(path)
    quiet("the page", page, path)
    h.equal("its script is through", page.eval("document.documentElement.dataset.ready"), "1")
    text = page.eval("document.body.innerText")
    h.check("the verdict, and the exception", "RE" in text and "PermissionError" in text)
    h.check("hostile names are text", all(name in text for name in HOSTILE[:-1]), [n for n in HOSTILE[:-1] if n not in text])
    h.check("what reorders is written out", "\\u{202e}gnp.exe" in text and "\u202e" not in text)
    h.equal("no element is the log's", page.eval("document.querySelectorAll('img, iframe, object, embed, [onclick], [style*=fixed]').length"), 0)
    h.check(
        "the limit of threads is told, which every run has",
        "at most 256 at once" in page.eval("document.querySelector('.gauges').innerText"),
        page.eval("document.querySelector('.gauges').innerText"),
    )
    h.equal("a card for each act that counts: opening, not looking", page.eval("document.querySelectorAll('.act').length"), 1)
    h.equal("the line of the end is marked", page.eval("document.querySelector('.src tr.limit').dataset.line"), "4")
    h.check(
        "its mark is in sight, though another line is far longer than the page is wide",
        page.eval(
            "(() => { const e = document.querySelector('.src tr.limit em'), s = e.closest('.scroll');"
            " return s.scrollWidth > s.clientWidth"
            " && e.getBoundingClientRect().right <= s.getBoundingClientRect().right; })()"
        ),
    )
    h.check("lines are hot", page.eval("document.querySelectorAll('.src .h9').length") >= 1)
    h.check("bars are drawn", page.eval("document.querySelector('.hbar rect').getBoundingClientRect().width") > 0)

    h.title("files")
    h.check("the tree has groups", page.eval("document.querySelectorAll('#tree [role=treeitem]').length") >= 4)
    before = page.eval("document.querySelectorAll('#tree [role=treeitem]').length")
    page.click("#tree [aria-expanded=false]")
    h.check("a click opens a branch", page.eval("document.querySelectorAll('#tree [role=treeitem]').length") > before)
    page.key("ArrowLeft")
    h.equal("a key closes it", page.eval("document.querySelectorAll('#tree [role=treeitem]').length"), before)
    h.check("bytes that were read", "%.1f" % (6000 / 1024) + "\u202fKiB" in page.eval("document.getElementById('tree').innerText"), page.eval("document.getElementById('tree').innerText"))

    h.title("source")
    line = page.eval("[...document.querySelectorAll('.src tr')].find((r) => r.innerText.includes('return file.read()')).id")
    page.click(f"#{line} .c")
    h.check("a click on a line tells its calls", "read" in page.eval("document.querySelector('.src .detail').innerText"))
    page.click(f"#{line} .c")
    h.equal("another takes them away", page.eval("document.querySelectorAll('.src .detail').length"), 0)

    h.title("filter")
    page.key("/", "Slash", "/")
    h.equal("a key goes there", page.eval("document.activeElement.id"), "q")
    page.eval("(() => { const q = document.getElementById('q'); q.value = 'is:refused'; q.dispatchEvent(new Event('input')); })()")
    page.eval("new Promise((done) => setTimeout(done, 250))")
    h.check("counts", page.eval("document.getElementById('qn').textContent").startswith(f"{len(refused)} calls"), page.eval("document.getElementById('qn').textContent"))
    h.check("the table of calls is of those", page.eval("document.querySelectorAll('#systable tbody tr').length") == len({r["event"]["action"] for r in refused}))
    page.key("Escape")
    page.eval("new Promise((done) => setTimeout(done, 50))")
    h.equal("is taken away", page.eval("document.getElementById('qn').textContent"), "")

    h.title("timeline and flames")
    h.check(
        "something is drawn",
        page.eval("(() => { const c = document.getElementById('lanes'); const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; return new Set(new Uint32Array(d.buffer)).size; })()") > 8,
    )
    span = page.eval("document.querySelector('#time .tools .dim').textContent")
    page.click("#time button")
    h.check("zooms", page.eval("document.querySelector('#time .tools .dim').textContent") != span)
    page.eval("document.getElementById('lanes').focus()")
    page.key("r")
    page.eval("new Promise((done) => setTimeout(done, 50))")
    h.equal("R shows a refused call", page.eval("document.querySelector('#inspector h3').textContent")[:1], "#")
    h.check("with what became of it", "refused" in page.eval("document.getElementById('inspector').innerText"))
    page.key("Escape")
    h.equal("Escape closes it", page.eval("document.getElementById('inspector').hidden"), True)
    boxes = page.eval("document.querySelectorAll('.flame button').length")
    h.check("the flame graph has the program's functions", page.eval("[...document.querySelectorAll('.flame button')].some((x) => x.textContent === 'load')"))
    page.eval("[...document.querySelectorAll('.flame button')].find((x) => x.textContent === 'work').click()")
    h.check("a click zooms into one", page.eval("document.querySelectorAll('.flame button').length") < boxes)

    rows = page.eval("[...document.querySelectorAll('.tasks tbody tr')].map((r) => r.innerText.split('\\t')[1])")
    h.check("its threads are told", len(rows) == 3 and len(set(rows)) == 3, rows)
    h.check("and its module, with its digest", hashlib.sha256(open(script, "rb").read()).hexdigest() in page.eval("document.querySelector('.modules').textContent"))

    h.title("calls")
    page.click("#systable th:nth-child(2) button")
    counts = page.eval("[...document.querySelectorAll('#systable tbody tr td:nth-child(2)')].map((c) => +c.dataset.v)")
    h.check("a click on a head sorts", counts == sorted(counts, reverse=True) and len(counts) > 5, counts)
    h.check("after all that", not page.complaints(), page.complaints()[:3])

    h.title("links")
    other = b.open(path, fragment=f"#seq-{last}")
    h.check("to a refused call", other.eval(f"(() => {{ const r = document.getElementById('seq-{last}').getBoundingClientRect(); return r.top >= 0 && r.top < innerHeight; }})()"))
    one = next(r for r in calls if r["decision"]["action"] == "allow")["event"]["sequence"]
    other = b.open(path, fragment=f"#seq-{one}")
    h.equal("to any other call", other.eval("document.querySelector('#inspector h3').textContent"), f"#{one}")
    quiet("linked to", other, path + f"#seq-{one}" if other.requests()[0].endswith(f"#seq-{one}") else path)

    h.title("how it looks")
    for name, options in ("light", {}), ("dark", {"dark": True}), ("narrow", {"width": 400, "height": 900}):
        seen = b.open(path, **options)
        wide = seen.eval("document.documentElement.scrollWidth") - seen.eval("innerWidth")
        h.check(f"{name}: nothing reaches over the side", wide <= 0, wide)
        back = seen.eval("getComputedStyle(document.body).backgroundColor")
        h.check(f"{name}: its ground", (max(map(int, re.findall(r"\d+", back)[:3])) < 64) == (name == "dark"), back)
        if PICTURES:
            seen.picture(os.path.join(PICTURES, name + ".png"))
        seen.close()
    printed = b.open(path)
    pdf = printed.call("Page.printToPDF", printBackground=True)["data"]
    h.check("it prints", len(pdf) > 20000)
    silent = b.open(path, script=False)
    h.check("without script the cause and the refusals are there", True if PICTURES is None else silent.picture(os.path.join(PICTURES, "noscript.png")) is None)
    found = b.call("DOM.getDocument", silent.session, depth=-1)
    nodes = json.dumps(found)
    h.check("as elements", "PermissionError" in nodes and f"seq-{last}" in nodes and "needs script" in nodes)

    h.title("the index of several runs")
    good = h.proctor([h.PYTHON, "-c", "print(1)"], cwd=box)
    done = h.native([h.PROCTOR, "report", "-o", os.path.join(box, "pages"), run.log_path, good.log_path])
    index_path = os.path.join(box, "pages", "index.html")
    index = b.open(index_path)
    quiet("the index", index, index_path)
    index.click("#runs th:nth-child(4) button")
    refusals = index.eval("[...document.querySelectorAll('#runs tbody tr td:nth-child(4)')].map((c) => +c.dataset.v)")
    h.equal("a click sorts by refusals", refusals, sorted(refusals, reverse=True))
    index.eval("(() => { const q = document.getElementById('q'); q.value = 'Permission'; q.dispatchEvent(new Event('input')); })()")
    h.equal("a word finds rows", index.eval("document.querySelectorAll('#runs tbody tr').length"), 1)
    if PICTURES:
        index.eval("(() => { const q = document.getElementById('q'); q.value = ''; q.dispatchEvent(new Event('input')); })()")
        index.picture(os.path.join(PICTURES, "index.png"))

    h.title("samples of a profile")
    body = "def inner():\n    return sum(range(1000))\ndef work():\n    while True: inner()\nwork()\n"
    hot = h.proctor([h.PYTHON, h.put(box, "hot.py", body)], "--profile=200", "--cpu", "600ms", cwd=box)
    hot_path = made("hot.html", "--source", os.path.join(box, "hot.py"), hot.log_path)
    seen = b.open(hot_path)
    profile = next(r["profile"] for r in hot.records if r["kind"] == "profile")
    own = profile["unread"] + sum(s["samples"] for s in profile["stacks"] if any(f["file"].endswith("/hot.py") for f in s["python"]))
    boxes = seen.eval("[...document.querySelectorAll('.flame button')].map((x) => x.getAttribute('aria-label'))")
    h.check("are what the flames are of", any(x.startswith(f"all, {own} sample") for x in boxes), boxes)
    h.check("the innermost is widest at the bottom", any(x.startswith("inner, ") for x in boxes), boxes)
    seen.eval("(() => { const s = document.querySelector('#flames select'); s.value = 'n'; s.dispatchEvent(new Event('change')); })()")
    h.check("calls are so still", "call" in seen.eval("document.querySelector('.flame button').getAttribute('aria-label')"))
    seen.eval("(() => { const s = document.querySelector('#flames select'); s.value = 'samples'; s.dispatchEvent(new Event('change')); })()")
    filtered = "new Promise((done) => { const q = document.getElementById('q'); q.value = '%s'; q.dispatchEvent(new Event('input')); setTimeout(() => done([...document.querySelectorAll('.flame button')].map((x) => x.getAttribute('aria-label'))), 250); })"
    h.check("the filter asks where", any(x.startswith("inner, ") for x in seen.eval(filtered % "line:2")) and seen.eval(filtered % "line:5") == [])
    h.check("what it used over time is drawn", re.search("processor, at most .* memory, at most", seen.eval("document.getElementById('course').getAttribute('aria-label')"))
            and seen.eval("(() => { const c = document.getElementById('course'); const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; return new Set(new Uint32Array(d.buffer)).size; })()") > 3)
    seen.eval("(() => { const r = document.getElementById('course').getBoundingClientRect(); document.getElementById('course').dispatchEvent(new PointerEvent('pointermove', { clientX: r.left + r.width / 2, clientY: r.top + 40 })); })()")
    h.check("a pointer is told how much", "memory" in seen.eval("document.getElementById('tip').innerText"), seen.eval("document.getElementById('tip').innerText"))
    h.check("the hottest line is marked", seen.eval("document.querySelector('#L2').classList.contains('h9')"))
    h.check("and pale while the filter is at another line", seen.eval("document.querySelector('#L2').classList.contains('off')"))
    h.check("a bar is drawn", seen.eval("document.querySelector('#L2 .p rect').getBoundingClientRect().width") > 0)
    quiet("their page", seen, hot_path)
    if PICTURES:
        seen.eval(filtered % "")
        seen.picture(os.path.join(PICTURES, "samples.png"))

    h.title("a million calls")
    many = int(os.environ.get("REPORT_CALLS", "100000"))
    call = next(r for r in calls if "code" in r and r["event"]["action"] == "openat")
    big = os.path.join(box, "big.jsonl")
    with open(big, "w") as out:
        out.write(json.dumps({**run.records[0], "@timestamp": "2026-01-05T10:00:00Z"}) + "\n")
        for i in range(1, many + 1):
            call["event"].update(sequence=i, duration=1000 + i % 977)
            call["@timestamp"] = "2026-01-05T10:%02d:%02d.%06dZ" % (i // 6000000 % 60, i // 100000 % 60, i * 10 % 1000000)
            call["file"] = {"path": "/srv/d%d/f%d" % (i % 300, i)}
            call["code"]["line.number"] = i % 50 + 1
            call["process"]["thread"]["id"] = i % 5
            out.write(json.dumps(call) + "\n")
    large_path = made("large.html", big)
    large = b.open(large_path)
    print(f"     {many} calls: {os.path.getsize(large_path)} bytes, open after {large.seconds:.2f} s")
    quiet("their page", large, large_path)
    h.equal("is drawn", large.eval("document.documentElement.dataset.ready"), "1")
    h.check("and says what it leaves out", "shown one by one" in large.eval("document.querySelector('#timeline').innerText"))

h.finish()
