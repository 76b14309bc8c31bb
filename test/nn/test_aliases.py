"""One array in two places: input and gradOutput, output and the next input, gradInput and the next gradOutput."""

import cases_simple
import cases_transfer
import numpy as np
import pytest

import nn
import torch7 as torch
from nn.testing import Case


def tensors_to_tensors():
    """A case of each class that makes one tensor of another of the same shape, and leaves its input as it is."""
    found = {}
    for module in (cases_simple, cases_transfer):
        for cases in vars(module).values():
            for case in cases if isinstance(cases, list | tuple) else ():
                if isinstance(case, Case) and isinstance(given(case), np.ndarray):
                    found.setdefault(type(case.make()).__name__, case)
    return found


def given(case):
    return case.data()


def made(case):
    torch.manualSeed(1)
    return case.make()


CASES = tensors_to_tensors()


@pytest.mark.parametrize("name", CASES)
def test_results_do_not_depend_on_where_arguments_lie(name):
    case = CASES[name]
    module, other = made(case), made(case)
    x = given(case).copy()
    torch.manualSeed(2)
    y = module.forward(x)
    if y.shape != x.shape or np.shares_memory(x, y) or not nn.Module.zeroGradParameters(module):
        return
    torch.manualSeed(2)
    kept = other.forward(x.copy()).copy()
    np.testing.assert_array_equal(module.backward(x, y), other.backward(x.copy(), kept.copy()))
    gradient = other.gradInput.copy()
    np.testing.assert_allclose(module.backward(x, module.gradInput), other.backward(x.copy(), gradient), rtol=1e-12)
    np.testing.assert_allclose(module.backward(x, x), other.backward(x.copy(), x.copy()), rtol=1e-12)
    np.testing.assert_array_equal(x, given(case))
    torch.manualSeed(3)
    again = module.forward(module.output).copy()
    torch.manualSeed(3)
    np.testing.assert_array_equal(again, other.forward(kept))


@pytest.mark.parametrize("layer", [nn.LogSoftMax, nn.SpatialLogSoftMax, nn.SoftMax, nn.SoftMin])
@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4, 5), (3, 20, 1)])
def test_class_maps_of_their_own_output(layer, shape):
    module = layer()
    y = module.forward(torch.randn(*shape))
    expected = layer().forward(y.copy())
    np.testing.assert_array_equal(module.forward(y), expected)
