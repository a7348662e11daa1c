#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The layering rule of the tree, by #include and by symbol.

    layers.py [--root TREE] [--nm NM] [--objects OBJECT...]

kernel/layers.txt lists the kernel's folders, lowest first.  A file includes,
and an object uses, only what is in its own folder or in one named earlier; what
else holds is in RULES.  Objects are named as the Makefile lays them out: FOLDER
is the last folder of the path, main.o lies above all.  A violation is printed
as FILE:LINE: what; which rule; what to do.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

RULES: dict[str, tuple[str, str]] = {
    "order": (
        "a folder reaches only itself and the folders named before it in kernel/layers.txt",
        "move what both need to the lower folder, let the upper one fill a table of operations, "
        "or, for a trap or a report of trouble, add an upcall to kernel/arch/upcall.h",
    ),
    "folder": (
        "every folder of the kernel has its line in kernel/layers.txt",
        "add the folder to kernel/layers.txt or move the file",
    ),
    "impl": (
        "what a folder keeps to itself is in _impl.h, and no other folder includes it",
        "use the folder's public header, or move the declaration there",
    ),
    "leaf": (
        "only main.c knows dev/ and fs/; they register themselves in tables of the layers below",
        "reach it through the table that it fills, or call it from main.c",
    ),
    "apart": (
        "net does not know block, and vfs does not know block",
        "go through the vnode's or the network interface's operations",
    ),
    "abi": (
        "kernel/abi includes nothing but itself and the compiler's own headers",
        "say it in abi/ with the compiler's types",
    ),
    "user": (
        "user/ and mkfs/ include nothing of the kernel but abi/",
        "move what programs may see to kernel/abi/, or write the library's own",
    ),
    "rooted": (
        'the kernel includes its headers from its root ("mm/page.h") and of others only the '
        "compiler's own",
        "write the path from kernel/",
    ),
    "upcall": (
        "an upcall is defined in the folder that kernel/arch/upcall.h names in brackets",
        "define it there, or correct the brackets",
    ),
    "once": (
        "a function or object that others may use is declared in exactly one header",
        "keep one declaration and include that header",
    ),
    "extern": (
        "a .c file declares nothing with extern",
        "include the header that declares it",
    ),
}

# C17 7.1.2 and 4p6: what the compiler has without a library.
FREESTANDING = frozenset(
    "float.h iso646.h limits.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h "
    "stdnoreturn.h".split()
)
LEAVES = ("dev", "fs")
APART = (("net", "block"), ("vfs", "block"))
MAIN = "main.c"  # stands for the folder of kernel/main.c
BOOT = "kernel_main"  # main.c's one function, called by arch/ when the machine starts
# What the compiler calls by itself (GCC manual, "Standards").
COMPILER = frozenset(("memcpy", "memmove", "memset", "memcmp"))

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)


@dataclass(frozen=True, order=True)
class Violation:
    file: str
    line: int
    what: str
    rule: str

    def __str__(self) -> str:
        rule, cure = RULES[self.rule]
        return f"{self.file}:{self.line}: {self.what}\n    rule: {rule}\n    cure: {cure}"


@dataclass(frozen=True)
class Layers:
    """The order of the folders."""

    names: tuple[str, ...]

    def rank(self, folder: str) -> int:
        return len(self.names) if folder == MAIN else self.names.index(folder)

    def known(self, folder: str) -> bool:
        return folder == MAIN or folder in self.names

    def broken(self, user: str, used: str) -> str | None:
        """The rule that forbids user to reach used, if one does.  Both are known."""
        if user in (used, MAIN):
            return None
        if used in LEAVES:
            return "leaf"
        if (user, used) in APART:
            return "apart"
        return "order" if self.rank(used) > self.rank(user) else None


def read_layers(text: str) -> Layers:
    words = (line.split("#", 1)[0].split() for line in text.splitlines())
    return Layers(tuple(w[0] for w in words if w))


def strip_comments(text: str) -> str:
    """C without comments, strings kept, lines where they were."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)

    def blank(match: re.Match[str]) -> str:
        found = match.group()
        return " " + "\n" * found.count("\n") if found[0] == "/" else found

    return token.sub(blank, text)


def line_at(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def kernel_files(root: Path) -> Iterator[tuple[Path, str]]:
    """Each source of the kernel and of the labs' starters, with its folder."""
    for base in [root / "kernel", *sorted(root.glob("labs/*/starter/kernel"))]:
        for path in sorted(base.rglob("*")):
            if path.suffix in (".c", ".h", ".S"):
                yield path, path.relative_to(base).parts[0]


def check_kernel_includes(root: Path, layers: Layers) -> Iterator[Violation]:
    for path, folder in kernel_files(root):
        name = str(path.relative_to(root))
        if not layers.known(folder):
            yield Violation(name, 1, f"{folder} is not a known folder", "folder")
            continue
        text = strip_comments(path.read_text(encoding="utf-8"))
        for match in INCLUDE.finditer(text):
            rule = include_rule(layers, folder, match[1], match[2])
            if rule:
                line = line_at(text, match.start(1))
                yield Violation(name, line, f"{folder} includes {match[2]}", rule)


def include_rule(layers: Layers, folder: str, quote: str, path: str) -> str | None:
    """The rule that an include in the kernel breaks, if it does."""
    used, _, rest = path.partition("/")
    if quote == "<" or not rest or not layers.known(used):
        if quote == "<" and path in FREESTANDING:
            return None
        return "abi" if folder == "abi" else "rooted"
    if folder == "abi" and used != "abi":
        return "abi"
    if path.endswith("_impl.h") and used != folder:
        return "impl"
    return layers.broken(folder, used)


def check_user_includes(root: Path, layers: Layers) -> Iterator[Violation]:
    """Programs and mkfs: a path that leads into kernel/, or to a header of it that is not
    also one of their own."""
    for path in sorted([*root.glob("user/**/*.[chS]"), *root.glob("mkfs/**/*.[chS]")]):
        text = strip_comments(path.read_text(encoding="utf-8"))
        for match in INCLUDE.finditer(text):
            target, line = match[2], line_at(text, match.start(1))
            top = target.partition("/")[0]
            own = [path.parent / target, root / "user/lib/include" / target]
            into = top in layers.names and top != "abi" and not any(o.is_file() for o in own)
            reached = (path.parent / target).resolve()
            inside = reached.is_file() and reached.is_relative_to((root / "kernel").resolve())
            if (into and (root / "kernel" / target).is_file()) or inside or "kernel/" in target:
                name = str(path.relative_to(root))
                yield Violation(name, line, f"{name.partition('/')[0]} includes {target}", "user")


def top_level(text: str) -> Iterator[tuple[int, str]]:
    """The declarations of a header at file scope: offset and text up to ';' or '{'."""
    text = re.sub(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", lambda m: "\n" * m[0].count("\n"), text,
                  flags=re.MULTILINE)
    depth, start = 0, 0
    for offset, char in enumerate(text):
        if char == "{":
            if depth == 0 and ")" in text[start:offset]:
                yield start, text[start:offset] + "{"
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0 and not re.match(r"\s*[\w;]", text[offset + 1 :]):
                start = offset + 1
        elif char == ";" and depth == 0:
            yield start, text[start:offset]
            start = offset + 1


def declared_name(declaration: str) -> str | None:
    """The function or object that a declaration offers to other files, if it does."""
    words = declaration.split()
    if not words or "static" in words or words[0] == "typedef" or declaration.endswith("{"):
        return None
    bare = re.sub(r"__attribute__\s*\(\(.*?\)\)(?=\s|$)", " ", declaration, flags=re.DOTALL)
    function = re.search(r"\b(?!_Static_assert)([a-z_]\w*)\s*\((?!\s*\*)", bare)
    if function and bare.rstrip().endswith(")"):
        return function[1]
    data = re.search(r"(\w+)\s*(?:\[[^]]*\]\s*)*$", bare) if "extern" in words else None
    return data[1] if data else None


def check_declarations(root: Path) -> Iterator[Violation]:
    where: dict[str, tuple[str, int]] = {}
    for path, folder in kernel_files(root):
        name = str(path.relative_to(root))
        text = strip_comments(path.read_text(encoding="utf-8"))
        if path.suffix == ".c":
            for match in re.finditer(r"^[ \t]*(extern)\b", text, re.MULTILINE):
                line = line_at(text, match.start(1))
                yield Violation(name, line, "a declaration with extern", "extern")
        if path.suffix != ".h" or name.startswith("labs/"):
            continue
        for offset, declaration in top_level(text):
            symbol = declared_name(declaration)
            if symbol is None:
                continue
            line = line_at(text, offset + len(declaration) - len(declaration.lstrip()))
            if symbol in where and where[symbol][0] != name:
                first = f"{where[symbol][0]}:{where[symbol][1]}"
                yield Violation(name, line, f"{symbol} is also declared at {first}", "once")
            where.setdefault(symbol, (name, line))


def read_upcalls(text: str) -> dict[str, str]:
    """The upcalls of arch/upcall.h with the folder in brackets that defines each."""
    found: dict[str, str] = {}
    pattern = r"\[(\w+)\]\s*\n(?://[^\n]*\n)*[^;/]*?\b(\w+)\s*\([^;]*;"
    for match in re.finditer(pattern, text):
        found[match[2]] = match[1]
    return found


@dataclass(frozen=True)
class Object:
    path: str
    folder: str
    defines: frozenset[str]
    uses: frozenset[str]


def read_objects(nm: str, paths: Iterable[str]) -> list[Object]:
    command = [nm, "-A", "-g", *paths]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    defines: dict[str, set[str]] = {path: set() for path in paths}
    uses: dict[str, set[str]] = {path: set() for path in paths}
    for line in out.splitlines():
        path, _, rest = line.partition(":")
        *_, kind, symbol = rest.split()
        (uses if kind in "Uw" else defines)[path].add(symbol)
    return [
        Object(path, object_folder(path), frozenset(defines[path]), frozenset(uses[path]))
        for path in paths
    ]


def object_folder(path: str) -> str:
    """obj/kernel/mm/page.o and obj/gen/sys/table.o are of mm and sys."""
    parts = Path(path).parts
    for base in ("kernel", "gen"):
        if "obj" in parts and base in parts[parts.index("obj") :]:
            inner = parts[parts.index(base, parts.index("obj")) + 1 :]
            return inner[0] if len(inner) > 1 else MAIN
    return Path(path).parent.name


def use_site(nm: str, path: str, symbol: str, root: Path) -> tuple[str, int]:
    """Where in its source an object uses a symbol, as far as debugging information says."""
    out = subprocess.run([nm, "-l", "-u", path], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        words = line.split()
        if len(words) == 3 and words[1] == symbol and ":" in words[2]:
            source, _, number = words[2].rpartition(":")
            inside = Path(source).is_relative_to(root.resolve())
            return str(Path(source).relative_to(root.resolve()) if inside else source), int(number)
    return path, 1


def check_symbols(
    root: Path, layers: Layers, nm: str, objects: list[Object]
) -> Iterator[Violation]:
    owner = {symbol: o.folder for o in objects for symbol in o.defines}
    header = root / "kernel/arch/upcall.h"
    upcalls = read_upcalls(header.read_text(encoding="utf-8")) if header.is_file() else {}
    for symbol, folder in upcalls.items():
        if symbol in owner and owner[symbol] != folder:
            what = f"{symbol} is defined in {owner[symbol]}, not in {folder}"
            yield Violation("kernel/arch/upcall.h", 1, what, "upcall")
    for o in objects:
        if not layers.known(o.folder):
            yield Violation(o.path, 1, f"{o.folder} is not a known folder", "folder")
            continue
        allowed = upcalls.keys() | COMPILER | ({BOOT} if o.folder == "arch" else set())
        for symbol in sorted(o.uses - allowed):
            used = owner.get(symbol, o.folder)
            rule = layers.broken(o.folder, used) if layers.known(used) else None
            if rule:
                file, line = use_site(nm, o.path, symbol, root)
                yield Violation(file, line, f"{o.folder} uses {symbol} of {used}", rule)


def check_sources(root: Path) -> list[Violation]:
    """Everything that needs no compiler."""
    layers = read_layers((root / "kernel/layers.txt").read_text(encoding="utf-8"))
    found = [
        *check_kernel_includes(root, layers),
        *check_user_includes(root, layers),
        *check_declarations(root),
    ]
    return sorted(set(found))


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Check the layers of the tree.")
    parser.add_argument("--root", type=Path, default=Path("."))
    parser.add_argument("--nm", default="riscv64-unknown-elf-nm")
    parser.add_argument("--objects", nargs="*", default=[])
    options = parser.parse_args(argv[1:])
    found = check_sources(options.root)
    if options.objects:
        layers = read_layers((options.root / "kernel/layers.txt").read_text(encoding="utf-8"))
        objects = read_objects(options.nm, options.objects)
        found += sorted(check_symbols(options.root, layers, options.nm, objects))
    for violation in found:
        print(violation)
    if found:
        print(f"layers: {len(found)} violation{'s' * (len(found) > 1)}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
