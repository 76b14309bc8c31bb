"""The layers of the Transformer (manual, "Transformer layers"; Vaswani et al. 2017)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import functional as F
from .attention import MultiheadAttention
from .defaults import check_device
from .dropout import Dropout
from .linear import Linear
from .module import Module
from .normalization import LayerNorm

_ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu}


class TransformerLayer(Module):
    """What both layers have: attention, a feed-forward part of two linear maps, norms and dropouts.

    There is no backward of its own: ``forward`` runs on the tape.
    """

    attentions: tuple = ("self_attn",)

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: str | Callable = F.relu, layer_norm_eps: float = 1e-5, batch_first: bool = False,
        norm_first: bool = False, bias: bool = True, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        check_device(device)
        count = len(self.attentions) + 1
        for name in self.attentions:
            attention = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype)
            self.add_module(name, attention)
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype=dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype=dtype)
        self.norm_first = norm_first
        for i in range(1, count + 1):
            self.add_module(f"norm{i}", LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype))
        for i in range(1, count + 1):
            self.add_module(f"dropout{i}", Dropout(dropout))
        if isinstance(activation, str) and activation not in _ACTIVATIONS:
            raise RuntimeError(f"activation should be relu/gelu, not {activation}")
        self.activation = _ACTIVATIONS[activation] if isinstance(activation, str) else activation

    def _attended(self, attention: Any, x: Any, memory: Any, masks: tuple) -> Any:
        """The output of an attention; masks are attn_mask, key_padding_mask and whether the former is causal."""
        mask, padding, causal = masks
        memory = x if memory is None else memory
        return attention(x, memory, memory, padding, False, mask, is_causal=causal)[0]

    def _fed_forward(self, x: Any) -> Any:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))

    def _through(self, x: Any, parts: list) -> Any:
        """Add what each part makes of ``x``: normalised before the part, or else after the sum."""
        for i, part in enumerate(parts, 1):
            norm, dropout = self._modules[f"norm{i}"], self._modules[f"dropout{i}"]
            x = x + dropout(part(norm(x))) if self.norm_first else norm(x + dropout(part(x)))
        return x


class TransformerEncoderLayer(TransformerLayer):
    """Self-attention, then a feed-forward part: ``src`` (S, N, d_model), or (N, S, d_model) with ``batch_first``.

    Each part is added to its input, and LayerNorm follows, or with ``norm_first`` comes before. ``activation`` is
    'relu', 'gelu', a module or a function that a tape records. Masks are those of MultiheadAttention.
    """

    def forward(self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False) -> Any:
        masks = src_mask, src_key_padding_mask, is_causal
        return self._through(src, [lambda x: self._attended(self.self_attn, x, None, masks), self._fed_forward])


class TransformerDecoderLayer(TransformerLayer):
    """Self-attention, attention to the encoder's output ``memory``, then a feed-forward part, as in the encoder."""

    attentions = ("self_attn", "multihead_attn")

    def forward(
        self, tgt: Any, memory: Any, tgt_mask: Any = None, memory_mask: Any = None, tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None, tgt_is_causal: bool = False, memory_is_causal: bool = False,
    ) -> Any:  # fmt: skip
        own = tgt_mask, tgt_key_padding_mask, tgt_is_causal
        other = memory_mask, memory_key_padding_mask, memory_is_causal
        parts = [
            lambda x: self._attended(self.self_attn, x, None, own),
            lambda x: self._attended(self.multihead_attn, x, memory, other),
            self._fed_forward,
        ]
        return self._through(tgt, parts)
