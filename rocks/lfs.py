"""``require 'lfs'``: folders and attributes of files. What fails gives None and a message."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from typing import Any

from .paths import files

_KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "char device",
    stat.S_IFBLK: "block device",
}


def attributes(name: str, field: str | None = None) -> Any:
    """The table of attributes of a file, or one of them: mode, size, modification, permissions ..."""
    return _described(os.stat, name, field)


def symlinkattributes(name: str, field: str | None = None) -> Any:
    """:func:`attributes` of a link itself."""
    return _described(os.lstat, name, field)


def _described(status: Callable[[str], os.stat_result], name: str, field: str | None) -> Any:
    try:
        found = status(name)
    except OSError as e:
        return None, f"cannot obtain information from file '{name}': {e.strerror}"
    table = {
        "mode": _KINDS.get(stat.S_IFMT(found.st_mode), "other"),
        "permissions": stat.filemode(found.st_mode)[1:],
        "size": found.st_size,
        "modification": int(found.st_mtime),
        "access": int(found.st_atime),
        "change": int(found.st_ctime),
        "dev": found.st_dev,
        "ino": found.st_ino,
        "nlink": found.st_nlink,
        "uid": found.st_uid,
        "gid": found.st_gid,
    }
    return table if field is None else table.get(field)


def dir(name: str) -> Iterator[str]:
    """All names in a folder, ``.`` and ``..`` too."""
    return files(name)


def _tried(action: Callable[..., Any], *args: Any) -> Any:
    try:
        action(*args)
    except OSError as e:
        return None, str(e.strerror)
    return True


def mkdir(name: str) -> Any:
    """Make a folder."""
    return _tried(os.mkdir, name)


def rmdir(name: str) -> Any:
    """Remove an empty folder."""
    return _tried(os.rmdir, name)


def chdir(name: str) -> Any:
    """Make another folder the current one."""
    return _tried(os.chdir, name)


def link(old: str, new: str, symbolic: bool | None = None) -> Any:
    """Another name of a file."""
    return _tried(os.symlink if symbolic else os.link, old, new)


def touch(name: str, access: float | None = None, modification: float | None = None) -> Any:
    """Set the times of a file, to now unless given."""
    times = None if access is None else (access, access if modification is None else modification)
    return _tried(os.utime, name, times)


def currentdir() -> str:
    """The current folder."""
    return os.getcwd()
