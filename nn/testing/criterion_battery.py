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
from .case import PRECISION, SEED, random_input, refused, run_checks, same
from .tensors import copied, difference, flat, floats, leaves, mapped, read_only, reversed_view, spread


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
        torch.manualSeed(SEED)
        return self.make()

    def data(self) -> tuple[Any, Any]:
        torch.manualSeed(SEED + 1)
        return value_of(self.input), value_of(self.target)

    def __str__(self) -> str:
        return self.name or repr(self.make()).partition("\n")[0]


def value_of(spec: Any) -> Any:
    """The input or target that a case describes."""
    if callable(spec):
        return spec()
    if isinstance(spec, tuple) or (isinstance(spec, list) and all(isinstance(s, tuple) for s in spec)):
        return random_input(spec)
    return mapped(lambda x: x.copy(), spec)


def check_criterion(case: CriterionCase) -> None:
    """Run every check on ``case`` that it does not waive."""
    run_checks(case, CHECKS)


def run(criterion: Criterion, input: Any, target: Any) -> tuple[Any, Any]:
    """The loss and a copy of gradInput, from the same random numbers at every call."""
    torch.manualSeed(SEED + 2)
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
    assert error < PRECISION, f"differs by {error}"


def slope(criterion: Criterion, input: Any, target: Any, elements: np.ndarray, i: int, step: float = 1e-6) -> float:
    """The central difference of the loss by one element."""
    original = elements[i]
    losses = []
    for value in (original + step, original - step):
        elements[i] = value
        torch.manualSeed(SEED + 2)
        losses.append(criterion.forward(input, target))
    elements[i] = original
    return (losses[0] - losses[1]) / (2 * step)


def loss_is_a_number(case: CriterionCase) -> None:
    """``forward`` returns a Python float, kept in ``output``; calling runs both passes."""
    criterion, (input, target) = case.criterion(), case.data()
    loss, gradInput = run(criterion, input, target)
    assert type(loss) in (float, int), type(loss)
    assert criterion.output == loss
    torch.manualSeed(SEED + 2)
    again = criterion(input, target)
    assert again[0] == loss
    same(again[1], gradInput, "gradInput of a call")


def buffers_are_reused(case: CriterionCase) -> None:
    """gradInput is the same array at the next call."""
    criterion, (input, target) = case.criterion(), case.data()
    criterion.forward(input, target)
    first = leaves(criterion.backward(input, target))
    for a, b in zip(first, leaves(criterion.backward(input, target))):
        assert a is b or np.shares_memory(a, b), "gradInput was allocated anew"


def arguments_untouched(case: CriterionCase) -> None:
    """Input and target are left as they were."""
    criterion, (input, target) = case.criterion(), case.data()
    before = copied(input), copied(target)
    run(criterion, input, target)
    same(input, before[0], "input", 0)
    same(target, before[1], "target", 0)


def any_memory_layout(case: CriterionCase) -> None:
    """Non-contiguous, reversed and read-only arguments give the same results."""
    input, target = case.data()
    loss, gradInput = run(case.criterion(), input, target)
    for layout in (spread, reversed_view, read_only):
        again = run(case.criterion(), mapped(layout, input), mapped(layout, target))
        assert abs(again[0] - loss) <= 1e-12 * max(1, abs(loss)), f"loss of {layout.__name__} arguments"
        same(again[1], gradInput, f"gradInput of {layout.__name__} arguments")


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
    same(again[1], gradInput, "gradInput in float32", 1e-4)
    criterion.double()
    same(run(criterion, input, target)[1], gradInput, "gradInput after float and double", 1e-5)


def copies(case: CriterionCase) -> None:
    """Clone, pickle, deepcopy and .t7 give a criterion that computes the same."""
    criterion, (input, target) = case.criterion(), case.data()
    loss, gradInput = run(criterion, input, target)
    others = [criterion.clone(), pickle.loads(pickle.dumps(criterion)), copy.deepcopy(criterion)]
    others.append(torch.deserialize(torch.serialize(criterion)))
    for other in others:
        again = run(other, input, target)
        assert again[0] == loss
        same(again[1], gradInput, "gradInput of a copy")


def wrong_arguments(case: CriterionCase) -> None:
    """Arguments that do not fit are refused with a message, and the criterion stays usable."""
    criterion, (input, target) = case.criterion(), case.data()
    loss, _ = run(criterion, input, target)
    for pair in case.wrong:
        x, t = (value_of(v) for v in pair)
        refused(lambda x=x, t=t: criterion.forward(x, t), (ValueError, TypeError, IndexError), f"{pair}")
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
