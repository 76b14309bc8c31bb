"""How a loss is made of one rule: its elements, and the gradients of each of them."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

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


def loss_function(*arrays: str) -> Callable:
    """Make ``F.name`` and its backward of a rule; ``arrays`` are the arguments that have gradients.

    The rule takes the arguments of ``F.name`` and returns the loss of each element or sample, a function from their
    gradients to a tuple of gradients by ``arrays``, and, where the mean is not over all of them, what it divides by.
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
                losses, slopes, *divisor = rule(*given.args, **given.kwargs)
            count = divisor[0] if divisor else losses.size
            count = given.args[0].shape[0] if reduction == "batchmean" else count
            return _reduced(losses, reduction, count), {"saved": (slopes, losses, reduction, count)}

        def backward(gradOutput: Any, *args: Any, saved: Any = None, **settings: Any) -> tuple:
            slopes, losses, reduction, count = saved or saving(*args, **settings)[1]["saved"]
            with np.errstate(all="ignore"):
                number = losses.dtype.type
                g = (
                    np.asarray(gradOutput, losses.dtype)
                    if reduction in ("none", "sum")
                    else number(gradOutput) / number(count)
                )
                return slopes(np.broadcast_to(g, losses.shape))

        @wraps(rule)
        def function(*args: Any, **settings: Any) -> Any:
            return saving(*args, **settings)[0]

        backward.__name__, backward.__doc__ = rule.__name__ + "_backward", f"Gradients of :func:`{rule.__name__}`."
        result = differentiable(backward, *arrays, saving=saving)(function)
        result.saving = saving  # type: ignore[attr-defined]
        return result, backward

    return decorate


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
