# SPDX-License-Identifier: MIT
"""The programs of user/bin against the host's, in the same folder with the same
input; and what is ours alone, such as the words of complaints."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest

from programs import Programs

LINES = "".join(f"line {n} of some\n" for n in range(1, 26))
TEXT = "The quick brown fox\n\n  jumps\tover\n\nthe lazy dog.\nlast line without newline"


def samples() -> dict[str, bytes]:
    rng = random.Random(1)
    return {
        "empty": b"",
        "one": b"x",
        "newline": b"\n",
        "text": TEXT.encode(),
        "lines": LINES.encode(),
        "nulls": b"a\0b\n\0\n",
        "binary": bytes(rng.randrange(256) for _ in range(30000)),
        "long": b"word " * 20000 + b"\n" + b"y" * 70000,
    }


SAMPLES = samples()


@pytest.fixture
def sampled(programs: Programs) -> Programs:
    for name, data in SAMPLES.items():
        programs.write(name, data)
    return programs


# ---- All of them -----------------------------------------------------------------

TOOLS = ("cat cp date dmesg free grep head kill ln mkdir mv poweroff ps reboot rm rmdir "
         "seq sh sleep stat sync tail touch tr uptime wc").split()


@pytest.mark.parametrize("name", TOOLS)
def test_wrong_option(programs: Programs, name: str) -> None:
    done = programs.run(name, "-@" if name != "kill" else "-NOSUCH", stdin="")
    assert done.status == 2
    assert f"usage: {name}" in done.errors
    assert done.errors.startswith(f"{name}: unknown ")
    assert done.out == b""


@pytest.mark.parametrize("name", [t for t in TOOLS if t not in ("grep", "kill")] + ["ls"])
def test_help(programs: Programs, name: str) -> None:
    option = "--help" if name in ("ls", "free") else "-h"
    done = programs.run(name, option)
    assert (done.status, done.errors) == (0, "")
    assert done.text.startswith(f"usage: {name}")


@pytest.mark.parametrize("command", [
    "mkdir", "rmdir", "rm", "cp", "cp x", "mv", "mv x", "ln", "touch", "stat", "kill", "sleep",
    "tr", "tr a", "tr -d a b", "seq", "seq 1 2 3 4", "grep", "date x", "free x", "kill -s"])
def test_wrong_arguments(programs: Programs, command: str) -> None:
    name, *args = command.split()
    done = programs.run(name, *args)
    assert done.status == 2
    assert f"usage: {name}" in done.errors


@pytest.mark.parametrize("command", [
    "cat lines", "echo x", "head lines", "tail lines", "grep line lines", "wc lines", "ls", "seq 5",
    "stat lines", "date", "tr a b", "kill -l", "ls --help"])
def test_full_disk(sampled: Programs, command: str) -> None:
    name, *args = command.split()
    with open("/dev/full", "wb") as full:
        done = subprocess.run(sampled.command(name, *args), stdout=full, input=b"abc",
                              stderr=subprocess.PIPE, cwd=sampled.folder, timeout=30)
    assert done.returncode == 1
    assert done.stderr == f"{name}: write error: No space left on device\n".encode()


def test_broken_pipe(programs: Programs) -> None:
    ours = subprocess.Popen(programs.command("seq", "100000000"), stdout=subprocess.PIPE)
    assert ours.stdout is not None
    ours.stdout.read(100)
    ours.stdout.close()
    assert ours.wait(timeout=30) == -signal.SIGPIPE


def test_true_false(programs: Programs) -> None:
    assert programs.run("true").status == 0
    assert programs.run("false").status == 1


# ---- Reading and printing --------------------------------------------------------

@pytest.mark.parametrize("args", [[], ["a"], ["a", "b  c", ""], ["-n"], ["-n", "a", "b"], ["a", "-n"],
                                  ["\\n"], ["--"]])
def test_echo(programs: Programs, args: list[str]) -> None:
    programs.same("echo", *args)


@pytest.mark.parametrize("name", SAMPLES)
def test_cat(sampled: Programs, name: str) -> None:
    sampled.same("cat", name)
    sampled.same("cat", stdin=SAMPLES[name])


def test_cat_several(sampled: Programs) -> None:
    sampled.same("cat", "text", "-", "lines", stdin="in between")
    done = sampled.run("cat", "text", "nosuch", "one")
    assert done.out == SAMPLES["text"] + b"x"
    assert (done.status, done.errors) == (1, "cat: nosuch: No such file or directory\n")
    done = sampled.run("cat", ".")
    assert (done.status, done.errors) == (1, "cat: .: Is a directory\n")


def test_cat_to_itself(sampled: Programs) -> None:
    with open(sampled.folder / "lines", "ab") as out:
        done = subprocess.run(sampled.command("cat", "lines"), stdout=out, cwd=sampled.folder,
                              stderr=subprocess.PIPE, timeout=30)
    assert done.returncode == 1
    assert b"is the output file" in done.stderr
    assert (sampled.folder / "lines").read_bytes() == SAMPLES["lines"]


# What is a word among bytes that can't be printed is a matter of taste.
WC_SAMPLES = [name for name in SAMPLES if name not in ("binary", "nulls")]


@pytest.mark.parametrize("option", [[], ["-l"], ["-w"], ["-c"], ["-lc"], ["-wl"], ["-lwc"]])
def test_wc(sampled: Programs, option: list[str]) -> None:
    for name in WC_SAMPLES:
        sampled.same("wc", *option, name)
    sampled.same("wc", *option, *WC_SAMPLES)
    sampled.same("wc", *option, stdin=TEXT)
    sampled.same("wc", "-lc", "binary", "nulls")
    done = sampled.same("wc", *option, "text", "nosuch")
    assert done.errors == "wc: nosuch: No such file or directory\n"


COUNTS = ["0", "1", "3", "10", "24", "25", "26", "1000"]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("tool", ["head", "tail"])
def test_head_tail(sampled: Programs, tool: str, count: str) -> None:
    for name, data in SAMPLES.items():
        for option in ("-n", "-c"):
            sampled.same(tool, option, count, name)
            sampled.same(tool, option, count, stdin=data)


@pytest.mark.parametrize("count", ["+0", "+1", "+2", "+10", "+100000", "-3"])
def test_tail_from(sampled: Programs, count: str) -> None:
    for name, data in SAMPLES.items():
        for option in ("-n", "-c"):
            sampled.same("tail", option, count, name)
            sampled.same("tail", option, count, stdin=data)


def test_head_tail_names(sampled: Programs) -> None:
    for tool in ("head", "tail"):
        sampled.same(tool, "text", "lines", "one")
        sampled.same(tool, "-5", "lines")
        sampled.same(tool, "text", "-", stdin="x\n")
        done = sampled.run(tool, "nosuch", "one")
        assert done.status == 1
        assert done.errors == f"{tool}: nosuch: No such file or directory\n"
        assert sampled.run(tool, "-n", "1x").status == 2
        assert sampled.run(tool, "-n", "99999999999999999999").status == 2


def test_head_leaves_the_rest(sampled: Programs) -> None:
    """Who reads the same descriptor next goes on behind the last line printed."""
    with open(sampled.folder / "lines", "rb") as file:
        first = subprocess.run(sampled.command("head", "-n", "3"), stdin=file, capture_output=True)
        assert first.stdout.count(b"\n") == 3
        assert os.read(file.fileno(), 10) == b"line 4 of "


@pytest.mark.parametrize("args", [
    ["a-z", "A-Z"], ["abc", "x"], ["abc", "xy"], ["-d", "aeiou"], ["-s", " "], ["-s", "a-z"],
    ["-cd", "a-z\\n"], ["[:lower:]", "[:upper:]"], ["-d", "[:space:]"], ["\\n\\t", "  "], ["-ds", "aeiou", "x"],
    ["\\141", "\\102"], ["-c", "a-z", "."], ["a", "\\\\"], ["-d", "\\0"], ["a-", "_+"], ["-s", "a-z", "A-Z"],
    ["\\060-\\071", "#"], ["-cs", "[:alnum:]", "\\n"]])
def test_tr(programs: Programs, args: list[str]) -> None:
    for data in (TEXT.encode(), LINES.encode(), SAMPLES["binary"], b"aabbccaabb", b""):
        programs.same("tr", *args, stdin=data)


def test_tr_errors(programs: Programs) -> None:
    assert "backwards" in programs.run("tr", "z-a", "x").errors
    assert "unknown class" in programs.run("tr", "-d", "[:nosuch:]").errors
    assert programs.run("tr", "a", "").status == 2


@pytest.mark.parametrize("args", ["5", "0", "3 7", "7 3", "1 2 10", "10 -3 0", "-3 3", "-5 -1", "0.5 2",
                                  "1 0.25 2", "0 0.1 1", "-s , 4", "1000000 1000003", "1.50 3"])
def test_seq(programs: Programs, args: str) -> None:
    programs.same("seq", *args.split())


def test_seq_errors(programs: Programs) -> None:
    assert programs.run("seq", "x").errors == "seq: 'x' is not a number\n"
    assert programs.run("seq", "1", "0", "5").status == 2
    assert programs.run("seq", "inf").status == 2


# ---- grep ------------------------------------------------------------------------

GREP_TEXT = """Hello world
hello again
foo.bar
foo bar
a*b
(parens) [brackets]
tab\there

x
aaa
ends with $
^starts
under_score 42
"""


@pytest.mark.parametrize("args", [
    ["hello"], ["-i", "HELLO"], ["-v", "o"], ["-n", "foo"], ["-c", "o"], ["-vc", "o"], ["o.b"], ["^h"],
    ["d$"], ["^$"], ["-n", "^$"], ["a*b"], ["a\\*b"], ["-F", "a*b"], ["-F", "."], ["[.]"], ["[^a-z ]"],
    ["-E", "foo|hello"], ["-E", "a+"], ["-E", "(o.?b)|x"], ["-E", "^.{3}$"], ["\\(foo\\).bar"],
    ["-e", "foo", "-e", "hello"], ["foo\nhello"], ["-x", "foo.bar"], ["-Fx", "foo.bar"], ["nosuch"], [""],
    ["-q", "hello"], ["-q", "nosuch"], ["-l", "hello"], ["-H", "hello"], ["[[:digit:]]"], ["-iE", "(HELLO|FOO) "],
    ["a\\{3\\}"], ["-s", "hello"], ["-vx", ""], ["-F", ""], ["-nvi", "HELLO"], ["-ci", "h"], ["\\?"],
    ["$"], ["^"], ["\\$"], ["\\^"], ["-E", "\\$|\\^"], ["x*"], ["-v", "x*"]])
def test_grep(programs: Programs, args: list[str]) -> None:
    programs.write("f", GREP_TEXT)
    programs.same("grep", *args, "f")
    if "-l" not in args and "-H" not in args:
        programs.same("grep", *args, stdin=GREP_TEXT)


def test_grep_files(programs: Programs) -> None:
    programs.write("a", "one\ntwo\n")
    programs.write("b", "two\nthree\n")
    programs.write("dir/c", "two\n")
    programs.write("dir/sub/d", "two\n")
    for args in (["two", "a", "b"], ["-c", "two", "a", "b"], ["-h", "two", "a", "b"], ["-l", "two", "a", "b"],
                 ["-n", "o", "a", "b"], ["-q", "two", "a", "nosuch"], ["-s", "two", "a", "nosuch"],
                 ["one", "a", "b"]):
        programs.same("grep", *args)
    ours = programs.run("grep", "-r", "two", "dir")
    theirs = programs.host("grep", "-r", "two", "dir")
    assert sorted(ours.text.splitlines()) == sorted(theirs.text.splitlines())
    ours = programs.run("grep", "-rl", "two")
    theirs = programs.host("grep", "-rl", "two")
    assert sorted(ours.text.splitlines()) == sorted(theirs.text.splitlines())
    done = programs.same("grep", "two", "nosuch", "a")
    assert done.errors == "grep: nosuch: No such file or directory\n"
    assert done.status == 2
    done = programs.same("grep", "two", "dir")
    assert done.errors == "grep: dir: Is a directory\n"


def test_grep_bad_pattern(programs: Programs) -> None:
    for pattern in ("[a", "\\(a", "a\\{2,1\\}"):
        done = programs.run("grep", pattern, stdin="x")
        assert done.status == 2
        assert done.errors.startswith(f"grep: '{pattern}': ")


# ---- Files and folders -----------------------------------------------------------

def tree(folder: Path) -> list[tuple[str, str]]:
    """What is in a folder: paths with kinds and contents."""
    out = []
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            out.append((name, f"-> {os.readlink(path)}"))
        elif path.is_dir():
            out.append((name, f"folder {stat.S_IMODE(path.stat().st_mode):o}"))
        else:
            out.append((name, f"{stat.S_IMODE(path.stat().st_mode):o} {path.read_bytes()!r}"))
    return out


def make_tree(folder: Path) -> None:
    (folder / "d/e/f").mkdir(parents=True)
    (folder / "d/one").write_text("1")
    (folder / "d/e/two").write_text("22")
    (folder / "d/e/f/run").write_text("#!")
    (folder / "d/e/f/run").chmod(0o755)
    (folder / "d/link").symlink_to("e/two")
    (folder / "d/dangling").symlink_to("nosuch")
    (folder / "x").write_text("x")
    (folder / "empty").mkdir()


CHANGES = [
    "mkdir new", "mkdir d", "mkdir -p p/q/r", "mkdir -p d/e/f", "mkdir -p d/one", "mkdir -p /tmp", "mkdir a/b",
    "mkdir -p d//e/./g/", "mkdir new1 new2 x new3", "rmdir empty", "rmdir d", "rmdir x", "rmdir nosuch empty",
    "rm x", "rm d", "rm nosuch", "rm -f nosuch", "rm -r d", "rm -rf d x nosuch", "rm -f", "rm d/link", "rm -r d/link",
    "rm -r empty/", "rm x nosuch d/one", "rm -r .", "rm -r d/..",
    "cp x y", "cp x empty", "cp x d/one", "cp d/link y", "cp x nosuch/y", "cp nosuch y", "cp d y", "cp -r d y",
    "cp -r d empty", "cp -r d/ empty", "cp -r d/link y", "cp -rp d y", "cp -p d/e/f/run y", "cp x x",
    "cp x d/one empty", "cp x d/one nosuch", "cp d/e/f/run y", "cp -r d/e x", "cp -r d/dangling y", "cp -r nosuch y",
    "mv x y", "mv x empty", "mv d/ y", "mv d empty", "mv nosuch y", "mv x d/one", "mv x d/one empty", "mv empty x",
    "mv x d/one nosuch", "mv d/link y", "mv x x", "mv d d/e/f", "mv empty d",
    "ln x y", "ln x d", "ln x d/one", "ln -f x d/one", "ln nosuch y", "ln -s x y", "ln -s nosuch y", "ln -s x x",
    "ln -sf z d/link", "ln -s x d/one empty", "ln -s ../x d/e", "ln -f x x", "ln d y",
    "touch y", "touch -c y", "touch x", "touch nosuch/y", "touch y z d", "touch d/dangling",
]


@pytest.mark.parametrize("command", CHANGES)
def test_changes(built: Path, tmp_path: Path, command: str) -> None:
    """After the command the folder looks as after the host's."""
    results = []
    for side in ("ours", "host"):
        folder = tmp_path / side
        folder.mkdir()
        make_tree(folder)
        programs = Programs(built, folder)
        name, *args = command.split()
        done = programs.run(name, *args) if side == "ours" else programs.host(name, *args)
        results.append((done.status, bool(done.err), tree(folder)))
    assert results[0] == results[1]


def test_complaints(programs: Programs) -> None:
    make_tree(programs.folder)
    for command, words in {
        "rm nosuch": "rm: cannot remove 'nosuch': No such file or directory\n",
        "rm d": "rm: cannot remove 'd': Is a directory\n",
        "rmdir d": "rmdir: failed to remove 'd': Directory not empty\n",
        "mkdir d": "mkdir: cannot create 'd': File exists\n",
        "cp nosuch y": "cp: nosuch: No such file or directory\n",
        "mv nosuch y": "mv: cannot move 'nosuch' to 'y': No such file or directory\n",
        "touch nosuch/y": "touch: cannot touch 'nosuch/y': No such file or directory\n",
        "ls nosuch": "ls: cannot access 'nosuch': No such file or directory\n",
        "stat nosuch": "stat: nosuch: No such file or directory\n",
        "sleep x": "sleep: 'x' is not a time\n",
    }.items():
        name, *args = command.split()
        done = programs.run(name, *args)
        assert done.errors == words
        assert done.status == (2 if name == "sleep" else 1)


def test_cp_preserves(programs: Programs) -> None:
    path = programs.write("a", "text")
    path.chmod(0o4751)
    os.utime(path, ns=(1_000_000_000_123_456_789, 1_100_000_000_987_654_321))
    a = path.stat()
    assert programs.run("cp", "-p", "a", "b").status == 0
    b = (programs.folder / "b").stat()
    assert (a.st_mode, a.st_mtime_ns, a.st_atime_ns) == (b.st_mode, b.st_mtime_ns, b.st_atime_ns)


def test_cp_into_itself(programs: Programs) -> None:
    make_tree(programs.folder)
    done = programs.run("cp", "-r", "d", "d/e")
    assert done.status == 1
    assert "into itself" in done.errors
    assert not (programs.folder / "d/e/d/e/d").exists()


def test_cp_large(sampled: Programs) -> None:
    assert sampled.run("cp", "long", "binary", "empty", ".").status == 1  # the same files
    (sampled.folder / "to").mkdir()
    assert sampled.run("cp", "long", "binary", "empty", "to").status == 0
    for name in ("long", "binary", "empty"):
        assert (sampled.folder / "to" / name).read_bytes() == SAMPLES[name]


def test_touch_sets_now(programs: Programs) -> None:
    path = programs.write("a", "text")
    os.utime(path, (1, 1))
    assert programs.run("touch", "a").status == 0
    assert abs(path.stat().st_mtime - time.time()) < 10
    assert path.read_text() == "text"


@pytest.mark.parametrize("args", ["", "-a", "-1", "-l", "-la", "-d", "-ld", "-R", "-lR", "-i", "-lh", "-a -R", "d", "d x",
                                  "-d d x", "x d empty", "-l d/link", "-l d/dangling", "nosuch x", "-lh big", "-l d",
                                  "-i d x", "-R d empty", "/dev/null"])
def test_ls(programs: Programs, args: str) -> None:
    make_tree(programs.folder)
    programs.write(".hidden", "h")
    programs.write("big", b"b" * 123456)
    programs.write("old", "o")
    os.utime(programs.folder / "old", (1_000_000_000, 1_000_000_000))
    # Programs of ours know no names of users.
    ours = programs.run("ls", *args.split())
    theirs = programs.host("ls", *(["-n"] if "l" in args.split("d/")[0] and "-" in args else []), *args.split())
    assert (ours.text, bool(ours.err)) == (theirs.text, bool(theirs.err))
    assert (ours.status != 0) == (theirs.status != 0)


def test_ls_devices(programs: Programs) -> None:
    ours = programs.run("ls", "-l", "/dev/null", "/dev/tty").text.splitlines()
    theirs = programs.host("ls", "-ln", "/dev/null", "/dev/tty").text.splitlines()
    assert ours == theirs


@pytest.mark.parametrize("size", [0, 1, 999, 1000, 1023, 1024, 1025, 1500, 9999, 10137, 10138, 10240, 10241, 102400,
                                  1048575, 1048576, 1048577, 10 * 1048576, 1073741823, 1073741824, 1234567890123])
def test_human_sizes(programs: Programs, size: int) -> None:
    path = programs.write("f", "")
    os.truncate(path, size)
    ours = programs.run("ls", "-lh", "f").text.split()
    theirs = programs.host("ls", "-lnh", "f").text.split()
    assert ours[4] == theirs[4]


def test_stat(programs: Programs) -> None:
    path = programs.write("f", "hello")
    path.chmod(0o640)
    os.utime(path, ns=(1_700_000_000_000_000_001, 1_700_000_000_000_000_001))
    st = path.stat()
    text = programs.run("stat", "f").text
    for words in ("File: f", "Size: 5 ", "regular file", f"Inode: {st.st_ino} ", "Links: 1", "(0640/-rw-r-----)",
                  "Modify: 2023-11-14 22:13:20.000000001 +0000", f"Blocks: {st.st_blocks} "):
        assert words in text
    (programs.folder / "l").symlink_to("f")
    assert "File: l -> f" in programs.run("stat", "l").text
    assert "regular file" in programs.run("stat", "-L", "l").text
    assert "Device type: 1,3" in programs.run("stat", "/dev/null").text


# ---- Processes and time ----------------------------------------------------------

def test_kill(programs: Programs) -> None:
    for option, expected in (([], signal.SIGTERM), (["-9"], signal.SIGKILL), (["-INT"], signal.SIGINT),
                             (["-SIGHUP"], signal.SIGHUP), (["-s", "USR1"], signal.SIGUSR1)):
        victim = subprocess.Popen(["sleep", "60"])
        done = programs.run("kill", *option, str(victim.pid))
        assert (done.status, done.err) == (0, b"")
        assert victim.wait(timeout=10) == -expected
    done = programs.run("kill", "-0", "999999999")
    assert (done.status, done.errors) == (1, "kill: 999999999: No such process\n")
    assert programs.run("kill", "x").status == 2
    assert programs.run("kill", "-l", "9").text == "KILL\n"
    assert programs.run("kill", "-l", "143").text == "TERM\n"
    assert " 9 KILL" in programs.run("kill", "-l").text


def test_kill_group(programs: Programs) -> None:
    victim = subprocess.Popen(["sleep", "60"], start_new_session=True)
    assert programs.run("kill", "-TERM", "--", str(-victim.pid)).status == 0
    assert victim.wait(timeout=10) == -signal.SIGTERM


@pytest.mark.parametrize("args,least", [(["0.3"], 0.3), ([".1", "0.1s"], 0.2), (["0.005m"], 0.3), (["0"], 0.0)])
def test_sleep(programs: Programs, args: list[str], least: float) -> None:
    start = time.monotonic()
    assert programs.run("sleep", *args).status == 0
    assert least <= time.monotonic() - start


@pytest.mark.parametrize("text", ["-1", "1x", "1ss", "", "nan"])
def test_sleep_arguments(programs: Programs, text: str) -> None:
    assert programs.run("sleep", "--", text).status == 2


@pytest.mark.parametrize("args", [
    ["-u", "-d", "@0"], ["-d", "@1700000000", "+%Y-%m-%d %H:%M:%S"], ["-d", "2026-11-21 13:45", "+%s"],
    ["-d", "2026-11-21", "+%F %T %a %j %V"], ["-d", "2000-02-29T23:59:59", "+%c"], ["-d", "@-1", "+%F %T"], ["+"],
    ["+%%"], ["+x%ny"], ["-d", "2023-02-29"], ["-d", "nonsense"], ["-d", "2026-13-01"], ["-d", "@1700000000"]])
def test_date(programs: Programs, args: list[str]) -> None:
    ours, theirs = programs.run("date", *args), programs.host("date", *args)
    assert ours.out == theirs.out
    assert (ours.status != 0) == (theirs.status != 0)


def test_date_now(programs: Programs) -> None:
    before = int(time.time())
    now = int(programs.run("date", "+%s").text)
    assert before <= now <= time.time()


def test_ps(programs: Programs) -> None:
    """A process whose name would confuse who reads up to the first )."""
    script = programs.folder / "a) b (c"
    os.symlink("/bin/sleep", script)
    victim = subprocess.Popen([str(script), "60"])
    try:
        while b"a) b" not in Path(f"/proc/{victim.pid}/stat").read_bytes():
            time.sleep(0.01)
        done = programs.run("ps")
    finally:
        victim.kill()
        victim.wait()
    assert (done.status, done.errors) == (0, "")
    head, *rows = done.text.splitlines()
    assert head.split() == "PID PPID PGRP S TIME SIZE RSS NAME".split()
    row = next(line for line in rows if line.split()[0] == str(victim.pid))
    assert row.endswith(" a) b (c")
    assert row.split()[1:4] == [str(os.getpid()), str(os.getpgrp()), "S"]
    assert [int(line.split()[0]) for line in rows] == sorted(int(line.split()[0]) for line in rows)


def test_free(programs: Programs) -> None:
    total = next(int(line.split()[1]) for line in Path("/proc/meminfo").read_text().splitlines()
                 if line.startswith("MemTotal"))
    head, row = programs.run("free").text.splitlines()
    assert head.split() == ["total", "used", "free", "buff/cache", "available"]
    assert row.split()[:2] == ["Mem:", str(total)]
    assert programs.run("free", "-h").text.splitlines()[1].split()[1][-1] in "MGT"


def test_uptime(programs: Programs) -> None:
    words = programs.run("uptime").text.split()
    assert words[1] == "up"
    assert words[-4] == "load:"


def test_init_only_as_process_1(programs: Programs) -> None:
    done = programs.run("init", "-e", "true")
    assert done.status == 1
    assert "only the kernel starts init" in done.errors


def test_not_a_library_of_others(built: Path) -> None:
    """Static, at 0x10000, page 0 free, no segment both writable and executable."""
    from elftools.elf.elffile import ELFFile

    programs = [p for p in (built / "user/bin").iterdir() if p.is_file()]
    assert len(programs) >= 30
    for path in programs:
        with open(path, "rb") as file:
            elf = ELFFile(file)
            assert elf["e_type"] == "ET_EXEC" and elf["e_machine"] == "EM_RISCV", path
            kinds = [s["p_type"] for s in elf.iter_segments()]
            assert "PT_INTERP" not in kinds and "PT_DYNAMIC" not in kinds, path
            loads = [s for s in elf.iter_segments() if s["p_type"] == "PT_LOAD"]
            assert min(s["p_vaddr"] for s in loads) == 0x10000, path
            pages: dict[int, int] = {}
            for segment in loads:
                assert segment["p_flags"] & 3 != 3, path
                last = segment["p_vaddr"] + max(segment["p_memsz"], 1) - 1
                for page in range(segment["p_vaddr"] >> 12, (last >> 12) + 1):
                    assert pages.setdefault(page, segment["p_flags"]) == segment["p_flags"], path
