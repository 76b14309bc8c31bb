"""``--check``: the program and its translation side by side, line by line of what they print."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from itertools import zip_longest
from pathlib import Path

from .record import environment


def printed(command: list[str], folder: str | None = None) -> tuple[list[str], int, str]:
    """The lines that a command prints, its exit status, and the last line of what it says on stderr."""
    done = subprocess.run(command, capture_output=True, cwd=folder, env=environment(), check=False)
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return done.stdout.decode("utf-8", "replace").split("\n"), done.returncode, said[-1] if said else ""


def write(files: dict[str, str], program: Path) -> None:
    """The program, and the files that it requires beside it."""
    for name, text in files.items():
        place = program.parent / name if name else program
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def differences(path: str, files: dict[str, str], arguments: list[str], folder: str | None = None) -> list[str]:
    """What the two print differently; nothing if all is equal. ``files`` is the translation."""
    lua = [sys.executable, "-m", "torch7", "run", str(Path(path).resolve()), *arguments]
    with tempfile.TemporaryDirectory() as place:
        program = Path(place, Path(path).stem + ".py")
        write(files, program)
        first = printed(lua, folder)
        second = printed([sys.executable, str(program), *arguments], folder)
    found = [
        f"line {i}: the program printed {a!r}, the translation {b!r}"
        for i, (a, b) in enumerate(zip_longest(first[0], second[0]), 1)
        if a != b
    ]
    if first[1] != second[1]:
        found.append(
            f"exit status {first[1]} ({first[2]}) of the program, {second[1]} ({second[2]}) of the translation"
        )
    return found
