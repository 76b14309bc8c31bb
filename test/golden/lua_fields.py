"""What objects hold when Lua finds them in a file of ours, in the form of the records in lua-fields.jsonl."""

from __future__ import annotations

import json
from typing import Any

import t7_strict
from records import HERE

import torch7 as torch


def records() -> list[dict[str, Any]]:
    """What objects of the original hold: class, state, the type of each field, pairs of fields on one storage."""
    return [json.loads(line) for line in (HERE / "lua-fields.jsonl").read_text().splitlines()]


def described(value: Any) -> str:
    """The type of a value, of tensors and sizes with what they measure."""
    if isinstance(value, t7_strict.Tensor):
        return f"{value.name}({'x'.join(map(str, value.size))})"
    if isinstance(value, t7_strict.Storage):
        return f"{value.name}({value.size})" if value.name == "torch.LongStorage" else value.name
    if isinstance(value, t7_strict.Object):
        return value.name
    return {bool: "boolean", float: "number", str: "string", t7_strict.Table: "table"}[type(value)]


def shared(fields: dict[str, Any]) -> list[list[str]]:
    """Pairs of tensor fields over one storage: the first of them with each of the others."""
    first: dict[int, str] = {}
    pairs = []
    for name, x in sorted(fields.items()):
        if isinstance(x, t7_strict.Tensor) and x.storage:
            head = first.setdefault(id(x.storage), name)
            pairs += [[head, name]] if head != name else []
    return pairs


def held(obj: Any) -> tuple[dict[str, str], list[list[str]]]:
    """The fields of ``obj`` as written: the type of each, and the pairs that share."""
    fields = t7_strict.read(torch.serialize(obj)).fields
    return {name: described(value) for name, value in sorted(fields.items())}, shared(fields)
