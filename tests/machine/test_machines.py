# SPDX-License-Identifier: MIT
"""Machines of other shapes, and what the kernel says at its end."""

from __future__ import annotations

import re

import pytest

from console import Console
from world import STATUS_PANIC, World, describe, kernel_lines, read_kstat

WORK = "/test/process fork_makes_a_copy forty_processes; /test/pipe ring_of_processes; cat /proc/kstat"


@pytest.mark.parametrize("harts", [1, 2, 4, 5, 8])
def test_harts(world: World, harts: int) -> None:
    done = world.run(WORK, cpus=harts)
    assert done.status == 0 and b"not ok" not in done.stdout, describe(done)
    assert read_kstat(done.stdout.decode())["harts"] == harts


def test_more_harts_than_the_kernel_takes(world: World) -> None:
    machine = world.machine(world.disk(), more=("-smp", "10"))
    done = capture(machine, WORK)
    assert done.status == 0 and b"not ok" not in done.stdout, describe(done)
    assert read_kstat(done.stdout.decode())["harts"] == 8


def test_timer_of_the_firmware(world: World) -> None:
    """Without Sstc the timer is set by SBI calls."""
    machine = world.machine(world.disk(), more=("-cpu", "rv64,sstc=off"))
    done = capture(machine, "/test/time")
    assert done.status == 0 and b"not ok" not in done.stdout, describe(done)


@pytest.mark.parametrize("memory, harts", [("16M", 1), ("24M", 3), ("64M", 8), ("1G", 2), ("3G", 2)])
def test_memory(world: World, memory: str, harts: int) -> None:
    done = world.run("echo alive; /test/cow; /test/names; free", cpus=harts, memory=memory)
    assert done.status == 0 and b"not ok" not in done.stdout, describe(done)


@pytest.mark.parametrize("memory", ["5M", "6M", "8M", "10M", "12M"])
def test_too_little_memory(world: World, memory: str) -> None:
    """A machine that is too small ends with a panic that says so, or works."""
    done = world.run("echo alive", limit=30, cpus=1, memory=memory)
    said = kernel_lines(done.outcome.console)
    if done.status == 0:
        assert done.stdout == b"alive\n", describe(done)
    else:
        assert done.status == STATUS_PANIC and "memory" in done.outcome.panic, describe(done)
        assert "memory" in said.split("panic: ")[1].splitlines()[0], describe(done)


def test_two_runs_on_virtual_time(world: World) -> None:
    """With icount all harts get their turns: nothing spins without giving way."""
    more = ("-icount", "shift=3,sleep=off", "-initrd", str(world.image))
    machine = world.machine(None, more=more)
    done = capture(machine, "/test/process fork_makes_a_copy exit_codes; /test/pipe pipeline")
    assert done.status == 0 and b"not ok" not in done.stdout, describe(done)


def test_status_of_the_command(world: World) -> None:
    for command, status in (("true", 0), ("false", 1), ("sh -c 'exit 77'", 77)):
        assert world.run(command).status == status


def test_trace_of_system_calls(world: World) -> None:
    done = world.run("cat /none; dmesg", append="strace")
    log = done.stdout.decode(errors="replace")
    assert re.search(r'cat\[\d+\] openat\(AT_FDCWD, "/none".*= -2', log), log[-3000:]


def test_log(world: World) -> None:
    done = world.run("dmesg")
    lines = done.stdout.decode().splitlines()
    assert any("Fawn" in line for line in lines), describe(done)
    assert any("mounted ext2" in line for line in lines), describe(done)


def test_quiet(world: World) -> None:
    with Console(world.machine(world.disk(), append="quiet")) as c:
        c.expect(rb"\$ $")
        assert b"Fawn" not in c.seen and b"mounted" not in c.seen


def test_panic_halts_for_a_debugger(world: World) -> None:
    with Console(world.machine(None, append="panic=halt")) as c:
        c.expect(rb"panic: no disk")
        c.expect(rb"fawn \S+, up \d+\.\d{6} s, hart \d of 3, thread -?\d+ \(start\)")
        c.expect(rb"stack of this hart:\r\n  0x[0-9a-f]{16} \w+\+0x[0-9a-f]+ kernel/main.c:\d+")
        c.expect(rb"stack of hart \d, thread \d+ \(idle\d\):")
        c.expect(rb"stack of hart \d, thread \d+ \(idle\d\):")
        c.expect(rb"threads:")
        c.expect(rb"halted; waiting for a debugger")
        c.quiet(1.0)
        assert c.qemu.poll() is None


def capture(machine, command: str, limit: float = 120):
    from world import guest

    return guest.capture(machine, command, limit=limit)
