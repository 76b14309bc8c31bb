"""The battery's checks for modules of ``nn.pytorch``: ``check_module(Case(lambda: tnn.Linear(3, 2), (4, 3)))``."""

from __future__ import annotations

import copy
import pickle
from importlib import import_module
from typing import Any

import numpy as np

from . import jacobian
from .case import PRECISION, Case, random_input, refused, same
from .pytorch_case import Called, float_leaves, gradients_like, jacobians_of, made, twin
from .tensors import copied, difference, flat, floats, mapped, read_only, reversed_view, spread

NAMES = ("output", "gradInput", "parameter gradients")


def input_gradient(case: Case) -> None:
    """The gradients by all inputs of floats are those of finite differences."""
    called, input = Called(case), case.data()
    if float_leaves(input):
        measured = jacobian.forward(called, input)
        (computed,) = jacobians_of(called, input, lambda: [called.given])
        assert difference(measured, computed) < PRECISION, f"differs by {difference(measured, computed)}"


def parameter_gradients(case: Case) -> None:
    """The gradients by all parameters are those of finite differences."""
    called, input = Called(case), case.data()
    named = {name: p for name, p in called.module.named_parameters() if p.requires_grad}
    computed = jacobians_of(called, input, lambda: [[p.grad] for p in named.values()])
    for (name, p), by_backward in zip(named.items(), computed):
        error = difference(jacobian.forward(called, input, [p.data]), by_backward)
        assert error < PRECISION, f"{name} differs by {error}"


def scale_and_accumulation(case: Case) -> None:
    """Parameter gradients are linear in ``scale`` and add up over calls."""
    called, input = Called(case), case.data()
    output, _, once = called.results(input)
    called.forward(input)
    called.backward(input, gradients_like(output), 0.5)
    same([p.grad for p in called.parameters()], [1.5 * g for g in once], "1 + 0.5 times the gradients", 1e-10)


def update_parameters(case: Case) -> None:
    """``updateParameters`` takes the step; ``zero_grad`` leaves no gradient."""
    called = Called(case)
    grads = called.results(case.data())[2]
    before = [p.data.copy() for p in called.parameters()]
    called.module.updateParameters(0.1)
    same([p.data for p in called.parameters()], [p - 0.1 * g for p, g in zip(before, grads)], "parameters", 1e-10)
    called.module.zero_grad()
    assert not flat([p.grad for p in called.parameters()]).any()


def frozen_parameters(case: Case) -> None:
    """With ``requires_grad_(False)`` no gradient is added, and the gradients by the inputs are the same."""
    called, input = Called(case), case.data()
    output, gradInput, _ = called.results(input)
    frozen = twin(case, called)
    frozen.module.requires_grad_(False).zero_grad()
    frozen.forward(input)
    same(frozen.backward(input, gradients_like(output)), gradInput, "gradInput")
    assert not any(np.any(p.grad) for p in frozen.module.parameters())


def float_and_back(case: Case) -> None:
    """In single precision the module computes the same, in single precision; back in double it agrees."""
    called, input = Called(case), case.data()
    expected = called.results(input)
    called.module.float()
    single = mapped(lambda x: x.astype(np.float32) if x.dtype.kind == "f" else x, input)
    for result, value, name, tolerance in zip(called.results(single), expected, NAMES, (1e-4, 1e-3, 1e-3)):
        for leaf in floats(result):
            scalar = not leaf.ndim and isinstance(called.module.output, float)
            assert leaf.dtype == np.float32 or scalar, f"{name} of a float module is {leaf.dtype}"
        same(result, value, f"{name} in float32", tolerance)
    called.module.double()
    same(called.results(input)[0], expected[0], "output after float and double", 1e-5)


def input_untouched(case: Case) -> None:
    """Inputs and gradients are left as they were."""
    if not case.inplace:
        called, input = Called(case), case.data()
        before = copied(input)
        gradients = gradients_like(called.forward(input))
        gradBefore = copied(gradients)
        called.backward(input, gradients)
        same(input, before, "input", 0)
        same(gradients, gradBefore, "gradOutput", 0)


def any_memory_layout(case: Case) -> None:
    """Inputs and gradients that are spread, reversed or read-only give the same results."""
    input = case.data()
    expected = Called(case).results(input)
    for layout in (spread, reversed_view, read_only):
        if case.stochastic and layout is spread:
            continue  # masks are drawn in the order in memory
        called = Called(case)
        called.module.zero_grad()
        x = mapped(layout, copied(input))
        same(called.forward(x), expected[0], f"output for {layout.__name__} input", 1e-10)
        given = called.backward(x, mapped(layout, gradients_like(expected[0])))
        same(given, expected[1], f"gradInput for {layout.__name__} input", 1e-10)
        grads = [p.grad for p in called.parameters()]
        same(grads, expected[2], f"parameter gradients for {layout.__name__} input", 1e-10)


def batch_of_samples(case: Case) -> None:
    """A batch is its samples one by one, each without the batch dimension too, and any size works after any other."""
    if case.batch:
        called, input = Called(case), case.data()
        output = called.forward(input)[0]
        for i in range(len(input)):
            same(called.forward(input[i])[0], output[i], f"sample {i} alone", 1e-10)
        same(called.forward(input[:1])[0], output[:1], "a batch of one", 1e-10)
        same(called.forward(np.concatenate([input, input]))[0], np.concatenate([output, output]), "twice", 1e-10)
        same(called.forward(input)[0], output, "the first batch again", 1e-10)
        assert called.forward(input[:0])[0].shape == (0, *output.shape[1:]), "an empty batch"


def copies(case: Case) -> None:
    """deepcopy and state_dict give a module that computes the same and is independent."""
    called = Called(case)
    fresh = made(case)
    for p in fresh.parameters():
        p.data[...] += 1
    fresh.load_state_dict(called.module.state_dict())
    _equal(case, called, [copy.deepcopy(called.module), fresh])


def pickled(case: Case) -> None:
    """pickle gives a module that computes the same and is independent."""
    called = Called(case)
    _equal(case, called, [pickle.loads(pickle.dumps(called.module))])


def _equal(case: Case, called: Called, others: list) -> None:
    input = case.data()
    expected = called.results(input)
    for other in others:
        assert repr(other) == repr(called.module)
        assert list(other.state_dict()) == list(called.module.state_dict())
        for result, value in zip(Called(case, other).results(input), expected):
            same(result, value, "a copy's result")
        assert not any(np.shares_memory(a, b) for a in other.parameters() for b in called.module.parameters())


def flat_parameters(case: Case) -> None:
    """``getParameters`` moves all parameters onto one array and changes no result."""
    called, input = Called(case), case.data()
    expected = called.results(input)
    weights, grads = called.module.getParameters()
    for p in called.module.parameters():
        assert np.shares_memory(p.data, weights) or not p.size, "a parameter is no view of the flat array"
        assert np.shares_memory(p.grad, grads) or not p.size, "a gradient is no view of the flat array"
    for result, value in zip(called.results(input), expected):
        same(result, value, "after getParameters")


def modes_and_chaining(case: Case) -> None:
    """Methods that return the module; ``training`` follows the mode."""
    module = made(case)
    for method in (module.train, module.eval, module.double, module.requires_grad_, module.cpu):
        assert method() is module, f"{method.__name__} does not return the module"
    assert module.train().training is True
    assert module.eval().training is False


def printed(case: Case) -> None:
    """The printed form begins with the name of the class."""
    module = made(case)
    assert repr(module).startswith(type(module).__name__ + "("), repr(module)
    assert str(module) == repr(module)


def strict_types(case: Case) -> None:
    """float32 for a float64 module with parameters and no input at all are refused, and the module stays usable."""
    called, input = Called(case), case.data()
    expected = called.forward(input)
    if float_leaves(input) and called.parameters():
        single = mapped(lambda x: x.astype(np.float32) if x.dtype.kind == "f" else x, input)
        refused(lambda: called.forward(single), TypeError, "float32 input")
    refused(lambda: called.module(None), (TypeError, ValueError, AttributeError), "input None")
    same(called.forward(input), expected, "output after refused input")


def wrong_input(case: Case) -> None:
    """Wrong sizes are refused with a message, and the module stays usable."""
    called, input = Called(case), case.data()
    expected = called.forward(input)
    for wrong in case.wrong:
        bad = wrong() if callable(wrong) else random_input(wrong)
        errors = (ValueError, TypeError, IndexError, NotImplementedError)
        refused(lambda bad=bad: called.forward(bad), errors, f"input {wrong}")
        same(called.forward(input), expected, "output after refused input")


def backward_needs_forward(case: Case) -> None:
    """backward before forward, and backward with another input than forward's, are refused."""
    called, input = Called(case), case.data()
    refused(lambda: called.module.backward(input, None), ValueError, "backward before forward")
    called.forward(input)
    if float_leaves(input) and not case.inplace:
        other = mapped(lambda x: x + 1 if x.dtype.kind == "f" else x, input)
        refused(lambda: called.module.backward(other, 1.0), ValueError, "backward with another input")


def used_twice(case: Case) -> None:
    """A module that is called twice in one forward on the tape has both calls' gradients."""
    called, input = Called(case), case.data()
    if isinstance(input, list) or input.dtype.kind != "f" or case.call or case.stochastic or case.inplace:
        return
    twice = _twice(called.module)
    shared = Called(case, twice)
    if not shared.forward(input):
        return
    output, gradInput, grads = shared.results(input)
    whole = gradients_like(output)
    count = len(whole) // 2
    one, other = Called(case), Called(case)
    results = [one.forward(input), other.forward(input * 0.5)]
    same([*results[0], *results[1]], output, "output of two calls", 1e-10)
    given = one.backward(input, whole[:count])[0] + 0.5 * other.backward(input, whole[count:])[0]
    same(gradInput, [given], "gradInput of two calls", 1e-10)
    sums = [p.grad + q.grad for p, q in zip(one.parameters(), other.parameters())]
    same(grads, sums, "parameter gradients of two calls", 1e-10)


def _twice(module: Any) -> Any:
    class Twice(import_module("nn.pytorch").Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.module = module

        def forward(self, x: Any) -> Any:
            results = self.module(x), self.module(x * 0.5)
            return [y for result in results for y in (result if isinstance(result, tuple) else [result])]

    return Twice()


CHECKS = [
    input_gradient,
    parameter_gradients,
    scale_and_accumulation,
    update_parameters,
    frozen_parameters,
    float_and_back,
    input_untouched,
    any_memory_layout,
    batch_of_samples,
    copies,
    pickled,
    flat_parameters,
    modes_and_chaining,
    printed,
    strict_types,
    wrong_input,
    backward_needs_forward,
    used_twice,
]
