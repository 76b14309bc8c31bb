"""Parameters that left the flat array of ``getParameters``, and gradients that nobody set to zero."""

from __future__ import annotations

import weakref
from typing import Any

from torch7 import StrictError, arrays, registry

from ..flatten import flat_arrays, flattened, parameter_names
from ..storage import storage_of
from .places import address, contents, overlap

MODES = ("Dropout", "BatchNormalization")  # in the names of classes that training() and evaluate() change


class Step:
    """What is known of one gradient: how it and its parameter stood after backward and in the last step."""

    def __init__(self, gradient: Any) -> None:
        self.storage = weakref.ref(storage_of(gradient))
        self.parameter = self.gradient = self.stepped = None
        self.stale = False  # backward has added to what the step before left


_steps: dict[tuple[int, int], Step] = {}


# -- flat arrays


def check_flat(module: Any) -> None:
    """``StrictError`` where something in ``module`` is no longer part of its flat arrays, or was moved to others."""
    inside = {id(m) for m in module.listModules()}
    for owner, calls in flattened():
        if id(owner) in inside:
            for which, flat in enumerate(calls[-1][:2]):
                if flat is not None:
                    check_in_place(owner, which)
            if len(calls) > 1:
                raise StrictError(
                    f"{registry.class_name(type(owner))}: the script still holds a flat array of an earlier "
                    "getParameters(), a later call moved the parameters to new ones: call it once"
                )


def check_in_place(owner: Any, which: int) -> None:
    """Every parameter of ``owner``, or every gradient where ``which`` is 1, lies in a flat array."""
    lists = owner.parameters()[:2]
    places = flat_arrays()
    for x, name in zip(lists[which], parameter_names(owner, len(lists[0]))):
        if arrays.is_array(x) and x.size and not any(lies_in(x, place) for place in places):
            raise StrictError(
                f"{registry.class_name(type(owner))}: {'the gradient of ' * which}{name} is no longer part of the flat "
                "array of getParameters(), so steps through that array do not reach it: another array was put in its "
                "place, or the type was changed; write module.weight[...] = w, and call getParameters() once, after "
                "float(), cuda() or type()"
            )


def lies_in(x: Any, flat: Any) -> bool:
    return arrays.is_array(x) and storage_of(x) is storage_of(flat)


# -- gradients


def pairs(module: Any) -> list[tuple[Any, Any, str]]:
    """Parameters, gradients and their names."""
    weights, gradients = module.parameters()[:2]
    names = parameter_names(module, len(weights))
    return [(w, g, n) for w, g, n in zip(weights, gradients, names) if arrays.is_array(g) and g.size]


def step_of(gradient: Any) -> Step:
    key = address(gradient), gradient.size
    step = _steps.get(key)
    if step is None or step.storage() is not storage_of(gradient):
        step = _steps[key] = Step(gradient)
    return step


def before_backward(module: Any) -> None:
    """See which gradients still hold what a step has used; ``StrictError`` at the second step with such a one."""
    for parameter, gradient, name in pairs(module):
        step, now = step_of(gradient), contents(gradient)
        moved = step.gradient is not None and now == step.gradient and contents(parameter) != step.parameter
        if not gradient.any() or not (moved or now == step.stepped):
            step.stale = False
        elif step.stale and moved:
            refuse(module, name)
        else:
            step.stale = True


def after_backward(module: Any) -> None:
    """Keep how parameters and gradients stand."""
    for parameter, gradient, _ in pairs(module):
        step = step_of(gradient)
        step.parameter, step.gradient, step.stepped = contents(parameter), contents(gradient), None


def before_step(module: Any) -> None:
    """``StrictError`` for a step of ``module`` by gradients of several, or in evaluation."""
    check_mode(module)
    for _, gradient, name in pairs(module):
        step = step_of(gradient)
        step.stepped = contents(gradient)
        if step.stale and gradient.any():
            refuse(module, name)


def before_optimiser(method: str, x: Any, gradient: Any) -> None:
    """The same for an optimiser that is about to move ``x`` by ``gradient``; and ``x`` must be what the network has."""
    for owner, calls in flattened():
        if not any(overlap(g, gradient) for _, g, _ in pairs(owner)):
            continue
        if is_left_behind(owner, calls, x) or is_another(owner, calls[-1][0], x):
            raise StrictError(
                f"optim.{method}: x does not hold the parameters of {registry.class_name(type(owner))}, whose gradient "
                "it gets: another getParameters(), a type() or an assignment has put other arrays in their place; "
                "change params in place, params[...] = y, and let the function copy what it is given, params[...] = x"
            )
        check_flat(owner)
        before_step(owner)


def is_left_behind(owner: Any, calls: list[tuple], x: Any) -> bool:
    """Whether ``x`` is a flat array of ``owner`` in which its parameters lie no more."""
    return any(flat is x for flats in calls for flat in flats) and not holds_parameters(owner, x)


def is_another(owner: Any, flat: Any, x: Any) -> bool:
    """Whether ``x`` is neither ``flat``, the parameters of ``owner``, nor an array that was copied to it."""
    if flat is None or flat is x or flat.size != x.size or not holds_parameters(owner, flat):
        return False
    return contents(x.reshape(-1)) != contents(flat)


def holds_parameters(owner: Any, flat: Any) -> bool:
    return any(lies_in(p, flat) for p in owner.parameters()[0])


def refuse(module: Any, name: str) -> None:
    raise StrictError(
        f"{registry.class_name(type(module))}: the gradient of {name} still held that of the step before when backward "
        "added to it: call zeroGradParameters(), or set the flat gradients to zero, once in every step"
    )


# -- modes


def check_mode(module: Any) -> None:
    """``StrictError`` for a step of a network that is as a whole in evaluation."""
    if module.train is not False:
        return
    changed = [registry.class_name(type(m)) for m in module.listModules() if any(n in type(m).__name__ for n in MODES)]
    if changed:
        raise StrictError(
            f"{registry.class_name(type(module))}: a step in evaluation, where {changed[0]} does not train: call "
            "training() after evaluate()"
        )


def forget() -> None:
    """Forget the gradients that were seen."""
    _steps.clear()
