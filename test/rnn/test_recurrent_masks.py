"""Masked and trimmed steps of recurrent modules."""

import numpy as np
import pytest
from recurrent_cells import D, H, N, gradients, made, near, sequence

import nn


def padded():
    x = sequence()
    x[0][:2], x[2][1] = 0, 0
    return x


@pytest.mark.parametrize("name", ["LSTM", "FastLSTM", "GRU"])
@pytest.mark.parametrize("mask", ["maskZero", "trimZero"])
def test_masked_samples_start_anew(name, mask):
    x, dy = padded(), sequence(width=H)
    module = getattr(made(name), mask)(1)
    sequencer = nn.Sequencer(module).training()
    outputs = [y.copy() for y in sequencer.forward(x)]
    sequencer.zeroGradParameters()
    gradInputs = sequencer.backward(x, dy)
    total = np.zeros_like(gradients(module))
    for n, runs in {0: [(1, 4)], 1: [(1, 2), (3, 4)], 2: [(0, 4)]}.items():
        for first, last in runs:
            plain = nn.Sequencer(made(name)).training()
            steps = [x[t][n : n + 1] for t in range(first, last)]
            near(plain.forward(steps), [outputs[t][n : n + 1] for t in range(first, last)])
            plain.zeroGradParameters()
            gradient = plain.backward(steps, [dy[t][n : n + 1] for t in range(first, last)])
            near(gradient, [gradInputs[t][n : n + 1] for t in range(first, last)])
            total += gradients(plain)
    assert not outputs[0][:2].any() and not outputs[2][1].any()
    near(gradients(module), total)


def test_a_batch_of_zeros_trains_nothing():
    module = nn.TrimZero(nn.Linear(D, H), 1)
    module.zeroGradParameters()
    assert not module.forward(np.zeros((N, D))).any()
    assert not module.backward(np.zeros((N, D)), np.ones((N, H))).any()
    assert not gradients(module).any()


def test_criterion_of_the_samples_that_are_not_masked():
    x, target = np.array([[1.0, 2], [0, 0], [3, 4]]), np.ones((3, 2))
    criterion = nn.MaskZeroCriterion(nn.MSECriterion(), 1)
    assert criterion.forward(x, target) == nn.MSECriterion().forward(x[[0, 2]], target[[0, 2]])
    gradient = criterion.backward(x, target)
    assert not gradient[1].any() and gradient[0].any() and gradient[2].any()
    assert criterion.zeroMask.tolist() == [1, 3]
    assert criterion.forward(x * 0, target) == 0 and not criterion.backward(x * 0, target).any()


def test_dropout_masks_need_mono_to_be_trimmed():
    with pytest.raises(ValueError, match="mono"):
        nn.GRU(D, H, None, 0.5).trimZero(1)
    nn.GRU(D, H, None, 0.5, True).trimZero(1)
