"""Tensors and values as Lua printed them."""

from __future__ import annotations

from itertools import product
from math import floor, isfinite, isnan, log10
from typing import Any

import numpy as np

from ..arrays import cast, is_array, type_name
from ..lua import is_number, lua_number

WIDTH = 80


def tostring(x: Any) -> str:
    """What ``print(x)`` of Lua showed: a tensor in columns with its type and size, numbers with 14 digits, nil, true.

    All elements of a tensor share one format, chosen from the smallest and the largest magnitude. A tuple of sizes is
    a LongStorage, which Lua set off by an empty line.
    """
    if is_array(x):
        return _tensor(x)
    if isinstance(x, tuple) and x and all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in x):
        return f"\n{_body(np.array(x))}[torch.LongStorage of size {len(x)}]"
    if x is None or isinstance(x, bool):
        return {None: "nil", True: "true", False: "false"}[x]
    if is_number(x):
        return lua_number(x)
    return str(x)


def _tensor(x: Any) -> str:
    if x.size == 0:
        return f"[{type_name(x)} with no dimension]"
    values = cast(x, type_name(x).replace("Cuda", "").replace("torch.Tensor", "torch.FloatTensor"))
    size = "x".join(map(str, x.shape))
    return f"{_body(values)}[{type_name(x)} of size {size}]"


def _body(x: np.ndarray) -> str:
    if x.ndim <= 1:
        style = _Format(x)
        return style.factor() + "".join(f"{style(v)}\n" for v in x.reshape(-1).tolist())
    style = _Format(x)
    if x.ndim == 2:
        return _matrix(x, style, "")
    return "\n".join(_block(x, index[::-1], style) for index in product(*map(range, x.shape[-3::-1])))


def _block(x: np.ndarray, index: tuple[int, ...], style: _Format) -> str:
    name = ",".join(str(i + 1) for i in index)
    return f"({name},.,.) = \n{_matrix(x[index], style, ' ')}"


def _matrix(x: np.ndarray, style: _Format, indent: str) -> str:
    """Rows of columns; as many columns side by side as fit into the line. NaN has no width, and no line is full."""
    fit = (WIDTH - len(indent)) // (style.width + 1) if style.width else x.shape[1]
    margin = indent + " " if style.scale != 1 else indent
    parts = []
    for first in range(0, x.shape[1], fit):
        columns = x[:, first : first + fit]
        text = f"Columns {first + 1} to {first + columns.shape[1]}\n{indent}" if fit < x.shape[1] else ""
        if style.scale != 1:
            text += f"{style.factor()} {indent}"
        parts.append(text + margin.join(" ".join(map(style, row)) + "\n" for row in columns.tolist()))
    return indent + "\n".join(parts)


class _Format:
    """The one format of all elements of a tensor: ``style(value)``, its ``width`` and common factor ``scale``."""

    def __init__(self, x: np.ndarray) -> None:
        magnitude = np.abs(x.astype(np.float64))
        low, high = _exponent(float(magnitude.min())), _exponent(float(magnitude.max()))
        self.scale = 1.0
        if isnan(low):
            self.width, self.code = 0, "f"
        elif bool((magnitude == np.floor(magnitude)).all()):
            self.width, self.code = (high + 1, "d") if high <= 9 else (11, ".4e")
        elif not high - low <= 4:
            self.width, self.code = 11 + (abs(high) > 99 or abs(low) > 99), ".4e"
        elif high > 5 or high < 0:
            self.width, self.code, self.scale = 7, ".4f", 10.0 ** (high - 1)
        else:
            self.width, self.code = max(high + 6, 7), ".4f"

    def __call__(self, value: float) -> str:
        if self.code == "d":
            return f"{int(value):{self.width}d}"
        return f"{value / self.scale:{self.width or ''}{self.code}}"

    def factor(self) -> str:
        return "" if self.scale == 1 else f"{self.scale:g} *\n"


def _exponent(magnitude: float) -> float:
    if magnitude == 0:
        return 1
    return floor(log10(magnitude)) + 1 if isfinite(magnitude) else magnitude
