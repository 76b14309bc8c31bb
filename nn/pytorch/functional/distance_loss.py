"""Losses of distances between samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tape import Tape, active
from .distance import norm, norm_slope, pairwise_distance
from .elementwise import check_float
from .loss_function import loss_function, quiet, same_shape


@loss_function("input1", "input2")
@quiet
def _cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    """``1 - cos`` for t = 1, ``max(0, cos - margin)`` for t = -1: inputs (N, D), target (N), or (D) and ()."""
    x2, number = same_shape(input1, input2, "second input"), input1.dtype.type
    t = np.asarray(target, like=input1)
    if input1.ndim not in (1, 2) or t.shape != input1.shape[:-1]:
        raise ValueError(f"a target of shape {t.shape} does not fit inputs of {input1.shape}")
    m1, m2 = (input1 * input1).sum(-1) + number(1e-12), (x2 * x2).sum(-1) + number(1e-12)
    length = np.sqrt(m1 * m2)
    cos = (input1 * x2).sum(-1) / length
    apart = np.where((t == -1) & (cos >= margin), number(1), number(0))
    sign = np.where(t == 1, number(-1), apart)
    losses = np.where(t == 1, 1 - cos, apart * (cos - number(margin)))

    def slopes(g: Any) -> tuple:
        a, b = (g * sign / length)[..., None], (g * sign * cos)[..., None]
        return a * x2 - b * input1 / m1[..., None], a * input1 - b * x2 / m2[..., None]

    return losses, slopes


@loss_function("anchor", "positive", "negative")
@quiet
def _triplet_margin_loss(
    anchor: Any, positive: Any, negative: Any, margin: float = 1.0, p: float = 2, eps: float = 1e-6, swap: bool = False,
    size_average: Any = None, reduce: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """``max(0, d(a, p) - d(a, n) + margin)``, d the p-norm of the difference plus ``eps``: three inputs (N, D).

    ``swap`` takes the smaller one of d(a, n) and d(p, n).
    """
    number = anchor.dtype.type
    positive, negative = same_shape(anchor, positive, "positive"), same_shape(anchor, negative, "negative")
    pairs = [(anchor, positive), (anchor, negative), (positive, negative)]
    differences = [x - y + number(eps) for x, y in pairs]
    near, far, other = (norm(d, p)[..., 0] for d in differences)
    share = number(1) * (far < other) + number(0.5) * (far == other) if swap else np.ones_like(far)
    z = near - (np.minimum(far, other) if swap else far) + number(margin)

    def slopes(g: Any) -> tuple:
        g = g * (z >= 0)
        ap, an, pn = (norm_slope(d, n[..., None], p) for d, n in zip(differences, (near, far, other)))
        ap, an, pn = g[..., None] * ap, (g * share)[..., None] * an, (g * (1 - share))[..., None] * pn
        return ap - an, -ap - pn, an + pn

    return np.maximum(z, 0), slopes


@loss_function("anchor", "positive", "negative")
@quiet
def _triplet_margin_with_distance_loss(
    anchor: Any, positive: Any, negative: Any, *, distance_function: Any = None, margin: float = 1.0,
    swap: bool = False, reduction: str = "mean",
) -> Any:  # fmt: skip
    """:func:`triplet_margin_loss` with a distance of one's own, made of modules, F functions and operations.

    ``distance_function(x, y)`` runs on a tape, as a ``forward`` does; None is :func:`pairwise_distance`.
    """
    if margin < 0:
        raise ValueError(f"margin must not be negative, got {margin}")
    check_float("triplet_margin_with_distance_loss", anchor, positive, negative)
    distance, tape = distance_function or pairwise_distance, Tape()
    a, p, n = values = [tape.wrapped(x) for x in (anchor, positive, negative)]
    before, active.tape = active.tape, tape
    try:
        far = distance(a, n) if not swap else np.minimum(distance(a, n), distance(p, n))
        z = distance(a, p) - far + anchor.dtype.type(margin)
    finally:
        active.tape = before

    def slopes(g: Any) -> tuple:
        grads = tape.backward([z], [g * (z.data >= 0)], 1.0)
        return tuple(np.zeros_like(v.data) if grads[v.index] is None else grads[v.index] for v in values)

    return np.maximum(z.data, 0), slopes


triplet_margin_with_distance_loss, triplet_margin_with_distance_loss_backward = _triplet_margin_with_distance_loss
cosine_embedding_loss, cosine_embedding_loss_backward = _cosine_embedding_loss
triplet_margin_loss, triplet_margin_loss_backward = _triplet_margin_loss
