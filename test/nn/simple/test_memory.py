"""Layers in a training loop take their memory at the first call; NumPy's own buffers of 64 KiB come and go."""

import tracemalloc

import numpy as np
import pytest

import nn

X = np.ones((64, 2048))
WORDS = np.random.default_rng(0).integers(1, 100, (64, 8))


@pytest.mark.parametrize(
    ("make", "input"),
    [
        (lambda: nn.BatchNormalization(2048), X),
        (lambda: nn.SpatialBatchNormalization(4), X.reshape(8, 4, 64, 64)),
        (lambda: nn.LookupTable(100, 256), WORDS),
        (lambda: nn.CMul(2048), X),
        (lambda: nn.CAdd(2048), X),
        (lambda: nn.Mul(), X),
        (lambda: nn.Exp(), X),
        (lambda: nn.Sqrt(), X),
        (lambda: nn.Power(2), X),
        (lambda: nn.Normalize(2), X),
        (lambda: nn.Max(2), X),
        (lambda: nn.Mean(1), X),
        (lambda: nn.Euclidean(2048, 16), X),
        (lambda: nn.MM(False, True), [X, np.ones((300, 2048))]),
        (lambda: nn.Transpose([1, 2]), X),
        (lambda: nn.Select(2, 3), X),
    ],
)
def test_no_memory_is_taken_after_the_first_call(make, input):
    module = make()
    gradOutput = np.ones_like(module.forward(input))

    def step():
        module.forward(input)
        module.backward(input, gradOutput)

    step()
    step()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    step()
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 100_000
