"""``require 'cjson'``: JSON text and tables."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace
from typing import Any

null = None


class Null:
    """JSON's null in Lua, where nil cannot stand in a table."""

    lua_kind = "userdata"

    def __str__(self) -> str:
        return "userdata: NULL"


NULL = Null()
# a table with more gaps than `ratio` entries each is no array, if its last place is behind `safe`: an error, or an
# object with `convert`; digits of numbers; what becomes of nan and inf; how deep tables may be
_settings = SimpleNamespace(
    convert=False,
    ratio=2,
    safe=10,
    precision=14,
    invalid=False,
    read_invalid=True,
    depth=1000,
    read_depth=1000,
    keep=True,
)


def encode(value: Any, depth: int = 1) -> str:
    """The JSON text of a value; tables of 1..n, with gaps as null, are arrays, an empty table is an object."""
    if value is None or value is NULL:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("/", "\\/").replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple | dict) and depth > _settings.depth:
        raise ValueError(f"Cannot serialise, excessive depth ({depth})")
    if isinstance(value, list | tuple):
        return f"[{','.join(encode(x, depth + 1) for x in value)}]" if value else "{}"
    if isinstance(value, dict):
        return _object(value, depth)
    raise TypeError(f"Cannot serialise {_word(value)}: type not supported")


def _word(value: Any) -> str:
    import torch7

    return torch7.type(value)


def _number(value: float) -> str:
    if math.isnan(value) or math.isinf(value):
        if _settings.invalid == "null":
            return "null"
        if not _settings.invalid:
            raise ValueError("Cannot serialise number: must not be NaN or Inf")
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    whole = isinstance(value, int) and abs(value) < 10 ** min(14, _settings.precision)
    return str(value) if whole else f"{float(value):.{_settings.precision}g}"


def _object(table: dict, depth: int) -> str:
    places = [k for k in table if isinstance(k, int | float) and not isinstance(k, bool) and k == int(k) and k >= 1]
    if table and len(places) == len(table):
        most = int(max(places))
        sparse = _settings.ratio > 0 and most > _settings.safe and most > _settings.ratio * len(table)
        if sparse and not _settings.convert:
            raise ValueError("Cannot serialise table: excessively sparse array")
        if not sparse:
            return f"[{','.join(encode(table.get(i), depth + 1) for i in range(1, most + 1))}]"
    return "{" + ",".join(f"{_key(k)}:{encode(x, depth + 1)}" for k, x in table.items()) + "}"


def _key(key: Any) -> str:
    if isinstance(key, str):
        return encode(key)
    if isinstance(key, int | float) and not isinstance(key, bool):
        return f'"{_number(key)}"'
    raise TypeError("Cannot serialise table: table key must be a number or string")


def decode(text: str, null: Any = None) -> Any:
    """The value of a JSON text: arrays are lists, objects dicts; ``null`` is what stands for JSON's null."""
    try:
        value = json.loads(text, parse_constant=None if _settings.read_invalid else _refused)
    except ValueError as e:
        raise ValueError(f"cjson.decode: {e}") from None
    return _checked(value, null, 1)


def _refused(name: str) -> Any:
    raise ValueError(f"invalid number {name}")


def _checked(value: Any, null: Any, depth: int) -> Any:
    """``value`` with ``null`` for None, in place."""
    if value is None:
        return null
    if isinstance(value, list | dict):
        if depth > _settings.read_depth:
            raise ValueError(f"Found too many nested data structures ({depth})")
        for key, x in list(enumerate(value) if isinstance(value, list) else value.items()):
            if x is None or isinstance(x, list | dict):
                value[key] = _checked(x, null, depth + 1)
    return value


def new() -> Any:
    """This package again."""
    import sys

    return sys.modules[__name__]


def _set(name: str, value: Any) -> Any:
    """A setting, which stays as it is for None."""
    if value is not None:
        setattr(_settings, name, value)
    return getattr(_settings, name)


def encode_sparse_array(convert: bool | None = None, ratio: int | None = None, safe: int | None = None) -> tuple:
    """Tables with many gaps: whether they are objects, and what are many."""
    return _set("convert", convert), _set("ratio", ratio), _set("safe", safe)


def encode_max_depth(depth: int | None = None) -> int:
    """How deep tables may be, 1000."""
    return _set("depth", depth)


def decode_max_depth(depth: int | None = None) -> int:
    """How deep arrays and objects may be, 1000."""
    return _set("read_depth", depth)


def encode_number_precision(digits: int | None = None) -> int:
    """The digits of numbers, 14."""
    return int(_set("precision", None if digits is None else int(digits)))


def encode_invalid_numbers(setting: Any = None) -> Any:
    """Whether nan and inf are written (False: an error), or ``'null'``."""
    return _set("invalid", setting)


def decode_invalid_numbers(setting: bool | None = None) -> bool:
    """Whether NaN and Infinity are read."""
    return _set("read_invalid", setting)


def encode_keep_buffer(keep: bool | None = None) -> bool:
    """Accepted; there is no buffer."""
    return _set("keep", keep)
