"""LSTMFused on the GPU: a step's products of matrices by cuBLAS, and one launch of lstm_fused.cu for all else."""

from __future__ import annotations

from typing import Any

from torch7 import arrays

from ..cuda.products import add_columns, fill_rows, gemm
from ..cuda.runtime import kernels
from .lstm_fused import Gate, Map, MapGradients, Results

_launch = kernels(__name__)


class Step:
    """A step over fixed buffers. Gates are in the order i, z, f, o, their sums side by side where there is one map."""

    def __init__(self, c: Any, maps: list[tuple], gates: list[tuple], results: tuple, peepholes: list | None) -> None:
        self.maps, self.results = [Map(*m) for m in maps], Results(*results)
        self.gates = i, z, f, o = [Gate(*gate) for gate in gates]
        self.peepholes = peepholes or [None] * 3
        N, H = c.shape
        self.sizes = N * H, H, 4 * H if len(maps) == 1 else H
        plain = (i.by_x, i.by_h, i.peephole, i.product, i.sum, i.y, *f, z.by_x, z.by_h, z.sum, z.y, *o)
        self.forward = (*plain, *self.results, *self.sizes)
        # rows of all gates side by side, or of each: what the products take as it is
        xp = arrays.array_module(c)
        self.blocks = [xp.empty((N, self.sizes[2]), c.dtype) for _ in maps]
        whole = self.blocks[0]
        self.sums = self.blocks if len(maps) == 4 else [whole[:, k * H : (k + 1) * H] for k in range(4)]


def LSTMFused_bind(
    x: Any, h: Any, c: Any, maps: list[tuple], gates: list[tuple], results: tuple, peepholes: list | None
) -> Step:
    return Step(c, maps, gates, results, peepholes)


def LSTMFused_updateOutput(x: Any, h: Any, c: Any, step: Step) -> None:
    for m in step.maps:
        fill_rows(m.by_x, m.bias)
        gemm(m.by_x, x, m.weight_x, transB=True, beta=1.0)
        gemm(m.by_h, h, m.weight_h, transB=True)
    _launch.each("lstm_forward", c.size, c, c, *step.forward)


def LSTMFused_updateGradInput(c: Any, gradOutput: Any, gradCell: Any, gradInput: list, step: Step) -> None:
    dx, dh, dc = gradInput
    i, z, f, o = step.gates
    arguments = c, step.results.squashed, i.y, f.y, z.y, o.y, *step.peepholes, gradOutput, gradCell, *step.sums, dc
    _launch.each("lstm_backward", c.size, c, *arguments, *step.sizes)
    for g, (block, m) in enumerate(zip(step.blocks, step.maps)):
        gemm(dx, block, m.weight_x, beta=float(g > 0))
        gemm(dh, block, m.weight_h, beta=float(g > 0))


def LSTMFused_bindParameters(x: Any, h: Any, c: Any, step: Step, maps: list[tuple], peepholes: list | None) -> tuple:
    return step, [MapGradients(*m) for m in maps], peepholes


def LSTMFused_accGradParameters(x: Any, h: Any, c: Any, scale: float, accumulator: tuple) -> None:
    step, maps, peepholes = accumulator
    scale = float(scale)
    for block, m in zip(step.blocks, maps):
        gemm(m.weight_x, block, x, transA=True, alpha=scale, beta=1.0)
        gemm(m.weight_h, block, h, transA=True, alpha=scale, beta=1.0)
        add_columns(block, scale, m.bias)
    i, _, f, o = step.sums
    N, (_, H, width) = len(c), step.sizes
    for sums, cells, target in zip((i, f, o), (c, c, step.results.cell), peepholes or ()):
        _launch.each("add_products", H, c, sums, cells, target, N, H, width, scale)
