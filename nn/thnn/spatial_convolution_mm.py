"""Convolution of planes by plain loops: the reference, and the path of shapes that no faster kernel takes."""

from __future__ import annotations

from typing import Any

from numba import prange

from .jit import kernel, parallel


@kernel
def _window(out, size, k, d, pad):
    """The output positions ``first <= x < last`` for which tap ``k`` falls inside an input of ``size``."""
    first = (pad - k + d - 1) // d if pad > k else 0
    last = min(out, (size - 1 - k + pad) // d + 1)
    return first, max(first, last)


@kernel
def _accumulate(x, y, w, dH, dW, padH, padW):
    """Add to plane ``y`` the correlation of plane ``x`` with kernel ``w``."""
    for a in range(w.shape[0]):
        top, bottom = _window(y.shape[0], x.shape[0], a, dH, padH)
        for b in range(w.shape[1]):
            left, right = _window(y.shape[1], x.shape[1], b, dW, padW)
            for i in range(top, bottom):
                row, out = x[i * dH - padH + a], y[i]
                for j in range(left, right):
                    out[j] += w[a, b] * row[j * dW - padW + b]


@parallel
def _forward(x, y, w, bias, hasBias, dH, dW, padH, padW):
    planes = y.shape[1]
    for job in prange(y.shape[0] * planes):
        n, o = job // planes, job % planes
        y[n, o] = bias[o] if hasBias else 0
        for c in range(x.shape[1]):
            _accumulate(x[n, c], y[n, o], w[o, c], dH, dW, padH, padW)


@kernel
def _scatter(dy, dx, w, dH, dW, padH, padW):
    """The transpose of :func:`_accumulate` in its input."""
    for a in range(w.shape[0]):
        top, bottom = _window(dy.shape[0], dx.shape[0], a, dH, padH)
        for b in range(w.shape[1]):
            left, right = _window(dy.shape[1], dx.shape[1], b, dW, padW)
            for i in range(top, bottom):
                row, out = dx[i * dH - padH + a], dy[i]
                for j in range(left, right):
                    row[j * dW - padW + b] += w[a, b] * out[j]


@parallel
def _backward_input(dy, dx, w, dH, dW, padH, padW):
    planes = dx.shape[1]
    for job in prange(dx.shape[0] * planes):
        n, c = job // planes, job % planes
        dx[n, c] = 0
        for o in range(dy.shape[1]):
            _scatter(dy[n, o], dx[n, c], w[o, c], dH, dW, padH, padW)


@kernel
def _correlate(x, dy, dw, dH, dW, padH, padW, scale):
    """Add to ``dw`` the transpose of :func:`_accumulate` in its kernel."""
    for a in range(dw.shape[0]):
        top, bottom = _window(dy.shape[0], x.shape[0], a, dH, padH)
        for b in range(dw.shape[1]):
            left, right = _window(dy.shape[1], x.shape[1], b, dW, padW)
            total = 0.0
            for i in range(top, bottom):
                row, out = x[i * dH - padH + a], dy[i]
                for j in range(left, right):
                    total += out[j] * row[j * dW - padW + b]
            dw[a, b] += scale * total


@parallel
def _backward_weight(x, dy, dw, db, hasBias, dH, dW, padH, padW, scale):
    for o in prange(dy.shape[1]):
        for n in range(x.shape[0]):
            for c in range(x.shape[1]):
                _correlate(x[n, c], dy[n, o], dw[o, c], dH, dW, padH, padW, scale)
            if hasBias:
                db[o] += scale * dy[n, o].sum()


def SpatialConvolutionMM_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, kW: int, kH: int, dW: int, dH: int, padW: int, padH: int
) -> None:
    """``N x C x H x W`` to ``N x O x oH x oW`` with ``weight`` ``O x C x kH x kW``; ``bias`` may be None."""
    hasBias = bias is not None
    _forward(input, output, weight, bias if hasBias else weight.reshape(-1), hasBias, dH, dW, padH, padW)


def SpatialConvolutionMM_updateGradInput(
    input: Any, gradOutput: Any, gradInput: Any, weight: Any, kW: int, kH: int, dW: int, dH: int, padW: int, padH: int
) -> None:
    _backward_input(gradOutput, gradInput, weight, dH, dW, padH, padW)


def SpatialConvolutionMM_accGradParameters(
    input: Any,
    gradOutput: Any,
    gradWeight: Any,
    gradBias: Any,
    kW: int,
    kH: int,
    dW: int,
    dH: int,
    padW: int,
    padH: int,
    scale: float,
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and, unless it is None, ``gradBias``."""
    hasBias = gradBias is not None
    db = gradBias if hasBias else gradWeight.reshape(-1)
    _backward_weight(input, gradOutput, gradWeight, db, hasBias, dH, dW, padH, padW, gradWeight.dtype.type(scale))
