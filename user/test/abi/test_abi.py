# SPDX-License-Identifier: MIT
"""kernel/abi against Linux's own headers for riscv64, value by value.

Every constant that a header in kernel/abi defines is found by the
preprocessor, so none can be forgotten; structs are listed below.  The cross
compiler turns names into numbers, once with our headers and once with those of
the Debian package libc6-dev-riscv64-cross; nothing needs to be run.

    python3 -m pytest user/test/abi
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ABI = ROOT / "kernel" / "abi"
SYSTEM = Path("/usr/riscv64-linux-gnu/include")
CC = "riscv64-linux-gnu-gcc"

# The headers under test; ext2.h is no ABI of Linux's.
HEADERS = sorted(p.name for p in ABI.glob("*.h") if p.name != "ext2.h")

# Where Linux says it: what the kernel exports comes first and wins, since the
# C library's names sometimes mean something else (its O_LARGEFILE is 0).
SOURCES = (
    "stddef.h linux/fcntl.h linux/stat.h linux/fs.h linux/mount.h linux/limits.h "
    "linux/mman.h linux/uio.h linux/wait.h linux/utsname.h linux/sysinfo.h "
    "linux/reboot.h linux/prctl.h linux/auxvec.h linux/resource.h "
    "linux/sched.h linux/time.h asm/poll.h asm/errno.h asm/ioctls.h "
    "asm/termios.h asm/stat.h asm/signal.h asm/siginfo.h asm/sigcontext.h "
    "asm/ucontext.h asm/unistd.h",
    "fcntl.h stdio.h unistd.h sys/stat.h dirent.h sys/mman.h elf.h sys/wait.h "
    "sched.h sys/mount.h sys/ioctl.h termios.h signal.h poll.h errno.h "
    "sys/resource.h sys/sysinfo.h sys/utsname.h sys/uio.h time.h",
)

# Linux has these numbers, but in no header that it exports; or they are Fawn's.
UNEXPORTED = {
    "PR_FAWN_TRACE",
    "ELFMAG",  # a string; ELFMAG0 to ELFMAG3 are checked
    "UTSNAME_LENGTH",
    "W_CONTINUED",
    "SI_LOAD_SHIFT",
} | {
    f"SYSLOG_ACTION_{name}"
    for name in (
        "CLOSE OPEN READ READ_ALL READ_CLEAR CLEAR CONSOLE_OFF CONSOLE_ON "
        "CONSOLE_LEVEL SIZE_UNREAD SIZE_BUFFER"
    ).split()
}


@dataclass(frozen=True)
class Struct:
    """A struct of ours, Linux's name for it, and fields (ours[=Linux's])."""

    ours: str
    linux: str
    source: int
    fields: str
    sized: bool = True  # else it ends in an array that Linux gives a length

    def probes(self, side: int) -> list[str]:
        name = (self.ours, self.linux)[side]
        out = [f"_Alignof({name})"]
        if self.sized:
            out.append(f"sizeof({name})")
        for field in self.fields.split():
            both = field.split("=")
            out.append(f"__builtin_offsetof({name}, {both[side % len(both)]})")
            if self.sized:
                out.append(f"sizeof((({name} *)0)->{both[side % len(both)]})")
        return out


STRUCTS = (
    Struct("struct stat", "struct stat", 0,
           "st_dev st_ino st_mode st_nlink st_uid st_gid st_rdev st_size "
           "st_blksize st_blocks st_atim.tv_sec=st_atime "
           "st_atim.tv_nsec=st_atime_nsec st_mtim.tv_sec=st_mtime "
           "st_mtim.tv_nsec=st_mtime_nsec st_ctim.tv_sec=st_ctime "
           "st_ctim.tv_nsec=st_ctime_nsec"),
    Struct("struct flock", "struct flock", 0,
           "l_type l_whence l_start l_len l_pid"),
    Struct("struct timespec", "struct timespec", 1, "tv_sec tv_nsec"),
    Struct("struct timeval", "struct timeval", 1, "tv_sec tv_usec"),
    Struct("struct sigaction", "struct sigaction", 0,
           "sa_handler sa_flags sa_mask"),
    Struct("siginfo_t", "siginfo_t", 0,
           "si_signo si_errno si_code si_pid si_uid si_value si_status "
           "si_utime si_stime si_addr si_addr_lsb si_band si_fd si_call_addr "
           "si_syscall si_arch"),
    Struct("stack_t", "stack_t", 0, "ss_sp ss_flags ss_size"),
    Struct("struct ucontext", "struct ucontext", 0,
           "uc_flags uc_link uc_stack uc_sigmask uc_mcontext"),
    Struct("struct sigcontext", "struct sigcontext", 0,
           "sc_regs sc_fpregs sc_regs[0]=sc_regs.pc sc_regs[1]=sc_regs.ra "
           "sc_regs[2]=sc_regs.sp sc_regs[10]=sc_regs.a0 "
           "sc_regs[31]=sc_regs.t6 sc_fpregs.f.fcsr sc_fpregs.d.f "
           "sc_fpregs.d.fcsr sc_fpregs.q.f sc_fpregs.q.fcsr "
           "sc_fpregs.q.reserved"),
    Struct("struct termios", "struct termios", 0,
           "c_iflag c_oflag c_cflag c_lflag c_line c_cc"),
    Struct("struct winsize", "struct winsize", 0,
           "ws_row ws_col ws_xpixel ws_ypixel"),
    Struct("struct iovec", "struct iovec", 0, "iov_base iov_len"),
    Struct("struct pollfd", "struct pollfd", 0, "fd events revents"),
    Struct("struct rlimit64", "struct rlimit64", 0, "rlim_cur rlim_max"),
    Struct("struct rusage", "struct rusage", 0,
           "ru_utime ru_stime ru_maxrss ru_ixrss ru_idrss ru_isrss ru_minflt "
           "ru_majflt ru_nswap ru_inblock ru_oublock ru_msgsnd ru_msgrcv "
           "ru_nsignals ru_nvcsw ru_nivcsw"),
    Struct("struct utsname", "struct new_utsname", 0,
           "sysname nodename release version machine domainname"),
    Struct("struct sysinfo", "struct sysinfo", 0,
           "uptime loads totalram freeram sharedram bufferram totalswap "
           "freeswap procs totalhigh freehigh mem_unit"),
    # The kernel's own name is linux_dirent64; its layout is the library's.
    Struct("struct linux_dirent64", "struct dirent64", 1,
           "d_ino d_off d_reclen d_type d_name", sized=False),
    Struct("Elf64_Ehdr", "Elf64_Ehdr", 1,
           "e_ident e_type e_machine e_version e_entry e_phoff e_shoff e_flags "
           "e_ehsize e_phentsize e_phnum e_shentsize e_shnum e_shstrndx"),
    Struct("Elf64_Phdr", "Elf64_Phdr", 1,
           "p_type p_flags p_offset p_vaddr p_paddr p_filesz p_memsz p_align"),
    Struct("Elf64_Shdr", "Elf64_Shdr", 1,
           "sh_name sh_type sh_flags sh_addr sh_offset sh_size sh_link sh_info "
           "sh_addralign sh_entsize"),
    Struct("Elf64_Sym", "Elf64_Sym", 1,
           "st_name st_info st_other st_shndx st_value st_size"),
    Struct("Elf64_Nhdr", "Elf64_Nhdr", 1, "n_namesz n_descsz n_type"),
    Struct("Elf64_auxv_t", "Elf64_auxv_t", 1, "a_type a_un.a_val"),
)

# Macros with arguments, over every kind of wait status and file mode.
STATUSES = (0, 0x0100, 0xFF00, 2, 9, 0x8B, 0x137F, 0x057F, 0xFFFF)
MODES = (0o100644, 0o040755, 0o120777, 0o020600, 0o060600, 0o010600, 0o140777)
EXPRESSIONS = (
    [f"{macro}({status})" for status in STATUSES for macro in
     "WIFEXITED WEXITSTATUS WIFSIGNALED WTERMSIG WIFSTOPPED WSTOPSIG "
     "WIFCONTINUED WCOREDUMP".split()]
    + [f"S_IS{kind}({mode})" for mode in MODES for kind in
       "LNK REG DIR CHR BLK FIFO SOCK".split()]
    + ["W_EXITCODE(3, 0)", "W_EXITCODE(0, 11)", "W_STOPCODE(20)",
       "ELF64_ST_BIND(0x12)", "ELF64_ST_TYPE(0x12)", "ELF64_ST_INFO(1, 2)"]
)


def compile_c(text: str, *flags: str) -> str:
    done = subprocess.run(
        [CC, "-std=gnu17", "-O2", "-w", *flags, "-x", "c", "-", "-o", "-"],
        input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def evaluate(prologue: str, probes: list[str], *flags: str) -> dict[str, int]:
    """The value of each probe; a bare name that is not defined is left out."""
    lines = [prologue, "void probes(void) {"]
    for index, probe in enumerate(probes):
        guard = re.fullmatch(r"[A-Za-z_]\w*", probe)
        if guard:
            lines.append(f"#ifdef {probe}")
        lines.append(f'__asm__("@@ {index} %0" :: "i"((long)({probe})));')
        if guard:
            lines.append("#endif")
    lines.append("}")
    text = compile_c("\n".join(lines), "-S", *flags)
    return {
        probes[int(index)]: int(value)
        for index, value in re.findall(r"@@ (\d+) (-?\d+)", text)
    }


def includes(names: list[str]) -> str:
    return "".join(f"#include <{name}>\n" for name in names)


def ours(probes: list[str]) -> dict[str, int]:
    return evaluate(includes([f"abi/{name}" for name in HEADERS]), probes,
                    f"-I{ABI.parent}", "-ffreestanding")


def linux(source: int, probes: list[str]) -> dict[str, int]:
    return evaluate("#define _GNU_SOURCE\n"
                    + includes(SOURCES[source].split()), probes)


def constants(header: str) -> list[str]:
    """The names of the constants that a header itself defines."""
    text = (ABI / header).read_text()
    return re.findall(r"^#define\s+(\w+)\s", text, re.MULTILINE)


def as_unsigned(value: int) -> int:
    """Linux writes some 32-bit constants signed, some not; a register's low
    half is the same."""
    return value & 0xFFFFFFFF if -(1 << 31) <= value < (1 << 32) else value


@pytest.fixture(scope="module", autouse=True)
def toolchain() -> None:
    if not shutil.which(CC):
        pytest.skip(f"{CC} is missing: apt-get install gcc-riscv64-linux-gnu")
    if not (SYSTEM / "asm/unistd.h").exists():
        pytest.skip("Linux's headers are missing: "
                    "apt-get install libc6-dev-riscv64-cross")


@pytest.mark.parametrize("header", HEADERS)
def test_header_compiles_alone(header: str) -> None:
    compile_c(f'#include "abi/{header}"\n', "-S", f"-I{ABI.parent}",
              "-ffreestanding", "-nostdlib", "-Wall", "-Wextra", "-Werror")


@pytest.mark.parametrize("header", HEADERS)
def test_header_includes_only_abi(header: str) -> None:
    for name in re.findall(r"^#include\s+(\S+)", (ABI / header).read_text(),
                           re.MULTILINE):
        assert re.fullmatch(r'<std(int|def)\.h>|"abi/\w+\.h"', name)


@pytest.mark.parametrize("header", HEADERS)
def test_constants(header: str) -> None:
    names = [name for name in constants(header) if name not in UNEXPORTED]
    mine = ours(names)
    theirs = linux(0, names)
    theirs |= linux(1, [name for name in names if name not in theirs])
    assert sorted(mine) == sorted(names)
    unknown = [name for name in names if name not in theirs]
    assert not unknown, f"not in Linux's headers: {unknown}"
    wrong = {name: (mine[name], theirs[name]) for name in names
             if as_unsigned(mine[name]) != as_unsigned(theirs[name])}
    assert not wrong, f"name: (ours, Linux's): {wrong}"


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda s: s.ours)
def test_struct(struct: Struct) -> None:
    mine, theirs = struct.probes(0), struct.probes(1)
    got, want = ours(mine), linux(struct.source, theirs)
    wrong = [(m, got[m], want[t]) for m, t in zip(mine, theirs)
             if got[m] != want[t]]
    assert not wrong, f"(what, ours, Linux's): {wrong}"


def test_every_struct_is_listed() -> None:
    text = "".join((ABI / name).read_text() for name in HEADERS)
    named = set(re.findall(r"^(?:typedef )?(struct \w+) \{", text, re.M))
    named |= set(re.findall(r"^\} (Elf64_\w+);", text, re.M))
    listed = {s.ours for s in STRUCTS}
    # The frame has no name in Linux's headers: its two parts are checked.
    aliases = {"struct siginfo": "siginfo_t", "struct sigaltstack": "stack_t",
               "struct rt_sigframe": "struct ucontext"}
    assert {aliases.get(name, name) for name in named} == listed


def test_signal_frame() -> None:
    """arch/riscv/kernel/signal.c: the information, then the context."""
    probes = ["__builtin_offsetof(struct rt_sigframe, uc)",
              "sizeof(struct rt_sigframe)", "sizeof(ucontext_t)"]
    got = ours(probes)
    assert got[probes[0]] == 128
    assert got[probes[1]] == 128 + got[probes[2]]


def test_macros_with_arguments() -> None:
    mine, theirs = ours(EXPRESSIONS), linux(1, EXPRESSIONS)
    wrong = {e: (mine[e], theirs[e]) for e in EXPRESSIONS
             if bool(mine[e]) != bool(theirs[e])
             or (not e.startswith("WCOREDUMP") and mine[e] != theirs[e])}
    assert not wrong, f"expression: (ours, Linux's): {wrong}"


@pytest.mark.parametrize("pair", [(0, 0), (1, 5), (4, 64), (254, 255),
                                  (4095, 1), (8, 256), (259, 1048575)])
def test_device_numbers(pair: tuple[int, int]) -> None:
    dev = os.makedev(*pair)
    probes = [f"makedev({pair[0]}, {pair[1]})", f"major({dev}UL)",
              f"minor({dev}UL)"]
    got = ours(probes)
    assert [got[p] for p in probes] == [dev, *pair]


def test_system_call_numbers() -> None:
    text = (ABI.parent / "sys" / "syscalls.list").read_text()
    listed = {name: int(number) for number, name in
              re.findall(r"^(\d+)\s+(\w+)", text, re.MULTILINE)}
    assert listed
    want = linux(0, [f"__NR_{name}" for name in listed])
    assert {f"__NR_{name}": n for name, n in listed.items()} == want
