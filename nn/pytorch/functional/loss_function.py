"""How a loss is made of one rule: its elements, and the gradients of each of them."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from ... import thnn
from .differentiable import differentiable

REDUCTIONS = ("none", "mean", "sum", "batchmean")


def legacy_reduction(size_average: Any, reduce: Any, reduction: str) -> str:
    """``reduction``, or what the older two arguments mean; one of them given overrides it."""
    if size_average is not None or reduce is not None:
        reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
        warnings.warn(
            f"size_average and reduce args will be deprecated, please use reduction={reduction!r}", stacklevel=3
        )
    if reduction == "elementwise_mean":
        return "mean"
    if reduction not in REDUCTIONS:
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


class Elements:
    """A loss of every element by kernels of input, target and numbers.

    ``kernels()`` are those for the losses of all elements, for their sum, and for the gradient by the input;
    ``by_target(g)`` is the gradient by the target for the losses' gradients g.
    """

    def __init__(self, kernels: Callable, input: Any, target: Any, *numbers: float, by_target: Callable) -> None:
        self.kernels, self.numbers, self.by_target = kernels(), numbers, by_target
        self.arrays = thnn.contiguous(input), thnn.contiguous(target)

    def output(self, reduction: str) -> Any:
        """The losses of all elements, or their sum, a double."""
        if reduction != "none":
            return np.float64(self.kernels[1](*self.arrays, *self.numbers))
        losses = np.empty_like(self.arrays[0])
        self.kernels[0](*self.arrays, losses, *self.numbers)
        return losses

    def gradients(self, g: Any, needs: tuple) -> tuple:
        """Those by input and target, for the losses' gradients, an array or one number for all of them."""
        one, gx = g.ndim == 0, None
        if needs[0]:
            gx = np.empty_like(self.arrays[0])
            self.kernels[2](*self.arrays, gx, *self.numbers, float(g) if one else 1.0)
            gx = gx if one else np.multiply(gx, g, out=gx)
        wide = np.broadcast_to(g, self.arrays[0].shape)
        return gx, self.by_target(wide) if needs[1] else None


def loss_function(*arrays: str) -> Callable:
    """Make ``F.name`` and its backward of a rule; ``arrays`` are the arguments that have gradients.

    The rule takes the arguments of ``F.name`` and returns the loss of each element or sample, a function from their
    gradients to a tuple of gradients by ``arrays``, and, where the mean is not over all of them, what it divides by; or
    :class:`Elements`.
    The result is a pair: the function, with ``saving``, and its backward.
    """

    def decorate(rule: Callable) -> tuple[Callable, Callable]:
        signature = inspect.signature(rule)

        def saving(*args: Any, **settings: Any) -> tuple[Any, dict]:
            given = signature.bind(*args, **settings)
            given.apply_defaults()
            old = (given.arguments.get(name) for name in ("size_average", "reduce"))
            reduction = legacy_reduction(*old, given.arguments["reduction"])
            with np.errstate(all="ignore"):
                found = rule(*given.args, **given.kwargs)
                if isinstance(found, Elements):
                    return _of_elements(found, reduction)
                losses, slopes, *divisor = found
            count = divisor[0] if divisor else losses.size
            count = given.args[0].shape[0] if reduction == "batchmean" else count
            return _reduced(losses, reduction, count), {"saved": (slopes, losses, reduction, count)}

        def backward(
            gradOutput: Any, *args: Any, saved: Any = None, needs: tuple = (True, True), **settings: Any
        ) -> tuple:
            slopes, losses, reduction, count = saved or saving(*args, **settings)[1]["saved"]
            with np.errstate(all="ignore"):
                number = losses.dtype.type
                g = (
                    np.asarray(gradOutput, losses.dtype)
                    if reduction in ("none", "sum")
                    else number(gradOutput) / number(count)
                )
                if isinstance(slopes, Elements):
                    return slopes.gradients(np.asarray(g), needs)
                return slopes(np.broadcast_to(g, losses.shape))

        @wraps(rule)
        def function(*args: Any, **settings: Any) -> Any:
            return saving(*args, **settings)[0]

        backward.__name__, backward.__doc__ = rule.__name__ + "_backward", f"Gradients of :func:`{rule.__name__}`."
        result = differentiable(backward, *arrays, saving=saving)(function)
        result.saving = saving  # type: ignore[attr-defined]
        return result, backward

    return decorate


def _of_elements(found: Elements, reduction: str) -> tuple[Any, dict]:
    """The reduced loss, and what backward needs."""
    x, value = found.arrays[0], found.output(reduction)
    count = len(x) if reduction == "batchmean" else x.size
    if reduction != "none":
        value = x.dtype.type(value if reduction == "sum" else value / count)
    return value, {"saved": (found, x, reduction, count)}


def _reduced(losses: Any, reduction: str, count: Any) -> Any:
    if reduction == "none":
        return losses
    with np.errstate(all="ignore"):
        total = losses.sum(dtype=np.float64)
        return losses.dtype.type(total if reduction == "sum" else np.float64(total) / count)


def same_shape(input: Any, target: Any, what: str = "target") -> Any:
    """``target`` in the type of ``input``; ``ValueError`` unless their shapes are equal, as nothing is broadcast."""
    if not isinstance(input, np.ndarray) or input.dtype.kind != "f":
        raise TypeError(f"the input of a loss must be an array of floats, got {getattr(input, 'dtype', type(input))}")
    target = np.asarray(target)
    if target.shape != input.shape:
        raise ValueError(f"the {what} has the shape {target.shape}, the input {input.shape}: they must be equal")
    return target.astype(input.dtype, copy=False)
