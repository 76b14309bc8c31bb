"""Build what a record describes and compare what it computes with what the original computed."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

import nn
import torch7 as torch

LARGEST = float(np.finfo(np.float32).max)  # what stands for infinity in the original is left out of the scale

ROUNDING = 1e-12  # of sums that are zero but for the order of their terms
PACKED = ("nn.VolumetricMaxPooling", "nn.VolumetricDilatedMaxPooling")  # three bytes count, the others were never set


def classes(value: Any) -> set[str]:
    """Names of all classes that a record builds."""
    if isinstance(value, list):
        return set().union(*map(classes, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    own = {value["class"]} if isinstance(value.get("class"), str) else set()
    return own.union(*[classes(v) for v in value.values()])


def build(spec: Any, named: dict[str, Any] | None = None) -> Any:
    """The object that a description (class, args, add, calls, attrs, ...) stands for; other values as they are."""
    named = {} if named is None else named
    if isinstance(spec, list):
        return [build(item, named) for item in spec]
    if not isinstance(spec, dict):
        return spec
    if "ref" in spec:
        return named[spec["ref"]]
    if "nodes" in spec:
        return graph(spec)
    if "class" not in spec:
        return {key: build(value, named) for key, value in spec.items()}
    module = construct(spec, named)
    if "name" in spec:
        named[spec["name"]] = module
    return module


def graph(spec: dict) -> Any:
    """The ``nn.gModule`` of a list of nodes, each a module and the positions of its sources from 1."""
    nodes: list = []
    for description, sources in spec["nodes"]:
        module = build(description)
        nodes.append(module([nodes[i - 1] for i in sources]) if sources else module())
    return nn.gModule([nodes[i - 1] for i in spec["inputs"]], [nodes[i - 1] for i in spec["outputs"]])


def construct(spec: dict, named: dict) -> Any:
    cls = getattr(nn, spec["class"].partition(".")[2])
    statics = spec.get("statics") or {}
    before = {name: getattr(cls, name, None) for name in statics}
    try:
        for name, value in statics.items():
            setattr(cls, name, value)
        module = cls(*[build(arg, named) for arg in spec.get("args") or []])
        for child in spec.get("add") or []:
            built = build(child, named)
            module.add(*built) if isinstance(built, list) else module.add(built)
    finally:
        for name, value in before.items():
            setattr(cls, name, value)
    for name, *args in spec.get("calls") or []:
        getattr(module, name)(*build(args, named))
    for name, value in (spec.get("attrs") or {}).items():
        setattr(module, name, value)
    return module.type(spec["type"]) if spec.get("type") else module


def agree(actual: Any, expected: Any, what: str) -> None:
    """Compare nested values: float64 to 1e-9 of the largest, float32 to 1e-4, integers exactly."""
    if isinstance(expected, list):
        assert len(actual) == len(expected), f"{what}: {len(actual)} entries, expected {len(expected)}"
        for i, (a, e) in enumerate(zip(actual, expected)):
            agree(a, e, f"{what}[{i}]")
    elif isinstance(expected, dict):
        for key, value in expected.items():
            agree(actual[key], value, f"{what}.{key}")
    elif isinstance(expected, np.ndarray):
        agree_arrays(np.asarray(actual), expected, what)
    elif isinstance(expected, float | int) and not isinstance(expected, bool):
        np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-12, err_msg=what)
    else:
        assert actual == expected, f"{what}: {actual!r}, expected {expected!r}"


def agree_arrays(actual: np.ndarray, expected: np.ndarray, what: str) -> None:
    if expected.size == 0 and actual.size == 0:
        return
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape}, expected {expected.shape}"
    if expected.dtype.kind in "iu":
        assert np.array_equal(actual, expected), f"{what}: {actual}, expected {expected}"
        return
    tolerance = 1e-9 if expected.dtype == np.float64 else 1e-4
    size = np.abs(expected.astype(np.float64))
    scale = float(size[size < LARGEST].max(initial=0))
    bounds = {"rtol": tolerance, "atol": max(tolerance * scale, ROUNDING)}
    if not within(actual, expected, **bounds):  # else there is nothing to say
        np.testing.assert_allclose(actual, expected, **bounds, err_msg=what)


def within(actual: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> bool:
    """Whether all numbers agree, as ``assert_allclose`` asks; never so where one is not finite."""
    with np.errstate(all="ignore"):
        return bool((np.abs(actual - expected) <= atol + rtol * np.abs(expected)).all())


def replay_module(r: dict) -> None:
    """Run one module record through construction, forward, backward and update."""
    torch.manualSeed(r["seed"])
    module = build(r)
    agree(list(module.parameters()[0]), r["params"], "initial parameters")
    getattr(module, r["mode"])()
    torch.manualSeed(r["seed"] + 1)
    output = module.forward(r["input"])
    agree(output, r["output"], "output")
    if r.get("gradOutput") is not None:
        replay_backward(module, r)
    for name, value in (r["bufs"] or {}).items():
        if name == "indices" and r["class"] in PACKED:
            value = value & 0xFFFFFF
        agree(getattr(module, name), value, name)
    assert unnumbered(str(module)) == unnumbered(r["print"])


def unnumbered(text: str) -> str:
    """A printed form without the numbers of NaN modules, which count those made in the process."""
    return re.sub(r"nn\.NaN\(\d+\)", "nn.NaN(#)", text)


def replay_backward(module: Any, r: dict) -> None:
    module.zeroGradParameters()
    torch.manualSeed(r["seed"] + 3)
    gradInput = module.backward(r["input"], r["gradOutput"], r.get("scale", 1))
    if r.get("gradInput") is not None:
        agree(gradInput, r["gradInput"], "gradInput")
    agree(list(module.parameters()[1]), r["gradParams"], "parameter gradients")
    if r.get("updated") is not None:
        module.updateParameters(0.1)
        agree(list(module.parameters()[0]), r["updated"], "updated parameters")


def replay_criterion(r: dict) -> None:
    """Run one criterion record."""
    torch.manualSeed(r["seed"])
    criterion = build(r)
    agree(criterion.forward(r["input"], r.get("target")), loss_of(r), "loss")
    if r.get("gradInput") is not None:
        agree(criterion.backward(r["input"], r.get("target")), r["gradInput"], "gradInput")


def loss_of(r: dict) -> Any:
    """float32 losses carry float32 precision."""
    return np.array(r["loss"], np.float32) if r.get("type") == "torch.FloatTensor" else r["loss"]
