"""What constructors are given: Lua has one kind of number, so a whole 3.0, as a division gives, is a 3."""

from __future__ import annotations

import functools
from collections.abc import Callable
from math import copysign
from types import FunctionType
from typing import Any

import numpy as np

from torch7 import arrays, registry

from .manual_names import MANUAL

#: Up to here every whole number is a float64.
EXACT = 2**53
#: Annotations of parameters that are numbers.
NUMBERS = {"int", "float", "None"}
#: So many characters of an argument are shown.
SHOWN = 40


def prepare(cls: type) -> None:
    """Let the constructors of ``cls`` and its parents take whole floats, and name themselves where they refuse."""
    for c in cls.__mro__:
        constructor = vars(c).get("__init__")
        if isinstance(constructor, FunctionType) and takes_arguments(constructor):
            c.__init__ = prepared(constructor)


def takes_arguments(constructor: FunctionType) -> bool:
    """Whether a constructor that was not prepared yet takes more than the object."""
    code = constructor.__code__
    return not hasattr(constructor, "__wrapped__") and bool(code.co_argcount > 1 or code.co_flags & 4)  # 4: *arguments


def prepared(constructor: Callable) -> Callable:
    code = constructor.__code__
    parameters = code.co_varnames[1 : code.co_argcount]
    own = {*code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]}
    numbers = {name for name, kind in constructor.__annotations__.items() if NUMBERS.issuperset(str(kind).split(" | "))}

    @functools.wraps(constructor)
    def __init__(self: Any, *arguments: Any, **named: Any) -> None:
        arguments = tuple(map(number, arguments))
        if named and not own.issuperset(named):
            named = renamed(self, named, own)
        try:
            for parameter, x in (*zip(parameters, arguments), *named.items()):
                if parameter in numbers and (isinstance(x, type) or hasattr(x, "updateOutput")):
                    raise TypeError(f"{registry.class_name(type(self))}: {parameter} must be a number, got {_made(x)}")
            constructor(self, *arguments, **{name: number(x) for name, x in named.items()})
        except (TypeError, ValueError) as error:
            if type(self).__name__ not in str(error):
                shown = [*map(_shown, arguments), *(f"{name}={_shown(x)}" for name, x in named.items())]
                error.add_note(f"In the constructor {registry.class_name(type(self))}({', '.join(shown)})")
            raise

    return __init__


def renamed(module: Any, named: dict[str, Any], own: set[str]) -> dict[str, Any]:
    """Keywords under the parameters' names, where they are given as Torch's manual has them."""
    found: dict[str, Any] = {}
    others = [MANUAL[c.__name__] for c in type(module).__mro__ if c.__name__ in MANUAL]
    for name, x in named.items():
        place = next((names[name] for names in others if name not in own and names.get(name) in own), name)
        if place in found:
            raise TypeError(f"{registry.class_name(type(module))}: {name} and {place} are the same parameter")
        found[place] = x
    return found


def number(x: Any) -> Any:
    """A whole float, also one of NumPy's, as the int that it is; in lists of numbers alike. All else as it is."""
    if type(x) in (list, tuple):
        numbers = [number(entry) for entry in x]
        same = all(a is b for a, b in zip(numbers, x))
        return x if same else type(x)(numbers)
    if isinstance(x, np.floating | np.integer):
        x = x.item()
    if type(x) is float and x.is_integer() and abs(x) < EXACT and (x or copysign(1, x) > 0):  # a -0.0 has its sign
        return int(x)
    return x


def _made(x: Any) -> str:
    return f"the class {x.__name__}" if isinstance(x, type) else registry.class_name(type(x))


def _shown(x: Any) -> str:
    text = repr(x) if isinstance(x, int | float | str) or x is None else arrays.describe(x)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
