"""What the battery runs its checks on: a module with an input, and how it is run."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

import torch7 as torch
from torch7 import registry

from ..module import Module
from . import columns, jacobian
from .tensors import copied, difference, flat, mapped

PRECISION = 1e-6
SEED = 11


@dataclass(frozen=True)
class Case:
    """A module and an input to check it on.

    ``make()`` builds the module. ``input`` is a shape (normal random numbers), a list of shapes (a table), or a
    function that returns the input. ``batch``: the first dimension of a tensor input is a batch of independent samples,
    and a single sample without it is accepted too. ``inplace``: the module may overwrite input and gradOutput.
    ``stochastic``: the module draws random numbers. ``evaluate``: check it in evaluation mode. ``call``: keywords of
    forward, for modules of ``nn.pytorch``, whose several inputs are a list. ``wrong``: inputs that must be refused.
    ``waive``: checks that do not apply, each with the reason why.
    """

    make: Callable[[], Module]
    input: Any
    name: str = ""
    batch: bool = False
    inplace: bool = False
    stochastic: bool = False
    evaluate: bool = False
    call: dict = field(default_factory=dict)
    wrong: tuple = ()
    waive: dict[str, str] = field(default_factory=dict)

    def module(self) -> Module:
        torch.manualSeed(SEED)
        module = self.make()
        return module.evaluate() if self.evaluate else module.training()

    def data(self) -> Any:
        torch.manualSeed(SEED + 1)
        return self.input() if callable(self.input) else random_input(self.input)

    def differentiable(self) -> tuple[Module, Any]:
        """The module, which draws the same random numbers at every forward and overwrites nothing, and the input."""
        module, input = self.module(), self.data()
        return seeded(copying(module) if self.inplace else module), input

    # Several checks ask for these; each is told once for a case.

    @cached_property
    def measured(self) -> list[np.ndarray]:
        """The Jacobians of the parameters by finite differences."""
        module, input = self.differentiable()
        return [jacobian.forward(module, input, param) for param in module.parameters()[0]]

    @cached_property
    def computed(self) -> list[np.ndarray]:
        """The Jacobians by backward: of the input, then of the parameters."""
        module, input = self.differentiable()
        return columns.by_backward(module, input, module.parameters()[1])

    def __str__(self) -> str:
        return self.name or repr(self.make()).partition("\n")[0]


def seeded(module: Module) -> Module:
    """Let every forward of ``module`` draw the same random numbers."""
    update = module.updateOutput

    def updateOutput(input: Any) -> Any:
        torch.manualSeed(SEED + 2)
        return update(input)

    module.updateOutput = updateOutput
    return module


def copying(module: Module) -> Module:
    """Give an in-place module copies to overwrite."""
    update, updateGrad = module.updateOutput, module.updateGradInput
    module.updateOutput = lambda input: update(copied(input))
    module.updateGradInput = lambda input, gradOutput: updateGrad(copied(input), copied(gradOutput))
    return module


def random_input(shape: Any) -> Any:
    """Normal random numbers of a shape, or a table of them for a list of shapes."""
    if isinstance(shape, list):
        return [random_input(s) for s in shape]
    return torch.randn(*shape)


def forward(module: Module, input: Any) -> Any:
    """The output for ``input``, from the same random numbers at every call."""
    torch.manualSeed(SEED + 2)
    return module.forward(input)


def gradient_like(output: Any) -> Any:
    """A random gradOutput for ``output``."""
    generator = np.random.default_rng(SEED)
    return mapped(lambda y: generator.standard_normal(y.shape).astype(y.dtype), output)


def run(module: Module, input: Any, scale: float = 1.0) -> tuple[Any, Any, list]:
    """Copies of output, gradInput and parameter gradients of one forward and one backward pass."""
    output = copied(forward(module, copied(input)))
    module.zeroGradParameters()
    input = copied(input)
    forward(module, input)
    gradInput = module.backward(input, gradient_like(output), scale)
    return output, copied(gradInput), copied(module.parameters()[1])


def same(a: Any, b: Any, what: str, tolerance: float = 1e-12) -> None:
    """Nested tables agree to ``tolerance`` of their largest element."""
    largest = max(1.0, float(np.abs(flat(b)).max(initial=0)))
    error = difference(a, b)
    assert error <= tolerance * largest, f"{what}: differs by {error}"


class Advice(AssertionError):
    """A habit that the library's own classes keep and that one's own class may do without: the text says what to do."""


def run_checks(case: Any, checks: list[Callable[[Any], None]]) -> None:
    """Run the checks that ``case`` does not waive; a failure gets a note with the check, what it asks and the case.

    What is only :class:`Advice` is a warning for a class that is not of this library.
    """
    unknown = set(case.waive) - {check.__name__ for check in checks}
    if unknown:
        raise ValueError(f"{case}: no check is called {', '.join(sorted(unknown))}")
    for check in checks:
        if check.__name__ not in case.waive:
            try:
                check(case)
            except Exception as error:
                if isinstance(error, Advice) and not registry.is_ours(type(case.make())):
                    waive = f'waive={{"{check.__name__}": "..."}} silences this'
                    warnings.warn(f"{case}: {error} ({waive})", stacklevel=3)
                    continue
                asked = (check.__doc__ or "").partition("\n\n")[0].strip()
                error.add_note(f"in check {check.__name__!r} of {case}: {asked}")
                raise


def refused(call: Callable[[], Any], errors: Any, what: str) -> None:
    """``call`` raises one of ``errors`` with a message."""
    try:
        call()
    except errors as error:
        assert str(error), f"{what}: the error has no message"
        return
    raise AssertionError(f"{what} was accepted")
