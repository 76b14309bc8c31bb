"""GRUFused: one step of a GRU, its products of matrices and the pointwise part of the cell, over fixed buffers.

``GRUFused_bind`` takes the buffers once; the other entries run a step on other inputs and states.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..cpu.gemm.grouped import Products
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import parallel_region
from ..cpu.runtime.partition import bound, threads
from ..cpu.runtime.records import Int, Pointer
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from .bias_sums import Bias, BiasSums


class Maps(NamedTuple):
    """Outputs and weights of four maps, of inputs and of outputs to r and u, then to the candidate; two biases."""

    outputs: tuple
    weights: list
    biases: tuple


class Gates(NamedTuple):
    """s = by_x + by_h, r and u side by side, the output before, and r * h."""

    by_x: Pointer
    by_h: Pointer
    sum: Pointer
    r: Pointer
    u: Pointer
    h: Pointer
    reset: Pointer


class Candidate(NamedTuple):
    """c = tanh(s) of s = by_x + by_h; rest = 1 - u, new = c * rest, kept = h * u, and output = new + kept."""

    by_x: Pointer
    by_h: Pointer
    sum: Pointer
    c: Pointer
    u: Pointer
    rest: Pointer
    new: Pointer
    kept: Pointer
    h: Pointer
    output: Pointer


class Gradients(NamedTuple):
    """Gradients of the output and of r * h; those of the sums, in rows of blocks r, u, c; that of the output before."""

    dy: Pointer
    dreset: Pointer
    dsums: Pointer
    dh: Pointer


@inner
def _gate(gates, place, at, count, y):
    """One gate of a vector of units, to ``y``."""
    v = simd.load_first(gates.by_x, place, count) + simd.load_first(gates.by_h, place, count)
    simd.store_first(gates.sum, place, v, count)
    v = vecmath.sigmoid(v)
    simd.store_first(y, at, v, count)
    return v


@parallel_region
def _gates(gates: Gates, N: Int, H: Int, part, parts):
    """r and u of their sums, and r * h."""
    for n in range(bound(N, part, parts, 1), bound(N, part + 1, parts, 1)):
        for k in range(0, H, simd.lanes(gates.h)):
            at, wide, count = n * H + k, n * 2 * H + k, H - k
            r = _gate(gates, wide, at, count, gates.r)
            simd.store_first(gates.reset, at, simd.load_first(gates.h, at, count) * r, count)
            _gate(gates, wide + H, at, count, gates.u)


@parallel_region
def _output(b: Candidate, N: Int, H: Int, part, parts):
    """The candidate and the output."""
    for n in range(bound(N, part, parts, 1), bound(N, part + 1, parts, 1)):
        for k in range(0, H, simd.lanes(b.h)):
            at, count = n * H + k, H - k
            v = simd.load_first(b.by_x, at, count) + simd.load_first(b.by_h, at, count)
            simd.store_first(b.sum, at, v, count)
            v, update = vecmath.tanh(v), simd.load_first(b.u, at, count)
            added, old = v * (1 - update), simd.load_first(b.h, at, count) * update
            simd.store_first(b.c, at, v, count)
            simd.store_first(b.rest, at, 1 - update, count)
            simd.store_first(b.new, at, added, count)
            simd.store_first(b.kept, at, old, count)
            simd.store_first(b.output, at, added + old, count)


@parallel_region
def _candidate_gradient(b: Candidate, gradients: Gradients, N: Int, H: Int, part, parts):
    """The gradients of the sums of u and c, and the direct part of that of h."""
    for n in range(bound(N, part, parts, 1), bound(N, part + 1, parts, 1)):
        for k in range(0, H, simd.lanes(b.h)):
            at, count = n * H + k, H - k
            d, v = simd.load_first(gradients.dy, at, count), simd.load_first(b.c, at, count)
            update = simd.load_first(b.u, at, count)
            du = d * simd.load_first(b.h, at, count) - d * v
            row = simd.at(gradients.dsums, n * 3 * H + k)
            simd.store_first(row, H, du * update * (1 - update), count)
            simd.store_first(row, 2 * H, d * (1 - update) * (1 - v * v), count)
            simd.store_first(gradients.dh, at, d * update, count)


@parallel_region
def _reset_gradient(gates: Gates, gradients: Gradients, N: Int, H: Int, part, parts):
    """The gradient of the sum of r, and its part of that of h, from that of r * h."""
    for n in range(bound(N, part, parts, 1), bound(N, part + 1, parts, 1)):
        for k in range(0, H, simd.lanes(gates.h)):
            at, count = n * H + k, H - k
            d, r = simd.load_first(gradients.dreset, at, count), simd.load_first(gates.r, at, count)
            dr = d * simd.load_first(gates.h, at, count) * r * (1 - r)
            simd.store_first(gradients.dsums, n * 3 * H + k, dr, count)
            dh = simd.load_first(gradients.dh, at, count)
            simd.store_first(gradients.dh, at, dh + d * r, count)


class Step:
    """A step over fixed buffers."""

    def __init__(self, inputs: tuple, maps: Maps, gates: Gates, candidate: Candidate) -> None:
        x, h = inputs
        self.dtype, self.maps, self.gates, self.candidate = h.dtype, maps, gates, candidate
        (a, b, c, d), (x_gates, h_gates, x_candidate, h_candidate) = maps.outputs, maps.weights
        self.first, self.second = Products(self.dtype), Products(self.dtype)
        self.first.add(a, x, x_gates, transB=True, bias=maps.biases[0])
        self.first.add(c, x, x_candidate, transB=True, bias=maps.biases[1])
        self.first.add(b, h, h_gates, transB=True)
        self.second.add(d, gates.reset, h_candidate, transB=True)
        self.gates_call = _gates.bind(self.dtype, gates, *h.shape)
        self.output_call = _output.bind(self.dtype, candidate, *h.shape)
        self.gradInput: list | None = None

    def bind_gradients(self, gradInput: list) -> None:
        """Let the backward pass write to ``gradInput``: of inputs and of outputs before."""
        dx, dh = gradInput
        (N, H), (x_gates, h_gates, x_candidate, h_candidate) = dh.shape, self.maps.weights
        self.gradInput, self.sums, self.dreset = gradInput, np.empty((N, 3 * H), dh.dtype), np.empty_like(dh)
        gates, candidate = self.blocks = self.sums[:, : 2 * H], self.sums[:, 2 * H :]
        self.through_candidate, self.through_gates = Products(self.dtype), Products(self.dtype)
        self.through_candidate.add(self.dreset, candidate, h_candidate)
        self.through_gates.add(dx, gates, x_gates)
        self.through_gates.add(dx, candidate, x_candidate, more=True)
        self.through_gates.add(dh, gates, h_gates, more=True)
        gradients = Gradients(None, self.dreset, self.sums, dh)
        self.candidate_call = _candidate_gradient.bind(self.dtype, self.candidate, gradients, N, H)
        self.reset_call = _reset_gradient.bind(self.dtype, self.gates, gradients, N, H)


def GRUFused_bind(x: Any, h: Any, maps: tuple, gates: tuple, candidate: tuple) -> Step:
    """A step for inputs and states of these shapes over buffers that the caller keeps.

    See :class:`Maps`, :class:`Gates` and :class:`Candidate`.
    """
    return Step((x, h), Maps(*maps), Gates(*gates), Candidate(*candidate))


def GRUFused_updateOutput(x: Any, h: Any, step: Step) -> None:
    """Fill the buffers from inputs and the output before."""
    parts = min(len(h), threads(1.5 * h.size))
    step.first.bind(slice(0, 2), a=x)
    step.first.bind(2, a=h)
    step.first()
    step.gates_call.point(h=h)
    step.gates_call(parts)
    step.second()
    step.output_call.point(h=h)
    step.output_call(parts)


def GRUFused_updateGradInput(h: Any, gradOutput: Any, gradInput: list, step: Step) -> None:
    """Fill ``gradInput``: of inputs and of outputs before; the same list as long as it may be."""
    if step.gradInput is not gradInput:
        step.bind_gradients(gradInput)
    parts = min(len(h), threads(h.size))
    step.candidate_call.point(dy=gradOutput, h=h)
    step.candidate_call(parts)
    step.through_candidate()
    step.reset_call.point(h=h)
    step.reset_call(parts)
    step.through_gates()


class Accumulator:
    """The gradients of a step's parameters, over fixed arrays."""

    def __init__(self, inputs: tuple, step: Step, weights: list, biases: tuple) -> None:
        x, h = inputs
        gates, candidate = step.blocks
        x_gates, h_gates, x_candidate, h_candidate = weights
        self.products, H = Products(step.dtype), h.shape[1]
        self.products.add(x_gates, gates, x, transA=True, more=True)
        self.products.add(x_candidate, candidate, x, transA=True, more=True)
        self.products.add(h_gates, gates, h, transA=True, more=True)
        self.products.add(h_candidate, candidate, step.gates.reset, transA=True, more=True)
        both, last = biases
        targets = both, both[H:], last
        self.biases = BiasSums(step.sums, H, [Bias(g * H, None, 0, target) for g, target in enumerate(targets)])


def GRUFused_bindParameters(x: Any, h: Any, step: Step, weights: list, biases: tuple) -> Accumulator:
    """What adds to these gradients, of the four weights and the two biases, after a backward pass of ``step``."""
    return Accumulator((x, h), step, weights, biases)


def GRUFused_accGradParameters(x: Any, h: Any, scale: float, accumulator: Accumulator) -> None:
    """Add the gradients of a step, times ``scale``."""
    accumulator.products.bind(slice(0, 2), b=x)
    accumulator.products.bind(2, b=h)
    accumulator.products.bind(slice(None), alpha=float(scale))
    accumulator.products()
    accumulator.biases(scale)
