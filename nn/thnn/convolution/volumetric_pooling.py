"""Max and average pooling of volumes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..cpu.runtime.jit import inner, instance, kernel
from ..cpu.runtime.partition import flat, ranged, ranged_sum
from ..cpu.simd import registers as simd
from .box_sums import add_to_columns, add_to_rows, row_like, sum_columns, sum_rows
from .spatial_dilated_max_pooling import first_inside
from .windows import load_step, lowest

#: What stands for no maximum in the packed places; in those of Lua only the four low bytes tell.
NONE = -1
#: Nanoseconds of one tap of a window, and of an element that is brought to its place.
TAP, MOVE = 0.5, 2

#: What :func:`_between_places` moves; every instance has its own.
move = None


class Windows(NamedTuple):
    """Of the axes T, H, W: taps, steps of the windows, border, and steps of the taps."""

    size: tuple[int, int, int]
    step: tuple[int, int, int]
    pad: tuple[int, int, int]
    gap: tuple[int, int, int]


@inner
def _best_of_frame(x, t, starts, size, gap, best, place):
    """The same for the part of a window in frame ``t``, from the best so far on."""
    a, i0, j0 = (t - starts[0]) // gap[0], first_inside(starts[1], gap[1]), first_inside(starts[2], gap[2])
    for i in range(i0, min(starts[1] + (size[1] - 1) * gap[1] + 1, x.shape[1]), gap[1]):
        for j in range(j0, min(starts[2] + (size[2] - 1) * gap[2] + 1, x.shape[2]), gap[2]):
            if x[t, i, j] > best:
                best, b, c = x[t, i, j], (i - starts[1]) // gap[1], (j - starts[2]) // gap[2]
                place = a + (b << 8) + (c << 16)
    return best, place


@inner
def _best(x, starts, size, gap, lowest):
    """Largest value of the window at ``starts``, and its offsets in taps packed into bytes: time, height, width."""
    best, place = lowest, NONE
    t0 = first_inside(starts[0], gap[0])
    for t in range(t0, min(starts[0] + (size[0] - 1) * gap[0] + 1, x.shape[0]), gap[0]):
        best, place = _best_of_frame(x, t, starts, size, gap, best, place)
    return best, place


@inner
def _best_many(x, starts, size, step, gap, lowest, count):
    """The next ``count`` outputs of a row, at most a vector, as :func:`_best`; their windows are whole in width"""
    best, place = simd.splat(x, lowest), simd.splat(x, NONE)
    for a in range(size[0]):
        t = starts[0] + a * gap[0]
        for b in range(size[1] if 0 <= t < x.shape[0] else 0):
            i = starts[1] + b * gap[1]
            for c in range(size[2] if 0 <= i < x.shape[1] else 0):
                v = load_step(x, (t * x.shape[1] + i) * x.shape[2] + starts[2] + c * gap[2], step, count)
                better = v > best
                best = simd.select(better, v, best)
                place = simd.select(better, a + (b << 8) + (c << 16), place)
    return best, place


@inner
def _pool_row(x, y, places, starts, size, step, gap, lowest):
    """A row of outputs, whose first window is at ``starts``"""
    j, outputs, width = 0, y.size, x.shape[2]
    whole = (step - 1 - starts[2]) // step, (width - starts[2] - (size[2] - 1) * gap[2] - 1) // step + 1
    while j < outputs:
        corner = starts[0], starts[1], starts[2] + j * step
        if step < 3 and whole[0] <= j < whole[1]:
            count = min(simd.lanes(x), whole[1] - j)
            best, place = _best_many(x, corner, size, step, gap, lowest, count)
            simd.store_first(y, j, best, count)
            simd.store_first(places, j, simd.to_integers(places, place), count)
            j += count
        else:
            y[j], places[j] = _best(x, corner, size, gap, lowest)
            j += 1


@ranged
def _pool(low, high, x, y, places, w, lowest):
    """Planes ``low`` to ``high``."""
    for plane in range(low, high):
        for t in range(y.shape[1]):
            for i in range(y.shape[2]):
                starts = t * w.step[0] - w.pad[0], i * w.step[1] - w.pad[1], -w.pad[2]
                row, where = y[plane, t, i], places[plane, t, i]
                _pool_row(x[plane], row, where, starts, w.size, w.step[2], w.gap, lowest)


@kernel
def _inside(x, a, b, c):
    return 0 <= a < x.shape[0] and 0 <= b < x.shape[1] and 0 <= c < x.shape[2]


@inner
def _scatter_plane(dy, dx, places, outputs, sizes, step, pad, gap):
    """The gradients of one flat plane; whether some place lies outside"""
    outside = False
    dx[:] = 0
    for k in range(dy.size):
        place, row = places[k], k // outputs[2]
        if place & 0xFFFFFFFF == 0xFFFFFFFF:
            continue
        a = row // outputs[1] * step[0] - pad[0] + (place & 255) * gap[0]
        b = row % outputs[1] * step[1] - pad[1] + (place >> 8 & 255) * gap[1]
        c = k % outputs[2] * step[2] - pad[2] + (place >> 16 & 255) * gap[2]
        if 0 <= a < sizes[0] and 0 <= b < sizes[1] and 0 <= c < sizes[2]:
            dx[np.uint64((a * sizes[1] + b) * sizes[2] + c)] += dy[k]
        else:
            outside = True
    return outside


@ranged_sum
def _scatter(low, high, dy, dx, places, step, pad, gap):
    """Planes ``low`` to ``high``; how many of them have a place outside."""
    outside = 0.0
    for n in range(low, high):
        plane, flow, where = dx[n].ravel(), dy[n].ravel(), places[n].ravel()
        outside += _scatter_plane(flow, plane, where, dy.shape[1:], dx.shape[1:], step, pad, gap)
    return outside


@kernel
def _place_of(place, index, step, pad):
    """Where a packed place of the window number ``index`` lies."""
    a = index[0] * step[0] - pad[0] + (place & 255)
    b = index[1] * step[1] - pad[1] + (place >> 8 & 255)
    return a, b, index[2] * step[2] - pad[2] + (place >> 16 & 255)


@inner
def _put(small, index, large, a, b, c):
    large[a, b, c] = small[index]


@inner
def _get(small, index, large, a, b, c):
    small[index] = large[a, b, c]


def _between_places(low, high, small, large, places, step, pad):
    """Every element of ``small`` and the place in ``large`` its maximum came from, for planes ``low`` to ``high``.

    Returns how many places lie outside.
    """
    bad = 0.0
    for n in range(low, high):
        for index in np.ndindex(small[n].shape):
            place = places[n][index]
            a, b, c = _place_of(place, index, step, pad)
            if place == NONE or not _inside(large[n], a, b, c):
                bad += 1
            else:
                move(small[n], index, large[n], a, b, c)
    return bad


_put_all = ranged_sum(instance(_between_places, _put.py_func, {"move": _put}))
_get_all = ranged_sum(instance(_between_places, _get.py_func, {"move": _get}))


@ranged
def _average(low, high, x, y, sizes, outputs, size, step):
    """Planes ``low`` to ``high`` of flat arrays of volumes"""
    frames, height, width = sizes
    row, taps = row_like(x, width), x.dtype.type(size[0] * size[1] * size[2])
    for job in range(low * outputs[0] * outputs[1], high * outputs[0] * outputs[1]):
        t, i = job // outputs[1], job % outputs[1]
        first, top = t // outputs[0] * frames + t % outputs[0] * step[0], i * step[1]
        sum_rows(x, (first, first + size[0]), height, (top, top + size[1]), width, row)
        for j in range(outputs[2]):
            y[job * outputs[2] + j] = sum_columns(row, j * step[2], j * step[2] + size[2]) / taps


@ranged
def _spread(low, high, dy, dx, sizes, outputs, size, step):
    """The transpose of :func:`_average`."""
    frames, height, width = sizes
    row, taps = row_like(dx, width), dx.dtype.type(size[0] * size[1] * size[2])
    for job in range(low * outputs[0] * outputs[1], high * outputs[0] * outputs[1]):
        t, i = job // outputs[1], job % outputs[1]
        plane = t // outputs[0]
        if t % outputs[0] == 0 and i == 0:
            dx[plane * frames * height * width : (plane + 1) * frames * height * width] = 0
        row[:] = 0
        for j in range(outputs[2]):
            add_to_columns(dy[job * outputs[2] + j] / taps, row, j * step[2], j * step[2] + size[2])
        first, top = plane * frames + t % outputs[0] * step[0], i * step[1]
        box = (first, first + size[0]), height, (top, top + size[1])
        add_to_rows(row, dx, *box, width, dx.size)


def VolumetricMaxPooling_updateOutput(
    input: Any, output: Any, indices: Any, size: tuple, step: tuple, pad: tuple, gap: tuple
) -> None:
    """Planes x T x H x W; size, step, padding and gap of the windows in this order of axes.

    ``indices``: offsets in the window packed as ``t + 256 h + 65536 w``, or -1 where there is no maximum.
    """
    work = TAP * output.size * size[0] * size[1] * size[2]
    _pool(len(input), work, input, output, indices, Windows(size, step, pad, gap), lowest(input.dtype))


def VolumetricMaxPooling_updateGradInput(
    gradOutput: Any, gradInput: Any, indices: Any, step: tuple, pad: tuple, gap: tuple, size: tuple | None = None
) -> bool:
    """Every gradient goes to the place its maximum came from; returns whether some place lies outside.

    ``size`` of the windows is for a GPU, where every place asks the windows over it.
    """
    return _scatter(len(gradInput), MOVE * gradInput.size, gradOutput, gradInput, indices, step, pad, gap) > 0


def VolumetricMaxUnpooling_updateOutput(input: Any, output: Any, indices: Any, step: tuple, pad: tuple) -> int:
    """Every value to its maximum's place, zeros elsewhere; returns 0 if some place lies outside, or -1."""
    output.fill(0)
    return int(_put_all(len(input), MOVE * input.size, input, output, indices, step, pad) > 0) - 1


def VolumetricMaxUnpooling_updateGradInput(
    gradOutput: Any, gradInput: Any, indices: Any, step: tuple, pad: tuple
) -> int:
    """Every gradient from its place; returns as the forward pass."""
    return int(_get_all(len(gradInput), MOVE * gradInput.size, gradInput, gradOutput, indices, step, pad) > 0) - 1


def VolumetricAveragePooling_updateOutput(input: Any, output: Any, size: tuple, step: tuple) -> None:
    """Planes x T x H x W; size and step of the windows in this order of axes."""
    work = TAP * output.size * size[0] * size[1] * size[2]
    _average(len(input), work, flat(input), flat(output), input.shape[1:], output.shape[1:], size, step)


def VolumetricAveragePooling_updateGradInput(gradOutput: Any, gradInput: Any, size: tuple, step: tuple) -> None:
    """Every gradient is spread evenly over its window."""
    work, sizes = TAP * gradOutput.size * size[0] * size[1] * size[2], (gradInput.shape[1:], gradOutput.shape[1:])
    _spread(len(gradInput), work, flat(gradOutput), flat(gradInput), *sizes, size, step)
