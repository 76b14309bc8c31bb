"""Checks that hold for every module, run on a :class:`Case`: ``check_module(Case(lambda: MyLayer(3), (5, 3)))``.

Each check is a function named after what it proves; a failure carries a note with the check and the case. Those of
results are in :mod:`module_results`; here are those of a module's copies, files, text and refusals.
"""

from __future__ import annotations

import copy
import pickle
import sys
from dataclasses import replace
from typing import Any

import numpy as np

import torch7 as torch
from torch7 import registry

from ..module import Module
from ..storage import storage_of
from . import module_results, pytorch_battery
from .case import Advice, Case, forward, random_input, refused, run, run_checks, same
from .tensors import copied, flat, floats, leaves, mapped


def check_module(case: Any, input: Any = None) -> None:
    """Run every check on ``case`` that it does not waive; modules of ``nn.pytorch`` have their own.

    ``check_module(module, input)`` is short for a case of copies of ``module`` (or of what a class makes) and an input:
    an array or a shape. A module of one's own need not keep what are habits of this library: buffers that are reused,
    other number types refused, a name in .t7 files; where it does not, a warning says what to change.
    Errors: AssertionError, with a note that names the check and what it asks.
    """
    case = replace(case) if isinstance(case, Case) else _case_of(case, input)  # anew: nothing is kept of another run
    run_checks(case, CHECKS if isinstance(case.make(), Module) else pytorch_battery.CHECKS)


def _case_of(module: Any, input: Any) -> Case:
    if input is None:
        raise TypeError("check_module takes a Case, or a module and an input: check_module(Cube(), (3, 4))")
    make = module if isinstance(module, type) else lambda: copy.deepcopy(module)
    return Case(make, (lambda: mapped(np.copy, input)) if isinstance(input, np.ndarray) else input)


def clone_and_share(case: Case) -> None:
    """A clone computes the same and is independent; a clone that shares follows its original."""
    module, input = case.module(), case.data()
    expected = run(module, input)
    clone = module.clone()
    for result, value in zip(run(clone, input), expected):
        same(result, value, "clone")
    for p in clone.parameters()[0]:
        p += 1
    same(run(module, input)[0], expected[0], "original after its clone changed")
    names = ("weight", "bias", "gradWeight", "gradBias")
    shared = module.clone(*names)
    for p, q in zip(module.parameters()[0], shared.parameters()[0]):
        named = any(q is getattr(m, n, None) for m in shared.listModules() for n in names)
        assert not named or np.shares_memory(p, q), "clone('weight', ...) does not share"


def flat_parameters(case: Case) -> None:
    """``getParameters`` moves all parameters onto one array and changes no result."""
    module, input = case.module(), case.data()
    expected = run(module, input)
    flatWeight, flatGrad = module.getParameters()
    weights, grads = module.parameters()
    assert all(storage_of(w) is flatWeight for w in weights), "a parameter is no view of the flat array"
    assert all(storage_of(g) is flatGrad for g in grads), "a gradient is no view of the flat array"
    for result, value in zip(run(module, input), expected):
        same(result, value, "after getParameters")


def clear_state(case: Case) -> None:
    """``clearState`` returns the module, drops output and gradInput, and changes no result."""
    module, input = case.module(), case.data()
    expected = run(module, input)
    assert module.clearState() is module
    assert not flat(module.output if leaves(module.output) else []).size
    for result, value in zip(run(module, input), expected):
        same(result, value, "after clearState")


def files(case: Case) -> None:
    """Pickle, deepcopy and .t7 (binary and ascii) give a module that computes the same."""
    module, input = case.module(), case.data()
    expected = run(module, input)
    copies = {"deepcopy": copy.deepcopy(module)}
    if ours := registry.is_ours(type(module)) or _is_found(type(module)):
        copies["pickle"] = pickle.loads(pickle.dumps(module))
    if named := registry.is_ours(type(module)) or registry.is_class(type(module)):
        for mode in ("binary", "ascii"):
            copies[f"{mode} .t7"] = torch.deserialize(torch.serialize(module, mode), mode)
    for name, other in copies.items():
        assert type(other) is type(module), f"{name} gives a {type(other).__name__}, not a {type(module).__name__}"
        assert repr(other) == repr(module), name
        for result, value in zip(run(other, input), expected):
            same(result, value, name)
    if not (named and ours):
        raise Advice(_without_files(type(module), named))


def _is_found(cls: type) -> bool:
    """Whether pickle finds the class by its module and name: not one of a function or of a document."""
    return getattr(sys.modules.get(cls.__module__), cls.__qualname__, None) is cls


def _without_files(cls: type, named: bool) -> str:
    if not named:
        return f"a .t7 file does not know {cls.__name__}: put @nn.register before the class"
    return f"pickle does not find {cls.__name__}: define the class at the top of a module"


def modes_and_chaining(case: Case) -> None:
    """Methods that return the module in Lua or that plainly should do; train follows the mode."""
    module = case.module()
    for method in (module.training, module.evaluate, module.reset, module.clearState, module.double):
        assert method() is module, f"{method.__name__} does not return the module"
    assert module.evaluate().train is False
    assert module.training().train is True
    assert module.listModules()[0] is module


def printed(case: Case) -> None:
    """The printed form starts with the class's Torch name."""
    module = case.module()
    assert repr(module).startswith(("nn.", "rnn.", registry.class_name(type(module)))), repr(module)
    assert str(module) == repr(module)


def strict_types(case: Case) -> None:
    """A float64 module refuses float32 input with a TypeError, and no input at all, and stays usable."""
    module, input = case.module(), case.data()
    expected = copied(forward(module, copied(input)))
    if floats(input):
        single = mapped(lambda x: x.astype(np.float32) if x.dtype.kind == "f" else x, input)
        try:
            refused(lambda: module.forward(single), TypeError, "float32 input")
        except AssertionError as error:
            raise Advice(f"{error} by a module of float64; self.resizeOutput(input) refuses it as Torch does") from None
    refused(lambda: module.forward(None), (TypeError, ValueError), "input None")
    same(forward(module, copied(input)), expected, "output after refused input")


def wrong_input(case: Case) -> None:
    """Wrong sizes are refused with a message that names them, and the module stays usable."""
    module, input = case.module(), case.data()
    expected = copied(forward(module, copied(input)))
    for wrong in case.wrong:
        bad = wrong() if callable(wrong) else random_input(wrong)
        refused(lambda bad=bad: module.forward(bad), (ValueError, TypeError, IndexError), f"input {wrong}")
        same(forward(module, copied(input)), expected, "output after refused input")


CHECKS = [
    *module_results.CHECKS,
    clone_and_share,
    flat_parameters,
    clear_state,
    files,
    modes_and_chaining,
    printed,
    strict_types,
    wrong_input,
]
