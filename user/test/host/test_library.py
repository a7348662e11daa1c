# SPDX-License-Identifier: MIT
"""The C library where it makes system calls: library.c, a test at a time."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from programs import QEMU, ROOT, Result, execute

SOURCE = Path(__file__).with_name("library.c")
PREFIXES = ("riscv64-unknown-elf-", "riscv64-linux-gnu-")

# These end otherwise than with success.
STATUS = {"free_twice": 128 + 6, "assert": 128 + 6, "complaints": 9}


def names() -> list[str]:
    return re.findall(r'\{ "(\w+)", test_', SOURCE.read_text())


@pytest.fixture(scope="session")
def library(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, compiled as the Makefile compiles ours."""
    prefixes = (os.environ.get("TOOLPREFIX") or "",) + PREFIXES
    prefix = next(p for p in prefixes if p and shutil.which(p + "gcc"))
    include = subprocess.run([prefix + "gcc", "-print-file-name=include"], capture_output=True,
                             text=True, check=True).stdout.strip()
    program = tmp_path_factory.mktemp("library") / "library"
    done = subprocess.run(
        [prefix + "gcc", "-march=rv64gc", "-mabi=lp64d", "-mcmodel=medany", "-O2", "-g", "-std=gnu17",
         "-ffreestanding", "-nostdinc", "-isystem", include, f"-I{ROOT}/user/lib/include",
         f"-I{built}/include", "-Wall", "-Wextra", "-Werror", "-fno-pic", "-fno-pie", "-no-pie",
         "-nostdlib", "-static", "-Wl,--gc-sections,--build-id=none", "-T", f"{ROOT}/user/user.ld",
         "-o", str(program), f"{built}/obj/user/lib/crt0.S.o", str(SOURCE), f"{built}/user/libc.a",
         "-lgcc"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return program


def run(library: Path, folder: Path, name: str) -> Result:
    return execute([QEMU, str(library), name], folder, GIVEN="a=b")


@pytest.mark.parametrize("name", names())
def test_library(library: Path, tmp_path: Path, name: str) -> None:
    done = run(library, tmp_path, name)
    assert done.status == STATUS.get(name, 0), done.errors
    if name not in STATUS:
        assert done.errors == ""


def test_atexit_order(library: Path, tmp_path: Path) -> None:
    """Last registered, first called; what a function registers is called next."""
    assert run(library, tmp_path, "atexit").text == "last\n" * 30 + "first\nlast\nlast\n"


def test_words_of_complaints(library: Path, tmp_path: Path) -> None:
    done = run(library, tmp_path, "complaints")
    assert done.text == "output first"
    assert done.errors == (
        "library: file 1: No such file or directory\nlibrary: plain\n"
        "perror: Permission denied\nPermission denied\n"
        f"library: {'x' * 1999}\ndirect|   42|\nlibrary: end: Permission denied\n")


def test_output_before_complaint(library: Path, tmp_path: Path) -> None:
    """To one file, both in the order in which they were written."""
    done = subprocess.run([QEMU, str(library), "complaints"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, cwd=tmp_path, text=True)
    assert done.stdout.startswith("output firstlibrary: file 1: No such")


def test_words_of_death(library: Path, tmp_path: Path) -> None:
    done = run(library, tmp_path, "free_twice")
    assert re.fullmatch(r"malloc: 0x[0-9a-f]{12} is already free\n.*", done.errors, re.DOTALL)
    done = run(library, tmp_path, "assert")
    assert re.match(r"library: .*library\.c:\d+: test_assert: assertion 'getpid\(\) == 0' failed\n",
                    done.errors)
