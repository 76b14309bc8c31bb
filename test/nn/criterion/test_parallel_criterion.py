"""ParallelCriterion: inputs without a criterion."""

import numpy as np

import nn


def test_parallel_criterion_gives_zeros_to_inputs_without_criterion():
    criterion = nn.ParallelCriterion().add(nn.MSECriterion(False))
    x = [np.ones(2), np.ones(3)]
    criterion.forward(x, [np.zeros(2)])
    assert [g.tolist() for g in criterion.backward(x, [np.zeros(2)])] == [[2, 2], [0, 0, 0]]
