"""The steps of StochasticGradient, captured where that is worth it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from torch7 import arrays

from .captured import ATTEMPTS, WORTH
from .passes import Step, gradient_step
from .places import device, is_tensor
from .safe import is_safe, is_safe_criterion, of_classes

#: Examples that the modules take before a capture, which costs as much as some hundred small steps; on a GPU some ten.
AFTER, AFTER_THERE = 500, 50


class Steps:
    """Gradient steps of ``module`` and ``criterion`` on one example each."""

    def __init__(self, module: Any, criterion: Any) -> None:
        self.module, self.criterion = module, criterion
        safe = is_safe(module) and is_safe_criterion(criterion)
        self.step = Step(module, criterion) if safe else None
        self.seen = 0
        self.place: Any = None  # of a label on a GPU

    def __call__(self, input: Any, target: Any, rate: float) -> float:
        """One step; its loss."""
        step = self.step
        self.seen += 1
        there = type(input) is not np.ndarray and is_tensor(input)
        if (
            step is not None
            and self.seen > (min(AFTER, AFTER_THERE) if there else AFTER)
            and rate
            and step.failed < ATTEMPTS
        ):
            step.at(float(rate))
            if there and type(target) is int:
                target = self._label_there(target)
            if type(target) is not int:
                return step(input, target)
            if self._holds_label(target):
                return step(input)
        return gradient_step(self.module, self.criterion, input, target, rate)

    def _label_there(self, label: int) -> Any:
        """A label as a tensor on the current GPU; itself where it is too large for one."""
        if not -(2**63) <= label < 2**63:
            return label
        if self.place is None or self.place.device.id != device():
            self.place = arrays.cupy().empty(1, np.int64)
        self.place.fill(label)
        return self.place

    def _holds_label(self, label: int) -> bool:
        """Put a label where the kernels look for it."""
        place = vars(of_classes(self.step.criterion)).get("target")
        if type(place) is not np.ndarray or place.shape != (1,) or place.dtype != np.int64:
            return False
        self.step.label = label
        try:
            place[0] = label
        except OverflowError:
            return False
        return True

    def run(self, examples: list, order: Iterable[int], rate: float, pair: Callable) -> float:
        """Steps on examples of a list, ``pair(example, number)`` their input and target; the sum of their losses.

        Nothing runs between the steps, so what holds for the first one holds for all.
        """
        total, step, table, labels = 0.0, self.step, None, False
        for i in order:
            example = examples[i]
            if table is not None and (type(example) is tuple or type(example) is list) and len(example) > 1:
                input, target = example[0], example[1]
                if labels and (type(target) is not int or not self._holds_label(target)):
                    table = None
                elif table(input, target) == 0:
                    total += step.returned()
                    continue
            total, table = total + self(*pair(example, i), rate), None
            if step is not None and step.ready and step.program.statics is None and _stays(step):
                table, labels = step.program.run, len(step.program.slots) == 1
        if table is not None:
            step.runs += WORTH
        return total


def _stays(step: Step) -> bool:
    """Whether a table holds for the next examples as it does now."""
    return not step.fields.aliases and step.holds(())
