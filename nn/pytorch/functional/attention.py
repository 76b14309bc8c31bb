"""Scaled dot-product attention: what every query takes from the values, by its likeness to the keys."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from .. import random
from ..operations import reduced
from .differentiable import differentiable
from .elementwise import check_float


def _check(query: Any, key: Any, value: Any) -> None:
    check_float("scaled_dot_product_attention", query, key, value)
    q, k, v = query.shape, key.shape, value.shape
    if min(len(q), len(k), len(v)) < 2 or q[-1] != k[-1] or k[-2] != v[-2]:
        raise ValueError(f"scaled_dot_product_attention: query {q}, key {k} and value {v} do not fit")


def _repeated(query: Any, x: Any) -> Any:
    """The heads of keys or values, each for its group of the query's heads."""
    if min(query.ndim, x.ndim) < 3 or query.shape[-3] % x.shape[-3]:
        raise ValueError(f"enable_gqa: {query.shape} has no multiple of the heads of {x.shape}")
    return np.repeat(x, query.shape[-3] // x.shape[-3], -3)


def _added(mask: Any, is_causal: bool, scores: Any) -> Any:
    """The mask as what is added to the scores, or None; what is False or behind the diagonal is minus infinity."""
    if is_causal:
        if mask is not None:
            raise ValueError("scaled_dot_product_attention: is_causal does not go with an attn_mask")
        mask = np.tri(*scores.shape[-2:], dtype=bool)
    if mask is None:
        return None
    if mask.dtype.kind not in "bf":
        raise TypeError(f"scaled_dot_product_attention: attn_mask must be of booleans or floats, got {mask.dtype}")
    fits = mask.ndim <= scores.ndim and all(m in (1, n) for m, n in zip(mask.shape[::-1], scores.shape[::-1]))
    if not fits:
        raise ValueError(f"scaled_dot_product_attention: attn_mask {mask.shape} does not fit scores {scores.shape}")
    return np.where(mask, scores.dtype.type(0), scores.dtype.type(-np.inf)) if mask.dtype.kind == "b" else mask


def safe_softmax(scores: Any) -> Any:
    """Softmax along the last dimension in place; rows of minus infinity become zeros."""
    if not scores.size:
        return scores
    most = scores.max(-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        np.exp(np.subtract(scores, np.where(np.isneginf(most), 0, most), out=scores), out=scores)
        total = scores.sum(-1, keepdims=True)
    return np.divide(scores, np.where(total == 0, scores.dtype.type(1), total), out=scores)


def scaled_dot_product_attention_forward(
    query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0, is_causal: bool = False,
    scale: float | None = None, enable_gqa: bool = False,
) -> tuple[Any, dict]:  # fmt: skip
    """The output, and ``{"saved": (weights, noise of dropout or None)}``."""
    _check(query, key, value)
    if enable_gqa:
        key, value = _repeated(query, key), _repeated(query, value)
    factor = query.dtype.type(1 / sqrt(query.shape[-1]) if scale is None else scale)
    scores = (query * factor) @ np.swapaxes(key, -1, -2)
    added = _added(attn_mask, is_causal, scores)
    weights = safe_softmax(scores if added is None else np.add(scores, added, out=scores))
    noise = None
    if dropout_p:
        noise = random.decide(1 - dropout_p, weights.shape) / weights.dtype.type(1 - dropout_p)
        noise = noise.astype(weights.dtype, copy=False)
    return (weights if noise is None else weights * noise) @ value, {"saved": (weights, noise)}


def scaled_dot_product_attention_backward(
    gradOutput: Any, query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0,
    is_causal: bool = False, scale: float | None = None, enable_gqa: bool = False, *, needs: tuple = (True,) * 4,
    saved: Any = None,
) -> tuple:  # fmt: skip
    """Gradients by query, key, value and a mask of floats (else None); dropout needs forward's ``saved``."""
    if saved is None:
        if dropout_p:
            raise ValueError("scaled_dot_product_attention_backward: dropout needs saved, what forward kept")
        settings = attn_mask, 0.0, is_causal, scale, enable_gqa
        saved = scaled_dot_product_attention_forward(query, key, value, *settings)[1]["saved"]
    weights, noise = saved
    k, v = (_repeated(query, x) if enable_gqa else x for x in (key, value))
    gw = gradOutput @ np.swapaxes(v, -1, -2)
    gv = np.swapaxes(weights if noise is None else weights * noise, -1, -2) @ gradOutput
    gw = gw if noise is None else gw * noise
    gs = weights * (gw - (gw * weights).sum(-1, keepdims=True))
    factor = query.dtype.type(1 / sqrt(query.shape[-1]) if scale is None else scale)
    wanted = needs[3] and attn_mask is not None and attn_mask.dtype.kind == "f"
    grads = (
        reduced(gs @ k * factor, query.shape) if needs[0] else None,
        _grouped(np.swapaxes(gs, -1, -2) @ query * factor, key.shape, enable_gqa) if needs[1] else None,
        _grouped(gv, value.shape, enable_gqa) if needs[2] else None,
        reduced(gs, attn_mask.shape) if wanted else None,
    )
    return grads


def _grouped(grad: Any, shape: tuple, groups: bool) -> Any:
    """A gradient by keys or values; with ``groups`` each head sums those of its group."""
    if groups:
        heads = shape[-3]
        grad = grad.reshape(*grad.shape[:-3], heads, grad.shape[-3] // heads, *grad.shape[-2:]).sum(-3)
    return reduced(grad, shape)


@differentiable(
    scaled_dot_product_attention_backward, "query", "key", "value", "attn_mask",
    saving=scaled_dot_product_attention_forward,
)  # fmt: skip
def scaled_dot_product_attention(
    query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0, is_causal: bool = False,
    scale: float | None = None, enable_gqa: bool = False,
) -> Any:  # fmt: skip
    """``softmax(scale Q K^T + mask) V``: query (..., L, E), key (..., S, E), value (..., S, Ev); output (..., L, Ev).

    A mask of booleans is True where a key takes part, one of floats is added; (..., L, S) or what broadcasts to it.
    ``is_causal`` lets query i see keys 0 to i. A query that sees nothing gets zeros. ``scale`` is ``1 / sqrt(E)``;
    ``dropout_p`` acts on the weights, always; ``enable_gqa`` shares a head of keys among several of queries.
    """
    settings = attn_mask, dropout_p, is_causal, scale, enable_gqa
    return scaled_dot_product_attention_forward(query, key, value, *settings)[0]
