"""``lfs``: folders and attributes of files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import Any

from .paths import files, foreign, native

_KINDS = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "directory"), (stat.S_ISLNK, "link"), (stat.S_ISFIFO, "named pipe"))


def attributes(name: str, field: str | None = None) -> Any:
    """The table of attributes, or one of them; nil and a message where there is no such file."""
    try:
        found = os.stat(native(name))
    except OSError as e:
        return None, f"cannot obtain information from file `{name}': {e.strerror}"
    mode = next((word for test, word in _KINDS if test(found.st_mode)), "other")
    table = {
        "mode": mode,
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


def directory(name: str) -> Iterator[str]:
    """All names in a folder, ``.`` and ``..`` too."""
    return files(name)


def _tried(action: Any) -> Any:
    def run(name: str) -> Any:
        try:
            action(native(name))
        except OSError as e:
            return None, str(e.strerror)
        return True

    return run


FUNCTIONS = {
    "attributes": attributes,
    "dir": directory,
    "mkdir": _tried(os.mkdir),
    "rmdir": _tried(os.rmdir),
    "chdir": _tried(os.chdir),
    "currentdir": lambda: foreign(os.getcwd()),
}
