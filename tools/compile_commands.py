#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Write compile_commands.json, from which editors learn how a file is compiled.

    compile_commands.py OUTPUT FLAGS-FILE SOURCE... [-- FLAGS-FILE SOURCE...]...

A FLAGS-FILE holds the compiler and its flags in one line, as the Makefile's
stamps do.
"""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path


def entries(words: list[str], folder: str) -> list[dict[str, object]]:
    out: list[dict[str, object]] = []
    flags: list[str] | None = None
    for word in words:
        if word == "--":
            flags = None
        elif flags is None:
            flags = shlex.split(Path(word).read_text(encoding="utf-8"))
        else:
            out.append({"directory": folder, "file": word, "arguments": [*flags, "-c", word]})
    return out


def main(argv: list[str]) -> int:
    if len(argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    text = json.dumps(entries(argv[2:], str(Path.cwd())), indent=1)
    Path(argv[1]).write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
