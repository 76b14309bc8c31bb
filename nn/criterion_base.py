"""``nn.Criterion``: what every loss is (manual chapter "criterion")."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from torch7 import TorchObject, arrays, registry

from .extension import register
from .typed import Typed


@register
class Criterion(Typed):
    """A loss with explicit forward and backward passes.

    A subclass defines ``updateOutput(input, target)``, which returns the loss as a Python float, and
    ``updateGradInput(input, target)``, its derivative with respect to the input. ``output`` and ``gradInput``
    hold the last results; ``gradInput`` is a buffer that the next call reuses.

    Input and target of another type raise ``TypeError``, sizes that do not fit ``ValueError``.
    Source: manual chapter "criterion".
    """

    _transient = ("_dtype",)
    _onNodes: Callable | None = None  # package nngraph puts a method here

    def __init__(self) -> None:
        self.gradInput = arrays.empty()
        self.output: Any = 0
        self._dtype = arrays.default_dtype()

    def _restore(self) -> None:
        gradInput = vars(self).get("gradInput")
        self._dtype = gradInput.dtype if arrays.is_array(gradInput) else arrays.default_dtype()

    def forward(self, input: Any, target: Any) -> float:
        """Compute and return the loss of ``input`` for ``target``."""
        return self.updateOutput(input, target)

    def backward(self, input: Any, target: Any) -> Any:
        """Compute and return the gradient of the loss by ``input``."""
        return self.updateGradInput(input, target)

    def updateOutput(self, input: Any, target: Any) -> Any:
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        return self.gradInput

    def __call__(self, input: Any, target: Any = None) -> Any:
        """Run both passes: ``(loss, gradInput)``. With package nngraph ``c([node, node])`` is a node of a graph."""
        if self._onNodes is not None and (node := self._onNodes(input, target)) is not None:
            return node
        self.output = self.forward(input, target)
        self.gradInput = self.backward(input, target)
        return self.output, self.gradInput

    def clone(self) -> Criterion:
        """A deep copy."""
        return copy.deepcopy(self)

    def cudaHalf(self) -> Criterion:
        """Convert to ``torch.CudaHalfTensor``."""
        return self.type("torch.CudaHalfTensor")

    def cudaDouble(self) -> Criterion:
        """Convert to ``torch.CudaDoubleTensor``."""
        return self.type("torch.CudaDoubleTensor")

    # -- buffers and checks, for updateOutput and updateGradInput

    def checkPair(self, input: Any, target: Any) -> Any:
        """``target`` in the shape of ``input``, both tensors of the criterion's type with equal element counts."""
        dtype = self._dtype
        same = type(input) is type(target) and getattr(input, "dtype", None) is dtype
        if not same or target.dtype is not dtype:
            self.checkType(input)
            self.checkType(target, "target")
        if input.shape == target.shape:
            return target
        if input.size != target.size:
            raise ValueError(
                f"{registry.class_name(type(self))}: input and target have different numbers of elements: "
                f"{arrays.describe(input)} and {arrays.describe(target)}"
            )
        return target.reshape(input.shape)

    def checkType(self, x: Any, what: str = "input") -> None:
        """Raise ``TypeError`` unless ``x`` is a tensor of the criterion's type."""
        name = registry.class_name(type(self))
        if not arrays.is_array(x):
            raise TypeError(f"{name}: {what} must be a tensor, got {arrays.describe(x)}")
        if x.dtype != self._dtype:
            raise TypeError(
                f"{name} is of type {self._dtype}, its {what} is {arrays.describe(x)}: "
                f"{arrays.advice(x, self._dtype, 'criterion')}"
            )

    def _checkConversion(self, type: str) -> None:
        if type in arrays.CPU_TYPES and arrays.dtype_of(type) not in (np.float32, np.float64):
            raise TypeError(
                f"{registry.class_name(self.__class__)} computes in torch.FloatTensor or torch.DoubleTensor, not in "
                f"{type}: leave the criterion as it is and convert its input"
            )

    def resizeGradInput(self, input: Any, target: Any = None) -> Any:
        """``self.gradInput`` as a buffer of ``input``'s shape; it is let go if it lies in the memory of an argument."""
        gradInput = self.gradInput
        same = type(gradInput) is type(input) and gradInput.shape == input.shape and gradInput.dtype is input.dtype
        alone = same and gradInput is not input and gradInput is not target
        if alone and not gradInput.base is None is input.base is getattr(target, "base", None):
            alone = arrays.apart(gradInput, input, target)
        if alone and (gradInput.flags.carray if type(gradInput) is np.ndarray else arrays.plain(gradInput)):
            return gradInput
        self.gradInput = gradInput = arrays.array_module(input).empty(input.shape, input.dtype)
        return gradInput

    def __tostring__(self) -> str:
        """What Lua's print shows; a subclass overrides it."""
        return registry.class_name(type(self))

    def __repr__(self) -> str:
        return self.__tostring__()


def a_criterion(owner: Any, criterion: Any) -> Any:
    """``criterion`` itself; ``TypeError`` that names ``owner`` unless it is one (or the record of one in a file).

    A class of a program may give none: it sets its own later.
    """
    if criterion is None and not registry.is_ours(type(owner)):
        return None
    if not isinstance(criterion, Criterion | TorchObject):
        got = (
            f"the class {criterion.__name__}: write {criterion.__name__}()"
            if isinstance(criterion, type)
            else arrays.describe(criterion)
        )
        raise TypeError(f"{registry.class_name(type(owner))}: expecting a criterion, got {got}")
    return criterion
