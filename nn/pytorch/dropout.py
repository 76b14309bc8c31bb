"""Dropout layers (manual, "Dropout layers")."""

from __future__ import annotations

from typing import Any

from .functional.dropout import dropout_backward, dropout_forward, features
from .module import Module


class Dropout(Module):
    """In training each element is zero with probability ``p``, the rest divided by 1 - p; in evaluation the input.

    ``ValueError`` unless 0 <= p <= 1.
    """

    _kind: dict[str, bool] = {}

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p, self.inplace = p, inplace

    def forward(self, input: Any) -> Any:
        out = None if self.inplace else self.buffer("output", input.shape, input.dtype, input)
        shaped = self._shaped(input)
        out = None if out is None else out.reshape(shaped.shape)
        settings = self._kind | {"out": out, "mask": self.room("mask")}
        output, kept = dropout_forward(shaped, self.p, self.training, self.inplace, **settings)
        self.saved = kept["mask"]
        return input if output is shaped and not self.inplace else output.reshape(input.shape)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        if self.saved is None:
            return gradOutput
        out = self.buffer("gradInput", input.shape, input.dtype, input)
        shaped = self._shaped(gradOutput)
        return dropout_backward(shaped, self.saved, out=out.reshape(shaped.shape))[0].reshape(input.shape)

    def _shaped(self, x: Any) -> Any:
        """``x`` with the dimensions (n, c) first, where one number is drawn for each of them."""
        return x

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class _FeatureDropout(Dropout):
    _kind = {"feature": True}
    _name = ""

    def _shaped(self, x: Any) -> Any:
        return features(self._name, x)


class Dropout1d(_FeatureDropout):
    """Dropout of whole channels: (N, C, L) or (C, L)."""

    _name = "dropout1d"


class Dropout2d(_FeatureDropout):
    """Dropout of whole channels: (N, C, H, W); three dimensions are (N, C, L), two are elements."""

    _name = "dropout2d"


class Dropout3d(_FeatureDropout):
    """Dropout of whole channels: (N, C, D, H, W), or without N for any other number of dimensions."""

    _name = "dropout3d"


class AlphaDropout(Dropout):
    """Dropout to SELU's lower limit, scaled and shifted so that mean and variance stay."""

    _kind = {"alpha": True}


class FeatureAlphaDropout(_FeatureDropout):
    """Alpha dropout of whole (n, c)."""

    _kind = {"alpha": True, "feature": True}
    _name = "feature_alpha_dropout"
