#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Generate everything about system calls from one list.

    syscalls.py kernel/sys/syscalls.list OUTPUT

The list's head says what a line is.  What is written below OUTPUT:

    abi/syscall.h         the numbers, for kernel and programs
    sys/syscall_table.h   prototypes of the handlers, the table's type
    sys/syscall_table.c   the table, by number, and the unpacking of registers
    user/syscalls.h       the C library's raw calls: __sys_NAME()
    user/stubs.S          their code

A fault in the list is reported as FILE:LINE: what is wrong, and nothing is
written.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

MAX_ARGS = 6  # a0 to a5 (RISC-V Linux system call convention)
MAX_NUMBER = 1023

# type in the list: (C type of the handler's argument, C type in the library)
TYPES: dict[str, tuple[str, str]] = {
    "int": ("int", "int"),
    "uint": ("uint32_t", "unsigned int"),
    "long": ("int64_t", "long"),
    "ulong": ("uint64_t", "unsigned long"),
    "size": ("uint64_t", "unsigned long"),
    "fd": ("int", "int"),
    "dirfd": ("int", "int"),
    "off": ("int64_t", "long"),
    "pid": ("int", "int"),
    "sig": ("int", "int"),
    "mode": ("uint32_t", "unsigned int"),
    "flags": ("uint64_t", "unsigned long"),
    "ptr": ("uaddr_t", "void *"),
    "path": ("uaddr_t", "const char *"),
    "str": ("uaddr_t", "const char *"),
    "buf": ("uaddr_t", "const void *"),
}

KEYWORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if "
    "inline int long register restrict return short signed sizeof static struct switch typedef "
    "union unsigned void volatile while".split()
)


class ListError(Exception):
    """The list is wrong; the message starts with file and line."""


@dataclass(frozen=True)
class Argument:
    type: str
    name: str


@dataclass(frozen=True)
class Call:
    number: int
    name: str
    args: tuple[Argument, ...]


def parse_argument(text: str) -> Argument:
    words = text.split()
    if len(words) != 2:
        raise ValueError(f"an argument is a type and a name, not {text.strip()!r}")
    kind, name = words
    if kind not in TYPES:
        raise ValueError(f"unknown type {kind!r}; there are: {' '.join(TYPES)}")
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", name) or name in KEYWORDS:
        raise ValueError(f"{name!r} cannot be an argument's name in C")
    return Argument(kind, name)


def parse_call(line: str) -> Call:
    words = line.split(None, 2)
    if not re.fullmatch(r"[0-9]+", words[0]) or int(words[0]) > MAX_NUMBER:
        raise ValueError(f"bad number {words[0]!r}; it must be 0 to {MAX_NUMBER}, in decimal")
    if len(words) < 2:
        raise ValueError("the call has no name")
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", words[1]):
        raise ValueError(f"bad name {words[1]!r}")
    args = tuple(parse_argument(part) for part in words[2].split(",")) if len(words) > 2 else ()
    if len(args) > MAX_ARGS:
        raise ValueError(f"{words[1]} has {len(args)} arguments; {MAX_ARGS} is the most")
    names = [arg.name for arg in args]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{words[1]} has two arguments named {name!r}")
    for this, after in zip(args, args[1:] + (None,)):
        if this.type == "buf" and (after is None or after.type != "size"):
            raise ValueError(f"buf {this.name} must be followed by its length, of type size")
    return Call(int(words[0]), words[1], args)


def parse(text: str, path: str) -> list[Call]:
    """The calls of a list, in ascending order; ListError names the first fault."""
    calls: list[Call] = []
    lines_of: dict[str, int] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        if not line:
            continue
        try:
            call = parse_call(line)
            for key in (str(call.number), call.name):
                if key in lines_of:
                    raise ValueError(f"{key} is already used in line {lines_of[key]}")
                lines_of[key] = number
            if calls and calls[-1].number > call.number:
                raise ValueError(f"{call.number} comes after {calls[-1].number}; keep the order")
        except ValueError as error:
            raise ListError(f"{path}:{number}: {error}") from None
        calls.append(call)
    if not calls:
        raise ListError(f"{path}:1: the list has no calls")
    return calls


def head(kind: str, source: str, what: str) -> str:
    mark = "//" if kind == "c" else "#"
    return f"{mark} SPDX-License-Identifier: MIT\n{mark} {what}  Generated from {source}.\n"


def declare(ctype: str, name: str) -> str:
    return ctype + name if ctype.endswith("*") else f"{ctype} {name}"


def prototype(call: Call) -> str:
    args = ", ".join(declare(TYPES[arg.type][0], arg.name) for arg in call.args)
    return f"int64_t sys_{call.name}({args or 'void'})"


def abi_header(calls: list[Call], source: str) -> str:
    text = head("c", source, "Numbers of the system calls (Linux riscv64).") + "#pragma once\n\n"
    return text + "".join(f"#define SYS_{call.name} {call.number}\n" for call in calls)


def table_header(calls: list[Call], source: str) -> str:
    kinds = "".join(f"\tSYSCALL_{kind.upper()},\n" for kind in TYPES)
    handlers = "".join(f"{prototype(call)};\n" for call in calls)
    return head("c", source, "The system call table and its handlers.") + f"""#pragma once

#include <stdint.h>

#include "arch/types.h"

// What an argument is: how the handler gets it and how the trace prints it.
enum syscall_arg {{
{kinds}}};

// One call.  A number that is not listed has call == NULL.
struct syscall_entry {{
	const char *name;
	int64_t (*call)(const uint64_t a[{MAX_ARGS}]); // unpacks the registers a0 to a5
	uint8_t nargs;
	const uint8_t *types; // nargs of enum syscall_arg
	const char *const *arg_names;
}};

// Indexed by number, 0 to syscall_count - 1.
extern const struct syscall_entry syscall_table[];
extern const unsigned syscall_count;

// The handlers: a result, or a negative errno.
{handlers}"""


def unpacker(call: Call) -> str:
    registers = ", ".join(f"({TYPES[arg.type][0]})a[{i}]" for i, arg in enumerate(call.args))
    unused = "" if call.args else "\t(void)a;\n"
    return (
        f"static int64_t\ncall_{call.name}(const uint64_t a[{MAX_ARGS}])\n"
        f"{{\n{unused}\treturn sys_{call.name}({registers});\n}}\n\n"
    )


def shapes(calls: list[Call]) -> tuple[dict[tuple[str, ...], str], dict[tuple[str, ...], str]]:
    """Shared arrays: distinct type lists and distinct name lists, each with its C name."""
    types: dict[tuple[str, ...], str] = {}
    names: dict[tuple[str, ...], str] = {}
    for call in calls:
        if call.args:
            types.setdefault(tuple(arg.type for arg in call.args), f"types_{call.name}")
            names.setdefault(tuple(arg.name for arg in call.args), f"names_{call.name}")
    return types, names


def table_source(calls: list[Call], source: str) -> str:
    types, names = shapes(calls)
    out = [head("c", source, "The system call table.")]
    out.append('#include "sys/syscall_table.h"\n\n#include <stddef.h>\n\n')
    out += [unpacker(call) for call in calls]
    for kinds, cname in types.items():
        values = ", ".join(f"SYSCALL_{kind.upper()}" for kind in kinds)
        out.append(f"static const uint8_t {cname}[] = {{ {values} }};\n")
    for words, cname in names.items():
        values = ", ".join(f'"{word}"' for word in words)
        out.append(f"static const char *const {cname}[] = {{ {values} }};\n")
    out.append("\nconst struct syscall_entry syscall_table[] = {\n")
    for call in calls:
        kinds = types.get(tuple(arg.type for arg in call.args), "NULL")
        words = names.get(tuple(arg.name for arg in call.args), "NULL")
        out.append(f'\t[{call.number}] = {{ "{call.name}", call_{call.name}, ')
        out.append(f"{len(call.args)}, {kinds}, {words} }},\n")
    out.append("};\n\nconst unsigned syscall_count = sizeof(syscall_table) / ")
    out.append("sizeof(syscall_table[0]);\n")
    return "".join(out)


def user_header(calls: list[Call], source: str) -> str:
    out = [head("c", source, "Raw system calls: a result or a negative errno."), "#pragma once\n\n"]
    for call in calls:
        args = ", ".join(declare(TYPES[arg.type][1], arg.name) for arg in call.args)
        out.append(f"long __sys_{call.name}({args or 'void'});\n")
    return "".join(out)


def user_stubs(calls: list[Call], source: str) -> str:
    out = [head("s", source, "Raw system calls: number in a7, the result as the kernel gives it.")]
    for call in calls:
        name = f"__sys_{call.name}"
        out.append(
            f'\n\t.section .text.{name}, "ax", @progbits\n\t.globl {name}\n'
            f"\t.type {name}, @function\n{name}:\n"
            f"\tli a7, {call.number}\n\tecall\n\tret\n\t.size {name}, . - {name}\n"
        )
    return "".join(out)


def generate(calls: list[Call], source: str) -> dict[str, str]:
    """All files, by path below the output folder."""
    return {
        "abi/syscall.h": abi_header(calls, source),
        "sys/syscall_table.h": table_header(calls, source),
        "sys/syscall_table.c": table_source(calls, source),
        "user/syscalls.h": user_header(calls, source),
        "user/stubs.S": user_stubs(calls, source),
    }


def main(argv: list[str]) -> int:
    if len(argv) != 3:
        print("usage: syscalls.py LIST OUTPUT-FOLDER", file=sys.stderr)
        return 2
    source, output = argv[1], Path(argv[2])
    try:
        calls = parse(Path(source).read_text(encoding="utf-8"), source)
    except (ListError, OSError) as error:
        print(f"{error}", file=sys.stderr)
        return 1
    for path, text in generate(calls, source).items():
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        (output / path).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
