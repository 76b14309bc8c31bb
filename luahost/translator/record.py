"""Run a program under the recorder: ``python -m luahost.translator.record FACTS PROGRAM [ARGUMENTS]``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch7

from .. import program, runtime
from ..runtime import function, host
from ..storages import Storage
from ..tables import TableView
from ..tensors import Tensor
from . import nodes as n
from .instrument import Instrument
from .parser import parse

Facts = dict[str, dict[str, int]]
_SPAN = 10**6  # of the numbers of a file's places


def describe(o: Any) -> str:
    """The word for what Python holds."""
    if isinstance(o, Tensor):
        return f"tensor:{torch7.typename(o.a)}:{o.a.ndim if o.a.size else 0}"
    if isinstance(o, Storage):
        return "sizes" if o.sizes else "storage"
    if isinstance(o, TableView):
        return "list" if isinstance(o.content, list) else "dict"
    if isinstance(o, type):
        return "class:" + (torch7.typename(o) or o.__name__)
    name = torch7.typename(o)
    return f"object:{name}" if name else "object:" + type(o).__name__


def _shape(o: Any) -> str | None:
    return str(o.a.shape) if isinstance(o, Tensor) else None


def _count(o: Any) -> int | None:
    return len(o) if isinstance(o, TableView) and isinstance(o.content, list) else None


def main(arguments: list[str]) -> int:
    """Run and write the facts, also where the program fails or exits early."""
    facts, path, *rest = arguments
    files: list[str] = []

    def write() -> None:
        lines = [host.library.seen(), *(f"file {name} {k}" for k, name in enumerate(files, 1))]
        Path(facts).write_text("\n".join(filter(None, lines)), encoding="latin-1")

    def instrument(name: str, text: str) -> str:
        """A file that the program requires: the numbers of its places are in a span of their own."""
        main, _ = parse(text)
        files.append(name)
        for x in n.walk(main):
            x.number += len(files) * _SPAN
        return Instrument(text).program(main)

    def leave(status: float) -> None:
        write()
        runtime.leave(status)

    def prepare(text: str) -> str:
        library = host.library
        for name, f in (
            ("describe", describe),
            ("shape", _shape),
            ("count", _count),
            ("exit", leave),
            ("instrument", instrument),
            ("real_path", os.path.realpath),
        ):
            library[name] = function(f)
        runtime.run_library("recorder")
        return Instrument(text).program(parse(text)[0])

    status = program.run(path, rest, prepare=prepare)
    write()
    return status


def environment() -> dict[str, str]:
    """The environment of a process that finds this library."""
    root = str(Path(torch7.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))}


def read_facts(text: str) -> Facts:
    """Facts by the number of the place."""
    facts: Facts = {}
    for line in text.splitlines():
        place, _, rest = line.partition(" ")
        key, _, count = rest.rpartition(" ")
        facts.setdefault(place, {})[key] = int(count)
    return facts


def by_file(facts: Facts) -> dict[str, Facts]:
    """The facts of each file by its name for ``require``, ``''`` for the program, with the numbers it has alone."""
    names = {0: "", **{k: name for name, k in facts.get("file", {}).items()}}
    found: dict[str, Facts] = {name: {} for name in names.values()}
    for place, words in facts.items():
        if place == "table":
            for word, count in words.items():
                number, _, content = word.partition(":")
                k, local = divmod(int(number), _SPAN)
                found[names[k]].setdefault("table", {})[f"{local}:{content}"] = count
        elif place != "file":
            head, number, rest = re.fullmatch(r"([a-z]?)(\d+)(.*)", place).groups()
            k, local = divmod(int(number), _SPAN)
            found[names[k]][f"{head}{local}{rest}"] = {_word_in(k, word): count for word, count in words.items()}
    return found


def _word_in(k: int, word: str) -> str:
    """A word as file ``k`` knows it: tables and functions of others have no number there."""
    m = re.match(r"(table|function):(\d+)(.*)", word)
    if m is None or int(m[2]) == 0:
        return word
    file, local = divmod(int(m[2]), _SPAN)
    if file != k:
        return "table:0:mixed" if m[1] == "table" else "function:lua"
    return f"{m[1]}:{local}{m[3]}"


def record(path: str, arguments: list[str], folder: str | None = None) -> tuple[Facts, subprocess.CompletedProcess]:
    """The facts of a run in a process of its own, and what that process said."""
    with tempfile.TemporaryDirectory() as place:
        facts = Path(place, "facts")
        command = [sys.executable, "-m", "luahost.translator.record", str(facts), str(Path(path).resolve()), *arguments]
        done = subprocess.run(command, capture_output=True, cwd=folder, env=environment(), check=False)
        return read_facts(facts.read_text(encoding="latin-1")) if facts.exists() else {}, done


if __name__ == "__main__":
    runtime.leave(main(sys.argv[1:]))
