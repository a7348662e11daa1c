# SPDX-License-Identifier: MIT
"""Makes each TEST(name) of a file *_test.c a test of pytest's.

    python3 -m pytest tests/host                    all
    python3 -m pytest tests/host/lib/list_test.c    one unit
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from build import BuildError, build, read_unit, names_of_tests  # noqa: E402

LIMIT = 120  # seconds; for one test


class UnitFailed(Exception):
    """What the program of a unit said."""


class UnitTest(pytest.Item):
    """One TEST(name), in a process of its own."""

    def runtest(self) -> None:
        program = build(read_unit(self.path))
        done = subprocess.run(
            [program, self.name], capture_output=True, text=True, errors="replace", timeout=LIMIT
        )
        if done.returncode != 0:
            raise UnitFailed(f"status {done.returncode}\n{done.stdout}{done.stderr}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style=None) -> str:
        if isinstance(excinfo.value, (UnitFailed, BuildError, subprocess.TimeoutExpired)):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.path.stem}: {self.name}"


class UnitFile(pytest.File):
    def collect(self) -> Iterator[UnitTest]:
        for name in names_of_tests(self.path):
            yield UnitTest.from_parent(self, name=name)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    if file_path.name.endswith("_test.c"):
        return UnitFile.from_parent(parent, path=file_path)
    return None
