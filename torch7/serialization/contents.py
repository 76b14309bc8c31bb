"""The bytes that a reader works on: those in memory, or a file that is read piece by piece.

Nothing is mapped: a file that another program shortens meanwhile ends in an error, not in a signal.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .errors import T7Error


class Memory:
    """Bytes in memory."""

    def __init__(self, data: Any) -> None:
        self._data = memoryview(data).cast("B")
        self.size = len(self._data)

    def read(self, start: int, count: int) -> Any:
        """``count`` bytes from ``start``, fewer at the end."""
        return self._data[start : start + count]

    def whole(self) -> bytes:
        data = self._data.obj
        return data if isinstance(data, bytes) else bytes(self._data)

    def read_into(self, x: np.ndarray, start: int) -> None:
        """Fill the contiguous array ``x`` with what begins at ``start``."""
        x.view(np.uint8)[...] = np.frombuffer(self._data, np.uint8, x.nbytes, start)


class OpenFile:
    """A regular file of the size that it had when it was opened."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size

    def read(self, start: int, count: int) -> bytearray:
        data = bytearray(max(0, min(count, self.size - start)))
        self._fill(memoryview(data), start)
        return data

    def whole(self) -> bytes:
        return bytes(self.read(0, self.size))

    def read_into(self, x: np.ndarray, start: int) -> None:
        self._fill(memoryview(x.view(np.uint8)), start)

    def _fill(self, view: memoryview, start: int) -> None:
        self._file.seek(start)
        filled = 0
        while filled < len(view):
            count = self._file.readinto(view[filled:])
            if not count:
                raise T7Error(f"the file became shorter while it was read: {self.size} bytes before", start + filled)
            filled += count


@contextmanager
def opened(source: Any) -> Iterator[Memory | OpenFile]:
    """The contents of a file by name, of bytes, or of what is left in an open binary file."""
    if hasattr(source, "read"):
        yield Memory(_rest(source))
    elif is_contents(source):
        yield Memory(source)
    else:
        with open(_name(source), "rb", buffering=0) as file:
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            contents = OpenFile(file) if regular else None
            yield contents if contents and contents.size else Memory(file.readall())


def _rest(file: Any) -> Any:
    data = file.read()
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"a .t7 file is read as bytes, not {type(data).__name__}: open it with mode 'rb'")
    return data


def is_contents(source: Any) -> bool:
    """Whether ``source`` is the contents of a file: bytes that name no file.

    No .t7 file could be taken for a name: each has a zero byte or the end of a line in its first bytes.
    """
    if isinstance(source, bytes):
        return b"\0" in source or b"\n" in source or not os.path.exists(source)
    return isinstance(source, bytearray | memoryview)


def _name(source: Any) -> Any:
    if isinstance(source, str | bytes | os.PathLike):
        return source
    raise TypeError(f"a .t7 file is a path, bytes or an object with read(), not {type(source).__name__}")
