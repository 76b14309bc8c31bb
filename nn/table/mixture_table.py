from __future__ import annotations

from typing import Any, Self

from torch7 import arrays

from .. import utils
from ..extension import register
from ..module import Module


@register
class MixtureTable(Module):
    """A mixture of experts: the sum of what n experts say, each times its gate.

    ``output = sum_i gates[i] * experts[i]``. Input ``{gates, experts}``: gates are a vector of n or a batch, N x n;
    experts are a table of n tensors of one size (first N in a batch), or one tensor that has them along dimension
    ``dim`` (1-based; default: 1 for a vector of gates, 2 for a batch). Output: of the size of one expert. The gradient
    by gate i is the sum of ``gradOutput * experts[i]``, that by expert i ``gates[i] * gradOutput``. Other sizes raise
    ``ValueError``. Source: manual chapter "table".
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim
        self.gradInput = []

    def updateOutput(self, input: Any) -> Any:
        gates, experts = self._checked(input)
        if utils.is_table(experts):
            return self._sumOfTable(gates, experts)
        axis = self._axis(gates)
        xp = arrays.array_module(experts)
        weighted = self._product(experts.shape)
        xp.multiply(experts, along(gates, axis, experts.ndim), out=weighted)
        self.output = self.resized(self.output, experts.shape[:axis] + experts.shape[axis + 1 :], weighted)
        return xp.sum(weighted, axis=axis, out=self.output)

    def _sumOfTable(self, gates: Any, experts: Any) -> Any:
        self.output = output = self.resized(self.output, experts[0].shape, gates, *experts)
        weighted = self._product(output.shape)
        output.fill(0)
        for i, expert in enumerate(experts):
            arrays.array_module(expert).multiply(expert, gate(gates, i, expert.ndim), out=weighted)
            output += weighted
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        gates, experts = self._checked(input)
        self.checkType(gradOutput, "gradOutput")
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        self.gradInput = utils.recursiveResizeAs(self.gradInput, [gates, experts])[0]
        if utils.is_table(experts):
            self._gradientsOfTable(gates, experts, gradOutput)
        else:
            self._gradientsOfTensor(gates, experts, gradOutput)
        return self.gradInput

    def _gradientsOfTable(self, gates: Any, experts: Any, gradOutput: Any) -> None:
        gradGates, gradExperts = self.gradInput
        xp = arrays.array_module(gates)
        product = self._product(gradOutput.shape)
        others = tuple(range(gates.ndim - 1, gradOutput.ndim))
        for i, (expert, gradExpert) in enumerate(zip(experts, gradExperts)):
            xp.multiply(expert, gradOutput, out=product)
            xp.sum(product, axis=others, out=gradGates[..., i])
            xp.multiply(gradOutput, gate(gates, i, expert.ndim), out=gradExpert)

    def _gradientsOfTensor(self, gates: Any, experts: Any, gradOutput: Any) -> None:
        gradGates, gradExperts = self.gradInput
        xp, axis = arrays.array_module(gates), self._axis(gates)
        product = self._product(experts.shape)
        every = xp.expand_dims(gradOutput, axis)
        xp.multiply(experts, every, out=product)
        kept = (axis,) if gates.ndim == 1 else (0, axis)
        xp.sum(product, axis=tuple(i for i in range(experts.ndim) if i not in kept), out=gradGates)
        xp.multiply(every, along(gates, axis, experts.ndim), out=gradExperts)

    def _axis(self, gates: Any) -> int:
        return gates.ndim - 1 if self.dim is None else self.dim - 1

    def _product(self, shape: tuple) -> Any:
        """A buffer for products of experts."""
        self._weighted = self.resized(vars(self).get("_weighted"), shape)
        return self._weighted

    def _checked(self, input: Any) -> tuple[Any, Any]:
        pair = utils.sequence(input, self)
        if len(pair) != 2:
            raise ValueError(f"nn.MixtureTable: input must be {{gates, experts}}, got {arrays.describe(input)}")
        gates, experts = pair
        if utils.is_table(experts):
            experts = utils.sequence(experts, self)
        for x in [gates, *experts] if utils.is_table(experts) else pair:
            self.checkType(x)
        if gates.ndim not in (1, 2):
            raise ValueError(f"nn.MixtureTable: gates must be vector or matrix, got {arrays.describe(gates)}")
        self._checkSizes(gates, experts)
        self.dimG = gates.ndim
        return gates, experts

    def _t7_fields(self) -> dict:
        """Lua keeps the dimension that it used."""
        dim = vars(self).get("dimG") if self.dim is None else self.dim
        return vars(self) | {"dim": dim}

    def _checkSizes(self, gates: Any, experts: Any) -> None:
        if utils.is_table(experts):
            fits = len(experts) == gates.shape[-1] and all(e.shape == experts[0].shape for e in experts)
            shape = experts[0].shape if experts else ()
        else:
            axis, shape = self._axis(gates), experts.shape
            fits = gates.ndim - 1 <= axis < experts.ndim and shape[axis] == gates.shape[-1]
        if not fits or (gates.ndim == 2 and shape[:1] != gates.shape[:1]):
            raise ValueError(
                f"Should be one gater output per expert: gates are {arrays.describe(gates)}, "
                f"experts {arrays.describe(experts)}"
            )

    def clearState(self) -> Self:
        vars(self).pop("_weighted", None)
        return super().clearState()


def gate(gates: Any, i: int, ndim: int) -> Any:
    """Gate ``i`` (0-based) of every sample, as a view that multiplies an expert of ``ndim`` dimensions."""
    column = gates[..., i : i + 1]
    return column.reshape(column.shape[:-1] + (1,) * (ndim - gates.ndim + 1))


def along(gates: Any, axis: int, ndim: int) -> Any:
    """All gates as a view that multiplies experts of ``ndim`` dimensions which lie along ``axis``."""
    shape = [1] * ndim
    shape[axis] = gates.shape[-1]
    if gates.ndim == 2:
        shape[0] = gates.shape[0]
    return gates.reshape(shape)
