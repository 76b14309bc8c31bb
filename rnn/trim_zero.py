from __future__ import annotations

from typing import Any

import nn
from nn import utils
from torch7 import arrays

from .mask_zero import MaskZero


@nn.register
class TrimZero(MaskZero):
    """:class:`MaskZero` that leaves the zero samples out of the batch instead of computing them in vain.

    Its module sees only the other samples; zeros take their places in the output and in ``gradInput``. It pays where
    many samples are padding. A module whose random draws belong to samples sees fewer of them. ``ValueError`` for fewer
    dimensions than ``nInputDim``; other errors are those of the module. Source: manual of rnn.
    """

    def updateOutput(self, input: Any) -> Any:
        rows = self._rows(input)
        output = self.modules[0].updateOutput(input if rows is None else picked(input, rows))
        self.output = utils.recursiveCopy(None, output)[0] if rows is None else spread(output, rows, len(self._mask))
        if self._nothing:
            utils.recursiveFill(self.output, 0)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        rows = self._rows(input)
        if self._nothing:
            self.gradInput = utils.recursiveFill(utils.recursiveResizeAs(self.gradInput, input)[0], 0)
        elif rows is None:
            gradInput = self.modules[0].updateGradInput(input, gradOutput)
            self.gradInput = utils.recursiveCopy(self.gradInput, gradInput)[0]
        else:
            gradInput = self.modules[0].updateGradInput(picked(input, rows), picked(gradOutput, rows))
            self.gradInput = spread(gradInput, rows, len(self._mask))
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self._onKept("accGradParameters", input, gradOutput, 1 if scale is None else scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self._onKept("accUpdateGradParameters", input, gradOutput, lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self._onKept("sharedAccUpdateGradParameters", input, gradOutput, lr)

    def _onKept(self, method: str, input: Any, gradOutput: Any, factor: float) -> None:
        rows = self._rows(input)
        if self._nothing:
            return
        if rows is not None:
            input, gradOutput = picked(input, rows), picked(gradOutput, rows)
        getattr(self.modules[0], method)(input, gradOutput, factor)

    @property
    def _nothing(self) -> bool:
        """Whether every sample is masked."""
        return bool(self._mask.all())

    def _rows(self, input: Any) -> Any:
        """The samples to keep; None for all, and for a single one. Of a batch of zeros the first tells the sizes."""
        mask = self.maskOf(input)
        if not mask.ndim or not mask.any():
            return None
        rows = arrays.array_module(mask).flatnonzero(~mask)
        return rows if rows.size else arrays.array_module(mask).zeros(1, rows.dtype)


def picked(table: Any, rows: Any) -> Any:
    """The samples ``rows`` of every tensor of a nested table."""
    if utils.is_table(table):
        return [picked(x, rows) for x in utils.sequence(table)]
    return table[rows]


def spread(table: Any, rows: Any, count: int) -> Any:
    """``count`` samples of zeros but for ``rows``, which are those of ``table``."""
    if utils.is_table(table):
        return [spread(x, rows, count) for x in utils.sequence(table)]
    whole = arrays.array_module(table).zeros((count, *table.shape[1:]), table.dtype)
    whole[rows] = table
    return whole
