"""Losses of scores against classes, which count from 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from ... import thnn
from ..checks import DOUBLE
from .loss_function import loss_function, quiet

LONG = np.dtype(np.int64)


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
    given = target

    def refuse(place: int) -> NoReturn:
        value = given[wrong].ravel()[0]
        raise IndexError(f"Target {value} is out of bounds: targets count from 0 in nn.pytorch, to {classes - 1}")

    thnn.suspect(wrong, refuse)
    target = np.where(kept if isinstance(target, np.ndarray) else kept & ~wrong, target, 0)
    if weight is not None and np.shape(weight) != (classes,):
        raise ValueError(f"weight must have one element for each of the {classes} classes, got {np.shape(weight)}")
    if weight is not None:
        kept = np.where(kept, np.asarray(weight, input.dtype, like=input)[target], 0)
    return axis, target, kept.astype(input.dtype, copy=False)


class Rows:
    """A loss of rows of scores against classes by kernels: :func:`nll_loss`.

    ``weight``: those of the classes or None; ``count``: the sum of the targets' weights, known with the total.
    """

    count: Any = None

    def __init__(self, x: Any, target: Any, weight: Any, ignore: int) -> None:
        self.x, self.target, self.weight, self.ignore = x, target, weight, ignore
        self.number, self.shape = x.dtype.type, x.shape[:-1]

    def refuse(self, place: int) -> None:
        """The error for a target that is no class."""
        raise IndexError(
            f"Target {int(self.target[place])} is out of bounds: targets count from 0 in nn.pytorch, "
            f"to {self.x.shape[-1] - 1}"
        )

    def losses(self, buffer: Callable) -> Any:
        """Those of all rows, in the shape of the targets."""
        self.count = thnn.ClassRows_count(self.target, self.weight, self.x.shape[-1], self.ignore, self.refuse)
        return self.by_row(buffer).reshape(self.x.shape[:-1])

    def by_row(self, buffer: Callable) -> Any:
        """The losses of all rows."""
        losses = buffer("losses", self.target.shape, self.x.dtype, self.x)
        thnn.ClassLikelihood_updateOutput(self.x, self.target, self.weight, self.ignore, losses)
        return losses

    def total(self, buffer: Callable) -> Any:
        """Their sum."""
        arguments = self.x, self.target, self.weight, self.ignore, self.refuse
        total, self.count = thnn.ClassLikelihood_total(*arguments)
        return total

    def flow(self, g: Any, buffer: Callable) -> Any:
        """The gradient of each row's loss, for an array of them or one number."""
        if g.shape == self.target.shape and g.flags.c_contiguous and type(g) is type(self.x):
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

    def written(self, buffer: Callable) -> tuple:
        """Where the losses and the logarithms of the sums of exponentials go."""
        self.logarithms = buffer("logarithms", self.target.shape, DOUBLE, self.x)
        return buffer("losses", self.target.shape, self.x.dtype, self.x), self.logarithms

    def by_row(self, buffer: Callable) -> Any:
        written = self.written(buffer)
        thnn.ClassEntropy_updateOutput(self.x, self.target, self.weight, self.settings(), *written)
        return written[0]

    def total(self, buffer: Callable) -> Any:
        arguments = self.x, self.target, self.weight, self.settings(), self.written(buffer), self.refuse
        total, self.count = thnn.ClassEntropy_total(*arguments)
        return total

    def gradients(self, g: Any, needs: tuple, buffer: Callable) -> tuple:
        grad = buffer("gradInput", self.x.shape, self.x.dtype, self.x)
        arguments = self.x, self.target, self.weight, self.settings()
        thnn.ClassEntropy_updateGradInput(*arguments, self.flow(g, buffer), self.logarithms, grad)
        return grad, None


def _rows_of(kind: type, input: Any, target: Any, weight: Any, ignore_index: int) -> Any:
    """The loss by kernels, its arguments' shapes checked; None where the scores are not rows, or nothing is there."""
    if input.ndim not in (1, 2) or not input.size or input.dtype.kind != "f":
        return None
    native = type(target) is np.ndarray is type(input) and target.dtype is LONG and target.flags.carray
    t = target if native else np.asarray(target, like=input)
    if t.dtype.kind not in "iu":
        raise TypeError(f"targets must be whole numbers, got {t.dtype}")
    _class_axis(input, t)
    t = t if native else thnn.contiguous(t.astype(LONG, copy=False))
    if weight is not None:
        weight = _class_weights(weight, input)
    return kind(thnn.contiguous(input), t if t.ndim == 1 else t.reshape(-1), weight, int(ignore_index))


def _class_weights(weight: Any, input: Any) -> Any:
    """The weights of the classes as kernels take them."""
    if np.shape(weight) != input.shape[-1:]:
        raise ValueError(
            f"weight must have one element for each of the {input.shape[-1]} classes, got {np.shape(weight)}"
        )
    return thnn.contiguous(np.asarray(weight, input.dtype, like=input))


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
    return _likelihoods(input, target, weight, ignore_index) if rows is None else rows


@quiet
def _likelihoods(input: Any, target: Any, weight: Any, ignore_index: int) -> tuple:
    """:func:`nll_loss` of scores that are not rows."""
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
    return _entropies(input, target, weight, ignore_index, e)


@quiet
def _entropies(input: Any, target: Any, weight: Any, ignore_index: int, e: float) -> tuple:
    """:func:`cross_entropy` of scores that are not rows, and against probabilities."""
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
