"""The gradients of the kernels of connections; see :mod:`spatial_convolution_map`.

Each is the inner products of a small plane with the parts of a large one that its taps see, as in
:mod:`nn.thnn.cpu.conv.channels_first`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..cpu.conv.channels_first.geometry import PlanChannelsFirst, plan_channels_first
from ..cpu.conv.channels_first.gradient_weight import (
    BLOCK_VECTORS,
    MOST_TAPS,
    SUM_BYTES,
    Gradients,
    Sums,
    Taps,
    copy_gradient,
    finish,
    inner_products,
)
from ..cpu.conv.channels_first.planes import Images, box_at, copy_in
from ..cpu.gemm.transpose import clear
from ..cpu.runtime.blocking import PLANE_RATE
from ..cpu.runtime.isa import lanes_of
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import parallel_region
from ..cpu.runtime.partition import aligned, bound, pieces, threads
from ..cpu.runtime.records import Int, Table
from ..cpu.runtime.workspace import take
from ..cpu.simd import registers as simd
from .connected_planes import Room, geometry

CHUNKS = 16


class Pairs(NamedTuple):
    """The large and the small plane of each connection."""

    large: Table
    small: Table
    count: Int


@inner
def _copy_planes(images, gradients, n, box, image, gradient, pitch):
    """The planes of image n, and those of its gradOutput, to scratch."""
    for c in range(images.channels):
        source = simd.at(images.data, (n * images.channels + c) * images.pixels)
        copy_in(source, box, simd.at(image, c * images.volume))
    for o in range(gradients.outputs):
        source = simd.at(gradients.data, (n * gradients.outputs + o) * gradients.height * gradients.width)
        copy_gradient(source, gradients, box, simd.at(gradient, o * pitch))


@inner
def _add_connections(image, volume, gradient, room, pairs, connections, taps, sums):
    """sums[connection][tap] += the inner products of a range of connections."""
    lanes = simd.lanes(image)
    K = room.pitch // lanes
    for j in range(connections[0], connections[1]):
        large = simd.at(image, simd.get(pairs.large, j) * volume)
        small = simd.at(gradient, simd.get(pairs.small, j) * room.pitch)
        for k in range(0, K, BLOCK_VECTORS):
            a, b = simd.at(small, k * lanes), simd.at(large, k * lanes)
            inner_products(a, room.pitch, 1, b, taps, min(BLOCK_VECTORS, K - k), simd.at(sums, j * taps.line))


@parallel_region
def _sum_chunks(images: Images, gradients: Gradients, pairs: Pairs, taps: Taps, sums: Sums, room: Room, part, parts):
    """sums[chunk][connection][tap][lane]: a chunk of the images and a share of the connections are a job."""
    image = simd.at(room.data, part * room.share)
    gradient = simd.at(image, room.space)
    clear(image, room.space + gradients.outputs * room.pitch)
    box, chunks, splits = box_at(images.box, 0, image), sums.chunks, room.splits
    for job in range(bound(chunks * splits, part, parts, 1), bound(chunks * splits, part + 1, parts, 1)):
        chunk, split = job // splits, job % splits
        first, last = bound(pairs.count, split, splits, 1), bound(pairs.count, split + 1, splits, 1)
        own = simd.at(sums.data, chunk * pairs.count * taps.line)
        clear(simd.at(own, first * taps.line), (last - first) * taps.line)
        for n in range(bound(images.count, chunk, chunks, 1), bound(images.count, chunk + 1, chunks, 1)):
            _copy_planes(images, gradients, n, box, image, gradient, room.pitch)
            _add_connections(image, images.volume, gradient, room, pairs, (first, last), taps, own)


def accumulate(
    large: Any, small: Any, gradWeight: Any, connTable: Any, source: int, stride: tuple[int, int], scale: float
) -> None:
    """gradWeight[k][a][b] += scale * sum of large[y dH + a][x dW + b] small[y][x]

    ``source``: the column of the table that names the large planes.
    """
    if not small.size:
        return
    key = geometry(False, large, gradWeight, stride)
    planes = np.ascontiguousarray(connTable[:, [source, 1 - source]].T, np.int64)
    line = (len(_plan_of_sums(key)[1]) + 1) * lanes_of(large.itemsize)
    together = max(1, SUM_BYTES // (line * large.itemsize))
    for first in range(0, len(gradWeight), together):
        own = slice(first, first + together)
        pairs = Pairs(planes[0][own], planes[1][own], len(gradWeight[own]))
        _accumulate(large, small, gradWeight[own], pairs, key, line, scale)


def _accumulate(large: Any, small: Any, gradWeight: Any, pairs: Pairs, key: tuple, line: int, scale: float) -> None:
    x, connections = large, pairs.count
    plan, offsets, span = _plan_of_sums(key)
    images, targets, height, width = small.shape
    lanes = lanes_of(x.itemsize)
    chunks = max(1, min(images, CHUNKS, SUM_BYTES // (connections * line * x.itemsize)))
    parts = threads(images * gradWeight.size * height * width / PLANE_RATE)
    splits = pieces(chunks, parts, 4, connections)
    sums = Sums(take("weights", x.dtype, chunks * connections * line), 1, chunks, connections, line)
    space = aligned(x.shape[1] * plan.volume + 2 * lanes)
    pitch = aligned(span, lanes)
    share = aligned(space + targets * pitch)
    taps = Taps(offsets, len(offsets) - MOST_TAPS, line)
    _sum_chunks(
        min(parts, chunks * splits),
        Images(x, images, 1, x.shape[1], x.shape[2] * x.shape[3], plan.sizes, plan.volume),
        Gradients(small, targets, 1, height, width, span),
        pairs,
        taps,
        sums,
        Room(take("images", x.dtype, parts * share), share, space, pitch, splits),
    )
    finish(min(parts, connections), sums, taps.count, gradWeight, None, False, float(scale))


@lru_cache(maxsize=64)
def _plan_of_sums(key: tuple) -> tuple[PlanChannelsFirst, np.ndarray, int]:
    """The plan, the offsets of the taps with as many more as a tile may read, and the places of a small plane."""
    plan = plan_channels_first(*key)
    span, taps, start = (int(n) for n in plan.phases[0, :3])
    offsets = plan.tables[start : start + taps]
    return plan, np.concatenate([offsets, np.repeat(offsets[-1:], MOST_TAPS)]), span
