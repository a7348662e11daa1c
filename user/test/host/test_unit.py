# SPDX-License-Identifier: MIT
"""The library's parts that make no system calls, compiled for the host with
sanitizers and tested by the programs in user/test/unit/."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
UNIT = ROOT / "user" / "test" / "unit"
LIB = ROOT / "user" / "lib"
HOSTCC = "gcc"

# Which files of ours each test is linked with.
ALWAYS = ["string/*.c", "ctype/*.c", "stdlib/decimal.c", "stdio/format*.c", "stdio/snprintf.c",
          "stdlib/malloc.c"]
TESTS: dict[str, list[str]] = {
    "test_printf": [],
    "test_numbers": ["stdlib/strtol.c", "stdlib/strtod.c"],
    "test_strings": [],
    "test_sort": ["stdlib/qsort.c"],
    "test_malloc": [],
    "test_calendar": ["time/calendar.c", "time/strftime.c"],
    "test_regex": [f"../bin/grep/{name}.c" for name in ("compile", "match", "set")],
}

SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all",
              "-fno-omit-frame-pointer"]
COMMON = ["-O1", "-g", "-std=gnu17", "-Wall", "-Wextra", "-Werror", *SANITIZERS]

# What the library needs of the system, for tests that have none of their own.
SYSTEM = """
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/mman.h>
void *lib_sbrk(intptr_t increment);
void *lib_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
int lib_munmap(void *address, size_t length);
ssize_t lib_write(int fd, const void *data, size_t count);
_Noreturn void lib_abort(void);
static _Alignas(16) char arena[16 << 20];
static size_t used;
void *lib_sbrk(intptr_t increment)
{
	char *old = arena + used;
	if (increment > 0 && (size_t)increment > sizeof(arena) - used)
		return (void *)-1;
	used += (size_t)increment;
	return old;
}
void *lib_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	return mmap(address, length, protection, flags, fd, offset);
}
int lib_munmap(void *address, size_t length)
{
	return munmap(address, length);
}
ssize_t lib_write(int fd, const void *data, size_t count)
{
	return write(fd, data, count);
}
_Noreturn void lib_abort(void)
{
	abort();
}
"""

# Ours call these, so they are renamed too wherever they are defined.
OUTSIDE = {"__errno_location", "sbrk", "mmap", "munmap", "write", "abort"}


def run(*command: str | Path) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=300)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def compile_ours(source: Path, folder: Path) -> Path:
    """A file of the library, with its own headers."""
    include = run(HOSTCC, "-print-file-name=include").strip()
    target = folder / (source.stem + ".o")
    run(HOSTCC, *COMMON, "-ffreestanding", "-nostdinc", "-isystem", include,
        "-fno-tree-loop-distribute-patterns", f"-I{LIB}/include", f"-I{ROOT}/kernel",
        "-c", source, "-o", target)
    return target


def build_library(folder: Path) -> None:
    """An object for each file, all symbols with the prefix lib_."""
    patterns = sorted({p for extra in TESTS.values() for p in extra} | set(ALWAYS))
    sources = [path for pattern in patterns for path in sorted(LIB.glob(pattern))]
    assert len({s.stem for s in sources}) == len(sources)
    objects = [compile_ours(source, folder) for source in sources]
    names = set(OUTSIDE)
    for line in run("nm", "--defined-only", "-g", *objects).splitlines():
        words = line.split()
        if len(words) == 3:
            names.add(words[2])
    table = folder / "renames"
    table.write_text("".join(f"{name} lib_{name}\n" for name in sorted(names)
                             if not name.startswith(("__asan", "__odr_asan"))))
    for target in objects:
        run("objcopy", f"--redefine-syms={table}", target)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of objects, which the workers of one run of pytest share."""
    if not shutil.which(HOSTCC) or not shutil.which("objcopy"):
        pytest.skip(f"{HOSTCC} or objcopy is missing: apt-get install gcc binutils")
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder = base / "unit-library"
    with open(base / "unit-library.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            folder.mkdir(exist_ok=True)
            build_library(folder)
            (folder / "done").touch()
    return folder


@pytest.mark.parametrize("name", TESTS)
def test_unit(name: str, library: Path, tmp_path: Path) -> None:
    patterns = ALWAYS + TESTS[name]
    sources = [path for pattern in patterns for path in sorted(LIB.glob(pattern))]
    objects = [library / (source.stem + ".o") for source in sources]
    system = tmp_path / "system.c"
    system.write_text(SYSTEM)
    if name == "test_malloc":
        system.write_text("typedef int empty;\n")
    program = tmp_path / name
    run(HOSTCC, *COMMON, "-D_GNU_SOURCE", "-fno-builtin", "-Wno-format-nonliteral",
        UNIT / f"{name}.c", UNIT / "unit.c", system, *objects, "-lm", "-o", program)
    done = subprocess.run([program], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-8000:]


def test_every_program_is_run() -> None:
    assert {path.stem for path in UNIT.glob("test_*.c")} == set(TESTS)
