"""``require 'paths'``: names of files and folders."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from torch7.lua import lua_pattern

home = os.path.expanduser("~")


def concat(*parts: str) -> str:
    """The parts as one absolute name without ``.`` and ``..``: a relative one begins in the current folder."""
    return os.path.normpath(os.path.join(os.getcwd(), *parts)).replace("//", "/")


def basename(name: str, suffix: str | None = None) -> str:
    """The last part, without the ending ``suffix`` (``'lua'`` or ``'.lua'``)."""
    base = os.path.basename(name.rstrip("/")) if name.rstrip("/") else "/"
    for ending in (f".{suffix}", suffix) if suffix else ():
        if base.endswith(ending) and base != ending:
            return base.removesuffix(ending)
    return base


def dirname(name: str) -> str:
    """All but the last part; ``'.'`` where there is one part alone."""
    head = os.path.dirname(name.rstrip("/"))
    return head or ("/" if name.startswith("/") else ".")


def extname(name: str) -> str | None:
    """The ending behind the last point, or None."""
    return os.path.splitext(name)[1][1:] or None


def files(folder: str | None = None, pattern: Any = None) -> Iterator[str]:
    """All names in a folder, ``.`` and ``..`` too, that match a Lua pattern or for which a function is true."""
    names = [".", "..", *os.listdir(folder or ".")]
    found = pattern if callable(pattern) else lua_pattern(pattern).search if pattern else None
    return (name for name in names if found is None or found(name))


def dir(folder: str | None = None) -> list[str] | None:
    """The names that :func:`files` goes through, as a list; None where there is no such folder."""
    return list(files(folder)) if os.path.isdir(folder or ".") else None


def iterfiles(folder: str | None = None) -> Iterator[str]:
    """The names of the files in a folder."""
    place = folder or "."
    return (name for name in sorted(os.listdir(place)) if os.path.isfile(os.path.join(place, name)))


def iterdirs(folder: str | None = None) -> Iterator[str]:
    """The names of the folders in a folder."""
    place = folder or "."
    return (name for name in sorted(os.listdir(place)) if os.path.isdir(os.path.join(place, name)))


def filep(name: str) -> bool:
    """Whether there is a file of this name."""
    return os.path.isfile(name)


def dirp(name: str) -> bool:
    """Whether there is a folder of this name."""
    return os.path.isdir(name)


def filesize(name: str) -> int | None:
    """The bytes of a file, None where there is none."""
    return os.path.getsize(name) if os.path.exists(name) else None


def mkdir(name: str) -> bool:
    """Make a folder with all above it; False if it cannot be."""
    return _tried(os.makedirs, name, exist_ok=True) or False


def rmdir(name: str) -> bool | None:
    """Remove an empty folder; None if it cannot be."""
    return _tried(os.rmdir, name)


def _tried(action: Any, *args: Any, **named: Any) -> bool | None:
    try:
        action(*args, **named)
    except OSError:
        return None
    return True


def rmall(name: str, agreed: str | None = None) -> bool | None:
    """Remove a folder and all in it; the second argument must be ``'yes'``."""
    if agreed != "yes":
        raise ValueError("paths.rmall: the second argument must be 'yes'")
    if os.path.isdir(name):
        shutil.rmtree(name)
    elif os.path.exists(name):
        os.remove(name)
    return True


def tmpname() -> str:
    """The name of a new empty temporary file."""
    handle, name = tempfile.mkstemp(prefix="lua_")
    os.close(handle)
    return name


def cwd() -> str:
    """The current folder."""
    return os.getcwd()


def chdir(name: str) -> bool | None:
    """Make another folder the current one; None if it cannot be."""
    return _tried(os.chdir, name)


def is_win() -> bool:
    """Whether this is Windows."""
    return os.name == "nt"


def is_mac() -> bool:
    """Whether this is macOS."""
    return sys.platform == "darwin"


def uname() -> str:
    """The name of the system: ``'Linux'``, ``'Darwin'``, ``'Windows'``."""
    return os.uname().sysname if hasattr(os, "uname") else "Windows"


def getenv(name: str) -> str | None:
    """A variable of the environment."""
    return os.environ.get(name)


def findprogram(*names: str) -> str | None:
    """The place of the first of these programs that is there."""
    return next((place for place in map(shutil.which, names) if place), None)


def thisfile(name: str | None = None, level: int | None = None) -> str | None:
    """The file of the code that asks, or ``name`` beside it; None at a prompt."""
    path = sys._getframe(level or 1).f_globals.get("__file__")
    if path is None:
        return None
    return os.path.abspath(path) if name is None else concat(dirname(os.path.abspath(path)), name)


def dofile(name: str, level: int | None = None) -> None:
    """Run a Python file beside the code that asks, with the names of that code's file."""
    frame = sys._getframe(level or 1)
    path = thisfile(name, (level or 1) + 1) or concat(name)
    with open(path, encoding="utf-8") as f:
        exec(compile(f.read(), path, "exec"), frame.f_globals)
