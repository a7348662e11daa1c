# SPDX-License-Identifier: MIT
"""What make check counts, and what make setup and make doctor say."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOP = Path(__file__).resolve().parents[2]


def load(name: str) -> ModuleType:
    """A script of tools/ without a suffix, as a module."""
    loader = importlib.machinery.SourceFileLoader(f"tools_{name}", str(TOP / "tools" / name))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[loader.name] = module
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


check = load("check")
doctor = load("doctor")


def run_tests(folder: Path, text: str | None) -> object:
    if text is not None:
        (folder / "test_x.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = slow\n")
    step = check.Step("x", frozenset({"check"}), tests=(str(folder),))
    return check.run_pytest(step, quick=False)


@pytest.mark.parametrize(
    ("text", "tally"),
    [
        ("def test_a():\n    pass\ndef test_b():\n    assert 0\n", (1, 1, 0)),
        ("import pytest\n@pytest.mark.skip\ndef test_a():\n    pass\n", (0, 0, 1)),
        ("import no_such_module\n", (0, 1, 0)),
        ("# no test at all\n", (0, 1, 0)),
        (None, (0, 1, 0)),
    ],
)
def test_counts(tmp_path: Path, text: str | None, tally: tuple[int, int, int]) -> None:
    assert run_tests(tmp_path, text) == check.Tally(*tally)


def test_folder_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    step = check.Step("x", frozenset({"check"}), tests=(str(tmp_path / "none"),))
    assert check.run_pytest(step, quick=False) == check.Tally(0, 1, 0)


def test_quick_leaves_out_the_slow(tmp_path: Path) -> None:
    run_tests(tmp_path, "import pytest\n@pytest.mark.slow\ndef test_a():\n    assert 0\n"
              "def test_b():\n    pass\n")
    step = check.Step("x", frozenset({"quick"}), tests=(str(tmp_path),))
    assert check.run_pytest(step, quick=True) == check.Tally(1, 0, 0)


def test_the_last_line() -> None:
    assert str(check.Tally(3, 0, 0)) == "3 passed, 0 failed"
    assert str(check.Tally(3, 1, 2)) == "3 passed, 1 failed, 2 skipped"


def test_make_step_that_fails(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    step = check.Step("x", frozenset({"check"}), make=("no-such-target",))
    assert check.run_make(step) == check.Tally(0, 1, 0)
    assert "no-such-target" in capfd.readouterr().out


def test_every_kind_has_steps_and_every_folder_of_tests_is_in_one() -> None:
    for kind in ("check", "quick", "host", "machine"):
        assert any(kind in step.kinds for step in check.STEPS)
    listed = {folder for step in check.STEPS for folder in step.tests}
    found = [p.relative_to(TOP) for p in TOP.glob("[!.b]*/**/test_*.py")]
    assert len(found) > 5
    assert [p for p in found if not any(p.is_relative_to(folder) for folder in listed)] == []


def fake_machine(folder: Path, packages: str, user: str) -> dict[str, str]:
    """A PATH on which Debian's tools say what a test wants and log what they are asked."""
    programs = {
        "dpkg-query": f"printf '%b' '{packages}'",
        "apt-get": f'echo "apt-get $*" >>{folder}/log',
        "id": f"echo {user}",
    }
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:/usr/sbin:/sbin"}


def run_setup(folder: Path, packages: str, user: str, *words: str) -> tuple[int, str, str]:
    env = fake_machine(folder, packages, user)
    for name in ("sh", "echo"):
        (folder / name).symlink_to(f"/bin/{name}")
    command = ["/bin/sh", TOP / "tools/setup", *words]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    log = folder / "log"
    return done.returncode, done.stderr, log.read_text() if log.exists() else ""


def wanted() -> list[str]:
    text = (TOP / "tools/setup").read_text().split('packages="')[1].split('"')[0]
    return text.split() + ["gcc-riscv64-unknown-elf"]


def test_setup_installs_only_what_is_missing(tmp_path: Path) -> None:
    there = "".join(f"installed {p}\\n" for p in wanted()[:-1] if p != "opensbi")
    status, _, log = run_setup(tmp_path, there + "not-installed opensbi\\n", "0")
    assert status == 0
    assert log.splitlines() == [
        "apt-get update",
        "apt-get install -y --no-install-recommends gcc-riscv64-unknown-elf opensbi",
    ]


def test_setup_without_root_prints_the_line(tmp_path: Path) -> None:
    status, said, log = run_setup(tmp_path, "", "1000")
    assert status == 1 and log == ""
    line = said.splitlines()[-1]
    assert line.startswith("apt-get update && apt-get install -y --no-install-recommends ")
    assert set(wanted()) <= set(line.split())


def test_setup_does_nothing_when_nothing_is_missing(tmp_path: Path) -> None:
    (tmp_path / "riscv64-linux-gnu-gcc").write_text("#!/bin/sh\n")
    (tmp_path / "riscv64-linux-gnu-gcc").chmod(0o755)
    there = "".join(f"installed {p}\\n" for p in wanted()[:-1])
    assert run_setup(tmp_path, there, "1000") == (0, "", "")


def test_setup_of_all_wants_both_compilers(tmp_path: Path) -> None:
    there = "".join(f"installed {p}\\n" for p in wanted())
    status, said, _ = run_setup(tmp_path, there, "1000", "all")
    assert status == 1
    assert said.splitlines()[-1].split()[-2:] == ["gcc-riscv64-linux-gnu", "libc6-dev-riscv64-cross"]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("gcc 12.2.0", (12, 2, 0)),
        ("QEMU emulator version 7.2.22 ", (7, 2, 22)),
        ("e2fsck 1.47.0 5-Feb", (1, 47, 0)),
        ("nothing", None),
    ],
)
def test_versions(text: str, version: tuple[int, ...] | None) -> None:
    assert doctor.version_in(text) == version


def test_doctor_says_what_is_missing() -> None:
    env = dict(os.environ, PATH="/usr/bin:/bin")
    command = [sys.executable, TOP / "tools/doctor", "--prefix", "riscv64-none-"]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    row = next(line for line in done.stdout.splitlines() if line.startswith("riscv64-none-gcc"))
    assert "missing" in row and "make setup" in done.stdout
