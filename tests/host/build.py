# SPDX-License-Identifier: MIT
"""Build a host unit test: kernel files, fakes and a test, under sanitizers.

A unit is a file NAME_test.c.  Comment lines in it say what it is linked with:

    // kernel: lib/format.c lib/string.c     files below kernel/
    // fakes: print.c time.c                 files below tests/host/fakes/
    // flags: -DSOMETHING=1                  further compiler flags

Objects are kept below the build folder and compiled again when a file that they
read, or their command, has changed.  Several processes may build at once.
"""

from __future__ import annotations

import fcntl
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HOST = Path(__file__).resolve().parent
ROOT = HOST.parents[1]

FLAGS = (
    "-std=gnu17 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined "
    "-fno-sanitize-recover=all -Wall -Wextra -Werror -Wno-missing-field-initializers "
    "-DFAWN_DEBUG=1 -DFAWN_HOST=1"
).split()
INCLUDES = [f"-I{HOST / 'fakes'}", f"-I{HOST}", f"-I{ROOT / 'kernel'}"]

# The kernel's own memcpy() and friends get other names on the host, where the C
# library's are in use, watched by the sanitizer.
RENAMED = {"lib/string.c": ["-include", str(HOST / "fakes" / "string_names.h")]}

# Every unit needs these.
COMMON_KERNEL = ("lib/string.c",)
COMMON_FAKES = ("hart.c", "panic.c")


class BuildError(Exception):
    """The compiler's or linker's complaint."""


@dataclass(frozen=True)
class Unit:
    test: Path
    kernel: tuple[str, ...]
    fakes: tuple[str, ...]
    flags: tuple[str, ...]

    def sources(self) -> list[tuple[Path, list[str]]]:
        """Each file to compile, with the flags that it alone gets."""
        kernel = dict.fromkeys(self.kernel + COMMON_KERNEL)
        fakes = dict.fromkeys(self.fakes + COMMON_FAKES)
        return [
            (self.test, []),
            (HOST / "check.c", []),
            *((ROOT / "kernel" / k, RENAMED.get(k, [])) for k in kernel),
            *((HOST / "fakes" / f, []) for f in fakes),
        ]


def read_unit(test: Path) -> Unit:
    text = test.read_text()

    def words(key: str) -> tuple[str, ...]:
        lines = re.findall(rf"^// {key}: *(.*)$", text, re.MULTILINE)
        return tuple(word for line in lines for word in shlex.split(line))

    return Unit(test, words("kernel"), words("fakes"), words("flags"))


def names_of_tests(test: Path) -> list[str]:
    return re.findall(r"^TEST\((\w+)\)", test.read_text(), re.MULTILINE)


def build_folder() -> Path:
    build = os.environ.get("FAWN_BUILD") or os.environ.get("O") or "build"
    return (ROOT / build / "tests" / "host").resolve()


def generate() -> Path:
    """The folder of the headers that are made from kernel/sys/syscalls.list."""
    tool, calls = ROOT / "tools" / "syscalls.py", ROOT / "kernel" / "sys" / "syscalls.list"
    out = build_folder() / "gen"
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [sys.executable, str(tool), str(calls), str(out)]
        if not _is_current(out / "syscalls", command, [tool, calls]):
            _run(command, out / "syscalls")
            (out / "syscalls").touch()
    return out


def build(unit: Unit) -> Path:
    """The program of a unit, built if need be."""
    generated = f"-I{generate()}"
    name = unit.test.resolve().as_posix().removeprefix(HOST.as_posix()).lstrip("/")
    folder = build_folder() / name.removesuffix(".c")
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        objects = [
            _compile(unit, folder, path, [generated, *extra]) for path, extra in unit.sources()
        ]
        return _link(folder, objects)


def _compile(unit: Unit, folder: Path, source: Path, extra: list[str]) -> Path:
    stem = source.as_posix().replace("/", "_").removesuffix(".c")
    out = folder / f"{stem}.o"
    command = [_cc(), *FLAGS, *unit.flags, *INCLUDES, *extra, "-MMD", "-c", "-o", str(out)]
    command.append(str(source))
    if not _is_current(out, command, _dependencies(out.with_suffix(".d"))):
        _run(command, out)
    return out


def _link(folder: Path, objects: list[Path]) -> Path:
    out = folder / "test"
    command = [_cc(), "-fsanitize=address,undefined", "-o", str(out), *map(str, objects)]
    if not _is_current(out, command, objects):
        _run(command, out)
    return out


def _cc() -> str:
    return os.environ.get("HOSTCC", "cc")


def _dependencies(file: Path) -> list[Path] | None:
    if not file.exists():
        return None
    words = file.read_text().replace("\\\n", " ").split(":", 1)[1].split()
    return [Path(w) for w in words]


def _is_current(out: Path, command: list[str], inputs: list[Path] | None) -> bool:
    note = out.with_name(out.name + ".cmd")
    if inputs is None or not out.exists() or not note.exists():
        return False
    if note.read_text() != shlex.join(command):
        return False
    made = out.stat().st_mtime_ns
    return all(p.exists() and p.stat().st_mtime_ns <= made for p in inputs)


def _run(command: list[str], out: Path) -> None:
    note = out.with_name(out.name + ".cmd")
    note.unlink(missing_ok=True)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise BuildError(f"{shlex.join(command)}\n{done.stdout}{done.stderr}")
    note.write_text(shlex.join(command))
