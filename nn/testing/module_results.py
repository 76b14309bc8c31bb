"""Checks of what a module computes: gradients, precision, buffers, and the same results from any memory and batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..storage import replace_arrays
from . import columns, jacobian
from .case import PRECISION, Advice, Case, forward, gradient_like, run, same
from .tensors import copied, difference, flat, floats, leaves, mapped, read_only, reversed_view, spread


def input_gradient(case: Case) -> None:
    """The gradient with respect to the input is that of finite differences."""
    module, input = case.differentiable()
    if floats(input):
        measured, computed = jacobian.forward(module, input), case.computed[0]
        if measured.shape != computed.shape:  # gradInput has zeros for inputs that are indices
            computed = computed[_float_rows(input)]
        assert difference(measured, computed) < PRECISION, f"differs by {difference(measured, computed)}"


def _float_rows(input: Any) -> np.ndarray:
    return np.concatenate([np.full(leaf.size, leaf.dtype.kind == "f") for leaf in leaves(input)])


def parameter_gradients(case: Case) -> None:
    """The gradients by all parameters are those of finite differences."""
    for i, param in enumerate(case.module().parameters()[0]):
        error = difference(case.measured[i], case.computed[1 + i])
        assert error < PRECISION, f"parameter of shape {param.shape} differs by {error}"


def direct_update(case: Case) -> None:
    """``accUpdateGradParameters`` changes every parameter as its gradient says."""
    module, input = case.differentiable()
    params = module.parameters()[0]
    updated = columns.by_update(module, input, params) if params else []
    for param, measured, computed in zip(params, case.measured, updated):
        error = difference(flat(param)[:, None] - measured, computed)
        assert error < PRECISION, (
            f"parameter of shape {param.shape} differs by {error}; the update lets accGradParameters add to the"
            " parameters themselves, so it must compute every gradient before it adds the first"
        )


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
            assert leaf.dtype == np.float32, (
                f"{name} of a FloatTensor module is {leaf.dtype}: arrays that it makes take the input's type, and "
                "those that it keeps are attributes, which float() converts"
            )
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
        if not (a is b or np.shares_memory(a, b)):
            raise Advice(
                "a buffer was allocated anew; write into those that the module keeps: out=self.resizeOutput(input) in "
                "updateOutput, out=self.resizeGradInput(input, gradOutput) in updateGradInput"
            )


def input_untouched(case: Case) -> None:
    """Input and gradOutput are left as they were."""
    if not case.inplace:
        module, input = case.module(), case.data()
        before = copied(input)
        output = copied(forward(module, input))
        gradOutput = gradient_like(output)
        gradBefore = copied(gradOutput)
        module.backward(input, gradOutput)
        same(input, before, "input is written to (Case(inplace=True) where it should be)", 0)
        same(gradOutput, gradBefore, "gradOutput is written to", 0)


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


CHECKS = [
    input_untouched,  # first: what is written to spoils the others' measurements
    input_gradient,
    parameter_gradients,
    direct_update,
    backward_is_both_parts,
    scale_and_accumulation,
    update_parameters,
    float_and_back,
    buffers_are_reused,
    any_memory_layout,
    any_parameter_layout,
    batch_of_samples,
]
