# SPDX-License-Identifier: MIT
"""mkfs against the programs that know ext2 best: every image must be clean for
`e2fsck -fn`, and `debugfs` must read back what the folder held.

mkfs is built anew with the address and undefined behaviour sanitizers, which
turn a slip of its own into a failed test.
"""
from __future__ import annotations

import dataclasses
import filecmp
import os
import re
import resource
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = 4096
NDIRECT = 12
PER_BLOCK = 1024
FLAGS = ("-std=gnu17 -g -O1 -D_GNU_SOURCE -Wall -Wextra -Werror -Wshadow -Wconversion "
         "-fsanitize=address,undefined -fno-sanitize-recover=all").split()


@dataclasses.dataclass(frozen=True)
class Mkfs:
    binary: Path

    def run(self, image: Path, size: str, folder: Path, *options: str,
            **how: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run([self.binary, *options, image, size, folder],
                              capture_output=True, text=True, timeout=120, **how)

    def make(self, image: Path, size: str, folder: Path, *options: str) -> None:
        done = self.run(image, size, folder, *options)
        assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
        check(image)

    def refuse(self, image: Path, size: str, folder: Path, *options: str,
               **how: object) -> str:
        """Run; mkfs must give up with one line and leave nothing behind."""
        before = sorted(image.parent.iterdir()) if image.parent.is_dir() else []
        done = self.run(image, size, folder, *options, **how)
        assert done.returncode == 1, done
        assert done.stderr.startswith("mkfs: ") and done.stderr.count("\n") == 1, done.stderr
        assert (sorted(image.parent.iterdir()) if image.parent.is_dir() else []) == before
        return done.stderr.strip()


@pytest.fixture(scope="session")
def mkfs(tmp_path_factory: pytest.TempPathFactory) -> Mkfs:
    binary = tmp_path_factory.mktemp("build") / "mkfs"
    sources = sorted((ROOT / "mkfs").glob("*.c"))
    subprocess.run(["gcc", *FLAGS, f"-I{ROOT / 'kernel'}", "-o", binary, *sources], check=True)
    return Mkfs(binary)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "folder"
    path.mkdir()
    return path


@pytest.fixture
def image(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "fs.img"


def check(image: Path) -> None:
    done = subprocess.run(["e2fsck", "-fn", image], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def debugfs(image: Path, *commands: str) -> list[str]:
    """What debugfs answers to each command, without its echo."""
    done = subprocess.run(["debugfs", "-f", "-", image], input="\n".join(commands) + "\n",
                          capture_output=True, text=True, errors="surrogateescape")
    answers = re.split(r"^debugfs: .*\n", done.stdout, flags=re.M)[1:]
    assert len(answers) == len(commands), done.stdout + done.stderr
    return answers


def header(image: Path) -> dict[str, str]:
    """The superblock's fields as dumpe2fs names them."""
    text = subprocess.run(["dumpe2fs", "-h", image], capture_output=True, text=True,
                          check=True).stdout
    return {k.strip(): v.strip() for k, _, v in (line.partition(":") for line in text.splitlines())}


def differences(image: Path, folder: Path, scratch: Path) -> list[str]:
    """How the image's tree differs from the folder: kinds, modes, sizes,
    contents, links and times."""
    out = scratch / "dump"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    debugfs(image, f"rdump / {out}")
    lost_found = out / "lost+found"
    if not (folder / "lost+found").exists():
        lost_found.rmdir()
    found: list[str] = []
    names = {p.relative_to(folder) for p in folder.rglob("*")}
    names_out = {p.relative_to(out) for p in out.rglob("*")}
    found += [f"{p}: only on one side" for p in sorted(names ^ names_out)]
    both = sorted(names & names_out)
    facts = debugfs(image, *[f'stat "/{name}"' for name in both]) if both else []
    for name, fact in zip(both, facts):
        a, b = (folder / name).lstat(), (out / name).lstat()
        if stat.S_ISLNK(a.st_mode):
            if os.readlink(folder / name) != os.readlink(out / name):
                found.append(f"{name}: link")
            continue
        mode = f"{a.st_mode & 0o7777:o}"
        if not re.search(rf"Mode: +0*{mode} .*\n.*\nUser: +0 +Group: +0 ", fact):
            found.append(f"{name}: mode or owner")
        if stat.S_ISREG(a.st_mode) and not filecmp.cmp(folder / name, out / name, shallow=False):
            found.append(f"{name}: contents")
        if stat.S_ISREG(a.st_mode) and int(a.st_mtime) != int(b.st_mtime):
            found.append(f"{name}: mtime")
    return found


def pattern(length: int, seed: int = 1) -> bytes:
    """Bytes of which no block is all zero and no two blocks are alike."""
    words = (((i * 2654435761 + seed) & 0xffffffff | 1).to_bytes(4, "little")
             for i in range(-(-length // BLOCK)))
    return b"".join(w * (BLOCK // 4) for w in words)[:length]


# ---- Trees that must come back as they went in --------------------------------

def tree_empty(top: Path) -> None:
    pass


def tree_small(top: Path) -> None:
    (top / "bin").mkdir()
    (top / "bin/sh").write_bytes(pattern(10000))
    (top / "bin/sh").chmod(0o4755)
    (top / "empty").touch()
    for size in (1, BLOCK - 1, BLOCK, BLOCK + 1):
        (top / f"of-{size}").write_bytes(pattern(size))
    for mode in (0o000, 0o444, 0o2711, 0o1777):
        (top / f"mode-{mode:o}").write_bytes(b"x")
        (top / f"mode-{mode:o}").chmod(mode)
    (top / "tmp").mkdir()
    (top / "tmp").chmod(0o1777)
    os.utime(top / "empty", ns=(0, 1_600_000_000_123_456_789))


def tree_directories(top: Path) -> None:
    """Directories that end exactly at a block's end, and a few of many blocks."""
    for count, length in ((1000, 9), (15, 255), (16, 255), (160, 240), (340, 4), (341, 4)):
        sub = top / f"{count}x{length}"
        sub.mkdir()
        for i in range(count):
            (sub / f"{i:0{length}}").touch()
    for i in range(300):
        (top / f"dir{i}").mkdir()


def tree_symlinks(top: Path) -> None:
    for length in (1, 58, 59, 60, 61, 255, 4095):
        os.symlink(("n/" * length)[:length], top / f"link-{length}")
    os.symlink("/absolutely/nowhere", top / "dangling")
    os.symlink("..", top / "up")


def tree_boundaries(top: Path) -> None:
    """Files that end around where direct, single and double indirect end."""
    for blocks in (NDIRECT - 1, NDIRECT, NDIRECT + 1, NDIRECT + PER_BLOCK,
                   NDIRECT + PER_BLOCK + 1, NDIRECT + 2 * PER_BLOCK + 1):
        (top / f"{blocks}").write_bytes(pattern(blocks * BLOCK - 7, blocks))


def tree_bytes(top: Path) -> None:
    """Names of odd bytes, in an order that locales would see differently."""
    for name in (b"a", b"B", b"_", b"\xff\xfe", "ä".encode(), b"-n", b"a b", b"a\tb", b"#"):
        Path(os.fsdecode(os.fsencode(top) + b"/" + name)).write_bytes(name)


def tree_holes(top: Path) -> None:
    with open(top / "holes", "wb") as f:
        for block in (0, 3, NDIRECT, NDIRECT + 5, NDIRECT + PER_BLOCK - 1, NDIRECT + 3 * PER_BLOCK):
            f.seek(block * BLOCK)
            f.write(pattern(BLOCK, block))
        f.truncate((NDIRECT + 4 * PER_BLOCK) * BLOCK + 1)
    (top / "zeros").write_bytes(bytes(1 << 20))
    (top / "one").write_bytes(bytes(1 << 20) + b"\1")


TREES = [v for k, v in sorted(globals().items()) if k.startswith("tree_")]


@pytest.mark.parametrize("tree", TREES, ids=lambda t: t.__name__.removeprefix("tree_"))
def test_tree_comes_back(tree: Callable[[Path], None], mkfs: Mkfs, folder: Path, image: Path,
                         tmp_path: Path) -> None:
    tree(folder)
    mkfs.make(image, "64M", folder)
    assert differences(image, folder, tmp_path) == []


def test_differences_would_be_seen(mkfs: Mkfs, folder: Path, image: Path, tmp_path: Path) -> None:
    tree_small(folder)
    mkfs.make(image, "16M", folder)
    block = int(debugfs(image, "bmap /bin/sh 1")[0])
    with open(image, "r+b") as f:
        f.seek(block * BLOCK + 77)
        f.write(b"?")
    (folder / "of-1").chmod(0o600)
    (folder / "more").touch()
    assert differences(image, folder, tmp_path) == [
        "more: only on one side", "bin/sh: contents", "of-1: mode or owner"]


def test_features_are_the_ones_promised(mkfs: Mkfs, folder: Path, image: Path) -> None:
    mkfs.make(image, "64M", folder, "-L", "sixteen-bytes-ab")
    fields = header(image)
    assert fields["Filesystem features"] == "filetype sparse_super large_file"
    assert (fields["Block size"], fields["Inode size"]) == ("4096", "256")
    assert fields["Filesystem state"] == "clean"
    assert fields["Filesystem volume name"] == "sixteen-bytes-ab"
    assert image.stat().st_size == 64 << 20
    assert image.stat().st_blocks * 512 < 1 << 20, "the image's file should be sparse"


def test_time_mode_owner_of_an_inode(mkfs: Mkfs, folder: Path, image: Path) -> None:
    times = {"new": 1_600_000_000_123_456_789, "past-2038": 5_000_000_000_000_000_001,
             "before-1970": -1_500_000_000}
    for name, ns in times.items():
        (folder / name).touch()
        os.utime(folder / name, ns=(0, ns))
    mkfs.make(image, "16M", folder)
    for name, ns in times.items():
        seconds, rest = divmod(ns, 10**9)
        epoch = (seconds + 2**31) >> 32
        [text] = debugfs(image, f"stat /{name}")
        found = re.search(r"mtime: 0x([0-9a-f]+):([0-9a-f]+)", text)
        assert found, text
        assert int(found[1], 16) == seconds & 0xffffffff
        assert int(found[2], 16) == rest << 2 | epoch
        assert re.search(r"User: +0 +Group: +0 ", text)


def test_hard_links_are_one_file(mkfs: Mkfs, folder: Path, image: Path, tmp_path: Path) -> None:
    (folder / "z").mkdir()
    (folder / "one").write_bytes(pattern(100_000))
    os.link(folder / "one", folder / "z/two")
    os.link(folder / "one", folder / "three")
    os.link(folder / "one", tmp_path / "outside")
    os.symlink("one", folder / "link")
    os.link(folder / "link", folder / "z/link", follow_symlinks=False)
    mkfs.make(image, "16M", folder)
    assert differences(image, folder, tmp_path) == []
    answers = debugfs(image, "stat /one", "stat /z/two", "stat /three")
    assert len({re.search(r"Inode: (\d+)", a)[1] for a in answers}) == 1
    assert "Links: 3" in answers[0]
    assert "Links: 2" in debugfs(image, "stat /link")[0]


def test_nodes_of_other_kinds(mkfs: Mkfs, folder: Path, image: Path) -> None:
    os.mkfifo(folder / "pipe")
    try:
        os.mknod(folder / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
        os.mknod(folder / "disk", stat.S_IFBLK | 0o600, os.makedev(254, 70000))
    except PermissionError:
        pytest.skip("may not make device nodes here")
    mkfs.make(image, "16M", folder)
    pipe, null, disk = debugfs(image, "stat /pipe", "stat /null", "stat /disk")
    assert "Type: FIFO" in pipe
    assert "Type: character special" in null and "01:03" in null
    assert "Type: block special" in disk and re.search(r"major.*254:70000", disk)


def test_lost_found_of_the_folder_is_the_one(mkfs: Mkfs, folder: Path, image: Path,
                                             tmp_path: Path) -> None:
    (folder / "lost+found").mkdir()
    (folder / "lost+found/#12").write_bytes(b"found")
    mkfs.make(image, "16M", folder)
    assert differences(image, folder, tmp_path) == []
    assert "Inode: 11 " in debugfs(image, "stat /lost+found")[0]


def test_a_tree_deeper_than_a_path(mkfs: Mkfs, folder: Path, image: Path) -> None:
    depth, name = 300, "d" * 40
    fd = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=fd)
        deeper = os.open(name, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = deeper
    leaf = os.open("leaf", os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=fd)
    os.write(leaf, b"leaf")
    os.close(leaf)
    os.close(fd)
    mkfs.make(image, "16M", folder)
    found = [line for line in debugfs(image, *["cd " + name] * depth, "stat leaf")[-1].splitlines()]
    assert any("Size: 4" in line for line in found), found


def test_a_file_past_4_gib_and_its_holes(mkfs: Mkfs, folder: Path, image: Path) -> None:
    """One block under each kind of pointer, at both ends of what it reaches."""
    starts = [0, NDIRECT, NDIRECT + PER_BLOCK, NDIRECT + PER_BLOCK + PER_BLOCK**2,
              NDIRECT + PER_BLOCK + PER_BLOCK**2 + PER_BLOCK**3]
    blocks = sorted({b for first, end in zip(starts, starts[1:]) for b in (first, end - 1)})
    size = starts[-1] * BLOCK - 5
    with open(folder / "huge", "wb") as f:
        for block in blocks:
            f.seek(block * BLOCK)
            f.write(pattern(BLOCK, block)[: size - block * BLOCK])
    mkfs.make(image, "16M", folder)
    holes = [blocks[0] + 1, NDIRECT + 1, starts[2] + 1, starts[3] - 2, starts[3] + 1, starts[4] - 2]
    answers = debugfs(image, *[f"bmap /huge {b}" for b in blocks + holes], "stat /huge")
    data = image.read_bytes()
    for block, answer in zip(blocks, answers):
        at = int(answer) * BLOCK
        want = pattern(BLOCK, block)[: size - block * BLOCK]
        assert data[at:at + BLOCK] == want.ljust(BLOCK, b"\0"), block
    assert [int(a) for a in answers[len(blocks):-1]] == [0] * len(holes)
    indirect = 1 + 3 + 5
    assert f"Size: {size}" in answers[-1]
    assert f"Blockcount: {(len(blocks) + indirect) * 8}" in answers[-1]


def test_a_file_that_ext2_cannot_map(mkfs: Mkfs, folder: Path, image: Path) -> None:
    most = (NDIRECT + PER_BLOCK + PER_BLOCK**2 + PER_BLOCK**3) * BLOCK
    with open(folder / "huge", "wb") as f:
        f.truncate(most)
    mkfs.make(image, "16M", folder)
    with open(folder / "huge", "wb") as f:
        f.truncate(most + 1)
    assert mkfs.refuse(image, "16M", folder) == "mkfs: huge: is larger than ext2 can hold"


@pytest.mark.parametrize("size", ["64K", "100K", "1M", "127M", "128M", "129M", "130M", "400M",
                                  "1G", "3G", "66M", "20T"])
def test_sizes(size: str, mkfs: Mkfs, folder: Path, image: Path, tmp_path: Path) -> None:
    if size == "20T":
        assert "16T" in mkfs.refuse(image, size, folder)
        return
    (folder / "a").write_bytes(b"a")
    mkfs.make(image, size, folder)
    assert differences(image, folder, tmp_path) == []


def test_data_in_several_groups(mkfs: Mkfs, folder: Path, image: Path, tmp_path: Path) -> None:
    for i in range(3):
        (folder / f"big{i}").write_bytes(pattern(60 << 20, i))
    mkfs.make(image, "300M", folder)
    assert differences(image, folder, tmp_path) == []
    placed = [int(a) for a in debugfs(image, "bmap /big0 0", "bmap /big2 15000")]
    assert placed[0] < 32768 < placed[1]


# ---- What doesn't fit --------------------------------------------------------

def free_blocks(mkfs: Mkfs, image: Path, size: str, folder: Path, *options: str) -> int:
    mkfs.make(image, size, folder, *options)
    return int(header(image)["Free blocks"])


def data_of(blocks: int) -> int:
    """Data blocks of a file that takes so many in all, under double indirect."""
    for data in range(blocks, 0, -1):
        rest = data - NDIRECT - PER_BLOCK
        indirect = (data > NDIRECT) + (rest > 0) + max(0, -(-rest // PER_BLOCK))
        if data + indirect == blocks:
            return data
    raise AssertionError(f"no file has exactly {blocks} blocks")


@pytest.mark.parametrize("size", ["4M", "16M"])
def test_exact_fit_and_one_block_more(size: str, mkfs: Mkfs, folder: Path, image: Path,
                                      tmp_path: Path) -> None:
    (folder / "bin").mkdir()
    (folder / "bin/big").write_bytes(b"x")
    free = free_blocks(mkfs, image, size, folder) + 1
    exact = data_of(free)
    (folder / "bin/big").write_bytes(pattern(exact * BLOCK))
    mkfs.make(image, size, folder)
    assert header(image)["Free blocks"] == "0"
    assert differences(image, folder, tmp_path) == []

    before = image.read_bytes()
    (folder / "bin/big").write_bytes(pattern(exact * BLOCK + 1))
    said = mkfs.refuse(image, size, folder)
    total = header(image)["Block count"]
    wanted = rf"mkfs: bin/big: needs {free + 1} blocks, {free} free of {total}; " \
             rf"make the image larger: (\d+)M holds it all"
    advised = re.fullmatch(wanted, said)
    assert advised, said
    assert image.read_bytes() == before, "the old image should have stayed"
    mkfs.make(image, f"{advised[1]}M", folder)


def test_advice_is_the_least(mkfs: Mkfs, folder: Path, image: Path) -> None:
    for i in range(40):
        (folder / f"file{i}").write_bytes(pattern(3 << 20, i))
    said = mkfs.refuse(image, "10M", folder)
    advised = int(re.search(r"larger: (\d+)M", said)[1])
    mkfs.make(image, f"{advised}M", folder)
    mkfs.refuse(image, f"{advised - 1}M", folder)


def test_the_first_that_does_not_fit_is_named(mkfs: Mkfs, folder: Path, image: Path) -> None:
    (folder / "a").mkdir()
    (folder / "a/small").write_bytes(pattern(BLOCK))
    (folder / "b").write_bytes(pattern(900 * BLOCK))
    (folder / "c").write_bytes(pattern(900 * BLOCK))
    assert mkfs.refuse(image, "4M", folder).startswith("mkfs: c: needs 901 blocks, ")


def test_inodes(mkfs: Mkfs, folder: Path, image: Path) -> None:
    for i in range(500):
        (folder / f"{i:03}").touch()
    mkfs.make(image, "2M", folder)  # one for 16K would be 128
    needed = 500 + 11  # and ten reserved ones, with root, and lost+found, which sorts last
    said = mkfs.refuse(image, "2M", folder, "-N", "480")
    assert said == f"mkfs: 470: no inode left of 480, the folder needs {needed}; " \
                   f"ask for more: -N {needed}"
    mkfs.make(image, "2M", folder, "-N", str(needed))
    assert int(header(image)["Inode count"]) == -(-needed // 16) * 16
    said = mkfs.refuse(image, "64M", folder, "-N", "40000")
    assert "too few for 40000 inodes; make the image larger: 134M" in said
    mkfs.make(image, "134M", folder, "-N", "40000")


@pytest.mark.parametrize("size", ["0", "4K", "8K", "20K"])
def test_no_room_for_a_file_system(size: str, mkfs: Mkfs, folder: Path, image: Path) -> None:
    assert "make the image larger: 1M holds it all" in mkfs.refuse(image, size, folder)
    mkfs.make(image, "1M", folder)


# ---- What can't be put into an image, and wrong arguments -------------------------

def test_socket_is_refused(mkfs: Mkfs, folder: Path, image: Path) -> None:
    (folder / "run").mkdir()
    cwd = os.getcwd()
    os.chdir(folder / "run")  # a socket's path must be short
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.bind("s")
    finally:
        os.chdir(cwd)
    assert mkfs.refuse(image, "4M", folder) == \
        "mkfs: run/s: is a socket, which an image can't hold; remove it"


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to become somebody else")
@pytest.mark.parametrize("kind", ["file", "directory"])
def test_unreadable(kind: str, mkfs: Mkfs, tmp_path: Path) -> None:
    """As a user who may read the folder but not one thing in it."""
    nobody = 65534
    work = Path("/tmp") / f"fawn-mkfs-{os.getpid()}-{kind}"
    shutil.rmtree(work, ignore_errors=True)
    try:
        (work / "folder/sub").mkdir(parents=True)
        (work / "out").mkdir()
        shutil.copy(mkfs.binary, work / "mkfs")
        (work / "folder/sub/file").write_bytes(b"x")
        os.chmod(work / "folder/sub" / ("file" if kind == "file" else ""), 0)
        os.chown(work / "out", nobody, nobody)
        said = Mkfs(work / "mkfs").refuse(work / "out/fs.img", "4M", work / "folder", user=nobody)
    finally:
        shutil.rmtree(work)
    name = "sub/file" if kind == "file" else "sub"
    assert said == f"mkfs: {name}: Permission denied"


def test_image_inside_the_folder(mkfs: Mkfs, folder: Path) -> None:
    (folder / "fs.img").write_bytes(b"the old one")
    assert "fs.img: is the image itself" in mkfs.refuse(folder / "fs.img", "4M", folder)
    assert (folder / "fs.img").read_bytes() == b"the old one"


def test_wrong_arguments(mkfs: Mkfs, folder: Path, image: Path, tmp_path: Path) -> None:
    for size in ("", "M", "12X", "-4M", "4MM", "1.5G", "0x10", "99999999999999999999"):
        assert "mkfs: " + size in mkfs.refuse(image, size, folder), size
    assert "No such file or directory" in mkfs.refuse(image, "4M", tmp_path / "absent")
    assert "No such file or directory" in mkfs.refuse(tmp_path / "absent/fs.img", "4M", folder)
    assert "Not a directory" in mkfs.refuse(image, "4M", mkfs.binary)
    assert "is not a regular file" in mkfs.refuse(image.parent, "4M", folder)
    assert "16 bytes" in mkfs.refuse(image, "4M", folder, "-L", "seventeen-bytes-a")
    uuid = "01234567-89ab-cdef-0123-456789ABCDEF"
    for wrong in (uuid[:-1], uuid + "0", uuid.replace("-", ""), uuid.replace("9", "g"),
                  uuid.replace("7-", "-7"), ""):
        assert "is not a UUID" in mkfs.refuse(image, "4M", folder, "-U", wrong), wrong
    assert "seconds" in mkfs.refuse(image, "4M", folder, "-T", "now")
    mkfs.make(image, "4M", folder, "-U", uuid)
    assert header(image)["Filesystem UUID"] == uuid.lower()


def test_usage(mkfs: Mkfs) -> None:
    shown = subprocess.run([mkfs.binary, "-h"], capture_output=True, text=True)
    assert shown.returncode == 0 and shown.stdout.startswith("usage: mkfs ")
    for arguments in ([], ["a"], ["a", "4M"], ["a", "4M", "b", "c"], ["-x", "a", "4M", "b"]):
        done = subprocess.run([mkfs.binary, *arguments], capture_output=True, text=True)
        assert done.returncode == 2 and "usage: mkfs " in done.stderr and not done.stdout


# ---- Whole or not at all, and the same each time ------------------------------

def limit_file_size() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (32 << 20, 32 << 20))


def test_no_room_on_the_host(mkfs: Mkfs, folder: Path, image: Path) -> None:
    image.write_bytes(b"the old one")
    done = mkfs.run(image, "64M", folder, preexec_fn=limit_file_size)
    assert done.returncode == -signal.SIGXFSZ
    assert [p.name for p in image.parent.iterdir()] == ["fs.img"]
    assert image.read_bytes() == b"the old one"


def test_stopped_by_a_signal(mkfs: Mkfs, folder: Path, image: Path) -> None:
    for i in range(8):
        (folder / f"big{i}").write_bytes(pattern(32 << 20, i))
    with subprocess.Popen([mkfs.binary, image, "400M", folder]) as process:
        while process.poll() is None and not list(image.parent.iterdir()):
            time.sleep(0.001)
        process.send_signal(signal.SIGTERM)
    assert process.returncode == -signal.SIGTERM
    assert list(image.parent.iterdir()) == []


def test_same_folder_same_image(mkfs: Mkfs, folder: Path, image: Path, tmp_path: Path) -> None:
    tree_small(folder)
    tree_bytes(folder)
    mkfs.make(image, "16M", folder)
    first = image.read_bytes()

    # Made again, from elsewhere, elsewhere, in another order and locale.
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in sorted(folder.rglob("*"), reverse=True):
        to = copy / path.relative_to(folder)
        to.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            to.mkdir(exist_ok=True)
        else:
            shutil.copy2(path, to)
    for path in [folder, *folder.rglob("*")]:
        shutil.copystat(path, copy / path.relative_to(folder))
    again = image.with_name("again.img")
    done = mkfs.run(again, "16M", Path("copy"), cwd=tmp_path,
                    env={"LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo"}, umask=0o077)
    assert done.returncode == 0, done.stderr
    assert again.read_bytes() == first

    os.utime(copy / "empty", ns=(0, 1))
    mkfs.make(again, "16M", copy)
    assert again.read_bytes() != first
    mkfs.make(image, "16M", folder, "-T", "1700000000")
    mkfs.make(again, "16M", copy, "-T", "1700000000")
    assert again.read_bytes() == image.read_bytes()
