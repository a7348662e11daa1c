# SPDX-License-Identifier: MIT
"""The system call generator: what it refuses, and what it writes compiles and unpacks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import syscalls

TOP = Path(__file__).resolve().parents[2]

GOOD = """# head
5  getpid
63 read   fd fd, ptr buffer, size length   # a comment
64 write  fd fd, buf buffer, size length
70 all    int a, off b, uint c, flags d, mode e, path f
"""


def test_parse() -> None:
    calls = syscalls.parse(GOOD, "list")
    assert [(c.number, c.name, len(c.args)) for c in calls] == [
        (5, "getpid", 0),
        (63, "read", 3),
        (64, "write", 3),
        (70, "all", 6),
    ]
    assert calls[1].args[2] == syscalls.Argument("size", "length")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("63 again", "63 is already used in line 3"),
        ("80 read", "read is already used in line 3"),
        ("80 x what y", "unknown type 'what'"),
        ("80 x int", "an argument is a type and a name"),
        ("80 x int a, ", "an argument is a type and a name"),
        ("80 x int a, int a", "two arguments named 'a'"),
        ("80 x int 9a", "cannot be an argument's name"),
        ("80 x int int", "cannot be an argument's name"),
        ("0x50 x", "bad number '0x50'"),
        ("-1 x", "bad number '-1'"),
        ("99999 x", "bad number '99999'"),
        ("x 80", "bad number 'x'"),
        ("80", "has no name"),
        ("80 X-y", "bad name"),
        ("6 early", "6 comes after 70"),
        ("80 x int a, int b, int c, int d, int e, int f, int g", "has 7 arguments"),
        ("80 x buf b", "must be followed by its length"),
        ("80 x buf b, int n", "must be followed by its length"),
    ],
)
def test_refused_with_file_and_line(line: str, message: str) -> None:
    with pytest.raises(syscalls.ListError) as caught:
        syscalls.parse(GOOD + line + "\n", "the/list")
    assert str(caught.value).startswith("the/list:6: ")
    assert message in str(caught.value)


def test_empty_list_is_refused() -> None:
    with pytest.raises(syscalls.ListError):
        syscalls.parse("# nothing\n", "list")


def test_command_writes_nothing_on_error(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("1 x int\n")
    command = [sys.executable, TOP / "tools/syscalls.py", tmp_path / "list", tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"{tmp_path}/list:1: " in done.stderr
    assert not (tmp_path / "out").exists()


PROGRAM = r"""
#include <stdio.h>
#include <string.h>
#include "abi/syscall.h"
#include "sys/syscall_table.h"

int64_t sys_getpid(void) { return 77; }
int64_t sys_read(int fd, uaddr_t buffer, uint64_t length)
{
	printf("read %d %lx %lx\n", fd, buffer, length);
	return -9;
}
int64_t sys_write(int fd, uaddr_t buffer, uint64_t length)
{
	return fd + (int64_t)buffer + (int64_t)length;
}
int64_t sys_all(int a, int64_t b, uint32_t c, uint64_t d, uint32_t e, uaddr_t f)
{
	printf("all %d %ld %x %lx %o %lx\n", a, b, c, d, e, f);
	return 0;
}

int main(void)
{
	uint64_t a[6] = { 0xffffffff00000003, 0xfffffffffffffffe, 0x1ffffffff, 0x8000000000000001,
		0xf000001ff, 0x7777777777 };
	const struct syscall_entry *read = &syscall_table[SYS_read];
	printf("%u %d\n", syscall_count, syscall_table[6].call == NULL);
	printf("%ld\n", syscall_table[SYS_getpid].call(a));
	printf("%ld\n", read->call(a));
	syscall_table[SYS_all].call(a);
	printf("%s %d %s %d %d\n", read->name, read->nargs, read->arg_names[1], read->types[0],
		syscall_table[SYS_write].types[1] == SYSCALL_BUF);
	return strcmp(syscall_table[SYS_write].name, "write");
}
"""


def test_table_unpacks_registers(tmp_path: Path) -> None:
    for path, text in syscalls.generate(syscalls.parse(GOOD, "list"), "list").items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "main.c").write_text(PROGRAM)
    (tmp_path / "arch").mkdir()
    (tmp_path / "arch/types.h").write_text("#include <stdint.h>\ntypedef uint64_t uaddr_t;\n")
    flags = "-std=gnu17 -Wall -Wextra -Werror -Wmissing-prototypes -Wshadow -I".split()
    flags[-1] += str(tmp_path)
    sources = [tmp_path / "main.c", tmp_path / "sys/syscall_table.c"]
    subprocess.run(["cc", *flags, "-o", tmp_path / "prog", *sources], check=True)
    out = subprocess.run([tmp_path / "prog"], capture_output=True, text=True, check=True).stdout
    assert out.splitlines() == [
        "71 1",
        "77",
        "read 3 fffffffffffffffe 1ffffffff",
        "-9",
        "all 3 -2 ffffffff 8000000000000001 777 7777777777",
        "read 3 buffer 5 1",
    ]


def test_stubs_and_prototypes() -> None:
    files = syscalls.generate(syscalls.parse(GOOD, "list"), "list")
    header, stubs = files["user/syscalls.h"], files["user/stubs.S"]
    assert "long __sys_getpid(void);\n" in header
    assert "long __sys_write(int fd, const void *buffer, unsigned long length);\n" in header
    assert "__sys_read:\n\tli a7, 63\n\tecall\n\tret\n" in stubs
    assert "#define SYS_write 64\n" in files["abi/syscall.h"]


def test_the_list_of_the_tree() -> None:
    path = TOP / "kernel/sys/syscalls.list"
    calls = {c.name: c.number for c in syscalls.parse(path.read_text(), str(path))}
    assert (calls["read"], calls["openat"], calls["clone"], calls["mmap"]) == (63, 56, 220, 222)
