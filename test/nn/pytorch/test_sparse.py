"""Embedding and EmbeddingBag."""

import numpy as np
import pytest
from gradients import agrees

import nn.pytorch as tnn
import nn.pytorch.functional as F

INDEX = np.array([[5, 3, 3, 1], [1, 0, 0, 0], [1, 4, 3, 5]])
FLAT, OFFSETS = np.array([3, 3, 5, 4, 3, 3, 3, 5, 1, 4]), np.array([0, 3, 3, 8])


@pytest.mark.parametrize("settings", [{}, {"padding_idx": 3}])
def test_embedding(settings):
    layer = tnn.Embedding(6, 5, **settings, dtype="float64")
    np.testing.assert_array_equal(layer(INDEX), layer.weight.data[INDEX])
    g = np.random.default_rng(0).normal(size=(3, 4, 5))
    assert layer.backward(INDEX, g) is None
    expected = np.zeros((6, 5))
    np.add.at(expected, INDEX, g)
    if settings:
        expected[3] = 0
        assert not layer.weight.data[3].any()
    np.testing.assert_allclose(layer.weight.grad, expected, rtol=1e-12, atol=1e-14)


def test_embedding_options():
    layer = tnn.Embedding(2, 2, max_norm=1.0, _weight=np.array([[3.0, 4.0], [5.0, 6.0]]))
    np.testing.assert_allclose(layer(np.array([0])), [[3 / (5 + 1e-7), 4 / (5 + 1e-7)]], rtol=1e-15)
    np.testing.assert_array_equal(layer.weight.data[1], [5, 6])
    layer = tnn.Embedding(3, 1, scale_grad_by_freq=True, dtype="float64")
    layer.backward(np.array([0, 0, 0, 1]), np.ones_like(layer(np.array([0, 0, 0, 1]))))
    np.testing.assert_allclose(layer.weight.grad, [[1], [1], [0]])
    layer = tnn.Embedding.from_pretrained(np.ones((3, 2)))
    assert not layer.weight.requires_grad
    with pytest.raises(IndexError, match=r"count from 0 to 2, got 1\.\.3"):
        layer(np.array([1, 3]))
    with pytest.raises(IndexError):
        layer(np.array([-1]))
    with pytest.raises(TypeError, match="whole numbers"):
        layer(np.array([1.0]))
    with pytest.raises(ValueError, match="within num_embeddings"):
        tnn.Embedding(3, 2, padding_idx=3)
    for wrong, error in ((3, ValueError), (-4, ValueError), (1.0, TypeError)):
        with pytest.raises(error, match="padding_idx must be"):
            F.embedding(np.array([1]), np.ones((3, 2)), wrong)
    for wrong in (np.zeros((2, 2)), np.zeros((3, 2), np.float32), np.zeros((2, 3)).T):
        with pytest.raises(ValueError, match="out must be"):
            F.embedding_backward(np.ones((1, 2)), np.array([1]), np.ones((3, 2)), into=wrong)
    assert repr(tnn.Embedding(10, 3, padding_idx=-1, max_norm=2.0)) == "Embedding(10, 3, padding_idx=9, max_norm=2.0)"
    assert tnn.Embedding(4, 3)(np.zeros((0, 2), int)).shape == (0, 2, 3)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("padding_idx", [None, 3])
@pytest.mark.parametrize("inputs", [(INDEX,), (FLAT, OFFSETS)])
def test_embedding_bag(mode, padding_idx, inputs):
    tnn.manual_seed(1)
    layer = tnn.EmbeddingBag(6, 5, mode=mode, padding_idx=padding_idx, dtype="float64")
    bags = list(INDEX) if len(inputs) == 1 else np.split(FLAT, OFFSETS[1:])
    bags = [b if padding_idx is None else b[b != padding_idx] for b in bags]
    expected = [getattr(layer.weight.data[b], mode)(0) if len(b) else np.zeros(5) for b in bags]
    np.testing.assert_allclose(layer(*inputs), expected, rtol=1e-14)
    if padding_idx is None:
        agrees(layer, list(inputs))


def test_embedding_bag_weights_of_samples():
    layer = tnn.EmbeddingBag(6, 5, mode="sum", dtype="float64")
    agrees(layer, [FLAT, OFFSETS, np.random.default_rng(0).normal(size=10)])
    assert repr(layer) == "EmbeddingBag(6, 5, mode='sum')"
    with pytest.raises(ValueError, match="offsets must begin with 0"):
        layer(FLAT, np.array([1, 3]))
    with pytest.raises(NotImplementedError, match="only supported for mode='sum'"):
        tnn.EmbeddingBag(6, 5)(FLAT, OFFSETS, np.ones(10, np.float32))
    for wrong in (np.ones(9), np.ones(11), np.ones((1, 10)), 2.0):
        with pytest.raises(ValueError, match="per_sample_weights to have the same shape as the input"):
            layer(FLAT, OFFSETS, wrong)
    last = tnn.EmbeddingBag(6, 5, include_last_offset=True)
    assert last(FLAT, np.array([0, 3, 10])).shape == (2, 5)


def test_one_hot_and_tape():
    np.testing.assert_array_equal(F.one_hot(np.array([1, 0, 2])), np.eye(3, dtype=int)[[1, 0, 2]])

    class Net(tnn.Module):
        def __init__(self):
            super().__init__()
            self.table = tnn.Embedding(6, 3, dtype="float64")

        def forward(self, index):
            return self.table(index) * F.embedding(index, self.table.weight)

    agrees(Net(), INDEX)


def test_printed_bag():
    bag = tnn.EmbeddingBag(5, 2, max_norm=1.0, norm_type=1.0, mode="sum", include_last_offset=True, padding_idx=1)
    assert repr(bag) == "EmbeddingBag(5, 2, max_norm=1.0, norm_type=1.0, mode='sum', padding_idx=1)"


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("width", [1, 15, 64, 67])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bags_of_any_width(width, mode, dtype):
    layer, r = tnn.EmbeddingBag(6, width, mode=mode, dtype=dtype), np.random.default_rng(0)
    y, g = layer(INDEX).copy(), r.normal(size=(3, width)).astype(dtype)
    rows = layer.weight.data[INDEX]
    np.testing.assert_allclose(y, getattr(rows, mode)(1), rtol=1e-5, atol=1e-6)
    layer.weight.grad = np.ones_like(layer.weight.data)
    layer.backward(INDEX, g, 0.5)
    expected = np.ones((6, width))
    share = g[:, None] * (
        (rows == rows.max(1, keepdims=True)) if mode == "max" else np.full((1, 4, 1), 0.25 if mode == "mean" else 1)
    )
    if mode == "max":
        share = share / (rows == rows.max(1, keepdims=True)).sum(1, keepdims=True)
    np.add.at(expected, INDEX, 0.5 * share)
    np.testing.assert_allclose(layer.weight.grad, expected, rtol=1e-5, atol=1e-6)


def test_gradients_are_added_where_they_lie():
    layer = tnn.Embedding(4, 3)
    layer.weight.grad = np.ones((3, 4), np.float32).T
    layer(np.array([1, 1]))
    layer.backward(np.array([1, 1]), np.ones((2, 3), np.float32), 2.0)
    np.testing.assert_array_equal(layer.weight.grad, [[1] * 3, [5] * 3, [1] * 3, [1] * 3])
    layer.weight.requires_grad = False
    layer.backward(np.array([1, 1]), np.ones((2, 3), np.float32))
    assert layer.weight.grad.sum() == 24


def test_indices_that_change_before_backward_are_looked_at_again():
    for layer in (tnn.Embedding(4, 3), tnn.EmbeddingBag(4, 3)):
        index = np.array([[0, 1]])
        g = np.ones_like(layer(index))
        index[:] = 9
        with pytest.raises((IndexError, ValueError)):
            layer.backward(index, g)


def test_uses_of_bags():
    layer, index = tnn.EmbeddingBag(3, 1, mode="sum", scale_grad_by_freq=True), np.array([[2, 1, 2, 0, 0, 2, 2]])
    layer.backward(index, np.ones_like(layer(index)))
    np.testing.assert_array_equal(layer.weight.grad, [[1], [1], [1]])
