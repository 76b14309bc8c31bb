"""Sums and joins of tables as kernels, without gradients."""

from __future__ import annotations

from typing import Any

from torch7 import arrays

from .. import joining, thnn, utils
from ..module import Module
from ..table.operands import operands


class Sum(Module):
    """What ``like``, a CAddTable, gives; with ``rectify`` what is negative is 0 in a sum of two."""

    def __init__(self, like: Module) -> None:
        super().__init__()
        self._type, self._dtype = like._type, like._dtype
        self.output = arrays.empty(self._type)
        self.rectify = False

    def updateOutput(self, input: Any) -> Any:
        first, *others = (thnn.contiguous(x) for x in operands(self, input))
        output = self.resizeOutput(first)
        for x in others[:-1]:
            thnn.Sum_updateOutput(first, x, output)
            first = output
        last = others[-1] if others else None
        if last is None:
            output[...] = first
        else:
            (thnn.RectifiedSum_updateOutput if self.rectify else thnn.Sum_updateOutput)(first, last, output)
        return output


class Join(Module):
    """What ``like``, a Concat or a JoinTable, gives."""

    def __init__(self, like: Module) -> None:
        super().__init__()
        self._type, self._dtype = like._type, like._dtype
        self.output = arrays.empty(self._type)
        self.like = like
        self.dimension = like.dimension

    def updateOutput(self, input: Any) -> Any:
        table = [thnn.contiguous(x) for x in utils.sequence(input)]
        if hasattr(self.like, "nInputDims"):
            axis = joining.counted_axis(self.like, table[0])
        else:
            axis = joining.axis_of(self.like, self.dimension, table[0])
        shape = joining.joined_shape(self.like, table, axis)
        for x in table:
            self.checkType(x)
        output = self.output = self.resized(self.output, shape, *table)
        flat, offset = output.reshape(-1), 0
        step = output[(0,) * axis].size if axis else output.size
        for x in table:
            count = x[(0,) * axis].size if axis else x.size
            if count:
                thnn.Join_updateOutput(x.reshape(-1), flat, count, step, offset)
            offset += count
        return output
