"""Where a reader gets numbers and bytes from: the binary and the ASCII encoding of .t7 files.

Both offer ``int``, ``long``, ``double``, ``longs(n)``, ``raw(n)`` and ``string``, and for the elements of storages
``skip(dtype, n)``, which returns the bytes they occupy, and ``array(dtype, n, span)``, which reads them.
"""

from __future__ import annotations

import re
import struct
import warnings
from typing import Any

import numpy as np

from .errors import T7Error
from .limits import check_count

_INT, _LONG, _DOUBLE = struct.Struct("<i"), struct.Struct("<q"), struct.Struct("<d")


class BinarySource:
    """Little-endian numbers in ``data`` (bytes or a memory map); longs take ``long_size`` bytes, 8 or 4."""

    smallest = 4  # bytes of a value, at least

    def __init__(self, data: Any, long_size: int = 8) -> None:
        self.data, self.size, self.position = data, len(data), 0
        self.long_size = long_size
        self._long = _LONG if long_size == 8 else _INT

    def _take(self, n: int) -> int:
        start, self.position = self.position, self.position + n
        if self.position > self.size:
            self.position = start
            raise T7Error(f"truncated: {n} bytes are needed, {self.size - start} are left")
        return start

    def int(self) -> int:
        return _INT.unpack_from(self.data, self._take(4))[0]

    def long(self) -> int:
        return self._long.unpack_from(self.data, self._take(self.long_size))[0]

    def double(self) -> float:
        return _DOUBLE.unpack_from(self.data, self._take(8))[0]

    def longs(self, n: int) -> tuple[int, ...]:
        format = f"<{n}{'q' if self.long_size == 8 else 'i'}"
        return struct.unpack_from(format, self.data, self._take(n * self.long_size))

    def raw(self, n: int) -> bytes:
        check_count(n, 1, self.size - self.position, "a string")
        start = self._take(n)
        return bytes(self.data[start : start + n])

    def string(self) -> bytes:
        return self.raw(self.int())

    def skip(self, dtype: np.dtype, n: int) -> tuple[int, int]:
        itemsize = self._stored(dtype).itemsize
        check_count(n, itemsize, self.size - self.position, "a storage")
        return self._take(n * itemsize), self.position

    def array(self, dtype: np.dtype, n: int, span: tuple[int, int]) -> np.ndarray:
        """A new aligned array; the file's own bytes may start anywhere."""
        result = np.empty(n, dtype)
        result[...] = np.frombuffer(self.data, self._stored(dtype), n, span[0]) if n else 0
        return result

    def _stored(self, dtype: np.dtype) -> np.dtype:
        return np.dtype(f"<i{self.long_size}") if dtype == np.int64 else dtype.newbyteorder("<")


class AsciiSource:
    """Numbers as text: arrays on one line each, bytes as they are with a newline after them."""

    smallest = 2
    _token = re.compile(rb"[ \t\r\n\v\f]*([0-9A-Za-z+\-.()]{1,64})(?![^ \t\r\n\v\f])")
    _int = re.compile(rb"[+-]?[0-9]{1,20}\Z")
    _widest = 40  # characters of a number with its separator

    def __init__(self, data: Any) -> None:
        self.data, self.size, self.position = bytes(data), len(data), 0

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
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                values = np.fromstring(self.data[span[0] : span[1]], wide, sep=" ")
        except (ValueError, Warning) as e:
            raise T7Error(f"{n} numbers are expected: {e}", span[0]) from None
        with np.errstate(over="ignore"):
            result = values.astype(dtype, copy=False)
        if len(values) != n or (dtype.kind == "i" and not np.array_equal(values, result)):
            raise T7Error(f"{n} numbers of type {dtype} are expected, there are {len(values)} others", span[0])
        return result
