"""Text as Lua has it: bytes, each of them a character of Latin-1, for programs that take text beyond ASCII apart."""

from __future__ import annotations

import codecs
import io
import os
import sys
from contextlib import suppress
from types import SimpleNamespace

from ..serialization import values

mode = SimpleNamespace(on=False)


def octets() -> None:
    """From here on the texts of the program are bytes: those it reads, its arguments, and what it prints."""
    from .loading import arg

    if mode.on:
        return
    mode.on = True
    values.texts.encoding = "latin-1"
    arg[:] = map(incoming, arg)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        with suppress(AttributeError, io.UnsupportedOperation):  # no stream of text, or one that was read from
            stream.reconfigure(encoding="latin-1", errors="octets")


def utf8(text: str) -> str:
    """The bytes of a text."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def incoming(text: str) -> str:
    """A text of Python for the program."""
    return utf8(text) if mode.on and not text.isascii() else text


def outgoing(text: str) -> str:
    """A text of the program for Python: names of files, commands."""
    return os.fsdecode(text.encode("latin-1")) if mode.on and not text.isascii() else text


def encoding() -> str:
    """Of files that the program opens."""
    return "latin-1" if mode.on else "utf-8"


def _beyond(e: UnicodeError) -> tuple[bytes, int]:
    """Characters that are no bytes come from the library: they are written in UTF-8."""
    return e.object[e.start : e.end].encode("utf-8", "surrogateescape"), e.end


codecs.register_error("octets", _beyond)
