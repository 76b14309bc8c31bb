"""The text of the Python program: ``translated(source, facts)``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from . import places
from .knowledge import Knowledge
from .parser import parse
from .printer import MODULES, Printer
from .project import Project, first_draw, project_of
from .record import Facts
from .scopes import mark_lives, resolve
from .texts import takes_bytes

_STANDARD = ("functools", "gc", "math")
_WIDTHS = ("120", "160", "320")
_LINES = 1.15


def translated(
    source: str, facts: Facts, project: Project | None = None, module: str = "", name: str | None = None
) -> str:
    """The text of a Lua program as Python by the facts of its runs; ``module``: what others require the file as.

    ``name``: the file's, for errors whose text the program looks at.
    """
    project = Project() if project is None else project
    main, comments = parse(source)
    names = resolve(main)
    mark_lives(names, main)
    known = Knowledge(source, main, names, facts)
    known.tables.foreign, known.files = bool(project.files or project.shared), project.files
    project.octets |= takes_bytes(known)
    printer = Printer(known, names, comments)
    printer.project, printer.module = project, bool(module)
    printer.seeded = (project.draws if project.files else first_draw({"": main})) == module
    if unset := [name for name in names.unset_globals() if name in printer.plain_globals - project.shared]:
        printer.line(" = ".join([*unset, "None"]))
    if project.octets and not module:
        printer.line(f"{printer.runtime('octets')}()  # texts are bytes, as in Lua")
    printer.block(main.body)
    printer.comments_before(10**9)
    lines = sum(bool(line.strip()) for line in source.splitlines())
    raw = [*header(printer), "", *spaced(printer.out)]
    text = formatted("\n".join(raw) + "\n", lines)
    if name is None or not places.shows_places(known):
        return text
    return text + places.comment(name, raw, text, sorted(names.assigned_globals))


def translated_files(path: str, facts: dict[str, Facts]) -> dict[str, str]:
    """A program and the files that it requires, each by its facts: ``{'': text, 'util/loader.py': text}``."""
    project = project_of(path)
    source = Path(path).read_bytes().decode("latin-1")
    words = {word for seen in facts.values() for at in seen.values() for word in at} if project.files else set()
    project.octets = bool(words & {"string:bytes", "string:raw"})
    found = {"": translated(source, facts.get("", {}), project, name=Path(path).name)}
    for name, file in project.files.items():
        source = file.read_bytes().decode("latin-1")
        seen = facts.get(name) or facts.get(str(file)) or {}
        found[str(project.module(name))] = translated(source, seen, project, module=name, name=file.name)
    return found


def header(printer: Printer) -> list[str]:
    """The imports: Python's, the library's, the run-time library's."""
    standard = [f"import {name}" for name in _STANDARD if name in printer.imports]
    library, rocks = [], []
    for name in sorted(printer.imports - {*_STANDARD, "lua"}):
        text = MODULES.get(name, name)
        if name in MODULES or name in ("nn", "optim", "rnn", "dpnn", "nngraph", "nnx"):
            library.append(f"import {text}")
        else:
            rocks.append(name)
    lines = standard + [""] * bool(standard) + sorted(library)
    if "lua" in printer.imports:
        lines.append("from torch7 import lualib as lua")
    if printer.from_library:
        lines.append(f"from torch7.lualib import {', '.join(sorted(printer.from_library))}")
    plain = [name for name in rocks if printer.aliases[name] == name and find_spec(f"rocks.{name}") is not None]
    if plain:
        lines.append(f"from rocks import {', '.join(plain)}")
    for name in [name for name in rocks if name not in plain]:
        lines += [*["import torch7 as torch"] * ("import torch7 as torch" not in lines)]
        lines.append(f'{printer.aliases[name]} = torch.require("{name}")')
    return lines


def spaced(lines: list[str]) -> list[str]:
    """With two blank lines around functions and classes of the module."""
    found: list[str] = []
    inside = False
    for line in lines:
        top = bool(line) and not line.startswith(" ")
        starts = top and line.startswith(("def ", "class ", "@"))
        if starts and found and found[-1].startswith("@"):
            pass
        elif starts:
            place = len(found)
            while place and found[place - 1].startswith("#"):
                place -= 1
            while place and not found[place - 1]:
                del found[place - 1]
                place -= 1
            found[place:place] = ["", ""] if place else []
        elif top and inside and not line.startswith(("else", "elif")):
            while found and not found[-1]:
                found.pop()
            found += ["", ""]
        inside = (inside and not top) or starts
        found.append(line)
    return found


def formatted(text: str, lua: int) -> str:
    """Through ruff where it is installed, as wide as it takes to keep to about a line for each of ``lua`` lines."""
    ruff = shutil.which("ruff") or shutil.which("ruff", path=str(Path(sys.executable).parent))
    for width in _WIDTHS if ruff is not None else ():
        command = [ruff, "format", "--isolated", "--line-length", width, "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            break
        if width == _WIDTHS[-1] or sum(map(bool, done.stdout.splitlines())) <= _LINES * lua:
            return done.stdout
    return text
