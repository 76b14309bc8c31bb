"""MarginRankingCriterion: numbers, matrices, signs of zeros."""

import numpy as np
import pytest

import nn
import torch7 as torch


def test_ranking_by_a_number_compares_the_first_elements():
    criterion = nn.MarginRankingCriterion(0.5)
    pair = [np.array([1.0, 9.0]), np.array([2.0, 9.0])]
    assert criterion.forward(pair, 1) == 1.5
    assert [g.shape for g in criterion.backward(pair, 1)] == [(1,), (1,)]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_zeros_of_the_ranking_gradients_have_torchs_sign(dtype):
    """Torch multiplied a mask by -1, by the labels, by the labels alone: recorded prints show -0.0000 and 0.0000."""
    a, b = np.array([9, 0, 0, -9, 5] * 5, dtype), np.array([0, 9, -9, 0, 0] * 5, dtype)
    labels = np.array([1, -1, 1, -1, -1] * 5, dtype)
    da, db = nn.MarginRankingCriterion().type(torch.type(a)).backward([a, b], labels)
    np.testing.assert_array_equal(da[:4], 0)
    np.testing.assert_array_equal(np.signbit(da), [True, False, True, False, False] * 5)
    np.testing.assert_array_equal(np.signbit(db), [False, True, False, True, True] * 5)
    for label in (1, -1):
        for g in nn.MarginRankingCriterion().backward([np.array([9.0 * label]), np.array([0.0])], label):
            assert g.tolist() == [0] and not np.signbit(g).any()


def test_ranking_of_a_matrix_is_divided_by_its_rows():
    a, b, y = np.zeros((2, 5)), np.ones((2, 5)), np.ones((2, 5))
    criterion = nn.MarginRankingCriterion()
    assert criterion.forward([a, b], y) == 2 * 10 / 2
    np.testing.assert_array_equal(criterion.backward([a, b], y)[0], np.full((2, 5), -0.5))
