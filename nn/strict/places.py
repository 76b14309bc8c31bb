"""What the checks look at: the contents of tensors, the memory they lie in, the lines of the script."""

from __future__ import annotations

import sys
from typing import Any
from zlib import crc32

import numpy as np

from torch7 import arrays
from torch7.strictness import is_library

from .. import utils


def script_line() -> str:
    """Where the script is: ``train.py:31``."""
    frame = sys._getframe(1)
    while frame.f_back and is_library(frame.f_code.co_filename):
        frame = frame.f_back
    return f"{frame.f_code.co_filename.rpartition('/')[2]}:{frame.f_lineno}"


def contents(value: Any) -> Any:
    """A short value that differs where sizes, types or elements of (nested) tensors differ."""
    if arrays.is_array(value):
        flat = np.ascontiguousarray(value) if isinstance(value, np.ndarray) else value.get()
        return value.shape, value.dtype.str, crc32(flat.reshape(-1).view(np.uint8)) if flat.size else 0
    if isinstance(value, dict):
        return {key: contents(entry) for key, entry in value.items()}
    return [contents(entry) for entry in value] if utils.is_table(value) else value


def address(x: Any) -> int:
    """Where a tensor's first element lies."""
    return x.__array_interface__["data"][0] if isinstance(x, np.ndarray) else x.data.ptr


def overlap(x: Any, y: Any) -> bool:
    """Whether two tensors may share memory."""
    if arrays.array_module(x) is not arrays.array_module(y):
        return False
    return arrays.array_module(x).may_share_memory(x, y)
