# SPDX-License-Identifier: MIT
"""Disks: good ones of others, and bad ones, which are refused by what is wrong.

A root that can't be had is a panic that names the disk and the reason, ends the
machine with a failing status, and writes nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from machine import escape
from world import STATUS_PANIC, Disk, World, describe

MIB = 1 << 20
SUPER = 1024  # where the superblock lies
COMMAND = "echo alive"


def tool(*command: object, stdin: str = "") -> str:
    done = subprocess.run([str(c) for c in command], input=stdin, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def debugfs(path: Path, *requests: str) -> None:
    tool("debugfs", "-w", "-f", "-", path, stdin="\n".join(requests) + "\n")


def mke2fs(path: Path, folder: Path, *options: str, size: str = "24M") -> None:
    path.unlink(missing_ok=True)
    tool("mke2fs", "-q", "-b", "4096", *options, "-d", folder, path, size)


def poke(path: Path, offset: int, form: str, *values: int) -> None:
    with path.open("r+b") as f:
        f.seek(offset)
        f.write(struct.pack(form, *values))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="session")
def root(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the image, in a folder."""
    folder = tmp_path_factory.mktemp("root")
    tool("debugfs", "-R", f"rdump / {folder}", world.image)
    return folder


# ---- Good ones ----------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="default"),
        pytest.param(("-O", "^resize_inode,^dir_index,^ext_attr"), id="plain"),
        pytest.param(("-I", "128"), id="small-inodes"),
        pytest.param(("-I", "256"), id="large-inodes"),
        pytest.param(("-O", "sparse_super2"), id="sparse_super2"),
        pytest.param(("-g", "2048"), id="small-groups"),
        pytest.param(("-j",), id="journal"),
    ],
)
def test_image_of_mke2fs(world: World, root: Path, options: tuple[str, ...]) -> None:
    disk = world.disk()
    mke2fs(disk.path, root, *options)
    done = world.run("/test/names; /test/file", disk, cpus=2)
    assert done.status == 0, describe(done)
    assert b"not ok" not in done.stdout, describe(done)
    assert disk.check() == ""


def test_oldest_revision(world: World, root: Path) -> None:
    """Revision 0 has no features, so no files beyond 2 GiB either."""
    disk = world.disk()
    mke2fs(disk.path, root, "-r", "0")
    script = "/test/names; /test/file every_kind_of_map | grep -c 'errno 27'"
    done = world.run(script, disk, cpus=2)
    assert done.stdout.endswith(b"\n1\n") and b"not ok" not in done.stdout, describe(done)
    assert disk.check() == ""


def test_indexed_folder(world: World, root: Path, tmp_path: Path) -> None:
    """A folder with a hash index stays right when Fawn, which has none, changes it."""
    many = root / "many"
    many.mkdir(exist_ok=True)
    for i in range(600):
        (many / f"a-name-that-takes-some-room-{i}").write_text(str(i))
    disk = world.disk()
    mke2fs(disk.path, root)
    tool("e2fsck", "-fyD", disk.path)
    assert "Root node" in tool("debugfs", "-R", "htree_dump /many", disk.path)
    script = "cd /many; ls | wc -l; echo new >new; rm a-name-that-takes-some-room-5; "
    script += "cat a-name-that-takes-some-room-599"
    done = world.run(script, disk)
    assert done.stdout.split() == [b"600", b"599"], describe(done)
    assert disk.check() == ""
    assert disk.read("/many/new") == b"new\n"


def test_ram_disk(world: World) -> None:
    """The image as initrd: no disk is needed, and none is written."""
    before = digest(world.image)
    machine = world.machine(None, more=("-initrd", str(world.image)))
    done = capture(machine, "echo kept >/f; cat /f; /test/names")
    assert done.status == 0 and done.stdout.startswith(b"kept\n"), describe(done)
    assert b"not ok" not in done.stdout
    assert digest(world.image) == before


def test_read_only(world: World) -> None:
    disk = world.disk()
    before = digest(disk.path)
    done = world.run("echo x >/f; rm /bin/ls; mkdir /d; cat /bin/true >/dev/null; ls /bin | head -1",
                     disk, append="ro")
    assert done.stderr.count(b"ead-only file system") == 3, describe(done)
    assert done.stdout and done.status == 0, describe(done)
    assert digest(disk.path) == before


def test_unclean_is_said_and_used(world: World) -> None:
    disk = world.disk()
    poke(disk.path, SUPER + 58, "<H", 0)  # s_state
    done = world.run(COMMAND, disk)
    assert done.stdout == b"alive\n", describe(done)
    done = world.run("dmesg", world.disk(disk.path))
    assert done.status == 0


def test_what_is_written_is_there_next_time(world: World) -> None:
    disk = world.disk()
    world.run("mkdir -p /a/b; seq 1 5000 >/a/b/numbers; ln -s b /a/link; mv /a/b/numbers /a/n", disk)
    assert disk.check() == ""
    done = world.run("tail -1 /a/n; ls /a/link/ | wc -l; rm -r /a; sync", disk)
    assert done.stdout.split() == [b"5000", b"0"], describe(done)
    assert disk.check() == ""


# ---- Bad ones -----------------------------------------------------------------


def zeros(path: Path, root: Path) -> None:
    path.write_bytes(bytes(8 * MIB))


def noise(path: Path, root: Path) -> None:
    path.write_bytes(os.urandom(8 * MIB))


def tiny(path: Path, root: Path) -> None:
    path.write_bytes(bytes(512))


def ext4(path: Path, root: Path) -> None:
    mke2fs(path, root, "-t", "ext4")


def needs_recovery(path: Path, root: Path) -> None:
    mke2fs(path, root, "-j")
    debugfs(path, "feature needs_recovery")


def small_blocks(path: Path, root: Path) -> None:
    path.unlink()
    tool("mke2fs", "-q", "-b", "1024", path, "24M")


def cut(path: Path, root: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def no_groups(path: Path, root: Path) -> None:
    poke(path, SUPER + 32, "<I", 0)  # s_blocks_per_group


def too_many_inodes(path: Path, root: Path) -> None:
    poke(path, SUPER + 0, "<I", 0xFFFFFFFF)  # s_inodes_count


def odd_inode_size(path: Path, root: Path) -> None:
    poke(path, SUPER + 88, "<H", 100)  # s_inode_size


def huge_blocks(path: Path, root: Path) -> None:
    poke(path, SUPER + 24, "<I", 77)  # s_log_block_size


def wild_descriptor(path: Path, root: Path) -> None:
    poke(path, 4096, "<III", 0xFFFFFFF0, 5, 0)  # bitmaps and inode table of group 0


def unknown_feature(path: Path, root: Path) -> None:
    poke(path, SUPER + 96, "<I", 0x40000002)  # s_feature_incompat


def root_is_a_file(path: Path, root: Path) -> None:
    debugfs(path, "set_inode_field / mode 0100644")


def no_init(path: Path, root: Path) -> None:
    debugfs(path, "rm /bin/init")


def init_is_no_program(path: Path, root: Path) -> None:
    debugfs(path, "set_inode_field /bin/init mode 0100644")


BAD: list[tuple[Callable[[Path, Path], None], str]] = [
    (zeros, "is not an ext2 file system"),
    (noise, "is not an ext2 file system"),
    (tiny, "panic: "),
    (ext4, "needs feature .*extent"),
    (needs_recovery, "needs_recovery"),
    (small_blocks, "blocks of 1024 bytes, Fawn needs 4096"),
    (cut, "is cut short: the file system has 16384 blocks, the device 8192"),
    (no_groups, "makes no sense"),
    (too_many_inodes, "makes no sense"),
    (odd_inode_size, "makes no sense"),
    (huge_blocks, "makes no sense"),
    (wild_descriptor, "descriptor of group 0 makes no sense"),
    (unknown_feature, "needs feature"),
    (root_is_a_file, "panic: .*root"),
    (no_init, "panic: /bin/init can't be started: error -?2"),
    (init_is_no_program, "panic: /bin/init can't be started: error -?13"),
]


@pytest.mark.parametrize("spoil, said", BAD, ids=[spoil.__name__ for spoil, _ in BAD])
def test_refused(world: World, root: Path, spoil: Callable, said: str) -> None:
    disk = world.disk()
    spoil(disk.path, root)
    done = world.run(COMMAND, disk, limit=30)
    assert done.status == STATUS_PANIC and not done.outcome.timed_out, describe(done)
    assert re.search(said, done.outcome.console), describe(done)
    panic = done.outcome.panic
    assert panic and "ault" not in panic.splitlines()[0], describe(done)


def test_no_disk(world: World) -> None:
    done = capture(world.machine(None), COMMAND)
    assert done.status == STATUS_PANIC
    assert done.outcome.panic.startswith("panic: no disk"), describe(done)


def test_no_such_disk(world: World) -> None:
    done = world.run(COMMAND, append="root=vdz")
    assert done.status == STATUS_PANIC
    assert 'no disk "vdz"' in done.outcome.panic, describe(done)


# ---- Disks that fail ------------------------------------------------------------


def capture(machine, command: str, limit: float = 60):
    from world import guest

    return guest.capture(machine, command, limit=limit)


def failing_disk(disk: Disk, rules: list[dict[str, object]], folder: Path) -> tuple[str, ...]:
    """Arguments for a root disk on which accesses to some sectors fail (blkdebug)."""
    config = folder / "blkdebug.conf"
    lines = []
    for rule in rules:
        lines.append("[inject-error]")
        lines += [f'{key} = "{value}"' for key, value in rule.items()]
    config.write_text("\n".join(lines) + "\n")
    drive = f"file=blkdebug:{escape(config)}:{escape(disk.path)},if=none,format=raw,id=root"
    return (
        *("-drive", f"{drive},werror=report,rerror=report"),
        *("-device", "virtio-blk-device,drive=root,serial=root"),
    )


def sectors_of(disk: Disk, path: str) -> list[int]:
    blocks = tool("debugfs", "-R", f"blocks {path}", disk.path).split()
    return [int(block) * 8 for block in blocks]


def fails_at(sectors: list[int], kind: str) -> list[dict[str, object]]:
    event = {"event": "none", "iotype": kind, "errno": "5", "once": "off"}
    return [{**event, "sector": str(sector + i)} for sector in sectors for i in range(8)]


def test_read_error_is_one_programs_trouble(world: World, tmp_path: Path) -> None:
    disk = world.disk()
    world.run("seq 1 5000 >/bad; seq 1 5000 >/good", disk)
    more = failing_disk(disk, fails_at(sectors_of(disk, "/bad")[1:2], "read"), tmp_path)
    done = capture(
        world.machine(None, more=more),
        "cat /bad >/dev/null; echo $?; cat /good | tail -1; head -1 /bad; cat /bad | wc -c; /bin/true",
    )
    lines = done.stdout.split()
    assert done.status == 0, describe(done)
    assert lines[0] == b"1" and lines[1] == b"5000" and lines[2] == b"1", describe(done)
    assert int(lines[3]) == 4096, describe(done)  # what could be read before
    assert b"nput/output error" in done.stderr, describe(done)


def test_program_on_bad_blocks(world: World, tmp_path: Path) -> None:
    disk = world.disk()
    more = failing_disk(disk, fails_at(sectors_of(disk, "/bin/wc")[:1], "read"), tmp_path)
    done = capture(world.machine(None, more=more), "wc /doc/*; echo $?; echo alive")
    assert done.stdout.endswith(b"alive\n") and done.status == 0, describe(done)
    assert done.stdout.split()[0] != b"0", describe(done)


def test_superblock_cannot_be_read(world: World, tmp_path: Path) -> None:
    more = failing_disk(world.disk(), fails_at([0], "read"), tmp_path)
    done = capture(world.machine(None, more=more), COMMAND)
    assert done.status == STATUS_PANIC, describe(done)
    assert "can't be read" in done.outcome.console, describe(done)


def test_write_error_reaches_who_asks(world: World, tmp_path: Path) -> None:
    """fsync says so, others are not touched, and the machine's end has a failing status."""
    disk = world.disk()
    world.run("seq 1 5000 >/bad; seq 1 50000 >/between; seq 1 5000 >/good", disk)
    more = failing_disk(disk, fails_at(sectors_of(disk, "/bad")[:2], "write"), tmp_path)
    done = capture(
        world.machine(None, more=more),
        "seq 2 5001 >/bad; /test/file -s /bad; seq 7 5000 >/good; tail -1 /between",
    )
    assert done.stdout == b"/bad: Input/output error\n50000\n", describe(done)
    assert "write of" in done.outcome.console, describe(done)
    assert done.status == 1, describe(done)
    assert disk.read("/good").splitlines()[0] == b"7"
