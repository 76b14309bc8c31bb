"""Multi-head attention (manual, "Non-linear activations"; Vaswani et al. 2017)."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import init
from .defaults import check_device, float_dtype
from .functional.multi_head_attention import How, Weights, attend, attend_backward, mask_gradients, three_of
from .linear import Linear
from .module import Module
from .parameter import Parameter

#: The positional arguments of forward.
_INPUTS = ("query", "key", "value", "key_padding_mask", "need_weights", "attn_mask")


class NonDynamicallyQuantizableLinear(Linear):
    """:class:`Linear` under the name that PyTorch prints for the output projection."""


class MultiheadAttention(Module):
    """Attention of ``num_heads`` heads: query (L, N, E), key (S, N, kdim), value (S, N, vdim); output (L, N, E).

    Without N the inputs are unbatched; ``batch_first`` puts N first. Returns output and weights (N, L, S), the mean of
    the heads, or (N, heads, L, S) with ``average_attn_weights=False``, or None without ``need_weights``. Masks of
    booleans or integers say what to ignore, floats are added: ``key_padding_mask`` (N, S), ``attn_mask`` (L, S) or
    (N * heads, L, S); masks of floats have gradients where they are given by position. Dropout acts on the weights,
    which are returned after it. ``ValueError`` for sizes that do not fit.
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

    def _weights(self) -> Weights:
        """The parameters' arrays, as the function takes them."""

        def array(name: str) -> Any:
            found = self.held(name)
            return None if found is None else found.data

        out = self.out_proj
        weight = array("in_proj_weight") if self.packed else [array(f"{n}_proj_weight") for n in "qkv"]
        bias = None if out.bias is None else out.bias.data
        projections = three_of(weight, array("in_proj_bias"))
        return Weights(projections, array("bias_k"), array("bias_v"), (out.weight.data, bias))

    def _how(self, need_weights: bool, average: bool, is_causal: bool, single: bool) -> How:
        dropout = self.dropout if self.training else 0.0
        first = self.batch_first and not single
        return How(self.num_heads, self.add_zero_attn, dropout, need_weights, average, is_causal, first)

    def _check(self, xs: tuple, batch: int) -> None:
        """``ValueError`` unless sizes, lengths and samples of query, key and value fit."""
        q, k, v = (x.shape for x in xs)
        sizes = (self.embed_dim, self.kdim, self.vdim)
        if not len(q) == len(k) == len(v) == 3:
            raise ValueError(f"MultiheadAttention: expected 2 or 3 dimensions, got {q}, {k}, {v}")
        if tuple(s[-1] for s in (q, k, v)) != sizes or k[:2] != v[:2] or q[batch] != k[batch]:
            raise ValueError(f"MultiheadAttention: query {q}, key {k}, value {v} do not fit the sizes {sizes}")

    def forward(
        self, query: Any, key: Any, value: Any, key_padding_mask: Any = None, need_weights: bool = True,
        attn_mask: Any = None, average_attn_weights: bool = True, is_causal: bool = False,
    ) -> Any:  # fmt: skip
        single = query.ndim == 2
        xs = tuple(self.check(x)[:, None] if single and x.ndim == 2 else self.check(x) for x in (query, key, value))
        how = self._how(need_weights, average_attn_weights, is_causal, single)
        self._check(xs, 0 if how.batch_first else 1)
        if is_causal and attn_mask is None:
            raise ValueError("MultiheadAttention: is_causal needs an attn_mask")
        padding = key_padding_mask
        if padding is not None and single:
            padding = padding.reshape(1, -1)
        output, shown, kept = attend(xs, self._weights(), how, (attn_mask, padding))
        self.saved = xs, how, (attn_mask, padding), kept
        if single:
            return output[:, 0], None if shown is None else shown[0]
        return output, shown

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        xs, how, masks, kept = self.saved
        single, g = input[0].ndim == 2, [*gradOutput, None][:2]
        if single:
            g = [g[0][:, None], None if g[1] is None else g[1][None]]
        given, by, mask, _ = attend_backward(g, xs, self._weights(), how, kept)
        self._accumulate(by, scale)
        attn, padding = mask_gradients(mask, *masks)
        by_name = {"key_padding_mask": padding, "attn_mask": attn}
        more = [by_name.get(name) for name in _INPUTS[3 : len(input)]]
        more = [None if x is None else x.reshape(m.shape) for x, m in zip(more, input[3:])]
        return [x[:, 0] if single else x for x in given] + more

    def _accumulate(self, by: Weights, scale: float) -> None:
        weights, biases = zip(*by.projections)
        if self.packed:
            self.accumulate("in_proj_weight", np.concatenate(weights), scale)
        else:
            for n, gw in zip("qkv", weights):
                self.accumulate(f"{n}_proj_weight", gw, scale)
        if self.in_proj_bias is not None:
            self.accumulate("in_proj_bias", np.concatenate(biases), scale)
        self.accumulate("bias_k", by.bias_k, scale)
        self.accumulate("bias_v", by.bias_v, scale)
        self.out_proj.accumulate("weight", by.out[0], scale)
        self.out_proj.accumulate("bias", by.out[1], scale)
