"""``paths``: names of files and folders. Text is bytes as latin-1, as everywhere in the host."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator


def native(name: str) -> str:
    """A name from Lua as Python's file functions take it."""
    return os.fsdecode(name.encode("latin-1"))


def foreign(name: str) -> str:
    """A name from Python as Lua takes it."""
    return os.fsencode(name).decode("latin-1")


def concat(*parts: str) -> str:
    """The parts as one absolute name, as ``paths.concat``: relative ones begin in the current folder."""
    if not parts or not parts[0].startswith("/"):
        parts = (foreign(os.getcwd()), *parts)
    return os.path.normpath(os.path.join(*parts)).replace("//", "/")


def basename(name: str, suffix: str | None = None) -> str:
    """The last part, without ``suffix`` (``'lua'`` or ``'.lua'``)."""
    base = os.path.basename(name.rstrip("/")) if name.rstrip("/") else "/"
    for ending in (suffix, f".{suffix}") if suffix else ():
        if base.endswith(ending) and base != ending:
            return (
                base[: -len(ending)].removesuffix(".")
                if ending == suffix and not suffix.startswith(".")
                else base[: -len(ending)]
            )
    return base


def dirname(name: str) -> str:
    """All but the last part; ``'.'`` where there is one part alone."""
    head = os.path.dirname(name.rstrip("/"))
    return head or ("/" if name.startswith("/") else ".")


def extname(name: str) -> str | None:
    """The ending behind the last point, or nil."""
    return os.path.splitext(name)[1][1:] or None


def files(folder: str | None = None, pattern: str | None = None) -> Iterator[str]:
    """All names in a folder, ``.`` and ``..`` too, that match a Lua pattern."""
    from torch7.lua import lua_pattern

    names = [".", "..", *map(foreign, os.listdir(native(folder or ".")))]
    found = lua_pattern(pattern).search if pattern else None
    return (name for name in names if found is None or found(name))


def iterfiles(folder: str | None = None) -> Iterator[str]:
    """The names of the files in a folder."""
    place = native(folder or ".")
    return (foreign(name) for name in sorted(os.listdir(place)) if os.path.isfile(os.path.join(place, name)))


def iterdirs(folder: str | None = None) -> Iterator[str]:
    """The names of the folders in a folder."""
    place = native(folder or ".")
    return (foreign(name) for name in sorted(os.listdir(place)) if os.path.isdir(os.path.join(place, name)))


def mkdir(name: str) -> bool:
    """Make a folder with all above it; false if it cannot be."""
    try:
        os.makedirs(native(name), exist_ok=True)
    except OSError:
        return False
    return True


def rmdir(name: str) -> bool | None:
    """Remove an empty folder; nil if it cannot be."""
    try:
        os.rmdir(native(name))
    except OSError:
        return None
    return True


def rmall(name: str, agreed: str | None = None) -> bool | None:
    """Remove a folder and all in it; the second argument must be ``'yes'``."""
    if agreed != "yes":
        raise ValueError("paths.rmall: the second argument must be 'yes'")
    if os.path.isdir(native(name)):
        shutil.rmtree(native(name))
    elif os.path.exists(native(name)):
        os.remove(native(name))
    return True


def tmpname() -> str:
    """The name of a new empty temporary file."""
    handle, name = tempfile.mkstemp(prefix="lua_")
    os.close(handle)
    return foreign(name)


FUNCTIONS = {
    "concat": concat,
    "basename": basename,
    "dirname": dirname,
    "extname": extname,
    "files": files,
    "dir": lambda folder: list(files(folder)),
    "iterfiles": iterfiles,
    "iterdirs": iterdirs,
    "filep": lambda name: os.path.isfile(native(name)),
    "dirp": lambda name: os.path.isdir(native(name)),
    "filesize": lambda name: os.path.getsize(native(name)) if os.path.exists(native(name)) else None,
    "mkdir": mkdir,
    "rmdir": rmdir,
    "rmall": rmall,
    "tmpname": tmpname,
    "cwd": lambda: foreign(os.getcwd()),
    "is_win": lambda: False,
    "uname": lambda: tuple(os.uname())[:1][0],
    "getenv": lambda name: os.environ.get(name),
    "findprogram": lambda *names: next((p for p in map(shutil.which, names) if p), None),
}
