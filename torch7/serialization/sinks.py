"""Where a writer puts numbers and bytes: the binary and the ASCII encoding of .t7 files."""

from __future__ import annotations

import functools
import struct
from typing import Any

import numpy as np

from .errors import T7Error


class _Sink:
    """Over ``out``, a file open for writing or a bytearray."""

    def __init__(self, out: Any) -> None:
        self._put = out.extend if isinstance(out, bytearray) else out.write

    def string(self, text: bytes) -> None:
        self.int(len(text))
        self.raw(text)


MODES = ("binary", "ascii", "b32", "b64")


def sink_of(mode: str | None) -> Any:
    """What makes the sink for a mode of :func:`torch7.save` over a file or a bytearray."""
    if mode is not None and mode not in MODES:
        raise ValueError(f"mode is one of {', '.join(MODES)}, not {mode!r}")
    if mode == "ascii":
        return AsciiSink
    return functools.partial(BinarySink, long_size=4) if mode == "b32" else BinarySink


class BinarySink(_Sink):
    """Little-endian numbers, longs of 8 or 4 bytes."""

    def __init__(self, out: Any, long_size: int = 8) -> None:
        super().__init__(out)
        self._format = "q" if long_size == 8 else "i"
        self._integer = np.dtype(f"<i{long_size}")

    def int(self, value: int) -> None:
        try:
            self._put(struct.pack("<i", value))
        except struct.error:
            raise T7Error(f"{value} is too large for the length of a string or table") from None

    def long(self, value: int) -> None:
        self.longs((value,))

    def double(self, value: float) -> None:
        self._put(struct.pack("<d", value))

    def longs(self, values: tuple[int, ...]) -> None:
        try:
            self._put(struct.pack(f"<{len(values)}{self._format}", *values))
        except struct.error:
            raise T7Error(f"{max(values, key=abs)} does not fit in a long of {self._integer.itemsize} bytes") from None

    def raw(self, data: bytes) -> None:
        self._put(data)

    def array(self, x: np.ndarray) -> None:
        """The elements of a contiguous 1-D array."""
        if x.dtype.kind == "i" and x.dtype.itemsize == 8:
            x = self._longs_of(x)
        if x.size:
            self._put(memoryview(x.astype(x.dtype.newbyteorder("<"), copy=False)).cast("B"))

    def _longs_of(self, x: np.ndarray) -> np.ndarray:
        """The elements of a LongTensor in the size of a long."""
        result = x.astype(self._integer, copy=False)
        if result.dtype != x.dtype and not np.array_equal(result, x):
            raise T7Error("a LongTensor with numbers that do not fit in a long of 4 bytes")
        return result


class AsciiSink(_Sink):
    """Numbers as text, arrays on one line, bytes as they are; each followed by a newline."""

    _FORMATS = {"i": "%d", "f8": "%.17g", "f4": "%.9g", "f2": "%.9g"}
    _CHUNK = 1 << 14

    def int(self, value: int) -> None:
        self._put(b"%d\n" % value)

    long = int

    def double(self, value: float) -> None:
        self._put(b"%.17g\n" % value)

    def longs(self, values: tuple[int, ...]) -> None:
        if values:
            self._put(b"%b\n" % b" ".join(b"%d" % v for v in values))

    def raw(self, data: bytes) -> None:
        if data:
            self._put(data)
            self._put(b"\n")

    def array(self, x: np.ndarray) -> None:
        if x.dtype.itemsize == 1:
            self.raw(x.tobytes())
            return
        number = self._FORMATS["i" if x.dtype.kind == "i" else x.dtype.str[1:]]
        for start in range(0, x.size, self._CHUNK):
            chunk = x[start : start + self._CHUNK]
            text = " ".join([number] * len(chunk)) % tuple(chunk.tolist())
            self._put(b" " * (start > 0) + text.encode())
        if x.size:
            self._put(b"\n")
