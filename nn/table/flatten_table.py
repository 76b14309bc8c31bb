from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from operator import is_
from typing import Any, Self

from torch7 import arrays

from .. import utils
from ..extension import register
from .select_table import Choosing


@register
class FlattenTable(Choosing):
    """The tensors of a nested table, themselves, in one list: ``{x1, {x2, {x3}}}`` -> ``{x1, x2, x3}``.

    gradInput has the shape of the input again; ``input_map`` has it with the place of every tensor in the list, from 1.
    List and map stay while the tensors do. Input that is no table raises ``TypeError``.
    Source: manual chapter "table".
    """

    input_map: Any = None  # in what was saved without one

    def __init__(self) -> None:
        super().__init__()
        self.output, self.input_map = [], []

    def updateOutput(self, input: Any) -> list:
        if not utils.is_table(input):
            raise TypeError(f"nn.FlattenTable: input must be a table, got {arrays.describe(input)}")
        new = leaves(input, [])
        map_ = mapped(input, count(1))
        old = self.output
        same = isinstance(old, list) and len(old) == len(new) and all(map(is_, old, new))
        if not same or map_ != self.input_map:
            self.output, self.input_map = new, map_
        return self.output

    def clearState(self) -> Self:
        self.input_map = []
        return super().clearState()

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradients = utils.sequence(gradOutput, self)
        expected = len(leaves(input, []))
        if len(gradients) != expected:
            raise ValueError(f"nn.FlattenTable: {len(gradients)} gradients for {expected} tensors")
        self.gradInput = nested(input, iter(gradients), self.gradInput)
        return self.gradInput


def leaves(table: Any, found: list) -> list:
    """Append all entries of a nested table, depth first, to ``found``."""
    for key in utils.keys(table):
        if utils.is_table(table[key]):
            leaves(table[key], found)
        else:
            found.append(table[key])
    return found


def mapped(table: Any, places: Iterator[int]) -> Any:
    """The next ``places`` in the shape of a nested table."""
    new = [mapped(table[k], places) if utils.is_table(table[k]) else next(places) for k in utils.keys(table)]
    return dict(zip(table, new)) if isinstance(table, dict) else new


def nested(table: Any, values: Iterator, buffer: Any = None) -> Any:
    """The ``values`` in the shape of the nested ``table``, in the lists of ``buffer`` where there are such."""
    old = buffer if isinstance(buffer, list) and len(buffer) == len(table) else [None] * len(table)
    new = [
        nested(table[k], values, before) if utils.is_table(table[k]) else next(values)
        for k, before in zip(utils.keys(table), old)
    ]
    return dict(zip(table, new)) if isinstance(table, dict) else utils.refilled(buffer, new)
