"""Dropout and its relatives. Masks are PyTorch's for the same seed."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from ... import thnn
from .. import random
from ..checks import is_float
from .differentiable import differentiable
from .geometry import room

_ALPHA = 1.7580993408473766  # the negative of SELU's limit far below zero


def _shape(input: Any, feature: bool) -> tuple:
    """One number an element, or one for each (n, c)."""
    return (*input.shape[:2], *(1 for _ in input.shape[2:])) if feature else input.shape


def features(name: str, x: Any) -> Any:
    """``x`` with the dimensions (n, c) first, where channels are dropped; ``ValueError`` if it cannot."""
    if name == "dropout1d" and x.ndim not in (2, 3):
        raise ValueError(f"dropout1d: expected 2 or 3 dimensions, got {x.shape}")
    if name == "dropout3d":
        return x if x.ndim == 5 else x[None]
    return x[None] if name == "dropout1d" and x.ndim == 2 else x


def dropout_forward(
    input: Any, p: float = 0.5, training: bool = True, inplace: bool = False, *, feature: bool = False,
    alpha: bool = False, out: Any = None, mask: Any = None,
) -> tuple[Any, dict]:  # fmt: skip
    """The output of dropout and ``{"mask": factors or None}``; ``mask`` gives a GPU's as :func:`room` takes it."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0 or input.size == 0:
        return input, {"mask": None}
    if feature and p < 1 and input.ndim < 2:
        raise ValueError(f"dropout of channels: expected 2 or more dimensions, got {input.shape}")
    if not is_float(input):
        raise TypeError(f"dropout: float32 or float64 expected, got {input.dtype}")
    number = input.dtype.type
    out = input if inplace else out
    if p == 1:
        mask = np.zeros(_shape(input, feature), input.dtype, like=input)
        return np.multiply(input, mask, out=out), {"mask": mask}
    if random.there(input) and not alpha:
        return _dropout_there(input, p, _shape(input, feature), out, mask)
    kept = random.kept(1 - p, _shape(input, True) if feature else None, input)
    if not alpha:
        mask = np.multiply(kept, number(1) / number(1 - p), dtype=input.dtype)
        return np.multiply(input, mask, out=out), {"mask": mask}
    a = 1 / sqrt((_ALPHA**2 * p + 1) * (1 - p))
    mask = kept.astype(input.dtype) * number(a)
    shift = (kept.astype(input.dtype) - 1) * number(_ALPHA * a) + number(_ALPHA * a * p)
    return np.add(np.multiply(input, mask, out=out), shift, out=out), {"mask": mask}


def _dropout_there(input: Any, p: float, shape: tuple, out: Any, mask: Any) -> tuple[Any, dict]:
    """Dropout by a GPU that draws for itself, in one launch."""
    mask, x = room(mask, shape, input.dtype, input), thnn.contiguous(input)
    out = np.empty_like(x) if out is None else out
    thnn.Dropout_updateOutput(x, out, mask, 1 - p, 1 - p, random.default_generator)
    return out, {"mask": mask}


def dropout_backward(gradOutput: Any, *input: Any, mask: Any = None, out: Any = None, **settings: Any) -> tuple:
    """``gradOutput`` times ``mask``, the factors of the forward pass; None leaves it as it is.

    ``dropout_backward(gradOutput, mask)`` or, as a tape calls it, with the mask as a keyword.
    """
    if mask is None and len(input) == 1:
        (mask,) = input
    return (gradOutput if mask is None else np.multiply(gradOutput, mask, out=out),)


def _tape_backward(gradOutput: Any, *args: Any, mask: Any, **settings: Any) -> tuple:
    return dropout_backward(gradOutput, mask)


def _variant(name: str, doc: str, **kind: Any) -> Any:
    def saving(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> tuple[Any, dict]:
        if not kind.get("feature"):
            return dropout_forward(input, p, training, inplace, **kind)
        shaped = features(name, input)
        output, kept = dropout_forward(shaped, p, training, inplace, **kind)
        mask = kept["mask"]
        kept["mask"] = mask[0] if mask is not None and shaped is not input else mask
        return input if output is shaped else output.reshape(input.shape), kept

    def function(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
        return saving(input, p, training, inplace)[0]

    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return differentiable(_tape_backward, "input", saving=saving)(function)


dropout = _variant("dropout", "Zero with probability ``p``, the rest divided by 1 - p.")
alpha_dropout = _variant("alpha_dropout", "Dropout that keeps mean and variance of SELU's outputs.", alpha=True)
feature_alpha_dropout = _variant("feature_alpha_dropout", "Alpha dropout of whole (n, c).", alpha=True, feature=True)
dropout1d = _variant("dropout1d", "Dropout of whole channels: (N, C, L).", feature=True)
dropout2d = _variant("dropout2d", "Dropout of whole channels: (N, C, ...).", feature=True)
dropout3d = _variant("dropout3d", "Dropout of whole channels: (N, C, D, H, W).", feature=True)
alpha_dropout_backward = feature_alpha_dropout_backward = dropout_backward
dropout1d_backward = dropout2d_backward = dropout3d_backward = dropout_backward
