"""Lua's numbers and tables: which Python type takes them."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

from .records import Storage, TableRecord, Tensor
from .values import LuaTable


def number(x: float) -> int | float:
    """A Lua number: an int where that is the same number and is written as the same bytes."""
    if x.is_integer() and abs(x) <= 2**53 and (x or math.copysign(1, x) > 0):
        return int(x)
    return x


def table_shell(table: TableRecord) -> Any:
    """A list for keys 1 to n, else a dict; a LuaTable where a dict would mix up the keys."""
    in_order = enumerate(islice(table.items, 0, None, 2), 1)
    if not table.fields and all(type(key) is float and key == n for n, key in in_order):
        return [None] * (len(table.items) // 2)
    keys = table.items[::2]
    if not table.fields and all(isinstance(key, float) for key in keys):
        distinct = set(keys)
        n = len(distinct)
        if not n or (min(distinct) == 1 and max(distinct) == n and all(key.is_integer() for key in distinct)):
            return [None] * n
    return {} if _fits_dict(keys) else LuaTable()


def _fits_dict(keys: list) -> bool:
    if any(isinstance(key, TableRecord | Tensor | Storage | list) for key in keys):
        return False
    booleans = {key for key in keys if isinstance(key, bool)}
    return not booleans & {key for key in keys if isinstance(key, float)}
