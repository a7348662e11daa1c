#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Start gdb for the machine that `make qemu-gdb` has made wait.

    gdb.py --build FOLDER [--program NAME] [-- GDB ARGUMENTS]

The real work is in .gdbinit at the top of the tree; this finds gdb, the port
and the program, and says what to do if one of them is not there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
DEBUGGERS = ("gdb-multiarch", "riscv64-unknown-elf-gdb", "riscv64-linux-gnu-gdb")


def find_program(build: Path, name: str) -> Path | None:
    """A program of the disk by its name, or by its path there."""
    folders = [build / "user/bin", build / "user/test"]
    plain = name.removeprefix("/bin/").removeprefix("/test/")
    return next((f / plain for f in folders if (f / plain).is_file()), None)


def problem(build: Path, program: str | None) -> str | None:
    if not any(shutil.which(name) for name in DEBUGGERS):
        return f"none of {', '.join(DEBUGGERS)} is installed; run: make setup"
    if not (build / "kernel.elf").is_file():
        return f"{build}/kernel.elf does not exist; run: make"
    if not (build / "gdb.port").is_file():
        return "no machine waits for gdb; run in another terminal: make qemu-gdb"
    if program and find_program(build, program) is None:
        return f"{program} is no program in {build}/user/bin or {build}/user/test"
    return None


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Start gdb for Fawn.")
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--program", help="whose symbols to load beside the kernel's")
    parser.add_argument("more", nargs="*", help="arguments for gdb")
    options = parser.parse_args(argv[1:])
    wrong = problem(options.build, options.program)
    if wrong:
        print(f"gdb.py: {wrong}", file=sys.stderr)
        return 1
    environment = dict(os.environ, FAWN_BUILD=str(options.build.resolve()))
    if options.program:
        found = find_program(options.build, options.program)
        environment["FAWN_PROGRAM"] = str(found.resolve()) if found else ""
    gdb = next(name for name in DEBUGGERS if shutil.which(name))
    # gdb may or may not be allowed to load ./.gdbinit by itself: so it does not, and is told to.
    command = [gdb, "-q", "-iex", "set auto-load local-gdbinit off", "-x", str(TOP / ".gdbinit")]
    os.execvpe(gdb, command + options.more, environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
