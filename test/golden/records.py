"""Records of the original: what each group held when the original ran, as lists of dictionaries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent


def load(group: str) -> list[dict[str, Any]]:
    """The records of ``group``: tensors as arrays, sizes as lists, numbers as floats, tables as lists."""
    binary = (HERE / f"{group}.bin").read_bytes()
    return decode(json.loads((HERE / f"{group}.json").read_text()), binary)


def graphs() -> list[dict[str, Any]]:
    """The records of group nngraph with what records of other modules have; ``number`` is that of the file."""
    common = {"class": "nn.gModule", "mode": "training", "bufs": None, "print": "nn.gModule"}
    records = load("nngraph")
    return [common | {"id": f"nngraph-{r['name']}", "number": n} | r for n, r in enumerate(records, 1)]


def decode(value: Any, binary: bytes) -> Any:
    """``value`` of a group's JSON with its tensors taken from ``binary``."""
    if isinstance(value, list):
        return [decode(item, binary) for item in value]
    if not isinstance(value, dict):
        return value
    if "$tensor" in value:
        return _tensor(binary, **value["$tensor"])
    if "$storage" in value:
        return value["$storage"]
    if "$number" in value:
        return float(value["$number"])
    return {key: decode(item, binary) for key, item in value.items()}


def _tensor(binary: bytes, dtype: str, shape: list[int], offset: int) -> np.ndarray:
    if not shape:
        return np.empty(0, dtype)
    count = int(np.prod(shape))
    return np.frombuffer(binary, np.dtype(dtype).newbyteorder("<"), count, offset).reshape(shape).astype(dtype)
