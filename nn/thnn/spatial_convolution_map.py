"""Convolution of planes along a table of connections: rows (input plane, output plane), from 0.

The large planes are those the kernel moves over, the small ones have a pixel for each of its places:
``small[to] = sum of weight[k] * large[from]``. The full convolution exchanges the two.
"""

from __future__ import annotations

from typing import Any

from numba import prange

from .jit import kernel, parallel

INPUT, OUTPUT = 0, 1


@kernel
def _add_correlation(large, small, w, dH, dW):
    """small[y][x] += sum of w[a][b] large[y dH + a][x dW + b]"""
    for a in range(w.shape[0]):
        for b in range(w.shape[1]):
            for y in range(small.shape[0]):
                source, target, weight = large[y * dH + a, b:], small[y], w[a, b]
                for x in range(target.size):
                    target[x] += weight * source[x * dW]


@kernel
def _add_painting(small, large, w, dH, dW):
    """large[y dH + a][x dW + b] += w[a][b] small[y][x]"""
    for a in range(w.shape[0]):
        for b in range(w.shape[1]):
            for y in range(small.shape[0]):
                source, target, weight = small[y], large[y * dH + a, b:], w[a, b]
                for x in range(source.size):
                    target[x * dW] += weight * source[x]


@parallel
def correlate(large, small, weight, table, source, dH, dW):
    """Add to the small planes; ``source`` is the column of the table that names the large ones."""
    planes = small.shape[1]
    for job in prange(small.shape[0] * planes):
        n, p = job // planes, job % planes
        for k in range(len(table)):
            if table[k, 1 - source] == p:
                _add_correlation(large[n, table[k, source]], small[n, p], weight[k], dH, dW)


@parallel
def paint(small, large, weight, table, source, dH, dW):
    """Add to the large planes; ``source`` is the column of the table that names the small ones."""
    planes = large.shape[1]
    for job in prange(large.shape[0] * planes):
        n, p = job // planes, job % planes
        for k in range(len(table)):
            if table[k, 1 - source] == p:
                _add_painting(small[n, table[k, source]], large[n, p], weight[k], dH, dW)


@parallel
def accumulate(large, small, gradWeight, table, source, dH, dW, scale):
    """gradWeight[k][a][b] += scale * sum of large[y dH + a][x dW + b] small[y][x]"""
    for k in prange(len(table)):
        i, o = table[k, source], table[k, 1 - source]
        for a in range(gradWeight.shape[1]):
            for b in range(gradWeight.shape[2]):
                total = large.dtype.type(0)
                for n in range(large.shape[0]):
                    for y in range(small.shape[2]):
                        across, along = large[n, i, y * dH + a, b:], small[n, o, y]
                        for x in range(along.size):
                            total += across[x * dW] * along[x]
                gradWeight[k, a, b] += scale * total


@kernel
def fill(output, bias):
    """Every plane with its bias."""
    for n in range(output.shape[0]):
        for o in range(bias.size):
            output[n, o] = bias[o]


@kernel
def add_bias_gradient(gradOutput, gradBias, scale):
    for n in range(gradOutput.shape[0]):
        for o in range(gradBias.size):
            gradBias[o] += scale * gradOutput[n, o].sum()


def SpatialConvolutionMap_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, connTable: Any, dW: int, dH: int
) -> None:
    """``N x I x H x W`` to ``N x O x oH x oW`` with ``weight`` ``rows x kH x kW``."""
    fill(output, bias)
    correlate(input, output, weight, connTable, INPUT, dH, dW)


def SpatialConvolutionMap_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, connTable: Any, dW: int, dH: int
) -> None:
    gradInput.fill(0)
    paint(gradOutput, gradInput, weight, connTable, OUTPUT, dH, dW)


def SpatialConvolutionMap_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, connTable: Any, dW: int, dH: int, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and ``gradBias``."""
    scale = input.dtype.type(scale)
    accumulate(input, gradOutput, gradWeight, connTable, INPUT, dH, dW, scale)
    add_bias_gradient(gradOutput, gradBias, scale)
