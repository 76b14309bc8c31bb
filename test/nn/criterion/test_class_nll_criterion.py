"""ClassNLLCriterion: ignored labels, weights, files."""

import numpy as np
import pytest

import nn
import torch7 as torch


def logs(n, classes=5):
    return nn.LogSoftMax().forward(torch.randn(n, classes)).copy()


def test_ignored_labels_count_nowhere():
    x = logs(3)
    criterion = nn.ClassNLLCriterion(None, None, 0)
    assert criterion.forward(x, np.array([0, 2, 0])) == -x[1, 1]
    gradInput = criterion.backward(x, np.array([0, 2, 0]))
    assert gradInput[1, 1] == -1 and np.count_nonzero(gradInput) == 1
    assert criterion.forward(x, np.array([0, 0, 0])) == 0
    assert not criterion.backward(x, np.array([0, 0, 0])).any()


def test_weights_of_no_sum_give_no_gradient():
    x, labels = logs(2), np.array([1, 2])
    criterion = nn.ClassNLLCriterion(np.array([-1.0, 0, 1, 1, 1]))
    assert criterion.forward(x, labels) == -x[0, 0]
    assert criterion.total_weight == -1
    assert not criterion.backward(x, labels).any()
    assert nn.ClassNLLCriterion(np.zeros(5)).forward(x, labels) == 0


def test_weight_of_one_sample_cancels():
    x = logs(1)[0]
    criterion = nn.ClassNLLCriterion(np.array([1.0, 3, 1, 1, 1]))
    assert criterion.forward(x, 2) == pytest.approx(-x[1])
    assert criterion.backward(x, 2)[1] == -1
    criterion.sizeAverage = False
    assert criterion.forward(x, 2) == pytest.approx(-3 * x[1])
    assert criterion.backward(x, 2)[1] == -3


def test_weights_are_copied_and_checked():
    weights = np.ones(5)
    criterion = nn.ClassNLLCriterion(weights)
    weights[:] = 7
    assert criterion.weights.tolist() == [1] * 5
    for make in (nn.ClassNLLCriterion, nn.BCECriterion, nn.MultiLabelSoftMarginCriterion, nn.SpatialClassNLLCriterion):
        with pytest.raises(ValueError, match="1-D"):
            make(np.ones((2, 5)))


def test_nll_is_written_with_the_label_it_ignores(tmp_path):
    torch.save(tmp_path / "nll.t7", nn.ClassNLLCriterion())
    assert b"ignoreIndex" in (tmp_path / "nll.t7").read_bytes()
