"""Class labels of any type, and those outside the classes."""

import numpy as np
import pytest

import nn
import torch7 as torch


def logs(n, classes=5):
    return nn.LogSoftMax().forward(torch.randn(n, classes)).copy()


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8, np.float32, np.float64])
def test_labels_of_any_type(dtype):
    x, labels = logs(4), np.array([2, 5, 1, 3])
    expected = -x[np.arange(4), labels - 1].mean()
    for criterion in (nn.ClassNLLCriterion(), nn.ClassNLLCriterion(np.ones(5))):
        assert criterion.forward(x, labels.astype(dtype)) == pytest.approx(expected)
        assert criterion.total_weight == 4
        assert criterion.total_weight_tensor.tolist() == [4]


@pytest.mark.parametrize(
    "label", [3, 3.0, np.int32(3), np.float64(3), np.array(3), np.array([3]), np.array([3.0, 1.0])]
)
def test_label_of_one_sample(label):
    x = logs(1)[0]
    assert nn.ClassNLLCriterion().forward(x, label) == -x[2]
    assert nn.CrossEntropyCriterion().forward(x, label if np.size(label) == 1 else 3) == pytest.approx(-x[2])


@pytest.mark.parametrize("label", [0, 6, -1, -3.0])
@pytest.mark.parametrize("make", [nn.ClassNLLCriterion, nn.CrossEntropyCriterion, nn.MultiMarginCriterion])
def test_labels_outside_the_classes(make, label):
    criterion = make()
    x, good, bad = logs(2), np.array([1, 5]), np.array([1, label])
    loss, gradInput = criterion.forward(x, good), criterion.backward(x, good).copy()
    for method in (criterion.forward, criterion.backward):
        with pytest.raises(IndexError, match=rf"labels are 1\.\.5 as in Lua, got {int(label)}"):
            method(x, bad)
        assert criterion.forward(x, good) == loss
        np.testing.assert_array_equal(criterion.backward(x, good), gradInput)
