# SPDX-License-Identifier: MIT
#
# gdb for Fawn.  Start the machine with `make qemu-gdb`, then, in another
# terminal, `make gdb` or `make gdb PROG=ls` (which adds a program's symbols).
#
# Plain `gdb-multiarch` in this folder does the same once gdb may read this
# file; to allow it, add to ~/.config/gdb/gdbinit the line that gdb prints when
# it declines.
#
# Each hart is a thread: `info threads`, `thread 2`, `thread apply all bt`.
# All programs are linked to the same addresses: a breakpoint in one is a
# breakpoint in any; `print $priv` says whether a hart is in user mode (0).

set architecture riscv:rv64
set confirm off
set pagination off
set print pretty on
set disassemble-next-line auto
set tcp connect-timeout 5

python
import os

def fawn_connect():
    build = os.environ.get("FAWN_BUILD", "build")
    program = os.environ.get("FAWN_PROGRAM")
    gdb.execute("file " + os.path.join(build, "kernel.elf"))
    if program:
        gdb.execute("add-symbol-file " + program, to_string=True)
        print("Symbols of the kernel and of " + program)
    try:
        with open(os.path.join(build, "gdb.port")) as file:
            port = int(file.read())
    except (OSError, ValueError):
        raise gdb.GdbError("no machine waits for gdb; run in another terminal: make qemu-gdb")
    try:
        gdb.execute("target remote 127.0.0.1:%d" % port)
    except gdb.error as error:
        raise gdb.GdbError("%s; is the machine still there?" % str(error).rstrip("."))

fawn_connect()
end
