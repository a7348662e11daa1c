# SPDX-License-Identifier: MIT
"""The same programs on plain Linux: what they expect is what Linux does.

They are compiled for the host, with its C library, and leave out what is about
Fawn alone.  The one about RISC-V's registers runs under QEMU's user mode.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from world import PROGRAMS, ROOT, read_ktap, subjects

LINUX = ROOT / "tests" / "machine" / "linux"
FLAGS = "-O1 -g -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Wno-unused-result".split()
RISCV_ONLY = {"registers"}
# QEMU 7.2's user mode gives the wrong signal here.
NOT_EMULATED = {"handler_without_a_stack"}


def compile_for(compiler: list[str], subject: str, shared: list[Path], out: Path) -> None:
    sources = [PROGRAMS / f"{subject}.c", PROGRAMS / "lib" / "test.c", PROGRAMS / "lib" / "tree.c"]
    command = [*compiler, *FLAGS, f"-I{LINUX}", "-o", str(out), *map(str, sources + shared)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def failures(command: list[str], but: set[str]) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    return [f"{c.name}: {c.reason}" for c in read_ktap(done.stdout) if not c.ok and c.name not in but]


@pytest.mark.slow
@pytest.mark.skipif(platform.system() != "Linux", reason="not on Linux")
@pytest.mark.parametrize("subject", [s for s in subjects() if s not in RISCV_ONLY])
def test_on_linux(subject: str, tmp_path: Path) -> None:
    compile_for(["cc"], subject, [LINUX / "raw.c"], tmp_path / subject)
    assert failures([str(tmp_path / subject), "-p"], set()) == []


@pytest.mark.slow
@pytest.mark.skipif(
    not shutil.which("qemu-riscv64") or not shutil.which("riscv64-linux-gnu-gcc"),
    reason="needs qemu-user and gcc-riscv64-linux-gnu",
)
@pytest.mark.parametrize("subject", sorted(RISCV_ONLY))
def test_on_emulated_linux(subject: str, tmp_path: Path) -> None:
    compiler = ["riscv64-linux-gnu-gcc", "-static"]
    compile_for(compiler, subject, [PROGRAMS / "lib" / "raw.c"], tmp_path / subject)
    assert failures(["qemu-riscv64", str(tmp_path / subject), "-p"], NOT_EMULATED) == []
