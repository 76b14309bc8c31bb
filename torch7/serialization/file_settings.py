"""How a file of Torch writes numbers, and what it does about errors."""

from __future__ import annotations

import io
import sys

_NATIVE = "<" if sys.byteorder == "little" else ">"


class FileError(io.UnsupportedOperation):
    """What Torch's files raise, unless they are quiet: an ``OSError`` and a ``ValueError``."""


class Settings:
    """The settings of a file: text or binary, spaces, byte order, size of longs, quiet or pedantic."""

    def __init__(self) -> None:
        self._ascii, self._spacing, self._referenced = True, True, True
        self._quiet, self._failed = False, False
        self._order, self._longs = _NATIVE, 8

    # -- how numbers are written

    def ascii(self) -> Settings:
        self._ascii = True
        return self

    def binary(self) -> Settings:
        self._ascii = False
        return self

    def isBinary(self) -> bool:
        return not self._ascii

    def autoSpacing(self) -> Settings:
        self._spacing = True
        return self

    def noAutoSpacing(self) -> Settings:
        self._spacing = False
        return self

    def isAutoSpacing(self) -> bool:
        return self._spacing

    def longSize(self, size: int) -> Settings:
        if size not in (0, 4, 8):
            raise ValueError(f"longs have 4 or 8 bytes, not {size}")
        self._longs = size or 8
        return self

    def littleEndianEncoding(self) -> Settings:
        self._order = "<"
        return self

    def bigEndianEncoding(self) -> Settings:
        self._order = ">"
        return self

    def nativeEndianEncoding(self) -> Settings:
        self._order = _NATIVE
        return self

    def isLittleEndianEncoding(self) -> bool:
        return self._order == "<"

    def isNativeEncoding(self) -> bool:
        return self._order == _NATIVE

    def noBuffer(self) -> Settings:
        return self

    def referenced(self, value: bool) -> Settings:
        self._referenced = bool(value)
        return self

    def isReferenced(self) -> bool:
        return self._referenced

    # -- errors

    def quiet(self) -> Settings:
        self._quiet = True
        return self

    def pedantic(self) -> Settings:
        self._quiet = False
        return self

    def isQuiet(self) -> bool:
        return self._quiet

    def hasError(self) -> bool:
        return self._failed

    def clearError(self) -> Settings:
        self._failed = False
        return self

    def _fail(self, what: str) -> None:
        self._failed = True
        if not self._quiet:
            raise FileError(what)
