"""The files a function is made of: its own and those of the project that it imports, directly or not."""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import inspect
from collections.abc import Callable, Iterator
from importlib.util import resolve_name
from pathlib import Path

#: The packages that use one another's functions, and the folder they lie in.
PACKAGES = {"torch7", "nn", "dpnn", "rnn", "optim", "dataload"}
ROOT = Path(__file__).parents[1]


def files_of(function: Callable) -> set[Path]:
    """The file of a function and those of the functions it encloses."""
    cells = [cell.cell_contents for cell in getattr(function, "__closure__", None) or ()]
    enclosed = [getattr(x, "py_func", x) for x in cells]
    return {Path(inspect.getfile(f)) for f in (function, *enclosed) if inspect.isfunction(f)}


@functools.cache
def stamp(*files: Path) -> str:
    """Changes with the text of the files and of all that they import from the project."""
    return hashlib.sha256(b"".join(_digest(file) for file in sorted(made_of(*files)))).hexdigest()


@functools.cache
def newest(*files: Path) -> float:
    """When the last change was, in seconds since 1970, to the text that :func:`stamp` belongs to."""
    return max(map(_changed, made_of(*files)))


def made_of(*files: Path) -> set[Path]:
    """The files and all files of the project that they import, directly or not."""
    found, queue = set(), list(files)
    while queue:
        file = queue.pop()
        if file not in found:
            found.add(file)
            queue += _imports(file)
    return found


@functools.cache
def _text(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""


@functools.cache
def _changed(file: Path) -> float:
    _text(file)
    return file.stat().st_mtime if file.exists() else 0.0


@functools.cache
def _digest(file: Path) -> bytes:
    return hashlib.sha256(_text(file)).digest()


@functools.cache
def _imports(file: Path) -> frozenset[Path]:
    """The project's files that a file's import statements name, wherever in the file they stand."""
    try:
        tree = ast.parse(_text(file))
    except SyntaxError:
        return frozenset()
    root, package = _place(file)
    roots = dict.fromkeys(PACKAGES, ROOT) | {package.partition(".")[0]: root}
    modules = (name for statement in _statements(tree) for name in _named(statement, package))
    found = (_file(roots.get(name.partition(".")[0]), name) for name in modules)
    return frozenset(path for path in found if path)


def _place(file: Path) -> tuple[Path, str]:
    """The folder that the package of a file lies in, and the package's name."""
    folder = file.parent
    while (folder / "__init__.py").exists():
        folder = folder.parent
    if file.is_relative_to(ROOT) and file.relative_to(ROOT).parts[0] in PACKAGES:
        folder = ROOT
    return folder, ".".join(file.parent.relative_to(folder).parts)


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """All statements under a node; imports stand in no expression."""
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, block, ()):
            yield child
            yield from _statements(child)


def _named(statement: ast.stmt, package: str) -> Iterator[str]:
    """The modules that an import statement may mean: ``from a import b`` means a.b, or a where b is not a module."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom):
        with contextlib.suppress(ImportError):  # above the top, or relative outside a package
            module = resolve_name("." * statement.level + (statement.module or ""), package)
            yield from (f"{module}.{alias.name}" for alias in statement.names)


def _file(root: Path | None, module: str) -> Path | None:
    """The file of a module, or of the module that a name is imported from."""
    while root and module:
        path = root.joinpath(*module.split("."))
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.exists():
                return file
        module = module.rpartition(".")[0]
    return None
