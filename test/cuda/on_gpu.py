"""Golden records with modules, inputs and results on the GPU."""

from __future__ import annotations

import re
from numbers import Real
from typing import Any

import numpy as np
import pytest
import replay

import torch7 as torch
from torch7 import arrays

CUDA = {"f": "torch.CudaTensor", "d": "torch.CudaDoubleTensor"}
GROUPS = ("simple", "transfer", "containers", "criterion", "convolution", "stochastic", "rnn", "dpnn")


def there(value: Any) -> Any:
    """Arrays of a nested value as arrays on the GPU."""
    if isinstance(value, np.ndarray):
        return arrays.cupy().asarray(value)
    if isinstance(value, list | tuple):
        return nested(there, value)
    return {k: there(v) for k, v in value.items()} if isinstance(value, dict) else value


def nested(function: Any, value: Any) -> Any:
    """``function`` on the elements of a list or tuple, named ones too."""
    made = map(function, value)
    return type(value)(*made) if hasattr(value, "_fields") else type(value)(made)


def here(value: Any) -> Any:
    """Arrays of a nested value as NumPy arrays."""
    if arrays.is_array(value) and not isinstance(value, np.ndarray):
        return value.get()
    if isinstance(value, Real):
        return float(value) if hasattr(value, "array") else value
    if isinstance(value, list | tuple):
        return nested(here, value)
    return {k: here(v) for k, v in value.items()} if isinstance(value, dict) else value


def agree(actual: Any, expected: Any, what: str) -> None:
    replay.agree(here(actual), expected, what)


def replay_record(r: dict) -> None:
    """One record of a module or criterion, as ``replay`` does on the CPU."""
    torch.manualSeed(r["seed"])
    m = replay.build(r)
    m = m.type(CUDA[np.dtype(m._dtype).char]) if hasattr(m, "_dtype") else m.cuda()
    x = there(r["input"])
    if r.get("criterion"):
        target = there(r.get("target"))
        agree(float(m.forward(x, target)), replay.loss_of(r), "loss")
        if r.get("gradInput") is not None:
            agree(m.backward(x, target), r["gradInput"], "gradInput")
        return
    getattr(m, r["mode"])()
    torch.manualSeed(r["seed"] + 1)
    agree(m.forward(x), r["output"], "output")
    if r.get("gradOutput") is not None:
        _backward(m, x, r)


def _backward(m: Any, x: Any, r: dict) -> None:
    m.zeroGradParameters()
    torch.manualSeed(r["seed"] + 3)
    gradInput = m.backward(x, there(r["gradOutput"]), r.get("scale", 1))
    if r.get("gradInput") is not None:
        agree(gradInput, r["gradInput"], "gradInput")
    agree(list(m.parameters()[1]), r["gradParams"], "parameter gradients")
    if r.get("updated") is not None:
        m.updateParameters(0.1)
        agree(list(m.parameters()[0]), r["updated"], "updated parameters")


def in_types(cases: list, types: Any, names: list[str] | None = None) -> list:
    """Cases for tests of ``(case, type)``: all in the first type, the first one of each class in the others too."""
    names, (first, *others), seen, found = names or list(map(str, cases)), types, set(), []
    for case, name in zip(cases, names):
        kind = re.split(r"[( ,]", name.removeprefix("nn."))[0]
        for dtype in (first,) if kind in seen else (first, *others):
            found.append(pytest.param(case, dtype, id=f"{name}-{dtype.rpartition('.')[2]}"))
        seen.add(kind)
    return found


def flat(value: Any) -> list:
    """Arrays and numbers of a nested value, in order."""
    if value is None or isinstance(value, str):
        return []
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [a for part in value for a in flat(part)]
    return [np.asarray(value)]


def alike(actual: Any, expected: Any, tolerance: float) -> None:
    """Nested values agree to ``tolerance`` of the largest element of each array; NaN and infinity are themselves."""
    found, wanted = flat(actual), flat(expected)
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted):
        assert a.shape == b.shape and a.dtype.kind == b.dtype.kind, f"{a.shape} {a.dtype}, expected {b.shape} {b.dtype}"
        size = np.abs(b[np.isfinite(b)]) if b.dtype.kind == "f" else np.zeros(0)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * max(1.0, float(size.max(initial=0))))
