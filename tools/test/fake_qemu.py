#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Stands in for QEMU: takes the same arguments and runs the command by the host's shell.

It does what tools/guest.py expects of a machine: a banner on the console, the
command out of the kernel's arguments, its streams on the ports, its status at
the end.  Some commands are for it alone: PANIC, HANG, NOSTART.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote_to_bytes


def value(argv: list[str], flag: str) -> list[str]:
    return [after for word, after in zip(argv, argv[1:]) if word == flag]


def main(argv: list[str]) -> int:
    command = unquote_to_bytes(value(argv, "-append")[0].partition(" -- -e ")[2])
    if command == b"NOSTART":
        print("qemu: no such machine", file=sys.stderr)
        return 1
    console = Path(value(argv, "-serial")[0].removeprefix("file:").replace(",,", ","))
    console.write_text("Firmware\r\nBoot HART MEDELEG  : 0x0\r\n\r\nkernel panic: not one\r\n")
    fds = [int(chardev.rpartition("fd=")[2]) for chardev in value(argv, "-chardev")]
    if command == b"PANIC":
        with console.open("a") as file:
            file.write("panic: no disk\r\n  main+0x4 kernel/main.c:7\r\n")
        return 125
    if command == b"HANG":
        os.write(fds[1], b"the last of the output\n")
        time.sleep(60)
    return subprocess.run(
        ["/bin/sh", "-c", command], stdin=fds[0], stdout=fds[1], stderr=fds[2]
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
