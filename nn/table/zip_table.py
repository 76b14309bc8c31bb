from __future__ import annotations

from typing import Any

from torch7 import arrays

from .. import utils
from ..doors import register
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
        return transpose(self.output, input)

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        return transpose(self.gradInput, gradOutput)


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
        return transpose(self.output, [[element] * len(table), table])

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        element, _ = self._pair(input)
        pairs = utils.sequence(gradOutput)
        self.gradInputEl = utils.recursiveResizeAs(self.gradInputEl, element)[0]
        utils.recursiveFill(self.gradInputEl, 0)
        for gradient, _ in pairs:
            utils.recursiveAdd(self.gradInputEl, gradient)
        others = self.gradInput[1] if len(self.gradInput) == 2 else []
        others[:] = [gradient for _, gradient in pairs]
        self.gradInput[:] = [self.gradInputEl, others]
        return self.gradInput

    def _pair(self, input: Any) -> tuple[Any, Any]:
        pair = utils.sequence(input)
        if len(pair) != 2 or not utils.is_table(pair[1]):
            raise ValueError(
                f"nn.ZipTableOneToMany: input must be table of element and table, got {arrays.describe(input)}"
            )
        return pair[0], utils.sequence(pair[1])

    def clearState(self) -> ZipTableOneToMany:
        self.gradInputEl = arrays.empty(self._type)
        return super().clearState()


def transpose(buffer: list, table: Any) -> list:
    """The table of tables turned inside out, in the lists of ``buffer``."""
    rows = [utils.sequence(row) for row in utils.sequence(table)]
    width = len(rows[0]) if rows else 0
    if any(len(row) < width for row in rows):
        raise ValueError(f"tables of different lengths: {', '.join(str(len(row)) for row in rows)}")
    del buffer[width:]
    buffer += [[] for _ in range(width - len(buffer))]
    for i, column in enumerate(buffer):
        column[:] = [row[i] for row in rows]
    return buffer
