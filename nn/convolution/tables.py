"""``nn.tables``: which input plane goes to which output plane in :class:`SpatialConvolutionMap`.

A table is a tensor of the default type with a row (input plane, output plane), both from 1, for each connection.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays
from torch7.random import randperm

from ..constructors import number


def full(nin: int, nout: int) -> Any:
    """Every input plane to every output plane: ``nin * nout`` rows, the inputs of output 1 first."""
    nin, nout = number([nin, nout])
    rows = np.empty((max(nout, 0), max(nin, 0), 2), arrays.default_dtype())
    rows[..., 0], rows[..., 1] = np.arange(1, nin + 1), np.arange(1, nout + 1)[:, None]
    return rows.reshape(-1, 2)


def oneToOne(nfeat: int) -> Any:
    """Plane i to plane i: ``nfeat`` rows."""
    nfeat = number(nfeat)
    rows = np.empty((max(nfeat, 0), 2), arrays.default_dtype())  # at once: too many planes have no memory, and no wait
    rows[...] = np.arange(1, nfeat + 1)[:, None]
    return rows


def random(nin: int, nout: int, nto: int) -> Any:
    """``nto`` different random input planes to every output plane: ``nto * nout`` rows.

    Planes are dealt from a random permutation of all inputs; a new one is drawn as soon as fewer than ``nto`` are left.
    ``ValueError`` unless ``nto`` is between 1 and ``nin``.
    """
    nin, nout, nto = number([nin, nout, nto])
    if not 1 <= nto <= nin:
        raise ValueError(f"each output plane needs 1 to {nin} of the {nin} input planes, got {nto}")
    rows, permutation, used = [], randperm(nin), 0
    for o in range(1, nout + 1):
        rows += [(i, o) for i in permutation[used : used + nto]]
        used += nto
        if used + nto > nin:
            permutation, used = randperm(nin), 0
    return _table(rows)


def _table(rows: list) -> Any:
    return np.array(rows, arrays.default_dtype()).reshape(-1, 2)
