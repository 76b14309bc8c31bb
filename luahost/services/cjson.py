"""``cjson``: JSON text and tables."""

from __future__ import annotations

import json
from typing import Any


def encode(value: Any) -> str:
    """The JSON text of a table; strings are bytes of UTF-8."""
    text = json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=False)
    return text.replace("/", "\\/")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(k): _plain(x) for k, x in value.items()}
    if isinstance(value, list):
        return [_plain(x) for x in value] if value else {}
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e14:
        return int(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"Cannot serialise {type(value).__name__}: type not supported")


def _key(key: Any) -> str:
    return str(int(key)) if isinstance(key, float) and key.is_integer() else str(key)


def decode(text: str) -> Any:
    """The table of a JSON text."""
    try:
        return _octets(json.loads(text.encode("latin-1")))
    except ValueError as e:
        raise ValueError(f"JSON: {e}") from None


def _octets(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass").decode("latin-1")
    if isinstance(value, list):
        return [_octets(x) for x in value]
    return {_octets(k): _octets(x) for k, x in value.items()} if isinstance(value, dict) else value


FUNCTIONS = {"encode": encode, "decode": decode}
