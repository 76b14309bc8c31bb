"""``require 'optnet'``: accepted; layers here keep few buffers, and sharing more would change no number."""

from __future__ import annotations

from typing import Any

import torch7


def optimizeMemory(net: Any, input: Any = None, opts: dict | None = None) -> Any:
    """The network as it is."""
    return net


def removeOptimization(net: Any) -> Any:
    """The network as it is."""
    return net


def countUsedMemory(net: Any) -> dict[str, int]:
    """Bytes of the tensors of all modules: ``outputs``, ``gradInputs``, ``params``, ``gradParams``, ``buffers``, and
    the sum.
    """
    seen: set[int] = set()
    used = dict.fromkeys(("outputs", "gradInputs", "params", "gradParams", "buffers"), 0)
    for module in net.listModules():
        for field, value in vars(module).items():
            kind = {"output": "outputs", "gradInput": "gradInputs", "weight": "params", "bias": "params"}.get(field)
            kind = kind or {"gradWeight": "gradParams", "gradBias": "gradParams"}.get(field, "buffers")
            used[kind] += sum(_bytes(x, seen) for x in (value if isinstance(value, list | tuple) else [value]))
    return {**used, "total_size": sum(used.values())}


def _bytes(x: Any, seen: set[int]) -> int:
    if not torch7.isTensor(x) or id(x) in seen:
        return 0
    seen.add(id(x))
    return x.nbytes
