# SPDX-License-Identifier: MIT
"""The test programs of user/test, on one hart and on three.

A boot runs one program twice.  Each of its tests is a test here, and must have
passed both times; then what the second run has used must have come back, the
console must be silent, and the disk must be clean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from world import Case, World, describe, program_tests, read_ktap, read_kstat, subjects

SLOW = {"limits"}
HARTS = (1, 3)
MARK = "====="
LOOKS = 4  # at the counters; what has just ended may not be gone at the first
LIMITS = {"limits": 400.0}  # seconds; others: LIMIT
LIMIT = 180.0

# What must be after a run as it was before.
COUNTERS = ("threads", "processes", "pids", "files", "vnodes_used", "buffers_used")
# What a thread that has just ended may still hold, and pages that the heap keeps.
SLACK_BLOCKS = 4
SLACK_PAGES = 16

WARNINGS = ("panic", "waited", "error", "assertion")


@dataclass(frozen=True)
class Run:
    """One boot with one program."""

    first: dict[str, Case]
    second: dict[str, Case]
    before: dict[str, int]
    after: dict[str, int]
    console: str
    damage: str  # by e2fsck


def settled(text: str) -> dict[str, int]:
    """The best of several looks at the counters."""
    looks = [read_kstat(part) for part in re.split(r"^(?=syscalls )", text, flags=re.MULTILINE)]
    looks = [look for look in looks if look]
    best = {name: min(look[name] for look in looks) for name in looks[0]}
    best["pages_free"] = max(look["pages_free"] for look in looks)
    return best


def boot(world: World, subject: str, harts: int) -> Run:
    disk = world.disk()
    look = "sleep 0.1; cat /proc/kstat; " * LOOKS
    step = f"/test/{subject}; echo {MARK}; {look} echo {MARK};"
    done = world.run(f"{step} {step}", disk, LIMITS.get(subject, LIMIT), cpus=harts)
    parts = done.stdout.decode(errors="replace").split(f"{MARK}\n")
    if done.status != 0 or len(parts) != 5:
        raise AssertionError(describe(done))
    return Run(
        first={c.name: c for c in read_ktap(parts[0])},
        second={c.name: c for c in read_ktap(parts[2])},
        before=settled(parts[1]),
        after=settled(parts[3]),
        console=done.outcome.console,
        damage=disk.check(),
    )


class Runs:
    """The boots so far; one that failed fails all of its tests in the same way."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.done: dict[tuple[str, int], Run | AssertionError | ValueError] = {}

    def get(self, subject: str, harts: int) -> Run:
        key = (subject, harts)
        if key not in self.done:
            try:
                self.done[key] = boot(self.world, subject, harts)
            except (AssertionError, ValueError) as error:
                self.done[key] = error
        run = self.done[key]
        if isinstance(run, Exception):
            raise run
        return run


@pytest.fixture(scope="session")
def runs(world: World) -> Runs:
    return Runs(world)


def parameters(with_tests: bool) -> list[object]:
    out = []
    for harts in HARTS:
        for subject in subjects():
            # One process of pytest's looks at one boot.
            marks = [pytest.mark.xdist_group(f"{subject}-{harts}")]
            if subject in SLOW:
                marks += [pytest.mark.slow, pytest.mark.timeout(LIMITS[subject] + 60)]
            for test in program_tests(subject) if with_tests else [None]:
                values = (subject, harts, test) if with_tests else (subject, harts)
                name = "-".join([subject, *([test] if test else []), str(harts)])
                out.append(pytest.param(*values, id=name, marks=marks))
    return out


@pytest.mark.parametrize("subject, harts, test", parameters(True))
def test_passes(runs: Runs, subject: str, harts: int, test: str) -> None:
    run = runs.get(subject, harts)
    for which in (run.first, run.second):
        assert which[test].ok, which[test].reason


@pytest.mark.parametrize("subject, harts", parameters(False))
def test_all_comes_back(runs: Runs, subject: str, harts: int) -> None:
    run = runs.get(subject, harts)
    for counter in COUNTERS:
        assert run.after[counter] == run.before[counter], counter

    def blocks(kstat: dict[str, int]) -> int:
        return kstat["heap_blocks"] - kstat["buffers"] - kstat["vnodes"]

    def pages(kstat: dict[str, int]) -> int:
        return kstat["pages_free"] + kstat["buffers"]

    assert blocks(run.after) <= blocks(run.before) + SLACK_BLOCKS
    assert pages(run.after) >= pages(run.before) - SLACK_PAGES


@pytest.mark.parametrize("subject, harts", parameters(False))
def test_disk_is_clean(runs: Runs, subject: str, harts: int) -> None:
    assert runs.get(subject, harts).damage == ""


@pytest.mark.parametrize("subject, harts", parameters(False))
def test_no_trouble_is_reported(runs: Runs, subject: str, harts: int) -> None:
    run = runs.get(subject, harts)
    bad = [line for line in run.console.splitlines() if any(w in line for w in WARNINGS)]
    assert [line for line in bad if "OpenSBI" not in line] == []
    assert run.after["lock_timeouts"] == 0
    assert run.after["disk_errors"] == 0


@pytest.mark.parametrize("subject", subjects())
def test_tables_are_complete(subject: str) -> None:
    """Every name in a program's table is a function, and every test function is in it."""
    names = program_tests(subject)
    assert names and len(names) == len(set(names))
