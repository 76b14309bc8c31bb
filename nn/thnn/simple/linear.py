"""Linear: ``y = W x + b`` for a vector x or for the rows of a matrix.

A matrix goes through :mod:`gemm`. For one vector W is read once, as it lies: its rows times x forward, a sum of its
rows backward (:mod:`gemv`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import get_num_threads

from ..cpu.gemm.gemm import gemm
from ..cpu.gemm.gemv import add_columns, add_multiple, add_outer, rows_times, sum_of_rows
from ..cpu.runtime.jit import kernel
from ..cpu.runtime.parallel import parallel_region
from ..cpu.runtime.partition import bound
from ..cpu.runtime.records import Float, Int, Pointer
from ..cpu.simd import registers as simd

#: A weight of up to so many elements is multiplied with a vector by the caller alone: it comes from the second cache,
#: 16 elements a nanosecond, in half the time from which a launch pays.
ALONE = 160_000


class Map(NamedTuple):
    """A weight, or its gradient, of ``outputs`` rows of ``inputs`` elements, and a bias."""

    weight: Pointer
    bias: Pointer
    has_bias: Int
    inputs: Int
    outputs: Int


@kernel
def _forward(x, weight, bias, y):
    rows_times(simd.at(x, 0), x.size, simd.at(weight, 0), simd.at(bias, 0), True, simd.at(y, 0), 0, y.size)


@kernel
def _forward_no_bias(x, weight, y):
    rows_times(simd.at(x, 0), x.size, simd.at(weight, 0), simd.at(x, 0), False, simd.at(y, 0), 0, y.size)


@kernel
def _backward(g, weight, dx):
    sum_of_rows(simd.at(g, 0), g.size, simd.at(weight, 0), dx.size, simd.at(dx, 0), 0, dx.size)


@kernel
def _accumulate(x, g, dweight, dbias, scale):
    add_outer(simd.at(x, 0), x.size, simd.at(g, 0), simd.at(dweight, 0), scale, 0, g.size)
    add_multiple(simd.at(dbias, 0), simd.at(g, 0), scale, 0, g.size)


@kernel
def _accumulate_no_bias(x, g, dweight, scale):
    add_outer(simd.at(x, 0), x.size, simd.at(g, 0), simd.at(dweight, 0), scale, 0, g.size)


@parallel_region
def _forward_region(x: Pointer, m: Map, y: Pointer, part, parts):
    first, last = bound(m.outputs, part, parts, 1), bound(m.outputs, part + 1, parts, 1)
    rows_times(x, m.inputs, m.weight, m.bias, m.has_bias != 0, y, first, last)


@parallel_region
def _backward_region(g: Pointer, m: Map, dx: Pointer, part, parts):
    first, last = bound(m.inputs, part, parts, 64), bound(m.inputs, part + 1, parts, 64)
    sum_of_rows(g, m.outputs, m.weight, m.inputs, dx, first, last)


@parallel_region
def _accumulate_region(x: Pointer, g: Pointer, m: Map, scale: Float, part, parts):
    first, last = bound(m.outputs, part, parts, 1), bound(m.outputs, part + 1, parts, 1)
    add_outer(x, m.inputs, g, m.weight, scale, first, last)
    if m.has_bias:
        add_multiple(m.bias, g, scale, first, last)


def Linear_updateOutput(input: Any, output: Any, weight: Any, bias: Any) -> None:
    """``output = input weight^T + bias`` for a vector or for N rows; ``bias`` may be None."""
    if input.ndim != 1:
        gemm(output, input, weight, False, True, 1.0, 0.0, bias)
    elif weight.size > ALONE:
        m = Map(weight, bias, bias is not None, input.size, output.size)
        _forward_region(get_num_threads(), input, m, output)
    elif bias is None:
        _forward_no_bias(input, weight, output)
    else:
        _forward(input, weight, bias, output)


def Linear_updateGradInput(gradOutput: Any, gradInput: Any, weight: Any) -> None:
    """``gradInput = gradOutput weight``"""
    if gradOutput.ndim != 1:
        gemm(gradInput, gradOutput, weight)
    elif weight.size > ALONE:
        m = Map(weight, None, False, gradInput.size, gradOutput.size)
        _backward_region(get_num_threads(), gradOutput, m, gradInput)
    else:
        _backward(gradOutput, weight, gradInput)


def Linear_accGradParameters(input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, scale: float) -> None:
    """Add the gradients, times ``scale``, to ``gradWeight`` and ``gradBias`` (which may be None)."""
    scale = float(scale)
    if input.ndim != 1:
        gemm(gradWeight, gradOutput, input, True, False, scale, 1.0)
        if gradBias is not None:
            add_columns(gradOutput, scale, gradBias)
    elif gradWeight.size > ALONE:
        m = Map(gradWeight, gradBias, gradBias is not None, input.size, gradOutput.size)
        _accumulate_region(get_num_threads(), input, gradOutput, m, scale)
    elif gradBias is None:
        _accumulate_no_bias(input, gradOutput, gradWeight, scale)
    else:
        _accumulate(input, gradOutput, gradWeight, gradBias, scale)
