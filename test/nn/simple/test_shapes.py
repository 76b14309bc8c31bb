"""Layers that change shapes: which shape comes out of which."""

import numpy as np
import pytest

import nn


def numbers(*shape):
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape)


@pytest.mark.parametrize(
    ("module", "shape", "expected"),
    [
        (nn.Reshape(4), (1, 4), (1, 4)),
        (nn.Reshape(1, 4), (1, 4), (1, 1, 4)),
        (nn.Reshape(4, False), (1, 4), (4,)),
        (nn.Reshape(4, None), (2, 2), (4,)),
        (nn.Reshape(4, True), (2, 2, 2), (2, 4)),
        (nn.Reshape(-1), (2, 3), (2, 3)),
        (nn.Reshape([2, 3]), (5, 6), (5, 2, 3)),
        (nn.View(3), (2, 3), (2, 3)),
        (nn.View(-1), (2, 3), (6,)),
        (nn.View(-1).setNumInputDims(2), (5, 2, 3), (5, 6)),
        (nn.View(-1).setNumInputDims(2), (2, 3), (6,)),
        (nn.View(6), (1, 6), (6,)),
        (nn.View(6).setNumInputDims(1), (1, 6), (1, 6)),
        (nn.View(2, 3), (1, 2, 3), (2, 3)),
        (nn.View([2, -1]), (2, 6), (2, 6)),
        (nn.View(2).resetSize(3, 2), (4, 6), (4, 3, 2)),
        (nn.Collapse(2), (2, 3), (6,)),
        (nn.Collapse(2), (5, 2, 3), (5, 6)),
        (nn.Squeeze(), (2, 1, 3, 1), (2, 3)),
        (nn.Squeeze(2), (2, 3), (2, 3)),
        (nn.Squeeze(None, 2), (1, 1, 3), (1, 3)),
        (nn.Squeeze(), (1, 1), (1,)),
        (nn.Unsqueeze(1), (2, 3), (1, 2, 3)),
        (nn.Unsqueeze(2, 1), (5, 4), (5, 4, 1)),
        (nn.Replicate(3, 1, 2), (5, 4, 2), (5, 3, 4, 2)),
        (nn.Transpose([1, 2], [2, 3]), (2, 3, 4), (3, 4, 2)),
        (nn.Sum(2, None, None, False), (2, 3), (2, 1)),
        (nn.Mean(1, 1), (5, 3), (5,)),
        (nn.Max(1), (5,), (1,)),
    ],
    ids=str,
)
def test_output_shape(module, shape, expected):
    assert module.forward(numbers(*shape)).shape == expected
    assert module.backward(numbers(*shape), numbers(*expected)).shape == shape


def test_views_share_memory():
    x = numbers(2, 6)
    for module in (
        nn.Reshape(3, 2),
        nn.View(3, 2),
        nn.Collapse(1),
        nn.Unsqueeze(2),
        nn.Replicate(3),
        nn.GradientReversal(),
    ):
        assert np.shares_memory(module.forward(x), x)


def test_constant_and_one_hot():
    m = nn.Constant(numbers(3), 1)
    np.testing.assert_array_equal(m.forward(numbers(2, 4)), [[1, 2, 3]] * 2)
    np.testing.assert_array_equal(m.forward(numbers(4)), [1, 2, 3])
    with pytest.raises(TypeError):
        nn.Constant("one")
    one_hot = nn.OneHot(3)
    np.testing.assert_array_equal(one_hot.forward(2), [0, 1, 0])
    assert one_hot.updateGradInput(2, None) == 0
    np.testing.assert_array_equal(one_hot.forward(np.array([2.0, 1])), [[0, 1, 0], [1, 0, 0]])
    with pytest.raises(IndexError):
        one_hot.forward(np.array([4]))


@pytest.mark.parametrize(
    "make, wrong", [(lambda: nn.Padding(1, 2), (1, 3)), (lambda: nn.TemporalDynamicKMaxPooling(2), (5, 1))]
)
def test_backward_with_another_input_than_forward(make, wrong):
    module, x = make(), np.arange(15.0).reshape(5, 3)
    gradOutput = np.ones_like(module.forward(x))
    with pytest.raises(ValueError):
        module.backward(np.ones(wrong), gradOutput)
    assert module.backward(x, gradOutput).sum() == gradOutput.sum() - (6 if isinstance(module, nn.Padding) else 0)
