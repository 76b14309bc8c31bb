"""Which files a kernel is made of: its own and all of the project that it imports, directly or not.

This is read from the syntax, so that a kernel may lie in any folder of any package. What was found in a file is kept in
a record beside the compiled kernels, so that a later start looks whether the files are as they were and reads none.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import inspect
import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from importlib.util import resolve_name
from pathlib import Path
from typing import NamedTuple

#: The packages that use one another's functions, and the folder they lie in.
PACKAGES = {"torch7", "nn", "dpnn", "rnn", "optim", "dataload"}
ROOT = str(Path(__file__).parents[1])
#: The name of a record; versions of Python differ in what they can parse.
RECORD = f"sources.{sys.implementation.cache_tag}.json"
#: Nanoseconds in which a file may change twice without that its times tell.
TICK = 2_000_000_000


class Source(NamedTuple):
    """What is known of a file.

    ``state``: size and times in nanoseconds, None without a file; ``digest``: of its text; ``modules``: what it
    imports, as written, with the dots; ``settled``: whether every later change will show in the state.
    """

    state: list[int] | None
    digest: str
    modules: list[str]
    settled: bool = True


class Sources(NamedTuple):
    """Files that a kernel is made of: a stamp of their text, and when the last of them was changed, in nanoseconds.

    Times are whole numbers everywhere: as seconds they would be rounded, each in another direction.
    """

    stamp: str
    newest: int


def files_of(function: Callable) -> set[str]:
    """The file of a function and those of the functions it encloses."""
    cells = [cell.cell_contents for cell in getattr(function, "__closure__", None) or ()]
    enclosed = [getattr(x, "py_func", x) for x in cells]
    return {inspect.getfile(f) for f in (function, *enclosed) if inspect.isfunction(f)}


@functools.cache
def sources(folder: str, *files: str) -> Sources:
    """What is known of all that the files are made of; the record in ``folder`` is used and renewed."""
    _recall(folder)
    made = sorted(made_of(*files))
    found = Sources(stamp(*files), max(_changed(file) for file in made))
    _keep(folder, made)
    return found


@functools.cache
def stamp(*files: str) -> str:
    """Changes with the text of the files and of all that they import from the project."""
    return hashlib.sha256("".join(_source(file).digest for file in sorted(made_of(*files))).encode()).hexdigest()


def made_of(*files: str) -> set[str]:
    """The files and all files of the project that they import, directly or not."""
    found, queue = set(), list(map(str, files))
    while queue:
        file = queue.pop()
        if file not in found:
            found.add(file)
            queue += _imports(file)
    return found


# -- records

#: What records know of files; which files each folder's record knows as they are.
_recalled: dict[str, Source] = {}
_recorded: dict[str, set[str]] = {}


def _recall(folder: str) -> None:
    """Take over what the record in a folder knows; one that is damaged or was made by other rules knows nothing."""
    _recorded[folder] = set()
    try:
        checksum, text = Path(folder, RECORD).read_bytes().split(b"\n", 1)
        maker, files = json.loads(text) if _checksum(text) == checksum else (None, {})
    except (OSError, ValueError):
        return
    if maker == _state(__file__):
        known = {file: Source(*found) for file, found in files.items()}
        _recalled.update(known)
        _recorded[folder] = {file for file, source in known.items() if source.state == _state(file)}


def _keep(folder: str, files: list[str]) -> None:
    """Write what is known of files to the record in a folder, if it does not know it."""
    settled = {file for file in files if _source(file).settled}
    if settled <= _recorded[folder]:
        return
    _recorded[folder] |= settled
    text = json.dumps([_state(__file__), {file: _source(file)[:3] for file in _recorded[folder]}]).encode()
    path = Path(folder, f"{RECORD}.tmp.{uuid.uuid4().hex[:16]}")
    with contextlib.suppress(OSError):  # a later start reads the files again
        try:
            path.write_bytes(_checksum(text) + b"\n" + text)
            os.replace(path, Path(folder, RECORD))
        finally:
            path.unlink(missing_ok=True)


def _checksum(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()


# -- files


def _state(file: str) -> list[int] | None:
    """What changes with every change of a file: even who puts an old time back leaves the time when that was done."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns]


@functools.cache
def _source(file: str) -> Source:
    state, now = _state(file), time.time_ns()
    known = _recalled.get(file)
    if known is not None and known.state == state:
        return known
    text = Path(file).read_bytes() if state else b""
    settled = state is not None and max(state[1:]) < now - TICK
    return Source(state, hashlib.sha256(text).hexdigest(), _modules(text), settled)


def _changed(file: str) -> int:
    return max((_source(file).state or [0])[1:], default=0)


@functools.cache
def _imports(file: str) -> frozenset[str]:
    """The project's files that a file's import statements name, wherever in the file they stand."""
    root, package = _place(os.path.dirname(file))
    roots = dict.fromkeys(PACKAGES, ROOT) | {package.partition(".")[0]: root}
    found = set()
    for module in _source(file).modules:
        with contextlib.suppress(ImportError):  # above the top, or relative outside a package
            name = resolve_name(module, package)
            found.add(_file(roots.get(name.partition(".")[0]), name))
    return frozenset(path for path in found if path)


@functools.cache
def _place(folder: str) -> tuple[str, str]:
    """The folder that a package lies in, and the package's name."""
    top = folder
    while "__init__.py" in _names(top):
        top = os.path.dirname(top)
    inside = os.path.relpath(folder, ROOT) if folder.startswith(ROOT + os.sep) else ""
    if inside.split(os.sep)[0] in PACKAGES:
        top = ROOT
    return top, ".".join(part for part in os.path.relpath(folder, top).split(os.sep) if part != os.curdir)


def _file(root: str | None, module: str) -> str | None:
    """The file of a module, or of the module that a name is imported from."""
    while root and module:
        path = os.path.join(root, *module.split("."))
        if os.path.basename(path) + ".py" in _names(os.path.dirname(path)):
            return path + ".py"
        if "__init__.py" in _names(path):
            return os.path.join(path, "__init__.py")
        module = module.rpartition(".")[0]
    return None


@functools.cache
def _names(folder: str) -> frozenset[str]:
    """What lies in a folder."""
    try:
        return frozenset(os.listdir(folder))
    except OSError:
        return frozenset()


# -- syntax


def _modules(text: bytes) -> list[str]:
    """The modules that the import statements of a file may mean, with the dots of relative ones."""
    try:
        return sorted({name for statement in _statements(ast.parse(text)) for name in _named(statement)})
    except (SyntaxError, ValueError):
        return []


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """All statements under a node; imports stand in no expression."""
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, block, ()):
            yield child
            yield from _statements(child)


def _named(statement: ast.stmt) -> Iterator[str]:
    """The modules that an import statement may mean: ``from a import b`` means a.b, or a where b is not a module."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom):
        above, module = "." * statement.level, statement.module
        yield from (f"{above}{module}.{alias.name}" if module else f"{above}{alias.name}" for alias in statement.names)
