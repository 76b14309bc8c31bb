"""Checks that hold for every criterion, run on a :class:`CriterionCase`."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import torch7 as torch

from ..criterion_base import Criterion
from . import battery
from .tensors import copied, difference, flat, floats, mapped


@dataclass(frozen=True)
class CriterionCase:
    """A criterion with an input and a target to check it on.

    ``input`` and ``target`` are shapes (normal random numbers), lists of shapes, functions that return the value, or
    arrays. ``wrong``: pairs (input, target) that must be refused. ``waive``: checks that do not apply, with the reason.
    """

    make: Callable[[], Criterion]
    input: Any
    target: Any
    name: str = ""
    wrong: tuple = ()
    waive: dict[str, str] = field(default_factory=dict)

    def criterion(self) -> Criterion:
        torch.manualSeed(battery.SEED)
        return self.make()

    def data(self) -> tuple[Any, Any]:
        torch.manualSeed(battery.SEED + 1)
        return value_of(self.input), value_of(self.target)

    def __str__(self) -> str:
        return self.name or repr(self.make()).partition("\n")[0]


def value_of(spec: Any) -> Any:
    """The input or target that a case describes."""
    if callable(spec):
        return spec()
    if isinstance(spec, tuple) or (isinstance(spec, list) and all(isinstance(s, tuple) for s in spec)):
        return battery.random_input(spec)
    return mapped(lambda x: x.copy(), spec)


def check_criterion(case: CriterionCase) -> None:
    """Run every check on ``case`` that it does not waive."""
    unknown = set(case.waive) - {check.__name__ for check in CHECKS}
    if unknown:
        raise ValueError(f"{case}: no check is called {', '.join(sorted(unknown))}")
    for check in CHECKS:
        if check.__name__ not in case.waive:
            try:
                check(case)
            except Exception as error:
                error.add_note(f"in check {check.__name__!r} of {case}")
                raise


def run(criterion: Criterion, input: Any, target: Any) -> tuple[Any, Any]:
    """The loss and a copy of gradInput, from the same random numbers at every call."""
    torch.manualSeed(battery.SEED + 2)
    loss = criterion.forward(input, target)
    return loss, copied(criterion.backward(input, target))


def gradient(case: CriterionCase) -> None:
    """The gradient is that of finite differences of the loss."""
    criterion, (input, target) = case.criterion(), case.data()
    gradInput = flat(run(criterion, input, target)[1])
    measured = []
    for tensor in floats(input):
        elements = tensor.reshape(-1)
        measured += [slope(criterion, input, target, elements, i) for i in range(elements.size)]
    error = difference(np.array(measured), gradInput)
    assert error < battery.PRECISION, f"differs by {error}"


def slope(criterion: Criterion, input: Any, target: Any, elements: np.ndarray, i: int, step: float = 1e-6) -> float:
    """The central difference of the loss by one element."""
    original = elements[i]
    losses = []
    for value in (original + step, original - step):
        elements[i] = value
        torch.manualSeed(battery.SEED + 2)
        losses.append(criterion.forward(input, target))
    elements[i] = original
    return (losses[0] - losses[1]) / (2 * step)


def loss_is_a_number(case: CriterionCase) -> None:
    """``forward`` returns a Python float, kept in ``output``; calling runs both passes."""
    criterion, (input, target) = case.criterion(), case.data()
    loss, gradInput = run(criterion, input, target)
    assert type(loss) in (float, int), type(loss)
    assert criterion.output == loss
    torch.manualSeed(battery.SEED + 2)
    again = criterion(input, target)
    assert again[0] == loss
    battery.same(again[1], gradInput, "gradInput of a call")


def buffers_are_reused(case: CriterionCase) -> None:
    """gradInput is the same array at the next call."""
    criterion, (input, target) = case.criterion(), case.data()
    criterion.forward(input, target)
    first = battery.leaves(criterion.backward(input, target))
    for a, b in zip(first, battery.leaves(criterion.backward(input, target))):
        assert a is b or np.shares_memory(a, b), "gradInput was allocated anew"


def arguments_untouched(case: CriterionCase) -> None:
    """Input and target are left as they were."""
    criterion, (input, target) = case.criterion(), case.data()
    before = copied(input), copied(target)
    run(criterion, input, target)
    battery.same(input, before[0], "input", 0)
    battery.same(target, before[1], "target", 0)


def any_memory_layout(case: CriterionCase) -> None:
    """Non-contiguous, reversed and read-only arguments give the same results."""
    input, target = case.data()
    loss, gradInput = run(case.criterion(), input, target)
    for layout in (battery.spread, battery.reversed_view, battery.read_only):
        again = run(case.criterion(), mapped(layout, input), mapped(layout, target))
        assert abs(again[0] - loss) <= 1e-12 * max(1, abs(loss)), f"loss of {layout.__name__} arguments"
        battery.same(again[1], gradInput, f"gradInput of {layout.__name__} arguments")


def float_and_back(case: CriterionCase) -> None:
    """In single precision the results agree, in single precision."""
    criterion, (input, target) = case.criterion(), case.data()
    loss, gradInput = run(criterion, input, target)
    assert criterion.float() is criterion

    def single(x: np.ndarray) -> np.ndarray:
        return x.astype(np.float32) if x.dtype.kind == "f" else x

    again = run(criterion, mapped(single, input), mapped(single, target))
    assert abs(again[0] - loss) <= 1e-4 * max(1, abs(loss)), "loss in float32"
    assert all(leaf.dtype == np.float32 for leaf in floats(again[1])), "gradInput is not float32"
    battery.same(again[1], gradInput, "gradInput in float32", 1e-4)
    criterion.double()
    battery.same(run(criterion, input, target)[1], gradInput, "gradInput after float and double", 1e-5)


def copies(case: CriterionCase) -> None:
    """Clone, pickle, deepcopy and .t7 give a criterion that computes the same."""
    criterion, (input, target) = case.criterion(), case.data()
    loss, gradInput = run(criterion, input, target)
    others = [criterion.clone(), pickle.loads(pickle.dumps(criterion)), copy.deepcopy(criterion)]
    if hasattr(torch, "serialize"):
        others.append(torch.deserialize(torch.serialize(criterion)))
    for other in others:
        again = run(other, input, target)
        assert again[0] == loss
        battery.same(again[1], gradInput, "gradInput of a copy")


def wrong_arguments(case: CriterionCase) -> None:
    """Arguments that do not fit are refused with a message, and the criterion stays usable."""
    criterion, (input, target) = case.criterion(), case.data()
    loss, _ = run(criterion, input, target)
    for pair in case.wrong:
        x, t = (value_of(v) for v in pair)
        battery.refused(lambda x=x, t=t: criterion.forward(x, t), (ValueError, TypeError, IndexError), f"{pair}")
        assert run(criterion, input, target)[0] == loss, "loss after refused arguments"


CHECKS = [
    gradient,
    loss_is_a_number,
    buffers_are_reused,
    arguments_untouched,
    any_memory_layout,
    float_and_back,
    copies,
    wrong_arguments,
]
