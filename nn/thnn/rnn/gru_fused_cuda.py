"""GRUFused on the GPU: a step's products of matrices by cuBLAS, and two launches of gru_fused.cu for all else."""

from __future__ import annotations

from typing import Any

from torch7 import arrays

from ..cuda.products import add_columns, fill_rows, gemm
from ..cuda.runtime import kernels
from .gru_fused import Candidate, Gates, Maps

_launch = kernels(__name__)


class Step:
    """A step over fixed buffers."""

    def __init__(self, h: Any, maps: tuple, gates: tuple, candidate: tuple) -> None:
        self.maps, self.gates, self.candidate = Maps(*maps), Gates(*gates), Candidate(*candidate)
        (N, H), xp = h.shape, arrays.array_module(h)
        self.both, self.last = xp.empty((N, 2 * H), h.dtype), xp.empty((N, H), h.dtype)
        self.dreset = xp.empty((N, H), h.dtype)


def GRUFused_bind(x: Any, h: Any, maps: tuple, gates: tuple, candidate: tuple) -> Step:
    return Step(h, maps, gates, candidate)


def GRUFused_updateOutput(x: Any, h: Any, step: Step) -> None:
    (a, b, c, d), (x_gates, h_gates, x_candidate, h_candidate) = step.maps.outputs, step.maps.weights
    for y, weight, bias in ((a, x_gates, step.maps.biases[0]), (c, x_candidate, step.maps.biases[1])):
        fill_rows(y, bias)
        gemm(y, x, weight, transB=True, beta=1.0)
    gemm(b, h, h_gates, transB=True)
    g, last = step.gates, step.candidate
    _launch.each("gates", h.size, h, g.by_x, g.by_h, g.sum, g.r, g.u, h, g.reset, h.size, h.shape[1])
    gemm(d, g.reset, h_candidate, transB=True)
    buffers = last.by_x, last.by_h, last.sum, last.c, last.u, last.rest, last.new, last.kept
    _launch.each("output", h.size, h, *buffers, h, last.output, h.size)


def GRUFused_updateGradInput(h: Any, gradOutput: Any, gradInput: list, step: Step) -> None:
    dx, dh = gradInput
    x_gates, h_gates, x_candidate, h_candidate = step.maps.weights
    g, last, sizes = step.gates, step.candidate, (h.size, h.shape[1])
    _launch.each("candidate_gradient", h.size, h, gradOutput, h, last.u, last.c, step.both, step.last, dh, *sizes)
    gemm(step.dreset, step.last, h_candidate)
    _launch.each("reset_gradient", h.size, h, step.dreset, h, g.r, step.both, dh, *sizes)
    gemm(dx, step.both, x_gates)
    gemm(dx, step.last, x_candidate, beta=1.0)
    gemm(dh, step.both, h_gates, beta=1.0)


def GRUFused_bindParameters(x: Any, h: Any, step: Step, weights: list, biases: tuple) -> tuple:
    return step, weights, biases


def GRUFused_accGradParameters(x: Any, h: Any, scale: float, accumulator: tuple) -> None:
    step, (x_gates, h_gates, x_candidate, h_candidate), biases = accumulator
    products = (
        (x_gates, step.both, x), (x_candidate, step.last, x), (h_gates, step.both, h),
        (h_candidate, step.last, step.gates.reset),
    )  # fmt: skip
    for gradient, block, by in products:
        gemm(gradient, block, by, transA=True, alpha=float(scale), beta=1.0)
    for block, gradient in zip((step.both, step.last), biases):
        add_columns(block, float(scale), gradient)
