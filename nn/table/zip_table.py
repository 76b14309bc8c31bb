from __future__ import annotations

from typing import Any, Self

from torch7 import arrays

from .. import utils
from ..extension import register
from .select_table import Choosing


@register
class ZipTable(Choosing):
    """Turns a table of tables inside out: ``{{a1, a2}, {b1, b2}}`` -> ``{{a1, b1}, {a2, b2}}``; nothing is copied.

    The gradient is turned back. The first inner table says how long all are; a shorter one raises ``ValueError``.
    Source: manual chapter "table".
    """

    def __init__(self) -> None:
        super().__init__()
        self.output = []

    def updateOutput(self, input: Any) -> list:
        self.output = transpose(self, input)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        self.gradInput = transpose(self, gradOutput)
        return self.gradInput


@register
class ZipTableOneToMany(Choosing):
    """Pairs an element with every entry of a table: ``{v, {a, b, c}}`` -> ``{{v, a}, {v, b}, {v, c}}``.

    Nothing is copied. The gradient by ``v`` is the sum of those of all pairs. Another input than a pair of an element
    and a table raises ``ValueError``. Source: manual chapter "table".
    """

    def __init__(self) -> None:
        super().__init__()
        self.output = []
        self.gradInputEl = arrays.empty(self._type)

    def updateOutput(self, input: Any) -> list:
        element, table = self._pair(input)
        self.output = [[element, entry] for entry in table]
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        element, _ = self._pair(input)
        pairs = utils.sequence(gradOutput, self)
        self.gradInputEl = utils.recursiveResizeAs(self.gradInputEl, element)[0]
        utils.recursiveFill(self.gradInputEl, 0)
        for gradient, _ in pairs:
            utils.recursiveAdd(self.gradInputEl, gradient)
        self.gradInput = [self.gradInputEl, [gradient for _, gradient in pairs]]
        return self.gradInput

    def _pair(self, input: Any) -> tuple[Any, Any]:
        pair = utils.sequence(input, self)
        if len(pair) != 2 or not utils.is_table(pair[1]):
            raise ValueError(
                f"nn.ZipTableOneToMany: input must be table of element and table, got {arrays.describe(input)}"
            )
        return pair[0], utils.sequence(pair[1])

    def clearState(self) -> Self:
        self.gradInputEl = arrays.empty(self._type)
        return super().clearState()


def transpose(module: Any, table: Any) -> list:
    """The table of tables turned inside out."""
    rows = [utils.sequence(row, module) for row in utils.sequence(table, module)]
    width = len(rows[0]) if rows else 0
    if any(len(row) < width for row in rows):
        raise ValueError(f"tables of different lengths: {', '.join(str(len(row)) for row in rows)}")
    return [[row[i] for row in rows] for i in range(width)]
