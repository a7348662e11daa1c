# SPDX-License-Identifier: MIT
"""The Makefile, on a small tree: what is built, what is built again, what make exec prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
FAKE = TOP / "tools/test/fake_qemu.py"

TREE = {
    "kernel/layers.txt": "# head\nabi  what\narch what\nlib what\nsys what\n",
    "kernel/kernel.ld": "SECTIONS { . = 0x80200000; .text : { text_start = .; *(.text*) }\n"
    ".rodata : { *(.rodata*) KEEP(*(.ksyms)) } . = ALIGN(4096); .data : { *(.data*) *(.bss*) } }\n"
    "ENTRY(_start)\n",
    "kernel/abi/errno.h": "#pragma once\n#define EIO 5\n",
    "kernel/arch/types.h": "#pragma once\n#include <stdint.h>\ntypedef uint64_t uaddr_t;\n",
    "kernel/arch/entry.S": ".globl _start\n_start:\n\tcall kernel_main\n",
    "kernel/lib/version.h": "#pragma once\nextern const char kernel_version[];\n",
    "kernel/lib/one.h": "#pragma once\nint one(void);\n",
    "kernel/lib/one.c": '#include "lib/one.h"\n#include "abi/errno.h"\n\nint\none(void)\n{\n'
    "\treturn EIO;\n}\n",
    "kernel/lib/two.c": '#include "lib/two.h"\n\nint\ntwo(void)\n{\n\treturn 2;\n}\n',
    "kernel/lib/two.h": "#pragma once\nint two(void);\n",
    "kernel/sys/syscalls.list": "172 getpid\n",
    "kernel/sys/sys.c": '#include "sys/syscall_table.h"\n\nint64_t\nsys_getpid(void)\n{\n'
    "\treturn 1;\n}\n",
    "kernel/main.c": '#include "lib/one.h"\n#include "sys/syscall_table.h"\n'
    "void kernel_main(void);\nvoid\nkernel_main(void)\n{\n"
    "\tfor (;;)\n\t\t(void)(one() + (int)syscall_table[172].call(0));\n}\n",
    "user/lib/crt0.S": ".globl _start\n_start:\n\tcall main\n1:\tj 1b\n",
    "user/lib/include/x.h": "int helper(void);\n",
    "user/lib/a.c": '#include "x.h"\n#include "syscalls.h"\n#include "abi/errno.h"\n'
    "int\nhelper(void)\n{\n\treturn (int)__sys_getpid() + EIO;\n}\n",
    "user/bin/one.c": '#include "x.h"\nint\nmain(void)\n{\n\treturn helper();\n}\n',
    "user/bin/sh/sh.h": "int part(void);\n",
    "user/bin/sh/main.c": '#include "sh.h"\nint\nmain(void)\n{\n\treturn part();\n}\n',
    "user/bin/sh/part.c": '#include "sh.h"\nint\npart(void)\n{\n\treturn 3;\n}\n',
    "user/test/mem.c": "int shared(void);\nint\nmain(void)\n{\n\treturn shared();\n}\n",
    "user/test/lib/s.c": "int shared(void);\nint\nshared(void)\n{\n\treturn 0;\n}\n",
    "user/root/etc/motd": "welcome\n",
    # The image of this tree is a list of what would be on it.
    "mkfs/mkfs.c": '#include <stdio.h>\n#include <stdlib.h>\nint\nmain(int argc, char **argv)\n{\n'
    '\tchar line[999];\n\tsnprintf(line, sizeof(line), "cd %s && find . -type f | sort '
    '>%s/%s", argv[3], getenv("PWD"), argv[1]);\n\treturn argc != 4 || system(line);\n}\n',
}


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small tree, built once."""
    root = tmp_path_factory.mktemp("built")
    write(root, TREE)
    shutil.copy(TOP / "Makefile", root)
    shutil.copytree(TOP / "tools", root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    assert make(root, "all").returncode == 0
    return root


@pytest.fixture
def tree(built: Path, tmp_path: Path) -> Path:
    """A copy of the built tree, as old as the original."""
    copy = tmp_path / "tree"
    subprocess.run(["cp", "-a", built, copy], check=True)
    # The folder's own name is in one link.
    (copy / "build/include/abi").unlink()
    return copy


def make(root: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    ours = "MAKE|MFLAGS|FAWN|O$|DEBUG|STAGE"
    plain = {k: v for k, v in os.environ.items() if not re.match(ours, k)}
    return subprocess.run(
        ["make", "-j2", *words], cwd=root, env=plain, input=stdin, capture_output=True, text=True
    )


def rebuilt(root: Path, *words: str) -> set[str]:
    """The names of what make says it makes."""
    done = make(root, *words)
    assert done.returncode == 0, done.stderr
    return {Path(line.split()[1]).name for line in done.stdout.splitlines() if line[:2] == "  "}


def touch(root: Path, name: str, text: str | None = None) -> None:
    path = root / name
    path.write_text(path.read_text() if text is None else text)


def image_of(root: Path, build: str = "build") -> list[str]:
    return (root / build / "fs.img").read_text().split()


def test_image_and_programs(built: Path) -> None:
    assert image_of(built) == ["./bin/one", "./bin/sh", "./etc/motd", "./test/mem"]
    assert all((built / "build/root" / name).is_dir() for name in ("dev", "proc", "tmp", "mnt"))
    assert (built / "build/compile_commands.json").is_file()


def test_unchanged_tree_rebuilds_nothing(tree: Path) -> None:
    make(tree, "all")
    done = make(tree, "all", "user", "mkfs")
    assert done.returncode == 0 and "  " not in done.stdout


def test_header_rebuilds_who_read_it(tree: Path) -> None:
    make(tree, "all")
    touch(tree, "kernel/lib/two.h")
    names = rebuilt(tree, "kernel")
    assert "two.c" in names and "kernel.elf" in names and "one.c" not in names
    touch(tree, "kernel/abi/errno.h")
    assert {"one.c", "a.c", "libc.a", "fs.img"} <= rebuilt(tree, "all")


def test_changed_flags_rebuild(tree: Path) -> None:
    make(tree, "all")
    assert {"one.c", "two.c", "kernel.elf"} <= rebuilt(tree, "kernel", "DEBUG=1", "O=build")
    assert rebuilt(tree, "kernel", "DEBUG=1", "O=build") == set()
    assert {"one.c", "two.c", "kernel.elf"} <= rebuilt(tree, "kernel")


def test_removed_source_is_left_out(tree: Path) -> None:
    make(tree, "all")
    (tree / "kernel/lib/two.c").unlink()
    assert "kernel.elf" in rebuilt(tree, "kernel")
    (tree / "user/bin/one.c").unlink()
    rebuilt(tree, "all")
    assert "./bin/one" not in image_of(tree)


def test_kernel_has_its_symbols(built: Path) -> None:
    table = (built / "build/gen/lib/ksyms.full.bin").read_bytes()
    assert b"kernel_main\0" in table and b"kernel/lib/one.c\0" in table
    assert table in (built / "build/kernel.elf").read_bytes()


def test_extra_lies_over_the_disk(tree: Path) -> None:
    write(tree, {"more/etc/motd": "mine\n", "more/data/x": "x\n"})
    rebuilt(tree, "image", "EXTRA=more")
    assert "./data/x" in image_of(tree)
    assert (tree / "build/root/etc/motd").read_text() == "mine\n"
    touch(tree, "more/data/x", "y\n")
    assert "fs.img" in rebuilt(tree, "image", "EXTRA=more")
    assert "fs.img" in rebuilt(tree, "image")
    assert "./data/x" not in image_of(tree)


def test_stage_overlays_its_starters_and_those_after(tree: Path) -> None:
    for lab, name in (("1-a", "one"), ("2-b", "two"), ("10-c", "three")):
        write(tree, {f"labs/{lab}/starter/kernel/lib/{name}.c": f"int {name}_of_starter;\n"})
    write(tree, {"kernel/lib/three.c": "int three_of_tree;\n"})
    for stage, starters in (("1-a", {"one", "two", "three"}), ("2-b", {"two", "three"}),
                            ("10-c", {"three"})):
        out = make(tree, "-k", "kernel-objects", f"STAGE={stage}").stdout
        found = {Path(p).stem for p in re.findall(r"labs/\S+", out)}
        assert found == starters, stage
    assert "labs/" not in make(tree, "kernel-objects").stdout
    wrong = make(tree, "kernel", "STAGE=9-none")
    assert wrong.returncode != 0 and "STAGE=9-none: there is no labs/9-none" in wrong.stderr


def test_a_program_reaches_nothing_of_the_kernel_but_abi(tree: Path) -> None:
    write(tree, {"user/bin/one.c": '#include "lib/one.h"\nint\nmain(void)\n{\n\treturn one();\n}\n'})
    done = make(tree, "user")
    assert done.returncode != 0 and "lib/one.h" in done.stderr


def test_headers_check_finds_what_does_not_compile_alone(tree: Path) -> None:
    assert make(tree, "headers-check").returncode == 0
    write(tree, {"kernel/lib/two.h": "#pragma once\nuaddr_t two(void);\n"})
    done = make(tree, "headers-check")
    assert done.returncode != 0 and "kernel/lib/two.h" in done.stderr


def test_layers_check_runs_over_the_objects(tree: Path) -> None:
    assert make(tree, "layers").returncode == 0
    write(tree, {"kernel/lib/two.c": '#include "lib/two.h"\nint kernel_main(void);\nint\ntwo(void)\n'
                 "{\n\treturn kernel_main();\n}\n"})
    done = make(tree, "layers")
    assert done.returncode != 0
    assert "kernel/lib/two.c:6: lib uses kernel_main of main.c" in done.stdout


def test_fault_in_the_list_of_calls(tree: Path) -> None:
    write(tree, {"kernel/sys/syscalls.list": "172 getpid\n172 again\n"})
    done = make(tree, "kernel")
    assert done.returncode != 0
    assert "kernel/sys/syscalls.list:2: 172 is already used in line 1" in done.stderr


@pytest.mark.parametrize(
    "command", ["echo $((1+2)) '$x' \"$HOME\"", "echo it\\'s; exit 3", "cat", "echo '#' '$(x'"]
)
def test_exec_prints_the_output_and_nothing_else(tree: Path, command: str) -> None:
    """Even when the kernel is built on the way."""
    touch(tree, "kernel/lib/two.c")
    done = make(tree, "exec", f"CMD={command}", f"QEMU={FAKE}", stdin="in\n")
    here = subprocess.run(["sh", "-c", command], input="in\n", capture_output=True, text=True)
    assert done.stdout == here.stdout
    assert (done.returncode == 0) == (here.returncode == 0)


def test_exec_without_a_command(tree: Path) -> None:
    done = make(tree, "exec")
    assert done.returncode != 0 and "CMD is missing" in done.stderr


def test_other_compiler(tree: Path) -> None:
    prefixes = [p for p in ("riscv64-unknown-elf-", "riscv64-linux-gnu-") if shutil.which(p + "gcc")]
    for prefix in prefixes:
        done = make(tree, "all", f"TOOLPREFIX={prefix}", f"O=build/{prefix}")
        assert done.returncode == 0, done.stderr


def test_help_names_every_target_and_variable() -> None:
    text = (TOP / "Makefile").read_text()
    offered = make(TOP, "help").stdout
    phony = re.findall(r"^\.PHONY: ((?:.*\\\n)*.*)$", text, re.MULTILINE)
    targets = {t for line in phony for t in line.replace("\\\n", " ").split() if t[0] != "$"}
    assert len(targets) > 15
    without_line = {"all", "kernel", "image", "help"}  # what plain make does, and this
    assert [t for t in sorted(targets - without_line) if t not in offered] == []
    variables = set(re.findall(r"^(\w+) *\?=", text, re.MULTILINE))
    assert [v for v in sorted(variables) if not re.search(rf"\b{v}\b", offered)] == []
