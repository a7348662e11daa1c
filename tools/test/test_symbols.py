# SPDX-License-Identifier: MIT
"""The symbol table: what the kernel's reader finds is what addr2line finds."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from bisect import bisect_right
from pathlib import Path

import pytest

import symbols
from machine import built

TOP = Path(__file__).resolve().parents[2]

PREFIX = next(p for p in ("riscv64-unknown-elf-", "riscv64-linux-gnu-") if shutil.which(p + "gcc"))
FLAGS = "-O2 -g -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -ffreestanding -fno-pie"


def run(*command: object, stdin: str = "", cwd: Path | None = None) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, input=stdin.encode(), capture_output=True, check=True, cwd=cwd)
    return done.stdout.decode(errors="replace")


def source(number: int) -> str:
    """A file of functions long and short, that inline one of a header."""
    functions = []
    for i in range(40):
        body = "\n" * (i % 7 * 9)
        body += "".join(f"\tx = twist(x, {j});\n\tsink = x;\n" for j in range(i % 11 + 1))
        functions.append(f"int\nfile{number}_fn_{i}(int x)\n{{\n{body}\treturn x;\n}}\n")
    return '#include "twist.h"\n\nvolatile int sink%d;\n#define sink sink%d\n%s' % (
        number,
        number,
        "\n".join(functions),
    )


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small program with what a kernel has: files, headers, assembly, a gap, long names."""
    folder = tmp_path_factory.mktemp("symbols")
    (folder / "twist.h").write_text(
        "static inline int\ntwist(int x, int y)\n{\n\n\tif (x > y)\n\t\treturn x * y;\n"
        "\treturn x - y;\n}\n"
    )
    for number in range(3):
        (folder / f"f{number}.c").write_text(source(number))
    long = "a_name_that_is_far_too_long_for_a_struct_symbol_to_hold"
    (folder / "start.S").write_text(
        f".globl _start\n_start:\n\tnop\n\tret\n.globl {long}\n{long}:\n\tret\n"
        '.section .far, "ax"\n.globl far_away\nfar_away:\n\tnop\n\tnop\n\tret\n'
    )
    run(
        *(PREFIX + "gcc", *FLAGS.split(), "-nostdlib", "-static", "-o", "kernel.elf"),
        *("-Wl,--section-start=.far=0xffffffc080200000", "start.S", "f0.c", "f1.c", "f2.c"),
        cwd=folder,
    )
    return folder / "kernel.elf"


SANITIZE = "-fsanitize=address,undefined -fno-sanitize-recover".split()


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """symbol_find() and its asker, compiled for this host under sanitizers."""
    folder = tmp_path_factory.mktemp("reader")
    sources = [TOP / "tools/test/symbol_host.c", TOP / "kernel/lib/symbol.c"]
    flags = ["-O1", "-std=gnu17", *SANITIZE, f"-I{TOP}/kernel"]
    run("cc", *flags, "-c", *sources, cwd=folder)
    return [folder / "symbol_host.o", folder / "symbol.o"]


def link_reader(objects: list[Path], table: bytes, folder: Path) -> Path:
    """The asker with this table in it."""
    (folder / "table").write_bytes(table)
    (folder / "table.S").write_text(
        ".section .rodata\n.balign 8\n.globl symbol_blob, symbol_blob_end\nsymbol_blob: "
        f'.incbin "{folder}/table"\nsymbol_blob_end:\n.section .note.GNU-stack,""\n'
    )
    run("cc", *SANITIZE, "-o", folder / "reader", *objects, folder / "table.S")
    return folder / "reader"


def table_of(elf: Path, root: Path) -> bytes:
    return symbols.encode(symbols.read_kernel(elf, str(root)))


def ask(reader: Path, addresses: list[int]) -> list[str]:
    return run(reader, stdin="\n".join(f"{a:x}" for a in addresses)).split("\n")[:-1]


def addresses_of(elf: Path, step: int = 2) -> list[int]:
    with elf.open("rb") as file:
        code = symbols.code_sections(symbols.ELFFile(file))
    return [address for start, end in code for address in range(start, end, step)]


def expect_lines(elf: Path, addresses: list[int], root: Path) -> list[str]:
    out = run(PREFIX + "addr2line", "-e", elf, stdin="\n".join(f"{a:x}" for a in addresses))
    lines = []
    for line in out.splitlines():
        path, number = line.split(" (")[0].rsplit(":", 1)
        if path == "??" or number in ("?", "0"):
            lines.append("?:0")
            continue
        plain = Path(os.path.normpath(path))
        inside = plain.is_relative_to(root)
        lines.append(f"{plain.relative_to(root) if inside else plain}:{number}")
    return lines


def expect_functions(elf: Path, addresses: list[int]) -> list[str]:
    at: dict[int, str] = {}
    for line in run(PREFIX + "nm", "-n", elf).splitlines():
        where, kind, name = line.split()
        if kind in "tTwW" and name[0] not in ".$":
            at.setdefault(int(where, 16), name)
    starts = sorted(at)
    out = []
    for address in addresses:
        start = starts[bisect_right(starts, address) - 1]
        out.append(f"{at[start].split('.')[0][:47]} {address - start}")
    return out


def compare(elf: Path, reader: Path, root: Path, addresses: list[int]) -> tuple[int, int]:
    """How many addresses were compared, and of how many addr2line knows no line: those are
    between functions, where the reader's answer does not matter."""
    got = [line.rsplit(" ", 1) for line in ask(reader, addresses)]
    assert len(got) == len(addresses)
    functions = expect_functions(elf, addresses)
    lines = expect_lines(elf, addresses, root)
    wrong = [
        (hex(address), found, (function, line))
        for address, found, function, line in zip(addresses, got, functions, lines)
        if found != [function, line if line != "?:0" else found[1]]
    ]
    assert wrong == []
    return len(addresses), lines.count("?:0")


def test_every_address_like_addr2line(
    kernel: Path, objects: list[Path], tmp_path: Path
) -> None:
    reader = link_reader(objects, table_of(kernel, kernel.parent), tmp_path)
    compared, unknown = compare(kernel, reader, kernel.parent, addresses_of(kernel))
    assert compared > 4000
    assert unknown < compared / 10


def test_small(kernel: Path) -> None:
    assert len(table_of(kernel, kernel.parent)) < 0.4 * 2 * len(addresses_of(kernel))


def test_addresses_outside_of_code(kernel: Path, objects: list[Path], tmp_path: Path) -> None:
    with kernel.open("rb") as file:
        code = symbols.code_sections(symbols.ELFFile(file))
    outside = [0, 1, (1 << 64) - 1, code[0][0] - 1, 0x8000000000000000]
    outside += [end for _, end in code] + [code[0][1] + 0x10000]
    reader = link_reader(objects, table_of(kernel, kernel.parent), tmp_path)
    assert ask(reader, outside) == ["-"] * len(outside)


def test_table_that_is_damaged_is_survived(
    kernel: Path, objects: list[Path], tmp_path: Path
) -> None:
    """Under the address sanitizer, which ends the reader if it reads past the table."""
    whole = table_of(kernel, kernel.parent)
    addresses = addresses_of(kernel, 74)
    dice = random.Random(7)
    for cut in (0, 3, 24, 200, len(whole) // 2, len(whole) - 1):
        answers = ask(link_reader(objects, whole[:cut], tmp_path), addresses)
        assert answers == ["-"] * len(addresses)
    for _ in range(3):
        damaged = bytearray(whole)
        for _ in range(200):
            damaged[dice.randrange(24, len(whole) - 1)] = dice.randrange(256)
        answers = ask(link_reader(objects, bytes(damaged), tmp_path), addresses)
        assert len(answers) >= len(addresses)  # names may hold newlines


def test_moved_code_is_reported(kernel: Path, tmp_path: Path) -> None:
    assert symbols.compare(kernel, kernel) is None
    other = tmp_path / "other.elf"
    flags = ("-Wl,--section-start=.far=0xffffffc080201000", "-nostdlib", "-static", "-o", other)
    sources = ("start.S", "f0.c", "f1.c", "f2.c")
    run(PREFIX + "gcc", *FLAGS.split(), *flags, *sources, cwd=kernel.parent)
    moved = symbols.compare(kernel, other)
    assert moved is not None
    assert re.search(r"far_away at 0xffffffc080200000 .* 0xffffffc080201000", moved)


def test_the_kernel_itself(objects: list[Path], tmp_path: Path) -> None:
    """The same for the kernel that `make check` has built, at one address in five."""
    elf = built().kernel
    if not elf.is_file():
        pytest.skip(f"{elf} is not built; make check builds it first")
    reader = link_reader(objects, table_of(elf, TOP), tmp_path)
    compared, unknown = compare(elf, reader, TOP, addresses_of(elf, 10))
    assert compared > 10000 and unknown < compared / 10
