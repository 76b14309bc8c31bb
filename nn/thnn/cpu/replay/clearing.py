"""Recordings in which a matrix that is cleared, and later added to by a product, is written by the product.

So the gradient of a weight is neither cleared nor read. The sums are the same: a tile's begin with zero. It is done
where no call between has to do with the matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..gemm.gemm import packed_product
from ..gemm.product import Product
from ..runtime.parallel import alone, launch
from .memory import arrays_in, bounds
from .recorder import Launch

#: The kernel that clears, and the place of the array among its arguments.
CLEARING, PLACE = "nn.thnn.simple.clear._clear_in_parts", 3
ADD = Product._fields.index("add")
Range = tuple[int, int]


def without_clearing(launches: Sequence[Launch], known: Sequence[np.ndarray]) -> list[Launch]:
    """The launches without what need not be cleared; ``known`` are all arrays that the kernels read and write."""
    blocks = _blocks([bounds(x) for x in known])
    touched = [_touched(call, blocks) for call in launches]
    calls: list[Launch | None] = list(launches)
    for n, call in enumerate(launches):
        place = _added_to(call)
        if place is None or not _around(place[0], blocks):
            continue
        before = next((k for k in range(n - 1, -1, -1) if _meet(touched[k], place)), None)
        if before is not None and _cleared(launches[before]) == place:
            frame = call.arguments[1].copy()
            frame[ADD] = 0
            calls[before], calls[n] = None, call._replace(arguments=(call.arguments[0], frame, *call.arguments[2:]))
    return [call for call in calls if call is not None]


def _cleared(call: Launch) -> Range | None:
    """The memory that a call clears."""
    if f"{call.kernel.__module__}.{call.kernel.__name__}" != CLEARING:
        return None
    return bounds(_flat(call.arguments)[PLACE])


def _added_to(call: Launch) -> Range | None:
    """The whole matrix that a call adds a product to."""
    if call.kernel not in (alone, launch):
        return None
    dtype = next((d for d, address in packed_product.addresses.items() if address == call.arguments[0]), None)
    if dtype is None:
        return None
    p = dict(zip(Product._fields, map(int, call.arguments[1])))
    whole = p["add"] and p["ldc"] == p["n"]
    return (p["c"], p["c"] + p["m"] * p["n"] * dtype.itemsize) if whole else None


def _touched(call: Launch, blocks: list[Range]) -> list[Range]:
    """The memory that a call perhaps reads or writes: of what it knows by an address only, all around it."""
    if call.code is None:  # a frame is filled
        return []
    arrays = [*arrays_in(call.arguments), *call.tables]
    numbers = {n for n in _flat(call.arguments) if isinstance(n, int)}
    numbers.update(n for x in arrays if x.dtype == np.int64 for n in x.ravel().tolist())
    found = [bounds(x) for x in arrays if x.size]
    return found + [block for n in numbers for block in _around(n, blocks)]


def _flat(arguments: Any) -> list:
    """What is in tuples of tuples."""
    return [y for x in arguments for y in (_flat(x) if isinstance(x, tuple) else [x])]


def _blocks(ranges: list[Range]) -> list[Range]:
    """Ranges of memory, those that meet made one: views of one array lie side by side."""
    found: list[Range] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1]:
            found[-1] = found[-1][0], max(high, found[-1][1])
        else:
            found.append((low, high))
    return found


def _around(address: int, blocks: list[Range]) -> list[Range]:
    return [block for block in blocks if block[0] <= address < block[1]]


def _meet(ranges: list[Range], other: Range) -> bool:
    return any(low < other[1] and other[0] < high for low, high in ranges)
