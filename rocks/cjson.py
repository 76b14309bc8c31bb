"""``require 'cjson'``: JSON text and tables."""

from __future__ import annotations

import json
import math
from typing import Any

from torch7.lua import lua_number

null = None
_SPARSE_FROM, _SPARSE_RATIO = 10, 2  # a table with more gaps than this is no array


def encode(value: Any) -> str:
    """The JSON text of a value; tables of 1..n, with gaps as null, are arrays, an empty table is an object."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("/", "\\/").replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return f"[{','.join(map(encode, value))}]" if value else "{}"
    if isinstance(value, dict):
        return _object(value)
    raise TypeError(f"Cannot serialise {_word(value)}: type not supported")


def _word(value: Any) -> str:
    import torch7

    return torch7.type(value)


def _number(value: float) -> str:
    if math.isnan(value) or math.isinf(value):
        raise ValueError("Cannot serialise number: must not be NaN or Inf")
    return str(value) if isinstance(value, int) and abs(value) < 10**14 else lua_number(value)


def _object(table: dict) -> str:
    places = [k for k in table if isinstance(k, int | float) and not isinstance(k, bool) and k == int(k) and k >= 1]
    if table and len(places) == len(table):
        most = int(max(places))
        if most > _SPARSE_FROM and most > _SPARSE_RATIO * len(table):
            raise ValueError("Cannot serialise table: excessively sparse array")
        return f"[{','.join(encode(table.get(i)) for i in range(1, most + 1))}]"
    return "{" + ",".join(f"{_key(k)}:{encode(x)}" for k, x in table.items()) + "}"


def _key(key: Any) -> str:
    if isinstance(key, str):
        return encode(key)
    if isinstance(key, int | float) and not isinstance(key, bool):
        return f'"{_number(key)}"'
    raise TypeError("Cannot serialise table: table key must be a number or string")


def decode(text: str) -> Any:
    """The value of a JSON text: arrays are lists, objects dicts, null is None."""
    try:
        return json.loads(text)
    except ValueError as e:
        raise ValueError(f"cjson.decode: {e}") from None


def new() -> Any:
    """This package again."""
    import sys

    return sys.modules[__name__]


def _setting(*args: Any) -> None:
    """Accepted for scripts that set it; the setting of this package is its default in Lua."""


encode_sparse_array = encode_max_depth = decode_max_depth = encode_number_precision = _setting
encode_keep_buffer = encode_invalid_numbers = decode_invalid_numbers = _setting
