"""A file that takes the place of another one in a single step, once it is complete."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_PREFIX, _SUFFIX = ".torch7-", ".part"
_OLD = 24 * 3600 * 10**9  # nanoseconds after which an unfinished file is left over where files cannot be locked


@contextmanager
def replacing(name: Any) -> Iterator[BinaryIO]:
    """An empty file to write; what is written takes the place of the file ``name`` when the block ends well.

    The file keeps its permissions, and a link keeps leading to it. Any number of threads and processes may replace one
    file, the last one wins. Until then the bytes are in a hidden file of the same folder, which goes in any case; one
    that a killed process left goes with the next call. ``OSError`` for what cannot be written, as for ``open``.
    """
    target = os.path.realpath(os.fsdecode(name))
    if os.path.exists(target) and not os.path.isfile(target):
        with open(target, "wb") as file:  # a pipe or a device; a folder is an error
            yield file
        return
    if os.path.exists(target) and not os.access(target, os.W_OK):
        raise PermissionError(13, "Permission denied", target)
    folder = os.path.dirname(target)
    _clean(folder)
    try:
        file, part = _create(folder)
    except OSError as e:  # the name that the caller gave
        raise type(e)(e.errno, e.strerror, target) from None
    try:
        with file:
            yield file
            file.flush()
            _keep_permissions(target, part)
            if fcntl:  # while it is locked, so that nobody takes it for left over
                os.replace(part, target)
        if not fcntl:
            os.replace(part, target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(part)
        if isinstance(error, OSError) and error.errno and error.filename in (None, part):
            raise type(error)(error.errno, error.strerror, target) from error  # a full disk names no file
        raise


def _create(folder: str) -> tuple[BinaryIO, str]:
    """A new locked file of a name that no other thread, process or machine has."""
    while True:
        part = os.path.join(folder, f"{_PREFIX}{secrets.token_hex(12)}{_SUFFIX}")
        file = open(part, "xb")  # noqa: SIM115
        if _lock(file) and os.fstat(file.fileno()).st_nlink:
            return file, part
        file.close()  # someone cleaned it away between the two lines
        with contextlib.suppress(OSError):
            os.unlink(part)


def _lock(file: Any) -> bool:
    """Lock a file if nobody holds it; True as well where the file system has no locks."""
    if fcntl:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
    return True


def _clean(folder: str) -> None:
    """Remove what killed processes left in ``folder``."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for part in [e.path for e in entries if e.name.startswith(_PREFIX) and e.name.endswith(_SUFFIX)]:
            with contextlib.suppress(OSError):
                _remove_if_left(part)


def _remove_if_left(part: str) -> None:
    if not fcntl:
        if time.time_ns() - os.stat(part).st_mtime_ns > _OLD:
            os.unlink(part)
        return
    with open(part, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(part)


def _keep_permissions(target: str, part: str) -> None:
    """Give ``part`` the permissions of the file that it replaces, and its owner where that is allowed."""
    with contextlib.suppress(FileNotFoundError):
        old = os.stat(target)
        if hasattr(os, "chown") and (old.st_uid, old.st_gid) != (os.stat(part).st_uid, os.stat(part).st_gid):
            with contextlib.suppress(OSError):
                os.chown(part, old.st_uid, old.st_gid)
        os.chmod(part, stat.S_IMODE(old.st_mode))
