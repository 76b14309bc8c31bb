"""``torch.load``, ``torch.save`` and what goes with them."""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from .builder import Builder
from .errors import T7Error
from .parser import Parser
from .sinks import AsciiSink, BinarySink
from .sources import AsciiSource, BinarySource
from .values import Storage
from .writer import Writer
from .wrong_files import wrong_kind

MODES = ("binary", "ascii", "b32", "b64")


def load(
    filename: str | os.PathLike, mode: str | None = None, referenced: bool | None = None, encoding: str | None = None
) -> Any:
    """The (first) object of a .t7 file.

    ``mode`` is ``'binary'`` (default), ``'ascii'``, or ``'b32'`` / ``'b64'`` for a binary file whose longs have 4 or 8
    bytes; binary tries 8, then 4. ``referenced=False`` reads what was written so. Strings are decoded as ``encoding``
    (``'utf-8'``); one that is not valid stays bytes. Nothing in the file is run. Raises :class:`T7Error`.
    """
    with opened(filename) as data, _named(filename):
        return _first(data, mode, referenced, encoding)


def save(filename: str | os.PathLike, object: Any, mode: str | None = None, referenced: bool | None = None) -> None:
    """Write ``object`` to a .t7 file that Lua Torch reads.

    ``mode`` is ``'binary'`` (default) or ``'ascii'``; ``referenced=False`` writes in full what occurs twice. The file
    changes only once all of it is written. Raises :class:`T7Error` for what Lua has no counterpart for.
    """
    target = Path(os.path.realpath(filename))
    special = target.exists() and not target.is_file()
    part = target if special else target.with_name(f"{target.name}.part{os.getpid()}")
    try:
        with open(part, "wb") as file:
            Writer(_sink(mode)(file), referenced is not False).write(object)
        if not special:
            _replace(part, target)
    finally:
        if not special:
            part.unlink(missing_ok=True)


def _replace(part: Path, target: Path) -> None:
    if target.exists():
        os.chmod(part, stat.S_IMODE(target.stat().st_mode))
    os.replace(part, target)


def serialize(object: Any, mode: str | None = None) -> bytes:
    """The bytes that :func:`save` would write."""
    data = bytearray()
    Writer(_sink(mode)(data)).write(object)
    return bytes(data)


def deserialize(data: bytes, mode: str | None = None, encoding: str | None = None) -> Any:
    """The object that :func:`serialize` made ``data`` of."""
    with _named(""):
        return _first(data, mode, None, encoding)


def serializeToStorage(object: Any, mode: str | None = None) -> Storage:
    """:func:`serialize`, as a ``torch.CharStorage``."""
    return Storage(np.frombuffer(serialize(object, mode), np.int8).copy())


def deserializeFromStorage(storage: Any, mode: str | None = None, encoding: str | None = None) -> Any:
    """The object in a ``torch.CharStorage``."""
    return deserialize(np.asarray(storage).tobytes(), mode, encoding)


loadobj, saveobj = load, save


def parse(data: Any, mode: str | None = None, referenced: bool | None = None) -> tuple[Any, Parser]:
    """The records of the first object in ``data``, and the parser that read them."""
    mode = mode or "binary"
    if mode not in MODES:
        raise ValueError(f"mode is one of {', '.join(MODES)}, not {mode!r}")
    try:
        return _parse(data, mode, referenced is not False)
    except T7Error as e:
        kind = wrong_kind(bytes(data[:64]), mode == "ascii")
        if kind:
            raise T7Error(f"not a .t7 file to read like this; it is {kind}") from None
        raise e


def _parse(data: Any, mode: str, referenced: bool) -> tuple[Any, Parser]:
    if mode == "ascii":
        parser = Parser(AsciiSource(data), referenced)
        return parser.parse(), parser
    parser = Parser(BinarySource(data, 4 if mode == "b32" else 8), referenced)
    try:
        return parser.parse(), parser
    except T7Error:
        if mode == "binary" and (short := _short_longs(data, referenced)):
            return short
        raise


def _short_longs(data: Any, referenced: bool) -> tuple[Any, Parser] | None:
    """The same with longs of 4 bytes, as on 32-bit machines and Windows, if that fits to the last byte."""
    parser = Parser(BinarySource(data, 4), referenced)
    try:
        root = parser.parse()
    except T7Error:
        return None
    return (root, parser) if parser.source.position == parser.source.size else None


def _first(data: Any, mode: str | None, referenced: bool | None, encoding: str | None) -> Any:
    root, parser = parse(data, mode, referenced)
    return Builder(parser.source, encoding or "utf-8").build(root, parser.begun)


@contextmanager
def opened(filename: str | os.PathLike) -> Iterator[Any]:
    """The bytes of a file: a memory map, or what can be read of a file that has none."""
    with open(filename, "rb") as file:
        if not os.path.isfile(filename) or not os.fstat(file.fileno()).st_size:
            yield file.read()
            return
        # the elements of storages are copied out of the map, once
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data


@contextmanager
def opened_records(filename: str | os.PathLike, mode: str | None = None) -> Iterator[tuple[Any, Parser]]:
    """The records of the first object in a file, and their parser, while the file is open."""
    with opened(filename) as data, _named(filename):
        yield parse(data, mode)


@contextmanager
def _named(filename: str | os.PathLike) -> Iterator[None]:
    """Put the name of the file in front of what is wrong with it."""
    try:
        yield
    except T7Error as e:
        raise T7Error(
            f"{os.fspath(filename)}: {e.message}" if filename else e.message, e.offset, e.path
        ) from e.__cause__


def _sink(mode: str | None) -> type:
    mode = mode or "binary"
    if mode not in MODES:
        raise ValueError(f"mode is one of {', '.join(MODES)}, not {mode!r}")
    return AsciiSink if mode == "ascii" else BinarySink
