"""The computations that can be captured: passes of a module, its gradient steps, steps of training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import thnn
from ..module import Module
from .captured import OTHER, Captured
from .safe import LOSSES, criterions_of, losses_of, losses_of_steps, of_classes
from .straight import Text
from .tables import Layout, tensors

#: What backward leaves in modules and in the steps of graphs, and all that passes leave.
BACKWARD = "gradInput", "grads", "total", "table", "gradOutput", "gradOutputBuffer", "flag"
PASSES = ("output", "inputs", "input", *BACKWARD)


class Pass(Captured):
    """``forward`` or ``backward`` of a module."""

    def __init__(self, compute: Callable, module: Any, computed: str, input: Any) -> None:
        super().__init__(compute, module.listModules())
        self.module, self.computed = module, (computed,)
        if computed == "gradInput":  # of some modules the output decides, not the input
            self.unread = frozenset(range(len(tensors([input]))))
            self.written = BACKWARD
        else:
            self.aside = BACKWARD

    def returned(self) -> Any:
        return getattr(self.module, self.computed[0])


class Update(Captured):
    """``updateParameters`` or ``zeroGradParameters``."""

    aside = PASSES

    def __init__(self, compute: Callable, module: Any) -> None:
        super().__init__(compute, module.listModules())
        self.module = module

    def returned(self) -> Any:
        return self.module


class Loss(Captured):
    """A computation that returns the loss of a criterion."""

    def __init__(self, compute: Callable, owners: Sequence[Any], criterion: Any, computed: tuple[str, ...]) -> None:
        super().__init__(compute, [*owners, *criterions_of(criterion)])
        self.criterion, self.computed = criterion, computed

    def free(self, calls: list, slots: Sequence[Any]) -> tuple[list[int], int | None]:
        found = [n for n, call in enumerate(calls) if _is_number(call.result)]
        parts = losses_of_steps(self.criterion, self.input(slots))
        if len(found) != len(parts):
            raise thnn.replaying().NotReplayable("more than one kernel returns a number")
        leaves, finish = LOSSES[type(parts[0][0]).__name__]
        self.finish, *self.others = (finish(*part) for part in parts)
        self._note_places()
        self.steps = [x for part, _ in parts if part is not self.criterion for x in losses_of(part)]
        self.steps_places = [self.fields.place(x, "output") for x in self.steps]
        return found, leaves

    def input(self, slots: Sequence[Any]) -> Any:
        """The input of the criterion."""
        return slots[0]

    def returned_there(self, program: Any) -> None:
        self._note_places()

    def _note_places(self) -> None:
        """Where the criterions keep the loss."""
        self.losses = losses_of(self.criterion)
        self.places = [self.fields.place(x, "output") for x in self.losses]

    def returned(self) -> Any:
        if self.program.statics is None:
            loss = self.finish(self.program.value())
            if self.steps:
                loss = self._sum(loss)
        else:
            loss = self.program.number()
            for x in self.losses:
                x.output = loss
        for place in self.places:
            self.fields.flat[place] = loss
        return loss

    def _sum(self, loss: float) -> float:
        """The loss of a criterion of steps from that of the first one."""
        self.criterion.output = loss = sum(
            (finish(self.program.value(n)) for n, finish in enumerate(self.others, 1)), 0 + loss
        )
        for place, x in zip(self.steps_places, self.steps):
            self.fields.flat[place] = x.output
        return loss


class LossGradient(Captured):
    """``backward`` of a criterion; what its last forward found decides over it, too."""

    computed = ("gradInput",)
    unread = frozenset({0})

    def __init__(self, compute: Callable, criterion: Any) -> None:
        super().__init__(compute, criterions_of(criterion))
        self.criterion = criterion

    def holds(self, slots: Sequence[Any]) -> bool:
        return super().holds(slots) and _weight(self.criterion) == self.weight

    def free(self, calls: list, slots: Sequence[Any]) -> tuple[tuple, None]:
        self.weight = _weight(self.criterion)
        return (), None

    def returned_there(self, program: Any) -> None:
        self.weight = None

    def returned(self) -> Any:
        return self.criterion.gradInput


def _weight(criterion: Any) -> float | None:
    tensor = vars(of_classes(criterion)).get("total_weight_tensor")  # on a GPU kernels read it
    return float(tensor[0]) if type(tensor) is np.ndarray else None


class Whole(Loss):
    """A step whose text is known."""

    computed = ("output", "gradInput")

    def __init__(self, text: Text, layout: Layout) -> None:
        modules = [m for x in text.owners.values() if isinstance(x, Module) for m in x.listModules()]
        criterions = [x for criterion in text.criterions for x in criterions_of(criterion)]
        Captured.__init__(self, lambda *slots: text.run(layout.filled(slots)), [*modules, *criterions])
        self.text, self.layout = text, layout
        self.criterion = text.criterions[0] if text.criterions else None

    def free(self, calls: list, slots: Sequence[Any]) -> tuple[Sequence[int], int | None]:
        return ((), None) if self.criterion is None else super().free(calls, slots)

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
        if rate == self.number:
            return
        self.number = rate
        if self.program is not None and self.program.statics is None:
            self.program.set_number(rate)
        else:  # a CUDA graph has its numbers in it
            self.ready, self.program, self.seen, self.runs = False, None, 0, 0

    def input(self, slots: Sequence[Any]) -> Any:
        return self.module.output

    def _outcome(self, *arguments: Any) -> list | None:
        if self.program.statics is not None:
            return super()._outcome(*arguments)
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
