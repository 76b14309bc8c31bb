"""What each module was given at its last forward, so that backward can be held to it."""

from __future__ import annotations

import copy
import weakref
from typing import Any

from torch7 import StrictError, arrays, registry

from ..criterion_base import Criterion
from .places import contents, script_line

_given: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()  # module -> {step: (contents, description, line)}
_compared: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()  # criterion -> (contents, line)


def step_of(module: Any, method: str) -> int:
    """The step of a recurrent module that a backward is about to take, or a forward took, by its ``strictStep``.

    0 for other modules.
    """
    for inner in module.listModules():
        if hasattr(inner, "strictStep"):
            return inner.strictStep(method)
    return 0


def after_forward(module: Any, input: Any) -> None:
    """Keep what ``module`` was given; a first step, or one in evaluation, is kept alone."""
    step, given = step_of(module, "forward"), _given.setdefault(module, {})
    if step < 2 or module.train is False:
        given.clear()
    given[step] = contents(input), arrays.describe(input), script_line()


def before_backward(module: Any, input: Any, step: int, method: str) -> None:
    """``StrictError`` unless ``input`` is what the forward had that this backward belongs to."""
    given, described, line = _given.get(module, {}).get(step, (None, "", ""))
    if given is None or given == contents(input):
        return
    other = f"{arrays.describe(input)} instead of {described}"
    if described == arrays.describe(input):
        other = f"other elements in {described}"
    raise StrictError(
        f"{registry.class_name(type(module))}.{method}: its input is not that of the last forward, at {line}: "
        f"{other}; backward uses what the last forward left, so call forward with this input before"
    )


def after_backward(module: Any, input: Any, step: int) -> None:
    """Look at the input again: modules that work in place put it back to what it was before forward."""
    given = _given.get(module, {})
    if step in given:
        given[step] = (contents(input), *given[step][1:])


def after_loss(criterion: Criterion, input: Any, target: Any) -> None:
    """Keep what ``criterion`` was given at forward."""
    _compared[criterion] = contents([input, target]), script_line()


def after_loss_backward(criterion: Criterion, input: Any, target: Any, gradient: Any) -> None:
    """``StrictError`` if ``gradient`` is not that of the pair, because the last forward had another one.

    Most criterions need nothing of their forward; then any order of calls is right.
    """
    given, line = _compared.get(criterion, (None, ""))
    if given is None or given == contents([input, target]):
        return
    twin = copy.deepcopy(criterion)
    twin.updateOutput(input, target)
    if contents(twin.updateGradInput(input, target)) != contents(gradient):
        raise StrictError(
            f"{registry.class_name(type(criterion))}.backward: its input or target is not that of the last forward, at "
            f"{line}, which this criterion needs: call forward with this pair before"
        )


def forget() -> None:
    """Forget all inputs."""
    _given.clear()
    _compared.clear()
