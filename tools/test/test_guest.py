# SPDX-License-Identifier: MIT
"""make exec and the library under it, with a stand-in for QEMU that runs the command here."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import guest
from machine import Machine, built, check

TOP = Path(__file__).resolve().parents[2]
FAKE = str(TOP / "tools/test/fake_qemu.py")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    kernel = tmp_path / "kernel.elf"
    kernel.touch()
    return Machine(kernel=kernel, qemu=FAKE)


def exec_command(machine: Machine, command: str, *options: str) -> list[str]:
    script = str(TOP / "tools/exec")
    return [script, "--kernel", str(machine.kernel), "--qemu", FAKE, *options, "--", command]


def run_exec(
    machine: Machine, command: str, *options: str, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    line = exec_command(machine, command, *options)
    return subprocess.run(line, input=stdin, capture_output=True, timeout=60)


def test_streams_and_status(machine: Machine) -> None:
    done = guest.capture(machine, "echo out; echo err >&2; exit 7")
    assert (done.status, done.stdout, done.stderr) == (7, b"out\n", b"err\n")
    assert done.outcome.panic is None and not done.outcome.timed_out


@pytest.mark.parametrize(
    "text", ["a b  c", "it's \"q\" $x \\ % %20 -- -e", "two\nlines", "ümläut ☃", "a=b,c;d|e&f>g"]
)
def test_command_arrives_as_it_is(machine: Machine, text: str) -> None:
    quoted = "'" + text.replace("'", "'\\''") + "'"
    assert guest.capture(machine, "printf %s " + quoted).stdout.decode() == text


def test_kernel_arguments() -> None:
    line = guest.kernel_arguments("trace=1", "ls / | wc", quiet=True)
    assert line == "quiet trace=1 -- -e ls%20/%20%7C%20wc"


def test_command_that_is_too_long(machine: Machine) -> None:
    with pytest.raises(guest.GuestError, match="EXTRA=folder"):
        guest.capture(machine, "x" * 5000)
    done = run_exec(machine, "x" * 5000)
    assert done.returncode == guest.STATUS_BROKEN and b"EXTRA=folder" in done.stderr


def test_any_bytes_and_their_end(machine: Machine) -> None:
    data = random.Random(1).randbytes(3_000_000)
    done = guest.capture(machine, "cat", stdin=data)
    assert done.status == 0 and done.stdout == data


def test_input_that_nobody_reads(machine: Machine) -> None:
    done = guest.capture(machine, "true", stdin=bytes(3_000_000))
    assert (done.status, done.stdout) == (0, b"")


def test_output_streams_before_the_end(machine: Machine) -> None:
    """What comes out is passed on at once, and input can follow it."""
    with subprocess.Popen(
        exec_command(machine, "read a; echo got $a; read b; echo got $b"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        for word in (b"one\n", b"two\n"):
            process.stdin.write(word)
            process.stdin.flush()
            assert process.stdout.readline() == b"got " + word
        assert process.wait(30) == 0


def test_exec_prints_the_output_and_nothing_else(machine: Machine) -> None:
    done = run_exec(machine, "cat; echo oops >&2; exit 3", stdin=b"\0\xff\r\n")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"\0\xff\r\n", b"oops\n")


def test_panic_is_shown(machine: Machine) -> None:
    done = run_exec(machine, "PANIC")
    assert done.returncode == guest.STATUS_PANIC
    assert done.stderr == b"kernel panic: not one\npanic: no disk\n  main+0x4 kernel/main.c:7\n"
    assert done.stdout == b""


def test_status_125_without_a_panic_is_the_commands(machine: Machine) -> None:
    done = run_exec(machine, "exit 125")
    assert (done.returncode, done.stderr) == (125, b"")


def test_limit(machine: Machine) -> None:
    start = time.monotonic()
    done = run_exec(machine, "HANG", "--limit", "1")
    assert time.monotonic() - start < 20
    assert done.returncode == guest.STATUS_LIMIT
    text = done.stderr.decode()
    assert "'HANG' was not over after 1 s" in text
    assert "last lines of its console:\nkernel panic: not one\n" in text and "Firmware" not in text
    assert "last lines of its output:\nthe last of the output\n" in text


def test_console_can_be_kept(machine: Machine, tmp_path: Path) -> None:
    done = run_exec(machine, "true", "--console", str(tmp_path / "a,b"))
    assert done.returncode == 0
    assert (tmp_path / "a,b").read_bytes().startswith(b"Firmware")
    done = run_exec(machine, "true", "--console", "/no/such/folder/x")
    assert done.returncode == guest.STATUS_BROKEN and b"/no/such/folder/x" in done.stderr


def test_a_machine_that_does_not_start(machine: Machine) -> None:
    done = run_exec(machine, "NOSTART")
    assert done.returncode == guest.STATUS_BROKEN
    assert done.stderr == b"the machine did not start:\nqemu: no such machine\n"


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_signals_end_the_machine(machine: Machine, number: signal.Signals) -> None:
    process = subprocess.Popen(exec_command(machine, "HANG"), stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"the last of the output\n"
    (qemu,) = children(process.pid)
    process.send_signal(number)
    status = process.wait(20)
    assert status == (-number if number == signal.SIGKILL else 128 + number)
    deadline = time.monotonic() + 10
    while Path("/proc", qemu, "cmdline").is_file() and Path("/proc", qemu, "cmdline").read_bytes():
        assert time.monotonic() < deadline, "QEMU lives on"
        time.sleep(0.05)


def test_reader_that_goes_away(machine: Machine) -> None:
    process = subprocess.Popen(exec_command(machine, "yes"), stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.read(2) == b"y\n"
    process.stdout.close()
    assert process.wait(20) == 128 + signal.SIGPIPE


def test_arguments_of_the_machine(tmp_path: Path) -> None:
    line = Machine(Path("k"), Path("a,b.img"), cpus=2, memory="64M", append="x y").arguments()
    assert line[line.index("-smp") + 1] == "2" and line[line.index("-m") + 1] == "64M"
    assert line[line.index("-append") + 1] == "x y"
    assert "file=a,,b.img,if=none,format=raw,id=root,snapshot=on" in line
    assert "-no-reboot" not in line and "-gdb" not in line
    assert "-drive" not in Machine(Path("k")).arguments()
    kept = Machine(Path("k"), Path("i"), keep=True, gdb=77).arguments()
    assert "file=i,if=none,format=raw,id=root,snapshot=off" in kept
    assert kept[kept.index("-gdb") + 1] == "tcp:127.0.0.1:77" and "-S" in kept


def test_machine_of_a_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAWN_BUILD", "/b")
    assert built(cpus=1) == Machine(Path("/b/kernel.elf"), Path("/b/fs.img"), cpus=1)
    assert built("/c").kernel == Path("/c/kernel.elf")


def test_what_is_missing_is_said(machine: Machine, tmp_path: Path) -> None:
    assert check(machine) is None
    assert "make setup" in (check(Machine(machine.kernel, qemu="no-such-qemu")) or "")
    assert "run: make" in (check(Machine(tmp_path / "none", qemu=FAKE)) or "")
    assert "1 to 8" in (check(Machine(machine.kernel, qemu=FAKE, cpus=9)) or "")
    done = subprocess.run(
        [sys.executable, TOP / "tools/machine.py", "--kernel", tmp_path / "none"],
        capture_output=True,
        text=True,
        env=dict(os.environ),
    )
    assert done.returncode == 1 and "does not exist" in done.stderr
