"""CrossEntropyCriterion: sizeAverage, sizes of one."""

import numpy as np
import pytest

import nn
import torch7 as torch


def test_cross_entropy_follows_changes_of_size_average():
    x, labels = torch.randn(4, 3), np.array([1, 2, 3, 1])
    criterion = nn.CrossEntropyCriterion()
    mean = criterion.forward(x, labels)
    criterion.sizeAverage = False
    assert criterion.forward(x, labels) == pytest.approx(4 * mean)
    criterion.nll.sizeAverage = True
    assert criterion.forward(x, labels) == pytest.approx(mean)


def test_cross_entropy_without_sizes_of_one():
    criterion = nn.CrossEntropyCriterion()
    x = torch.randn(4, 1)
    assert criterion.forward(x, 2) == pytest.approx(nn.CrossEntropyCriterion().forward(x[:, 0], 2))
    assert criterion.backward(x, 2).shape == (4, 1)
    with pytest.raises(ValueError, match="1x1"):
        criterion.forward(np.ones((1, 1)), 1)
