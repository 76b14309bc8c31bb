"""Multi-head attention (manual, "Non-linear activations"; Vaswani et al. 2017)."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from . import functional as F
from . import init
from . import random as stream
from .defaults import check_device, float_dtype
from .linear import Linear
from .module import Module
from .parameter import Parameter


class NonDynamicallyQuantizableLinear(Linear):
    """:class:`Linear` under the name that PyTorch prints for the output projection."""


class MultiheadAttention(Module):
    """Attention of ``num_heads`` heads: query (L, N, E), key (S, N, kdim), value (S, N, vdim); output (L, N, E).

    Without N the inputs are unbatched; ``batch_first`` puts N first. Returns output and weights (N, L, S), the mean of
    the heads, or (N, heads, L, S) with ``average_attn_weights=False``, or None without ``need_weights``. Masks of
    booleans or integers say what to ignore, floats are added: ``key_padding_mask`` (N, S), ``attn_mask`` (L, S) or
    (N * heads, L, S). Dropout acts on the weights, which are returned after it. ``ValueError`` for sizes that do not
    fit.
    """

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True, add_bias_kv: bool = False,
        add_zero_attn: bool = False, kdim: int | None = None, vdim: int | None = None, batch_first: bool = False,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        check_device(device)
        if embed_dim <= 0 or num_heads <= 0 or embed_dim % num_heads:
            raise ValueError(f"MultiheadAttention: embed_dim {embed_dim} must be divisible by num_heads {num_heads}")
        self.embed_dim, self.num_heads, self.dropout, self.batch_first = embed_dim, num_heads, dropout, batch_first
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        self.head_dim, self.add_zero_attn = embed_dim // num_heads, add_zero_attn
        dtype, e = float_dtype(dtype), embed_dim
        self.packed = self.kdim == self.vdim == e
        separate = {"q_proj_weight": (e, e), "k_proj_weight": (e, self.kdim), "v_proj_weight": (e, self.vdim)}
        shapes = {name: None if self.packed else shape for name, shape in separate.items()}
        shapes |= {"in_proj_weight": (3 * e, e) if self.packed else None, "in_proj_bias": (3 * e,) if bias else None}
        for name, shape in shapes.items():
            self.register_parameter(name, None if shape is None else Parameter(np.empty(shape, dtype)))
        self.out_proj = NonDynamicallyQuantizableLinear(e, e, bias=bias, dtype=dtype)
        for name in ("bias_k", "bias_v"):
            self.register_parameter(name, Parameter(np.empty((1, 1, e), dtype)) if add_bias_kv else None)
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        """Draw the projections (uniform after Xavier) and bias_k, bias_v (normal); the biases are 0."""
        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"):
            if self._parameters[name] is not None:
                init.xavier_uniform_(self._parameters[name])
        if self.in_proj_bias is not None:
            self.in_proj_bias.data.fill(0)
            self.out_proj.bias.data.fill(0)
        for p in (self.bias_k, self.bias_v):
            if p is not None:
                init.xavier_normal_(p)

    def _projections(self) -> list:
        """Weight and bias of query, key and value."""
        e, bias = self.embed_dim, self.in_proj_bias
        names = [f"{n}_proj_weight" for n in "qkv"]
        weights = (
            [self._parameters[n].data for n in names] if not self.packed else np.split(self.in_proj_weight.data, 3)
        )
        return [(w, None if bias is None else bias.data[i * e : (i + 1) * e]) for i, w in enumerate(weights)]

    def _turned(self, x: Any) -> Any:
        """An input as (length, N, size), and an output of that form as the input's."""
        return np.ascontiguousarray(x.swapaxes(0, 1)) if self.batch_first and x.ndim == 3 else x

    def _check(self, xs: list) -> None:
        q, k, v = (x.shape for x in xs)
        sizes = (self.embed_dim, self.kdim, self.vdim)
        if tuple(s[-1] for s in (q, k, v)) != sizes or k[:2] != v[:2] or q[1] != k[1]:
            raise ValueError(f"MultiheadAttention: query {q}, key {k}, value {v} do not fit the sizes {sizes}")

    def _heads(self, x: Any) -> Any:
        """(length, N, E) as (N * heads, length, head_dim)."""
        return x.reshape(len(x), -1, self.head_dim).transpose(1, 0, 2)

    def _joined(self, x: Any, n: int) -> Any:
        """The inverse of :meth:`_heads`."""
        return np.ascontiguousarray(x.transpose(1, 0, 2)).reshape(x.shape[1], n, self.embed_dim)

    def _more(self, x: Any, p: Any) -> Any:
        """Keys or values, with the learnt one and with zeros behind them."""
        row = (1, *x.shape[1:])
        parts = [x] + ([] if p is None else [np.broadcast_to(p.data, row)])
        return np.concatenate(parts + [np.zeros(row, x.dtype)] * self.add_zero_attn)

    def _mask(self, scores: Any, masks: tuple, n: int, s: int) -> None:
        """Add the masks to the scores of the first ``s`` keys; booleans and integers mean minus infinity."""
        attn_mask, padding = masks
        view = scores.reshape(n, self.num_heads, *scores.shape[1:])[..., :s]
        for name, mask, shapes in (
            ("attn_mask", attn_mask, (view.shape[2:], (n * self.num_heads, *view.shape[2:]))),
            ("key_padding_mask", padding, ((n, s),)),
        ):
            if mask is None:
                continue
            if mask.shape not in shapes:
                raise ValueError(f"MultiheadAttention: {name} is {mask.shape}, expected one of {shapes}")
            added = mask if mask.dtype.kind == "f" else np.where(mask != 0, -np.inf, 0)
            view += (
                added.reshape(n, 1, 1, s)
                if name == "key_padding_mask"
                else (added.reshape(view.shape) if added.ndim == 3 else added)
            )

    def forward(
        self, query: Any, key: Any, value: Any, key_padding_mask: Any = None, need_weights: bool = True,
        attn_mask: Any = None, average_attn_weights: bool = True, is_causal: bool = False,
    ) -> Any:  # fmt: skip
        single = query.ndim == 2
        xs = [x[:, None] if single else self._turned(x) for x in map(self.check, (query, key, value))]
        if any(x.ndim != 3 for x in xs):
            raise ValueError(f"MultiheadAttention: expected 2 or 3 dimensions, got {query.shape}, {key.shape}")
        self._check(xs)
        if is_causal and attn_mask is None:
            raise ValueError("MultiheadAttention: is_causal needs an attn_mask")
        if key_padding_mask is not None and single:
            key_padding_mask = key_padding_mask.reshape(1, -1)
        q, k, v = (F.linear(x, *wb) for x, wb in zip(xs, self._projections()))
        q, k, v = map(self._heads, (q, self._more(k, self.bias_k), self._more(v, self.bias_v)))
        n, s = xs[1].shape[1], len(xs[1])
        scores = np.ascontiguousarray((q * q.dtype.type(1 / sqrt(self.head_dim))) @ k.transpose(0, 2, 1))
        self._mask(scores, (attn_mask, key_padding_mask), n, s)
        weights = F.softmax(scores, -1)
        if not need_weights:  # a row with everything masked
            weights[np.isneginf(scores).all(-1)] = 0
        noise, dropped = None, weights
        if self.training and self.dropout:
            keep = 1 - self.dropout
            noise = stream.bernoulli_(np.empty(weights.shape, weights.dtype), keep) / weights.dtype.type(keep)
            dropped = weights * noise
        joined = self._joined(dropped @ v, n)
        out = self.out_proj
        output = F.linear(joined, out.weight.data, None if out.bias is None else out.bias.data)
        self.saved = xs, (q, k, v), (weights, noise, dropped), joined, average_attn_weights
        output = output[:, 0] if single else self._turned(output)
        if not need_weights:
            return output, None
        shown = dropped.reshape(n, self.num_heads, *dropped.shape[1:])
        shown = shown.mean(1) if average_attn_weights else shown.copy()
        return output, shown[0] if single else shown

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        xs, (q, k, v), (weights, noise, dropped), joined, average = self.saved
        single, n = input[0].ndim == 2, xs[0].shape[1]
        g = gradOutput[0][:, None] if single else self._turned(gradOutput[0])
        out = self.out_proj
        bias = None if out.bias is None else out.bias.data
        gj, gw, gb = F.linear_backward(g, joined, out.weight.data, bias)
        out.accumulate("weight", gw, scale)
        out.accumulate("bias", gb, scale)
        gh = self._heads(gj)
        gd, gv = gh @ v.transpose(0, 2, 1), dropped.transpose(0, 2, 1) @ gh
        if len(gradOutput) > 1:
            gs = gradOutput[1].reshape(n, -1, *dropped.shape[1:])
            gs = np.broadcast_to(gs / self.num_heads, (n, self.num_heads, *dropped.shape[1:])) if average else gs
            gd = gd + gs.reshape(dropped.shape)
        gd = gd if noise is None else gd * noise
        gz = weights * (gd - (gd * weights).sum(-1, keepdims=True))
        factor = q.dtype.type(1 / sqrt(self.head_dim))
        gq, gk = gz @ k * factor, gz.transpose(0, 2, 1) @ q * factor
        flows = [self._joined(x, n) for x in (gq, gk, gv)]
        given = self._projected(xs, flows, scale)
        given = [x[:, 0] if single else self._turned(x) for x in given]
        return given + [None] * (len(input) - 3)

    def _projected(self, xs: list, flows: list, scale: float) -> list:
        """Gradients by the inputs, from those by the projections; adds those of the parameters."""
        s, given = len(xs[1]), []
        for name, flow in (("bias_k", flows[1]), ("bias_v", flows[2])):
            if self._parameters[name] is not None:
                self.accumulate(name, flow[s].sum(0).reshape(1, 1, -1), scale)
        weights, biases = [], []
        for x, flow, (w, b) in zip(xs, (flows[0], flows[1][:s], flows[2][:s]), self._projections()):
            gx, gw, gb = F.linear_backward(np.ascontiguousarray(flow), x, w, b)
            given.append(gx)
            weights.append(gw)
            biases.append(gb)
        if self.packed:
            self.accumulate("in_proj_weight", np.concatenate(weights), scale)
        else:
            for n, gw in zip("qkv", weights):
                self.accumulate(f"{n}_proj_weight", gw, scale)
        if self.in_proj_bias is not None:
            self.accumulate("in_proj_bias", np.concatenate(biases), scale)
        return given
