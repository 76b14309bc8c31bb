"""Pooling of planes of three axes over windows that are given by tables: PyTorch's max and average pooling.

A table ``windows[axis]`` is 3 x outputs: the first place of every window, the place behind its last one, and what it
counts in an average's divisor. Places in a window are ``steps[axis]`` apart. Where the windows of each plane differ,
the table is planes x 3 x outputs. All bounds lie inside the plane. Fewer axes have leading ones of size 1.
"""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import kernel
from ..cpu.runtime.partition import ranged


@kernel
def _largest(x, start, planes, rows, steps, left, right):
    """The largest value of a window and its place; the last NaN if there is one, the first of equal values."""
    step0, step1, step2 = steps
    width, area = rows[2], planes[2]
    place = planes[0] * area + rows[0] * width + left
    best = x[start + place]
    for a in range(planes[0], planes[1], step0):
        for b in range(rows[0], rows[1], step1):
            base = a * area + b * width
            for c in range(left, right, step2):
                v = x[start + base + c]
                if v > best or v != v:
                    best, place = v, base + c
    return best, place


@ranged
def _maxima(low, high, x, y, places, sizes, w0, w1, w2, steps):
    height, width = sizes[1], sizes[2]
    out0, out1, out2 = w0.shape[2], w1.shape[2], w2.shape[2]
    area, k = height * width, low * out0 * out1 * out2
    for p in range(low, high):
        t0, t1, t2 = w0[p % len(w0)], w1[p % len(w1)], w2[p % len(w2)]
        for i in range(out0):
            planes = (t0[0, i], t0[1, i], area)
            for j in range(out1):
                rows = (t1[0, j], t1[1, j], width)
                for l in range(out2):
                    y[k], places[k] = _largest(x, p * sizes[0] * area, planes, rows, steps, t2[0, l], t2[1, l])
                    k += 1


@ranged
def _scatter(low, high, dy, dx, places, size, count):
    for p in range(low, high):
        dx[p * size : (p + 1) * size] = 0
        for k in range(p * count, (p + 1) * count):
            dx[p * size + places[k]] += dy[k]


@ranged
def _means(low, high, x, y, sizes, w0, w1, w2, divisor):
    height, width = sizes[1], sizes[2]
    k = low * w0.shape[1] * w1.shape[1] * w2.shape[1]
    for p in range(low, high):
        start = p * sizes[0] * height * width
        for i in range(w0.shape[1]):
            for j in range(w1.shape[1]):
                for l in range(w2.shape[1]):
                    total = x.dtype.type(0)
                    for a in range(w0[0, i], w0[1, i]):
                        for b in range(w1[0, j], w1[1, j]):
                            base = start + (a * height + b) * width
                            for c in range(w2[0, l], w2[1, l]):
                                total += x[base + c]
                    y[k] = total / (divisor if divisor != 0 else w0[2, i] * w1[2, j] * w2[2, l])
                    k += 1


@ranged
def _spread(low, high, dy, dx, sizes, w0, w1, w2, divisor):
    height, width = sizes[1], sizes[2]
    size, k = sizes[0] * height * width, low * w0.shape[1] * w1.shape[1] * w2.shape[1]
    for p in range(low, high):
        start = p * size
        dx[start : start + size] = 0
        for i in range(w0.shape[1]):
            for j in range(w1.shape[1]):
                for l in range(w2.shape[1]):
                    share = dy[k] / (divisor if divisor != 0 else w0[2, i] * w1[2, j] * w2[2, l])
                    for a in range(w0[0, i], w0[1, i]):
                        for b in range(w1[0, j], w1[1, j]):
                            base = start + (a * height + b) * width
                            for c in range(w2[0, l], w2[1, l]):
                                dx[base + c] += share
                    k += 1


def _flat(x: Any) -> Any:
    return x.reshape(x.size)


def WindowMaxPooling_updateOutput(input: Any, output: Any, indices: Any, windows: list, steps: tuple) -> None:
    """Planes x three axes: the largest value of every window, and its flat place in the plane, from 0, int64."""
    tables = [w if w.ndim == 3 else w[None] for w in windows]
    work = 2.0 * output.size * max(1, input.size // max(1, output.size))
    _maxima(len(input), work, _flat(input), _flat(output), _flat(indices), input.shape[1:], *tables, steps)


def WindowMaxPooling_updateGradInput(gradOutput: Any, gradInput: Any, indices: Any) -> None:
    """Every gradient is added to its place, which must lie inside the plane."""
    planes = len(gradInput)
    sizes = gradInput.size // planes, gradOutput.size // planes
    _scatter(planes, 1.0 * gradInput.size, _flat(gradOutput), _flat(gradInput), _flat(indices), *sizes)


def WindowAveragePooling_updateOutput(input: Any, output: Any, windows: list, divisor: float) -> None:
    """The sum of every window, divided by ``divisor`` or, if that is 0, by what the window counts."""
    _means(len(input), 2.0 * input.size, _flat(input), _flat(output), input.shape[1:], *windows, float(divisor))


def WindowAveragePooling_updateGradInput(gradOutput: Any, gradInput: Any, windows: list, divisor: float) -> None:
    """Every gradient is spread evenly over its window."""
    sizes = gradInput.shape[1:]
    _spread(len(gradInput), 2.0 * gradInput.size, _flat(gradOutput), _flat(gradInput), sizes, *windows, float(divisor))
