"""Entries of tables that skip layers: taken out at one place and put in at others."""

from __future__ import annotations

from typing import Any

import nn
from nn.numbers import Whole
from torch7 import arrays

INDEX = Whole(_index=1)


@nn.register
class PushTable(nn.Module):
    """Takes entry ``index`` out of a table and gives it to the PullTables that ``pull(index)`` made.

    Its gradient is the sum of theirs, zero where none has run. ``IndexError`` where the table has no such entry. The
    PullTables run behind it, forward and backward. Source: nnx.
    """

    def __init__(self, index: int) -> None:
        super().__init__()
        self._index, self._pulls = index, []
        INDEX(self)
        self.output: Any = []
        self._gradInput, self.gradInput = arrays.empty(self._type), []
        self._forward = False

    def pull(self, index: int) -> PullTable:
        """A module that puts the entry into its input table at ``index``."""
        self._pulls.append(PullTable(self, index))
        return self._pulls[-1]

    def updateOutput(self, input: Any) -> list:
        table, i = self._place(input)
        entry = table[i]
        self.output = nn.utils.refilled(self.output, [*table[:i], *table[i + 1 :]])
        for pull in self._pulls:
            pull._output = entry
        self._forward = True
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        table, i = self._place(input)
        rest = list(nn.utils.sequence(gradOutput, self))
        if len(rest) != len(table) - 1:
            raise ValueError(f"{self}: {len(rest)} gradients for {len(table) - 1} entries")
        if self._forward:  # no PullTable has run backward
            self._gradInput = nn.utils.recursiveResizeAs(self._gradInput, table[i])[0]
            nn.utils.recursiveFill(self._gradInput, 0)
            self._forward = False
        self.gradInput = nn.utils.refilled(self.gradInput, [*rest[:i], self._gradInput, *rest[i:]])
        return self.gradInput

    def _take(self, gradOutput: Any) -> None:
        """Add the gradient of a PullTable."""
        if self._forward:
            self._gradInput = nn.utils.recursiveCopy(self._gradInput, gradOutput)[0]
        else:
            nn.utils.recursiveAdd(self._gradInput, gradOutput)
        self._forward = False

    def _place(self, input: Any) -> tuple[list, int]:
        table, (index,) = list(nn.utils.sequence(input, self)), INDEX(self)
        if index > len(table):
            raise IndexError(f"{self}: there is no entry {index} in a table of {len(table)}")
        return table, index - 1

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        """The type, or the module with its own tensors converted; the PullTables convert theirs."""
        return without(self, "_pulls", lambda: super(PushTable, self).type(type, tensorCache))


@nn.register
class PullTable(nn.Module):
    """Puts the entry that a PushTable took out into its input, a table or a tensor, at ``index``; made by ``pull``.

    ``IndexError`` where the table is too short. Source: nnx.
    """

    def __init__(self, push: PushTable, index: int) -> None:
        super().__init__()
        self._push, self._index = push, index
        INDEX(self)
        self._output: Any = None
        self.output: Any = []
        self.gradInput: Any = []

    def updateOutput(self, input: Any) -> list:
        table, i = self._place(input)
        if self._output is None:
            raise ValueError(f"{self}: its PushTable has not run")
        self.output = nn.utils.refilled(self.output, [*table[:i], self._output, *table[i:]])
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        table, i = self._place(input)
        given = list(nn.utils.sequence(gradOutput, self))
        if len(given) != len(table) + 1:
            raise ValueError(f"{self}: {len(given)} gradients for {len(table) + 1} entries")
        self._push._take(given.pop(i))
        self.gradInput = given if nn.utils.is_table(input) else given[0]
        return self.gradInput

    def _place(self, input: Any) -> tuple[list, int]:
        table, (index,) = list(nn.utils.sequence(input)) if nn.utils.is_table(input) else [input], INDEX(self)
        if index > len(table) + 1:
            raise IndexError(f"{self}: table index {index} out of range, the input has {len(table)} entries")
        return table, index - 1

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        """The type, or the module with its own tensors converted; the PushTable converts its own."""
        return without(self, "_push", lambda: super(PullTable, self).type(type, tensorCache))


def without(module: Any, name: str, run: Any) -> Any:
    """``run()`` while a field of ``module`` is away."""
    held = vars(module).pop(name)
    try:
        return run()
    finally:
        setattr(module, name, held)
