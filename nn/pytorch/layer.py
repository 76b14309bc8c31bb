"""What a layer uses inside its forward and backward: buffers for results, and its parameters' gradients."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from torch7 import arrays

from .checks import is_float, together, writable


class Layer:
    """A part of :class:`.module.Module`."""

    _parameters: dict
    _scratch: dict

    def buffer(self, name: str, shape: tuple, dtype: Any, like: Any = None) -> Any:
        """An array of ``shape`` for results, the same one as long as shape and type fit; its numbers are undefined.

        It is on the GPU where ``like`` is an array there.
        """
        found = self._scratch.get(name)
        fits = found is not None and found.shape == shape and found.dtype == dtype
        if not fits or not (like is None or isinstance(like, type(found))):
            found = self._scratch[name] = np.empty(shape, dtype, like=like)
        return found

    def room(self, name: str) -> Any:
        """What gives the buffer of this name in the shape and type asked for."""
        return partial(self.buffer, name)

    def held(self, name: str) -> Any:
        """A parameter, or what a utility such as ``weight_norm`` or pruning computes in its place; None for neither."""
        return self._parameters.get(name, self.__dict__.get(name))

    def needs(self, *names: str) -> tuple[bool, ...]:
        """Whether the parameters of these names exist and their gradients are wanted."""
        found = map(self.held, names)
        return tuple(p is not None and p.requires_grad for p in found)

    def accumulate(self, name: str, gradient: Any, scale: float = 1.0) -> None:
        """Add ``scale`` times ``gradient`` to the gradient of a parameter; nothing for None or a frozen parameter."""
        parameter = self.held(name)
        if parameter is not None:
            parameter.accumulate(gradient, scale)

    def sum_of(self, name: str) -> Any:
        """A parameter's gradient as a contiguous array that a kernel may add to, where few of its rows change."""
        parameter = self.held(name)
        if not writable(parameter.grad):
            parameter.grad = parameter.grad.copy()
        return parameter.grad

    def sums_of(self, *names: str) -> list | None:
        """The gradients of parameters as arrays that a kernel may add to, None for a parameter that there is not.

        None in place of all where one is not wanted, or is no such array.
        """
        found: list = []
        for name in names:
            parameter = self.held(name)
            grad = None if parameter is None else parameter.grad
            if parameter is not None and not (parameter.requires_grad and _addable(grad, parameter)):
                return None
            found.append(grad)
        return found

    def needs_or_sums(self, scale: float, *names: str) -> tuple:
        """:meth:`needs`, or where a gradient may be added to what there is the arrays of :meth:`sums_of`."""
        sums = self.sums_of(*names) if scale == 1 else None
        return self.needs(*names) if sums is None else tuple(sums)

    def check(self, input: Any, what: str = "input") -> Any:
        """``input`` as an array of the parameters' type; ``TypeError`` that names both types and the mending."""
        if not isinstance(input, np.ndarray) and not arrays.is_array(input):
            raise TypeError(f"{type(self).__name__}: {what} must be an array, got {type(input).__name__}")
        if not is_float(input):
            raise TypeError(f"{type(self).__name__}: {what} must be float32 or float64, got {input.dtype}")
        if arrays.cuda_is_used():
            together(type(self).__name__, input, *self._parameters.values())
        for parameter in self._parameters.values():
            if parameter is not None and parameter.dtype != input.dtype:
                verb = {"float32": "float", "float64": "double"}[str(input.dtype)]
                raise TypeError(
                    f"{type(self).__name__} is {parameter.dtype}, its {what} is {input.dtype}: "
                    f"use x.astype({str(parameter.dtype)!r}) or module.{verb}()"
                )
        return input


def _addable(grad: Any, parameter: Any) -> bool:
    """Whether a kernel may add to a gradient."""
    if type(grad) is np.ndarray:
        return grad.shape == parameter.shape and grad.dtype == parameter.dtype and grad.flags.carray
    there = arrays.cuda_is_used() and arrays.is_array(grad) and not isinstance(grad, np.ndarray)
    return there and grad.shape == parameter.shape and grad.dtype == parameter.dtype and arrays.plain(grad)
