"""The gradient of weights, summed in Winograd's domain, back to taps: the end of :mod:`gradient_weight`."""

from __future__ import annotations

from typing import NamedTuple

from ...gemm.transpose import edge_transposer
from ...runtime.jit import inner
from ...runtime.parallel import parallel_region
from ...runtime.partition import bound
from ...runtime.records import Float, Int, Pointer
from ...simd import registers as simd
from ..geometry import SLACK
from .transforms import POINTS, five_outputs, linear, output_map, transform

_weights3 = transform(lambda v: output_map(v, 3), POINTS, 3)
_weights5 = transform(lambda v: output_map(v, 5), POINTS, 5)
_weights2 = transform(linear(five_outputs(2)), 5, 2)
_transpose_edge = edge_transposer()


class Values(NamedTuple):
    """V, Y, dU in [group][point][output][channel] with some outputs more, and the sums of gradOutput of each image.

    ``step``: elements from a group's V to the next's, and for Y. ``boxes``: ``share`` elements for each part,
    for an image and its gradients with their borders.
    """

    v: Pointer
    y: Pointer
    step: Int
    du: Pointer
    sums: Pointer
    boxes: Pointer
    share: Int


class Weights(NamedTuple):
    """gradWeight [output][channel][k][k] and gradBias.

    ``rows``: outputs of dU, in whole vectors; ``wide``: channels of V, in whole vectors, those of all phases.
    """

    data: Pointer
    bias: Pointer
    has_bias: Int
    outputs: Int
    rows: Int
    channels: Int
    k: Int
    wide: Int
    phases: Int


@inner
def _to_taps(source, k, plane, phase, tmp):
    """tmp[tap][channel] of a vector of channels; from a phase to the next are ``phase`` elements of dU."""
    lanes = simd.lanes(tmp)
    if k == 3:
        _weights3(source, 6 * plane, plane, tmp, 3 * lanes, lanes, tmp)
    elif k == 5:
        _weights5(source, 6 * plane, plane, tmp, 5 * lanes, lanes, tmp)
    else:
        for n in range(4):
            target = simd.at(tmp, (n // 2 * 4 + n % 2) * lanes)
            _weights2(simd.at(source, n * phase), 5 * plane, plane, target, 8 * lanes, 2 * lanes, tmp)


@inner
def _add_taps(tmp, k2, turned, weights, at, channels, scale):
    """gradWeight += scale * tmp[tap][channel] for some channels, whose first weight is number ``at``."""
    lanes = simd.lanes(tmp)
    for e in range(0, k2, lanes):
        _transpose_edge(simd.at(tmp, e * lanes), lanes, k2 - e, lanes, turned, lanes)
        count = min(lanes, k2 - e)
        for j in range(channels):
            place = at + j * k2 + e
            total = simd.fma(simd.load(turned, j * lanes), scale, simd.load_first(weights.data, place, count))
            simd.store_first(weights.data, place, total, count)


@parallel_region
def finish(values: Values, weights: Weights, images: Int, scale: Float, work: Pointer, part, parts):
    """gradWeight += scale * (dU transformed), gradBias += scale * sums."""
    outputs, channels, k2, lanes = weights.outputs, weights.channels, weights.k * weights.k, simd.lanes(work)
    tmp = simd.at(work, part * (k2 + 2 * lanes) * lanes)
    turned = simd.at(tmp, (k2 + lanes) * lanes)
    plane, phase = (weights.rows + SLACK) * weights.wide, weights.wide // weights.phases
    for o in range(bound(outputs, part, parts, 1), bound(outputs, part + 1, parts, 1)):
        for c in range(0, channels, lanes):
            _to_taps(simd.at(values.du, o * weights.wide + c), weights.k, plane, phase, tmp)
            _add_taps(tmp, k2, turned, weights, (o * channels + c) * k2, min(lanes, channels - c), scale)
        if weights.has_bias:
            total = 0.0
            for n in range(images):
                total += simd.get(values.sums, n * weights.rows + o)
            simd.put(weights.bias, o, simd.get(weights.bias, o) + scale * total)
