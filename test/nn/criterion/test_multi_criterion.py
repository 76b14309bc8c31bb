"""MultiCriterion: its weights."""

import numpy as np
import pytest

import nn


def test_weights_of_criterions_are_not_converted():
    criterion = nn.MultiCriterion().add(nn.MSECriterion(), 0.1).float()
    assert criterion.weights == [0.1]
    x = np.ones(3, np.float32)
    assert criterion.forward(x, 0 * x) == pytest.approx(0.1)
