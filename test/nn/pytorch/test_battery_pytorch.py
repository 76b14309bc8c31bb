"""Every case of nn.pytorch through the battery, and every class in some case."""

import copy
import inspect
import re

import numba
import numpy as np
import pytest
from cases_pytorch import CASES, WAIVED

import nn.pytorch as tnn
from nn.testing import check_module
from nn.testing.tensors import flat


def identifiers():
    names = [str(case) for case in CASES]
    return [name if names.count(name) == 1 else f"{name} {names[:i].count(name)}" for i, name in enumerate(names)]


@pytest.mark.parametrize("case", CASES, ids=identifiers())
def test_module(case):
    check_module(case)


@pytest.fixture(scope="module")
def misled():
    """Numba 0.68, once it has met misaligned arrays, takes those of another byte order for native ones."""
    take = numba.njit(lambda x: x.size)
    for dtype in (np.float32, np.float64, np.int64):
        for axes in range(1, 6):
            memory = np.zeros(2**axes * 8 + 8, np.uint8)
            first = (1 - memory.ctypes.data) % 8
            x = memory[first : first + 2**axes * np.dtype(dtype).itemsize].view(dtype)
            take(x.reshape((2,) * axes))


def other_order(x):
    if isinstance(x, np.ndarray):
        return x.astype(x.dtype.newbyteorder())
    return type(x)(map(other_order, x)) if isinstance(x, (list, tuple)) else x


@pytest.mark.parametrize("case", CASES, ids=identifiers())
def test_inputs_of_another_byte_order(case, misled):
    """They are refused by their type, or give the same numbers."""
    tnn.manual_seed(0)
    module, input = case.make().double(), case.data()
    module.train(not case.evaluate)
    other = copy.deepcopy(module)
    tnn.manual_seed(1)
    expected = flat(module.forward(copy.deepcopy(input)))
    tnn.manual_seed(1)
    try:
        found = other.forward(other_order(input))
    except TypeError as error:
        assert re.search(r">[fi][48]", str(error)), error
    else:
        np.testing.assert_allclose(flat(found), expected, 1e-6, 1e-6)


def test_every_class_has_a_case():
    """Classes inside another case's network count too; bases are waived with a reason."""
    seen = set(WAIVED) | {type(m).__name__ for case in CASES for m in case.make().modules()}
    classes = {n for n, c in vars(tnn).items() if inspect.isclass(c) and issubclass(c, tnn.Module)}
    assert classes - seen == set()
