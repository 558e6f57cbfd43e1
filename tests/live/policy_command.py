# SPDX-License-Identifier: Apache-2.0
"""proctor policy: exit statuses, messages, and deciding a log again."""
import json
import os
import sys

import harness as h

EXAMPLES = os.path.abspath(os.path.join(os.environ.get("top_srcdir", "."), "policy", "examples"))


def proctor(*args, stdin=""):
    run = h.native([h.PROCTOR, "policy", *args], stdin=stdin.encode())
    return run.status, run.out.decode(), run.err.decode()


def write(name, text):
    with open(name, "w") as f:
        f.write(text)
    return name


def call(seq, name, args, path, action, rule="read", ret=0):
    return json.dumps({"v": 1, "kind": "call", "event": {"sequence": seq, "action": name},
                       "process": {"pid": 1, "thread": {"id": 1}},
                       "syscall": {"nr": 257, "arch": "x86_64", "args": args, "ret": ret},
                       "file": {"path": path}, "decision": {"action": action}, "rule": {"id": rule, "ref": "old"}})


def check():
    got = proctor("check", write("good.yaml", "version: 1\nextends: builtin:pure\nread: [\"%{submission}/x\"]\n"))
    h.check("a good policy is accepted in silence", got == (0, "", ""), got)
    got = proctor("check", write("bad.yaml", "version: 1\nraed: [/]\nread:\n  - a\n"))
    h.check("a bad policy exits 65 and names the lines",
           got[0] == 65 and "bad.yaml:2:1: unknown key" in got[2] and "bad.yaml:4:5: " in got[2], got)
    got = proctor("check", "good.yaml", "bad.yaml", "absent.yaml")
    h.check("of several policies the worst counts", got[0] == 65 and "absent.yaml: no such file" in got[2], got)
    got = proctor("check", write("typo.yaml", "version: 1\nnever: [bpff]\n"))
    h.check("a system call that does not exist is a warning",
           got[0] == 0 and "typo.yaml:2:9: warning: never: there is no system call bpff" in got[2], got)
    got = proctor("check", write("passage.yaml", "version: 1\nread: [/pt/a/b/c, /pt/x/]\nhide: [/pt/a, /pt/x/]\n"))
    h.check("a hidden directory that leads to what is granted is a warning",
           got[0] == 0 and "passage.yaml:3:8: warning: /pt/a can be seen, though not listed: it leads to what is granted at "
           "passage.yaml:2:8\n" in got[2] and "/pt/x" not in got[2].split("3:8: warning: /pt/a can")[1], got)
    got = proctor("check", write("won.yaml", "version: 1\nread: [/pt/x/]\nhide: [/pt/x/**]\n"))
    h.check("a hide rule that another one comes before is a warning",
           got[0] == 0 and "won.yaml:3:8: warning: /pt/x/** is not hidden: won.yaml:2:8 comes before this rule" in got[2], got)
    names = sorted(os.listdir(EXAMPLES))
    for name in names:
        got = proctor("check", os.path.join(EXAMPLES, name))
        h.check("the example %s is accepted" % name, got[0] == 0, got)
    h.check("there are examples", len(names) >= 3, names)
    for args in (), ("check",), ("frobnicate",), ("check", "--frob"), ("test", "good.yaml"), ("show", "a.py", "b.py"):
        got = proctor(*args)
        h.check("bad use exits 64 with one line: %s" % " ".join(args),
               got[0] == 64 and got[2].startswith("proctor: policy: ") and got[2].count("\n") == 1, got)


def listed():
    got = proctor("list")
    h.check("list names the built-in policies", got[0] == 0 and got[1].startswith("builtin:pure ") and "\nbuiltin:python " in got[1], got)
    got = proctor("list", "x")
    h.check("and takes nothing more", got[0] == 64, got)


def compared():
    os.makedirs("cmp/sub", exist_ok=True)
    write("cmp/x", "x")
    here = os.path.realpath("cmp")
    a = write("a.yaml", f"version: 1\nextends: builtin:python\nread: [{here}]\nhide: [{here}/sub]\nnever: [getpid]\non_deny: kill\n"
              "net: {connect: [\"127.0.0.1:80\", \"10.0.0.0/8:*\"]}\nlimits: {cpu: 1s, wall: 2s}\nenv: {A: b}\n")
    same = write("same.yaml", f"version: 1\nextends: [./a.yaml]\nread: [\"{here}/**\", {here}/x]\n")
    got = proctor("diff", a, same)
    h.equal("a policy that grants the same by other rules grants nothing more", got, (0, "nothing is granted that was not before\n", ""))
    b = write("b.yaml", f"version: 1\nextends: builtin:python\nread: [{here}, /pt/new, \"/pt/*.csv\"]\nprocess: no\nlimits: {{cpu: 2s, wall: 2s}}\n"
              f"net: {{connect: [\"127.0.0.1:80\", \"10.1.0.0/16:80\", \"10.0.0.0/7:80\"], bind: [\"127.0.0.1:80\"]}}\nwrite: [{here}/sub]\nenv: {{A: c}}\n")
    status, out, err = proctor("diff", "--json", a, b)
    told = json.loads(out)
    gains = [(g["kind"], g["rule"], (g["ref"] or "").rsplit("/", 1)[-1]) for g in told["granted"]]
    want = [("read", "/pt/new", "b.yaml:3:%d" % (len(here) + 10)), ("read", "/pt/*.csv", "b.yaml:3:%d" % (len(here) + 19)),
            ("read", here + "/sub", "b.yaml:7:9"), ("write", here + "/sub", "b.yaml:7:9"), ("change", here + "/sub", "b.yaml:7:9"),
            ("connect", "10.0.0.0/7:80", "b.yaml:6:51"), ("bind", "127.0.0.1:80", "b.yaml:6:76"), ("call", "getpid", ""),
            ("on_deny", "a refusal does not end the run", "builtin:default"), ("limit", "cpu", "b.yaml:5:15"), ("env", "A", "b.yaml:8:7")]
    h.equal("each rule that grants more is there once, with its place", sorted(gains), sorted(want))
    h.check("with what the other policy says to it", status == 1 and [g["before"] for g in told["granted"] if g["rule"] == here + "/sub"][0] ==
            f"hide (hide a.yaml:4:8)", told)
    status, out, err = proctor("diff", a, b)
    h.check("the same in words", status == 1 and out.count("\n+ ") + 1 == len(want) and f"before: hide (hide a.yaml:4:8)" in out, out)
    one = write("one.yaml", "version: 1\nextends: builtin:python\nexec: [{path: /usr/bin/env, argv: [a]}]\n")
    all_ = write("all.yaml", "version: 1\nextends: builtin:python\nexec: [/usr/bin/env]\n")
    got = proctor("diff", one, all_)
    h.check("programs too", got[0] == 1 and "+ exec" in got[1] and "all.yaml:3:8" in got[1], got)
    h.equal("and what is narrower is none more", proctor("diff", all_, one)[0], 0)
    got = proctor("diff", b, a)
    h.check("the other way around there is less", "10.0.0.0/8:*" in got[1] and "+ call" not in got[1] and "/pt/new" not in got[1], got)
    for args in (("diff", a), ("diff", a, b, b), ("diff", "-r", "/x", a, b), ("diff", "--cases", "x", a, b)):
        h.equal("bad use exits 64: %s" % " ".join(args), proctor(*args)[0], 64)


def cases():
    here = os.path.realpath("cmp")
    good = write("cases", f"# a comment\n\nallow read {here}/x\n  hide  read   {here}/sub/y\nkill read /etc/passwd\nkill write {here}/x\nhide stat /pt\n"
                 "allow connect 127.0.0.1:80\nkill bind 127.0.0.1:80\nkill call getpid\nallow call getppid\ndepends call openat\nkill call ptrace\nhide call io_setup\n")
    got = proctor("test", "a.yaml", "--cases", good)
    h.equal("a table that holds", got, (0, "12 of 12 cases are as they are to be\n", ""))
    bad = write("wrong", f"allow read {here}/x\nallow read {here}/sub/y\ndeny call getpid\n")
    got = proctor("test", "a.yaml", "--cases", bad)
    h.equal("one that does not says where, and what it is", got, (1, f"wrong:2: read {here}/sub/y: hide, not allow  (hide a.yaml:4:8)\n"
            "wrong:3: call getpid: kill, not deny  (never a.yaml:5:9)\n1 of 3 cases are as they are to be\n", ""))
    for text in ("allow", "allow read", "maybe read /x", "allow look /x", "allow read x", "allow call frob", "allow connect 10.0.0.0/8:80", "allow read /x\0y"):
        got = proctor("test", "a.yaml", "--cases", write("cases.bad", "# x\n" + text + "\n"))
        h.check(f"{text!r} is no case", got[0] == 64 and got[2].startswith("proctor: policy: cases.bad:2: ") and got[2].count("\n") == 1, got)
    h.equal("a table that is not there", proctor("test", "a.yaml", "--cases", "none")[0], 127)
    out = proctor("show", "--calls", "a.yaml")[1]
    lines = {line.split()[1]: line for line in out.splitlines()}
    h.check("show --calls has each call there is", len(lines) > 350 and lines["getpid"].startswith("kill ") and "(never a.yaml:5:9)" in lines["getpid"] and
            lines["openat"].startswith("depends ") and lines["getppid"].startswith("allow ") and "ENOSYS" in lines["io_setup"], out[:500])


# Each would move the cursor, end the line, or turn the text around.
HOSTILE = "\x9b31m\u202e\x1b[2J\u2028\u200b"


def plain(text):
    """No character that a terminal obeys, and none that hides or turns others."""
    return all(c == "\n" or (c.isprintable() and c not in "\u202e\u200b\u2028") for c in text)


def hostile_names():
    directory = os.path.join(os.getcwd(), "policy-command" + HOSTILE.replace("\x1b", ""))  # which no policy can name
    os.mkdir(directory)
    name = write(os.path.join(directory, "p%s.yaml" % HOSTILE),
                 json.dumps({"version": "1", "name": "n\x9b\u202e", "read": [directory + "/no", "relative\u202e\x9b", "/x/%q\u202e"],
                             "hide": [directory], "raed\u202e": [], "on_deny": "errno:\u202eX"}))
    got = proctor("check", name)
    h.check("mistakes in a hostile text are told in plain characters", got[0] == 65 and plain(got[2]) and
           "\\u{202e}" in got[2] and "\\u{9b}" in got[2], got)
    good = write(os.path.join(directory, "good%s.yaml" % HOSTILE),
                 json.dumps({"version": "1", "name": "n\x85\u202e", "read": [directory, "/gone\u202e"]}, ensure_ascii=True))
    got = proctor("check", good)
    h.check("so are doubts", got[0] == 0 and plain(got[2]) and "does not exist" in got[2], got)
    got = proctor("show", "--python", sys.executable, good)
    h.check("show shows them in plain characters", got[0] == 0 and plain(got[1]) and plain(got[2]), got)
    again = write("again.yaml", got[1])
    twice = proctor("show", "--python", sys.executable, again)
    rules = [[line.split("  #")[0] for line in out.splitlines() if "policy-command" in line or "gone" in line]
             for out in (got[1], twice[1])]
    h.check("and what it shows means the same", rules[0] == rules[1] and len(rules[0]) == 2, (rules, twice))
    got = proctor("test", good, "--read", directory, "--stat", "/nowhere\x9b")
    h.check("so are answers about paths", plain(got[1]) and plain(got[2]) and "\\u{9b}" in got[1], got)
    lines = [json.dumps({"v": 1, "kind": "start", "event": {"sequence": 0}, "run": {"id": "r"},
                         "process": {"pid": 1, "executable": sys.executable}}),
             call(1, "open\x9b\u202e", ["AT_FDCWD", '"x"', "O_RDONLY"], "/pt/\x9b", "deny", "syscall", -13),
             call(2, "openat\x9b", [], "/pt/\x9b", "allow\u202e", "syscall", -13)]
    got = proctor("test", good, write("hostile.jsonl", "\n".join(lines) + "\n"))
    h.check("so is a hostile log", plain(got[1]) and plain(got[2]) and got[0] == 1, got)
    for words in (["check", "no\x9b\u202e.yaml"], ["show", "no\x9b\u202e.yaml"], ["test", good, "no\x9b"], ["test", good, "--from", "no\x9b"],
                  ["show", "--python", "/no\x9b\u202e"], ["frob\x9b"], ["check", "--frob\x9b"]):
        got = proctor(*words)
        h.check("so is what is not there: %s" % ascii(words[0]), got[0] != 0 and got[2] and plain(got[2]), got)
    for words in (["explain", "no\x9b\u202e"], ["explain", "--no\x9b"], ["summary", "no\x9b"], ["summary", "--no\x9b"],
                  ["run", "-p", "no\x9b\u202e", "--", sys.executable, "-c", "1"], ["run", "--no\x9b"], ["run", "no\x9b\u202e.py"],
                  ["run", "-o", "/no\x9b/x", sys.executable, "-c", "1"], ["run", "--cpu", "\u202e1", "x"], ["frob\x9b\u202e"],
                  ["run", "--user", "no\x9b", sys.executable, "-c", "1"], ["run", "--live", "/no\x9b/x", sys.executable, "-c", "1"]):
        run = h.native([h.PROCTOR, *words])
        out, err = run.out.decode(), run.err.decode()
        h.check("every command: %s" % ascii(" ".join(words[:2])), run.status != 0 and err and plain(err) and plain(out), run)


def show():
    script = write("program.py", "pass\n")
    got = proctor("show", "--python", sys.executable, "-r", "/usr", script)
    h.check("show prints the interpreter, the submission and -r with their origin",
           got[0] == 0 and "# program: " in got[1] and '- "%s/**"  # builtin:pure' % os.getcwd() in got[1] and
           '- "/usr/**"  # -r' in got[1] and "tasks: 256  # builtin:pure" in got[1], got)
    write("shown.yaml", got[1])
    again = proctor("check", "shown.yaml")
    h.check("what show prints is a policy", again[0] == 0, again)
    got = proctor("show", "--exec", "/bin/true", "--connect", "127.0.0.1:80", "--bind", "udp:127.0.0.1:*", "--process", "fork", script)
    h.check("show takes what run takes", got[0] == 0 and 'process: fork  # --process' in got[1] and
            all(f"  # {option}\n" in got[1] for option in ("--exec", "--connect", "--bind", "--process")), got)
    h.equal("and refuses what is wrong with it", [proctor("show", *wrong)[0] for wrong in (
        ("--process", "many"), ("--connect", "nowhere"), ("--bind", ""), ("--exec", "/none/there"))], [64, 65, 65, 65])
    h.equal("diff takes none of it", [proctor("diff", *one, "pure", "pure")[0] for one in (
        ("--connect", "127.0.0.1:80"), ("--process", "fork"), ("-w", "/tmp"), ("--scratch",))], [64] * 4)
    python = os.path.realpath(sys.executable)
    h.equal("--process is for test too", [proctor("test", *options, "--python", python, "pure", "--exec", python)[1].split()[0]
                                          for options in ((), ("--process", "fork"))], ["deny", "allow"])
    got = proctor("show", "--filter")
    h.check("--filter prints the program", got[0] == 0 and "TRACE" in got[1].upper(), got)
    got = proctor("show", "--python", "/proc/nonexistent/python3")
    h.check("an interpreter that is not there exits 127", got[0] == 127, got)


def test_paths():
    policy = write("p.yaml", "version: 1\nread: [%s]\nhide: [/srv]\n" % os.getcwd())
    got = proctor("test", policy, "--read", "p.yaml", "--stat", "/srv/x", "--read", "/etc/passwd")
    lines = got[1].splitlines()
    h.check("paths are resolved and decided", got[0] == 1 and len(lines) == 3 and lines[0].startswith("allow  read") and
           lines[1].startswith("hide   stat   /srv/x  ENOENT") and lines[2].startswith("deny   read   /etc/passwd"), got)
    got = proctor("test", policy, "--from", "-", stdin="read p.yaml\nlstat /\n")
    h.check("questions are read from a file", got[0] == 0 and len(got[1].splitlines()) == 2, got)
    got = proctor("test", policy, "--from", "-", stdin="read p.yaml\nfrob /\n")
    h.check("a bad question is told with its line", got[0] == 64 and "-:2: expected" in got[2], got)


def test_log():
    old = ["AT_FDCWD", '"x"', "O_RDONLY"]
    lines = [json.dumps({"v": 1, "kind": "start", "event": {"sequence": 0}, "run": {"id": "r"},
                         "process": {"pid": 1, "executable": sys.executable}}),
             call(1, "openat", old, "/pt/a", "deny", "on_deny", -13),
             call(2, "openat", old, "/pt/a", "deny", "on_deny", -13),
             call(3, "openat", old, "/pt/b", "deny", "on_deny", -13),
             call(4, "openat", ["AT_FDCWD", '"a"', "O_WRONLY|O_CREAT"], "/pt/a", "deny", "on_deny", -13),
             call(5, "socket", ["AF_INET"], None, "deny", "syscall", -13),
             call(6, "newfstatat", ["AT_FDCWD", '"c"', "0x7ffe", "0"], "/pt/c", "allow"),
             json.dumps({"v": 1, "kind": "end", "event": {"sequence": 7}, "status": "OK"})]
    log = write("run.jsonl", "\n".join(lines) + "\n")
    policy = write("new.yaml", "version: 1\nread: [/pt/a]\nhide: [/pt/c]\n")
    got = proctor("test", policy, log)
    h.check("a log is decided again and changes are told with their count",
           got[0] == 1 and "#1  deny -> allow  openat  /pt/a  (read new.yaml:2:8)  x2" in got[1] and
           "#6  allow -> hide  newfstatat  /pt/c  (hide new.yaml:3:8)  x1" in got[1] and
           "3 of 6 calls would be decided otherwise" in got[1], got)
    same = write("same.yaml", "version: 1\nread: [/pt/c]\n")
    got = proctor("test", same, log)
    h.check("a policy that changes nothing exits 0", got[0] == 0 and "0 of 6 calls" in got[1], got)
    kill = write("kill.yaml", "version: 1\nread: [/pt/c]\non_deny: kill\n")
    got = proctor("test", kill, log)
    h.check("on_deny: kill changes refused system calls too",
           got[0] == 1 and "deny -> kill  socket" in got[1] and "5 of 6" in got[1], got)
    got = proctor("test", policy, write("other.txt", "hello\nworld\n"))
    h.check("what is no log is said to be none", got[0] == 1 and "is no proctor log" in got[2], got)
    got = proctor("test", policy, "absent.jsonl")
    h.check("a log that is not there exits 127", got[0] == 127, got)


os.chdir(h.place())
for part in check, listed, compared, cases, show, test_paths, test_log, hostile_names:
    part()
os.chdir("/")
h.finish()
