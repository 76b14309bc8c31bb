"""The idx format of MNIST: a magic number with type and dimensions, the sizes, the elements, all big-endian."""

from __future__ import annotations

import gzip
import math
import os

import numpy as np

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | os.PathLike) -> np.ndarray:
    """The array in an idx file, compressed (.gz) or not; one that is cut off or no idx file raises ``ValueError``."""
    opener = gzip.open if os.fspath(path).endswith(".gz") else open
    try:
        with opener(path, "rb") as file:
            data = file.read()
    except (EOFError, gzip.BadGzipFile) as e:
        raise ValueError(f"{path} is damaged: {e}") from e
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in _TYPES:
        raise ValueError(f"{path} is not an idx file")
    dtype, header = np.dtype(_TYPES[data[2]]), 4 + 4 * data[3]
    shape = np.frombuffer(data[4:header].ljust(header - 4, b"\0"), ">u4").tolist()
    if len(data) != header + math.prod(shape) * dtype.itemsize:
        raise ValueError(f"{path} does not hold the {shape} elements that it promises")
    return np.frombuffer(data, dtype, offset=header).reshape(shape).astype(dtype.newbyteorder("="))
