"""Linear: ``y = W x + b`` for a vector x or for the rows of a matrix.

A matrix goes through :mod:`gemm`. For one vector W is read once, as it lies: its rows times x forward, a sum of its
rows backward.
"""

from __future__ import annotations

from typing import Any

from numba import get_num_threads

from ..cpu.gemm.gemm import gemm
from ..cpu.gemm.gemv import add_columns, add_outer, rows_times, sum_of_rows
from ..cpu.runtime.jit import kernel
from ..cpu.runtime.parallel import team, unpack
from ..cpu.runtime.partition import bound
from ..cpu.simd import registers as simd

#: A weight of up to so many elements is multiplied with a vector by the caller alone.
ALONE = 160_000


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
    add_outer(
        simd.at(x, 0), x.size, simd.at(g, 0), simd.at(dweight, 0), simd.at(dbias, 0), True, scale, 0, g.size
    )  # fmt: skip


@kernel
def _accumulate_no_bias(x, g, dweight, scale):
    add_outer(simd.at(x, 0), x.size, simd.at(g, 0), simd.at(dweight, 0), simd.at(x, 0), False, scale, 0, g.size)


@team
def _forward_team(frame, like, part, parts):
    x, n, weight, bias, has_bias, y, m = unpack(frame, like, "pippipi")
    rows_times(x, n, weight, bias, has_bias != 0, y, bound(m, part, parts, 1), bound(m, part + 1, parts, 1))


@team
def _backward_team(frame, like, part, parts):
    g, m, weight, n, dx = unpack(frame, like, "pipip")
    sum_of_rows(g, m, weight, n, dx, bound(n, part, parts, 64), bound(n, part + 1, parts, 64))


@team
def _accumulate_team(frame, like, part, parts):
    x, n, g, m, dweight, dbias, has_bias, scale = unpack(frame, like, "pipippif")
    first, last = bound(m, part, parts, 1), bound(m, part + 1, parts, 1)
    add_outer(x, n, g, dweight, dbias, has_bias != 0, scale, first, last)


def Linear_updateOutput(input: Any, output: Any, weight: Any, bias: Any) -> None:
    if input.ndim != 1:
        gemm(output, input, weight, False, True, 1.0, 0.0, bias)
    elif weight.size > ALONE:
        has_bias, row = bias is not None, output if bias is None else bias
        _forward_team(input, get_num_threads(), input, input.size, weight, row, has_bias, output, output.size)
    elif bias is None:
        _forward_no_bias(input, weight, output)
    else:
        _forward(input, weight, bias, output)


def Linear_updateGradInput(gradOutput: Any, gradInput: Any, weight: Any) -> None:
    if gradOutput.ndim != 1:
        gemm(gradInput, gradOutput, weight)
    elif weight.size > ALONE:
        _backward_team(gradOutput, get_num_threads(), gradOutput, gradOutput.size, weight, gradInput.size, gradInput)
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
        has_bias, row = gradBias is not None, gradWeight if gradBias is None else gradBias
        _accumulate_team(
            input,
            get_num_threads(),
            input,
            input.size,
            gradOutput,
            gradOutput.size,
            gradWeight,
            row,
            has_bias,
            scale,
        )
    elif gradBias is None:
        _accumulate_no_bias(input, gradOutput, gradWeight, scale)
    else:
        _accumulate(input, gradOutput, gradWeight, gradBias, scale)
