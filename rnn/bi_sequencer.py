from __future__ import annotations

from typing import Self

import nn
from nn.container import a_module

from .abstract_sequencer import AbstractSequencer


@nn.register
@nn.Decorator.decorate
class BiSequencer(AbstractSequencer):
    """Runs one module forwards and one backwards over a sequence and merges their outputs of each step.

    Input: a table of T steps; output: a table of T, ``merge{forward(input[1..t]), backward(input[T..t])}``.
    ``backward``: a clone of ``forward`` with new parameters by default; ``merge``: a module, or the dimension along
    which the two outputs of a sample are joined, 1 by default. Errors are those of the modules, with their place as a
    note. Source: manual of rnn.
    """

    def __init__(
        self, forward: nn.Module, backward: nn.Module | None = None, merge: nn.Module | int | None = None
    ) -> None:
        super().__init__()
        self.forwardModule = a_module(self, forward)
        self.backwardModule = other_way(forward) if backward is None else a_module(self, backward)
        self.mergeModule = merger(self, merge)
        self.fwdSeq, self.bwdSeq = nn.Sequencer(forward), nn.Sequencer(self.backwardModule)
        self.mergeSeq = nn.Sequencer(self.mergeModule)
        both = nn.ConcatTable().add(self.fwdSeq).add(reversed_time(self.bwdSeq))
        self.module = nn.Sequential().add(both).add(nn.ZipTable()).add(self.mergeSeq)
        self.modules = [self.module]
        self.output, self.gradInput = [], []

    def remember(self, mode: str | None = None) -> Self:
        super().remember(mode)
        self.module.remember(mode)
        return self


def other_way(forward: nn.Module) -> nn.Module:
    """A copy of ``forward`` with new parameters."""
    backward = forward.clone()
    backward.reset()
    return backward


def merger(owner: nn.Module, merge: nn.Module | int | None) -> nn.Module:
    """The module that merges two outputs."""
    if merge is None or isinstance(merge, int):
        return nn.JoinTable(1, 1 if merge is None else merge)
    return a_module(owner, merge)


def reversed_time(module: nn.Module) -> nn.Sequential:
    """``module`` over a table in reverse order, its output turned round again."""
    return nn.Sequential().add(nn.ReverseTable()).add(module).add(nn.ReverseTable())
