#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The machine Fawn runs on: the one place that knows QEMU's arguments.

As a library: Machine(...).arguments() is a command line.  As a command:

    machine.py [options] [-- KERNEL ARGUMENTS]

replaces itself by QEMU on this terminal (make qemu and make qemu-gdb).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import sys
from dataclasses import dataclass, replace
from pathlib import Path


# With less, QEMU has no room for the firmware, the kernel and the device tree.
MEMORY_MIN = 5 << 20
UNITS = {"": 20, "K": 10, "M": 20, "G": 30, "T": 40}


@dataclass(frozen=True)
class Port:
    """A virtio-serial port: a named byte stream between guest and host."""

    name: str  # the guest sees it by this name
    fd: int  # a connected socket that QEMU inherits


@dataclass(frozen=True)
class Machine:
    """One machine.  Nothing here is started; arguments() says how it would be."""

    kernel: Path
    image: Path | None = None  # the root disk; None is a machine without a disk
    cpus: int = 3
    memory: str = "256M"
    append: str = ""  # the kernel's arguments
    qemu: str = "qemu-system-riscv64"
    keep: bool = False  # writes go to the image itself, not to a throwaway overlay
    reboot: bool = True  # a reset starts again; otherwise it ends QEMU
    console: str = "stdio"  # stdio (with QEMU's monitor behind ^A c), or a file's path
    ports: tuple[Port, ...] = ()
    gdb: int | None = None  # wait at the first instruction for gdb on this port of localhost
    more: tuple[str, ...] = ()  # further arguments, as they are

    def arguments(self) -> list[str]:
        return [
            self.qemu,
            *("-machine", "virt", "-cpu", "rv64", "-smp", str(self.cpus), "-m", self.memory),
            *("-bios", "default", "-kernel", str(self.kernel), "-append", self.append),
            *("-global", "virtio-mmio.force-legacy=false", "-nic", "none", "-display", "none"),
            *self._console(),
            *self._disk(),
            *self._ports(),
            *(() if self.reboot else ("-no-reboot",)),
            *(() if self.gdb is None else ("-S", "-gdb", f"tcp:127.0.0.1:{self.gdb}")),
            *self.more,
        ]

    def _console(self) -> list[str]:
        if self.console == "stdio":
            return ["-serial", "mon:stdio"]
        return ["-monitor", "none", "-serial", f"file:{escape(self.console)}"]

    def _disk(self) -> list[str]:
        if self.image is None:
            return []
        overlay = "off" if self.keep else "on"
        drive = f"file={escape(self.image)},if=none,format=raw,id=root,snapshot={overlay}"
        return ["-drive", drive, "-device", "virtio-blk-device,drive=root,serial=root"]

    def _ports(self) -> list[str]:
        if not self.ports:
            return []
        out = ["-device", "virtio-serial-device"]
        for number, port in enumerate(self.ports):
            out += ["-chardev", f"socket,id=port{number},fd={port.fd}"]
            out += ["-device", f"virtserialport,chardev=port{number},name={port.name}"]
        return out


def escape(path: Path | str) -> str:
    """A path inside one of QEMU's comma lists."""
    return str(path).replace(",", ",,")


def harts(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"CPUS={text} is no number")
    return int(text)


def memory_bytes(text: str) -> int | None:
    """As QEMU reads -m: plain numbers are MiB.  None if it is no size."""
    found = re.fullmatch(r"(\d+)([KMGT]?)", text, re.IGNORECASE)
    return int(found[1]) << UNITS[found[2].upper()] if found else None


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that every command with a machine has."""
    parser.add_argument("--kernel", type=Path, required=True)
    parser.add_argument("--image", type=Path, help="root disk; without it there is none")
    parser.add_argument("--cpus", type=harts, default=3)
    parser.add_argument("--memory", default="256M")
    parser.add_argument("--append", default="", help="kernel arguments")
    parser.add_argument("--qemu", default="qemu-system-riscv64")


def check(machine: Machine) -> str | None:
    """What is missing for this machine to start, as a sentence; None if nothing is."""
    if shutil.which(machine.qemu) is None:
        return f"{machine.qemu} is not installed; run: make setup"
    for path in (machine.kernel, machine.image):
        if path is not None and not path.exists():
            return f"{path} does not exist; run: make"
    if not 1 <= machine.cpus <= 8:
        return f"CPUS={machine.cpus}: there can be 1 to 8 harts"
    size = memory_bytes(machine.memory)
    if size is None:
        return f"MEM={machine.memory} is no size; write it like 64M or 1G"
    if size < MEMORY_MIN:
        return f"MEM={machine.memory}: firmware and kernel take {MEMORY_MIN >> 20}M at least"
    return None


def from_options(options: argparse.Namespace, **more: object) -> Machine:
    return Machine(
        kernel=options.kernel,
        image=options.image,
        cpus=options.cpus,
        memory=options.memory,
        append=options.append,
        qemu=options.qemu,
        **more,
    )


def built(folder: Path | str | None = None, **more: object) -> Machine:
    """The machine of a build: of folder, else of $FAWN_BUILD (make sets it), else of build/."""
    base = Path(folder or os.environ.get("FAWN_BUILD", "build"))
    return Machine(kernel=base / "kernel.elf", image=base / "fs.img", **more)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def announce(port_file: Path) -> int:
    """Choose gdb's port and leave it where tools/gdb.py finds it."""
    port = free_port()
    port_file.write_text(f"{port}\n")
    print("Waiting for gdb.  In another terminal:  make gdb  or  make gdb PROG=ls", flush=True)
    return port


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Run Fawn in QEMU on this terminal.")
    add_options(parser)
    parser.add_argument("--keep", action="store_true", help="keep what is written to the disk")
    parser.add_argument("--gdb", type=Path, metavar="FILE",
                        help="wait for gdb on a free port, whose number goes to FILE")
    options = parser.parse_args(argv[1:])
    machine = from_options(options, keep=options.keep)
    problem = check(machine)
    if problem:
        print(f"machine.py: {problem}", file=sys.stderr)
        return 1
    if options.gdb is not None:
        machine = replace(machine, gdb=announce(options.gdb))
    command = machine.arguments()
    os.execvp(command[0], command)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
