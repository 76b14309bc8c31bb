"""LSTMFused: one step of an LSTM, its products of matrices and the pointwise part of the cell, over fixed buffers.

``LSTMFused_bind`` takes the buffers once; the other entries run a step on other inputs and states.
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


class Map(NamedTuple):
    """The maps of inputs and of outputs to the sums of one gate, or of all side by side: their outputs and weights."""

    by_x: np.ndarray
    by_h: np.ndarray
    weight_x: np.ndarray
    bias: np.ndarray
    weight_h: np.ndarray


class MapGradients(NamedTuple):
    """The gradients of the parameters of a :class:`Map`."""

    weight_x: np.ndarray
    bias: np.ndarray
    weight_h: np.ndarray


class Gate(NamedTuple):
    """Buffers of a gate: s = by_x + by_h + product with product = peephole * c, or without; y = function(s)."""

    by_x: Pointer
    by_h: Pointer
    peephole: Pointer
    product: Pointer
    sum: Pointer
    y: Pointer


class Results(NamedTuple):
    """Buffers of i * z, f * c, the cell, tanh of the cell, and the output."""

    iz: Pointer
    fc: Pointer
    cell: Pointer
    squashed: Pointer
    output: Pointer


class Cell(NamedTuple):
    """The cell before; N x H matrices; by_x, by_h and sum have rows of ``stride``."""

    before: Pointer
    N: Int
    H: Int
    stride: Int
    peepholes: Int


@parallel_region
def _forward(cell: Cell, results: Results, i: Gate, f: Gate, z: Gate, o: Gate, part, parts):
    """Gates, cells and outputs."""
    N, H = cell.N, cell.H
    for n in range(bound(N, part, parts, 1), bound(N, part + 1, parts, 1)):
        for k in range(0, H, simd.lanes(cell.before)):
            at, wide, count = n * H + k, n * cell.stride + k, H - k
            place = wide, at, k, count
            c = simd.load_first(cell.before, at, count)
            vi = _keep(i, vecmath.sigmoid(_sum(i, cell.peepholes, c, place)), at, count)
            vf = _keep(f, vecmath.sigmoid(_sum(f, cell.peepholes, c, place)), at, count)
            vz = _keep(z, vecmath.tanh(_sum(z, 0, c, place)), at, count)
            added, kept = vi * vz, vf * c
            c = added + kept
            vo = _keep(o, vecmath.sigmoid(_sum(o, cell.peepholes, c, place)), at, count)
            t = vecmath.tanh(c)
            simd.store_first(results.iz, at, added, count)
            simd.store_first(results.fc, at, kept, count)
            simd.store_first(results.cell, at, c, count)
            simd.store_first(results.squashed, at, t, count)
            simd.store_first(results.output, at, vo * t, count)


@inner
def _sum(gate, peepholes, c, place):
    """The sum of a gate; ``place``: in rows of ``stride``, in rows of H, the column, and how many columns are left."""
    wide, at, k, count = place
    v = simd.load_first(gate.by_x, wide, count) + simd.load_first(gate.by_h, wide, count)
    if peepholes:
        product = simd.load_first(gate.peephole, k, count) * c
        simd.store_first(gate.product, at, product, count)
        v = v + product
    simd.store_first(gate.sum, wide, v, count)
    return v


@inner
def _keep(gate, v, at, count):
    simd.store_first(gate.y, at, v, count)
    return v


class Peepholes(NamedTuple):
    """Weights of the peepholes of the gates, or None."""

    i: Pointer
    f: Pointer
    o: Pointer


class Gates(NamedTuple):
    """What a backward step reads: tanh of the cell, and activated gates."""

    squashed: Pointer
    i: Pointer
    f: Pointer
    z: Pointer
    o: Pointer


class Gradients(NamedTuple):
    """Gradients of output and cell; those of the sums, in rows of blocks i, z, f, o; that of the cell before."""

    dh: Pointer
    dcell: Pointer
    dsums: Pointer
    dbefore: Pointer


@parallel_region
def _backward(cell: Cell, gates: Gates, weights: Peepholes, gradients: Gradients, part, parts):
    """The gradients of the sums and of the cells before."""
    N, H = cell.N, cell.H
    for n in range(bound(N, part, parts, 1), bound(N, part + 1, parts, 1)):
        for k in range(0, H, simd.lanes(cell.before)):
            at, count = n * H + k, H - k
            d, t = simd.load_first(gradients.dh, at, count), simd.load_first(gates.squashed, at, count)
            vi, vf = simd.load_first(gates.i, at, count), simd.load_first(gates.f, at, count)
            vz, vo = simd.load_first(gates.z, at, count), simd.load_first(gates.o, at, count)
            do = d * t * vo * (1 - vo)
            dc = simd.load_first(gradients.dcell, at, count) + d * vo * (1 - t * t)
            if cell.peepholes:
                dc = dc + do * simd.load_first(weights.o, k, count)
            di, df = dc * vz * vi * (1 - vi), dc * simd.load_first(cell.before, at, count) * vf * (1 - vf)
            dc0 = dc * vf
            if cell.peepholes:
                dc0 = dc0 + di * simd.load_first(weights.i, k, count) + df * simd.load_first(weights.f, k, count)
            row = simd.at(gradients.dsums, n * 4 * H + k)
            simd.store_first(row, 0, di, count)
            simd.store_first(row, H, dc * vi * (1 - vz * vz), count)
            simd.store_first(row, 2 * H, df, count)
            simd.store_first(row, 3 * H, do, count)
            simd.store_first(gradients.dbefore, at, dc0, count)


class Step:
    """A step over fixed buffers. Gates are in the order i, z, f, o, their sums side by side where there is one map."""

    def __init__(
        self, inputs: tuple, maps: list[Map], gates: list[Gate], results: Results, peepholes: Peepholes
    ) -> None:
        x, h, c = inputs
        i, z, f, o = gates
        self.dtype, self.maps, self.results, self.peepholes = c.dtype, maps, results, peepholes
        stride = i.sum.strides[0] // i.sum.itemsize
        self.cell = Cell(c, *c.shape, stride, peepholes.i is not None)
        self.products = Products(self.dtype)
        for m in maps:
            self.products.add(m.by_x, x, m.weight_x, transB=True, bias=m.bias)
            self.products.add(m.by_h, h, m.weight_h, transB=True)
        self.forward = _forward.bind(self.dtype, self.cell, results, i, f, z, o)
        self.gates = Gates(results.squashed, i.y, f.y, z.y, o.y)
        self.gradInput: list | None = None

    def bind_gradients(self, gradInput: list) -> None:
        """Let the backward pass write to ``gradInput``: of inputs, of outputs before and of cells before."""
        dx, dh, dc = gradInput
        self.gradInput, self.sums = gradInput, np.empty((len(dc), 4 * dc.shape[1]), self.dtype)
        self.blocks = np.split(self.sums, len(self.maps), 1)
        self.through = Products(self.dtype)
        for g, (block, m) in enumerate(zip(self.blocks, self.maps)):
            self.through.add(dx, block, m.weight_x, more=g > 0)
            self.through.add(dh, block, m.weight_h, more=g > 0)
        gradients = Gradients(None, None, self.sums, dc)
        self.backward = _backward.bind(self.dtype, self.cell, self.gates, self.peepholes, gradients)


def LSTMFused_bind(
    x: Any, h: Any, c: Any, maps: list[tuple], gates: list[tuple], results: tuple, peepholes: list | None
) -> Step:
    """A step for inputs and states of these shapes over buffers that the caller keeps.

    ``maps`` are those of all gates i, z, f, o side by side, or one for each: see :class:`Map`; ``gates`` and
    ``results``: see :class:`Gate` and :class:`Results`; ``peepholes``: weights of i, f and o, or None.
    """
    weights = Peepholes(*(peepholes or (None, None, None)))
    return Step((x, h, c), [Map(*m) for m in maps], [Gate(*gate) for gate in gates], Results(*results), weights)


def LSTMFused_updateOutput(x: Any, h: Any, c: Any, step: Step) -> None:
    """Fill the buffers from inputs and the state before."""
    step.products.bind(slice(0, None, 2), a=x)
    step.products.bind(slice(1, None, 2), a=h)
    step.products()
    step.forward.point(before=c)
    step.forward(min(len(c), threads(2.5 * c.size)))


def LSTMFused_updateGradInput(c: Any, gradOutput: Any, gradCell: Any, gradInput: list, step: Step) -> None:
    """Fill ``gradInput``: of inputs, of outputs before and of cells before; the same list as long as it may be."""
    if step.gradInput is not gradInput:
        step.bind_gradients(gradInput)
    step.backward.point(before=c, dh=gradOutput, dcell=gradCell)
    step.backward(min(len(c), threads(1.5 * c.size)))
    step.through()


class Accumulator:
    """The gradients of a step's parameters, over fixed arrays."""

    def __init__(self, inputs: tuple, step: Step, maps: list[MapGradients], peepholes: list | None) -> None:
        x, h, c = inputs
        H = c.shape[1]
        self.products, entries = Products(step.dtype), []
        for g, (block, m) in enumerate(zip(step.blocks, maps)):
            self.products.add(m.weight_x, block, x, transA=True, more=True)
            self.products.add(m.weight_h, block, h, transA=True, more=True)
            entries += [Bias(g * H + k, None, 0, m.bias[k:]) for k in range(0, block.shape[1], H)]
        # The input and the forget gate look at the cell before, the output gate at the cell.
        self.before = [len(entries), len(entries) + 1] if peepholes else []
        for g, gradient in zip((0, 2, 3), peepholes or ()):
            entries.append(Bias(g * H, step.results.cell, 1, gradient))
        self.biases = BiasSums(step.sums, H, entries)


def LSTMFused_bindParameters(
    x: Any, h: Any, c: Any, step: Step, maps: list[tuple], peepholes: list | None
) -> Accumulator:
    """What adds to these gradients after a backward pass of ``step``; maps: see :class:`MapGradients`."""
    return Accumulator((x, h, c), step, [MapGradients(*m) for m in maps], peepholes)


def LSTMFused_accGradParameters(x: Any, h: Any, c: Any, scale: float, accumulator: Accumulator) -> None:
    """Add the gradients of a step, times ``scale``."""
    accumulator.products.bind(slice(0, None, 2), b=x)
    accumulator.products.bind(slice(1, None, 2), b=h)
    accumulator.products.bind(slice(None), alpha=float(scale))
    accumulator.products()
    for entry in accumulator.before:
        accumulator.biases.bind(entry, c)
    accumulator.biases(scale)
