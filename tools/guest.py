# SPDX-License-Identifier: MIT
"""Run one command in a machine without a terminal.

The guest's init gets `-e COMMAND` after " -- " in the kernel's arguments, with
every character that is not plain percent-encoded, runs it by sh with the three
virtio-serial ports fawn.stdin, fawn.stdout and fawn.stderr as its descriptors,
and powers the machine off with the command's status.

Each port is a socket of its own, so that the two outputs stay apart, any byte
passes, a side that is slow stops the other, and the end of the input is seen
by the guest as its port being closed.  The console goes to a file: it is the
kernel's, and is shown only when something went wrong.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from machine import Machine, Port

STATUS_LIMIT = 124  # as timeout(1)
STATUS_PANIC = 125  # kernel/lib/panic.h: PANIC_STATUS
STATUS_BROKEN = 126  # the machine did not even start
PANIC_MARK = "panic: "
FIRMWARE_END = "Boot HART MEDELEG"  # OpenSBI's last line
ARGUMENTS_MAX = 4095  # kernel/lib/bootargs.c: LINE_MAX, less the final NUL
TAIL_LINES = 20
CHUNK = 65536

Source = Callable[[], bytes]  # the next bytes of input; b"" at its end
Sink = Callable[[bytes], None]  # takes all bytes before it returns


class GuestError(Exception):
    """The command cannot be run; the message says why and what to do."""


@dataclass(frozen=True)
class Outcome:
    """How a machine ended."""

    status: int
    console: str  # what the kernel wrote
    timed_out: bool = False
    complaint: str = ""  # what QEMU itself wrote

    @property
    def panic(self) -> str | None:
        """The text of the panic that ended the machine, or that it hung in."""
        at = ("\n" + self.console).find("\n" + PANIC_MARK)
        return None if at < 0 else self.console[at:]


@dataclass(frozen=True)
class Captured:
    """The outcome of capture(), with what the command wrote."""

    outcome: Outcome
    stdout: bytes
    stderr: bytes

    @property
    def status(self) -> int:
        return self.outcome.status


@dataclass
class Tail:
    """The last bytes that went through a sink."""

    sink: Sink
    kept: deque[bytes] = field(default_factory=lambda: deque(maxlen=64))

    def __call__(self, data: bytes) -> None:
        self.kept.append(data[-4096:])
        self.sink(data)

    def lines(self) -> list[str]:
        return last_lines(b"".join(self.kept).decode(errors="replace"))


def last_lines(text: str) -> list[str]:
    return text.rstrip().splitlines()[-TAIL_LINES:]


def after_firmware(console: str) -> str:
    """What the kernel wrote: the console without the firmware's lines before it."""
    lines = console.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.startswith(FIRMWARE_END):
            return "".join(lines[number + 1 :]).lstrip("\n")
    return console


def kernel_arguments(append: str, command: str, quiet: bool) -> str:
    """quiet: nobody keeps the console, so the kernel need not write to it but errors."""
    encoded = quote(os.fsencode(command), safe="/")
    line = " ".join(part for part in ("quiet" if quiet else "", append, "--", "-e", encoded) if part)
    if len(line) > ARGUMENTS_MAX:
        raise GuestError(
            f"the kernel's arguments would have {len(line)} characters, but {ARGUMENTS_MAX} is "
            "the most; put the command in a script and add it to the disk with EXTRA=folder"
        )
    return line


def die_with_parent() -> None:
    """Between fork and exec: have QEMU killed when we are, however that happens."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def feed(source: Source, port: socket.socket) -> None:
    """Pass the input on, then close that direction.  Ends early when the guest is gone."""
    try:
        while data := source():
            port.sendall(data)
        port.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@dataclass
class Drain:
    """Passes one output on, in a thread of its own, until the guest is gone."""

    port: socket.socket
    sink: Sink
    error: BaseException | None = None
    thread: threading.Thread | None = None

    def start(self, on_error: Callable[[], None]) -> None:
        self.thread = threading.Thread(target=self._run, args=(on_error,), daemon=True)
        self.thread.start()

    def _run(self, on_error: Callable[[], None]) -> None:
        try:
            while data := self.port.recv(CHUNK):
                self.sink(data)
        except ConnectionResetError:
            pass
        except BaseException as error:  # handed to the caller's thread by join()
            self.error = error
            on_error()

    def join(self) -> None:
        assert self.thread is not None
        self.thread.join()
        if self.error is not None:
            raise self.error


def run(
    machine: Machine, command: str, source: Source, stdout: Sink, stderr: Sink, limit: float
) -> Outcome:
    """Run command to its end, or for limit seconds.  What a sink raises ends the machine
    and is raised here; so does KeyboardInterrupt.  The console's file goes away at the
    end, unless machine names one."""
    arguments = kernel_arguments(machine.append, command, machine.console == "stdio")
    pairs = {name: socket.socketpair() for name in ("stdin", "stdout", "stderr")}
    ports = tuple(Port(f"fawn.{name}", theirs.fileno()) for name, (_, theirs) in pairs.items())
    with tempfile.TemporaryDirectory(prefix="fawn-") as folder:
        console = Path(folder, "console") if machine.console == "stdio" else Path(machine.console)
        complaint = Path(folder, "qemu")
        console.write_bytes(b"")
        made = replace(machine, append=arguments, ports=ports, console=str(console), reboot=False)
        with complaint.open("wb") as errors:
            qemu = subprocess.Popen(
                made.arguments(),
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                pass_fds=[port.fd for port in ports],
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        for _, theirs in pairs.values():
            theirs.close()
        try:
            timed_out = converse(qemu, {name: ours for name, (ours, _) in pairs.items()},
                                 source, stdout, stderr, limit)
        finally:
            if qemu.poll() is None:
                qemu.kill()
                qemu.wait()
        text = console.read_text(errors="replace").replace("\r\n", "\n")
        said = complaint.read_text(errors="replace")
    status = status_of(qemu.returncode, timed_out, text)
    return Outcome(status, after_firmware(text), timed_out, said)


def converse(
    qemu: subprocess.Popen[bytes],
    ports: dict[str, socket.socket],
    source: Source,
    stdout: Sink,
    stderr: Sink,
    limit: float,
) -> bool:
    """Carry the three streams until QEMU ends.  Returns whether the limit ended it."""
    drains = [Drain(ports["stdout"], stdout), Drain(ports["stderr"], stderr)]
    for drain in drains:
        drain.start(qemu.kill)
    threading.Thread(target=feed, args=(source, ports["stdin"]), daemon=True).start()
    timed_out = False
    try:
        qemu.wait(limit)
    except subprocess.TimeoutExpired:
        timed_out = True
        qemu.kill()
        qemu.wait()
    for drain in drains:
        drain.join()
    for port in ports.values():
        port.close()
    return timed_out


def status_of(returncode: int, timed_out: bool, console: str) -> int:
    if timed_out:
        return STATUS_LIMIT
    # A machine that starts has at least its firmware's banner on the console.
    if returncode < 0 or (returncode != 0 and not console):
        return STATUS_BROKEN
    return returncode


def capture(machine: Machine, command: str, stdin: bytes = b"", limit: float = 60) -> Captured:
    """run() with the streams in memory."""
    pending = [stdin] if stdin else []
    out, err = bytearray(), bytearray()
    outcome = run(
        machine,
        command,
        lambda: pending.pop() if pending else b"",
        out.extend,
        err.extend,
        limit,
    )
    return Captured(outcome, bytes(out), bytes(err))


def report(outcome: Outcome, command: str, limit: float, tails: tuple[Tail, Tail]) -> list[str]:
    """What a person should be told about an outcome that is not the command's own."""
    if outcome.status == STATUS_BROKEN:
        return ["the machine did not start:", *last_lines(outcome.complaint or "QEMU was killed")]
    if not outcome.timed_out:
        return outcome.console.rstrip().splitlines() if outcome.panic else []
    lines = [f"'{command}' was not over after {limit:g} s (LIMIT=); the machine was ended"]
    for what, last in (
        ("console", last_lines(outcome.console)),
        ("output", tails[0].lines()),
        ("errors", tails[1].lines()),
    ):
        lines += [f"--- last lines of its {what}:", *last] if last else [f"--- no {what}"]
    return lines
