"""How the battery runs a module of ``nn.pytorch``: seeded, in float64, with the keywords of its case."""

from __future__ import annotations

import copy
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

import torch7 as torch

from .case import SEED, Case
from .columns import of_columns
from .tensors import copied, floats


def seed(number: int) -> None:
    """Start the random numbers of ``nn.pytorch``, and of ``torch7`` for modules of ``nn`` inside."""
    torch.manualSeed(number)
    import_module("nn.pytorch").manual_seed(number)


def made(case: Case) -> Any:
    """The module of a case, in float64 and in the mode the case asks for."""
    seed(SEED)
    module = case.make().double()
    return module.eval() if case.evaluate else module.train()


class Called:
    """A module with the keywords of its case; the face that ``jacobian`` and the checks use.

    ``forward`` takes one input or a list and gives the outputs that are floats as a list of copies; every call draws
    the same random numbers. ``backward`` takes gradients in that form and gives one for each input, None for integers.
    """

    def __init__(self, case: Case, module: Any = None) -> None:
        self.case, self.module = case, made(case) if module is None else module

    def forward(self, input: Any) -> list:
        seed(SEED + 2)
        given = list(input) if isinstance(input, (list, tuple)) else [input]
        given = copied(given) if self.case.inplace else given
        self.input = given if len(given) > 1 else given[0]
        output = self.module(*given, **self.case.call)
        return copied([y for y in _arrays(output) if y.dtype.kind == "f"])

    def backward(self, input: Any, gradOutput: list, scale: float = 1.0) -> list:
        gradient: Any = gradOutput[0] if len(gradOutput) == 1 else gradOutput
        if hasattr(self.module, "reduction"):  # a loss also takes input and target one by one
            given = self.module.backward(self.input, gradient, scale=scale)
        else:
            given = self.module.backward(self.input, gradient, scale)
        given = list(given) if isinstance(given, (list, tuple)) else [given]
        inputs = input if isinstance(input, list) else [input]
        given += [None] * (len(inputs) - len(given))
        return [g for g, x in zip(given, inputs) if g is not None and isinstance(x, np.ndarray)]

    # -- what jacobian.backward calls

    def zeroGradParameters(self) -> None:
        self.module.zero_grad()

    def updateGradInput(self, input: Any, gradOutput: list) -> list:
        self.given = self.backward(input, gradOutput)
        return self.given

    def accGradParameters(self, input: Any, gradOutput: list) -> None:
        """Nothing: backward did it."""

    def parameters(self) -> list:
        return [p for p in self.module.parameters() if p.requires_grad]

    def results(self, input: Any, scale: float = 1.0) -> tuple[list, list, list]:
        """Copies of output, gradInput and the parameters' gradients of one forward and one backward pass."""
        output = self.forward(input)
        self.zeroGradParameters()
        self.forward(input)
        gradInput = copied(self.backward(input, gradients_like(output), scale))
        return output, gradInput, [p.grad.copy() for p in self.parameters()]


def _arrays(x: Any) -> list:
    if isinstance(x, (list, tuple)):
        return [a for part in x for a in _arrays(part)]
    if isinstance(x, dict):
        return [a for part in x.values() for a in _arrays(part)]
    return [] if x is None else [np.asarray(x)]


def gradients_like(output: list) -> list:
    """Random gradients for a list of outputs."""
    generator = np.random.default_rng(SEED)
    return [np.asarray(generator.standard_normal(y.shape), y.dtype) for y in output]


def jacobians_of(called: Called, input: Any, arrays: Callable[[], list]) -> list[np.ndarray]:
    """The Jacobians by backward, one output element at a time, of each of ``arrays()`` after a pass."""

    def after(gradOutput: list) -> list:
        called.forward(input)
        called.zeroGradParameters()
        called.updateGradInput(input, gradOutput)
        return arrays()

    return of_columns(called.forward(input), after)


def float_leaves(input: Any) -> list:
    """The inputs that have gradients."""
    return floats(input if isinstance(input, list) else [input])


def twin(case: Case, called: Called) -> Called:
    """A deep copy of the module, called in the same way."""
    return Called(case, copy.deepcopy(called.module))
