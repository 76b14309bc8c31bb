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
def _window(n, windows):
    """Plane of output ``n``, and the columns of its window in the three tables."""
    w0, w1, w2 = windows
    out1, out2 = w1.shape[2], w2.shape[2]
    p, rest = divmod(n, w0.shape[2] * out1 * out2)
    i, rest = divmod(rest, out1 * out2)
    j, l = divmod(rest, out2)
    return p, (w0[p % len(w0), :, i], w1[p % len(w1), :, j], w2[p % len(w2), :, l])


@kernel
def _largest_of_row(x, start, row, best, place):
    """The better of ``best`` and a row of the plane: its first place, the place behind its last one, its step."""
    for at in range(row[0], row[1], row[2]):
        v = x[start + at]
        if v > best or v != v:
            best, place = v, at
    return best, place


@kernel
def _largest(x, start, sizes, window, steps):
    """The largest value of a window and its place; the last NaN if there is one, the first of equal values."""
    planes, rows, columns = window
    width, area = sizes[2], sizes[1] * sizes[2]
    place = planes[0] * area + rows[0] * width + columns[0]
    best = x[start + place]
    for a in range(planes[0], planes[1], steps[0]):
        for b in range(rows[0], rows[1], steps[1]):
            base = a * area + b * width
            row = (base + columns[0], base + columns[1], steps[2])
            best, place = _largest_of_row(x, start, row, best, place)
    return best, place


@ranged
def _maxima(low, high, x, y, places, sizes, windows, steps):
    volume = sizes[0] * sizes[1] * sizes[2]
    for n in range(low, high):
        p, window = _window(n, windows)
        y[n], places[n] = _largest(x, p * volume, sizes, window, steps)


@ranged
def _scatter(low, high, dy, dx, places, size, count):
    for p in range(low, high):
        dx[p * size : (p + 1) * size] = 0
        for k in range(p * count, (p + 1) * count):
            dx[p * size + places[k]] += dy[k]


@kernel
def _sum(x, start, sizes, window):
    planes, rows, columns = window
    total = x.dtype.type(0)
    for a in range(planes[0], planes[1]):
        for b in range(rows[0], rows[1]):
            base = start + (a * sizes[1] + b) * sizes[2]
            for c in range(columns[0], columns[1]):
                total += x[base + c]
    return total


@kernel
def _add(share, dx, start, sizes, window):
    planes, rows, columns = window
    for a in range(planes[0], planes[1]):
        for b in range(rows[0], rows[1]):
            base = start + (a * sizes[1] + b) * sizes[2]
            for c in range(columns[0], columns[1]):
                dx[base + c] += share


@kernel
def _divisor(window, divisor):
    """``divisor``, or if that is 0 what the window counts."""
    return divisor if divisor != 0 else window[0][2] * window[1][2] * window[2][2]


@ranged
def _means(low, high, x, y, sizes, windows, divisor):
    volume = sizes[0] * sizes[1] * sizes[2]
    for n in range(low, high):
        p, window = _window(n, windows)
        y[n] = _sum(x, p * volume, sizes, window) / _divisor(window, divisor)


@ranged
def _spread(low, high, dy, dx, sizes, windows, divisor):
    volume = sizes[0] * sizes[1] * sizes[2]
    count = windows[0].shape[2] * windows[1].shape[2] * windows[2].shape[2]
    dx[low * volume : high * volume] = 0
    for n in range(low * count, high * count):
        p, window = _window(n, windows)
        _add(dy[n] / _divisor(window, divisor), dx, p * volume, sizes, window)


def _flat(x: Any) -> Any:
    return x.reshape(x.size)


def _tables(windows: list) -> tuple:
    """The tables of three axes as planes x 3 x outputs; one for all planes counts as a single plane's."""
    return tuple(w if w.ndim == 3 else w[None] for w in windows)


def WindowMaxPooling_updateOutput(input: Any, output: Any, indices: Any, windows: list, steps: tuple) -> None:
    """Planes x three axes: the largest value of every window, and its flat place in the plane, from 0, int64."""
    work = 2.0 * output.size * max(1, input.size // max(1, output.size))
    results = _flat(output), _flat(indices)
    _maxima(output.size, work, _flat(input), *results, input.shape[1:], _tables(windows), tuple(steps))


def WindowMaxPooling_updateGradInput(gradOutput: Any, gradInput: Any, indices: Any) -> None:
    """Every gradient is added to its place, which must lie inside the plane."""
    planes = len(gradInput)
    sizes = gradInput.size // planes, gradOutput.size // planes
    _scatter(planes, 1.0 * gradInput.size, _flat(gradOutput), _flat(gradInput), _flat(indices), *sizes)


def WindowAveragePooling_updateOutput(input: Any, output: Any, windows: list, divisor: float) -> None:
    """The sum of every window, divided by ``divisor`` or, if that is 0, by what the window counts."""
    sizes = input.shape[1:]
    _means(output.size, 2.0 * input.size, _flat(input), _flat(output), sizes, _tables(windows), float(divisor))


def WindowAveragePooling_updateGradInput(gradOutput: Any, gradInput: Any, windows: list, divisor: float) -> None:
    """Every gradient is spread evenly over its window."""
    sizes, work = gradInput.shape[1:], 2.0 * gradInput.size
    _spread(len(gradInput), work, _flat(gradOutput), _flat(gradInput), sizes, _tables(windows), float(divisor))
