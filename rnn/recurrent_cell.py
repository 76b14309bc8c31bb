from __future__ import annotations

from functools import cache
from math import prod
from typing import Any, Self
from weakref import WeakKeyDictionary

import nn
from nn import sums
from torch7 import arrays

from .abstract_recurrent import AbstractRecurrent


class RecurrentCell(AbstractRecurrent):
    """Base of recurrent modules of vectors: ``inputSize`` or ``N x inputSize`` to ``outputSize`` or ``N x outputSize``.

    The state before the first step is ``zeroTensor`` unless the user set another, in ``userPrevOutput``; backward then
    leaves the gradient by it in ``userGradPrevOutput``. Backward starts from ``userNextGradOutput`` or, set after the
    last forward, ``gradPrevOutput``.
    While the network of a step is as its class built it, few kernels do its work (:mod:`rnn.fused_step`); ``fused``
    False, for a module or a class, lets it run by itself.
    """

    userPrevOutput: Any = None
    userPrevCell: Any = None
    userNextGradOutput: Any = None
    userNextGradCell: Any = None
    userGradPrevOutput: Any = None
    userGradPrevCell: Any = None
    p: float = 0
    mono: bool = False
    fused: bool = True
    _fusedSteps: Any = None
    _transient = ("_fusedSteps",)

    def __init__(
        self, inputSize: int, outputSize: int | None, rho: int | None, p: float | None = None, mono: bool | None = None
    ) -> None:
        super().__init__(9999 if rho is None else rho)
        self.inputSize = inputSize
        self.outputSize = inputSize if outputSize is None else outputSize
        self.p = 0 if p is None else p
        if not 0 <= self.p < 1:
            raise ValueError(f"{self._name()}: p must be 0 <= p < 1, got {p}")
        self.mono = bool(mono)
        self.zeroTensor = arrays.empty(self._type)

    def _dropout(self) -> nn.Module:
        return nn.Dropout(self.p, False, False, True, self.mono)

    def _checkInput(self, input: Any) -> None:
        self.checkType(input)
        if input.ndim not in (1, 2) or input.shape[-1] != self.inputSize:
            sizes = f"{self.inputSize} or N x {self.inputSize}"
            raise ValueError(f"{self._name()}: input must be {sizes}, got {arrays.describe(input)}")

    def _zeros(self, input: Any) -> Any:
        """The start ``zeroTensor``, as large as ``input`` needs it."""
        if input is not None:
            self.zeroTensor = self.resized(self.zeroTensor, (*input.shape[:-1], self.outputSize))
            sums.zero(self.zeroTensor)
        return self.zeroTensor

    def _running(self, module: nn.Module) -> Any:
        """What runs the network of a step: itself, or kernels in its place."""
        if not self._fuses():
            return module
        masked = type(module) is nn.MaskZero
        network = module.modules[0] if masked else module
        if self._fusedSteps is None:
            self._fusedSteps = WeakKeyDictionary()
        step = self._fusedSteps.get(network)
        if step is None:
            step = self._fusedSteps[network] = self._fusedStep(network)
        return self._masked(module, step) if masked else step

    def _fuses(self) -> bool:
        """Whether there are kernels for the networks of this very class, with these options."""
        return self.fused and not self.p and "_fusedStep" in vars(type(self))

    def _frames(self) -> list:
        """What the kernels of the steps work in, for who runs them again."""
        return [dict(vars(step)) for step in (self._fusedSteps or {}).values()]

    def _masked(self, mask: nn.Module, step: Any) -> Any:
        from .fused_step import MaskedStep

        return MaskedStep(mask, step)

    def _user(self, name: str) -> Any:
        """The state that the user set in the field ``name``; ``TypeError`` for what is no tensor."""
        state = getattr(self, name)
        if state is not None and not arrays.is_array(state):
            raise TypeError(f"{self}: {name} must be a tensor, got {arrays.describe(state)}")
        return state

    def _nextGradOutput(self) -> Any:
        """The gradient by the last output that the user set, if any."""
        name = "gradPrevOutput" if self.userNextGradOutput is None else "userNextGradOutput"
        return self._user(name)

    def _checkState(self, input: Any, *states: Any) -> None:
        """Raise ``ValueError`` unless the states of the step before are for as many samples as ``input``."""
        size = prod(input.shape[:-1]) * self.outputSize
        for state in states:
            if state.size != size:
                raise self._otherBatch(str(self), input, state)

    def _kept(self, table: dict, step: int) -> Any:
        """The entry of a step; ``RuntimeError`` where there is none."""
        if step not in table:
            raise RuntimeError(f"{self._name()}: there is no state of step {step}")
        return table[step]

    def _gradStep(self, step: int | None) -> int:
        """The step meant: by default the one that backward visits next."""
        return (self.updateGradInputStep or self.step) - 1 if step is None else step

    def clearState(self) -> Self:
        self.zeroTensor = arrays.empty(self._type)
        return super().clearState()


def either(*tensors: Any) -> Any:
    """The first of them that is not None."""
    return next(t for t in tensors if t is not None)


@cache
def pattern(cls: type, *args: Any) -> Any:
    """What ``cls(*args)`` makes as the network of a step."""
    from .fused_step import Pattern

    return Pattern(lambda: cls(*args).recurrentModule)
