"""``nn.Jacobian``: proof of a module's gradients by finite differences (manual chapter "testing").

Jacobian matrices have a row for each element of the input (or parameter) and a column for each element of the output,
both in memory order. Inputs and outputs may be tables. Defaults: ``minval`` -2, ``maxval`` 2, ``perturbation`` 1e-6.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import torch7 as torch

from .columns import by_backward, by_update
from .tensors import copied, difference, flat, floats, leaves, mapped, randomise

PERTURBATION = 1e-6


def forward(module: Any, input: Any, param: Any = None, perturbation: float | None = None) -> np.ndarray:
    """The Jacobian by central differences: ``(f(p + h) - f(p - h)) / 2h`` for every element p of ``param``.

    ``param`` (default: the input) is left as it was.
    """
    step = perturbation or PERTURBATION
    rows = []
    for tensor in floats(input if param is None else param):
        elements = elements_of(tensor)
        for i in range(elements.size):
            rows.append(_central_difference(module, input, elements, i, step))
    return np.array(rows)


def _central_difference(module: Any, input: Any, elements: np.ndarray, i: int, step: float) -> np.ndarray:
    original = elements[i]
    try:
        elements[i] = original - step
        low = flat(module.forward(input))
        elements[i] = original + step
        high = flat(module.forward(input))
    finally:
        elements[i] = original
    return (high - low) / (2 * step)


def elements_of(tensor: np.ndarray) -> np.ndarray:
    """A 1-D view of a contiguous tensor; ``ValueError`` if it is not contiguous."""
    if not tensor.flags.c_contiguous:
        raise ValueError("the Jacobian of a tensor that is not contiguous cannot be measured: pass a copy")
    return tensor.reshape(-1)


def backward(module: Any, input: Any, param: Any = None, dparam: Any = None) -> np.ndarray:
    """The Jacobian by the module's own backward pass, one output element at a time.

    With ``param`` and its gradient ``dparam`` it is that of the parameter, else of the input.
    """
    return by_backward(module, input, [] if param is None else [dparam])[-1]


def forwardUpdate(module: Any, input: Any, param: Any, perturbation: float | None = None) -> np.ndarray:
    """What ``param`` would be after a direct update with rate 1, by finite differences: ``p - d output / dp``."""
    return flat(param)[:, None] - forward(module, input, param, perturbation)


def backwardUpdate(module: Any, input: Any, param: Any) -> np.ndarray:
    """What ``param`` is after ``accUpdateGradParameters`` with rate 1, one output element at a time."""
    return by_update(module, input, [param])[0]


def testJacobian(
    module: Any,
    input: Any,
    minval: float | None = None,
    maxval: float | None = None,
    perturbation: float | None = None,
) -> float:
    """The largest error of gradInput; the input is overwritten with numbers of U(minval, maxval)."""
    randomise(input, *_range(minval, maxval))
    return _error(forward(module, input, None, perturbation), backward(module, input))


def testJacobianParameters(
    module: Any,
    input: Any,
    param: Any,
    dparam: Any,
    minval: float | None = None,
    maxval: float | None = None,
    perturbation: float | None = None,
) -> float:
    """The largest error of the gradient by ``param``; input, then ``param`` are overwritten with random numbers."""
    randomise(input, *_range(minval, maxval))
    randomise(param, *_range(minval, maxval))
    return _error(forward(module, input, param, perturbation), backward(module, input, param, dparam))


def testJacobianUpdateParameters(
    module: Any,
    input: Any,
    param: Any,
    minval: float | None = None,
    maxval: float | None = None,
    perturbation: float | None = None,
) -> float:
    """The largest error of ``accUpdateGradParameters`` on ``param``; input, then ``param`` are overwritten."""
    randomise(input, *_range(minval, maxval))
    randomise(param, *_range(minval, maxval))
    return _error(forwardUpdate(module, input, param, perturbation), backwardUpdate(module, input, param))


def _range(minval: float | None, maxval: float | None) -> tuple[float, float]:
    return -2 if minval is None else minval, 2 if maxval is None else maxval


def _error(measured: np.ndarray, computed: np.ndarray) -> float:
    if measured.shape != computed.shape:
        raise ValueError(f"the measured Jacobian is {measured.shape}, the computed one {computed.shape}")
    return float(np.abs(measured - computed).max(initial=0))


def testAllUpdate(module: Any, input: Any, weight: str, gradWeight: str) -> dict[str, float]:
    """Errors of the four ways to take a gradient step on the field ``weight`` with gradient field ``gradWeight``.

    Keys: ``accGradParameters``, ``accUpdateGradParameters`` and both with ``' [shared]'`` for two modules that share
    their parameters and each take the step.
    """
    lr = torch.uniform(0.1, 1)
    gradOutput = mapped(lambda y: torch.uniform(np.empty_like(y)), module.forward(input))
    start = getattr(module, weight).copy()
    step = lr * _gradient(module.clone(), input, gradOutput, gradWeight)

    def error(stepper: Any, modules: list, times: int) -> float:
        for m in modules:
            m.forward(input)
            m.updateGradInput(input, gradOutput)
        stepper(modules)
        return float(np.linalg.norm(getattr(modules[0], weight) - (start - times * step)))

    def accumulate(modules: list) -> None:
        modules[0].zeroGradParameters()
        for m in modules:
            m.accGradParameters(input, gradOutput)
        modules[0].updateParameters(lr)

    def update(modules: list) -> None:
        for m in modules:
            m.accUpdateGradParameters(input, gradOutput, lr)

    def shared() -> list:
        first = module.clone()
        return [first, first.clone(weight, gradWeight, "bias", "gradBias")]

    return {
        "accGradParameters": error(accumulate, [module.clone()], 1),
        "accUpdateGradParameters": error(update, [module.clone()], 1),
        "accGradParameters [shared]": error(accumulate, shared(), 2),
        "accUpdateGradParameters [shared]": error(update, shared(), 2),
    }


def _gradient(module: Any, input: Any, gradOutput: Any, gradWeight: str) -> np.ndarray:
    module.forward(input)
    module.zeroGradParameters()
    module.updateGradInput(input, gradOutput)
    module.accGradParameters(input, gradOutput)
    return getattr(module, gradWeight).copy()


def testIO(module: Any, input: Any, minval: float | None = None, maxval: float | None = None) -> tuple[float, float]:
    """The largest differences of output and gradInput after writing the module to a file and reading it back."""
    output = copied(module.forward(input))
    gradOutput = mapped(lambda y: torch.uniform(np.empty_like(y)), output)
    gradInput = copied(module.backward(input, gradOutput))
    if module.clearState() is not module:
        raise ValueError(f"{module}: clearState must return the module")
    with tempfile.TemporaryDirectory() as folder:
        torch.save(Path(folder) / "module.t7", module)
        again = torch.load(Path(folder) / "module.t7")
    output2 = again.forward(input)
    gradInput2 = again.backward(input, gradOutput)
    return difference(output, output2), difference(gradInput, gradInput2) if leaves(gradInput) else 0.0


def backwardDiagHessian(module: Any, input: Any, diagHessianParamName: str) -> np.ndarray:
    """The diagonal Hessian approximation that the module propagates back from ones, of the field named."""
    output = module.forward(input)
    ones = mapped(np.ones_like, output)
    module.initDiagHessianParameters()
    for tensor in _hessians(module):
        tensor.fill(0)
    module.updateDiagHessianInput(input, ones)
    module.accDiagHessianParameters(input, ones)
    return flat(getattr(module, diagHessianParamName))


def _hessians(module: Any) -> list:
    return [t for name, t in vars(module).items() if name in ("diagHessianWeight", "diagHessianBias") if t is not None]


def linearModuleDiagHessian(module: Any, input: Any, gradParamName: str) -> np.ndarray:
    """The diagonal Hessian of a linear module: the squared Jacobian, summed over the outputs."""
    if gradParamName == "gradInput":
        return (backward(module, input) ** 2).sum(1)
    name = gradParamName.removeprefix("grad")
    weight = getattr(module, name[0].lower() + name[1:])
    return (backward(module, input, weight, getattr(module, gradParamName)) ** 2).sum(1)


def testDiagHessian(
    module: Any,
    input: Any,
    gradParamName: str,
    diagHessianParamName: str,
    minval: float | None = None,
    maxval: float | None = None,
) -> float:
    """The largest difference between propagated and exact diagonal Hessian of a linear module; input is overwritten."""
    randomise(input, *_range(minval, maxval))
    module.forward(input)
    exact = linearModuleDiagHessian(module, input, gradParamName)
    return float(np.abs(exact - backwardDiagHessian(module, input, diagHessianParamName)).max(initial=0))


def testDiagHessianInput(module: Any, input: Any, minval: float | None = None, maxval: float | None = None) -> float:
    """:func:`testDiagHessian` of the input."""
    return testDiagHessian(module, input, "gradInput", "diagHessianInput", minval, maxval)


def testDiagHessianWeight(module: Any, input: Any, minval: float | None = None, maxval: float | None = None) -> float:
    """:func:`testDiagHessian` of the weight."""
    return testDiagHessian(module, input, "gradWeight", "diagHessianWeight", minval, maxval)


def testDiagHessianBias(module: Any, input: Any, minval: float | None = None, maxval: float | None = None) -> float:
    """:func:`testDiagHessian` of the bias."""
    return testDiagHessian(module, input, "gradBias", "diagHessianBias", minval, maxval)


for _function in list(vars().values()):
    if getattr(_function, "__module__", None) == __name__ and _function.__name__.startswith("test"):
        _function.__test__ = False  # they are tools: pytest is not to collect them
del _function
