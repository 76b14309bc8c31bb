"""``python -m torch7 translate``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from .check import differences, write
from .errors import TranslationError
from .parser import parse
from .record import Facts, by_file, record
from .translate import translated_files

_SHOWN = 10


def command(path: str, out: str | None, recorded: list[str], checked: bool) -> int:
    """Translate a file; the exit status. ``recorded``: the options of each run that is recorded first."""
    with open(path, "rb") as f:
        source = f.read().decode("latin-1")
    try:
        parse(source)
        facts: dict[str, Facts] = {}
        for options in recorded:
            for name, more in by_file(_recorded(path, shlex.split(options))).items():
                merge(facts.setdefault(name, {}), more)
        files = translated_files(path, facts)
    except TranslationError as e:
        print(f"torch7 translate: {path}: {e}", file=sys.stderr)
        return 1
    if out is None:
        sys.stdout.write(files[""])
    else:
        write(files, Path(out))
    return _checked(path, files, recorded) if checked else 0


def _recorded(path: str, arguments: list[str]) -> Facts:
    facts, done = record(path, arguments)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        print(
            f"torch7 translate: the recorded run ended early: {said[0] if said else done.returncode}", file=sys.stderr
        )
    return facts


def merge(facts: Facts, more: Facts) -> None:
    """Add the facts of another run."""
    for place, words in more.items():
        known = facts.setdefault(place, {})
        for word, count in words.items():
            known[word] = known.get(word, 0) + count


def _checked(path: str, files: dict[str, str], recorded: list[str]) -> int:
    status = 0
    for options in recorded or [""]:
        found = differences(path, files, shlex.split(options))
        for line in found[:_SHOWN]:
            print(line, file=sys.stderr)
        print(f"{len(found)} differences" if found else "no difference", file=sys.stderr)
        status |= bool(found)
    return status
