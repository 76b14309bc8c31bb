"""Where a reader gets numbers and bytes from: the binary and the ASCII encoding of .t7 files.

Both offer ``int``, ``long``, ``double``, ``longs(n)``, ``raw(n)`` and ``string``, and for the elements of storages
``skip(dtype, n)``, which returns the bytes they occupy, and ``array(dtype, n, span)``, which reads them.
"""

from __future__ import annotations

import re
import struct
from typing import Any

import numpy as np

from .errors import T7Error
from .limits import check_count

_INT, _LONG, _DOUBLE = struct.Struct("<i"), struct.Struct("<q"), struct.Struct("<d")


class BinarySource:
    """Little-endian numbers in ``contents``; longs take ``long_size`` bytes, 8 or 4."""

    smallest = 4  # bytes of a value, at least
    _PIECE = 1 << 16

    def __init__(self, contents: Any, long_size: int = 8) -> None:
        self.contents, self.size, self.position = contents, contents.size, 0
        self.long_size = long_size
        self._long = _LONG if long_size == 8 else _INT
        self._piece, self._first, self._end = contents.read(0, self._PIECE), 0, 0
        self._end = len(self._piece)

    def _take(self, n: int) -> int:
        """Where the next ``n`` bytes, which are few, begin in the piece of the file that is at hand."""
        start = self.position
        if self._first <= start and start + n <= self._end:
            self.position += n
            return start - self._first
        self._skip(n)
        self._piece = self.contents.read(start, max(n, self._PIECE))
        self._first, self._end = start, start + len(self._piece)
        return 0

    def _skip(self, n: int) -> int:
        start, self.position = self.position, self.position + n
        if self.position > self.size:
            self.position = start
            raise T7Error(f"truncated: {n} bytes are needed, {self.size - start} are left")
        return start

    def int(self) -> int:
        at = self._take(4)
        return _INT.unpack_from(self._piece, at)[0]

    def long(self) -> int:
        at = self._take(self.long_size)
        return self._long.unpack_from(self._piece, at)[0]

    def double(self) -> float:
        at = self._take(8)
        return _DOUBLE.unpack_from(self._piece, at)[0]

    def longs(self, n: int) -> tuple[int, ...]:
        at = self._take(n * self.long_size)
        return struct.unpack_from(f"<{n}{'q' if self.long_size == 8 else 'i'}", self._piece, at)

    def raw(self, n: int) -> bytes:
        check_count(n, 1, self.size - self.position, "a string")
        if n > self._PIECE:
            return bytes(self.contents.read(self._skip(n), n))
        at = self._take(n)
        return bytes(self._piece[at : at + n])

    def string(self) -> bytes:
        return self.raw(self.int())

    def skip(self, dtype: np.dtype, n: int) -> tuple[int, int]:
        itemsize = self._stored(dtype).itemsize
        check_count(n, itemsize, self.size - self.position, "a storage")
        return self._skip(n * itemsize), self.position

    def array(self, dtype: np.dtype, n: int, span: tuple[int, int]) -> np.ndarray:
        """A new aligned array; the file's own bytes may start anywhere."""
        result = np.empty(n, self._stored(dtype))
        if n:
            self.contents.read_into(result, span[0])
        return result.astype(dtype, copy=False)

    def _stored(self, dtype: np.dtype) -> np.dtype:
        return np.dtype(f"<i{self.long_size}") if dtype == np.int64 else dtype.newbyteorder("<")


class AsciiSource:
    """Numbers as text: arrays on one line each, bytes as they are with a newline after them."""

    smallest = 2
    _token = re.compile(rb"[ \t\r\n\v\f]*([0-9A-Za-z+\-.()]{1,64})(?![^ \t\r\n\v\f])")
    _int = re.compile(rb"[+-]?[0-9]{1,20}\Z")
    _widest = 40  # characters of a number with its separator

    def __init__(self, contents: Any) -> None:
        self.data, self.size, self.position = contents.whole(), contents.size, 0

    def _next(self) -> bytes:
        match = self._token.match(self.data, self.position)
        if not match:
            raise T7Error("a number is expected" if self.position < self.size else "truncated: the file ends here")
        self.position = match.end()
        return match[1]

    def _end_line(self) -> None:
        """Past one newline, be it the two characters that a copy to Windows made of it."""
        if self.data[self.position : self.position + 1] == b"\n":
            self.position += 1
        elif self.data[self.position : self.position + 2] == b"\r\n":
            self.position += 2

    def _integer(self, bits: int) -> int:
        token = self._next()
        value = int(token) if self._int.match(token) else None
        if value is None or not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
            raise T7Error(f"an integer of {bits} bits is expected, not {token.decode()!r}")
        return value

    def int(self) -> int:
        value = self._integer(32)
        self._end_line()
        return value

    def long(self) -> int:
        value = self._integer(64)
        self._end_line()
        return value

    def double(self) -> float:
        token = self._next()
        try:
            value = float(token)
        except ValueError:
            raise T7Error(f"a number is expected, not {token.decode()!r}") from None
        self._end_line()
        return value

    def longs(self, n: int) -> tuple[int, ...]:
        values = tuple(self._integer(64) for _ in range(n))
        if n:
            self._end_line()
        return values

    def raw(self, n: int) -> bytes:
        check_count(n, 1, self.size - self.position, "a string")
        start = self.position
        self.position += n
        if n:
            self._end_line()
        return self.data[start : start + n]

    def string(self) -> bytes:
        return self.raw(self.int())

    def skip(self, dtype: np.dtype, n: int) -> tuple[int, int]:
        """The span of ``n`` numbers: a line if it holds as many, else number by number."""
        left = self.size - self.position
        if dtype.itemsize == 1:
            check_count(n, 1, left, "a storage")
            start = self.position
            self.raw(n)
            return start, start + n
        check_count(n, 2, left + 1, "a storage")
        start = self.position
        end = self.data.find(b"\n", start, start + self._widest * n + 1) if n else start
        if end >= 0 and self.data.count(b" ", start, end) == n - 1:
            self.position = end
        else:
            for _ in range(n):
                self._next()
        span = start, self.position
        if n:
            self._end_line()
        return span

    def array(self, dtype: np.dtype, n: int, span: tuple[int, int]) -> np.ndarray:
        if dtype.itemsize == 1:
            return np.frombuffer(self.data, dtype, n, span[0]).copy()
        wide = np.int64 if dtype.kind == "i" else np.float64
        text = self.data[span[0] : span[1]]
        try:
            values = np.fromstring(text, wide, sep=" ")
            self._check(text, values)
        except (ValueError, Warning) as e:
            raise T7Error(f"{n} numbers are expected: {e}", span[0]) from None
        with np.errstate(over="ignore", invalid="ignore"):
            result = values.astype(dtype, copy=False)
        if len(values) != n or (dtype.kind == "i" and not np.array_equal(values, result)):
            raise T7Error(f"{n} numbers of type {dtype} are expected, there are {len(values)} others", span[0])
        return result

    @staticmethod
    def _check(text: bytes, values: np.ndarray) -> None:
        """What ``fromstring`` lets pass: something else after the last number, and integers that do not fit."""
        if not len(values):
            return
        if values.dtype.kind == "f":
            float(text.rsplit(None, 1)[-1])
            return
        cut = np.isin(values, (-(2**63), 2**63 - 1)).any()
        tokens = text.split() if cut else text.rsplit(None, 1)[-1:]
        if list(map(int, tokens)) != values[-len(tokens) :].tolist():
            raise ValueError("an integer does not fit in 64 bits")
