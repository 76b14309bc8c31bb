"""``nn.SparseJacobian``: :mod:`nn.Jacobian <nn.testing.jacobian>` for sparse input (manual chapter "testing").

The input is an n x 2 matrix of (index, value) rows; only the values, its second column, are randomised and
differentiated by, so matrices by the input have n rows. A module's ``gradInput`` has two columns as well.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import torch7 as torch

from . import jacobian
from .jacobian import backwardUpdate, forwardUpdate, testAllUpdate
from .tensors import copied, difference, flat, one_hot

STEP = 1e-6


def forward(module: Any, input: Any, param: Any = None) -> np.ndarray:
    """The Jacobian by central differences, by the values of ``input`` or by ``param``."""
    if param is not None:
        return jacobian.forward(module, input, param, STEP)
    rows = []
    for i in range(len(input)):
        original = input[i, 1]
        input[i, 1] = original - STEP
        low = flat(module.forward(input))
        input[i, 1] = original + STEP
        high = flat(module.forward(input))
        input[i, 1] = original
        rows.append((high - low) / (2 * STEP))
    return np.array(rows)


def backward(module: Any, input: Any, param: Any = None, dparam: Any = None) -> np.ndarray:
    """The Jacobian by the module's own backward pass, by the values of ``input`` or by ``param``."""
    if param is not None:
        return jacobian.backward(module, input, param, dparam)
    output = module.forward(input)
    columns = []
    for k in range(flat(output).size):
        module.forward(input)
        module.zeroGradParameters()
        columns.append(values_of(module.updateGradInput(input, one_hot(output, k))).copy())
    return np.array(columns).T


def values_of(gradInput: Any) -> Any:
    """The column of values, the second, of a matrix of rows (index, value)."""
    if getattr(gradInput, "ndim", 0) != 2 or gradInput.shape[1] < 2:
        raise ValueError("a sparse module's gradInput must be a matrix of rows (index, value)")
    return gradInput[:, 1]


def testJacobian(module: Any, input: Any, minval: float | None = None, maxval: float | None = None) -> float:
    """The largest error of the gradient by the values of ``input``, which are overwritten."""
    randomise(input, minval, maxval)
    return jacobian._error(forward(module, input), backward(module, input))


def testJacobianParameters(
    module: Any, input: Any, param: Any, dparam: Any, minval: float | None = None, maxval: float | None = None
) -> float:
    """The largest error of the gradient by ``param``; the values of ``input``, then ``param`` are overwritten."""
    randomise(input, minval, maxval)
    jacobian.randomise(param, *jacobian._range(minval, maxval))
    return jacobian._error(forward(module, input, param), backward(module, input, param, dparam))


def testJacobianUpdateParameters(
    module: Any, input: Any, param: Any, minval: float | None = None, maxval: float | None = None
) -> float:
    """The largest error of ``accUpdateGradParameters`` on ``param``; input values and ``param`` are overwritten."""
    randomise(input, minval, maxval)
    jacobian.randomise(param, *jacobian._range(minval, maxval))
    return jacobian._error(forwardUpdate(module, input, param), backwardUpdate(module, input, param))


def randomise(input: Any, minval: float | None, maxval: float | None) -> None:
    """Draw new values for the second column of ``input`` from U(minval, maxval)."""
    low, high = jacobian._range(minval, maxval)
    input[:, 1] = torch.rand(len(input)) * (high - low) + low


def testIO(module: Any, input: Any, minval: float | None = None, maxval: float | None = None) -> tuple[float, float]:
    """The largest differences of output and gradInput after writing the module out and reading it back."""
    output = copied(module.forward(input))
    gradOutput = torch.uniform(np.empty_like(output))
    gradInput = copied(module.backward(input, gradOutput))
    again = torch.deserialize(torch.serialize(module))
    output2 = again.forward(input)
    return difference(output, output2), difference(gradInput, again.backward(input, gradOutput))


for _function in (testJacobian, testJacobianParameters, testJacobianUpdateParameters, testIO, testAllUpdate):
    _function.__test__ = False
