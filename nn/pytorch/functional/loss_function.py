"""How a loss is made of one rule: its elements, and the gradients of each of them."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from torch7 import arrays

from ... import thnn
from ..checks import DOUBLE, FLOAT, is_float
from .differentiable import differentiable
from .geometry import fresh

REDUCTIONS = ("none", "mean", "sum")
#: Decorator of what computes by NumPy: infinite and undefined numbers are results, not warnings.
quiet = np.errstate(all="ignore")


def legacy_reduction(size_average: Any, reduce: Any, reduction: str, allowed: tuple = REDUCTIONS) -> str:
    """``reduction``, one of those ``allowed``, or what the older two arguments mean; one of them overrides it."""
    if size_average is not None or reduce is not None:
        reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
        warnings.warn(
            f"size_average and reduce args will be deprecated, please use reduction={reduction!r}", stacklevel=3
        )
    if reduction == "elementwise_mean":
        return "mean"
    if reduction not in allowed:
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


class Elements:
    """A loss of every element by kernels of input, target and numbers.

    ``kernels``: those for the losses of all elements and for their sum; and for the gradient by the input, with one
    gradient of all losses or one of each. ``by_target(g)`` is the gradient by the target for the losses' gradients g.
    """

    def __init__(self, kernels: tuple, input: Any, target: Any, *numbers: float, by_target: Callable) -> None:
        (self.sums, self.slopes), self.numbers, self.by_target = kernels, numbers, by_target
        self.arrays = thnn.contiguous(input), thnn.contiguous(target)
        self.count, self.number, self.shape = input.size, input.dtype.type, input.shape

    def losses(self, buffer: Callable) -> Any:
        """Those of all elements."""
        found = buffer("losses", self.arrays[0].shape, self.arrays[0].dtype, self.arrays[0])
        self.sums[0](*self.arrays, found, *self.numbers)
        return found

    def total(self, buffer: Callable) -> Any:
        """Their sum."""
        return self.sums[1](*self.arrays, *self.numbers)

    def gradients(self, g: Any, needs: tuple, buffer: Callable) -> tuple:
        """Those by input and target, for the losses' gradients, an array or one number for all of them."""
        x, one, gx = self.arrays[0], g.ndim == 0 and isinstance(g, np.ndarray), None
        if needs[0]:
            gx = buffer("gradInput", x.shape, x.dtype, x)
            if one:
                self.slopes[0](*self.arrays, gx, float(g), *self.numbers)
            else:
                g = g if g.shape == x.shape else np.broadcast_to(g, x.shape)  # which is read-only: a copy is made
                self.slopes[1](*self.arrays, thnn.contiguous(g), gx, *self.numbers)
        return gx, self.by_target(spread(g, x)) if needs[1] else None


def loss_function(*names: str, reductions: tuple = REDUCTIONS) -> Callable:
    """Make ``F.name`` and its backward of a rule; ``names`` are those of the arguments that have gradients.

    The rule takes the arguments of ``F.name`` and returns the loss of each element or sample, a function from their
    gradients to a tuple of gradients by ``names``, and, where the mean is not over all of them, what it divides by; or
    an object with ``losses``, ``total``, ``gradients``, ``count`` and ``number``, as :class:`Elements`. ``reductions``:
    the words that the loss knows.
    The result is a pair: the function, with ``saving``, and its backward.
    """

    def decorate(rule: Callable) -> tuple[Callable, Callable]:
        parameters = inspect.signature(rule).parameters
        places = {name: (n, p.default) for n, (name, p) in enumerate(parameters.items())}
        first = next(iter(parameters))
        words = ("size_average", "reduce", "reduction")

        def reduction_of(args: tuple, settings: dict) -> str:
            given = [settings.get(w, _at(args, *places[w])) if w in places else None for w in words]
            return legacy_reduction(*given, reductions)

        def saving(*args: Any, **settings: Any) -> tuple[Any, dict]:
            return run(args, settings, reduction_of(args, settings), fresh)

        def run(args: tuple, settings: dict, reduction: str, buffer: Callable) -> tuple[Any, dict]:
            """The loss and what backward needs, for arguments whose reduction is known."""
            x = args[0] if args else settings[first]
            if type(x) is not np.ndarray or (x.dtype is not FLOAT and x.dtype is not DOUBLE):
                _refuse_others(first, x)
            found = rule(*args, **settings)
            if type(found) is tuple:
                found = Rule(*found)
            samples = None if reduction != "batchmean" else len(x) if x.ndim else 1
            loss = _reduced(found, reduction, samples, buffer)
            return loss, {"saved": (found, reduction, found.count if samples is None else samples)}

        def backward(
            gradOutput: Any, *args: Any, saved: Any = None, needs: tuple = (True, True), buffer: Callable = fresh,
            **settings: Any,
        ) -> tuple:  # fmt: skip
            found, reduction, count = saved or saving(*args, **settings)[1]["saved"]
            x = args[0] if args else settings[first]
            _check_gradient(gradOutput, reduction, found)
            with np.errstate(all="ignore"):
                return found.gradients(_flow(gradOutput, reduction, count, x), needs, buffer)

        @wraps(rule)
        def function(*args: Any, **settings: Any) -> Any:
            return saving(*args, **settings)[0]

        name = rule.__name__.lstrip("_")
        backward.__name__, backward.__doc__ = f"{name}_backward", f"Gradients of :func:`{name}`."
        backward.converts = True  # type: ignore[attr-defined]
        result = differentiable(backward, *names, saving=saving)(function)
        result.saving, result.run, result.reductions = saving, run, reductions  # type: ignore[attr-defined]
        return result, backward

    return decorate


def _refuse_others(name: str, x: Any) -> None:
    if not arrays.is_array(x) or not is_float(x):
        raise TypeError(
            f"the {name} of a loss must be an array of floats, float32 or float64, got {getattr(x, 'dtype', type(x))}"
        )


def _check_gradient(gradOutput: Any, reduction: str, found: Any) -> None:
    """``ValueError`` unless there is one number, or for single losses one for each."""
    shape = np.shape(gradOutput)
    if shape and shape != (found.shape if reduction == "none" else (1,)):
        raise ValueError(f"gradOutput of a loss is {shape}, the loss {found.shape if reduction == 'none' else ()}")


class Rule:
    """A loss by NumPy: its elements, and a function from their gradients to the inputs'."""

    def __init__(self, found: Any, slopes: Callable, count: Any = None) -> None:
        self.found, self.slopes, self.number, self.shape = found, slopes, found.dtype.type, np.shape(found)
        self.count = found.size if count is None else count

    def losses(self, buffer: Callable) -> Any:
        return self.found

    @quiet
    def total(self, buffer: Callable) -> Any:
        return self.found.sum(dtype=np.float64)

    def gradients(self, g: Any, needs: tuple, buffer: Callable) -> tuple:
        return self.slopes(spread(g, self.found))


def spread(g: Any, like: Any) -> Any:
    """A gradient for each element of ``like``, where that is."""
    return np.broadcast_to(np.asarray(g, like=like if arrays.is_array(like) else None), like.shape)


def _flow(gradOutput: Any, reduction: str, count: Any, x: Any) -> Any:
    """The gradient of the losses of an input ``x``, from that of their sum or mean; one number stays one."""
    mean = reduction not in ("none", "sum")
    if isinstance(x, np.ndarray):
        g = np.asarray(gradOutput, x.dtype)
        g = g if reduction == "none" else g.reshape(())
        return np.asarray(g / x.dtype.type(count)) if mean else g
    g = arrays.given(gradOutput).astype(x.dtype, copy=False)
    g = g if reduction == "none" else g.reshape(())
    if not mean:
        return g
    if hasattr(count, "array"):  # it is known on the GPU alone
        count = count.array(False)
    return arrays.given(g / (count.astype(x.dtype) if arrays.is_array(count) else x.dtype.type(count)))


def _at(args: tuple, place: int, default: Any) -> Any:
    return args[place] if place < len(args) else default


def _reduced(found: Any, reduction: str, count: Any, buffer: Callable) -> Any:
    """The losses, their sum, or their mean over ``count``, by default the rule's own, which it knows by then."""
    if reduction == "none":
        return found.losses(buffer)
    total = found.total(buffer)
    count = 1 if reduction == "sum" else found.count if count is None else count
    if not isinstance(total, float):
        return thnn.quotient(total, count)
    if count != 0 and abs(total) < 1e38:  # which float32 holds
        return found.number(total / count)
    return _unusual(found.number, total, count)


@quiet
def _unusual(number: Callable, total: float, count: Any) -> Any:
    return number(np.float64(total) / count)


def same_shape(input: Any, target: Any, what: str = "target") -> Any:
    """``target`` in the type of ``input``; ``ValueError`` unless their shapes are equal, as nothing is broadcast."""
    target = np.asarray(target, like=input)
    if target.shape != input.shape:
        raise ValueError(f"the {what} has the shape {target.shape}, the input {input.shape}: they must be equal")
    return target.astype(input.dtype, copy=False)
