"""``pl.path``: names of files, as Penlight has them; ``th`` had it loaded as ``path``."""

from __future__ import annotations

import os

sep, dirsep = os.sep, os.pathsep
is_windows = os.name == "nt"


def exists(path: str) -> str | None:
    """The path itself if there is something."""
    return path if os.path.exists(path) else None


def isfile(path: str) -> bool:
    return os.path.isfile(path)


def isdir(path: str) -> bool:
    return os.path.isdir(path)


def getsize(path: str) -> int | None:
    return os.path.getsize(path) if os.path.exists(path) else None


def join(*args: str) -> str:
    """The parts with separators between them; one that begins at the root starts anew."""
    return os.path.join(*args)


def splitpath(path: str) -> tuple[str, str]:
    return os.path.split(path)


def splitext(path: str) -> tuple[str, str]:
    return os.path.splitext(path)


def basename(path: str) -> str:
    return os.path.basename(path)


def dirname(path: str) -> str:
    return os.path.dirname(path)


def extension(path: str) -> str:
    return os.path.splitext(path)[1]


def abspath(path: str) -> str:
    return os.path.abspath(path)


def relpath(path: str, start: str = ".") -> str:
    return os.path.relpath(path, start)


def normpath(path: str) -> str:
    return os.path.normpath(path)


def isabs(path: str) -> bool:
    return os.path.isabs(path)


def expanduser(path: str) -> str:
    return os.path.expanduser(path)


def currentdir() -> str:
    return os.getcwd()


def mkdir(path: str) -> bool:
    os.mkdir(path)
    return True


def rmdir(path: str) -> bool:
    os.rmdir(path)
    return True
