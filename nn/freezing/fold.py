"""Shorter lists of steps: what evaluation does not need is left out, scales and shifts go into the weights before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from ..module import Module
from .joins import Join, Sum
from .trace import Step, Trace, flat, nested

#: Maps whose weight has a row of outputs, and those that have a column of them.
ROWS = "Linear", "SpatialConvolution", "SpatialConvolutionMM", "SpatialDilatedConvolution", "VolumetricConvolution"
COLUMNS = "SpatialFullConvolution", "VolumetricFullConvolution"
NORMALIZATIONS = "BatchNormalization", "SpatialBatchNormalization", "VolumetricBatchNormalization"
#: What evaluation multiplies by what training kept; Dropout's own way is without.
DROPOUTS = "Dropout", "SpatialDropout", "VolumetricDropout"
#: Functions that may overwrite their input.
OVERWRITING = "ReLU", "ReLU6", "Threshold", "LeakyReLU", "ELU", "HardTanh", "Clamp"
#: Modules whose output is a buffer of their own.
OWNING = (*ROWS, *COLUMNS, *NORMALIZATIONS, "Sum", "Join", "TemporalConvolution", "SpatialDepthWiseConvolution")


def shortened(trace: Trace) -> list[Step]:
    """The steps of a trace, on modules of which each is in one step: they are changed."""
    steps = [_replaced(step) for step in trace.steps]
    same: dict[int, int] = {}
    steps = [step for step in steps if not _handed_on(step, same)]
    for step in steps:
        step.inputs = nested(step.inputs, lambda n: _end(same, n))
    trace.output = nested(trace.output, lambda n: _end(same, n))
    merged = True
    while merged:
        merged = any(_merge(steps, trace, rule) for rule in (_scaled, _summed))
    _overwrite(steps, trace)
    return steps


def _end(same: dict[int, int], n: int) -> int:
    while n in same:
        n = same[n]
    return n


def _replaced(step: Step) -> Step:
    """Sums and joins by kernels."""
    kind, module = step.kind, step.module
    if kind == "CAddTable":
        step.module = Sum(module)
    elif kind in ("Concat", "JoinTable"):
        step.module = Join(module)
    return step


#: Modules that hand entries of their input on.
HANDING_ON = "Identity", "SelectTable", "FlattenTable", "NarrowTable", "Contiguous", "Copy"


def _handed_on(step: Step, same: dict[int, int]) -> bool:
    """Whether a step only hands its input on; notes which value is the same as which."""
    module = step.module
    if step.kind == "Dropout" and module.v2 and not module.stochastic_inference and not isinstance(step.inputs, list):
        if step.inputs != step.outputs:
            same[step.outputs] = step.inputs
        return True
    return step.kind in HANDING_ON and set(flat(step.outputs)) <= set(flat(step.inputs))


def _merge(steps: list[Step], trace: Trace, rule: Callable[[Module, Step], bool]) -> bool:
    """Put one step into the step whose only use it is."""
    uses = Counter(n for step in steps for n in flat(step.inputs)) + Counter(flat(trace.output))
    makers = {n: step for step in steps for n in flat(step.outputs)}
    for k, step in enumerate(steps):
        value = step.inputs
        if isinstance(value, list) or uses[value] != 1 or value not in makers or step.outputs == value:
            continue
        before = makers[value]
        if before.outputs == value and rule(before.module, step):
            before.outputs = step.outputs
            del steps[k]
            return True
    return False


def _summed(before: Module, step: Step) -> bool:
    """A ReLU behind a sum of two."""
    relu = step.kind == "ReLU" or (step.kind == "Threshold" and step.module.threshold == step.module.val == 0)
    if not isinstance(before, Sum) or before.rectify or not relu:
        return False
    before.rectify = True
    return True


def _scaled(before: Module, step: Step) -> bool:
    """A scale and a shift of every output behind a linear map."""
    kind = type(before).__name__
    if kind not in ROWS + COLUMNS or type(before).__module__.partition(".")[0] != "nn":
        return False
    axis = 1 if kind in COLUMNS else 0
    outputs = before.weight.shape[axis]
    found = _scale_and_shift(step, outputs)
    if found is None:
        return False
    scale, shift = found
    sizes = [1] * before.weight.ndim
    sizes[axis] = outputs
    dtype = before.weight.dtype
    bias = np.zeros(outputs) if before.bias is None else before.bias.astype(np.float64)
    before.weight = (before.weight * scale.reshape(sizes)).astype(dtype)
    before.bias = (bias * scale + shift).astype(dtype)
    return True


def _scale_and_shift(step: Step, outputs: int) -> tuple[np.ndarray, np.ndarray] | None:
    """What a step multiplies each output with and adds, in double precision."""
    module, ones = step.module, np.ones(outputs)
    if step.kind in NORMALIZATIONS:
        if module.running_mean.size != outputs:
            return None
        scale = 1 / np.sqrt(module.running_var.astype(np.float64) + module.eps)
        if module.weight is not None:
            scale = scale * module.weight
        shift = -module.running_mean * scale
        return scale, shift if module.bias is None else shift + module.bias
    if step.kind == "MulConstant":
        return ones * module.constant_scalar, 0 * ones
    if step.kind == "AddConstant":
        return ones, ones * module.constant_scalar
    if step.kind in DROPOUTS and not module.stochastic_inference:
        return ones * (1 - module.p), 0 * ones
    if step.kind == "Mul":
        return ones * float(module.weight[0]), 0 * ones
    return None


def may_overwrite(step: Step) -> bool:
    """Whether a step may write over its input: a function whose backward needs the output alone."""
    module = step.module
    if step.kind not in OVERWRITING or isinstance(step.inputs, list) or module.inplace:
        return False
    ascends = min(getattr(module, name, 0) for name in ("negval", "alpha")) >= 0
    return ascends and getattr(module, "val", 0) <= getattr(module, "threshold", 0)


def _overwrite(steps: list[Step], trace: Trace) -> None:
    """Let functions of every element write over their input where nothing else reads it."""
    uses = Counter(n for step in steps for n in flat(step.inputs)) + Counter(flat(trace.output))
    makers: dict[int, Any] = {n: step for step in steps for n in flat(step.outputs)}
    for step in steps:
        value = step.inputs
        if not may_overwrite(step) or uses[value] != 1:
            continue
        before = makers.get(value)
        if before is not None and before.kind in OWNING and before.outputs == value:
            step.module.inplace = True
