# SPDX-License-Identifier: MIT
"""Fixtures: our programs, built."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from programs import QEMU, ROOT, Programs  # noqa: E402  (found through the line above)


def build_folder() -> Path:
    return ROOT / os.environ.get("O", "build")


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder that our programs were built in."""
    if not shutil.which(QEMU):
        pytest.skip(f"{QEMU} is missing: apt-get install qemu-user")
    build = build_folder()
    names = {p.stem for p in (ROOT / "user/bin").glob("*.c")}
    names |= {p.parent.name for p in (ROOT / "user/bin").glob("*/*.c")}
    relative = os.environ.get("O", "build")
    targets = [f"{relative}/user/bin/{name}" for name in sorted(names)]
    with open(Path(tempfile.gettempdir(), f"fawn-build-{os.getuid()}.lock"), "w") as lock:
        # Several workers of pytest share the folder.
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(["make", "-s", "-j2", f"O={relative}", *targets], cwd=ROOT,
                              capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return build


@pytest.fixture
def programs(built: Path, tmp_path: Path) -> Programs:
    return Programs(built, tmp_path)
