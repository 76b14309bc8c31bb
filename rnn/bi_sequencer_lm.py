from __future__ import annotations

from typing import Any, Self

import nn
from nn import utils
from nn.container import a_module, indented
from torch7 import arrays, registry

from .abstract_sequencer import AbstractSequencer
from .bi_sequencer import merger, other_way, reversed_time


@nn.register
class BiSequencerLM(AbstractSequencer):
    """Runs modules both ways over a sequence so that step t sees all inputs but its own: for language models.

    ``output[t] = merge{forward(input[1..t-1]), backward(input[T..t+1])}``, with zeros in place of the output of
    ``forward`` for the first step and of ``backward`` for the last. Input: a table of T >= 2 steps; output: a table of
    T. Recurrent modules are put into Sequencers; others must take whole tables. ``backward`` and ``merge`` are as for
    :class:`nn.BiSequencer`. ``ValueError`` for fewer steps. Source: manual of rnn.
    """

    def __init__(
        self, forward: nn.Module, backward: nn.Module | None = None, merge: nn.Module | int | None = None
    ) -> None:
        super().__init__()
        self.forwardModule = a_module(self, forward)
        self.backwardModule = other_way(forward) if backward is None else a_module(self, backward)
        self.mergeModule = merger(self, merge)
        self.fwdSeq, self.bwdSeq = sequenced(self.forwardModule), sequenced(self.backwardModule)
        self.mergeSeq = nn.Sequencer(self.mergeModule)
        self._fwd, self._bwd = self.fwdSeq, reversed_time(self.bwdSeq)
        self._merge = nn.Sequential().add(nn.ZipTable()).add(self.mergeSeq)
        self.modules = [self._fwd, self._bwd, self._merge]
        self.output, self.gradInput = [], []

    def updateOutput(self, input: Any) -> list:
        first, rest = self._parts(input)
        outputs = self._fwd.updateOutput(first)
        fwd = [zeros_like(outputs[0]), *outputs]
        outputs = self._bwd.updateOutput(rest)
        bwd = [*outputs, zeros_like(outputs[-1])]
        self._merged = [fwd, bwd]
        self.output = self._merge.updateOutput(self._merged)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        first, rest = self._parts(input)
        fwd, bwd = self._merge.updateGradInput(self._merged, gradOutput)
        fwd = self._fwd.updateGradInput(first, fwd[1:])
        bwd = self._bwd.updateGradInput(rest, bwd[:-1])
        self._sums = utils.recursiveCopy(vars(self).get("_sums"), fwd[1:])[0]
        utils.recursiveAdd(self._sums, bwd[:-1])
        self.gradInput = utils.refilled(self.gradInput, [fwd[0], *self._sums, bwd[-1]])
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        first, rest = self._parts(input)
        scale = 1 if scale is None else scale
        self._merge.accGradParameters(self._merged, gradOutput, scale)
        fwd, bwd = self._merge.gradInput
        self._fwd.accGradParameters(first, fwd[1:], scale)
        self._bwd.accGradParameters(rest, bwd[:-1], scale)

    def remember(self, mode: str | None = None) -> Self:
        super().remember(mode)
        nn.Module.remember(self, mode)
        return self

    @staticmethod
    def _parts(input: Any) -> tuple[list, list]:
        """The steps that ``forward`` sees and those that ``backward`` sees."""
        if not utils.is_table(input):
            raise TypeError(f"nn.BiSequencerLM: Expecting table at arg 1, got {arrays.describe(input)}")
        steps = list(utils.sequence(input))
        if len(steps) < 2:
            raise ValueError(f"nn.BiSequencerLM: Expecting at least 2 elements in table, got {len(steps)}")
        return steps[:-1], steps[1:]

    def clearState(self) -> Self:
        vars(self).pop("_merged", None)
        vars(self).pop("_sums", None)
        super().clearState()
        self.output = []
        return self

    def __tostring__(self) -> str:
        parts = {"  fwd  ": self._fwd, "  bwd  ": self._bwd, " merge ": self._merge}
        lines = [f"  ({name}): " + indented(repr(module), "    |    ") for name, module in parts.items()]
        return "\n".join([registry.class_name(type(self)) + " {", *lines, "}"])


def sequenced(module: nn.Module) -> nn.Module:
    """A recurrent module in a Sequencer; others as they are."""
    return nn.Sequencer(module) if isinstance(module, nn.AbstractRecurrent) else module


def zeros_like(table: Any) -> Any:
    """New zeros of the sizes of a nested table."""
    return utils.recursiveFill(utils.recursiveResizeAs(None, table)[0], 0)
