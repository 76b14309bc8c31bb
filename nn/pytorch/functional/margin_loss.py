"""Margin losses of scores against classes, and that of several labels; classes count from 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from .class_loss import checked_classes
from .geometry import matrix
from .loss_function import loss_function, quiet


def _rows(input: Any, target: Any) -> tuple[Any, Any]:
    """Scores as rows, and targets; ``ValueError`` unless the input is (N, C) or (C)."""
    if input.ndim not in (1, 2):
        raise ValueError(f"expected an input of shape (N, C) or (C), got {input.shape}")
    target = np.asarray(target, like=input)
    if target.dtype.kind not in "iu":
        raise TypeError(f"targets must be whole numbers, got {target.dtype}")
    return matrix(input), target


@loss_function("input")
@quiet
def _multi_margin_loss(
    input: Any, target: Any, p: int = 1, margin: float = 1.0, weight: Any = None, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """``sum over i != t of w_t max(0, margin - x_t + x_i)^p / C``: input (N, C), target (N); p 1 or 2."""
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    x, target = _rows(input, target)
    n, classes = x.shape
    if target.shape != input.shape[:-1] and (input.ndim, target.shape) != (1, (1,)):
        raise ValueError(f"a target of shape {target.shape} does not fit an input of {input.shape}")
    _, t, w = checked_classes(x, target.reshape(n), None, weight)
    z = x.dtype.type(margin) - x[np.arange(n, like=x), t][:, None] + x
    z = np.where(z > 0, z, x.dtype.type(0))  # NaN does not count
    z[np.arange(n, like=x), t] = 0
    w = w / classes

    def slopes(g: Any) -> tuple:
        grad = (np.reshape(g, n) * w)[:, None] * ((z > 0) if p == 1 else 2 * z)
        grad[np.arange(n, like=x), t] = -grad.sum(1)
        return (grad.astype(x.dtype, copy=False).reshape(input.shape),)

    return (w * (z**p).sum(1)).reshape(target.shape), slopes


@loss_function("input")
@quiet
def _multilabel_margin_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """``sum over targets j, others i, of max(0, 1 - x_j + x_i) / C``: a row's targets end at its first -1."""
    x, target = _rows(input, target)
    if target.shape != input.shape:
        raise ValueError(f"a target of shape {target.shape} does not fit an input of {input.shape}")
    n, classes = x.shape
    t = target.reshape(n, classes)
    listed = np.cumprod(t >= 0, axis=1).astype(bool)
    if (t < -1).any() or (t[listed] >= classes).any():
        raise IndexError(
            f"a target is out of bounds: targets count from 0 in nn.pytorch, to {classes - 1}; -1 ends them"
        )
    chosen = np.zeros((n, classes), bool, like=x)
    row, place = np.nonzero(listed)
    chosen[row, t[row, place]] = True
    z = 1 - x[row, t[row, place]][:, None] + x[row]
    z = np.where((z > 0) & ~chosen[row], z, x.dtype.type(0))  # one line a target; NaN does not count
    losses = np.zeros(n, x.dtype, like=x)
    np.add.at(losses, row, z.sum(1) / x.dtype.type(classes))

    def slopes(g: Any) -> tuple:
        part = (z > 0) * (np.reshape(g, n)[row] / x.dtype.type(classes))[:, None]
        grad = np.zeros_like(x)
        np.add.at(grad, row, part)
        np.add.at(grad, (row, t[row, place]), -part.sum(1))
        return (grad.reshape(input.shape),)

    return losses.reshape(input.shape[:-1]), slopes, max(n, 1)  # the mean of none is 0


@loss_function("input", "target")
@quiet
def _multilabel_soft_margin_loss(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """The mean over classes of ``-w (t log s(x) + (1 - t) log s(-x))``, s the sigmoid: input and target (N, C)."""
    t = np.asarray(target, input.dtype, like=input)
    if t.shape != input.shape:
        raise ValueError(f"a target of shape {t.shape} does not fit an input of {input.shape}")
    classes = input.dtype.type(input.shape[-1])
    w = input.dtype.type(1) if weight is None else np.asarray(weight, input.dtype, like=input)
    small = np.exp(-np.abs(input))
    rest = np.log1p(small)  # -log s(x) and -log s(-x), each with its own share, as one of them may be infinite
    sigmoid = np.where(input > 0, input.dtype.type(1), small) / (1 + small)
    losses = (w * (t * (np.maximum(-input, 0) + rest) + (1 - t) * (np.maximum(input, 0) + rest))).sum(-1) / classes

    def slopes(g: Any) -> tuple:
        g = np.expand_dims(g, -1) * w / classes
        return g * (sigmoid - t), -g * input

    return losses, slopes


multi_margin_loss, multi_margin_loss_backward = _multi_margin_loss
multilabel_margin_loss, multilabel_margin_loss_backward = _multilabel_margin_loss
multilabel_soft_margin_loss, multilabel_soft_margin_loss_backward = _multilabel_soft_margin_loss
