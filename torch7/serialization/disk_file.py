"""``torch.DiskFile``: several objects in one file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from .builder import Builder
from .contents import Memory
from .errors import T7Error
from .parser import Parser
from .sinks import AsciiSink, BinarySink
from .sources import AsciiSource, BinarySource
from .writer import Writer


class DiskFile:
    """A .t7 file read or written object by object; objects of one file may share parts.

    ``mode`` is ``'r'`` (default) or ``'w'``. The encoding is ASCII, as in Torch, until :meth:`binary` is called. In a
    loop, ``for obj in DiskFile(name)``, it yields the objects up to the end of the file.
    """

    def __init__(self, filename: str | os.PathLike, mode: str | None = None) -> None:
        self._name = os.fspath(filename)
        self._mode = mode or "r"
        if self._mode not in ("r", "w"):
            raise ValueError(f"mode is 'r' or 'w', not {mode!r}")
        self._file = open(filename, self._mode + "b")  # noqa: SIM115
        self._longs = 8
        self._ascii = True
        self._worker: Any = None

    def ascii(self) -> DiskFile:
        """Numbers as text."""
        return self._set(True, self._longs)

    def binary(self) -> DiskFile:
        """Numbers as in memory."""
        return self._set(False, self._longs)

    def longSize(self, size: int) -> DiskFile:
        """Bytes of a long in a binary file: 8 or 4."""
        if size not in (4, 8):
            raise ValueError(f"longs have 4 or 8 bytes, not {size}")
        return self._set(self._ascii, size)

    def _set(self, ascii: bool, longs: int) -> DiskFile:
        if self._worker is not None and (ascii, longs) != (self._ascii, self._longs):
            raise ValueError("the encoding of a file is set before its first object")
        self._ascii, self._longs = ascii, longs
        return self

    def readObject(self) -> Any:
        """The next object; :class:`T7Error` at the end of the file."""
        parser, builder = self._reader()
        try:
            return builder.build(parser.parse(), parser.begun)
        except T7Error as e:
            raise T7Error(f"{self._name}: {e.message}", e.offset, e.path) from e.__cause__

    def _reader(self) -> tuple[Parser, Builder]:
        if self._mode != "r":
            raise ValueError(f"{self._name} is open for writing")
        if self._worker is None:
            data = self._file.read()
            source = AsciiSource(Memory(data)) if self._ascii else BinarySource(Memory(data), self._longs)
            self._worker = Parser(source), Builder(source)
        return self._worker

    def writeObject(self, object: Any) -> DiskFile:
        """Append an object."""
        if self._mode != "w":
            raise ValueError(f"{self._name} is open for reading")
        if self._worker is None:
            self._worker = Writer(AsciiSink(self._file) if self._ascii else BinarySink(self._file, self._longs))
        self._worker.write(object)
        return self

    def __iter__(self) -> Iterator[Any]:
        source = self._reader()[0].source
        while source.position < source.size:
            yield self.readObject()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> DiskFile:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
