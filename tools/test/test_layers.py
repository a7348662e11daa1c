# SPDX-License-Identifier: MIT
"""The layer check: a clean tree passes, and each rule finds what is planted against it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import layers

TOP = Path(__file__).resolve().parents[2]

CLEAN = {
    "kernel/layers.txt": "# order\nabi what\narch\nlib\nmm\nblock\nvfs\nfs\nnet\ndev\nproc\nsys\n",
    "kernel/main.c": '#include "fs/fs.h"\n#include "mm/page.h"\nvoid boot(void);\n',
    "kernel/abi/errno.h": "#include <stdint.h>\n#define EIO 5\n",
    "kernel/arch/upcall.h": "// A call. [proc]\nvoid upcall_call(int x);\n",
    "kernel/mm/page.h": '#include <stdint.h>\n#include "abi/errno.h"\nvoid *page_alloc(void);\n',
    "kernel/mm/page.c": '#include "mm/page.h"\n#include "mm/page_impl.h"\n',
    "kernel/mm/page_impl.h": "void page_secret(int (*fn)(void),\n\t\t int x);\n",
    "kernel/fs/fs.h": "extern const char *fs_names[3];\nstatic inline int\nfs_one(void)\n{\n"
    "\treturn 1;\n}\nstruct fs {\n\tint (*open)(int);\n};\n",
    "kernel/fs/ext2.c": '// #include "sys/wrong.h"\n/* extern\n extern */\n#include "fs/fs.h"\n',
    "user/lib/include/stdio.h": "int printf(const char *, ...);\n",
    "user/bin/ls.c": '#include <stdio.h>\n#include "abi/errno.h"\n',
    "mkfs/mkfs.c": '#include <stdio.h>\n#include "abi/errno.h"\n#include "mkfs.h"\n',
    "mkfs/mkfs.h": "int x;\n",
}


def plant(root: Path, files: dict[str, str]) -> Path:
    for name, text in (CLEAN | files).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def found(root: Path, files: dict[str, str]) -> list[tuple[str, int, str]]:
    return [(v.file, v.line, v.rule) for v in layers.check_sources(plant(root, files))]


def test_clean_tree(tmp_path: Path) -> None:
    assert found(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("name", "text", "line", "rule"),
    [
        ("kernel/mm/a.c", '\n#include "proc/proc.h"\n', 2, "order"),
        ("kernel/mm/a.S", '#include "proc/proc.h"\n', 1, "order"),
        ("kernel/lib/a.h", '#  include "mm/page.h"\n', 1, "order"),
        ("labs/1-locks/starter/kernel/mm/a.c", '#include "proc/proc.h"\n', 1, "order"),
        ("kernel/extra/a.c", "int x;\n", 1, "folder"),
        ("kernel/proc/a.c", '#include "mm/page_impl.h"\n', 1, "impl"),
        ("kernel/proc/a.c", '#include "fs/fs.h"\n', 1, "leaf"),
        ("kernel/sys/a.c", '#include "dev/uart.h"\n', 1, "leaf"),
        ("kernel/net/a.c", '#include "block/buf.h"\n', 1, "apart"),
        ("kernel/vfs/a.c", '#include "block/buf.h"\n', 1, "apart"),
        ("kernel/abi/a.h", '#include "mm/page.h"\n', 1, "abi"),
        ("kernel/abi/a.h", "#include <stdio.h>\n", 1, "abi"),
        ("kernel/mm/a.c", '#include "page.h"\n', 1, "rooted"),
        ("kernel/mm/a.c", '#include "../proc/proc.h"\n', 1, "rooted"),
        ("kernel/mm/a.c", "#include <stdio.h>\n", 1, "rooted"),
        ("user/bin/a.c", '#include "mm/page.h"\n', 1, "user"),
        ("user/bin/a.c", '#include "../../kernel/mm/page.h"\n', 1, "user"),
        ("mkfs/a.c", '\n\n#include "../kernel/mm/page.h"\n', 3, "user"),
        ("kernel/sys/a.h", "\nvoid *page_alloc(void);\n", 2, "once"),
        ("kernel/sys/a.h", "void page_secret(int (*fn)(void), int x);\n", 1, "once"),
        ("kernel/sys/a.h", "extern const char *fs_names[];\n", 1, "once"),
        ("kernel/mm/a.c", "int y;\nextern int x;\n", 2, "extern"),
    ],
)
def test_planted(tmp_path: Path, name: str, text: str, line: int, rule: str) -> None:
    assert (name, line, rule) in found(tmp_path, {name: text})


def test_every_rule_says_what_to_do() -> None:
    for rule in layers.RULES:
        text = str(layers.Violation("f.c", 3, "what", rule))
        assert text.startswith("f.c:3: what\n") and "cure:" in text


def compile_objects(root: Path, files: dict[str, str]) -> list[layers.Object]:
    paths = []
    for name, text in files.items():
        plant(root, {name: text})
        path = root / "build/obj" / Path(name).with_suffix(".o")
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", "-g", "-c", "-fno-builtin", "-o", path, root / name], check=True)
        paths.append(str(path))
    return layers.read_objects("nm", paths)


def symbols_of(root: Path, files: dict[str, str]) -> list[tuple[str, int, str]]:
    plant(root, {})
    objects = compile_objects(root, files)
    order = layers.read_layers(CLEAN["kernel/layers.txt"])
    return [(v.file, v.line, v.rule) for v in layers.check_symbols(root, order, "nm", objects)]


USES = "\nvoid %s(int);\nvoid f(void);\nvoid f(void)\n{\n\t%s(1);\n}\n"
DEFINES = "void %s(int x);\nvoid %s(int x) { (void)x; }\n"


def uses(name: str) -> str:
    return USES % (name, name)


def defines(name: str) -> str:
    return DEFINES % (name, name)


@pytest.mark.parametrize(
    ("user", "owner", "rule"),
    [
        ("kernel/mm/a.c", "kernel/proc/b.c", "order"),
        ("kernel/proc/a.c", "kernel/dev/b.c", "leaf"),
        ("kernel/net/a.c", "kernel/block/b.c", "apart"),
        ("kernel/lib/a.c", "kernel/main.c", "order"),
    ],
)
def test_planted_symbol(tmp_path: Path, user: str, owner: str, rule: str) -> None:
    """A use without any #include is found, at its line."""
    files = {user: uses("thing"), owner: defines("thing")}
    assert symbols_of(tmp_path, files) == [(user, 6, rule)]


def test_allowed_symbols(tmp_path: Path) -> None:
    files = {
        "kernel/proc/a.c": uses("down"),
        "kernel/mm/b.c": defines("down"),
        "kernel/main.c": uses("leaf"),
        "kernel/dev/c.c": defines("leaf"),
        "kernel/arch/d.c": uses("upcall_call"),
        "kernel/proc/e.c": defines("upcall_call"),
        "kernel/sys/f.c": uses("of_the_linker_script"),
        "kernel/arch/entry.c": uses("kernel_main"),
        "kernel/arch/g.c": uses("memset").replace(" f(", " h("),
        "kernel/lib/string.c": defines("memset"),
    }
    files["kernel/main.c"] += defines("kernel_main")
    assert symbols_of(tmp_path, files) == []


def test_only_arch_calls_main(tmp_path: Path) -> None:
    files = {"kernel/lib/a.c": uses("kernel_main"), "kernel/main.c": defines("kernel_main")}
    assert symbols_of(tmp_path, files) == [("kernel/lib/a.c", 6, "order")]


def test_upcall_in_another_folder_than_it_says(tmp_path: Path) -> None:
    files = {"kernel/mm/a.c": defines("upcall_call")}
    assert symbols_of(tmp_path, files) == [("kernel/arch/upcall.h", 1, "upcall")]


def test_a_new_upcall_must_be_on_the_list(tmp_path: Path) -> None:
    files = {"kernel/arch/a.c": uses("upcall_other"), "kernel/proc/b.c": defines("upcall_other")}
    assert symbols_of(tmp_path, files) == [("kernel/arch/a.c", 6, "order")]


def test_command_fails_and_counts(tmp_path: Path) -> None:
    plant(tmp_path, {"kernel/mm/a.c": '#include "proc/proc.h"\n'})
    command = [sys.executable, TOP / "tools/layers.py", "--root", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "kernel/mm/a.c:1: mm includes proc/proc.h" in done.stdout
    assert "1 violation" in done.stderr
