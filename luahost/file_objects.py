"""``torch.MemoryFile``, ``torch.DiskFile`` and ``torch.PipeFile``: numbers, text and objects in one stream of bytes."""

from __future__ import annotations

import io
import os
import subprocess
from typing import Any

import numpy as np

from torch7.serialization.builder import Builder
from torch7.serialization.contents import Memory
from torch7.serialization.parser import Parser
from torch7.serialization.sinks import AsciiSink, BinarySink
from torch7.serialization.sources import AsciiSource, BinarySource
from torch7.serialization.writer import Writer

from .file_settings import FileError, Settings
from .storages import Storage, make_storage

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
    """The methods that Torch's files share, over a binary stream. Text is bytes as latin-1; positions begin at 1."""

    def __init__(self, stream: Any, mode: str = "rw") -> None:
        super().__init__()
        self._stream, self._mode = stream, mode
        self._parser: Any = None
        self._writer: Any = None

    # -- places

    def isOpened(self) -> bool:
        return not self._stream.closed

    def isReadable(self) -> bool:
        return "r" in self._mode

    def isWritable(self) -> bool:
        return "w" in self._mode

    def seek(self, position: int) -> File:
        end = self._size()
        if not 1 <= position <= end + 1:
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
        self._stream.close()

    # -- text

    def readString(self, form: str) -> str | None:
        """``'*a'``: all that is left; ``'*l'``: up to the end of the line."""
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
        return text.decode("latin-1")

    def writeString(self, text: str) -> int:
        self._write(text.encode("latin-1"))
        return len(text)

    def _write(self, data: bytes) -> None:
        if not self.isWritable():
            self._fail("attempt to write in a read-only file")
            return
        self._stream.write(data)

    # -- numbers

    def _read(self, name: str, request: Any = None) -> Any:
        """One number; a storage of ``request`` numbers; or a storage to fill, whose count of numbers read is given."""
        dtype, form = _NUMBERS[name]
        count = 1 if request is None else len(request) if isinstance(request, Storage) else int(request)
        values = self._numbers(count, name, dtype, form)
        if len(values) < count:
            self._fail(f"read error: read {len(values)} blocks instead of {count}")
        if request is None:
            return values[0].item() if len(values) else 0
        if isinstance(request, Storage):
            request.data[: len(values)] = values
            return len(values)
        return make_storage(f"torch.{name}Storage", values.tolist())

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
        row = np.atleast_1d(np.asarray(values)).astype(dtype)
        if self._ascii and form is not None:
            text = " ".join(form % x for x in row.tolist())
            self._write(text.encode() + (b"\n" if self._spacing and len(row) else b""))
        else:
            kind = f"i{self._longs}" if name == "Long" else dtype
            end = b"\n" if self._ascii and self._spacing and len(row) else b""
            self._write(row.astype(self._order + kind).tobytes() + end)
        return len(row)

    def readBool(self) -> bool:
        return bool(self._read("Int"))

    def writeBool(self, value: bool) -> int:
        return self._store("Int", int(value))

    # -- objects

    def readObject(self) -> Any:
        """The next object; parts that an earlier object had are the same."""
        here = self._stream.tell()
        self._stream.seek(0)
        contents = Memory(self._stream.read())
        source = AsciiSource(contents) if self._ascii else BinarySource(contents, self._longs)
        source.position = here
        if self._parser is None:
            self._parser = Parser(source, self._referenced), Builder(source, "latin-1")
        parser, builder = self._parser
        parser.source = builder.source = source
        try:
            return builder.build(parser.parse(), parser.begun)
        finally:
            self._stream.seek(source.position)

    def writeObject(self, value: Any) -> None:
        if self._writer is None:
            sink = AsciiSink(self._stream) if self._ascii else BinarySink(self._stream, self._longs)
            self._writer = Writer(sink, self._referenced)
        self._writer.write(value)

    writeObject.octets = True  # strings of Lua are bytes


for _name in _NUMBERS:

    def _reader(self: File, request: Any = None, _name: str = _name) -> Any:
        return self._read(_name, request)

    def _storer(self: File, values: Any, _name: str = _name) -> int:
        return self._store(_name, values)

    setattr(File, f"read{_name}", _reader)
    setattr(File, f"write{_name}", _storer)


class MemoryFile(File):
    """``torch.MemoryFile([mode])`` or ``torch.MemoryFile(storage, mode)``: a file in memory."""

    torch_typename = "torch.MemoryFile"

    def __init__(self, content: Any = None, mode: str | None = None) -> None:
        if isinstance(content, str):
            content, mode = None, content
        data = b"" if content is None else content.data.tobytes()
        super().__init__(io.BytesIO(data[:-1] if data.endswith(b"\0") else data), mode or "rw")

    def storage(self) -> Storage:
        """The contents as a CharStorage, with the zero that ends it in Torch."""
        return Storage(np.frombuffer(self._stream.getvalue() + b"\0", np.int8).copy())


class DiskFile(File):
    """``torch.DiskFile(name, [mode], [quiet])`` with mode ``'r'``, ``'w'`` or ``'rw'``."""

    torch_typename = "torch.DiskFile"

    def __init__(self, name: str, mode: str | None = None, quiet: bool | None = None) -> None:
        mode = mode or "r"
        if mode not in ("r", "w", "rw"):
            raise ValueError(f"invalid mode <{mode}>: r, w or rw")
        self._name = name
        path = name.encode("latin-1")
        how = {"r": "rb", "w": "wb"}.get(mode) or ("r+b" if os.path.exists(path) else "w+b")
        try:
            stream = open(path, how)  # noqa: SIM115
        except OSError as e:
            raise FileError(f"cannot open <{name}> in mode {mode}: {e.strerror}") from None
        super().__init__(stream, mode)
        self._quiet = bool(quiet)

    def name(self) -> str:
        return self._name


class PipeFile(File):
    """``torch.PipeFile(command, [mode])``: what a command writes, or reads."""

    torch_typename = "torch.PipeFile"

    def __init__(self, command: str, mode: str | None = None, quiet: bool | None = None) -> None:
        mode = mode or "r"
        if mode not in ("r", "w"):
            raise ValueError(f"invalid mode <{mode}>: r or w")
        self._process = subprocess.Popen(
            command.encode("latin-1"), shell=True, **{"stdout" if mode == "r" else "stdin": subprocess.PIPE}
        )
        if mode == "r":
            stream: Any = io.BytesIO(self._process.communicate()[0])
        else:
            stream = self._process.stdin
        super().__init__(stream, mode)
        self._quiet = bool(quiet)

    def close(self) -> None:
        super().close()
        self._process.wait()


CLASSES = {cls.__name__: cls for cls in (MemoryFile, DiskFile, PipeFile)}
