# SPDX-License-Identifier: MIT
"""Programs of ours, run on the host: the C library speaks Linux's system calls,
so qemu-riscv64 runs what Fawn runs."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
QEMU = "qemu-riscv64"
LIMIT = 60  # seconds

Input = str | bytes


@dataclass(frozen=True)
class Result:
    status: int  # 128 plus the signal's number if one killed it
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        return self.out.decode("latin-1")

    @property
    def errors(self) -> str:
        return self.err.decode("latin-1")


def execute(command: list[str], cwd: Path, stdin: Input = b"", **env: str) -> Result:
    if isinstance(stdin, str):
        stdin = stdin.encode("latin-1")
    done = subprocess.run(
        command, cwd=cwd, input=stdin, capture_output=True, timeout=LIMIT,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", **env})
    code = done.returncode
    return Result(128 - code if code < 0 else code, done.stdout, done.stderr)


@dataclass(frozen=True)
class Programs:
    """Runs our programs, and the host's, in one folder."""

    build: Path
    folder: Path

    def command(self, name: str, *args: str) -> list[str]:
        return [QEMU, str(self.build / "user" / "bin" / name), *args]

    def run(self, name: str, *args: str, stdin: Input = b"", **env: str) -> Result:
        return execute(self.command(name, *args), self.folder, stdin, **env)

    def host(self, name: str, *args: str, stdin: Input = b"", **env: str) -> Result:
        return execute([name, *args], self.folder, stdin, **env)

    def same(self, name: str, *args: str, stdin: Input = b"") -> Result:
        """Ours must print what the host's prints and exit alike."""
        ours = self.run(name, *args, stdin=stdin)
        theirs = self.host(name, *args, stdin=stdin)
        assert (ours.out, ours.status) == (theirs.out, theirs.status), (
            f"{name} {args}: errors {ours.err!r}, the host's {theirs.err!r}")
        assert bool(ours.err) == bool(theirs.err), (ours.err, theirs.err)
        return ours

    def write(self, name: str, text: Input) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("latin-1") if isinstance(text, str) else text)
        return path
