"""Multi-head attention (Vaswani et al. 2017): projections, heads side by side, one more projection."""

from __future__ import annotations

from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from torch7 import arrays

from .. import random
from .attention import scaled_dot_product_attention_backward, scaled_dot_product_attention_forward
from .linear import linear, linear_backward
from .softmax import softmax

NAME = "multi_head_attention_forward"


class Weights(NamedTuple):
    """The parameters: weight and bias of the query's, key's and value's projections, more keys and values, output."""

    projections: list
    bias_k: Any
    bias_v: Any
    out: tuple


class How(NamedTuple):
    """The settings; ``dropout`` is 0 outside training, ``batch_first`` says that N comes before the length."""

    heads: int
    add_zero_attn: bool
    dropout: float
    need_weights: bool
    average: bool
    is_causal: bool
    batch_first: bool


def three_of(weight: Any, bias: Any) -> list:
    """The pairs of weight and bias of query, key and value, from what is packed or a list of three."""
    weights = weight if isinstance(weight, list) else np.split(weight, 3)
    return list(zip(weights, [None] * 3 if bias is None else np.split(bias, 3)))


def _heads(x: Any, how: How) -> Any:
    """(L, N, E), or (N, L, E), as (N, heads, L, E / heads)."""
    x = x.reshape(*x.shape[:2], how.heads, -1)
    return x.transpose(0, 2, 1, 3) if how.batch_first else x.transpose(1, 2, 0, 3)


def _joined(x: Any) -> Any:
    """(N, heads, L, d) as (L, N, E)."""
    x = arrays.dense(x.transpose(2, 0, 1, 3))
    return x.reshape(*x.shape[:2], x.shape[2] * x.shape[3])


def turned(x: Any, how: How) -> Any:
    """(L, N, E) as (N, L, E) if N comes first, and back."""
    return x.swapaxes(0, 1) if how.batch_first else x


def _given(x: Any, own: Any, q: Any) -> Any:
    """Keys or values that were given for all heads, as (N, heads, S, d); ``own`` if there are none."""
    if x is None:
        return own
    n, heads, _, d = q.shape
    if x.ndim != 3 or x.shape[0] != n * heads or x.shape[2] != d:
        raise ValueError(f"{NAME}: static_k and static_v must be ({n * heads}, S, {d}), got {x.shape}")
    return x.reshape(n, heads, *x.shape[1:])


def _more(x: Any, extra: Any, how: How) -> Any:
    """Keys or values (N, heads, S, d), with the learnt one and with zeros behind them."""
    parts, row = [x], (*x.shape[:2], 1, x.shape[3])
    if extra is not None:
        parts.append(np.broadcast_to(extra.reshape(1, how.heads, 1, -1), row))
    if how.add_zero_attn:
        parts.append(np.zeros(row, x.dtype, like=x))
    return np.concatenate(parts, 2) if len(parts) > 1 else x


def _as_scores(name: str, mask: Any, shapes: dict, dtype: Any) -> Any:
    """A mask as what is added to the scores, in the form of its shape in ``shapes``; what is to ignore is -inf."""
    form = shapes.get(mask.shape)
    if form is None:
        raise ValueError(f"{NAME}: {name} is {mask.shape}, expected one of {list(shapes)}")
    added = mask.astype(dtype, copy=False) if mask.dtype.kind == "f" else np.where(mask != 0, dtype.type(-np.inf), 0)
    return added.reshape(form).astype(dtype, copy=False)


def merged(attn_mask: Any, padding: Any, sizes: tuple, extra: int, dtype: Any) -> Any:
    """Both masks added up, for scores (N, heads, L, S) and ``extra`` keys that nothing masks; None for none."""
    n, heads, rows, s = sizes
    parts = []
    if attn_mask is not None:
        forms = {(n * heads, rows, s): sizes, (rows, s): (1, 1, rows, s)}
        parts.append(_as_scores("attn_mask", attn_mask, forms, dtype))
    if padding is not None:
        parts.append(_as_scores("key_padding_mask", padding, {(n, s): (n, 1, 1, s)}, dtype))
    if not parts:
        return None
    total = sum(parts[1:], start=parts[0])
    return np.pad(total, [(0, 0)] * 3 + [(0, extra)]) if extra else total


def attend(
    inputs: tuple, weights: Weights, how: How, masks: tuple = (None, None), static: tuple = (None, None)
) -> tuple:
    """Output, weights or None, and what :func:`attend_backward` needs; inputs of three dimensions.

    ``static``: keys and values (N * heads, S, E / heads) in place of the projected ones, or None.
    """
    projected = [linear(x, *wb) for x, wb in zip(inputs, weights.projections)]
    q, k, v = (_heads(x, how) for x in projected)
    k, v = (_given(x, own, q) for x, own in zip(static, (k, v)))
    s = k.shape[2]
    k, v = _more(k, weights.bias_k, how), _more(v, weights.bias_v, how)
    mask = merged(*masks, (*q.shape[:3], s), k.shape[2] - s, q.dtype)
    if how.need_weights:
        mixed, kept = _with_weights(q, k, v, mask, how.dropout)
    else:
        causal = how.is_causal and masks[1] is None
        settings = (None if causal else mask), how.dropout, causal
        mixed, kept = scaled_dot_product_attention_forward(q, k, v, *settings)
        kept = settings, kept["saved"]
    joined = _joined(mixed)
    output, shown = turned(linear(joined, *weights.out), how), None  # a view: the length lies outermost, as in PyTorch
    if how.need_weights:
        dropped = kept[2]
        shown = dropped.mean(1) if how.average else dropped.copy()
    return output, shown, (q, k, v, s, kept, joined, tuple(x is not None for x in static))


def _with_weights(q: Any, k: Any, v: Any, mask: Any, dropout: float) -> tuple:
    """The mixed values and (weights, noise, weights after dropout); a row with everything masked is NaN."""
    scores = arrays.dense((q * q.dtype.type(1 / sqrt(q.shape[-1]))) @ np.swapaxes(k, -1, -2))
    weights = softmax(scores if mask is None else scores + mask, -1)
    noise, dropped = None, weights
    if dropout:
        noise = random.bernoulli_(np.empty_like(weights), 1 - dropout) / weights.dtype.type(1 - dropout)
        dropped = weights * noise
    return dropped @ v, (weights, noise, dropped)


def attend_backward(gradOutputs: Any, inputs: Any, weights: Weights, how: How, saved: tuple) -> tuple:
    """Gradients by the inputs, by :class:`Weights` in its form, by the merged mask, and by static keys and values."""
    q, k, v, s, kept, joined, static = saved
    gj, *g_out = linear_backward(turned(gradOutputs[0], how), joined, *weights.out)
    gm = _heads(gj, how._replace(batch_first=False))
    if how.need_weights:
        gq, gk, gv, mask = _without_weights(gm, gradOutputs[1], (q, k, v), kept, how)
    else:
        settings, sdpa = kept
        gq, gk, gv, mask = scaled_dot_product_attention_backward(gm, q, k, v, *settings, saved=sdpa)
    flows = [turned(_joined(x), how) for x in (gq, gk[:, :, :s], gv[:, :, :s])]
    by_static = [g[:, :, :s].reshape(-1, s, g.shape[3]) if given else None for given, g in zip(static, (gk, gv))]
    for i, (x, given) in enumerate(zip(inputs[1:], static), 1):  # a projection that nothing came of
        if given:
            flows[i] = np.zeros((*x.shape[:-1], flows[i].shape[-1]), x.dtype, like=x)
    back = [linear_backward(g, x, *wb) for g, x, wb in zip(flows, inputs, weights.projections)]
    extras = [
        None if p is None else g[:, :, s].sum(0).reshape(p.shape) for p, g in ((weights[1], gk), (weights[2], gv))
    ]
    by_weights = Weights([(gw, gb) for _, gw, gb in back], *extras, tuple(g_out))
    return [gx for gx, _, _ in back], by_weights, None if mask is None else mask[..., :s], by_static


def _without_weights(gm: Any, shown: Any, qkv: tuple, kept: tuple, how: How) -> tuple:
    """Gradients by queries, keys, values and the mask, where the weights are an output too."""
    (q, k, v), (weights, noise, dropped) = qkv, kept
    gd, gv = gm @ np.swapaxes(v, -1, -2), np.swapaxes(dropped, -1, -2) @ gm
    if shown is not None:
        gd = gd + (shown[:, None] / shown.dtype.type(how.heads) if how.average else shown)
    gd = gd if noise is None else gd * noise
    gs = weights * (gd - (gd * weights).sum(-1, keepdims=True))
    factor = q.dtype.type(1 / sqrt(q.shape[-1]))
    return gs @ k * factor, np.swapaxes(gs, -1, -2) @ q * factor, gv, gs


def mask_gradients(mask: Any, attn_mask: Any, padding: Any) -> tuple:
    """The gradients by both masks from that by the merged one; None for masks that are not floats."""
    given = []
    for own, axes in ((attn_mask, (0, 1)), (padding, (1, 2))):
        if own is None or mask is None or own.dtype.kind != "f":
            given.append(None)
        elif own.ndim == 3:
            given.append(arrays.dense(mask).reshape(own.shape))
        else:
            given.append(mask.sum(axes).reshape(own.shape))
    return tuple(given)
