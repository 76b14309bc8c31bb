from __future__ import annotations

from math import inf, isinf
from typing import Any, Self

from torch7 import arrays
from torch7.random import random

from .. import utils
from ..extension import register
from ..module import Module
from .operands import gradients, rows

EPSILON = 1e-6


@register
class PairwiseDistance(Module):
    """The distance of two vectors, or of the rows of two matrices: ``output = (sum |a - b|^p)^(1/p)``.

    Input: a table of two vectors (output: 1 element) or two N x D matrices (output: N elements); other ranks raise
    ``ValueError``. ``p``, the attribute ``norm``, is positive and finite, default 2. The gradient by ``a`` is
    ``sign(a - b) * (|a - b| / (output + 1e-6))^(p - 1)``, that by ``b`` its negative; with p = 1 an element where both
    are equal gets -1 or +1 at random. Source: manual chapter "table".
    """

    def __init__(self, p: float | None = None) -> None:
        super().__init__()
        self.norm = 2 if p is None else p
        if self.norm <= 0 or isinf(self.norm):
            raise ValueError(f"nn.PairwiseDistance: p must be positive and finite, got {p}")
        self.gradInput = []

    def _t7_fields(self) -> dict:
        """What Lua keeps between the passes of a batch."""
        if self.train is None or (arrays.is_array(self.output) and self.output.size == 1):
            return vars(self)
        names = ("grad", "ones", "outExpand") if self.norm > 2 else ("grad", "ones")
        return {name: arrays.empty(self._type) for name in names} | vars(self)

    def updateOutput(self, input: Any) -> Any:
        a, b = rows(self, input)
        p, xp = self.norm, arrays.array_module(a)
        self.diff = self.resized(vars(self).get("diff"), a.shape)
        self.output = output = self.resized(self.output, a.shape[:1], a, b)
        xp.subtract(a, b, out=self.diff)
        xp.absolute(self.diff, out=self.diff)
        if p == 2:
            xp.multiply(self.diff, self.diff, out=self.diff)
        elif p != 1:
            xp.power(self.diff, p, out=self.diff)
        xp.sum(self.diff, axis=1, out=output)
        if p != 1:
            xp.power(output, 1 / p if p else inf, out=output) if p != 2 else xp.sqrt(output, out=output)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        a, b = rows(self, input)
        self.checkType(gradOutput, "gradOutput")
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        gradA, gradB = gradients(self, utils.sequence(input, self)[:2])
        xp = arrays.array_module(a)
        slope = gradA.reshape(a.shape)
        xp.subtract(a, b, out=slope)
        self._slope(xp, slope)
        self._factor = factor = self.resized(vars(self).get("_factor"), self.output.shape)
        xp.add(self.output, EPSILON, out=factor)
        xp.power(factor, 1 - self.norm, out=factor)
        factor *= gradOutput
        slope *= factor[:, None]
        xp.negative(slope.reshape(gradB.shape), out=gradB)
        return self.gradInput

    def _slope(self, xp: Any, x: Any) -> None:
        """Replace ``x`` by ``sign(x) |x|^(p - 1)``."""
        if self.norm == 1:
            ties = xp.nonzero(x == 0)
            xp.sign(x, out=x)
            x[ties] = xp.asarray([2 * random(2) - 3 for _ in range(len(ties[0]))], x.dtype)
        elif self.norm != 2:
            self.diff = size = self.resized(vars(self).get("diff"), x.shape)
            xp.absolute(x, out=size)
            size[size == 0] = 1
            xp.power(size, self.norm - 2, out=size)
            x *= size

    def clearState(self) -> Self:
        vars(self).pop("_factor", None)
        utils.clear(self, "diff", "grad", "ones", "outExpand")
        return super().clearState()
