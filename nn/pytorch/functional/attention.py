"""Scaled dot-product attention: what every query takes from the values, by its likeness to the keys."""

from __future__ import annotations

from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from torch7 import arrays

from ... import thnn
from .. import random
from ..fitting import reduced
from .differentiable import differentiable
from .elementwise import check_float
from .geometry import fits


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


def _added(mask: Any, is_causal: bool, shape: tuple, dtype: Any) -> Any:
    """The mask as what is added to scores of such a shape, or None; what is False is minus infinity."""
    if is_causal and mask is not None:
        raise ValueError("scaled_dot_product_attention: is_causal does not go with an attn_mask")
    if mask is None:
        return None
    if mask.dtype.kind not in "bf":
        raise TypeError(f"scaled_dot_product_attention: attn_mask must be of booleans or floats, got {mask.dtype}")
    fits = mask.ndim <= len(shape) and all(m in (1, n) for m, n in zip(mask.shape[::-1], shape[::-1]))
    if not fits:
        raise ValueError(f"scaled_dot_product_attention: attn_mask {mask.shape} does not fit scores {shape}")
    return np.where(mask, dtype.type(0), dtype.type(-np.inf)) if mask.dtype.kind == "b" else mask


def safe_softmax(scores: Any) -> Any:
    """Softmax along the last dimension in place; rows of minus infinity become zeros."""
    if not scores.size:
        return scores
    most = scores.max(-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        np.exp(np.subtract(scores, np.where(np.isneginf(most), 0, most), out=scores), out=scores)
        total = scores.sum(-1, keepdims=True)
    return np.divide(scores, np.where(total == 0, scores.dtype.type(1), total), out=scores)


def _memory(x: Any) -> tuple:
    """((rows, columns), elements from a row to the next, memory as a vector) of heads that lie anywhere."""
    last = max(0, sum((n - 1) * s for n, s in zip(x.shape, x.strides)) // x.itemsize) + 1
    tricks = arrays.array_module(x).lib.stride_tricks
    return x.shape[-2:], x.strides[-2] // x.itemsize, tricks.as_strided(x, (last,), (x.itemsize,))


def _starts(x: Any, lead: tuple) -> Any:
    """Where the heads of ``x`` begin, for heads ``lead``, along which it may be broadcast."""
    total: Any = np.zeros(lead, np.int64)
    given, strides = x.shape[:-2], x.strides[:-2]
    for axis, (n, s) in enumerate(zip(given, strides), len(lead) - len(given)):
        if n > 1:
            total += (np.arange(n) * (s // x.itemsize)).reshape(-1, *[1] * (len(lead) - axis - 1))
    return total.reshape(-1)


def _in_rows(x: Any) -> Any:
    """``x`` with contiguous rows a multiple of its elements apart, as kernels take it; a copy where it has others."""
    item = x.itemsize
    fits = x.strides[-1] == item and x.strides[-2] >= x.shape[-1] * item
    return x if fits and all(s >= 0 and s % item == 0 for s in x.strides) else arrays.dense(x)


class Fused(NamedTuple):
    """One call of the kernel, for its backward: operands, mask, causal, scale, sums of the rows, noise, output."""

    operands: tuple
    mask: Any
    causal: bool
    scale: float
    sums: Any
    noise: Any
    output: Any


def _fused(query: Any, key: Any, value: Any, added: Any, is_causal: bool, factor: float, dropout: float) -> Fused:
    """Attention by the kernel; the leading sizes are broadcast."""
    lead = np.broadcast_shapes(*(x.shape[:-2] for x in (query, key, value)))
    output = np.empty((*lead, query.shape[-2], value.shape[-1]), query.dtype, like=query)
    xs = [_in_rows(x) for x in (query, key, value)] + [output]
    starts, mask = [_starts(x, lead) for x in xs], None
    if added is None:
        starts.append(np.zeros_like(starts[0]))
    else:
        rows = np.broadcast_to(added, (*added.shape[:-2], query.shape[-2], key.shape[-2]))
        rows = _in_rows(rows.astype(query.dtype, copy=False))
        starts.append(_starts(rows, lead))
        mask = _memory(rows)[2], rows.strides[-2] // rows.itemsize
    sums = np.empty((len(starts[0]), query.shape[-2]), query.dtype, like=query)
    operands = tuple(map(_memory, xs)), np.ascontiguousarray(np.stack(starts, 1))
    noise = _noise((*lead, query.shape[-2], key.shape[-2]), dropout, query) if dropout else None
    call = Fused(operands, mask, bool(is_causal), factor, sums, noise, output)
    thnn.Attention_updateOutput(*call[:6])
    return call


def _noise(shape: tuple, dropout: float, like: Any) -> Any:
    """Factors of the weights: 0, or what makes up for those."""
    with np.errstate(invalid="ignore"):
        return random.kept(1 - dropout, shape, like) / like.dtype.type(1 - dropout)


def _fused_backward(gradOutput: Any, shapes: tuple, call: Fused) -> tuple:
    """Gradients by query, key and value, with all leading sizes."""
    lead, heads = call.output.shape[:-2], len(call.sums)
    given = [np.empty((heads, *shape[-2:]), call.output.dtype, like=call.output) for shape in shapes]
    g = thnn.contiguous(gradOutput)
    thnn.Attention_backward(*call[:5], (g, *given), call.noise)
    return tuple(x.reshape(*lead, *x.shape[1:]) for x in given)


def _weighted(query: Any, key: Any, added: Any, is_causal: bool, factor: float) -> Any:
    """The weights of all keys, (..., L, S)."""
    scores = (query * query.dtype.type(factor)) @ np.swapaxes(key, -1, -2)
    if is_causal:
        seen, number = np.tri(*scores.shape[-2:], dtype=bool, like=scores), scores.dtype.type
        added = np.where(seen, number(0), number(-np.inf))
    return safe_softmax(scores if added is None else np.add(scores, added, out=scores))


def scaled_dot_product_attention_forward(
    query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0, is_causal: bool = False,
    scale: float | None = None, enable_gqa: bool = False,
) -> tuple[Any, dict]:  # fmt: skip
    """The output, and as ``saved`` what backward needs.

    The weights of all keys are never held together; dropout's noise is, as it is drawn for all of them at once.
    """
    _check(query, key, value)
    if enable_gqa:
        key, value = _repeated(query, key), _repeated(query, value)
    factor = 1 / sqrt(query.shape[-1]) if scale is None else scale
    shape = (*np.broadcast_shapes(query.shape[:-2], key.shape[:-2]), query.shape[-2], key.shape[-2])
    added = _added(attn_mask, is_causal, shape, query.dtype)
    wide = np.broadcast_shapes(shape[:-2], value.shape[:-2]) == shape[:-2]  # noise is drawn for the weights
    if (not dropout_p or (wide and dropout_p < 1)) and 0 not in (*query.shape, *key.shape, *value.shape):
        call = _fused(query, key, value, added, is_causal, factor, dropout_p)
        return call.output, {"saved": call}
    weights, noise = _weighted(query, key, added, is_causal, factor), None
    if dropout_p:
        noise = _noise(weights.shape, dropout_p, weights)
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
    k, v = (_repeated(query, x) if enable_gqa else x for x in (key, value))
    lead = np.broadcast_shapes(query.shape[:-2], k.shape[:-2], v.shape[:-2])
    fits("scaled_dot_product_attention", gradOutput, (*lead, query.shape[-2], v.shape[-1]))
    factor = 1 / sqrt(query.shape[-1]) if scale is None else scale
    wanted, by_mask = needs[3] and attn_mask is not None and attn_mask.dtype.kind == "f", None
    if isinstance(saved, Fused) and not wanted:
        gq, gk, gv = _fused_backward(gradOutput, (query.shape, k.shape, v.shape), saved)
    else:
        if isinstance(saved, Fused):
            saved = _weighted(query, k, attn_mask, is_causal, factor), saved.noise
        gq, gk, gv, by_mask = _backward(gradOutput, query, k, v, *saved, query.dtype.type(factor))
    return (
        reduced(gq, query.shape) if needs[0] else None,
        _grouped(gk, key.shape, enable_gqa) if needs[1] else None,
        _grouped(gv, value.shape, enable_gqa) if needs[2] else None,
        reduced(by_mask, attn_mask.shape) if wanted else None,
    )


def _backward(gradOutput: Any, query: Any, key: Any, value: Any, weights: Any, noise: Any, factor: Any) -> tuple:
    """Gradients by query, key, value and scores from all weights."""
    gw = gradOutput @ np.swapaxes(value, -1, -2)
    gv = np.swapaxes(weights if noise is None else weights * noise, -1, -2) @ gradOutput
    gw = gw if noise is None else gw * noise
    gs = weights * (gw - (gw * weights).sum(-1, keepdims=True))
    return gs @ key * factor, np.swapaxes(gs, -1, -2) @ query * factor, gv, gs


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
