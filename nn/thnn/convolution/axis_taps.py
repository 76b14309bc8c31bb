"""One axis resampled: every output place is a weighted sum of some input places.

The taps of output k are ``places[starts[k] : starts[k + 1]]`` and their ``weights``; arrays are planes x places x
inner.
The gradient is the same operation with the taps of each input place.
"""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import kernel
from ..cpu.runtime.partition import ranged


@kernel
def _row(y, x, base, taps):
    """y = sum of the weights times the rows of x at the places"""
    places, weights = taps
    inner = y.size
    for j in range(inner):
        y[j] = 0
    for t in range(places.size):
        row, w = base + places[t] * inner, weights[t]
        for j in range(inner):
            y[j] += w * x[row + j]


@ranged
def _resample(low, high, x, y, starts, places, weights, sizes):
    """Rows low to high, of planes times places, of y; sizes are places of x, places of y, inner."""
    n, outputs, inner = sizes
    for r in range(low, high):
        p, k = divmod(r, outputs)
        a, b = starts[k], starts[k + 1]
        _row(y[r * inner : (r + 1) * inner], x, p * n * inner, (places[a:b], weights[a:b]))


def AxisTaps_updateOutput(x: Any, y: Any, starts: Any, places: Any, weights: Any) -> None:
    """``y[p, k, j] = sum over the taps t of k of weights[t] x[p, places[t], j]``"""
    planes, outputs, inner = y.shape
    work = planes * inner * (places.size + outputs)
    _resample(
        planes * outputs,
        0.5 * work,
        x.reshape(-1),
        y.reshape(-1),
        starts,
        places,
        weights,
        (x.shape[1], outputs, inner),
    )
