"""Bodies that a server packed on the way (``Content-Encoding``), unpacked and proved to be whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

GZIP = b"\x1f\x8b"
_PIECE = 1 << 20  # bytes at once, be the body packed ever so well


class BodyError(Exception):
    """A packed body that is damaged or ends too early."""


def decoded(blocks: Iterator[bytes], encoding: str, name: str) -> Iterator[bytes]:
    """The body in ``blocks`` without its encoding, ``gzip`` or ``deflate``; ``LookupError`` for others.

    Servers call a file ``x.tar.gz`` that is gzip itself encoded so too: of such a ``name`` one layer stays.
    """
    first = next(blocks, b"")
    if not first:
        return
    if encoding in ("gzip", "x-gzip"):
        bits = 31
    elif encoding == "deflate":
        bits = 15 if first[0] & 15 == 8 and int.from_bytes(first[:2].ljust(2), "big") % 31 == 0 else -15
    else:
        raise LookupError(f"the server sent it in an encoding that was not asked for, {encoding}")
    if bits == 31 and name.lower().endswith((".gz", ".tgz", ".gzip")) and not _is_packed_twice(first):
        yield first
        yield from blocks
        return
    yield from _inflated(first, blocks, bits)


def _is_packed_twice(first: bytes) -> bool:
    try:
        return zlib.decompressobj(31).decompress(first, 2).startswith(GZIP)
    except zlib.error:
        return False


def _inflated(data: bytes, blocks: Iterator[bytes], bits: int) -> Iterator[bytes]:
    inflate = zlib.decompressobj(bits)
    try:
        while data:
            yield inflate.decompress(data, _PIECE)
            data = inflate.unconsumed_tail
            if inflate.eof:
                data = inflate.unused_data or next(blocks, b"")
                if data and bits == 31:  # the next member
                    inflate = zlib.decompressobj(bits)
                    continue
                return
            data = data or next(blocks, b"")
        while piece := inflate.decompress(b"", _PIECE):
            yield piece
    except zlib.error as e:
        raise BodyError(f"the body is damaged: {e}") from e
    if not inflate.eof:
        raise BodyError("the body ends too early")
