"""Checks that hold for every module, run on a :class:`Case`: ``check_module(Case(lambda: MyLayer(3), (5, 3)))``.

Each check is a function named after what it proves; a failure carries a note with the check and the case.
"""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np

import torch7 as torch
from torch7 import registry

from ..module import Module
from ..storage import replace_arrays, storage_of
from . import jacobian
from .case import PRECISION, SEED, Case, forward, gradient_like, random_input, refused, run, run_checks, same
from .tensors import copied, difference, flat, floats, leaves, mapped, read_only, reversed_view, spread


def check_module(case: Case) -> None:
    """Run every check on ``case`` that it does not waive."""
    run_checks(case, CHECKS)


def seeded(module: Module) -> Module:
    """Let every forward of ``module`` draw the same random numbers."""
    update = module.updateOutput

    def updateOutput(input: Any) -> Any:
        torch.manualSeed(SEED + 2)
        return update(input)

    module.updateOutput = updateOutput
    return module


def differentiable(case: Case) -> tuple[Module, Any]:
    module, input = case.module(), case.data()
    return seeded(copying(module) if case.inplace else module), input


def copying(module: Module) -> Module:
    """Give an in-place module copies to overwrite."""
    update, updateGrad = module.updateOutput, module.updateGradInput
    module.updateOutput = lambda input: update(copied(input))
    module.updateGradInput = lambda input, gradOutput: updateGrad(copied(input), copied(gradOutput))
    return module


# -- the checks


def input_gradient(case: Case) -> None:
    """The gradient by the input is that of finite differences."""
    module, input = differentiable(case)
    if floats(input):
        measured, computed = jacobian.forward(module, input), jacobian.backward(module, input)
        if measured.shape != computed.shape:  # gradInput has zeros for inputs that are indices
            computed = computed[_float_rows(input)]
        assert difference(measured, computed) < PRECISION, f"differs by {difference(measured, computed)}"


def _float_rows(input: Any) -> np.ndarray:
    return np.concatenate([np.full(leaf.size, leaf.dtype.kind == "f") for leaf in leaves(input)])


def parameter_gradients(case: Case) -> None:
    """The gradients by all parameters are those of finite differences."""
    module, input = differentiable(case)
    for param, dparam in zip(*module.parameters()[:2]):
        error = difference(jacobian.forward(module, input, param), jacobian.backward(module, input, param, dparam))
        assert error < PRECISION, f"parameter of shape {param.shape} differs by {error}"


def direct_update(case: Case) -> None:
    """``accUpdateGradParameters`` changes every parameter as its gradient says."""
    module, input = differentiable(case)
    for param in module.parameters()[0]:
        error = difference(jacobian.forwardUpdate(module, input, param), jacobian.backwardUpdate(module, input, param))
        assert error < PRECISION, f"parameter of shape {param.shape} differs by {error}"


def backward_is_both_parts(case: Case) -> None:
    """``backward`` computes what ``updateGradInput`` and ``accGradParameters`` compute."""
    input = case.data()
    output, gradInput, grads = run(case.module(), input)
    module = case.module()
    module.zeroGradParameters()
    input = copied(input)
    forward(module, input)
    gradOutput = gradient_like(output)
    parts = copied(module.updateGradInput(input, copied(gradOutput)))
    module.accGradParameters(input, gradOutput)
    same(parts, gradInput, "gradInput")
    same(module.parameters()[1], grads, "parameter gradients")


def scale_and_accumulation(case: Case) -> None:
    """Parameter gradients are linear in ``scale`` and add up over calls."""
    module, input = case.module(), case.data()
    output, _, once = run(module, input)
    gradOutput = gradient_like(output)
    forward(module, copied(input))
    module.backward(copied(input), copied(gradOutput), 0.5)
    same(module.parameters()[1], [1.5 * g for g in once], "1 + 0.5 times the gradients", 1e-10)


def update_parameters(case: Case) -> None:
    """``updateParameters`` takes the step; ``zeroGradParameters`` leaves no gradient."""
    module = case.module()
    grads = run(module, case.data())[2]
    before = copied(module.parameters()[0])
    module.updateParameters(0.1)
    same(module.parameters()[0], [p - 0.1 * g for p, g in zip(before, grads)], "updated parameters", 1e-10)
    module.zeroGradParameters()
    assert not flat(module.parameters()[1]).any()


def float_and_back(case: Case) -> None:
    """In single precision the module computes the same, in single precision; back in double it agrees."""
    module, input = case.module(), case.data()
    output, gradInput, grads = run(module, input)
    single = mapped(lambda x: x.astype(np.float32) if x.dtype.kind == "f" else x, input)
    module.float()
    results = run(module, single)
    for result, name in zip(results, ("output", "gradInput", "parameter gradients")):
        for leaf in floats(result):
            assert leaf.dtype == np.float32, f"{name} of a FloatTensor module is {leaf.dtype}"
    same(results[0], output, "output in float32", 1e-4)
    same(results[1], gradInput, "gradInput in float32", 1e-3)
    same(results[2], grads, "parameter gradients in float32", 1e-3)
    module.double()
    assert module.type() == "torch.DoubleTensor"
    same(run(module, input)[0], output, "output after float and double", 1e-5)


def buffers_are_reused(case: Case) -> None:
    """Output and gradInput are the same arrays at the next call of the same shape."""
    module, input = case.module(), case.data()
    first = leaves(forward(module, copied(input)))
    gradOutput = gradient_like(module.output)
    first += leaves(module.backward(copied(input), copied(gradOutput)))
    again = copied(input)
    second = leaves(forward(module, again))
    second += leaves(module.backward(again, gradOutput))
    for a, b in zip(first, second):
        assert a is b or np.shares_memory(a, b), "a buffer was allocated anew"


def input_untouched(case: Case) -> None:
    """Input and gradOutput are left as they were."""
    if not case.inplace:
        module, input = case.module(), case.data()
        before = copied(input)
        output = copied(forward(module, input))
        gradOutput = gradient_like(output)
        gradBefore = copied(gradOutput)
        module.backward(input, gradOutput)
        same(input, before, "input", 0)
        same(gradOutput, gradBefore, "gradOutput", 0)


def any_memory_layout(case: Case) -> None:
    """Non-contiguous, reversed and read-only inputs and gradOutputs give the same results."""
    input = case.data()
    output, gradInput, grads = run(case.module(), input)
    for layout in (spread, reversed_view, read_only):
        if case.inplace and layout is read_only:
            continue
        module = case.module()
        module.zeroGradParameters()
        x = mapped(layout, copied(input))
        same(forward(module, x), output, f"output for {layout.__name__} input", 1e-10)
        gradient = mapped(layout, gradient_like(output))
        same(module.backward(x, gradient), gradInput, f"gradInput for {layout.__name__} input", 1e-10)
        same(module.parameters()[1], grads, f"parameter gradients for {layout.__name__} input", 1e-10)


def any_parameter_layout(case: Case) -> None:
    """Parameters and gradients that are not contiguous, as a file may hold them, give the same results."""
    input = case.data()
    expected = run(case.module(), input)
    module = case.module()
    own = {id(tensor) for tensors in module.parameters() for tensor in tensors}
    replace_arrays(module, lambda x: spread(x) if id(x) in own else x)
    for result, value, name in zip(run(module, input), expected, ("output", "gradInput", "parameter gradients")):
        same(result, value, f"{name} with spread parameters", 1e-10)


def batch_of_samples(case: Case) -> None:
    """A batch is its samples one by one, and any batch size works after any other."""
    if case.batch:
        module, input = case.module(), case.data()
        output = copied(forward(module, input))
        for i in range(len(input)):
            same(forward(module, input[i]), output[i], f"sample {i} alone", 1e-10)
        same(forward(module, input[:1]), output[:1], "a batch of one", 1e-10)
        same(forward(module, np.concatenate([input, input])), np.concatenate([output, output]), "twice", 1e-10)
        same(forward(module, input), output, "the first batch again", 1e-10)


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
    copies = {"pickle": pickle.loads(pickle.dumps(module)), "deepcopy": copy.deepcopy(module)}
    for mode in ("binary", "ascii"):
        copies[f"{mode} .t7"] = torch.deserialize(torch.serialize(module, mode), mode)
    for name, other in copies.items():
        assert type(other) is type(module), name
        assert repr(other) == repr(module), name
        for result, value in zip(run(other, input), expected):
            same(result, value, name)


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
        refused(lambda: module.forward(single), TypeError, "float32 input")
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
    input_gradient,
    parameter_gradients,
    direct_update,
    backward_is_both_parts,
    scale_and_accumulation,
    update_parameters,
    float_and_back,
    buffers_are_reused,
    input_untouched,
    any_memory_layout,
    any_parameter_layout,
    batch_of_samples,
    clone_and_share,
    flat_parameters,
    clear_state,
    files,
    modes_and_chaining,
    printed,
    strict_types,
    wrong_input,
]
