# SPDX-License-Identifier: MIT
"""The console: line editing, control characters, jobs, the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console import END, ERASE, GO_ON, INTERRUPT, KILL_LINE, STOP, Console
from world import World

PROMPT = rb"\$ $"


@pytest.fixture
def console(world: World) -> Iterator[Console]:
    with Console(world.machine(world.disk())) as c:
        c.expect(PROMPT)
        yield c


def test_boot_says_what_it_finds(world: World) -> None:
    with Console(world.machine(world.disk(), cpus=2)) as c:
        c.expect(rb"Fawn \S+")
        c.expect(rb"memory: 256 MiB")
        c.expect(rb"2 of 2 harts")
        c.expect(PROMPT)


def test_echo_and_result(console: Console) -> None:
    console.type(b"echo one two\n")
    console.expect(rb"echo one two\r\none two\r\n\$ ")


def test_erase(console: Console) -> None:
    console.type(b"echo abcX" + ERASE + b"d\n")
    console.expect(rb"\r\nabcd\r\n\$ ")
    console.type(b"junk" + ERASE * 20 + b"echo fine\n")  # no further than the start
    console.expect(rb"\r\nfine\r\n")


def test_kill_line(console: Console) -> None:
    console.type(b"echo no such thing" + KILL_LINE + b"echo yes\n")
    console.expect(rb"\r\nyes\r\n")


def test_interrupt_ends_the_command_and_not_the_shell(console: Console) -> None:
    console.type(b"sleep 1000\n")
    console.expect(rb"sleep 1000\r\n")
    console.quiet(0.5)
    console.type(INTERRUPT)
    console.expect(rb"\^C")
    console.expect(PROMPT)
    console.type(b"echo status $?\n")
    console.expect(rb"status 130")


def test_interrupt_ends_all_of_a_pipeline(console: Console) -> None:
    console.type(b"cat | cat | cat\n")
    console.expect(rb"cat\r\n")
    console.quiet(0.5)
    console.type(INTERRUPT)
    console.expect(PROMPT)
    console.type(b"ps | grep -c 'cat$'\n")
    console.expect(rb"\r\n0\r\n")


def test_interrupt_drops_the_line(console: Console) -> None:
    console.type(b"echo dropped" + INTERRUPT)
    console.expect(rb"\^C\r\n\$ ")
    console.type(b"echo kept\n")
    console.expect(rb"\r\nkept\r\n")
    assert b"\r\ndropped" not in console.seen


def test_end_of_file(console: Console) -> None:
    console.type(b"cat\n")
    console.expect(rb"cat\r\n")
    console.type(b"a line\n")
    console.expect(rb"a line\r\na line\r\n")
    console.type(b"part" + END)  # what is there so far, without an end of line
    console.expect(rb"partpart")
    console.type(END)
    console.expect(PROMPT)


def test_shell_comes_back_after_its_end(console: Console) -> None:
    console.type(b"exit\n")
    console.expect(rb"exit\r\n")
    console.expect(PROMPT)
    console.type(b"echo again\n")
    console.expect(rb"\r\nagain\r\n")


def test_stop_and_go_on(console: Console) -> None:
    console.type(STOP)
    console.quiet(0.3)
    console.type(b"echo late\n")
    assert b"late\r\n" not in console.quiet(1.0)
    console.type(GO_ON)
    console.expect(rb"\r\nlate\r\n")


def test_typed_ahead(console: Console) -> None:
    console.type(b"sleep 1\necho first\necho second\n")
    console.expect(rb"\$ first\r\n\$ second\r\n")


def test_line_longer_than_the_terminal_takes(console: Console) -> None:
    console.type(b"echo " + b"x" * 10000 + b"\n")
    console.quiet(1.0)
    console.type(INTERRUPT)
    console.expect(PROMPT)
    console.type(b"echo alive\n")
    console.expect(rb"\r\nalive\r\n")


def test_any_byte(console: Console) -> None:
    for start in range(0x20, 0x100, 32):
        console.type(bytes(b for b in range(start, start + 32) if b != 0x7F))
    console.type(KILL_LINE + b"\n")
    console.expect(PROMPT)
    console.type(b"echo alive\n")
    console.expect(rb"echo alive\r\nalive\r\n")


def test_background(console: Console) -> None:
    console.type(b"sleep 1 &\n")
    console.expect(PROMPT)
    console.type(b"echo at once\n")
    console.expect(rb"\r\nat once\r\n")
    console.expect(PROMPT)
    console.type(INTERRUPT)  # not for who runs in the background
    console.expect(rb"\^C\r\n\$ ")
    console.type(b"wait; echo status $?\n")
    console.expect(rb"status 0")


def test_much_output(console: Console) -> None:
    console.type(b"seq 1 3000; echo done\n")
    console.expect(rb"done\r\n\$ ")
    console.expect(rb"", 1)
    numbers = [line for line in console.seen.split(b"\r\n") if line.isdigit()]
    assert numbers == [str(n).encode() for n in range(1, 3001)]


@pytest.mark.parametrize("command, status", [(b"poweroff", 0), (b"reboot", 0)])
def test_end(world: World, command: bytes, status: int) -> None:
    disk = world.disk()
    with Console(world.machine(disk)) as c:
        c.expect(PROMPT)
        c.type(b"echo kept >/file; " + command + b"\n")
        assert c.wait() == status
    assert disk.check() == ""
    assert disk.read("/file") == b"kept\n"
