# SPDX-License-Identifier: MIT
"""Tests in the machine: python3 -m pytest tests/machine (after make)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from world import World, find_world  # noqa: E402


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return find_world(tmp_path_factory.mktemp("disks"))
