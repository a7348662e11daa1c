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


def build_reader(elf: Path, folder: Path, cut: int | None = None, root: Path | None = None) -> Path:
    table = symbols.encode(symbols.read_kernel(elf, str(root or elf.parent)))
    (folder / "table").write_bytes(table[:cut])
    (folder / "table.S").write_text(
        '.section .rodata\n.balign 8\n.globl symbol_blob, symbol_blob_end\nsymbol_blob: '
        f'.incbin "{folder}/table"\nsymbol_blob_end:\n.section .note.GNU-stack,""\n'
    )
    reader = folder / "reader"
    run(
        *("cc", "-g", "-std=gnu17", "-fsanitize=address,undefined", "-fno-sanitize-recover"),
        *("-o", reader, f"-I{TOP}/kernel", TOP / "tools/test/symbol_host.c"),
        *(TOP / "kernel/lib/symbol.c", folder / "table.S"),
    )
    return reader


def ask(reader: Path, addresses: list[int]) -> list[str]:
    return run(reader, stdin="\n".join(f"{a:x}" for a in addresses)).split("\n")[:-1]


def addresses_of(elf: Path) -> list[int]:
    with elf.open("rb") as file:
        code = symbols.code_sections(symbols.ELFFile(file))
    return [address for start, end in code for address in range(start, end, 2)]


def expect_lines(elf: Path, addresses: list[int], root: Path) -> list[str]:
    out = run(PREFIX + "addr2line", "-e", elf, stdin="\n".join(f"{a:x}" for a in addresses))
    lines = []
    for line in out.splitlines():
        path, number = line.split(" (")[0].rsplit(":", 1)
        known = path != "??" and number not in ("?", "0")
        lines.append(f"{os.path.relpath(os.path.normpath(path), root)}:{number}" if known else "?:0")
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


def compare_all(elf: Path, reader: Path, root: Path) -> tuple[int, int]:
    """How many addresses were compared, and how many of them have no line."""
    addresses = addresses_of(elf)
    got = [line.rsplit(" ", 1) for line in ask(reader, addresses)]
    assert len(got) == len(addresses)
    functions = expect_functions(elf, addresses)
    lines = expect_lines(elf, addresses, root)
    wrong = [
        (hex(address), found, (function, line))
        for address, found, function, line in zip(addresses, got, functions, lines)
        if found != [function, line]
    ]
    assert wrong == []
    return len(addresses), lines.count("?:0")


def test_every_address_like_addr2line(kernel: Path, tmp_path: Path) -> None:
    compared, unknown = compare_all(kernel, build_reader(kernel, tmp_path), kernel.parent)
    assert compared > 4000
    assert unknown < compared / 10


def test_small(kernel: Path) -> None:
    table = symbols.encode(symbols.read_kernel(kernel, str(kernel.parent)))
    assert len(table) < 0.4 * 2 * len(addresses_of(kernel))


def test_addresses_outside_of_code(kernel: Path, tmp_path: Path) -> None:
    with kernel.open("rb") as file:
        code = symbols.code_sections(symbols.ELFFile(file))
    outside = [0, 1, (1 << 64) - 1, code[0][0] - 1, 0x8000000000000000]
    outside += [end for _, end in code] + [code[0][1] + 0x10000]
    assert ask(build_reader(kernel, tmp_path), outside) == ["-"] * len(outside)


def test_table_that_is_damaged_is_survived(kernel: Path, tmp_path: Path) -> None:
    """Under the address sanitizer, which ends the reader if it reads past the table."""
    build_reader(kernel, tmp_path)
    whole = (tmp_path / "table").read_bytes()
    addresses = addresses_of(kernel)[::37]
    dice = random.Random(7)
    for cut in (0, 3, 24, 200, len(whole) // 2, len(whole) - 1):
        answers = ask(build_reader(kernel, tmp_path, cut=cut), addresses)
        assert answers == ["-"] * len(addresses)
    for _ in range(3):
        damaged = bytearray(whole)
        for _ in range(200):
            damaged[dice.randrange(24, len(whole))] = dice.randrange(256)
        (tmp_path / "table").write_bytes(damaged)
        command = f"cc -g -fsanitize=address,undefined -I{TOP}/kernel -o {tmp_path}/damaged"
        sources = (TOP / "tools/test/symbol_host.c", TOP / "kernel/lib/symbol.c")
        run(*command.split(), *sources, tmp_path / "table.S")
        assert len(ask(tmp_path / "damaged", addresses)) >= len(addresses)  # names may hold newlines


def test_moved_code_is_reported(kernel: Path, tmp_path: Path) -> None:
    assert symbols.compare(kernel, kernel) is None
    other = tmp_path / "other.elf"
    flags = ("-Wl,--section-start=.far=0xffffffc080201000", "-nostdlib", "-static", "-o", other)
    sources = ("start.S", "f0.c", "f1.c", "f2.c")
    run(PREFIX + "gcc", *FLAGS.split(), *flags, *sources, cwd=kernel.parent)
    moved = symbols.compare(kernel, other)
    assert moved is not None and re.search(r"far_away at 0xffffffc080200000 .* 0xffffffc080201000", moved)


def test_the_kernel_itself(tmp_path: Path) -> None:
    """The same for the kernel that `make check` has built."""
    elf = built().kernel
    if not elf.is_file():
        pytest.skip(f"{elf} is not built; make check builds it first")
    compare_all(elf, build_reader(elf, tmp_path, root=TOP), TOP)
