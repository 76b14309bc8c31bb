"""Losses of scores against classes, which count from 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import thnn
from .loss_function import loss_function


def _class_axis(input: Any, target: Any) -> int:
    """0 for the scores of one sample, else 1; ``ValueError`` unless the shapes of scores and targets fit."""
    axis = 1 if input.ndim > 1 else 0
    if input.ndim == 0 or target.shape != input.shape[:axis] + input.shape[axis + 1 :]:
        raise ValueError(
            f"a target of shape {target.shape} does not fit an input of {input.shape}: (N, C, ...), (N, ...)"
        )
    return axis


def checked_classes(input: Any, target: Any, ignore_index: int | None, weight: Any) -> tuple:
    """Axis of classes, targets with 0 for those ignored, which are kept, and the weight of each target."""
    target = np.asarray(target, like=input)
    if target.dtype.kind not in "iu":
        raise TypeError(f"targets must be whole numbers, got {target.dtype}")
    axis = _class_axis(input, target)
    classes = input.shape[axis]
    kept = np.ones(target.shape, bool, like=target) if ignore_index is None else target != ignore_index
    wrong = kept & ((target < 0) | (target >= classes))
    if wrong.any():
        value = target[wrong].ravel()[0]
        raise IndexError(f"Target {value} is out of bounds: targets count from 0 in nn.pytorch, to {classes - 1}")
    target = np.where(kept, target, 0)
    if weight is not None and np.shape(weight) != (classes,):
        raise ValueError(f"weight must have one element for each of the {classes} classes, got {np.shape(weight)}")
    if weight is not None:
        kept = np.where(kept, np.asarray(weight, input.dtype, like=input)[target], 0)
    return axis, target, kept.astype(input.dtype, copy=False)


class Rows:
    """A loss of rows of scores against classes by kernels: :func:`nll_loss`.

    ``weight``: those of the classes or None; ``count``: the sum of the targets' weights.
    """

    def __init__(self, x: Any, target: Any, weight: Any, ignore: int, count: Any) -> None:
        self.x, self.target, self.weight, self.ignore, self.count = x, target, weight, ignore, count
        self.number = x.dtype.type

    def by_row(self, buffer: Callable) -> Any:
        """The losses of all rows."""
        losses = buffer("losses", self.target.shape, self.x.dtype, self.x)
        thnn.ClassLikelihood_updateOutput(self.x, self.target, self.weight, self.ignore, losses)
        return losses

    def losses(self, buffer: Callable) -> Any:
        """Those of all rows, in the shape of the targets."""
        return self.by_row(buffer).reshape(self.x.shape[:-1])

    def total(self, buffer: Callable) -> Any:
        """Their sum."""
        return thnn.ClassLikelihood_total(self.x, self.target, self.weight, self.ignore)

    def flow(self, g: Any, buffer: Callable) -> Any:
        """The gradient of each row's loss, for an array of them or one number."""
        if g.ndim == 1 and g.flags.c_contiguous and type(g) is type(self.x):
            return g
        rows = buffer("gradLosses", self.target.shape, self.x.dtype, self.x)
        rows.reshape(self.x.shape[:-1])[...] = float(g) if g.ndim == 0 and isinstance(g, np.ndarray) else g
        return rows

    def gradients(self, g: Any, needs: tuple, buffer: Callable) -> tuple:
        """That by the scores, for the gradients of the losses."""
        grad = buffer("gradInput", self.x.shape, self.x.dtype, self.x)
        arguments = self.target, self.weight, self.ignore, self.flow(g, buffer)
        thnn.ClassLikelihood_updateGradInput(*arguments, grad)
        return (grad,)


class EntropyRows(Rows):
    """The same for :func:`cross_entropy`, with label smoothing."""

    smoothing = 0.0

    def settings(self) -> tuple:
        return float(self.smoothing), self.ignore

    def by_row(self, buffer: Callable) -> Any:
        losses = buffer("losses", self.target.shape, self.x.dtype, self.x)
        self.logarithms = buffer("logarithms", self.target.shape, np.dtype(np.float64), self.x)
        arguments = self.x, self.target, self.weight, self.settings()
        thnn.ClassEntropy_updateOutput(*arguments, losses, self.logarithms)
        return losses

    def total(self, buffer: Callable) -> Any:
        return self.by_row(buffer).sum(dtype=np.float64)

    def gradients(self, g: Any, needs: tuple, buffer: Callable) -> tuple:
        grad = buffer("gradInput", self.x.shape, self.x.dtype, self.x)
        arguments = self.x, self.target, self.weight, self.settings()
        thnn.ClassEntropy_updateGradInput(*arguments, self.flow(g, buffer), self.logarithms, grad)
        return grad, None


def _rows_of(kind: type, input: Any, target: Any, weight: Any, ignore_index: int) -> Any:
    """The loss by kernels, its arguments checked; None where the scores are not rows, or nothing is there."""
    if input.ndim not in (1, 2) or not input.size or input.dtype.kind != "f":
        return None
    t = np.asarray(target, like=input)
    if t.dtype.kind not in "iu":
        raise TypeError(f"targets must be whole numbers, got {t.dtype}")
    _class_axis(input, t)
    classes, flat = input.shape[-1], np.ascontiguousarray(t, np.int64, like=t)
    flat = flat if flat.ndim == 1 else flat.reshape(-1)
    if weight is not None:
        if np.shape(weight) != (classes,):
            raise ValueError(f"weight must have one element for each of the {classes} classes, got {np.shape(weight)}")
        weight = np.ascontiguousarray(np.asarray(weight, input.dtype, like=input))

    def refuse(place: int) -> None:
        raise IndexError(
            f"Target {int(flat[place])} is out of bounds: targets count from 0 in nn.pytorch, to {classes - 1}"
        )

    count = thnn.ClassRows_count(flat, weight, classes, int(ignore_index), refuse)
    count = input.dtype.type(count) if isinstance(count, int) else count
    return kind(thnn.contiguous(input), flat, weight, int(ignore_index), count)


def _picked(x: Any, target: Any, axis: int) -> Any:
    """The element of ``x`` along ``axis`` that each target names."""
    return np.take_along_axis(x, np.expand_dims(target, axis), axis).squeeze(axis)


@loss_function("input")
def _nll_loss(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, ignore_index: int = -100, reduce: Any = None,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    """``-w_t x_t``: input (N, C, ...) of log-probabilities, target (N, ...); the mean divides by the sum of w_t."""
    rows = _rows_of(Rows, input, target, weight, ignore_index)
    if rows is not None:
        return rows
    axis, t, w = checked_classes(input, target, ignore_index, weight)

    def slopes(g: Any) -> tuple:
        grad = np.zeros_like(input)
        share = np.where(w == 0, input.dtype.type(0), -g * w)  # the mean of none is NaN, its gradient 0
        np.put_along_axis(grad, np.expand_dims(t, axis), np.expand_dims(share, axis), axis)
        return (grad,)

    return np.where(w == 0, input.dtype.type(0), -w * _picked(input, t, axis)), slopes, w.sum()


@loss_function("input", "target")
def _cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, ignore_index: int = -100, reduce: Any = None,
    reduction: str = "mean", label_smoothing: float = 0.0,
) -> Any:  # fmt: skip
    """Negative log-likelihood of softmax(x): target (N, ...) of classes, or probabilities of the input's shape.

    ``label_smoothing`` e mixes the target with equal shares e / C. The mean divides by the sum of the targets' weights,
    for probabilities by their number.
    """
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    target, e = np.asarray(target, like=input), label_smoothing
    if target.dtype.kind != "f" and (weight is None or not e):
        rows = _rows_of(EntropyRows, input, target, weight, ignore_index)
        if rows is not None:
            rows.smoothing = e
            return rows
    axis = 1 if input.ndim > 1 else 0
    shifted = input - input.max(axis=axis, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    number, classes = input.dtype.type, input.shape[axis]
    wide = [1] * input.ndim
    wide[axis] = classes
    class_weight = np.ones(wide) if weight is None else weight
    class_weight = np.asarray(class_weight, input.dtype, like=input).reshape(wide)
    if target.shape == input.shape and target.dtype.kind == "f":
        q = class_weight * (number(1 - e) * target + number(e / classes))
        count: Any = input.size // classes if input.ndim > 1 else 1
    else:
        axis, t, w = checked_classes(input, target, ignore_index, weight)
        kept = np.expand_dims(target != ignore_index, axis)
        q = np.where(kept, number(e / classes) * class_weight, number(0)) * np.ones_like(input)
        there = np.expand_dims(t, axis)
        np.put_along_axis(q, there, np.take_along_axis(q, there, axis) + number(1 - e) * np.expand_dims(w, axis), axis)
        count = w.sum()
    losses = -np.where(q == 0, number(0), q * logp).sum(axis=axis)

    def slopes(g: Any) -> tuple:
        total = q.sum(axis=axis, keepdims=True)
        g = np.where(total == 0, number(0), np.expand_dims(g, axis))
        by_target = -g * class_weight * number(1 - e) * logp if target.dtype.kind == "f" else None
        return g * (np.exp(logp) * total - q), by_target

    return losses, slopes, count


nll_loss, nll_loss_backward = _nll_loss
cross_entropy, cross_entropy_backward = _cross_entropy
