"""The methods that Torch's files share: numbers, text and objects in one stream of bytes."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from .builder import Builder
from .contents import Memory
from .errors import T7Error
from .file_settings import FileError, Settings
from .parser import Parser
from .sinks import AsciiSink, BinarySink
from .sources import AsciiSource, BinarySource
from .values import Storage, texts
from .writer import Writer

_NUMBERS = {
    "Byte": ("u1", None),
    "Char": ("i1", None),
    "Short": ("i2", "%d"),
    "Int": ("i4", "%d"),
    "Long": ("i8", "%d"),
    "Float": ("f4", "%.9g"),
    "Double": ("f8", "%.17g"),
}


class File(Settings):
    """A file of Torch over a binary stream. Positions begin at 1; numbers are text until ``binary()`` is called.

    ``readInt()`` is a number, ``readInt(n)`` an array of n, ``readInt(x)`` fills the array ``x`` and returns how many
    were read; so for Byte, Char, Short, Long, Float and Double. ``writeInt`` takes a number, list or array.
    ``readString('*l')`` is the rest of a line, ``'*a'`` of the file. ``readObject`` and ``writeObject`` are for what
    .t7 files hold; objects of one file may share parts. After ``quiet()`` what fails only sets ``hasError()``.
    """

    @property
    def encoding(self) -> str:
        """Of text: UTF-8, unless a program has bytes."""
        return texts.encoding

    def __init__(self, stream: Any, mode: str = "rw", name: str = "") -> None:
        super().__init__()
        self._stream, self._mode, self._name = stream, mode, name
        self._parser: Any = None
        self._writer: Any = None
        self._contents: Memory | None = None

    # -- places

    def isOpened(self) -> bool:
        return not self._stream.closed

    def isReadable(self) -> bool:
        return "r" in self._mode

    def isWritable(self) -> bool:
        return "w" in self._mode

    def seek(self, position: int) -> File:
        if not 1 <= position <= self._size() + 1:
            self._fail(f"unable to seek at position {int(position)}")
        else:
            self._stream.seek(int(position) - 1)
        return self

    def seekEnd(self) -> File:
        self._stream.seek(0, os.SEEK_END)
        return self

    def position(self) -> int:
        return self._stream.tell() + 1

    def _size(self) -> int:
        here = self._stream.tell()
        end = self._stream.seek(0, os.SEEK_END)
        self._stream.seek(here)
        return end

    def synchronize(self) -> File:
        self._stream.flush()
        return self

    def close(self) -> None:
        """Close the file, and let go of the objects that were read and written."""
        self._stream.close()
        self._parser = self._writer = self._contents = None

    def __enter__(self) -> File:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # -- text

    def readString(self, form: str) -> Any:
        """``'*a'``: all that is left; ``'*l'``: up to the end of the line. Bytes where it is not valid UTF-8."""
        if form[:2] == "*a":
            text = self._stream.read()
        elif form[:2] == "*l":
            text = self._stream.readline()
            if not text:
                self._fail("read error: read 0 blocks instead of 1")
                return None
            text = text[:-1] if text.endswith(b"\n") else text
        else:
            raise ValueError(f"readString: the format is '*a' or '*l', not {form!r}")
        try:
            return text.decode(self.encoding)
        except UnicodeDecodeError:
            return text

    def writeString(self, text: str | bytes) -> int:
        """Write text as it is; how many bytes it has."""
        data = text if isinstance(text, bytes) else text.encode(self.encoding)
        self._write(data)
        return len(data)

    def _write(self, data: bytes) -> None:
        if self._may_write():
            self._stream.write(data)
            self._contents = None

    def _may_write(self) -> bool:
        if not self.isWritable():
            self._fail(f"attempt to write in a file that is open for reading{self._name and ': '}{self._name}")
        return self.isWritable()

    # -- numbers

    def _read(self, name: str, request: Any = None) -> Any:
        """One number; ``request`` numbers; or an array or storage to fill, whose count of numbers read is given."""
        dtype, form = _NUMBERS[name]
        room = request.data if isinstance(request, Storage) else request
        fills = isinstance(room, np.ndarray)
        count = 1 if request is None else len(room) if fills else int(request)
        values = self._numbers(count, name, dtype, form)
        if len(values) < count:
            self._fail(f"read error: read {len(values)} blocks instead of {count}")
        if request is None:
            return values[0].item() if len(values) else 0
        if fills:
            room[: len(values)] = values
            return len(values)
        return self._row(name, values.astype(dtype))

    def _row(self, name: str, values: np.ndarray) -> Any:
        """Numbers that were read, as the caller takes them."""
        return values

    def _numbers(self, count: int, name: str, dtype: str, form: str | None) -> np.ndarray:
        if not self._ascii or form is None:
            kind = np.dtype(self._order + (f"i{self._longs}" if name == "Long" else dtype))
            data = self._stream.read(count * kind.itemsize)
            values = np.frombuffer(data[: len(data) // kind.itemsize * kind.itemsize], kind)
        else:
            values = np.array(self._tokens(count, float if dtype[0] == "f" else int)).astype(dtype)
        if self._ascii and self._spacing and count:
            here = self._stream.tell() if self._stream.seekable() else None
            if here is not None and self._stream.read(1) != b"\n":
                self._stream.seek(here)
        return values

    def _tokens(self, count: int, convert: Any) -> list:
        """Numbers as text; a word that is none stays in the file."""
        found: list = []
        while len(found) < count:
            here = self._stream.tell()
            word, c = b"", self._stream.read(1)
            while c.isspace():
                c = self._stream.read(1)
            while c and not c.isspace():
                word, c = word + c, self._stream.read(1)
            if c:
                self._stream.seek(-1, os.SEEK_CUR)
            try:
                found.append(convert(word))
            except ValueError:
                self._stream.seek(here)
                break
        return found

    def _store(self, name: str, values: Any) -> int:
        dtype, form = _NUMBERS[name]
        row = np.atleast_1d(np.asarray(values)).reshape(-1).astype(dtype)
        end = b"\n" if self._ascii and self._spacing and len(row) else b""
        if self._ascii and form is not None:
            self._write(" ".join(form % x for x in row.tolist()).encode() + end)
        else:
            kind = f"i{self._longs}" if name == "Long" else dtype
            self._write(row.astype(self._order + kind).tobytes() + end)
        return len(row)

    def readBool(self) -> bool:
        return bool(self._read("Int"))

    def writeBool(self, value: bool) -> int:
        return self._store("Int", int(value))

    # -- objects

    def readObject(self) -> Any:
        """The next object; parts that an earlier object had are the same. :class:`T7Error` at the end of the file."""
        if not self.isReadable():
            self._fail(f"attempt to read in a file that is open for writing{self._name and ': '}{self._name}")
            return None
        source = self._source()
        if self._parser is None:
            self._parser = Parser(source, self._referenced), Builder(source, self.encoding)
        parser, builder = self._parser
        parser.source = builder.source = source
        try:
            return builder.build(parser.parse(), parser.begun)
        except T7Error as e:
            raise T7Error(f"{self._name}: {e.message}" if self._name else e.message, e.offset, e.path) from e.__cause__
        finally:
            self._stream.seek(source.position)

    def _source(self) -> Any:
        here = self._stream.tell()
        if self._contents is None:
            self._stream.seek(0)
            self._contents = Memory(self._stream.read())
        source = AsciiSource(self._contents) if self._ascii else BinarySource(self._contents, self._longs)
        source.position = here
        return source

    def writeObject(self, object: Any) -> File:
        """Append an object."""
        if self._may_write():
            if self._writer is None:
                sink = AsciiSink(self._stream) if self._ascii else BinarySink(self._stream, self._longs)
                self._writer = Writer(sink, self._referenced)
            self._writer.write(object)
            self._contents = None
        return self


for _name in _NUMBERS:

    def _reader(self: File, request: Any = None, _name: str = _name) -> Any:
        return self._read(_name, request)

    def _storer(self: File, values: Any, _name: str = _name) -> int:
        return self._store(_name, values)

    setattr(File, f"read{_name}", _reader)
    setattr(File, f"write{_name}", _storer)

__all__ = ["File", "FileError"]
