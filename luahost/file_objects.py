"""``torch.DiskFile``, ``torch.MemoryFile`` and ``torch.PipeFile`` for Lua: text is bytes as latin-1, rows are
storages.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7.serialization import disk_file
from torch7.serialization.stream import File

from .files import own_classes
from .storages import Storage, make_storage


class LuaFile(File):
    """What is Lua's in all three."""

    encoding = "latin-1"

    def _row(self, name: str, values: Any) -> Storage:
        return make_storage(f"torch.{name}Storage", values.tolist())

    def writeObject(self, value: Any) -> None:
        super().writeObject(value)

    writeObject.octets = True  # strings of Lua are bytes

    def readObject(self) -> Any:
        with own_classes():
            return super().readObject()

    @staticmethod
    def _path(name: str) -> bytes:
        return name.encode("latin-1")


class MemoryFile(LuaFile, disk_file.MemoryFile):
    __doc__ = disk_file.MemoryFile.__doc__

    def storage(self) -> Storage:
        return Storage(np.asarray(super().storage()))


class DiskFile(LuaFile, disk_file.DiskFile):
    __doc__ = disk_file.DiskFile.__doc__

    def __new__(cls, name: str, mode: str | None = None, quiet: bool | None = None) -> Any:
        try:
            return super().__new__(cls, name, mode, quiet)
        except OSError as e:
            raise disk_file.FileError(f"cannot open <{name}> in mode {mode or 'r'}: {e.strerror}") from None


class PipeFile(LuaFile, disk_file.PipeFile):
    __doc__ = disk_file.PipeFile.__doc__


CLASSES = {cls.__name__: cls for cls in (MemoryFile, DiskFile, PipeFile)} | {"File": LuaFile}
