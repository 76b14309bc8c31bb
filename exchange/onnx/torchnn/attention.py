"""Attention: products of queries and keys, softmax, products with values."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from ..graph import Graph, Value
from .registry import Arguments, function, layer, parameters


def _turned(g: Graph, x: Any, ndim: int) -> str:
    return g.op("Transpose", x, perm=[*range(ndim - 2), ndim - 1, ndim - 2])


def added(g: Graph, mask: Any, allowed: bool) -> tuple[Any, np.ndarray | None]:
    """A mask as what is added to the scores, and its numbers where they are known.

    Booleans say what takes part where ``allowed``, else what does not.
    """
    if mask.array.dtype.kind == "f":
        return mask, mask.array if mask.name in g.constants else None
    if mask.name not in g.constants:
        condition = mask if mask.array.dtype.kind == "b" else g.op("Cast", mask, to=9)
        both = (0.0, -np.inf) if allowed else (-np.inf, 0.0)
        return g.op("Where", condition, *map(g.constant, both)), None
    numbers = np.where((mask.array != 0) == allowed, 0, -np.inf).astype(np.float32)
    return g.constant(numbers), numbers


@function("scaled_dot_product_attention")
def scaled_dot_product_attention(g: Graph, a: Arguments, y: Value) -> str:
    if a.dropout_p or a.enable_gqa:
        raise g.refuse("attention with dropout or groups of heads")
    q, k = a.query, a.key
    scale = 1 / sqrt(q.shape[-1]) if a.scale is None else a.scale
    scores = g.op("MatMul", g.op("Mul", q, scale), _turned(g, k, k.ndim))
    numbers = None
    if a.is_causal:
        if q.sizes[-2] is None or k.sizes[-2] is None:
            raise g.refuse("a causal mask whose size follows the batch")
        numbers = np.triu(np.full((q.shape[-2], k.shape[-2]), -np.inf, np.float32), 1)
        scores = g.op("Add", scores, g.constant(numbers))
    elif a.attn_mask is not None:
        mask, numbers = added(g, a.attn_mask, True)
        scores = g.op("Add", scores, mask)
    return g.op("MatMul", _safe(g, scores, y.ndim, numbers), a.value)


def _safe(g: Graph, scores: str, ndim: int, mask: np.ndarray | None) -> str:
    """Softmax; a row of which nothing takes part is zeros."""
    closed = None if mask is None else np.isneginf(mask).all(-1, keepdims=True)
    if closed is not None and closed.any():
        weights = g.op("Softmax", g.op("Where", g.constant(closed, np.bool_), 0, scores), axis=ndim - 1)
        return g.op("Mul", weights, g.constant(~closed))
    return g.op("Softmax", scores, axis=ndim - 1)


class Heads:
    """One call of a layer: its inputs (L, N, E), or (N, L, E), side by side as heads (N, heads, L, E / heads)."""

    def __init__(self, g: Graph, m: Any, batch_first: bool) -> None:
        self.g, self.m, self.first = g, m, batch_first

    def projected(self, x: Value, weight: Any, bias: Any) -> str:
        g, m = self.g, self.m
        flat = g.op("MatMul", x, g.op("Transpose", weight, perm=[1, 0]))
        flat = flat if bias is None else g.op("Add", flat, bias)
        apart = g.reshape(flat, [*x.sizes[:2], m.num_heads, m.head_dim])
        return g.op("Transpose", apart, perm=[0, 2, 1, 3] if self.first else [1, 2, 0, 3])

    def weights(self) -> list[tuple]:
        """Weight and bias of query, key and value; those that are packed are cut."""
        g, m, e = self.g, self.m, self.m.embed_dim
        packed, bias = parameters(g, m, "in_proj_weight", "in_proj_bias")
        separate = parameters(g, m, "q_proj_weight", "k_proj_weight", "v_proj_weight")
        found = []
        for i in range(3):
            weight = separate[i] if packed is None else g.slice(packed, 0, i * e, (i + 1) * e)
            found.append((weight, None if bias is None else g.slice(bias, 0, i * e, (i + 1) * e)))
        return found

    def more(self, name: str, x: Value, extra: Value | None) -> str:
        """Keys or values with the learnt one and with zeros behind."""
        g, m = self.g, self.m
        n = x.sizes[0 if self.first else 1]
        row = [m.num_heads, 1, m.head_dim]
        parts = [] if extra is None else [g.reshape(extra, [1, *row])]
        parts += [g.constant(np.zeros((1, *row)))] if m.add_zero_attn else []
        if parts and n is None:
            raise g.refuse("more keys for a number of samples that follows the batch")
        spread = [g.op("Expand", part, g.integers(n, *row)) for part in parts]
        return g.op("Concat", name, *spread, axis=2) if parts else name

    def merged(self, attn: Any, padding: Any, q: Value, k: Value) -> Any:
        """Both masks added up, for scores (N, heads, L, S)."""
        g, m = self.g, self.m
        parts = []
        if attn is not None:
            name, _ = added(g, attn, False)
            forms = [-1, m.num_heads, *attn.sizes[1:]] if attn.ndim == 3 else [1, 1, *attn.sizes]
            parts.append(g.reshape(name, forms))
        if padding is not None:
            name, _ = added(g, padding, False)
            parts.append(g.reshape(name, [padding.sizes[0], 1, 1, padding.sizes[1]]))
        if not parts:
            return None
        total = g.chain("Add", parts)
        extra = (m.bias_k is not None) + bool(m.add_zero_attn)
        return g.op("Pad", total, g.integers(*[0] * 7, extra), 0.0) if extra else total


@layer("MultiheadAttention")
def multi_head_attention(g: Graph, m: Any, x: list, y: Any) -> list:
    """Output and, where they are wanted, weights: of all heads, or their mean."""
    names = ("query", "key", "value", "key_padding_mask", "need_weights", "attn_mask", "average_attn_weights")
    defaults = dict(zip(names[3:], (None, True, None, True))) | {"is_causal": False}
    a = defaults | dict(zip((*names, "is_causal"), x))
    if a["query"].ndim == 2:  # a batch of one
        return _single(g, m, a, y)
    return _attended(g, m, a, m.batch_first)


def _single(g: Graph, m: Any, a: dict, y: Any) -> list:
    def one(x: Value | None, axis: int) -> Value | None:
        if x is None:
            return None
        other = None if x.other is None else np.expand_dims(x.other, axis)
        return Value(g.op("Unsqueeze", x, g.integers(axis)), np.expand_dims(x.array, axis), other)

    whole = {name: one(a[name], 1) for name in ("query", "key", "value")}
    whole["key_padding_mask"] = one(a["key_padding_mask"], 0) if a["key_padding_mask"] is not None else None
    output, weights = _attended(g, m, a | whole, False)
    return [g.op("Squeeze", output, g.integers(1)), weights and g.op("Squeeze", weights, g.integers(0))]


def _attended(g: Graph, m: Any, a: dict, batch_first: bool) -> list:
    q, k, v = a["query"], a["key"], a["value"]
    heads = Heads(g, m, batch_first)
    Q, K, V = (heads.projected(value, *wb) for value, wb in zip((q, k, v), heads.weights()))
    K = heads.more(K, k, parameters(g, m, "bias_k")[0])
    V = heads.more(V, v, parameters(g, m, "bias_v")[0])
    scores = g.op("MatMul", g.op("Mul", Q, 1 / sqrt(m.head_dim)), _turned(g, K, 4))
    mask = heads.merged(a["attn_mask"], a["key_padding_mask"], q, k)
    weights = g.op("Softmax", scores if mask is None else g.op("Add", scores, mask), axis=3)
    mixed = g.op("Transpose", g.op("MatMul", weights, V), perm=[0, 2, 1, 3] if heads.first else [2, 0, 1, 3])
    joined = g.reshape(mixed, [*q.sizes[:2], m.embed_dim])
    place, g.place = g.place, f"{g.place}.out_proj".lstrip(".")
    weight, bias = parameters(g, m.out_proj, "weight", "bias")
    output = g.op("MatMul", joined, g.op("Transpose", weight, perm=[1, 0]))
    output = output if bias is None else g.op("Add", output, bias)
    g.place = place
    if not a["need_weights"]:
        return [output, None]
    return [output, g.reduce("ReduceMean", weights, 1, keep=False) if a["average_attn_weights"] else weights]
