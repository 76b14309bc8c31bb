"""Small modules of graphs: ``nngraph.JustElement``, ``nngraph.JustTable`` and ``nn.ModuleFromCriterion``."""

from __future__ import annotations

from typing import Any

import nn
from nn import utils
from torch7 import arrays, registry


class JustElement(nn.Module):
    """The one element of a table of one: ``[x]`` -> ``x``; gradient ``[gradOutput]``."""

    def __init__(self) -> None:
        super().__init__()
        self.gradInput = []

    def updateOutput(self, input: Any) -> Any:
        table = utils.sequence(input)
        if len(table) != 1:
            raise ValueError(f"nngraph.JustElement: expecting a table of one element, got {len(table)}")
        self.output = table[0]
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        self.gradInput = utils.refilled(self.gradInput, [gradOutput])
        return self.gradInput


class JustTable(nn.Module):
    """A table of one element: ``x`` -> ``[x]``; gradient ``gradOutput[0]``."""

    def __init__(self) -> None:
        super().__init__()
        self.output = []

    def updateOutput(self, input: Any) -> list:
        self.output = utils.refilled(self.output, [input])
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = utils.sequence(gradOutput)[0]
        return self.gradInput


@nn.register
class ModuleFromCriterion(nn.Module):
    """A criterion as a module: ``[prediction, target]`` -> its loss, a tensor of one element.

    The gradients are the criterion's times gradOutput, and zero for the target. ``criterion(node)`` on a node, or on a
    list of two, makes one.

    ``TypeError`` for what is no table; other errors are those of the criterion.
    """

    def __init__(self, criterion: Any) -> None:
        super().__init__()
        self.criterion = criterion
        self.output = arrays.module_of(self._type).zeros(1, self._dtype)
        self.gradInput = [arrays.empty(), arrays.empty()]

    def updateOutput(self, input: Any) -> Any:
        self.output = self.resized(self.output, (1,), input)
        loss = self.criterion.updateOutput(*self._pair(input))
        self.output[0] = loss.array() if hasattr(loss, "array") else float(loss)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        prediction, target = self._pair(input)
        factor = float(gradOutput.reshape(-1)[0])
        gradPrediction = self.criterion.updateGradInput(prediction, target)
        self.gradInput = utils.recursiveResizeAs(self.gradInput, [gradPrediction, target])[0]
        utils.recursiveFill(self.gradInput, 0)
        utils.recursiveAdd(self.gradInput[0], factor, gradPrediction)
        return self.gradInput

    def _pair(self, input: Any) -> Any:
        table = utils.sequence(input)
        if len(table) != 2:
            raise ValueError(f"nn.ModuleFromCriterion: expecting [prediction, target], got {len(table)} entries")
        return table


for _class in (JustElement, JustTable):
    registry.register(f"nngraph.{_class.__name__}", _class)
