# SPDX-License-Identifier: MIT
"""Machines for tests: boot Fawn on a disk of its own, and judge what it leaves.

A Disk is a copy of an image that the machine may write to; afterwards e2fsck
looks at it.  A World knows where the kernel and the image are.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import guest  # noqa: E402
from machine import Machine, built  # noqa: E402

PROGRAMS = ROOT / "user" / "test"
STATUS_PANIC = guest.STATUS_PANIC


@dataclass(frozen=True)
class Case:
    """One line of a KTAP report, with the comments before it."""

    name: str
    ok: bool
    reason: str


def read_ktap(text: str) -> list[Case]:
    """The cases of one report.  A report that is cut short is a ValueError."""
    cases: list[Case] = []
    comments: list[str] = []
    plan = None
    for line in text.splitlines():
        if found := re.fullmatch(r"1\.\.(\d+)", line):
            plan = int(found[1])
        elif found := re.fullmatch(r"(not )?ok (\d+) - (\w+)(?: # (.*))?", line):
            reason = "\n".join([found[4] or "", *comments]).strip()
            cases.append(Case(found[3], found[1] is None, reason))
            comments = []
        elif line.startswith("# "):
            comments.append(line[2:])
    if plan != len(cases):
        raise ValueError(f"{len(cases)} results of {plan} planned:\n{text[-2000:]}")
    return cases


def read_kstat(text: str) -> dict[str, int]:
    return {name: int(value) for name, value in re.findall(r"^(\w+) (\d+)$", text, re.MULTILINE)}


def program_tests(subject: str) -> list[str]:
    """The names in the table of a test program, as its source has them."""
    source = (PROGRAMS / f"{subject}.c").read_text()
    return re.findall(r"^\tTEST(?:_OF_FAWN)?(?:_LONG)?\((\w+)[,)]", source, re.MULTILINE)


def subjects() -> list[str]:
    return sorted(p.stem for p in PROGRAMS.glob("*.c"))


@dataclass(frozen=True)
class Disk:
    """An image that a machine may write to."""

    path: Path

    def check(self) -> str:
        """What e2fsck has to complain about; "" if nothing."""
        done = subprocess.run(
            ["e2fsck", "-fn", self.path],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        return "" if done.returncode == 0 else done.stdout

    def read(self, path: str) -> bytes:
        """A file on it, by debugfs."""
        command = ["debugfs", "-R", f"cat {path}", self.path]
        return subprocess.run(command, capture_output=True, timeout=60, check=True).stdout


@dataclass
class World:
    kernel: Path
    image: Path
    folder: Path  # for disks
    qemu: str = field(default_factory=lambda: os.environ.get("QEMU", "qemu-system-riscv64"))
    disks: int = 0

    def disk(self, image: Path | None = None) -> Disk:
        self.disks += 1
        path = self.folder / f"disk{self.disks}.img"
        shutil.copyfile(image or self.image, path)
        return Disk(path)

    def machine(self, disk: Disk | None, cpus: int = 3, append: str = "", **more: object) -> Machine:
        return Machine(
            kernel=self.kernel,
            image=disk.path if disk else None,
            cpus=cpus,
            append=append,
            qemu=self.qemu,
            keep=True,
            **more,
        )

    def run(
        self, command: str, disk: Disk | None = None, limit: float = 120, **more: object
    ) -> guest.Captured:
        """Boot, run command by sh, power off."""
        return guest.capture(self.machine(disk or self.disk(), **more), command, limit=limit)


def kernel_lines(console: str) -> str:
    """A console without what the firmware says first."""
    return re.sub(r"\A\nOpenSBI .*?Boot HART MEDELEG[^\n]*\n", "", console, flags=re.DOTALL)


def describe(done: guest.Captured) -> str:
    """A boot that did not do what it should, for a person."""
    parts = [f"status {done.status}" + (", not over in time" if done.outcome.timed_out else "")]
    for what, text in (
        ("console", kernel_lines(done.outcome.console)),
        ("output", done.stdout.decode(errors="replace")),
        ("errors", done.stderr.decode(errors="replace")),
        ("qemu", done.outcome.complaint),
    ):
        if text.strip():
            parts.append(f"--- {what}:\n{text[-4000:].strip()}")
    return "\n".join(parts)


def find_world(folder: Path) -> World:
    machine = built()
    for path in (machine.kernel, machine.image):
        if not path.exists():
            raise FileNotFoundError(f"{path} does not exist; run: make")
    return World(machine.kernel.resolve(), machine.image.resolve(), folder)
