# SPDX-License-Identifier: MIT
"""The shell: scripts against dash's output and status, words of errors, and an
interactive one at a pseudo terminal.

qemu-riscv64 hands execve() to the host, so the programs that a script runs here
are the host's.
"""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest

from programs import Programs

# Each is run by both shells in a folder of its own; what is printed, the status
# and the files left behind must be the same.
SCRIPTS = r"""
echo hello   world
echo 'a  b' "c  d" e\ \ f
printf '<%s>' \a\b\\ '\a\b\\' "\a\$x\\\"\`"
echo a\
b "c\
d" 'e\
f'
---
echo one # comment
# comment
  # another
echo a#b '#'
---

---
;
---
echo a; echo b; echo c
---
echo a;
---
true && echo yes || echo no
false && echo yes || echo no
true || echo x && echo y
false || false || echo z
false; echo $?
true; echo $?
---
! true; echo $?
! false; echo $?
! true | false; echo $?
---
echo a | cat | tr a b
echo x | { read v; echo "<$v>"; }
false | true; echo $?
true | false; echo $?
seq 3 | while_not_there 2>/dev/null; echo $?
seq 1000 | tail -n 1
echo a |
  cat
echo b &&
  echo c
---
yes | head -n 2; echo $?
---
echo data > f; cat f; echo more >> f; cat < f
cat f f > g; cat g; wc -l < g
> empty; cat empty; echo $?
echo x >| f; cat f
echo to err >&2
echo 1 2>&1 >f2; cat f2
{ echo out; echo err >&2; } > o 2> e; cat o e
{ echo out; echo err >&2; } > both 2>&1; cat both
ls nosuch 2>/dev/null; echo $?
cat < nosuch || echo failed
echo x > nodir/x || echo failed
cat <&- 2>/dev/null; echo $?
echo hi >&- || echo failed
---
echo abc > f
exec 3< f; cat <&3; exec 3<&-
exec 4> g; echo one >&4; echo two 1>&4; exec 4>&-; cat g
echo x 5> h; cat h
echo rw 1<> i; cat i
exec > out; echo to out; exec >&2; cat out
---
X=5; echo $X ${X} "$X" '$X' "${X}y" $Xy "$X"y \$X
Y=; echo "[$Y]" [$Y] $Y
Z="a b  c"; echo $Z; echo "$Z"
A=$Z; echo "$A"
X=1 Y=2; echo $X$Y
X=$X$X; echo $X
echo $ $x "$" a$ "$ x" $1
_u1=ok; echo $_u1 ${_u1}
---
X=out; X=in sh -c 'echo $X'; echo $X
export E=exported; sh -c 'echo $E'
L=local; sh -c 'echo "[$L]"'; export L; sh -c 'echo $L'
export A=1 B="2 3"; sh -c 'echo $A $B'; unset A; echo "[$A]"; sh -c 'echo "[$A]"'
unset nosuch; echo $?
X=tmp :; echo $X
X=old; X=new true; echo $X
---
echo $#; set -- a "b c" d; echo $# $1 "$2" $3 "[$4]"; shift; echo $# $1; shift 2; echo $#
set -- "$@"; echo $#; set x y; echo $1 $2; set --; echo $#
set -- 1 2 3 4 5 6 7 8 9 10 11; echo $10 ${10} ${11}
---
set -- a "b c" "" d
for_each() { :; } 2>/dev/null || true
---
set -- a "b c" "" d
printf '<%s>' "$@"; echo
printf '<%s>' $@; echo
printf '<%s>' "$*"; echo
printf '<%s>' $*; echo
printf '<%s>' x"$@"y; echo
printf '<%s>' "x$@"; echo
printf '<%s>' "$@$@"; echo
X=$*; echo "$X"; X=$@; echo "$X"; X="$@"; echo "$X"
IFS=:; printf '<%s>' "$*"; echo; X=$*; echo "$X"
IFS=; printf '<%s>' "$*"; echo
set --; printf '<%s>' "$@"; echo; printf '<%s>' "" "$@"; echo; printf '<%s>' x"$@"; echo
printf '<%s>' "$*"; echo; printf '<%s>' $* end; echo
---
V=" a  b "; printf '<%s>' $V; echo; printf '<%s>' x$V"y"; echo; printf '<%s>' "$V"; echo
IFS=:; V=a:b::c:; printf '<%s>' $V; echo; V=:x; printf '<%s>' $V; echo
IFS=' :'; V="a : b:  c"; printf '<%s>' $V; echo; V=" : "; printf '<%s>' $V; echo
V="a b:c"; printf '<%s>' $V$V; echo
E=; printf '<%s>' $E; echo; printf '<%s>' "$E"; echo; printf '<%s>' ''; echo; printf '<%s>' $E''; echo
---
echo ${U-unset} ${U:-none} "${U-a  b}" ${U:-a  b}; E=; echo ${E-unset} ${E:-empty}
S=set; echo ${S-no} ${S:-no} ${S+yes} ${S:+yes} "[${U+yes}]" "[${E:+yes}]" ${E+yes}
echo ${N=assigned} $N ${N:=again} $N; echo ${#S} ${#U} ${#N}
echo ${U:-${S}} ${U:-"$S x"} ${U:-'$S'} "${U:-$S}" ${U:-a}b; echo "${U:-a}b}"
printf '<%s>' ${U:-a b "c d"}; echo; printf '<%s>' "${U:-a b 'c'}"; echo
set -- p q; echo ${1} ${2} ${3:-third} ${#} ${#1} ${@} "${*}" ${@:-none}; set --; echo ${@:-none}
---
echo ${U:?is needed}; echo not reached
---
echo ${U?}; echo not reached
---
(exit 3); echo $?
(echo sub; exit 4); echo $?
X=1; (X=2; echo $X); echo $X
(cd /; pwd); pwd | wc -l
{ X=3; }; echo $X
{ echo a; echo b; } | cat
( echo a; echo b ) | tr ab xy
( ( echo nested ) )
{ { echo nested; } ; }
(echo to file; echo more) > f; cat f
{ read a; read b; echo "$b $a"; } < f
(
echo lines
echo in parentheses
)
{
echo in braces
}
{ exit 7; }
---
false || { echo group; false; } ; echo $?
(false); echo $?
(true) && (echo and)
---
true & wait $!; echo $?
false & wait $!; echo $?
(exit 9) & wait $!; echo $?
sh -c 'kill -9 $$' & wait $!; echo $?
true & true & wait; echo $?
wait 999999; echo $?
{ sleep 1; echo late; } & echo early; wait
echo $(( 1 )) 2>/dev/null || true
---
sleep 5 & p=$!; kill $p; wait $p; echo $?
sleep 5 & kill -9 $!; wait $!; echo $?
cat & wait; echo $?
---
sh -c 'exit 42'; echo $?
sh -c 'kill -TERM $$'; echo $?
/nosuch/program 2>/dev/null; echo $?
nosuchprogram 2>/dev/null; echo $?
echo x > notexec; ./notexec 2>/dev/null; echo $?
mkdir dir; ./dir 2>/dev/null; echo $?
'' 2>/dev/null; echo $?
---
echo 'echo script $# $1' > s; chmod +x s; ./s a; sh s b c
mkdir d; echo 'echo found in path' > d/mycmd; chmod +x d/mycmd; PATH=$PATH:d; mycmd
PATH=; nosuch 2>/dev/null; echo $?
---
mkdir d; cd d; pwd | sed 's/.*\///'; cd ..; cd nosuch 2>/dev/null || echo failed
cd d; cd - > /dev/null; echo ${PWD##*x} 2>/dev/null | wc -l
---
mkdir d; HOME=$PWD/d; cd; pwd | sed 's/.*\///'; echo ~ | sed 's/.*\///'; echo ~/x | sed 's/.*\/d/d/'; echo "~" \~ a~ '~'
---
umask 022; umask; umask 77; > f; stat -c %a f; umask
---
echo "a b  c" > f; read x y < f; echo "[$x] [$y]"
echo " lead trail " > f; read x < f; echo "[$x]"
printf 'one\\\ntwo\nthree' > f; { read x; read y; echo $?; } < f; echo "[$x] [$y]"
printf 'a\\ b c' > f; read x y < f; echo "[$x] [$y]"; read -r x y < f; echo "[$x] [$y]"
printf 'a:b::c' > f; IFS=: read x y z < f; echo "[$x] [$y] [$z]"
printf 'a:b:' > f; IFS=: read x y < f; echo "[$x] [$y]"; IFS=: read x < f; echo "[$x]"
read x < /dev/null; echo $? "[$x]"
---
set -e; true; false || true; ! true; echo before; false; echo not reached
---
set -e; (false); echo not reached
---
set -e; false | true; echo reached; true | false; echo not reached
---
set -e; { false; } || echo caught; false && true; echo reached; nosuchprogram 2>/dev/null; echo not reached
---
set -e; X=1; false & wait; set +e; false; echo reached
---
set -x; echo traced 2>/dev/null
X=1 true
set +x; echo plain
---
exec echo replaced; echo not reached
---
exec nosuchprogram 2>/dev/null; echo not reached
---
exec 2>/dev/null; exec < nosuch; echo not reached
---
eval echo a b; eval 'X=5; echo $X'; Y='$X'; eval echo $Y; eval; echo $?; eval false; echo $?
---
exit
---
false; exit
---
exit 300
---
(exit 3) ; exit
---
echo unterminated 'quote
---
echo "unterminated
---
echo a | | echo b
---
echo (
---
( echo a
---
echo )
---
{ echo a
---
&& echo
---
echo a &&
---
echo ok
echo a >
---
}
---
echo { } a{b}
echo ! a
echo then if fi
---
: ; : args; true x; false x; echo $?
---
a=1; b=a; echo $b${a}$b; c="$a"'$a'\$a; echo "$c"
---
echo one; (echo two; (echo three) | cat) | cat; echo four
---
echo a&&echo b||echo c;echo d
---
cat f1 2>/dev/null||echo e>f1&&cat f1|cat
---
read a; echo "got $a"; cat
---
echo "$?" $0 | sed 's/.*\///' | wc -l; echo ${0##x} 2>/dev/null | wc -l
""".strip("\n").split("\n---\n")

# Where we differ from dash on purpose, or have it not yet.
OTHERWISE = ("for_each()", "$((", "${PWD##", "${0##")


def scripts() -> list[str]:
    lines = []
    for script in SCRIPTS:
        kept = [line for line in script.split("\n") if not any(word in line for word in OTHERWISE)]
        lines.append("\n".join(kept) + "\n")
    return lines


def files(folder: Path) -> dict[str, str]:
    return {p.name: p.read_text() for p in folder.iterdir() if p.is_file() and p.name != "script"}


INPUT = "first line\nsecond line\n"


def cases() -> list[tuple[str, str]]:
    """Scripts with the ways to run them.  On standard input one that reads its own is
    told apart by nothing but how much each shell reads at once."""
    return [(script, way) for script in scripts() for way in ("file", "command", "input")
            if way != "input" or "\ncat" not in "\n" + script.replace("; cat", "\ncat")]


@pytest.mark.parametrize("script,way", cases(), ids=lambda s: s[:30].replace("\n", " "))
def test_script(built: Path, tmp_path: Path, script: str, way: str) -> None:
    results = []
    for side in ("ours", "dash"):
        folder = tmp_path / side
        folder.mkdir()
        (folder / "script").write_text(script)
        args = {"file": ["script"], "command": ["-c", script], "input": []}[way]
        programs = Programs(built, folder)
        stdin = script if way == "input" else INPUT
        done = (programs.run("sh", *args, stdin=stdin) if side == "ours"
                else programs.host("dash", *args, stdin=stdin))
        results.append((done.text, done.status, bool(done.err), files(folder)))
    assert results[0] == results[1]


ERRORS = {
    "echo ok\nnosuch a": (127, "sh: line 2: nosuch: not found\n"),
    "./d": (126, "sh: line 1: ./d: Permission denied\n"),
    "./nosuch": (127, "sh: line 1: ./nosuch: No such file or directory\n"),
    "echo a\n\necho )": (2, "sh: line 3: syntax error: unexpected )\n"),
    "echo a |": (2, "sh: line 1: syntax error: unexpected end of input\n"),
    "| a": (2, "sh: line 1: syntax error: unexpected |\n"),
    "a ||\n|| b": (2, "sh: line 2: syntax error: unexpected ||\n"),
    "a &&\n&& b": (2, "sh: line 2: syntax error: unexpected &&\n"),
    "{ echo a; )": (2, "sh: line 1: syntax error: unexpected )\n"),
    "echo 'a\nb": (2, "sh: line 1: syntax error: a ' quote is not closed\n"),
    'echo\necho "a\nb': (2, 'sh: line 2: syntax error: a " quote is not closed\n'),
    "if true": (2, "sh: line 1: syntax error: 'if' is not supported\n"),
    "echo $(ls)": (2, "sh: line 1: syntax error: $( ) is not supported\n"),
    "echo `ls`": (2, "sh: line 1: syntax error: ` ` is not supported\n"),
    "cat << x": (2, "sh: line 1: syntax error: << is not supported\n"),
    "echo ${x%y}": (2, "sh: line 1: ${x}: bad substitution\n"),
    "echo ${}": (2, "sh: line 1: ${}: bad substitution\n"),
    "echo x > nodir/f": (1, "sh: line 1: nodir/f: No such file or directory\n"),
    "echo x >&7": (1, "sh: line 1: 7: Bad file descriptor\n"),
    "echo x >&y": (1, "sh: line 1: y: is not a descriptor\n"),
    "cd nosuch": (1, "sh: line 1: cd: nosuch: No such file or directory\n"),
    "set -q": (2, "sh: line 1: set: unknown option -q\n"),
    "export 1x=2": (2, "sh: line 1: export: '1x' is not a name\n"),
    "exit x": (2, "sh: line 1: exit: 'x' is not a number from 0 to 2147483647\n"),
    "shift 3": (1, "sh: line 1: shift: there are 0 parameters\n"),
    "sh -c 'kill -SEGV $$'; exit $?": (139, "sh: line 1: sh: Segmentation fault\n"),
    "echo ${V?is not there}": (2, "sh: line 1: V: is not there\n"),
    "umask 9": (2, "sh: line 1: umask: '9' is not an octal mode\n"),
    "kill -9 x": (2, "sh: 'x' is not a process id\n"),
    "(" * 300: (2, "sh: line 1: syntax error: too deeply nested\n"),
    "pwd > /dev/full": (1, "sh: line 1: pwd: write error: No space left on device\n"),
}


@pytest.mark.parametrize("script", ERRORS, ids=lambda s: s[:20].replace("\n", " "))
def test_errors(programs: Programs, script: str) -> None:
    (programs.folder / "d").mkdir()
    done = programs.run("sh", "-c", script)
    assert (done.status, done.errors) == ERRORS[script]


def test_script_that_is_not_there(programs: Programs) -> None:
    done = programs.run("sh", "nosuch")
    assert (done.status, done.errors) == (127, "nosuch: nosuch: No such file or directory\n")
    done = programs.run("sh", ".")
    assert (done.status, done.errors) == (127, ".: .: Is a directory\n")


def test_arguments(programs: Programs) -> None:
    assert programs.run("sh", "-c", "echo $0 $1 $#", "name", "a", "b").text == "name a 2\n"
    assert programs.run("sh", "-c", "echo $0 $#").text == "sh 0\n"
    assert programs.run("sh", "-s", "a", "b", stdin="echo $1 $2 $#\n").text == "a b 2\n"
    programs.write("s", "echo $0 $@\n")
    assert programs.run("sh", "s", "x", "y").text == "s x y\n"
    done = programs.run("sh", "-e", "-c", "false; echo no")
    assert (done.status, done.text) == (1, "")
    done = programs.run("sh", "-x", "-c", "echo a 'b c'")
    assert (done.text, done.errors) == ("a b c\n", "+ echo a b c\n")
    assert programs.run("sh", "-z").status == 2
    assert programs.run("sh", "-c").status == 2


def test_no_processes_left(programs: Programs) -> None:
    """fork() fails: an error for that command, and the shell goes on."""
    script = "/bin/true\n/bin/true | cat; echo status $?; (pwd); echo still here"
    # qemu has a second thread, and each counts.
    command = ["prlimit", "--nproc=2:2", *programs.command("sh", "-c", script)]
    if os.getuid() == 0:
        command = ["setpriv", "--reuid=12345", "--clear-groups", *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, cwd="/",
                          env={"PATH": "/usr/bin:/bin"})
    if done.stderr.startswith(("setpriv", "prlimit", "qemu")):
        pytest.skip(f"cannot limit processes here: {done.stderr}")
    assert done.stderr.count("cannot fork: Resource temporarily unavailable") == 3
    assert "sh: line 2: cannot fork" in done.stderr
    assert (done.stdout, done.returncode) == ("status 2\nstill here\n", 0)


def test_no_descriptors_leak(programs: Programs) -> None:
    """A program sees 0, 1 and 2, whatever the shell keeps for itself."""
    programs.write("s", "{ ls /proc/self/fd; } < /dev/null 2> err > out; cat out\nls /proc/self/fd | cat\n")
    words = programs.run("sh", "s").text.split()
    # ls itself opens one for the folder.
    assert words[:4] == ["0", "1", "2", "3"] and "10" not in words and "11" not in words


def test_many_redirections(programs: Programs) -> None:
    """What a builtin's redirection took is given back each time."""
    script = "".join(f"pwd > f{n % 5}; true < /dev/null; {{ :; }} 2> e\n" for n in range(600))
    done = programs.run("sh", stdin=script + "echo end\n")
    assert (done.status, done.text, done.errors) == (0, "end\n", "")


def test_own_descriptors_are_safe(programs: Programs) -> None:
    programs.write("s", "echo a >&10\necho x 10> f\necho still reading\n")
    done = programs.run("sh", "s")
    assert done.text == "still reading\n"
    assert "10: Bad file descriptor" in done.errors
    assert "descriptor 10 is the shell's own" in done.errors


def test_long_input(programs: Programs) -> None:
    word = "x" * 100000
    assert programs.run("sh", stdin=f"printf %s {word} | wc -c\n").text.strip() == "100000"
    many = " ".join(str(n) for n in range(20000))
    assert programs.run("sh", stdin=f"set -- {many}\necho $#\n").text == "20000\n"
    chain = "true && " * 5000 + "echo end\n"
    assert programs.run("sh", stdin=chain).text == "end\n"
    row = "true; " * 20000 + "echo end\n"
    assert programs.run("sh", stdin=row).text == "end\n"


class Terminal:
    """A shell at a pseudo terminal, as the leader of its session."""

    def __init__(self, programs: Programs) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(programs.folder)
            command = programs.command("sh")
            os.execvpe(command[0], command, {"PATH": "/usr/bin:/bin", "PS1": "<P>"})
        self.seen = ""

    def until(self, text: str, limit: float = 20) -> str:
        """What came up to and with the text."""
        end = time.monotonic() + limit
        while text not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            assert ready, f"waiting for {text!r}, seen {self.seen!r}"
            try:
                self.seen += os.read(self.fd, 4096).decode()
            except OSError:
                raise AssertionError(f"closed before {text!r}, seen {self.seen!r}") from None
        out, _, self.seen = self.seen.partition(text)
        return (out + text).replace("\r\n", "\n")

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def foreground(self) -> int:
        """Wait until the shell has put a job into the foreground; its group."""
        for _ in range(400):
            group = os.tcgetpgrp(self.fd)
            if group != self.pid:
                return group
            time.sleep(0.05)
        raise AssertionError(f"no job in the foreground; seen {self.seen!r}")

    def run(self, line: str) -> str:
        """Type a line at a prompt that is there; what it prints up to the next."""
        self.type(line + "\n")
        self.until(line + "\r\n")
        return self.until("<P>").removesuffix("<P>").strip("\n")

    def end(self) -> int:
        self.type("exit 0\n")
        for _ in range(200):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.05)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise AssertionError(f"did not exit; seen {self.seen!r}")


@pytest.fixture
def terminal(programs: Programs) -> Terminal:
    t = Terminal(programs)
    t.until("<P>")
    return t


def test_prompts(terminal: Terminal) -> None:
    assert terminal.run("echo hello") == "hello"
    terminal.type("echo 'a\n")
    terminal.until("> ")
    terminal.type("b'\n")
    assert "a\nb" in terminal.until("<P>")
    terminal.type("true &&\n")
    terminal.until("> ")
    assert terminal.run("echo more") == "more"
    assert terminal.run("(exit 3)") == ""
    assert terminal.run("echo $?") == "3"
    assert terminal.run("") == ""
    assert terminal.end() == 0


def test_errors_do_not_end_it(terminal: Terminal) -> None:
    assert terminal.run("echo )") == "sh: syntax error: unexpected )"
    assert terminal.run("echo $?") == "2"
    assert terminal.run("echo ${x?no}; echo not") == "sh: x: no"
    assert terminal.run("exec nosuch") == "sh: nosuch: not found"
    assert terminal.run("echo x > nodir/y") == "sh: nodir/y: No such file or directory"
    assert terminal.run("{ echo ${x?no}; } > f") == "sh: x: no"
    assert terminal.run("echo visible") == "visible"
    assert terminal.run("set -q") == "sh: set: unknown option -q"
    assert terminal.end() == 0


def test_interrupt_program(terminal: Terminal) -> None:
    terminal.type("sleep 100; echo not\n")
    terminal.foreground()
    terminal.type("\x03")
    assert "not" not in terminal.until("<P>").replace("echo not", "")
    assert terminal.run("echo $?") == "130"
    terminal.type("cat | cat\n")
    terminal.foreground()
    terminal.type("\x03")
    terminal.until("<P>")
    assert terminal.run("echo $?") == "130"
    assert terminal.end() == 0


def test_interrupt_prompt(terminal: Terminal) -> None:
    terminal.type("echo half a li")
    time.sleep(0.2)
    terminal.type("\x03")
    terminal.until("<P>")
    assert terminal.run("echo $?") == "130"
    terminal.type("echo 'open\n")
    terminal.until("> ")
    terminal.type("\x03")
    terminal.until("<P>")
    assert terminal.run("echo closed") == "closed"
    terminal.type("wait; read x\n")
    time.sleep(0.3)
    terminal.type("\x03")
    terminal.until("<P>")
    assert terminal.run("echo next") == "next"
    assert terminal.end() == 0


def test_background_job_survives_interrupt(terminal: Terminal) -> None:
    terminal.type("sleep 100 &\n")
    pid = int(terminal.until("]").split("[")[-1].strip("]"))
    terminal.until("<P>")
    terminal.type("sleep 50\n")
    terminal.foreground()
    terminal.type("\x03")
    terminal.until("<P>")
    os.kill(pid, 0)  # is there still
    assert os.getpgid(pid) == pid
    assert terminal.run(f"kill {pid}; wait {pid}; echo $?") == f"sh: {pid}: Terminated\n143"
    assert terminal.end() == 0


def test_terminal_comes_back(terminal: Terminal) -> None:
    """The job in the foreground has the terminal; then the shell has it again."""
    group = os.tcgetpgrp(terminal.fd)
    assert group == terminal.pid
    terminal.type("sleep 50\n")
    job = terminal.foreground()
    terminal.type("\x03")
    terminal.until("<P>")
    assert job != group
    assert os.tcgetpgrp(terminal.fd) == group
    assert terminal.end() == 0


def test_end_of_file(terminal: Terminal) -> None:
    terminal.type("false\n")
    terminal.until("<P>")
    terminal.type("\x04")
    for _ in range(200):
        pid, status = os.waitpid(terminal.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(0.05)
    assert pid and os.waitstatus_to_exitcode(status) == 1


def test_killed_program_is_named(terminal: Terminal) -> None:
    assert terminal.run("sh -c 'kill -SEGV $$'") == "sh: sh: Segmentation fault"
    assert terminal.run("sh -c 'kill -KILL $$' | true; echo $?") == "0"
    assert terminal.end() == 0
