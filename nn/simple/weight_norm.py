from __future__ import annotations

from math import prod, sqrt
from typing import Any, Self

import numpy as np

from torch7 import arrays, registry
from torch7.random import normal

from ..containers.decorator import Decorator
from ..extension import register
from ..module import Module


@register
class WeightNorm(Decorator):
    """Gives the weight of a module learned directions and lengths: ``w_j = g_j v_j / sqrt(|v_j|^2 + 1e-4)``.

    ``w_j`` is what belongs to output j, counted along the 1-based dimension ``outputDim`` of the weight (1; 2 for
    full convolutions). Parameters: ``v``, outputs x rest, drawn from N(0, sqrt(2 / rest)); ``g``, outputs x 1, the
    norms of v at first; the module's bias, which starts at 0. The module's weight is made from them at every forward
    of training, and once by :meth:`evaluate`. ``TypeError`` for a module without weight. Source: manual chapter
    "containers".
    """

    def __init__(self, module: Module, outputDim: int | None = None) -> None:
        super().__init__(module)
        if not arrays.is_array(module.weight):
            raise TypeError(f"nn.WeightNorm: a module with a weight expected, got {module}")
        self.outputDim = 1 if outputDim is None else outputDim
        weight = self._rows(module.weight)
        xp = arrays.array_module(weight)
        self.v, self.gradV = xp.empty(weight.shape, weight.dtype), xp.zeros(weight.shape, weight.dtype)
        self.g, self.gradG = xp.empty((len(weight), 1), weight.dtype), xp.zeros((len(weight), 1), weight.dtype)
        self._type, self._dtype = module._type, module._dtype
        self.resetInit()

    _trained = ("v", "g")
    gradV: Any = None
    gradG: Any = None

    @property
    def bias(self) -> Any:
        """The module's bias."""
        return self.modules[0].bias

    @property
    def gradBias(self) -> Any:
        return self.modules[0].gradBias

    def _t7_fields(self) -> dict:
        """Of a new module Lua's ``gradG`` and ``_norm`` are vectors; backward makes columns of them."""
        if self.train is not None or not arrays.is_array(self.output) or self.output.size:
            return vars(self)
        return vars(self) | {"gradG": self.gradG.reshape(-1), "_norm": self._norms().reshape(-1)}

    def resetInit(self) -> Self:
        """Draw v, take g from it, and set the bias to 0; returns the module."""
        normal(self.v, 0, sqrt(2 / self.v.shape[1]))
        self.g[...] = arrays.array_module(self.v).sqrt((self.v * self.v).sum(1, keepdims=True))
        if self.bias is not None:
            self.bias.fill(0)
        return self

    def _rows(self, weight: Any) -> Any:
        """``weight`` as a matrix of one row for each output."""
        weight = arrays.array_module(weight).moveaxis(weight, self.outputDim - 1, 0)
        return weight.reshape(len(weight), -1)

    def parameters(self) -> tuple[list, list]:
        if self.bias is None:
            return [self.v, self.g], [self.gradV, self.gradG]
        return [self.v, self.g, self.bias], [self.gradV, self.gradG, self.gradBias]

    def updateWeight(self) -> None:
        """Make the module's weight from v and g."""
        weight = self.modules[0].weight
        rows = arrays.array_module(weight).moveaxis(weight, self.outputDim - 1, 0)
        rows[...] = (self.v * (self.g / self._norms())).reshape(rows.shape)

    def _norms(self) -> Any:
        return arrays.array_module(self.v).sqrt((self.v * self.v).sum(1, keepdims=True) + self.v.dtype.type(1e-4))

    def updateOutput(self, input: Any) -> Any:
        if self.train is not False:
            self.updateWeight()
        return super().updateOutput(input)

    def evaluate(self) -> Self:
        if self.train is not False:
            self.updateWeight()
        super().evaluate()
        return self

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        module = self.modules[0]
        module.gradWeight.fill(0)
        module.accGradParameters(input, gradOutput, 1 if scale is None else scale)
        gradient, norms = self._rows(module.gradWeight), self._norms()
        along = (gradient * self.v).sum(1, keepdims=True) / norms
        self.gradV += (gradient - self.v * (along / norms)) * (self.g / norms)
        self.gradG += along

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        module = self.modules[0]
        gradBias = module.gradBias
        held = self.gradV, self.gradG
        self.gradV, self.gradG, module.gradBias = self.v, self.g, module.bias
        try:
            self.accGradParameters(input, gradOutput, -lr)
        finally:
            self.gradV, self.gradG = held
            module.gradBias = gradBias

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.accUpdateGradParameters(input, gradOutput, lr)

    def zeroGradParameters(self) -> Self:
        for gradient in (*self.parameters()[1], self.modules[0].gradWeight):
            if gradient is not None:
                gradient.fill(0)
        return self

    def makeGradients(self) -> None:
        super().makeGradients()
        self.modules[0].makeGradients()

    def updateParameters(self, learningRate: float) -> WeightNorm:
        return Module.updateParameters(self, learningRate)


@registry.upgrade(WeightNorm)
def _upgrade(module: WeightNorm, fields: dict) -> None:
    """Lua wrote neither the weight of the module inside nor its gradient: v and g make it."""
    inner, v = fields["modules"][0], fields["v"]
    for name in ("weight", "gradWeight", "bias", "gradBias"):  # the module's own
        fields.pop(name, None)
    if fields["gradG"].ndim == 1:
        fields["gradG"] = fields["gradG"].reshape(-1, 1)
    if inner.weight is None:
        size = fields.get("weightSize") or v.shape
        if prod(size) != v.size or arrays.is_expanded(v):
            raise ValueError(f"weightSize {size} does not fit v, {arrays.describe(v)}")
        inner.weight, inner.gradWeight = np.empty(size, v.dtype), np.zeros(size, v.dtype)
        vars(module).update({name: fields[name] for name in ("modules", "outputDim", "v", "g")})
        module.updateWeight()
