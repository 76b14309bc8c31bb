"""``torch.load``, ``torch.save`` and what goes with them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .builder import Builder
from .contents import Memory, is_contents, opened
from .errors import T7Error
from .inspect import describe
from .parser import Parser
from .replacing import replacing
from .sinks import MODES, sink_of
from .sources import AsciiSource, BinarySource
from .values import Storage, texts
from .writer import Writer
from .wrong_files import looks_ascii, wrong_kind

_HEAD = 4096  # bytes by which a file that is no .t7 file is told


def load(
    file: Any,
    mode: str | None = None,
    referenced: bool | None = None,
    encoding: str | None = None,
    report: bool | None = None,
) -> Any:
    """The (first) object of a .t7 file: its path, its bytes, or an open binary file or anything else with ``read()``.

    ``mode`` is ``'binary'``, ``'ascii'``, or ``'b32'`` / ``'b64'`` for a binary file whose longs have 4 or 8 bytes;
    binary tries 8, then 4. Without a mode binary is tried first, then ASCII. ``referenced=False`` reads what was
    written so. Strings are decoded as ``encoding`` (``'utf-8'``); one that is not valid stays bytes. Nothing in the
    file is run. With ``report`` a :class:`Report` of what the file holds, and whether its networks run here, takes the
    place of the object. Raises :class:`T7Error`.
    """
    with opened(file) as contents, _named(file):
        if report:
            return describe(*parse(contents, mode, referenced))
        return _first(contents, mode, referenced, encoding)


def save(file: Any, object: Any, mode: str | None = None, referenced: bool | None = None) -> None:
    """Write ``object`` to a .t7 file that Lua Torch reads: a path, or an open binary file.

    ``mode`` is ``'binary'`` (default), ``'ascii'``, or ``'b32'`` for longs of 4 bytes; ``referenced=False`` writes in
    full what occurs twice. The file of a path changes only once all of it is written. Raises :class:`T7Error` for what
    Lua has no counterpart for.
    """
    sink = sink_of(mode)
    if hasattr(file, "write"):
        Writer(sink(file), referenced is not False).write(object)
        return
    if not isinstance(file, str | bytes | os.PathLike):
        raise TypeError(f"save(file, object): the first argument is a path or an open file, not {type(file).__name__}")
    with replacing(file) as out:
        Writer(sink(out), referenced is not False).write(object)


def serialize(object: Any, mode: str | None = None) -> bytes:
    """The bytes that :func:`save` would write."""
    data = bytearray()
    Writer(sink_of(mode)(data)).write(object)
    return bytes(data)


def deserialize(data: Any, mode: str | None = None, encoding: str | None = None) -> Any:
    """The object that :func:`serialize` made ``data`` of."""
    with _named(""):
        return _first(Memory(data), mode, None, encoding)


def serializeToStorage(object: Any, mode: str | None = None) -> Storage:
    """:func:`serialize`, as a ``torch.CharStorage``."""
    return Storage(np.frombuffer(serialize(object, mode), np.int8).copy())


def deserializeFromStorage(storage: Any, mode: str | None = None, encoding: str | None = None) -> Any:
    """The object in a ``torch.CharStorage``."""
    return deserialize(np.asarray(storage).tobytes(), mode, encoding)


loadobj, saveobj = load, save


def parse(contents: Any, mode: str | None = None, referenced: bool | None = None) -> tuple[Any, Parser]:
    """The records of the first object in ``contents``, and the parser that read them."""
    if mode is not None and mode not in MODES:
        raise ValueError(f"mode is one of {', '.join(MODES)}, not {mode!r}")
    head = bytes(contents.read(0, _HEAD))
    try:
        return _parse(contents, "ascii" if mode is None and looks_ascii(head) else mode or "binary", referenced)
    except T7Error as e:
        if kind := wrong_kind(head, mode):
            raise T7Error(f"not a .t7 file to read like this; it is {kind}") from None
        raise e


def _parse(contents: Any, mode: str, referenced: bool | None) -> tuple[Any, Parser]:
    if mode == "ascii":
        return _with(AsciiSource(contents), referenced)
    try:
        return _with(BinarySource(contents, 4 if mode == "b32" else 8), referenced)
    except T7Error:
        if mode == "binary" and (short := _short_longs(contents, referenced)):
            return short
        raise


def _with(source: Any, referenced: bool | None) -> tuple[Any, Parser]:
    parser = Parser(source, referenced is not False)
    return parser.parse(), parser


def _short_longs(contents: Any, referenced: bool | None) -> tuple[Any, Parser] | None:
    """The same with longs of 4 bytes, as on 32-bit machines and Windows, if that fits to the last byte."""
    try:
        root, parser = _with(BinarySource(contents, 4), referenced)
    except T7Error:
        return None
    return (root, parser) if parser.source.position == parser.source.size else None


def _first(contents: Any, mode: str | None, referenced: bool | None, encoding: str | None) -> Any:
    known = _decodes(encoding)
    root, parser = parse(contents, mode, referenced)
    return Builder(parser.source, known).build(root, parser.begun)


def _decodes(encoding: str | None) -> str:
    """The name of an encoding of text, proved to be one."""
    try:
        b"a".decode(encoding or texts.encoding)
    except UnicodeError:
        pass
    except (LookupError, ValueError) as e:
        raise T7Error(f"encoding: {e}") from None
    return encoding or texts.encoding


@contextmanager
def opened_records(file: Any, mode: str | None = None) -> Iterator[tuple[Any, Parser]]:
    """The records of the first object in a file, and their parser, while the file is open."""
    with opened(file) as contents, _named(file):
        yield parse(contents, mode)


@contextmanager
def _named(file: Any) -> Iterator[None]:
    """Put the name of the file in front of what is wrong with it."""
    try:
        yield
    except T7Error as e:
        name = file if isinstance(file, str | bytes | os.PathLike) and not is_contents(file) else ""
        message = f"{os.fsdecode(name)}: {e.message}" if name else e.message
        raise T7Error(message, e.offset, e.path) from e.__cause__
