"""Loops that threads share: every element once, arguments of every form, sums that do not depend on the threads."""

import subprocess
import sys
from typing import NamedTuple

import numba
import numpy as np
import pytest

from nn.thnn.cpu.runtime.jit import inner
from nn.thnn.cpu.runtime.partition import LAUNCH, bound, pieces, ranged, ranged_any, ranged_sum


class Line(NamedTuple):
    slope: float
    shift: float


@inner
def _weight(weights, i):
    if weights is None:
        return 0.0
    return weights[i]


@ranged
def _lines(low, high, x, arrays, more, line):
    y, weights = arrays
    (first, second), factor = more
    for i in range(low, high):
        y[i] += line.slope * x[i] + line.shift + _weight(weights, i) + first * second * factor


@ranged_sum
def _sum(low, high, x, power):
    total = 0.0
    for i in range(low, high):
        total += x[i] ** power
    return total


@ranged_any
def _negative(low, high, x):
    found = 0
    for i in range(low, high):
        found += x[i] < 0
    return found


@pytest.fixture(params=[1, 2])
def thread(request):
    threads = numba.get_num_threads()
    numba.set_num_threads(min(request.param, numba.config.NUMBA_NUM_THREADS))
    yield
    numba.set_num_threads(threads)


@pytest.mark.parametrize("nanoseconds", [0, LAUNCH])
@pytest.mark.parametrize("size", [0, 1, 100, 1001])
@pytest.mark.parametrize("weighted", [False, True])
def test_every_element_once(size, nanoseconds, weighted, thread):
    x, weight = np.random.default_rng(0).normal(size=(2, size))
    y = np.ones(size)
    _lines(size, nanoseconds, x, (y, weight if weighted else None), ((2, 3.0), 1), Line(2.0, 0.5), unit=16)
    np.testing.assert_allclose(y, 1 + 2 * x + 0.5 + (weight if weighted else 0) + 6)


@pytest.mark.parametrize("size", [0, 1, 100, 1001])
def test_a_sum_does_not_depend_on_the_threads(size):
    x = np.random.default_rng(0).normal(size=size)
    found = set()
    threads = numba.get_num_threads()
    for n in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
        numba.set_num_threads(n)
        found.add(_sum(size, LAUNCH, x, 2))
    numba.set_num_threads(threads)
    assert len(found) == 1
    assert found.pop() == pytest.approx((x**2).sum()) == pytest.approx(_sum(size, 0, x, 2))


@pytest.mark.parametrize("nanoseconds", [0, LAUNCH])
def test_whether_something_is_met(nanoseconds, thread):
    x = np.zeros(1001)
    assert _negative(x.size, nanoseconds, x) is False
    x[700] = -1
    assert _negative(x.size, nanoseconds, x) is True
    assert _negative(600, nanoseconds, x) is False


def test_wrong_arguments_are_named():
    with pytest.raises(TypeError, match="float16"):
        _sum(4, LAUNCH, np.ones(4, np.float16), 2)


def test_bounds_are_multiples_of_the_unit():
    bounds = [bound(100, part, 3, 16) for part in range(4)]
    assert bounds[0] == 0 and bounds[-1] == 100 and all(b % 16 == 0 for b in bounds[:-1])


def test_pieces():
    assert pieces(8, 4, 8, 5) == 1  # shared out evenly
    assert pieces(33, 4, 8, 5) == 1  # many for each thread
    assert pieces(3, 4, 8, 5) == 4 and pieces(3, 4, 8, 2) == 2


FIRST = """
import numpy as np
import nn
y = nn.SoftMax().forward(np.zeros((500, 200)))
assert np.allclose(y, 1 / 200)
"""


def test_a_range_may_be_the_first_work_of_a_process():
    subprocess.run([sys.executable, "-c", FIRST], check=True)
