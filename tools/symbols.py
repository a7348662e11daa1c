#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The kernel's own symbol table: functions and lines, small enough to carry along.

    symbols.py KERNEL.ELF TABLE          write the table of a linked kernel
    symbols.py --same FIRST.ELF SECOND.ELF
                                         check that no function moved between links

kernel/lib/symbol.c reads the table and says how it is coded; the numbers shared
with it are in kernel/lib/symbol_impl.h.
"""

from __future__ import annotations

import os
import struct
import sys
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from pathlib import Path

from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

MAGIC = 0x4D595346
PLACES = 8
LINE_END, LINE_FILE, LINE_LINE, LINE_ADDR, LINE_PLACE = range(5)
LINE_STEP = LINE_PLACE + PLACES - 1
STEP_LINES, STEP_BACK, STEP_UNIT = 20, 7, 2
MAX_STEP = (255 - LINE_STEP) // STEP_LINES - 1  # of addresses, with every line allowed
BLOCK_FUNCTIONS = 16
BLOCK_BYTES = 1 << 20  # a block never spans a gap in the address space
MAX_SHARED = 47


@dataclass(frozen=True, order=True)
class Function:
    """A function, or with no name a gap."""

    start: int
    name: str


@dataclass(frozen=True)
class Row:
    """From this address on, this line."""

    address: int
    file: str
    line: int


@dataclass
class Kernel:
    functions: list[Function] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def code_sections(elf: ELFFile) -> list[tuple[int, int]]:
    wanted = SH_FLAGS.SHF_ALLOC | SH_FLAGS.SHF_EXECINSTR
    sections = [s for s in elf.iter_sections() if s["sh_flags"] & wanted == wanted and s["sh_size"]]
    return sorted((s["sh_addr"], s["sh_addr"] + s["sh_size"]) for s in sections)


def find_functions(elf: ELFFile, code: list[tuple[int, int]]) -> list[Function]:
    """Functions by address, and a gap at each end of code.  Of several names of
    one address a function's wins over a label's, a global's over a local's."""
    best: dict[int, tuple[int, str]] = {end: (9, "") for _, end in code}
    for symbol in elf.get_section_by_name(".symtab").iter_symbols():
        kind, where, name = symbol["st_info"]["type"], symbol["st_value"], symbol.name
        if kind not in ("STT_FUNC", "STT_NOTYPE") or not name or name[0] in ".$":
            continue
        if not any(start <= where < end for start, end in code):
            continue
        rank = (kind != "STT_FUNC") * 2 + (symbol["st_info"]["bind"] == "STB_LOCAL")
        # The compiler's clones (name.part.0) are shown under the name in the source.
        best[where] = min(best.get(where, (9, "")), (rank, name.split(".")[0]))
    return [Function(where, name) for where, (_, name) in sorted(best.items())]


def line_rows(elf: ELFFile, code: list[tuple[int, int]], root: str) -> list[Row]:
    """The rows of .debug_line, by address; of several at one address the last."""
    rows: dict[int, Row] = {}
    if not elf.has_dwarf_info():
        return []
    dwarf = elf.get_dwarf_info()
    for unit in dwarf.iter_CUs():
        program = dwarf.line_program_for_CU(unit)
        if program is None:
            continue
        paths = file_paths(program, unit, root)
        sequence: dict[int, Row] = {}
        for entry in program.get_entries():
            state = entry.state
            if state is None:
                continue
            if state.end_sequence:
                low = min(sequence, default=0)
                if any(start <= low < end for start, end in code):
                    rows.update(sequence)
                sequence = {}
            elif state.line and state.file < len(paths):
                sequence[state.address] = Row(state.address, paths[state.file], state.line)
    return [rows[address] for address in sorted(rows)]


def file_paths(program: object, unit: object, root: str) -> list[str]:
    """The names of a line program's files, by number, relative to the tree's root."""
    header = program.header
    base = text_of(unit.get_top_DIE().attributes["DW_AT_comp_dir"].value)
    folders = [text_of(folder) for folder in header["include_directory"]]
    shift = 0
    if header["version"] < 5:
        folders, shift = [base] + folders, 1
    paths = [""] * shift
    for entry in header["file_entry"]:
        folder = os.path.join(base, folders[entry.dir_index])
        path = os.path.normpath(os.path.join(folder, text_of(entry.name)))
        paths.append(os.path.relpath(path, root) if path.startswith(root + os.sep) else path)
    return paths


def text_of(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def read_kernel(path: Path, root: str) -> Kernel:
    with path.open("rb") as file:
        elf = ELFFile(file)
        code = code_sections(elf)
        return Kernel(find_functions(elf, code), line_rows(elf, code, root))


def uleb(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def sleb(value: int) -> bytes:
    out = bytearray()
    while not -0x40 <= value <= 0x3F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value & 0x7F)
    return bytes(out)


@dataclass
class Encoder:
    """Writes blocks; the registers are those that the reader will have."""

    files: dict[str, int]
    out: bytearray = field(default_factory=bytearray)
    blocks: list[tuple[int, int]] = field(default_factory=list)
    name: str = ""
    start: int = 0
    places: list[tuple[int, int]] = field(default_factory=list)
    in_block: int = 0

    def function(self, function: Function, rows: list[Row]) -> None:
        far = self.blocks and function.start - self.blocks[-1][0] > BLOCK_BYTES
        if self.in_block % BLOCK_FUNCTIONS == 0 or far:
            self.blocks.append((function.start, len(self.out)))
            self.name, self.start, self.in_block = "", function.start, 0
            self.places = [(0, 0)] * PLACES
        self.in_block += 1
        shared = min(len(os.path.commonprefix([self.name, function.name])), MAX_SHARED)
        self.out += uleb(function.start - self.start) + bytes([shared])
        self.out += function.name[shared:].encode() + b"\0"
        self.name, self.start = function.name, function.start
        self.lines(rows)

    def lines(self, rows: list[Row]) -> None:
        address, said = self.start, None
        for row in rows:
            place = (self.files[row.file], row.line)
            if place == said:
                continue
            said = place
            self.go_near(*place)
            self.step((row.address - address) // STEP_UNIT, row.line - self.places[0][1])
            self.places[0] = place
            address = row.address
        self.out.append(LINE_END)

    def go_near(self, file: int, line: int) -> None:
        """Make a place current from which a step reaches this one, as cheaply as can be."""
        near = [
            i
            for i, (other, at) in enumerate(self.places)
            if other == file and -STEP_BACK <= line - at < STEP_LINES - STEP_BACK
        ]
        if near:
            self.back_to(near[0])
            return
        bases = [(len(sleb(line - at)) + (i > 0), i)
                 for i, (other, at) in enumerate(self.places) if other == file]
        absolute = uleb(file) + uleb(line)
        if bases and min(bases)[0] < len(absolute):
            self.back_to(min(bases)[1])
            self.out += bytes([LINE_LINE]) + sleb(line - self.places[0][1])
        else:
            self.out += bytes([LINE_FILE]) + absolute
        self.places = [(file, line), *self.places[:-1]]

    def back_to(self, index: int) -> None:
        if index > 0:
            self.out.append(LINE_PLACE + index - 1)
            self.places.insert(0, self.places.pop(index))

    def step(self, distance: int, lines: int) -> None:
        if distance > MAX_STEP:
            self.out += bytes([LINE_ADDR]) + uleb(distance)
            distance = 0
        self.out.append(LINE_STEP + distance * STEP_LINES + lines + STEP_BACK)


def encode(kernel: Kernel) -> bytes:
    files = {name: number for number, name in enumerate(sorted({row.file for row in kernel.rows}))}
    encoder = Encoder(files)
    addresses = [row.address for row in kernel.rows]
    ends = [function.start for function in kernel.functions[1:]] + [1 << 64]
    for function, end in zip(kernel.functions, ends):
        rows = kernel.rows[bisect_left(addresses, function.start) : bisect_left(addresses, end)]
        encoder.function(function, rows if function.name else [])
    names = bytearray()
    file_at = []
    for name in files:
        file_at.append(len(names))
        names += name.encode() + b"\0"
    blocks = encoder.blocks
    out = struct.pack("<6I", MAGIC, len(blocks), len(files), len(encoder.out), len(names), 0)
    out += struct.pack(f"<{len(blocks)}Q", *(address for address, _ in blocks))
    out += struct.pack(f"<{len(blocks)}I", *(at for _, at in blocks))
    out += struct.pack(f"<{len(files)}I", *file_at)
    return out + bytes(encoder.out) + bytes(names)


def compare(first: Path, second: Path) -> str | None:
    """Which function moved between two links, as a sentence."""
    before = read_functions(first)
    after = read_functions(second)
    for old, new in zip(before, after):
        if old != new:
            was = f"{old.name} at {old.start:#x} in {first}"
            return f"{was} but {new.name} at {new.start:#x} in {second}"
    return None if len(before) == len(after) else f"{first} and {second} differ in functions"


def read_functions(path: Path) -> list[Function]:
    with path.open("rb") as file:
        elf = ELFFile(file)
        return find_functions(elf, code_sections(elf))


def main(argv: list[str]) -> int:
    if len(argv) == 4 and argv[1] == "--same":
        moved = compare(Path(argv[2]), Path(argv[3]))
        if moved:
            print(f"symbols.py: the symbol table moved the code: {moved}; in kernel.ld, "
                  "section .ksyms must come after all code", file=sys.stderr)
        return 1 if moved else 0
    if len(argv) != 3:
        print("usage: symbols.py KERNEL TABLE | symbols.py --same FIRST SECOND", file=sys.stderr)
        return 2
    Path(argv[2]).write_bytes(encode(read_kernel(Path(argv[1]), os.getcwd())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
