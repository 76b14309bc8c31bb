"""How well programs translate: ``python -m luahost.translator.report PROGRAMS...``.

For each program with its output in NAME.expected: whether the translation prints the same, lines of Python a line of
Lua, and the share of lines with a helper call, which finds out types at run time. ``-- args: ...`` in a program are its
options.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from .check import printed
from .record import record
from .translate import translated

HELPER = re.compile(r"\blua\.\w+\(")


class Result(NamedTuple):
    """One program: right or not, its lines and those of the translation, and how many of these have a helper call."""

    name: str
    right: bool
    lua: int
    python: int
    helpers: int
    said: str


def measure(path: Path, recorded: bool = True) -> tuple[Result, str]:
    """Translate a program and run the translation; the result and the text."""
    source = path.read_bytes().decode("latin-1")
    said = re.search(r"^-- args: (.*)$", source, re.M)
    options = said[1].split() if said else []
    with tempfile.TemporaryDirectory() as place:
        facts = record(str(path), _inside(options, place, "recorded"), place)[0] if recorded else {}
        text = translated(source, facts, name=path.name)
        program = Path(place, path.stem + ".py")
        program.write_text(text, encoding="utf-8")
        lines, status, error = printed([sys.executable, str(program), *_inside(options, place, "data")], place)
    wanted = path.with_suffix(".expected").read_text(encoding="utf-8").split("\n")
    return Result(path.stem, lines == wanted and status == 0, *counts(source, text), error), text


def _inside(options: list[str], place: str, name: str) -> list[str]:
    """The options with ``$DIR`` as an empty folder."""
    folder = Path(place, name)
    folder.mkdir()
    return [o.replace("$DIR", str(folder)) for o in options]


def counts(source: str, text: str) -> tuple[int, int, int]:
    """Lines of Lua, lines of Python and lines with helper calls; empty lines do not count."""
    python = [line for line in text.splitlines() if line.strip()]
    lua = sum(bool(line.strip()) for line in source.splitlines())
    return lua, len(python), sum(bool(HELPER.search(line)) for line in python)


def shown(result: Result) -> str:
    """The line of a program."""
    lines, helpers = result.python / result.lua, result.helpers / result.python
    said = "" if result.right else result.said
    return f"{result.name:24} {'same' if result.right else 'OTHER':6} {lines:5.2f} lines a line {helpers:6.1%}  {said}"


def main(paths: list[str]) -> int:
    """Print a line for each program and the sums."""
    results = []
    for path in paths:
        result, _ = measure(Path(path))
        results.append(result)
        print(shown(result), flush=True)
    right, python, lua = (sum(x) for x in zip(*((r.right, r.python, r.lua) for r in results)))
    helpers = sum(r.helpers for r in results) / python
    print(f"{right} of {len(results)} print the same; {python / lua:.2f} lines a line; {helpers:.1%} with helper calls")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
