# SPDX-License-Identifier: MIT
"""A person at the machine's console: types, and waits for what is seen."""

from __future__ import annotations

import os
import re
import select
import subprocess
import time
from dataclasses import replace

from machine import Machine

INTERRUPT, END, QUIT, STOP, SUSPEND = b"\x03", b"\x04", b"\x1c", b"\x13", b"\x1a"
GO_ON, ERASE, KILL_LINE = b"\x11", b"\x7f", b"\x15"


class Console:
    """A machine with its console on pipes.  Use as a context: the end ends the machine."""

    def __init__(self, machine: Machine) -> None:
        command = replace(machine, reboot=False).arguments()
        self.qemu = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.seen = b""  # all of it
        self.at = 0  # how far expect() has come

    def __enter__(self) -> Console:
        return self

    def __exit__(self, *_: object) -> None:
        if self.qemu.poll() is None:
            self.qemu.kill()
        self.qemu.wait()
        self.qemu.stdin.close()
        self.qemu.stdout.close()

    def type(self, data: bytes) -> None:
        self.qemu.stdin.write(data)
        self.qemu.stdin.flush()

    def expect(self, pattern: bytes, limit: float = 30) -> re.Match[bytes]:
        """Wait until pattern is seen after what was expected last."""
        end = time.monotonic() + limit
        while True:
            if found := re.compile(pattern).search(self.seen, self.at):
                self.at = found.end()
                return found
            if not self._read(end - time.monotonic()):
                tail = self.seen[self.at :].decode(errors="replace")
                raise AssertionError(f"{pattern!r} was not seen; after what was:\n{tail}")

    def quiet(self, seconds: float) -> bytes:
        """What is seen in so many seconds."""
        end = time.monotonic() + seconds
        while self._read(end - time.monotonic()):
            pass
        new, self.at = self.seen[self.at :], len(self.seen)
        return new

    def wait(self, limit: float = 30) -> int:
        """QEMU's status once the machine has ended."""
        end = time.monotonic() + limit
        while self._read(end - time.monotonic()):
            pass
        return self.qemu.wait(max(1.0, end - time.monotonic()))

    def _read(self, limit: float) -> bool:
        """Read what comes within limit; False if nothing does."""
        out = self.qemu.stdout
        if limit <= 0 or not select.select([out], [], [], limit)[0]:
            return False
        data = os.read(out.fileno(), 65536)
        self.seen += data
        return bool(data)
