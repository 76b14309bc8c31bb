"""The computations that can be captured: passes of a module, its gradient steps, steps of training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import thnn
from ..module import Module
from .captured import OTHER, Captured
from .safe import LOSSES
from .straight import Text, zero_gradients


class Pass(Captured):
    """``forward`` or ``backward`` of a module."""

    def __init__(self, compute: Callable, module: Any, computed: str) -> None:
        super().__init__(compute, module.listModules())
        self.module, self.computed = module, (computed,)
        if computed == "gradInput":  # of some modules the output decides, not the input
            self.unread = frozenset({0})

    def returned(self) -> Any:
        return getattr(self.module, self.computed[0])


class Update(Captured):
    """``updateParameters``."""

    aside = "output", "gradInput"

    def __init__(self, compute: Callable, module: Any) -> None:
        super().__init__(compute, module.listModules())
        self.module = module

    def returned(self) -> Any:
        return self.module


class Zeroing(Update):
    """``zeroGradParameters``, whose fills are no kernels."""

    def recorded(self) -> Any:
        return zero_gradients(self.module)


class Loss(Captured):
    """A computation that returns the loss of a criterion."""

    def __init__(self, compute: Callable, owners: Sequence[Any], criterion: Any, computed: tuple[str, ...]) -> None:
        super().__init__(compute, [*owners, criterion])
        self.criterion, self.computed = criterion, computed

    def free(self, calls: list, slots: Sequence[Any]) -> tuple[int, int | None]:
        found = [n for n, call in enumerate(calls) if _is_number(call.result)]
        if len(found) != 1:
            raise thnn.replaying().NotReplayable("more than one kernel returns a number")
        leaves, finish = LOSSES[type(self.criterion).__name__]
        self.finish = finish(self.criterion, self.input(slots))
        self.place = self.fields.place(self.criterion, "output")
        return found[0], leaves

    def input(self, slots: Sequence[Any]) -> Any:
        """The input of the criterion."""
        return slots[0]

    def returned_there(self, program: Any) -> None:
        self.place = self.fields.place(self.criterion, "output")

    def returned(self) -> Any:
        if self.program.statics is None:
            loss = self.finish(self.program.value())
        else:
            self.criterion.output = loss = self.program.number()
        self.fields.flat[self.place] = loss
        return loss


class LossGradient(Captured):
    """``backward`` of a criterion; what its last forward found decides over it, too."""

    computed = ("gradInput",)
    unread = frozenset({0})

    def __init__(self, compute: Callable, criterion: Any) -> None:
        super().__init__(compute, [criterion])
        self.criterion = criterion

    def holds(self) -> bool:
        return super().holds() and _weight(self.criterion) == self.weight

    def free(self, calls: list, slots: Sequence[Any]) -> tuple[None, None]:
        self.weight = _weight(self.criterion)
        return None, None

    def returned_there(self, program: Any) -> None:
        self.weight = None

    def returned(self) -> Any:
        return self.criterion.gradInput


def _weight(criterion: Any) -> float | None:
    tensor = vars(criterion).get("total_weight_tensor")  # on a GPU kernels read it
    return float(tensor[0]) if type(tensor) is np.ndarray else None


class Whole(Loss):
    """A step whose text is known."""

    computed = ("output", "gradInput")

    def __init__(self, text: Text) -> None:
        modules = [m for x in text.owners.values() if isinstance(x, Module) for m in x.listModules()]
        Captured.__init__(self, lambda *slots: text.run(slots), [*modules, *text.criterions])
        self.text = text
        self.criterion = text.criterions[0] if text.criterions else None

    def recorded(self, *slots: Any) -> Any:
        return self.text.run(slots, True)

    def free(self, calls: list, slots: Sequence[Any]) -> tuple[int | None, int | None]:
        return (None, None) if self.criterion is None else super().free(calls, slots)

    def returned_there(self, program: Any) -> None:
        if self.criterion is not None:
            super().returned_there(program)

    def input(self, slots: Sequence[Any]) -> Any:
        return self.criterion.gradInput

    def returned(self) -> Any:
        loss = None if self.criterion is None else super().returned()
        returns = self.text.returns
        return loss if returns == "loss" else returns and getattr(*returns)


class Step(Loss):
    """A step of StochasticGradient, of one example, at ``number``, the learning rate, which may change.

    A label that is a number is no array that could be a slot: the criterion keeps it in its field ``target``.
    """

    def __init__(self, module: Any, criterion: Any) -> None:
        super().__init__(self._step, module.listModules(), criterion, ("output", "gradInput"))
        self.module = module
        self.label: int | None = None

    def _step(self, input: Any, target: Any = None) -> float:
        return gradient_step(self.module, self.criterion, input, self.label if target is None else target, self.number)

    def at(self, rate: float) -> None:
        """Let the next steps have this learning rate."""
        if rate != self.number:
            self.number = rate
            if self.program is not None:
                self.program.set_number(rate)

    def input(self, slots: Sequence[Any]) -> Any:
        return self.module.output

    def _outcome(self, *arguments: Any) -> list | None:
        rate = self.number
        self.at(rate * OTHER)
        try:
            return super()._outcome(*arguments)
        finally:
            self.at(rate)


def gradient_step(module: Any, criterion: Any, input: Any, target: Any, rate: Any) -> float:
    """Forward, loss, backward, and the parameters against their gradients; the loss."""
    loss = criterion.forward(module.forward(input), target)
    module.updateGradInput(input, criterion.updateGradInput(module.output, target))
    module.accUpdateGradParameters(input, criterion.gradInput, rate)
    return loss


def _is_number(result: Any) -> bool:
    first = result[0] if isinstance(result, tuple) else result
    return isinstance(first, float | np.floating)
