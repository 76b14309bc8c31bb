"""Embedding and EmbeddingBag (manual, "Sparse layers"). Indices count from 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import functional as F
from . import init
from .defaults import check_device, float_dtype
from .module import Module
from .parameter import Parameter, plain


class Embedding(Module):
    """Rows of ``weight`` (num_embeddings, embedding_dim) by their numbers: indices (*) to output (*, embedding_dim).

    ``weight`` starts from N(0, 1), the row ``padding_idx`` from 0, and that row gets no gradient. ``max_norm`` scales
    rows that are used down, in the weight itself. ``scale_grad_by_freq`` divides a row's gradient by its uses. The
    gradient is a dense array even if ``sparse``. Errors: ``IndexError`` for an index that is not there.
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, max_norm: float | None = None,
        norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False, _weight: Any = None,
        _freeze: bool = False, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        check_device(device)
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = _padding(padding_idx, num_embeddings)
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.sparse = sparse
        _make_weight(self, _weight, not _freeze, dtype)

    def reset_parameters(self) -> None:
        """Draw the weight from N(0, 1); the padding's row becomes 0."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx] = 0

    @classmethod
    def from_pretrained(cls, embeddings: Any, freeze: bool = True, **settings: Any) -> Any:
        """A layer of the given rows, which ``freeze`` keeps from training."""
        rows, width = np.shape(embeddings)
        return cls(rows, width, _weight=embeddings, _freeze=freeze, **settings)

    def _settings(self) -> tuple:
        return self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq

    def forward(self, input: Any) -> Any:
        weight = self.weight.data
        out = self.buffer("output", (*np.shape(input), weight.shape[1]), weight.dtype, weight)
        return F.embedding(input, weight, *self._settings(), out=out)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        if self.needs("weight")[0]:
            more = {"into": self.sum_of("weight"), "scale": scale}
            F.embedding_backward(gradOutput, input, self.weight.data, *self._settings(), **more)

    def extra_repr(self) -> str:
        return f"{self.num_embeddings}, {self.embedding_dim}" + _options(self)


class EmbeddingBag(Module):
    """The sum, mean or maximum of the rows of each bag of indices: (B, n), or (n) with offsets; output (B, D)."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, max_norm: float | None = None, norm_type: float = 2.0,
        scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False, _weight: Any = None,
        include_last_offset: bool = False, padding_idx: int | None = None, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        check_device(device)
        self.num_embeddings, self.embedding_dim, self.mode = num_embeddings, embedding_dim, mode
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.sparse, self.include_last_offset = sparse, include_last_offset
        self.padding_idx = _padding(padding_idx, num_embeddings)
        _make_weight(self, _weight, True, dtype)

    reset_parameters = Embedding.reset_parameters

    @classmethod
    def from_pretrained(cls, embeddings: Any, freeze: bool = True, **settings: Any) -> Any:
        """A layer of the given rows, which ``freeze`` keeps from training."""
        rows, width = np.shape(embeddings)
        layer = cls(rows, width, _weight=embeddings, **settings)
        layer.weight.requires_grad = not freeze
        return layer

    def forward(self, input: Any, offsets: Any = None, per_sample_weights: Any = None) -> Any:
        output, self.saved = F.embedding_bag_forward(
            input, self.weight.data, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.mode,
            self.sparse, per_sample_weights, self.include_last_offset, self.padding_idx, buffer=self.buffer,
        )  # fmt: skip
        return output

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        given = input if isinstance(input, tuple) else (input,)
        weights = given[2] if len(given) > 2 else None
        into = self.sum_of("weight") if self.needs("weight")[0] else None
        _, by_sample = F.embedding_bag_backward(
            gradOutput, given[0], self.weight.data, None, None, 2, self.scale_grad_by_freq, self.mode, False, weights,
            False, self.padding_idx, into=into, scale=scale, **self.saved,
        )  # fmt: skip
        return [None, None, by_sample][: len(given)] if len(given) > 1 else None

    def extra_repr(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{_scaling(self)}, mode={self.mode!r}{padding}"


def _padding(index: int | None, rows: int) -> int | None:
    """``padding_idx`` counted from 0; a negative one counts from the end."""
    if index is not None and not -rows <= index < rows:
        raise ValueError("padding_idx must be within num_embeddings")
    return index if index is None else index % rows


def _make_weight(layer: Any, given: Any, requires_grad: bool, dtype: Any) -> None:
    shape = layer.num_embeddings, layer.embedding_dim
    if given is None:
        layer.weight = Parameter(np.empty(shape, float_dtype(dtype)), requires_grad)
        layer.reset_parameters()
        return
    if np.shape(given) != shape:
        raise ValueError(f"shape of weight {np.shape(given)} does not match num_embeddings and embedding_dim {shape}")
    layer.weight = given if isinstance(given, Parameter) else Parameter(plain(given), requires_grad)


def _options(layer: Any) -> str:
    """The settings of an embedding that differ from the defaults, as they are printed."""
    text = "" if layer.padding_idx is None else f", padding_idx={layer.padding_idx}"
    return text + _scaling(layer) + (", sparse=True" if layer.sparse else "")


def _scaling(layer: Any) -> str:
    text = "" if layer.max_norm is None else f", max_norm={layer.max_norm}"
    text += "" if layer.norm_type == 2 else f", norm_type={layer.norm_type}"
    return text + ("" if layer.scale_grad_by_freq is False else f", scale_grad_by_freq={layer.scale_grad_by_freq}")
