from __future__ import annotations

from typing import Any, Self

from torch7 import arrays

from .. import thnn, utils
from ..extension import register
from .linear import Linear


@register
class LinearWeightNorm(Linear):
    """A linear map whose weight has learned directions and lengths: rows ``w_j = g_j v_j / |v_j|``.

    Parameters: ``v``, ``outputSize x inputSize``; ``g``, ``outputSize x 1``; ``bias``, unless it is False. ``weight``
    is made from them at every forward of training, and once by :meth:`evaluate`. Norms are at least ``eps``, 1e-16.
    Input, output and errors as :class:`Linear`, whose numbers it has at first. Source: manual chapter "containers".
    """

    _trained = ("v", "g", "bias")
    gradV: Any = None
    gradG: Any = None

    def __init__(self, inputSize: int, outputSize: int, bias: bool | None = None, eps: float | None = None) -> None:
        self.eps = 1e-16 if eps is None else eps
        super().__init__(inputSize, outputSize, bias)
        self.inputSize, self.outputSize = inputSize, outputSize
        self.gradWeight = None
        self.gradV = arrays.array_module(self.v).zeros(self.v.shape, self.v.dtype)
        self.gradG = arrays.array_module(self.g).zeros(self.g.shape, self.g.dtype)

    def reset(self, stdv: float | None = None) -> LinearWeightNorm:
        """Draw weight and bias as :class:`Linear`; v and g are taken from the weight."""
        super().reset(stdv)
        return self.initFromWeight()

    def initFromWeight(self, weight: Any = None) -> Self:
        """Take v and g from ``weight`` (the module's own if None); returns the module."""
        if weight is not None:
            self.weight[...] = weight
        self.v, self.g = self._filled("v", self.weight), self._filled("g", self._norms(self.weight))
        return self

    def _filled(self, name: str, value: Any) -> Any:
        """The field ``name`` with ``value`` in it: the same array where there is one."""
        old = vars(self).get(name)
        if old is None:
            return value.copy()
        old[...] = value
        return old

    @staticmethod
    def fromLinear(linear: Linear) -> LinearWeightNorm:
        """A new module that computes what ``linear`` does."""
        outputSize, inputSize = linear.weight.shape
        module = LinearWeightNorm(inputSize, outputSize, linear.bias is not None).type(linear.type())
        module.initFromWeight(linear.weight)
        if linear.bias is not None:
            module.bias[...] = linear.bias
        return module

    def toLinear(self) -> Linear:
        """A new :class:`Linear` that computes what this module does."""
        self.updateWeightMatrix()
        linear = Linear(self.inputSize, self.outputSize, self.bias is not None).type(self.type())
        linear.weight[...] = self.weight
        if self.bias is not None:
            linear.bias[...] = self.bias
        return linear

    def parameters(self) -> tuple[list, list]:
        if self.bias is None:
            return [self.v, self.g], [self.gradV, self.gradG]
        return [self.v, self.g, self.bias], [self.gradV, self.gradG, self.gradBias]

    def updateWeightMatrix(self) -> None:
        """Make ``weight`` from v and g."""
        norms = self._norms(self.v)
        self.weight = self.resized(self.weight, self.v.shape)
        arrays.array_module(self.v).multiply(self.v, self.g / norms, out=self.weight)

    def _norms(self, rows: Any) -> Any:
        """The norms of rows, at least eps, as a column."""
        xp = arrays.array_module(rows)
        return xp.maximum(xp.sqrt(xp.einsum("ij,ij->i", rows, rows)), self.eps)[:, None]

    def updateOutput(self, input: Any) -> Any:
        if self.train is not False or self.weight.shape != self.v.shape:
            self.updateWeightMatrix()
        return super().updateOutput(input)

    def evaluate(self) -> Self:
        if self.train is not False:
            self.updateWeightMatrix()
        return super().evaluate()

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        gradOutput = self._gradOutput(input, gradOutput)
        self.checkFields(v=self.weight.shape, gradBias=self.weight.shape[:1])
        gradient = self._gradient = self.resized(vars(self).get("_gradient"), self.v.shape)
        gradient.fill(0)
        scale = 1 if scale is None else scale
        gradBias = thnn.contiguous(self.gradBias)
        thnn.Linear_accGradParameters(thnn.contiguous(input), gradOutput, gradient, gradBias, scale)
        thnn.copy_back(gradBias, self.gradBias)
        norms = self._norms(self.v)
        ratio = self.g / norms
        along = arrays.array_module(gradient).einsum("ij,ij->i", gradient, self.v)[:, None] / norms
        gradient -= self.v * (along / norms)
        gradient *= ratio
        self.gradV += gradient
        self.gradG += along

    def defaultAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        held = self.gradV, self.gradG, self.gradBias
        self.gradV, self.gradG, self.gradBias = self.v, self.g, self.bias
        try:
            self.accGradParameters(input, gradOutput, -lr)
        finally:
            self.gradV, self.gradG, self.gradBias = held

    def clearState(self) -> Self:
        """As every module's; the weight too goes: the next forward of training makes it of ``v`` and ``g``."""
        vars(self).pop("_gradient", None)
        utils.clear(self, "weight")
        return super().clearState()

    def __tostring__(self) -> str:
        bias = "" if self.bias is not None else " without bias"
        return f"nn.LinearWeightNorm({self.inputSize} -> {self.outputSize}){bias}"
